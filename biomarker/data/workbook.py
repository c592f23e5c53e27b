"""Excel workbooks and Parquet files to rows of cells of text."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import Any

from biomarker.errors import StudyError, nearest

SPREADSHEET_DIGITS = 15
_EVERY_DIGIT = 17
_SHEETS = "xl/worksheets/"


def excel_rows(data: bytes, *, file: str, sheet: str = "", decimal: str = ".") -> Iterator[list[str]]:
    """Read the rows of one sheet as text: whole numbers without a point, dates as ISO, formula errors as they show.

    Parameters
    ----------
    data : bytes
        The whole ``.xlsx`` file.
    file : str
        Its name, for messages.
    sheet : str
        Name of the sheet; may be left out where the workbook has one sheet.
    decimal : str
        The decimal mark to write numbers with.

    Raises
    ------
    StudyError
        If it is no workbook, has no such sheet, or holds formulas whose values were never saved.
    """
    book = _workbook(data, file=file, data_only=True)
    name = _sheet_name(book.sheetnames, sheet, file=file)
    if _has_formulas(data):
        _check_saved_values(data, book, name, file=file)
    return ([cell_text(cell, decimal=decimal) for cell in row] for row in book[name].iter_rows(values_only=True))


def sheet_names(data: bytes, *, file: str) -> tuple[str, ...]:
    """Return the names of a workbook's sheets."""
    return tuple(_workbook(data, file=file, data_only=True).sheetnames)


def _workbook(data: bytes, *, file: str, data_only: bool) -> Any:  # noqa: ANN401 (openpyxl has no types)
    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        return openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=data_only)
    except (zipfile.BadZipFile, KeyError, InvalidFileException, OSError, ValueError):
        raise StudyError(f"{file}: not an Excel workbook (.xlsx), or protected by a password") from None


def _sheet_name(names: Sequence[str], wanted: str, *, file: str) -> str:
    if not wanted:
        if len(names) == 1:
            return names[0]
        raise StudyError(
            f"{file}: the workbook has {len(names)} sheets ({', '.join(names)}); name one: sheet = {names[0]!r}"
        )
    if wanted not in names:
        raise StudyError(f"{file}: no sheet {wanted!r}{nearest(wanted, names)}; the workbook has {', '.join(names)}")
    return wanted


def _has_formulas(data: bytes) -> bool:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        sheets = [name for name in archive.namelist() if name.startswith(_SHEETS) and name.endswith(".xml")]
        return any(b"<f>" in text or b"<f " in text for text in map(archive.read, sheets))


def _check_saved_values(data: bytes, book: Any, sheet: str, *, file: str) -> None:  # noqa: ANN401
    """Refuse formulas without a saved value, which would read as empty cells."""
    formulas = _workbook(data, file=file, data_only=False)
    rows = zip(book[sheet].iter_rows(), formulas[sheet].iter_rows(), strict=False)
    for number, (values, sources) in enumerate(rows, start=1):
        for value, source in zip(values, sources, strict=False):
            if source.data_type == "f" and value.value is None:
                raise StudyError(
                    f"{file}, sheet {sheet}, row {number}: the formula in {source.coordinate} has no saved value; "
                    "open the workbook in a spreadsheet program and save it"
                )


def cell_text(value: object, *, decimal: str = ".", digits: int = SPREADSHEET_DIGITS) -> str:
    """Write a cell as a person would read it.

    Parameters
    ----------
    value : object
        What the file holds.
    decimal : str
        The decimal mark to write numbers with, so that they match cells typed as text.
    digits : int
        Significant digits; 15 hide the noise of binary fractions, 17 keep every number apart.

    Examples
    --------
    >>> cell_text(3.0), cell_text(0.1 + 0.2), cell_text(True), cell_text(None)
    ('3', '0.3', 'true', '')
    """
    if value is None or value != value:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _number_text(value, digits).replace(".", decimal)
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat()
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return str(value)


def _number_text(value: float, digits: int) -> str:
    if value.is_integer() and abs(value) < 10**SPREADSHEET_DIGITS:
        return str(int(value))
    return repr(value) if digits > SPREADSHEET_DIGITS else f"{value:.{digits}g}"


def parquet_rows(data: bytes, *, file: str, decimal: str = ".") -> Iterator[list[str]]:
    """Read a Parquet file as text, its header first; numbers are written with as many digits as they need.

    Raises
    ------
    StudyError
        If pyarrow is not installed, or the file is no Parquet file.
    """
    try:
        pyarrow = import_module("pyarrow")
        parquet = import_module("pyarrow.parquet")
    except ImportError:
        raise StudyError(
            f"{file}: reading Parquet needs pyarrow; install it with: pip install 'biomarker[io]'"
        ) from None
    try:
        table = parquet.read_table(io.BytesIO(data))
    except (pyarrow.ArrowInvalid, OSError):
        raise StudyError(f"{file}: not a Parquet file") from None
    columns = [
        [cell_text(value, decimal=decimal, digits=_EVERY_DIGIT) for value in column.to_pylist()]
        for column in table.columns
    ]
    yield [str(name) for name in table.column_names]
    yield from (list(row) for row in zip(*columns, strict=True))
