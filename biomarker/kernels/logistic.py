"""Logistic regression, plain or with Firth's penalty, for many sets of weights at once.

A bootstrap refits the whole model in every resample. A resample is a row of weights, so that all of them go through
Newton's iteration together and no row of the data is copied.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit

Floats = NDArray[np.float64]

MAX_STEP = 5.0  # of a linear predictor in one iteration; larger steps overshoot where a risk is near 0 or 1
HALVINGS = 12
FISHER_ITERATIONS = 15  # with Firth's penalty; where these crawl, the penalty's own curvature is needed
DIFFERENCE = 1e-5


class LogisticFits(NamedTuple):
    """Fits of one model, one for each set of weights.

    Shapes (r, p), (r, p, p), (r,) and (r,). `information` is the Fisher information; `log_likelihood` includes the
    penalty, where there is one.
    """

    coefficients: Floats
    information: Floats
    log_likelihood: Floats
    converged: NDArray[np.bool_]


class _Point(NamedTuple):
    objective: Floats
    score: Floats
    information: Floats


def fit_logistic(
    design: ArrayLike,
    outcome: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    penalized: bool = False,
    start: ArrayLike | None = None,
    free: ArrayLike | None = None,
    max_iterations: int = 100,
    tolerance: float = 1e-20,
) -> LogisticFits:
    """Fit ``logit P(outcome) = design @ beta`` by maximum likelihood or by Firth's penalised likelihood [1]_ [2]_.

    Parameters
    ----------
    design : array_like of float, shape (n, p) or (r, n, p)
        With a column of ones for the intercept; columns near unit scale converge best.
    outcome : array_like of bool or 0/1, shape (n,)
        True is what the risk is of.
    weights : array_like of float, shape (r, n), optional
        How often each row counts in each of `r` fits; ones, for one fit.
    penalized : bool
        Add half the log determinant of the Fisher information to the log likelihood. Estimates are then finite even
        where the predictors separate the outcomes.
    start : array_like of float, shape (r, p) or (p,), optional
        Where to begin; zeros.
    free : array_like of bool, shape (r, p), optional
        Coefficients that are estimated; others stay at `start`, for profile likelihoods. The penalty is that of all
        coefficients together.
    max_iterations : int
        After which a fit counts as not converged.
    tolerance : float
        Of Newton's decrement, which estimates twice what the log likelihood could still gain.

    Returns
    -------
    LogisticFits
        Without a penalty, separated data have no maximum: such fits come back as not converged where
        `max_iterations` is small, and otherwise with very large coefficients; see `is_separated`.

    References
    ----------
    .. [1] Firth D. Bias reduction of maximum likelihood estimates. Biometrika 1993;80:27-38.
    .. [2] Heinze G, Schemper M. A solution to the problem of separation in logistic regression. Stat Med
       2002;21:2409-2419.

    Examples
    --------
    Three of ten against seven of ten: the odds ratio is (7/3) / (3/7).

    >>> x = np.column_stack([np.ones(20), np.repeat([0, 1], 10)])
    >>> fits = fit_logistic(x, [1] * 3 + [0] * 7 + [1] * 7 + [0] * 3)
    >>> round(float(np.exp(fits.coefficients[0, 1])), 4)
    5.4444

    None of ten against all of ten: Firth's penalty adds half a patient to each cell.

    >>> fits = fit_logistic(x, [0] * 10 + [1] * 10, penalized=True)
    >>> round(float(np.exp(fits.coefficients[0, 1])), 4)
    441.0
    """
    x, y = np.asarray(design, dtype=np.float64), np.asarray(outcome, dtype=np.float64)
    w = np.ones((1, y.size)) if weights is None else np.atleast_2d(np.asarray(weights, dtype=np.float64))
    p = x.shape[-1]
    runs = max(w.shape[0], x.shape[0] if x.ndim == 3 else 1, 1 if start is None else np.atleast_2d(start).shape[0])
    beta = np.zeros((runs, p)) if start is None else np.array(np.broadcast_to(start, (runs, p)), dtype=np.float64)
    moves = np.ones((runs, p), bool) if free is None else np.broadcast_to(np.asarray(free, bool), (runs, p))
    now = _evaluate(x, y, w, beta, penalized)
    converged = np.zeros(runs, bool)
    for iteration in range(max_iterations):
        if penalized and iteration >= FISHER_ITERATIONS:
            step = _penalized_step(x, y, w, beta, now, moves)
        else:
            step = _newton_step(now, moves)
        decrement = np.einsum("rp,rp->r", step, np.where(moves, now.score, 0.0))
        converged = decrement < tolerance * np.maximum(1.0, np.abs(now.objective))
        if converged.all():
            break
        beta, now = _advance(x, y, w, beta, now, np.where(converged[:, None], 0.0, _capped(step, x)), penalized)
    return LogisticFits(beta, now.information, now.objective, converged & np.isfinite(now.objective))


def risks(design: ArrayLike, coefficients: ArrayLike) -> Floats:
    """Return the risk of each row under each fit, shape (r, n).

    Examples
    --------
    >>> risks([[1.0, 0.0], [1.0, 2.0]], [[0.0, 1.0]]).round(3).tolist()
    [[0.5, 0.881]]
    """
    return np.asarray(expit(linear_predictor(np.asarray(design, float), np.asarray(coefficients, float))))


def linear_predictor(design: Floats, coefficients: Floats) -> Floats:
    """Return ``design @ beta`` for each fit, shape (r, n); the design is (n, p) or (r, n, p)."""
    if design.ndim == 2:
        return np.asarray(coefficients @ design.T)
    return np.asarray((design @ coefficients[:, :, None])[:, :, 0])


def log_likelihood(eta: Floats, outcome: Floats, weights: Floats) -> Floats:
    """Return the weighted log likelihood of a binary outcome at each linear predictor, shape (r,)."""
    return np.asarray(np.sum(weights * (outcome * eta - np.logaddexp(0.0, eta)), axis=-1))


def score_test(design: ArrayLike, outcome: ArrayLike, tested: ArrayLike) -> float:
    """Return Rao's chi-square for coefficients that are zero under the hypothesis; their number is its df.

    Parameters
    ----------
    design : array_like of float, shape (n, p)
        Of the whole model.
    outcome : array_like, shape (n,)
        0/1.
    tested : array_like of bool, shape (p,)
        Coefficients whose absence is tested.

    Returns
    -------
    float
        Chi-square.

    Examples
    --------
    For two groups this is Pearson's chi-square: 3 of 10 against 7 of 10.

    >>> x = np.column_stack([np.ones(20), np.repeat([0, 1], 10)])
    >>> round(score_test(x, [1] * 3 + [0] * 7 + [1] * 7 + [0] * 3, [False, True]), 6)
    3.2
    """
    x, y, left = np.asarray(design, float), np.asarray(outcome, float), ~np.asarray(tested, bool)
    null = fit_logistic(x, y, free=left[None, :])
    at = _evaluate(x, y, np.ones((1, y.size)), null.coefficients, penalized=False)
    return float(at.score[0] @ np.linalg.solve(at.information[0], at.score[0]))


def _evaluate(x: Floats, y: Floats, w: Floats, beta: Floats, penalized: bool) -> _Point:
    eta = linear_predictor(x, beta)
    risk = expit(eta)
    spread = w * risk * (1 - risk)
    information = _cross(x, spread)
    objective = log_likelihood(eta, y, w)
    residual = w * (y - risk)
    if penalized:
        sign, log_det = np.linalg.slogdet(information)
        objective = np.where(sign > 0, objective + 0.5 * log_det, -np.inf)
        leverage = spread * _quadratic(x, _inverse(information))
        residual = residual + leverage * (0.5 - risk)
    score = residual @ x if x.ndim == 2 else np.einsum("rn,rnp->rp", residual, x)
    return _Point(objective, score, information)


def _cross(x: Floats, w: Floats) -> Floats:
    """Return ``x' diag(w) x`` for each row of weights."""
    if x.ndim == 3:
        return np.asarray(np.swapaxes(x, 1, 2) @ (x * w[:, :, None]))
    n, p = x.shape
    products = (x[:, :, None] * x[:, None, :]).reshape(n, p * p)  # one matrix product for all resamples
    return np.asarray((w @ products).reshape(-1, p, p))


def _quadratic(x: Floats, inverse: Floats) -> Floats:
    """Return ``x_i' inverse x_i`` for each row and fit."""
    if x.ndim == 2:
        n, p = x.shape
        return np.asarray(inverse.reshape(-1, p * p) @ (x[:, :, None] * x[:, None, :]).reshape(n, p * p).T)
    return np.asarray(np.sum((x @ inverse) * x, axis=2))


def _inverse(information: Floats) -> Floats:
    try:
        return np.asarray(np.linalg.inv(information))
    except np.linalg.LinAlgError:  # one of many resamples lacks a class: that one alone falls back
        return np.asarray(np.linalg.pinv(information, hermitian=True))


def _newton_step(at: _Point, moves: NDArray[np.bool_]) -> Floats:
    """Return the step of the coefficients that move; a fixed one has a row and column of the identity."""
    p = moves.shape[1]
    both = moves[:, :, None] & moves[:, None, :]
    matrix = np.where(both, at.information, 0.0) + np.where(moves[:, :, None], 0.0, np.eye(p))
    score = np.where(moves, at.score, 0.0)
    return np.asarray((_inverse(matrix) @ score[:, :, None])[:, :, 0])


def _penalized_step(x: Floats, y: Floats, w: Floats, beta: Floats, at: _Point, moves: NDArray[np.bool_]) -> Floats:
    """Return Newton's step for the penalised likelihood, whose curvature is that of its score by differences."""
    p = beta.shape[1]
    columns = []
    for j in range(p):
        shift = DIFFERENCE * (np.arange(p) == j)
        up, down = (_evaluate(x, y, w, beta + sign * shift, True).score for sign in (1, -1))
        columns.append((down - up) / (2 * DIFFERENCE))
    curvature = np.stack(columns, axis=2)
    both = moves[:, :, None] & moves[:, None, :]
    matrix = np.where(both, (curvature + np.swapaxes(curvature, 1, 2)) / 2, 0.0)
    values, vectors = np.linalg.eigh(np.nan_to_num(matrix) + np.where(moves[:, :, None], 0.0, np.eye(p)))
    score = np.where(moves, at.score, 0.0)
    along = np.einsum("rij,ri->rj", vectors, score) / np.maximum(np.abs(values), 1e-10)
    return np.asarray(np.einsum("rij,rj->ri", vectors, along))


def _capped(step: Floats, x: Floats) -> Floats:
    longest = np.max(np.abs(linear_predictor(x, step)), axis=1)
    return np.asarray(step * np.minimum(1.0, MAX_STEP / np.maximum(longest, MAX_STEP))[:, None])


def _advance(
    x: Floats, y: Floats, w: Floats, beta: Floats, now: _Point, step: Floats, penalized: bool
) -> tuple[Floats, _Point]:
    """Take the step, halved where the likelihood would fall."""
    for _ in range(HALVINGS):
        there = _evaluate(x, y, w, beta + step, penalized)
        falls = ~(there.objective >= now.objective - 1e-12 * np.abs(now.objective))
        if not falls.any():
            break
        step = np.where(falls[:, None], step / 2, step)
    return beta + step, _evaluate(x, y, w, beta + step, penalized)
