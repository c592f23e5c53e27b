"""Restricted mean survival time: the area under a survival curve up to a time, and its contrasts."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.special import ndtr, stdtr, stdtrit

from biomarker.kernels.interval import Interval
from biomarker.kernels.survival import SurvivalCurve


class RestrictedMean(NamedTuple):
    """Area under a curve up to `tau`; `n_events` counts the events its variance comes from."""

    value: float
    variance: float
    tau: float
    n_events: float


class Contrast(NamedTuple):
    """A comparison of two estimates: value, interval and a two-sided test of no difference."""

    value: float
    interval: Interval
    statistic: float
    p_value: float


def restricted_mean(curve: SurvivalCurve, tau: float) -> RestrictedMean:
    """Area under a Kaplan-Meier curve from 0 to `tau`, the mean time without the event within it [1]_ [2]_.

    The variance adds up, over the events before `tau`, the squared area that is left from there times Greenwood's
    increment.

    Parameters
    ----------
    curve : SurvivalCurve
    tau : float
        Above 0, in the unit of the curve, and not past its last follow-up unless survival has reached 0 there.

    Returns
    -------
    RestrictedMean
        NaN where `tau` is past follow-up.

    Raises
    ------
    ValueError
        If `tau` is not above 0.

    References
    ----------
    .. [1] Royston P, Parmar MKB. Restricted mean survival time: an alternative to the hazard ratio for the design and
       analysis of randomized trials with a time-to-event outcome. BMC Med Res Methodol 2013;13:152.
    .. [2] Uno H, Claggett B, Tian L, et al. Moving beyond the hazard ratio in quantifying the between-group difference
       in survival analysis. J Clin Oncol 2014;32:2380-2385.

    Examples
    --------
    >>> from biomarker.kernels.survival import kaplan_meier
    >>> mean = restricted_mean(kaplan_meier([1, 2, 3, 4], [1, 1, 1, 1]), 4)
    >>> mean.value, mean.variance
    (2.5, 0.3125)
    """
    if not tau > 0:
        raise ValueError("tau must be above 0")
    if tau > curve.time[-1] and curve.survival[-1] > 0:
        return RestrictedMean(np.nan, np.nan, tau, np.nan)
    used = (curve.time <= tau) & (curve.events > 0)
    survival, d, n = np.concatenate([[1.0], curve.survival[used]]), curve.events[used], curve.at_risk[used]
    areas = survival * np.diff(np.concatenate([[0.0], curve.time[used], [tau]]))
    left = np.cumsum(areas[::-1])[::-1][1:]
    increment = np.where(n > d, d / (n * np.maximum(n - d, 1)), 0.0)  # once survival is 0 no area is left
    with np.errstate(over="ignore"):  # beyond 1e150 the variance is infinite, and its interval all there is
        variance = float(left**2 @ increment)
    return RestrictedMean(float(areas.sum()), variance, float(tau), float(d[curve.time[used] < tau].sum()))


def small_sample_variance(mean: RestrictedMean) -> float:
    """Variance with Kaplan and Meier's factor m / (m - 1) for m events [1]_; NaN for fewer than two.

    Without censoring it is the usual variance of a mean, with n - 1 in its denominator.

    References
    ----------
    .. [1] Kaplan EL, Meier P. Nonparametric estimation from incomplete observations. J Am Stat Assoc 1958;53:457-481,
       section 6.
    """
    return mean.variance * mean.n_events / (mean.n_events - 1) if mean.n_events > 1 else np.nan


def rmst_interval(mean: RestrictedMean, *, confidence_level: float = 0.95, small_sample: bool = True) -> Interval:
    """Interval of a restricted mean, within 0 and `tau`.

    Parameters
    ----------
    mean : RestrictedMean
    confidence_level : float
    small_sample : bool
        Whether to widen it for few events: variance by `small_sample_variance`, and Student's t with one degree of
        freedom fewer than events. Otherwise normal, as survRM2 has it.

    Returns
    -------
    Interval
        NaN without events before `tau`.
    """
    variance, df = _variance(mean, small_sample)
    half_width = _quantile(df, confidence_level) * np.sqrt(variance)
    if not half_width > 0:
        return Interval(np.nan, np.nan)
    return Interval(max(0.0, mean.value - half_width), min(mean.tau, mean.value + half_width))


def rmst_difference(
    mean: RestrictedMean, reference: RestrictedMean, *, confidence_level: float = 0.95, small_sample: bool = True
) -> Contrast:
    """Difference of two restricted means, with its interval and test.

    Parameters
    ----------
    mean, reference : RestrictedMean
        To the same `tau`.
    confidence_level : float
    small_sample : bool
        As in `rmst_interval`; degrees of freedom by Welch and Satterthwaite.

    Returns
    -------
    Contrast
    """
    parts = [_variance(m, small_sample) for m in (mean, reference)]
    variance = parts[0][0] + parts[1][0]
    return _contrast(mean.value - reference.value, variance, _welch(parts), confidence_level)


def rmst_ratio(
    mean: RestrictedMean, reference: RestrictedMean, *, confidence_level: float = 0.95, small_sample: bool = True
) -> Contrast:
    """Ratio of two restricted means, its interval by the delta rule on the log scale; see `rmst_difference`."""
    with np.errstate(divide="ignore", invalid="ignore"):
        parts = [
            (float((np.sqrt(variance) / m.value) ** 2), df)
            for m, (variance, df) in ((m, _variance(m, small_sample)) for m in (mean, reference))
        ]
        logarithm = np.log(mean.value) - np.log(reference.value)
    on_log = _contrast(float(logarithm), parts[0][0] + parts[1][0], _welch(parts), confidence_level)
    low, high = on_log.interval
    return Contrast(float(np.exp(on_log.value)), Interval(np.exp(low), np.exp(high)), on_log.statistic, on_log.p_value)


def _variance(mean: RestrictedMean, small_sample: bool) -> tuple[float, float]:
    """Variance and degrees of freedom."""
    return (small_sample_variance(mean), mean.n_events - 1) if small_sample else (mean.variance, np.inf)


def _welch(parts: list[tuple[float, float]]) -> float:
    total = sum(variance for variance, _ in parts)
    if not 0 < total < np.inf:
        return np.inf
    spread = sum((variance / total) ** 2 / df for variance, df in parts if df > 0)
    return float(1 / spread) if spread > 0 else np.inf


def _quantile(df: float, confidence_level: float) -> float:
    return float(stdtrit(df, (1 + confidence_level) / 2)) if df > 0 else np.nan


def _contrast(value: float, variance: float, df: float, confidence_level: float) -> Contrast:
    if not variance > 0 or np.isnan(value):
        return Contrast(value, Interval(np.nan, np.nan), np.nan, np.nan)
    se = np.sqrt(variance)
    half_width, statistic = _quantile(df, confidence_level) * se, value / se
    tail = stdtr(df, -abs(statistic)) if np.isfinite(df) else ndtr(-abs(statistic))
    return Contrast(value, Interval(value - half_width, value + half_width), float(statistic), float(2 * tail))
