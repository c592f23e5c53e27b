"""Means over censored follow-up, each patient weighted by the inverse chance of not being censored (IPCW)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from biomarker.kernels.follow_up import Floats, check_follow_up


class Ipcw(NamedTuple):
    """Follow-up with what weighting by censoring needs, patients as they were given.

    A patient with the event by time t counts with 1 over the chance of being uncensored just before the event; one
    still under observation after t with 1 over that chance at t; one censored by t does not count.
    """

    duration: Floats
    event: Floats
    order: NDArray[np.intp]  # positions of the patients in order of time
    first_same: NDArray[np.intp]  # in that order: where the patients with the same time begin
    at_risk: Floats  # in that order: patients who could be censored at their time
    uncensored: Floats  # for each patient: the chance of being uncensored just before their time
    times: Floats  # distinct times
    after: Floats  # chance of being uncensored after each distinct time

    def is_case(self, time: float) -> Floats:
        """Mark patients with the event by `time`."""
        return np.asarray((self.duration <= time) & (self.event == 1), float)

    def is_control(self, time: float) -> Floats:
        """Mark patients under observation beyond `time`."""
        return np.asarray(self.duration > time, float)

    def weights(self, time: float) -> Floats:
        """Return each patient's weight at `time`: of a case, of a control, or 0."""
        case, control = self.is_case(time), self.is_control(time)
        with np.errstate(divide="ignore", invalid="ignore"):
            own = np.where(case > 0, 1 / self.uncensored, 0.0)
            rest = np.where(control > 0, 1 / self.uncensored_at(time), 0.0)
        return own + rest

    def uncensored_at(self, time: float) -> float:
        """Return the chance of being uncensored at `time`."""
        place = int(np.searchsorted(self.times, time, side="right"))
        return 1.0 if place == 0 else float(self.after[place - 1])


def ipcw(duration: ArrayLike, event: ArrayLike) -> Ipcw:
    """Estimate the chance of being uncensored by the Kaplan-Meier method, events at a time coming before censoring.

    Parameters
    ----------
    duration : array_like, shape (n,)
    event : array_like of bool, shape (n,)

    Returns
    -------
    Ipcw
    """
    t, happened, _ = check_follow_up(duration, event)
    order = np.argsort(t, kind="stable")
    ordered = t[order]
    times, first = np.unique(ordered, return_index=True)
    # Events at a time are gone before patients are censored at it, as in R's prodlim, pec and riskRegression
    at_risk = t.size - first - np.add.reduceat(happened[order], first)
    censored = np.add.reduceat(1 - happened[order], first)
    after = np.cumprod(1 - np.divide(censored, at_risk, out=np.zeros_like(at_risk), where=at_risk > 0))
    before = np.concatenate([[1.0], after[:-1]])
    place = np.searchsorted(times, t)
    sizes = np.diff(first, append=t.size)
    return Ipcw(
        duration=t,
        event=happened,
        order=order,
        first_same=np.repeat(first, sizes),
        at_risk=np.repeat(at_risk, sizes),
        uncensored=before[place],
        times=times,
        after=after,
    )


def censoring_influence(data: Ipcw, contributions: ArrayLike, time: float) -> Floats:
    """Return what having estimated the censoring adds to each patient's influence on a weighted mean.

    Parameters
    ----------
    data : Ipcw
    contributions : array_like, shape (n,) or (n, k)
        What each patient adds to the mean, weight included; 0 for patients censored by `time`.
    time : float
        At which the weights were taken.

    Returns
    -------
    ndarray, shape as `contributions`
    """
    q = np.asarray(contributions, float)
    columns = q.reshape(len(q), -1)[data.order]
    n = len(columns)
    ordered = data.duration[data.order]
    # whoever is a case at T was weighted by what happened before T; a control by all up to the time
    total = columns.sum(axis=0)
    earlier = np.vstack([np.zeros((1, columns.shape[1])), columns.cumsum(axis=0)])
    is_censored = (data.event[data.order] == 0)[:, None] & (ordered <= time)[:, None]
    last = np.searchsorted(ordered, ordered, side="right")
    later = (total - earlier[last]) / n  # of those who leave after this time
    with np.errstate(divide="ignore", invalid="ignore"):
        each = np.where(is_censored, later * n / data.at_risk[:, None], 0.0)
        hazard = np.where(is_censored, each / data.at_risk[:, None], 0.0)
    # who had the event at a time was no longer at risk of being censored at it
    until = np.where(data.event[data.order] == 1, data.first_same, last)
    spent = np.vstack([np.zeros((1, columns.shape[1])), hazard.cumsum(axis=0)])[until]
    found = np.empty_like(columns)
    found[data.order] = each - spent
    return np.asarray(found.reshape(q.shape))
