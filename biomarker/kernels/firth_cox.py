"""Intervals and tests from the profile of Firth's penalised partial likelihood: for few events, or separated ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtrc, ndtri

from biomarker.kernels.cox_newton import CoxFits, fit_many
from biomarker.kernels.follow_up import Floats
from biomarker.kernels.interval import Interval
from biomarker.kernels.partial_likelihood import ChiSquare
from biomarker.kernels.risk_sets import RiskSets

MOST_DOUBLINGS, MOST_CUTS = 60, 60
CLOSE = 1e-9  # of the root of the drop, which is in standard errors


class FirthProfile(NamedTuple):
    """Profile penalised likelihood intervals and tests of p coefficients."""

    interval: Interval  # (p,), on the scale of the coefficients
    tests: tuple[ChiSquare, ...]  # of each coefficient against 0, one degree of freedom


def profile_intervals(
    design: ArrayLike, sets: Sequence[RiskSets], fit: CoxFits, *, confidence_level: float = 0.95
) -> FirthProfile:
    """Return where the profile of the penalised likelihood has dropped by half a chi-square quantile [1]_.

    Along the profile of a coefficient the others are at their best, and the penalty is that of all of them, as in R's
    coxphf. The intervals are not symmetric, and finite where a Wald interval runs to infinity.

    Parameters
    ----------
    design : array_like, shape (n, p)
    sets : sequence of RiskSets
        From `risk_sets`.
    fit : CoxFits
        One penalised model, from ``fit_many(design, sets, penalized=True)``.
    confidence_level : float
        Two-sided coverage, a fraction in (0, 1).

    Returns
    -------
    FirthProfile

    References
    ----------
    .. [1] Heinze G, Schemper M. A solution to the problem of monotone likelihood in Cox regression. Biometrics
       2001;57:114-119.

    Examples
    --------
    Three patients with events, of whom the one without the marker lives longest: its hazard ratio is infinite but for
    the penalty.

    >>> from biomarker.kernels.risk_sets import risk_sets
    >>> x, sets = [[1.0], [1.0], [0.0]], risk_sets([1, 2, 3], [1, 1, 1])
    >>> firth = fit_many(x, sets, penalized=True)
    >>> low, high = profile_intervals(x, sets, firth).interval
    >>> firth.coefficients.round(2).tolist(), low.round(2).tolist(), high.round(2).tolist()
    ([[1.33]], [-1.23], [6.27])
    """
    x = np.asarray(design, float)
    p = x.shape[1]
    z = float(ndtri((1 + confidence_level) / 2))
    std_error = np.sqrt(np.diag(np.linalg.inv(fit.information[0])))
    low, high = np.empty(p), np.empty(p)
    for j in range(p):
        low[j], high[j] = _limits(x, sets, fit, j, float(std_error[j]), z)
    tests = tuple(penalized_test(x, sets, fit, [j]) for j in range(p))
    return FirthProfile(Interval(low, high), tests)


def penalized_test(design: ArrayLike, sets: Sequence[RiskSets], fit: CoxFits, columns: Sequence[int]) -> ChiSquare:
    """Test that some coefficients are 0 by the penalised likelihood ratio, the others at their best."""
    x = np.asarray(design, float)
    fixed = np.zeros(x.shape[1], bool)
    fixed[list(columns)] = True
    at = np.where(fixed, 0.0, fit.coefficients[0])
    without = fit_many(x, sets, penalized=True, fixed=fixed, at=at)
    statistic = float(max(2 * (_height(fit) - _height(without))[0], 0.0))
    return ChiSquare(statistic, len(columns), float(chdtrc(len(columns), statistic)))


def _height(fit: CoxFits) -> Floats:
    return np.asarray(fit.log_likelihood + fit.penalty)


def _limits(
    x: Floats, sets: Sequence[RiskSets], fit: CoxFits, j: int, std_error: float, z: float
) -> NDArray[np.float64]:
    """Find both limits of one coefficient at once; the root of the drop is nearly a straight line in it."""
    fixed = np.arange(x.shape[1]) == j
    best, top = fit.coefficients[0], _height(fit)
    others = np.repeat(best[None], 2, axis=0)

    def excess(values: Floats) -> Floats:
        """Return how far the root of the drop lies above the quantile at two values of the coefficient."""
        others[:, j] = values
        profile = fit_many(x, sets, penalized=True, fixed=fixed, at=others)
        others[:] = profile.coefficients
        drop = np.sqrt(np.maximum(2 * (top - _height(profile)), 0.0)) - z
        return np.where(np.isnan(drop), np.inf, drop)

    sign = np.array([-1.0, 1.0])
    inside, low_value = np.full(2, best[j]), np.full(2, -z)
    outside = best[j] + sign * z * std_error
    high_value = excess(outside)
    for _ in range(MOST_DOUBLINGS):
        short = high_value < 0
        if not short.any():
            break
        inside, low_value = np.where(short, outside, inside), np.where(short, high_value, low_value)
        outside = np.where(short, best[j] + 2 * (outside - best[j]), outside)
        high_value = excess(outside)
    return _cut(excess, inside, low_value, outside, high_value)


def _cut(
    excess: Callable[[Floats], Floats], inside: Floats, low_value: Floats, outside: Floats, high_value: Floats
) -> Floats:
    """Close in on both roots by false position, halving the value of an end that stays (the Illinois rule)."""
    reached = np.where(np.isfinite(high_value), outside, np.nan)
    kept = np.zeros(2)
    for _ in range(MOST_CUTS):
        with np.errstate(invalid="ignore"):
            share = low_value / (low_value - high_value)
        share = np.where(np.isfinite(high_value), share, 0.5)
        reached = inside + np.clip(share, 0.0, 1.0) * (outside - inside)
        value = excess(reached)
        if np.all(np.abs(value) < CLOSE):
            break
        short = value < 0
        inside, outside = np.where(short, reached, inside), np.where(short, outside, reached)
        high_value = np.where(short, np.where(kept < 0, high_value / 2, high_value), value)
        low_value = np.where(short, value, np.where(kept > 0, low_value / 2, low_value))
        kept = np.where(short, -1.0, 1.0)
    return reached
