"""Follow-up of patients split at every cutoff of a marker, all at once: the survival curves of the explorer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from biomarker.kernels.log_rank import log_rank
from biomarker.kernels.survival import kaplan_meier, survival_quantile

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class EverySplit:
    """Patients on both sides of every cutoff.

    Attributes
    ----------
    distinct : ndarray of float, shape (m,)
        Values of the marker, each once, ascending.
    numbers, events : ndarray of int, shape (2, m + 1)
        Patients and events among those called positive (first row) and others.
    medians : ndarray of float, shape (2, m + 1, 3)
        Median survival with its limits; NaN where it is not reached.
    p_values : ndarray of float, shape (m + 1,)
        Of the log-rank test, not corrected for the choice of the cutoff.
    """

    distinct: Floats
    numbers: NDArray[np.int64]
    events: NDArray[np.int64]
    medians: Floats
    p_values: Floats


def every_split(
    measured: ArrayLike,
    duration: ArrayLike,
    event: ArrayLike,
    *,
    higher_is_positive: bool = True,
    confidence_level: float = 0.95,
) -> EverySplit:
    """Split patients at every cutoff.

    Parameters
    ----------
    measured, duration : array_like of float, shape (n,)
        One entry a patient.
    event : array_like of bool, shape (n,)
    higher_is_positive : bool
    confidence_level : float
        Of the limits of the medians, from the log(-log) limits of the curve.

    Examples
    --------
    >>> split = every_split([1, 2, 3, 4], [5, 6, 7, 8], [1, 1, 1, 0])
    >>> split.numbers[:, 2].tolist(), f"{split.p_values[2]:.3f}"
    ([2, 2], '0.090')
    """
    values, rank = np.unique(np.asarray(measured, float), return_inverse=True)
    times, happened = np.asarray(duration, float), np.asarray(event, bool)
    numbers = np.zeros((2, values.size + 1), np.int64)
    events, medians = np.zeros_like(numbers), np.full((*numbers.shape, 3), np.nan)
    p_values = np.full(values.size + 1, np.nan)
    for place in range(values.size + 1):
        called = rank >= place if higher_is_positive else rank < place
        for side, rows in enumerate((called, ~called)):
            numbers[side, place], events[side, place] = rows.sum(), happened[rows].sum()
            if rows.any():
                curve = kaplan_meier(times[rows], happened[rows], confidence_level=confidence_level)
                medians[side, place] = survival_quantile(curve)
        if called.any() and not called.all():
            p_values[place] = log_rank(times, happened, called.astype(int)).p_value
    return EverySplit(distinct=values, numbers=numbers, events=events, medians=medians, p_values=p_values)
