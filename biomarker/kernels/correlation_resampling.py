"""Correlations of many resamples of whole patients at once, and the jackknife interval made from them.

A resample is a row of weights: how often each pair was drawn. Every coefficient below equals, to the last digit that
rounding leaves, the coefficient of the data with each pair repeated that often; ranks are those within the resample.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtr, stdtrit

from biomarker.kernels.correlation import Correlation
from biomarker.kernels.describe import cluster_codes
from biomarker.kernels.interval import Interval

Floats = NDArray[np.float64]
Method = Literal["pearson", "spearman", "kendall", "repeated_measures"]


def weighted_midranks(values: ArrayLike, weights: ArrayLike) -> Floats:
    """Midranks of a vector in which value i occurs ``weights[b, i]`` times, for each resample b.

    Parameters
    ----------
    values : array_like of float, shape (n,)
        Finite values.
    weights : array_like of int, shape (B, n)
        Non-negative counts.

    Returns
    -------
    ndarray, shape (B, n)
        The midrank of each value among those drawn; for a value with weight 0, half an order above those below it.

    Examples
    --------
    >>> weighted_midranks([5.0, 7.0, 7.0], [[1, 1, 1], [2, 0, 1]])
    array([[1. , 2.5, 2.5],
           [1.5, 3. , 3. ]])
    """
    sample, counts = np.asarray(values, dtype=np.float64), np.asarray(weights, dtype=np.float64)
    order = np.argsort(sample, kind="stable")
    ordered = sample[order]
    starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    tied = np.add.reduceat(counts[:, order], starts, axis=1)
    ranks = np.cumsum(tied, axis=1) - (tied - 1) / 2
    place = np.empty(sample.size, dtype=np.intp)
    place[order] = np.repeat(np.arange(starts.size), np.diff(np.append(starts, sample.size)))
    return np.asarray(ranks[:, place], dtype=np.float64)


def resampled_correlation(
    x: ArrayLike, y: ArrayLike, weights: ArrayLike, *, method: Method, controls: ArrayLike | None = None
) -> Floats:
    """Correlation of x and y in each resample.

    Parameters
    ----------
    x, y : array_like of float, shape (n,)
        Finite pairs.
    weights : array_like of int, shape (B, n)
        How often each pair was drawn.
    method : {"pearson", "spearman", "kendall"}
        The coefficient; tau-b for Kendall.
    controls : array_like of float, shape (n, k), optional
        Variables held constant; not for Kendall.

    Returns
    -------
    ndarray, shape (B,)
        NaN where a variable is constant in the resample.

    Raises
    ------
    ValueError
        For an unknown method, or Kendall with controls.

    Examples
    --------
    >>> resampled_correlation([1, 2, 3], [1, 3, 2], [[1, 1, 1], [2, 1, 0]], method="spearman")
    array([0.5, 1. ])
    """
    counts = np.asarray(weights, dtype=np.float64)
    variables = [np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)]
    if controls is not None:
        variables += list(np.asarray(controls, dtype=np.float64).reshape(variables[0].size, -1).T)
    if method == "kendall" and len(variables) == 2:
        return _kendall(variables[0], variables[1], counts)
    if method == "spearman":
        values = np.stack([weighted_midranks(v, counts) for v in variables], axis=1)
    elif method == "pearson":
        values = np.stack(variables)[None]
    else:
        raise ValueError(f"no resampled {method} correlation with {len(variables) - 2} controls")
    return _partial(_moments(values, counts))


def _moments(values: Floats, counts: Floats) -> Floats:
    """Return weighted cross-products about the weighted means, shape (B, p, p), of values (B or 1, p, n).

    A variance no larger than the rounding of its values is set to zero.
    """
    weights = counts[:, None, :]
    drawn = np.maximum(counts.sum(axis=1), 1.0)  # without its only patient a sample is empty, and varies in nothing
    means = np.sum(values * weights, axis=2, keepdims=True) / drawn[:, None, None]
    centred = values - means
    moments = (centred * weights) @ centred.transpose(0, 2, 1)
    floor = 1e-26 * np.sum(values**2 * weights, axis=2)
    variances = np.diagonal(moments, axis1=1, axis2=2)
    return np.asarray(np.where((variances > floor)[:, :, None], moments, 0.0), dtype=np.float64)


def _partial(moments: Floats) -> Floats:
    """Return the correlation of the first two variables given the rest, from cross-products."""
    scale = np.sqrt(np.diagonal(moments, axis1=1, axis2=2))
    usable = (scale > 0).all(axis=1)
    found = np.full(moments.shape[0], np.nan)
    unit = moments[usable] / (scale[usable, :, None] * scale[usable, None, :])
    if unit.shape[1] > 2:
        unit = unit[:, :2, :2] - unit[:, :2, 2:] @ np.linalg.pinv(unit[:, 2:, 2:], hermitian=True) @ unit[:, 2:, :2]
    # what the other variables explain but for rounding has no correlation left
    clear = (unit[:, 0, 0] > 1e-10) & (unit[:, 1, 1] > 1e-10)
    left = np.sqrt(np.where(clear, unit[:, 0, 0] * unit[:, 1, 1], 1.0))
    found[usable] = np.where(clear, np.clip(unit[:, 0, 1] / left, -1, 1), np.nan)
    return found


def _kendall(x: Floats, y: Floats, counts: Floats) -> Floats:
    sign_x, sign_y = np.sign(np.subtract.outer(x, x)), np.sign(np.subtract.outer(y, y))

    def pairs(matrix: Floats) -> Floats:
        return np.asarray(np.sum((counts @ matrix) * counts, axis=1), dtype=np.float64)

    apart = pairs(np.abs(sign_x)) * pairs(np.abs(sign_y))
    found = np.divide(pairs(sign_x * sign_y), np.sqrt(apart), out=np.full(apart.size, np.nan), where=apart > 0)
    return np.asarray(found, dtype=np.float64)


def resampled_repeated_measures(x: ArrayLike, y: ArrayLike, cluster: ArrayLike, weights: ArrayLike) -> Floats:
    """Repeated-measures correlation in each resample of whole patients.

    A patient drawn twice counts as two patients, so only each patient's own sums are needed.

    Parameters
    ----------
    x, y : array_like of float, shape (n,)
        Finite pairs.
    cluster : array_like, shape (n,)
        The patient of each pair; sorted labels number the columns of `weights`.
    weights : array_like of int, shape (B, K)
        How often each patient was drawn.

    Returns
    -------
    ndarray, shape (B,)
        NaN where a variable does not vary within the drawn patients.

    Examples
    --------
    >>> resampled_repeated_measures([1, 2, 5, 7], [2, 1, 4, 6], list("aabb"), [[1, 1], [0, 2]])
    array([0.6, 1. ])
    """
    first, second = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    codes, _ = cluster_codes(cluster, first.size)
    sizes = np.bincount(codes)
    dx, dy = (v - (np.bincount(codes, v) / sizes)[codes] for v in (first, second))
    counts = np.asarray(weights, dtype=np.float64)
    xx, yy, xy = (counts @ np.bincount(codes, product) for product in (dx * dx, dy * dy, dx * dy))
    floor = 1e-20 * (first @ first) * (second @ second)
    found = np.divide(xy, np.sqrt(xx * yy), out=np.full(xx.size, np.nan), where=xx * yy > floor)
    return np.asarray(np.clip(found, -1, 1), dtype=np.float64)


def jackknife_interval(value: float, left_out: ArrayLike, *, confidence_level: float = 0.95) -> Correlation:
    """Interval and test of a correlation from its values with each patient left out in turn.

    The jackknife standard error of Fisher's z [1]_, with t on K - 1 degrees of freedom.

    Parameters
    ----------
    value : float
        The coefficient of all pairs.
    left_out : array_like of float, shape (K,)
        The coefficient without each patient (`biomarker.kernels.resampling.jackknife_weights`).
    confidence_level : float
        Two-sided coverage, a fraction in (0, 1).

    Returns
    -------
    Correlation
        `statistic` is t. NaN interval and p with fewer than three patients, or when a coefficient is undefined or 1
        in size.

    Notes
    -----
    Simulated with Spearman's coefficient (300 samples of 8, 14 and 30 patients, 1 to 12 lesions each, three patterns
    of within- and between-patient correlation), these 95 % intervals covered 93 to 98 %, the patient bootstrap's
    percentile interval 89 to 96 %, BCa 85 to 91 %, and the interval for independent pairs 83 to 93 %.

    References
    ----------
    .. [1] Efron B, Tibshirani RJ. An introduction to the bootstrap. Chapman & Hall, 1993, chapter 11.

    Examples
    --------
    >>> found = jackknife_interval(0.5, [0.42, 0.55, 0.61, 0.44, 0.48])
    >>> print(f"{found.interval.low:.2f} to {found.interval.high:.2f}, P {found.p_value:.3f}")
    0.01 to 0.80, P 0.047
    """
    others = np.asarray(left_out, dtype=np.float64)
    n_left_out = others.size
    undefined = Correlation(value, Interval(np.nan, np.nan), np.nan, float(n_left_out - 1), np.nan)
    if n_left_out < 3 or not (abs(value) < 1 and np.all(np.abs(others) < 1)):
        return undefined
    z, scattered = np.arctanh(value), np.arctanh(others)
    error = np.sqrt((n_left_out - 1) / n_left_out * np.sum((scattered - scattered.mean()) ** 2))
    if not error > 0:
        return undefined
    df = float(n_left_out - 1)
    reach = stdtrit(df, (1 + confidence_level) / 2) * error
    interval = Interval(float(np.tanh(z - reach)), float(np.tanh(z + reach)))
    return Correlation(value, interval, float(z / error), df, float(2 * stdtr(df, -abs(z / error))))
