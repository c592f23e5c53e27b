"""The linear mixed model with one random intercept per patient, fitted by REML.

The variance ratio is the only parameter that needs a search, and the rest is algebra on sums over patients, so the fit
is exact and cannot stop short: at a zero between-patient variance, where general mixed-model optimisers stall or
warn, it simply gives least squares.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq
from scipy.special import fdtrc

from biomarker.kernels.describe import cluster_codes, finite_sample
from biomarker.kernels.group_difference import TTest, t_test
from biomarker.kernels.interval import Interval

Floats = NDArray[np.float64]

# Search grid of the intraclass correlation; the ratio of variances is rho / (1 - rho).
ROUNDING = 1e-13  # residuals no larger than this share of the values are none
_GRID = np.concatenate([np.linspace(0, 0.98, 50), 1 - np.logspace(-2, -9, 30)])


class RandomIntercept(NamedTuple):
    """Fixed effects with their covariance, and the two variances."""

    coefficients: Floats
    covariance: Floats
    between_variance: float
    within_variance: float
    icc: float
    n_clusters: int


class FTest(NamedTuple):
    """A joint test of several contrasts."""

    statistic: float
    df: float
    df_residual: float
    p_value: float


class _Sums(NamedTuple):
    """Cross-products over all rows and sums within each patient: all that the likelihood needs."""

    xx: Floats
    xy: Floats
    yy: float
    x_totals: Floats
    y_totals: Floats
    sizes: Floats
    n: int


class _Fit(NamedTuple):
    """Shapes (g, p), (g, p, p), (g,), (g,), (g,) at g ratios."""

    beta: Floats
    inverse: Floats
    residual: Floats
    deviance: Floats
    slope: Floats


def random_intercept(values: ArrayLike, design: ArrayLike, cluster: ArrayLike) -> RandomIntercept:
    """Fit ``values = design @ beta + b[cluster] + error`` by restricted maximum likelihood [1]_.

    Parameters
    ----------
    values : array_like of float, shape (n,)
        The outcome, most often log uptake.
    design : array_like of float, shape (n, p)
        Fixed effects, of full column rank; an intercept is a column of ones.
    cluster : array_like, shape (n,)
        The patient of each row.

    Returns
    -------
    RandomIntercept
        `icc` is between / (between + within) variance; 0 when the likelihood is highest at no variation between
        patients, and when no patient has two rows, so that the two variances cannot be told apart.

    Raises
    ------
    ValueError
        If the design is not of full rank or leaves no patient over (K <= p).

    References
    ----------
    .. [1] Laird NM, Ware JH. Random-effects models for longitudinal data. Biometrics 1982;38:963-974.

    Examples
    --------
    >>> fit = random_intercept([1.0, 1.2, 3.0, 3.2, 2.1, 2.5], np.ones((6, 1)), ["a", "a", "b", "b", "c", "c"])
    >>> round(float(fit.coefficients[0]), 3), round(fit.icc, 3)
    (2.167, 0.961)
    """
    y = finite_sample(values)
    x = np.asarray(design, dtype=np.float64)
    if x.ndim != 2 or x.shape[0] != y.size:
        raise ValueError("design needs one row per value")
    codes, n_clusters = cluster_codes(cluster, y.size)
    p = x.shape[1]
    if n_clusters <= p or np.linalg.matrix_rank(x) < p:
        raise ValueError(f"{n_clusters} patients cannot carry {p} separate fixed effects")
    # working with least-squares residuals keeps small variation about a large mean from cancelling away
    start: Floats = np.asarray(np.linalg.lstsq(x, y)[0], dtype=np.float64)
    left = y - x @ start
    if np.abs(left).max() <= ROUNDING * np.abs(y).max():
        left = np.zeros_like(left)
    if _one_value_a_patient(left, x, codes):
        return _collapsed(start, left, x, codes, n_clusters)
    sums = _sums(left, x, codes, n_clusters)
    ratio = 0.0 if n_clusters == y.size else _variance_ratio(sums)
    fit = _at(sums, ratio)
    within = float(fit.residual[0]) / (y.size - p)
    return RandomIntercept(
        start + fit.beta[0], within * fit.inverse[0], ratio * within, within, ratio / (1 + ratio), n_clusters
    )


def _one_value_a_patient(left: Floats, x: Floats, codes: NDArray[np.intp]) -> bool:
    """Return whether lesions of a patient are all alike, outcome and design, though patients have several."""
    rows = np.column_stack([left, x])
    first = np.unique(codes, return_index=True)[1]
    repeated = bool(first.size < codes.size)
    scale = np.abs(left).max(initial=0.0)
    tolerance = np.concatenate([[1e-10 * scale], np.zeros(x.shape[1])])
    return repeated and bool(np.all(np.abs(rows - rows[first][codes]) <= tolerance))


def _collapsed(start: Floats, left: Floats, x: Floats, codes: NDArray[np.intp], n_clusters: int) -> RandomIntercept:
    """Fit one row per patient: REML has no maximum when lesions of a patient do not differ."""
    first = np.unique(codes, return_index=True)[1]
    beta = np.linalg.lstsq(x[first], left[first])[0]
    variance = float(np.sum((left[first] - x[first] @ beta) ** 2)) / (n_clusters - x.shape[1])
    covariance = variance * np.linalg.inv(x[first].T @ x[first])
    icc = 1.0 if variance > 0 else float("nan")
    return RandomIntercept(start + beta, covariance, variance, 0.0, icc, n_clusters)


def _sums(y: Floats, x: Floats, codes: NDArray[np.intp], n_clusters: int) -> _Sums:
    x_totals = np.zeros((n_clusters, x.shape[1]))
    np.add.at(x_totals, codes, x)
    y_totals = np.bincount(codes, y, minlength=n_clusters).astype(np.float64)
    sizes = np.bincount(codes, minlength=n_clusters)
    return _Sums(x.T @ x, x.T @ y, float(y @ y), x_totals, y_totals, sizes.astype(np.float64), y.size)


def _at(sums: _Sums, ratios: ArrayLike) -> _Fit:
    """Return generalised least squares, REML deviance and its derivative at each of several ratios of variances."""
    ratio = np.atleast_1d(np.asarray(ratios, dtype=np.float64))[:, None]
    inflation = 1 + sums.sizes * ratio
    shrink = ratio / inflation
    information = sums.xx - np.einsum("gk,ki,kj->gij", shrink, sums.x_totals, sums.x_totals)
    right = sums.xy - (shrink * sums.y_totals) @ sums.x_totals
    inverse = np.linalg.inv(information)
    beta = np.einsum("gij,gj->gi", inverse, right)
    residual = np.maximum(sums.yy - shrink @ sums.y_totals**2 - np.sum(beta * right, axis=1), 0.0)
    df = sums.n - sums.xx.shape[0]
    with np.errstate(divide="ignore", invalid="ignore"):  # a residual of nothing has no deviance to speak of
        deviance = df * np.log(residual) + np.sum(np.log(inflation), axis=1) + np.linalg.slogdet(information)[1]
        totals = sums.y_totals - beta @ sums.x_totals.T
        leverage = np.einsum("ki,gij,kj->gk", sums.x_totals, inverse, sums.x_totals)
        slope = np.sum(sums.sizes / inflation - leverage / inflation**2, axis=1)
        slope -= df * np.sum(totals**2 / inflation**2, axis=1) / residual
    return _Fit(beta, inverse, residual, deviance, slope)


def _variance_ratio(sums: _Sums) -> float:
    """Return the ratio of variances at the lowest REML deviance: best grid point, then the slope's root."""
    ratios = _GRID / (1 - _GRID)
    fits = _at(sums, ratios)
    if not np.isfinite(fits.deviance).all():
        return 0.0
    best = int(np.argmin(fits.deviance))
    low, high = max(best - 1, 0), min(best + 1, ratios.size - 1)
    if best == 0 and fits.slope[0] >= 0:
        return 0.0
    if not fits.slope[low] < 0 < fits.slope[high]:
        return float(ratios[best])
    root = brentq(lambda ratio: _at(sums, ratio).slope[0], ratios[low], ratios[high], xtol=1e-14, rtol=1e-13)
    return float(root)


def contrast(fit: RandomIntercept, weights: ArrayLike, *, confidence_level: float = 0.95) -> TTest:
    """Estimate a combination of fixed effects, with patients minus fixed effects as degrees of freedom.

    For a group that does not vary within patients this is the between-within rule (that of R's ``nlme``), exact when
    every patient has equally many lesions. For one that does vary it is on the safe side of the within-patient degrees
    of freedom: no contrast claims more than the patients can carry.

    Parameters
    ----------
    fit : RandomIntercept
        The fitted model.
    weights : array_like of float, shape (p,)
        One weight per fixed effect.
    confidence_level : float
        Two-sided coverage, a fraction in (0, 1).

    Returns
    -------
    TTest
        NaN error, interval and p when the residuals do not vary.

    Examples
    --------
    >>> fit = random_intercept([1.0, 1.2, 3.0, 3.2, 2.1, 2.5], np.ones((6, 1)), ["a", "a", "b", "b", "c", "c"])
    >>> mean = contrast(fit, [1.0])
    >>> round(mean.se, 4), mean.df
    (0.5812, 2.0)
    """
    combination = np.asarray(weights, dtype=np.float64)
    estimate = float(combination @ fit.coefficients)
    se = float(np.sqrt(combination @ fit.covariance @ combination))
    if not se > 0:
        return TTest(estimate, np.nan, Interval(np.nan, np.nan), np.nan, np.nan, np.nan)
    return t_test(estimate, se, float(fit.n_clusters - fit.coefficients.size), confidence_level=confidence_level)


def joint_test(fit: RandomIntercept, weights: ArrayLike) -> FTest:
    """Wald F test that several combinations of fixed effects are all zero; degrees of freedom as in `contrast`.

    Parameters
    ----------
    fit : RandomIntercept
        The fitted model.
    weights : array_like of float, shape (q, p)
        One row per combination, of full row rank.

    Returns
    -------
    FTest
        NaN when the residuals do not vary.

    Examples
    --------
    >>> design = np.column_stack([np.ones(6), [0, 0, 1, 1, 0, 0]])
    >>> fit = random_intercept([1.0, 1.2, 3.0, 3.2, 2.1, 2.5], design, ["a", "a", "b", "b", "c", "c"])
    >>> joint = joint_test(fit, [[0.0, 1.0]])
    >>> bool(np.isclose(joint.statistic, contrast(fit, [0.0, 1.0]).statistic ** 2))
    True
    """
    combinations = np.atleast_2d(np.asarray(weights, dtype=np.float64))
    q = combinations.shape[0]
    df_residual = float(fit.n_clusters - fit.coefficients.size)
    if not np.trace(fit.covariance) > 0:
        return FTest(np.nan, float(q), df_residual, np.nan)
    estimates = combinations @ fit.coefficients
    statistic = float(estimates @ np.linalg.solve(combinations @ fit.covariance @ combinations.T, estimates)) / q
    return FTest(statistic, float(q), df_residual, float(fdtrc(q, df_residual, statistic)))
