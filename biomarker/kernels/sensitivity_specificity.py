"""What follows from sensitivity and specificity together: Youden's J, likelihood ratios, odds ratio, predictive values.

Each takes a `RatePair`, which independent rows (`two_by_two`) and lesions nested in patients (`clustered_two_by_two`)
fill in their own way; so a nested interval differs from a plain one in its variances and quantile, and in nothing else.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from biomarker.kernels.interval import Interval
from biomarker.kernels.measure import Measure, measure

Array = NDArray[np.float64]

NO_REFERENCE_POSITIVE = "no row is positive on the reference standard"
NO_REFERENCE_NEGATIVE = "no row is negative on the reference standard"
ZERO_OVER_ZERO = "it is zero divided by zero"
ZERO_CELL = (
    "a cell of the table is zero, where the log method has no limit; "
    "the limit given combines those of sensitivity and specificity"
)


class RatePair(NamedTuple):
    """Sensitivity and specificity, with all that their functions need for an interval.

    Attributes
    ----------
    sensitivity, specificity : ndarray
        NaN where the reference standard has no row of that class.
    sensitivity_interval, specificity_interval : Interval
    sensitivity_variance, specificity_variance : ndarray
        Zero where the rate is 0 or 1.
    correlation : ndarray
        Of the two estimates: 0 for independent rows.
    quantile : ndarray or float
        Normal, or Student's with the degrees of freedom of the variance.
    """

    sensitivity: Array
    specificity: Array
    sensitivity_interval: Interval
    specificity_interval: Interval
    sensitivity_variance: Array
    specificity_variance: Array
    correlation: ArrayLike
    quantile: ArrayLike


def youden_index(rates: RatePair) -> Measure:
    """Youden's J = sensitivity + specificity − 1, with a MOVER interval [1]_.

    The limits of the two rates are combined by the method of variance estimates recovery: for independent rows and
    Wilson limits this is Newcombe's method 10 for a difference of proportions [2]_. It never leaves [−1, 1].

    References
    ----------
    .. [1] Zou GY, Donner A. Stat Med 2008;27:1693-1702.
    .. [2] Newcombe RG. Stat Med 1998;17:873-890.
    """
    value = rates.sensitivity + rates.specificity - 1
    low, high = mover_sum(
        rates.sensitivity, rates.sensitivity_interval, rates.specificity, rates.specificity_interval, rates.correlation
    )
    return measure(value, low - 1, high - 1, _undefined(rates))


def balanced_accuracy(rates: RatePair) -> Measure:
    """Mean of sensitivity and specificity, with the interval of Youden's J on its own scale."""
    youden = youden_index(rates)
    return measure((youden.value + 1) / 2, (youden.low + 1) / 2, (youden.high + 1) / 2, youden.reason)


def lr_positive(rates: RatePair) -> Measure:
    """Likelihood ratio of a positive test, sensitivity / (1 − specificity), with an interval on the log scale [1]_.

    References
    ----------
    .. [1] Simel DL, Samsa GP, Matchar DB. J Clin Epidemiol 1991;44:763-770.
    """
    return _ratio(
        rates,
        numerator=rates.sensitivity,
        numerator_interval=rates.sensitivity_interval,
        denominator=1 - rates.specificity,
        denominator_interval=_complement(rates.specificity_interval),
    )


def lr_negative(rates: RatePair) -> Measure:
    """Likelihood ratio of a negative test, (1 − sensitivity) / specificity, with an interval on the log scale [1]_.

    References
    ----------
    .. [1] Simel DL, Samsa GP, Matchar DB. J Clin Epidemiol 1991;44:763-770.
    """
    return _ratio(
        rates,
        numerator=1 - rates.sensitivity,
        numerator_interval=_complement(rates.sensitivity_interval),
        denominator=rates.specificity,
        denominator_interval=rates.specificity_interval,
    )


def diagnostic_odds_ratio(rates: RatePair) -> Measure:
    """Diagnostic odds ratio with Woolf's interval on the log scale [1]_.

    References
    ----------
    .. [1] Woolf B. Ann Hum Genet 1955;19:251-253.
    """
    sensitivity_odds, specificity_odds = odds(rates.sensitivity), odds(rates.specificity)
    with np.errstate(divide="ignore", invalid="ignore"):  # 0 x inf is the documented NaN
        value = sensitivity_odds * specificity_odds
        gradient_se = 1 / (rates.sensitivity * (1 - rates.sensitivity))
        gradient_sp = 1 / (rates.specificity * (1 - rates.specificity))
        error = _combined_error(gradient_se, gradient_sp, rates)
        low, high = _log_interval(value, error, rates.quantile)
        corner_low = odds(rates.sensitivity_interval.low) * odds(rates.specificity_interval.low)
        corner_high = odds(rates.sensitivity_interval.high) * odds(rates.specificity_interval.high)
    return _with_zero_cells(value, Interval(low, high), Interval(corner_low, corner_high), error, rates)


def ppv_at_prevalence(positive_ratio: Measure, prevalence: ArrayLike) -> Measure:
    """PPV in a population of another prevalence, from LR+ and its interval.

    The logit of PPV is log LR+ plus the logit of prevalence, so for independent rows these are the standard logit
    limits of Mercaldo, Lau and Zhou [1]_.

    References
    ----------
    .. [1] Mercaldo ND, Lau KF, Zhou XH. Stat Med 2007;26:2170-2183.
    """
    prior = odds(_checked_prevalence(prevalence))
    value, low, high = (_fraction(np.asarray(part) * prior) for part in positive_ratio[:3])
    return measure(value, low, high, positive_ratio.reason)


def npv_at_prevalence(negative_ratio: Measure, prevalence: ArrayLike) -> Measure:
    """NPV in a population of another prevalence, from LR− and its interval; see `ppv_at_prevalence`."""
    prior = odds(_checked_prevalence(prevalence))
    value, high, low = (1 - _fraction(np.asarray(part) * prior) for part in negative_ratio[:3])
    return measure(value, low, high, negative_ratio.reason)


def mover_sum(
    first: ArrayLike,
    first_interval: Interval,
    second: ArrayLike,
    second_interval: Interval,
    correlation: ArrayLike = 0.0,
) -> Interval:
    """Interval of a sum from the intervals of its terms and the correlation of their estimates [1]_.

    References
    ----------
    .. [1] Zou GY, Donner A. Stat Med 2008;27:1693-1702.
    """
    first, second, r = np.asarray(first, float), np.asarray(second, float), np.asarray(correlation, float)
    below = first - first_interval.low, second - second_interval.low
    above = first_interval.high - first, second_interval.high - second
    low, high = (np.sqrt(np.maximum(a**2 + b**2 + 2 * r * a * b, 0.0)) for a, b in (below, above))
    return Interval(first + second - low, first + second + high)


def odds(fraction: ArrayLike) -> Array:
    """Return p / (1 − p); infinite at 1."""
    p = np.asarray(fraction, float)
    with np.errstate(divide="ignore"):
        return np.asarray(p / (1 - p))


def _fraction(of_odds: Array) -> Array:
    with np.errstate(divide="ignore"):
        return np.asarray(1 / (1 + 1 / of_odds))


def _complement(interval: Interval) -> Interval:
    return Interval(1 - interval.high, 1 - interval.low)


def _ratio(
    rates: RatePair,
    *,
    numerator: Array,
    numerator_interval: Interval,
    denominator: Array,
    denominator_interval: Interval,
) -> Measure:
    """Return the ratio of a rate of the reference positive to one of the reference negative.

    Of sensitivity and specificity, or of both their complements, one always enters with its sign turned; hence the
    correlation of numerator and denominator is minus that of sensitivity and specificity, and in the variance of the
    difference of logs it comes back with a plus.
    """
    with np.errstate(divide="ignore", invalid="ignore"):  # x/0 is the documented infinity, 0/0 the documented NaN
        value = numerator / denominator
        error = _combined_error(1 / numerator, 1 / denominator, rates)
        low, high = _log_interval(value, error, rates.quantile)
        corner = Interval(
            numerator_interval.low / denominator_interval.high, numerator_interval.high / denominator_interval.low
        )
    return _with_zero_cells(value, Interval(low, high), corner, error, rates)


def _combined_error(gradient_se: Array, gradient_sp: Array, rates: RatePair) -> Array:
    a = gradient_se * np.sqrt(rates.sensitivity_variance)
    b = gradient_sp * np.sqrt(rates.specificity_variance)
    return np.asarray(np.sqrt(np.maximum(a**2 + b**2 + 2 * np.asarray(rates.correlation) * a * b, 0.0)))


def _log_interval(value: Array, error: Array, quantile: ArrayLike) -> Interval:
    factor = np.exp(np.asarray(quantile) * error)
    return Interval(value / factor, value * factor)


def _with_zero_cells(value: Array, usual: Interval, corner: Interval, error: Array, rates: RatePair) -> Measure:
    """Put in the limits, and the reasons, where the log method has none."""
    reason = _undefined(rates)
    no_error = ~(np.isfinite(error) & (error > 0)) | (value == 0) | np.isinf(value)
    low, high = (np.where(no_error, b, a) for a, b in zip(usual, corner, strict=True))
    low, high = np.where(value == 0, 0.0, low), np.where(np.isinf(value), np.inf, high)
    is_nan = np.isnan(value)
    low, high = np.where(is_nan, np.nan, low), np.where(is_nan, np.nan, high)
    reason = np.where((reason == "") & is_nan, ZERO_OVER_ZERO, reason)
    return measure(value, low, high, np.where((reason == "") & no_error, ZERO_CELL, reason))


def _undefined(rates: RatePair) -> NDArray[np.str_]:
    without_negative = np.where(np.isnan(rates.specificity), NO_REFERENCE_NEGATIVE, "")
    return np.where(np.isnan(rates.sensitivity), NO_REFERENCE_POSITIVE, without_negative)


def _checked_prevalence(prevalence: ArrayLike) -> Array:
    checked = np.asarray(prevalence, float)
    if not np.all((checked > 0) & (checked < 1)):  # NaN fails too
        raise ValueError("prevalence must lie between 0 and 1, neither of them included")
    return checked
