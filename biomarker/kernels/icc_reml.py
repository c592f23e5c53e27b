"""Items and readers crossed, some readings missing: variance components by REML.

Everything is computed from sums over items of equal numbers of readings, so that a fit costs the same for ten items as
for ten thousand, and hundreds of fits (patients left out, features) are made at once.

The model is ``reading = mean + item + reader + error``. As in Shrout and Fleiss, model 1 leaves the reader out (it is
part of the error), model 2 has readers at random, model 3 has them fixed.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

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


class Absorbed(NamedTuple):
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
    with np.errstate(divide="ignore", invalid="ignore"):  # readings of an item that never differ: the log of nothing
        ratios = lowest_ratios(lambda lam: deviance_and_squares(sums, lam, model)[0], n_fits, 2 if model == 2 else 1)
        residual = np.maximum(deviance_and_squares(sums, ratios, model)[1] / _df_residual(sums, model), 0.0)
    reader = ratios[:, 1] * residual if model == 2 else np.full(n_fits, np.nan)
    return CrossedComponents(ratios[:, 0] * residual, reader, residual)


def icc_from_components(parts: CrossedComponents, form: str, n_readers: int) -> Array:
    """Give one of the six forms from variances; NaN where there are none."""
    model, averaged = int(form[4]), form[6] == "k"
    error = parts.residual + (parts.reader if model == 2 else 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(parts.item / (parts.item + error / (n_readers if averaged else 1)))


def residuals(values: ArrayLike) -> tuple[Array, float]:
    """Return what items and readers, both fixed, leave over of each reading, and the degrees of freedom of that."""
    table = np.asarray(values, float)
    sums = reading_sums(table)
    full = absorbed(sums, None)
    inverse, rank = pseudo_inverse(full.matrix[0].real)
    left = table - inverse @ full.vector[0].real
    df = float(sums.n_readings[0] - sums.n_items[0]) - rank
    return left - np.nanmean(left, axis=1, keepdims=True), df


def one_fit(sums: ReadingSums, i: int) -> ReadingSums:
    """Return the sums of one fit alone."""
    return ReadingSums(sums.sizes, *(part[i : i + 1] for part in sums[1:]))


def absorbed(sums: ReadingSums, ratio: NDArray[Any] | None) -> Absorbed:
    """Absorb items at a variance ratio (None: infinite, that is as fixed effects)."""
    if ratio is None:
        weight, log_det = np.broadcast_to(1 / sums.sizes, sums.items.shape), np.zeros(len(sums.items))
    else:
        grown = np.where(sums.items > 0, 1 + ratio[:, None] * sums.sizes, 1)  # sizes no item has are no fault
        weight, log_det = ratio[:, None] / grown, (sums.items * np.log(grown)).sum(axis=1)
    diagonal = np.einsum("fskk->fk", sums.pairs)
    matrix = diagonal[:, :, None] * np.eye(diagonal.shape[1]) - np.einsum("fs,fskl->fkl", weight, sums.pairs)
    return Absorbed(
        matrix,
        sums.by_reader - np.einsum("fs,fsk->fk", weight, sums.totals),
        sums.total_squares - (weight * sums.squares).sum(axis=1),
        log_det,
    )


def deviance_and_squares(sums: ReadingSums, ratios: NDArray[Any], model: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the REML deviance, its constants left out, and the weighted residual sum of squares."""
    part = absorbed(sums, ratios[:, 0])
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


def pseudo_inverse(matrix: Array) -> tuple[Array, int]:
    """Return the generalised inverse of a symmetric matrix, and its rank."""
    values, vectors = np.linalg.eigh(matrix)
    kept = values > 1e-9 * max(float(values.max()), 1.0)
    return (vectors[:, kept] / values[kept]) @ vectors[:, kept].T, int(kept.sum())
