"""Three kinds of outcome behind one face: fitted to many resamples of patients at once, and predicted as a loss.

A loss is what a patient would rather not have: the risk of the event by a time, of no response, or a mean outcome with
the sign that makes more of it worse. Treatment selection compares losses under two treatments.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from biomarker.kernels.cox_newton import fit_many
from biomarker.kernels.cox_risk import predicted_risk
from biomarker.kernels.follow_up import Floats
from biomarker.kernels.logistic import fit_logistic
from biomarker.kernels.partial_likelihood import inverses
from biomarker.kernels.risk_sets import RiskSets, risk_sets

FLAT = 30.0  # standard error of a log odds ratio over the range of its column, where the likelihood has levelled off
STEEP = 25.0  # a log odds ratio over the range of its column that no finite maximum has
MOST_STEPS, ENOUGH = 50, 1e-12


class Fits(NamedTuple):
    """B fitted models; the intercept, where there is one, is not among the coefficients."""

    coefficients: Floats  # (B, p)
    covariance: Floats  # (B, p, p)
    log_likelihood: Floats  # (B,)
    intercept: Floats  # (B,); 0 for a hazard model
    converged: NDArray[np.bool_]  # (B,)


class OutcomeModel(Protocol):
    """What an interaction analysis asks of an outcome."""

    def fit(
        self,
        design: Floats,
        weights: Floats | None = None,
        *,
        penalized: bool = False,
        fixed: NDArray[np.bool_] | None = None,
        at: Floats | None = None,
    ) -> Fits:
        """Fit the outcome to the columns of `design`, shape (n, p), for each row of `weights`, shape (B, n).

        Coefficients marked in `fixed`, shape (p,), stay where `at`, shape (B, p), has them; a penalty is still that of
        all of them.
        """

    def loss(self, fits: Fits, design: Floats, at: Floats, weights: Floats | None = None) -> Floats:
        """Return the predicted loss at the rows of `at`, shape (m, p): shape (B, m)."""

    def observed_loss(self, weights: Floats) -> Floats:
        """Return the mean loss of weighted patients: shape (B,); NaN where no weight is left."""


class TimedOutcome:
    """An event in time; its loss is the risk of it by `horizon`."""

    def __init__(self, duration: Floats, event: Floats, horizon: float, strata: NDArray[np.intp] | None = None) -> None:
        self.duration, self.event, self.horizon = duration, event, horizon
        self.sets: Sequence[RiskSets] = risk_sets(duration, event, strata=strata)

    def fit(
        self,
        design: Floats,
        weights: Floats | None = None,
        *,
        penalized: bool = False,
        fixed: NDArray[np.bool_] | None = None,
        at: Floats | None = None,
    ) -> Fits:
        """Fit Cox models; see `OutcomeModel`."""
        found = fit_many(design, self.sets, weights=weights, penalized=penalized, fixed=fixed, at=at)
        return Fits(
            found.coefficients,
            inverses(found.information),
            found.log_likelihood + found.penalty,
            np.zeros(len(found.coefficients)),
            found.converged,
        )

    def loss(self, fits: Fits, design: Floats, at: Floats, weights: Floats | None = None) -> Floats:
        """Return the risk of the event by the horizon."""
        own, wanted = fits.coefficients @ design.T, fits.coefficients @ at.T
        found = predicted_risk(own, self.duration, self.event, [self.horizon], weights=weights, of=wanted)
        return np.asarray(found[:, :, 0])

    def observed_loss(self, weights: Floats) -> Floats:
        """Return the Kaplan-Meier risk by the horizon of weighted patients."""
        # one patient after another, events before censoring: the same product as with ties counted together
        order = np.lexsort((-self.event, self.duration))
        counts = np.asarray(weights, float)[:, order]
        at_risk = counts[:, ::-1].cumsum(axis=1)[:, ::-1]
        happened = (self.event[order] == 1) & (self.duration[order] <= self.horizon)
        share = np.divide(counts * happened, at_risk, out=np.zeros_like(counts), where=at_risk > 0)
        risk = 1 - np.prod(1 - share, axis=1)
        last = np.where(counts > 0, self.duration[order], -np.inf).max(axis=1)
        known = (counts.sum(axis=1) > 0) & ((last >= self.horizon) | (risk >= 1))
        return np.where(known, risk, np.nan)


class BinaryOutcome:
    """A response or none; its loss is the chance of none."""

    def __init__(self, response: NDArray[np.bool_]) -> None:
        self.response = response.astype(float)

    def fit(
        self,
        design: Floats,
        weights: Floats | None = None,
        *,
        penalized: bool = False,
        fixed: NDArray[np.bool_] | None = None,
        at: Floats | None = None,
    ) -> Fits:
        """Fit logistic models of the response; see `OutcomeModel`."""
        centre, scale = design.mean(axis=0), design.std(axis=0)
        scale = np.where(scale > 0, scale, 1.0)
        columns = np.column_stack([np.ones(len(design)), (design - centre) / scale])
        found = fit_logistic(
            columns,
            self.response,
            weights,
            penalized=penalized,
            start=None if at is None else np.column_stack([np.zeros(len(at)), at * scale]),
            free=None if fixed is None else np.append(True, ~fixed),
            max_iterations=MOST_STEPS,
            tolerance=ENOUGH,
        )
        covariance = inverses(found.information)[:, 1:, 1:] / (scale[:, None] * scale)
        slopes = found.coefficients[:, 1:] / scale
        reach = np.ptp(design, axis=0)
        flat = np.sqrt(np.abs(np.diagonal(covariance, axis1=1, axis2=2))) * reach
        is_steep = ~(np.abs(slopes) * reach < STEEP).all(axis=1)
        return Fits(
            slopes,
            covariance,
            found.log_likelihood,
            found.coefficients[:, 0] - slopes @ centre,
            # with the penalty there is a finite maximum, however steep
            found.converged & (flat < FLAT).all(axis=1) & ~(is_steep & (not penalized)),
        )

    def loss(self, fits: Fits, design: Floats, at: Floats, weights: Floats | None = None) -> Floats:  # noqa: ARG002 - the shared face
        """Return the chance of no response."""
        return np.asarray(expit(-(fits.intercept[:, None] + fits.coefficients @ at.T)))

    def observed_loss(self, weights: Floats) -> Floats:
        """Return the share without a response."""
        return _weighted_mean(1 - self.response, weights)


class ContinuousOutcome:
    """A measured outcome; its loss is its mean, turned so that more is worse."""

    def __init__(self, values: Floats, *, higher_is_better: bool) -> None:
        self.values, self.sign = values, -1.0 if higher_is_better else 1.0

    def fit(
        self,
        design: Floats,
        weights: Floats | None = None,
        *,
        penalized: bool = False,  # noqa: ARG002 - the shared face
        fixed: NDArray[np.bool_] | None = None,  # noqa: ARG002 - only a penalised likelihood is profiled
        at: Floats | None = None,  # noqa: ARG002
    ) -> Fits:
        """Fit linear models by least squares; see `OutcomeModel`."""
        n, p = design.shape
        w = np.ones((1, n)) if weights is None else np.asarray(weights, float)
        x = np.column_stack([np.ones(n), design - design.mean(axis=0)])
        information = np.einsum("bn,np,nq->bpq", w, x, x, optimize=True)
        moment = np.einsum("bn,np->bp", w * self.values, x, optimize=True)
        inverse = inverses(information)
        beta = np.einsum("bpq,bq->bp", inverse, moment)
        squares = (w * (self.values - beta @ x.T) ** 2).sum(axis=1)
        count = w.sum(axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            variance = squares / (count - p - 1)
            log_likelihood = -count / 2 * (np.log(2 * np.pi * squares / count) + 1)
        rank = np.linalg.matrix_rank(information, hermitian=True)
        return Fits(
            beta[:, 1:],
            inverse[:, 1:, 1:] * variance[:, None, None],
            log_likelihood,
            beta[:, 0] - beta[:, 1:] @ design.mean(axis=0),
            (rank == p + 1) & (count > p + 1),
        )

    def loss(self, fits: Fits, design: Floats, at: Floats, weights: Floats | None = None) -> Floats:  # noqa: ARG002 - the shared face
        """Return the mean outcome, turned."""
        return np.asarray(self.sign * (fits.intercept[:, None] + fits.coefficients @ at.T))

    def observed_loss(self, weights: Floats) -> Floats:
        """Return the mean outcome, turned."""
        return _weighted_mean(self.sign * self.values, weights)


def _weighted_mean(values: Floats, weights: Floats) -> Floats:
    total = np.asarray(weights, float).sum(axis=1)
    return np.asarray(np.divide(weights @ values, total, out=np.full(len(total), np.nan), where=total > 0))
