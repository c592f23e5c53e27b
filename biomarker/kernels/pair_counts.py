"""Look at all pairs without laying them out: discordant pairs by merging, order statistics of differences by bisection.

Both take memory in proportion to the rows, where the pairs of a million rows would take terabytes.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

ENUMERATED = 1_000_000  # differences laid out once the bisection has left no more than these


def kendall_score(x: ArrayLike, y: ArrayLike) -> tuple[int, int, int]:
    """Count concordant less discordant pairs, and the pairs that are not tied in x and in y.

    Parameters
    ----------
    x, y : array_like of float, shape (n,)
        Finite values.

    Returns
    -------
    tuple of int
        The score of Kendall's tau, and the two counts under its root.

    Examples
    --------
    >>> kendall_score([1, 2, 3, 3], [1, 3, 2, 2])
    (1, 5, 5)
    """
    first, second = np.asarray(x, np.float64), np.asarray(y, np.float64)
    n = first.size
    every = n * (n - 1) // 2
    tied_x, tied_y = _tied_pairs(first), _tied_pairs(second)
    order = np.lexsort((second, first))
    codes_x, codes_y = (np.unique(v, return_inverse=True)[1] for v in (first, second))
    tied_both = _tied_pairs(codes_x * n + codes_y)
    discordant = _inversions(codes_y[order])
    return every - tied_x - tied_y + tied_both - 2 * discordant, every - tied_x, every - tied_y


def _tied_pairs(values: NDArray[Any]) -> int:
    counts = np.unique(values, return_counts=True)[1]
    return int((counts * (counts - 1) // 2).sum())


def _inversions(codes: NDArray[np.intp]) -> int:
    """Count pairs whose later member is smaller, by merging blocks of doubling width."""
    values, n, found, width = codes.astype(np.int64), codes.size, 0, 1
    top = int(values.max()) + 1 if n else 1
    place = np.arange(n)
    while width < n:
        block = place // (2 * width)
        merged = np.argsort(block * top + values, kind="stable")
        is_left = merged % (2 * width) < width  # blocks begin at multiples of their width
        lefts = np.concatenate([[0], np.cumsum(is_left)])
        at_start = lefts[block * 2 * width]
        of_block = lefts[np.minimum((block + 1) * 2 * width, n)] - at_start
        # a right-hand value jumps over the left-hand ones that are still to come
        found += int((of_block - (lefts[:-1] - at_start))[~is_left].sum())
        values, width = values[merged], 2 * width
    return found


def difference_at(x: ArrayLike, y: ArrayLike, place: int) -> float:
    """Return the difference ``x - y`` that has `place` others of all pairs before it (0 = the smallest).

    Parameters
    ----------
    x, y : array_like of float, shapes (m,), (n,)
        Finite values in ascending order.
    place : int
        From 0 to m n - 1.

    Raises
    ------
    ValueError
        If there is no such place.

    Examples
    --------
    >>> difference_at([1, 4, 6], [0, 1], 3)
    4.0
    """
    first, second = np.asarray(x, np.float64), np.asarray(y, np.float64)
    if not 0 <= place < first.size * second.size:
        raise ValueError(f"no place {place} among {first.size * second.size} differences")
    # both ends are differences of pairs; `below` are smaller than `low`, `up_to` at most `high`
    low, high = first[0] - second[-1], first[-1] - second[0]
    below, up_to = 0, first.size * second.size
    while low < high and up_to - below > ENUMERATED:
        middle = low / 2 + high / 2
        middle = middle if low <= middle < high else low
        counts = _counts_up_to(first, second, middle)
        reached = second.size - counts  # of each row, the first of `second` whose difference is at most `middle`
        if (count := int(counts.sum())) > place:
            rows = reached < second.size
            high, up_to = (first[rows] - second[reached[rows]]).max(), count
        else:
            rows = reached > 0
            low, below = (first[rows] - second[reached[rows] - 1]).min(), count
    if low == high:
        return float(high)
    return float(np.partition(_between(first, second, low, high), place - below)[place - below])


def _counts_up_to(first: Floats, second: Floats, limit: float) -> NDArray[np.intp]:
    """Return for each of `first` how many of its differences are at most `limit`."""
    distinct, starts = np.unique(second, return_index=True)
    place = np.searchsorted(distinct, first - limit, side="left")
    # rounding may put that sum on the wrong side of a neighbour: the difference itself decides
    lower = np.maximum(place - 1, 0)
    place = np.where((place > 0) & (first - distinct[lower] <= limit), lower, place)
    upper = np.minimum(place, distinct.size - 1)
    place = np.where((place < distinct.size) & (first - distinct[upper] > limit), place + 1, place)
    return np.asarray(second.size - np.append(starts, second.size)[place])


def _between(first: Floats, second: Floats, low: float, high: float) -> Floats:
    """Return the differences from `low` to `high`."""
    few, many = (_counts_up_to(first, second, limit) for limit in (np.nextafter(low, -np.inf), high))
    lengths = many - few
    starts = second.size - many
    row = np.repeat(np.arange(first.size), lengths)
    within = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    return np.asarray(first[row] - second[starts[row] + within])
