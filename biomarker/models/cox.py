"""Cox proportional hazards by lifelines, checked against our own partial likelihood before it is handed on."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtrc

from biomarker.errors import ConvergenceError
from biomarker.kernels.concordance import Concordance, concordance
from biomarker.kernels.follow_up import Floats, check_codes, check_follow_up
from biomarker.kernels.partial_likelihood import (
    ChiSquare,
    PartialLikelihood,
    RiskSets,
    partial_likelihood,
    proportional_hazards_tests,
    quadratic_test,
    risk_sets,
)

# Newton decrement: twice the log-likelihood still to be gained. At a maximum lifelines leaves about 1e-24.
LEFT_TO_GAIN = 1e-8

# Standard error of the log hazard ratio over the whole range of a predictor. A finite maximum stays far below; where
# the likelihood only levels off, it is in the hundreds by the time a fit stops.
FLAT = 30.0


class CoxFit(NamedTuple):
    """A fitted Cox model; arrays follow the columns of the design."""

    coefficients: Floats  # log hazard ratios
    covariance: Floats
    log_likelihood_null: float
    log_likelihood: float
    wald: ChiSquare
    likelihood_ratio: ChiSquare
    score: ChiSquare
    proportional_hazards: tuple[ChiSquare, ...]  # one per term
    proportional_hazards_global: ChiSquare
    concordance: Concordance
    n: int
    n_events: int


def fit_cox(
    design: ArrayLike,
    duration: ArrayLike,
    event: ArrayLike,
    *,
    names: Sequence[str],
    terms: Sequence[Sequence[int]] | None = None,
    strata: ArrayLike | None = None,
    entry: ArrayLike | None = None,
) -> CoxFit:
    """Fit a Cox model with Efron's handling of ties.

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

    Returns
    -------
    CoxFit

    Raises
    ------
    ConvergenceError
        Without events, with a predictor that is constant among those at risk or a combination of others, or when the
        likelihood has no maximum (a predictor separates those with events from those without).
    ValueError
        For follow-up that is not possible.
    """
    x = np.asarray(design, float)
    t, happened, start = check_follow_up(duration, event, entry)
    stratum = None if strata is None else check_codes(strata, t.size)
    sets = risk_sets(t, happened, strata=stratum, entry=start)
    at_null = _null_likelihood(x, sets, names)
    beta = _lifelines_coefficients(x, t, happened, stratum, start, names)
    fitted = partial_likelihood(x, beta, sets)
    _check_maximum(x, beta, fitted, names)
    columns = [list(term) for term in terms] if terms is not None else [[j] for j in range(beta.size)]
    tests, overall = proportional_hazards_tests(x, beta, t, happened, terms=columns, strata=stratum, entry=start)
    gain = 2 * (fitted.log_likelihood - at_null.log_likelihood)
    return CoxFit(
        coefficients=beta,
        covariance=np.asarray(np.linalg.inv(fitted.information), float),
        log_likelihood_null=at_null.log_likelihood,
        log_likelihood=fitted.log_likelihood,
        wald=ChiSquare(wald := float(beta @ fitted.information @ beta), beta.size, float(chdtrc(beta.size, wald))),
        likelihood_ratio=ChiSquare(gain, beta.size, float(chdtrc(beta.size, gain))),
        score=quadratic_test(at_null.score, at_null.information),
        proportional_hazards=tuple(tests),
        proportional_hazards_global=overall,
        concordance=concordance(t, happened, x @ beta, strata=stratum, entry=start),
        n=t.size,
        n_events=int(happened.sum()),
    )


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


def _check_maximum(x: Floats, beta: Floats, fitted: PartialLikelihood, names: Sequence[str]) -> None:
    """Refuse a fit that stopped where the likelihood is still rising, or has merely levelled off."""
    with np.errstate(invalid="ignore", divide="ignore"):
        variance = 1 / np.diag(fitted.information)
    reach = np.sqrt(np.maximum(variance, 0)) * np.ptp(x, axis=0)
    flat = ~(reach < FLAT)
    if flat.any():
        name = _listed([name for name, is_flat in zip(names, flat, strict=True) if is_flat])
        raise ConvergenceError(
            f"the hazard ratio of {name} has no finite estimate: the events lie wholly on one side of it (separation); "
            "merge classes, or leave it out"
        )
    left = fitted.score @ np.linalg.pinv(fitted.information, hermitian=True) @ fitted.score
    if not (np.isfinite(beta).all() and left < LEFT_TO_GAIN):
        raise ConvergenceError(f"the Cox model with {_listed(names)} did not converge: its likelihood has no maximum")


def _listed(names: Sequence[str]) -> str:
    return ", ".join(repr(name) for name in names)


def _lifelines_coefficients(
    x: Floats, t: Floats, happened: Floats, strata: NDArray[np.intp] | None, entry: Floats | None, names: Sequence[str]
) -> Floats:
    from lifelines import CoxPHFitter  # 1.6 s to import: only when a model is fitted
    from lifelines.exceptions import ConvergenceError as LifelinesConvergenceError

    # Own column names: those of a user's table might clash with "duration", or be a formula to lifelines.
    columns = [f"x{j}" for j in range(x.shape[1])]
    frame = pd.DataFrame(x, columns=columns).assign(duration=t, event=happened)
    options: dict[str, Any] = {}
    if strata is not None:
        frame["stratum"], options["strata"] = strata, ["stratum"]
    if entry is not None:
        frame["entry"], options["entry_col"] = entry, "entry"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its guesses at convergence: we check the maximum itself
        try:
            fitter = CoxPHFitter().fit(
                frame, "duration", "event", fit_options={"precision": 1e-14, "r_precision": 1e-12}, **options
            )
        except (LifelinesConvergenceError, np.linalg.LinAlgError) as error:
            raise ConvergenceError(
                f"the Cox model with {_listed(names)} did not converge: its likelihood has no maximum, "
                "or predictors repeat each other; leave one out, or merge its classes"
            ) from error
    return np.asarray(fitter.params_[columns], float)
