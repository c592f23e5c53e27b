"""Correlations with something removed: other variables (partial), or each patient's own level (repeated measures)."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr

from biomarker.kernels.correlation import (
    Correlation,
    checked_pairs,
    coefficient,
    fisher_interval,
    kendall,
    root_inverse,
    t_test,
)
from biomarker.kernels.describe import cluster_codes
from biomarker.kernels.interval import Interval
from biomarker.kernels.ranks import midranks

Floats = NDArray[np.float64]


def partial_correlation(
    x: ArrayLike,
    y: ArrayLike,
    controls: ArrayLike,
    *,
    method: Literal["pearson", "spearman", "kendall"] = "pearson",
    confidence_level: float = 0.95,
) -> Correlation:
    """Correlation of x and y with other variables held constant [1]_.

    Pearson and Spearman remove the linear part of the controls from the values or ranks; Kendall's combines the tau-b
    of every pair of variables by the same formula [2]_.

    Parameters
    ----------
    x, y : array_like of float, shape (n,)
        Finite, independent pairs.
    controls : array_like of float, shape (n, k)
        The variables held constant.
    method : {"pearson", "spearman", "kendall"}
        The coefficient.
    confidence_level : float
        Two-sided coverage, a fraction in (0, 1).

    Returns
    -------
    Correlation
        Degrees of freedom n - 2 - k; the standard error of z is ``1 / sqrt(n - 3 - k)``, times ``sqrt(1 + r^2/2)`` for
        ranks (Bonett and Wright), and for Kendall ``sqrt(0.437 / (n - 4 - k))``. Kendall's `statistic` is z, from the
        variance of tau of n - k independent pairs [3]_, and has no degrees of freedom. NaN when nothing is left of a
        variable.

    References
    ----------
    .. [1] Fisher RA. The distribution of the partial correlation coefficient. Metron 1924;3:329-332.
    .. [2] Kendall MG. Partial rank correlation. Biometrika 1942;32:277-283.
    .. [3] Kim S. ppcor: an R package for a fast calculation to semi-partial correlation coefficients. Commun Stat Appl
       Methods 2015;22:665-674.

    Examples
    --------
    >>> found = partial_correlation([1, 2, 3, 4, 5, 6], [2, 1, 4, 3, 6, 5], [[1], [1], [2], [2], [3], [3]])
    >>> round(found.value, 3), found.df
    (-1.0, 3.0)
    """
    first, second = checked_pairs(x, y)
    others = np.asarray(controls, dtype=np.float64).reshape(first.size, -1)
    n, k = others.shape
    if not np.all(np.isfinite(others)):
        raise ValueError("controls hold finite numbers only")
    if method == "kendall":
        return _partial_kendall(np.column_stack([first, second, others]), confidence_level)
    if method == "spearman":
        first, second = midranks(first), midranks(second)
        others = np.column_stack([midranks(column) for column in others.T]) if k else others
    design = np.column_stack([np.ones(n), others])
    left = [v - design @ np.linalg.lstsq(design, v)[0] for v in (first, second)]
    gone = any(np.linalg.norm(rest) <= 1e-10 * np.linalg.norm(v) for rest, v in zip(left, (first, second), strict=True))
    value = float("nan") if gone else coefficient(*left)
    error = root_inverse(n - 3 - k) * (np.sqrt(1 + value**2 / 2) if method == "spearman" else 1.0)
    interval = fisher_interval(value, error, confidence_level=confidence_level)
    df = n - 2 - k
    statistic, p_value = t_test(value, df)
    return Correlation(value, interval, statistic, float(df), p_value)


def partial_of_matrices(correlations: Floats) -> Floats:
    """Correlation of the first two variables given all others, from their correlation matrices.

    Parameters
    ----------
    correlations : ndarray, shape (B, p, p)
        NaN where one is undefined.

    Returns
    -------
    ndarray, shape (B,)
        NaN where the others explain one of the two but for rounding, or a correlation is undefined.

    Examples
    --------
    >>> partial_of_matrices(np.array([[[1, 0.5, 0.6], [0.5, 1, 0.3], [0.6, 0.3, 1]]])).round(4)
    array([0.4193])
    """
    matrices = np.asarray(correlations, np.float64)
    found = np.full(matrices.shape[0], np.nan)
    usable = np.isfinite(matrices).all(axis=(1, 2))
    unit = matrices[usable]
    if unit.shape[1] > 2:
        unit = unit[:, :2, :2] - unit[:, :2, 2:] @ np.linalg.pinv(unit[:, 2:, 2:], hermitian=True) @ unit[:, 2:, :2]
    clear = (unit[:, 0, 0] > 1e-10) & (unit[:, 1, 1] > 1e-10)
    left = np.sqrt(np.where(clear, unit[:, 0, 0] * unit[:, 1, 1], 1.0))
    found[usable] = np.where(clear, np.clip(unit[:, 0, 1] / left, -1, 1), np.nan)
    return found


def _partial_kendall(variables: Floats, confidence_level: float) -> Correlation:
    n, p = variables.shape
    taus = np.eye(p)
    for i in range(p):
        for j in range(i):
            taus[i, j] = taus[j, i] = kendall(variables[:, i], variables[:, j]).value
    value = float(partial_of_matrices(taus[None])[0])
    alone = n - (p - 2)  # as many pairs as are left once each control has taken one
    interval = fisher_interval(value, np.sqrt(0.437) * root_inverse(alone - 4), confidence_level=confidence_level)
    if np.isnan(value) or alone < 2:
        return Correlation(value, Interval(np.nan, np.nan), np.nan, np.nan, np.nan)
    statistic = value / np.sqrt(2 * (2 * alone + 5) / (9 * alone * (alone - 1)))
    return Correlation(value, interval, float(statistic), np.nan, float(2 * ndtr(-abs(statistic))))


def repeated_measures_correlation(
    x: ArrayLike, y: ArrayLike, cluster: ArrayLike, *, confidence_level: float = 0.95
) -> Correlation:
    """Correlation of x and y within patients, taken to be the same in all of them (rmcorr [1]_).

    The correlation of deviations from each patient's means, with N - K - 1 degrees of freedom (analysis of
    covariance); Fisher's z interval with standard error ``1 / sqrt(df - 1)``.

    Parameters
    ----------
    x, y : array_like of float, shape (n,)
        Finite values.
    cluster : array_like, shape (n,)
        The patient of each pair.
    confidence_level : float
        Two-sided coverage, a fraction in (0, 1).

    Returns
    -------
    Correlation
        NaN when a variable does not vary within patients.

    References
    ----------
    .. [1] Bakdash JZ, Marusich LR. Repeated measures correlation. Front Psychol 2017;8:456.

    Examples
    --------
    >>> found = repeated_measures_correlation([1, 2, 3, 11, 12, 13], [9, 8, 6, 3, 2, 1], list("aaabbb"))
    >>> round(found.value, 3), found.df
    (-0.968, 3.0)
    """
    first, second = checked_pairs(x, y)
    codes, n_clusters = cluster_codes(cluster, first.size)
    sizes = np.bincount(codes)
    within = [v - (np.bincount(codes, v) / sizes)[codes] for v in (first, second)]
    gone = any(np.linalg.norm(d) <= 1e-10 * np.linalg.norm(v) for d, v in zip(within, (first, second), strict=True))
    value = float("nan") if gone else coefficient(*within)
    df = first.size - n_clusters - 1
    interval = fisher_interval(value, root_inverse(df - 1), confidence_level=confidence_level)
    statistic, p_value = t_test(value, df)
    return Correlation(value, interval, statistic, float(df), p_value)
