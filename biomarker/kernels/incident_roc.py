"""Incident cases against dynamic controls: how high who has the event now ranks among those still at risk."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from biomarker.kernels.follow_up import Floats, check_follow_up

MOST_NEIGHBOURS = 500  # events averaged at a time: enough for any accuracy, and what keeps large trials quick
_CELLS = 4_000_000  # of one block of comparisons


class IncidentArea(NamedTuple):
    """Area at given times, and what it is made from."""

    area: Floats  # (n_times,) or (B, n_times)
    n_events: int
    neighbours: int  # events averaged at each time


def incident_area(
    duration: ArrayLike,
    event: ArrayLike,
    marker: ArrayLike,
    times: ArrayLike,
    *,
    span: float = 0.3,
    weights: ArrayLike | None = None,
) -> IncidentArea:
    """Chance that a patient with the event at time t has a higher marker than one still free of it [1]_ [2]_.

    At each event the patient's marker is ranked among those who stay free of the event for longer; the ranks of the
    events nearest to t are averaged, nearer ones counting more (Epanechnikov weights over the order of events).

    Parameters
    ----------
    duration, event : array_like, shape (n,)
    marker : array_like, shape (n,)
        Higher is worse; ties count one half.
    times : array_like, shape (n_times,)
    span : float
        Share of the events that are averaged, at least five where there are as many, and at most 500.
    weights : array_like, shape (B, n), optional
        How often each patient counts, one row a resample; which events are neighbours stays the same.

    Returns
    -------
    IncidentArea
        NaN where no event near the time has anybody to be compared with, and past the last event.

    References
    ----------
    .. [1] Heagerty PJ, Zheng Y. Survival model predictive accuracy and ROC curves. Biometrics 2005;61:92-105.
    .. [2] Saha-Chaudhuri P, Heagerty PJ. Non-parametric estimation of a time-dependent predictive accuracy curve.
       Biostatistics 2013;14:42-59.
    """
    t, happened, _ = check_follow_up(duration, event)
    x, when = np.asarray(marker, float), np.atleast_1d(np.asarray(times, float))
    counts = np.ones((1, t.size)) if weights is None else np.asarray(weights, float)
    cases = np.flatnonzero(happened)
    cases = cases[np.argsort(t[cases], kind="stable")]
    if not cases.size:
        return IncidentArea(_shaped(np.full((len(counts), when.size), np.nan), weights), 0, 0)
    near = _nearness(t[cases], when, span)
    used = (near > 0).any(axis=1)
    last = t[cases[-1]]
    cases, near = cases[used], near[used]
    rank = _ranks(t, x, cases, counts)
    own = counts[:, cases]
    known = ~np.isnan(rank)
    with np.errstate(invalid="ignore", divide="ignore"):
        area = (np.where(known, rank, 0) * own) @ near / ((known * own) @ near)
    area[:, when > last] = np.nan
    return IncidentArea(_shaped(area, weights), int(happened.sum()), int((near > 0).sum(axis=0).max()))


def _shaped(area: Floats, weights: ArrayLike | None) -> Floats:
    return area[0] if weights is None else area


def _ranks(t: Floats, x: Floats, cases: NDArray[np.intp], counts: Floats) -> Floats:
    """Return the weighted rank of each case among those free of the event for longer: shape (B, n_cases)."""
    parts = []
    step = max(1, _CELLS // t.size)
    for start in range(0, len(cases), step):
        block = cases[start : start + step]
        longer = t > t[block, None]
        below = longer * ((x < x[block, None]) + 0.5 * (x == x[block, None]))
        with np.errstate(invalid="ignore", divide="ignore"):
            parts.append((counts @ below.T) / (counts @ longer.T.astype(float)))
    return np.concatenate(parts, axis=1)


def _nearness(event_times: Floats, when: Floats, span: float) -> Floats:
    """Return the weight of each event at each time, over the distance in the order of events: (n_cases, n_times)."""
    n = event_times.size
    reach = min(max(span * n / 2, min(2.5, n)), MOST_NEIGHBOURS / 2)
    place = (np.searchsorted(event_times, when, side="left") + np.searchsorted(event_times, when, side="right") - 1) / 2
    distance = np.abs(np.arange(n)[:, None] - place) / (reach + 0.5)
    return np.maximum(1 - distance**2, 0.0)
