"""How a comparison of tests was made, told to the reader."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from biomarker.analyses.population import Sample
from biomarker.analyses.result import Method
from biomarker.analyses.two_by_two import (
    INTERVAL_NAMES,
    NESTED_REFERENCES,
    NESTED_SENTENCE,
    few_patients_note,
    interval_name,
)
from biomarker.references import (
    FAGERLAND_2013,
    KOSINSKI_2013,
    LEISENRING_2000,
    MCNEMAR_1947,
    MOSKOWITZ_PEPE_2006,
    NAM_BLACKWELDER_2002,
    NEWCOMBE_1998_PAIRED,
    OBUCHOWSKI_1998,
    TANGO_1998,
    ZOU_DONNER_2008,
    Reference,
)

DIFFERENCE_REFERENCES = {"tango": TANGO_1998, "newcombe": NEWCOMBE_1998_PAIRED}


@dataclass(frozen=True, kw_only=True)
class Choice:
    """How to compare: the arguments of `compare_tests` by their names."""

    interval: str
    difference: str
    mcnemar: str
    score: str
    confidence_level: float


def method_of(
    choice: Choice, sample: Sample, notes: list[str], *, is_paired: bool, combined: list[str], group: str | None
) -> Method:
    """Return the method of a comparison: what was done, in a footnote and in sentences, with its papers."""
    nested = sample.is_nested
    references: list[Reference] = [INTERVAL_NAMES[choice.interval][1], ZOU_DONNER_2008]
    score = "Kosinski's weighted generalized score test" if choice.score == "kosinski" else "the generalized score test"
    if not is_paired:
        compared = f"Groups were compared with {score}; differences have limits combined from those of the two groups."
        references += [KOSINSKI_2013]
    elif nested:
        compared = (
            "Sensitivity and specificity were compared with a score test whose variance is between patients, "
            f"predictive values with {score}; differences have limits combined from those of the two tests and their "
            "correlation, and ratios limits on the log scale."
        )
        references += [OBUCHOWSKI_1998, KOSINSKI_2013, LEISENRING_2000, MOSKOWITZ_PEPE_2006, *NESTED_REFERENCES]
    else:
        named = {"tango": "Tango's score interval", "newcombe": "Newcombe's interval"}[choice.difference]
        compared = (
            f"Sensitivity and specificity were compared with McNemar's test ({choice.mcnemar}) and {named} for paired "
            f"differences, predictive values with {score} and limits combined from those of the two tests; ratios have "
            "limits on the log scale."
        )
        references += [MCNEMAR_1947, FAGERLAND_2013, DIFFERENCE_REFERENCES[choice.difference], NAM_BLACKWELDER_2002]
        references += [KOSINSKI_2013, LEISENRING_2000, MOSKOWITZ_PEPE_2006]
    settings: dict[str, Any] = {"interval": choice.interval, "difference": choice.difference, "mcnemar": choice.mcnemar}
    settings |= (
        {"score": choice.score} | ({"combine": combined} if combined else {}) | ({"group": group} if group else {})
    )
    return Method(
        name=interval_name(choice.interval, is_nested=nested),
        confidence_level=choice.confidence_level,
        settings=settings,
        references=tuple(references),
        notes=(*sample.notes, *notes, few_patients_note(sample.n_patients, is_nested=nested)),
        description=f"{compared} {NESTED_SENTENCE}" if nested else compared,
    )
