"""Areas under time-dependent ROC curves as lines of a result: one a marker and time, their differences, their mean."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from math import isnan, nan

import numpy as np
from numpy.typing import NDArray
from scipy.special import erfc, ndtri

from biomarker.analyses.result import Estimate
from biomarker.kernels.auc_interval import auc_interval, joint_test, newcombe_auc_interval
from biomarker.kernels.incident_roc import incident_area
from biomarker.kernels.interval import Interval
from biomarker.kernels.ipcw import Ipcw
from biomarker.kernels.proportion import wilson_interval
from biomarker.kernels.resampling import expanded_level, patient_weights, percentile_interval
from biomarker.kernels.survival import kaplan_meier, survival_at
from biomarker.kernels.time_dependent_roc import TimedArea, timed_area, timed_performance

Floats = NDArray[np.float64]

GRID = 100  # times at which a curve of the area is drawn, and its mean taken, at most
ROUNDING = 1e-12  # an error as small as this is one of floating-point numbers
PERFORMANCE = ("sensitivity", "specificity", "ppv", "npv")

Areas = Mapping[str, Sequence[TimedArea]]  # of each marker, one a time


def spread(influence: Floats) -> float:
    """Return the standard error of a mean from the influence of each patient; 0 where none has any."""
    if influence.shape[0] < 2:
        return nan
    error = float(influence.std(ddof=1) / np.sqrt(influence.shape[0]))
    return 0.0 if error < ROUNDING else error


def two_sided(statistic: float) -> float:
    """Return the two-sided p-value of a standard normal statistic."""
    return float(erfc(abs(statistic) / np.sqrt(2)))


def area_lines(areas: Areas, times: Sequence[float], level: float) -> Iterator[Estimate]:
    """Give the area of each marker at each time, on the logit scale, with its test against chance."""
    for marker, found in areas.items():
        for time, area in zip(times, found, strict=True):
            se = spread(area.influence)
            low, high = _area_limits(area, se, level)
            statistic = (area.value - 0.5) / se if se > 0 else nan
            yield Estimate(
                quantity="auc",
                value=area.value,
                low=low,
                high=high,
                statistic=statistic,
                p_value=two_sided(statistic),
                n=area.influence.size,
                of={"marker": marker, "time": time},
            )


def _area_limits(area: TimedArea, se: float, level: float) -> Interval:
    if isnan(area.value):
        return Interval(nan, nan)
    if not ROUNDING < area.value < 1 - ROUNDING or not se > 0:
        return newcombe_auc_interval(area.value, area.n_cases, area.n_controls, confidence_level=level)
    return auc_interval(area.value, se**2, n_positive=area.n_cases, n_negative=area.n_controls, confidence_level=level)


def difference_lines(areas: Areas, times: Sequence[float], level: float) -> Iterator[Estimate]:
    """Give differences between markers at each time, and of each marker between times, with joint tests."""
    z = float(ndtri((1 + level) / 2))
    for first, second in combinations(areas, 2):
        of: dict[str, object] = {"comparison": f"{first} - {second}", "first": first, "second": second}
        pairs = list(zip(areas[first], areas[second], strict=True))
        for time, (one, other) in zip(times, pairs, strict=True):
            yield _difference("auc_difference", one, other, z, {**of, "time": time})
        if len(times) > 1:
            yield _joint("auc_equality", pairs, of)
    if len(times) > 1:
        for marker, found in areas.items():
            for time, area in zip(times[1:], found[1:], strict=True):
                of = {"marker": marker, "time": time, "reference": times[0]}
                yield _difference("auc_change", area, found[0], z, of)
            yield _joint("auc_constancy", [(area, found[0]) for area in found[1:]], {"marker": marker})


def _difference(quantity: str, one: TimedArea, other: TimedArea, z: float, of: Mapping[str, object]) -> Estimate:
    value, se = one.value - other.value, spread(one.influence - other.influence)
    is_same = value == 0 and se == 0  # a marker against itself: no difference, and no doubt about it
    statistic = value / se if se > 0 else nan
    return Estimate(
        quantity=quantity,
        value=value,
        low=max(value - z * se, -1.0) if not isnan(se) else nan,
        high=min(value + z * se, 1.0) if not isnan(se) else nan,
        statistic=statistic,
        p_value=1.0 if is_same else two_sided(statistic),
        n=one.influence.size,
        of=of,
    )


def _joint(quantity: str, pairs: Sequence[tuple[TimedArea, TimedArea]], of: Mapping[str, object]) -> Estimate:
    known = [(one, other) for one, other in pairs if not isnan(one.value - other.value)]
    if not known:
        return Estimate(quantity=quantity, value=nan, of=of)
    moves = np.column_stack([one.influence - other.influence for one, other in known])
    covariance = np.atleast_2d(np.cov(moves, rowvar=False)) / len(moves)
    test = joint_test([one.value - other.value for one, other in known], covariance)
    return Estimate(
        quantity=quantity,
        value=test.statistic,
        statistic=test.statistic,
        df=test.df,
        p_value=test.p_value,
        n=len(moves),
        of=of,
    )


def area_grid(data: Ipcw, last: float) -> Floats:
    """Return times of events up to `last`, thinned to as many as are drawn."""
    events = np.unique(data.duration[(data.event == 1) & (data.duration <= last)])
    if events.size <= GRID:
        return events
    return np.unique(events[np.linspace(0, events.size - 1, GRID).round().astype(int)])


def mean_area_line(data: Ipcw, marker: str, values: Floats, grid: Floats, level: float) -> Estimate:
    """Give the mean of the area over the times of events up to the last of `grid`, each by its share of the events."""
    found = [timed_area(data, values, float(time)) for time in grid]
    survival = survival_at(kaplan_meier(data.duration, data.event), grid).survival
    fall = -np.diff(survival, prepend=1.0)
    known = np.array([not isnan(area.value) for area in found])
    if not known.any() or fall[known].sum() <= 0:
        return Estimate(quantity="integrated_auc", value=nan, of={"marker": marker})
    share = fall[known] / fall[known].sum()
    kept = [area for area, is_known in zip(found, known, strict=True) if is_known]
    value = float(share @ [area.value for area in kept])
    se = spread(share @ np.array([area.influence for area in kept]))
    low = high = nan
    if 0 < value < 1 and se > 0:
        cases, controls = kept[-1].n_cases, max(kept[-1].n_controls, 1)
        low, high = auc_interval(value, se**2, n_positive=cases, n_negative=controls, confidence_level=level)
    of = {"marker": marker, "from": float(grid[known][0]), "to": float(grid[known][-1])}
    return Estimate(quantity="integrated_auc", value=value, low=low, high=high, n=data.duration.size, of=of)


def incident_lines(
    data: Ipcw,
    markers: Mapping[str, Floats],
    times: Sequence[float],
    *,
    n_resamples: int,
    rng: int | np.random.Generator,
    level: float,
) -> Iterator[Estimate]:
    """Give the incident area of each marker at each time, with percentile intervals from resampled patients."""
    n = data.duration.size
    weights = np.concatenate(list(patient_weights(n, n_resamples, rng)))
    for marker, values in markers.items():
        found = incident_area(data.duration, data.event, values, times)
        samples = incident_area(data.duration, data.event, values, times, weights=weights).area
        low, high = percentile_interval(samples, expanded_level(level, n))
        for place, time in enumerate(times):
            is_known = not isnan(found.area[place])
            yield Estimate(
                quantity="incident_auc",
                value=found.area[place],
                low=low[place] if is_known else nan,
                high=high[place] if is_known else nan,
                n=n,
                of={"marker": marker, "time": time},
            )


def performance_lines(
    data: Ipcw, markers: Mapping[str, Floats], cutoffs: Mapping[str, float], times: Sequence[float], level: float
) -> Iterator[Estimate]:
    """Give sensitivity, specificity and predictive values of each cutoff at each time, on the logit scale.

    `markers` and `cutoffs` are turned so that higher values speak for the event.
    """
    z = float(ndtri((1 + level) / 2))
    for marker, cutoff in cutoffs.items():
        positive = markers[marker] >= cutoff
        for time in times:
            found = timed_performance(data, positive, time)
            case, control = data.is_case(time) > 0, data.is_control(time) > 0
            known = case | control
            sizes = (case.sum(), control.sum(), (known & positive).sum(), (known & ~positive).sum())
            for name, value, influence, size in zip(PERFORMANCE, found.values, found.influence, sizes, strict=True):
                low, high = _share_limits(float(value), spread(influence), int(size), z, level)
                yield Estimate(
                    quantity=name,
                    value=float(value),
                    low=low,
                    high=high,
                    n=int(size),
                    unit="fraction",
                    of={"marker": marker, "time": time, "cutoff": cutoff},
                )


def _share_limits(value: float, se: float, size: int, z: float, level: float) -> tuple[float, float]:
    if isnan(value):
        return nan, nan
    if not 0 < value < 1 or not se > 0:  # nobody, or everybody: the interval of as many patients without censoring
        low, high = wilson_interval(round(value * size), size, confidence_level=level)
        return float(low), float(high)
    logit, width = np.log(value / (1 - value)), z * se / (value * (1 - value))
    return tuple(float(1 / (1 + np.exp(-(logit + side * width)))) for side in (-1, 1))  # type: ignore[return-value]
