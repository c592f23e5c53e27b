"""Rows of measurements to rows of things measured: shared by the layouts that are long."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import pandas as pd

from biomarker.data.cells import TextTable
from biomarker.errors import Problem, StudyError, nearest


def need_columns(table: TextTable, columns: Sequence[str], *, layout: str) -> None:
    """Raise a `StudyError` that names every column a layout needs and the table lacks."""
    known = [str(name) for name in table.frame.columns]
    lacking = [f"{name}{nearest(name, known)}" for name in columns if name not in known]
    if lacking:
        raise StudyError(f"{table.file}: format = {layout!r} needs the columns {', '.join(lacking)}")


def widened(
    long: pd.DataFrame, *, keys: Sequence[str], name: str, value: str, file: str
) -> tuple[pd.DataFrame, tuple[Problem, ...]]:
    """Turn one row per measurement into one row per thing, a column for each measurement.

    Parameters
    ----------
    long : DataFrame of str
        One row per measurement; its index is the row of the file.
    keys : sequence of str
        Columns that say what was measured on.
    name, value : str
        Columns with what was measured, and its value.
    file : str
        For messages.

    Returns
    -------
    DataFrame of str
        The keys and a column per measurement, empty where there was none; the index is the first row of each thing.
    tuple of Problem
        One for each measurement that stands twice with different values.
    """
    rows = long.rename_axis("row").reset_index()
    own = [*keys, name]
    distinct = rows.drop_duplicates([*own, value])
    repeated = distinct[distinct.duplicated(own)]
    first = distinct.drop_duplicates(own)
    problems = tuple(_twice(repeated, first, own, value=value, name=name, file=file))
    things = rows.drop_duplicates(list(keys))[["row", *keys]]
    wide = first.set_index(own)[value].unstack(name)  # noqa: PD010 (words, which cannot be averaged)
    wide = wide[list(dict.fromkeys(first[name]))]
    wide.columns.name = None
    whole = things.merge(wide.reset_index(), on=list(keys), how="left").set_index("row").fillna("")
    return whole.astype(object), problems


def _twice(
    repeated: pd.DataFrame, first: pd.DataFrame, own: Sequence[str], *, value: str, name: str, file: str
) -> Iterator[Problem]:
    earlier = first.set_index(list(own))
    for cell in repeated.to_dict("records"):
        other = earlier.loc[tuple(cell[key] for key in own)]
        whose = ", ".join(str(cell[key]) for key in own if cell[key])
        rule = f"contradicts {other[value]!r} in row {other['row']}, for {whose}"
        yield Problem(file=file, row=int(cell["row"]), column=str(cell[name]), value=str(cell[value]), rule=rule)


def filled_from(frame: pd.DataFrame, key: str, columns: Sequence[str]) -> pd.DataFrame:
    """Return, for each value of a key, what the columns hold where it is one and the same; ``""`` elsewhere."""
    cells = frame.loc[:, [key, *columns]].where(lambda one: one != "")
    agreed: Mapping[str, pd.Series] = {column: cells.groupby(key)[column].agg(_the_only) for column in columns}
    return pd.DataFrame(agreed, dtype=object)


def _the_only(words: pd.Series) -> str:
    distinct = list(dict.fromkeys(words.dropna()))
    return str(distinct[0]) if len(distinct) == 1 else ""
