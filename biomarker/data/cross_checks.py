"""Checks between tables: lesions without a patient, readings of unknown lesions, patients with two answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pandas as pd

from biomarker.data.schemas import load_schema
from biomarker.data.table import DataTable
from biomarker.errors import Problem, SchemaError, nearest

# a table of the first schema lists what a table of the others may speak of
_LISTED = {"patient": ("patient_id",), "lesion": ("patient_id", "lesion_id")}
_REFERRING = {
    "patient": ("lesion", "uptake", "reading", "organ", "blood", "measurement"),
    "lesion": ("reading", "uptake"),
}


def cross_check(tables: Mapping[str, DataTable]) -> tuple[Problem, ...]:
    """Find what does not fit between the tables of a study.

    Parameters
    ----------
    tables : mapping of str to DataTable
        Tables that passed their own checks. Tables without a schema are not looked at.

    Returns
    -------
    tuple of Problem
        One for each patient or lesion that another table does not list, and one for each patient to whom two rows give
        different values of something a patient has one of (sex, arm, response, survival).
    """
    chosen = [table for table in tables.values() if table.schema_name]
    problems: list[Problem] = []
    for schema_name in _LISTED:
        problems += _orphans(chosen, schema_name)
    problems += _conflicts(chosen)
    return tuple(problems)


def _file(table: DataTable) -> str:
    return Path(table.source).name or table.name


def _orphans(tables: Sequence[DataTable], schema_name: str) -> Iterator[Problem]:
    key = list(_LISTED[schema_name])
    lists = [table for table in tables if table.schema_name == schema_name and set(key) <= set(table.frame.columns)]
    if not lists:
        return
    listed = pd.MultiIndex.from_frame(pd.concat([table.frame[key] for table in lists]).dropna().drop_duplicates())
    where = " or ".join(_file(table) for table in lists)
    for table in tables:
        if table.schema_name in _REFERRING[schema_name] and set(key) <= set(table.frame.columns):
            yield from _unlisted(table, key, listed, where)


def _unlisted(table: DataTable, key: Sequence[str], listed: pd.MultiIndex, where: str) -> Iterator[Problem]:
    """Yield one problem for each unlisted patient or lesion, at its first row."""
    named = table.frame[list(key)].dropna()
    lost = named[~pd.MultiIndex.from_frame(named).isin(listed)]
    groups = lost.rename_axis("row").reset_index().groupby(list(key), sort=False)["row"].agg(["first", "size"])
    for at, (values, first, size) in enumerate(zip(groups.index, groups["first"], groups["size"], strict=True)):
        shown = [values] if isinstance(values, str) else [str(value) for value in values]
        more = f" ({size} rows)" if size > 1 else ""
        likely = _likely(shown, listed) if at < SchemaError.shown else ""
        rule = f"is not in {where}{likely}{more}"
        yield Problem(file=_file(table), row=int(first), column=", ".join(key), value=", ".join(shown), rule=rule)


def _likely(shown: Sequence[str], listed: pd.MultiIndex) -> str:
    """Name the listed entry that was meant, leading zeros that a spreadsheet ate first of all."""
    entries = [[str(part) for part in entry] for entry in listed]
    known = [entry[-1] for entry in entries if entry[:-1] == list(shown[:-1])]
    bare = shown[-1].lstrip("0")
    same = [word for word in known if word.lstrip("0") == bare]
    return f" (did you mean {same[0]!r}? leading zeros differ)" if same else nearest(shown[-1], known)


def _conflicts(tables: Sequence[DataTable]) -> Iterator[Problem]:
    constant = [field.name for field in load_schema("patient").fields if field.constant_within == "patient"]
    for name in constant:
        parts = [
            table.frame[["patient_id", name]].dropna().assign(file=_file(table))
            for table in tables
            if {"patient_id", name} <= set(table.frame.columns)
        ]
        # a table of lesions alone may hold each lesion's own response under this name
        if len(parts) > (1 if name == "response" else 0):
            yield from _contradictions(pd.concat([part.rename_axis("row").reset_index() for part in parts]), name)


def _contradictions(cells: pd.DataFrame, name: str) -> Iterator[Problem]:
    distinct = cells.astype({name: object}).drop_duplicates(["patient_id", name])
    first = distinct.drop_duplicates("patient_id").set_index("patient_id")
    for cell in distinct[distinct.duplicated("patient_id")].itertuples(index=False):
        patient = str(cell.patient_id)
        earlier = first.loc[patient]
        own = "; a value of the lesion's own belongs in lesion_status" if name == "response" else ""
        rule = f"contradicts {earlier[name]} in {earlier['file']}, row {earlier['row']}, for patient {patient}{own}"
        yield Problem(
            file=str(cell.file), row=int(str(cell.row)), column=name, value=str(getattr(cell, name)), rule=rule
        )
