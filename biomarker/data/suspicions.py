"""What may be wrong in a table that has passed its checks: values that are possible and unlikely, rows that repeat.

Nothing here stops a study. Each finding names its row, and a person decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from pandas.api.types import is_bool_dtype, is_numeric_dtype, is_object_dtype

from biomarker.data.delimited import garbled
from biomarker.data.personal import identifies_people, names_somebody
from biomarker.data.schemas import split_timed
from biomarker.data.table import DataTable
from biomarker.data.words import inferred_type
from biomarker.errors import Problem

HIGHEST_LIKELY_SUV = 100.0
_UPTAKE = ("suvmax", "suvmean", "suvpeak", "sulmax", "sulmean", "sulpeak")
_BOUNDED = {"suvmean": "suvmax", "suvpeak": "suvmax", "sulmean": "sulmax", "sulpeak": "sulmax"}
_NEVER_ZERO = ("size_mm", "volume_ml", "mtv_ml", "weight_kg", "height_cm", "suvmax", "sulmax")
# what adults have, and what they are given: the unit that a value outside it is likelier in
_LIKELY = {
    "weight_kg": (30, 180, "lb"),
    "height_cm": (100, 220, "inches or metres"),
    "injected_activity_mbq": (15, 10_000, "mCi"),
}
_IDENTIFIERS = ("patient_id", "lesion_id", "reader_id")
_KEYS = (*_IDENTIFIERS, "session", "hours_post_injection")
_OF_PERSONS = re.compile(r"\d{3}-\d{2}-\d{4}|\d{6}[-+]\d{4}")  # numbers of persons of the USA and of Nordic countries
_DATE_FORMS = (
    re.compile(r"(?<!\d)(?P<y>19\d\d|20[012]\d)[-./]?(?P<m>0[1-9]|1[0-2])[-./]?(?P<d>0[1-9]|[12]\d|3[01])(?!\d)"),
    re.compile(r"(?<!\d)(?P<d>0?[1-9]|[12]\d|3[01])[./-](?P<m>0?[1-9]|1[0-2])[./-](?P<y>19\d\d|20[012]\d)(?!\d)"),
)
_SPREADSHEET_DATE = re.compile(r"\d{1,2}-(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec|Mär|Mai|Okt|Dez)", re.I)
_FEWEST_MEASURED = 3  # cells that must agree before two rows of different patients look like a copy


def suspicious(table: DataTable) -> tuple[Problem, ...]:
    """Find what a person should look at.

    Parameters
    ----------
    table : DataTable
        A table that has passed its checks, or has no schema.

    Returns
    -------
    tuple of Problem
        One for each cell, row or column: uptake above 100, zero size, a mean above its maximum, weights that may be in
        pounds and activities in mCi, times that cannot be, rows that repeat, identifiers that look like names or
        dates, columns of personal data, numbers left as text, garbled letters.
    """
    frame, file = table.frame, Path(table.source).name or table.name
    found = [*_unlikely_values(frame), *_unlikely_units(frame), *_of_times(frame)]
    found += [*_identifiers(frame), *_of_columns(frame), *_repeated_rows(frame)]
    return tuple(
        Problem(file=file, row=row, column=column, value=value, rule=rule) for row, column, value, rule in found
    )


_Finding = tuple[int | None, str, str, str]


def _unlikely_values(frame: pd.DataFrame) -> Iterator[_Finding]:
    for name in map(str, frame.columns):
        if not is_numeric_dtype(frame[name]) or is_bool_dtype(frame[name]):
            continue
        stem, suffix = _stem(name)
        values = frame[name].to_numpy(dtype=float, na_value=np.nan)
        if stem in _UPTAKE:
            yield from _cells(frame, name, values > HIGHEST_LIKELY_SUV, f"is above {HIGHEST_LIKELY_SUV:g} g/mL")
        if stem in _NEVER_ZERO:
            yield from _cells(frame, name, values == 0, "is zero; if nothing was measured, the cell is missing")
        bound = _BOUNDED.get(stem, "") + suffix
        if stem in _BOUNDED and bound in frame.columns and is_numeric_dtype(frame[bound]):
            limits = frame[bound].to_numpy(dtype=float, na_value=np.nan)
            yield from _cells(frame, name, values > limits, f"is above {bound} of the same row")


def _unlikely_units(frame: pd.DataFrame) -> Iterator[_Finding]:
    """Yield columns whose middle value is likelier in another unit, and single values that no adult has."""
    for name, (low, high, likelier) in _LIKELY.items():
        if name not in frame.columns or not is_numeric_dtype(frame[name]):
            continue
        values = frame[name].to_numpy(dtype=float, na_value=np.nan)
        known = values[np.isfinite(values)]
        if len(known) and not low <= np.median(known) <= high:
            yield None, name, "", f"has a median of {np.median(known):g}; is it in {likelier}? then say so in units"
        else:
            yield from _cells(frame, name, (values < low) | (values > high), f"is unlikely; is it in {likelier}?")


def _of_times(frame: pd.DataFrame) -> Iterator[_Finding]:
    """Yield times that cannot be: a scan before its injection, progression after death."""
    for name in map(str, frame.columns):
        if name.startswith("hours_post_injection") and is_numeric_dtype(frame[name]):
            values = frame[name].to_numpy(dtype=float, na_value=np.nan)
            yield from _cells(frame, name, values < 0, "is before the injection")
    both = {"pfs_months", "os_months"} <= set(frame.columns)
    if both and all(is_numeric_dtype(frame[name]) for name in ("pfs_months", "os_months")):
        first, last = (frame[name].to_numpy(dtype=float, na_value=np.nan) for name in ("pfs_months", "os_months"))
        yield from _cells(frame, "pfs_months", first > last, "is longer than os_months of the same row")


def _stem(name: str) -> tuple[str, str]:
    timed = split_timed(name)
    return (timed[0], name.removeprefix(timed[0])) if timed else (name, "")


def _cells(frame: pd.DataFrame, name: str, at: np.ndarray, rule: str) -> Iterator[_Finding]:
    for position in np.flatnonzero(at).tolist():
        yield int(frame.index[position]), name, f"{frame[name].iloc[position]:g}", rule


def _identifiers(frame: pd.DataFrame) -> Iterator[_Finding]:
    for name in _IDENTIFIERS:
        if name not in frame.columns or not is_object_dtype(frame[name]):
            continue
        first = frame[name].dropna().drop_duplicates()
        for row, word in zip(first.index, map(str, first), strict=True):
            rule = _identifier_rule(word, name)
            if rule:
                yield int(row), name, word, rule


def _identifier_rule(word: str, name: str) -> str:
    if name != "lesion_id" and names_somebody(word):
        return "looks like a person's name; use a number, or hide it by [privacy]"
    if name == "reader_id":
        return ""
    if name == "patient_id" and _OF_PERSONS.fullmatch(word):
        return "looks like the number of a person; use a study number, or hide it by [privacy]"
    if _SPREADSHEET_DATE.fullmatch(word):
        return "looks like an identifier such as 1-2 that a spreadsheet turned into a date"
    if any(form.search(word) for form in _DATE_FORMS):
        return "holds a date, of birth or of a scan: it can tell who a patient is"
    return ""


def _of_columns(frame: pd.DataFrame) -> Iterator[_Finding]:
    for name in map(str, frame.columns):
        if identifies_people(name):
            yield None, name, "", "may tell who a patient is: take it out of the file"
        if garbled(name):
            yield None, name, "", "holds letters that were decoded wrongly; export the file as UTF-8 again"
        if is_object_dtype(frame[name]):
            yield from _of_words(frame[name].dropna(), name)


def _of_words(cells: pd.Series, name: str) -> Iterator[_Finding]:
    first = cells.drop_duplicates()
    words = [str(word) for word in first]
    for row, word in zip(first.index, words, strict=True):
        if garbled(word):
            yield int(row), name, word, "holds letters that were decoded wrongly; export the file as UTF-8 again"
    if words and any("," in word for word in words) and inferred_type(words, ",") == "number":
        yield None, name, words[0], 'is text, and would be numbers with decimal = ","'
    if name in _IDENTIFIERS:
        return
    folded: dict[str, str] = {}
    for row, word in zip(first.index, words, strict=True):
        other = folded.setdefault(word.casefold(), word)
        if other != word:
            yield int(row), name, word, f"differs from {other!r} in case only"


def _repeated_rows(frame: pd.DataFrame) -> Iterator[_Finding]:
    if frame.empty:
        return
    again = frame.duplicated(keep="first").to_numpy()
    for position in np.flatnonzero(again).tolist():
        yield int(frame.index[position]), "", "", "is the same as an earlier row in every cell"
    measured = [name for name in frame.columns if str(name) not in _KEYS and _of_measurements(frame[name])]
    if len(measured) < _FEWEST_MEASURED or "patient_id" not in frame.columns:
        return
    full = frame[measured].notna().sum(axis=1).to_numpy() >= _FEWEST_MEASURED
    copied = frame.duplicated(measured, keep="first").to_numpy() & full & ~again
    rule = (
        f"has the measurements of an earlier row ({', '.join(map(str, measured[:3]))}…), of another patient or lesion"
    )
    for position in np.flatnonzero(copied).tolist():
        yield int(frame.index[position]), "", str(frame["patient_id"].iloc[position]), rule


def _of_measurements(cells: pd.Series) -> bool:
    """Whether a column holds measurements rather than a few repeating numbers, such as a dose or a grade."""
    if not is_numeric_dtype(cells) or is_bool_dtype(cells):
        return False
    known = cells.dropna()
    return len(known) > 0 and known.nunique() * 2 > len(known)
