"""A log-normal sample with values known only to lie below a limit: mean, geometric mean and spread by likelihood."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import log_ndtr, stdtrit

from biomarker.kernels.describe import cluster_codes, one_way_icc
from biomarker.kernels.interval import Interval

Floats = NDArray[np.float64]
_MOST_REFITTED = 200  # clusters: with more the sandwich and the jackknife agree


class CensoredLognormal(NamedTuple):
    """Mean and SD of the logarithms by maximum likelihood, with their covariance.

    Attributes
    ----------
    mu, sigma : float
        Of the natural logarithms; NaN where fewer than two different values are known.
    covariance : ndarray of float, shape (2, 2)
        Of `mu` and log `sigma`; robust to clusters where they were given.
    df : float
        Of t limits: values less one; with clusters those of `jackknife_df`.
    log_likelihood : float
        Of the logarithms.
    """

    mu: float
    sigma: float
    covariance: Floats
    df: float
    log_likelihood: float


def fit_censored_lognormal(
    value: ArrayLike, is_below: ArrayLike, cluster: ArrayLike | None = None
) -> CensoredLognormal:
    """Fit a log-normal distribution to values of which some lie below a limit [1]_.

    The covariance is the inverse information times n / (n - 1), so that with no value below the limit intervals of the
    geometric mean are those of Student's t. With clusters it is the jackknife over them, (K - 1) / K times the sum of
    squares of the changes that leaving one out makes; with more than 200 of them, or where one left out leaves nothing
    to estimate, the sandwich of scores summed in each.

    Limits then have the degrees of freedom of `jackknife_df`, at the correlation of the logarithms within clusters
    (those below the limit taken at it). With K - 1 in their place, intervals of the mean of 10 to 40 patients with 1 to
    some 20 lesions each held in 89 to 96 % of simulated studies; with these in 93 to 98 %. Jackknifing the mean itself
    or joining limits of `mu` and of `sigma` did no better at equal degrees of freedom.

    Parameters
    ----------
    value : array_like of float, shape (n,)
        Positive: the value, or the limit it lies below.
    is_below : array_like of bool, shape (n,)
    cluster : array_like, shape (n,), optional

    Returns
    -------
    CensoredLognormal

    Raises
    ------
    ValueError
        If a value is not positive, or the iteration does not end.

    References
    ----------
    .. [1] Cohen AC. Technometrics 1959;1:217-237.

    Examples
    --------
    >>> fit = fit_censored_lognormal([0.5, 0.5, 0.7, 1.1, 2.0, 3.9], [True, True, False, False, False, False])
    >>> print(f"geometric mean {np.exp(fit.mu):.2f}")
    geometric mean 0.86
    """
    x, below = np.asarray(value, dtype=np.float64), np.asarray(is_below, dtype=bool)
    if x.ndim != 1 or x.shape != below.shape or not np.all(x > 0) or not np.isfinite(x).all():
        raise ValueError("values are positive and finite, each with whether it lies below the limit")
    y = np.log(x)
    codes, n_units = cluster_codes(np.arange(y.size) if cluster is None else cluster, y.size)
    if np.unique(y[~below]).size < 2:
        return CensoredLognormal(np.nan, np.nan, np.full((2, 2), np.nan), np.nan, np.nan)
    theta = _maximum(y, below)
    scores, information, log_likelihood = _derivatives(theta, y, below)
    bread = np.linalg.inv(information)
    if n_units < 2:
        covariance = np.full((2, 2), np.nan)
    elif n_units == y.size:
        covariance = bread * y.size / (y.size - 1)
    else:
        refitted = _without_each(y, below, codes, n_units)
        if refitted is None:
            sums = np.array([np.bincount(codes, column) for column in scores.T]).T
            covariance = bread @ (sums.T @ sums) @ bread * n_units / (n_units - 1)
        else:
            covariance = (n_units - 1) / n_units * (refitted - theta).T @ (refitted - theta)
    if n_units in (1, y.size):
        df = n_units - 1.0
    else:
        icc = float(np.clip(np.nan_to_num(one_way_icc(y, codes), nan=1.0), 0, 1))
        df = jackknife_df(np.bincount(codes), icc)
    return CensoredLognormal(float(theta[0]), float(np.exp(theta[1])), covariance, df, log_likelihood)


def jackknife_df(sizes: ArrayLike, icc: float) -> float:
    """Return Satterthwaite's degrees of freedom of the jackknife variance of a mean over clusters of unequal size.

    The variance is a sum of squares of normal variables, correlated since they are deviations from one mean; twice its
    squared expectation over its variance are the degrees of freedom [1]_. Clusters of equal size give K - 1; where a
    few hold most of the values there are far fewer [2]_.

    Parameters
    ----------
    sizes : array_like of int, shape (K,)
        Values in each cluster, K of 2 or more.
    icc : float
        Correlation within clusters, in [0, 1].

    Returns
    -------
    float

    References
    ----------
    .. [1] Satterthwaite FE. Biometrics Bull 1946;2:110-114.
    .. [2] Bell RM, McCaffrey DF. Surv Methodol 2002;28:169-181.

    Examples
    --------
    >>> round(jackknife_df([3, 3, 3, 3, 3], 0.5), 6), round(jackknife_df([1, 2, 3, 10, 20], 0.5), 2)
    (4.0, 1.15)
    """
    n = np.asarray(sizes, dtype=np.float64)
    share, own = n / n.sum(), icc + (1 - icc) / n  # weight in the mean, and variance of each cluster's mean
    moved = (share / (1 - share)) ** 2  # of the squared change that leaving the cluster out makes
    common = share**2 @ own / 2 - share * own  # covariance of two deviations is the sum of these
    trace = moved @ (own + 2 * common)
    squared = moved**2 @ (own**2 + 4 * own * common) + 2 * moved.sum() * (moved @ common**2) + 2 * (moved @ common) ** 2
    return float(trace**2 / squared)


def _without_each(y: Floats, below: NDArray[np.bool_], codes: NDArray[np.intp], n_units: int) -> Floats | None:
    """Return mu and log sigma with each cluster left out; None where one of these fits cannot be had."""
    if n_units > _MOST_REFITTED:
        return None
    found = []
    for unit in range(n_units):
        kept = codes != unit
        if np.unique(y[kept & ~below]).size < 2:
            return None
        found.append(_maximum(y[kept], below[kept]))
    return np.array(found)


def geometric_mean_interval(fit: CensoredLognormal, *, confidence_level: float = 0.95) -> Interval:
    """Return t limits of the geometric mean, ``exp(mu)``."""
    return _limits(fit, fit.mu, np.array([1.0, 0.0]), confidence_level)


def mean_interval(fit: CensoredLognormal, *, confidence_level: float = 0.95) -> Interval:
    """Return t limits of the mean, ``exp(mu + sigma² / 2)``, on the logarithmic scale (Cox's method)."""
    return _limits(fit, fit.mu + fit.sigma**2 / 2, np.array([1.0, fit.sigma**2]), confidence_level)


def sigma_interval(fit: CensoredLognormal, *, confidence_level: float = 0.95) -> Interval:
    """Return t limits of the SD of the logarithms, on the scale of its logarithm."""
    return _limits(fit, np.log(fit.sigma), np.array([0.0, 1.0]), confidence_level)


def _limits(fit: CensoredLognormal, centre: float, gradient: Floats, confidence_level: float) -> Interval:
    if not np.isfinite(fit.covariance).all():
        return Interval(np.nan, np.nan)
    half_width = stdtrit(fit.df, (1 + confidence_level) / 2) * np.sqrt(gradient @ fit.covariance @ gradient)
    return Interval(float(np.exp(centre - half_width)), float(np.exp(centre + half_width)))


def _maximum(y: Floats, below: NDArray[np.bool_]) -> Floats:
    """Return mu and log sigma of the highest likelihood, by Newton's method with step halving."""
    theta = np.array([y.mean(), np.log(y.std() + 1e-12)])
    for _ in range(200):
        scores, information, height = _derivatives(theta, y, below)
        slope = scores.sum(axis=0)
        if not np.all(np.linalg.eigvalsh(information) > 0):  # far off the top: go uphill
            information = np.diag(np.maximum(np.abs(np.diag(information)), 1.0))
        step = np.linalg.solve(information, slope)
        if slope @ step < 1e-18 * y.size:
            return theta
        step *= min(1.0, 2.0 / float(np.max(np.abs(step))))
        while _derivatives(theta + step, y, below)[2] < height and np.max(np.abs(step)) > 1e-14:
            step /= 2
        theta = theta + step
        if np.max(np.abs(step)) <= 1e-13:
            return theta
    raise ValueError("the likelihood of the censored values has no maximum that could be found")


def _derivatives(theta: Floats, y: Floats, below: NDArray[np.bool_]) -> tuple[Floats, Floats, float]:
    """Return scores by row, minus the matrix of second derivatives, and the log-likelihood."""
    sigma = float(np.exp(theta[1]))
    z = (y - theta[0]) / sigma
    log_share = log_ndtr(z)
    hazard = np.exp(-(z**2) / 2 - np.log(2 * np.pi) / 2 - log_share)
    curve = -hazard * (z + hazard)
    scores = np.where(
        below[:, None], np.column_stack([-hazard / sigma, -hazard * z]), np.column_stack([z / sigma, z**2 - 1])
    )
    by_mean = np.where(below, curve, -1.0) / sigma**2
    crossed = np.where(below, curve * z + hazard, -2 * z) / sigma
    by_spread = np.where(below, curve * z**2 + hazard * z, -2 * z**2)
    information = -np.array([[by_mean.sum(), crossed.sum()], [crossed.sum(), by_spread.sum()]])
    likelihood = np.where(below, log_share, -theta[1] - z**2 / 2 - np.log(2 * np.pi) / 2)
    return scores, information, float(likelihood.sum())
