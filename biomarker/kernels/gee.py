"""Population-averaged logistic regression of lesions nested in patients: generalised estimating equations.

Every sum over a patient's lesions is all that an exchangeable correlation needs, so that many sets of patient weights
are fitted at once, as a bootstrap of whole patients needs it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit

from biomarker.kernels.logistic import Floats, fit_logistic, linear_predictor

MAX_ITERATIONS = 60
FREE_ITERATIONS = 20
TOLERANCE = 1e-12
MOST_CORRELATION = 0.98
LOWEST_SHARE = -0.5  # of the lowest correlation that the largest patient's lesions can have; near it, weights explode


class GeeFits(NamedTuple):
    """Fits, one for each set of patient weights: shapes (r, p), (r,), (r,)."""

    coefficients: Floats
    correlation: Floats
    converged: NDArray[np.bool_]


class PatientScores(NamedTuple):
    """What the covariance is made of: shapes (K, p) and (K, p, p)."""

    scores: Floats
    informations: Floats


class Nested(NamedTuple):
    """Rows sorted by patient; `starts` is the first row of each, `sizes` how many there are."""

    design: Floats
    outcome: Floats
    starts: NDArray[np.intp]
    sizes: NDArray[np.intp]


def nested_rows(design: ArrayLike, outcome: ArrayLike, patient: ArrayLike) -> Nested:
    """Sort rows by patient.

    Parameters
    ----------
    design : array_like of float, shape (n, p)
        With a column of ones for the intercept.
    outcome : array_like, shape (n,)
        0/1.
    patient : array_like of int, shape (n,)
        0, 1, ... K - 1, each of which occurs.

    Examples
    --------
    >>> rows = nested_rows([[1.0], [1.0], [1.0]], [1, 0, 0], [1, 0, 1])
    >>> rows.outcome.tolist(), rows.starts.tolist(), rows.sizes.tolist()
    ([0.0, 1.0, 0.0], [0, 1], [1, 2])
    """
    codes = np.asarray(patient)
    order = np.argsort(codes, kind="stable")
    sizes = np.bincount(codes)
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    return Nested(np.asarray(design, float)[order], np.asarray(outcome, float)[order], starts, sizes)


def fit_gee(rows: Nested, weights: ArrayLike | None = None, *, exchangeable: bool = True) -> GeeFits:
    """Solve Liang and Zeger's equations [1]_ for a logistic model of lesions nested in patients.

    Parameters
    ----------
    rows : Nested
        From `nested_rows`.
    weights : array_like of float, shape (r, K), optional
        How often each patient counts; ones, for one fit.
    exchangeable : bool
        Any two lesions of a patient have the same working correlation, estimated by moments without a correction for
        degrees of freedom (as R's geepack has it). False takes lesions as independent for the estimate: the ordinary
        logistic fit.

    Returns
    -------
    GeeFits
        `correlation` is 0 where lesions are taken as independent or no patient has two. Not converged is a fit without
        a solution: with few patients the equations can have none at the correlation that their residuals show (R's
        geepack then gives coefficients of 1e15).

    References
    ----------
    .. [1] Liang KY, Zeger SL. Longitudinal data analysis using generalized linear models. Biometrika 1986;73:13-22.

    Examples
    --------
    >>> x = np.column_stack([np.ones(8), [0, 0, 0, 0, 1, 1, 1, 1]])
    >>> fits = fit_gee(nested_rows(x, [1, 0, 0, 0, 1, 1, 0, 1], [0, 0, 1, 1, 2, 2, 3, 3]))
    >>> bool(fits.converged[0]), round(float(np.exp(fits.coefficients[0, 1])), 6)
    (True, 9.0)
    """
    w = np.ones((1, rows.sizes.size)) if weights is None else np.atleast_2d(np.asarray(weights, float))
    first = fit_logistic(rows.design, rows.outcome, np.repeat(w, rows.sizes, axis=1), max_iterations=30)
    beta, converged = first.coefficients, first.converged
    correlation = np.zeros(beta.shape[0])
    if not exchangeable or rows.sizes.max(initial=1) == 1:
        return GeeFits(beta, correlation, converged)
    settled = np.zeros(beta.shape[0], bool)
    for iteration in range(MAX_ITERATIONS):
        # where few lesions tell it the correlation may swing to and fro: it is then held back, and in the end kept
        pace = 1.0 if iteration < FREE_ITERATIONS else 0.5 if iteration < 2 * FREE_ITERATIONS else 0.0
        correlation = correlation + pace * (_working_correlation(rows, beta, w) - correlation)
        score, information = _equations(rows, beta, correlation, w)
        step = _solve(information, score)
        step[~converged] = 0.0  # separated: the equations have no root
        beta = beta + step
        settled = np.einsum("rp,rp->r", step, score) < TOLERANCE
        if np.all(settled | ~converged):
            break
    return GeeFits(beta, correlation, converged & settled & np.isfinite(beta).all(axis=1))


def patient_scores(rows: Nested, coefficients: ArrayLike, correlation: float) -> PatientScores:
    """Return the estimating function of each patient and minus its derivative, for `sandwich`.

    Examples
    --------
    >>> rows = nested_rows([[1.0], [1.0], [1.0]], [1, 0, 0], [0, 0, 1])
    >>> found = patient_scores(rows, [0.0], 0.0)
    >>> found.scores.tolist(), found.informations.tolist()
    ([[0.0], [-0.5]], [[[0.5]], [[0.25]]])
    """
    beta = np.atleast_2d(np.asarray(coefficients, float))
    scores, informations = _per_patient(rows, beta, np.atleast_1d(np.asarray(correlation, float)))
    return PatientScores(scores[0], informations[0])


def _working_correlation(rows: Nested, beta: Floats, w: Floats) -> Floats:
    """Return the mean product of two Pearson residuals of a patient, over their mean square."""
    risk = expit(linear_predictor(rows.design, beta))
    residual = (rows.outcome - risk) / np.sqrt(np.maximum(risk * (1 - risk), 1e-12))
    totals, squares = _totals(residual, rows), _totals(residual**2, rows)
    pairs = np.sum(w * rows.sizes * (rows.sizes - 1), axis=1)
    dispersion = np.sum(w * squares, axis=1) / np.sum(w * rows.sizes, axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        found = np.sum(w * (totals**2 - squares), axis=1) / pairs / dispersion
    lowest = LOWEST_SHARE / max(int(rows.sizes.max()) - 1, 1)
    return np.asarray(np.clip(np.nan_to_num(found), lowest, MOST_CORRELATION))


def _totals(values: Floats, rows: Nested) -> Floats:
    """Sum over the lesions of each patient, along the second axis."""
    return np.asarray(np.add.reduceat(values, rows.starts, axis=1))


def _per_patient(rows: Nested, beta: Floats, correlation: Floats) -> tuple[Floats, Floats]:
    """Return scores (r, K, p) and informations (r, K, p, p).

    With z the rows of the design times the standard deviation of the outcome, and e the Pearson residuals, the inverse
    of an exchangeable correlation gives ``(z'e - c (z'1)(1'e)) / (1 - rho)``, ``c = rho / (1 + (m - 1) rho)``.
    """
    risk = expit(linear_predictor(rows.design, beta))
    deviation = np.sqrt(np.maximum(risk * (1 - risk), 1e-300))
    residual = (rows.outcome - risk) / deviation
    z = deviation[:, :, None] * rows.design
    rho = correlation[:, None]
    c = rho / (1 + (rows.sizes - 1) * rho)
    z_totals, totals = _totals(z, rows), _totals(residual, rows)
    scores = _totals(z * residual[:, :, None], rows) - (c * totals)[:, :, None] * z_totals
    outer = _totals(z[:, :, :, None] * z[:, :, None, :], rows)
    informations = outer - c[:, :, None, None] * z_totals[:, :, :, None] * z_totals[:, :, None, :]
    scale = 1 - correlation
    return scores / scale[:, None, None], informations / scale[:, None, None, None]


def _equations(rows: Nested, beta: Floats, correlation: Floats, w: Floats) -> tuple[Floats, Floats]:
    scores, informations = _per_patient(rows, beta, correlation)
    return np.einsum("rk,rkp->rp", w, scores), np.einsum("rk,rkpq->rpq", w, informations)


def _solve(information: Floats, score: Floats) -> Floats:
    try:
        return np.asarray(np.linalg.solve(information, score[:, :, None])[:, :, 0])
    except np.linalg.LinAlgError:
        return np.asarray((np.linalg.pinv(information, hermitian=True) @ score[:, :, None])[:, :, 0])
