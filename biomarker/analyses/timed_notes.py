"""How time-dependent areas were made, in words, and what a reader must be told of them."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from math import isnan

from biomarker.analyses.result import Method
from biomarker.analyses.timed_risks import Risks
from biomarker.errors import DirectionWarning, SmallSampleWarning
from biomarker.kernels.time_dependent_roc import TimedArea
from biomarker.references import (
    BLANCHE_2013,
    GRAF_1999,
    HEAGERTY_ZHENG_2005,
    SAHA_HEAGERTY_2013,
    UNO_2007,
)
from biomarker.vocabulary import column_label

FEW_CASES = 10


def closing_notes(
    areas: Mapping[str, Sequence[TimedArea]],
    risks: Mapping[str, Risks],
    times: Sequence[float],
    unit: str,
    *,
    higher_is_positive: bool,
) -> Iterator[str]:
    """Tell of markers that point the other way, of few cases or controls, and of risks that could not be fitted."""
    for name, found in areas.items():
        if all(area.value < 0.5 for area in found if not isnan(area.value)):
            expected, seen = ("higher", "lower") if higher_is_positive else ("lower", "higher")
            note = (
                f"The area is below 0.5: {column_label(name)} was said to be {expected} in patients with early events "
                f"and is {seen} in these data. The direction was not changed."
            )
            warnings.warn(note, DirectionWarning, stacklevel=4)
            yield note
    first = next(iter(areas.values()))
    for time, area in zip(times, first, strict=True):
        fewest = min(area.n_cases, area.n_controls)
        if fewest < FEW_CASES:
            at = f"{time:g} {unit}".strip()
            note = f"By {at} there are {area.n_cases} cases and {area.n_controls} controls: estimates are fragile."
            warnings.warn(note, SmallSampleWarning, stacklevel=4)
            yield note
    for name in areas:
        if name not in risks:
            nothing = "so it has no Brier score and no calibration"
            yield f"A Cox model of {column_label(name)} has no finite estimate, {nothing}."


def timed_method(
    markers: Sequence[str],
    probable: Sequence[str],
    settings: Mapping[str, object],
    *,
    confidence_level: float,
    n_resamples: int,
    seed: int | tuple[int, ...] | None,
) -> Method:
    """Return the method of a time-dependent ROC analysis."""
    text = [
        "Areas under time-dependent ROC curves (cumulative cases, dynamic controls) were estimated with weights for "
        "the inverse probability of censoring (Kaplan-Meier), their intervals on the logit scale and their differences "
        "from influence functions that allow for the estimated censoring. Incident/dynamic areas were averaged ranks "
        "of cases among those still at risk, with percentile intervals from resampled patients."
    ]
    if set(markers) - set(probable):
        text.append(
            "Risks were predicted by a Cox model of each marker; Brier scores were corrected for optimism by refitting "
            "it to resampled patients."
        )
    return Method(
        name="inverse probability of censoring weighting, intervals by influence functions",
        confidence_level=confidence_level,
        settings=settings,
        references=(UNO_2007, BLANCHE_2013, HEAGERTY_ZHENG_2005, SAHA_HEAGERTY_2013, GRAF_1999),
        seed=seed,
        n_resamples=n_resamples,
        description=" ".join(text),
    )
