"""Measurements of lesions over the visits of a trial: a long table to one course per patient, every fault named.

One row is one lesion at one visit. What the criteria of response need is checked here, once for all of them: one
baseline per patient and before everything else, one row per lesion and visit, words that are known, sizes that can be.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from pandas.api.types import is_bool_dtype, is_datetime64_any_dtype, is_numeric_dtype

from biomarker.data.columns import numbers_of, require_columns
from biomarker.errors import DesignError, Problem, SchemaError, nearest

ROLES = ("target", "non-target", "new", "reference")
ABSENT, PRESENT, PROGRESSED, NOT_EVALUABLE = "absent", "present", "unequivocal progression", "not evaluable"
TOO_SMALL, SPLIT, MERGED, EQUIVOCAL, UNEQUIVOCAL = "too small to measure", "split", "merged", "equivocal", "unequivocal"
INCREASED = "further increase"
STATUSES = (
    ABSENT, PRESENT, PROGRESSED, NOT_EVALUABLE, TOO_SMALL, SPLIT, MERGED, EQUIVOCAL, UNEQUIVOCAL, INCREASED,
)  # fmt: skip
_SAME_ROLE = {"nontarget": "non-target", "non target": "non-target", "new lesion": "new"}
_SAME_STATUS = {
    "cr": ABSENT, "resolved": ABSENT, "disappeared": ABSENT, "non-cr/non-pd": PRESENT, "stable": PRESENT,
    "pd": PROGRESSED, "ne": NOT_EVALUABLE, "not assessed": NOT_EVALUABLE, "not done": NOT_EVALUABLE,
    "too small": TOO_SMALL, "tstm": TOO_SMALL, "measured": "", "coalesced": MERGED, "fragmented": SPLIT,
}  # fmt: skip
_NODES = ("lymph node", "lymph nodes", "node", "nodes", "nodal", "ln")
Row = dict[Hashable, Any]  # one row of the table, under our own names
LARGEST_MM = 1000.0
_OF_MARK = ("role", "site", "is_node", "diameter", "status", "uptake", "mean", "sd", "tlg", "row")


@dataclass(frozen=True, kw_only=True)
class MeasurementColumns:
    """Which column holds what; those but the first two and `role` may be lacking from the table."""

    patient: str = "patient_id"
    lesion: str = "lesion_id"
    time: str = "day"
    visit: str = "visit"
    role: str = "role"
    site: str = "lesion_site"
    node: str = "is_node"
    diameter: str = "diameter_mm"
    status: str = "status"
    uptake: str = "sulpeak"
    reference_mean: str = "sulmean"
    reference_sd: str = "sul_sd"
    tlg: str = "tlg_g"


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
    """What was seen of a patient on one day, counted from the baseline."""

    day: float
    label: str = ""
    marks: tuple[Mark, ...] = ()

    def of_role(self, role: str) -> tuple[Mark, ...]:
        """Return the lesions that play this part."""
        return tuple(mark for mark in self.marks if mark.role == role)

    def lesion(self, name: str) -> Mark | None:
        """Return the lesion of this name, or None where the visit has no row of it."""
        return next((mark for mark in self.marks if mark.lesion == name), None)


@dataclass(frozen=True, kw_only=True)
class Course:
    """A patient's baseline and the visits after it, in order."""

    patient: object
    baseline: Visit
    visits: tuple[Visit, ...] = field(default=())


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
    needed = [columns.patient, columns.lesion, columns.time, columns.role]
    twice = measurements.columns[measurements.columns.duplicated()]
    if len(twice):
        raise DesignError(f"the table has more than one column {twice[0]!r}; rename one of them")
    require_columns(measurements, needed, key="response_category")
    problems = [*_missing(measurements, needed[:1] + needed[2:]), *_no_names(measurements, columns.patient)]
    rows, faults = _typed(measurements, columns)
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


def row_number(label: object) -> int | None:
    """Return a row's label where it is a number, as a message may show it."""
    return int(label) if isinstance(label, int | np.integer) else None


def _missing(frame: pd.DataFrame, needed: Sequence[str]) -> Iterator[Problem]:
    for column in needed:
        for label in frame.index[frame[column].isna()]:
            yield Problem(rule="must not be missing", row=row_number(label), column=column)


def _no_names(frame: pd.DataFrame, column: str) -> Iterator[Problem]:
    for label, value in frame[column].items():
        if not isinstance(value, Hashable):
            rule = "is no number or name of a patient"
            yield Problem(rule=rule, row=row_number(label), column=column, value=str(value))


def _typed(frame: pd.DataFrame, columns: MeasurementColumns) -> tuple[pd.DataFrame, list[Problem]]:
    """Return the columns under our own names with known words and finite numbers, and every fault."""
    day, problems = _days(frame, columns.time)
    role, faults = _words(frame[columns.role], columns.role, ROLES, _SAME_ROLE, "a role")
    problems += faults
    status, faults = _words(_column(frame, columns.status, ""), columns.status, STATUSES, _SAME_STATUS, "a status")
    problems += faults
    rows = pd.DataFrame(
        {
            "row": frame.index,
            "patient": frame[columns.patient].to_numpy(dtype=object),
            "lesion": _column(frame, columns.lesion, "").astype(object).where(frame[columns.lesion].notna(), ""),
            "day": day,
            "shown": _shown(frame[columns.time], day),
            "visit": _text(_column(frame, columns.visit, "")),
            "role": role,
            "site": _text(_column(frame, columns.site, "")),
            "status": status,
        }
    )
    rows["lesion"] = rows["lesion"].astype(str).str.strip()
    rows["is_node"] = _nodes(frame, rows["site"], columns.node)
    nameless = (rows["lesion"] == "") & (role != "reference")
    problems += [
        Problem(rule="must not be missing", row=row_number(label), column=columns.lesion)
        for label in frame.index[nameless]
    ]
    for name, column in _numeric(columns).items():
        rows[name] = numbers_of(frame, column) if column in frame.columns else np.nan
        problems += list(_impossible(rows[name], name, column, frame.index))
    return rows, problems


def _numeric(columns: MeasurementColumns) -> dict[str, str]:
    return {
        "diameter": columns.diameter,
        "uptake": columns.uptake,
        "mean": columns.reference_mean,
        "sd": columns.reference_sd,
        "tlg": columns.tlg,
    }


def _impossible(values: pd.Series, name: str, column: str, labels: pd.Index) -> Iterator[Problem]:
    for label, value in zip(labels, values.tolist(), strict=True):
        rule = ""
        if value < 0:
            rule = "is negative"
        elif name == "diameter" and 0 < value < 1:
            rule = "is below 1 mm; the column is in millimetres: is this in cm?"
        elif name == "diameter" and value > LARGEST_MM:
            rule = f"is above {LARGEST_MM:g} mm; the column is in millimetres"
        if rule:
            yield Problem(rule=rule, row=row_number(label), column=column, value=f"{value:g}")


def _column(frame: pd.DataFrame, name: str, otherwise: object) -> pd.Series:
    return frame[name] if name in frame.columns else pd.Series(otherwise, index=frame.index, dtype=object)


def _text(column: pd.Series) -> pd.Series:
    return column.astype(object).where(column.notna(), "").astype(str).str.strip()


def _words(
    column: pd.Series, name: str, known: Sequence[str], same: Mapping[str, str], what: str
) -> tuple[pd.Series, list[Problem]]:
    """Return known words in the house's spelling; a problem for each other, with the nearest."""
    folded = _text(column).str.casefold().str.replace("_", " ", regex=False)
    found = folded.map(lambda word: word if word in known else same.get(word, "" if not word else None))
    wrong = found.isna()
    problems = [
        Problem(
            rule=f"is not {what} ({', '.join(known)}){nearest(str(value), [*known, *same])}",
            row=row_number(label), column=name, value=str(value),
        )
        for label, value in column[wrong].items()
    ]  # fmt: skip
    return found.fillna(""), problems


def _nodes(frame: pd.DataFrame, site: pd.Series, column: str) -> pd.Series:
    """Return whether each lesion is a lymph node: by its own column, else where its site says so."""
    by_site = site.str.casefold().isin(_NODES)
    if column not in frame.columns:
        return by_site
    cells = frame[column]
    if is_bool_dtype(cells) or is_numeric_dtype(cells):
        return cells.astype("boolean").fillna(by_site).astype(bool)
    words = _text(cells).str.casefold()
    wrong = ~words.isin(["", "true", "yes", "y", "1", "false", "no", "n", "0"])
    if wrong.any():
        raise SchemaError(
            Problem(rule="is neither yes nor no", row=row_number(label), column=column, value=str(value))
            for label, value in cells[wrong].items()
        )
    return words.isin(["true", "yes", "y", "1"]).where(words != "", by_site).astype(bool)


def _days(frame: pd.DataFrame, column: str) -> tuple[pd.Series, list[Problem]]:
    """Return numbers of days, or dates as days since 1970: only differences from the baseline are used."""
    cells = frame[column]
    if is_numeric_dtype(cells) and not is_bool_dtype(cells):
        return pd.Series(numbers_of(frame, column), index=frame.index), []
    if not is_datetime64_any_dtype(cells):
        dates = pd.to_datetime(cells.astype(object), format="ISO8601", errors="coerce")
        wrong = dates.isna() & cells.notna()
        rule = "is neither a number of days nor a date such as 2026-03-01"
        faults = [
            Problem(rule=rule, row=row_number(label), column=column, value=str(value))
            for label, value in cells[wrong].items()
        ]
        cells = dates
    else:
        faults = []
    return (cells - pd.Timestamp(1970, 1, 1)) / pd.Timedelta(days=1), faults


def _shown(cells: pd.Series, day: pd.Series) -> pd.Series:
    """Return each time as a message may show it: a date, or "day 56"."""
    if is_numeric_dtype(cells):
        return day.map(lambda value: f"day {value:g}")
    dates = cells if is_datetime64_any_dtype(cells) else pd.to_datetime(cells, errors="coerce", format="ISO8601")
    return dates.dt.strftime("%Y-%m-%d")


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
    visits = [
        Visit(day=day - start, label=of_day[day][0]["visit"], marks=tuple(_marks(of_day[day])))
        for day in sorted(of_day)
    ]
    baseline = next((visit for visit in visits if visit.day == 0), Visit(day=0.0))
    return Course(patient=patient, baseline=baseline, visits=tuple(v for v in visits if v.day > 0)), problems


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
