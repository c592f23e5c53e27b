"""Intervals and tests for areas under ROC curves, given the areas and their covariance."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtrc, expit, fdtrc, logit, ndtr, ndtri, stdtr, stdtrit

from biomarker.kernels.interval import Interval

Floats = NDArray[np.float64]


def critical_value(confidence_level: float, df: float = np.inf) -> float:
    """Two-sided quantile of Student's t, or of the normal distribution when ``df`` is infinite.

    Examples
    --------
    >>> print(f"{critical_value(0.95):.4f} {critical_value(0.95, df=9):.4f}")
    1.9600 2.2622
    """
    if not 0 < confidence_level < 1:
        raise ValueError("confidence_level is a fraction between 0 and 1")
    probability = (1 + confidence_level) / 2
    return float(ndtri(probability) if np.isinf(df) else stdtrit(df, probability))


def auc_interval(
    auc: float,
    variance: float,
    *,
    n_positive: int,
    n_negative: int,
    df: float = np.inf,
    confidence_level: float = 0.95,
    method: Literal["logit", "wald"] = "logit",
) -> Interval:
    """Interval for one area, on the logit scale unless asked otherwise.

    Where the variance is 0 or unknown, as it is when the area is 0 or 1, when the marker is constant or when a class
    has a single row, the score interval of :func:`newcombe_auc_interval` stands in.

    Parameters
    ----------
    auc : float
        Area in [0, 1].
    variance : float
        Its variance, from DeLong, Hanley-McNeil or Obuchowski.
    n_positive, n_negative : int
        Independent units of each class: rows, or patients when lesions are nested in them.
    df : float
        Degrees of freedom of the variance; infinite uses the normal distribution.
    confidence_level : float
        Two-sided coverage, a fraction in (0, 1).
    method : {"logit", "wald"}
        Logit intervals stay within (0, 1) and cover better in small samples; Wald limits are cut at 0 and 1.

    Returns
    -------
    Interval
        Fractions in [0, 1].

    Raises
    ------
    ValueError
        If the area is outside [0, 1] or the method is unknown.

    References
    ----------
    .. [1] Pepe MS. The statistical evaluation of medical tests for classification and prediction. Oxford University
       Press 2003, section 5.2.4.
    .. [2] Qin G, Hotilovac L. Comparison of non-parametric confidence intervals for the area under the ROC curve of a
       continuous-scale diagnostic test. Stat Methods Med Res 2008;17:207-221.

    Examples
    --------
    >>> low, high = auc_interval(0.8932, 0.0307**2, n_positive=51, n_negative=58)
    >>> print(f"{low:.3f} to {high:.3f}")
    0.817 to 0.940
    """
    if not 0 <= auc <= 1:
        raise ValueError("an area lies between 0 and 1")
    if method not in ("logit", "wald"):
        raise ValueError(f"interval method must be 'logit' or 'wald', not {method!r}")
    if not variance > 0 or auc in (0.0, 1.0):
        return newcombe_auc_interval(auc, n_positive, n_negative, df=df, confidence_level=confidence_level)
    reach = critical_value(confidence_level, df) * float(np.sqrt(variance))
    if method == "wald":
        return Interval(max(auc - reach, 0.0), min(auc + reach, 1.0))
    centre, reach = float(logit(auc)), reach / (auc * (1 - auc))
    return Interval(float(expit(centre - reach)), float(expit(centre + reach)))


def newcombe_auc_interval(
    auc: float, n_positive: int, n_negative: int, *, df: float = np.inf, confidence_level: float = 0.95
) -> Interval:
    """Score-type interval for an area that needs no variance: Newcombe's method 5 [1]_.

    The limits are the areas whose own Hanley-McNeil variance, with both sample sizes in its numerator replaced by
    their mean, puts the observed area just at the critical distance. They stay usable at an area of 0 or 1.

    Parameters
    ----------
    auc : float
        Area in [0, 1].
    n_positive, n_negative : int
        Independent units of each class, at least 1.
    df : float
        Degrees of freedom; infinite uses the normal distribution.
    confidence_level : float
        Two-sided coverage, a fraction in (0, 1).

    Returns
    -------
    Interval
        Fractions in [0, 1].

    References
    ----------
    .. [1] Newcombe RG. Confidence intervals for an effect size measure based on the Mann-Whitney statistic. Part 2:
       asymptotic methods and evaluation. Stat Med 2006;25:559-573.

    Examples
    --------
    >>> low, high = newcombe_auc_interval(1.0, 20, 20)
    >>> print(f"{low:.3f} to {high:.3f}")
    0.899 to 1.000
    """
    if not 0 <= auc <= 1 or n_positive < 1 or n_negative < 1:
        raise ValueError("need an area in [0, 1] and at least one unit of each class")
    z = critical_value(confidence_level, df)

    def outside(area: float) -> bool:
        return (area - auc) ** 2 > z**2 * _newcombe_variance(area, n_positive, n_negative)

    low = 0.0 if auc == 0 else _edge(outside, 0.0, auc)
    high = 1.0 if auc == 1 else _edge(outside, 1.0, auc)
    return Interval(low, high)


def _newcombe_variance(area: float, n_positive: int, n_negative: int) -> float:
    mean_size = (n_positive + n_negative) / 2
    inflation = 1 + (mean_size - 1) * ((1 - area) / (2 - area) + area / (1 + area))
    return area * (1 - area) * inflation / (n_positive * n_negative)


def _edge(outside: Callable[[float], bool], outer: float, inner: float) -> float:
    """Halve the bracket until it is as narrow as a float can tell."""
    while True:
        middle = (outer + inner) / 2
        if middle in (outer, inner):
            return middle
        if outside(middle):
            outer = middle
        else:
            inner = middle


class AreaTest(NamedTuple):
    """A test of differences between areas. ``df`` is that of the numerator, or of Student's t for one difference."""

    statistic: float
    df: float
    p_value: float


def difference_test(difference: float, variance: float, *, df: float = np.inf) -> AreaTest:
    """Test one difference against 0, with the normal distribution or Student's t.

    Parameters
    ----------
    difference, variance : float
        Of two areas. Both exactly 0, as for identical markers, give a statistic of 0 and p = 1.
    df : float
        Degrees of freedom; infinite uses the normal distribution.

    Returns
    -------
    AreaTest
        NaN statistic and p-value where a difference has no variance, or an unknown one.

    Examples
    --------
    >>> difference_test(0.0, 0.0)
    AreaTest(statistic=0.0, df=inf, p_value=1.0)
    """
    if difference == 0 and variance == 0:
        return AreaTest(0.0, df, 1.0)
    if not variance > 0:
        return AreaTest(float("nan"), df, float("nan"))
    statistic = difference / float(np.sqrt(variance))
    tail = ndtr(-abs(statistic)) if np.isinf(df) else stdtr(df, -abs(statistic))
    return AreaTest(statistic, df, float(2 * tail))


def joint_test(differences: ArrayLike, covariance: ArrayLike, *, df: float = np.inf) -> AreaTest:
    """Test that several contrasts of areas are all 0.

    The statistic is the quadratic form in a generalised inverse, so redundant contrasts do no harm. With finite
    ``df`` its p-value is Hotelling's, that is F with (rank, df - rank + 1) degrees of freedom, which for one contrast
    is Student's t.

    Parameters
    ----------
    differences : array_like of float, shape (r,)
        Contrasts of areas.
    covariance : array_like of float, shape (r, r)
        Their covariance.
    df : float
        Degrees of freedom of the covariance: patients less 1 when nested, infinite for chi-square.

    Returns
    -------
    AreaTest
        ``df`` is the rank. All contrasts exactly 0 without variance give a statistic of 0 on 0 df and p = 1; a
        difference without variance, an unknown covariance or too few patients give NaN.

    Examples
    --------
    >>> test = joint_test([0.1, 0.1], [[0.01, 0.01], [0.01, 0.01]])
    >>> f"{test.statistic:.3f} on {test.df:g} df, p = {test.p_value:.4f}"
    '1.000 on 1 df, p = 0.3173'
    """
    d, matrix = np.asarray(differences, np.float64), np.asarray(covariance, np.float64)
    nan = float("nan")
    if not (np.isfinite(d).all() and np.isfinite(matrix).all()):
        return AreaTest(nan, nan, nan)
    roots, vectors = np.linalg.eigh(matrix)
    kept = roots > max(roots.max(initial=0.0), 0.0) * len(d) * 1e-10
    along = vectors.T @ d
    rank = int(kept.sum())
    # 1e-7 of the length: what rounding leaves of a direction that has no variance, the root of the cut above aside
    if np.abs(along[~kept]).max(initial=0.0) > 1e-7 * max(float(np.abs(d).max(initial=0.0)), 1e-12):
        return AreaTest(nan, rank, nan)
    statistic = float((along[kept] ** 2 / roots[kept]).sum())
    if rank == 0:
        return AreaTest(0.0, 0, 1.0)
    if np.isinf(df):
        return AreaTest(statistic, rank, float(chdtrc(rank, statistic)))
    below = df - rank + 1
    if below < 1:
        return AreaTest(statistic, rank, nan)
    return AreaTest(statistic, rank, float(fdtrc(rank, below, statistic * below / (df * rank))))


def satterthwaite_df(variances: ArrayLike, dfs: ArrayLike) -> float:
    """Degrees of freedom of a sum of independent variances, after Welch and Satterthwaite [1]_.

    References
    ----------
    .. [1] Satterthwaite FE. An approximate distribution of estimates of variance components. Biometrics Bull
       1946;2:110-114.

    Examples
    --------
    >>> satterthwaite_df([1.0, 1.0], [9, 9])
    18.0
    """
    v, n = np.asarray(variances, np.float64), np.asarray(dfs, np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):  # no variance at all gives NaN
        return float(v.sum() ** 2 / (v**2 / n).sum())


def difference_interval(
    first: float,
    second: float,
    variance: float,
    *,
    of_first: Interval,
    of_second: Interval,
    df: float = np.inf,
    confidence_level: float = 0.95,
) -> Interval:
    """Interval for ``first - second``: the difference give or take its standard error, cut at -1 and 1.

    Where the difference has no variance, as when both areas are 1, the limits of the two areas are combined as for
    independent estimates (MOVER [1]_), which is cautious.

    Parameters
    ----------
    first, second : float
        Areas in [0, 1].
    variance : float
        Of their difference.
    of_first, of_second : Interval
        Their own intervals, used only without a variance.
    df : float
        Degrees of freedom; infinite uses the normal distribution.
    confidence_level : float
        Two-sided coverage, a fraction in (0, 1).

    Returns
    -------
    Interval
        Differences in [-1, 1].

    References
    ----------
    .. [1] Zou GY, Donner A. Construction of confidence limits about effect measures: a general approach. Stat Med
       2008;27:1693-1702.

    Examples
    --------
    >>> low, high = difference_interval(1.0, 1.0, 0.0, of_first=Interval(0.9, 1.0), of_second=Interval(0.8, 1.0))
    >>> print(f"{low:.1f} to {high:.1f}")
    -0.1 to 0.2
    """
    difference = first - second
    if variance > 0:
        reach = critical_value(confidence_level, df) * float(np.sqrt(variance))
        return Interval(max(difference - reach, -1.0), min(difference + reach, 1.0))
    below = float(np.hypot(first - of_first.low, of_second.high - second))
    above = float(np.hypot(of_first.high - first, second - of_second.low))
    return Interval(difference - below, difference + above)
