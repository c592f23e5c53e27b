"""Limits of agreement from independent mean squares: what lesions in patients and replicates have in common.

The variance of one difference is a sum of mean squares with known weights. Each brings its degrees of freedom, and the
intervals are put together from theirs (method of variance estimates recovery, MOVER).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.special import chdtri, ndtri, stdtr, stdtrit

from biomarker.kernels.interval import Interval

NAN = float("nan")
UNKNOWN = Interval(NAN, NAN)


class MeanSquare(NamedTuple):
    """A variance estimate that is a multiple of chi-square, and its weight in the sum."""

    value: float
    df: float
    weight: float = 1.0


class LimitsOfAgreement(NamedTuple):
    """Bias and limits on the scale of the differences given, each with its confidence interval."""

    bias: float
    bias_interval: Interval
    sd: float  # of one difference between single readings
    sd_interval: Interval
    lower: float
    lower_interval: Interval
    upper: float
    upper_interval: Interval
    statistic: float  # t test of no bias; NaN where differences do not vary
    df: float
    p_value: float
    n: int = 0  # items
    n_patients: int = 0
    sd_between: float = NAN  # between patients and within them; NaN where items are independent
    between_interval: Interval = UNKNOWN
    sd_within: float = NAN
    within_interval: Interval = UNKNOWN


def limits_from_mean_squares(
    bias: float,
    bias_variance: float,
    bias_df: float,
    parts: Sequence[MeanSquare],
    *,
    coverage: float = 0.95,
    confidence_level: float = 0.95,
) -> LimitsOfAgreement:
    """Limits of agreement where the variance of a difference is a weighted sum of mean squares, after Zou [1]_.

    Parameters
    ----------
    bias, bias_variance, bias_df : float
        Mean difference, its sampling variance and the degrees of freedom of that. Student's t stands in place of Zou's
        normal quantile, because trials have few patients.
    parts : sequence of MeanSquare
        Independent estimates; the variance of one difference is the sum of weight times value.
    coverage : float
        Share of differences that the limits are to hold.
    confidence_level : float
        Two-sided coverage of each interval, a fraction in (0, 1).

    Returns
    -------
    LimitsOfAgreement
        NaN where a mean square has no degrees of freedom and a weight.

    References
    ----------
    .. [1] Zou GY. Confidence interval estimation for the Bland-Altman limits of agreement with multiple observations
       per individual. Stat Methods Med Res 2013;22:630-642.

    Examples
    --------
    Systolic pressure by observer J and machine S, three readings each of 85 subjects, from the printed variances
    (Bland and Altman 1999, section 5.1): standard deviation 20.95, limits -56.68 to 25.44.

    >>> parts = [MeanSquare(358.493, 84), MeanSquare(37.408, 170, 2 / 3), MeanSquare(83.141, 170, 2 / 3)]
    >>> agreement = limits_from_mean_squares(-15.62, 358.493 / 85, 84, parts)
    >>> print(f"SD {agreement.sd:.2f}, limits {agreement.lower:.2f} to {agreement.upper:.2f}")
    SD 20.95, limits -56.68 to 25.44
    """
    parts = [part for part in parts if part.weight > 0]
    variance = sum(part.weight * part.value for part in parts)
    tail = (1 + confidence_level) / 2
    if bias_df < 1 or not all(part.df > 0 for part in parts):
        return undefined_limits(bias, bias_df)
    low, high = variance_interval(parts, confidence_level=confidence_level)
    half = float(stdtrit(bias_df, tail) * np.sqrt(bias_variance))
    z, sd = float(ndtri((1 + coverage) / 2)), float(np.sqrt(variance))
    outer = float(np.hypot(half, z * (np.sqrt(high) - sd)))
    inner = float(np.hypot(half, z * (sd - np.sqrt(low))))
    lower, upper = bias - z * sd, bias + z * sd
    statistic, p_value = no_bias_test(bias, float(np.sqrt(bias_variance)), bias_df)
    return LimitsOfAgreement(
        bias=bias,
        bias_interval=Interval(bias - half, bias + half),
        sd=sd,
        sd_interval=Interval(float(np.sqrt(low)), float(np.sqrt(high))),
        lower=lower,
        lower_interval=Interval(lower - outer, lower + inner),
        upper=upper,
        upper_interval=Interval(upper - inner, upper + outer),
        statistic=statistic,
        df=float(bias_df),
        p_value=p_value,
    )


def undefined_limits(bias: float, df: float) -> LimitsOfAgreement:
    """Give the bias alone, where nothing tells how far single differences lie from it."""
    return LimitsOfAgreement(
        bias, UNKNOWN, NAN, UNKNOWN, NAN, UNKNOWN, NAN, UNKNOWN, statistic=NAN, df=float(max(df, 0)), p_value=NAN
    )


def variance_interval(parts: Sequence[MeanSquare], *, confidence_level: float = 0.95) -> Interval:
    """Interval of a weighted sum of mean squares, weights of either sign, by MOVER from chi-square limits of each [1]_.

    Not below 0; NaN where a mean square has no degrees of freedom.

    References
    ----------
    .. [1] Zou GY, Donner A. Construction of confidence limits about effect measures: a general approach. Stat Med
       2008;27:1693-1702.

    Examples
    --------
    One mean square alone gives the chi-square interval of a variance:

    >>> low, high = variance_interval([MeanSquare(4.0, 16)])
    >>> print(f"{low:.3f} to {high:.3f}")
    2.219 to 9.265
    """
    if not all(part.df > 0 for part in parts):
        return UNKNOWN
    tail = (1 + confidence_level) / 2
    total = below = above = 0.0
    for value, df, weight in parts:
        term = weight * value
        # chdtri takes the upper tail: the larger quantile divides the lower limit
        down, up = 1 - df / chdtri(df, 1 - tail), df / chdtri(df, tail) - 1
        total += term
        below += (term * (down if weight > 0 else up)) ** 2
        above += (term * (up if weight > 0 else down)) ** 2
    return Interval(float(max(total - np.sqrt(below), 0.0)), float(max(total + np.sqrt(above), 0.0)))


def no_bias_test(bias: float, std_error: float, df: float) -> tuple[float, float]:
    """Give Student's t and p of the test that the mean difference is zero; NaN where differences do not vary."""
    if not std_error > 0:
        return NAN, NAN
    t = float(bias / std_error)
    return t, float(2 * stdtr(df, -abs(t)))
