"""Whether one odds ratio serves every cut of an ordered outcome: Brant's test of proportional odds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtrc, fdtrc

from biomarker.kernels.logistic import Floats, fit_logistic, risks
from biomarker.kernels.partial_likelihood import ChiSquare

NO_TEST = ChiSquare(float("nan"), 0, float("nan"))


def brant_tests(
    design: ArrayLike, level: ArrayLike, terms: Sequence[Sequence[int]], cluster: ArrayLike | None = None
) -> tuple[list[ChiSquare], ChiSquare]:
    """Compare the coefficients of separate logistic fits, one for each cut of the outcome [1]_.

    Parameters
    ----------
    design : array_like of float, shape (n, p)
        Without an intercept.
    level : array_like of int, shape (n,)
        0 ... k - 1, with k of 3 or more.
    terms : sequence of sequence of int
        Columns of each predictor.
    cluster : array_like of int, shape (n,), optional
        Patients 0 ... K - 1. The covariance is then that between patients, and p is Hotelling's.

    Returns
    -------
    list of ChiSquare
        One a term.
    ChiSquare
        Of all of them. A cut that separates the rows has no fit and is left out, which the degrees of freedom show;
        NaN where fewer than two are left.

    References
    ----------
    .. [1] Brant R. Assessing proportionality in the proportional odds model for ordinal logistic regression.
       Biometrics 1990;46:1171-1178.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> x = rng.normal(size=(200, 1))
    >>> level = np.digitize(x[:, 0] + rng.logistic(size=200), [-1, 1])  # odds are proportional
    >>> bool(brant_tests(x, level, [[0]])[1].p_value > 0.05)
    True
    """
    x = np.column_stack([np.ones(len(np.asarray(level))), np.asarray(design, float)])
    y = np.asarray(level).astype(int)
    p, n_cuts = x.shape[1] - 1, int(y.max())
    above = np.array([y > cut for cut in range(n_cuts)], float)
    tried = [fit_logistic(x, outcome, max_iterations=25) for outcome in above]
    kept = [cut for cut, fit in enumerate(tried) if fit.converged[0]]
    if len(kept) < 2:
        return [NO_TEST for _ in terms], NO_TEST
    fits, above, n_cuts = [tried[cut] for cut in kept], above[kept], len(kept)
    slopes = np.concatenate([fit.coefficients[0, 1:] for fit in fits])
    risk = np.array([risks(x, fit.coefficients)[0] for fit in fits])
    bread = [np.linalg.inv(fit.information[0]) for fit in fits]
    if cluster is None:
        covariance = _model_covariance(x, risk, bread)
        patients = None
    else:
        codes = np.asarray(cluster)
        patients = int(codes.max()) + 1
        covariance = _cluster_covariance(x, above - risk, bread, codes, patients)
    every = list(range(p))
    return (
        [_equal(slopes, covariance, list(columns), p, n_cuts, patients) for columns in terms],
        _equal(slopes, covariance, every, p, n_cuts, patients),
    )


def _model_covariance(x: Floats, risk: Floats, bread: Sequence[Floats]) -> Floats:
    """Return the covariance of all slopes: a patient above the higher cut is above the lower one too."""
    blocks = [
        [
            (first @ (x.T @ (x * (risk[max(i, j)] - risk[i] * risk[j])[:, None])) @ second)[1:, 1:]
            for j, second in enumerate(bread)
        ]
        for i, first in enumerate(bread)
    ]
    return np.asarray(np.block(blocks))


def _cluster_covariance(
    x: Floats, residual: Floats, bread: Sequence[Floats], codes: NDArray[np.intp], patients: int
) -> Floats:
    influence = np.hstack(
        [((left[:, None] * x) @ inverse)[:, 1:] for left, inverse in zip(residual, bread, strict=True)]
    )
    totals = np.zeros((patients, influence.shape[1]))
    np.add.at(totals, codes, influence)
    return np.asarray(totals.T @ totals * (patients / max(patients - 1, 1)))


def _equal(
    slopes: Floats, covariance: Floats, columns: list[int], p: int, n_cuts: int, patients: int | None
) -> ChiSquare:
    """Test that the coefficients of some columns are the same at each cut."""
    first = np.array(columns)
    contrasts = np.zeros(((n_cuts - 1) * first.size, slopes.size))
    for cut in range(1, n_cuts):
        rows = (cut - 1) * first.size + np.arange(first.size)
        contrasts[rows, first], contrasts[rows, cut * p + first] = 1.0, -1.0
    difference, spread = contrasts @ slopes, contrasts @ covariance @ contrasts.T
    df = contrasts.shape[0]
    if np.linalg.matrix_rank(spread) < df:
        return NO_TEST
    statistic = float(difference @ np.linalg.solve(spread, difference))
    if patients is None:
        return ChiSquare(statistic, df, float(chdtrc(df, statistic)))
    left = patients - df
    p_value = float(fdtrc(df, left, statistic * left / (df * (patients - 1)))) if left > 0 else float("nan")
    return ChiSquare(statistic, df, p_value)
