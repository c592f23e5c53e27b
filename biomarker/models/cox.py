"""The Cox model: fitted by our own Newton steps, checked for a maximum, with robust or penalised inference.

lifelines fits the same model and agrees with it (tests/models/test_cox.py), but takes 20 to 400 times as long, has
neither Breslow's ties nor Firth's penalty, and tests proportional hazards otherwise than R does since survival 3.0.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtrc

from biomarker.errors import ConvergenceError
from biomarker.kernels.concordance import Concordance, concordance
from biomarker.kernels.cox_newton import CoxFits, fit_many, has_levelled_off
from biomarker.kernels.cox_robust import cluster_covariance, score_residuals
from biomarker.kernels.firth_cox import FirthProfile, profile_intervals
from biomarker.kernels.follow_up import Floats, check_codes, check_follow_up
from biomarker.kernels.partial_likelihood import ChiSquare, PartialLikelihood, partial_likelihood, quadratic_test
from biomarker.kernels.risk_sets import RiskSets, risk_sets
from biomarker.kernels.schoenfeld import proportional_hazards_tests

PENALTIES = ("auto", "firth", "none")
EVENTS_PER_RATIO = 10  # below this plain hazard ratios are biased away from 1: "auto" turns to Firth's penalty


class CoxFit(NamedTuple):
    """A fitted Cox model; arrays follow the columns of the design."""

    coefficients: Floats  # log hazard ratios
    covariance: Floats  # inverse information
    log_likelihood_null: float  # with the penalty where there is one
    log_likelihood: float
    wald: ChiSquare
    likelihood_ratio: ChiSquare  # penalised where the fit is
    score: ChiSquare
    proportional_hazards: tuple[ChiSquare, ...]  # one per term; NaN under separation
    proportional_hazards_global: ChiSquare
    concordance: Concordance  # Harrell's
    n: int
    n_events: int
    robust: Floats | None = None  # sandwich covariance, with clusters
    profile: FirthProfile | None = None  # of a penalised fit
    separated: tuple[str, ...] = ()  # columns whose plain estimate is infinite


def fit_cox(
    design: ArrayLike,
    duration: ArrayLike,
    event: ArrayLike,
    *,
    names: Sequence[str],
    terms: Sequence[Sequence[int]] | None = None,
    strata: ArrayLike | None = None,
    entry: ArrayLike | None = None,
    ties: str = "efron",
    penalty: str = "none",
    clusters: ArrayLike | None = None,
    transform: str = "km",
    confidence_level: float = 0.95,
) -> CoxFit:
    """Fit a Cox model.

    Parameters
    ----------
    design : array_like, shape (n, p)
        Predictors, without an intercept.
    duration, event, entry
        As in `biomarker.kernels.survival.kaplan_meier`.
    names : sequence of str, length p
        Of the columns, for messages.
    terms : sequence of sequence of int, optional
        Columns that are tested together for proportional hazards; each its own by default.
    strata : array_like of int, shape (n,), optional
        Each stratum has its own baseline hazard.
    ties : {"efron", "breslow"}
    penalty : {"none", "auto", "firth"}
        Firth's penalty; "auto" takes it with fewer than ten events a column, or where events are separated.
    clusters : array_like of int, shape (n,), optional
        A code of each row's patient or centre, for the sandwich covariance of an unpenalised fit.
    transform : str
        Of time, in the tests of proportional hazards.
    confidence_level : float
        Of profile likelihood intervals.

    Returns
    -------
    CoxFit

    Raises
    ------
    ConvergenceError
        Without events, with a predictor that is constant among those at risk or a combination of others, or when the
        likelihood has no maximum (a predictor separates those with events from those without) and no penalty helps.
    ValueError
        For follow-up that is not possible.
    """
    x = np.asarray(design, float)
    t, happened, start = check_follow_up(duration, event, entry)
    stratum = None if strata is None else check_codes(strata, t.size)
    sets = risk_sets(t, happened, strata=stratum, entry=start, ties=ties)
    at_null = _null_likelihood(x, sets, names)
    plain = fit_many(x, sets)
    n_events = int(happened.sum())
    separated = _separated(x, plain, names)
    few = n_events < EVENTS_PER_RATIO * x.shape[1]
    is_penalized = penalty == "firth" or (penalty == "auto" and clusters is None and (few or bool(separated)))
    if not is_penalized:
        _check_maximum(plain, separated, names)
    fit = fit_many(x, sets, penalized=True) if is_penalized else plain
    if not fit.converged[0]:
        raise ConvergenceError(
            f"the Cox model with {_listed(names)} did not converge even with Firth's penalty: predictors put events "
            "in order too perfectly, as a copy of the follow-up time would"
        )
    beta, covariance = fit.coefficients[0], np.asarray(np.linalg.inv(fit.information[0]), float)
    robust = None
    if clusters is not None and not is_penalized:
        robust = cluster_covariance(score_residuals(x, beta, sets), covariance, clusters)
    columns = [list(term) for term in terms] if terms is not None else [[j] for j in range(beta.size)]
    tests, overall = _trends(plain, columns)
    if not separated and plain.converged[0]:
        tests, overall = proportional_hazards_tests(
            x, plain.coefficients[0], t, happened, terms=columns, strata=stratum, entry=start, ties=ties,
            transform=transform,
        )  # fmt: skip
    top = float(fit.log_likelihood[0] + fit.penalty[0])
    return CoxFit(
        coefficients=beta,
        covariance=covariance,
        log_likelihood_null=top - float(fit.gain[0]),
        log_likelihood=top,
        wald=quadratic_test(beta, covariance if robust is None else robust),
        likelihood_ratio=_chi_square(2 * float(fit.gain[0]), beta.size),
        score=quadratic_test(at_null.score, at_null.information),
        proportional_hazards=tuple(tests),
        proportional_hazards_global=overall,
        concordance=concordance(t, happened, x @ beta, strata=stratum, entry=start, clusters=clusters),
        n=t.size,
        n_events=n_events,
        robust=robust,
        profile=profile_intervals(x, sets, fit, confidence_level=confidence_level) if is_penalized else None,
        separated=separated,
    )


def _chi_square(statistic: float, df: int) -> ChiSquare:
    return ChiSquare(statistic, df, float(chdtrc(df, max(statistic, 0.0))))


def _trends(fit: CoxFits, columns: Sequence[Sequence[int]]) -> tuple[list[ChiSquare], ChiSquare]:
    """Return tests that are not defined: those of proportional hazards need a finite maximum."""
    nan = float("nan")
    return [ChiSquare(nan, len(term), nan) for term in columns], ChiSquare(nan, fit.coefficients.shape[1], nan)


def _null_likelihood(x: Floats, sets: tuple[RiskSets, ...], names: Sequence[str]) -> PartialLikelihood:
    """Evaluate the likelihood at no effect, where it shows which coefficients the data can tell at all."""
    if not sets:
        raise ConvergenceError("no patient had the event: there is no hazard to model")
    at_null = partial_likelihood(x, np.zeros(x.shape[1]), sets)
    variance = np.diag(at_null.information)
    n_events = sum(s.events.size for s in sets)
    flat = variance <= 1e-10 * n_events * x.var(axis=0)
    if flat.any():
        raise ConvergenceError(
            f"{_listed([name for name, is_flat in zip(names, flat, strict=True) if is_flat])} "
            "does not vary among the patients at risk when events happen: leave it out"
        )
    correlation = at_null.information / np.sqrt(np.outer(variance, variance))
    if np.linalg.cond(correlation) > 1e10:
        raise ConvergenceError(f"{_listed(names)} cannot be told apart: one is a combination of others; leave one out")
    return at_null


def _separated(x: Floats, plain: CoxFits, names: Sequence[str]) -> tuple[str, ...]:
    """Name the columns in which the plain likelihood rises without end."""
    flat: NDArray[np.bool_] = has_levelled_off(x[None], plain.information)[0]
    return tuple(name for name, is_flat in zip(names, flat, strict=True) if is_flat)


def _check_maximum(plain: CoxFits, separated: Sequence[str], names: Sequence[str]) -> None:
    """Refuse a fit that stopped where the likelihood is still rising, or has merely levelled off."""
    if separated:
        raise ConvergenceError(
            f"the hazard ratio of {_listed(separated)} has no finite estimate: the events lie wholly on one side of it "
            "(separation); take Firth's penalty (penalty = 'firth'), merge classes, or leave it out"
        )
    if not plain.converged[0]:
        raise ConvergenceError(f"the Cox model with {_listed(names)} did not converge: its likelihood has no maximum")


def _listed(names: Sequence[str]) -> str:
    return ", ".join(repr(name) for name in names)
