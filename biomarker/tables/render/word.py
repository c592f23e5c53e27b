"""A table in a Word document: its caption, its grid, its footnotes."""

from __future__ import annotations

from pathlib import Path

from docx.document import Document as WordDocument
from docx.text.paragraph import Paragraph

from biomarker.tables.render.characters import on_one_line
from biomarker.tables.render.columns import is_wide, panels
from biomarker.tables.render.house_template import HouseTemplate, load_template
from biomarker.tables.render.word_document import (
    TABLE_NOTE,
    add_number,
    as_bytes,
    blank_document,
    cell_style,
    text_width,
)  # fmt: skip
from biomarker.tables.render.word_table import table_xml
from biomarker.tables.table import Path as AnyPath
from biomarker.tables.table import Table

_EMU_IN_TWIP = 635


def render(table: Table, path: AnyPath, *, template: AnyPath | None = None) -> None:
    """Write a Word document that holds `table`."""
    Path(path).write_bytes(to_bytes(table, template=None if template is None else load_template(template)))


def to_bytes(table: Table, *, template: HouseTemplate | None = None) -> bytes:
    """Return the Word document of one table as it is written to a file."""
    document = blank_document(table.title, landscape=is_wide(table), template=template)
    add_table(document, table)
    return as_bytes(document)


def add_table(document: WordDocument, table: Table, *, number: int | None = None, bookmark: str = "") -> None:
    """Append caption, table and footnotes.

    Parameters
    ----------
    document : docx.document.Document
        One of `blank_document`, which has the styles.
    table : Table
    number : int, optional
        Of the table in the document; it becomes a field of Word's, so that a list of tables can be made.
    bookmark : str
        Name of a bookmark round "Table 1", to which cross-references point.
    """
    caption = document.add_paragraph(style="Caption")
    caption.paragraph_format.keep_with_next = True
    if number is not None:
        add_number(caption, "Table", number, bookmark=bookmark)
    caption.add_run(on_one_line(table.title)).bold = number is None
    parts = panels(table)
    has_notes = bool(table.footnotes or table.marks)
    width = text_width(document) // _EMU_IN_TWIP
    for place, panel in enumerate(parts):
        if place:
            document.add_paragraph("(continued)", style=TABLE_NOTE).paragraph_format.keep_with_next = True
        grid = table_xml(
            panel, table, width=width, style=cell_style(document), has_more=has_notes and place == len(parts) - 1
        )
        document.element.body.insert_element_before(grid, "w:sectPr")
    for note in table.footnotes:
        document.add_paragraph(on_one_line(note), style=TABLE_NOTE)
    for note, mark in table.marks.items():
        _add_marked(document.add_paragraph(style=TABLE_NOTE), mark, note)
    document.add_paragraph(style=TABLE_NOTE)


def _add_marked(paragraph: Paragraph, mark: str, note: str) -> None:
    paragraph.add_run(mark).font.superscript = True
    paragraph.add_run(f" {on_one_line(note)}")
