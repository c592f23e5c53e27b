"""Logistic regression with a normal random intercept for each patient, by adaptive Gauss-Hermite quadrature.

Each patient's share of the likelihood is an integral over his own level. The nodes are centred at its peak and scaled
by its curvature there, so that few of them are enough. Many sets of patient weights are fitted at once.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit

from biomarker.kernels.gee import Nested
from biomarker.kernels.logistic import Floats, fit_logistic, linear_predictor

NODES = 51
MAX_ITERATIONS = 60
PEAK_ITERATIONS = 60
SMALLEST_LOG_SD = -6.0  # a random intercept this small (SD 0.0025) is none
LARGEST_LOG_SD = 3.0  # and one this large (SD 20) is that of patients without a mixed response
STEP = 1e-5
MAX_STEP = 1.0


class MixedFits(NamedTuple):
    """Fits, one for each set of patient weights.

    Attributes
    ----------
    coefficients : ndarray, shape (r, p)
        Log odds ratios between lesions of one patient, or of patients of the same level.
    sd : ndarray, shape (r,)
        Of the random intercept; 0 where the likelihood is highest there.
    covariance : ndarray, shape (r, p, p)
        Of the coefficients, the variance of the random intercept being estimated too.
    log_likelihood : ndarray, shape (r,)
    converged : ndarray of bool, shape (r,)
    """

    coefficients: Floats
    sd: Floats
    covariance: Floats
    log_likelihood: Floats
    converged: NDArray[np.bool_]


def fit_mixed_logistic(
    rows: Nested,
    weights: ArrayLike | None = None,
    *,
    nodes: int = NODES,
    start: ArrayLike | None = None,
    tolerance: float = 1e-13,
) -> MixedFits:
    """Fit a logistic model with a random intercept by maximum likelihood [1]_.

    Parameters
    ----------
    rows : Nested
        From `nested_rows`.
    weights : array_like of float, shape (r, K), optional
        How often each patient counts; ones, for one fit.
    nodes : int
        Of the quadrature, in each patient.
    start : array_like of float, shape (p + 1,), optional
        Coefficients and the SD of the random intercept to begin with.
    tolerance : float
        Of Newton's decrement, which estimates twice what the log likelihood could still gain.

    Returns
    -------
    MixedFits
        Newton's method with second derivatives by central differences of the exact gradient.

    References
    ----------
    .. [1] Pinheiro JC, Chao EC. Efficient Laplacian and adaptive Gaussian quadrature algorithms for multilevel
       generalized linear mixed models. J Comput Graph Stat 2006;15:58-81.

    Examples
    --------
    >>> from biomarker.kernels.gee import nested_rows
    >>> x = np.ones((12, 1))
    >>> fits = fit_mixed_logistic(nested_rows(x, [1, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 1], np.repeat(range(4), 3)))
    >>> bool(fits.converged[0]), round(abs(float(fits.coefficients[0, 0])), 6)
    (True, 0.0)
    """
    w = np.ones((1, rows.sizes.size)) if weights is None else np.atleast_2d(np.asarray(weights, float))
    quadrature = np.polynomial.hermite_e.hermegauss(nodes)
    theta, possible = _start(rows, w, start)
    value, gradient = _likelihood(rows, theta, w, quadrature)
    hessian = np.zeros((*theta.shape, theta.shape[1]))
    left = np.arange(w.shape[0])  # fits that have not settled: only they are worked on
    for _ in range(MAX_ITERATIONS):
        hessian[left] = _hessian(rows, theta[left], w[left], quadrature)
        step = _step(theta[left], gradient[left], hessian[left])
        moves = np.einsum("rq,rq->r", step, gradient[left]) >= tolerance * np.maximum(1, np.abs(value[left]))
        left, step = left[moves], step[moves]
        if not left.size:
            break
        theta[left], value[left], gradient[left] = _advance(rows, theta[left], step, w[left], quadrature, value[left])
    settled = np.ones(w.shape[0], bool)
    settled[left] = False
    return _fits(theta, value, hessian, settled & possible)


def marginal_risks(design: ArrayLike, coefficients: ArrayLike, sd: ArrayLike, *, nodes: int = NODES) -> Floats:
    """Return the risk of a lesion of a patient not seen before, averaged over random intercepts; shape (r, n).

    Examples
    --------
    Averaging draws risks towards one half:

    >>> round(float(marginal_risks([[1.0]], [[2.0]], [1.5])[0, 0]), 3), round(float(expit(2.0)), 3)
    (0.81, 0.881)
    """
    points, share = np.polynomial.hermite_e.hermegauss(nodes)
    eta = linear_predictor(np.asarray(design, float), np.atleast_2d(np.asarray(coefficients, float)))
    spread = np.atleast_1d(np.asarray(sd, float))
    levels = eta[:, :, None] + spread[:, None, None] * points
    return np.asarray(expit(levels) @ (share / share.sum()))


def _start(rows: Nested, w: Floats, start: ArrayLike | None) -> tuple[Floats, NDArray[np.bool_]]:
    """Return where to begin, and which fits can have an answer: those that do as if lesions were independent."""
    first = fit_logistic(
        rows.design, rows.outcome, np.repeat(w, rows.sizes, axis=1), max_iterations=15, tolerance=1e-12
    )
    if start is None:
        return np.column_stack([first.coefficients, np.full(w.shape[0], -0.3)]), first.converged
    given = np.asarray(start, float)
    log_sd = np.clip(np.log(max(given[-1], 0.1)), SMALLEST_LOG_SD, LARGEST_LOG_SD)
    return np.tile(np.append(given[:-1], log_sd), (w.shape[0], 1)), first.converged


def _fits(theta: Floats, value: Floats, hessian: Floats, converged: NDArray[np.bool_]) -> MixedFits:
    p = theta.shape[1] - 1
    none = theta[:, p] <= SMALLEST_LOG_SD + 1e-6
    inner = hessian.copy()
    inner[none, p, :], inner[none, :, p], inner[none, p, p] = 0.0, 0.0, -1.0
    covariance = np.linalg.pinv(-inner)[:, :p, :p]
    stuck = theta[:, p] >= LARGEST_LOG_SD - 1e-6
    return MixedFits(
        theta[:, :p],
        np.asarray(np.where(none, 0.0, np.exp(theta[:, p])), float),
        np.asarray(covariance, float),
        value,
        converged & ~stuck,
    )


def _likelihood(rows: Nested, theta: Floats, w: Floats, quadrature: tuple[Floats, Floats]) -> tuple[Floats, Floats]:
    """Return the log likelihood (r,) and its gradient (r, q) in coefficients and the log of the random intercept's SD.

    The gradient is the expectation, over a patient's own level given his lesions, of that of a known level.
    """
    points, share = quadrature
    sd = np.exp(theta[:, -1])
    eta = linear_predictor(rows.design, theta[:, :-1])
    peak, width = _peaks(rows, eta, sd)
    level = peak[:, :, None] + width[:, :, None] * points  # (r, K, nodes), standard normal
    lifted = eta[:, :, None] + sd[:, None, None] * np.repeat(level, rows.sizes, axis=1)
    each = rows.outcome[:, None] * lifted - np.logaddexp(0.0, lifted)
    log_joint = np.add.reduceat(each, rows.starts, axis=1) - level**2 / 2 + points**2 / 2
    terms = log_joint + np.log(share)
    highest = terms.max(axis=2, keepdims=True)
    mass = np.exp(terms - highest)
    total = mass.sum(axis=2)
    of_patient = highest[:, :, 0] + np.log(total) + np.log(width) - 0.5 * np.log(2 * np.pi)
    posterior = mass / total[:, :, None]
    residual = rows.outcome[:, None] - expit(lifted)
    own = np.repeat(posterior, rows.sizes, axis=1)
    row_weights = np.repeat(w, rows.sizes, axis=1)
    slope = (row_weights * np.sum(own * residual, axis=2)) @ rows.design
    by_level = np.sum(own * residual * np.repeat(level, rows.sizes, axis=1), axis=2)
    of_sd = np.sum(row_weights * by_level, axis=1) * sd
    return np.sum(w * of_patient, axis=1), np.column_stack([slope, of_sd])


def _peaks(rows: Nested, eta: Floats, sd: Floats) -> tuple[Floats, Floats]:
    """Return where each patient's integrand is highest, and the width of a normal curve that is as sharp, (r, K)."""
    peak = np.zeros((eta.shape[0], rows.sizes.size))
    curvature = np.ones_like(peak)
    for _ in range(PEAK_ITERATIONS):
        risk = expit(eta + sd[:, None] * np.repeat(peak, rows.sizes, axis=1))
        slope = sd[:, None] * np.add.reduceat(rows.outcome - risk, rows.starts, axis=1) - peak
        curvature = 1 + sd[:, None] ** 2 * np.add.reduceat(risk * (1 - risk), rows.starts, axis=1)
        step = np.clip(slope / curvature, -2.0, 2.0)
        peak = peak + step
        if np.abs(step).max() < 1e-12:
            break
    return peak, 1 / np.sqrt(curvature)


def _hessian(rows: Nested, theta: Floats, w: Floats, quadrature: tuple[Floats, Floats]) -> Floats:
    columns = []
    for j in range(theta.shape[1]):
        shift = np.zeros(theta.shape[1])
        shift[j] = STEP
        up, down = (_likelihood(rows, theta + sign * shift, w, quadrature)[1] for sign in (1, -1))
        columns.append((up - down) / (2 * STEP))
    found = np.stack(columns, axis=2)
    return np.asarray((found + np.swapaxes(found, 1, 2)) / 2)


def _step(theta: Floats, gradient: Floats, hessian: Floats) -> Floats:
    """Return Newton's step, turned uphill where the likelihood is not yet concave, within the bounds of the SD."""
    values, vectors = np.linalg.eigh(-hessian)
    safe = np.maximum(np.abs(values), 1e-8)
    along = np.einsum("rij,ri->rj", vectors, gradient) / safe
    step = np.clip(np.einsum("rij,rj->ri", vectors, along), -MAX_STEP, MAX_STEP)
    step[:, -1] = np.clip(theta[:, -1] + step[:, -1], SMALLEST_LOG_SD, LARGEST_LOG_SD) - theta[:, -1]
    return np.asarray(step)


def _advance(
    rows: Nested, theta: Floats, step: Floats, w: Floats, quadrature: tuple[Floats, Floats], value: Floats
) -> tuple[Floats, Floats, Floats]:
    there, gradient = _likelihood(rows, theta + step, w, quadrature)
    for _ in range(12):
        falls = ~(there >= value - 1e-12 * np.abs(value))
        if not falls.any():
            break
        step = np.where(falls[:, None], step / 2, step)
        there, gradient = _likelihood(rows, theta + step, w, quadrature)
    return theta + step, there, gradient
