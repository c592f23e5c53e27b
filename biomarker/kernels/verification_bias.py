"""Sensitivity and specificity when the reference standard was read in some patients only, chosen by the test.

Cells are counts by stratum and test result. Given the test (and the stratum), whether a row was verified must not
depend on the truth: that is the assumption, and nothing in the data can show it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, ndtri, stdtrit

from biomarker.kernels.interval import Interval

FloatArray = NDArray[np.float64]
QUANTITIES = ("sensitivity", "specificity", "ppv", "npv", "prevalence")


class Cells(NamedTuple):
    """Counts, shape (..., strata, 2); the last axis is test negative, test positive."""

    diseased: FloatArray  # verified rows with the disease
    verified: FloatArray
    tested: FloatArray  # all rows, verified or not


def begg_greenes(cells: Cells) -> dict[str, FloatArray]:
    """Correct accuracy for verification bias [1]_.

    Parameters
    ----------
    cells : Cells
        Counts or sums of weights, shape (..., strata, 2).

    Returns
    -------
    dict of str to ndarray, shape (...)
        The `QUANTITIES`, as fractions; NaN where a cell that was tested has no verified row.

    References
    ----------
    .. [1] Begg CB, Greenes RA. Biometrics 1983;39:207-215.

    Examples
    --------
    Hepatic scintigraphy in 650 patients, 344 of them verified (Drum and Christacopoulos, J Nucl Med 1972;13:908-915):

    >>> cells = Cells(*(np.array([row], float) for row in ([27, 231], [81, 263], [221, 429])))
    >>> corrected = begg_greenes(cells)
    >>> print(f"{corrected['sensitivity']:.3f} {corrected['specificity']:.3f}")
    0.836 0.738
    """
    diseased, verified, tested = (np.asarray(part, float) for part in cells)
    with np.errstate(invalid="ignore", divide="ignore"):
        risk = np.where(tested > 0, diseased / verified, 0.0)  # an empty cell adds nothing; 0/0 elsewhere is NaN
        with_disease = (tested * risk).sum(axis=-2)
        without = (tested * (1 - risk)).sum(axis=-2)
        called = tested.sum(axis=-2)
        return {
            "sensitivity": with_disease[..., 1] / with_disease.sum(axis=-1),
            "specificity": without[..., 0] / without.sum(axis=-1),
            "ppv": with_disease[..., 1] / called[..., 1],
            "npv": without[..., 0] / called[..., 0],
            "prevalence": with_disease.sum(axis=-1) / called.sum(axis=-1),
        }


def logit_intervals(
    truth: ArrayLike,
    verified: ArrayLike,
    test: ArrayLike,
    stratum: ArrayLike,
    clusters: ArrayLike,
    *,
    confidence_level: float = 0.95,
) -> dict[str, Interval]:
    """Give intervals on the logit scale from the influence of each patient.

    With independent rows and one stratum the variances of logit sensitivity and specificity are those of Begg and
    Greenes, but for the factor K/(K-1).

    Parameters
    ----------
    truth, verified, test : array_like of bool, shape (rows,)
        `truth` is not looked at where `verified` is false.
    stratum, clusters : array_like of int, shape (rows,)
        Codes from 0; rows of one cluster are one patient's.

    Returns
    -------
    dict of str to Interval
        Fractions; NaN where the estimate is 0, 1 or NaN, or there is one cluster.
    """
    test, verified, stratum = np.asarray(test, bool), np.asarray(verified, bool), np.asarray(stratum)
    truth = np.asarray(truth, bool) & verified
    cells = count_cells(truth, verified, test, stratum)
    with np.errstate(invalid="ignore", divide="ignore"):
        risk = (cells.diseased / cells.verified)[stratum, test.astype(int)]
        weight = (cells.tested / cells.verified)[stratum, test.astype(int)]
    with_disease = risk + np.where(verified, weight * (truth - risk), 0.0)  # sums to the expected count of each cell
    without = 1 - with_disease
    parts = {
        "sensitivity": (with_disease * test, with_disease * ~test),
        "specificity": (without * ~test, without * test),
        "ppv": (with_disease * test, without * test),
        "npv": (without * ~test, with_disease * ~test),
        "prevalence": (with_disease, without),
    }
    codes = np.asarray(clusters)
    n_clusters = int(codes.max()) + 1
    return {
        quantity: _odds_interval(favourable, other, codes, n_clusters, confidence_level)
        for quantity, (favourable, other) in parts.items()
    }


def count_cells(truth: ArrayLike, verified: ArrayLike, test: ArrayLike, stratum: ArrayLike) -> Cells:
    """Count rows by stratum and test.

    Parameters
    ----------
    truth, verified, test : array_like of bool, shape (rows,)
    stratum : array_like of int, shape (rows,)
        Codes from 0.

    Returns
    -------
    Cells
        Shape (strata, 2).
    """
    stratum, verified = np.asarray(stratum), np.asarray(verified, bool)
    cell = stratum * 2 + np.asarray(test, int)
    size = 2 * (int(stratum.max()) + 1)

    def count(rows: NDArray[np.bool_]) -> FloatArray:
        return np.bincount(cell[rows], minlength=size).reshape(-1, 2).astype(float)

    return Cells(count(verified & np.asarray(truth, bool)), count(verified), count(np.ones_like(verified)))


def multiple_imputation(
    cells: Cells, rng: np.random.Generator, *, n_imputations: int = 200, confidence_level: float = 0.95
) -> dict[str, tuple[float, Interval]]:
    """Impute the truth of unverified rows many times and combine by Rubin's rules on the logit scale [1]_.

    The risk of each cell is drawn from its posterior under Jeffreys' prior, so that the uncertainty of the imputation
    model is in the answer; rows are independent.

    Parameters
    ----------
    cells : Cells
        Shape (strata, 2).
    rng : numpy.random.Generator
    n_imputations : int
        At least 2.

    Returns
    -------
    dict of str to (estimate, Interval)
        Fractions, for each of the `QUANTITIES`.

    References
    ----------
    .. [1] Harel O, Zhou XH. Stat Med 2006;25:3769-3786.
    """
    diseased, verified, tested = (np.asarray(part, float) for part in cells)
    shape = (n_imputations, *diseased.shape)
    risk = rng.beta(diseased + 0.5, verified - diseased + 0.5, size=shape)
    complete = diseased + rng.binomial((tested - verified).astype(int), risk)
    ill, well = complete.sum(axis=-2), (tested - complete).sum(axis=-2)
    parts = {
        "sensitivity": (ill[:, 1], ill[:, 0]),
        "specificity": (well[:, 0], well[:, 1]),
        "ppv": (ill[:, 1], well[:, 1]),
        "npv": (well[:, 0], ill[:, 0]),
        "prevalence": (ill.sum(axis=1), well.sum(axis=1)),
    }
    return {name: _rubin(successes, failures, confidence_level) for name, (successes, failures) in parts.items()}


def _odds_interval(
    favourable: FloatArray, other: FloatArray, codes: NDArray[np.intp], n_clusters: int, confidence_level: float
) -> Interval:
    """Return the interval of ``a / (a + b)`` for two sums over rows, by the influence of each cluster on its logit."""
    a, b = favourable.sum(), other.sum()
    if n_clusters < 2 or not (a > 0 and b > 0):  # NaN sums compare false too
        return Interval(np.nan, np.nan)
    influence = np.bincount(codes, weights=favourable / a - other / b, minlength=n_clusters)
    error = np.sqrt(n_clusters / (n_clusters - 1) * (influence**2).sum())
    half_width = stdtrit(n_clusters - 1, (1 + confidence_level) / 2) * error
    centre = np.log(a / b)
    return Interval(float(expit(centre - half_width)), float(expit(centre + half_width)))


def _rubin(successes: FloatArray, failures: FloatArray, confidence_level: float) -> tuple[float, Interval]:
    """Combine completed-data logits; half a success and failure keep the logit finite in an imputation with none."""
    centres = np.log((successes + 0.5) / (failures + 0.5))
    within = (1 / (successes + 0.5) + 1 / (failures + 0.5)).mean()
    n = len(centres)
    between = centres.var(ddof=1)
    total = within + (1 + 1 / n) * between
    share = (1 + 1 / n) * between / total
    df = (n - 1) / share**2 if share > 0 else np.inf
    half_width = (
        stdtrit(df, (1 + confidence_level) / 2) if np.isfinite(df) else ndtri((1 + confidence_level) / 2)
    ) * np.sqrt(total)
    centre = centres.mean()
    return float(expit(centre)), Interval(float(expit(centre - half_width)), float(expit(centre + half_width)))
