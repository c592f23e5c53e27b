"""The log-rank statistic at every cutoff of a marker at once: in the data, in permutations and in resamples."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from biomarker.kernels.follow_up import Floats, check_follow_up, distinct_times
from biomarker.kernels.resampling import BLOCK, Seed, child_stream, seed_sequence

Ints = NDArray[np.intp]

TIES = ("log-rank", "hothorn-lausen")
CELLS = 2_000_000  # of the largest array in a scan of the plain log-rank test


class MarkedFollowUp(NamedTuple):
    """Follow-up of n patients with a marker, sorted once for any number of scans."""

    event: Floats
    by_time: Ints  # patients in order of time
    time_starts: Ints  # where in that order each distinct time begins
    time_of: Ints  # position of each patient's time among the distinct ones
    by_marker: Ints  # patients in order of the marker
    level_starts: Ints  # where in that order each distinct value begins
    levels: Floats  # distinct values, ascending


class Scan(NamedTuple):
    """Standardised statistics of B data sets at K cutoffs; cutoff k parts level k from level k + 1.

    `z` is positive where those above the cutoff have the event sooner; NaN at cutoffs that leave too few on a side.
    """

    z: Floats  # (B, K)
    below: Floats  # (B, K): patients at or below level k


class PlainScan(NamedTuple):
    """Log-rank tests of those above each of K cutoffs against those below."""

    chi_square: Floats
    observed_minus_expected: Floats  # events of those above
    variance: Floats


def marked_follow_up(duration: ArrayLike, event: ArrayLike, marker: ArrayLike) -> MarkedFollowUp:
    """Check and sort follow-up with a marker.

    Raises
    ------
    ValueError
        As `kaplan_meier`, and for a marker of another length or with missing values.
    """
    t, happened, _ = check_follow_up(duration, event)
    x = np.asarray(marker, float)
    if x.shape != t.shape or not np.isfinite(x).all():
        raise ValueError("need one finite marker value per patient")
    time, by_time, starts = distinct_times(t)
    levels, first = np.unique(np.sort(x), return_index=True)
    return MarkedFollowUp(
        event=happened,
        by_time=by_time,
        time_starts=starts,
        time_of=np.searchsorted(time, t),
        by_marker=np.argsort(x, kind="stable"),
        level_starts=first,
        levels=levels,
    )


def log_rank_scores(data: MarkedFollowUp, weights: ArrayLike | None = None, *, ties: str = "log-rank") -> Floats:
    """Score of each patient whose sum over a group is its observed minus its expected events [1]_.

    Parameters
    ----------
    data : MarkedFollowUp
    weights : array_like, shape (B, n), optional
        How often each patient counts in each of B resamples.
    ties : {"log-rank", "hothorn-lausen"}
        At a tied time those at risk are counted as the log-rank test does, or as Hothorn and Lausen have it and R's
        maxstat, who count the tied ones as having left but for one. Without ties the two are the same.

    Returns
    -------
    ndarray, shape (B, n)
        1 row without weights.

    References
    ----------
    .. [1] Hothorn T, Lausen B. On the exact distribution of maximally selected rank statistics. Comput Stat Data Anal
       2003;43:121-137.
    """
    if ties not in TIES:
        raise ValueError(f"unknown ties {ties!r}: one of {', '.join(TIES)}")
    w = np.ones((1, data.event.size)) if weights is None else np.asarray(weights, float)
    leaving = np.add.reduceat(w[:, data.by_time], data.time_starts, axis=1)
    events = np.add.reduceat((w * data.event)[:, data.by_time], data.time_starts, axis=1)
    at_risk = np.cumsum(leaving[:, ::-1], axis=1)[:, ::-1]
    if ties == "hothorn-lausen":
        at_risk = at_risk - leaving + 1
    hazard = np.cumsum(np.divide(events, at_risk, out=np.zeros_like(events), where=events > 0), axis=1)
    return np.asarray(data.event - hazard[:, data.time_of])


def scan_cutoffs(
    data: MarkedFollowUp,
    scores: Floats,
    weights: ArrayLike | None = None,
    *,
    lowest_share: float = 0.1,
    highest_share: float = 0.9,
) -> Scan:
    """Standardise the sum of scores above every cutoff by its mean and variance over all permutations.

    Parameters
    ----------
    data : MarkedFollowUp
    scores : ndarray, shape (B, n)
        From `log_rank_scores`.
    weights : array_like, shape (B, n), optional
    lowest_share, highest_share : float
        Cutoffs are tried with at least and at most this share of patients below, rounded down to whole patients.

    Returns
    -------
    Scan
    """
    w = np.ones((1, data.event.size)) if weights is None else np.asarray(weights, float)
    total, spread = (w * scores).sum(axis=1), (w * scores**2).sum(axis=1)
    n = w.sum(axis=1, keepdims=True)
    by_level = [np.add.reduceat(column[:, data.by_marker], data.level_starts, axis=1) for column in (w, w * scores)]
    below, sums = (np.cumsum(column, axis=1)[:, :-1] for column in by_level)
    m = np.broadcast_to(below, sums.shape)
    tried = (by_level[0][:, :-1] > 0) & (m < n)
    tried &= (m >= np.maximum(1, np.floor(n * lowest_share))) & (m <= np.floor(n * highest_share))
    variance = m * (n - m) / (n**2 * (n - 1)) * (n * spread[:, None] - total[:, None] ** 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        z = (m / n * total[:, None] - sums) / np.sqrt(variance)
    return Scan(np.where(tried & (variance > 0), z, np.nan), np.asarray(m))


def permuted_maxima(
    data: MarkedFollowUp, scores: Floats, scan: Scan, *, n_permutations: int = 9999, rng: Seed = 0
) -> Floats:
    """Largest absolute statistic when follow-up is dealt anew to the marker's values, again and again [1]_.

    Parameters
    ----------
    data, scores, scan
        Of the data themselves: one row each.
    n_permutations : int
        At least 1.
    rng : int, sequence of int, SeedSequence or Generator

    Returns
    -------
    ndarray, shape (n_permutations,)
        NaN where no cutoff was tried.

    References
    ----------
    .. [1] Hothorn T, Lausen B. On the exact distribution of maximally selected rank statistics. Comput Stat Data Anal
       2003;43:121-137.
    """
    if n_permutations < 1:
        raise ValueError("need at least one permutation")
    tried = np.flatnonzero(~np.isnan(scan.z[0]))
    if not tried.size:
        return np.full(n_permutations, np.nan)
    n = data.event.size
    centred = scores[0] - scores[0].mean()
    m = scan.below[0, tried]
    position = m.astype(np.intp) - 1
    factor = 1 / np.sqrt(m * (n - m) / (n * (n - 1)) * np.sum(centred**2))
    seed, at_once, largest = seed_sequence(rng), max(1, min(BLOCK, 4 * CELLS // n)), []
    for block in range(-(-n_permutations // BLOCK)):
        stream = child_stream(seed, block)
        left = min(BLOCK, n_permutations - block * BLOCK)
        for first in range(0, left, at_once):
            dealt = np.tile(centred, (min(at_once, left - first), 1))
            stream.permuted(dealt, axis=1, out=dealt)
            np.cumsum(dealt, axis=1, out=dealt)
            sums = np.abs(dealt[:, position])
            sums *= factor
            largest.append(sums.max(axis=1))
    return np.concatenate(largest)


def permutation_p(statistic: float, maxima: Floats) -> float:
    """Return the p-value of the largest statistic, ``(1 + as large or larger) / (1 + permutations)``; NaN for NaN.

    Examples
    --------
    >>> permutation_p(2.5, np.array([1.0, 3.0, 2.0, 1.5]))
    0.4
    """
    if np.isnan(statistic) or np.isnan(maxima).any():
        return float("nan")
    return float((1 + np.sum(maxima >= statistic * (1 - 1e-9))) / (1 + maxima.size))


def log_rank_at_cutoffs(
    duration: ArrayLike, event: ArrayLike, marker: ArrayLike, cutoffs: ArrayLike, *, orders: ArrayLike | None = None
) -> PlainScan:
    """Plain log-rank test of ``marker >= cutoff`` at many cutoffs [1]_, if asked for permuted markers too.

    Parameters
    ----------
    duration, event : array_like, shape (n,)
        As in `kaplan_meier`.
    marker : array_like, shape (n,)
    cutoffs : array_like, shape (K,)
    orders : array_like of int, shape (B, n), optional
        Permutations of the patients: in data set b, patient ``orders[b, i]`` has the marker of patient i.

    Returns
    -------
    PlainScan
        Arrays of shape (K,), or (B, K) for permutations; NaN where one side has no patients or no variance.

    References
    ----------
    .. [1] Mantel N. Cancer Chemother Rep 1966;50:163-170.

    Examples
    --------
    >>> scan = log_rank_at_cutoffs([1, 2, 3, 4, 5, 6], [1, 1, 1, 1, 1, 1], [6, 5, 4, 3, 2, 1], [2.0, 4.0])
    >>> scan.chi_square.round(3).tolist()
    [2.193, 5.052]
    """
    data = marked_follow_up(duration, event, marker)
    values, n = np.asarray(marker, float)[data.by_marker], data.event.size
    start = np.searchsorted(values, np.asarray(cutoffs, float), side="left")
    at_risk = n - data.time_starts
    events = np.add.reduceat(data.event[data.by_time], data.time_starts)
    is_event = np.flatnonzero(events > 0)
    d, at = events[is_event], at_risk[is_event].astype(float)
    factor = np.where(at > 1, d * (at - d) / np.maximum(at - 1, 1), 0.0)
    last = np.searchsorted(is_event, data.time_of, side="right")  # event times at which each patient is at risk
    hazard = np.concatenate([[0.0], np.cumsum(d / at)])[last]
    linear = np.concatenate([[0.0], np.cumsum(factor / at)])[last]
    is_at_risk = np.arange(is_event.size) < last[:, None]
    given = np.arange(n)[None] if orders is None else np.asarray(orders, np.intp)
    at_once = max(1, CELLS // max(1, n * is_event.size))
    parts = [
        _plain_sums(given[first : first + at_once][:, data.by_marker], start, data.event - hazard, linear, is_at_risk,
                    factor / at**2)
        for first in range(0, len(given), at_once)
    ]  # fmt: skip
    difference, variance = (np.concatenate(column) for column in zip(*parts, strict=True))
    with np.errstate(divide="ignore", invalid="ignore"):
        chi_square = np.where(variance > 1e-12 * max(1.0, float(d.sum())), difference**2 / variance, np.nan)
    shown = (chi_square, difference, variance)
    return PlainScan(*(column[0] for column in shown)) if orders is None else PlainScan(*shown)


def _plain_sums(
    patients: Ints, start: Ints, scores: Floats, linear: Floats, is_at_risk: NDArray[np.bool_], quadratic: Floats
) -> tuple[Floats, Floats]:
    """Observed minus expected events, and their variance, of the patients from each start on; (B, K) each."""
    n_sets, n = patients.shape
    sums = []
    for column in (scores, linear):
        above = np.zeros((n_sets, n + 1))
        above[:, :-1] = np.cumsum(column[patients][:, ::-1], axis=1)[:, ::-1]
        sums.append(above[:, start])
    # numbers at risk above each cutoff: patients between neighbouring cutoffs are counted together
    edges, place = np.unique(start, return_inverse=True)
    squares = np.zeros((n_sets, edges.size))
    inside = edges < n
    if inside.any():
        between = np.add.reduceat(is_at_risk[patients].astype(np.float32), edges[inside], axis=1)
        counts = np.cumsum(between[:, ::-1], axis=1)[:, ::-1].astype(float)
        squares[:, inside] = (counts**2) @ quadratic
    return sums[0], sums[1] - squares[:, place]
