"""Response models by likelihood, rows independent: logistic, Firth's, proportional odds; with profile intervals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from biomarker.analyses.response_fit import Fit, Floats, Refits, Test, chi_square_test, quantile, wald_test
from biomarker.errors import ConvergenceError
from biomarker.kernels.logistic import fit_logistic, linear_predictor
from biomarker.kernels.logistic import score_test as logistic_score_test
from biomarker.kernels.model_performance import recalibrated_intercept
from biomarker.kernels.profile_likelihood import profile_limits
from biomarker.kernels.proportional_odds import fit_proportional_odds
from biomarker.kernels.proportional_odds import score_test as ordinal_score_test

RESAMPLE_ITERATIONS = 15  # by then a fit has settled, or the resample is separated
RESAMPLE_TOLERANCE = 1e-12


@dataclass(frozen=True, kw_only=True, eq=False)
class Maximum:
    """A maximum of a likelihood, for several starts or fixed values at once: (r, q), (r, q, q), (r,) and (r,)."""

    parameters: Floats
    information: Floats
    log_likelihood: Floats
    converged: NDArray[np.bool_]


Maximise = Callable[[Floats | None, NDArray[np.bool_] | None], Maximum]


def with_intercept(design: Floats) -> Floats:
    """Return the design with a column of ones before it."""
    return np.column_stack([np.ones(design.shape[0]), design])


def logistic_fit(
    design: Floats,
    outcome: NDArray[np.intp],
    *,
    penalized: bool,
    confidence_level: float,
    weights: Floats | None = None,
    units: NDArray[np.intp] | None = None,
) -> Fit:
    """Fit a binary response, by Firth's penalised likelihood where asked for.

    `weights` (n,) make patients count once where their lesions are many; `units` (n,) are then the patients.
    """
    x, y = with_intercept(design), outcome.astype(float)

    def maximise(start: Floats | None, free: NDArray[np.bool_] | None) -> Maximum:
        found = fit_logistic(
            x, y, None if weights is None else weights[None, :], penalized=penalized, start=start, free=free
        )
        return Maximum(
            parameters=found.coefficients,
            information=found.information,
            log_likelihood=found.log_likelihood,
            converged=found.converged,
        )

    rows = np.arange(y.size) if units is None else units

    def refit(unit_weights: Floats) -> Refits:
        w = unit_weights[:, rows] * (1.0 if weights is None else weights)
        return logistic_refits(x, y, w, penalized=penalized)

    score = None if penalized else logistic_score_test(x, y, np.arange(x.shape[1]) > 0)
    fit = _likelihood_fit(maximise, refit, 1, confidence_level, method="firth" if penalized else "ml", score=score)
    if not penalized:
        return fit
    eta = linear_predictor(x, fit.parameters[None, :])
    counted = np.ones((1, y.size)) if weights is None else weights[None, :]
    return replace(fit, intercept_shift=float(recalibrated_intercept(eta, y, counted)[0]))


def logistic_refits(x: Floats, y: Floats, w: Floats, *, penalized: bool) -> Refits:
    """Refit a logistic model to each row of weights; what separates there is refitted with Firth's penalty."""
    if penalized:
        coefficients, needs_penalty = np.zeros((w.shape[0], x.shape[1])), np.ones(w.shape[0], bool)
    else:
        plain = fit_logistic(x, y, w, max_iterations=RESAMPLE_ITERATIONS, tolerance=RESAMPLE_TOLERANCE)
        coefficients, needs_penalty = plain.coefficients, ~plain.converged
    return Refits(penalized_where(x, y, w, coefficients, needs_penalty), np.empty((w.shape[0], 0)))


def penalized_where(x: Floats, y: Floats, w: Floats, coefficients: Floats, which: NDArray[np.bool_]) -> Floats:
    """Return the log odds of each fit, those of `which` by Firth's penalty.

    The penalty draws risks towards one half, so that they sum to too many events; the intercept is then refitted for
    their sum to be right (Puhr et al. 2017), which no odds ratio feels.
    """
    eta = linear_predictor(x, coefficients)
    if which.any():
        firth = fit_logistic(x, y, w[which], penalized=True, tolerance=RESAMPLE_TOLERANCE, max_iterations=50)
        drawn = linear_predictor(x, firth.coefficients)
        eta = eta.copy()
        eta[which] = drawn + recalibrated_intercept(drawn, y, w[which])[:, None]
    return eta


def proportional_odds_fit(design: Floats, codes: NDArray[np.intp], *, confidence_level: float) -> Fit:
    """Fit an ordered response by maximum likelihood."""
    n_cuts = int(codes.max())

    def maximise(start: Floats | None, free: NDArray[np.bool_] | None) -> Maximum:
        found = fit_proportional_odds(design, codes, start=start, free=free)
        return Maximum(
            parameters=np.column_stack([found.cuts, found.coefficients]),
            information=found.information,
            log_likelihood=found.log_likelihood,
            converged=found.converged,
        )

    return _likelihood_fit(
        maximise,
        lambda weights: proportional_odds_refits(design, codes, weights),
        n_cuts,
        confidence_level,
        method="ml",
        score=ordinal_score_test(design, codes),
    )


def proportional_odds_refits(design: Floats, codes: NDArray[np.intp], weights: Floats) -> Refits:
    """Refit a proportional odds model to each row of weights; NaN where the resample separates."""
    found = fit_proportional_odds(
        design, codes, weights, max_iterations=RESAMPLE_ITERATIONS, tolerance=RESAMPLE_TOLERANCE
    )
    eta = np.where(found.converged[:, None], linear_predictor(design, found.coefficients), np.nan)
    return Refits(eta, found.cuts)


def _likelihood_fit(
    maximise: Maximise,
    refit: Callable[[Floats], Refits],
    n_cuts: int,
    confidence_level: float,
    *,
    method: str,
    score: float | None,
) -> Fit:
    best = maximise(None, None)
    if not best.converged[0]:
        raise ConvergenceError(
            "the response model did not converge: use fewer predictors, merge rare classes, or penalty = 'firth'"
        )
    top, highest = best.parameters[0], float(best.log_likelihood[0])
    q, p = top.size, top.size - n_cuts
    covariance = np.linalg.inv(best.information[0])

    def without(columns: Sequence[int]) -> Test:
        start, free = top[None, :].copy(), np.ones((1, q), bool)
        at = n_cuts + np.asarray(columns)
        start[0, at], free[0, at] = 0.0, False
        fall = 2 * (highest - float(maximise(start, free).log_likelihood[0]))
        return chi_square_test("likelihood_ratio", fall, len(columns))

    def profile(values: Floats, which: NDArray[np.intp]) -> Floats:
        start, free = np.tile(top, (values.size, 1)), np.ones((values.size, q), bool)
        place = np.arange(values.size), n_cuts + which
        start[place], free[place] = values, False
        return maximise(start, free).log_likelihood

    slopes, within = top[n_cuts:], covariance[n_cuts:, n_cuts:]
    limits = profile_limits(profile, slopes, np.sqrt(np.diag(within)), highest, z=quantile(confidence_level, np.inf))
    each = [without([j]) for j in range(p)]
    tests = [without(range(p)), wald_test(slopes, within, np.inf)]
    if score is not None:
        tests.append(chi_square_test("score", score, p))
    return Fit(
        method=method,
        parameters=top,
        covariance=covariance,
        slopes=slopes,
        low=limits.low,
        high=limits.high,
        statistic=np.array([test.statistic for test in each]),
        p_value=np.array([test.p_value for test in each]),
        tests=tuple(tests),
        test_of=without,
        refit=refit,
    )
