"""How well a fitted model predicts: discrimination, overall accuracy and calibration, for many fits at once."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit

from biomarker.kernels.logistic import Floats, fit_logistic
from biomarker.kernels.proportional_odds import fit_proportional_odds

SLOPE_ITERATIONS = 25  # a slope that has not settled by then is infinite: the predictor separates the outcomes


class BinaryPerformance(NamedTuple):
    """Of predicted risks, shape (r,) each; NaN where undefined.

    Attributes
    ----------
    auc : Area under the ROC curve, ties one half.
    brier : Mean squared difference of risk and outcome.
    brier_scaled : 1 minus the Brier score over that of giving everyone the prevalence.
    nagelkerke_r2 : Share of the log likelihood explained, scaled to reach 1; intercept and slope of the predictor are
        refitted for it, as in R's rms, since a single risk near 0 or 1 that went wrong would else outweigh all others.
    calibration_intercept : Log odds by which risks are too low on the whole, the slope taken as 1; 0 is right.
    calibration_slope : Of the outcome on the linear predictor; below 1 risks are too extreme.
    """

    auc: Floats
    brier: Floats
    brier_scaled: Floats
    nagelkerke_r2: Floats
    calibration_intercept: Floats
    calibration_slope: Floats


class OrdinalPerformance(NamedTuple):
    """Of a proportional odds model, shape (r,) each; `c_index` is over pairs of different levels, ties one half."""

    c_index: Floats
    nagelkerke_r2: Floats
    calibration_slope: Floats


def binary_performance(predictor: ArrayLike, outcome: ArrayLike, weights: ArrayLike | None = None) -> BinaryPerformance:
    """Measure linear predictors (log odds) against a binary outcome [1]_.

    Parameters
    ----------
    predictor : array_like of float, shape (r, n) or (n,)
        Log odds of each row by each fit.
    outcome : array_like, shape (n,)
        0/1.
    weights : array_like of float, shape (r, n) or (1, n), optional
        How often each row counts.

    Returns
    -------
    BinaryPerformance
        NaN where the weighted rows have one class; the slope also where predictors are all equal or separate classes.

    References
    ----------
    .. [1] Steyerberg EW, Vickers AJ, Cook NR, et al. Assessing the performance of prediction models. Epidemiology
       2010;21:128-138.

    Examples
    --------
    >>> found = binary_performance([-1.0, 0.0, 0.0, 1.0], [0, 0, 1, 1])
    >>> print(f"{found.auc[0]:.3f} {found.brier[0]:.4f}")
    0.875 0.1612
    """
    eta, y = np.atleast_2d(np.asarray(predictor, float)), np.asarray(outcome, float)
    w = np.broadcast_to(1.0 if weights is None else np.atleast_2d(np.asarray(weights, float)), eta.shape)
    total = w.sum(axis=1)
    share = (w @ y) / total
    one_class = (share <= 0) | (share >= 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        brier = np.sum(w * (y - expit(eta)) ** 2, axis=1) / total
        null = total * (share * np.log(share) + (1 - share) * np.log1p(-share))
        scaled = 1 - brier / (share * (1 - share))
    slope, recalibrated = _recalibrated(eta, y, w)
    found = BinaryPerformance(
        auc=weighted_auc(eta, y, w),
        brier=brier,
        brier_scaled=scaled,
        nagelkerke_r2=nagelkerke(recalibrated, null, total),
        calibration_intercept=recalibrated_intercept(eta, y, w),
        calibration_slope=slope,
    )
    return BinaryPerformance(*(np.where(one_class, np.nan, part) for part in found))


def ordinal_performance(predictor: ArrayLike, level: ArrayLike, weights: ArrayLike | None = None) -> OrdinalPerformance:
    """Measure a proportional odds model against the levels that came about.

    Parameters
    ----------
    predictor : array_like of float, shape (r, n) or (n,)
        Log odds of higher levels.
    level : array_like of int, shape (n,)
        0 ... k - 1.
    weights : array_like of float, shape (r, n) or (1, n), optional
        How often each row counts.

    Examples
    --------
    >>> found = ordinal_performance([-1.0, 0.0, 0.5, 0.2, 1.0], [0, 1, 0, 1, 2])
    >>> round(float(found.c_index[0]), 3)
    0.75
    """
    eta, y = np.atleast_2d(np.asarray(predictor, float)), np.asarray(level).astype(int)
    w = np.broadcast_to(1.0 if weights is None else np.atleast_2d(np.asarray(weights, float)), eta.shape)
    counts = w @ np.eye(int(y.max()) + 1)[y]
    total = counts.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        null = np.sum(np.where(counts > 0, counts * np.log(counts / total[:, None]), 0.0), axis=1)
    varies = np.ptp(eta, axis=1) > 0
    slope = fit_proportional_odds(_standard(eta)[:, :, None], y, w, max_iterations=SLOPE_ITERATIONS, tolerance=1e-16)
    return OrdinalPerformance(
        c_index=_concordance(eta, y, w, counts),
        nagelkerke_r2=nagelkerke(slope.log_likelihood, null, total),
        calibration_slope=np.where(varies & slope.converged, slope.coefficients[:, 0] / _spread(eta), np.nan),
    )


def weighted_auc(predictor: Floats, outcome: Floats, weights: Floats) -> Floats:
    """Return the area under the ROC curve of each row of predictors, shape (r,), each with weights of its own."""
    order = np.argsort(predictor, axis=1, kind="stable")
    value = np.take_along_axis(predictor, order, axis=1)
    w = np.take_along_axis(weights, order, axis=1)
    positive = w * np.take_along_axis(np.broadcast_to(outcome, predictor.shape), order, axis=1)
    negative = w - positive
    below = np.cumsum(negative, axis=1) - negative
    new = np.concatenate([np.ones((value.shape[0], 1), bool), np.diff(value, axis=1) != 0], axis=1)
    last = np.concatenate([new[:, 1:], np.ones((value.shape[0], 1), bool)], axis=1)
    at_or_below = below + negative
    # within ties: negatives below the first of them, and up to the last of them
    under = np.maximum.accumulate(np.where(new, below, 0.0), axis=1)
    up_to = np.minimum.accumulate(np.where(last, at_or_below, np.inf)[:, ::-1], axis=1)[:, ::-1]
    wins = np.sum(positive * (under + up_to) / 2, axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(wins / (positive.sum(axis=1) * negative.sum(axis=1)))


def nagelkerke(likelihood: Floats, null: Floats, total: Floats) -> Floats:
    """Return Nagelkerke's R squared from two log likelihoods and the number of rows [1]_.

    References
    ----------
    .. [1] Nagelkerke NJD. A note on a general definition of the coefficient of determination. Biometrika
       1991;78:691-692.
    """
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        return np.asarray(np.expm1(-2 * (likelihood - null) / total) / np.expm1(2 * null / total))


def recalibrated_intercept(predictor: Floats, outcome: Floats, weights: Floats) -> Floats:
    """Return what must be added to each row of log odds so that risks sum to the events, shape (r,)."""
    shift = np.zeros(predictor.shape[0])
    for _ in range(100):
        risk = expit(predictor + shift[:, None])
        gap = np.sum(weights * (outcome - risk), axis=1)
        step = gap / np.maximum(np.sum(weights * risk * (1 - risk), axis=1), 1e-12)
        shift = shift + np.clip(step, -2.0, 2.0)
        if np.all(np.abs(step) < 1e-13):
            break
    return np.asarray(shift)


def _recalibrated(eta: Floats, y: Floats, w: Floats) -> tuple[Floats, Floats]:
    """Return the slope of the outcome on the predictor, and the log likelihood with it."""
    varies = np.ptp(eta, axis=1) > 0
    design = np.stack([np.ones_like(eta), _standard(eta)], axis=2)
    fits = fit_logistic(design, y, w, max_iterations=SLOPE_ITERATIONS, tolerance=1e-16)
    slope = np.where(varies & fits.converged, fits.coefficients[:, 1] / _spread(eta), np.nan)
    return slope, fits.log_likelihood


def _spread(eta: Floats) -> Floats:
    deviation = eta.std(axis=1)
    return np.where(deviation > 0, deviation, 1.0)


def _standard(eta: Floats) -> Floats:
    return np.asarray((eta - eta.mean(axis=1, keepdims=True)) / _spread(eta)[:, None])


def _concordance(eta: Floats, y: NDArray[np.intp], w: Floats, counts: Floats) -> Floats:
    """Return the mean AUC of each two levels, by how many pairs they have."""
    wins, pairs = np.zeros(eta.shape[0]), np.zeros(eta.shape[0])
    for high in range(1, counts.shape[1]):
        for low in range(high):
            both = (y == high) | (y == low)
            area = weighted_auc(eta[:, both], (y[both] == high).astype(float), w[:, both])
            size = counts[:, high] * counts[:, low]
            wins += np.where(size > 0, size * area, 0.0)
            pairs += size
    with np.errstate(invalid="ignore", divide="ignore"):
        return wins / pairs
