"""Their column names to ours."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
from pandas.api.types import is_bool_dtype

from biomarker.data.cells import clean
from biomarker.errors import DesignError, Problem, SchemaError, StudyError, nearest


def rename_columns(frame: pd.DataFrame, columns: Mapping[str, str], *, file: str = "") -> pd.DataFrame:
    """Rename a table's columns; names are compared without regard to outer spaces, hard spaces and accents' spelling.

    Parameters
    ----------
    frame : DataFrame
        Columns named as in the file.
    columns : mapping of str to str
        Ours to theirs: ``{"suvmax_24h": "SUVmax 24 h"}``. Columns not named here keep their names.
    file : str
        For messages.

    Raises
    ------
    StudyError
        If the file has no such column, one of its columns is taken twice, or a new name stands there already.

    Examples
    --------
    >>> frame = pd.DataFrame({"Subject": ["01"], "SUVmax 24 h": ["2.3"]})
    >>> list(rename_columns(frame, {"patient_id": "Subject", "suvmax_24h": "SUVmax 24 h"}))
    ['patient_id', 'suvmax_24h']
    """
    theirs_to_ours = {clean(theirs): ours for ours, theirs in columns.items()}
    faults = list(_faults(list(frame.columns), columns, theirs_to_ours))
    if faults:
        place = f"{file}: " if file else ""
        raise StudyError("\n".join(f"{place}{fault}" for fault in faults))
    return frame.rename(columns=theirs_to_ours)


def _faults(headers: Sequence[str], columns: Mapping[str, str], theirs_to_ours: Mapping[str, str]) -> Iterator[str]:
    for ours, theirs in columns.items():
        if clean(theirs) not in headers:
            yield f"columns.{ours}: the table has no column {theirs!r}{nearest(theirs, headers)}"
        elif theirs_to_ours[clean(theirs)] != ours:
            yield f"columns.{ours}: {theirs!r} is already taken as {theirs_to_ours[clean(theirs)]}"
        elif ours in headers and ours not in theirs_to_ours:
            yield f"columns.{ours}: the table has a column {ours!r} of its own; map that to another name"


def require_column(frame: pd.DataFrame, column: str, *, table: str = "", key: str = "") -> None:
    """Raise a `StudyError` that names the nearest column where the table has none of this name."""
    if column not in frame.columns:
        raise StudyError(f"{_place(table, key)}no column {column!r}{nearest(column, list(map(str, frame.columns)))}")


def require_columns(frame: pd.DataFrame, columns: Iterable[str], *, table: str = "", key: str = "") -> None:
    """Raise a `StudyError` for the first of these columns that the table does not have."""
    for column in columns:
        require_column(frame, column, table=table, key=key)


def _place(table: str, key: str) -> str:
    of = f"table {table!r} has " if table else ""
    return (f"{key}: " if key else "") + of


def numbers_of(frame: pd.DataFrame, column: str, *, booleans: bool = False) -> npt.NDArray[np.float64]:
    """Return a column as float64, NaN where missing.

    Raises
    ------
    SchemaError
        If cells are text or infinite; each is named.
    DesignError
        If the column holds true and false, unless `booleans` lets them be 1 and 0.
    """
    cells = frame[column]
    if is_bool_dtype(cells) and not booleans:
        raise DesignError(f"{column!r} holds true and false where numbers are needed")
    numbers: npt.NDArray[np.float64] = pd.to_numeric(cells, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    wrong = (np.isnan(numbers) & cells.notna().to_numpy()) | np.isinf(numbers)
    if wrong.any():
        bad = cells[wrong]
        raise SchemaError(
            Problem(rule="is not a finite number", row=_row(label), column=column, value=str(value))
            for label, value in bad.items()
        )
    return numbers


def _row(label: object) -> int | None:
    return int(label) if isinstance(label, int | np.integer) else None
