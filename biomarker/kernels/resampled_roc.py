"""ROC curves of resamples, in chunks: of whole patients, or of rows within each class when rows are independent."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike, NDArray

from biomarker.kernels.resampling import Seed, patient_weights, seed_sequence
from biomarker.kernels.roc import Rates, RocPoints, ordered_rows, weighted_rates

MAX_CORNERS = 2048
CHUNK_CELLS = 100_000  # of this size the work stays in the processor's cache
ROWS_PER_CELL = 15


def resampled_patient_curves(
    marker: ArrayLike, positive: ArrayLike, patient: ArrayLike, n_resamples: int, rng: Seed
) -> Iterator[Rates]:
    """Curves of resampled patients, each with all its rows.

    Parameters
    ----------
    marker : array_like of float, shape (n,)
        Higher means more positive.
    positive : array_like of bool, shape (n,)
        The class of each row.
    patient : array_like of int, shape (n,)
        A code 0 to K - 1 for the patient of each row.
    n_resamples : int
        Curves in all; each draws K patients with replacement.
    rng : int, sequence of int, SeedSequence or Generator
        See :func:`biomarker.kernels.resampling.seed_sequence`.

    Yields
    ------
    Rates
        Some of the curves at a time; NaN where a resample lost a class.

    Examples
    --------
    >>> chunks = resampled_patient_curves([1, 2, 2, 3], [False, False, True, True], [0, 1, 1, 2], 100, rng=1)
    >>> sum(len(chunk.true_positive) for chunk in chunks)
    100
    """
    codes = np.asarray(patient, np.int64)
    rows = ordered_rows(marker, positive, codes)
    rows_at_once = max(1, CHUNK_CELLS // codes.size)
    for weights in patient_weights(int(codes.max()) + 1, n_resamples, rng):
        for first in range(0, len(weights), rows_at_once):
            yield weighted_rates(rows, weights[first : first + rows_at_once])


def resampled_row_curves(points: RocPoints, n_resamples: int, rng: Seed) -> Iterator[Rates]:
    """Curves of independent rows resampled within each class.

    Rows of a class and value are alike, so with many to a value their numbers are drawn at once, from a multinomial
    distribution. With more than `MAX_CORNERS` distinct values, neighbours are pooled first: spreads of resampled
    curves do not feel it.

    Parameters
    ----------
    points : RocPoints
        The curve of the data.
    n_resamples : int
        Curves in all. The first curves of a longer run are those of a shorter one.
    rng : int, sequence of int, SeedSequence or Generator
        See :func:`biomarker.kernels.resampling.seed_sequence`.

    Yields
    ------
    Rates
        Some of the curves at a time.

    Examples
    --------
    >>> from biomarker.kernels.roc import roc_points
    >>> chunks = resampled_row_curves(roc_points([1, 2, 2, 3], [False, False, True, True]), 100, rng=1)
    >>> sum(len(chunk.true_positive) for chunk in chunks)
    100
    """
    kept = _pooled(points)
    seed = seed_sequence(rng)
    streams = [
        np.random.default_rng(np.random.SeedSequence(seed.entropy, spawn_key=(*seed.spawn_key, number)))
        for number in range(2)
    ]
    counts = [points.true_positives[kept], points.false_positives[kept]]
    most_rows = min(int(max(count[-1] for count in counts)), ROWS_PER_CELL * kept.size)
    rows_at_once = max(1, CHUNK_CELLS // max(kept.size, most_rows))
    for first in range(0, n_resamples, rows_at_once):
        rows = min(rows_at_once, n_resamples - first)
        yield Rates(*(_drawn(stream, count, rows) for stream, count in zip(streams, counts, strict=True)))


def _pooled(points: RocPoints) -> NDArray[np.int64]:
    """Corners to keep: all, or those that split the rows of both classes together into nearly equal parts."""
    n_corners = points.cutoff.size
    if n_corners <= MAX_CORNERS:
        return np.arange(n_corners)
    called = points.true_positives / points.true_positives[-1] + points.false_positives / points.false_positives[-1]
    kept = np.searchsorted(called, np.linspace(0, 2, MAX_CORNERS))
    return np.unique(np.append(np.minimum(kept, n_corners - 1), (0, n_corners - 1)))


def _drawn(stream: np.random.Generator, reached: NDArray[np.int64], rows: int) -> NDArray[np.float64]:
    """Rates of `rows` resamples of one class, from the counts reached at each corner of the data."""
    total = int(reached[-1])
    per_cell = np.diff(reached)
    filled = np.flatnonzero(per_cell)  # cells without a row of this class draw nothing
    if total > ROWS_PER_CELL * filled.size:
        drawn = np.zeros((rows, reached.size))
        drawn[:, filled + 1] = stream.multinomial(total, per_cell[filled] / total, size=rows)
    else:
        # one draw a row of the class costs a fifteenth of one binomial draw a cell; both have the same distribution
        cell = np.repeat(np.arange(1, reached.size), per_cell)[stream.integers(total, size=(rows, total))]
        cell += np.arange(rows)[:, None] * reached.size
        drawn = np.bincount(cell.ravel(), minlength=rows * reached.size).reshape(rows, -1).astype(np.float64)
    np.cumsum(drawn, axis=1, out=drawn)
    drawn /= total
    return drawn
