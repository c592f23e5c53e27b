"""Tables as an Excel workbook, in which no cell is ever a formula and every number shows as it was printed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from io import BytesIO
from itertools import chain
from math import ceil
from pathlib import Path

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.worksheet import Worksheet

from biomarker.tables.render.characters import display_width, legible, on_one_line, superscript
from biomarker.tables.render.columns import Column, columns_of, heading_text, is_wide
from biomarker.tables.render.package import undated
from biomarker.tables.style import MINUS
from biomarker.tables.table import Path as AnyPath
from biomarker.tables.table import Row, Table

_NUMBER = re.compile(rf"{MINUS}?(?:0|[1-9]\d*)(?:\.(\d+))?")  # ASCII only: no sign that Excel reads as a formula
_CHARACTER, _LINE, _HIGHEST = 1.15, 12.75, 400.0  # width of a letter in columns' units, height of a line in points
_CONTENTS = "Contents"
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


def workbook_bytes(tables: Mapping[str, Table], *, contents: str = "", banner: str = "") -> bytes:
    """Return a workbook with one sheet a table, named by the keys as far as Excel allows.

    Parameters
    ----------
    tables : mapping of str to Table
    contents : str
        Title of a first sheet that lists the tables and links to each; without it there is no such sheet.
    banner : str
        What must not be overlooked, above that title.
    """
    workbook = Workbook()
    workbook.remove(workbook.active)
    names = sheet_names([*([_CONTENTS] if contents else []), *tables])
    if contents:
        sheet = workbook.create_sheet(names.pop(0))
        _fill_contents(sheet, contents, banner, dict(zip(names, tables.values(), strict=True)))
    for name, table in zip(names, tables.values(), strict=True):
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
    last = _put_header(sheet, table, columns)
    header_rows = last
    decimals = [_decimals(table, place) if column.is_ragged else None for place, column in enumerate(columns)]
    for last, row in enumerate(table.lines, start=header_rows + 1):
        _put_row(sheet, last, row, table, columns, decimals)
    for place in range(1, len(columns) + 1):
        cell = sheet.cell(last, place)
        cell.border = Border(top=cell.border.top, bottom=_THICK)
    notes = [("", note) for note in table.footnotes] + [(mark, note) for note, mark in table.marks.items()]
    for number, (mark, note) in enumerate(notes, start=last + 1):
        _put_note(sheet, number, on_one_line(note), columns, mark)
    for place, width in enumerate(_widths(columns), start=1):
        sheet.column_dimensions[get_column_letter(place)].width = width
    _set_height(sheet, header_rows, table.labels, columns)
    for number, row in enumerate(table.lines, start=header_rows + 1):
        if not row.is_heading:
            _set_height(sheet, number, row.cells, columns)
    _set_page(sheet, table, header_rows)


def _fill_contents(sheet: Worksheet, title: str, banner: str, tables: Mapping[str, Table]) -> None:
    """Write the list of tables, each a link to its sheet."""
    _put(sheet, 1, 1, on_one_line(f"{banner}. {title}" if banner else title), bold=True)
    for row, (name, table) in enumerate(tables.items(), start=2):
        cell = _put(sheet, row, 1, on_one_line(table.title), alignment=Alignment(wrap_text=True, vertical="top"))
        place = "'" + name.replace("'", "''") + "'!A1"
        cell.hyperlink = Hyperlink(ref=cell.coordinate, location=place)
        cell.font = Font(name=_FONT, size=_SIZE, color="FF0B4F8A", underline="single")
    sheet.column_dimensions["A"].width = 100
    sheet.sheet_view.showGridLines = False


def _put_header(sheet: Worksheet, table: Table, columns: tuple[Column, ...]) -> int:
    """Write spanners and labels; return the row of the labels."""
    row = 3 if table.spanners else 2
    for spanner in table.spanners:
        first, last = spanner.first + 1, spanner.last + 1
        alignment = Alignment(horizontal="center", vertical="bottom", wrap_text=True)
        _put(sheet, 2, first, spanner.label, bold=True, alignment=alignment, mark=table.marks_of(spanner.notes))
        if last > first:
            sheet.merge_cells(start_row=2, start_column=first, end_row=2, end_column=last)
    for place, (label, column, notes) in enumerate(zip(table.labels, columns, table.header_notes, strict=True), 1):
        cell = _put(sheet, row, place, label, bold=True, alignment=_alignment(column), mark=table.marks_of(notes))
        is_spanned = any(spanner.first < place <= spanner.last + 1 for spanner in table.spanners)
        cell.border = Border(top=_RULE if is_spanned else None if table.spanners else _THICK, bottom=_RULE)
        if table.spanners:
            sheet.cell(2, place).border = Border(top=_THICK)
    return row


def _put_row(
    sheet: Worksheet,
    number: int,
    row: Row,
    table: Table,
    columns: tuple[Column, ...],
    decimals: Sequence[int | None],
) -> None:
    if row.is_heading:
        mark = table.marks_of(tuple(chain(*row.notes)))
        _put(sheet, number, 1, on_one_line(heading_text(row)), bold=True, mark=mark)
        return
    for place, (text, column) in enumerate(zip(row.cells, columns, strict=True), start=1):
        indent = row.indent if place == 1 else 0
        mark = table.marks_of(row.notes[place - 1])
        alignment = _alignment(column, indent)
        _put(sheet, number, place, text, alignment=alignment, mark=mark, room=decimals[place - 1])


def _decimals(table: Table, place: int) -> int:
    """Return the most decimals that a plain number of the column has."""
    found = [_NUMBER.fullmatch(row.cells[place].strip()) for row in table.lines if not row.is_heading]
    return max((len(number[1] or "") for number in found if number), default=0)


def _put(
    sheet: Worksheet,
    row: int,
    place: int,
    text: str,
    *,
    bold: bool = False,
    alignment: Alignment | None = None,
    mark: str = "",
    room: int | None = None,
) -> Cell:
    """Write one text: as a number where Excel will print the same, else as text whatever it begins with.

    `room` are the decimals for which a number keeps room behind it, so that the points of its column meet.
    """
    cell = sheet.cell(row, place)
    cell.font = Font(name=_FONT, size=_SIZE, bold=bold)
    if alignment is not None:
        cell.alignment = alignment
    text = legible(text).strip()
    number = None if bold else _as_number(text, mark, room)
    if number is not None:
        cell.value, cell.number_format = number
    elif text or mark:
        _put_text(cell, text, mark)
    return cell


def _put_text(cell: Cell, text: str, mark: str = "") -> None:
    # "_x0041_" is how the format itself writes "A"; its underscore is escaped so that it stays what it is.
    text = _ESCAPE_LOOKALIKE.sub("_x005F_", text)
    text = text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
    if mark:
        font = InlineFont(rFont=_FONT, sz=cell.font.sz, b=cell.font.b, color=cell.font.color)
        raised = InlineFont(rFont=_FONT, sz=cell.font.sz, vertAlign="superscript")
        cell.value = CellRichText(*([TextBlock(font, text)] if text else []), TextBlock(raised, mark))
    else:
        cell.value = text
    cell.data_type = "s"  # after the value: openpyxl takes "=…" for a formula and "#N/A" for an error
    cell.quotePrefix = True  # and Excel, should the cell be edited, does not
    cell.number_format = "@"


def _as_number(text: str, mark: str = "", room: int | None = None) -> tuple[float | int, str] | None:
    """Return a number and the format under which Excel prints `text`, or None where there is none."""
    found = _NUMBER.fullmatch(text)
    if found is None or (not text.isascii() and not text.startswith(MINUS)) or _digits(text) > _MOST_DIGITS:
        return None
    value = float(text.replace(MINUS, "-"))
    if value == 0 and text.startswith(MINUS):
        return None
    decimals = len(found[1] or "")
    pattern = "0." + "0" * decimals if decimals else "0"
    pattern += f'"{superscript(mark)}"' if mark else ""
    if room is not None and room > decimals:  # "_0" is a blank as wide as a 0
        pattern += ("" if decimals else "_.") + "_0" * (room - decimals)
    return (value if decimals else int(value)), f'{pattern};"{MINUS}"{pattern}'


def _digits(text: str) -> int:
    return sum(character.isdigit() for character in text)


def _put_note(sheet: Worksheet, number: int, note: str, columns: tuple[Column, ...], mark: str) -> None:
    cell = sheet.cell(number, 1)
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    cell.font = Font(name=_FONT, size=_SIZE - 1, color="FF444444")
    text = _ESCAPE_LOOKALIKE.sub("_x005F_", note)
    if mark:
        grey = InlineFont(rFont=_FONT, sz=_SIZE - 1, color="FF444444")
        raised = InlineFont(rFont=_FONT, sz=_SIZE - 1, color="FF444444", vertAlign="superscript")
        _put_text(cell, "")
        cell.value = CellRichText(TextBlock(raised, mark), TextBlock(grey, f" {text}"))
        cell.data_type = "s"
    elif note:
        _put_text(cell, note)
    width = sum(_widths(columns))
    if len(columns) > 1:
        sheet.merge_cells(start_row=number, start_column=1, end_row=number, end_column=len(columns))
    sheet.row_dimensions[number].height = 12.5 * max(1, ceil(len(note) * 0.95 / width))


def _set_height(sheet: Worksheet, number: int, texts: Sequence[str], columns: tuple[Column, ...]) -> None:
    """Make room for text that is broken into lines: not every program does so by itself."""
    lines = [
        sum(max(1, ceil(display_width(line) * _CHARACTER / width)) for line in legible(text).strip().split("\n"))
        for text, column, width in zip(texts, columns, _widths(columns), strict=True)
        if not column.is_numeric
    ]
    if max(lines, default=1) > 1:
        sheet.row_dimensions[number].height = min(_LINE * max(lines), _HIGHEST)


def _widths(columns: tuple[Column, ...]) -> list[float]:
    return [min(max(column.width * 1.1 + 2, 8), 60) for column in columns]


def _alignment(column: Column, indent: int = 0) -> Alignment:
    if column.is_numeric:
        return Alignment(horizontal="right", vertical="top")
    return Alignment(horizontal="left", vertical="top", indent=indent, wrap_text=True)


def _set_page(sheet: Worksheet, table: Table, header_rows: int) -> None:
    sheet.freeze_panes = f"B{header_rows + 1}"
    sheet.sheet_view.showGridLines = False
    sheet.print_title_rows = f"1:{header_rows}"
    sheet.page_setup.orientation = "landscape" if is_wide(table) else "portrait"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
