"""The course of each patient at a glance: how long, what happened when, and who is still followed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from biomarker.analyses.follow_up import FollowUpSample, select_follow_up
from biomarker.analyses.population import Positive, as_class, require_columns
from biomarker.analyses.response_levels import ResponseLevels, response_levels
from biomarker.analyses.result import Estimate, Method, Result, checked_fraction
from biomarker.errors import DesignError, Problem, SchemaError, nearest
from biomarker.kernels.survival import kaplan_meier, survival_quantile
from biomarker.references import SCHEMPER_SMITH_1996
from biomarker.vocabulary import level_text, lower_label, outcome_label

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

SORTS = ("duration", "group", "response", "table")
MOST_MARKS = 7  # symbols that can be told apart
NAMED_PATIENTS = 80  # with more bars than this, names are no longer legible
ROW_INCHES = 0.115


@dataclass(frozen=True, kw_only=True, eq=False)
class Swimmer(Result):
    """Courses of patients, in the order in which they are drawn, from the top.

    Attributes
    ----------
    patients : tuple of str
        Names.
    durations : ndarray, shape (n_patients,)
    happened, ongoing : ndarray of bool, shape (n_patients,)
        Whether the event ended the follow-up, and who gets an arrow.
    group, response : ResponseLevels or None
        Levels, with the code of each patient.
    marks : mapping of str to ndarray of float, shape (n_patients,)
        Times of what happened on the way; NaN where it did not.
    duration : str
        Column.
    unit : str
    """

    patients: tuple[str, ...]
    durations: Floats
    happened: Bools
    ongoing: Bools
    is_ongoing_given: bool
    group: ResponseLevels | None
    response: ResponseLevels | None
    marks: Mapping[str, Floats]
    duration: str
    unit: str

    @property
    def figure_size(self) -> tuple[float, float]:
        """Inches: as tall as the patients need, up to a page."""
        return 3.46, min(max(2.4, 1.25 + ROW_INCHES * len(self.patients)), 9.2)

    @property
    def caption(self) -> str:
        """What the figure shows."""
        colour = "" if self.response is None else f" Coloured by {lower_label(self.response.column)}."
        grouped = "" if self.group is None else f", grouped by {lower_label(self.group.column)}"
        arrow = "ongoing" if self.is_ongoing_given else "without the event at the end of follow-up"
        return (
            f"{outcome_label(self.duration)} of each of {len(self.patients)} patients, one bar each{grouped}; crosses, "
            f"event; arrows, {arrow}.{colour}"
        )


def swimmer(
    patients: pd.DataFrame,
    *,
    duration: str,
    event: str,
    event_values: Positive | None = None,
    group: str | None = None,
    response: str | None = None,
    events: Mapping[str, str] | None = None,
    ongoing: str | None = None,
    sort: str | None = None,
    confidence_level: float = 0.95,
    patient: str | None = "patient_id",
) -> Swimmer:
    """Draw one bar a patient, with what happened when.

    A swimmer plot describes. Bars coloured by response, which is known only later, compare nothing: a patient has to
    live long enough to respond.

    Parameters
    ----------
    patients : DataFrame
        One row a patient.
    duration : str
        Column of the length of follow-up, from 0.
    event : str
        Column that tells whether the event ended it: bool, 0/1, or with `event_values`.
    event_values : value or list of values, optional
        What in `event` means that the event happened.
    group : str, optional
        Column by which bars are grouped, such as the arm.
    response : str, optional
        Column that colours the bars; responses stand from CR to PD.
    events : mapping of str to str, optional
        Label of each further happening to the column of its time, in the unit of `duration`; missing where it did not
        happen. At most seven.
    ongoing : str, optional
        Column (bool or 0/1) of who is still on treatment or followed, for arrows; by default all without the event.
    sort : {"duration", "group", "response", "table"}, optional
        Longest bar first; that within groups (the default with `group`), or within responses; or as in the table.
    confidence_level : float
        Of the median follow-up, a fraction in (0, 1).
    patient : str or None
        Column of patients.

    Returns
    -------
    Swimmer
        For all patients and each group (``of["group"]``): ``events`` (of n), ``ongoing``, ``median_follow_up`` (reverse
        Kaplan-Meier), ``longest_follow_up``, ``total_follow_up``; ``share_with`` and ``median_time`` (of those with it)
        of each happening (``of["marker"]``).

    Raises
    ------
    DesignError
        If a patient has several rows, what counts as the event is not told, there are too many groups or symbols, or a
        name is unknown.
    SchemaError
        If a duration is negative, something happened before 0 or after the end of its bar, or a patient with the event
        is said to be ongoing; every such row is named.

    References
    ----------
    Schemper M, Smith TL. Control Clin Trials 1996;17:343-346 (median follow-up).

    Examples
    --------
    >>> trial = pd.DataFrame({
    ...     "patient_id": ["P1", "P2", "P3"],
    ...     "pfs_months": [3.1, 11.0, 7.5],
    ...     "progressed": [True, False, True],
    ...     "response_months": [None, 2.2, 1.9],
    ... })
    >>> result = swimmer(
    ...     trial, duration="pfs_months", event="progressed", events={"First response": "response_months"}
    ... )
    >>> result.patients
    ('P2', 'P3', 'P1')
    >>> result.estimate("share_with", marker="First response").numerator
    2
    """
    checked_fraction(confidence_level, "confidence_level")
    order = _checked_sort(sort, group, response)
    times = _checked_events(events)
    extra = [column for column in (group, response) if column is not None]
    require_columns(patients, [*extra, *times.values(), *([ongoing] if ongoing else [])])
    sample = select_follow_up(patients, duration=duration, event=event, event_values=event_values, patient=patient)
    frame = sample.sample.frame
    marks = _mark_times(frame, times, sample.duration, duration)
    still = _ongoing(frame, ongoing, sample.event, event)
    by_group, by_response = (
        None if column is None else response_levels(frame[column], column) for column in (group, response)
    )
    places = _order(order, sample.duration, by_group, by_response)
    names = frame[patient] if patient is not None and patient in frame.columns else pd.Series(range(1, len(frame) + 1))
    return Swimmer(
        estimates=_lines(sample, marks, still, by_group, confidence_level),
        method=_method(sample, confidence_level, response, ongoing, order, by_group),
        population=sample.sample.population,
        patients=tuple(level_text(name) for name in names.to_numpy()[places]),
        durations=sample.duration[places],
        happened=sample.event[places],
        ongoing=still[places],
        is_ongoing_given=ongoing is not None,
        group=_placed(by_group, places),
        response=_placed(by_response, places),
        marks={label: found[places] for label, found in marks.items()},
        duration=duration,
        unit=sample.unit,
    )


def _checked_sort(sort: object, group: str | None, response: str | None) -> str:
    if sort is None:
        return "duration" if group is None else "group"
    if sort not in SORTS:
        raise DesignError(f"no sort {sort!r}{nearest(str(sort), SORTS)}; there are {', '.join(SORTS)}")
    if (sort == "group" and group is None) or (sort == "response" and response is None):
        raise DesignError(f'sort = "{sort}" needs the column: give {sort} = ...')
    return str(sort)


def _checked_events(events: object) -> dict[str, str]:
    if events is None:
        return {}
    if not isinstance(events, Mapping) or not all(isinstance(column, str) for column in events.values()):
        raise DesignError(
            f'events is {events!r}; give a label and a column of times each: {{"First response": "response_months"}}'
        )
    if len(events) > MOST_MARKS:
        raise DesignError(f"events has {len(events)} happenings, and symbols tell {MOST_MARKS} apart")
    return {str(label): column for label, column in events.items()}


def _mark_times(frame: pd.DataFrame, times: Mapping[str, str], ends: Floats, duration: str) -> dict[str, Floats]:
    """Return the time of each happening, and name every cell that is no time on its bar."""
    problems: list[Problem] = []
    marks = {}
    for label, column in times.items():
        numbers = pd.to_numeric(frame[column], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
        is_text = np.isnan(numbers) & frame[column].notna().to_numpy()
        faults = (
            (is_text, "is not a number"),
            (numbers < 0, "is negative: time runs from 0"),
            (numbers > ends + 1e-9, f"is after the end of the bar, {duration}"),
        )
        problems += [
            _problem(frame.index[int(row)], column, str(frame[column].iloc[row]), rule)
            for wrong, rule in faults
            for row in np.flatnonzero(wrong)
        ]
        marks[label] = numbers
    if problems:
        raise SchemaError(problems)
    return marks


def _ongoing(frame: pd.DataFrame, column: str | None, happened: Bools, event: str) -> Bools:
    """Return who gets an arrow; nobody can be ongoing whose follow-up the event ended."""
    if column is None:
        return ~happened
    present = frame[column].dropna()
    if not (pd.api.types.is_bool_dtype(present) or set(present.unique()) <= {0, 1}):
        values = ", ".join(map(repr, pd.unique(present)[:8].tolist()))
        raise DesignError(f"ongoing = {column!r} holds {values}; give a column of true and false, or 1 and 0")
    still = as_class(frame[column], None)[0].fillna(False).to_numpy(dtype=bool)
    problems = [
        _problem(frame.index[int(row)], column, str(frame[column].iloc[row]), f"is ongoing although {event} happened")
        for row in np.flatnonzero(still & happened)
    ]
    if problems:
        raise SchemaError(problems)
    return still


def _problem(label: object, column: str, value: str, rule: str) -> Problem:
    if isinstance(label, int | np.integer):
        return Problem(rule=rule, row=int(label), column=column, value=value)
    return Problem(rule=rule, column=f"{column} of {label}", value=value)


def _order(
    sort: str, duration: Floats, group: ResponseLevels | None, response: ResponseLevels | None
) -> NDArray[np.intp]:
    """Return the patients from the top: by levels, those without one last, then the longest first."""
    if sort == "table":
        return np.arange(duration.size)
    levels = {"group": group, "response": response}.get(sort)
    if levels is None:
        return np.lexsort((-duration,))
    codes = np.where(levels.codes < 0, len(levels.levels), levels.codes)
    return np.lexsort((-duration, codes))


def _placed(levels: ResponseLevels | None, places: NDArray[np.intp]) -> ResponseLevels | None:
    if levels is None:
        return None
    return ResponseLevels(column=levels.column, levels=levels.levels, codes=levels.codes[places])


def _lines(
    sample: FollowUpSample,
    marks: Mapping[str, Floats],
    still: Bools,
    group: ResponseLevels | None,
    confidence_level: float,
) -> tuple[Estimate, ...]:
    """Return the lines of all patients, and of each group."""
    everybody = np.ones(sample.duration.size, bool)
    lines = _part_lines(sample, marks, still, everybody, {}, confidence_level)
    if group is not None:
        for number, level in enumerate(group.levels):
            lines += _part_lines(sample, marks, still, group.codes == number, {"group": level}, confidence_level)
    return tuple(lines)


def _part_lines(
    sample: FollowUpSample,
    marks: Mapping[str, Floats],
    still: Bools,
    rows: Bools,
    of: Mapping[str, str],
    confidence_level: float,
) -> list[Estimate]:
    part, n = sample.part(rows), int(rows.sum())
    shared: dict[str, Any] = {"n": n, "n_patients": n}
    watched = survival_quantile(kaplan_meier(part.duration, ~part.event, confidence_level=confidence_level))
    lines = [
        Estimate(quantity="events", value=part.event.sum(), of=of, **shared),
        Estimate(quantity="ongoing", value=still[rows].mean(), unit="fraction", of=of, **shared),
        Estimate(
            quantity="median_follow_up", value=watched[0], low=watched[1], high=watched[2], unit=sample.unit, of=of,
            **shared,
        ),
        Estimate(quantity="longest_follow_up", value=part.duration.max(), unit=sample.unit, of=of, **shared),
        Estimate(quantity="total_follow_up", value=part.duration.sum(), unit=sample.unit, of=of, **shared),
    ]  # fmt: skip
    for label, times in marks.items():
        found = times[rows][~np.isnan(times[rows])]
        named = {**of, "marker": label}
        low, middle, high = np.quantile(found, [0, 0.5, 1]) if found.size else (np.nan, np.nan, np.nan)
        lines += [
            Estimate(quantity="share_with", value=found.size / n, unit="fraction", of=named, **shared),
            Estimate(
                quantity="median_time", value=middle, low=low, high=high, n=found.size, unit=sample.unit,
                of={**named, "limits": "range"},
            ),
        ]  # fmt: skip
    return lines


def _method(
    sample: FollowUpSample,
    confidence_level: float,
    response: str | None,
    ongoing: str | None,
    sort: str,
    group: ResponseLevels | None,
) -> Method:
    notes = list(sample.notes)
    if response is not None:
        notes.append(
            f"Bars are coloured by {lower_label(response)}, which was known only later: a patient must live long "
            "enough to respond, so the lengths of bars of different colours are no comparison. For one, use a landmark."
        )
    if ongoing is None:
        notes.append("Arrows mark all patients whose follow-up ended without the event, lost ones among them.")
    if group is not None and (group.codes < 0).any():
        notes.append(f"{int((group.codes < 0).sum())} patients without {lower_label(group.column)} stand last.")
    return Method(
        name="reverse Kaplan-Meier estimate of the median follow-up, log-log interval",
        confidence_level=confidence_level,
        settings={"sort": sort},
        references=(SCHEMPER_SMITH_1996,),
        notes=tuple(notes),
        description=(
            "The course of each patient was drawn as one bar from the start to the event or the end of follow-up. "
            "Median follow-up was estimated by the reverse Kaplan-Meier method."
        ),
    )
