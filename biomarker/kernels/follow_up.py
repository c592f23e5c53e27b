"""Follow-up of patients: checks, and who is at risk when."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


class FollowUp(NamedTuple):
    """Checked follow-up: `entry` is None when everyone is observed from the start."""

    duration: Floats
    event: Floats  # 1 happened, 0 censored
    entry: Floats | None


def check_follow_up(duration: ArrayLike, event: ArrayLike, entry: ArrayLike | None = None) -> FollowUp:
    """Check durations, events and entries, and return them as float arrays.

    Raises
    ------
    ValueError
        For negative or missing times, an event that is not bool or 0/1, an entry not before the duration, unequal
        lengths, or no patients.
    """
    t, happened = np.asarray(duration, float), np.asarray(event)
    if t.ndim != 1 or t.size == 0 or t.shape != happened.shape:
        raise ValueError("need one duration and one event indicator per patient, and at least one patient")
    if not np.isfinite(t).all() or np.any(t < 0):
        raise ValueError("durations must be finite and at least 0")
    if happened.dtype != bool and not np.all((happened == 0) | (happened == 1)):
        raise ValueError("event must be bool or 0/1")
    start = None
    if entry is not None:
        start = np.asarray(entry, float)
        if start.shape != t.shape or not np.all(start < t):
            raise ValueError("every entry must be before its duration")
    return FollowUp(t, happened.astype(float), start)


def check_codes(values: ArrayLike, size: int) -> NDArray[np.intp]:
    """Check group or stratum codes, integers of at least 0, one per patient."""
    code = np.asarray(values)
    if code.shape != (size,) or code.dtype.kind not in "iub" or code.min() < 0:
        raise ValueError("need one code, an integer of at least 0, per patient")
    return code.astype(np.intp)


class DistinctTimes(NamedTuple):
    """Patients in order of time, and where in that order each distinct time begins."""

    time: Floats
    order: NDArray[np.intp]
    starts: NDArray[np.intp]


def distinct_times(t: Floats) -> DistinctTimes:
    """Find the distinct times, ascending, with one sort: all that follows reads the patients in order."""
    order = np.argsort(t)
    ordered = t[order]
    differs = ordered[1:] != ordered[:-1]
    if differs.all():
        return DistinctTimes(ordered, order, np.arange(t.size))
    starts = np.flatnonzero(np.concatenate([[True], differs]))
    return DistinctTimes(ordered[starts], order, starts)


def waiting(time: Floats, entry: Floats | None) -> Floats | float:
    """Count those not yet under observation just before each time; they come under it after their entry."""
    return 0.0 if entry is None else entry.size - np.searchsorted(np.sort(entry), time, side="left").astype(float)
