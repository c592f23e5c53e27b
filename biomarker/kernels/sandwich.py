"""The cluster-robust covariance of an estimate, corrected for few patients."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Correction = Literal["none", "kauermann-carroll", "fay-graubard", "mancl-derouen"]

MOST_SHRINKAGE = 0.75  # Fay and Graubard's bound on the leverage of one patient


class Sandwich(NamedTuple):
    """The covariance, shape (p, p), and Fay and Graubard's degrees of freedom of each coefficient, shape (p,)."""

    covariance: Floats
    df: Floats


def sandwich(scores: ArrayLike, informations: ArrayLike, *, correction: Correction = "mancl-derouen") -> Sandwich:
    """Return the covariance of an estimate that solves ``sum of scores = 0`` over independent patients.

    A patient who weighs much has drawn the estimate to himself, and his score is too small. Each correction undoes
    that by the share of the information that is his: by its root (Kauermann and Carroll [1]_), by its root in the
    diagonal alone (Fay and Graubard [2]_) or wholly (Mancl and DeRouen [3]_).

    Parameters
    ----------
    scores : array_like of float, shape (K, p)
        Estimating function of each patient, at the estimate.
    informations : array_like of float, shape (K, p, p)
        Minus its derivative; the sum over patients must be invertible.
    correction : {"none", "kauermann-carroll", "fay-graubard", "mancl-derouen"}
        "none" gives Liang and Zeger's covariance, which is too small with few patients.

    Returns
    -------
    Sandwich
        With the degrees of freedom of the variance estimate by [2]_ (their d-hat), at most K.

    References
    ----------
    .. [1] Kauermann G, Carroll RJ. A note on the efficiency of sandwich covariance matrix estimation. J Am Stat Assoc
       2001;96:1387-1396.
    .. [2] Fay MP, Graubard BI. Small-sample adjustments for Wald-type tests using sandwich estimators. Biometrics
       2001;57:1198-1206.
    .. [3] Mancl LA, DeRouen TA. A covariance estimator for GEE with improved small-sample properties. Biometrics
       2001;57:126-134.

    Examples
    --------
    The mean of patients who each count once: Mancl and DeRouen's variance is that of the jackknife.

    >>> deviations, each = np.array([[-2.0], [0.0], [2.0]]), np.ones((3, 1, 1))
    >>> corrections = ("none", "kauermann-carroll", "mancl-derouen")
    >>> [round(float(sandwich(deviations, each, correction=c).covariance[0, 0]), 4) for c in corrections]
    [0.8889, 1.3333, 2.0]
    """
    u, omega = np.asarray(scores, float), np.asarray(informations, float)
    bread = np.linalg.inv(omega.sum(axis=0))
    adjusted = _adjusted(u, omega, bread, correction)
    influence = adjusted @ bread.T
    return Sandwich(influence.T @ influence, _degrees_of_freedom(omega, bread, correction))


def _adjusted(u: Floats, omega: Floats, bread: Floats, correction: Correction) -> Floats:
    return np.asarray((_adjustment(omega, bread, correction) @ u[:, :, None])[:, :, 0])


def _adjustment(omega: Floats, bread: Floats, correction: Correction) -> Floats:
    """Return the matrix that multiplies each patient's score."""
    p = omega.shape[1]
    share = omega @ bread
    if correction == "mancl-derouen":
        return np.asarray(np.linalg.pinv(np.eye(p) - share))
    if correction == "kauermann-carroll":
        return _inverse_root(omega, bread)
    if correction == "fay-graubard":
        diagonal = np.minimum(np.einsum("kii->ki", share), MOST_SHRINKAGE)
        return np.asarray(np.eye(p) / np.sqrt(1 - diagonal)[:, :, None])
    return np.broadcast_to(np.eye(p), omega.shape)


def _inverse_root(omega: Floats, bread: Floats) -> Floats:
    """Return ``(I - omega bread) ** -0.5``, by way of the symmetric matrix it is similar to."""
    half = np.linalg.cholesky(bread)
    symmetric = np.swapaxes(np.broadcast_to(half, omega.shape), 1, 2) @ omega @ half
    values, vectors = np.linalg.eigh((symmetric + np.swapaxes(symmetric, 1, 2)) / 2)
    root = 1 / np.sqrt(np.maximum(1 - values, 1e-10))
    inverse = np.linalg.inv(half)
    return np.asarray(inverse.T @ (vectors * root[:, None, :]) @ np.swapaxes(vectors, 1, 2) @ half.T)


def _degrees_of_freedom(omega: Floats, bread: Floats, correction: Correction) -> Floats:
    """Return the degrees of freedom of each variance: those of a quadratic form in the patients' normal scores.

    With the covariance of a patient's score put equal to his information (the working model), the variance of
    coefficient j is ``sum of (row_j A_k u_k) ** 2``, where the scores are what is left after the estimate was drawn to
    them: ``u_k = e_k - omega_k bread sum(e)``. Its mean and variance give Satterthwaite's degrees of freedom.
    """
    weights = bread[None, :, :] @ _adjustment(omega, bread, correction)  # (K, p, p): row j of patient k
    n, p = omega.shape[0], omega.shape[1]
    df = np.empty(p)
    for j in range(p):
        a = weights[:, j, :]
        spread = np.einsum("kp,kpq->kq", a, omega)  # a_k' omega_k
        own = np.einsum("kp,kp->k", spread, a)
        shared = spread @ bread @ spread.T  # a_k' omega_k bread omega_l a_l
        middle = np.diag(own) - shared
        middle /= max(float(np.abs(middle).max()), 1e-300)  # so that no square overflows
        square = np.sum(middle * middle)
        df[j] = np.trace(middle) ** 2 / square if square > 0 else np.nan
    return np.minimum(df, n)
