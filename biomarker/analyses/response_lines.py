"""From a fitted response model to the lines of its result and the curves of its figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import exp, inf, nan, sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from biomarker.analyses.population import Sample
from biomarker.analyses.response_fit import Fit, Test
from biomarker.analyses.response_outcome import Outcome
from biomarker.analyses.response_performance import Performance
from biomarker.analyses.response_terms import Design, ModelTerm
from biomarker.analyses.result import Estimate
from biomarker.kernels.brant import brant_tests
from biomarker.vocabulary import lower_label

Floats = NDArray[np.float64]

SHAPE_POINTS = 80
LATENT_VARIANCE = np.pi**2 / 3  # of a standard logistic variable


@dataclass(frozen=True, kw_only=True, eq=False)
class ShapeCurve:
    """Risk over one measured predictor, the others at their median or reference level.

    Attributes
    ----------
    term : str
    is_spline : bool
    is_log : bool
        Whether the predictor is best drawn on a logarithmic axis.
    values : ndarray, shape (m,)
        In the unit of the column.
    labels : tuple of str
        Of each curve: a level and those above it; one empty text for two classes.
    risk, low, high : ndarray, shape (c, m)
        Fractions, with pointwise limits.
    knots : tuple of float
        In the unit of the column.
    observed : ndarray
        Values of the rows used.
    held : tuple of str
        Where the others are held, for the caption.
    """

    term: str
    is_spline: bool
    is_log: bool
    values: Floats
    labels: tuple[str, ...]
    risk: Floats
    low: Floats
    high: Floats
    knots: tuple[float, ...]
    observed: Floats
    held: tuple[str, ...]


def with_counts(lines: Sequence[Estimate], sample: Sample) -> tuple[Estimate, ...]:
    """Return the lines with the rows and patients that all of them rest on."""
    return tuple(replace(line, n=len(sample.frame), n_patients=sample.n_patients) for line in lines)


def odds_ratio_lines(fit: Fit, design: Design, confidence_level: float) -> list[Estimate]:
    """Return the odds ratios of each term, the test of terms with several columns, and tests of straightness."""
    lines = []
    for term, columns in zip(design.terms, design.positions, strict=True):
        if term.knots:
            lines += _spline_lines(fit, design, term, columns, confidence_level)
            continue
        for j, of in zip(columns, term.of_columns(), strict=True):
            low, value, high = (_exp(part[j] / design.scale[j]) for part in (fit.low, fit.slopes, fit.high))
            lines.append(
                Estimate(
                    quantity="odds_ratio",
                    value=value,
                    low=low,
                    high=high,
                    statistic=fit.statistic[j],
                    df=fit.df if fit.df != inf else nan,
                    p_value=fit.p_value[j],
                    of=of,
                )
            )
        if len(columns) > 1:
            lines.append(_test_line(fit.test_of(columns), "term_", {"term": term.name}))
    return lines


def _spline_lines(
    fit: Fit, design: Design, term: ModelTerm, columns: Sequence[int], confidence_level: float
) -> list[Estimate]:
    low, high = term.at(np.array(term.quartiles))
    contrast = np.zeros(fit.slopes.size)
    contrast[list(columns)] = (high - low) / design.scale[list(columns)]
    centre = float(contrast @ fit.slopes)
    width = fit.quantile(confidence_level) * sqrt(
        float(contrast @ fit.covariance[fit.n_cuts :, fit.n_cuts :] @ contrast)
    )
    whole, bend = fit.test_of(columns), fit.test_of(columns[1:])
    return [
        Estimate(
            quantity="odds_ratio",
            value=_exp(centre),
            low=_exp(centre - width),
            high=_exp(centre + width),
            statistic=whole.statistic,
            df=whole.df,
            p_value=whole.p_value,
            of=term.of_columns()[0],
        ),
        _test_line(whole, "term_", {"term": term.name}),
        Estimate(
            quantity="nonlinearity_test",
            value=bend.statistic,
            statistic=bend.statistic,
            df=bend.df,
            p_value=bend.p_value,
            of={"term": term.name},
        ),
    ]


def _test_line(test: Test, prefix: str, of: dict[str, str]) -> Estimate:
    return Estimate(
        quantity=f"{prefix}{test.kind}_test",
        value=test.statistic,
        statistic=test.statistic,
        df=test.df,
        p_value=test.p_value,
        of=of,
    )


def model_lines(fit: Fit, design: Design, outcome: Outcome) -> list[Estimate]:
    """Return events, the intercept in the units of the predictors, what ties a patient's lesions, and model tests."""
    lines = []
    if not outcome.is_ordinal:
        lines.append(Estimate(quantity="events", value=float(outcome.counts[1])))
    lines.append(Estimate(quantity="events_per_parameter", value=outcome.effective_size / fit.slopes.size))
    shift = float(fit.slopes @ (design.centre / design.scale))
    for cut in range(fit.n_cuts):
        if outcome.is_ordinal:  # a cut is minus the intercept of the levels above it
            value, of = -float(fit.parameters[cut]) - shift, {"level": outcome.levels[cut + 1]}
        else:
            value, of = float(fit.parameters[0]) + fit.intercept_shift - shift, {}
        lines.append(Estimate(quantity="intercept", value=value, of=of))
    if not np.isnan(fit.correlation):
        lines.append(Estimate(quantity="working_correlation", value=fit.correlation))
    if not np.isnan(fit.sd):
        lines.append(Estimate(quantity="sd_between", value=fit.sd))
        lines.append(Estimate(quantity="icc", value=fit.sd**2 / (fit.sd**2 + LATENT_VARIANCE)))
    return lines + [_test_line(test, "", {}) for test in fit.tests]


def proportionality_lines(design: Design, outcome: Outcome, sample: Sample) -> list[Estimate]:
    """Return Brant's tests, by term and of all."""
    nested = sample.patients if sample.is_nested else None
    each, overall = brant_tests(design.standard, outcome.codes, design.positions, nested)
    named = [*zip([term.name for term in design.terms], each, strict=True), ("global", overall)]
    return [
        Estimate(
            quantity="proportional_odds_test",
            value=test.statistic,
            statistic=test.statistic,
            df=test.df,
            p_value=test.p_value,
            of={"term": name},
        )
        for name, test in named
    ]


def performance_lines(found: Performance) -> list[Estimate]:
    """Return each measure, apparent and corrected for optimism; the interval is of the corrected discrimination."""
    lines = []
    first = next(iter(found.apparent))
    for name in found.apparent:
        for kind, values in (("apparent", found.apparent), ("corrected", found.corrected)):
            has_limits = kind == "corrected" and name == first
            lines.append(
                Estimate(
                    quantity=name,
                    value=values[name],
                    low=found.limits.low if has_limits else nan,
                    high=found.limits.high if has_limits else nan,
                    of={"performance": kind},
                )
            )
    return lines


def shape_curves(fit: Fit, design: Design, outcome: Outcome, confidence_level: float) -> tuple[ShapeCurve, ...]:
    """Return the risk over each measured predictor."""
    middle = [_middle(term) for term in design.terms]
    curves = []
    for number, term in enumerate(design.terms):
        if term.values is None:
            continue
        low_end, high_end = _shown(term)
        spaced = np.geomspace if term.is_log else np.linspace
        values = spaced(low_end, high_end, SHAPE_POINTS)
        parts = [np.broadcast_to(part, (SHAPE_POINTS, part.size)) for part in middle]
        parts[number] = term.at(values)
        rows = design.rows(np.column_stack(parts))
        risk, low, high = _risk(fit, rows, outcome, confidence_level)
        knots = np.exp2(term.knots) if term.is_log else np.asarray(term.knots) * term.divisor
        curves.append(
            ShapeCurve(
                term=term.name,
                is_spline=bool(term.knots),
                is_log=term.is_log,
                values=values,
                labels=tuple(" or ".join(outcome.levels[cut + 1 :]) for cut in range(fit.n_cuts)),
                risk=risk,
                low=low,
                high=high,
                knots=tuple(float(knot) for knot in knots),
                observed=term.values,
                held=tuple(_held(other) for other in design.terms if other is not term),
            )
        )
    return tuple(curves)


def _shown(term: ModelTerm) -> tuple[float, float]:
    low, high = np.quantile(term.values if term.values is not None else [nan], [0.01, 0.99])
    return float(low), float(high)


def _middle(term: ModelTerm) -> Floats:
    """Return the columns at the median, or at the reference level."""
    if term.values is None:
        return np.zeros(term.columns.shape[1])
    return np.asarray(term.at(np.array([np.median(term.values)]))[0])


def _held(term: ModelTerm) -> str:
    at = f"{float(np.median(term.values)):.4g}" if term.values is not None else str(term.reference)
    return f"{lower_label(term.name)} {at}"


def _risk(fit: Fit, rows: Floats, outcome: Outcome, confidence_level: float) -> tuple[Floats, Floats, Floats]:
    """Return risk and pointwise limits above each cut, shape (c, m)."""
    z = fit.quantile(confidence_level)
    risk, low, high = [], [], []
    for cut in range(fit.n_cuts):
        start = np.zeros((rows.shape[0], fit.n_cuts))
        start[:, cut] = -1.0 if outcome.is_ordinal else 1.0
        full = np.column_stack([start, rows])
        eta = full @ fit.parameters + fit.intercept_shift
        width = z * np.sqrt(np.einsum("mq,qr,mr->m", full, fit.covariance, full))
        risk.append(expit(eta))
        low.append(expit(eta - width))
        high.append(expit(eta + width))
    return np.array(risk), np.array(low), np.array(high)


def _exp(value: float) -> float:
    return exp(value) if value < 700 else inf
