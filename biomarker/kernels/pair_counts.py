"""Look at all pairs without laying them out: discordant pairs by merging, order statistics of differences by bisection.

Both take memory in proportion to the rows, where the pairs of a million rows would take terabytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

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
    """Count pairs whose later member is smaller."""
    found = 0
    for _, is_right, last_left in _merges(codes):
        lefts = np.cumsum(~is_right)
        # a right-hand value jumps over the left-hand ones that are still to come
        found += int((lefts[last_left] - lefts[is_right]).sum())
    return found


class PairWeights(NamedTuple):
    """Pairs of rows by resample, each of shape (B,): concordant less discordant, not tied in x, not tied in y."""

    score: Floats
    apart_x: Floats
    apart_y: Floats


class WeightedPairs:
    """Counts the concordant and discordant pairs of many resamples of the same rows.

    A resample is a row of weights, how often each of the rows was drawn. The rows are put in order once; a resample
    then takes time in proportion to n log n and memory in proportion to n, where laying out pairs takes their number.

    Parameters
    ----------
    x, y : array_like of float, shape (n,)
        Finite values.

    Examples
    --------
    >>> WeightedPairs([1, 2, 3], [1, 3, 2]).counted([[1, 1, 1], [2, 0, 1]])
    PairWeights(score=array([1., 2.]), apart_x=array([3., 2.]), apart_y=array([3., 2.]))
    """

    def __init__(self, x: ArrayLike, y: ArrayLike) -> None:
        first, second = np.asarray(x, np.float64), np.asarray(y, np.float64)
        n = first.size
        codes_x, codes_y = (np.unique(v, return_inverse=True)[1] for v in (first, second))
        self._order = np.lexsort((codes_y, codes_x))
        in_order_x, in_order_y = codes_x[self._order], codes_y[self._order]
        self._of_x, self._of_both = (_starts(v) for v in (in_order_x, in_order_x * n + in_order_y))
        self._merges = list(_merges(in_order_y))
        self._of_y = _starts(np.sort(codes_y, kind="stable"))

    def counted(self, weights: ArrayLike) -> PairWeights:
        """Count the pairs of each resample.

        Parameters
        ----------
        weights : array_like, shape (B, n)
            Non-negative numbers; two rows with weights 2 and 3 make 6 pairs, copies of one row none.
        """
        drawn = np.asarray(weights, np.float64)[:, self._order]
        every = drawn.sum(axis=1) ** 2

        def apart(values: Floats, starts: NDArray[np.intp]) -> Floats:
            return np.asarray((every - (np.add.reduceat(values, starts, axis=1) ** 2).sum(axis=1)) / 2)

        apart_x, apart_either = apart(drawn, self._of_x), apart(drawn, self._of_both)
        discordant = np.zeros(every.size)
        for merged, is_right, last_left in self._merges:
            drawn = drawn[:, merged]
            lefts = np.cumsum(np.where(is_right, 0.0, drawn), axis=1)
            # what is left of its block is larger than a value of the right half that comes before it
            larger = lefts[:, last_left] - lefts[:, is_right]
            discordant += np.einsum("bi,bi->b", larger, drawn[:, is_right])
        apart_y = apart(drawn, self._of_y)
        return PairWeights(apart_x + apart_y - apart_either - 2 * discordant, apart_x, apart_y)


def _starts(ordered: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return where each run of equal codes begins."""
    return np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))


def _merges(codes: NDArray[np.intp]) -> Iterator[tuple[NDArray[np.intp], NDArray[np.bool_], NDArray[np.intp]]]:
    """Sort by merging blocks of doubling width: each step's order, who is of a right half, where their blocks end."""
    values, n, width = codes.astype(np.int64), codes.size, 1
    top = int(values.max()) + 1 if n else 1
    place = np.arange(n)
    while width < n:
        block = place // (2 * width)
        merged = np.argsort(block * top + values, kind="stable")
        is_right = merged % (2 * width) >= width  # blocks begin at multiples of their width
        yield merged, is_right, np.minimum((block[is_right] + 1) * 2 * width, n) - 1
        values, width = values[merged], 2 * width


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
    # rounding may put that sum on the wrong side of some values: the difference itself decides
    below, at = np.maximum(place - 1, 0), np.minimum(place, distinct.size - 1)
    is_late = (place > 0) & (first - distinct[below] <= limit)
    is_early = (place < distinct.size) & (first - distinct[at] > limit)
    if (wrong := np.flatnonzero(is_late | is_early)).size:
        place[wrong] = _bisected(first[wrong], distinct, limit)
    return np.asarray(second.size - np.append(starts, second.size)[place])


def _bisected(first: Floats, distinct: Floats, limit: float) -> NDArray[np.intp]:
    """Return for each of `first` the place of the first of `distinct` whose difference is at most `limit`."""
    low, high = np.zeros(first.size, np.intp), np.full(first.size, distinct.size, np.intp)
    while (is_open := low < high).any():
        middle = (low + high) // 2
        reached = first - distinct[np.minimum(middle, distinct.size - 1)] <= limit
        high = np.where(is_open & reached, middle, high)
        low = np.where(is_open & ~reached, middle + 1, low)
    return low


def _between(first: Floats, second: Floats, low: float, high: float) -> Floats:
    """Return the differences from `low` to `high`."""
    few, many = (_counts_up_to(first, second, limit) for limit in (np.nextafter(low, -np.inf), high))
    lengths = many - few
    starts = second.size - many
    row = np.repeat(np.arange(first.size), lengths)
    within = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    return np.asarray(first[row] - second[starts[row] + within])
