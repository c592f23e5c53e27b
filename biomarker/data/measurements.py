"""Measurements of lesions over the visits of a trial: a long table to one course per patient, every fault named.

One row is one lesion at one visit. What the criteria of response need is checked here, once for all of them: one
baseline per patient and before everything else, one row per lesion and visit, words that are known, sizes that can be.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from biomarker.data.columns import require_columns
from biomarker.data.measurement_rows import (
    SPLIT,
    MeasurementColumns,
    Row,
    missing_cells,
    nameless_patients,
    row_number,
    typed_rows,
)
from biomarker.errors import DesignError, Problem, SchemaError

_OF_MARK = ("role", "site", "is_node", "diameter", "status", "uptake", "mean", "sd", "tlg", "row")


@dataclass(frozen=True, kw_only=True)
class Mark:
    """One lesion, or reference tissue, at one visit; NaN where not measured. `row` is its label in the table."""

    lesion: str
    role: str
    site: str = ""
    is_node: bool = False
    diameter: float = math.nan
    status: str = ""
    uptake: float = math.nan
    mean: float = math.nan
    sd: float = math.nan
    tlg: float = math.nan
    row: object = None


@dataclass(frozen=True, kw_only=True)
class Visit:
    """What was seen of a patient on one day, counted from the baseline, and how it was scanned."""

    day: float
    label: str = ""
    marks: tuple[Mark, ...] = ()
    hours: float = math.nan  # from injection to scan
    injected: float = math.nan  # MBq
    scanner: str = ""
    cycles: float = math.nan  # of treatment so far

    def of_role(self, role: str) -> tuple[Mark, ...]:
        """Return the lesions that play this part."""
        return tuple(mark for mark in self.marks if mark.role == role)

    def lesion(self, name: str) -> Mark | None:
        """Return the lesion of this name, or None where the visit has no row of it."""
        return next((mark for mark in self.marks if mark.lesion == name), None)


@dataclass(frozen=True, kw_only=True)
class Course:
    """A patient's baseline and the visits after it, in order; NaN days of what did not happen."""

    patient: object
    baseline: Visit
    visits: tuple[Visit, ...] = field(default=())
    new_therapy_day: float = math.nan
    death_day: float = math.nan


def read_courses(measurements: pd.DataFrame, columns: MeasurementColumns) -> tuple[Course, ...]:
    """Return one course per patient, in the order patients first appear.

    Parameters
    ----------
    measurements : DataFrame
        One row per lesion and visit.
    columns : MeasurementColumns
        Its columns. The baseline is the visit called "baseline" where there is a column of visits, else the first day.

    Raises
    ------
    StudyError
        If a column is lacking.
    SchemaError
        If cells cannot be what they claim to be; all are named at once.
    DesignError
        If the table is no DataFrame or has no rows.
    """
    if not isinstance(measurements, pd.DataFrame) or measurements.empty:
        raise DesignError("measurements must be a DataFrame with a row for each lesion and visit; it has none")
    events = [name for name in (columns.new_therapy, columns.death) if name is not None]
    needed = [columns.patient, columns.lesion, columns.time, columns.role]
    twice = measurements.columns[measurements.columns.duplicated()]
    if len(twice):
        raise DesignError(f"the table has more than one column {twice[0]!r}; rename one of them")
    require_columns(measurements, [*needed, *events], key="response_category")
    problems = [
        *missing_cells(measurements, needed[:1] + needed[2:]),
        *nameless_patients(measurements, columns.patient),
    ]
    rows, faults = typed_rows(measurements, columns)
    problems += faults
    if problems:
        raise SchemaError(problems)
    of_patient: dict[object, list[Row]] = {}
    for row in rows.to_dict("records"):
        of_patient.setdefault(row["patient"], []).append(row)
    courses: list[Course] = []
    for patient, own in of_patient.items():
        course, faults = _course(patient, own, columns)
        problems += faults
        courses.append(course)
    if problems:
        raise SchemaError(problems)
    return tuple(courses)


def _course(patient: object, rows: list[Row], columns: MeasurementColumns) -> tuple[Course, list[Problem]]:
    """Gather one patient's rows into visits, and name what cannot be."""
    start, problems = _baseline_day(patient, rows, columns)
    for row in rows:
        if row["day"] < start:
            rule = f"is before the baseline of patient {patient}, {_told(start, rows)}"
            problems.append(_problem(row, columns.time, row["shown"], rule))
    problems += _labels_apart(patient, rows, columns)
    problems += _lesion_faults(patient, rows, start, columns)
    of_day: dict[float, list[Row]] = {}
    for row in rows:
        of_day.setdefault(row["day"], []).append(row)
    visits = []
    for day in sorted(of_day):
        visit, faults = _visit(patient, of_day[day], day - start, columns)
        visits.append(visit)
        problems += faults
    baseline = next((visit for visit in visits if visit.day == 0), Visit(day=0.0))
    events = {}
    for name, column in (("new_therapy", columns.new_therapy), ("death", columns.death)):
        events[f"{name}_day"], faults = _one_value(rows, name, column or "", f"patient {patient}", math.nan)
        problems += faults
    course = Course(
        patient=patient,
        baseline=baseline,
        visits=tuple(visit for visit in visits if visit.day > 0),
        **{name: day - start for name, day in events.items()},
    )
    problems += [*_therapy_before(course, rows, columns), *_after_death(course, rows, start, columns)]
    return course, problems


def _visit(patient: object, rows: list[Row], day: float, columns: MeasurementColumns) -> tuple[Visit, list[Problem]]:
    """Return what was seen on one day; how the scan was made must be the same in all its rows."""
    found: dict[str, Any] = {}
    problems: list[Problem] = []
    of = f"the other rows of that day of patient {patient}"
    named = {"hours": columns.hours, "injected": columns.injected, "cycles": columns.cycles}
    for name, column in named.items():
        found[name], faults = _one_value(rows, name, column, of, math.nan)
        problems += faults
    found["scanner"], faults = _one_value(rows, "scanner", columns.scanner, of, "")
    return Visit(day=day, label=rows[0]["visit"], marks=tuple(_marks(rows)), **found), [*problems, *faults]


def _one_value(rows: list[Row], name: str, column: str, of: str, otherwise: Any) -> tuple[Any, list[Problem]]:  # noqa: ANN401
    """Return the one value that rows agree on, where they have any; a problem where they do not agree."""
    given = [row for row in rows if not pd.isna(row[name]) and row[name] != ""]
    if not given:
        return otherwise, []
    first = given[0]
    other = next((row for row in given if row[name] != first[name]), None)
    if other is None:
        return first[name], []
    return first[name], [_problem(other, column, "", f"differs from row {first['row']}: {of} must have one value")]


def _therapy_before(course: Course, rows: list[Row], columns: MeasurementColumns) -> Iterator[Problem]:
    """Yield a problem for another therapy that began before the baseline: it is a prior one."""
    if course.new_therapy_day < 0:
        first = next(row for row in rows if not pd.isna(row["new_therapy"]))
        rule = (
            f"is {-course.new_therapy_day:g} days before the baseline of patient {course.patient}; give the therapy "
            "that followed the one of the trial"
        )
        yield _problem(first, columns.new_therapy or "", "", rule)


def _after_death(course: Course, rows: list[Row], start: float, columns: MeasurementColumns) -> Iterator[Problem]:
    """Yield a problem for a visit after the patient's death."""
    late = next((row for row in rows if row["day"] - start > course.death_day), None)
    if late is not None:
        rule = f"is after the death of patient {course.patient}, {course.death_day:g} days from the baseline"
        yield _problem(late, columns.time, late["shown"], rule)


def _told(day: float, rows: list[Row]) -> str:
    first = next(row for row in rows if row["day"] == day)
    return f"{first['shown']} (row {first['row']})"


def _problem(row: Row, column: str, value: str, rule: str) -> Problem:
    return Problem(rule=rule, row=row_number(row["row"]), column=column, value=value)


def _baseline_day(patient: object, rows: list[Row], columns: MeasurementColumns) -> tuple[float, list[Problem]]:
    """Return the day of the baseline: of the visit so called, else the first; two of them are a fault."""
    named = [row for row in rows if row["visit"].casefold() == "baseline"]
    first = min(row["day"] for row in rows)
    if not named and all(row["visit"] for row in rows):
        rule = f"is of patient {patient}, who has no visit called baseline"
        return first, [_problem(rows[0], columns.visit, rows[0]["visit"], rule)]
    if not named:  # days up to 0 are before treatment, and one of them is the baseline
        named = [row for row in rows if row["day"] <= 0] or [row for row in rows if row["day"] == first]
    start = min(row["day"] for row in named)
    second = next((row for row in named if row["day"] != start), None)
    if second is None:
        return start, []
    rule = f"is a second baseline of patient {patient}, beside {_told(start, named)}; keep one of them"
    return start, [_problem(second, columns.time, second["shown"], rule)]


def _labels_apart(patient: object, rows: list[Row], columns: MeasurementColumns) -> Iterator[Problem]:
    """Yield a problem where one visit has two days."""
    first: dict[str, Row] = {}
    told: set[str] = set()
    for row in rows:
        label = row["visit"]
        if not label or label.casefold() == "baseline":
            continue
        was = first.setdefault(label, row)
        if row["day"] != was["day"] and label not in told:
            told.add(label)
            rule = f"is not the day of visit {label} of patient {patient}, {_told(was['day'], [was])}; give one"
            yield _problem(row, columns.time, row["shown"], rule)


def _lesion_faults(patient: object, rows: list[Row], start: float, columns: MeasurementColumns) -> Iterator[Problem]:
    """Yield what cannot be of a lesion: two roles, two rows at a visit, no baseline, new at baseline."""
    lesions: dict[str, list[Row]] = {}
    for row in rows:
        if row["role"] != "reference":
            lesions.setdefault(row["lesion"], []).append(row)
    for lesion, own in lesions.items():
        of = f"lesion {lesion} of patient {patient}"
        other = next((row for row in own if row["role"] != own[0]["role"]), None)
        if other is not None:
            rule = f"contradicts {own[0]['role']} in row {own[0]['row']} for {of}"
            yield _problem(other, columns.role, other["role"], rule)
        days: set[float] = set()
        for row in own:
            if row["day"] in days and row["status"] != SPLIT:
                rule = f"is a second row of {of} on that day; only the parts of a split lesion have several"
                yield _problem(row, columns.lesion, lesion, rule)
            days.add(row["day"])
        yield from _baseline_faults(of, lesion, own, start, columns)


def _baseline_faults(
    of: str, lesion: str, own: list[Row], start: float, columns: MeasurementColumns
) -> Iterator[Problem]:
    at_start = next((row for row in own if row["day"] == start), None)
    if own[0]["role"] == "new":
        if at_start is not None:
            yield _problem(at_start, columns.role, "new", f"is at the baseline, where {of} cannot be new")
    elif at_start is None:
        rule = f"has no baseline row: {of} is {own[0]['role']}; a lesion that appeared later is new"
        yield _problem(own[0], columns.lesion, lesion, rule)


def _marks(rows: list[Row]) -> Iterator[Mark]:
    """Yield the lesions of one visit, the parts of a split one added together."""
    made: dict[tuple[str, str], Mark] = {}
    for row in rows:
        name = row["lesion"] or row["site"].casefold()
        mark = Mark(lesion=name, **{key: row[key] for key in _OF_MARK})
        key = (mark.role, name)
        if key in made:  # fragments: their longest diameters are added, and the hottest is the lesion's uptake
            first = made[key]
            mark = replace(
                first,
                diameter=first.diameter + mark.diameter,
                uptake=float(np.fmax(first.uptake, mark.uptake)),
                tlg=first.tlg + mark.tlg,
            )
        made[key] = mark
    yield from made.values()
