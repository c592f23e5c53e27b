"""Tests of three or more groups, and of pairs, from published means, standard deviations and sizes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import fdtrc

from biomarker.kernels.group_difference import TTest, t_test
from biomarker.kernels.interval import Interval


class VarianceAnalysis(NamedTuple):
    """An F statistic, its two degrees of freedom and p."""

    statistic: float
    df: float
    df_residual: float
    p_value: float


def anova_from_summary(
    means: ArrayLike, sds: ArrayLike, sizes: ArrayLike, *, equal_variance: bool = False
) -> VarianceAnalysis:
    """One-way analysis of variance from means, standard deviations and sizes: Welch's [1]_, or the classical one.

    Parameters
    ----------
    means, sds, sizes : array_like of float, shape (k,)
        Of two groups or more.
    equal_variance : bool
        Pool the variances; otherwise Welch's test.

    Returns
    -------
    VarianceAnalysis
        NaN with fewer than two values in a group, or without variation in one (pooled: in all).

    Raises
    ------
    ValueError
        If a standard deviation is negative, or shapes differ.

    References
    ----------
    .. [1] Welch BL. Biometrika 1951;38:330-336.

    Examples
    --------
    >>> test = anova_from_summary([7.83, 5.73], [2.333, 1.994], [18, 18], equal_variance=True)
    >>> round(test.statistic, 2), round(test.p_value, 4)
    (8.43, 0.0064)
    """
    m, s, n = (np.asarray(each, dtype=np.float64) for each in (means, sds, sizes))
    if m.ndim != 1 or m.shape != s.shape or m.shape != n.shape or m.size < 2:
        raise ValueError("one mean, standard deviation and size for each of two groups or more")
    if np.any(s < 0):
        raise ValueError("a standard deviation is not negative")
    df = float(m.size - 1)
    if np.any(n < 2) or (np.any(s == 0) if not equal_variance else not np.any(s > 0)):
        return VarianceAnalysis(np.nan, df, np.nan, np.nan)
    if equal_variance:
        residual = float(n.sum() - m.size)
        within = float(np.sum((n - 1) * s**2)) / residual
        statistic = float(np.sum(n * (m - np.average(m, weights=n)) ** 2)) / df / within
    else:
        weights = n / s**2
        spread = float(np.sum((1 - weights / weights.sum()) ** 2 / (n - 1)))
        between = float(np.sum(weights * (m - np.average(m, weights=weights)) ** 2)) / df
        statistic = between / (1 + 2 * (df - 1) / (df * (df + 2)) * spread)
        residual = df * (df + 2) / (3 * spread)
    return VarianceAnalysis(statistic, df, residual, float(fdtrc(df, residual, statistic)))


def paired_t_from_summary(
    mean_1: float,
    sd_1: float,
    mean_2: float,
    sd_2: float,
    n: int,
    correlation: float,
    *,
    confidence_level: float = 0.95,
) -> TTest:
    """Paired t test from the summaries of both measurements and the correlation between them.

    Parameters
    ----------
    mean_1, sd_1, mean_2, sd_2 : float
        Means and standard deviations.
    n : int
        Pairs.
    correlation : float
        Pearson correlation of the two measurements, -1 to 1.
    confidence_level : float
        Two-sided coverage, a fraction in (0, 1).

    Returns
    -------
    TTest
        Of ``mean_1 - mean_2``; NaN with fewer than two pairs or where differences would not vary.

    Raises
    ------
    ValueError
        If a standard deviation is negative or the correlation out of range.

    Examples
    --------
    Student's sleep data: means 0.75 and 2.33, SD 1.789010 and 2.002249, r = 0.7951702; t = -4.0621.

    >>> round(paired_t_from_summary(0.75, 1.789010, 2.33, 2.002249, 10, 0.7951702).statistic, 4)
    -4.0621
    """
    if min(sd_1, sd_2) < 0 or not -1 <= correlation <= 1:
        raise ValueError("standard deviations are not negative, and a correlation lies between -1 and 1")
    difference = mean_1 - mean_2
    variance = sd_1**2 + sd_2**2 - 2 * correlation * sd_1 * sd_2
    if n < 2 or variance <= 1e-14 * (sd_1**2 + sd_2**2):
        return TTest(difference, np.nan, Interval(np.nan, np.nan), np.nan, np.nan, np.nan)
    return t_test(difference, float(np.sqrt(variance / n)), float(n - 1), confidence_level=confidence_level)
