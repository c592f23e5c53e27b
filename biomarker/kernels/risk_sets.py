"""Who is at risk at which event: set up once, summed over at any coefficients, for one Cox model or many at once."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from biomarker.kernels.follow_up import Floats, check_codes, check_follow_up

TIES = ("efron", "breslow")


class RiskSets(NamedTuple):
    """Who is at risk at which event, in one stratum."""

    rows: NDArray[np.intp]  # patients of the stratum, as rows of the design, in the order in which they leave
    first: NDArray[np.intp]  # at risk at the event times first .. last - 1
    last: NDArray[np.intp]
    events: NDArray[np.intp]  # positions in `rows` of those who had the event, in order of time
    event_time: NDArray[np.intp]  # of each event, as a position among the distinct event times
    tie_share: Floats  # l/d for the l-th of d tied events, l from 0; all 0 with Breslow's ties
    tie_starts: NDArray[np.intp]  # first event of each distinct time
    times: Floats  # distinct event times, ascending
    leaving: NDArray[np.intp]  # position in `rows` of the first at risk at each time, were all there from the start
    by_entry: NDArray[np.intp] | None  # positions in `rows` in order of entry; None where all are there from the start
    entering: NDArray[np.intp]  # place in `by_entry` of the first not yet under observation at each time
    is_efron: bool


class EventSums(NamedTuple):
    """What each event sees of its risk set, for each of B models; E events, p columns, n patients of one stratum."""

    risk: Floats  # (B, n): weight times exp(linear predictor), up to a factor of each model
    total: Floats  # (B, E): risk of all at risk
    mean: Floats  # (B, p, E): mean of each column over the risk set
    weight: Floats  # (B, E) or (1, E): how much each event counts
    share: Floats  # (B, E) or (1, E): of the tied ones, how much has left the risk set
    log_likelihood: Floats  # (B,)


def risk_sets(
    duration: ArrayLike,
    event: ArrayLike,
    *,
    strata: ArrayLike | None = None,
    entry: ArrayLike | None = None,
    ties: str = "efron",
) -> tuple[RiskSets, ...]:
    """Set up the risk sets of each stratum that has events.

    Parameters
    ----------
    duration, event, entry
        As in `biomarker.kernels.survival.kaplan_meier`.
    strata : array_like of int, shape (n,), optional
        Each stratum has its own baseline hazard.
    ties : {"efron", "breslow"}
        How events at one time are handled.

    Returns
    -------
    tuple of RiskSets
        One per stratum with events.

    Raises
    ------
    ValueError
        For follow-up that is not possible, or unknown ties.
    """
    if ties not in TIES:
        raise ValueError(f"unknown ties {ties!r}: efron or breslow")
    t, happened, start = check_follow_up(duration, event, entry)
    stratum = np.zeros(t.size, np.intp) if strata is None else check_codes(strata, t.size)
    order = np.lexsort((t, stratum))
    ends = np.flatnonzero(np.diff(stratum[order], append=-1)) + 1
    parts = np.split(order, ends[:-1])
    return tuple(
        _of_stratum(rows, t[rows], happened[rows], None if start is None else start[rows], ties)
        for rows in parts
        if happened[rows].any()
    )


def _of_stratum(rows: NDArray[np.intp], t: Floats, happened: Floats, start: Floats | None, ties: str) -> RiskSets:
    """Set up one stratum whose rows are in order of time."""
    events = np.flatnonzero(happened)
    when = t[events]
    tie_starts = np.flatnonzero(np.concatenate([[True], when[1:] != when[:-1]]))
    counts = np.diff(tie_starts, append=events.size)
    event_time = np.repeat(np.arange(tie_starts.size), counts)
    times = when[tie_starts]
    place: NDArray[np.intp] = np.arange(events.size) - tie_starts[event_time]
    first, by_entry = np.zeros(rows.size, np.intp), None
    entering = np.zeros(0, np.intp)
    if start is not None:
        first = np.searchsorted(times, start, side="right")
        by_entry = np.argsort(first, kind="stable")
        entering = np.searchsorted(first[by_entry], np.arange(times.size), side="right")
    last = np.searchsorted(times, t, side="right")
    return RiskSets(
        rows=rows,
        first=first,
        last=last,
        events=events,
        event_time=event_time,
        tie_share=place / counts[event_time] if ties == "efron" else np.zeros(events.size),
        tie_starts=tie_starts,
        times=times,
        leaving=np.searchsorted(last, np.arange(times.size), side="right"),
        by_entry=by_entry,
        entering=entering,
        is_efron=ties == "efron",
    )


def event_sums(x: Floats, eta: Floats, sets: RiskSets, weights: Floats | None = None) -> EventSums:
    """Sum over the risk set of each event.

    Parameters
    ----------
    x : ndarray, shape (B, p, n) or (1, p, n)
        Columns of the design, patients in the order of ``sets.rows``.
    eta : ndarray, shape (B, n)
        Linear predictors.
    sets : RiskSets
    weights : ndarray, shape (B, n), optional
        How often each patient counts, at least 0: a tied event then counts with the mean weight of its ties, and those
        of weight 0 are not there at all, as in R's ``coxph(weights=)``.

    Returns
    -------
    EventSums
    """
    scaled = eta - eta.max(axis=1, keepdims=True)
    risk = np.exp(scaled)
    if weights is None:
        weight, share = np.ones((1, sets.events.size)), sets.tie_share[None]
        observed = scaled[:, sets.events].sum(axis=1)
    else:
        risk = risk * weights
        weight, share = _weighted_ties(weights[:, sets.events], sets)
        observed = (weights * scaled)[:, sets.events].sum(axis=1)
    total = _at_events(risk[:, None], sets, share)[:, 0]
    if weights is not None:
        total = np.where(weight > 0, total, 1.0)  # an event of weight 0 may have nobody at risk
    mean = _at_events(risk[:, None] * x, sets, share) / total[:, None]
    return EventSums(risk, total, mean, weight, share, observed - (weight * np.log(total)).sum(axis=1))


def mean_at_events(values: Floats, sums: EventSums, sets: RiskSets) -> Floats:
    """Return the mean of a value of each patient, shape (B, n), over the risk set of each event, shape (B, E)."""
    return _at_events((sums.risk * values)[:, None], sets, sums.share)[:, 0] / sums.total


def over_events(values: Floats, sums: EventSums, sets: RiskSets) -> Floats:
    """Add up a value of each event, shape (B, k, E), over the events at which each patient is at risk.

    Of a tie that a patient is part of, only the share counts for which they are still in the risk set.

    Returns
    -------
    ndarray, shape (B, k, n)
    """
    by_time = _by_time(values, sets)
    total = np.concatenate([np.zeros((*by_time.shape[:-1], 1)), np.cumsum(by_time, axis=-1)], axis=-1)
    found = total[..., sets.last]
    if sets.by_entry is not None:
        found = found - total[..., sets.first]
    if sets.is_efron and sets.times.size < sets.events.size:
        found[..., sets.events] -= _by_time(values * sums.share[:, None], sets)[..., sets.event_time]
    return found


def _weighted_ties(weights: Floats, sets: RiskSets) -> tuple[Floats, Floats]:
    """Return weight and share of each event where some of the tied ones may not be there."""
    there = weights > 0
    counts = np.add.reduceat(there, sets.tie_starts, axis=1, dtype=float)[:, sets.event_time]
    totals = np.add.reduceat(weights, sets.tie_starts, axis=1)[:, sets.event_time]
    before: Floats = np.cumsum(there, axis=1).astype(float) - there
    place: Floats = before - before[:, sets.tie_starts][:, sets.event_time]
    least_one = np.maximum(counts, 1)
    share = place / least_one if sets.is_efron else np.zeros(1)
    return np.where(there, totals / least_one, 0.0), np.where(there, share, 0.0)


def _at_events(values: Floats, sets: RiskSets, share: Floats) -> Floats:
    """Add up values of patients, shape (B, k, n), over the risk set of each event, shape (B, k, E)."""
    found = _from_place(values, sets.leaving)
    if sets.by_entry is not None:
        found = found - _from_place(values[..., sets.by_entry], sets.entering)
    if sets.times.size == sets.events.size:
        return found
    found = found[..., sets.event_time]
    if sets.is_efron:
        dying = _by_time(values[..., sets.events], sets)[..., sets.event_time]
        found -= share[:, None] * dying
    return found


def _from_place(values: Floats, place: NDArray[np.intp]) -> Floats:
    """Add up the values from each place on."""
    padded = np.concatenate([values, np.zeros((*values.shape[:-1], 1))], axis=-1)
    return np.asarray(np.cumsum(padded[..., ::-1], axis=-1)[..., ::-1][..., place])


def _by_time(values: Floats, sets: RiskSets) -> Floats:
    """Add up values of events, in the last axis, over those at one time."""
    if sets.times.size == sets.events.size:
        return values
    return np.asarray(np.add.reduceat(values, sets.tie_starts, axis=-1))
