"""The empirical ROC curve, of the data and of many resamples of it at once."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from biomarker.kernels.delong import checked_marker

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


class RocPoints(NamedTuple):
    """The corners of an ROC curve, from the strictest cutoff to the laxest.

    ``cutoff[0]`` is infinite (no row is positive), ``cutoff[-1]`` the lowest value seen (every row is). A row is called
    positive when its marker reaches the cutoff. Counts are whole numbers.
    """

    cutoff: Floats
    true_positives: Integers
    false_positives: Integers

    @property
    def sensitivity(self) -> Floats:
        """Share of the positives at or above each cutoff."""
        return np.asarray(self.true_positives / self.true_positives[-1], np.float64)

    @property
    def specificity(self) -> Floats:
        """Share of the negatives below each cutoff."""
        return np.asarray(1 - self.false_positives / self.false_positives[-1], np.float64)


class OrderedRows(NamedTuple):
    """Rows by falling marker: the patient and class of each, and where each run of tied values ends."""

    patient: Integers
    positive: NDArray[np.bool_]
    tie_end: Integers


class Rates(NamedTuple):
    """Corners of many curves: true and false positive rate, each shape (n_resamples, n_corners), rising along rows."""

    true_positive: Floats
    false_positive: Floats


def roc_points(marker: ArrayLike, positive: ArrayLike) -> RocPoints:
    """Count true and false positives at every cutoff the data can tell apart.

    Parameters
    ----------
    marker : array_like of float, shape (n,)
        Higher means more positive.
    positive : array_like of bool, shape (n,)
        The class of each row.

    Returns
    -------
    RocPoints
        One corner per distinct value of the marker, and one before them all.

    Raises
    ------
    ValueError
        If shapes differ, a class is empty or the marker holds NaN.

    Examples
    --------
    >>> points = roc_points([1, 2, 2, 3], [False, False, True, True])
    >>> points.cutoff.tolist(), points.true_positives.tolist(), points.false_positives.tolist()
    ([inf, 3.0, 2.0, 1.0], [0, 1, 2, 2], [0, 0, 1, 2])
    """
    values, is_positive = checked_marker(marker, positive)
    order = np.argsort(-values)
    end = _tie_ends(values[order])
    hits = np.cumsum(is_positive[order], dtype=np.int64)[end]
    return RocPoints(
        np.concatenate(([np.inf], values[order][end])),
        np.concatenate(([0], hits)),
        np.concatenate(([0], end + 1 - hits)),
    )


def ordered_rows(marker: ArrayLike, positive: ArrayLike, patient: ArrayLike) -> OrderedRows:
    """Sort rows once, so that each resample of patients only needs sums.

    Parameters
    ----------
    marker : array_like of float, shape (n,)
        Higher means more positive.
    positive : array_like of bool, shape (n,)
        The class of each row.
    patient : array_like of int, shape (n,)
        Column of the weight matrix each row goes by, 0 to K - 1.

    Returns
    -------
    OrderedRows
        To be handed to :func:`weighted_rates`.

    Raises
    ------
    ValueError
        If shapes differ, a class is empty or the marker holds NaN.
    """
    values, is_positive = checked_marker(marker, positive)
    codes = np.asarray(patient, np.int64)
    if codes.shape != values.shape:
        raise ValueError("patient must be a vector as long as the marker")
    order = np.argsort(-values)
    return OrderedRows(codes[order], is_positive[order], _tie_ends(values[order]))


def weighted_rates(rows: OrderedRows, weights: ArrayLike) -> Rates:
    """ROC curves of resamples, given how often each resample drew each patient.

    Parameters
    ----------
    rows : OrderedRows
        The data, sorted.
    weights : array_like of int, shape (n_resamples, K)
        How often each patient was drawn. Memory is about 5 times ``n_resamples * n`` doubles, so hand over chunks.

    Returns
    -------
    Rates
        From (0, 0) to (1, 1) in each row; NaN where a resample lost a whole class.

    Examples
    --------
    >>> rows = ordered_rows([1, 2, 2, 3], [False, False, True, True], [0, 1, 2, 3])
    >>> weighted_rates(rows, [[1, 1, 1, 1], [0, 2, 2, 0]]).true_positive.tolist()
    [[0.0, 0.5, 1.0, 1.0], [0.0, 0.0, 1.0, 1.0]]
    """
    drawn = np.asarray(weights)[:, rows.patient].astype(np.float64)
    return Rates(_rate(drawn * rows.positive, rows.tie_end), _rate(drawn * ~rows.positive, rows.tie_end))


def _rate(drawn: Floats, tie_end: Integers) -> Floats:
    reached = np.cumsum(drawn, axis=1, out=drawn)[:, tie_end]
    total = reached[:, -1:]
    rate = np.zeros((reached.shape[0], reached.shape[1] + 1))
    np.divide(reached, total, out=rate[:, 1:], where=total > 0)
    rate[total[:, 0] == 0] = np.nan
    return rate


def flipped(rates: Rates) -> Rates:
    """Swap the axes of a curve: sensitivity takes the place of specificity and the other way round.

    Examples
    --------
    >>> flipped(Rates(np.array([[0.0, 0.75, 1.0]]), np.array([[0.0, 0.25, 1.0]]))).false_positive.tolist()
    [[0.0, 0.25, 1.0]]
    """
    return Rates(1 - rates.false_positive[:, ::-1], 1 - rates.true_positive[:, ::-1])


def _tie_ends(falling: Floats) -> Integers:
    return np.flatnonzero(np.append(falling[1:] != falling[:-1], True))
