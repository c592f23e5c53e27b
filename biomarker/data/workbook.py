"""Excel workbooks to rows of cells of text."""

from __future__ import annotations

import datetime as dt
import io
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any

from biomarker.errors import Problem, StudyError, nearest

SPREADSHEET_DIGITS = 15
_SHEETS = "xl/worksheets/"
_STYLES, _BOOK = "xl/styles.xml", "xl/workbook.xml"
_QUOTED = re.compile(r'"[^"]*"|\\.')  # words of a number format that only stand there
_ZEROS = re.compile(r"0{2,}")  # shows 7 as 007
_LARGEST = 2**30  # bytes unpacked; a workbook of more is no table of a trial
_CELLS_BY_NAME = 5  # merged cells named in a note
# what openpyxl raises on a file that is damaged or no workbook; which of them, it does not say
_DAMAGED = (
    *(zipfile.BadZipFile, zlib.error, SyntaxError, KeyError, ValueError, TypeError, IndexError, AttributeError),
    *(OSError, EOFError, OverflowError, RuntimeError, NotImplementedError),
)


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """The rows of one sheet as text, and what was found about it."""

    rows: Sequence[list[str]]
    notes: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()


def excel_rows(data: bytes, *, file: str, sheet: str = "", decimal: str = ".") -> Iterator[list[str]]:
    """Read the rows of one sheet as text, without regard to merged cells; see `excel_sheet`."""
    return iter(excel_sheet(data, file=file, sheet=sheet, decimal=decimal).rows)


def excel_sheet(
    data: bytes, *, file: str, sheet: str = "", decimal: str = ".", skip_rows: int = 0, header_rows: int = 1
) -> Sheet:
    """Read one sheet as text: whole numbers without a point, dates as ISO, formula errors as they show.

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
    skip_rows, header_rows : int
        Rows before the header and of it; a cell merged over columns may stand there alone.

    Returns
    -------
    Sheet
        A cell merged over rows stands in each of them; hidden rows and columns are there like the others, and named.

    Raises
    ------
    StudyError
        If it is no workbook, has no such sheet, or holds formulas whose values were never saved.
    """
    with _readable(file):
        archive = zipfile.ZipFile(io.BytesIO(data))
        if sum(entry.file_size for entry in archive.infolist()) > _LARGEST:
            raise StudyError(f"{file}: the workbook unpacks to more than {_LARGEST >> 30} GB; save the table alone")
        sheets = [name for name in archive.namelist() if name.startswith(_SHEETS) and name.endswith(".xml")]
        marks = _marks(map(archive.read, sheets)) | _book_marks(archive)
        book = _workbook(data, data_only=True, whole="merged" in marks)
        name = _sheet_name(book, sheet, file=file)
        chosen = book[name]
        if "merged" not in marks:
            chosen.reset_dimensions()  # a sheet may claim a million columns and have ten, or one and have ten
        if "formula" in marks:
            _check_saved_values(data, chosen, file=file, stale="stale" in marks)
        if "shown" in marks:
            rows = _padded([[_as_shown(cell, decimal=decimal) for cell in row] for row in chosen.iter_rows()])
        else:
            rows = _padded([[cell_text(cell, decimal=decimal) for cell in row] for row in _values(chosen)])
        if "merged" not in marks:
            return Sheet(rows=rows)
        return _unmerged(chosen, rows, file=file, head=_header_end(rows, skip_rows, header_rows))


def _values(sheet: Any) -> Iterator[tuple[Any, ...]]:  # noqa: ANN401 (openpyxl has no types)
    return iter(sheet.iter_rows(values_only=True))


def _padded(rows: list[list[str]]) -> list[list[str]]:
    """Give every row the width of the widest: a sheet does not keep the empty cells at a row's end."""
    while rows and not any(rows[-1]):
        rows.pop()
    width = max((len(row) for row in rows), default=0)
    return [[*row, *[""] * (width - len(row))] for row in rows]


def _marks(texts: Iterator[bytes]) -> set[str]:
    """Say what the sheets hold that needs a second look: formulas; merged or hidden cells."""
    found = set()
    for text in texts:
        if b"<f>" in text or b"<f " in text:
            found.add("formula")
        if b"<mergeCell " in text or b' hidden="' in text:
            found.add("merged")
    return found


def _book_marks(archive: zipfile.ZipFile) -> set[str]:
    """Say what holds for the whole workbook: formats that show a number otherwise, and values not to be relied on."""
    names, found = set(archive.namelist()), set()
    styles = archive.read(_STYLES) if _STYLES in names else b""
    if re.search(rb'numFmtId="(?:9|10)"|formatCode="(?:[^"]*%|0{2,}")', styles):
        found.add("shown")
    if _BOOK in names and re.search(rb'fullCalcOnLoad="(?:1|true)"', archive.read(_BOOK)):
        found.add("stale")
    return found


def _as_shown(cell: Any, *, decimal: str) -> str:  # noqa: ANN401
    """Write a cell with the percent sign or the leading zeros that its number format shows."""
    value, shown = cell.value, _QUOTED.sub("", getattr(cell, "number_format", None) or "")
    if isinstance(value, int | float) and not isinstance(value, bool):
        if "%" in shown:
            return f"{value * 100:.{SPREADSHEET_DIGITS - 1}g}%".replace(".", decimal)
        if _ZEROS.fullmatch(shown) and value >= 0 and float(value).is_integer():
            return f"{int(value):0{len(shown)}d}"
    return cell_text(value, decimal=decimal)


def _header_end(rows: Sequence[Sequence[str]], skip_rows: int, header_rows: int) -> int:
    first = next((at for at, row in enumerate(rows) if at >= skip_rows and any(map(str.strip, row))), skip_rows)
    return first + header_rows


def _unmerged(sheet: Any, rows: list[list[str]], *, file: str, head: int) -> Sheet:  # noqa: ANN401
    """Give each row its part of a merged cell, name what is hidden, and report cells merged over columns."""
    filled: list[str] = []
    problems: list[Problem] = []
    for merged in sorted(sheet.merged_cells.ranges, key=lambda one: (one.min_row, one.min_col)):
        top, left, right = merged.min_row, merged.min_col, merged.max_col
        if top > len(rows) or not rows[top - 1][left - 1 : left]:
            continue
        if right > left and top > head:
            if rows[top - 1][left - 1]:
                rule = f"cells {merged.coord} are merged over columns, so it is not known whose the value is; part them"
                problems.append(Problem(file=file, row=top, value=rows[top - 1][left - 1], rule=rule))
            continue
        for row in rows[top - 1 : merged.max_row]:
            row[left - 1 : right] = [rows[top - 1][left - 1]] * len(row[left - 1 : right])
        if merged.max_row > top > head:
            filled.append(merged.coord)
    notes = []
    if filled:
        more = f" and {len(filled) - _CELLS_BY_NAME} more" if len(filled) > _CELLS_BY_NAME else ""
        named = ", ".join(islice(filled, _CELLS_BY_NAME))
        notes.append(f"{file}: cells merged over rows ({named}{more}) were given to each of their rows.")
    notes += _hidden(sheet, len(rows), file=file)
    return Sheet(rows=rows, notes=tuple(notes), problems=tuple(problems))


def _hidden(sheet: Any, height: int, *, file: str) -> Iterator[str]:  # noqa: ANN401
    rows = sorted(number for number, row in sheet.row_dimensions.items() if row.hidden and number <= height)
    columns = sorted(letter for letter, column in sheet.column_dimensions.items() if column.hidden)
    for kind, which in (("row", rows), ("column", columns)):
        if which:
            some = ", ".join(map(str, which[:_CELLS_BY_NAME])) + (", …" if len(which) > _CELLS_BY_NAME else "")
            are = f"s {some} are" if len(which) > 1 else f" {some} is"
            yield f"{file}: {kind}{are} hidden in the spreadsheet, and read like the others."
    if sheet.sheet_state != "visible":
        yield f"{file}: the sheet {sheet.title!r} is hidden in the spreadsheet."


def sheet_names(data: bytes, *, file: str, hidden: bool = True) -> tuple[str, ...]:
    """Return the names of a workbook's sheets; without those `hidden`, where that is false and others are left."""
    with _readable(file):
        book = _workbook(data, data_only=True)
        names = tuple(map(str, book.sheetnames))
        shown = tuple(name for name in names if book[name].sheet_state == "visible")
    return names if hidden or not shown else shown


@contextmanager
def _readable(file: str) -> Iterator[None]:
    """Turn every way in which a damaged workbook fails into one message; openpyxl's warnings are of style, not data."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except StudyError:
        raise
    except _DAMAGED:
        raise StudyError(f"{file}: not an Excel workbook (.xlsx), or protected by a password") from None


def _workbook(data: bytes, *, data_only: bool, whole: bool = False) -> Any:  # noqa: ANN401 (openpyxl has no types)
    import openpyxl

    return openpyxl.load_workbook(io.BytesIO(data), read_only=not whole, data_only=data_only)


def _sheet_name(book: Any, wanted: str, *, file: str) -> str:  # noqa: ANN401
    names = [str(name) for name in book.sheetnames]
    if not wanted:
        if len(names) == 1:
            return names[0]
        listed = ", ".join(name if book[name].sheet_state == "visible" else f"{name} (hidden)" for name in names)
        raise StudyError(f"{file}: the workbook has {len(names)} sheets ({listed}); name one: sheet = {names[0]!r}")
    if wanted not in names:
        raise StudyError(f"{file}: no sheet {wanted!r}{nearest(wanted, names)}; the workbook has {', '.join(names)}")
    return wanted


def _check_saved_values(data: bytes, sheet: Any, *, file: str, stale: bool) -> None:  # noqa: ANN401
    """Refuse formulas without a saved value, which would read as empty cells, or with one that was never computed."""
    formulas = _workbook(data, data_only=False)[sheet.title]
    formulas.reset_dimensions()
    rows = zip(sheet.iter_rows(), formulas.iter_rows(), strict=False)
    for number, (values, sources) in enumerate(rows, start=1):
        for value, source in zip(values, sources, strict=False):
            if source.data_type == "f" and (stale or value.value is None):
                lacks = (
                    "was saved by a program that does not compute it"
                    if value.value is not None
                    else "has no saved value"
                )
                raise StudyError(
                    f"{file}, sheet {sheet.title}, row {number}: the formula in {source.coordinate} {lacks}; "
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
