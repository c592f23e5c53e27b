"""Items and readers crossed, some readings missing: variance components by REML, and intervals that need no balance.

Everything is computed from sums over items of equal numbers of readings, so that a fit costs the same for ten items as
for ten thousand, and hundreds of fits (patients left out, features) are made at once.

The model is ``reading = mean + item + reader + error``. As in Shrout and Fleiss, model 1 leaves the reader out (it is
part of the error), model 2 has readers at random, model 3 has them fixed.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq
from scipy.special import chdtri, fdtri

from biomarker.kernels.interval import Interval
from biomarker.kernels.variance_ratios import lowest_ratios

Array = NDArray[np.float64]


class CrossedComponents(NamedTuple):
    """Variances by REML, each a float or one value per fit; `reader` is NaN in models 1 and 3."""

    item: Any
    reader: Any
    residual: Any


class ReadingSums(NamedTuple):
    """All that a likelihood needs; the first axis is that of the fits, `s` runs over numbers of readings an item has.

    Attributes
    ----------
    sizes : ndarray, shape (s,)
        Numbers of readings that an item may have.
    items : ndarray, shape (fits, s)
        Items with so many readings.
    pairs : ndarray, shape (fits, s, k, k)
        How often two readers have read the same item; the diagonal counts the readings of one.
    totals : ndarray, shape (fits, s, k)
        Sum over the items of a reader of the item's sum of readings.
    squares : ndarray, shape (fits, s)
        Sum of squares of the items' sums.
    by_reader : ndarray, shape (fits, k)
        Sum of a reader's readings.
    total_squares : ndarray, shape (fits,)
    """

    sizes: Array
    items: Array
    pairs: Array
    totals: Array
    squares: Array
    by_reader: Array
    total_squares: Array

    @property
    def n_readings(self) -> Array:
        """Readings of each fit."""
        return np.asarray(self.items @ self.sizes)

    @property
    def n_items(self) -> Array:
        """Items of each fit."""
        return np.asarray(self.items.sum(axis=1))


class _Absorbed(NamedTuple):
    """Cross-products of reader columns and readings once items at a given ratio have been absorbed."""

    matrix: NDArray[Any]  # (fits, k, k)
    vector: NDArray[Any]  # (fits, k)
    square: NDArray[Any]  # (fits,)
    log_det: NDArray[Any]


def reading_sums(values: ArrayLike, weights: ArrayLike | None = None) -> ReadingSums:
    """Sum a table of readings, NaN where there is none.

    Parameters
    ----------
    values : array_like, shape (n_items, n_readers) or (n_items, n_readers, n_features)
        Any item may lack readings. Several features are several fits.
    weights : array_like, shape (n_fits, n_items), optional
        How often each item counts in each fit (0 leaves it out); for a single feature.

    Returns
    -------
    ReadingSums

    Raises
    ------
    ValueError
        For a table that is no table, or weights for several features.
    """
    table = np.asarray(values, float)
    if table.ndim == 2:
        table = table[:, :, None]
    if table.ndim != 3 or min(table.shape[:2]) < 2:
        raise ValueError("need at least 2 items and 2 readers, as an array (items, readers[, features])")
    if weights is not None and table.shape[2] > 1:
        raise ValueError("weights take one feature at a time")
    # centred: sums of squares of readings far from 0 would lose their digits
    table = table - np.nanmean(table, axis=(0, 1), keepdims=True)
    there = ~np.isnan(table)
    present, read = there.astype(float), np.where(there, table, 0.0)
    counts, sums = present.sum(axis=1), read.sum(axis=1)
    sizes = np.arange(1, table.shape[1] + 1)
    of_size = (counts[:, None, :] == sizes[:, None]).astype(float)  # items, s, features
    if weights is not None:
        of_size, present, read, counts, sums = (part[..., 0] for part in (of_size, present, read, counts, sums))
        weights = np.asarray(weights, float)

    def summed(kept: str, *axes: str, of: tuple[Array, ...]) -> Array:
        """Sum over items (j) for each fit (f), which is a feature or a row of weights."""
        if weights is None:
            return np.asarray(np.einsum(f"{','.join(part + 'f' for part in axes)}->f{kept}", *of, optimize=True))
        return np.asarray(np.einsum(f"fj,{','.join(axes)}->f{kept}", weights, *of, optimize=True))

    return ReadingSums(
        sizes.astype(float),
        summed("s", "js", of=(of_size,)),
        summed("skl", "js", "jk", "jl", of=(of_size, present, present)),
        summed("sk", "js", "jk", "j", of=(of_size, present, sums)),
        summed("s", "js", "j", of=(of_size, sums**2)),
        summed("k", "jk", of=(read,)),
        summed("", "jk", of=(read**2,)),
    )


def crossed_components(sums: ReadingSums, model: int) -> CrossedComponents:
    """Estimate variances by restricted maximum likelihood, none below 0 [1]_.

    Parameters
    ----------
    sums : ReadingSums
        Of `reading_sums`.
    model : {1, 2, 3}
        Readers left out of the model, at random, or fixed.

    Returns
    -------
    CrossedComponents
        Arrays of shape (n_fits,). Where readings of an item never differ, the residual variance is 0.

    References
    ----------
    .. [1] Patterson HD, Thompson R. Recovery of inter-block information when block sizes are unequal. Biometrika
       1971;58:545-554.

    Examples
    --------
    The judges of Shrout and Fleiss (1979), two readings lost:

    >>> judges = np.array([[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7.0]])
    >>> judges[0, 1] = judges[3, 2] = np.nan
    >>> parts = crossed_components(reading_sums(judges), 2)
    >>> print(f"{parts.item[0]:.3f} {parts.reader[0]:.3f} {parts.residual[0]:.3f}")
    2.579 4.568 0.879
    """
    if model not in (1, 2, 3):
        raise ValueError("model is 1, 2 or 3")
    n_fits = len(sums.items)
    ratios = lowest_ratios(lambda lam: _deviance(sums, lam, model)[0], n_fits, 2 if model == 2 else 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        residual = np.maximum(_deviance(sums, ratios, model)[1] / _df_residual(sums, model), 0.0)
    reader = ratios[:, 1] * residual if model == 2 else np.full(n_fits, np.nan)
    return CrossedComponents(ratios[:, 0] * residual, reader, residual)


def icc_from_components(parts: CrossedComponents, form: str, n_readers: int) -> Array:
    """Give one of the six forms from variances; NaN where there are none."""
    model, averaged = int(form[4]), form[6] == "k"
    error = parts.residual + (parts.reader if model == 2 else 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(parts.item / (parts.item + error / (n_readers if averaged else 1)))


def ratio_interval(sums: ReadingSums, model: int, *, confidence_level: float = 0.95) -> Interval:
    """Limits of the ICC of one reading in model 1 or 3, exact however unbalanced the readings are [1]_.

    The sum of squares between items, weighted for a ratio of variances, over the residual mean square has an F
    distribution at the true ratio and falls as the ratio rises. With complete readings this is the usual F interval.

    Returns
    -------
    Interval
        Shape (n_fits,); NaN where nothing is left to estimate the error from.

    References
    ----------
    .. [1] Wald A. A note on the analysis of variance with unequal class frequencies. Ann Math Stat 1940;11:96-100.
    """
    tail = (1 - confidence_level) / 2
    limits = np.full((len(sums.items), 2), np.nan)
    for i in range(len(sums.items)):
        one = _one(sums, i)
        between = _between(one, model)
        if between.df_error <= 0 or between.df_items <= 0:
            continue
        if between.error <= 1e-12 * max(float(one.total_squares[0]), 1e-300):
            limits[i] = 1.0
            continue
        for side, quantile in enumerate((fdtri(between.df_items, between.df_error, 1 - tail),
                                         fdtri(between.df_items, between.df_error, tail))):  # fmt: skip
            limits[i, side] = _ratio_at(one, model, between, float(quantile))
    return Interval(limits[:, 0], limits[:, 1])


class _Between(NamedTuple):
    error: float  # sum of squares within items (and readers, model 3)
    df_error: float
    df_items: float


def _between(one: ReadingSums, model: int) -> _Between:
    """Return the residual sum of squares and degrees of freedom with items as fixed effects."""
    full = _absorbed(one, None)
    n, n_items = float(one.n_readings[0]), float(one.n_items[0])
    if model == 1:
        return _Between(max(float(full.square[0].real), 0.0), n - n_items, n_items - 1)
    inverse, rank = _pseudo_inverse(full.matrix[0].real)
    left = float(full.square[0].real - full.vector[0].real @ inverse @ full.vector[0].real)
    n_readers = float((np.diagonal(full.matrix[0].real + one.pairs[0].sum(axis=0)) > 0).sum())
    return _Between(max(left, 0.0), n - n_items - rank, n_items - (n_readers - rank))


def _ratio_at(one: ReadingSums, model: int, between: _Between, quantile: float) -> float:
    """Return the ICC at which the F ratio equals a quantile."""
    sizes = one.sizes[one.items[0] > 0]
    lowest = -1.0 / (float(sizes.max()) - 1.0) + 1e-9

    def excess(icc: float) -> float:
        squares = float(_deviance(one, np.array([[icc / (1 - icc)]]), model)[1][0]) - between.error
        return squares / between.df_items / (between.error / between.df_error) - quantile

    if excess(lowest) <= 0:
        return lowest
    highest = 1 - 1e-12
    return 1.0 if excess(highest) >= 0 else float(brentq(excess, lowest, highest, xtol=1e-13, rtol=1e-14))


def variance_draws(sums: ReadingSums, *, df_error: float | None = None, n_draws: int = 4096) -> CrossedComponents:
    """Draw from the generalised (fiducial) distribution of the three variances of model 2 [1]_ [2]_.

    The residual sum of squares, that of items adjusted for readers and that of readers adjusted for items are each a
    sum of squared normal deviates once divided by their own variances; equating them with chi-squared draws and
    solving gives draws of the variances. Percentiles of any function of them are limits of a confidence interval; with
    complete readings these are the classical generalised intervals. The draws are a fixed, evenly spread set of
    points, so that the same readings always give the same limits.

    Parameters
    ----------
    sums : ReadingSums
        One fit or several.
    df_error : float, optional
        Effective degrees of freedom of the error, where errors of a patient's items go together; by default their
        number.
    n_draws : int

    Returns
    -------
    CrossedComponents
        Arrays of shape (n_fits, n_draws); all NaN where readers, items or errors leave no degree of freedom.

    References
    ----------
    .. [1] Weerahandi S. Generalized confidence intervals. J Am Stat Assoc 1993;88:899-905.
    .. [2] Arendacká B. Generalized confidence intervals on the variance component in mixed linear models with two
       variance components. Statistics 2005;39:275-286.
    """
    uniform = _evenly_spread(n_draws)
    drawn = [_draws_of_one(_one(sums, i), uniform, df_error) for i in range(len(sums.items))]
    return CrossedComponents(*(np.stack(part) for part in zip(*drawn, strict=True)))


def _draws_of_one(one: ReadingSums, uniform: Array, df_error: float | None) -> tuple[Array, Array, Array]:
    between = _between(one, 3)
    full = _absorbed(one, None)
    values, vectors = np.linalg.eigh(full.matrix[0].real)
    kept = values > 1e-9 * max(values.max(), 1.0)
    df_readers = int(kept.sum())
    if min(between.df_error, between.df_items, df_readers) <= 0:
        nothing = np.full(len(uniform), np.nan)
        return nothing, nothing, nothing
    df = between.df_error if df_error is None else df_error
    residual = between.error * (df / between.df_error) / chdtri(df, uniform[:, 0])
    # readers adjusted for items: squares / (residual + eigenvalue * reader variance)
    projected = (vectors[:, kept].T @ full.vector[0].real) ** 2 / values[kept]
    grid = np.concatenate([[0.0], np.geomspace(1e-6, 1e8, 280)])
    squares = (projected / (1 + grid[:, None] * values[kept])).sum(axis=1)
    reader = _solved(
        squares, grid, float(np.mean(values[kept])), residual * chdtri(df_readers, uniform[:, 1]), residual
    )
    # items adjusted for readers
    many = ReadingSums(one.sizes, *(np.repeat(part, grid.size, axis=0) for part in one[1:]))
    squares = np.maximum(np.asarray(_deviance(many, grid[:, None], 3)[1].real) - between.error, 1e-300)
    size = float(one.n_readings[0] / one.n_items[0])
    item = _solved(squares, grid, size, residual * chdtri(between.df_items, uniform[:, 2]), residual)
    return item, reader, residual


def _solved(squares: Array, grid: Array, slope: float, wanted: Array, residual: Array) -> Array:
    """Return variances at which a falling sum of squares is as wanted; 0 where none is that large.

    Log squares are all but straight in log(1 + slope * ratio) (quite straight with complete readings), so
    interpolation between grid points is as good as a search.
    """
    level, place = np.log(np.maximum(squares[::-1], 1e-300)), np.log1p(slope * grid[::-1])
    with np.errstate(divide="ignore"):  # no residual variance at all: the ratio is infinite, and so not used
        found = np.interp(np.log(wanted), level, place)
    return np.asarray(np.expm1(found) / slope * residual)


def _evenly_spread(n: int) -> Array:
    """Return points that fill the unit cube evenly (the generalised golden ratio's lattice)."""
    golden = 1.2207440846057596  # root of x**4 = x + 1
    return (0.5 + np.arange(1, n + 1)[:, None] * golden ** -np.arange(1.0, 4.0)) % 1


def residuals(values: ArrayLike) -> tuple[Array, float]:
    """Return what items and readers, both fixed, leave over of each reading, and the degrees of freedom of that."""
    table = np.asarray(values, float)
    sums = reading_sums(table)
    full = _absorbed(sums, None)
    inverse, rank = _pseudo_inverse(full.matrix[0].real)
    left = table - inverse @ full.vector[0].real
    df = float(sums.n_readings[0] - sums.n_items[0]) - rank
    return left - np.nanmean(left, axis=1, keepdims=True), df


def _one(sums: ReadingSums, i: int) -> ReadingSums:
    return ReadingSums(sums.sizes, *(part[i : i + 1] for part in sums[1:]))


def _absorbed(sums: ReadingSums, ratio: NDArray[Any] | None) -> _Absorbed:
    """Absorb items at a variance ratio (None: infinite, that is as fixed effects)."""
    if ratio is None:
        weight, log_det = np.broadcast_to(1 / sums.sizes, sums.items.shape), np.zeros(len(sums.items))
    else:
        grown = np.where(sums.items > 0, 1 + ratio[:, None] * sums.sizes, 1)  # sizes no item has are no fault
        weight, log_det = ratio[:, None] / grown, (sums.items * np.log(grown)).sum(axis=1)
    diagonal = np.einsum("fskk->fk", sums.pairs)
    matrix = diagonal[:, :, None] * np.eye(diagonal.shape[1]) - np.einsum("fs,fskl->fkl", weight, sums.pairs)
    return _Absorbed(
        matrix,
        sums.by_reader - np.einsum("fs,fsk->fk", weight, sums.totals),
        sums.total_squares - (weight * sums.squares).sum(axis=1),
        log_det,
    )


def _deviance(sums: ReadingSums, ratios: NDArray[Any], model: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the REML deviance, its constants left out, and the weighted residual sum of squares."""
    part = _absorbed(sums, ratios[:, 0])
    if model == 1:
        mean_weight, mean_sum = part.matrix.sum(axis=(1, 2)), part.vector.sum(axis=1)
        left, log_det = part.square - mean_sum**2 / mean_weight, part.log_det + np.log(mean_weight)
    elif model == 2:
        size = np.eye(part.matrix.shape[1])
        inner = size + ratios[:, 1, None, None] * part.matrix
        shrunk = np.linalg.inv(inner)
        through = np.einsum("fkl,fl->fk", shrunk, part.vector)
        mean_weight, mean_sum = np.einsum("fkl,flm->f", part.matrix, shrunk), through.sum(axis=1)
        left = part.square - ratios[:, 1] * (part.vector * through).sum(axis=1) - mean_sum**2 / mean_weight
        log_det = part.log_det + np.log(np.linalg.det(inner)) + np.log(mean_weight)
    else:
        empty = np.einsum("fskk->fk", sums.pairs) == 0  # a reader whose every item was left out of this fit
        matrix = part.matrix + empty[:, :, None] * np.eye(empty.shape[1])
        solved = np.linalg.solve(matrix, part.vector[:, :, None])[:, :, 0]
        left = part.square - (part.vector * solved).sum(axis=1)
        log_det = part.log_det + np.log(np.linalg.det(matrix))
    return log_det + _df_residual(sums, model) * np.log(left), left


def _df_residual(sums: ReadingSums, model: int) -> Array:
    fixed = (np.einsum("fskk->fk", sums.pairs) > 0).sum(axis=1) if model == 3 else 1
    return np.asarray(sums.n_readings - fixed)


def _pseudo_inverse(matrix: Array) -> tuple[Array, int]:
    values, vectors = np.linalg.eigh(matrix)
    kept = values > 1e-9 * max(float(values.max()), 1.0)
    return (vectors[:, kept] / values[kept]) @ vectors[:, kept].T, int(kept.sum())
