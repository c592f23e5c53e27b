"""Every table of a run in one Word document, counted and referred to by Word's own fields."""

from __future__ import annotations

from typing import TYPE_CHECKING

from docx.document import Document as WordDocument
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK
from docx.shared import Pt, RGBColor

from biomarker.tables.render.characters import on_one_line
from biomarker.tables.render.columns import is_wide
from biomarker.tables.render.word import add_table
from biomarker.tables.render.word_document import (
    add_box,
    add_field,
    add_page_number,
    as_bytes,
    blank_document,
    header_paragraph,
    turn_page,
)
from biomarker.tables.table import Table

if TYPE_CHECKING:
    from biomarker.tables.render.combined import TableBook
    from biomarker.tables.render.house_template import HouseTemplate

_ALERT = RGBColor(0x8A, 0x1C, 0x0B)


def book_bytes(book: TableBook, *, template: HouseTemplate | None = None) -> bytes:
    """Return the document of a book of tables as it is written to a file."""
    from biomarker.tables.render.combined import LIST_TITLE, bookmark

    document = blank_document(book.title, template=template)
    add_page_number(document)
    if book.banner:
        add_banner(document, book.banner)
    document.add_paragraph(on_one_line(book.title), style="Title")
    document.add_heading(LIST_TITLE, level=1)
    for number, table in enumerate(book.tables.values(), start=1):
        line = document.add_paragraph()
        add_field(line, f"REF {bookmark(number)} \\h", f"Table {number}")
        line.add_run(f". {on_one_line(table.title)}")
    for number, table in enumerate(book.tables.values(), start=1):
        _begin_page(document, table)
        add_table(document, table, number=number, bookmark=bookmark(number))
    return as_bytes(document)


def add_banner(document: WordDocument, text: str) -> None:
    """Put what must not be overlooked at the head of every page, beneath what a template has there."""
    paragraph = header_paragraph(document)
    run = paragraph.add_run(on_one_line(text))
    run.bold, run.font.color.rgb, run.font.size = True, _ALERT, Pt(11)
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    add_box(paragraph, str(_ALERT))


def _begin_page(document: WordDocument, table: Table) -> None:
    sections = len(document.sections)
    turn_page(document, landscape=is_wide(table))
    if len(document.sections) == sections:
        document.paragraphs[-1].add_run().add_break(WD_BREAK.PAGE)
