"""Does the answer hang on how lesions become one patient? The same question under each rule."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import is_bool_dtype

from biomarker.analyses.aggregation_rules import NamedRule, RuleGiven, calls_of, named_rules, rises_with_suspicion
from biomarker.analyses.population import Positive, Sample, require_both_classes, require_columns, select_rows
from biomarker.analyses.result import Estimate, Method, Result, checked_fraction
from biomarker.analyses.roc_area import area_design, area_line, areas, bound_note, bound_references
from biomarker.errors import DesignError, nearest
from biomarker.kernels.auc_interval import difference_interval, difference_test
from biomarker.kernels.interval import Interval
from biomarker.kernels.proportion import INTERVALS, ProportionInterval
from biomarker.references import (
    AGRESTI_COULL_1998,
    BROWN_CAI_DASGUPTA_2001,
    CLOPPER_PEARSON_1934,
    DELONG_1988,
    PEPE_2003,
    WILSON_1927,
    Reference,
)
from biomarker.vocabulary import column_label

_INTERVAL_REFERENCES = {
    "wilson": WILSON_1927,
    "clopper-pearson": CLOPPER_PEARSON_1934,
    "jeffreys": BROWN_CAI_DASGUPTA_2001,
    "agresti-coull": AGRESTI_COULL_1998,
}
_CELLS = {
    "ppv": ("tp", "fp"),
    "npv": ("tn", "fn"),
    "sensitivity": ("tp", "fn"),
    "specificity": ("tn", "fp"),
}


@dataclass(frozen=True, kw_only=True, eq=False)
class AggregationSensitivity(Result):
    """One answer per rule.

    Attributes
    ----------
    rules : tuple of NamedRule
        In the order they were asked for; the first is the one the others are compared with.
    patients : DataFrame
        One row per patient: the reference standard (``reference``), and under the name of each rule its value
        (``value``) and call (``call``; 1 positive, 0 negative, NaN none), as columns of two levels.
    """

    rules: tuple[NamedRule, ...]
    patients: pd.DataFrame
    reference_standard: str
    marker: str
    cutoff: float | None

    @property
    def figure_size(self) -> tuple[float, float]:
        """Inches: two journal columns wide, with room for the label of each rule."""
        return (7.09, 0.7 + 0.3 * len(self.rules))

    @property
    def caption(self) -> str:
        """What the figure shows."""
        return (
            f"Predictive values and area under the ROC curve of {column_label(self.marker)} per patient, under each "
            f"rule from lesions to patients, with {100 * self.method.confidence_level:g}% confidence intervals."
        )


def aggregation_sensitivity(
    lesions: pd.DataFrame,
    *,
    reference_standard: str,
    marker: str,
    cutoff: float | None = None,
    rules: Sequence[RuleGiven] | None = None,
    positive: Positive | None = None,
    higher_is_positive: bool = True,
    weights: str | None = None,
    k: int = 3,
    interval: str = "wilson",
    confidence_level: float = 0.95,
    patient: str = "patient_id",
) -> AggregationSensitivity:
    """Show predictive values and AUC per patient under each rule from lesions to patients.

    The rule is a choice that a study should fix beforehand; this shows how much hangs on it.

    Parameters
    ----------
    lesions : DataFrame
        One row per lesion.
    reference_standard : str
        Column with the patient's outcome: the same on all of a patient's lesions.
    marker : str
        Column with the lesions' uptake, or of true and false for a reading by eye.
    cutoff : float, optional
        Uptake from which a lesion is positive, and a patient whose aggregate is an uptake. Without it there is an AUC
        for each rule and no predictive value.
    rules : list of str or of mappings, optional
        Names of rules, or mappings with ``how``, its keys and a ``name``: see `LesionRule`. By default every rule that
        the arguments allow.
    positive : value or list of values, optional
        Values of the reference standard that are positive, unless it is of true and false or of 1 and 0.
    higher_is_positive : bool
        Whether high uptake speaks for a positive patient; False: at the cutoff or below it is positive.
    weights : str, optional
        Column of lesion volumes, for the rule ``volume_weighted``.
    k : int
        Lesions of the rule ``hottest_k``.
    interval : str
        Of the proportions: ``wilson``, ``clopper-pearson``, ``jeffreys`` or ``agresti-coull``.
    confidence_level : float
        Two-sided coverage, a fraction in (0, 1).
    patient : str
        Column that says whose lesion it is.

    Returns
    -------
    AggregationSensitivity
        For each rule ``ppv``, ``npv``, ``sensitivity``, ``specificity`` and ``positive_calls`` (with a cutoff) and
        ``auc``; against the first rule ``auc_difference`` and ``changed_calls``: patients called otherwise.

    Raises
    ------
    DesignError
        If a column, rule or interval is unknown, a patient has two outcomes, or all patients have the same.
    SchemaError
        If the marker holds text or infinity.

    Notes
    -----
    Patients are the unit, each with one value, so intervals are those of independent observations: score intervals for
    proportions [1]_, DeLong's variance on the logit scale for areas [2]_. A rule gives no call where its value is no
    uptake (``sum``, ``count``) and the share of positive lesions calls a patient positive above one half.

    References
    ----------
    .. [1] Wilson EB. J Am Stat Assoc 1927;22:209-212.
    .. [2] DeLong ER, DeLong DM, Clarke-Pearson DL. Biometrics 1988;44:837-845.

    Examples
    --------
    >>> lesions = pd.DataFrame(
    ...     {
    ...         "patient_id": ["1", "1", "2", "2", "3", "3", "4", "4"],
    ...         "suvmax": [9.0, 1.0, 6.0, 5.0, 4.5, 0.5, 2.0, 3.0],
    ...         "response": [1, 1, 1, 1, 0, 0, 0, 0],
    ...     }
    ... )
    >>> result = aggregation_sensitivity(
    ...     lesions, reference_standard="response", marker="suvmax", cutoff=4, rules=["max", "mean"]
    ... )
    >>> [round(result.estimate("ppv", rule=rule).value, 2) for rule in ("max", "mean")]
    [0.67, 1.0]
    """
    if interval not in INTERVALS:
        known = list(INTERVALS)
        raise DesignError(f"no interval {interval!r}{nearest(interval, known)}; there are {', '.join(known)}")
    checked_fraction(confidence_level, "confidence_level")
    require_columns(lesions, [marker, *([weights] if weights else [])])
    is_read_by_eye = is_bool_dtype(lesions[marker])
    if is_read_by_eye:
        lesions = lesions.assign(**{marker: lesions[marker].astype("Float64").astype(float)})
    shared = {"cutoff": cutoff, "weights": weights, "higher_is_positive": higher_is_positive, "k": k}
    asked = named_rules(rules, shared, marker=marker, is_read_by_eye=is_read_by_eye)
    sample = select_rows(lesions, numeric=[marker], classes={reference_standard: positive}, patient=patient)
    if sample.patients is None:
        raise DesignError(f"lesions cannot be gathered without the column {patient!r} that says whose they are")
    truth = _one_outcome(sample.frame, reference_standard, patient)
    require_both_classes(truth, reference_standard, "a predictive value or an AUC")
    tables = {rule.name: calls_of(sample.frame, rule, marker=marker, patient=patient, cutoff=cutoff) for rule in asked}
    patients = pd.concat({"reference": truth.to_frame("value"), **tables}, axis=1).reindex(truth.index)
    lines, notes = _all_lines(asked, patients, INTERVALS[interval], confidence_level)
    notes = (*sample.notes, *_call_notes(asked, patients), *notes)
    return AggregationSensitivity(
        estimates=tuple(lines),
        method=Method(
            name=f"{interval.title()} intervals of proportions; DeLong variance and logit intervals of areas",
            confidence_level=confidence_level,
            settings={
                "cutoff": cutoff,
                "rules": ", ".join(rule.name for rule in asked),
                "higher_is_positive": higher_is_positive,
                "weights": weights,
                "k": k,
                "interval": interval,
            },
            references=(_INTERVAL_REFERENCES[interval], *_area_references(notes)),
            notes=notes,
            description=_description(asked, interval, confidence_level),
        ),
        population=sample.population,
        rules=asked,
        patients=patients,
        reference_standard=reference_standard,
        marker=marker,
        cutoff=cutoff,
    )


def _one_outcome(frame: pd.DataFrame, reference_standard: str, patient: str) -> pd.Series:
    """Return the outcome of each patient, in the order they first appear; refuse a patient with two."""
    outcomes = frame.groupby(patient, sort=False, observed=True)[reference_standard]
    mixed = [str(name) for name, count in outcomes.nunique().items() if count > 1]
    if mixed:
        raise DesignError(
            f"{len(mixed)} patients have both outcomes of {reference_standard!r} ({', '.join(mixed[:6])}): "
            "rules from lesions to patients need an outcome of the patient; for an outcome of lesions use roc_curve"
        )
    return outcomes.first().astype(bool)


def _all_lines(
    asked: Sequence[NamedRule], patients: pd.DataFrame, interval: ProportionInterval, confidence_level: float
) -> tuple[list[Estimate], tuple[str, ...]]:
    lines: list[Estimate] = []
    notes: list[str] = []
    first = asked[0]
    for rule in asked:
        lines += _call_lines(rule, first, patients, interval, confidence_level)
        found, said = _area_lines(rule, first, patients, confidence_level)
        lines += found
        notes += said
    return lines, tuple(notes)


def _call_lines(
    named: NamedRule, first: NamedRule, patients: pd.DataFrame, interval: ProportionInterval, confidence_level: float
) -> Iterator[Estimate]:
    """Yield the proportions of a rule's 2x2 table, and how many patients it calls otherwise than the first rule."""
    call, truth = patients[named.name, "call"], patients["reference", "value"].astype(bool)
    called = call.notna()
    if not called.any():
        return
    says_yes = call[called] == 1
    is_positive = truth[called]
    cells = {
        "tp": int((says_yes & is_positive).sum()),
        "fp": int((says_yes & ~is_positive).sum()),
        "fn": int((~says_yes & is_positive).sum()),
        "tn": int((~says_yes & ~is_positive).sum()),
    }
    counts = {quantity: (cells[top], cells[top] + cells[rest]) for quantity, (top, rest) in _CELLS.items()}
    counts["positive_calls"] = (int(says_yes.sum()), int(called.sum()))
    other = patients[first.name, "call"]
    both = called & other.notna()
    if named is not first and both.any():
        counts["changed_calls"] = (int((call[both] != other[both]).sum()), int(both.sum()))
    for quantity, (count, total) in counts.items():
        low, high = interval(count, total, confidence_level=confidence_level)
        against = {"against": first.name} if quantity == "changed_calls" else {}
        yield Estimate(
            quantity=quantity,
            value=count / total if total else float("nan"),
            low=low,
            high=high,
            n=total,
            n_patients=total,
            unit="fraction",
            of={"rule": named.name, **against},
        )


def _area_lines(
    named: NamedRule, first: NamedRule, patients: pd.DataFrame, confidence_level: float
) -> tuple[list[Estimate], list[str]]:
    """Return a rule's area, and its difference from the first rule's on the patients that have both values."""
    own = _upward(named, patients)
    sample, design_values = _measured(patients, [own])
    positive = sample.frame["reference"].to_numpy(bool)
    if positive.all() or not positive.any():
        return [], [f"No area for the {named.label}: the patients it has a value for are all of one class."]
    design = area_design(sample, positive, variance="delong", interval="logit", confidence_level=confidence_level)
    estimate = areas(design, design_values)
    area, variance = float(estimate.auc[0]), float(estimate.covariance[0, 0])
    line = area_line(design, area, variance, sample, rule=named.name)
    note = bound_note(design, area, variance, name=f"The area under the {named.label}")
    lines = [line]
    if named is not first:
        lines += _difference_line(named, first, patients, confidence_level)
    return lines, [note] if note else []


def _upward(named: NamedRule, patients: pd.DataFrame) -> NDArray[np.float64]:
    values = patients[named.name, "value"].to_numpy(float)
    return values if rises_with_suspicion(named.rule) else -values


def _measured(patients: pd.DataFrame, values: Sequence[NDArray[np.float64]]) -> tuple[Sample, NDArray[np.float64]]:
    """Return the patients that have all these values as a sample of independent rows, and the values."""
    matrix = np.stack(values)
    complete = ~np.isnan(matrix).any(axis=0)
    frame = pd.DataFrame(
        {
            "patient_id": np.flatnonzero(complete),
            "reference": patients["reference", "value"].to_numpy(bool)[complete],
        }
    )
    return select_rows(frame, classes={"reference": None}, patient="patient_id"), matrix[:, complete]


def _difference_line(
    named: NamedRule, first: NamedRule, patients: pd.DataFrame, confidence_level: float
) -> list[Estimate]:
    sample, values = _measured(patients, [_upward(named, patients), _upward(first, patients)])
    positive = sample.frame["reference"].to_numpy(bool)
    if positive.all() or not positive.any():
        return []
    design = area_design(sample, positive, variance="delong", interval="logit", confidence_level=confidence_level)
    both = areas(design, values)
    contrast = np.array([1.0, -1.0])
    difference, variance = float(contrast @ both.auc), float(contrast @ both.covariance @ contrast)
    if (values[0] == values[1]).all():
        variance = 0.0  # the same values have the same area, without a rounding between them
    each = [area_line(design, float(both.auc[at]), float(both.covariance[at, at]), sample) for at in (0, 1)]
    test = difference_test(difference, variance)
    low, high = difference_interval(
        float(both.auc[0]),
        float(both.auc[1]),
        variance,
        of_first=Interval(each[0].low, each[0].high),
        of_second=Interval(each[1].low, each[1].high),
        confidence_level=confidence_level,
    )
    return [
        Estimate(
            quantity="auc_difference",
            value=difference,
            low=low,
            high=high,
            statistic=test.statistic,
            p_value=test.p_value,
            n=positive.size,
            n_patients=positive.size,
            unit="fraction",
            of={"rule": named.name, "against": first.name},
        )
    ]


def _call_notes(asked: Sequence[NamedRule], patients: pd.DataFrame) -> Iterator[str]:
    """Say which rules call nobody, and which call everybody or lack patients."""
    silent = [rule.label for rule in asked if patients[rule.name, "call"].isna().all()]
    if silent and len(silent) < len(asked):
        yield f"No call, and so no predictive value, by {', '.join(silent)}: the cutoff is of a lesion's uptake."
    for rule in asked:
        values, calls = patients[rule.name, "value"], patients[rule.name, "call"].dropna()
        lacking = int(values.isna().sum())
        if lacking:
            yield f"{lacking} of {len(values)} patients have no value by {rule.label}."
        if len(calls) and (calls == calls.iloc[0]).all():
            said = "positive, so its NPV" if calls.iloc[0] == 1 else "negative, so its PPV"
            yield f"All patients are {said} is undefined: {rule.label}."


def _area_references(notes: Sequence[str]) -> tuple[Reference, ...]:
    return (DELONG_1988, PEPE_2003, *bound_references(notes))


def _description(asked: Sequence[NamedRule], interval: str, confidence_level: float) -> str:
    listed = "; ".join(rule.label for rule in asked)
    compared = " Areas were compared with that under the first rule by the paired test of DeLong." * (len(asked) > 1)
    return (
        f"Lesions were reduced to one value per patient by {len(asked)} rules ({listed}). Predictive values "
        f"({interval.title()} intervals) and the area under the ROC curve (DeLong variance, logit intervals) were "
        f"estimated per patient under each rule, with {100 * confidence_level:g}% confidence.{compared}"
    )
