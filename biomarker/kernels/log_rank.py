"""Log-rank test of two or more groups and its weighted relatives, also within strata and for ordered groups."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtrc

from biomarker.kernels.follow_up import Floats, check_codes, check_follow_up, distinct_times, waiting

WEIGHTS = ("log-rank", "gehan", "tarone-ware", "peto", "modified-peto", "fleming-harrington")


class LogRank(NamedTuple):
    """Log-rank test of equal hazards: one entry per group in `observed` and `expected`, weighted as the test is."""

    statistic: float
    df: int
    p_value: float
    observed: Floats
    expected: Floats
    covariance: Floats  # of observed minus expected, shape (n_groups, n_groups)


def log_rank(
    duration: ArrayLike,
    event: ArrayLike,
    group: ArrayLike,
    *,
    strata: ArrayLike | None = None,
    entry: ArrayLike | None = None,
    weights: str = "log-rank",
    rho: float = 0.0,
    gamma: float = 0.0,
) -> LogRank:
    """Compare the hazards of two or more groups by the log-rank test [1]_ [2]_, if asked within strata or weighted.

    Each event time counts by its weight: 1 for the log-rank test; the number n at risk for Gehan's and its root for
    Tarone and Ware's; for Peto and Peto's the survival of all groups, estimated as the product of 1 - d/(n+1), and in
    its modification that times n/(n+1); for Fleming and Harrington's ``S(t-)**rho * (1 - S(t-))**gamma`` with the
    Kaplan-Meier estimate of all groups just before the time [3]_.

    Parameters
    ----------
    duration, event, entry
        As in `kaplan_meier`.
    group : array_like of int, shape (n,)
        Group codes 0 .. n_groups - 1.
    strata : array_like of int, shape (n,), optional
        Groups are compared within strata and the comparisons added up.
    weights : {"log-rank", "gehan", "tarone-ware", "peto", "modified-peto", "fleming-harrington"}
        What weighs an event time, within its stratum.
    rho, gamma : float
        At least 0, of Fleming and Harrington's weights: rho weighs early, gamma late differences. ``rho=1, gamma=0``
        is R's ``survdiff(rho=1)``.

    Returns
    -------
    LogRank
        The variance is hypergeometric. Groups without expected events take no part in the degrees of freedom;
        `statistic` and `p_value` are NaN when fewer than two groups are left.

    Raises
    ------
    ValueError
        As `kaplan_meier`, and for codes that are not 0 or more, or weights that are not known.

    References
    ----------
    .. [1] Mantel N. Evaluation of survival data and two new rank order statistics arising in its consideration.
       Cancer Chemother Rep 1966;50:163-170.
    .. [2] Peto R, Peto J. Asymptotically efficient rank invariant test procedures. J R Stat Soc A 1972;135:185-207.
    .. [3] Klein JP, Moeschberger ML. Survival Analysis: Techniques for Censored and Truncated Data. 2nd ed. Springer,
       2003, section 7.3.

    Examples
    --------
    Remission under 6-mercaptopurine and placebo (Freireich et al., Blood 1963;21:699-716):

    >>> drug = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
    >>> relapse = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
    >>> placebo = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]
    >>> test = log_rank(drug + placebo, relapse + [1] * 21, [0] * 21 + [1] * 21)
    >>> print(f"chi-square {test.statistic:.2f}, expected {test.expected[0]:.2f} and {test.expected[1]:.2f}")
    chi-square 16.79, expected 19.25 and 10.75
    """
    t, had_event, start = check_follow_up(duration, event, entry)
    happened, code = had_event > 0, check_codes(group, t.size)
    if weights not in WEIGHTS:
        raise ValueError(f"unknown weights {weights!r}: one of {', '.join(WEIGHTS)}")
    if not (rho >= 0 and gamma >= 0):
        raise ValueError("rho and gamma must be at least 0")
    n_groups = int(code.max()) + 1
    observed, expected, covariance = np.zeros(n_groups), np.zeros(n_groups), np.zeros((n_groups, n_groups))
    stratum = np.zeros(t.size, int) if strata is None else check_codes(strata, t.size)
    for s in np.unique(stratum) if strata is not None else (0,):
        rows = stratum == s if strata is not None else slice(None)
        counts = _event_counts(t[rows], happened[rows], code[rows], None if start is None else start[rows], n_groups)
        part = _sums(*counts, weights, rho, gamma)
        observed, expected, covariance = observed + part[0], expected + part[1], covariance + part[2]
    kept = np.flatnonzero(expected > 0)[1:]  # one group follows from the others
    block = covariance[np.ix_(kept, kept)]
    # Groups never at risk together leave the covariance singular: what they cannot tell costs degrees of freedom.
    df = int(np.linalg.matrix_rank(block, hermitian=True)) if kept.size else 0
    if df == 0:
        return LogRank(float("nan"), 0, float("nan"), observed, expected, covariance)
    difference = (observed - expected)[kept]
    statistic = float(difference @ np.linalg.pinv(block, hermitian=True) @ difference)
    return LogRank(statistic, df, float(chdtrc(df, statistic)), observed, expected, covariance)


class Trend(NamedTuple):
    """Test of a trend over ordered groups: z is positive where hazards rise with the scores."""

    z: float
    statistic: float
    p_value: float


def trend_test(test: LogRank, scores: ArrayLike | None = None) -> Trend:
    """Test whether hazards rise or fall over ordered groups, from a log-rank test of any weights [1]_.

    Parameters
    ----------
    test : LogRank
    scores : array_like, shape (n_groups,), optional
        By which the groups are spaced; 1, 2, 3... by default.

    Returns
    -------
    Trend
        NaN where the test has no variance.

    Raises
    ------
    ValueError
        If there is not a score for each group.

    References
    ----------
    .. [1] Tarone RE. Tests for trend in life table analysis. Biometrika 1975;62:679-682.

    Examples
    --------
    >>> test = log_rank([1, 2, 3, 4, 5, 6], [1, 1, 1, 1, 1, 1], [2, 2, 1, 1, 0, 0])
    >>> print(f"{trend_test(test).z:.2f}")
    2.58
    """
    number = np.arange(test.observed.size) if scores is None else np.asarray(scores, float)
    if number.shape != test.observed.shape:
        raise ValueError("need one score per group")
    difference = float(number @ (test.observed - test.expected))
    variance = float(number @ test.covariance @ number)
    if not variance > 1e-12 * float(np.abs(test.covariance).max() * np.max(number**2, initial=0)):
        return Trend(float("nan"), float("nan"), float("nan"))
    z = difference / np.sqrt(variance)
    return Trend(float(z), float(z**2), float(chdtrc(1, z**2)))


def _event_counts(
    t: Floats, happened: NDArray[np.bool_], code: NDArray[np.intp], start: Floats | None, n_groups: int
) -> tuple[Floats, Floats]:
    """Events and patients at risk, of each group at each time with an event, in one stratum."""
    time, order, starts = distinct_times(t)
    code, died = code[order], np.flatnonzero(happened[order])
    # which distinct time each event is at, and where in the order of times those with events begin
    place = died if time.size == t.size else np.searchsorted(starts, died, side="right") - 1
    total = np.bincount(place, minlength=time.size)
    with_event = np.flatnonzero(total)
    first, time, group = starts[with_event], time[with_event], code[died]
    events, at_risk = np.empty((n_groups, first.size)), np.empty((n_groups, first.size))
    entry = None if start is None else start[order]
    for g in range(n_groups - 1):
        member = code == g
        seen = np.cumsum(member)
        at_risk[g] = (seen[-1] - waiting(time, None if entry is None else entry[member])) - (seen - member)[first]
        events[g] = np.bincount(place[group == g], minlength=total.size)[with_event]
    # the last group is what the others leave: one pass fewer over the patients
    events[-1] = total[with_event] - events[:-1].sum(axis=0)
    at_risk[-1] = t.size - first - waiting(time, entry) - at_risk[:-1].sum(axis=0)
    return events, at_risk


def _sums(events: Floats, at_risk: Floats, weights: str, rho: float, gamma: float) -> tuple[Floats, Floats, Floats]:
    """Weighted observed and expected events per group, and the covariance of their difference."""
    d, n = events.sum(axis=0), at_risk.sum(axis=0)
    share = at_risk / n
    factor = np.where(n > 1, d * (n - d) / np.maximum(n - 1, 1), 0.0)
    if weights != "log-rank":
        weight = _weight(d, n, weights, rho, gamma)
        events, d, factor = events * weight, d * weight, factor * weight**2
    covariance = np.diag(share @ factor) - (share * factor) @ share.T
    return events.sum(axis=1), share @ d, covariance


def _weight(d: Floats, n: Floats, weights: str, rho: float, gamma: float) -> Floats:
    if weights == "gehan":
        return n
    if weights == "tarone-ware":
        return np.asarray(np.sqrt(n))
    if weights == "fleming-harrington":
        before = np.concatenate([[1.0], np.cumprod(1 - d / n)[:-1]])
        return np.asarray(before**rho * (1 - before) ** gamma)
    survival = np.cumprod(1 - d / (n + 1))
    return np.asarray(survival * (n / (n + 1) if weights == "modified-peto" else 1.0))
