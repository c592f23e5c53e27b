"""Gray's test of equal cumulative incidence of a cause in several groups."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtrc

from biomarker.kernels.follow_up import Floats, check_codes, check_follow_up


class GrayTest(NamedTuple):
    """A chi-square test of equal subdistribution hazards."""

    statistic: float
    df: int
    p_value: float


def gray_test(
    duration: ArrayLike, cause: ArrayLike, group: ArrayLike, *, strata: ArrayLike | None = None, rho: float = 0.0
) -> GrayTest:
    """Compare the incidence of cause 1 between groups, other causes competing [1]_.

    Parameters
    ----------
    duration : array_like, shape (n,)
    cause : array_like of int, shape (n,)
        0 censored, 1 the cause of interest, 2 and above competing causes.
    group : array_like of int, shape (n,)
        Codes 0, 1, ...; at least two groups.
    strata : array_like of int, shape (n,), optional
        The scores and variances of the strata are added up.
    rho : float
        Weight ``(1 - F)^rho``; 0 weighs all times alike.

    Returns
    -------
    GrayTest
        NaN where no patient had cause 1 while another group was at risk.

    Raises
    ------
    ValueError
        For impossible follow-up or codes, or fewer than two groups.

    References
    ----------
    .. [1] Gray RJ. A class of K-sample tests for comparing the cumulative incidence of a competing risk. Ann Stat
       1988;16:1141-1154.
    """
    t, _, _ = check_follow_up(duration, np.asarray(cause) != 0)
    code, groups = check_codes(cause, t.size), check_codes(group, t.size)
    n_groups = int(groups.max()) + 1
    if n_groups < 2:
        raise ValueError("need at least two groups")
    stratum = np.zeros(t.size, np.intp) if strata is None else check_codes(strata, t.size)
    score, variance = np.zeros(n_groups), np.zeros((n_groups, n_groups))
    for one in np.unique(stratum):
        inside = stratum == one
        own_score, own_variance = _stratum(t[inside], code[inside], groups[inside], n_groups, rho)
        score += own_score
        variance += own_variance
    present = np.diag(variance) > 0
    df = int(present.sum()) - 1
    if df < 1:
        return GrayTest(float("nan"), n_groups - 1, float("nan"))
    used = np.flatnonzero(present)[:-1]  # the scores add up to 0: one group is told by the others
    statistic = float(score[used] @ np.linalg.pinv(variance[np.ix_(used, used)], hermitian=True) @ score[used])
    return GrayTest(statistic, df, float(chdtrc(df, statistic)))


def _stratum(
    t: Floats, cause: NDArray[np.intp], group: NDArray[np.intp], n_groups: int, rho: float
) -> tuple[Floats, Floats]:
    """Return the scores of the groups and their covariance.

    In each group the patients at risk for the subdistribution are Y (1 - F-)/S-, and the test compares its hazard of
    cause 1 with the pooled one. Its score is a sum over events; each event of cause 1 or of another moves it by `own`
    there and then, and by `later` through the curves that weigh all that comes after. The variance adds up the squares.
    """
    time = np.unique(t)
    place = np.searchsorted(time, t)
    counts: Floats = np.zeros((3, time.size, n_groups))
    np.add.at(counts, (np.minimum(cause, 2), place, group), 1.0)
    of_one, of_other = counts[1].astype(float), counts[2].astype(float)
    leaving = counts.sum(axis=0)
    at_risk = np.asarray(leaving[::-1].cumsum(axis=0)[::-1], float)
    is_at_risk = at_risk > 0
    with np.errstate(divide="ignore", invalid="ignore"):
        kept = np.where(is_at_risk, 1 - (of_one + of_other) / at_risk, 1.0)
        survival = np.asarray(np.cumprod(kept, axis=0), float)
        before = np.vstack([np.ones(n_groups), survival[:-1]])
        rise = np.where(is_at_risk, before * of_one / at_risk, 0.0)
        incidence = np.cumsum(rise, axis=0)
        incidence_before = incidence - rise
        share = np.where(is_at_risk, at_risk / before, 0.0)  # Y / S-
    d = of_one.sum(axis=1)
    pooled, faced = share.sum(axis=1), (share * (1 - incidence_before)).sum(axis=1)
    rise_pooled = np.divide(d, pooled, out=np.zeros_like(d), where=pooled > 0)
    f = np.cumsum(rise_pooled)
    f_before = f - rise_pooled
    weight = (1 - f_before) ** rho
    expected = share * (1 - incidence_before) * np.divide(d, faced, out=np.zeros_like(d), where=faced > 0)[:, None]
    score = (weight[:, None] * (of_one - expected)).sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        fraction = np.where(pooled[:, None] > 0, share / pooled[:, None], 0.0)
    # own[j, i, k]: what an event of cause 1 in group k at time j moves the score of group i
    own = weight[:, None, None] * (share[:, :, None] * np.eye(n_groups) - share[:, :, None] * fraction[:, None, :])
    hazard = np.divide(rise_pooled, 1 - f_before, out=np.zeros_like(d), where=f_before < 1)
    carried = np.cumsum(own * hazard[:, None, None], axis=0)
    later = carried[-1] - carried
    with np.errstate(divide="ignore", invalid="ignore"):
        reach = np.where(survival > 0, (1 - f)[:, None] / survival, 0.0)
    of_interest = own + np.where(survival > 0, 1 - reach, 1.0)[:, None, :] * later
    competing = -reach[:, None, :] * later
    variance = _added(of_interest, _pooled_spread(at_risk, before, share, d, pooled))
    variance += _added(competing, _competing_spread(at_risk, before, survival, of_other))
    return score, variance


def _added(moves: Floats, spread: Floats) -> Floats:
    return np.asarray(np.einsum("jik,jlk,jk->il", moves, moves, spread))


def _pooled_spread(at_risk: Floats, before: Floats, share: Floats, d: Floats, pooled: Floats) -> Floats:
    """Variance of the increments of cause 1 in each group, its hazard taken as the pooled one, ties allowed for."""
    with np.errstate(divide="ignore", invalid="ignore"):
        tied = np.where(d[:, None] > 1, 1 - (d[:, None] - 1) / (pooled[:, None] * before - 1), 1.0)
        spread = tied * before * d[:, None] / (pooled[:, None] * at_risk)
    return np.where((share > 0) & (d[:, None] > 0), spread, 0.0)


def _competing_spread(at_risk: Floats, before: Floats, survival: Floats, events: Floats) -> Floats:
    """Variance of the increments of the competing causes in each group."""
    with np.errstate(divide="ignore", invalid="ignore"):
        tied = np.where(events > 1, 1 - (events - 1) / (at_risk - 1), 1.0)
        spread = tied * before**2 * events / at_risk**2
    return np.where((events > 0) & (survival > 0), spread, 0.0)
