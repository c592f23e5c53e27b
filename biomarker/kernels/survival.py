"""Kaplan-Meier curves and their quantiles, for right-censored and left-truncated follow-up."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri

from biomarker.kernels.follow_up import Floats, check_follow_up, distinct_times, waiting
from biomarker.kernels.interval import Interval

CONF_TYPES = ("log-log", "log", "plain", "logit", "arcsin")

# Survival within this of a quantile is on it, as in R: 1 - 0.2 - 0.3 is 0.5 although binary fractions say otherwise.
TOLERANCE = float(np.sqrt(np.finfo(float).eps))


class SurvivalCurve(NamedTuple):
    """A Kaplan-Meier curve: one row per distinct time at which someone had the event or was censored."""

    time: Floats
    at_risk: Floats  # just before `time`
    events: Floats
    censored: Floats
    survival: Floats  # just after `time`
    std_error: Floats  # Greenwood, of the survival
    low: Floats
    high: Floats


class SurvivalAt(NamedTuple):
    """Survival at given times."""

    survival: Floats
    std_error: Floats
    low: Floats
    high: Floats
    at_risk: Floats


class SurvivalQuantile(NamedTuple):
    """The time by which a share of patients had the event; NaN for a limit that was not reached."""

    value: float
    low: float
    high: float


def kaplan_meier(
    duration: ArrayLike,
    event: ArrayLike,
    *,
    entry: ArrayLike | None = None,
    conf_type: str = "log-log",
    confidence_level: float = 0.95,
) -> SurvivalCurve:
    """Estimate survival by the product limit [1]_ with Greenwood's variance.

    Censoring at the time of an event counts as just after it. The default interval is formed on the log(-log) scale:
    it stays within 0 and 1 and keeps its coverage in small samples, where the plain one does not [2]_.

    Parameters
    ----------
    duration : array_like, shape (n,)
        Time from start to event or end of follow-up, at least 0, in one unit.
    event : array_like of bool, shape (n,)
        True where the event happened, False where follow-up was censored.
    entry : array_like, shape (n,), optional
        Time at which a patient came under observation (left truncation); at risk after it, up to `duration`.
    conf_type : {"log-log", "log", "plain", "logit", "arcsin"}
        Scale of the pointwise interval.
    confidence_level : float
        Two-sided coverage, a fraction in (0, 1).

    Returns
    -------
    SurvivalCurve
        Arrays of shape (n_times,), times ascending. Limits are 1 before the first event, and NaN once survival is 0.

    Raises
    ------
    ValueError
        For negative or missing times, an event that is not bool or 0/1, an entry not before the duration, or unequal
        lengths.

    References
    ----------
    .. [1] Kaplan EL, Meier P. Nonparametric estimation from incomplete observations. J Am Stat Assoc 1958;53:457-481.
    .. [2] Borgan Ø, Liestøl K. A note on confidence intervals and bands for the survival function based on
       transformations. Scand J Stat 1990;17:35-41.

    Examples
    --------
    Remission in weeks under 6-mercaptopurine (Freireich et al., Blood 1963;21:699-716):

    >>> weeks = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
    >>> relapse = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
    >>> curve = kaplan_meier(weeks, relapse)
    >>> [f"{s:.3f}" for s, d in zip(curve.survival, curve.events) if d]
    ['0.857', '0.807', '0.753', '0.690', '0.627', '0.538', '0.448']
    """
    t, happened, start = check_follow_up(duration, event, entry)
    time, order, starts = distinct_times(t)
    all_distinct = time.size == t.size
    events = happened[order] if all_distinct else np.add.reduceat(happened[order], starts)
    leaving = 1.0 if all_distinct else np.diff(starts, append=t.size)
    at_risk = np.asarray(t.size - starts, float) - waiting(time, start)
    # Between events neither the curve nor its limits change: they are worked out at events, and read off elsewhere.
    drops = np.flatnonzero(events)
    d, n = events[drops], at_risk[drops]
    with np.errstate(divide="ignore", invalid="ignore"):  # the last of all had the event: Greenwood's sum is infinite
        hazard = d / n
        survival = np.asarray(np.cumprod(1 - hazard), float)
        log_se = np.cumsum(np.divide(hazard, n - d, out=hazard))
        np.sqrt(log_se, out=log_se)
        std_error = survival * log_se
        std_error[survival == 0] = 0.0
    low, high = survival_interval(survival, log_se, conf_type=conf_type, confidence_level=confidence_level)
    rows_each = np.diff(drops, prepend=0, append=time.size)
    survival, std_error, low, high = (
        np.repeat(np.concatenate([[at_start], column]), rows_each)
        for at_start, column in ((1.0, survival), (0.0, std_error), (1.0, low), (1.0, high))
    )
    return SurvivalCurve(time, at_risk, events, leaving - events, survival, std_error, low, high)


def survival_interval(
    survival: ArrayLike, log_se: ArrayLike, *, conf_type: str = "log-log", confidence_level: float = 0.95
) -> Interval:
    """Pointwise interval of a survival probability from the standard error of its logarithm.

    Parameters
    ----------
    survival, log_se : array_like, shape (n,)
        Survival, and the square root of Greenwood's sum.
    conf_type, confidence_level
        As in `kaplan_meier`.

    Returns
    -------
    Interval
        Within [0, 1]; both limits 1 where survival is still 1, NaN where it is 0.
    """
    if not 0 < confidence_level < 1:
        raise ValueError("confidence_level is a fraction between 0 and 1")
    return survival_limits(survival, ndtri((1 + confidence_level) / 2) * np.asarray(log_se, float), conf_type=conf_type)


def survival_limits(survival: ArrayLike, half_width: ArrayLike, *, conf_type: str = "log-log") -> Interval:
    """Limits this far either side of the logarithm of survival, carried to the scale of `conf_type` by the delta rule.

    Parameters
    ----------
    survival, half_width : array_like, shape (n,)
        Survival, and the half-width of its interval or band on the scale of its logarithm.
    conf_type
        As in `kaplan_meier`.

    Returns
    -------
    Interval
        Within [0, 1]; both limits 1 where survival is still 1, NaN where it is 0.
    """
    if conf_type not in CONF_TYPES:
        raise ValueError(f"unknown conf_type {conf_type!r}: one of {', '.join(CONF_TYPES)}")
    s, width = np.atleast_1d(np.asarray(survival, float)), np.asarray(half_width, float)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):  # the edges are set below
        if conf_type == "log-log":
            log_s = np.log(s)
            factor = width / log_s
            np.exp(factor, out=factor)  # below 1: log(-log S) moves by the exponent
            low = np.divide(log_s, factor)
            np.exp(low, out=low)
            high = np.multiply(log_s, factor, out=log_s)
            np.exp(high, out=high)
        elif conf_type == "log":
            low, high = s * np.exp(-width), s * np.exp(width)
        elif conf_type == "plain":
            low, high = s - width * s, s + width * s
        elif conf_type == "logit":
            odds = s / (1 - s)
            low, high = (1 - 1 / (1 + odds * np.exp(side * width / (1 - s))) for side in (-1, 1))
        else:
            angle, turn = np.arcsin(np.sqrt(s)), width * np.sqrt(s / (1 - s)) / 2
            low = np.sin(np.maximum(angle - turn, 0)) ** 2
            high = np.sin(np.minimum(angle + turn, np.pi / 2)) ** 2
    np.maximum(low, 0.0, out=low)
    np.minimum(high, 1.0, out=high)
    whole, gone = np.flatnonzero(s == 1), np.flatnonzero(s == 0)
    for limit in (low, high):
        limit[whole] = 1.0
        limit[gone] = np.nan
    return Interval(low, high)


def survival_at(curve: SurvivalCurve, times: ArrayLike) -> SurvivalAt:
    """Read a curve at given times.

    Parameters
    ----------
    curve : SurvivalCurve
    times : array_like, shape (n_times,)
        At least 0, in the unit of the curve.

    Returns
    -------
    SurvivalAt
        Survival just after, and number at risk just before, each time. Past the last follow-up survival is not
        estimable and NaN, unless it has reached 0.
    """
    when = np.atleast_1d(np.asarray(times, float))
    if np.any(~(when >= 0)):
        raise ValueError("times must be at least 0")
    position = np.searchsorted(curve.time, when, side="right")
    before_first = {"survival": 1.0, "std_error": 0.0, "low": 1.0, "high": 1.0}
    past = (when > curve.time[-1]) & (curve.survival[-1] > 0)
    columns = {
        name: np.where(past, np.nan, np.concatenate([[value], getattr(curve, name)])[position])
        for name, value in before_first.items()
    }
    return SurvivalAt(**columns, at_risk=number_at_risk(curve, when))


def number_at_risk(curve: SurvivalCurve, times: ArrayLike) -> Floats:
    """Count patients at risk just before each time, as printed under a curve.

    Without left truncation, where the number only falls, this is exact at any time. With it the number is that before
    the next time at which someone left.
    """
    position = np.searchsorted(curve.time, np.atleast_1d(np.asarray(times, float)), side="left")
    return np.append(curve.at_risk, 0.0)[position]


def survival_quantile(curve: SurvivalCurve, share: float = 0.5) -> SurvivalQuantile:
    """Time by which a share of patients had the event, with the interval of Brookmeyer and Crowley [1]_.

    The limits are the times at which the pointwise limits of the curve cross ``1 - share``, so they follow the
    curve's `conf_type`. Where the curve runs flat along the quantile, the middle of the flat stretch is given.

    Parameters
    ----------
    curve : SurvivalCurve
    share : float
        A fraction in (0, 1): 0.5 gives the median.

    Returns
    -------
    SurvivalQuantile
        NaN where the curve, or its limit, does not get down to ``1 - share``.

    References
    ----------
    .. [1] Brookmeyer R, Crowley J. A confidence interval for the median survival time. Biometrics 1982;38:29-41.

    Examples
    --------
    >>> weeks = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
    >>> relapse = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
    >>> survival_quantile(kaplan_meier(weeks, relapse)).value
    23.0
    """
    if not 0 < share < 1:
        raise ValueError("share is a fraction between 0 and 1")
    crossings = (_crossing(curve.time, y, 1 - share) for y in (curve.survival, curve.low, curve.high))
    return SurvivalQuantile(*crossings)


def _crossing(time: Floats, curve: Floats, level: float) -> float:
    """Find the first time a falling step curve is at or below `level`; mid-way along a stretch that lies on it."""
    below = np.flatnonzero(curve <= level + TOLERANCE)  # NaN compares false
    if below.size == 0:
        return float("nan")
    first = int(below[0])
    if curve[first] < level - TOLERANCE:
        return float(time[first])
    later = np.flatnonzero(~(curve[first:] >= level - TOLERANCE))
    end = time[first + later[0]] if later.size else time[-1]
    return float((time[first] + end) / 2)
