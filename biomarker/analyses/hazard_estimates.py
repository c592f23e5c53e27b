"""From a fitted Cox model to the lines of a result: hazard ratios with their intervals, and tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, inf, nan, sqrt

import numpy as np
from scipy.special import chdtrc, ndtri, stdtr, stdtrit
from scipy.special import ndtr as normal_cdf

from biomarker.analyses.hazard_terms import Term
from biomarker.analyses.result import Estimate
from biomarker.kernels.cox_newton import fit_many
from biomarker.kernels.firth_cox import penalized_test
from biomarker.kernels.partial_likelihood import ChiSquare, quadratic_test
from biomarker.kernels.risk_sets import RiskSets
from biomarker.models.cox import CoxFit
from biomarker.vocabulary import lower_label


@dataclass(frozen=True, kw_only=True, eq=False)
class FittedHazards:
    """A Cox fit with what its lines need to know.

    Attributes
    ----------
    fit : CoxFit
    terms : tuple of Term
    n, n_patients : int
        Rows, and patients where they are named.
    n_clusters : int
        0 where the variance is the model's own.
    confidence_level : float
    """

    fit: CoxFit
    terms: tuple[Term, ...]
    n: int
    n_patients: int | None
    n_clusters: int
    confidence_level: float

    @property
    def df(self) -> float:
        """Degrees of freedom of Student's t behind robust intervals: clusters less one; infinite for the normal."""
        return self.n_clusters - 1.0 if self.fit.robust is not None else inf

    @property
    def critical(self) -> float:
        """Standard errors from an estimate to its limits."""
        share = (1 + self.confidence_level) / 2
        return float(ndtri(share)) if self.df == inf else float(stdtrit(self.df, share))

    @property
    def covariance(self) -> np.ndarray:
        """Of the coefficients: the sandwich where rows are clustered."""
        return self.fit.covariance if self.fit.robust is None else self.fit.robust

    def columns(self, term: Term) -> slice:
        """Return the columns of a term."""
        start = 0
        for other in self.terms:
            if other is term:
                break
            start += other.columns.shape[1]
        return slice(start, start + term.columns.shape[1])


def hazard_lines(fitted: FittedHazards) -> list[Estimate]:
    """Return events, hazard ratios and tests, term by term and of the whole model."""
    fit = fitted.fit
    lines = [
        _line(fitted, "events", float(fit.n_events)),
        _line(fitted, "events_per_ratio", fit.n_events / fit.coefficients.size),
    ]
    for term in fitted.terms:
        lines += _spline_lines(fitted, term) if term.knots else _ratio_lines(fitted, term)
        if term.columns.shape[1] > 1:
            columns = fitted.columns(term)
            lines.append(_test_line(fitted, "term_wald_test", _wald(fitted, columns), {"term": term.name}))
            if term.knots:
                bends = slice(columns.start + 1, columns.stop)
                lines.append(_test_line(fitted, "nonlinearity_test", _wald(fitted, bends), {"term": term.name}))
    named: list[tuple[str, ChiSquare, dict[str, str]]] = []
    if fit.robust is None:  # the other two take rows as independent
        named += [("likelihood_ratio_test", fit.likelihood_ratio, {}), ("score_test", fit.score, {})]
    named.append(("wald_test", fit.wald, {}))
    named += [
        ("proportional_hazards_test", test, {"term": term.name})
        for term, test in zip(fitted.terms, fit.proportional_hazards, strict=True)
    ]
    named.append(("proportional_hazards_test", fit.proportional_hazards_global, {"term": "global"}))
    return lines + [_test_line(fitted, quantity, test, of) for quantity, test, of in named]


def _ratio_lines(fitted: FittedHazards, term: Term) -> list[Estimate]:
    columns = fitted.columns(term)
    places = range(columns.start, columns.stop)
    if fitted.fit.profile is not None:
        return [_penalized(fitted, j, of) for j, of in zip(places, term.of_columns(), strict=True)]
    return [
        _from_wald(fitted, float(fitted.fit.coefficients[j]), sqrt(fitted.covariance[j, j]), of)
        for j, of in zip(places, term.of_columns(), strict=True)
    ]


def _penalized(fitted: FittedHazards, j: int, of: Mapping[str, object]) -> Estimate:
    profile = fitted.fit.profile
    if profile is None:
        raise ValueError("only a penalised fit has a profile")
    test = profile.tests[j]
    return Estimate(
        quantity="hazard_ratio",
        value=_exp(float(fitted.fit.coefficients[j])),
        low=_exp(float(profile.interval.low[j])),
        high=_exp(float(profile.interval.high[j])),
        statistic=test.statistic,
        df=1,
        p_value=test.p_value,
        n=fitted.n,
        n_patients=fitted.n_patients,
        of=of,
    )


def _spline_lines(fitted: FittedHazards, term: Term) -> list[Estimate]:
    """Return hazard ratios at quantiles of the marker against its reference value."""
    columns = fitted.columns(term)
    contrast = term.contrast(np.array(term.shown))
    log_ratio = contrast @ fitted.fit.coefficients[columns]
    covariance = fitted.covariance[columns, columns]
    return [
        _from_wald(fitted, float(value), sqrt(float(row @ covariance @ row)), of)
        for value, row, of in zip(log_ratio, contrast, term.of_columns(), strict=True)
    ]


def _from_wald(fitted: FittedHazards, log_ratio: float, std_error: float, of: Mapping[str, object]) -> Estimate:
    statistic = log_ratio / std_error if std_error > 0 else nan
    tail = normal_cdf(-abs(statistic)) if fitted.df == inf else stdtr(fitted.df, -abs(statistic))
    width = fitted.critical * std_error
    return Estimate(
        quantity="hazard_ratio",
        value=_exp(log_ratio),
        low=_exp(log_ratio - width),
        high=_exp(log_ratio + width),
        statistic=statistic,
        df=nan if fitted.df == inf else fitted.df,
        p_value=2 * float(tail),
        n=fitted.n,
        n_patients=fitted.n_patients,
        of=of,
    )


def _wald(fitted: FittedHazards, columns: slice) -> ChiSquare:
    return quadratic_test(fitted.fit.coefficients[columns], fitted.covariance[columns, columns])


def added_test(fitted: FittedHazards, other: FittedHazards, sets: Sequence[RiskSets]) -> Estimate | None:
    """Test what the predictors of one model add to those of the other, where one holds all of the other's.

    By the likelihood ratio, penalised where the larger model is; by Wald where rows are clustered. None where neither
    model holds the other.
    """
    mine, theirs = ({term.name for term in model.terms} for model in (fitted, other))
    larger, smaller = (fitted, other) if mine > theirs else (other, fitted)
    added = [term for term in larger.terms if term.name not in (mine & theirs)]
    if not (mine > theirs or theirs > mine):
        return None
    places = np.concatenate([np.r_[larger.columns(term)] for term in added])
    if larger.fit.profile is not None:
        design = np.column_stack([term.columns for term in larger.terms])
        test = penalized_test(design, sets, fit_many(design, sets, penalized=True), places.tolist())
    elif fitted.fit.robust is not None:
        test = quadratic_test(larger.fit.coefficients[places], larger.covariance[np.ix_(places, places)])
    else:
        df = larger.fit.coefficients.size - smaller.fit.coefficients.size
        gain = max(2 * (larger.fit.log_likelihood - smaller.fit.log_likelihood), 0.0)
        test = ChiSquare(gain, df, float(chdtrc(df, gain)))
    return _test_line(fitted, "added_predictors_test", test, {"term": " + ".join(term.name for term in added)})


def _test_line(fitted: FittedHazards, quantity: str, test: ChiSquare, of: dict[str, str]) -> Estimate:
    return Estimate(
        quantity=quantity,
        value=test.statistic,
        statistic=test.statistic,
        df=test.df,
        p_value=test.p_value,
        n=fitted.n,
        n_patients=fitted.n_patients,
        of=of,
    )


def _line(fitted: FittedHazards, quantity: str, value: float) -> Estimate:
    return Estimate(quantity=quantity, value=value, n=fitted.n, n_patients=fitted.n_patients)


def _exp(value: float) -> float:
    return exp(value) if value < 700 else inf


def _shown(term: Term) -> str:
    return f"{term.reference:.3g} {term.per}".rstrip() if term.knots else str(term.reference)


def reference_levels(terms: Sequence[Term]) -> str:
    """Say which level or value each class or spline is compared with."""
    told = [f"{lower_label(term.name)} {_shown(term)}" for term in terms if term.reference is not None]
    return f"Reference level{'s' * (len(told) > 1)}: {', '.join(told)}." if told else ""
