"""A file to a table of text: CSV, TSV, TXT, Excel and Parquet."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from biomarker.data.cells import TextTable, text_table
from biomarker.data.delimited import delimited_rows
from biomarker.data.workbook import excel_rows, parquet_rows
from biomarker.errors import StudyError, nearest

DELIMITED = (".csv", ".tsv", ".txt")
EXCEL = (".xlsx", ".xlsm")
PARQUET = (".parquet", ".pq")


def read_text_table(
    path: str | Path,
    *,
    delimiter: str = "",
    decimal: str = ".",
    encoding: str = "",
    sheet: str = "",
    comment: str = "",
) -> TextTable:
    r"""Read a file as text: no cell is interpreted, so leading zeros and missing tokens survive.

    Parameters
    ----------
    path : str or Path
        A ``.csv``, ``.tsv``, ``.txt``, ``.xlsx`` or ``.parquet`` file.
    delimiter : str
        One character; by default a comma in ``.csv``, a tab in ``.tsv`` and ``.txt``.
    decimal : str
        The decimal mark, ``"."`` or ``","``; the numbers of a workbook are written with it.
    encoding : str
        Of delimited text; UTF-8 by default.
    sheet : str
        Of a workbook; may be left out where there is one sheet.
    comment : str
        Rows that begin with this are left out.

    Returns
    -------
    TextTable
        The cells, and the faults of the table's outline.

    Raises
    ------
    StudyError
        If the file cannot be read as a table.
    """
    path = Path(path)
    data = _bytes(path)
    suffix = path.suffix.lower()
    _check_options(path, suffix, {"delimiter": delimiter, "encoding": encoding, "comment": comment}, sheet)
    rows: Iterable[Sequence[str]]
    if suffix in EXCEL:
        rows = excel_rows(data, file=path.name, sheet=sheet, decimal=decimal)
    elif suffix in PARQUET:
        rows = parquet_rows(data, file=path.name, decimal=decimal)
    else:
        rows = delimited_rows(
            data, file=path.name, suffix=suffix, delimiter=delimiter, encoding=encoding or "utf-8", comment=comment
        )
    table = text_table(rows, file=path.name, comment=comment)
    return replace(table, sha256=hashlib.sha256(data).hexdigest())


def _bytes(path: Path) -> bytes:
    if path.is_dir():
        raise StudyError(f"{path}: this is a folder, not a file")
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise StudyError(f"no file {path}{_nearest_file(path)}") from None
    except OSError as error:
        raise StudyError(f"{path}: cannot be read ({error.strerror})") from None
    if not data.strip():
        raise StudyError(f"{path.name}: the file is empty")
    return data


def _nearest_file(path: Path) -> str:
    if not path.parent.is_dir():
        return f"; there is no folder {path.parent}"
    return nearest(path.name, sorted(entry.name for entry in path.parent.iterdir() if entry.is_file()))


def _check_options(path: Path, suffix: str, of_text: dict[str, str], sheet: str) -> None:
    """Refuse a kind of file we cannot read, and an option that has no meaning for it."""
    if suffix not in (*DELIMITED, *EXCEL, *PARQUET):
        hint = "; save it as .xlsx" if suffix in (".xls", ".ods", ".xlsb") else ""
        known = ", ".join((*DELIMITED, EXCEL[0], PARQUET[0]))
        raise StudyError(f"{path.name}: a {suffix or 'nameless'} file cannot be read{hint}; known are {known}")
    if sheet and suffix not in EXCEL:
        raise StudyError(f"{path.name}: sheet = {sheet!r} is for workbooks; this is a {suffix} file")
    for key, value in of_text.items():
        if value and suffix not in DELIMITED and key != "comment":
            raise StudyError(f"{path.name}: {key} = {value!r} is for delimited text; this is a {suffix} file")
