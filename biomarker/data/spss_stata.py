"""SPSS files (``.sav``, ``.zsav``, ``.por``) and Stata files (``.dta``)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from biomarker.data.cells import TextTable
from biomarker.data.sas import Special
from biomarker.data.stored import stored_columns, stored_table

_FIRST_DAY = dt.date(1960, 1, 1)


def spss_table(path: Path, *, decimal: str = ".", encoding: str = "", coded: str = "labels") -> TextTable:
    """Read an SPSS file as text; values that the file declares missing are missing, and keep their word.

    Raises
    ------
    StudyError
        If pyreadstat is not installed, or the file is no SPSS file.
    """
    options: dict[str, Any] = {"encoding": encoding} if encoding else {}
    reader = "read_por" if path.suffix.lower() == ".por" else "read_sav"
    if reader == "read_sav":
        options["user_missing"] = True
    columns, account = stored_columns(path, reader, **options)
    declared = {name: _within(ranges) for name, ranges in account.missing_ranges.items() if ranges}
    labels = account.variable_value_labels if coded == "labels" else {}
    return stored_table(columns, file=path.name, decimal=decimal, labels=labels, declared=declared)


def _within(ranges: Sequence[Mapping[str, Any]]) -> Callable[[Any], bool]:
    def means_missing(value: Any) -> bool:  # noqa: ANN401 (a number or a word)
        of_kind = [one for one in ranges if isinstance(one["lo"], str) == isinstance(value, str)]
        return any(one["lo"] <= value <= one["hi"] for one in of_kind)

    return means_missing


def stata_table(path: Path, *, decimal: str = ".", encoding: str = "", coded: str = "labels") -> TextTable:
    """Read a Stata file as text; extended missing values keep their word, ``.a`` to ``.z``.

    Raises
    ------
    StudyError
        If pyreadstat is not installed, or the file is no Stata file.
    """
    options: dict[str, Any] = {"encoding": encoding} if encoding else {}
    columns, account = stored_columns(path, "read_dta", user_missing=True, **options)
    for name, letters in account.missing_user_values.items():
        columns[name] = [Special(f".{cell}") if cell in letters else cell for cell in columns[name]]
    for name, shown in account.original_variable_types.items():
        if shown.startswith("%d"):  # dates as Stata before 10 wrote them, and R's foreign does
            columns[name] = [_day(cell) for cell in columns[name]]
    declared = dict.fromkeys(account.missing_user_values, _is_special)
    single = frozenset(name for name, kind in account.readstat_variable_types.items() if kind == "float")
    labels = account.variable_value_labels if coded == "labels" else {}
    return stored_table(columns, file=path.name, decimal=decimal, labels=labels, declared=declared, single=single)


def _day(cell: Any) -> Any:  # noqa: ANN401 (a number of days since 1960, or what is none)
    known = isinstance(cell, int | float) and cell == cell
    return _FIRST_DAY + dt.timedelta(days=int(cell)) if known else cell


def _is_special(value: object) -> bool:
    return isinstance(value, Special)
