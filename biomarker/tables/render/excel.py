"""Tables as an Excel workbook, in which no cell is ever a formula and every number shows as it was printed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from io import BytesIO
from math import ceil
from pathlib import Path

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from biomarker.tables.render.characters import legible, on_one_line
from biomarker.tables.render.columns import Column, columns_of, heading_text, is_wide
from biomarker.tables.render.package import undated
from biomarker.tables.style import MINUS
from biomarker.tables.table import Path as AnyPath
from biomarker.tables.table import Row, Table

_NUMBER = re.compile(rf"{MINUS}?(?:0|[1-9]\d*)(?:\.(\d+))?")  # ASCII only: no sign that Excel reads as a formula
_LONGEST = 32_767  # characters that Excel keeps of one cell
_MOST_DIGITS = 15  # that Excel keeps of one number
_RULE, _THICK = Side(style="thin"), Side(style="medium")
_FONT, _SIZE = "Arial", 10
_FORBIDDEN_IN_NAME = re.compile(r"[\[\]:*?/\\]")
_ESCAPE_LOOKALIKE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")


def render(table: Table, path: AnyPath) -> None:
    """Write a workbook of one sheet that holds `table`."""
    Path(path).write_bytes(to_bytes(table))


def to_bytes(table: Table) -> bytes:
    """Return the workbook of one table as it is written to a file."""
    return workbook_bytes({"Table": table})


def workbook_bytes(tables: Mapping[str, Table]) -> bytes:
    """Return a workbook with one sheet a table, named by the keys as far as Excel allows."""
    workbook = Workbook()
    workbook.remove(workbook.active)
    for name, table in zip(sheet_names(tables), tables.values(), strict=True):
        _fill(workbook.create_sheet(name), table)
    out = BytesIO()
    workbook.save(out)
    return undated(out.getvalue())


def sheet_names(names: Iterable[str]) -> list[str]:
    r"""Return names that Excel takes: at most 31 characters, none of ``[]:*?/\``, no two alike.

    Examples
    --------
    >>> sheet_names(["a/b", "A:B", "history"])
    ['a b', 'A B (2)', 'history (2)']
    """
    given: list[str] = []
    taken = {"history"}  # Excel keeps this one for itself
    for name in names:
        wanted = _FORBIDDEN_IN_NAME.sub(" ", on_one_line(name)).strip("' ") or "Table"
        found, number = wanted[:31].strip("' "), 1
        while found.casefold() in taken:
            number += 1
            found = f"{wanted[: 31 - len(f' ({number})')].rstrip()} ({number})"
        taken.add(found.casefold())
        given.append(found)
    return given


def _fill(sheet: Worksheet, table: Table) -> None:
    columns = columns_of(table)
    _put(sheet, 1, 1, on_one_line(table.title), bold=True)
    for place, (label, column) in enumerate(zip(table.header, columns, strict=True), start=1):
        cell = _put(sheet, 2, place, label, bold=True, alignment=_alignment(column))
        cell.border = Border(top=_THICK, bottom=_RULE)
    last = 2
    for last, row in enumerate(table.lines, start=3):
        _put_row(sheet, last, row, columns)
    for place in range(1, len(columns) + 1):
        cell = sheet.cell(last, place)
        cell.border = Border(top=cell.border.top, bottom=_THICK)
    for number, note in enumerate(table.footnotes, start=last + 1):
        _put_note(sheet, number, on_one_line(note), columns)
    for place, width in enumerate(_widths(columns), start=1):
        sheet.column_dimensions[get_column_letter(place)].width = width
    _set_page(sheet, table)


def _put_row(sheet: Worksheet, number: int, row: Row, columns: tuple[Column, ...]) -> None:
    if row.is_heading:
        _put(sheet, number, 1, on_one_line(heading_text(row)), bold=True)
        return
    for place, (text, column) in enumerate(zip(row.cells, columns, strict=True), start=1):
        indent = row.indent if place == 1 else 0
        _put(sheet, number, place, text, alignment=_alignment(column, indent))


def _put(
    sheet: Worksheet, row: int, place: int, text: str, *, bold: bool = False, alignment: Alignment | None = None
) -> Cell:
    """Write one text: as a number where Excel will print the same, else as text whatever it begins with."""
    cell = sheet.cell(row, place)
    cell.font = Font(name=_FONT, size=_SIZE, bold=bold)
    if alignment is not None:
        cell.alignment = alignment
    text = legible(text).strip()
    number = None if bold else _as_number(text)
    if number is not None:
        cell.value, cell.number_format = number
    elif text:
        _put_text(cell, text)
    return cell


def _put_text(cell: Cell, text: str) -> None:
    # "_x0041_" is how the format itself writes "A"; its underscore is escaped so that it stays what it is.
    text = _ESCAPE_LOOKALIKE.sub("_x005F_", text)
    cell.value = text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
    cell.data_type = "s"  # after the value: openpyxl takes "=…" for a formula and "#N/A" for an error
    cell.quotePrefix = True  # and Excel, should the cell be edited, does not
    cell.number_format = "@"


def _as_number(text: str) -> tuple[float | int, str] | None:
    """Return a number and the format under which Excel prints `text`, or None where there is none."""
    found = _NUMBER.fullmatch(text)
    if found is None or (not text.isascii() and not text.startswith(MINUS)) or _digits(text) > _MOST_DIGITS:
        return None
    value = float(text.replace(MINUS, "-"))
    if value == 0 and text.startswith(MINUS):
        return None
    decimals = len(found[1] or "")
    pattern = "0." + "0" * decimals if decimals else "0"
    return (value if decimals else int(value)), f'{pattern};"{MINUS}"{pattern}'


def _digits(text: str) -> int:
    return sum(character.isdigit() for character in text)


def _put_note(sheet: Worksheet, number: int, note: str, columns: tuple[Column, ...]) -> None:
    cell = _put(sheet, number, 1, note, alignment=Alignment(wrap_text=True, vertical="top"))
    cell.font = Font(name=_FONT, size=_SIZE - 1, color="FF444444")
    if cell.data_type == "n":  # a note that is a bare number is still a note
        _put_text(cell, note)
    width = sum(_widths(columns))
    if len(columns) > 1:
        sheet.merge_cells(start_row=number, start_column=1, end_row=number, end_column=len(columns))
    sheet.row_dimensions[number].height = 12.5 * max(1, ceil(len(note) * 0.95 / width))


def _widths(columns: tuple[Column, ...]) -> list[float]:
    return [min(max(column.width * 1.1 + 2, 8), 60) for column in columns]


def _alignment(column: Column, indent: int = 0) -> Alignment:
    if column.is_numeric:
        return Alignment(horizontal="right", vertical="top")
    return Alignment(horizontal="left", vertical="top", indent=indent, wrap_text=True)


def _set_page(sheet: Worksheet, table: Table) -> None:
    sheet.freeze_panes = "B3"
    sheet.sheet_view.showGridLines = False
    sheet.print_title_rows = "1:2"
    sheet.page_setup.orientation = "landscape" if is_wide(table) else "portrait"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
