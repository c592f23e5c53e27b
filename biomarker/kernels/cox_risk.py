"""Risk of the event by time t from Cox models: Breslow's baseline hazard, for one model or many resamples at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from biomarker.kernels.follow_up import Floats, check_follow_up


def predicted_risk(
    linear_predictor: ArrayLike,
    duration: ArrayLike,
    event: ArrayLike,
    times: ArrayLike,
    *,
    weights: ArrayLike | None = None,
    of: ArrayLike | None = None,
) -> Floats:
    """Return each patient's risk of the event by each time, with Efron's estimate of the baseline hazard [1]_.

    Parameters
    ----------
    linear_predictor : array_like, shape (n,) or (B, n)
        Log relative hazards of all patients, for each model.
    duration, event : array_like, shape (n,)
    times : array_like, shape (n_times,)
    weights : array_like, shape (B, n), optional
        How often each patient counted when the model was fitted; risks are given for all patients.
    of : array_like, shape (m,) or (B, m), optional
        Log relative hazards of those whose risk is wanted, where these are not the patients themselves.

    Returns
    -------
    ndarray, shape (B, n, n_times) or (B, m, n_times)
        Fractions; without models, B is 1.

    References
    ----------
    .. [1] Breslow N. Covariance analysis of censored survival data. Biometrics 1974;30:89-99.
    """
    t, happened, _ = check_follow_up(duration, event)
    eta = np.atleast_2d(np.asarray(linear_predictor, float))
    counts = np.ones_like(eta) if weights is None else np.asarray(weights, float)
    when = np.atleast_1d(np.asarray(times, float))
    order = np.argsort(t, kind="stable")
    shift = eta.max(axis=1, keepdims=True)
    risk = (counts * np.exp(eta - shift))[:, order]
    died = (counts * happened)[:, order]
    distinct, first = np.unique(t[order], return_index=True)
    at_risk = risk[:, ::-1].cumsum(axis=1)[:, ::-1][:, first]
    events = np.add.reduceat(died, first, axis=1)
    tied = np.add.reduceat(risk * (happened[order] > 0), first, axis=1)
    increments = _efron(events, at_risk, tied)
    hazard = np.concatenate([np.zeros((len(eta), 1)), increments.cumsum(axis=1)], axis=1)
    place = np.searchsorted(distinct, when, side="right")
    wanted = eta if of is None else np.atleast_2d(np.asarray(of, float))
    return np.asarray(-np.expm1(-np.exp(wanted - shift)[:, :, None] * hazard[:, None, place]))


def _efron(events: Floats, at_risk: Floats, tied: Floats) -> Floats:
    """Sum 1/(risk - l/d of the tied risk) over the d tied events; weights that are counts make d a whole number."""
    most = int(np.ceil(events.max(initial=0)))
    found = np.zeros_like(events)
    for number in range(most):  # as many rounds as the most events at one time: few
        share = np.divide(number, events, out=np.zeros_like(events), where=events > 0)
        left = at_risk - share * tied
        found += np.divide(1.0, left, out=np.zeros_like(left), where=(events > number) & (left > 0))
    return found
