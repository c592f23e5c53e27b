"""A table as a native Word table: three rules, a header that repeats on each page, rows that do not break."""

from __future__ import annotations

from pathlib import Path

from docx.document import Document as WordDocument
from docx.enum.table import WD_ALIGN_VERTICAL, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Length, Pt
from docx.table import Table as WordTable
from docx.table import _Cell, _Row
from docx.text.paragraph import Paragraph

from biomarker.tables.render.characters import legible, on_one_line
from biomarker.tables.render.columns import Column, columns_of, heading_text, is_wide, shares
from biomarker.tables.render.word_document import (
    TABLE_NOTE,
    TABLE_TEXT_ID,
    add_number,
    as_bytes,
    blank_document,
    text_width,
)  # fmt: skip
from biomarker.tables.table import Path as AnyPath
from biomarker.tables.table import Row, Table

_KEEP_WHOLE = 24  # rows: a table no longer than this is never broken over two pages
_THICK, _THIN = "12", "6"  # eighths of a point


def render(table: Table, path: AnyPath) -> None:
    """Write a Word document that holds `table`."""
    Path(path).write_bytes(to_bytes(table))


def to_bytes(table: Table) -> bytes:
    """Return the Word document of one table as it is written to a file."""
    document = blank_document(table.title, landscape=is_wide(table))
    add_table(document, table)
    return as_bytes(document)


def add_table(document: WordDocument, table: Table, *, number: int | None = None) -> None:
    """Append caption, table and footnotes.

    Parameters
    ----------
    document : docx.document.Document
        One of `blank_document`, which has the styles.
    table : Table
    number : int, optional
        Of the table in the document; it becomes a field of Word's, so that a list of tables can be made.
    """
    caption = document.add_paragraph(style="Caption")
    caption.paragraph_format.keep_with_next = True
    if number is not None:
        add_number(caption, "Table", number)
    caption.add_run(on_one_line(table.title)).bold = number is None
    columns = columns_of(table)
    grid = document.add_table(rows=0, cols=len(columns))
    grid.alignment, grid.autofit = WD_TABLE_ALIGNMENT.LEFT, False
    widths = [Length(int(share * text_width(document))) for share in shares(table)]
    for column, width in zip(grid.columns, widths, strict=True):
        column.width = width
    _add_header(grid, table, columns, widths)
    for row in table.lines:
        _add_row(grid, row, columns, widths)
    _rule(grid.rows[-1], bottom=_THICK)
    if len(grid.rows) <= _KEEP_WHOLE:
        _keep_together(grid, and_next=bool(table.footnotes))
    for note in table.footnotes:
        document.add_paragraph(on_one_line(note), style=TABLE_NOTE)
    document.add_paragraph(style=TABLE_NOTE)


def _add_header(grid: WordTable, table: Table, columns: tuple[Column, ...], widths: list[Length]) -> None:
    row = grid.add_row()  # type: ignore[no-untyped-call] # python-docx leaves it untyped
    properties = row._tr.get_or_add_trPr()
    for name in ("w:cantSplit", "w:tblHeader"):
        properties.append(OxmlElement(name))
    for cell, label, column, width in zip(row.cells, table.header, columns, widths, strict=True):
        _set_cell(cell, label, column, width, bold=True)
        cell.vertical_alignment = WD_ALIGN_VERTICAL.BOTTOM
    _rule(row, top=_THICK, bottom=_THIN)


def _add_row(grid: WordTable, row: Row, columns: tuple[Column, ...], widths: list[Length]) -> None:
    added = grid.add_row()  # type: ignore[no-untyped-call] # python-docx leaves it untyped
    added._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
    cells = added.cells
    if row.is_heading:
        for cell, width in zip(cells, widths, strict=True):
            cell.width = width
        whole = cells[0].merge(cells[-1]) if len(cells) > 1 else cells[0]
        paragraph = _set_cell(whole, heading_text(row), columns[0], Length(sum(widths)), bold=True)
        paragraph.paragraph_format.space_before = Pt(5)
        paragraph.paragraph_format.keep_with_next = True
        return
    for cell, text, column, width in zip(cells, row.cells, columns, widths, strict=True):
        _set_cell(cell, text, column, width)
    if row.indent:
        cells[0].paragraphs[0].paragraph_format.left_indent = Cm(0.4 * row.indent)


def _set_cell(cell: _Cell, text: str, column: Column, width: Length, *, bold: bool = False) -> Paragraph:
    cell.width = width
    paragraph: Paragraph = cell.paragraphs[0]
    paragraph._p.style = TABLE_TEXT_ID  # by its id: python-docx searches all styles for a name, cell by cell
    paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT if column.is_numeric else WD_ALIGN_PARAGRAPH.LEFT
    shown = legible(text).strip()
    if shown:
        paragraph.add_run(shown).bold = bold or None
    return paragraph


def _rule(row: _Row, **lines: str) -> None:
    """Draw rules above or below the cells of a row, so that a header has its own on every page."""
    for cell in row._tr.tc_lst:
        properties = cell.get_or_add_tcPr()
        borders = properties.find(qn("w:tcBorders"))
        if borders is None:
            borders = OxmlElement("w:tcBorders")
            properties.insert_element_before(
                borders, "w:shd", "w:noWrap", "w:tcMar", "w:textDirection", "w:tcFitText", "w:vAlign", "w:hideMark"
            )
        for side, size in lines.items():
            for old in borders.findall(qn(f"w:{side}")):
                borders.remove(old)
            line = OxmlElement(f"w:{side}")
            for name, value in (("val", "single"), ("sz", size), ("space", "0"), ("color", "1B1F24")):
                line.set(qn(f"w:{name}"), value)
            borders.append(line)


def _keep_together(grid: WordTable, *, and_next: bool) -> None:
    rows = grid.rows
    for row in list(rows)[: None if and_next else -1]:
        for cell in row.cells:
            for paragraph in cell.paragraphs:
                paragraph.paragraph_format.keep_with_next = True
