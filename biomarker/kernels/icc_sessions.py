"""Readers who read more than once: agreement between readers and of a reader with itself, with intervals."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtri

from biomarker.kernels.icc_nested import fisher_interval, reader_limits
from biomarker.kernels.icc_reml import crossed_components, reading_sums
from biomarker.kernels.icc_unbalanced import variance_draws
from biomarker.kernels.interval import Interval
from biomarker.kernels.resampling import jackknife_weights

Floats = NDArray[np.float64]


class CellMeans(NamedTuple):
    """Readings of each item by each reader, reduced to their mean, number and spread.

    Attributes
    ----------
    means : ndarray, shape (n_items, n_readers)
        NaN where a reader has not read an item.
    counts : ndarray, shape (n_items, n_readers)
    squares : ndarray, shape (n_items, n_readers)
        Sums of squared deviations from the mean.
    """

    means: Floats
    counts: Floats
    squares: Floats

    @property
    def df(self) -> float:
        """Degrees of freedom within cells."""
        return float(np.maximum(self.counts - 1, 0).sum())

    @property
    def harmonic(self) -> Floats:
        """Mean over each item's cells of 1 / number of readings, and how many cells: shape (n_items, 2)."""
        with np.errstate(divide="ignore"):
            inverse = np.where(self.counts > 0, 1 / self.counts, 0.0)
        return np.stack([inverse.sum(axis=1), (self.counts > 0).sum(axis=1)], axis=1)


class SessionICC(NamedTuple):
    """Agreement of one reading with one by another reader, and with another by the same reader."""

    inter: Interval
    intra: Interval


def cell_means(values: ArrayLike, item: ArrayLike, reader: ArrayLike, n_items: int, n_readers: int) -> CellMeans:
    """Reduce readings to cells of item by reader.

    Parameters
    ----------
    values : array_like, shape (n_readings,)
    item, reader : array_like of int, shape (n_readings,)
        Codes from 0.
    n_items, n_readers : int

    Returns
    -------
    CellMeans
    """
    y = np.asarray(values, float)
    cell = np.asarray(item) * n_readers + np.asarray(reader)
    counts = np.bincount(cell, minlength=n_items * n_readers).astype(float)
    with np.errstate(invalid="ignore", divide="ignore"):  # a cell without readings is NaN
        means = np.bincount(cell, y, minlength=counts.size) / counts
    squares = np.bincount(cell, (y - means[cell]) ** 2, minlength=counts.size).astype(float)
    shape = (n_items, n_readers)
    return CellMeans(means.reshape(shape), counts.reshape(shape), squares.reshape(shape))


class _Parts(NamedTuple):
    """Variances: of items, of readers, of cell means round them, and within cells; and 1/m of a cell on average."""

    item: Floats
    reader: Floats
    cell: Floats
    within: Floats
    inverse_size: Floats

    @property
    def total(self) -> Floats:
        """Variance of one reading."""
        return self.item + self.reader + self.item_by_reader + self.within

    @property
    def item_by_reader(self) -> Floats:
        """What a reader makes of one item, apart from what varies from session to session."""
        return np.maximum(self.cell - self.inverse_size * self.within, 0.0)

    @property
    def inter(self) -> Floats:
        return np.asarray(self.item / self.total)

    @property
    def intra(self) -> Floats:
        return np.asarray((self.item + self.reader + self.item_by_reader) / self.total)


def independent_intervals(cells: CellMeans, *, confidence_level: float = 0.95) -> SessionICC:
    """Intervals of both for independent items, from generalised draws of the variances.

    Cell means are taken as a two-way table whose error variance is that of item by reader and the harmonic share of
    that within cells (the method of unweighted means [1]_); with as many sessions everywhere this is exact.

    References
    ----------
    .. [1] Burdick RK, Graybill FA. Confidence intervals on variance components. New York: Dekker; 1992.
    """
    drawn = variance_draws(reading_sums(cells.means))
    inverse_size = cells.harmonic.sum(axis=0)
    uniform = ((np.arange(drawn.item.shape[1]) + 0.5) * 0.7548776662466927) % 1  # apart from the points of the others
    within = cells.squares.sum() / chdtri(cells.df, uniform)
    parts = _Parts(
        drawn.item[0], drawn.reader[0], drawn.residual[0], within, np.asarray(inverse_size[0] / inverse_size[1])
    )
    tails = np.array([(1 - confidence_level) / 2, (1 + confidence_level) / 2])
    return SessionICC(*(Interval(*np.quantile(draws, tails).tolist()) for draws in (parts.inter, parts.intra)))


def nested_intervals(
    cells: CellMeans, patient: ArrayLike, inter: float, intra: float, *, confidence_level: float = 0.95
) -> SessionICC:
    """Intervals of both for items nested in patients: a jackknife over patients, widened by the choice of readers.

    Parameters
    ----------
    cells : CellMeans
    patient : array_like of int, shape (n_items,)
    inter, intra : float
        The estimates that the intervals are put round.
    confidence_level : float

    Returns
    -------
    SessionICC
        NaN with fewer than two patients, or where some variance cannot be estimated without one of them.
    """
    code = np.unique(np.asarray(patient), return_inverse=True)[1]
    n_patients = int(code.max()) + 1
    nothing = Interval(float("nan"), float("nan"))
    if n_patients < 2:
        return SessionICC(nothing, nothing)
    weights = np.concatenate(list(jackknife_weights(n_patients, max_groups=n_patients)))[:, code].astype(float)
    everyone = _moments(cells, np.ones((1, len(code))))
    without = _moments(cells, weights)
    n_readers = cells.means.shape[1]
    per_reader = (cells.counts > 0).sum() / n_readers
    of_mean = float((everyone.reader + everyone.cell / per_reader)[0])
    total = float(everyone.total[0])

    def interval(rho: float, left_out: Floats, with_reader: bool) -> Interval:
        # between readers their variance is error; within a reader it is not, and 1 - rho shrinks as it grows
        shifted = reader_limits(1 - rho if with_reader else rho, total, of_mean, n_readers, confidence_level)
        readers = Interval(1 - shifted.high, 1 - shifted.low) if with_reader else shifted
        return fisher_interval(
            rho, left_out, "ICC(2,1)", n_readers=2, readers=readers, confidence_level=confidence_level
        )  # fmt: skip

    return SessionICC(interval(inter, without.inter, False), interval(intra, without.intra, True))


def _moments(cells: CellMeans, weights: Floats) -> _Parts:
    """Estimate all variances for each row of weights."""
    parts = crossed_components(reading_sums(cells.means, weights), 2)
    df = weights @ np.maximum(cells.counts - 1, 0).sum(axis=1)
    inverse = weights @ cells.harmonic
    with np.errstate(invalid="ignore", divide="ignore"):  # no reader has read anything twice any more: NaN
        within = weights @ cells.squares.sum(axis=1) / df
        return _Parts(parts.item, parts.reader, parts.residual, within, inverse[:, 0] / inverse[:, 1])
