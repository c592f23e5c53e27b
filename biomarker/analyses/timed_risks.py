"""Risk of the event by time t as a marker predicts it: Brier scores, what optimism adds to them, and calibration."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import isnan, nan
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from biomarker.analyses.result import Estimate
from biomarker.analyses.timed_areas import spread
from biomarker.kernels.cox_newton import fit_many
from biomarker.kernels.cox_risk import predicted_risk
from biomarker.kernels.ipcw import Ipcw
from biomarker.kernels.resampling import patient_weights
from biomarker.kernels.risk_sets import risk_sets
from biomarker.kernels.survival import kaplan_meier, survival_at
from biomarker.kernels.time_dependent_roc import timed_brier

Floats = NDArray[np.float64]

MOST_RESAMPLES = 200  # refits; the optimism of a one-marker model is small, and known well enough from these
FEWEST_IN_GROUP = 10


class Risks(NamedTuple):
    """Predicted risks of one marker, `by_time` of shape (n, n_times), and what refits say of their optimism."""

    by_time: Floats
    optimism: Floats  # (n_times,): how much too small the Brier score is; 0 where risks were given
    is_fitted: bool


class Calibration(NamedTuple):
    """Groups of patients by predicted risk at one time."""

    marker: str
    time: float
    predicted: Floats  # mean of each group
    observed: Floats  # Kaplan-Meier
    low: Floats
    high: Floats
    size: NDArray[np.intp]


def fitted_risks(
    data: Ipcw, values: Floats, times: Sequence[float], *, n_resamples: int, rng: int | np.random.Generator
) -> Risks | None:
    """Return the risks of a Cox model of one marker; None where it has no finite estimate."""
    sets = risk_sets(data.duration, data.event)
    fit = fit_many(values[:, None], sets)
    if not fit.converged[0]:
        return None
    risks = predicted_risk(fit.coefficients[0, 0] * values, data.duration, data.event, times)[0]
    optimism = np.zeros(len(times))
    kept = 0
    for weights in patient_weights(values.size, min(n_resamples, MOST_RESAMPLES), rng):
        refits = fit_many(values[:, None], sets, weights=weights)
        usable = refits.converged
        if not usable.any():
            continue
        own = weights[usable].astype(float)
        found = predicted_risk(refits.coefficients[usable, :1] * values, data.duration, data.event, times, weights=own)
        kept += int(usable.sum())
        for place, time in enumerate(times):
            squared = data.weights(time) * (data.is_case(time) - found[:, :, place]) ** 2
            optimism[place] += (squared.mean(axis=1) - (own * squared).sum(axis=1) / own.sum(axis=1)).sum()
    return Risks(risks, optimism / kept if kept else np.full(len(times), nan), is_fitted=True)


def given_risks(values: Floats, n_times: int) -> Risks:
    """Return risks that were predicted elsewhere: the same column at every time."""
    return Risks(np.repeat(values[:, None], n_times, axis=1), np.zeros(n_times), is_fitted=False)


def brier_lines(data: Ipcw, marker: str, risks: Risks, times: Sequence[float], level: float) -> Iterator[Estimate]:
    """Give the Brier score at each time, corrected for optimism, and as a share of that without any marker."""
    z = float(ndtri((1 + level) / 2))
    for place, time in enumerate(times):
        of = {"marker": marker, "time": time}
        if data.duration.max() < time:
            yield Estimate(quantity="brier", value=nan, of=of)
            continue
        found = timed_brier(data, risks.by_time[:, place], time)
        null = timed_brier(data, _risk_of_all(data, time), time)
        se = spread(found.influence)
        n = data.duration.size
        low, high = max(found.value - z * se, 0.0), min(found.value + z * se, 1.0)
        yield Estimate(quantity="brier", value=found.value, low=low, high=high, n=n, of=of)
        corrected = found.value + float(risks.optimism[place])
        if risks.is_fitted:
            yield Estimate(quantity="brier_corrected", value=corrected, n=n, of=of)
        yield Estimate(quantity="brier_null", value=null.value, n=n, of=of)
        scaled = 1 - corrected / null.value if null.value > 0 else nan
        yield Estimate(quantity="scaled_brier", value=scaled, n=n, unit="fraction", of=of)


def _risk_of_all(data: Ipcw, time: float) -> Floats:
    """Return the same risk for everybody: one minus the Kaplan-Meier estimate."""
    risk = 1 - survival_at(kaplan_meier(data.duration, data.event), time).survival[0]
    return np.full(data.duration.size, risk)


def calibration(data: Ipcw, marker: str, risks: Floats, time: float, n_groups: int, level: float) -> Calibration:
    """Split the patients into groups of equal size by their risk and hold it against the Kaplan-Meier estimate."""
    n = risks.size
    count = max(1, min(n_groups, n // FEWEST_IN_GROUP))
    edges = np.quantile(risks, np.arange(1, count) / count)
    group = np.searchsorted(np.unique(edges), risks, side="left")
    rows = []
    for number in np.unique(group):
        inside = group == number
        curve = kaplan_meier(data.duration[inside], data.event[inside], confidence_level=level)
        at = survival_at(curve, time)
        event_free = at.survival[0] == 1
        limits = (nan, nan) if event_free else (1 - at.high[0], 1 - at.low[0])
        rows.append((risks[inside].mean(), 1 - at.survival[0], *limits, inside.sum()))
    predicted, observed, low, high, size = (np.array(column) for column in zip(*rows, strict=True))
    return Calibration(marker, time, predicted, observed, low, high, size.astype(np.intp))


def calibration_lines(data: Ipcw, found: Calibration, risks: Floats, level: float) -> Iterator[Estimate]:
    """Give predicted and observed risk of each group, and observed over expected of all."""
    count = found.predicted.size
    for number in range(count):
        of = {"marker": found.marker, "time": found.time, "group": f"{number + 1} of {count}"}
        shown = {"n": int(found.size[number]), "unit": "fraction", "of": of}
        yield Estimate(quantity="predicted_risk", value=float(found.predicted[number]), **shown)  # type: ignore[arg-type]
        yield Estimate(
            quantity="observed_risk",
            value=float(found.observed[number]),
            low=float(found.low[number]),
            high=float(found.high[number]),
            **shown,  # type: ignore[arg-type]
        )
    curve = kaplan_meier(data.duration, data.event, confidence_level=level)
    at = survival_at(curve, found.time)
    observed, expected = 1 - float(at.survival[0]), float(risks.mean())
    known = expected > 0 and not isnan(observed)
    yield Estimate(
        quantity="observed_expected_ratio",
        value=observed / expected if known else nan,
        low=(1 - float(at.high[0])) / expected if known else nan,
        high=(1 - float(at.low[0])) / expected if known else nan,
        n=data.duration.size,
        of={"marker": found.marker, "time": found.time},
    )


def integrated_brier_line(data: Ipcw, marker: str, risks: Risks, grid: Floats, level: float) -> Estimate:
    """Give the mean Brier score from the start to the last of `grid`, corrected for optimism.

    The columns of `risks` are those of `grid`. The score is 0 at the start, when nobody has had the event, and joined
    by straight lines.
    """
    found = [timed_brier(data, risks.by_time[:, place], float(time)) for place, time in enumerate(grid)]
    times = np.concatenate([[0.0], grid])
    steps = np.diff(times)
    share = np.zeros(len(grid))  # trapezoids: each time counts with half of the steps beside it
    share += steps / 2
    share[:-1] += steps[1:] / 2
    share /= times[-1]
    apparent = float(share @ [one.value for one in found])
    se = spread(share @ np.array([one.influence for one in found]))
    z = float(ndtri((1 + level) / 2))
    shift = float(share @ risks.optimism)
    return Estimate(
        quantity="integrated_brier",
        value=apparent + shift,
        low=max(apparent + shift - z * se, 0.0),
        high=min(apparent + shift + z * se, 1.0),
        n=data.duration.size,
        of={"marker": marker, "to": float(times[-1])},
    )
