"""Hazard ratios with competing causes: of the subdistribution by Fine and Gray, and specific to each cause by Cox."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import exp, inf, isnan, nan

import numpy as np
from numpy.typing import NDArray
from scipy.special import erfc, ndtri

from biomarker.analyses.competing_causes import CompetingFollowUp
from biomarker.analyses.hazard_terms import Term
from biomarker.analyses.result import Estimate
from biomarker.errors import ConvergenceError
from biomarker.kernels.fine_gray import fine_gray
from biomarker.models.cox import fit_cox

Floats = NDArray[np.float64]

_LARGEST = 700.0  # its exponential is the largest that a double holds, near enough
FEW_EVENTS = 10  # events of a cause per coefficient, below which its hazard ratios are fragile


def hazard_ratios(competing: CompetingFollowUp, terms: Sequence[Term], confidence_level: float) -> Iterator[Estimate]:
    """Give the subdistribution and cause-specific hazard ratios of every term, cause by cause."""
    found = competing.follow_up
    design = np.column_stack([term.columns for term in terms])
    names = [label for term in terms for label in term.labels]
    for number, cause in enumerate(competing.causes):
        code = competing.with_first(number)
        if not (code == 1).any():
            continue
        if found.entry is None:
            fit = fine_gray(design, found.duration, code)
            known = fit.converged and bool(np.all(np.isfinite(fit.covariance)))
            yield from _ratio_lines(
                "subdistribution_hazard_ratio", cause, terms, fit.coefficients, fit.covariance, confidence_level, known
            )
        try:
            cox = fit_cox(design, found.duration, code == 1, names=names, entry=found.entry)
        except ConvergenceError:
            nothing = np.full(design.shape[1], nan)
            unknown = np.full((design.shape[1],) * 2, nan)
            yield from _ratio_lines(
                "cause_specific_hazard_ratio", cause, terms, nothing, unknown, confidence_level, False
            )
            continue
        yield from _ratio_lines(
            "cause_specific_hazard_ratio", cause, terms, cox.coefficients, cox.covariance, confidence_level, True
        )


def _ratio_lines(
    quantity: str,
    cause: str,
    terms: Sequence[Term],
    coefficients: Floats,
    covariance: Floats,
    level: float,
    known: bool,
) -> Iterator[Estimate]:
    z = float(ndtri((1 + level) / 2))
    errors = np.sqrt(np.diag(covariance))
    column = 0
    for term in terms:
        for of in term.of_columns():
            b, se = (float(coefficients[column]), float(errors[column])) if known else (nan, nan)
            column += 1
            statistic = b / se if se > 0 else nan
            yield Estimate(
                quantity=quantity,
                value=_exp(b),
                low=_exp(b - z * se),
                high=_exp(b + z * se),
                statistic=statistic,
                p_value=float(erfc(abs(statistic) / np.sqrt(2))),
                of={"cause": cause, **of},
            )


def _exp(value: float) -> float:
    return inf if value > _LARGEST else exp(value)


def model_notes(competing: CompetingFollowUp, terms: Sequence[Term], ratios: Sequence[Estimate]) -> Iterator[str]:
    """Say which hazard ratios rest on few events, and which have no finite estimate."""
    n_columns = sum(len(term.labels) for term in terms)
    for number, cause in enumerate(competing.causes, start=1):
        happened = int((competing.cause == number).sum())
        if happened < FEW_EVENTS * n_columns:
            coefficients = f"{n_columns} coefficient{'s' * (n_columns != 1)}"
            few = f"fewer than {FEW_EVENTS} each, so its hazard ratios are fragile"
            yield f"{happened} events of {cause} for {coefficients}: {few}."
    lost = list(dict.fromkeys(f"{line.of['cause']}" for line in ratios if isnan(line.value)))
    if lost:
        why = "its events lie wholly on one side of a predictor"
        yield f"A hazard ratio of {', '.join(lost)} has no finite estimate: {why}."
