"""Which fit of a response model the data allow: maximum likelihood, Firth's, or one for lesions nested in patients."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from biomarker.analyses.population import Sample
from biomarker.analyses.response_fit import Fit
from biomarker.analyses.response_likelihood import logistic_fit, proportional_odds_fit
from biomarker.analyses.response_nested import gee_fit, mixed_fit, patients_left, robust_proportional_odds_fit
from biomarker.analyses.response_notes import responses_shared
from biomarker.analyses.response_outcome import Outcome
from biomarker.analyses.response_terms import Design
from biomarker.errors import ConvergenceError, DesignError
from biomarker.kernels.separation import separated_columns
from biomarker.vocabulary import column_label

FEWEST_PATIENTS = 3  # of each class, for a covariance between patients
SPARSE = 5  # of the rarer outcome for each odds ratio: below this, Firth's penalty


def choose_fit(
    design: Design, outcome: Outcome, sample: Sample, penalty: str, method: str | None, confidence_level: float
) -> tuple[Fit, str]:
    """Fit the model that the data allow, and say why where it is not the usual one."""
    p = design.standard.shape[1]
    if outcome.effective_size < p:
        raise DesignError(
            f"{p} odds ratios cannot be estimated where {outcome.effective_size:.0f} rows have the rarer outcome of "
            f"{outcome.column!r}: use fewer predictors, or merge classes"
        )
    if method == "mixed" and not sample.is_nested:
        raise DesignError('method = "mixed" needs patients with several rows, and here each has one')
    apart = separated_columns(design.standard, outcome.codes)
    separating = [
        column_label(term.name) for term, at in zip(design.terms, design.positions, strict=True) if apart[at].any()
    ]
    if outcome.is_ordinal:
        return _ordinal_fit(design, outcome, sample, separating, method, confidence_level), ""
    if separating and (penalty == "none" or method == "mixed"):
        raise ConvergenceError(
            f"the odds ratio of {' and '.join(separating)} has no finite estimate: it separates the responses; use "
            "penalty = 'auto' and no mixed model, merge classes, or leave it out"
        )
    why = _why_penalized(outcome, separating, penalty, p, sample)
    if sample.is_nested and sample.patients is not None:
        patients_left(sample.patients, p)
    robust = sample.is_nested or (method is not None and sample.patients is not None)
    if why and robust and sample.patients is not None:
        weights = 1 / np.bincount(sample.patients)[sample.patients]
        fit = logistic_fit(
            design.standard,
            outcome.codes,
            penalized=True,
            confidence_level=confidence_level,
            weights=weights,
            units=sample.patients,
        )
        return fit, why + " Lesions are weighted so that each patient counts once."
    if not robust or sample.patients is None:
        fit = logistic_fit(design.standard, outcome.codes, penalized=bool(why), confidence_level=confidence_level)
        return fit, why
    if method == "mixed":
        return mixed_fit(design.standard, outcome.codes, sample.patients, confidence_level=confidence_level), ""
    if method is None:
        return _estimating_equations(design, outcome, sample, sample.patients, confidence_level)
    equations = partial(gee_fit, design.standard, outcome.codes, sample.patients, confidence_level=confidence_level)
    return equations(exchangeable=method == "gee"), ""


def _estimating_equations(
    design: Design, outcome: Outcome, sample: Sample, patients: NDArray[np.intp], confidence_level: float
) -> tuple[Fit, str]:
    """Fit with lesions of a patient correlated; as independent where their correlation leaves no solution."""
    fit = partial(gee_fit, design.standard, outcome.codes, patients, confidence_level=confidence_level)
    if responses_shared(outcome, sample):
        return fit(exchangeable=False), ""
    try:
        return fit(exchangeable=True), ""
    except ConvergenceError:
        return fit(exchangeable=False), (
            "Estimating equations with correlated lesions have no solution in these data, so lesions were weighted "
            "alike for the odds ratios; their intervals still come from the differences between patients."
        )


def _ordinal_fit(
    design: Design,
    outcome: Outcome,
    sample: Sample,
    separating: Sequence[str],
    method: str | None,
    confidence_level: float,
) -> Fit:
    if separating:
        raise ConvergenceError(
            f"the odds ratio of {' and '.join(separating)} has no finite estimate: it separates the levels of "
            f"{outcome.column!r}; merge levels, leave it out, or use family = 'binary', which takes Firth's penalty"
        )
    if sample.patients is not None and (sample.is_nested or method is not None):
        return robust_proportional_odds_fit(
            design.standard, outcome.codes, sample.patients, confidence_level=confidence_level
        )
    return proportional_odds_fit(design.standard, outcome.codes, confidence_level=confidence_level)


def _few_patients(outcome: Outcome, sample: Sample) -> str:
    """Say so where too few patients have a class of the response for a covariance between patients."""
    if not sample.is_nested or sample.patients is None:
        return ""
    fewest, what = min(
        (np.unique(sample.patients[outcome.codes == code]).size, said) for code, said in ((1, "with"), (0, "without"))
    )
    if fewest >= FEWEST_PATIENTS:
        return ""
    plural = "patient has lesions" if fewest == 1 else "patients have lesions"
    return f"Only {fewest} {plural} {what} the response, so Firth's penalised likelihood was used."


def _why_penalized(outcome: Outcome, separating: Sequence[str], penalty: str, p: int, sample: Sample) -> str:
    """Return why Firth's penalty is used; empty where it is not."""
    if separating and penalty != "none":
        named = " and ".join(separating)
        return (
            f"{named} separate{'s' * (len(separating) == 1)} the responses, so Firth's penalised likelihood was used."
        )
    if penalty == "firth":
        return "Firth's penalised likelihood was asked for."
    if penalty == "auto" and (few := _few_patients(outcome, sample)):
        return few
    if penalty == "auto" and not sample.is_nested and outcome.effective_size < SPARSE * p:
        return (
            f"The rarer outcome has fewer than {SPARSE} rows for each odds ratio, so Firth's penalised likelihood was "
            "used."
        )
    return ""
