"""Does the marker tell who will have the event by a given time? AUC(t), cutoffs, Brier scores, calibration."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from biomarker.analyses.follow_up import Columns, FollowUpSample, names_of, select_follow_up
from biomarker.analyses.immortal_time import MeasuredAt, check_known_in_time
from biomarker.analyses.population import Positive
from biomarker.analyses.result import Estimate, Result, checked_fraction, seed_of
from biomarker.analyses.timed_areas import (
    area_grid,
    area_lines,
    difference_lines,
    incident_lines,
    mean_area_line,
    performance_lines,
)
from biomarker.analyses.timed_notes import closing_notes, timed_method
from biomarker.analyses.timed_risks import (
    Calibration,
    Risks,
    brier_lines,
    calibration,
    calibration_lines,
    fitted_risks,
    given_risks,
    integrated_brier_line,
)
from biomarker.errors import DesignError, nearest
from biomarker.kernels.ipcw import Ipcw, ipcw
from biomarker.kernels.time_dependent_roc import timed_area

Floats = NDArray[np.float64]

FEW_CASES = 10
BRIER_GRID = 30  # times over which the Brier score is integrated, at most
MOST_CURVE_TIMES = 50


@dataclass(frozen=True, kw_only=True, eq=False)
class TimeDependentRoc(Result):
    """Discrimination and calibration of markers for the event by given times.

    Attributes
    ----------
    markers : tuple of str
    times : tuple of float
    curve_times : ndarray, shape (n_times,)
        At which the area is drawn.
    curves : tuple of ndarray, shape (n_times, 3)
        For each marker, the area with its pointwise limits.
    calibrations : tuple of Calibration
        For each marker with a risk, groups of patients at the last time.
    duration, unit : str
    landmark : float, optional
    """

    markers: tuple[str, ...]
    times: tuple[float, ...]
    curve_times: Floats
    curves: tuple[Floats, ...]
    calibrations: tuple[Calibration, ...]
    duration: str
    unit: str
    landmark: float | None = None

    @property
    def figure_size(self) -> tuple[float, float]:
        """Inches: two columns wide with a calibration plot beside the areas, else one."""
        return (7.09, 2.9) if self.calibrations else (3.46, 2.9)

    @property
    def caption(self) -> str:
        """What the figure shows."""
        level = f"{100 * self.method.confidence_level:g}%"
        text = (
            "Area under the time-dependent ROC curve (cumulative cases, dynamic controls) with pointwise "
            f"{level} bands; 0.5 is chance."
        )
        if self.calibrations:
            at = f"{self.calibrations[0].time:g} {self.unit}".strip()
            text += f" Right: observed against predicted risk by {at}, in groups of patients, with {level} intervals."
        return text


def time_dependent_roc(
    patients: pd.DataFrame,
    *,
    duration: str,
    event: str,
    marker: Columns,
    times: Sequence[float] | float,
    cutoff: float | Mapping[str, float] | None = None,
    higher_is_positive: bool = True,
    event_values: Positive | None = None,
    as_probability: Columns = (),
    n_groups: int = 4,
    landmark: float | None = None,
    measured_at: MeasuredAt | None = None,
    n_resamples: int = 1000,
    rng: int | np.random.Generator = 0,
    confidence_level: float = 0.95,
    patient: str | None = "patient_id",
) -> TimeDependentRoc:
    """Areas, cutoffs, Brier scores and calibration of markers against the event by time t [1]_ [2]_ [3]_ [4]_.

    A patient with the event by t is a case, one under observation beyond t a control; who was censored before t is
    neither, and the others are weighted to stand for them (inverse probability of censoring).

    Parameters
    ----------
    patients : DataFrame
        One row a patient.
    duration : str
        As in `biomarker.hazard_model`, as are `event`, `event_values`, `landmark`, `measured_at` and `patient`.
    event : str
        Column that says whether the event happened.
    marker : str or list of str
        Column of the marker, or several to compare.
    times : float or list of float
        In the unit of `duration`; before the end of follow-up.
    cutoff : float or mapping of marker to float, optional
        Prespecified; ``marker >= cutoff`` speaks for the event (``<=`` with ``higher_is_positive=False``). Gives
        sensitivity, specificity and predictive values at each time.
    higher_is_positive : bool
        Whether higher values speak for an earlier event; False for a marker of a good prognosis.
    event_values : value or list of values, optional
        What in `event` means that it happened; needed unless it is bool or 0/1.
    as_probability : str or list of str
        Markers that are predicted risks (0 to 1) of the event by the time asked for. The others are turned into risks
        by a Cox model each, whose optimism is estimated by refitting it to resampled patients.
    n_groups : int
        Of patients by predicted risk, for calibration; fewer where groups would have less than ten.
    landmark : float, optional
        From which time is counted.
    measured_at : mapping of str to float or str, optional
        When a marker was known, if not at the start.
    n_resamples : int
        Of patients, for incident areas (and, up to 200, for optimism).
    rng : int or Generator
    confidence_level : float
    patient : str or None
        Column of patients.

    Returns
    -------
    TimeDependentRoc
        Per marker and time ``auc`` (cumulative/dynamic), ``incident_auc`` (incident/dynamic) and, with a cutoff,
        ``sensitivity``, ``specificity``, ``ppv``, ``npv``; ``brier``, ``brier_corrected``, ``brier_null`` and
        ``scaled_brier``. Per marker ``integrated_auc`` and ``integrated_brier``; between markers ``auc_difference`` and
        ``auc_equality``, between times ``auc_change`` and ``auc_constancy``. At the last time ``predicted_risk`` and
        ``observed_risk`` of groups, and ``observed_expected_ratio``.

    Raises
    ------
    DesignError
        If a time is beyond follow-up, no event happened, a marker was not known in time, or an option is unknown.
    SchemaError
        If a duration is negative; every such row is named.

    References
    ----------
    .. [1] Uno H, Cai T, Tian L, Wei LJ. J Am Stat Assoc 2007;102:527-537.
    .. [2] Blanche P, Dartigues JF, Jacqmin-Gadda H. Stat Med 2013;32:5381-5397.
    .. [3] Heagerty PJ, Zheng Y. Biometrics 2005;61:92-105.
    .. [4] Graf E, Schmoor C, Sauerbrei W, Schumacher M. Stat Med 1999;18:2529-2545.

    Examples
    --------
    >>> months = np.arange(1.0, 41)
    >>> frame = pd.DataFrame({
    ...     "os_months": months, "died": months % 3 > 0, "suvmax": 50 - months + 10 * (months % 4)
    ... })
    >>> result = time_dependent_roc(
    ...     frame, duration="os_months", event="died", marker="suvmax", times=20, patient=None, n_resamples=50
    ... )
    >>> round(result.estimate("auc").value, 3)
    0.828
    """
    level = checked_fraction(confidence_level, "confidence_level")
    markers, probable, asked = names_of(marker), names_of(as_probability), _times(times)
    _check_options(markers, probable, duration, event, n_groups, n_resamples)
    late = check_known_in_time(markers, patients, measured_at=measured_at, landmark=landmark)
    found = select_follow_up(
        patients,
        duration=duration,
        event=event,
        event_values=event_values,
        landmark=landmark,
        numeric=markers,
        patient=patient,
    )
    cutoffs = _cutoffs(cutoff, markers)
    _check_times(asked, found)
    values = {name: found.sample.frame[name].to_numpy(dtype=float) for name in markers}
    _check_probabilities({name: values[name] for name in probable})
    sign = 1.0 if higher_is_positive else -1.0
    turned = {name: column if name in probable else sign * column for name, column in values.items()}
    data = ipcw(found.duration, found.event)
    areas = {name: [timed_area(data, column, time) for time in asked] for name, column in turned.items()}
    grid = area_grid(data, asked[-1])
    seed = seed_of(rng)
    risks, spans = _risks(data, values, probable, asked, n_resamples, rng)
    last = {name: one.by_time[:, len(asked) - 1] for name, one in risks.items()}
    calibrations = tuple(calibration(data, name, one, asked[-1], n_groups, level) for name, one in last.items())
    lines = [
        *area_lines(areas, asked, level),
        *difference_lines(areas, asked, level),
        *(mean_area_line(data, name, column, grid, level) for name, column in turned.items()),
        *incident_lines(data, turned, asked, n_resamples=n_resamples, rng=rng, level=level),
        *_turned_back(performance_lines(data, turned, _turned(cutoffs, sign, probable), asked, level), cutoffs),
        *(line for name, one in risks.items() for line in brier_lines(data, name, one, asked, level)),
        *(integrated_brier_line(data, name, one, spans, level) for name, one in _later(risks, len(asked)).items()),
        *(line for one in calibrations for line in calibration_lines(data, one, last[one.marker], level)),
    ]
    at = np.union1d(_curve_times(grid), asked)
    result = TimeDependentRoc(
        estimates=tuple(lines),
        method=timed_method(
            markers,
            probable,
            {"higher_is_positive": sign > 0, "as_probability": probable, "landmark": landmark},
            confidence_level=level,
            n_resamples=n_resamples,
            seed=seed,
        ),
        population=found.sample.population,
        markers=tuple(markers),
        times=asked,
        curve_times=at,
        curves=tuple(_curve(data, turned[name], at, level) for name in markers),
        calibrations=calibrations,
        duration=duration,
        unit=found.unit,
        landmark=landmark,
    )
    notes = [late, *closing_notes(areas, risks, asked, found.unit, higher_is_positive=higher_is_positive)]
    return replace(result, method=replace(result.method, notes=(*found.notes, *(note for note in notes if note))))


def _times(times: Sequence[float] | float) -> tuple[float, ...]:
    asked = [times] if isinstance(times, int | float) else list(times)
    wrong = [repr(time) for time in asked if isinstance(time, str | bool) or not 0 < time < inf]
    if wrong or not asked:
        raise DesignError(f"times = {', '.join(wrong) or '[]'}: give numbers above 0, in the unit of the duration")
    return tuple(sorted({float(time) for time in asked}))


def _check_options(
    markers: Sequence[str], probable: Sequence[str], duration: str, event: str, n_groups: int, n_resamples: int
) -> None:
    if not markers:
        raise DesignError("no marker is given: name one, or several to compare")
    for name in markers:
        if name in (duration, event):
            raise DesignError(f"{name!r} is part of the outcome and cannot be a marker too")
    for name in probable:
        if name not in markers:
            raise DesignError(f"as_probability names {name!r}, which is not among the markers{nearest(name, markers)}")
    for argument, value, least in (("n_groups", n_groups, 1), ("n_resamples", n_resamples, 2)):
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
            raise DesignError(f"{argument} = {value!r}: give a whole number of {least} or more")


def _cutoffs(cutoff: float | Mapping[str, float] | None, markers: Sequence[str]) -> dict[str, float]:
    if cutoff is None:
        return {}
    if not isinstance(cutoff, Mapping):
        if len(markers) > 1:
            raise DesignError(f"cutoff = {cutoff!r}: with several markers name each, as in {{ {markers[0]} = ... }}")
        cutoff = {markers[0]: cutoff}
    for name, value in cutoff.items():
        if name not in markers:
            raise DesignError(f"cutoff names {name!r}, not among the markers{nearest(name, markers)}")
        if isinstance(value, bool | str) or not np.isfinite(value):
            raise DesignError(f"cutoff of {name!r} is {value!r}: give a number")
    return {name: float(value) for name, value in cutoff.items()}


def _check_times(times: Sequence[float], found: FollowUpSample) -> None:
    if not found.event.any():
        raise DesignError("no patient had the event: there is nothing to predict")
    longest, first = float(found.duration.max()), float(found.duration[found.event].min())
    for time in times:
        at = f"{time:g} {found.unit}".strip()
        if time >= longest:
            raise DesignError(
                f"nobody is under observation beyond {at} (follow-up ends at {longest:g}): no controls; give earlier "
                "times"
            )
        if time < first:
            raise DesignError(f"no event by {at} (the first is at {first:g}): no cases; give later times")


def _check_probabilities(given: Mapping[str, Floats]) -> None:
    for name, values in given.items():
        if values.min() < 0 or values.max() > 1:
            worst = values[np.argmax(np.abs(values - 0.5))]
            raise DesignError(f"as_probability: {name!r} holds {worst:g}; a predicted risk lies between 0 and 1")


def _turned(cutoffs: Mapping[str, float], sign: float, probable: Sequence[str]) -> dict[str, float]:
    return {name: value if name in probable else sign * value for name, value in cutoffs.items()}


def _turned_back(lines: Iterator[Estimate], cutoffs: Mapping[str, float]) -> Iterator[Estimate]:
    """Give the lines with the cutoffs as they were given."""
    for line in lines:
        yield replace(line, of={**line.of, "cutoff": cutoffs[str(line.of["marker"])]})


def _risks(
    data: Ipcw,
    values: Mapping[str, Floats],
    probable: Sequence[str],
    times: Sequence[float],
    n_resamples: int,
    rng: int | np.random.Generator,
) -> tuple[dict[str, Risks], Floats]:
    """Return the risks of every marker that has them, at the times and then at those the score is integrated over."""
    events = area_grid(data, times[-1])
    places = np.linspace(0, events.size - 1, min(BRIER_GRID, events.size)).round().astype(int)
    spans = np.unique(np.append(events[places], times[-1]))
    every = [*times, *spans]
    found: dict[str, Risks] = {}
    for name, column in values.items():
        if name in probable:
            found[name] = given_risks(column, len(times))
            continue
        fitted = fitted_risks(data, column, every, n_resamples=n_resamples, rng=rng) if np.ptp(column) > 0 else None
        if fitted is not None:
            found[name] = fitted
    return found, spans


def _later(risks: Mapping[str, Risks], n_times: int) -> dict[str, Risks]:
    """Return the fitted risks at the times that the Brier score is integrated over."""
    return {
        name: Risks(one.by_time[:, n_times:], one.optimism[n_times:], one.is_fitted)
        for name, one in risks.items()
        if one.is_fitted
    }


def _curve_times(grid: Floats) -> Floats:
    places = np.linspace(0, grid.size - 1, min(MOST_CURVE_TIMES, grid.size)).round().astype(int)
    return np.asarray(grid[places], float)


def _curve(data: Ipcw, values: Floats, times: Floats, level: float) -> Floats:
    areas = {"": [timed_area(data, values, float(time)) for time in times]}
    return np.array([(line.value, line.low, line.high) for line in area_lines(areas, [float(t) for t in times], level)])
