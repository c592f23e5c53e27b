"""A number with its interval, and why a part of it is undefined where it is."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike


class Measure(NamedTuple):
    """An estimate, its limits and a reason, all of one shape.

    Attributes
    ----------
    value, low, high : float or ndarray
        NaN where undefined; infinite where a denominator is zero and the numerator is not.
    reason : str or ndarray of str
        Empty where nothing is the matter. Otherwise a clause that says why the value or a limit is undefined, or how
        a limit was had where the usual formula gives none.
    """

    value: Any
    low: Any
    high: Any
    reason: Any = ""


def measure(value: ArrayLike, low: ArrayLike, high: ArrayLike, reason: ArrayLike = "") -> Measure:
    """Return a `Measure` of arrays broadcast together, or of plain numbers where all are scalars.

    >>> measure(0.5, 0.25, 0.75)
    Measure(value=0.5, low=0.25, high=0.75, reason='')
    """
    parts = np.broadcast_arrays(value, low, high, reason)
    if parts[0].ndim:
        return Measure(parts[0], parts[1], parts[2], parts[3])
    return Measure(float(parts[0]), float(parts[1]), float(parts[2]), str(parts[3]))
