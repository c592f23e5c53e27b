"""Midranks: the rank of a value, ties sharing the mean of theirs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def midranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the ranks 1 .. n of a vector, ties sharing their mean rank.

    Examples
    --------
    >>> midranks(np.array([3.0, 1.0, 3.0, 2.0]))
    array([3.5, 1. , 3.5, 2. ])
    """
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    return np.asarray((np.cumsum(counts) - (counts - 1) / 2)[place], dtype=np.float64)


def row_midranks(table: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the midranks within each row of a table with few columns.

    Examples
    --------
    >>> row_midranks(np.array([[3.0, 1.0, 3.0]]))
    array([[2.5, 1. , 2.5]])
    """
    smaller = np.sum(table[:, :, None] > table[:, None, :], axis=2)
    equal = np.sum(table[:, :, None] == table[:, None, :], axis=2)
    return np.asarray(smaller + (equal + 1) / 2, dtype=np.float64)


def tie_sum(values: NDArray[np.float64]) -> float:
    """Return the sum of t^3 - t over groups of t tied values, which every tie correction is made of.

    Examples
    --------
    >>> tie_sum(np.array([1.0, 1.0, 2.0]))
    6.0
    """
    counts = np.unique(values, return_counts=True)[1].astype(np.float64)
    return float(np.sum(counts**3 - counts))
