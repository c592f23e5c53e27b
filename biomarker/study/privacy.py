"""`[privacy]` of a study file: identifiers become pseudonyms before anything is computed; direct ones are refused."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from biomarker.data.personal import identifies_people
from biomarker.data.pseudonyms import fingerprint, pseudonymise
from biomarker.data.table import DataTable
from biomarker.errors import DesignError, StudyError, nearest

if TYPE_CHECKING:
    from biomarker.study.load import Study
    from biomarker.study.plan import Plan

KEYS = {"pseudonymise": list, "key_file": str, "key_variable": str}


def privacy_faults(entry: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with the section, as sentences."""
    faults = [f"[privacy] has an unknown key {key!r}{nearest(key, list(KEYS))}" for key in entry if key not in KEYS]
    columns = entry.get("pseudonymise")
    if not isinstance(columns, list) or not columns or not all(isinstance(name, str) for name in columns):
        faults.append('[privacy] needs pseudonymise = ["patient_id"], the columns to hide')
    if sum(isinstance(entry.get(key), str) for key in ("key_file", "key_variable")) != 1:
        faults.append(
            "[privacy] needs key_file or key_variable: the file, or the environment variable, with the secret key"
        )
    return faults


def hide_identifiers(study: Study, tables: Mapping[str, DataTable]) -> dict[str, DataTable]:
    """Return the tables with pseudonyms where the study asks for them, and a note that says so.

    Raises
    ------
    StudyError
        If the key is not there or too short, or no table has a column that is to be hidden.
    """
    if study.privacy is None:
        return dict(tables)
    key = _key(study)
    columns: Sequence[str] = study.privacy["pseudonymise"]
    for name in columns:
        if not any(name in table.frame.columns for table in tables.values()):
            known = list(dict.fromkeys(str(column) for table in tables.values() for column in table.frame.columns))
            raise StudyError(f"{study.path.name}: [privacy] no table has a column {name!r}{nearest(name, known)}")
    try:
        mark = fingerprint(key)
        return {name: _hidden(table, columns, key, mark) for name, table in tables.items()}
    except DesignError as error:
        raise StudyError(f"{study.path.name}: [privacy] {error}") from None


def check_direct_identifiers(plan: Plan) -> None:
    """Refuse analyses of columns that by their names hold names, birth dates or the like: they would be printed."""
    faults = [
        f"{plan.study.path.name}: [[analysis]] {step.name!r} {argument} = {column!r}: by its name this column "
        "identifies people; leave it out, or rename it if it does not"
        for step in plan.steps
        for argument, column in step.named_columns()
        if identifies_people(column)
    ]
    if faults:
        raise StudyError("\n".join(faults))


def _key(study: Study) -> str:
    entry = study.privacy or {}
    if "key_variable" in entry:
        key = os.environ.get(str(entry["key_variable"]))
        if key is None:
            raise StudyError(f"{study.path.name}: [privacy] the environment has no variable {entry['key_variable']!r}")
        return str(key)
    path = study.folder / str(entry["key_file"])
    if not path.is_file():
        raise StudyError(f"{study.path.name}: [privacy] there is no file {entry['key_file']!r} beside the study file")
    return path.read_text(encoding="utf-8")


def _hidden(table: DataTable, columns: Sequence[str], key: str, mark: str) -> DataTable:
    own = [name for name in columns if name in table.frame.columns]
    if not own:
        return table
    note = f"{', '.join(own)}: pseudonyms, made with the key of fingerprint {mark}."
    return replace(table, frame=pseudonymise(table.frame, own, key=key), notes=(*table.notes, note))
