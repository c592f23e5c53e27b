"""The table of measurements, cell by cell: known words, finite sizes, days or dates; every fault named."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from pandas.api.types import is_bool_dtype, is_datetime64_any_dtype, is_numeric_dtype

from biomarker.data.columns import numbers_of
from biomarker.errors import DesignError, Problem, SchemaError, nearest

ROLES = ("target", "non-target", "new", "reference")
ABSENT, PRESENT, PROGRESSED, NOT_EVALUABLE = "absent", "present", "unequivocal progression", "not evaluable"
TOO_SMALL, SPLIT, MERGED, EQUIVOCAL, UNEQUIVOCAL = "too small to measure", "split", "merged", "equivocal", "unequivocal"
INCREASED = "further increase"
STATUSES = (
    ABSENT, PRESENT, PROGRESSED, NOT_EVALUABLE, TOO_SMALL, SPLIT, MERGED, EQUIVOCAL, UNEQUIVOCAL, INCREASED,
)  # fmt: skip
_SAME_ROLE = {
    "nontarget": "non-target", "non target": "non-target", "new lesion": "new", "target lesion": "target",
    "non-target lesion": "non-target",
}  # fmt: skip
_SAME_STATUS = {
    "cr": ABSENT, "complete response": ABSENT, "resolved": ABSENT, "disappeared": ABSENT,
    "non-cr/non-pd": PRESENT, "non-complete response/non-progressive disease": PRESENT, "stable": PRESENT,
    "pd": PROGRESSED, "progressive disease": PROGRESSED, "ne": NOT_EVALUABLE,
    "unevaluable": NOT_EVALUABLE, "not assessed": NOT_EVALUABLE, "not done": NOT_EVALUABLE,
    "too small": TOO_SMALL, "tstm": TOO_SMALL, "measured": "", "coalesced": MERGED, "fragmented": SPLIT,
}  # fmt: skip
# "axillary lymph node", "LN left axilla"; not "lung nodule", "extranodal", "non-nodal"
_NODE = re.compile(r"(?<!non[- ])(?<!extra[- ])\b(?:lymph ?nodes?|nodes?|nodal|ln)\b")
Row = dict[Hashable, Any]  # one row of the table, under our own names
LARGEST_MM = 1000.0
NORMAL_NODE_MM = 10.0  # below it the short axis of a node is normal


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
    hours: str = "hours_post_injection"
    injected: str = "injected_activity_mbq"
    scanner: str = "scanner"
    cycles: str = "cycles"
    new_therapy: str | None = None
    death: str | None = None

    def __post_init__(self) -> None:
        for name, column in vars(self).items():
            if column is not None and not isinstance(column, str):
                raise DesignError(f"{name} = {column!r}; give the name of one column")


def row_number(label: object) -> int | None:
    """Return a row's label where it is a number, as a message may show it."""
    return int(label) if isinstance(label, int | np.integer) else None


def missing_cells(frame: pd.DataFrame, needed: Sequence[str]) -> Iterator[Problem]:
    """Yield a problem for each empty cell of columns that need one."""
    for column in needed:
        for label in frame.index[frame[column].isna()]:
            yield Problem(rule="must not be missing", row=row_number(label), column=column)


def nameless_patients(frame: pd.DataFrame, column: str) -> Iterator[Problem]:
    """Yield a problem for each cell that cannot name a patient."""
    for label, value in frame[column].items():
        if not isinstance(value, Hashable):
            rule = "is no number or name of a patient"
            yield Problem(rule=rule, row=row_number(label), column=column, value=str(value))


def typed_rows(frame: pd.DataFrame, columns: MeasurementColumns) -> tuple[pd.DataFrame, list[Problem]]:
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
            "scanner": _text(_column(frame, columns.scanner, "")),
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
    problems += list(_contradictions(rows, columns, frame.index))
    for name, event in (("new_therapy", columns.new_therapy), ("death", columns.death)):
        rows[name], faults = (np.nan, []) if event is None else _days(frame, event)
        problems += faults
    return rows, problems


def _numeric(columns: MeasurementColumns) -> dict[str, str]:
    return {
        "diameter": columns.diameter,
        "uptake": columns.uptake,
        "mean": columns.reference_mean,
        "sd": columns.reference_sd,
        "tlg": columns.tlg,
        "hours": columns.hours,
        "injected": columns.injected,
        "cycles": columns.cycles,
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


def _contradictions(rows: pd.DataFrame, columns: MeasurementColumns, labels: pd.Index) -> Iterator[Problem]:
    """Yield a problem for each lesion called absent that has a size; a node may be normal and still be seen."""
    seen = rows["diameter"] >= np.where(rows["is_node"], NORMAL_NODE_MM, np.nextafter(0, 1))
    for label, value in zip(labels, rows["diameter"].where(seen & (rows["status"] == ABSENT)), strict=True):
        if not np.isnan(value):
            rule = f"is the diameter of a lesion whose {columns.status} says that it is gone"
            yield Problem(rule=rule, row=row_number(label), column=columns.diameter, value=f"{value:g}")


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
    by_site = site.str.casefold().str.contains(_NODE)
    if column not in frame.columns:
        return by_site
    cells = frame[column]
    if is_bool_dtype(cells):
        return cells.astype("boolean").fillna(by_site).astype(bool)
    words = _text(cells).str.casefold().str.removesuffix(".0")
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
    if _are_numbers(cells):
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


def _are_numbers(cells: pd.Series) -> bool:
    """Return whether cells are numbers of days, as such or as text."""
    if is_bool_dtype(cells) or is_datetime64_any_dtype(cells):
        return False
    words = _text(cells)
    return is_numeric_dtype(cells) or bool(words.str.fullmatch(r"|[+-]?\d{1,5}(?:\.\d+)?").all())


def _shown(cells: pd.Series, day: pd.Series) -> pd.Series:
    """Return each time as a message may show it: a date, or "day 56"."""
    if _are_numbers(cells):
        return day.map(lambda value: f"day {value:g}")
    dates = cells if is_datetime64_any_dtype(cells) else pd.to_datetime(cells, errors="coerce", format="ISO8601")
    return dates.dt.strftime("%Y-%m-%d")
