"""The error of a measurement when readers or scanners change: its variance over them, with an interval."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtri

from biomarker.kernels.icc_reml import crossed_components, reading_sums, residuals
from biomarker.kernels.icc_sessions import CellMeans
from biomarker.kernels.icc_unbalanced import variance_draws
from biomarker.kernels.patient_variance import patient_variance
from biomarker.kernels.repeatability import PooledVariance

Floats = NDArray[np.float64]


def reproducibility_variance(
    cells: CellMeans,
    patient: ArrayLike | None = None,
    *,
    df_within: float | None = None,
    confidence_level: float = 0.95,
    n_draws: int = 16_384,
) -> PooledVariance:
    """Variance of one measurement of an item, by any reader at any session: reader, item by reader, and within.

    Parameters
    ----------
    cells : CellMeans
        Every item has been read by two readers or more.
    patient : array_like of int, shape (n_items,), optional
        Where items are nested in patients, whose each is: the residual then gets effective degrees of freedom.
    df_within : float, optional
        Effective degrees of freedom within cells; by default their number.
    confidence_level : float
    n_draws : int
        Of the generalised limits.

    Returns
    -------
    PooledVariance
        REML of the cell means, and generalised limits [1]_: in balanced data, those that the sum of mean squares has.
        `df` is that of a chi-squared variable of the same relative width. Simulated coverage of the 95 % limits is 93
        to 98 % with 10 to 40 items and 2 to 5 readers.

    References
    ----------
    .. [1] Weerahandi S. Generalized confidence intervals. J Am Stat Assoc 1993;88:899-905.
    """
    if np.all(np.nanmax(cells.means, axis=1) == np.nanmin(cells.means, axis=1)) and cells.squares.sum() == 0:
        return PooledVariance(0.0, 0.0, float("nan"), 0.0)
    sums = reading_sums(cells.means)
    parts = crossed_components(sums, 2)
    inverse, n_cells = cells.harmonic.sum(axis=0)
    beyond = 1 - inverse / n_cells  # of the variance within cells, what the error of a cell's mean does not hold
    within = float(cells.squares.sum() / cells.df) if cells.df > 0 else 0.0
    value = float(parts.reader[0] + parts.residual[0] + beyond * within)
    left, df = residuals(cells.means)
    if patient is not None:
        df = effective_df(np.nansum(left**2, axis=1), (~np.isnan(left)).sum(axis=1), patient, df)
    if value == 0 or df <= 0:
        return PooledVariance(value, 0.0 if value == 0 else float("nan"), float("nan"), max(df, 0.0))
    drawn = variance_draws(sums, df_error=df, n_draws=n_draws)
    total = drawn.reader[0] + drawn.residual[0]
    if cells.df > 0:
        d = cells.df if df_within is None else df_within
        uniform = ((np.arange(total.size) + 0.5) * 0.7548776662466927) % 1  # apart from the points of the others
        total = total + beyond * within * d / chdtri(d, uniform)
    low, high = np.quantile(total, [(1 - confidence_level) / 2, (1 + confidence_level) / 2]).tolist()
    # where items do not differ REML pools their mean square with the residual, which can pass the limits of the draws
    low, high = min(low, value), max(high, value)
    spread = float(np.log(high / low)) if low > 0 else float("nan")
    return PooledVariance(value, float(low), float(high), _df_of_width(spread, confidence_level))


def effective_df(squares: ArrayLike, counts: ArrayLike, patient: ArrayLike, df: float) -> float:
    """Degrees of freedom of a residual mean square whose terms go together within patients.

    Parameters
    ----------
    squares, counts : array_like, shape (n_items,)
        Sum of squared residuals of each item and how many there are.
    patient : array_like of int, shape (n_items,)
    df : float
        As if all were independent; the answer is never more.

    Returns
    -------
    float
        0 with a single patient.
    """
    s, n = np.asarray(squares, float), np.asarray(counts, float)
    code = np.unique(np.asarray(patient), return_inverse=True)[1]
    if code.max() == 0 or df <= 0:
        return 0.0
    share = s.sum() / n.sum()
    if share == 0:
        return df
    influence = (s - n * share) / s.sum()
    variance = patient_variance(
        np.bincount(code, influence), np.bincount(code, influence**2), np.bincount(code)
    ).variance
    return float(min(df, 2 / float(variance))) if variance > 0 else df


def _df_of_width(log_width: float, confidence_level: float) -> float:
    """Return the degrees of freedom whose chi-squared limits are so far apart on the log scale."""
    grid = np.geomspace(0.05, 1e5, 400)
    tail = (1 - confidence_level) / 2
    widths = np.log(chdtri(grid, tail) / chdtri(grid, 1 - tail))
    return float(np.exp(np.interp(-log_width, -widths, np.log(grid)))) if np.isfinite(log_width) else float("nan")
