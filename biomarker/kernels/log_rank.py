"""Log-rank test of two or more groups, also within strata."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtrc

from biomarker.kernels.follow_up import Floats, check_codes, check_follow_up, distinct_times, waiting


class LogRank(NamedTuple):
    """Log-rank test of equal hazards: one entry per group in `observed` and `expected`."""

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
) -> LogRank:
    """Compare the hazards of two or more groups by the log-rank test [1]_ [2]_, if asked within strata.

    Parameters
    ----------
    duration, event, entry
        As in `kaplan_meier`.
    group : array_like of int, shape (n,)
        Group codes 0 .. n_groups - 1.
    strata : array_like of int, shape (n,), optional
        Groups are compared within strata and the comparisons added up.

    Returns
    -------
    LogRank
        The variance is hypergeometric. Groups without expected events take no part in the degrees of freedom;
        `statistic` and `p_value` are NaN when fewer than two groups are left.

    Raises
    ------
    ValueError
        As `kaplan_meier`, and for codes that are not 0 or more.

    References
    ----------
    .. [1] Mantel N. Evaluation of survival data and two new rank order statistics arising in its consideration.
       Cancer Chemother Rep 1966;50:163-170.
    .. [2] Peto R, Peto J. Asymptotically efficient rank invariant test procedures. J R Stat Soc A 1972;135:185-207.

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
    t, happened, start = check_follow_up(duration, event, entry)
    code = check_codes(group, t.size)
    n_groups = int(code.max()) + 1
    observed, expected, covariance = np.zeros(n_groups), np.zeros(n_groups), np.zeros((n_groups, n_groups))
    stratum = np.zeros(t.size, int) if strata is None else check_codes(strata, t.size)
    for s in np.unique(stratum):
        rows = stratum == s if strata is not None else slice(None)
        part = _log_rank_sums(t[rows], happened[rows], code[rows], None if start is None else start[rows], n_groups)
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


def _log_rank_sums(
    t: Floats, happened: Floats, code: NDArray[np.intp], start: Floats | None, n_groups: int
) -> tuple[Floats, Floats, Floats]:
    """Observed and expected events per group, and the covariance of their difference, in one stratum."""
    time, order, starts = distinct_times(t)
    code, died_here = code[order], happened[order] > 0
    with_event = np.logical_or.reduceat(died_here, starts)
    first, time = starts[with_event], time[with_event]
    past = np.append(first[1:], t.size)  # what lies between two event times is censored
    events, at_risk = np.empty((n_groups, first.size)), np.empty((n_groups, first.size))
    for g in range(n_groups):
        member = code == g
        seen, died = (np.concatenate([[0], np.cumsum(rows)]) for rows in (member, member & died_here))
        events[g] = died[past] - died[first]
        at_risk[g] = seen[-1] - seen[first] - waiting(time, None if start is None else start[order][member])
    d, n = events.sum(axis=0), at_risk.sum(axis=0)
    share = at_risk / n
    factor = np.where(n > 1, d * (n - d) / np.maximum(n - 1, 1), 0.0)
    covariance = np.diag(share @ factor) - (share * factor) @ share.T
    return events.sum(axis=1), share @ d, covariance
