"""The layouts of programs and standards whose tables must be turned before they are ours: one function each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from biomarker.data.cdisc import adrs, adsl, adtte, sdtm_rs
from biomarker.data.cdisc_tumours import adtr, sdtm_tr, sdtm_tu
from biomarker.data.cells import TextTable
from biomarker.data.dicom_sr import as_rows_of_lesions, flattened
from biomarker.data.lifex import lifex
from biomarker.data.pmod import pmod
from biomarker.data.pyradiomics import pyradiomics
from biomarker.data.redcap import redcap
from biomarker.data.slicer import appended_suv, pet_indic, pet_indic_text, segment_statistics
from biomarker.errors import StudyError, nearest


@dataclass(frozen=True, kw_only=True)
class Layout:
    """A layout: what it is, its function, and the columns by which a draft of a study recognises it."""

    says: str
    function: Callable[..., TextTable]
    known_by: frozenset[str] = frozenset()
    has_parts: bool = False


# the narrower first: a draft takes the first whose columns are all there
LAYOUTS: Mapping[str, Layout] = {
    "adtte": Layout(
        says="CDISC ADaM, times to events", function=adtte, known_by=frozenset({"USUBJID", "PARAMCD", "AVAL", "CNSR"})
    ),
    "adtr": Layout(
        says="CDISC ADaM, tumour results",
        function=adtr,
        known_by=frozenset({"USUBJID", "PARAMCD", "AVAL", "ABLFL", "TRLNKID"}),
        has_parts=True,
    ),
    "adrs": Layout(
        says="CDISC ADaM, response",
        function=adrs,
        known_by=frozenset({"USUBJID", "PARAMCD", "AVALC", "PARAM"}),
        has_parts=True,
    ),
    "adsl": Layout(
        says="CDISC ADaM, one row a subject", function=adsl, known_by=frozenset({"USUBJID", "STUDYID", "AGE", "SEX"})
    ),
    "sdtm-tu": Layout(
        says="CDISC SDTM, tumours identified", function=sdtm_tu, known_by=frozenset({"USUBJID", "TUTESTCD"})
    ),
    "sdtm-tr": Layout(
        says="CDISC SDTM, tumour results",
        function=sdtm_tr,
        known_by=frozenset({"USUBJID", "TRTESTCD", "TRSTRESN"}),
        has_parts=True,
    ),
    "sdtm-rs": Layout(says="CDISC SDTM, response", function=sdtm_rs, known_by=frozenset({"USUBJID", "RSTESTCD"})),
    "redcap": Layout(
        says="REDCap, with repeating instruments",
        function=redcap,
        known_by=frozenset({"redcap_repeat_instrument"}),
        has_parts=True,
    ),
    "dicom-sr": Layout(says="DICOM SR, TID 1500", function=as_rows_of_lesions),
    "dicom-sr-csv": Layout(
        says="DICOM SR flattened by dsr2csv",
        function=flattened,
        known_by=frozenset({"trackingID", "measurementConcept", "measurementValue"}),
    ),
    "pmod": Layout(says="PMOD regions over time", function=pmod),
    "lifex": Layout(says="LIFEx", function=lifex),
    "slicer": Layout(says="3D Slicer segment statistics", function=segment_statistics),
    "slicer-suv": Layout(
        says="3D Slicer SUV computation, appended at each run",
        function=appended_suv,
        known_by=frozenset({"patientID", "labelID", "suvmax"}),
    ),
    "pet-indic": Layout(says="PET-IndiC", function=pet_indic, known_by=frozenset({"glycosis_Q1"})),
    "pet-indic-text": Layout(says="PET-IndiC, lines of text", function=pet_indic_text),
    "pyradiomics": Layout(says="pyradiomics", function=pyradiomics),
}
_REDCAP = {"Repeat Instrument", "redcap_event_name"}
_PREFIXES = {"lifex": ("INFO_", "CONVENTIONAL_", "INTENSITY-BASED_"), "pyradiomics": ("diagnostics_", "original_")}


def check_layout(name: str, part: str = "", *, file: str) -> None:
    """Raise a `StudyError` where no layout has this name, or where it has no parts to choose from."""
    if name and name not in LAYOUTS:
        raise StudyError(
            f"{file}: unknown format = {name!r}{nearest(name, list(LAYOUTS))}; known are {', '.join(LAYOUTS)}"
        )
    if part and not (name and LAYOUTS[name].has_parts):
        raise StudyError(
            f"{file}: part = {part!r} is for formats of several tables: "
            + ", ".join(one for one, layout in LAYOUTS.items() if layout.has_parts)
        )


def laid_out(table: TextTable, name: str, *, part: str = "") -> TextTable:
    """Turn a table from a layout into one row a patient, lesion, or time, under our names where they are known.

    Raises
    ------
    StudyError
        If the table lacks what the layout needs.
    """
    if not name or table.frame.empty:  # a table without rows has faults to be told, and nothing to turn
        return table
    layout = LAYOUTS[name]
    turned = layout.function(table, part=part) if layout.has_parts else layout.function(table)
    twice = turned.frame.columns[turned.frame.columns.duplicated()]
    if len(twice):
        raise StudyError(
            f"{table.file}: format = {name!r} gives a column {twice[0]!r}, and the table has one of that name already; "
            "rename it in the file"
        )
    return turned


def recognised(table: TextTable, suffix: str) -> str:
    """Return the layout that a table seems to have, for a draft of a study; ``""`` where it has none."""
    if suffix in (".voistat", ".dcm"):
        return {".voistat": "pmod", ".dcm": "dicom-sr"}[suffix]
    headers = {str(name) for name in table.frame.columns}
    for name, layout in LAYOUTS.items():
        if layout.known_by and layout.known_by <= headers:
            return name
    if headers & _REDCAP:
        return "redcap"
    for name, prefixes in _PREFIXES.items():
        if sum(any(header.startswith(prefix) for header in headers) for prefix in prefixes) > 1:
            return name
    return "slicer" if {"Segment"} <= headers and any(header.startswith("Volume [") for header in headers) else ""
