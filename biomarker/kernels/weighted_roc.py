"""A marker's rows sorted once, and its ROC curve for any weights of the patients.

A resample is a column of weights: its 2x2 tables are differences of cumulative sums down that column. Arrays have shape
(rows or cutoffs, resamples), so that resamples run along the contiguous axis.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .cutoff_criteria import Counts

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, eq=False)
class MarkerRows:
    """A marker's rows by class, each class sorted from the least to the most positive value.

    Attributes
    ----------
    sign : float
        1, or -1 when low values are positive; `positive` and `negative` hold the marker times it.
    n_patients : int
        Patients, numbered from 0.
    positive, negative : ndarray of float
        The signed marker in each class, ascending.
    positive_patient, negative_patient : ndarray of int
        Whose row each is.
    """

    sign: float
    n_patients: int
    positive: FloatArray
    positive_patient: IntArray
    negative: FloatArray
    negative_patient: IntArray

    @property
    def n_rows(self) -> int:
        """Rows of both classes."""
        return self.positive.size + self.negative.size

    def patient_classes(self) -> IntArray:
        """Return for each patient 0 (negative rows only), 1 (positive rows only) or 2 (both)."""
        has_positive = np.bincount(self.positive_patient, minlength=self.n_patients) > 0
        has_negative = np.bincount(self.negative_patient, minlength=self.n_patients) > 0
        return np.where(has_positive & has_negative, 2, has_positive.astype(np.int64))


def marker_rows(
    marker: ArrayLike, positive: ArrayLike, patient: ArrayLike | None = None, *, higher_is_positive: bool = True
) -> MarkerRows:
    """Sort the rows of a marker, once for every cutoff and resample.

    Parameters
    ----------
    marker : array_like of float, shape (n_rows,)
        Finite values.
    positive : array_like of bool, shape (n_rows,)
        The reference standard; both classes must occur.
    patient : array_like, shape (n_rows,), optional
        Whose row it is. Without it each row is a patient of its own, numbered by marker and class, so that resamples
        do not depend on the order of the rows; with it patients are numbered in the order of their sorted names.
    higher_is_positive : bool
        ``marker >= cutoff`` is positive; else ``marker <= cutoff``.

    Raises
    ------
    ValueError
        If lengths differ, a marker is not finite, or a class is empty.
    """
    values = np.asarray(marker, float)
    truth = np.asarray(positive, bool)
    if values.ndim != 1 or truth.shape != values.shape:
        raise ValueError("marker and positive need one value per row")
    if not np.isfinite(values).all():
        raise ValueError("the marker needs finite values")
    if truth.all() or not truth.any():
        raise ValueError("need rows of both classes")
    sign = 1.0 if higher_is_positive else -1.0
    values = sign * values
    order = np.lexsort((truth, values))
    if patient is None:
        codes = np.arange(values.size)
        n_patients = values.size
    else:
        names, inverse = np.unique(np.asarray(patient), return_inverse=True)
        if inverse.shape != values.shape:
            raise ValueError("patient needs one value per row")
        codes, n_patients = inverse[order], names.size
        # rows of one value and class in the order of their patients: sums then run in one order whatever the data's
        order = order[np.lexsort((codes, truth[order], values[order]))]
        codes = inverse[order]
    values, truth = values[order], truth[order]
    return MarkerRows(
        sign=sign,
        n_patients=n_patients,
        positive=values[truth],
        positive_patient=codes[truth],
        negative=values[~truth],
        negative_patient=codes[~truth],
    )


class Cumulative(NamedTuple):
    """Weights of the rows below each row, one column a resample; the last line is the total."""

    positive: FloatArray
    negative: FloatArray


def counts_at(rows: MarkerRows, cutoffs: ArrayLike) -> Counts:
    """Count the rows on either side of given cutoffs.

    Parameters
    ----------
    rows : MarkerRows
        From `marker_rows`.
    cutoffs : array_like of float, shape (...)
        In the unit of the marker.

    Returns
    -------
    Counts
        Arrays of shape (...); NaN where the cutoff is.

    Examples
    --------
    >>> counts_at(marker_rows([1, 2, 2, 3], [0, 0, 1, 1]), 2.0).fp
    array(1.)
    """
    signed = rows.sign * np.asarray(cutoffs, float)
    fn = np.searchsorted(rows.positive, signed).astype(float)
    tn = np.searchsorted(rows.negative, signed).astype(float)
    counts = Counts(rows.positive.size - fn, rows.negative.size - tn, fn, tn)
    return Counts(*(np.where(np.isnan(signed), np.nan, count) for count in counts))


def cumulative_weights(rows: MarkerRows, weights: NDArray[np.number]) -> Cumulative:
    """Sum the weights of each class from the least positive row up; `weights` has shape (n_chunk, n_patients)."""
    by_patient = np.ascontiguousarray(weights.T, dtype=float)

    def summed(patient: IntArray) -> FloatArray:
        sums = np.zeros((patient.size + 1, by_patient.shape[1]))
        np.cumsum(by_patient[patient], axis=0, out=sums[1:])
        return sums

    return Cumulative(summed(rows.positive_patient), summed(rows.negative_patient))


def tables_from(cumulative: Cumulative, positive_start: IntArray, negative_start: IntArray) -> Counts:
    """Return the 2x2 tables when rows from each start on are called positive; shape (cutoffs, resamples)."""
    fn = cumulative.positive[positive_start]
    tn = cumulative.negative[negative_start]
    return Counts(cumulative.positive[-1] - fn, cumulative.negative[-1] - tn, fn, tn)


def tables_each(rows: MarkerRows, cumulative: Cumulative, signed_cutoffs: FloatArray) -> Counts:
    """Return the 2x2 table of each column at a cutoff of its own; NaN where the cutoff is."""
    column = np.arange(signed_cutoffs.size)
    fn = cumulative.positive[np.searchsorted(rows.positive, signed_cutoffs), column]
    tn = cumulative.negative[np.searchsorted(rows.negative, signed_cutoffs), column]
    counts = Counts(cumulative.positive[-1] - fn, cumulative.negative[-1] - tn, fn, tn)
    return Counts(*(np.where(np.isnan(signed_cutoffs), np.nan, count) for count in counts))


def area_under(rows: MarkerRows, cumulative: Cumulative) -> FloatArray:
    """Return the area under each column's ROC curve: the weighted Mann-Whitney statistic, ties one half."""
    below = cumulative.negative[np.searchsorted(rows.negative, rows.positive, "left")]
    below += cumulative.negative[np.searchsorted(rows.negative, rows.positive, "right")]
    wins = np.einsum("ij,ij->j", below, np.diff(cumulative.positive, axis=0))
    with np.errstate(invalid="ignore"):  # 0/0 where a class is missing
        return np.asarray(wins / (2 * cumulative.positive[-1] * cumulative.negative[-1]))


def weighted_auc(rows: MarkerRows, weights: ArrayLike) -> FloatArray:
    """Area under the ROC curve for each row of patient weights.

    Parameters
    ----------
    rows : MarkerRows
        From `marker_rows`.
    weights : array_like, shape (n_chunk, n_patients)
        How often each patient counts.

    Returns
    -------
    ndarray of float, shape (n_chunk,)
        Fractions; NaN where a class has no weight.
    """
    return area_under(rows, cumulative_weights(rows, np.atleast_2d(np.asarray(weights))))
