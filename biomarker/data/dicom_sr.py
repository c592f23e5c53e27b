"""DICOM structured reports of measurements (TID 1500), and their flattened tables, to one row a lesion."""

from __future__ import annotations

import io
import re
import struct
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import pandas as pd

from biomarker.data.cells import TextTable
from biomarker.data.pivot import need_columns, widened
from biomarker.errors import Problem, StudyError

_GROUP = "125007"  # Measurement Group (DCM)
_IN_GROUP = {"112039": "lesion_id", "121071": "finding", "363698007": "lesion_site", "G-C0E3": "lesion_site"}
_IN_GROUP |= {"272741003": "laterality", "G-C171": "laterality", "370129005": "method", "G-C036": "method"}
_IN_REPORT = {"121008": "reader_id", "C67447": "session", "126072": "time_point_type", "126070": "subject_time_point"}
_IN_REPORT |= {"C2348792": "time_point"}
# what was measured, and how it was derived from the voxels: codes of DCM, SRT and SNOMED CT
_UPTAKE = {"126401": "suv", "126402": "sul", "126403": "suvbsa", "126404": "suvibw", "126405": "sul", "126406": "sul"}
_UPTAKE_WORDS = {"suvbw": "suv", "suvlbm": "sul", "suvbsa": "suvbsa", "suvibw": "suvibw"}
_UPTAKE_WORDS |= {"suvlbm(janma)": "sul", "suvlbm(james128)": "sul"}
_DERIVED = {"R-00317": "mean", "373098007": "mean", "R-404FB": "min", "255605001": "min", "G-A437": "max"}
_DERIVED |= {"56851009": "max", "R-00319": "median", "373099004": "median", "R-10047": "sd", "386136009": "sd"}
_DERIVED |= {"126031": "peak"}
_DERIVED_WORDS = {"mean": "mean", "minimum": "min", "maximum": "max", "median": "median", "standard deviation": "sd"}
_DERIVED_WORDS |= {"peak value within roi": "peak", "peak": "peak"}
_NAMED = {"126033": "tlg_g", "G-D705": "volume_ml", "118565006": "volume_ml"}
_NAMED_WORDS = {"total lesion glycolysis": "tlg_g", "volume": "volume_ml", "volume of voxels": "volume_ml"}
_NAMED_WORDS |= {"diameter": "size_mm", "long axis": "size_mm", "length": "size_mm"}
_PLAIN_UNITS = {"mm3": "mm3", "cm3": "cm3", "ml": "mL", "mm": "mm", "cm": "cm", "g": "g"}
_UNIT_OF = {"volume_ml": "mL", "size_mm": "mm", "tlg_g": "g"}
_SUV_UNIT = re.compile(r"(?:\{SUV\w*(?:\(\w+\))?\})?g/ml|\{SUV\w*\}cm2/ml", re.IGNORECASE)
# what pydicom raises on a file that is damaged; it does not say which
_DAMAGED = (
    *(AttributeError, EOFError, KeyError, IndexError, ValueError, TypeError, OSError, NotImplementedError),
    *(OverflowError, RecursionError, LookupError, struct.error),
)
_KEYS = ("patient_id", "reader_id", "session", "time_point", "lesion_id")
_MEASURED = ("name", "value", "unit")


def report_folder(folder: Path) -> TextTable:
    """Read all reports (``.dcm``) of a folder.

    Raises
    ------
    StudyError
        If there is none, or one of them cannot be read.
    """
    entries = sorted(folder.glob("*.dcm"))
    if not entries:
        raise StudyError(f"{folder}: no .dcm file in this folder")
    tables = [report_table(entry.read_bytes(), file=entry.name) for entry in entries]
    frame = pd.concat([table.frame for table in tables], ignore_index=True).fillna("")
    frame.index = pd.RangeIndex(2, len(frame) + 2, name="row")
    return TextTable(frame=frame, file=folder.name, notes=(f"{folder.name}: {len(tables)} reports were read.",))


def report_table(data: bytes, *, file: str) -> TextTable:
    """Read a structured report: one row per measurement, with the group's and the report's context.

    Raises
    ------
    StudyError
        If pydicom is not installed, the file is no DICOM file, or it is no report of measurements.
    """
    try:
        pydicom = import_module("pydicom")
    except ImportError:
        raise StudyError(
            f"{file}: reading DICOM needs pydicom; install it with: pip install 'biomarker[dicom]'"
        ) from None
    damaged = (*_DAMAGED, pydicom.errors.InvalidDicomError, pydicom.errors.BytesLengthException)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of values that do not keep to the standard; what is read is checked
            report = pydicom.dcmread(io.BytesIO(data))
            modality = str(report.get("Modality", ""))
            rows = list(_measurements(report)) if "ContentSequence" in report else []
    except damaged:
        raise StudyError(f"{file}: not a readable DICOM file") from None
    if modality != "SR":
        raise StudyError(f"{file}: not a structured report, but {modality or 'no'} data")
    if not rows:
        raise StudyError(f"{file}: the report has no measurement group (TID 1500) with a measurement")
    frame = pd.DataFrame(rows, dtype=object).fillna("")
    frame.index = pd.RangeIndex(2, len(frame) + 2, name="row")
    return TextTable(frame=frame, file=file)


def _measurements(report: Any) -> Iterator[dict[str, str]]:  # noqa: ANN401 (pydicom has no types of its content)
    context = {"patient_id": str(report.get("PatientID", "") or "")}
    context |= _said(report.ContentSequence, _IN_REPORT)
    for group in _groups(report.ContentSequence):
        items = list(group.get("ContentSequence", []))
        own = _said(items, _IN_GROUP)
        for item in items:
            if item.get("ValueType") == "NUM" and item.get("MeasuredValueSequence"):
                measured = item.MeasuredValueSequence[0]
                unit = _code_of(measured.get("MeasurementUnitsCodeSequence"))
                quantity = item.ConceptNameCodeSequence[0]
                derivation = _derivation(item)
                yield {
                    **context,
                    **own,
                    "concept": str(quantity.get("CodeValue", "")),
                    "concept_name": str(quantity.get("CodeMeaning", "")),
                    "derivation": derivation[0],
                    "derivation_name": derivation[1],
                    "value": str(measured.NumericValue),
                    "unit": unit,
                }


def _said(items: Sequence[Any], names: Mapping[str, str]) -> dict[str, str]:
    return {names[_code(item)]: _worth(item) for item in items if _code(item) in names}


def _groups(items: Sequence[Any]) -> Iterator[Any]:
    """Yield every measurement group at any depth."""
    for item in items:
        if _code(item) == _GROUP:
            yield item
        else:
            yield from _groups(item.get("ContentSequence", []))


def _code(item: Any) -> str:  # noqa: ANN401
    return _code_of(item.get("ConceptNameCodeSequence"))


def _code_of(sequence: Any) -> str:  # noqa: ANN401
    return str(sequence[0].get("CodeValue", "") or "") if sequence else ""


def _worth(item: Any) -> str:  # noqa: ANN401
    """Return what an item says: a text, a name, or the meaning of a code."""
    if item.get("ConceptCodeSequence"):
        return str(item.ConceptCodeSequence[0].get("CodeMeaning", ""))
    for key in ("TextValue", "PersonName", "UID", "Date", "DateTime"):
        if item.get(key):
            return str(item.get(key))
    return ""


def _derivation(item: Any) -> tuple[str, str]:  # noqa: ANN401
    for child in item.get("ContentSequence", []):
        if _code(child) in ("121401", "370129005", "G-C036") and child.get("ConceptCodeSequence"):
            code = child.ConceptCodeSequence[0]
            return str(code.get("CodeValue", "")), str(code.get("CodeMeaning", ""))
    return "", ""


def as_rows_of_lesions(table: TextTable) -> TextTable:
    """Turn measurements into one row per lesion and reading, a column for each measurement."""
    need_columns(table, ["concept", "derivation", "value", "unit"], layout="dicom-sr")
    frame = table.frame
    names = [
        _name(*cells)
        for cells in zip(
            frame["concept"], frame["concept_name"], frame["derivation"], frame["derivation_name"], strict=True
        )
    ]
    return _pivoted(table, frame.assign(name=names))


def flattened(table: TextTable) -> TextTable:
    """Turn the long table of dsr2csv into one row per lesion and reading, a column for each measurement."""
    need_columns(table, ["trackingID", "measurementConcept", "measurementValue"], layout="dicom-sr-csv")
    frame = table.frame.rename(
        columns={
            "patientID": "patient_id",
            "personObserverName": "reader_id",
            "activitySession": "session",
            "timepoint": "time_point",
            "trackingID": "lesion_id",
            "findingSite": "lesion_site",
            "measurementValue": "value",
            "measurementUnits": "unit",
        }
    )
    how = frame["derivation"] if "derivation" in frame else pd.Series("", frame.index)
    names = [_name("", concept, "", kind) for concept, kind in zip(frame["measurementConcept"], how, strict=True)]
    return _pivoted(table, frame.assign(name=names))


def _name(code: str, words: str, derivation: str, derived_words: str) -> str:
    """Return our name for a quantity: suvmax, volume_ml; or its own words where we have none."""
    plain = words.strip().casefold()
    derived = _DERIVED.get(derivation) or _DERIVED_WORDS.get(derived_words.strip().casefold(), "")
    stem = _UPTAKE.get(code) or _UPTAKE_WORDS.get(plain.replace(" ", ""), "")
    if stem:
        return f"{stem}{derived}" if stem in ("suv", "sul") else f"{stem}_{derived}".rstrip("_")
    named = _NAMED.get(code) or _NAMED_WORDS.get(plain, "")
    own = named or re.sub(r"\W+", "_", plain).strip("_")
    return own if named or not derived else f"{own}_{derived}"


def _pivoted(table: TextTable, long: pd.DataFrame) -> TextTable:
    if "lesion_id" not in long or (long["lesion_id"] == "").any():
        raise StudyError(f"{table.file}: a measurement group has no tracking identifier, so its lesion is not known")
    keys = [name for name in _KEYS if name in long]
    context = [name for name in ("lesion_site", "laterality", "finding") if name in long]
    wide, twice = widened(long, keys=keys, name="name", value="value", file=table.file)
    first = long.drop_duplicates(keys).set_index(keys)[context]
    whole = wide.join(first, on=keys)
    if "laterality" in whole:
        whole["laterality"] = whole["laterality"].str.lower()
    units, odd = _units(long, file=table.file) if "unit" in long else ({}, ())
    full = [name for name in whole.columns if (whole[name] != "").any()]
    return replace(table, frame=whole[full], units=units, problems=(*table.problems, *twice, *odd))


def _units(long: pd.DataFrame, *, file: str) -> tuple[dict[str, str], tuple[Problem, ...]]:
    """Return the units to convert from, and a fault for each measurement in a unit its name does not have."""
    units: dict[str, str] = {}
    problems = []
    for name, rows in long.groupby("name", sort=False):
        given = {word for word in rows["unit"] if word}
        ours = _UNIT_OF.get(str(name), "")
        plain = {_PLAIN_UNITS.get(word.casefold(), word) for word in given}
        if ours and len(plain) == 1 and plain != {ours} and plain <= set(_PLAIN_UNITS.values()):
            units[str(name)] = plain.pop()
        elif str(name).startswith(("suv", "sul")) and not all(map(_SUV_UNIT.fullmatch, given)):
            rule = f"is given in {', '.join(sorted(given))}, and g/mL was expected"
            problems.append(Problem(file=file, row=int(str(rows.index[0])), column=str(name), rule=rule))
    return units, tuple(problems)
