"""Sums over all pairs of an earlier and a later item of which the earlier has the larger code, none laid out."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def falling_pairs(codes: ArrayLike, group: ArrayLike, before: ArrayLike, after: ArrayLike) -> Floats:
    """Add up, for each item, the pairs it is in whose earlier item has the larger code.

    A pair counts ``before`` of its earlier item times ``after`` of its later one. The items of a group are dealt out
    bit by bit of their codes, from the highest, each time keeping their order: two items part at the first bit in which
    they differ, and are counted there. That takes n log(codes) steps where the pairs would take n².

    Parameters
    ----------
    codes : array_like of int, shape (n,)
        At least 0; only their order matters.
    group : array_like of int, shape (n,)
        Items are compared within a group; those of a group stand together.
    before, after : array_like, shape (n,)
        What an item counts as the earlier and as the later one of a pair.

    Returns
    -------
    ndarray, shape (n,)
        Each pair is counted at both of its items.

    Examples
    --------
    >>> falling_pairs([2, 0, 1], [0, 0, 0], [1, 1, 1], [1, 1, 1]).tolist()
    [2.0, 1.0, 1.0]
    """
    code, own = np.asarray(codes, np.int64), np.asarray(group)
    earlier, later = np.asarray(before, float), np.asarray(after, float)
    n = code.size
    found, place, item = np.zeros(n), np.arange(n), np.arange(n)
    bounds = np.flatnonzero(np.concatenate([[True], own[1:] != own[:-1], [True]]))
    lengths = np.diff(bounds)
    start, end = np.repeat(bounds[:-1], lengths), np.repeat(bounds[1:], lengths)
    for bit in range(int(code.max(initial=0)).bit_length() - 1, -1, -1):
        is_one = (code[item] >> bit) & 1
        ones = is_one == 1
        a, b = earlier[item], later[item]
        zeros_after, ones_before = running_totals(np.where(ones, 0.0, b)), running_totals(np.where(ones, a, 0.0))
        as_earlier = a * (zeros_after[end] - zeros_after[:-1])
        as_later = b * (ones_before[:-1] - ones_before[start])
        found[item] += np.where(ones, as_earlier, as_later)
        ones_here = running_totals(is_one)
        rank_of_one = ones_here[:-1] - ones_here[start]
        first_one = end - (ones_here[end] - ones_here[start])
        target = np.where(ones, first_one + rank_of_one, place - rank_of_one)
        item, start, end = (
            _dealt(values, target)
            for values in (item, np.where(ones, first_one, start), np.where(ones, end, first_one))
        )
    return found


def running_totals(values: NDArray[Any]) -> NDArray[Any]:
    """Return running totals that begin with 0."""
    total = np.zeros(values.size + 1, values.dtype)
    np.cumsum(values, out=total[1:])
    return total


def _dealt(values: NDArray[np.intp], target: NDArray[np.intp]) -> NDArray[np.intp]:
    moved = np.empty_like(values)
    moved[target] = values
    return moved
