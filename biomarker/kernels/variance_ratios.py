"""The search that every REML fit here shares: variance ratios, none below 0, at which a deviance is lowest."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Deviance = Callable[[NDArray[np.number]], NDArray[np.number]]

_COARSE = np.log1p([0.0, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 50.0, 500.0])
_TINY = 1e-30  # an imaginary step: the derivative comes out without any difference of nearly equal numbers


def lowest_ratios(deviance: Deviance, n_fits: int, n_ratios: int, *, steps: int = 60) -> Array:
    """Minimise many deviances at once over variance ratios of 0 or more.

    A ratio is a variance over the residual variance. The search runs in log(1 + ratio), where 0 is an ordinary point
    and a ratio of a million is near: a coarse sweep, then Newton's steps with exact derivatives, a ratio that wants to
    go below 0 being held there.

    Parameters
    ----------
    deviance : callable
        From ratios of shape (n_fits, n_ratios) to deviances of shape (n_fits,). It must be analytic: complex ratios
        go in, and complex deviances come out.
    n_fits, n_ratios : int
    steps : int
        At most so many Newton steps.

    Returns
    -------
    ndarray of float, shape (n_fits, n_ratios)
    """
    place = _swept(deviance, n_fits, n_ratios)
    value = _at(deviance, place)
    for _ in range(steps):
        slope = _gradient(deviance, place)
        step, free = _newton_step(place, slope, _hessian(deviance, place))
        moved, value_there = _halved_until_lower(deviance, place, value, step)
        change = np.abs(moved - place).max(initial=0.0)
        place, value = moved, value_there
        if change < 1e-12 or np.abs(np.where(free, slope, 0)).max(initial=0.0) < 1e-11:
            break
    return np.expm1(place)


def _at(deviance: Deviance, place: Array) -> Array:
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        value = np.asarray(deviance(np.expm1(place)).real, float)
    return np.where(np.isnan(value), np.inf, value)


def _swept(deviance: Deviance, n_fits: int, n_ratios: int) -> Array:
    place = np.full((n_fits, n_ratios), np.log1p(0.5))
    for _ in range(2):
        for j in range(n_ratios):
            tried = np.repeat(place[None], _COARSE.size, axis=0)
            tried[:, :, j] = _COARSE[:, None]
            values = np.stack([_at(deviance, one) for one in tried])
            place[:, j] = _COARSE[values.argmin(axis=0)]
    return place


def _gradient(deviance: Deviance, place: Array) -> Array:
    slope = np.empty_like(place)
    for j in range(place.shape[1]):
        off = place.astype(complex)
        off[:, j] += 1j * _TINY
        slope[:, j] = deviance(np.expm1(off)).imag / _TINY
    return slope


def _hessian(deviance: Deviance, place: Array, width: float = 1e-5) -> Array:
    n_ratios = place.shape[1]
    curvature = np.empty((*place.shape, n_ratios))
    for j in range(n_ratios):
        above, below = place.copy(), place.copy()
        above[:, j] += width
        below[:, j] = np.maximum(below[:, j] - width, 0.0)
        run = (above - below)[:, j]
        curvature[:, j] = (_gradient(deviance, above) - _gradient(deviance, below)) / run[:, None]
    return (curvature + np.swapaxes(curvature, 1, 2)) / 2


def _newton_step(place: Array, slope: Array, curvature: Array) -> tuple[Array, NDArray[np.bool_]]:
    """Return a step downhill, and which ratios are free to move."""
    free = ~((place <= 0) & (slope > 0))
    slope = np.where(free, slope, 0.0)
    both = free[:, :, None] & free[:, None, :]
    curvature = np.where(both, curvature, np.where(np.eye(place.shape[1], dtype=bool), 1.0, 0.0))
    values, vectors = np.linalg.eigh(curvature)
    values = np.maximum(np.abs(values), 1e-8 + 1e-3 * np.abs(values).max(axis=1, keepdims=True) * (values < 0))
    step = -np.einsum("bij,bj,bkj,bk->bi", vectors, 1 / values, vectors, slope)
    longest = np.abs(step).max(axis=1, keepdims=True)
    return step * np.minimum(1.0, 2.0 / np.maximum(longest, 1e-300)), free


def _halved_until_lower(deviance: Deviance, place: Array, value: Array, step: Array) -> tuple[Array, Array]:
    """Take the step, or a half, a quarter... of it: the first that does not climb."""
    moved, reached, waiting = place.copy(), value.copy(), np.ones(len(place), bool)
    slack = 1e-13 * np.maximum(np.abs(value), 1.0)
    for halving in range(30):
        tried = np.maximum(place + step * 0.5**halving, 0.0)
        values = _at(deviance, tried)
        taken = waiting & (values <= value + slack)
        moved[taken], reached[taken] = tried[taken], values[taken]
        waiting &= ~taken
        if not waiting.any():
            break
    return moved, reached
