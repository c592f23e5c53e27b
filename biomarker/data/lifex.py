"""LIFEx: one row a volume of interest; a header is a name, a code of the IBSI and a unit in one."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import NamedTuple

from biomarker.data.cells import TextTable
from biomarker.errors import Problem

_HEADER = re.compile(r"(?P<name>.+?)(?:\(IBSI:(?P<code>[^)]*)\))?(?:\[(?P<unit>[^\]]*)\])?")
_OLD = re.compile(r"CONVENTIONAL_(?P<name>SUVbw|SULlbm|SUL|SUVlbm)(?P<what>min|max|mean|peak)\b.*", re.IGNORECASE)
_NEW = {
    "INTENSITY-BASED_MaximumIntensity": "max",
    "INTENSITY-BASED_MeanIntensity": "mean",
    "INTENSITY-BASED_MinimumIntensity": "min",
}
_SAME = {
    "INFO_PatientID": "patient_id",
    "INFO_NameOfRoi": "lesion_id",
    "CONVENTIONAL_TLG(mL)": "tlg_g",
    "INTENSITY-BASED_TotalLesionGlycolysis": "tlg_g",
    "MORPHOLOGICAL_Volume": "volume_ml",
    "SHAPE_Volume(mL)": "volume_ml",
}


class Header(NamedTuple):
    """The three parts of a header."""

    name: str
    code: str
    unit: str


def header_parts(text: str) -> Header:
    """Take a header apart.

    Examples
    --------
    >>> header_parts("INTENSITY-BASED_MeanIntensity(IBSI:Q4LE)[SUV]")
    Header(name='INTENSITY-BASED_MeanIntensity', code='Q4LE', unit='SUV')
    """
    match = _HEADER.fullmatch(text)
    return Header(match["name"], match["code"] or "", match["unit"] or "") if match else Header(text, "", "")


def lifex(table: TextTable) -> TextTable:
    """Name the columns as ours where the header says what they are; intensities without a unit keep their name."""
    chosen: dict[str, str] = {}
    units: dict[str, str] = {}
    unsaid: list[str] = []
    problems = []
    for column in map(str, table.frame.columns):
        parts = header_parts(column)
        ours = _ours(column, parts)
        if parts.name in _NEW and not ours:
            unsaid.append(column)
        if not ours:
            continue
        if ours in chosen.values():
            other = next(name for name, taken in chosen.items() if taken == ours)
            rule = f"and {other!r} are both {ours}; take one out"
            problems.append(Problem(file=table.file, row=table.header_row, column=column, rule=rule))
            continue
        chosen[column] = ours
        if ours == "volume_ml" and parts.unit in ("mm3", "cm3"):
            units[ours] = parts.unit
    notes = list(table.notes)
    if unsaid:
        notes.append(
            f"{table.file}: {', '.join(unsaid)} may be of SUV or not, as the header does not say; map what is of SUV."
        )
    frame = table.frame.rename(columns=chosen)
    return replace(table, frame=frame, units=units, notes=tuple(notes), problems=(*table.problems, *problems))


def _ours(column: str, parts: Header) -> str:
    for name in (column, parts.name):
        if name in _SAME:
            return _SAME[name]
    old = _OLD.fullmatch(parts.name) or _OLD.fullmatch(column)
    if old:
        stem = "suv" if old["name"].lower() == "suvbw" else "sul"
        return stem + old["what"].lower()
    if parts.name in _NEW and parts.unit.upper().startswith("SUV"):
        return "suv" + _NEW[parts.name]
    return ""
