"""Order statistics of the slopes between all pairs of points, without laying all of them out.

Slopes are ordered from -1 upwards, through infinity, and back to -1 from below, as Passing and Bablok order them: that
is the order of u = dy - dx over dx + dy, the slopes of the points turned by 45 degrees. They are counted into bins of
u / (1 + |u|) block by block; only the bins that hold a wanted rank are looked into.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

BLOCK = 500_000  # pairs at a time
BINS = 1 << 16
ENUMERATED = 2_000_000  # different slopes laid out at once


def turned_slopes(x: ArrayLike, y: ArrayLike) -> Iterator[Floats]:
    """Yield u / (1 + |u|), in (-1, 1), of pairs of points, block by block.

    Pairs of equal points have no slope, and those of slope -1 exactly no place in the order; both are left out.

    Parameters
    ----------
    x, y : array_like of float, shape (n,)
        Finite values.

    Yields
    ------
    ndarray
    """
    first, second = np.asarray(x, float), np.asarray(y, float)
    n = first.size
    tolerance = 1e-13 * (np.abs(first).max() + np.abs(second).max())
    rows = max(1, BLOCK // max(n, 1))
    for start in range(0, n - 1, rows):
        stop = min(start + rows, n - 1)
        later = np.arange(start + 1, n)
        dx = first[later] - first[start:stop, None]
        dy = second[later] - second[start:stop, None]
        down, across = dy - dx, dx + dy
        down[np.abs(down) <= tolerance] = 0.0
        kept = (np.abs(across) > tolerance) & (later > np.arange(start, stop)[:, None])
        down, across = down[kept], across[kept]
        yield down * np.sign(across) / (np.abs(across) + np.abs(down))


def count_slopes(x: ArrayLike, y: ArrayLike) -> int:
    """Count the pairs that have a slope other than -1."""
    return sum(block.size for block in turned_slopes(x, y))


def slopes_at(x: ArrayLike, y: ArrayLike, ranks: Sequence[int]) -> Floats:
    """Return the slopes that have the given numbers of others before them, 0 being the first after -1.

    Parameters
    ----------
    x, y : array_like of float, shape (n,)
    ranks : sequence of int
        From 0 to the number of slopes less 1.

    Returns
    -------
    ndarray, shape (len(ranks),)
        Infinite for a vertical pair.

    Examples
    --------
    >>> slopes_at([1.0, 2.0, 4.0], [1.0, 3.0, 4.0], [0, 1, 2]).round(9).tolist()
    [0.5, 1.0, 2.0]
    """
    n = np.size(x)
    if n * (n - 1) // 2 <= ENUMERATED:
        turned = np.sort(np.concatenate([*turned_slopes(x, y), np.zeros(0)]))[list(ranks)]
    else:
        counts, edges = _binned(x, y, -1.0, 1.0)
        turned = np.array([_within_bin(x, y, rank, counts, edges, 0) for rank in ranks])
    with np.errstate(divide="ignore"):  # u = 1 is vertical
        u = turned / (1 - np.abs(turned))
        slope = (1 + u) / (1 - u)
    return np.where(np.abs(u - 1) < 1e-15, np.inf, slope)


def _binned(x: ArrayLike, y: ArrayLike, low: float, high: float) -> tuple[NDArray[np.int64], Floats]:
    """Count the slopes from low to high in bins of equal width."""
    counts = np.zeros(BINS, np.int64)
    for block in turned_slopes(x, y):
        counts += np.histogram(block, BINS, (low, high))[0]
    return counts, np.linspace(low, high, BINS + 1)


def _within_bin(x: ArrayLike, y: ArrayLike, rank: int, counts: NDArray[np.int64], edges: Floats, before: int) -> float:
    """Look into the bin that holds the wanted rank, and into its bins where it holds too many; `before` lie below."""
    place = int(np.searchsorted(np.cumsum(counts), rank - before, side="right"))
    low, high, before = float(edges[place]), float(edges[place + 1]), before + int(counts[:place].sum())
    values, times = _distinct(x, y, low, high, is_last=place == BINS - 1)
    if values is None or times is None:
        return _within_bin(x, y, rank, *_binned(x, y, low, high), before)
    return float(values[np.searchsorted(np.cumsum(times), rank - before, side="right")])


def _distinct(
    x: ArrayLike, y: ArrayLike, low: float, high: float, *, is_last: bool
) -> tuple[Floats | None, NDArray[np.int64] | None]:
    """Lay out the slopes from low up to high (only the last bin holds its upper edge), unless they are too many."""
    values, counts = np.zeros(0), np.zeros(0, np.int64)
    kept: list[Floats] = []
    held = 0
    for block in turned_slopes(x, y):
        inside = block[(block >= low) & ((block < high) | (is_last & (block == high)))]
        kept.append(inside)
        held += inside.size
        if held > ENUMERATED:
            values, counts = _merged(values, counts, kept)
            kept, held = [], 0
            if values.size > ENUMERATED:
                return None, None
    return _merged(values, counts, kept)


def _merged(values: Floats, counts: NDArray[np.int64], more: list[Floats]) -> tuple[Floats, NDArray[np.int64]]:
    """Merge further slopes into the distinct ones and how often each came."""
    new, times = np.unique(np.concatenate([*more, np.zeros(0)]), return_counts=True)
    every, place = np.unique(np.concatenate([values, new]), return_inverse=True)
    total = np.bincount(place, np.concatenate([counts, times]), minlength=every.size)
    return every, total.astype(np.int64)
