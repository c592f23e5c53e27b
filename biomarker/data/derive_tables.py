"""Tables made from tables: lesions to patients, wide to long, columns carried over, rows chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from biomarker.data.aggregation import RULE_KEYS, LesionRule, apply_rule
from biomarker.data.columns import require_columns
from biomarker.data.missing import no_tokens
from biomarker.data.schemas import load_schema, split_timed
from biomarker.data.table import DataTable
from biomarker.errors import DesignError, StudyError, nearest

Tables = Mapping[str, DataTable]


@dataclass(frozen=True, kw_only=True, eq=False)
class Derived:
    """A table that was made, and a sentence without its full stop that says how."""

    table: DataTable
    note: str


def patient_table(
    *,
    tables: Tables,
    table: str,
    source: DataTable,
    place: str,
    marker: str,
    how: str,
    **options: Any,  # noqa: ANN401
) -> Derived:
    """Reduce lesions to one value per patient, joined to the patients' table, or in a new one.

    A new table carries along every column of the lesions that has one value per patient. With `by`, such as the scan,
    the new table has one row per patient and scan, from which a second step may go on to the patient.
    """
    patient = options.pop("patient", "patient_id")
    name = options.pop("name", None) or f"{marker}_{how}"
    by = options.pop("by", [])
    rule = LesionRule(how=how, **{key: value for key, value in options.items() if key in RULE_KEYS})
    require_columns(source.frame, [patient, marker, *by], table=source.name, key=place)
    reduced = apply_rule(source.frame, rule, marker=marker, patient=patient, name=name, by=by)
    reduced = reduced.rename(columns={"n_lesions": f"{name}_n_lesions", "n_missing": f"{name}_n_missing"})
    per = " and ".join(["patient", *by])
    note = f"{name}: per {per}, {rule.describe(marker)}; {_counts(reduced, name, patient)}"
    if by:
        refuse_table(tables, table, f"{how} by {', '.join(by)}", place)
        frame = _constant_columns(source, [patient, *by]).merge(reduced, on=[patient, *by], how="left", validate="1:1")
        return Derived(table=new_table(table, frame), note=note)
    if table in tables:
        return Derived(table=joined_to_patients(tables[table], reduced, patient, source.name, place), note=note)
    frame = _constant_columns(source, [patient]).merge(reduced, on=patient, how="left", validate="1:1")
    return Derived(table=new_table(table, frame), note=note)


def _counts(reduced: pd.DataFrame, name: str, patient: str) -> str:
    lesions, missing = int(reduced[f"{name}_n_lesions"].sum()), int(reduced[f"{name}_n_missing"].sum())
    without = int((reduced[f"{name}_n_lesions"] == reduced[f"{name}_n_missing"]).sum())
    n_patients = reduced[patient].nunique()
    scans = f" in {len(reduced)} rows" if len(reduced) > n_patients else ""
    none = f", {without} of them without a measured lesion" if without else ""
    left_out = f" ({missing} not measured and left out)" if missing else ""
    return f"{lesions} lesions{left_out} of {n_patients} patients{scans}{none}"


def joined_to_patients(patients: DataTable, reduced: pd.DataFrame, patient: str, source: str, place: str) -> DataTable:
    """Join values per patient to the patients' table; a patient without lesions lacks the value and has 0 lesions."""
    require_columns(patients.frame, [patient], table=patients.name, key=place)
    _require_unique(patients.frame, [patient], patients.name, place)
    _refuse_known(patients.frame, [column for column in reduced.columns if column != patient], patients.name, place)
    known = patients.frame[patient]
    lost = reduced.loc[~reduced[patient].isin(known), patient]
    if len(lost):
        raise DesignError(
            f"{place}: {len(lost)} patients of {source!r} are not in {patients.name!r}: {', '.join(map(str, lost[:6]))}"
        )
    frame = patients.frame.rename_axis("row").reset_index().merge(reduced, on=patient, how="left").set_index("row")
    counts = [column for column in reduced.columns if column.endswith(("_n_lesions", "_n_missing"))]
    frame[counts] = frame[counts].fillna(0).astype(np.int64)
    for column in reduced.columns:
        if reduced[column].dtype == bool:  # a merge makes objects of booleans it has gaps for
            frame[column] = frame[column].astype("boolean" if frame[column].isna().any() else bool)
    return replace(patients, frame=frame)


def _require_unique(frame: pd.DataFrame, key: Sequence[str], table: str, place: str) -> None:
    repeated = frame[frame.duplicated(list(key))]
    if len(repeated):
        row = repeated.iloc[0]
        shown = ", ".join(str(row[column]) for column in key)
        raise DesignError(f"{place}: table {table!r} has more than one row for {' and '.join(key)} {shown}")


def _refuse_known(frame: pd.DataFrame, columns: Sequence[str], table: str, place: str) -> None:
    twice = [column for column in columns if column in frame.columns]
    if twice:
        raise StudyError(f"{place}: table {table!r} has a column {twice[0]!r} already; give another name")


def refuse_table(tables: Tables, table: str, how: str, place: str) -> None:
    """Raise a `StudyError` where the table a step would make is there already."""
    if table in tables:
        raise StudyError(f"{place}: how = {how!r} makes a new table, and {table!r} is there already; give another name")


def _constant_columns(source: DataTable, key: Sequence[str]) -> pd.DataFrame:
    """Return one row per patient, or patient and scan, with the columns in which none has two values.

    A column that the source's schema knows as its own, such as a lesion's site, is not the patient's, even where each
    patient has one lesion.
    """
    owned = source.frame[source.frame[list(key)].notna().all(axis=1)]
    groups = owned.groupby(list(key), sort=False, observed=True)
    n_values = groups.nunique(dropna=True)
    of_lesion = _own_columns(source)
    constant = [name for name in n_values.columns if name not in of_lesion and (n_values[name] <= 1).all()]
    return groups[constant].first().reset_index()


def _own_columns(source: DataTable) -> set[str]:
    if not source.schema_name:
        return set()
    schema = load_schema(source.schema_name)
    return {name for name in source.frame.columns if schema.owns(name)}


def new_table(name: str, frame: pd.DataFrame, tokens: pd.DataFrame | None = None) -> DataTable:
    """Make a table that stands in no file; its rows are numbered from 1."""
    numbered = frame.set_axis(pd.RangeIndex(1, len(frame) + 1, name="row"), axis=0)
    return DataTable(name=name, frame=numbered, tokens=no_tokens() if tokens is None else tokens)


def long_table(
    *,
    tables: Tables,
    table: str,
    source: DataTable,
    place: str,
    markers: Sequence[str] | None = None,
    columns: Mapping[str, str] | None = None,
    name: str = "",
    value: str = "",
) -> Derived:
    """Turn columns that repeat one measurement into rows.

    With `markers`, columns such as ``suvmax_2h`` and ``suvmax_24h`` become a column ``suvmax`` with a row for each time
    in ``hours_post_injection``. With `columns` (label to column), they become the column `value`, with the labels in
    the column `name`: readers, sessions, tracers.
    """
    refuse_table(tables, table, "long", place)
    if (markers is None) == (columns is None):
        raise StudyError(f'{place}: how = "long" needs either markers, or columns with name and value')
    if columns is not None:
        if not name or not value:
            raise StudyError(f"{place}: columns needs name (what tells them apart) and value (what they measure)")
        require_columns(source.frame, columns.values(), table=source.name, key=place)
        blocks = {label: {column: value} for label, column in columns.items()}
        note = f"{table}: one row of {source.name} for each {name} ({', '.join(columns)})"
        return Derived(table=_stacked(table, source, blocks, name, place), note=note)
    by_time = _timed_columns(source.frame, markers or [], place)
    shown = ", ".join(f"{hours:g}" for hours in by_time)
    note = f"{table}: one row of {source.name} for each time ({shown} h)"
    return Derived(table=_stacked(table, source, by_time, "hours_post_injection", place), note=note)


def _timed_columns(frame: pd.DataFrame, markers: Sequence[str], place: str) -> dict[float, dict[str, str]]:
    """Return, for each time in order, the columns measured then and the markers they measure."""
    found: dict[float, dict[str, str]] = {}
    for column in frame.columns:
        timed = split_timed(str(column))
        if timed and timed[0] in markers:
            found.setdefault(timed[1], {})[str(column)] = timed[0]
    stems = {stem for columns in found.values() for stem in columns.values()}
    for marker in markers:
        if marker not in stems:
            known = sorted({timed[0] for timed in map(split_timed, map(str, frame.columns)) if timed})
            raise StudyError(f"{place}: no columns such as {marker}_24h or {marker}_4d{nearest(marker, known)}")
    return dict(sorted(found.items()))


def _stacked(
    table: str, source: DataTable, blocks: Mapping[Any, Mapping[str, str]], name: str, place: str
) -> DataTable:
    """Put a block of rows for each label under one another, then each row's labels together."""
    measured = [column for columns in blocks.values() for column in columns]
    carried = source.frame.drop(columns=measured)
    made = {new for columns in blocks.values() for new in columns.values()}
    _refuse_known(carried, [name, *made], source.name, place)
    parts, tokens = [], [no_tokens()]
    for at, (label, columns) in enumerate(blocks.items()):
        if len(set(columns.values())) < len(columns):
            raise StudyError(f"{place}: {' and '.join(columns)} hold the same measurement twice")
        row_of = pd.Series(np.arange(len(carried)) * len(blocks) + at + 1, index=carried.index)
        new = {new: _with_gaps(source.frame[old]) for old, new in columns.items()}
        parts.append(carried.assign(**{name: label, **new}).set_axis(row_of.to_numpy(), axis=0))
        gone = source.tokens[source.tokens["column"].isin([*columns, *carried.columns])]
        tokens.append(gone.assign(row=gone["row"].map(row_of), column=gone["column"].replace(dict(columns))))
    filled = [part for part in tokens if len(part)]
    return new_table(table, pd.concat(parts).sort_index(), pd.concat(filled, ignore_index=True) if filled else None)


def _with_gaps(column: pd.Series) -> pd.Series:
    """Give a column of booleans the type that has a missing value, since another time may lack it."""
    return column.astype("boolean") if column.dtype == bool else column


def joined(
    *,
    tables: Tables,
    table: str,
    source: DataTable,
    place: str,
    columns: Sequence[str],
    on: Sequence[str] = ("patient_id",),
) -> Derived:
    """Carry columns of the source over to the rows of another table that belong to them."""
    if table not in tables:
        raise StudyError(f'{place}: how = "join" adds columns to a table, and there is no {table!r} yet')
    target, key = tables[table], list(on)
    require_columns(source.frame, [*key, *columns], table=source.name, key=place)
    require_columns(target.frame, key, table=table, key=place)
    _refuse_known(target.frame, columns, table, place)
    _require_unique(source.frame, key, source.name, place)
    rows = target.frame.rename_axis("row").reset_index()
    frame = rows.merge(source.frame[[*key, *columns]], on=key, how="left").set_index("row")
    unmatched = int((~_keys(target.frame, key).isin(_keys(source.frame, key))).sum())
    without = f"; {unmatched} rows have none there" if unmatched else ""
    note = f"{', '.join(columns)}: carried over from {source.name} by {' and '.join(key)}{without}"
    return Derived(table=replace(target, frame=frame), note=note)


def _keys(frame: pd.DataFrame, key: Sequence[str]) -> pd.MultiIndex:
    return pd.MultiIndex.from_frame(frame[list(key)])


def selected(*, tables: Tables, table: str, source: DataTable, place: str) -> Derived:
    """Make a table of the rows that meet ``where``, under a name of its own."""
    if table in tables:
        raise StudyError(
            f'{place}: how = "select" makes a new table, and {table!r} is there already; give another name'
        )
    return Derived(table=replace(source, name=table), note=f"{table}: chosen")
