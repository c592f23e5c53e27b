"""Every quantity of a 2x2 table, with intervals for independent rows.

Counts are `tp`, `fp`, `fn`, `tn`: true and false positives, false and true negatives. They may be arrays of one shape
(a table for each cutoff, say), and everything returned has that shape.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from biomarker.kernels.interval import Interval
from biomarker.kernels.measure import Measure, measure
from biomarker.kernels.proportion import interval_method, normal_quantile, proportion
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

Array = NDArray[np.float64]
Counts = tuple[Array, Array, Array, Array]

# Each proportion as its numerator and denominator, weights of (tp, fp, fn, tn).
PROPORTIONS: dict[str, tuple[tuple[int, int, int, int], tuple[int, int, int, int]]] = {
    "sensitivity": ((1, 0, 0, 0), (1, 0, 1, 0)),
    "specificity": ((0, 0, 0, 1), (0, 1, 0, 1)),
    "ppv": ((1, 0, 0, 0), (1, 1, 0, 0)),
    "npv": ((0, 0, 0, 1), (0, 0, 1, 1)),
    "accuracy": ((1, 0, 0, 1), (1, 1, 1, 1)),
    "prevalence": ((1, 0, 1, 0), (1, 1, 1, 1)),
}
# F1 = 2F/(1+F), where F = tp/(tp+fp+fn) is a proportion of the rows that are positive on either side.
JACCARD: tuple[tuple[int, int, int, int], tuple[int, int, int, int]] = ((1, 0, 0, 0), (1, 1, 1, 0))

QUANTITIES = (
    "sensitivity", "specificity", "ppv", "npv", "accuracy", "balanced_accuracy", "lr_positive", "lr_negative",
    "diagnostic_odds_ratio", "youden", "f1", "mcc", "kappa", "prevalence",
)  # fmt: skip

EMPTY = {
    "sensitivity": "no row is positive on the reference standard",
    "specificity": "no row is negative on the reference standard",
    "ppv": "no row is positive on the test",
    "npv": "no row is negative on the test",
    "accuracy": "there is no row",
    "prevalence": "there is no row",
    "f1": "no row is positive on the test or on the reference standard",
}
ONE_CLASS = "the test or the reference standard has one class only"
PERFECT = "no row disagrees, so there is no standard error; the limit is exact for the share that disagrees"
NO_ERROR = "its standard error is zero"


def two_by_two(
    tp: ArrayLike,
    fp: ArrayLike,
    fn: ArrayLike,
    tn: ArrayLike,
    *,
    interval: str = "wilson",
    confidence_level: float = 0.95,
    continuity: float = 0.0,
) -> dict[str, Measure]:
    """Every quantity of 2x2 tables of independent rows, with its interval.

    Parameters
    ----------
    tp, fp, fn, tn : array_like of int, shape (...)
        Counts, broadcast together.
    interval : str
        For the proportions, and so for what is made of them: a name in `proportion.INTERVALS`.
    confidence_level : float
    continuity : float
        Added to the four cells of those tables that hold a zero, for likelihood ratios and odds ratio only. None is
        added unless asked for.

    Returns
    -------
    dict of str to Measure
        For each name in `QUANTITIES`. Proportions have the interval asked for; Youden's J and balanced accuracy
        MOVER limits; likelihood ratios the log method of Simel; the odds ratio Woolf's; F1 the limits of the Jaccard
        proportion, transformed; MCC and kappa (variance of Fleiss, Cohen and Everitt) limits on Fisher's z scale,
        which covers 94-96 % at 20-100 rows where Wald limits cover 88-94 %.

    Raises
    ------
    ValueError
        If a count is negative or not finite, or the interval has no such name.

    References
    ----------
    .. [1] Simel DL, Samsa GP, Matchar DB. J Clin Epidemiol 1991;44:763-770.
    .. [2] Fleiss JL, Cohen J, Everitt BS. Psychol Bull 1969;72:323-327.

    Examples
    --------
    An SUVmax cutoff of 3.2 in HER2-positive breast cancer (Dehdashti F. Breast Cancer Res Treat 2018;169:523-530),
    printed as PPV 83.3 % (65.3-94.4) and NPV 50.0 % (24.7-75.3).

    >>> table = two_by_two(25, 5, 8, 8, interval="clopper-pearson")
    >>> for name in ("ppv", "npv"):
    ...     print(name, " ".join(f"{part:.3f}" for part in table[name][:3]))
    ppv 0.833 0.653 0.944
    npv 0.500 0.247 0.753
    """
    counts = checked_counts(tp, fp, fn, tn)
    rates = _independent_rates(counts, interval, confidence_level)
    ratio_rates = rates
    reason: ArrayLike = ""
    if continuity:
        counts_with, is_changed = _with_continuity(counts, continuity)
        ratio_rates = _independent_rates(counts_with, interval, confidence_level)
        reason = np.where(is_changed, f"{continuity:g} was added to each cell, as asked", "")
    found: dict[str, Measure] = {
        name: _proportion(counts, weights, interval, confidence_level, EMPTY[name])
        for name, weights in PROPORTIONS.items()
    }
    found |= {
        "balanced_accuracy": balanced_accuracy(rates),
        "youden": youden_index(rates),
        "lr_positive": _reasoned(lr_positive(ratio_rates), reason),
        "lr_negative": _reasoned(lr_negative(ratio_rates), reason),
        "diagnostic_odds_ratio": _reasoned(diagnostic_odds_ratio(ratio_rates), reason),
        "f1": f1_from_jaccard(_proportion(counts, JACCARD, interval, confidence_level, EMPTY["f1"])),
    }
    quantile, total = normal_quantile(confidence_level), weighted(counts, (1, 1, 1, 1))
    for name in ("mcc", "kappa"):
        value, error = agreement_error(name, counts)
        found[name] = agreement_interval(value, error, quantile, counts, total, confidence_level)
    return {name: found[name] for name in QUANTITIES}


def predictive_values_at_prevalence(
    tp: ArrayLike,
    fp: ArrayLike,
    fn: ArrayLike,
    tn: ArrayLike,
    prevalence: ArrayLike,
    *,
    adjusted: bool = False,
    interval: str = "wilson",
    confidence_level: float = 0.95,
) -> dict[str, Measure]:
    """PPV and NPV at a prevalence known from elsewhere, with logit intervals [1]_.

    Parameters
    ----------
    tp, fp, fn, tn : array_like of int, shape (...)
    prevalence : array_like, shape (...)
        Fractions in (0, 1), broadcast with the counts: a grid of prevalences for one table, say.
    adjusted : bool
        Add z²/2 to every cell first (Mercaldo's adjusted logit interval); the value is then the adjusted one too.
    interval : str
        For sensitivity and specificity, whose limits serve where a cell is zero.
    confidence_level : float

    Returns
    -------
    dict
        ``"ppv"`` and ``"npv"``, each a `Measure`.

    References
    ----------
    .. [1] Mercaldo ND, Lau KF, Zhou XH. Stat Med 2007;26:2170-2183.

    Examples
    --------
    >>> found = predictive_values_at_prevalence(240, 87, 178, 288, 0.03)
    >>> print(" ".join(f"{part:.4f}" for part in found["ppv"][:3]))
    0.0711 0.0589 0.0856
    """
    counts = checked_counts(tp, fp, fn, tn)
    reason = ""
    if adjusted:
        half = normal_quantile(confidence_level) ** 2 / 2
        counts = (counts[0] + half, counts[1] + half, counts[2] + half, counts[3] + half)
        reason = "every cell was adjusted by z²/2"
    rates = _independent_rates(counts, interval, confidence_level)
    ratios = {"ppv": lr_positive(rates), "npv": lr_negative(rates)}
    return {
        "ppv": _reasoned(ppv_at_prevalence(ratios["ppv"], prevalence), reason),
        "npv": _reasoned(npv_at_prevalence(ratios["npv"], prevalence), reason),
    }


def f1_from_jaccard(jaccard: Measure) -> Measure:
    """F1 score from tp / (tp + fp + fn): a monotone transformation, so the limits are transformed alike."""
    value, low, high = (2 * np.asarray(part) / (1 + np.asarray(part)) for part in jaccard[:3])
    return measure(value, low, high, jaccard.reason)


def agreement_gradient(name: str, counts: Counts) -> tuple[Array, Array]:
    """Return MCC or kappa, and its derivatives by tp, fp, fn, tn in a last axis of four.

    Both are unchanged when every count is multiplied, so the derivatives of the rows sum to zero, and the
    multinomial variance is the sum of their squares.
    """
    tp, fp, fn, tn = counts
    test_positive, test_negative, positive, negative = tp + fp, fn + tn, tp + fn, fp + tn
    with np.errstate(divide="ignore", invalid="ignore"):  # an empty margin is the documented NaN
        if name == "kappa":
            scale = test_positive * negative + test_negative * positive
            value = 2 * (tp * tn - fp * fn) / scale
            slope = (
                (2 * tn - value * (negative + test_negative)) / scale,
                (-2 * fn - value * (negative + test_positive)) / scale,
                (-2 * fp - value * (test_negative + positive)) / scale,
                (2 * tp - value * (test_positive + positive)) / scale,
            )
        else:
            scale = np.sqrt(test_positive * test_negative * positive * negative)
            value = (tp * tn - fp * fn) / scale
            slope = (
                tn / scale - value / 2 * (1 / test_positive + 1 / positive),
                -fn / scale - value / 2 * (1 / test_positive + 1 / negative),
                -fp / scale - value / 2 * (1 / test_negative + 1 / positive),
                tp / scale - value / 2 * (1 / test_negative + 1 / negative),
            )
    return value, np.stack(slope, axis=-1)


def agreement_error(name: str, counts: Counts) -> tuple[Array, Array]:
    """Return MCC or kappa, and its standard error for independent rows."""
    value, slope = agreement_gradient(name, counts)
    return value, np.sqrt((np.stack(counts, axis=-1) * slope**2).sum(axis=-1))


def agreement_interval(
    value: Array,
    error: Array,
    quantile: float | Array,
    counts: Counts,
    effective_rows: float | Array,
    confidence_level: float,
) -> Measure:
    """Interval of MCC or kappa on Fisher's z scale.

    At 1 (and −1) there is no standard error. There the share of rows that disagree (agree) has an exact upper limit
    d, and with the margins held, agreement is at least ``1 - d / (2 p (1 - p))``: that limit is given.
    """
    tp, fp, fn, tn = counts
    is_perfect = np.isclose(np.abs(value), 1.0, rtol=0, atol=1e-12)
    is_degenerate = np.isnan(value) | ~(error > 1e-12)
    with np.errstate(divide="ignore", invalid="ignore"):
        z, z_error = np.arctanh(value), error / (1 - value**2)
        low, high = np.tanh(z - quantile * z_error), np.tanh(z + quantile * z_error)
        limit = 1 - ((1 - confidence_level) / 2) ** (1 / effective_rows)
        share = (tp + fn) / (tp + fp + fn + tn)
        bound = np.maximum(1 - limit / (2 * share * (1 - share)), -1.0)
    low = np.select([is_perfect & (value > 0), is_perfect, is_degenerate], [bound, -1.0, np.nan], low)
    high = np.select([is_perfect & (value > 0), is_perfect, is_degenerate], [1.0, -bound, np.nan], high)
    one_class = (tp + fp) * (fn + tn) * (tp + fn) * (fp + tn) == 0
    reason = np.select([one_class, is_perfect, is_degenerate], [ONE_CLASS, PERFECT, NO_ERROR], "")
    return measure(value, low, high, reason)


def checked_counts(tp: ArrayLike, fp: ArrayLike, fn: ArrayLike, tn: ArrayLike) -> Counts:
    """Return the four counts as float arrays of one shape.

    Raises
    ------
    ValueError
        If one is negative or not finite.
    """
    counts = np.broadcast_arrays(*(np.asarray(count, float) for count in (tp, fp, fn, tn)))
    if not all(np.all(np.isfinite(count) & (count >= 0)) for count in counts):
        raise ValueError("tp, fp, fn and tn must be finite and not negative")
    return counts[0], counts[1], counts[2], counts[3]


def weighted(counts: Counts, weights: tuple[int, int, int, int]) -> Array:
    """Return the sum of the cells that a quantity counts."""
    return np.asarray(sum(weight * count for weight, count in zip(weights, counts, strict=True)), float)


def _proportion(
    counts: Counts,
    weights: tuple[tuple[int, int, int, int], tuple[int, int, int, int]],
    interval: str,
    confidence_level: float,
    empty: str,
) -> Measure:
    x, n = weighted(counts, weights[0]), weighted(counts, weights[1])
    low, high = interval_method(interval)(x, n, confidence_level=confidence_level)
    return measure(proportion(x, n), low, high, np.where(n == 0, empty, ""))


def _independent_rates(counts: Counts, interval: str, confidence_level: float) -> RatePair:
    parts = []
    for name in ("sensitivity", "specificity"):
        x, n = (weighted(counts, weights) for weights in PROPORTIONS[name])
        rate = np.asarray(proportion(x, n))
        limits = interval_method(interval)(x, n, confidence_level=confidence_level)
        variance = np.divide(rate * (1 - rate), n, out=np.full(n.shape, np.nan), where=n > 0)
        parts.append((rate, Interval(*map(np.asarray, limits)), variance))
    (se, se_limits, se_variance), (sp, sp_limits, sp_variance) = parts
    return RatePair(se, sp, se_limits, sp_limits, se_variance, sp_variance, 0.0, normal_quantile(confidence_level))


def _with_continuity(counts: Counts, continuity: float) -> tuple[Counts, NDArray[np.bool_]]:
    if not (np.isfinite(continuity) and continuity > 0):
        raise ValueError("continuity must be a positive number, or 0 for none")
    tp, fp, fn, tn = counts
    is_changed = tp * fp * fn * tn == 0
    added = np.where(is_changed, continuity, 0.0)
    return (tp + added, fp + added, fn + added, tn + added), is_changed


def _reasoned(found: Measure, reason: ArrayLike) -> Measure:
    """Return the measure with `reason` where it is not empty."""
    return measure(found.value, found.low, found.high, np.where(np.asarray(reason) == "", found.reason, reason))
