"""Proportional odds regression of an ordered outcome, for many sets of weights at once."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit

from biomarker.kernels.logistic import Floats

HALVINGS = 15
MAX_STEP = 4.0
TINY = 1e-300


class OrdinalFits(NamedTuple):
    """Fits, one for each set of weights.

    `cuts` (r, k - 1) are the log odds of a level up to each but the last where all predictors are 0; `coefficients`
    (r, p) are log odds ratios of a higher level; `information` (r, k - 1 + p, k - 1 + p) is the observed one, cuts
    first; `log_likelihood` (r,); `converged` (r,).
    """

    cuts: Floats
    coefficients: Floats
    information: Floats
    log_likelihood: Floats
    converged: NDArray[np.bool_]


class RowScores(NamedTuple):
    """Of each row, cuts first: gradient (n, q) and minus the second derivatives (n, q, q) of its log likelihood."""

    scores: Floats
    informations: Floats


class _Rows(NamedTuple):
    """The two bounds of each row's level, as linear functions of cuts and coefficients, and their offsets."""

    above: Floats
    below: Floats
    above_offset: Floats
    below_offset: Floats


class _Slopes(NamedTuple):
    """Log likelihood of each row and its derivatives with respect to the two bounds."""

    value: Floats
    a: Floats
    b: Floats
    aa: Floats
    bb: Floats
    ab: Floats


def fit_proportional_odds(
    design: ArrayLike,
    level: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    start: ArrayLike | None = None,
    free: ArrayLike | None = None,
    max_iterations: int = 100,
    tolerance: float = 1e-20,
) -> OrdinalFits:
    """Fit ``logit P(level <= j) = cut_j - design @ beta`` by maximum likelihood [1]_.

    Parameters
    ----------
    design : array_like of float, shape (n, p) or (r, n, p)
        Without an intercept; p may be 0. Columns near unit scale converge best.
    level : array_like of int, shape (n,)
        0, 1, ... k - 1, from lowest to highest, each of which occurs.
    weights : array_like of float, shape (r, n), optional
        How often each row counts; ones, for one fit.
    start : array_like of float, shape (r, k - 1 + p), optional
        Cuts and coefficients to begin with.
    free : array_like of bool, shape (r, k - 1 + p), optional
        Parameters that are estimated; others stay at `start`.
    max_iterations : int
        After which a fit counts as not converged.
    tolerance : float
        Of Newton's decrement.

    Returns
    -------
    OrdinalFits
        Fits of separated data are not converged, or have very large coefficients; see `separated_columns`.

    References
    ----------
    .. [1] McCullagh P. Regression models for ordinal data. J R Stat Soc B 1980;42:109-142.

    Examples
    --------
    With two levels this is logistic regression: three of ten against seven of ten.

    >>> fits = fit_proportional_odds(np.repeat([[0.0], [1.0]], 10, axis=0), [1] * 3 + [0] * 7 + [1] * 7 + [0] * 3)
    >>> round(float(np.exp(fits.coefficients[0, 0])), 4)
    5.4444
    """
    x, y = np.asarray(design, float), np.asarray(level).astype(int)
    w = np.ones((1, y.size)) if weights is None else np.atleast_2d(np.asarray(weights, float))
    rows = _bounds(x, y)
    q, n_cuts = rows.above.shape[-1], int(y.max())
    runs = max(w.shape[0], x.shape[0] if x.ndim == 3 else 1, 1 if start is None else np.atleast_2d(start).shape[0])
    gamma = _null(y, w, q, runs) if start is None else np.array(np.broadcast_to(start, (runs, q)), float)
    moves = np.ones((runs, q), bool) if free is None else np.broadcast_to(np.asarray(free, bool), (runs, q))
    slopes = _slopes(rows, gamma)
    converged = np.zeros(runs, bool)
    information = np.empty((runs, q, q))
    for _ in range(max_iterations):
        score, information = _derivatives(rows, slopes, w)
        step = _newton_step(score, information, moves)
        decrement = np.einsum("rq,rq->r", step, np.where(moves, score, 0.0))
        likelihood = np.sum(w * slopes.value, axis=1)
        converged = np.abs(decrement) < tolerance * np.maximum(1.0, np.abs(likelihood))
        if converged.all():
            break
        gamma = _advance(rows, gamma, np.where(converged[:, None], 0.0, step), w, likelihood)
        slopes = _slopes(rows, gamma)
    likelihood = np.sum(w * slopes.value, axis=1)
    return OrdinalFits(gamma[:, :n_cuts], gamma[:, n_cuts:], information, likelihood, converged)


def row_scores(design: ArrayLike, level: ArrayLike, parameters: ArrayLike) -> RowScores:
    """Return what each row adds to the score and to the information, for a covariance that allows for clusters.

    Examples
    --------
    At the maximum the scores sum to zero:

    >>> x, level = [[0.0], [1.0], [2.0], [3.0]], [0, 1, 0, 1]
    >>> fit = fit_proportional_odds(x, level)
    >>> parts = row_scores(x, level, np.concatenate([fit.cuts[0], fit.coefficients[0]]))
    >>> bool(np.allclose(parts.scores.sum(axis=0), 0))
    True
    """
    rows = _bounds(np.asarray(design, float), np.asarray(level).astype(int))
    slopes = _slopes(rows, np.atleast_2d(np.asarray(parameters, float)))
    a, b, aa, bb, ab = (part[0] for part in slopes[1:])
    za, zb = rows.above, rows.below
    cross = za[:, :, None] * zb[:, None, :]
    informations = -(
        aa[:, None, None] * za[:, :, None] * za[:, None, :]
        + bb[:, None, None] * zb[:, :, None] * zb[:, None, :]
        + ab[:, None, None] * (cross + np.swapaxes(cross, 1, 2))
    )
    return RowScores(a[:, None] * za + b[:, None] * zb, informations)


def probabilities(cuts: ArrayLike, predictor: ArrayLike) -> Floats:
    """Return the probability of each level, shape (..., n, k), at each linear predictor, shape (..., n).

    Examples
    --------
    >>> probabilities([-1.0, 1.0], [0.0]).round(3).tolist()
    [[0.269, 0.462, 0.269]]
    """
    at, eta = np.asarray(cuts, float), np.asarray(predictor, float)
    up_to = expit(at[..., None, :] - eta[..., :, None])
    edges = np.zeros((*up_to.shape[:-1], 1))
    return np.asarray(np.diff(np.concatenate([edges, up_to, edges + 1], axis=-1), axis=-1))


def score_test(design: ArrayLike, level: ArrayLike) -> float:
    """Return Rao's chi-square for all coefficients being zero, with the observed information."""
    x, y = np.asarray(design, float), np.asarray(level).astype(int)
    null = fit_proportional_odds(np.empty((y.size, 0)), y)
    parts = row_scores(x, y, np.concatenate([null.cuts[0], np.zeros(x.shape[1])]))
    score = parts.scores.sum(axis=0)
    return float(score @ np.linalg.solve(parts.informations.sum(axis=0), score))


def _bounds(x: Floats, y: NDArray[np.intp]) -> _Rows:
    n_cuts = int(y.max())
    highest, lowest = y == n_cuts, y == 0
    cut_above, cut_below = np.eye(n_cuts + 1)[y][:, :n_cuts], np.eye(n_cuts + 1)[y - 1][:, :n_cuts]
    cut_below[lowest] = 0.0
    above, below = (
        np.concatenate([np.broadcast_to(cut, (*x.shape[:-1], n_cuts)), -x * ~end[:, None]], axis=-1)
        for cut, end in ((cut_above, highest), (cut_below, lowest))
    )
    return _Rows(above, below, np.where(highest, np.inf, 0.0), np.where(lowest, -np.inf, 0.0))


def _null(y: NDArray[np.intp], w: Floats, q: int, runs: int) -> Floats:
    """Return the cuts of a model without predictors; a level that no resampled row has, keeps a cut of its own."""
    counts = w @ np.eye(int(y.max()) + 1)[y] + 1e-3
    up_to = np.cumsum(counts, axis=1)
    share = up_to[:, :-1] / up_to[:, -1:]
    gamma = np.zeros((runs, q))
    gamma[:, : share.shape[1]] = np.log(share / (1 - share))
    return gamma


def _linear(z: Floats, gamma: Floats) -> Floats:
    return gamma @ z.T if z.ndim == 2 else (z @ gamma[:, :, None])[:, :, 0]


def _slopes(rows: _Rows, gamma: Floats) -> _Slopes:
    """Return log P(b < Y <= a) of a logistic variable, written so that nothing cancels where P is small."""
    a = _linear(rows.above, gamma) + rows.above_offset
    b = _linear(rows.below, gamma) + rows.below_offset
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        gap = -np.expm1(b - a)  # not above 0 where a step has crossed the cuts: the value is then NaN
        value = np.log(expit(a)) + np.log(expit(-b)) + np.log(gap)
        value = np.where(gap > 0, value, np.nan)
        above, below = expit(a), expit(b)
        slope_a = expit(-a) / np.maximum(expit(-b) * gap, TINY)
        slope_b = -below / np.maximum(above * gap, TINY)
    return _Slopes(
        value=value,
        a=slope_a,
        b=slope_b,
        aa=slope_a * (1 - 2 * above) - slope_a**2,
        bb=slope_b * (1 - 2 * below) - slope_b**2,
        ab=-slope_a * slope_b,
    )


def _derivatives(rows: _Rows, at: _Slopes, w: Floats) -> tuple[Floats, Floats]:
    za, zb = rows.above, rows.below
    score = _weighted_sum(za, w * at.a) + _weighted_sum(zb, w * at.b)
    cross = _weighted_cross(za, zb, w * at.ab)
    information = -(
        _weighted_cross(za, za, w * at.aa) + _weighted_cross(zb, zb, w * at.bb) + cross + np.swapaxes(cross, 1, 2)
    )
    return score, information


def _weighted_sum(z: Floats, w: Floats) -> Floats:
    return w @ z if z.ndim == 2 else np.einsum("rn,rnq->rq", w, z)


def _weighted_cross(z: Floats, other: Floats, w: Floats) -> Floats:
    if z.ndim == 3:
        return np.asarray(np.swapaxes(z, 1, 2) @ (other * w[:, :, None]))
    n, q = z.shape
    return np.asarray((w @ (z[:, :, None] * other[:, None, :]).reshape(n, q * q)).reshape(-1, q, q))


def _newton_step(score: Floats, information: Floats, moves: NDArray[np.bool_]) -> Floats:
    q = moves.shape[1]
    both = moves[:, :, None] & moves[:, None, :]
    matrix = np.where(both, information, 0.0) + np.where(moves[:, :, None], 0.0, np.eye(q))
    right = np.where(moves, score, 0.0)[:, :, None]
    try:
        step = np.linalg.solve(matrix, right)
    except np.linalg.LinAlgError:
        step = np.linalg.pinv(matrix, hermitian=True) @ right
    step = np.nan_to_num(step[:, :, 0], posinf=0.0, neginf=0.0)
    longest = np.abs(step).max(axis=1, initial=MAX_STEP)
    return np.asarray(step * (MAX_STEP / longest)[:, None])


def _advance(rows: _Rows, gamma: Floats, step: Floats, w: Floats, likelihood: Floats) -> Floats:
    for _ in range(HALVINGS):
        there = np.sum(w * _slopes(rows, gamma + step).value, axis=1)
        falls = ~(there >= likelihood - 1e-12 * np.abs(likelihood))
        if not falls.any():
            break
        step = np.where(falls[:, None], step / 2, step)
    return np.asarray(gamma + step)
