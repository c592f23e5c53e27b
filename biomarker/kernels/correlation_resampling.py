"""Correlations of many resamples of whole patients at once.

A resample is a row of weights: how often each row, or each patient, was drawn. Every coefficient below equals, to the
last digit that rounding leaves, the coefficient of the data with each row repeated that often; ranks are those within
the resample.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from biomarker.kernels.correlation import in_range
from biomarker.kernels.correlation_partial import partial_of_matrices
from biomarker.kernels.describe import cluster_codes
from biomarker.kernels.pair_counts import WeightedPairs

Floats = NDArray[np.float64]
Method = Literal["pearson", "spearman", "kendall", "somers_d"]
METHODS: tuple[Method, ...] = ("pearson", "spearman", "kendall", "somers_d")


class CorrelationResampler:
    """Correlations of chosen pairs of variables in any number of resamples; what resamples share is done once.

    Parameters
    ----------
    variables : sequence of array_like of float, each of shape (n,)
        Finite values.
    pairs : sequence of pairs of int
        Which variables to correlate. Somers' D of a pair (i, j) is of j as a forecast of i: the pairs of rows that
        differ in i are compared by j.
    method : {"pearson", "spearman", "kendall", "somers_d"}
        The coefficient; tau-b for Kendall.
    cluster : array_like, shape (n,), optional
        The patient of each row; weights are then of patients, sorted labels numbering their columns. Else of rows.

    Raises
    ------
    ValueError
        For an unknown method.

    Examples
    --------
    >>> resampler = CorrelationResampler([[1, 2, 3], [1, 3, 2]], [(0, 1)], method="spearman")
    >>> resampler.resampled([[1, 1, 1], [2, 1, 0]]).ravel()
    array([0.5, 1. ])
    """

    def __init__(
        self,
        variables: Sequence[ArrayLike],
        pairs: Sequence[tuple[int, int]],
        *,
        method: Method,
        cluster: ArrayLike | None = None,
    ) -> None:
        if method not in METHODS:
            raise ValueError(f"no resampled {method} correlation")
        self._variables = [np.asarray(variable, np.float64) for variable in variables]
        self._pairs, self._method = list(pairs), method
        size = self._variables[0].size
        self._codes = None if cluster is None else cluster_codes(cluster, size)[0]
        if method in ("kendall", "somers_d"):
            self._counters = [WeightedPairs(self._variables[i], self._variables[j]) for i, j in self._pairs]
        elif method == "spearman":
            self._rankers = [WeightedRanks(variable) for variable in self._variables]
        else:
            self._sums = _PatientSums(self._variables, self._pairs, self._codes)

    def resampled(self, weights: ArrayLike) -> Floats:
        """Return the correlations of each resample, shape (B, pairs); NaN where a variable is constant in it."""
        drawn = np.asarray(weights, np.float64)
        if self._method == "pearson":
            return self._sums.correlations(drawn)
        by_row = drawn if self._codes is None else drawn[:, self._codes]
        if self._method == "spearman":
            return self._spearman(by_row)
        columns = []
        for counter in self._counters:
            score, apart_first, apart_second = counter.counted(by_row)
            is_tau = self._method == "kendall"
            size = np.sqrt(apart_first * apart_second) if is_tau else apart_first
            columns.append(np.divide(score, size, out=np.full(size.shape, np.nan), where=size > 0))
        return np.column_stack(columns)

    def _spearman(self, by_row: Floats) -> Floats:
        ranked = [ranker.centred(by_row) for ranker in self._rankers]
        weighted: dict[int, Floats] = {}
        columns = []
        for i, j in self._pairs:
            if i not in weighted:
                weighted[i] = ranked[i].values * by_row
            size = np.sqrt(ranked[i].squares * ranked[j].squares)
            product = np.einsum("bi,bi->b", weighted[i], ranked[j].values)
            columns.append(np.divide(product, size, out=np.full(size.shape, np.nan), where=size > 0))
        return np.asarray(np.clip(np.column_stack(columns), -1, 1), np.float64)


class CentredRanks(NamedTuple):
    """Ranks less their mean, shape (B, n), and their sums of squares over the rows drawn, shape (B,)."""

    values: Floats
    squares: Floats


class WeightedRanks:
    """Ranks the same values in many resamples.

    Parameters
    ----------
    values : array_like of float, shape (n,)
        Finite values.
    """

    def __init__(self, values: ArrayLike) -> None:
        sample = np.asarray(values, np.float64)
        self._order = np.argsort(sample, kind="stable")
        ordered = sample[self._order]
        self._starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
        self._place = np.empty(sample.size, np.intp)
        self._place[self._order] = np.repeat(
            np.arange(self._starts.size), np.diff(np.append(self._starts, sample.size))
        )

    def _distinct(self, weights: Floats) -> tuple[Floats, Floats]:
        """Return how often each distinct value was drawn, and its midrank, shapes (B, distinct)."""
        tied = weights[:, self._order]
        if self._starts.size < self._order.size:
            tied = np.add.reduceat(tied, self._starts, axis=1)
        ranks = np.cumsum(tied, axis=1)
        ranks -= (tied - 1) / 2
        return tied, ranks

    def ranks(self, weights: Floats) -> Floats:
        """Return the midranks of each resample, shape (B, n)."""
        return np.asarray(self._distinct(weights)[1][:, self._place])

    def centred(self, weights: Floats) -> CentredRanks:
        """Return the midranks less their mean, and their sum of squares over the rows drawn."""
        tied, ranks = self._distinct(weights)
        ranks -= (weights.sum(axis=1, keepdims=True) + 1) / 2
        squares = np.einsum("bi,bi,bi->b", ranks, ranks, tied)
        return CentredRanks(ranks[:, self._place], squares)


class _PatientSums:
    """Pearson correlations of resamples from the sums and products of each patient."""

    def __init__(
        self, variables: Sequence[Floats], pairs: Sequence[tuple[int, int]], codes: NDArray[np.intp] | None
    ) -> None:
        # at the size of 1, so that no square overflows and no floor needs a unit
        scaled = [(v - v.mean()) / (np.abs(v - v.mean()).max() or 1.0) for v in (in_range(v) for v in variables)]
        self._values, self._codes, self._pairs = np.stack(scaled), codes, list(pairs)
        products = [scaled[i] * scaled[j] for i, j in self._pairs]
        columns = [np.ones(scaled[0].size), *scaled, *(v * v for v in scaled), *products]
        if codes is None:
            self._sums = np.column_stack(columns)
        else:
            self._sums = np.column_stack([np.bincount(codes, column) for column in columns])

    def correlations(self, weights: Floats) -> Floats:
        p = len(self._values)
        sums = weights @ self._sums
        drawn = np.maximum(sums[:, :1], 1.0)  # without its only patient a sample is empty, and varies in nothing
        means, raw = sums[:, 1 : p + 1] / drawn, sums[:, p + 1 : 2 * p + 1]
        squares = raw - drawn * means**2
        first, second = (np.array([pair[side] for pair in self._pairs]) for side in (0, 1))
        products = sums[:, 2 * p + 1 :] - drawn * means[:, first] * means[:, second]
        # where next to nothing is left of a sum of squares its digits are rounding: begin again from the rows
        near = np.flatnonzero((squares < 1e-6 * raw).any(axis=1))
        for b in near:
            squares[b], products[b] = self._from_rows(weights[b], first, second)
        size = np.sqrt(squares[:, first] * squares[:, second])
        found = np.divide(products, size, out=np.full(size.shape, np.nan), where=size > 0)
        return np.asarray(np.clip(found, -1, 1), np.float64)

    def _from_rows(self, weights: Floats, first: NDArray[np.intp], second: NDArray[np.intp]) -> tuple[Floats, Floats]:
        by_row = weights if self._codes is None else weights[self._codes]
        rows = by_row > 0
        values, drawn = self._values[:, rows], by_row[rows]
        if not drawn.size:
            return np.zeros(len(values)), np.zeros(first.size)
        centred = values - (values @ drawn / drawn.sum())[:, None]
        squares = centred**2 @ drawn
        squares[np.ptp(values, axis=1) <= 1e-14 * np.abs(values).max(axis=1)] = 0.0
        return squares, (centred[first] * centred[second]) @ drawn


def weighted_midranks(values: ArrayLike, weights: ArrayLike) -> Floats:
    """Midranks of a vector in which value i occurs ``weights[b, i]`` times, for each resample b.

    Parameters
    ----------
    values : array_like of float, shape (n,)
        Finite values.
    weights : array_like of int, shape (B, n)
        Non-negative counts.

    Returns
    -------
    ndarray, shape (B, n)
        The midrank of each value among those drawn; for a value with weight 0, half an order above those below it.

    Examples
    --------
    >>> weighted_midranks([5.0, 7.0, 7.0], [[1, 1, 1], [2, 0, 1]])
    array([[1. , 2.5, 2.5],
           [1.5, 3. , 3. ]])
    """
    return WeightedRanks(values).ranks(np.asarray(weights, np.float64))


def resampled_correlation(
    x: ArrayLike,
    y: ArrayLike,
    weights: ArrayLike,
    *,
    method: Method,
    controls: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
) -> Floats:
    """Correlation of x and y in each resample.

    Parameters
    ----------
    x, y : array_like of float, shape (n,)
        Finite pairs.
    weights : array_like of int, shape (B, n), or (B, K) with `cluster`
        How often each pair, or each patient, was drawn.
    method : {"pearson", "spearman", "kendall", "somers_d"}
        The coefficient; tau-b for Kendall.
    controls : array_like of float, shape (n, k), optional
        Variables held constant; not for Somers' D.
    cluster : array_like, shape (n,), optional
        The patient of each pair.

    Returns
    -------
    ndarray, shape (B,)
        NaN where a variable is constant in the resample.

    Raises
    ------
    ValueError
        For an unknown method.

    Examples
    --------
    >>> resampled_correlation([1, 2, 3], [1, 3, 2], [[1, 1, 1], [2, 1, 0]], method="spearman")
    array([0.5, 1. ])
    """
    return PartialResampler(x, y, method=method, controls=controls, cluster=cluster).resampled(weights)


class PartialResampler:
    """The correlation of x and y, other variables held constant, in any number of resamples.

    Parameters are those of `resampled_correlation`.
    """

    def __init__(
        self,
        x: ArrayLike,
        y: ArrayLike,
        *,
        method: Method,
        controls: ArrayLike | None = None,
        cluster: ArrayLike | None = None,
    ) -> None:
        variables = [np.asarray(x, np.float64), np.asarray(y, np.float64)]
        if controls is not None:
            variables += list(np.asarray(controls, np.float64).reshape(variables[0].size, -1).T)
        self._size = len(variables)
        self._pairs = [(i, j) for i in range(self._size) for j in range(i + 1, self._size)]
        self._resampler = CorrelationResampler(variables, self._pairs, method=method, cluster=cluster)

    def resampled(self, weights: ArrayLike) -> Floats:
        """Return the correlation in each resample, shape (B,); NaN where it is undefined."""
        found = self._resampler.resampled(weights)
        if self._size == 2:
            return found[:, 0]
        matrices = np.tile(np.eye(self._size), (len(found), 1, 1))
        for column, (i, j) in enumerate(self._pairs):
            matrices[:, i, j] = matrices[:, j, i] = found[:, column]
        return partial_of_matrices(matrices)


def resampled_repeated_measures(x: ArrayLike, y: ArrayLike, cluster: ArrayLike, weights: ArrayLike) -> Floats:
    """Repeated-measures correlation in each resample of whole patients.

    A patient drawn twice counts as two patients, so only each patient's own sums are needed.

    Parameters
    ----------
    x, y : array_like of float, shape (n,)
        Finite pairs.
    cluster : array_like, shape (n,)
        The patient of each pair; sorted labels number the columns of `weights`.
    weights : array_like of int, shape (B, K)
        How often each patient was drawn.

    Returns
    -------
    ndarray, shape (B,)
        NaN where a variable does not vary within the drawn patients.

    Examples
    --------
    >>> resampled_repeated_measures([1, 2, 5, 7], [2, 1, 4, 6], list("aabb"), [[1, 1], [0, 2]])
    array([0.6, 1. ])
    """
    first, second = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    codes, _ = cluster_codes(cluster, first.size)
    sizes = np.bincount(codes)
    dx, dy = (v - (np.bincount(codes, v) / sizes)[codes] for v in (first, second))
    counts = np.asarray(weights, dtype=np.float64)
    xx, yy, xy = (counts @ np.bincount(codes, product) for product in (dx * dx, dy * dy, dx * dy))
    floor = 1e-20 * (first @ first) * (second @ second)
    found = np.divide(xy, np.sqrt(xx * yy), out=np.full(xx.size, np.nan), where=xx * yy > floor)
    return np.asarray(np.clip(found, -1, 1), dtype=np.float64)
