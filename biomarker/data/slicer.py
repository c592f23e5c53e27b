"""3D Slicer: segment statistics, PET-IndiC, and the table its SUV computation appends to."""

from __future__ import annotations

import re
from dataclasses import replace

import pandas as pd

from biomarker.data.cells import TextTable
from biomarker.data.pivot import need_columns
from biomarker.errors import StudyError

_PLUG_IN = re.compile(r"(?P<name>.+?) \((?P<plugin>LM|SV|CS|\d+)\)")
_LABELS = {"Index": "lesion_id", "Volume cc": "volume_ml"}
_SEGMENTS = {"Segment": "lesion_id", "Volume [cm3]": "volume_ml", **_LABELS}
_APPENDED = {"patientID": "patient_id", "labelName": "lesion_id", "studyDate": "scan_date"}
_INDICES = {"mean": "suvmean", "min": "suvmin", "max": "suvmax", "peak": "suvpeak", "TLG": "tlg_g"}
_INDICES |= {"volume": "volume_ml"}


def segment_statistics(table: TextTable) -> TextTable:
    """Name segments and volumes as ours; of which quantity minimum, maximum and mean are, only the study can say."""
    parts = {str(column): _PLUG_IN.fullmatch(str(column)) for column in table.frame.columns}
    chosen: dict[str, str] = {}
    for column, match in parts.items():
        name = match["name"] if match else column
        ours = _SEGMENTS.get(name, name)
        if ours not in chosen.values():
            chosen[column] = ours
    if "lesion_id" not in chosen.values():
        raise StudyError(f"{table.file}: no column Segment (or Index); this is no table of segment statistics")
    if "volume_ml" not in chosen.values() and "Volume [mm3]" in chosen.values():
        chosen = {column: "volume_ml" if ours == "Volume [mm3]" else ours for column, ours in chosen.items()}
        units = {"volume_ml": "mm3"}
    else:
        units = {}
    second = [column for column in parts if column not in chosen]
    note = f"{table.file}: Minimum, Maximum and Mean are of the volume measured; map them if that holds SUV."
    notes = [note]
    if second:
        notes.append(f"{table.file}: {', '.join(second)} repeat a quantity by another plug-in and keep their names.")
    return replace(table, frame=table.frame.rename(columns=chosen), units=units, notes=(*table.notes, *notes))


def appended_suv(table: TextTable) -> TextTable:
    """Name the columns as ours, and leave out what a second run appended again: headers, and rows that are the same."""
    need_columns(table, ["patientID", "suvmax"], layout="slicer-suv")
    headers = [problem for problem in table.problems if problem.rule == "repeats the header"]
    frame = table.frame.rename(columns=_APPENDED)
    if "lesion_id" not in frame:
        frame = frame.rename(columns={"labelID": "lesion_id"})
    again = frame.duplicated()
    note = (
        f"{table.file}: {len(headers)} repeated headers and {int(again.sum())} rows that repeat an earlier one were "
        "left out, as the program appends at each run."
    )
    return replace(
        table,
        frame=frame[~again],
        notes=(*table.notes, note) if headers or again.any() else table.notes,
        problems=tuple(problem for problem in table.problems if problem not in headers),
    )


def pet_indic(table: TextTable) -> TextTable:
    """Name the indices as ours; PET-IndiC measures images already in SUV by body weight."""
    chosen = {name: ours for name, ours in _INDICES.items() if name in table.frame.columns}
    if not chosen:
        raise StudyError(f"{table.file}: none of the columns {', '.join(_INDICES)}; this is no PET-IndiC table")
    note = f"{table.file}: indices were read as SUV by body weight, which PET-IndiC needs its images in."
    return replace(table, frame=table.frame.rename(columns=chosen), notes=(*table.notes, note))


def pet_indic_text(table: TextTable) -> TextTable:
    """Turn the lines ``Mean_s = 7.4`` into one row; distributions are fractions here, and percent elsewhere."""
    if len(table.frame.columns) != 2:
        raise StudyError(f'{table.file}: lines such as Mean_s = 7.4 need delimiter = "="')
    first, second = map(str, table.frame.columns)
    pairs = {first: second} | dict(zip(table.frame[first], table.frame[second], strict=True))
    known = {f"{name}_s".casefold(): ours for name, ours in _INDICES.items()}
    row = {known.get(name.strip().casefold(), _plain(name)): value.strip() for name, value in pairs.items()}
    frame = pd.DataFrame([row], index=pd.Index([table.header_row], name="row"), dtype=object)
    note = f"{table.file}: indices were read as SUV by body weight, which PET-IndiC needs its images in."
    return replace(table, frame=frame, notes=(*table.notes, note))


def _plain(name: str) -> str:
    stem = name.strip().removesuffix("_s").casefold()
    return f"{stem}_fraction" if stem.endswith("distribution") else stem
