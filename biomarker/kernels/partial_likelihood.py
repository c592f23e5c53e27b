"""Cox's partial likelihood with Efron's handling of ties: value, score, information, proportional-hazards test."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtrc

from biomarker.kernels.follow_up import Floats, check_codes, check_follow_up
from biomarker.kernels.survival import kaplan_meier


class RiskSets(NamedTuple):
    """Who is at risk at which event, in one stratum; made once, used at any coefficients."""

    rows: NDArray[np.intp]  # patients of the stratum, as rows of the design
    first: NDArray[np.intp]  # at risk at the event times first .. last - 1
    last: NDArray[np.intp]
    events: NDArray[np.intp]  # positions in `rows` of those who had the event, tied ones together
    event_time: NDArray[np.intp]  # of each event, as a position among the distinct event times
    tie_share: Floats  # l/d for the l-th of d tied events, l from 0
    times: Floats  # distinct event times, ascending


class PartialLikelihood(NamedTuple):
    """Log partial likelihood with its first and negated second derivatives."""

    log_likelihood: float
    score: Floats
    information: Floats


class ChiSquare(NamedTuple):
    """A chi-square test."""

    statistic: float
    df: int
    p_value: float


def risk_sets(
    duration: ArrayLike, event: ArrayLike, *, strata: ArrayLike | None = None, entry: ArrayLike | None = None
) -> tuple[RiskSets, ...]:
    """Set up the risk sets of each stratum that has events.

    Parameters
    ----------
    duration, event, entry
        As in `biomarker.kernels.survival.kaplan_meier`.
    strata : array_like of int, shape (n,), optional
        Each stratum has its own baseline hazard.

    Returns
    -------
    tuple of RiskSets
        One per stratum with events.
    """
    t, happened, start = check_follow_up(duration, event, entry)
    stratum = np.zeros(t.size, np.intp) if strata is None else check_codes(strata, t.size)
    sets = []
    for s in np.unique(stratum):
        rows = np.flatnonzero(stratum == s)
        had_event = np.flatnonzero(happened[rows])
        if had_event.size == 0:
            continue
        events = had_event[np.argsort(t[rows][had_event], kind="stable")]
        times, event_time, ties = np.unique(t[rows][events], return_inverse=True, return_counts=True)
        place_in_tie = np.arange(events.size) - np.repeat(np.cumsum(ties) - ties, ties)
        sets.append(
            RiskSets(
                rows=rows,
                first=np.zeros(rows.size, np.intp)
                if start is None
                else np.searchsorted(times, start[rows], side="right"),
                last=np.searchsorted(times, t[rows], side="right"),
                events=events,
                event_time=event_time,
                tie_share=place_in_tie / np.repeat(ties, ties),
                times=times,
            )
        )
    return tuple(sets)


def partial_likelihood(design: ArrayLike, coefficients: ArrayLike, sets: tuple[RiskSets, ...]) -> PartialLikelihood:
    """Evaluate the log partial likelihood [1]_ [2]_ and its derivatives at given coefficients.

    Parameters
    ----------
    design : array_like, shape (n, p)
    coefficients : array_like, shape (p,)
        Log hazard ratios per unit of each column.
    sets : tuple of RiskSets
        From `risk_sets`.

    Returns
    -------
    PartialLikelihood
        Score of shape (p,), information of shape (p, p).

    References
    ----------
    .. [1] Cox DR. Regression models and life-tables. J R Stat Soc B 1972;34:187-220.
    .. [2] Efron B. The efficiency of Cox's likelihood function for censored data. J Am Stat Assoc 1977;72:557-565.

    Examples
    --------
    Two patients, the treated one outliving the other: half of a coin toss at coefficient 0.

    >>> at_zero = partial_likelihood([[1.0], [0.0]], [0.0], risk_sets([2, 1], [1, 1]))
    >>> print(f"{at_zero.log_likelihood:.4f}", at_zero.score, at_zero.information)
    -0.6931 [-0.5] [[0.25]]
    """
    x, beta = np.asarray(design, float), np.asarray(coefficients, float)
    parts = [_stratum_sums(x[s.rows], beta, s, np.ones((1, s.events.size))) for s in sets]
    p = beta.size
    return PartialLikelihood(
        float(sum(part[0] for part in parts)),
        sum((part[1][0] for part in parts), np.zeros(p)),
        sum((part[2][0] for part in parts), np.zeros((p, p))),
    )


def proportional_hazards_tests(
    design: ArrayLike,
    coefficients: ArrayLike,
    duration: ArrayLike,
    event: ArrayLike,
    *,
    terms: list[list[int]],
    strata: ArrayLike | None = None,
    entry: ArrayLike | None = None,
) -> tuple[list[ChiSquare], ChiSquare]:
    """Test proportional hazards: score tests of adding each term times a function of time [1]_.

    The function of time is 1 minus the Kaplan-Meier estimate just before it, as R's `cox.zph` (survival ≥ 3) takes by
    default. Unlike the older test on scaled Schoenfeld residuals, which lifelines has, it does not assume that the
    variance of the predictors stays the same over time.

    Parameters
    ----------
    design, coefficients
        As in `partial_likelihood`, the coefficients at their maximum.
    duration, event, strata, entry
        As in `risk_sets`.
    terms : list of list of int
        Columns of the design that make up each term (one for a number, several for a category).

    Returns
    -------
    list of ChiSquare
        One test per term; NaN where the model with it added is not identified.
    ChiSquare
        All terms together.

    References
    ----------
    .. [1] Grambsch PM, Therneau TM. Proportional hazards tests and diagnostics based on weighted residuals.
       Biometrika 1994;81:515-526.
    """
    x, beta = np.asarray(design, float), np.asarray(coefficients, float)
    curve = kaplan_meier(duration, event, entry=entry)
    before = np.concatenate([[1.0], curve.survival])
    sets = risk_sets(duration, event, strata=strata, entry=entry)
    of_time = [1 - before[np.searchsorted(curve.time, s.times[s.event_time], side="left")] for s in sets]
    centre = np.concatenate(of_time).mean()
    p = beta.size
    score, blocks = np.zeros(p), [np.zeros((p, p)) for _ in range(3)]
    for s, g in zip(sets, of_time, strict=True):
        powers = np.stack([np.ones(g.size), g - centre, (g - centre) ** 2])
        _, scores, informations = _stratum_sums(x[s.rows], beta, s, powers)
        score += scores[1]
        blocks = [total + part for total, part in zip(blocks, informations, strict=True)]
    information = np.block([[blocks[0], blocks[1]], [blocks[1], blocks[2]]])
    full_score = np.concatenate([np.zeros(p), score])
    tests = [_added(full_score, information, p, columns) for columns in terms]
    return tests, _added(full_score, information, p, [j for columns in terms for j in columns])


def quadratic_test(vector: Floats, variance: Floats) -> ChiSquare:
    """Test a vector against 0 by its quadratic form; NaN when the variance is singular."""
    df = vector.size
    try:
        statistic = float(vector @ np.linalg.solve(variance, vector))
    except np.linalg.LinAlgError:
        statistic = float("nan")
    statistic = statistic if statistic >= 0 else float("nan")
    return ChiSquare(statistic, df, float(chdtrc(df, statistic)))


def _added(score: Floats, information: Floats, p: int, columns: list[int]) -> ChiSquare:
    """Score test of adding some columns times time to the fitted model."""
    kept = np.concatenate([np.arange(p), np.asarray(columns) + p])
    block = information[np.ix_(kept, kept)]
    scale = np.sqrt(np.diag(block))
    if np.any(scale == 0) or np.linalg.cond(block / np.outer(scale, scale)) > 1e12:
        return ChiSquare(float("nan"), len(columns), float("nan"))
    statistic = quadratic_test(score[kept], block).statistic
    return ChiSquare(statistic, len(columns), float(chdtrc(len(columns), statistic)))


def _stratum_sums(x: Floats, beta: Floats, s: RiskSets, weights: Floats) -> tuple[float, Floats, Floats]:
    """Log-likelihood, and for each row of event weights the weighted score and information.

    Of the variance of x over the risk set of an event, the mean of squares is added up patient by patient, not event
    by event: each patient counts with the sum, over the events at which they are at risk, of their share in the risk
    set. That needs no (events, p, p) array.
    """
    x = x - x.mean(axis=0)  # derivatives do not change, and lose fewer digits
    eta = x @ beta
    eta = eta - eta.max()
    risk = np.exp(eta)
    n_times = s.times.size
    weighted = np.column_stack([risk, risk[:, None] * x])
    at_risk = _reverse_totals(weighted, s.last, n_times) - _reverse_totals(weighted, s.first, n_times)
    dying = np.stack(
        [np.bincount(s.event_time, weights=column, minlength=n_times) for column in weighted[s.events].T], axis=1
    )
    sums = at_risk[s.event_time] - s.tie_share[:, None] * dying[s.event_time]
    total, mean = sums[:, 0], sums[:, 1:] / sums[:, :1]
    log_likelihood = float(eta[s.events].sum() - np.log(total).sum())
    scores = weights @ (x[s.events] - mean)
    informations = np.stack([_information(x, risk, mean, w / total, w, s) for w in weights])
    return log_likelihood, scores, informations


def _information(x: Floats, risk: Floats, mean: Floats, share: Floats, weight: Floats, s: RiskSets) -> Floats:
    n_times = s.times.size
    hazard = np.concatenate([[0.0], np.cumsum(np.bincount(s.event_time, weights=share, minlength=n_times))])
    within_tie = np.bincount(s.event_time, weights=share * s.tie_share, minlength=n_times)
    exposure = hazard[s.last] - hazard[s.first]
    exposure[s.events] -= within_tie[s.event_time]
    return np.asarray((x * (risk * exposure)[:, None]).T @ x - (mean * weight[:, None]).T @ mean)


def _reverse_totals(values: Floats, end: NDArray[np.intp], n_times: int) -> Floats:
    """Totals over those with ``end > i``, for each event time i."""
    counted = end > 0
    columns = [np.bincount(end[counted] - 1, weights=column, minlength=n_times) for column in values[counted].T]
    return np.asarray(np.cumsum(np.stack(columns, axis=1)[::-1], axis=0)[::-1], float)
