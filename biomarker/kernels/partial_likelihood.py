"""Cox's partial likelihood with its derivatives and Firth's penalty, for one model or many at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtrc

from biomarker.kernels.follow_up import Floats
from biomarker.kernels.risk_sets import EventSums, RiskSets, event_sums, mean_at_events, over_events, risk_sets

__all__ = [
    "ChiSquare", "Likelihoods", "PartialLikelihood", "StratumDesign", "inverses", "likelihoods", "partial_likelihood",
    "quadratic_test", "risk_sets", "stratum_designs",
]  # fmt: skip


class PartialLikelihood(NamedTuple):
    """Log partial likelihood with its first and negated second derivatives."""

    log_likelihood: float
    score: Floats
    information: Floats


class Likelihoods(NamedTuple):
    """The same for B models; `penalty` is half the log determinant of the information, with its derivative."""

    log_likelihood: Floats  # (B,)
    score: Floats  # (B, p)
    information: Floats  # (B, p, p)
    penalty: Floats  # (B,); 0 where none is asked for
    penalty_score: Floats  # (B, p)


class ChiSquare(NamedTuple):
    """A chi-square test."""

    statistic: float
    df: int
    p_value: float


class StratumDesign(NamedTuple):
    """The design of one stratum: columns (B or 1, p, n) and weights (B, n), patients in the order of ``sets.rows``."""

    x: Floats
    sets: RiskSets
    weights: Floats | None = None

    def of_models(self, models: NDArray[np.intp]) -> StratumDesign:
        """Return the design of some of the models."""
        x = self.x if self.x.shape[0] == 1 else self.x[models]
        return StratumDesign(x, self.sets, None if self.weights is None else self.weights[models])


def stratum_designs(
    columns: Floats, sets: Sequence[RiskSets], weights: Floats | None = None
) -> tuple[StratumDesign, ...]:
    """Take the columns, shape (B or 1, p, n), apart by stratum."""
    return tuple(
        StratumDesign(
            np.ascontiguousarray(columns[:, :, s.rows]),
            s,
            None if weights is None else weights[:, s.rows].astype(float),
        )
        for s in sets
    )


def partial_likelihood(design: ArrayLike, coefficients: ArrayLike, sets: tuple[RiskSets, ...]) -> PartialLikelihood:
    """Evaluate the log partial likelihood [1]_ [2]_ and its derivatives at given coefficients.

    Parameters
    ----------
    design : array_like, shape (n, p)
    coefficients : array_like, shape (p,)
        Log hazard ratios per unit of each column.
    sets : tuple of RiskSets
        From `risk_sets`, which says how ties are handled.

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
    x = np.asarray(design, float)
    columns = (x - x.mean(axis=0)).T[None]  # derivatives do not change, and lose fewer digits
    found = likelihoods(stratum_designs(columns, sets), np.asarray(coefficients, float)[None])
    return PartialLikelihood(float(found.log_likelihood[0]), found.score[0], found.information[0])


def likelihoods(
    designs: Sequence[StratumDesign], coefficients: Floats, *, penalized: bool = False, information: bool = True
) -> Likelihoods:
    """Evaluate the partial likelihoods of B models, and Firth's penalty [1]_ [2]_ where asked for.

    Of the variance of x over the risk set of an event, the mean of squares is added up patient by patient, not event
    by event: each patient counts with the sum, over the events at which they are at risk, of their share in the risk
    set. That needs no (events, p, p) array; the third moments of the penalty are added up likewise.

    Parameters
    ----------
    designs : sequence of StratumDesign
        From `stratum_designs`; columns near 0 keep most digits.
    coefficients : ndarray, shape (B, p)
    penalized : bool
        Whether to give the penalty.
    information : bool
        Whether to give the information; without it the penalty is not known either.

    Returns
    -------
    Likelihoods

    References
    ----------
    .. [1] Firth D. Bias reduction of maximum likelihood estimates. Biometrika 1993;80:27-38.
    .. [2] Heinze G, Schemper M. A solution to the problem of monotone likelihood in Cox regression. Biometrics
       2001;57:114-119.
    """
    n_models, p = coefficients.shape
    value, score = np.zeros(n_models), np.zeros((n_models, p))
    total = np.zeros((n_models, p, p))
    kept = []
    for x, sets, weights in designs:
        sums = event_sums(x, np.matmul(coefficients[:, None], x)[:, 0], sets, weights)
        value += sums.log_likelihood
        own = x[:, :, sets.events] if weights is None else x[:, :, sets.events] * weights[:, None, sets.events]
        weighted_mean = sums.mean * sums.weight[:, None]
        score += own.sum(axis=2) - weighted_mean.sum(axis=2)
        if information:
            exposure = over_events((sums.weight / sums.total)[:, None], sums, sets)[:, 0]
            carried = (sums.risk * exposure)[:, None]
            total += np.matmul(carried * x, x.swapaxes(1, 2)) - np.matmul(weighted_mean, sums.mean.swapaxes(1, 2))
            kept.append((x, sets, sums, carried))
    penalty, penalty_score = np.zeros(n_models), np.zeros((n_models, p))
    if penalized and information:
        sign, size = np.linalg.slogdet(total)
        penalty = np.where(sign > 0, size / 2, -np.inf)
        inverse = inverses(total)
        for part in kept:
            penalty_score += _penalty_score(inverse, *part)
    return Likelihoods(value, score, total, penalty, penalty_score)


def quadratic_test(vector: Floats, variance: Floats) -> ChiSquare:
    """Test a vector against 0 by its quadratic form; NaN when the variance is singular."""
    df = vector.size
    try:
        statistic = float(vector @ np.linalg.solve(variance, vector))
    except np.linalg.LinAlgError:
        statistic = float("nan")
    statistic = statistic if statistic >= 0 else float("nan")
    return ChiSquare(statistic, df, float(chdtrc(df, statistic)))


def _penalty_score(inverse: Floats, x: Floats, sets: RiskSets, sums: EventSums, carried: Floats) -> Floats:
    """Half the trace of the inverse information times its derivative: third moments of x over the risk sets.

    With q = x'Ax, A the inverse, the third moment about the mean m is E[q x] - m E[q] - 2 E[xx']Am + 2 m m'Am.
    """
    turned = np.matmul(inverse, x)
    square = (turned * x).sum(axis=1)
    mean, weight = sums.mean, sums.weight[:, None]
    of_mean = (np.matmul(inverse, mean) * mean).sum(axis=1)[:, None]
    of_square = mean_at_events(square, sums, sets)[:, None]
    faced = over_events(weight * mean / sums.total[:, None], sums, sets)
    crossed = sums.risk[:, None] * (turned * faced).sum(axis=1, keepdims=True)
    per_patient = carried * square[:, None] - 2 * crossed
    per_event = weight * (2 * of_mean - of_square)
    return np.asarray((per_patient * x).sum(axis=2) + (per_event * mean).sum(axis=2)) / 2


def inverses(information: Floats) -> Floats:
    """Invert each of a stack of symmetric matrices, by the pseudoinverse where one is singular."""
    try:
        return np.asarray(np.linalg.inv(information))
    except np.linalg.LinAlgError:
        return np.asarray(np.linalg.pinv(information, hermitian=True))
