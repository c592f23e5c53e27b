"""Headers of tables as they come, to our names for them: a proposal, for a person to check."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence

from biomarker.data.cells import clean
from biomarker.data.schemas import load_schema, schema_names

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
    "patienten_nr": "patient_id",
    "patientennummer": "patient_id",
    "läsion": "lesion_id",
    "laesion": "lesion_id",
    "lesion_name": "lesion_id",
    "roi": "lesion_id",
    "alter": "age_years",
    "geschlecht": "sex",
    "lokalisation": "lesion_site",
    "volumen": "volume_ml",
    "grösse": "size_mm",
    "durchmesser": "size_mm",
    "ansprechen": "response",
    "therapieansprechen": "response",
    "gewicht": "weight_kg",
    "id": "patient_id",
    "pid": "patient_id",
    "subjid": "patient_id",
    "patno": "patient_id",
    "pat_no": "patient_id",
    "lesion_role": "role",
    "timepoint": "visit",
    "time_point": "visit",
    "study_day": "day",
    "lesion_diameter": "size_mm",
    "longest_diameter": "size_mm",
    "os_status": "os_event",
    "pfs_status": "pfs_event",
    "bemerkung": "note",
    "befunder": "reader_id",
    "scandate": "scan_date",
    "study_date": "scan_date",
    "repeat_instance": "lesion_id",
    "record_id": "patient_id",
    "sul_max": "sulmax",
    "sul_mean": "sulmean",
    "max_suv": "suvmax",
    "mean_suv": "suvmean",
    "peak_suv": "suvpeak",
    "tbr": "tumor_to_normal_ratio",
    "tnr": "tumor_to_normal_ratio",
    "best_response": "best_overall_response",
    "ecog_ps": "ecog",
    "injected_activity": "injected_activity_mbq",
    "injected_dose": "injected_activity_mbq",
    "case": "patient_id",
    "record": "patient_id",
}
_BRACKETED_TIME = re.compile(
    r"(?:\d+(?:\.\d+)?\s*(?:h|hr|hrs|hours|d|days?)|d(?:ay)?\s*\d+)[\s.,]*(?:p\.?\s*i\.?)?", re.IGNORECASE
)


def normalised(header: str) -> tuple[str, str]:
    """Return a header as one of our names would be written, and the unit that stood in brackets.

    Examples
    --------
    >>> normalised("SUVmax 24 h"), normalised("SUVmax (48 h p.i.)"), normalised("Lesion size (cm)")
    (('suvmax_24h', ''), ('suvmax_48h', ''), ('lesion_size', 'cm'))
    """
    match = re.fullmatch(r"(.*?)\s*[\[(]([^\])]*)[\])]\s*", unicodedata.normalize("NFKC", clean(header)))
    stem, unit = (match[1], match[2].strip()) if match else (unicodedata.normalize("NFKC", clean(header)), "")
    if _BRACKETED_TIME.fullmatch(
        unit
    ):  # "SUVmax (48 h)" is a time, not a unit: without it, it would pass for plain SUVmax
        stem, unit = f"{stem} {unit}", ""
    name = re.sub(r"[^0-9a-zäöüß.]+", "_", stem.casefold()).strip("_.")
    name = re.sub(r"(\d)_?(?:h|hr|hrs|hours)(?:_p[_.]*i[_.]*)?$", r"\1h", name)
    name = re.sub(r"(\d)_?(?:d|days?)(?:_p[_.]*i[_.]*)?$", r"\1d", name)
    name = re.sub(r"(?:_|^)d(?:ay)?_?(\d+)$", r"_\1d", name)
    return re.sub(r"([a-z])(\d+[hd])$", r"\1_\2", name), unit


def our_names(headers: Sequence[str]) -> tuple[dict[str, str], dict[str, str]]:
    """Return our names for their columns where they differ, and the units that their headers give."""
    columns: dict[str, str] = {}
    units: dict[str, str] = {}
    taken = set(headers)
    # a table of visits and parts is one of measurements, whose size has a name of its own
    visits = {"role", "visit"} <= {ALIASES.get(name, name) for name, _ in map(normalised, headers)}
    for header in headers:
        if "(choice=" in header:
            continue  # one box of several; its name is the question, not what was ticked
        name, unit = normalised(header)
        ours = _known_name(name, unit)
        ours = "diameter_mm" if visits and ours == "size_mm" else ours
        if ours is None:
            ours, unit = _duration(name, unit)
        if ours is None or (ours != header and (ours in taken or ours in columns)):
            continue
        if ours != header:
            columns[ours] = header
        if unit:
            units[ours] = unit
    return columns, units


def _duration(name: str, unit: str) -> tuple[str | None, str]:
    """Return the name and the unit of a time to an event that is not in months: os_days, or OS (days)."""
    match = re.fullmatch(r"(os|pfs)(?:_time)?(?:_(days|weeks|years))?", name)
    given = (match[2] or unit) if match else ""
    return (f"{match[1]}_months", given) if match and given in ("days", "weeks", "months", "years") else (None, unit)


def _known_name(name: str, unit: str) -> str | None:
    """Return the name a schema knows this column by, or None."""
    stem, time = name, ""
    match = re.fullmatch(r"(.+)(_\d+(?:\.\d+)?[hd])", name)
    if match:
        stem, time = match[1], match[2]
    patient = "patient_id" if stem.endswith(("_patient_id", "_subject_id")) else ""
    if stem == "suv" and time:
        return name  # which SUV it is, the header does not say; its times are told apart all the same
    if stem == "dose" and unit.casefold() in ("mbq", "mci", "gbq"):
        return "injected_activity_mbq"
    for candidate in (stem, ALIASES.get(stem, ""), f"{stem}_{unit}".lower(), patient):
        if candidate and any(load_schema(schema).owns(candidate + time) for schema in schema_names()):
            return candidate + time
    return None
