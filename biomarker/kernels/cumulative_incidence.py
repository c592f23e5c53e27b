"""Cumulative incidence with competing events: the Aalen-Johansen estimator, for right-censored or late-entered data."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri

from biomarker.kernels.follow_up import Floats, check_codes, check_follow_up, distinct_times, waiting
from biomarker.kernels.interval import Interval

CONF_TYPES = ("log-log", "log", "plain", "logit", "arcsin")


class CumulativeIncidence(NamedTuple):
    """Curves of every cause: one row per distinct time at which someone had an event or was censored."""

    time: Floats  # (n_times,)
    at_risk: Floats  # (n_times,), just before `time`
    events: Floats  # (n_times, n_causes)
    censored: Floats  # (n_times,)
    incidence: Floats  # (n_times, n_causes), by `time`
    std_error: Floats  # (n_times, n_causes)
    low: Floats
    high: Floats


class IncidenceAt(NamedTuple):
    """Cumulative incidence at given times, each of shape (n_times, n_causes)."""

    incidence: Floats
    std_error: Floats
    low: Floats
    high: Floats


def cumulative_incidence_curves(
    duration: ArrayLike,
    cause: ArrayLike,
    *,
    n_causes: int | None = None,
    entry: ArrayLike | None = None,
    conf_type: str = "log-log",
    confidence_level: float = 0.95,
) -> CumulativeIncidence:
    """Estimate the probability of each cause by each time, others competing [1]_, with its delta-method variance [2]_.

    Parameters
    ----------
    duration : array_like, shape (n,)
        Time from start to the first event of any cause, or to the end of follow-up, at least 0.
    cause : array_like of int, shape (n,)
        0 where follow-up was censored, else 1, 2, ... for the cause of the event.
    n_causes : int, optional
        Number of causes; the largest code by default. A cause that nobody had has an incidence of 0.
    entry : array_like, shape (n,), optional
        Time at which a patient came under observation (left truncation).
    conf_type : {"log-log", "log", "plain", "logit", "arcsin"}
        Scale of the pointwise interval; "log-log" stands for the log of minus the log of 1 - incidence.
    confidence_level : float
        Two-sided coverage, a fraction in (0, 1).

    Returns
    -------
    CumulativeIncidence
        Limits are NaN until the first event of a cause, where the variance is 0 and says nothing.

    Raises
    ------
    ValueError
        For negative or missing times, codes below 0 or above `n_causes`, an entry not before the duration, or unequal
        lengths.

    References
    ----------
    .. [1] Aalen OO, Johansen S. An empirical transition matrix for non-homogeneous Markov chains based on censored
       observations. Scand J Stat 1978;5:141-150.
    .. [2] Marubini E, Valsecchi MG. Analysing survival data from clinical trials and observational studies. Wiley 1995.

    Examples
    --------
    Three of five patients progress; one dies without progression and so never can:

    >>> curves = cumulative_incidence_curves([1, 2, 3, 4, 5], [1, 2, 1, 0, 1])
    >>> curves.incidence[-1].round(3).tolist()
    [0.8, 0.2]
    """
    t, _, start = check_follow_up(duration, np.asarray(cause) != 0, entry)
    code = check_codes(cause, t.size)
    count = int(code.max()) if n_causes is None else n_causes
    if count < code.max():
        raise ValueError("a cause is coded above n_causes")
    time, order, starts = distinct_times(t)
    causes = code[order, None] == np.arange(1, count + 1)
    events = np.add.reduceat(causes.astype(float), starts, axis=0)
    leaving = np.diff(starts, append=t.size).astype(float)
    at_risk = np.asarray(t.size - starts, float) - waiting(time, start)
    total = events.sum(axis=1)
    survival = np.cumprod(1 - total / at_risk)
    before = np.concatenate([[1.0], survival[:-1]])
    incidence = np.cumsum((before / at_risk)[:, None] * events, axis=0)
    variance = _variance(incidence, before, at_risk, events, total)
    std_error = np.sqrt(np.maximum(variance, 0))
    low, high = incidence_limits(incidence, std_error, conf_type=conf_type, confidence_level=confidence_level)
    return CumulativeIncidence(time, at_risk, events, leaving - total, incidence, std_error, low, high)


def _variance(incidence: Floats, before: Floats, at_risk: Floats, events: Floats, total: Floats) -> Floats:
    """Sum what each event time adds to the variance of F(t), with the squares in F(t) - F(s) multiplied out."""
    left = at_risk - total
    n = at_risk[:, None]
    # Greenwood's terms; where all who are left have an event, F rises no more, and the term is 0 times infinity
    greenwood = np.divide(total, at_risk * left, out=np.zeros_like(total), where=left > 0)[:, None]
    own = before[:, None] ** 2 * events * (n - events) / n**3
    both = before[:, None] * events / n**2
    f = incidence
    quadratic = np.cumsum(greenwood, axis=0)
    linear = np.cumsum(f * greenwood + both, axis=0)
    constant = np.cumsum(f**2 * greenwood + own + 2 * f * both, axis=0)
    return np.asarray(f**2 * quadratic - 2 * f * linear + constant)


def incidence_limits(
    incidence: Floats, std_error: Floats, *, conf_type: str = "log-log", confidence_level: float = 0.95
) -> Interval:
    """Pointwise limits of an incidence on a transformed scale; NaN where the incidence or its error is 0."""
    if not 0 < confidence_level < 1:
        raise ValueError("confidence_level is a fraction between 0 and 1")
    if conf_type not in CONF_TYPES:
        raise ValueError(f"unknown conf_type {conf_type!r}: one of {', '.join(CONF_TYPES)}")
    width = ndtri((1 + confidence_level) / 2) * std_error
    f = np.asarray(incidence, float)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        if conf_type == "plain":
            low, high = f - width, f + width
        elif conf_type == "log":
            low, high = f * np.exp(-width / f), f * np.exp(width / f)
        elif conf_type == "logit":
            odds, factor = f / (1 - f), np.exp(width / (f * (1 - f)))
            low, high = odds / factor / (1 + odds / factor), odds * factor / (1 + odds * factor)
        elif conf_type == "arcsin":
            angle, turn = np.arcsin(np.sqrt(f)), width / (2 * np.sqrt(f * (1 - f)))
            low, high = np.sin(np.maximum(angle - turn, 0)) ** 2, np.sin(np.minimum(angle + turn, np.pi / 2)) ** 2
        else:
            log_s = np.log1p(-f)
            factor = np.exp(width / ((1 - f) * -log_s))
            low, high = -np.expm1(log_s / factor), -np.expm1(log_s * factor)
    unknown = ~((f > 0) & (width > 0))
    low, high = np.clip(low, 0, 1), np.clip(high, 0, 1)
    return Interval(np.where(unknown, np.nan, low), np.where(unknown, np.nan, high))


def incidence_at(curves: CumulativeIncidence, times: ArrayLike) -> IncidenceAt:
    """Read the curves at given times; NaN past the last follow-up, unless nobody was left without an event."""
    when = np.atleast_1d(np.asarray(times, float))
    if np.any(~(when >= 0)):
        raise ValueError("times must be at least 0")
    position = np.searchsorted(curves.time, when, side="right")
    all_done = curves.incidence[-1].sum() >= 1 - 1e-12
    past = ((when > curves.time[-1]) & ~all_done)[:, None]
    starts = {"incidence": 0.0, "std_error": 0.0, "low": np.nan, "high": np.nan}
    n_causes = curves.incidence.shape[1]
    columns = {
        name: np.where(past, np.nan, np.vstack([np.full(n_causes, value), getattr(curves, name)])[position])
        for name, value in starts.items()
    }
    return IncidenceAt(**columns)
