"""Two or more correlations with one and the same variable compared: independent rows, from the coefficients alone.

The correlations of two markers with one outcome depend on each other through the correlation between the markers;
every formula here takes that into account.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtrc, ndtr, ndtri, stdtr

from biomarker.kernels.auc_interval import joint_test
from biomarker.kernels.interval import Interval

Floats = NDArray[np.float64]


class DifferenceTest(NamedTuple):
    """A test that correlations are equal: t or z for two (`df` is NaN for z), chi-square for several."""

    statistic: float
    df: float
    p_value: float


class OverlappingCorrelations(NamedTuple):
    """Correlations of an outcome with two markers, and of the two markers, on `n` rows."""

    first: float
    second: float
    between: float
    n: int

    @property
    def is_same(self) -> bool:
        """Whether the two markers are one and the same but for their scale."""
        return self.between > 1 - 1e-12 and abs(self.first - self.second) < 1e-12


NO_DIFFERENCE = DifferenceTest(0.0, float("nan"), 1.0)
UNDEFINED = DifferenceTest(float("nan"), float("nan"), float("nan"))


def williams_test(found: OverlappingCorrelations) -> DifferenceTest:
    """Test two overlapping correlations with Williams' modification of Hotelling's t [1]_, [2]_.

    Parameters
    ----------
    found : OverlappingCorrelations
        The three correlations and the number of rows.

    Returns
    -------
    DifferenceTest
        t on n - 3 degrees of freedom. NaN with fewer than four rows. Identical markers give 0 and p = 1.

    References
    ----------
    .. [1] Williams EJ. The comparison of regression variables. J R Stat Soc B 1959;21:396-399.
    .. [2] Steiger JH. Tests for comparing elements of a correlation matrix. Psychol Bull 1980;87:245-251.

    Examples
    --------
    The example of ``psych::r.test``: n = 103, correlations .4 and .5, between markers .1.

    >>> test = williams_test(OverlappingCorrelations(0.4, 0.5, 0.1, 103))
    >>> print(f"t = {test.statistic:.2f} on {test.df:g} df, p = {test.p_value:.2f}")
    t = -0.89 on 100 df, p = 0.37
    """
    r1, r2, between, n = found
    if not (n > 3 and np.isfinite([r1, r2, between]).all()):
        return UNDEFINED
    if found.is_same:
        return NO_DIFFERENCE._replace(df=float(n - 3))
    determinant = max(0.0, 1 - r1**2 - r2**2 - between**2 + 2 * r1 * r2 * between)
    mean = (r1 + r2) / 2
    below = 2 * determinant * (n - 1) / (n - 3) + mean**2 * (1 - between) ** 3
    if not below > 0:
        return UNDEFINED
    t = (r1 - r2) * np.sqrt((n - 1) * (1 + between) / below)
    return DifferenceTest(float(t), float(n - 3), float(2 * stdtr(n - 3, -abs(t))))


def steiger_test(found: OverlappingCorrelations) -> DifferenceTest:
    """Test two overlapping correlations with Steiger's Z, on Fisher's z with the covariance at their mean [1]_.

    References
    ----------
    .. [1] Steiger JH. Tests for comparing elements of a correlation matrix. Psychol Bull 1980;87:245-251, eq. 14.

    Examples
    --------
    >>> test = steiger_test(OverlappingCorrelations(0.4, 0.5, 0.1, 103))
    >>> print(f"z = {test.statistic:.2f}, p = {test.p_value:.2f}")
    z = -0.89, p = 0.37
    """
    r1, r2, between, n = found
    if found.is_same:
        return NO_DIFFERENCE
    below = 2 - 2 * pooled_covariance((r1 + r2) / 2, between)
    return _normal(_z(r1) - _z(r2), np.sqrt(below / (n - 3)) if n > 3 and below > 0 else np.nan)


def pooled_covariance(mean: float, between: float) -> float:
    """Return (n - 3) times the covariance of two overlapping Fisher z at one common correlation (Steiger 1980)."""
    if not abs(mean) < 1:
        return float("nan")
    squared = mean**2
    above = between * (1 - 2 * squared) - squared * (1 - 2 * squared - between**2) / 2
    return float(above / (1 - squared) ** 2)


def meng_test(found: OverlappingCorrelations, *, confidence_level: float = 0.95) -> tuple[DifferenceTest, Interval]:
    """Test of two overlapping correlations, and interval of the difference of their Fisher z [1]_.

    Returns
    -------
    tuple of DifferenceTest and Interval
        z test; limits of ``arctanh(first) - arctanh(second)``.

    References
    ----------
    .. [1] Meng XL, Rosenthal R, Rubin DB. Comparing correlated correlation coefficients. Psychol Bull
       1992;111:172-175.

    Examples
    --------
    >>> test, (low, high) = meng_test(OverlappingCorrelations(0.4, 0.5, 0.1, 103))
    >>> print(f"z = {test.statistic:.2f}, {low:.3f} to {high:.3f}")
    z = -0.89, -0.403 to 0.152
    """
    r1, r2, between, n = found
    if found.is_same:
        return NO_DIFFERENCE, Interval(0.0, 0.0)
    heterogeneity = _meng_h(np.array([r1, r2]), between)
    error = np.sqrt(2 * (1 - between) * heterogeneity / (n - 3)) if n > 3 and between < 1 else np.nan
    difference = _z(r1) - _z(r2)
    reach = ndtri((1 + confidence_level) / 2) * error
    return _normal(difference, error), Interval(float(difference - reach), float(difference + reach))


def zou_interval(found: OverlappingCorrelations, of_first: Interval, of_second: Interval) -> Interval:
    """Interval for the difference of two overlapping Pearson correlations from the interval of each [1]_.

    Parameters
    ----------
    found : OverlappingCorrelations
        The three correlations and the number of rows.
    of_first, of_second : Interval
        Fisher's z intervals of the two, at the level wanted.

    Returns
    -------
    Interval
        NaN where an interval is; (0, 0) for identical markers.

    References
    ----------
    .. [1] Zou GY. Toward using confidence intervals to compare correlations. Psychol Methods 2007;12:399-413.

    Examples
    --------
    Zou's example of overlapping correlations: n = 66.

    >>> from biomarker.kernels.correlation import fisher_interval
    >>> limits = [fisher_interval(r, 63**-0.5) for r in (0.396, 0.179)]
    >>> low, high = zou_interval(OverlappingCorrelations(0.396, 0.179, 0.088, 66), *limits)
    >>> print(f"{low:.3f}, {high:.3f}")
    -0.093, 0.517
    """
    r1, r2, between, _ = found
    if found.is_same:
        return Interval(0.0, 0.0)
    if not (abs(r1) < 1 and abs(r2) < 1):
        return Interval(float("nan"), float("nan"))
    above = (between - r1 * r2 / 2) * (1 - r1**2 - r2**2 - between**2) + between**3
    shared = above / ((1 - r1**2) * (1 - r2**2))
    return combined_interval((r1, r2), of_first, of_second, shared)


def combined_interval(
    values: tuple[float, float], of_first: Interval, of_second: Interval, correlation: float
) -> Interval:
    """Limits of the difference of two estimates from their own limits and their correlation (MOVER, Zou 2007).

    Examples
    --------
    >>> low, high = combined_interval((0.5, 0.2), Interval(0.3, 0.6), Interval(0.0, 0.5), 0.0)
    >>> print(f"{low:.3f}, {high:.3f}")
    -0.061, 0.524
    """
    r1, r2 = values

    def reach(first: float, second: float) -> float:
        return float(np.sqrt(max(0.0, first**2 + second**2 - 2 * correlation * first * second)))

    below = reach(r1 - of_first.low, of_second.high - r2)
    above = reach(of_first.high - r1, r2 - of_second.low)
    return Interval(r1 - r2 - below, r1 - r2 + above)


def meng_heterogeneity(correlations: ArrayLike, between: ArrayLike, n: int) -> DifferenceTest:
    """Test that several correlations with one variable are equal, as Meng, Rosenthal and Rubin do [1]_.

    Parameters
    ----------
    correlations : array_like of float, shape (k,)
        Of the outcome with each marker.
    between : array_like of float, shape (k, k)
        Correlations of the markers; their median stands for all.
    n : int
        Rows.

    Returns
    -------
    DifferenceTest
        Chi-square on k - 1 degrees of freedom.

    References
    ----------
    .. [1] Meng XL, Rosenthal R, Rubin DB. Psychol Bull 1992;111:172-175, eq. 6.

    Examples
    --------
    >>> test = meng_heterogeneity([0.4, 0.5, 0.2], np.full((3, 3), 0.1), 103)
    >>> print(f"{test.statistic:.2f} on {test.df:g} df")
    6.32 on 2 df
    """
    r, matrix = np.asarray(correlations, np.float64), np.asarray(between, np.float64)
    df = float(r.size - 1)
    typical = float(np.median(matrix[np.triu_indices(r.size, 1)]))
    scattered = np.sum((np.arctanh(r) - np.arctanh(r).mean()) ** 2) if np.all(np.abs(r) < 1) else np.nan
    if scattered == 0:
        return DifferenceTest(0.0, df, 1.0)
    below = (1 - typical) * _meng_h(r, typical)
    if not (n > 3 and below > 0 and np.isfinite(scattered)):
        return DifferenceTest(float("nan"), df, float("nan"))
    statistic = float((n - 3) * scattered / below)
    return DifferenceTest(statistic, df, float(chdtrc(df, statistic)))


def equality_test(correlations: ArrayLike, between: ArrayLike, n: int) -> DifferenceTest:
    """Test that several correlations with one variable are equal: chi-square of contrasts of Fisher z [1]_.

    The quadratic form of the differences from the last marker, in their covariance at the mean correlation; for two
    markers it is the square of Steiger's Z.

    Parameters
    ----------
    correlations : array_like of float, shape (k,)
        Of the outcome with each marker.
    between : array_like of float, shape (k, k)
        Correlations of the markers.
    n : int
        Rows.

    References
    ----------
    .. [1] Steiger JH. Psychol Bull 1980;87:245-251, eq. 18; after Olkin I, Finn JD. Psychol Bull 1990;108:330-333.

    Examples
    --------
    >>> two = equality_test([0.4, 0.5], [[1, 0.1], [0.1, 1]], 103)
    >>> print(f"{two.statistic**0.5:.2f} on {two.df:g} df, p = {two.p_value:.2f}")
    0.89 on 1 df, p = 0.37
    """
    r, matrix = np.asarray(correlations, np.float64), np.asarray(between, np.float64)
    k = r.size
    if not (n > 3 and np.all(np.abs(r) < 1)):
        return UNDEFINED
    mean = float(r.mean())
    covariance = np.array(
        [[1.0 if i == j else pooled_covariance(mean, matrix[i, j]) for j in range(k)] for i in range(k)]
    )
    contrast = np.column_stack((np.eye(k - 1), -np.ones(k - 1)))
    test = joint_test(contrast @ np.arctanh(r), contrast @ covariance @ contrast.T / (n - 3))
    return DifferenceTest(*test)


def _z(value: float) -> float:
    return float(np.arctanh(value)) if abs(value) < 1 else float("nan")


def _meng_h(correlations: Floats, between: float) -> float:
    squared = float(np.mean(correlations**2))
    if not squared < 1:
        return float("nan")
    f = min(1.0, (1 - between) / (2 * (1 - squared)))
    return (1 - f * squared) / (1 - squared)


def _normal(difference: float, error: float) -> DifferenceTest:
    if not (np.isfinite(difference) and error > 0):
        return UNDEFINED
    statistic = difference / error
    return DifferenceTest(float(statistic), float("nan"), float(2 * ndtr(-abs(statistic))))
