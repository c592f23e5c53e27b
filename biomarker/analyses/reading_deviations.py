"""How far each reading lies from the mean of its item: what a heat map of readers shows."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Deviations(NamedTuple):
    """Readings as distances from the mean of their item, items from the lowest mean to the highest.

    Shapes (n_readers, n_items) and (n_readers,); in percent of the mean where all readings are positive.
    """

    values: NDArray[np.float64]
    medians: NDArray[np.float64]
    is_percent: bool


def reading_deviations(values: NDArray[np.float64]) -> Deviations:
    """Return the deviations of readings, shape (n_items, n_readers), NaN where there is none.

    Examples
    --------
    >>> found = reading_deviations(np.array([[9.0, 11.0], [4.0, 6.0]]))
    >>> found.values.round(6).tolist(), found.medians.round(6).tolist(), found.is_percent
    ([[-20.0, -10.0], [20.0, 10.0]], [-15.0, 15.0], True)
    """
    means = np.nanmean(values, axis=1)
    order = np.argsort(means, kind="stable")
    values, means = values[order], means[order]
    is_percent = bool(np.nanmin(values) > 0)
    apart = 100 * (values.T / means - 1) if is_percent else values.T - means
    return Deviations(apart, np.nanmedian(apart, axis=1), is_percent)
