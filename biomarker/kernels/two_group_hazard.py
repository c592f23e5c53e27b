"""Hazard ratio of two groups, for many resamples at once: Cox's model with one binary predictor."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from biomarker.kernels.follow_up import Floats
from biomarker.kernels.log_rank_scan import MarkedFollowUp

MOST_STEPS, CLOSE_ENOUGH, LONGEST_STEP = 50, 1e-10, 2.0
RUNAWAY = 15.0  # a log hazard ratio this large has no finite maximum to go to


class LogHazardRatio(NamedTuple):
    """Log hazard ratios of those in the group against the others, and their standard errors; shape (B,)."""

    value: Floats
    std_error: Floats


def log_hazard_ratio(
    data: MarkedFollowUp, in_group: NDArray[np.bool_], weights: Floats | None = None, *, penalized: bool = True
) -> LogHazardRatio:
    """Fit Cox's model with Efron's ties to two groups [1]_, if asked by Firth's penalised likelihood [2]_.

    With one binary predictor, numbers at risk and events of either group at each time are all that the likelihood
    needs. A patient who counts w times is w patients, tied with one another.

    Parameters
    ----------
    data : MarkedFollowUp
    in_group : ndarray of bool, shape (B, n)
    weights : ndarray of whole numbers, shape (B, n), optional
    penalized : bool
        Firth's estimate is finite even where one group has no events.

    Returns
    -------
    LogHazardRatio
        NaN where the groups are never at risk together when an event happens, and, unless penalised, where the
        likelihood has no maximum.

    References
    ----------
    .. [1] Efron B. J Am Stat Assoc 1977;72:557-565.
    .. [2] Heinze G, Schemper M. A solution to the problem of monotone likelihood in Cox regression. Biometrics
       2001;57:114-119.

    Examples
    --------
    >>> from biomarker.kernels.log_rank_scan import marked_follow_up
    >>> data = marked_follow_up([1, 2, 3, 4], [1, 1, 1, 1], [4, 3, 2, 1])
    >>> group = np.array([[True, False, True, False]])
    >>> print(f"{log_hazard_ratio(data, group, penalized=False).value[0]:.4f}")
    0.9406
    """
    risk_in, risk_out, observed = _risk_sets(data, in_group, weights)
    beta, settled = np.zeros(len(observed)), np.zeros(len(observed), bool)
    information = np.zeros(len(observed))
    for _ in range(MOST_STEPS):
        score, information, third = _derivatives(beta, risk_in, risk_out, observed)
        with np.errstate(divide="ignore", invalid="ignore"):
            step = (score + (third / information / 2 if penalized else 0.0)) / information
        step = np.where(settled | ~np.isfinite(step), 0.0, np.clip(step, -LONGEST_STEP, LONGEST_STEP))
        beta += step
        settled |= np.abs(step) < CLOSE_ENOUGH
        if settled.all():
            break
    _, information, _ = _derivatives(beta, risk_in, risk_out, observed)
    known = (information > 1e-10) & (np.abs(beta) < RUNAWAY)
    with np.errstate(divide="ignore", invalid="ignore"):
        return LogHazardRatio(np.where(known, beta, np.nan), np.where(known, 1 / np.sqrt(information), np.nan))


def _risk_sets(
    data: MarkedFollowUp, in_group: NDArray[np.bool_], weights: Floats | None
) -> tuple[Floats, Floats, Floats]:
    """Numbers at risk in and out of the group at each event, tied ones one after another, and events in the group."""
    w = np.ones(in_group.shape) if weights is None else np.asarray(weights, float)
    sides = []
    for side in (in_group, ~in_group):
        counted = (w * side)[:, data.by_time]
        leaving = np.add.reduceat(counted, data.time_starts, axis=1)
        died = np.add.reduceat(counted * data.event[data.by_time], data.time_starts, axis=1)
        sides.append((np.cumsum(leaving[:, ::-1], axis=1)[:, ::-1], died))
    (at_risk, events), (others_at_risk, others_events) = sides
    d = events + others_events
    there = np.flatnonzero((d > 0).any(axis=0))
    place = np.arange(int(d.max(initial=1)))
    total = d[:, there, None]
    # the l-th of d tied events sees d - l of them left: the share l/d of the tied has gone
    with np.errstate(divide="ignore", invalid="ignore"):
        gone = np.where(place < total, place / total, np.nan)
    risk_in = at_risk[:, there, None] - gone * events[:, there, None]
    risk_out = others_at_risk[:, there, None] - gone * others_events[:, there, None]
    missing = np.isnan(gone)
    shape = (len(w), -1)
    return (
        np.where(missing, 0.0, risk_in).reshape(shape),
        np.where(missing, 1.0, risk_out).reshape(shape),
        events.sum(axis=1),
    )


def _derivatives(beta: Floats, risk_in: Floats, risk_out: Floats, observed: Floats) -> tuple[Floats, Floats, Floats]:
    """Score, information and the derivative of the information at each model's coefficient."""
    raised = risk_in * np.exp(beta)[:, None]
    share = raised / (raised + risk_out)
    spread = share * (1 - share)
    return observed - share.sum(axis=1), spread.sum(axis=1), (spread * (1 - 2 * share)).sum(axis=1)
