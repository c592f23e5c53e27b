"""Response models of lesions nested in patients: estimating equations, robust covariances, a random intercept."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import logit

from biomarker.analyses.response_fit import Fit, Floats, Refits, Test, chi_square_test, wald_lines, wald_test
from biomarker.analyses.response_likelihood import penalized_where, proportional_odds_refits, with_intercept
from biomarker.errors import ConvergenceError, DesignError
from biomarker.kernels.gee import fit_gee, nested_rows, patient_scores
from biomarker.kernels.mixed_logistic import MixedFits, fit_mixed_logistic, marginal_risks
from biomarker.kernels.proportional_odds import fit_proportional_odds, row_scores
from biomarker.kernels.sandwich import sandwich

RESAMPLE_NODES = 9  # of the quadrature in each resample, where the fourth digit does not matter


def patients_left(patients: NDArray[np.intp], n_slopes: int) -> float:
    """Return the degrees of freedom between patients.

    Raises
    ------
    DesignError
        If no patient is left over.
    """
    n_patients = int(patients.max()) + 1
    if n_patients <= n_slopes + 1:
        raise DesignError(
            f"{n_slopes} odds ratio{'s' * (n_slopes != 1)} cannot be estimated from the lesions of {n_patients} "
            f"patient{'s' * (n_patients != 1)}: use fewer predictors"
        )
    return float(n_patients - n_slopes - 1)


def gee_fit(
    design: Floats,
    outcome: NDArray[np.intp],
    patients: NDArray[np.intp],
    *,
    exchangeable: bool,
    confidence_level: float,
) -> Fit:
    """Fit population-averaged odds ratios, with Mancl and DeRouen's covariance and t(K - p)."""
    x, y = with_intercept(design), outcome.astype(float)
    df = patients_left(patients, design.shape[1])
    rows = nested_rows(x, y, patients)
    found = fit_gee(rows, exchangeable=exchangeable)
    if not found.converged[0]:
        raise ConvergenceError(
            "the estimating equations did not converge: use method = 'cluster_robust', fewer predictors, or merge "
            "rare classes"
        )
    correlation = float(found.correlation[0])
    covariance = sandwich(*patient_scores(rows, found.coefficients[0], correlation)).covariance
    once = 1 / np.bincount(patients)[patients]

    def refit(weights: Floats) -> Refits:
        fits = fit_gee(rows, weights, exchangeable=exchangeable)
        eta = penalized_where(x, y, weights[:, patients] * once, fits.coefficients, ~fits.converged)
        return Refits(eta, np.empty((weights.shape[0], 0)))

    return _robust_fit(
        found.coefficients[0],
        covariance,
        1,
        df,
        confidence_level,
        method="gee" if exchangeable else "cluster_robust",
        refit=refit,
        correlation=correlation if exchangeable else float("nan"),
    )


def robust_proportional_odds_fit(
    design: Floats, codes: NDArray[np.intp], patients: NDArray[np.intp], *, confidence_level: float
) -> Fit:
    """Fit an ordered response as if lesions were independent, with the covariance between patients."""
    df = patients_left(patients, design.shape[1])
    found = fit_proportional_odds(design, codes)
    if not found.converged[0]:
        raise ConvergenceError("the proportional odds model did not converge: use fewer predictors, or merge levels")
    parameters = np.concatenate([found.cuts[0], found.coefficients[0]])
    parts = row_scores(design, codes, parameters)
    n_patients = int(patients.max()) + 1
    scores, informations = np.zeros((n_patients, parameters.size)), np.zeros((n_patients, *[parameters.size] * 2))
    np.add.at(scores, patients, parts.scores)
    np.add.at(informations, patients, parts.informations)
    return _robust_fit(
        parameters,
        sandwich(scores, informations).covariance,
        int(codes.max()),
        df,
        confidence_level,
        method="cluster_robust",
        refit=lambda weights: proportional_odds_refits(design, codes, weights[:, patients]),
    )


def mixed_fit(design: Floats, outcome: NDArray[np.intp], patients: NDArray[np.intp], *, confidence_level: float) -> Fit:
    """Fit odds ratios within patients, by a normal random intercept, with Wald intervals as lme4 has them."""
    x, y = with_intercept(design), outcome.astype(float)
    rows = nested_rows(x, y, patients)
    found = fit_mixed_logistic(rows)
    _check_mixed(found)
    slopes, within = found.coefficients[0, 1:], found.covariance[0, 1:, 1:]
    highest, start = float(found.log_likelihood[0]), np.append(found.coefficients[0], found.sd[0])

    def without(columns: Sequence[int]) -> Test:
        kept = np.delete(np.arange(x.shape[1]), 1 + np.asarray(columns))
        null = fit_mixed_logistic(nested_rows(x[:, kept], y, patients))
        return chi_square_test("likelihood_ratio", 2 * (highest - float(null.log_likelihood[0])), len(columns))

    def refit(weights: Floats) -> Refits:
        fits = fit_mixed_logistic(rows, weights, nodes=RESAMPLE_NODES, start=start, tolerance=1e-7)
        risk = marginal_risks(x, fits.coefficients, fits.sd)
        eta = np.where(fits.converged[:, None], logit(np.clip(risk, 1e-12, 1 - 1e-12)), np.nan)
        return Refits(eta, np.empty((weights.shape[0], 0)))

    return Fit(
        method="mixed",
        parameters=found.coefficients[0],
        covariance=found.covariance[0],
        slopes=slopes,
        **wald_lines(slopes, within, np.inf, confidence_level)._asdict(),
        tests=(without(range(slopes.size)), wald_test(slopes, within, np.inf)),
        test_of=without,
        refit=refit,
        sd=float(found.sd[0]),
    )


def _check_mixed(found: MixedFits) -> None:
    if not found.converged[0]:
        raise ConvergenceError(
            "the random intercept has no finite variance, as where hardly a patient has lesions of either response, "
            "or the model did not converge: use method = 'gee'"
        )


def _robust_fit(
    parameters: Floats,
    covariance: Floats,
    n_cuts: int,
    df: float,
    confidence_level: float,
    *,
    method: str,
    refit: Callable[[Floats], Refits],
    correlation: float = float("nan"),
) -> Fit:
    slopes, within = parameters[n_cuts:], covariance[n_cuts:, n_cuts:]

    def test_of(columns: Sequence[int]) -> Test:
        at = np.asarray(columns)
        return wald_test(slopes[at], within[np.ix_(at, at)], df)

    return Fit(
        parameters=parameters,
        covariance=covariance,
        slopes=slopes,
        **wald_lines(slopes, within, df, confidence_level)._asdict(),
        tests=(test_of(range(slopes.size)),),
        test_of=test_of,
        df=df,
        method=method,
        refit=refit,
        correlation=correlation,
    )
