"""PMOD's ``.voistat``: activity concentration of regions over time."""

from __future__ import annotations

import re
from dataclasses import replace

from biomarker.data.cells import TextTable
from biomarker.errors import StudyError

_HEADER = re.compile(r"(?:// ?)?(?P<name>.*?)\s*(?:\[(?P<unit>[^\]]*)\])?")
_OURS = {
    "PatientID": "patient_id",
    "VoiName(Region)": "tissue",
    "Time": "hours_post_injection",
    "Averaged": "activity_kbq_per_ml",
    "PVC": "activity_pvc_kbq_per_ml",
    "Volume": "volume_ml",
}
_UNITS = {"seconds": "s", "minutes": "min", "hours": "h", "kBq/cc": "kBq/mL", "Bq/cc": "Bq/mL", "ccm": "cm3"}
_OF_UPTAKE = ("suv", "g/ml", "g/cc")
_TYPES = ("string", "date_time", "0xARGB", "")
_IN_NAME = {"hours_post_injection": "h", "volume_ml": "mL", "activity_kbq_per_ml": "kBq/mL"}
_IN_NAME["activity_pvc_kbq_per_ml"] = "kBq/mL"


def pmod(table: TextTable) -> TextTable:
    """Take names and units apart, and name the columns as ours; values are kBq/mL, or SUV where the header says so.

    Raises
    ------
    StudyError
        If there is no region or no time, or values are in a unit of neither.
    """
    parts = {str(header): _HEADER.fullmatch(str(header)) for header in table.frame.columns}
    names = {header: match["name"] for header, match in parts.items() if match}
    given = {names[header]: (match["unit"] or "") for header, match in parts.items() if match}
    is_uptake = given.get("Averaged", "").casefold() in _OF_UPTAKE
    known = {**_OURS, "Averaged": "suvmean"} if is_uptake else _OURS
    ours = {header: known.get(name, name) for header, name in names.items()}
    _check_unit(given.get("Averaged", ""), file=table.file)
    lacking = {"tissue", "hours_post_injection"} - set(ours.values())
    if lacking:
        raise StudyError(f"{table.file}: not a .voistat table: no column of {' and '.join(sorted(lacking))}")
    units = {}
    for header, match in parts.items():
        unit = (match["unit"] or "") if match else ""
        if ours[header] in _IN_NAME and unit not in _TYPES and _UNITS.get(unit, unit) != _IN_NAME[ours[header]]:
            units[ours[header]] = _UNITS.get(unit, unit)
    frame = table.frame.rename(columns=ours)
    if "patient_id" in frame and not (frame["patient_id"] != "").any() and "PatientName" in frame:
        frame = frame.drop(columns="patient_id").rename(columns={"PatientName": "patient_id"})
    are = "SUV, which PMOD computed" if is_uptake else "activity concentrations, not SUV"
    note = f"{table.file}: values are {are}; time is counted from the start PMOD was given."
    return replace(table, frame=frame, units=units, notes=(*table.notes, note))


def _check_unit(unit: str, *, file: str) -> None:
    """Refuse values that are neither an activity concentration nor SUV, such as 1/1."""
    if unit not in ("", "kBq/cc", "Bq/cc", "kBq/mL", "Bq/mL", "string") and unit.casefold() not in _OF_UPTAKE:
        raise StudyError(f"{file}: Averaged is in [{unit}]; save the regions in kBq/cc, Bq/cc or SUV")
