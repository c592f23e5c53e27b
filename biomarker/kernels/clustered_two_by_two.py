"""Every quantity of a 2x2 table whose rows (lesions) are nested in patients.

The same formulas as `two_by_two`; what changes is where variances, the correlation between sensitivity and specificity,
and quantiles come from: the patients.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from biomarker.kernels.clustered_proportion import (
    ONE_PATIENT,
    ClusteredProportion,
    clustered_proportion,
    kish_size,
    proportion_influence,
)
from biomarker.kernels.interval import Interval
from biomarker.kernels.measure import Measure, measure
from biomarker.kernels.patient_variance import combined_df, influence_correlation, patient_variance, student_quantile
from biomarker.kernels.sensitivity_specificity import (
    RatePair,
    balanced_accuracy,
    diagnostic_odds_ratio,
    lr_negative,
    lr_positive,
    npv_at_prevalence,
    ppv_at_prevalence,
    youden_index,
)
from biomarker.kernels.two_by_two import (
    EMPTY,
    JACCARD,
    PROPORTIONS,
    QUANTITIES,
    Counts,
    agreement_error,
    agreement_gradient,
    agreement_interval,
    checked_counts,
    f1_from_jaccard,
    weighted,
)

Array = NDArray[np.float64]


class ClusteredTable(NamedTuple):
    """Quantities of a 2x2 table of nested lesions.

    Attributes
    ----------
    measures : dict of str to Measure
        For each name in `two_by_two.QUANTITIES`.
    proportions : dict of str to ClusteredProportion
        Design effect, intracluster correlation and number of patients of those that are proportions.
    """

    measures: dict[str, Measure]
    proportions: dict[str, ClusteredProportion]


def clustered_two_by_two(
    tp: ArrayLike,
    fp: ArrayLike,
    fn: ArrayLike,
    tn: ArrayLike,
    *,
    interval: str = "wilson",
    confidence_level: float = 0.95,
) -> ClusteredTable:
    """Every quantity of 2x2 tables of lesions nested in patients, with its interval.

    Proportions are those of `clustered_proportion` [1]_. Youden's J and balanced accuracy combine their limits with
    the correlation between patients of sensitivity and specificity; likelihood ratios and odds ratio have delta
    variances from the same parts, with Student's t; MCC and kappa use the influence of each patient on them.

    Parameters
    ----------
    tp, fp, fn, tn : array_like of int, shape (..., patients)
        Counts of each patient, on the last axis.
    interval : str
        For the proportions: a name in `proportion.INTERVALS`, taken at the effective number of lesions.
    confidence_level : float

    Returns
    -------
    ClusteredTable
        Limits are NaN, with a reason, where fewer than two patients hold the rows a quantity is about.

    Raises
    ------
    ValueError
        If a count is negative or not finite, or the interval has no such name.

    References
    ----------
    .. [1] Rao JNK, Scott AJ. Biometrics 1992;48:577-585.

    Examples
    --------
    >>> tp, fp, fn, tn = [3, 2, 0, 4, 1], [0, 1, 1, 0, 0], [1, 0, 1, 0, 0], [2, 3, 1, 0, 2]
    >>> found = clustered_two_by_two(tp, fp, fn, tn)
    >>> " ".join(f"{part:.3f}" for part in found.measures["sensitivity"][:3])
    '0.833 0.335 0.980'
    """
    counts = checked_counts(tp, fp, fn, tn)
    if counts[0].ndim == 0:
        raise ValueError("tp, fp, fn and tn need an axis of patients")
    proportions = {
        name: _proportion(counts, weights, interval, confidence_level) for name, weights in PROPORTIONS.items()
    }
    found = {name: _measure(part, EMPTY[name]) for name, part in proportions.items()}
    jaccard = _proportion(counts, JACCARD, interval, confidence_level)
    found["f1"] = f1_from_jaccard(_measure(jaccard, EMPTY["f1"]))
    rates = clustered_rates(counts, proportions["sensitivity"], proportions["specificity"])
    found |= _from_rates(rates, proportions, confidence_level)
    for name in ("mcc", "kappa"):
        found[name] = _agreement(name, counts, confidence_level)
    return ClusteredTable({name: found[name] for name in QUANTITIES}, proportions)


def clustered_predictive_values_at_prevalence(
    tp: ArrayLike,
    fp: ArrayLike,
    fn: ArrayLike,
    tn: ArrayLike,
    prevalence: ArrayLike,
    *,
    interval: str = "wilson",
    confidence_level: float = 0.95,
) -> dict[str, Measure]:
    """PPV and NPV at a prevalence known from elsewhere, of lesions nested in patients.

    Logit intervals as in `two_by_two.predictive_values_at_prevalence`, with variances between patients.

    Parameters
    ----------
    tp, fp, fn, tn : array_like of int, shape (patients,)
    prevalence : array_like, shape (...)
        Fractions in (0, 1).
    interval : str
    confidence_level : float
    """
    measures = clustered_two_by_two(tp, fp, fn, tn, interval=interval, confidence_level=confidence_level).measures
    return {
        "ppv": ppv_at_prevalence(measures["lr_positive"], prevalence),
        "npv": npv_at_prevalence(measures["lr_negative"], prevalence),
    }


def clustered_rates(counts: Counts, sensitivity: ClusteredProportion, specificity: ClusteredProportion) -> RatePair:
    """Return sensitivity and specificity with their variances between patients; the quantile is still to be set."""
    sums = [
        proportion_influence(*(weighted(counts, weights) for weights in PROPORTIONS[name]))[0]
        for name in ("sensitivity", "specificity")
    ]
    return RatePair(
        sensitivity=np.asarray(sensitivity.value),
        specificity=np.asarray(specificity.value),
        sensitivity_interval=Interval(np.asarray(sensitivity.low), np.asarray(sensitivity.high)),
        specificity_interval=Interval(np.asarray(specificity.low), np.asarray(specificity.high)),
        sensitivity_variance=np.asarray(sensitivity.variance),
        specificity_variance=np.asarray(specificity.variance),
        correlation=influence_correlation(*sums),
        quantile=np.nan,
    )


def _from_rates(
    rates: RatePair, proportions: dict[str, ClusteredProportion], confidence_level: float
) -> dict[str, Measure]:
    se, sp = rates.sensitivity, rates.specificity
    df = proportions["sensitivity"].n_patients - 1, proportions["specificity"].n_patients - 1
    one_patient = (np.asarray(df[0]) == 0) | (np.asarray(df[1]) == 0)
    found = {"youden": youden_index(rates), "balanced_accuracy": balanced_accuracy(rates)}
    with np.errstate(divide="ignore"):  # a slope is infinite where a cell is zero: there no quantile is used
        slopes = {
            "lr_positive": (lr_positive, 1 / se, 1 / (1 - sp)),
            "lr_negative": (lr_negative, 1 / (1 - se), 1 / sp),
            "diagnostic_odds_ratio": (diagnostic_odds_ratio, 1 / (se * (1 - se)), 1 / (sp * (1 - sp))),
        }
    for name, (ratio, slope_se, slope_sp) in slopes.items():
        with np.errstate(invalid="ignore", divide="ignore"):
            first, second = slope_se**2 * rates.sensitivity_variance, slope_sp**2 * rates.specificity_variance
            together = combined_df(np.nan_to_num(first), df[0], np.nan_to_num(second), df[1])
        found[name] = ratio(rates._replace(quantile=student_quantile(together, confidence_level)))
    return {name: _without_limits(part, one_patient) for name, part in found.items()}


def _without_limits(found: Measure, where: NDArray[np.bool_]) -> Measure:
    """Return the measure without limits, and with the reason for it, where one patient is all there is."""
    return measure(
        found.value,
        np.where(where, np.nan, found.low),
        np.where(where, np.nan, found.high),
        np.where(where & ~np.isnan(found.value), ONE_PATIENT, found.reason),
    )


def _agreement(name: str, counts: Counts, confidence_level: float) -> Measure:
    totals: Counts = tuple(count.sum(axis=-1) for count in counts)
    value, slope = agreement_gradient(name, totals)
    cells = np.stack(counts, axis=-1)
    sums = (cells * slope[..., None, :]).sum(axis=-1)
    squares = (cells * slope[..., None, :] ** 2).sum(axis=-1)
    rows = cells.sum(axis=-1)
    spread = patient_variance(sums, squares, rows)
    _, independent_error = agreement_error(name, totals)
    error = np.where(spread.n_patients > 1, np.sqrt(spread.variance), independent_error)
    quantile = student_quantile(spread.df, confidence_level)
    found = agreement_interval(value, error, quantile, totals, kish_size(rows), confidence_level)
    return _without_limits(found, np.asarray(spread.n_patients) == 1)


def _proportion(
    counts: Counts,
    weights: tuple[tuple[int, int, int, int], tuple[int, int, int, int]],
    interval: str,
    confidence_level: float,
) -> ClusteredProportion:
    x, n = weighted(counts, weights[0]), weighted(counts, weights[1])
    return clustered_proportion(x, n, interval=interval, confidence_level=confidence_level)


def _measure(found: ClusteredProportion, empty: str) -> Measure:
    return measure(found.value, found.low, found.high, np.where(np.isnan(found.value), empty, found.reason))
