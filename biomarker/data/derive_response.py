"""The ``[[derive]]`` step that turns measurements of lesions into responses."""

from __future__ import annotations

from typing import Any

from biomarker.data.derive_tables import Derived, Tables, joined_to_patients, new_table, refuse_table
from biomarker.data.response import response_category
from biomarker.data.table import DataTable
from biomarker.errors import StudyError

RESPONSE_KEYS: dict[str, Any] = {
    "criteria": str,
    "per": str,
    "name": str,
    "confirm": bool,
    "confirm_days": (int, float),
    "min_stable_days": (int, float),
    "max_not_evaluable": int,
    "accept_stable": bool,
    "too_small_mm": (int, float),
    "strict": bool,
    "n_lesions": int,
    "one_cycle": bool,
    "comparability": bool,
    **dict.fromkeys(
        (
            "patient",
            "lesion",
            "time",
            "visit",
            "role",
            "site",
            "node",
            "diameter",
            "status",
            "uptake",
            "reader",
            "new_therapy",
            "death",
        ),
        str,
    ),
}
_NAME = "best_response"


def response_table(
    *,
    tables: Tables,
    table: str,
    source: DataTable,
    place: str,
    name: str = _NAME,
    **options: Any,  # noqa: ANN401
) -> Derived:
    """Give each patient the best overall response, joined to the patients' table or in a new one; or each visit's.

    With a `name` of its own the best response stands in that column, and the others begin with it.
    """
    if options.get("reader"):  # a row for each reader: joined, they would repeat the patients
        refuse_table(tables, table, "response_category by reader", place)
    try:
        found = response_category(source.frame, **options)
    except StudyError as error:
        raise StudyError(f"{place}: table {source.name!r}: {error}") from None
    criteria = options.get("criteria", "recist-1.1")
    if options.get("per", "patient") == "visit":
        refuse_table(tables, table, "response_category", place)
        note = f"{table}: response at each visit by {criteria}; {len(found)} visits"
        return Derived(table=new_table(table, found), note=note)
    patient = options.get("patient", "patient_id")
    if name != _NAME:
        own = {column: f"{name}_{column}" for column in found.columns if column not in (patient, _NAME)}
        found = found.rename(columns={**own, _NAME: name})
    unit = "readings of patients" if options.get("reader") else "patients"
    counts = ", ".join(f"{word} {count}" for word, count in found[name].value_counts(sort=False).items())
    note = f"{name}: best overall response by {criteria} from {source.name}, {len(found)} {unit} ({counts})"
    if table in tables:
        return Derived(table=joined_to_patients(tables[table], found, patient, source.name, place), note=note)
    return Derived(table=new_table(table, found), note=note)
