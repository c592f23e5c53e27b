"""A first guess at what a file holds: how it is written, its schema, and our names for its columns.

A guess is for a person to check: it goes into a draft of a study file, never straight into an analysis.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from biomarker.data.cells import clean
from biomarker.data.intake import TableSource
from biomarker.data.missing import DEFAULT_MISSING
from biomarker.data.readers import DELIMITED, EXCEL, read_text_table
from biomarker.data.schemas import Schema, load_schema, schema_names
from biomarker.data.units import unit_factor, unit_in_name
from biomarker.data.words import inferred_type
from biomarker.data.workbook import sheet_names
from biomarker.errors import StudyError

ALIASES: Mapping[str, str] = {
    "subject": "patient_id",
    "subject_id": "patient_id",
    "usubjid": "patient_id",
    "patient": "patient_id",
    "patient_no": "patient_id",
    "patient_number": "patient_id",
    "patientid": "patient_id",
    "pat_id": "patient_id",
    "lesion": "lesion_id",
    "lesion_no": "lesion_id",
    "lesion_number": "lesion_id",
    "lesionid": "lesion_id",
    "reader": "reader_id",
    "observer": "reader_id",
    "rater": "reader_id",
    "age": "age_years",
    "age_y": "age_years",
    "gender": "sex",
    "site": "lesion_site",
    "location": "lesion_site",
    "size": "size_mm",
    "diameter": "size_mm",
    "diameter_mm": "size_mm",
    "volume": "volume_ml",
    "mtv": "mtv_ml",
    "tlg": "tlg_g",
    "suv_max": "suvmax",
    "suv_mean": "suvmean",
    "suv_peak": "suvpeak",
    "sul_peak": "sulpeak",
    "suvbw_max": "suvmax",
    "suv_bw_max": "suvmax",
    "suvbwmax": "suvmax",
    "tumour_type": "tumor_type",
    "tumor": "tumor_type",
    "height": "height_cm",
    "weight": "weight_kg",
    "center": "centre_id",
    "centre": "centre_id",
    "treatment_arm": "arm",
    "bor": "best_overall_response",
    "time_h": "hours_post_injection",
    "hours": "hours_post_injection",
    "hours_pi": "hours_post_injection",
    "time_post_injection": "hours_post_injection",
}
# the schema whose key columns are all there; the narrower first
_BY_KEY = (
    ("reading", ("patient_id", "lesion_id", "reader_id")),
    ("blood", ("patient_id", "hours_post_injection")),
    ("uptake", ("patient_id", "hours_post_injection")),
    ("lesion", ("patient_id", "lesion_id")),
    ("organ", ("organ",)),
    ("patient", ("patient_id",)),
)
_BLOOD_COLUMNS = {"activity_percent_per_l", "activity_kbq_per_ml", "whole_body_percent", "concentration_ng_per_ml"}
_MAX_TOKENS = 3  # a number column with more kinds of words than this holds text, not missing cells
_BRACKETED_TIME = re.compile(
    r"(?:\d+(?:\.\d+)?\s*(?:h|hr|hrs|hours|d|days?)|d(?:ay)?\s*\d+)[\s.,]*(?:p\.?\s*i\.?)?", re.IGNORECASE
)
_PERSONAL = re.compile(r"(?:\b|_)(?:name|surname|birth|dob|birthdate|mrn|address)(?:\b|_)", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True, eq=False)
class Guess:
    """A table as it seems to be: how to read it, its text under our names, and what a person must look at."""

    source: TableSource
    frame: pd.DataFrame
    remarks: tuple[str, ...] = ()

    def words(self, column: str) -> list[str]:
        """Return the distinct words of a column that are not missing, in the order they appear."""
        gone = {*(self.source.missing or DEFAULT_MISSING), ""}
        return [word for word in map(clean, pd.unique(self.frame[column])) if word not in gone]


def guess_tables(path: Path) -> tuple[Guess, ...]:
    """Guess what a file holds; a workbook may hold a table on each sheet.

    Raises
    ------
    StudyError
        If the file cannot be read as a table in any of the usual ways.
    """
    suffix = path.suffix.lower()
    if suffix in EXCEL and path.is_file():
        names = sheet_names(path.read_bytes(), file=path.name)
        return tuple(_guess(path, {"sheet": name} if len(names) > 1 else {}) for name in names)
    options = _how_written(path) if suffix in DELIMITED else {}
    return (_guess(path, options),)


def _how_written(path: Path) -> dict[str, str]:
    """Return the encoding and delimiter under which the file is a table; raise the first fault where none is."""
    first: StudyError | None = None
    for encoding in ("", "utf-16", "windows-1252"):
        for delimiter in ("", ";", "\t", ",", "|"):
            given = {"encoding": encoding, "delimiter": delimiter}
            options = {key: value for key, value in given.items() if value}
            try:
                read_text_table(path, **options)
            except StudyError as error:
                first = first or error
            else:
                return options
    raise first or StudyError(f"{path}: cannot be read")


def _guess(path: Path, options: Mapping[str, str]) -> Guess:
    text = read_text_table(path, **options)
    columns, units = _names(list(text.frame.columns))
    frame = text.frame.rename(columns={theirs: ours for ours, theirs in columns.items()})
    name = _schema(frame)
    schema = load_schema(name) if name else None
    decimal = _decimal(frame)
    missing = _missing_words(frame, schema, decimal)
    source = TableSource(
        file=path,
        schema=name,
        columns=columns,
        missing=missing,
        units=_convertible(units, schema),
        decimal=decimal,
        **options,
    )
    return Guess(source=source, frame=frame, remarks=tuple(_remarks(frame, name, missing, text.problems)))


def _decimal(frame: pd.DataFrame) -> str:
    """Return the decimal mark: a comma where a column is of numbers with it, and not without."""
    for name in frame.columns:
        words = [word for word in map(clean, pd.unique(frame[name])) if word and word not in DEFAULT_MISSING]
        if any("," in word for word in words) and inferred_type(words, ",") == "number":
            return ","
    return "."


def _missing_words(frame: pd.DataFrame, schema: Schema | None, decimal: str) -> tuple[str, ...]:
    """Return the words that seem to mean a missing cell: the usual ones, and the few words of columns of numbers."""
    found: dict[str, None] = {}
    for name in frame.columns:
        cells = frame[name].map(clean)
        words = [word for word in pd.unique(cells) if word]
        found |= dict.fromkeys(word for word in words if word in DEFAULT_MISSING)
        other = [word for word in words if inferred_type([word], decimal) != "number"]
        odd = [word for word in other if not any(character.isdigit() for character in word)]
        field = schema.field(str(name)) if schema else None
        of_numbers = field.type in ("number", "integer") if field else cells.isin(other).sum() * 2 < (cells != "").sum()
        if of_numbers and len(other) == len(odd) <= _MAX_TOKENS:
            found |= dict.fromkeys(odd)
    return tuple(found)


def normalised(header: str) -> tuple[str, str]:
    """Return a header as one of our names would be written, and the unit that stood in brackets.

    Examples
    --------
    >>> normalised("SUVmax 24 h"), normalised("SUVmax (48 h p.i.)"), normalised("Lesion size (cm)")
    (('suvmax_24h', ''), ('suvmax_48h', ''), ('lesion_size', 'cm'))
    """
    match = re.fullmatch(r"(.*?)\s*[\[(]([^\])]*)[\])]\s*", clean(header))
    stem, unit = (match[1], match[2].strip()) if match else (clean(header), "")
    if _BRACKETED_TIME.fullmatch(
        unit
    ):  # "SUVmax (48 h)" is a time, not a unit: without it, it would pass for plain SUVmax
        stem, unit = f"{stem} {unit}", ""
    name = re.sub(r"[^0-9a-z.]+", "_", stem.casefold()).strip("_.")
    name = re.sub(r"(\d)_?(?:h|hr|hrs|hours)(?:_p[_.]*i[_.]*)?$", r"\1h", name)
    name = re.sub(r"(\d)_?(?:d|days?)(?:_p[_.]*i[_.]*)?$", r"\1d", name)
    name = re.sub(r"(?:_|^)d(?:ay)?_?(\d+)$", r"_\1d", name)
    return re.sub(r"([a-z])(\d+[hd])$", r"\1_\2", name), unit


def _names(headers: Sequence[str]) -> tuple[dict[str, str], dict[str, str]]:
    """Return our names for their columns where they differ, and the units that their headers give."""
    columns: dict[str, str] = {}
    units: dict[str, str] = {}
    taken = set(headers)
    for header in headers:
        name, unit = normalised(header)
        ours = _known_name(name, unit)
        if ours is None or (ours != header and (ours in taken or ours in columns)):
            continue
        if ours != header:
            columns[ours] = header
        if unit:
            units[ours] = unit
    return columns, units


def _known_name(name: str, unit: str) -> str | None:
    """Return the name a schema knows this column by, or None."""
    stem, time = name, ""
    match = re.fullmatch(r"(.+)(_\d+(?:\.\d+)?[hd])", name)
    if match:
        stem, time = match[1], match[2]
    patient = "patient_id" if stem.endswith(("_patient_id", "_subject_id")) else ""
    for candidate in (stem, ALIASES.get(stem, ""), f"{stem}_{unit}".lower(), patient):
        if candidate and any(load_schema(schema).owns(candidate + time) for schema in schema_names()):
            return candidate + time
    return None


def _schema(frame: pd.DataFrame) -> str:
    """Return the schema whose key the table has, or ``""``."""
    there = set(frame.columns)
    for name, key in _BY_KEY:
        if not set(key) <= there:
            continue
        if name == "blood" and not there & _BLOOD_COLUMNS:
            continue
        if name == "patient" and frame["patient_id"].duplicated().any():
            continue
        if name == "uptake" and _is_key(frame, ("patient_id", "lesion_id")):
            continue  # one scan a lesion: the time is a column of the lesion table
        return name
    return ""


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


def _remarks(frame: pd.DataFrame, schema: str, missing: Sequence[str], problems: Sequence[object]) -> Iterator[str]:
    if problems:
        yield f"The outline of the table has {len(problems)} faults; `biomarker validate` lists them."
    for name in frame.columns:
        if _PERSONAL.search(str(name)):
            yield f"Column {name!r} may tell who a patient is: take it out of the file."
    if not schema:
        yield "No schema was recognised, so the cells are not checked; map the patient's column to patient_id."
    unusual = [word for word in missing if word not in DEFAULT_MISSING]
    if unusual:
        verb = "Does" if len(unusual) == 1 else "Do"
        yield f"{verb} {', '.join(map(repr, unusual))} mean a missing cell?"
