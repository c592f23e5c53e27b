"""A first guess at what a file holds: how it is written, its schema, and our names for its columns.

A guess is for a person to check: it goes into a draft of a study file, never straight into an analysis. What two
readings fit alike (a decimal comma, the order of a date) is not guessed: the draft asks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from biomarker.data.cdisc import VISITS
from biomarker.data.cells import TextTable, clean
from biomarker.data.guess_words import date_order, gaps, marks_of_numbers, missing_words, our_words
from biomarker.data.guess_writing import how_written
from biomarker.data.headers import normalised, our_names
from biomarker.data.intake import TableSource, source_text
from biomarker.data.layouts import LAYOUTS, recognised
from biomarker.data.missing import DEFAULT_MISSING
from biomarker.data.personal import identifies_people
from biomarker.data.readers import EXCEL, Writing, read_text_table
from biomarker.data.redcap import RECORD, repeating_instruments
from biomarker.data.schemas import Schema, load_schema
from biomarker.data.units import unit_factor, unit_in_name
from biomarker.data.workbook import sheet_names
from biomarker.errors import StudyError

# the schema whose key columns are all there; the narrower first
_BY_KEY = (
    ("reading", ("patient_id", "lesion_id", "reader_id")),
    ("measurement", ("patient_id", "lesion_id", "role")),
    ("blood", ("patient_id", "hours_post_injection")),
    ("uptake", ("patient_id", "hours_post_injection")),
    ("lesion", ("patient_id", "lesion_id")),
    ("organ", ("organ",)),
    ("patient", ("patient_id",)),
)
_BLOOD_COLUMNS = {"activity_percent_per_l", "activity_kbq_per_ml", "whole_body_percent", "concentration_ng_per_ml"}
_FEWEST_VISITS = 2  # for a response to treatment
_MOST_SLIPS = 0.2  # share of rows
# one block of columns per lesion, reader or time: the header's form, and the pattern to write for it
_LESION, _READERS = "lesion_id", "reader|rater|observer|obs|phys"
_BLOCKS = (
    (re.compile(r"(?P<w>lesion|läsion|les|tumou?r|target|l)(?P<s>[ _.-]*)\d+(?P<t>[ _.-]+)(?P<c>.+)", re.I), _LESION),
    (re.compile(r"(?P<c>.+?)(?P<t>[ _.-]+)(?P<w>lesion|läsion|les|tumou?r|l)(?P<s>[ _.-]*)\d+", re.I), _LESION),
    (re.compile(rf"(?P<c>.+?)(?P<t>[ _.-]*)(?P<w>{_READERS})(?P<s>[ _.-]*)\d+", re.I), "reader_id"),
    (re.compile(rf"(?P<w>{_READERS})(?P<s>[ _.-]*)(?:\d+|[A-Z])(?P<t>[ _.-]+)(?P<c>.+)", re.I), "reader_id"),
    (re.compile(r"(?P<c>.+?)(?P<t>[ _.-]+)(?P<w>reader|rater|observer)(?P<s>[ _.-]+)[A-Z]", re.I), "reader_id"),
    (re.compile(r"(?P<w>t|v|visit|scan|tp|week)(?P<s>[ _.-]*)\d+(?P<t>[ _.-]+)(?P<c>.+)", re.I), "session"),
)
_SUV_ONLY = re.compile(r"suv_\d+(?:\.\d+)?[hd]")
_MEASURED = ("suv", "sul", "size", "diameter", "volume", "mtv", "tlg")


@dataclass(frozen=True, kw_only=True, eq=False)
class Guess:
    """A table as it seems to be: how to read it, its text under our names, and what a person must look at."""

    source: TableSource
    frame: pd.DataFrame
    remarks: tuple[str, ...] = ()
    own_missing: Mapping[str, frozenset[str]] | None = None

    def words(self, column: str) -> list[str]:
        """Return the distinct words of a column that are not missing, in the order they appear."""
        gone = {*(self.source.missing or DEFAULT_MISSING), "", *(self.own_missing or {}).get(column, ())}
        return [word for word in map(clean, pd.unique(self.frame[column])) if word not in gone]


def guess_tables(path: Path) -> tuple[Guess, ...]:
    """Guess what a file holds; a workbook may hold a table on each sheet, an export of REDCap several.

    Raises
    ------
    StudyError
        If the file cannot be read as a table in any of the usual ways.
    """
    if path.suffix.lower() in EXCEL and path.is_file():
        data = path.read_bytes()
        every = sheet_names(data, file=path.name)
        shown = sheet_names(data, file=path.name, hidden=False)
        return _of_sheets(path, [name if len(every) > 1 else "" for name in shown])
    if path.is_dir():
        return _guesses(path, (Writing(format="dicom-sr"), ()))
    return _guesses(path, how_written(path, Writing()))


def _of_sheets(path: Path, sheets: Sequence[str]) -> tuple[Guess, ...]:
    """Guess the tables of a workbook; a sheet that holds none, such as a title page, is left out and said."""
    guesses: list[Guess] = []
    faults: list[StudyError] = []
    for sheet in sheets:
        try:
            guesses += _guesses(path, how_written(path, Writing(sheet=sheet)))
        except StudyError as error:
            faults.append(StudyError(f"sheet {sheet!r}: {error}" if sheet else str(error)))
    if not guesses:
        raise faults[0] if faults else StudyError(f"{path.name}: no sheet is shown")
    said = tuple(f"Left out, as it does not read as a table: {fault}." for fault in faults)
    return (replace(guesses[0], remarks=(*said, *guesses[0].remarks)), *guesses[1:])


def _guesses(path: Path, found: tuple[Writing, tuple[str, ...]]) -> tuple[Guess, ...]:
    writing, remarks = found
    if writing.format:
        return (_guess(path, writing, remarks),)
    text = read_text_table(path, writing)
    layout = recognised(text, path.suffix.lower())
    if not layout:
        return (_guess(path, writing, remarks),)
    said = (*remarks, f"The table has the layout of {LAYOUTS[layout].says}.")
    of_layout = replace(writing, format=layout)
    return tuple(_guess(path, replace(of_layout, part=part), said) for part in _parts(path, of_layout, text))


def _parts(path: Path, writing: Writing, text: TextTable) -> Sequence[str]:
    """Return the parts of a file that are tables of their own."""
    if LAYOUTS[writing.format].has_parts and repeating_instruments(text):
        return [RECORD, *repeating_instruments(text)]
    visits = next((text.frame[name] for name in ("AVISIT", "VISIT") if name in text.frame), None)
    if writing.format not in ("adtr", "sdtm-tr") or visits is None or visits.nunique() < _FEWEST_VISITS:
        return [""]
    try:
        read_text_table(path, replace(writing, part=VISITS))
    except StudyError:
        return [""]
    return ["", VISITS]


def _guess(path: Path, writing: Writing, remarks: Sequence[str]) -> Guess:
    base = TableSource(file=path, **writing.given())  # type: ignore[arg-type]  # its own options, by name
    text = source_text(base)
    blocks = _blocks(list(text.frame.columns))
    if blocks:
        text = source_text(replace(base, blocks=blocks))
    columns, units = our_names(list(text.frame.columns))
    frame = text.frame.rename(columns={theirs: ours for ours, theirs in columns.items()})
    constants = {} if "patient_id" in frame or not _one_file_a_patient(writing.format) else {"patient_id": path.stem}
    frame = frame.assign(**constants)
    fill, asked = gaps(frame)
    name = _schema(_filled(frame, fill))
    schema = load_schema(name) if name else None
    marks, asked_marks = marks_of_numbers(frame, schema, writing.delimiter)
    values, asked_words = our_words(frame, schema)
    source = replace(
        base,
        schema=name,
        blocks=blocks,
        columns=columns,
        constants=constants,
        fill_down=fill,
        values=values,
        missing=missing_words(frame, schema, marks["decimal"] or ".", marks["thousands"], values),
        units=_convertible(units, schema),
        decimal=marks["decimal"],
        thousands=marks["thousands"],
    )
    source, asked_dates = _with_dates(source, frame, schema)
    every = [*remarks, *asked, *asked_marks, *asked_words, *asked_dates, *_remarks(frame, source, text)]
    if constants:
        every.append(f"The file names no patient; {path.stem!r} is taken from its name. Is that right?")
    return Guess(source=source, frame=frame, remarks=tuple(every), own_missing=_renamed(text.missing, columns))


def _renamed(words: Mapping[str, frozenset[str]], columns: Mapping[str, str]) -> dict[str, frozenset[str]]:
    to_ours = {clean(theirs): ours for ours, theirs in columns.items()}
    return {to_ours.get(name, name): found for name, found in words.items()}


def _one_file_a_patient(layout: str) -> bool:
    return layout in ("slicer", "pet-indic", "pet-indic-text", "lifex")


def _with_dates(source: TableSource, frame: pd.DataFrame, schema: Schema | None) -> tuple[TableSource, tuple[str, ...]]:
    order, asked = date_order(frame, schema, {*(source.missing or ()), ""})
    return (replace(source, dates=order) if order else source), asked


def _blocks(headers: Sequence[str]) -> str:
    """Return the pattern of headers that are one block of columns per lesion, reader or time, or ``""``."""
    for form, of in _BLOCKS:
        matches = [match for header in headers if (match := form.fullmatch(header))]
        patterns = {_pattern(match, of, leads=match.start("w") < match.start("c")) for match in matches}
        labels = {_label(match) for match in matches}
        measured = [match for match in matches if match["c"].casefold().startswith(_MEASURED)]
        if len(patterns) == 1 and len(labels) > 1 and measured:
            return patterns.pop()
    return ""


def _label(match: re.Match[str]) -> str:
    """Return the number or letter of a block: what stands in its header beside the word, its marks and the column."""
    left = match[0]
    for piece in ("c", "w", "t", "s"):
        left = left.replace(match[piece], "", 1)
    return left


def _pattern(match: re.Match[str], of: str, *, leads: bool) -> str:
    place = f"{match['w']}{match['s']}{{{of}}}"
    return f"{place}{match['t']}{{column}}" if leads else f"{{column}}{match['t']}{place}"


def _schema(frame: pd.DataFrame) -> str:
    """Return the schema whose key the table has, or ``""``."""
    there = set(frame.columns)
    for name, key in _BY_KEY:
        if not set(key) <= there:
            continue
        if name == "blood" and (not there & _BLOOD_COLUMNS or "tissue" in there):
            continue
        if name == "patient" and frame["patient_id"].duplicated().any():
            continue
        if name == "uptake" and _is_key(frame, ("patient_id", "lesion_id")):
            continue  # one scan a lesion: the time is a column of the lesion table
        if not _fits(frame, load_schema(name)):
            continue
        return name
    return ""


def _filled(frame: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """Return the table with what stands above in the empty cells of some columns."""
    return frame.assign(**{name: frame[name].where(frame[name].map(clean) != "").ffill() for name in columns})


def _fits(frame: pd.DataFrame, schema: Schema) -> bool:
    """Whether what the schema needs is there, and its key is one: a few repeated rows are slips, many another table."""
    if not set(schema.required_columns()) <= set(frame.columns):
        return False
    key = [name for name in schema.primary_key if name in frame.columns]
    return not key or float(frame.duplicated(key).mean()) <= _MOST_SLIPS


def _is_key(frame: pd.DataFrame, key: Sequence[str]) -> bool:
    return set(key) <= set(frame.columns) and not frame.duplicated(list(key)).any()


def _convertible(units: Mapping[str, str], schema: Schema | None) -> dict[str, str]:
    """Keep the units that differ from ours and that can be converted to it."""
    kept = {}
    for name, given in units.items():
        field = schema.field(name) if schema else None
        ours = (field.unit if field else "") or unit_in_name(name)
        try:
            if ours and unit_factor(given, ours) != 1:
                kept[name] = given
        except StudyError:
            continue
    return kept


def _remarks(frame: pd.DataFrame, source: TableSource, text: TextTable) -> Iterator[str]:
    if text.problems:
        yield f"The outline of the table has {len(text.problems)} faults; `biomarker validate` lists them."
    for name in map(str, frame.columns):
        if identifies_people(name):
            yield f"Column {name!r} may tell who a patient is: take it out of the file."
        if _SUV_ONLY.fullmatch(name):
            yield f"{name} does not say which SUV it is: max, mean or peak?"
    if source.blocks:
        yield "Blocks of columns become one row each."
    if not source.schema:
        hint = "" if "patient_id" in frame else "; if it has a column of the patient, map it to patient_id"
        yield f"No schema was recognised, so ranges are not checked and types are told from the words{hint}."
    yield from _unsaid_units(source)
    for name in source.columns:
        words = {word for word in map(clean, pd.unique(frame[name])) if word}
        if name.endswith("_event") and words <= {"0", "1", "0.0", "1.0"}:
            yield f"{name}: 1 is read as an event and 0 as censored. Is that right?"
    unusual = [word for word in source.missing or () if word not in DEFAULT_MISSING]
    if unusual:
        verb = "Does" if len(unusual) == 1 else "Do"
        yield f"{verb} {', '.join(map(repr, unusual))} mean a missing cell?"


def _unsaid_units(source: TableSource) -> Iterator[str]:
    """Ask for the units that our names have and their headers have not."""
    for ours, theirs in source.columns.items():
        name, bracketed = normalised(theirs)
        unit = unit_in_name(ours)
        if unit and not bracketed and not unit_in_name(name) and ours not in source.units:
            yield f"{ours}: the header {theirs!r} names no unit; {unit} is taken. Is that right?"
