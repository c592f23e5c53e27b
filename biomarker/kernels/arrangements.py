"""All ways of dealing group labels out to patients, or random ones where there are too many."""

from __future__ import annotations

from collections.abc import Iterator
from math import comb

import numpy as np
from numpy.typing import ArrayLike, NDArray

from biomarker.kernels.resampling import Seed, seed_sequence

Labels = NDArray[np.intp]

MOST_LISTED = 20_000  # arrangements that are listed one and all
_CELLS = 2_000_000  # labels held at once


def count_arrangements(labels: ArrayLike) -> int:
    """Return in how many different orders the labels can stand.

    Examples
    --------
    >>> count_arrangements([0, 0, 1, 2])
    12
    """
    counts = np.unique(np.asarray(labels), return_counts=True)[1]
    total, left = 1, int(counts.sum())
    for count in counts.tolist():
        total *= comb(left, count)
        left -= count
    return total


def label_arrangements(
    labels: ArrayLike, *, n_resamples: int, rng: Seed = 0, most_listed: int = MOST_LISTED
) -> tuple[bool, Iterator[Labels]]:
    """Give every arrangement of labels, or `n_resamples` random ones.

    Parameters
    ----------
    labels : array_like of int, shape (n,)
        The group of each unit, counted from 0.
    n_resamples : int
        Random arrangements, where there are more than `most_listed`.
    rng : int, sequence of int, SeedSequence or Generator
        Where they come from.
    most_listed : int
        How many are listed in full.

    Returns
    -------
    tuple of bool and iterator
        Whether the list is complete, and chunks of shape (rows, n).

    Examples
    --------
    >>> complete, chunks = label_arrangements([0, 1, 1], n_resamples=99)
    >>> complete, np.concatenate(list(chunks)).tolist()
    (True, [[0, 1, 1], [1, 0, 1], [1, 1, 0]])
    """
    codes = np.asarray(labels, dtype=np.intp)
    if count_arrangements(codes) <= most_listed:
        return True, iter([_listed(codes)])
    return False, _drawn(codes, n_resamples, rng)


def _listed(codes: Labels) -> Labels:
    left = np.bincount(codes)[None, :]
    rows = np.empty((1, 0), np.intp)
    for _ in range(codes.size):
        row, label = np.nonzero(left > 0)
        rows = np.column_stack([rows[row], label])
        left = left[row]
        left[np.arange(row.size), label] -= 1
    return rows


def _drawn(codes: Labels, n_resamples: int, rng: Seed) -> Iterator[Labels]:
    generator = np.random.default_rng(seed_sequence(rng))
    at_once = max(1, _CELLS // codes.size)
    for first in range(0, n_resamples, at_once):
        rows = min(at_once, n_resamples - first)
        yield codes[generator.random((rows, codes.size)).argsort(axis=1)]


def tail_p(below: int, above: int, total: int, *, complete: bool) -> float:
    """Return twice the smaller share of arrangements as extreme, at most 1; random ones count the observed one too.

    Examples
    --------
    >>> tail_p(3, 97, 99, complete=False)
    0.08
    """
    extra = 0 if complete else 1
    return min(1.0, 2 * (min(below, above) + extra) / (total + extra))
