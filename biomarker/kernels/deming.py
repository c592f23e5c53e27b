"""Straight lines between two measurements that both err: Deming, weighted Deming, orthogonal, and ordinary regression.

Fits are weighted by patient, so that many resamples, or every jackknife, are one call.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

CONVERGED, MAX_STEPS = 1e-13, 200


class Lines(NamedTuple):
    """Intercepts and slopes, one of each row of weights; NaN where no line is defined."""

    intercept: Floats
    slope: Floats


def ordinary(x: ArrayLike, y: ArrayLike, weights: ArrayLike | None = None) -> Lines:
    """Least squares of y on x, which takes x as free of error.

    Parameters are those of `deming`.

    Examples
    --------
    >>> line = ordinary([1.0, 2.0, 3.0], [2.0, 4.0, 6.0])
    >>> float(line.slope[0])
    2.0
    """
    first, second, w = _prepared(x, y, weights)
    mean_x, mean_y, sxx, _, sxy = _sums(first, second, w)
    with np.errstate(divide="ignore", invalid="ignore"):  # x does not vary
        slope = np.where(sxx > 0, sxy / sxx, np.nan)
    return Lines(mean_y - slope * mean_x, slope)


def deming(x: ArrayLike, y: ArrayLike, weights: ArrayLike | None = None, *, variance_ratio: float = 1.0) -> Lines:
    """Regression with errors in both measurements, whose variances have a known ratio [1]_ [2]_.

    Parameters
    ----------
    x, y : array_like of float, shape (n,)
        Paired measurements.
    weights : array_like of float, shape (rows, n), optional
        How often each pair counts; one line a row. Ones by default.
    variance_ratio : float
        Error variance of x over that of y. 1 gives orthogonal regression.

    Returns
    -------
    Lines
        NaN where x and y are uncorrelated, or one does not vary.

    Raises
    ------
    ValueError
        For unequal lengths, values that are not finite, or a ratio that is not positive.

    References
    ----------
    .. [1] Cornbleet PJ, Gochman N. Incorrect least-squares regression coefficients in method-comparison analysis. Clin
       Chem 1979;25:432-438.
    .. [2] Linnet K. Evaluation of regression procedures for methods comparison studies. Clin Chem 1993;39:424-432.

    Examples
    --------
    >>> line = deming([1.0, 2.0, 3.0, 4.0], [1.1, 1.9, 3.2, 3.9])
    >>> print(f"{line.intercept[0]:.4f} + {line.slope[0]:.4f} x")
    0.0842 + 0.9763 x
    """
    first, second, w = _prepared(x, y, weights)
    if not variance_ratio > 0:
        raise ValueError("the ratio of variances is above 0")
    return _deming(first, second, w, variance_ratio)


def weighted_deming(
    x: ArrayLike, y: ArrayLike, weights: ArrayLike | None = None, *, variance_ratio: float = 1.0
) -> Lines:
    """Deming regression where errors grow in proportion to what is measured, by reweighting [1]_ [2]_.

    Each pair is weighted by one over the square of its estimated true value, again and again until the line stays.
    Parameters and errors are those of `deming`; `variance_ratio` is then that of the squared coefficients of variation.

    Returns
    -------
    Lines
        NaN where the reweighting does not settle.

    References
    ----------
    .. [1] Linnet K. Estimation of the linear relationship between the measurements of two methods with proportional
       errors. Stat Med 1990;9:1463-1473.
    .. [2] Linnet K. Evaluation of regression procedures for methods comparison studies. Clin Chem 1993;39:424-432.
    """
    first, second, w = _prepared(x, y, weights)
    if not variance_ratio > 0:
        raise ValueError("the ratio of variances is above 0")
    line = _deming(first, second, w, variance_ratio)
    for _ in range(MAX_STEPS):
        intercept, slope = line.intercept[:, None], line.slope[:, None]
        residual = second - intercept - slope * first
        share = 1 + variance_ratio * slope**2
        true_x = first + variance_ratio * slope * residual / share
        true_y = second - residual / share
        level = (true_x + variance_ratio * true_y) / (1 + variance_ratio)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):  # a level of zero has no weight to give
            following = _deming(first, second, w / level**2, variance_ratio)
        moved = np.abs(following.slope - line.slope) + np.abs(following.intercept - line.intercept)
        scale = np.abs(following.slope) + np.abs(following.intercept)
        line = following
        still = moved > CONVERGED * scale
        if not still.any():
            return line
    return Lines(np.where(still, np.nan, line.intercept), np.where(still, np.nan, line.slope))


def _deming(x: Floats, y: Floats, w: Floats, ratio: float) -> Lines:
    mean_x, mean_y, sxx, syy, sxy = _sums(x, y, w)
    tilt = ratio * syy - sxx
    root = np.sqrt(tilt**2 + 4 * ratio * sxy**2)
    with np.errstate(divide="ignore", invalid="ignore"):
        # two forms of one root: the one that does not subtract nearly equal numbers
        slope = np.where(tilt >= 0, (tilt + root) / (2 * ratio * sxy), 2 * sxy / (root - tilt))
    slope = np.where((sxy != 0) & (sxx > 0) & (syy > 0), slope, np.nan)
    return Lines(mean_y - slope * mean_x, slope)


def _sums(x: Floats, y: Floats, w: Floats) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    total = w.sum(axis=1)
    mean_x, mean_y = w @ x / total, w @ y / total
    dx, dy = x - mean_x[:, None], y - mean_y[:, None]
    sxx, syy, sxy = (np.sum(w * product, axis=1) for product in (dx * dx, dy * dy, dx * dy))
    # what rounding leaves of no variation is none
    sxx = np.where(sxx <= 1e-24 * total * mean_x**2, 0.0, sxx)
    syy = np.where(syy <= 1e-24 * total * mean_y**2, 0.0, syy)
    return mean_x, mean_y, sxx, syy, sxy


def _prepared(x: ArrayLike, y: ArrayLike, weights: ArrayLike | None) -> tuple[Floats, Floats, Floats]:
    first, second = np.asarray(x, float), np.asarray(y, float)
    if first.ndim != 1 or first.shape != second.shape or first.size < 2:
        raise ValueError("need two arrays of one length, of at least 2 pairs")
    if not (np.isfinite(first).all() and np.isfinite(second).all()):
        raise ValueError("measurements must be finite")
    w = np.ones((1, first.size)) if weights is None else np.atleast_2d(np.asarray(weights, float))
    if w.shape[1] != first.size:
        raise ValueError("need one weight for each pair")
    return first, second, w
