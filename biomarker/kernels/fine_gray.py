"""Fine and Gray's model: the hazard of the subdistribution of one cause, other causes competing."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from biomarker.kernels.follow_up import Floats, check_codes, check_follow_up

_MAX_STEPS = 60
_CONVERGED = 1e-8  # of twice the likelihood still to be gained; the step that is then taken squares what is left
_FLAT = 30.0  # standard error of a log hazard ratio over the range of its column, where the likelihood has levelled off


class FineGrayFit(NamedTuple):
    """A fitted model; arrays follow the columns of the design."""

    coefficients: Floats  # log subdistribution hazard ratios
    covariance: Floats  # of Fine and Gray, with the estimated censoring allowed for
    log_likelihood_null: float
    log_likelihood: float
    n: int
    n_events: int
    converged: bool


class _Sums(NamedTuple):
    """At each time of an event: weighted sums over those at risk of the subdistribution."""

    total: Floats  # (m,)
    mean: Floats  # (m, p)
    second: Floats  # (m, p, p)


def fine_gray(design: ArrayLike, duration: ArrayLike, cause: ArrayLike) -> FineGrayFit:
    """Fit the proportional subdistribution hazards model to cause 1 by weighted partial likelihood [1]_.

    Patients with another cause stay at risk, weighted by the chance of not being censored meanwhile. Ties are
    Breslow's, as in R's cmprsk. All is added up in cumulative sums, so the work grows with n rather than with n².

    Parameters
    ----------
    design : array_like, shape (n, p)
    duration : array_like, shape (n,)
    cause : array_like of int, shape (n,)
        0 censored, 1 the cause of interest, 2 and above competing.

    Returns
    -------
    FineGrayFit
        `converged` is False where the likelihood has no maximum (separation); the numbers then are of the last step.

    Raises
    ------
    ValueError
        For impossible follow-up, or when nobody had cause 1.

    References
    ----------
    .. [1] Fine JP, Gray RJ. A proportional hazards model for the subdistribution of a competing risk. J Am Stat Assoc
       1999;94:496-509.
    """
    t, _, _ = check_follow_up(duration, np.asarray(cause) != 0)
    code = check_codes(cause, t.size)
    raw = np.asarray(design, float)
    if raw.ndim != 2 or len(raw) != t.size:
        raise ValueError("need one row of the design per patient")
    if not (code == 1).any():
        raise ValueError("nobody had the cause of interest")
    order = np.argsort(t, kind="stable")
    x, t, code = (raw - raw.mean(axis=0))[order], t[order], code[order]
    data = _Ordered.of(x, t, code)
    beta = np.zeros(x.shape[1])
    null, _, _ = data.likelihood(beta)
    value, score, information = null, *data.likelihood(beta)[1:]
    converged = False
    for _ in range(_MAX_STEPS):
        step = np.linalg.pinv(information, hermitian=True) @ score
        converged = float(score @ step) < _CONVERGED
        value, score, information, beta = _line_search(data, beta, step, value)
        if converged:
            break
    with np.errstate(divide="ignore", invalid="ignore"):
        reach = np.ptp(x, axis=0) / np.sqrt(np.diag(information))
    converged = converged and bool(np.all(reach < _FLAT))
    bread = np.linalg.pinv(information, hermitian=True)
    residuals = data.influence(beta)
    covariance = bread @ (residuals.T @ residuals) @ bread
    return FineGrayFit(beta, covariance, null, value, t.size, int((code == 1).sum()), converged)


def _line_search(data: _Ordered, beta: Floats, step: Floats, before: float) -> tuple[float, Floats, Floats, Floats]:
    """Take Newton's step, halved until the likelihood does not fall."""
    for _ in range(30):
        found = data.likelihood(beta + step)
        if found[0] >= before - 1e-10 * abs(before):
            break
        step = step / 2
    return (*found, beta + step)


class _Ordered(NamedTuple):
    """Patients in order of time, and what the weights of those with a competing event need."""

    x: Floats
    cause: NDArray[np.intp]
    first: NDArray[np.intp]  # for each event time, the first patient with at least that time
    is_event: NDArray[np.bool_]
    events: Floats  # of cause 1 at each event time
    own: NDArray[np.intp]  # for each patient, how many event times are at or before theirs
    uncensored: Floats  # G just before each event time
    inverse: Floats  # 1/G just before each patient's time where another cause happened, else 0
    first_same: NDArray[np.intp]  # for each patient, the first with the same time
    last_same: NDArray[np.intp]  # and one past the last

    @classmethod
    def of(cls, x: Floats, t: Floats, cause: NDArray[np.intp]) -> _Ordered:
        n = t.size
        event_times, events = np.unique(t[cause == 1], return_counts=True)
        first_same, last_same = np.searchsorted(t, t, side="left"), np.searchsorted(t, t, side="right")
        times, first = np.unique(t, return_index=True)
        censored = np.add.reduceat((cause == 0).astype(float), first)
        # Censoring comes after the events of its time: who had the event then was not at risk of being censored
        at_risk = (n - first).astype(float)
        g = np.concatenate([[1.0], np.cumprod(1 - censored / at_risk)])
        before = g[np.searchsorted(times, t)]
        with np.errstate(divide="ignore"):
            inverse = np.where((cause > 1) & (before > 0), 1 / before, 0.0)
        return cls(
            x=x,
            cause=cause,
            first=np.searchsorted(t, event_times, side="left"),
            is_event=cause == 1,
            events=events.astype(float),
            own=np.searchsorted(event_times, t, side="right"),
            uncensored=g[np.searchsorted(times, event_times)],
            inverse=inverse,
            first_same=first_same,
            last_same=last_same,
        )

    def sums(self, risk: Floats) -> _Sums:
        """Sum risk, risk x and risk xx' over those at risk at each event time."""
        squares = self.x[:, :, None] * self.x[:, None, :]
        total = self._at_risk(risk)
        mean = self._at_risk(risk[:, None] * self.x) / total[:, None]
        return _Sums(total, mean, self._at_risk(risk[:, None, None] * squares) / total[:, None, None])

    def _at_risk(self, values: Floats) -> Floats:
        """Add up the patients still under way, and those with another cause before, by their weight."""
        shape = (-1, *(1,) * (values.ndim - 1))
        zero = np.zeros((1, *values.shape[1:]))
        under_way = np.concatenate([values[::-1].cumsum(axis=0)[::-1], zero])[self.first]
        competing = np.concatenate([zero, (values * self.inverse.reshape(shape)).cumsum(axis=0)])[self.first]
        return np.asarray(under_way + self.uncensored.reshape(shape) * competing)

    def likelihood(self, beta: Floats) -> tuple[float, Floats, Floats]:
        """Return the log partial likelihood, its score and its information."""
        eta = self.x @ beta
        sums = self.sums(np.exp(eta - eta.max()))
        d = self.events
        value = float(eta[self.is_event].sum() - d @ (np.log(sums.total) + eta.max()))
        score = self.x[self.is_event].sum(axis=0) - d @ sums.mean
        variance = sums.second - sums.mean[:, :, None] * sums.mean[:, None, :]
        return value, score, np.tensordot(d, variance, axes=1)

    def influence(self, beta: Floats) -> Floats:
        """Return each patient's part in the score, with that of having estimated the censoring: shape (n, p)."""
        eta = self.x @ beta
        risk = np.exp(eta - eta.max())
        sums = self.sums(risk)
        hazard = self.events / sums.total
        up_to = _from_start(hazard, sums.mean)  # sums over event times up to the patient's own
        weighted = _from_start(hazard * self.uncensored, sums.mean)
        own_mean = np.vstack([sums.mean, np.zeros((1, self.x.shape[1]))])[np.maximum(self.own - 1, 0)]
        part = np.where(self.is_event[:, None], self.x - own_mean, 0.0)
        part -= risk[:, None] * _spread(self.x, up_to, self.own)
        after = _spread(self.x, tuple(total[-1] - total for total in weighted), self.own)
        part -= (risk * self.inverse)[:, None] * after
        return np.asarray(part + self._of_censoring(risk, weighted))

    def _of_censoring(self, risk: Floats, weighted: tuple[Floats, Floats]) -> Floats:
        """Return what estimating the distribution of censoring adds to each patient's part."""
        n = risk.size
        later = tuple(total[-1] - total[np.searchsorted(self.first, self.first_same)] for total in weighted)
        mass, moment = (
            np.concatenate([np.zeros((1, *v.shape[1:])), v.cumsum(axis=0)])[self.first_same]
            for v in (risk * self.inverse, (risk * self.inverse)[:, None] * self.x)
        )
        q = moment * later[0][:, None] - mass[:, None] * later[1]
        at_risk = (n - self.first_same).astype(float)
        is_censored = self.cause == 0
        each = np.where(is_censored[:, None], q / at_risk[:, None], 0.0)
        compensator = np.concatenate([np.zeros((1, q.shape[1])), (each / at_risk[:, None]).cumsum(axis=0)])
        return np.asarray(each - compensator[self.last_same])


def _from_start(hazard: Floats, mean: Floats) -> tuple[Floats, Floats]:
    """Return the cumulative hazard and that times the mean, with a zero in front."""
    return (
        np.concatenate([[0.0], hazard.cumsum()]),
        np.vstack([np.zeros((1, mean.shape[1])), (hazard[:, None] * mean).cumsum(axis=0)]),
    )


def _spread(x: Floats, totals: tuple[Floats, ...], place: NDArray[np.intp]) -> Floats:
    """Return the integral of (x - mean) over the hazard, from cumulative sums read at `place`."""
    return np.asarray(x * totals[0][place][:, None] - totals[1][place])
