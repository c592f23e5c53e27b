"""Variance components by REML: patients, lesions and lesion-by-reader nested; readers, sessions, scanners crossed.

Nested factors are inverted one level at a time (Sherman and Morrison), crossed ones of few levels by Woodbury, so that
a likelihood costs no more than a few passes over the readings and no matrix of all readings is ever made.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from biomarker.kernels.variance_ratios import lowest_ratios

Array = NDArray[np.float64]
NEGLIGIBLE = 1e-12  # a smaller share of the variance is what the search for its ratio leaves of none


class Components(NamedTuple):
    """Variances in the order asked for, nested factors first, the residual last.

    Attributes
    ----------
    variances : ndarray, shape (n_factors + 1,)
        None is below 0.
    covariance : ndarray, shape (n_factors + 1, n_factors + 1)
        Of the variances, from the curvature of the restricted likelihood; NaN rows for those at 0.
    mean : float
    """

    variances: Array
    covariance: Array
    mean: float


class _Design(NamedTuple):
    columns: Array  # (n, 1 + crossed levels + 1): ones, indicator columns of crossed factors, values
    starts: tuple[NDArray[np.intp], ...]  # of each nested factor's groups, finest first
    rows: tuple[NDArray[np.intp], ...]  # group of each row
    crossed: tuple[slice, ...]
    n: int


def nested_and_crossed(values: ArrayLike, nested: Sequence[ArrayLike], crossed: Sequence[ArrayLike] = ()) -> Components:
    """Fit ``value = mean + nested effects + crossed effects + error`` by restricted maximum likelihood [1]_.

    Parameters
    ----------
    values : array_like of float, shape (n,)
    nested : sequence of array_like, each of shape (n,)
        Factors from the coarsest to the finest, such as patient, lesion and lesion-by-reader; each is split by those
        before it, so that lesions may be numbered anew in each patient.
    crossed : sequence of array_like
        Factors of few levels, such as reader and session.

    Returns
    -------
    Components

    Raises
    ------
    ValueError
        With fewer than two values, values that are not finite, or none that vary.

    References
    ----------
    .. [1] Patterson HD, Thompson R. Recovery of inter-block information when block sizes are unequal. Biometrika
       1971;58:545-554.

    Examples
    --------
    >>> judges = np.array([[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]])
    >>> target, judge = np.indices(judges.shape)
    >>> fit = nested_and_crossed(judges.ravel(), [target.ravel()], [judge.ravel()])
    >>> fit.variances.round(3).tolist()
    [2.556, 5.244, 1.019]
    """
    y = np.asarray(values, float)
    if y.ndim != 1 or y.size < 2 or not np.isfinite(y).all():
        raise ValueError("need at least two finite values")
    scale = float(y.std())
    if scale == 0:
        raise ValueError("the values do not vary")
    centre = float(y.mean())
    design = _design((y - centre) / scale, nested, crossed)
    n_ratios = len(nested) + len(crossed)
    ratios = lowest_ratios(lambda lam: np.array([_deviance(design, lam[0])[0]]), 1, n_ratios)[0]
    _, squares, mean = _deviance(design, ratios)
    residual = max(float(squares.real), 0.0) / (design.n - 1)
    variances = np.append(ratios, 1.0) * residual
    shown = np.where(variances < NEGLIGIBLE * variances.sum(), 0.0, variances)
    return Components(shown * scale**2, _covariance(design, variances) * scale**4, centre + float(mean.real) * scale)


def _design(y: Array, nested: Sequence[ArrayLike], crossed: Sequence[ArrayLike]) -> _Design:
    codes: list[NDArray[np.intp]] = []
    for factor in nested:  # coarsest first; each within those before
        own = np.unique(np.asarray(factor), return_inverse=True)[1]
        if codes:
            own = np.unique(codes[-1] * (int(own.max()) + 1) + own, return_inverse=True)[1]
        codes.append(own)
    order = np.lexsort(codes[::-1]) if codes else np.arange(y.size)
    indicators, places, first = [np.ones((y.size, 1))], [], 1
    for factor in crossed:
        own = np.unique(np.asarray(factor), return_inverse=True)[1]
        indicators.append(np.eye(int(own.max()) + 1)[own])
        places.append(slice(first, first + indicators[-1].shape[1]))
        first = places[-1].stop
    columns = np.hstack([*indicators, y[:, None]])[order]
    fine_first = [own[order] for own in reversed(codes)]
    starts = tuple(np.flatnonzero(np.append(True, own[1:] != own[:-1])) for own in fine_first)
    rows = tuple(np.cumsum(np.append(False, own[1:] != own[:-1])) for own in fine_first)
    return _Design(columns, starts, rows, tuple(places), y.size)


def _deviance(design: _Design, ratios: NDArray[Any]) -> tuple[Any, Any, Any]:
    """Return the REML deviance at ratios (coarsest nested first, then crossed), the residual squares and the mean."""
    n_nested = len(design.starts)
    products, log_det = _through_nested(design, ratios[:n_nested][::-1])
    for place, ratio in zip(design.crossed, ratios[n_nested:], strict=True):
        inner = np.eye(place.stop - place.start) + ratio * products[place, place]
        log_det = log_det + np.log(np.linalg.det(inner))
        products = products - ratio * products[:, place] @ np.linalg.solve(inner, products[place, :])
    weight, to_mean = products[0, 0], products[0, -1]
    # where readings never differ but by reader, the ratios run off to infinity and leave no weight: no deviance there
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = to_mean / weight
        squares = products[-1, -1] - to_mean * mean
        deviance = log_det + np.log(weight) + (design.n - 1) * np.log(squares)
    return deviance, squares, mean


def _through_nested(design: _Design, ratios: NDArray[Any]) -> tuple[NDArray[Any], Any]:
    """Return the cross-products of the columns through the inverse of the nested part, finest factor first."""
    solved = design.columns.astype(ratios.dtype)
    log_det: Any = 0.0
    for starts, rows, ratio in zip(design.starts, design.rows, ratios, strict=True):
        ones = solved[:, 0]  # what the inverse so far makes of a column of ones
        totals = np.add.reduceat(solved, starts, axis=0)
        grown = 1 + ratio * totals[:, 0]
        log_det = log_det + np.log(grown).sum()
        solved = solved - ones[:, None] * (ratio * totals / grown[:, None])[rows]
    return design.columns.T @ solved, log_det


def _covariance(design: _Design, variances: Array) -> Array:
    """Invert half the curvature of the restricted deviance in the variances that are above 0."""
    free: list[int] = np.flatnonzero(variances > 1e-9 * variances.sum()).tolist()
    covariance = np.full((variances.size, variances.size), np.nan)

    def full(point: NDArray[Any]) -> Any:  # noqa: ANN401 - a complex number where the point is complex
        residual = point[-1]
        _, squares, _ = _deviance(design, point[:-1] / residual)
        deviance = _deviance(design, point[:-1] / residual)[0] - (design.n - 1) * np.log(squares)
        return deviance + (design.n - 1) * np.log(residual) + squares / residual

    def slope(point: Array) -> Array:
        return np.array([full(_nudged(point, j, 1e-30j)).imag / 1e-30 for j in free])

    def bend(j: int) -> Array:
        width = 1e-4 * float(variances[j])
        return np.asarray((slope(_nudged(variances, j, width)) - slope(_nudged(variances, j, -width))) / (2 * width))

    curvature = np.array([bend(j) for j in free])
    if variances[-1] <= 0 or not np.isfinite(curvature).all():
        return covariance
    covariance[np.ix_(free, free)] = 2 * np.linalg.pinv((curvature + curvature.T) / 2)
    return covariance


def _nudged(point: Array, j: int, by: complex | float) -> NDArray[Any]:
    moved = point.astype(np.result_type(point, by))
    moved[j] += by
    return moved
