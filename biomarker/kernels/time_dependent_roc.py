"""ROC analysis of a marker against an event by time t under censoring: cumulative cases, dynamic controls."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from biomarker.kernels.follow_up import Floats
from biomarker.kernels.ipcw import Ipcw, censoring_influence


class TimedArea(NamedTuple):
    """Area under the ROC curve at one time."""

    value: float
    influence: Floats  # (n,): of each patient; the variance is its mean square over n
    n_cases: int
    n_controls: int


class TimedPerformance(NamedTuple):
    """Performance of a cutoff against the event by one time; rows of `influence` in the order of `values`."""

    values: Floats  # sensitivity, specificity, ppv, npv
    influence: Floats  # (4, n)


def timed_area(data: Ipcw, marker: ArrayLike, time: float) -> TimedArea:
    """Chance that a patient with the event by `time` has the higher marker than one free of it then [1]_ [2]_.

    Cases are weighted by the inverse chance of not having been censored before their event; the weight of the
    controls is the same for all and cancels.

    Parameters
    ----------
    data : Ipcw
        From `biomarker.kernels.ipcw.ipcw`.
    marker : array_like, shape (n,)
        Higher is worse; ties count one half.
    time : float

    Returns
    -------
    TimedArea
        NaN without a case by `time` or without a control beyond it.

    References
    ----------
    .. [1] Uno H, Cai T, Tian L, Wei LJ. Evaluating prediction rules for t-year survivors with censored regression
       models. J Am Stat Assoc 2007;102:527-537.
    .. [2] Blanche P, Dartigues JF, Jacqmin-Gadda H. Estimating and comparing time-dependent areas under receiver
       operating characteristic curves for censored event times with competing risks. Stat Med 2013;32:5381-5397.
    """
    x = np.asarray(marker, float)
    n = x.size
    case, control = data.is_case(time), data.is_control(time)
    n_cases, n_controls = int(case.sum()), int(control.sum())
    if not n_cases or not n_controls:
        return TimedArea(float("nan"), np.full(n, np.nan), n_cases, n_controls)
    weight = np.where(case > 0, 1 / data.uncensored, 0.0)
    below, above = _weight_below(x, control), weight.sum() - _weight_below(x, weight)
    of_cases, of_controls = weight.mean(), control.mean()
    value = float(np.clip(weight @ below / (weight.sum() * control.sum()), 0.0, 1.0))  # 1 + 2e-16 by rounding
    scale = of_cases * of_controls
    own = weight * (below / n - value * of_controls) / scale
    other = control * (above / n - value * of_cases) / scale
    return TimedArea(value, own + other + censoring_influence(data, own, time), n_cases, n_controls)


def _weight_below(x: Floats, weight: Floats) -> Floats:
    """Return for each value the weight of the smaller ones, with half of that of its ties, itself included."""
    values, place = np.unique(x, return_inverse=True)
    total = np.bincount(place, weight, minlength=values.size)
    return np.asarray((total.cumsum() - total / 2)[place])


def timed_performance(data: Ipcw, is_positive: ArrayLike, time: float) -> TimedPerformance:
    """Sensitivity, specificity and predictive values of a cutoff against the event by `time` [1]_.

    Parameters
    ----------
    data : Ipcw
    is_positive : array_like of bool, shape (n,)
        On the side of the cutoff that speaks for the event.
    time : float

    Returns
    -------
    TimedPerformance
        NaN where a denominator is 0.

    References
    ----------
    .. [1] Blanche P, Dartigues JF, Jacqmin-Gadda H. Stat Med 2013;32:5381-5397.
    """
    positive = np.asarray(is_positive, bool).astype(float)
    weight = data.weights(time)
    case, control = data.is_case(time) * weight, data.is_control(time) * weight
    cells = np.vstack([case * positive, case * (1 - positive), control * positive, control * (1 - positive)])
    # fmt: off
    of = {"tp": np.array([1, 0, 0, 0]), "fn": np.array([0, 1, 0, 0]), "fp": np.array([0, 0, 1, 0]),
          "tn": np.array([0, 0, 0, 1])}
    pairs = (("tp", "fn"), ("tn", "fp"), ("tp", "fp"), ("tn", "fn"))
    # fmt: on
    values, influence = np.full(4, np.nan), np.full((4, weight.size), np.nan)
    for row, (wanted, other) in enumerate(pairs):
        part, whole = of[wanted] @ cells, (of[wanted] + of[other]) @ cells
        if whole.sum() == 0:
            continue
        values[row] = part.sum() / whole.sum()
        own = (part - values[row] * whole) / whole.mean()
        influence[row] = own + censoring_influence(data, own, time)
    return TimedPerformance(values, influence)


def timed_curve(data: Ipcw, marker: ArrayLike, time: float) -> tuple[Floats, Floats, Floats]:
    """Return cutoffs from high to low, and the sensitivity and 1 - specificity of `marker >= cutoff` at each."""
    x = np.asarray(marker, float)
    weight = data.is_case(time) / data.uncensored
    cutoffs, place = np.unique(-x, return_inverse=True)
    cases = np.bincount(place, weight, minlength=cutoffs.size).cumsum()
    controls = np.bincount(place, data.is_control(time), minlength=cutoffs.size).cumsum()
    with np.errstate(divide="ignore", invalid="ignore"):
        return -cutoffs, cases / cases[-1], controls / controls[-1]


class TimedBrier(NamedTuple):
    """Mean squared error of predicted risks at one time."""

    value: float
    influence: Floats


def timed_brier(data: Ipcw, risk: ArrayLike, time: float) -> TimedBrier:
    """Mean squared difference between the event by `time` and its predicted risk, weighted for censoring [1]_.

    Parameters
    ----------
    data : Ipcw
    risk : array_like, shape (n,)
        Predicted probability of the event by `time`.
    time : float

    Returns
    -------
    TimedBrier

    References
    ----------
    .. [1] Graf E, Schmoor C, Sauerbrei W, Schumacher M. Assessment and comparison of prognostic classification schemes
       for survival data. Stat Med 1999;18:2529-2545.
    """
    p = np.asarray(risk, float)
    contribution = data.weights(time) * (data.is_case(time) - p) ** 2
    value = float(contribution.mean())
    return TimedBrier(value, contribution - value + censoring_influence(data, contribution, time))
