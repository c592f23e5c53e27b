"""How many responded? Best overall responses, objective response and disease control, by group with differences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import pandas as pd

from biomarker.analyses.group_order import level_names, ordered_levels
from biomarker.analyses.population import Sample, select_rows
from biomarker.analyses.result import Estimate, Exclusion, Method, Result, checked_fraction
from biomarker.analyses.two_by_two import INTERVAL_NAMES, checked_interval
from biomarker.data.best_response import response_word
from biomarker.errors import DesignError, nearest
from biomarker.kernels.fisher_exact import fisher_exact
from biomarker.kernels.paired_proportions import unpaired_difference
from biomarker.kernels.proportion import INTERVALS, proportion
from biomarker.references import (
    EISENHAUER_2009,
    FISHER_1935,
    MIETTINEN_NURMINEN_1985,
    NEWCOMBE_1998_UNPAIRED,
    SEYMOUR_2017,
    WAHL_2009,
    Reference,
)
from biomarker.vocabulary import lower_label

NOT_EVALUABLE = "NE"
COMPLETE, PARTIAL = ("CR", "iCR", "CMR"), ("PR", "iPR", "PMR")
PLAIN_STABLE = ("SD", "iSD", "SMD")
HOLDS = ("non-CR/non-PD", "non-iCR/non-iUPD")
STABLE = ("SD", "non-CR/non-PD", "iSD", "non-iCR/non-iUPD", "SMD")
PROGRESSIVE = ("PD", "iUPD", "iCPD", "PMD")
ORDER = (*COMPLETE, *PARTIAL, *STABLE, *PROGRESSIVE, "ND", NOT_EVALUABLE)
_DIFFERENCES: dict[str, tuple[str, Reference]] = {
    "newcombe": ("Newcombe's hybrid score", NEWCOMBE_1998_UNPAIRED),
    "miettinen-nurminen": ("Miettinen-Nurminen score", MIETTINEN_NURMINEN_1985),
}
RATES = ("objective_response_rate", "disease_control_rate")


@dataclass(frozen=True, kw_only=True)
class ResponseRate(Result):
    """Best overall responses with the rates that sum them up.

    Attributes
    ----------
    response : str
        Column.
    by : str, optional
        Column of groups.
    groups : tuple of str
        Its values, in order; ``("All",)`` without `by`.
    categories : tuple of str
        Best responses that occur, from the best to not evaluable.
    responders, controlled : tuple of str
        What counts as objective response, and as disease control.
    """

    response: str
    by: str | None
    groups: tuple[str, ...]
    categories: tuple[str, ...]
    responders: tuple[str, ...]
    controlled: tuple[str, ...]

    @property
    def figure_size(self) -> tuple[float, float]:
        """Width and height in inches: taller with more groups."""
        return (3.46, max(1.7, 1.15 + 0.4 * len(self.groups)))

    @property
    def caption(self) -> str:
        """What the figure shows."""
        by = f" by {lower_label(self.by)}" if self.by else ""
        return (
            f"Best overall response{by}, percent of patients. Dots: objective response rate with "
            f"{100 * self.method.confidence_level:g}% confidence intervals."
        )

    def counts(self) -> pd.DataFrame:
        """Return patients by best response (rows, from the best) and group (columns)."""
        found = {
            (str(line.of["category"]), str(line.of["group"])): line.numerator
            for line in self.estimates
            if line.quantity == "response_share"
        }
        return pd.DataFrame(
            [[found[category, group] for group in self.groups] for category in self.categories],
            index=pd.Index(self.categories, name=self.response),
            columns=list(self.groups),
        )


def response_rate(
    data: pd.DataFrame,
    *,
    response: str = "best_response",
    by: str | None = None,
    responders: Sequence[str] | None = None,
    controlled: Sequence[str] | None = None,
    evaluable_only: bool = False,
    interval: str = "clopper-pearson",
    difference: str = "miettinen-nurminen",
    confidence_level: float = 0.95,
    patient: str | None = "patient_id",
) -> ResponseRate:
    """Objective response and disease control from best overall responses, in all or by group.

    Parameters
    ----------
    data : DataFrame
        One row a patient.
    response : str
        Column of best overall responses in the words of RECIST, iRECIST, PERCIST or EORTC; other words need
        `responders`. A patient without one counts as not evaluable, and so as no responder [1]_.
    by : str, optional
        Column of groups, such as the arm: rates of each, and the difference of each pair, second less first.
    responders, controlled : list of str, optional
        Responses that count as objective response (CR and PR) and as disease control (these, SD and non-CR/non-PD).
    evaluable_only : bool
        Whether patients who are not evaluable are left out of the denominator, and counted; by default they stay.
    interval : str
        Of rates: ``"clopper-pearson"`` (default: exact, as regulators ask), ``"wilson"``, ``"jeffreys"`` or
        ``"agresti-coull"``.
    difference : str
        Interval of differences: ``"miettinen-nurminen"`` [2]_ or ``"newcombe"`` [3]_. The p-value is of Fisher's exact
        test.
    confidence_level : float
    patient : str or None
        Column of patients, each with one row.

    Returns
    -------
    ResponseRate
        For each group (``of["group"]``, "All" without `by`): ``objective_response_rate``, ``disease_control_rate`` and
        ``response_share`` of each ``of["category"]``; for each pair ``objective_response_difference`` and
        ``disease_control_difference`` (``of["comparison"]``).

    Raises
    ------
    DesignError
        If a patient has several rows, a word is no response and `responders` are not given, or an option is unknown.

    References
    ----------
    .. [1] Eisenhauer EA, et al. Eur J Cancer 2009;45:228-247, section 4.8.
    .. [2] Miettinen O, Nurminen M. Stat Med 1985;4:213-226.
    .. [3] Newcombe RG. Stat Med 1998;17:873-890.

    Examples
    --------
    >>> patients = pd.DataFrame({"best_response": ["CR"] * 2 + ["PR"] * 8 + ["SD"] * 10 + ["PD"] * 8 + ["NE"] * 2})
    >>> rate = response_rate(patients).estimate("objective_response_rate")
    >>> f"{rate.numerator}/{rate.n}: {rate.value:.1%} ({rate.low:.1%} to {rate.high:.1%})"
    '10/30: 33.3% (17.3% to 52.8%)'
    """
    checked_interval(interval, confidence_level)
    checked_fraction(confidence_level, "confidence_level")
    if difference not in _DIFFERENCES:
        raise DesignError(
            f"no difference {difference!r}{nearest(str(difference), list(_DIFFERENCES))}; "
            f"there are {', '.join(_DIFFERENCES)}"
        )
    sample = select_rows(
        data, other=[response, *([by] if by else [])], keep_missing=[response], patient=patient or None
    )
    _require_one_row_each(sample, response, patient)
    given = bool(responders)
    words = _words(sample.frame[response], given=given)
    n_missing = int(sample.frame[response].isna().sum())
    good, held = _chosen(words, responders, controlled)
    if evaluable_only:
        sample, words = _evaluable(sample, words, response)
    names = level_names(sample.frame[by]) if by else pd.Series("All", index=sample.frame.index)
    groups = ordered_levels(sample.frame[by]) if by else ("All",)
    categories = _categories(words)
    lines = [
        line
        for group in groups
        for line in _group_lines(words[names == group], group, categories, good, held, interval, confidence_level)
    ]
    for first, second in combinations(groups, 2):
        lines += _difference_lines(lines, first, second, difference, confidence_level)
    missing = (
        f"{n_missing} patient{'s' * (n_missing > 1)} without {lower_label(response)} counted as not evaluable."
        if n_missing and not evaluable_only
        else ""
    )
    return ResponseRate(
        estimates=tuple(lines),
        method=_method(
            settings={
                "responders": ", ".join(good),
                "controlled": ", ".join(held),
                "evaluable_only": evaluable_only,
                "interval": interval,
                "difference": difference,
            },
            criteria=_criteria(words),
            confidence_level=confidence_level,
            notes=(*sample.notes, missing),
            is_compared=len(groups) > 1,
        ),
        population=replace(sample.population, unit="patient"),
        response=response,
        by=by,
        groups=groups,
        categories=categories,
        responders=good,
        controlled=held,
    )


def _require_one_row_each(sample: Sample, response: str, patient: str | None) -> None:
    if sample.is_nested:
        named = sample.frame[str(patient)]
        twice = named[named.duplicated()].iloc[0]
        raise DesignError(
            f"patient {twice} has {int((named == twice).sum())} rows; {response!r} is one of a patient: derive it by "
            "response_category, or take detection_rate for responses of lesions"
        )


def _words(column: pd.Series, *, given: bool) -> pd.Series:
    """Return responses in the spelling of the criteria, NE where missing."""
    texts = level_names(column).astype(object)
    known = texts.dropna().astype(str).str.strip()
    spelled = known.map(_spelled)
    unknown = [word for word in pd.unique(spelled) if word not in ORDER]
    if unknown and not given:
        raise DesignError(
            f"{column.name!r} holds {unknown[0]!r}, which is no best response{nearest(unknown[0], ORDER)}; "
            "say what counts by responders and controlled"
        )
    return spelled.reindex(column.index).fillna(NOT_EVALUABLE)


def _spelled(word: str) -> str:
    """Return a response in the spelling of the criteria; any other word as it is."""
    return response_word(word, ORDER) or word


def _chosen(
    words: pd.Series, responders: Sequence[str] | None, controlled: Sequence[str] | None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what counts as response and as control; every word that was given has to be text."""
    for name, given in (("responders", responders), ("controlled", controlled)):
        if given is not None and (isinstance(given, str) or not all(isinstance(word, str) for word in given)):
            raise DesignError(f'{name} = {given!r}; give a list of responses, such as ["CR", "PR"]')
    present = set(words)
    responders, controlled = (given and tuple(map(_spelled, given)) for given in (responders, controlled))
    for name, given in (("responders", responders), ("controlled", controlled)):
        for word in given or ():
            if word not in present and word not in ORDER:
                hint = nearest(word, [*present, *ORDER]) or f"; the table holds {', '.join(sorted(present))}"
                raise DesignError(f"{name}: no patient has a response {word!r}{hint}")
    good = tuple(responders) if responders else _usual(present, COMPLETE, PARTIAL)
    if responders and not set(responders) & present:
        shown = ", ".join(sorted(present))
        raise DesignError(f"no patient has a response of {', '.join(responders)}; the table holds {shown}")
    stable = (*_usual(present, PLAIN_STABLE), *(word for word in HOLDS if word in present))
    held = tuple(controlled) if controlled else (*good, *stable)
    lacking = [word for word in good if word not in held]
    if lacking:
        raise DesignError(f"controlled leaves out {', '.join(lacking)}; every response is disease control as well")
    return good, held


def _usual(present: set[str], *kinds: tuple[str, ...]) -> tuple[str, ...]:
    """Return the words of the criteria in use, those of RECIST where none is told apart, whether they occur or not."""
    families = zip(COMPLETE, PARTIAL, PLAIN_STABLE, (*HOLDS, "SMD"), strict=True)
    used = [at for at, family in enumerate(families) if present & set(family)] or [0]
    return tuple(kind[at] for kind in kinds for at in used)


def _evaluable(sample: Sample, words: pd.Series, response: str) -> tuple[Sample, pd.Series]:
    """Leave out patients who are not evaluable, and count them."""
    keep = (words != NOT_EVALUABLE).to_numpy(bool)
    if not keep.any():
        raise DesignError("no patient is evaluable; leave out evaluable_only")
    gone = tuple(sample.frame.index[~keep].tolist())
    exclusions = sample.population.exclusions
    if gone:
        exclusions = (*exclusions, Exclusion(reason=f"with {response} not evaluable", rows=gone, column=response))
    used = None if sample.population.patients_used is None else int(keep.sum())
    population = replace(sample.population, rows_used=int(keep.sum()), patients_used=used, exclusions=exclusions)
    return replace(sample, frame=sample.frame[keep], population=population), words[keep]


def _categories(words: pd.Series) -> tuple[str, ...]:
    """Return the responses that occur, with the plain ones of RECIST even where none occurs."""
    present = set(words)
    is_recist = present <= {"CR", "PR", "SD", "PD", "non-CR/non-PD", "ND", NOT_EVALUABLE}
    shown = present | ({"CR", "PR", "SD", "PD"} if is_recist else set())
    known = tuple(word for word in ORDER if word in shown)
    return (*(word for word in ordered_levels(words) if word not in ORDER), *known)


def _group_lines(
    words: pd.Series,
    group: str,
    categories: tuple[str, ...],
    responders: tuple[str, ...],
    controlled: tuple[str, ...],
    interval: str,
    confidence_level: float,
) -> Iterator[Estimate]:
    total = len(words)
    named: list[tuple[str, tuple[str, ...], dict[str, Any]]] = [
        (RATES[0], responders, {}),
        (RATES[1], controlled, {}),
        *(("response_share", (category,), {"category": category}) for category in categories),
    ]
    for quantity, counted, of in named:
        count = int(words.isin(counted).sum())
        low, high = INTERVALS[interval](count, total, confidence_level=confidence_level)
        yield Estimate(
            quantity=quantity,
            value=proportion(count, total),
            low=low,
            high=high,
            n=total,
            n_patients=total,
            unit="fraction",
            of={"group": group} | of,
        )


def _difference_lines(
    lines: Sequence[Estimate], first: str, second: str, difference: str, confidence_level: float
) -> list[Estimate]:
    """Return the differences of both rates, the second group less the first."""
    found = []
    for rate in RATES:
        one, other = (
            next(line for line in lines if line.quantity == rate and line.of["group"] == group)
            for group in (first, second)
        )
        counts = (other.numerator, other.n or 0, one.numerator, one.n or 0)
        value, low, high, _ = unpaired_difference(*counts, method=difference, confidence_level=confidence_level)
        found.append(
            Estimate(
                quantity=rate.replace("_rate", "_difference"),
                value=value,
                low=low,
                high=high,
                p_value=fisher_exact(*counts),
                n=counts[1] + counts[3],
                n_patients=counts[1] + counts[3],
                unit="fraction",
                of={"comparison": f"{second} − {first}"},
            )
        )
    return found


def _criteria(words: pd.Series) -> Reference:
    """Return the paper whose words the responses are in."""
    present = set(words)
    if present & {"iCR", "iPR", "iSD", "iUPD", "iCPD"}:
        return SEYMOUR_2017
    return WAHL_2009 if present & {"CMR", "PMR", "SMD", "PMD"} else EISENHAUER_2009


def _method(
    *, settings: dict[str, Any], criteria: Reference, confidence_level: float, notes: tuple[str, ...], is_compared: bool
) -> Method:
    of_rate, own = INTERVAL_NAMES[settings["interval"]]
    references: tuple[Reference, ...] = (criteria, own)
    name = f"{of_rate} intervals of rates"
    whom = "all patients, those not evaluable counted as non-responders"
    told = (
        f"The objective response rate ({settings['responders']}) and the disease control rate "
        f"({settings['controlled']}) are shares of {'evaluable patients' if settings['evaluable_only'] else whom}, "
        f"with {of_rate} intervals."
    )
    if is_compared:
        of_difference, reference = _DIFFERENCES[settings["difference"]]
        references = (*references, reference, FISHER_1935)
        name += f"; {of_difference} intervals of differences; Fisher's exact test"
        told += f" Differences between groups have {of_difference} intervals and p-values of Fisher's exact test."
    return Method(
        name=name,
        confidence_level=confidence_level,
        settings=settings,
        references=references,
        notes=notes,
        description=told,
    )
