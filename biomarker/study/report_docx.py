"""The report as a Word document: headings that the navigation pane knows, native tables, numbered captions."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

from docx.document import Document as WordDocument
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Inches, Length, Pt, RGBColor
from docx.text.paragraph import Paragraph as WordParagraph

from biomarker.figures.export import Picture
from biomarker.study.document import NumberedSection, Report, inputs_table
from biomarker.study.methods import MethodsText
from biomarker.study.nuclides import raised_mass_numbers
from biomarker.tables import Table
from biomarker.tables.render.characters import on_one_line
from biomarker.tables.render.columns import is_wide
from biomarker.tables.render.word import add_table
from biomarker.tables.render.word_document import (
    TABLE_NOTE,
    add_box,
    add_number,
    add_page_number,
    as_bytes,
    blank_document,
    text_width,
    turn_page,
)
from biomarker.vocabulary import kind_label

_ALERT = RGBColor(0x8A, 0x1C, 0x0B)


def render_docx(report: Report) -> bytes:
    """Return the Word document as it is written to a file; the same report gives the same bytes."""
    document = blank_document(report.title)
    add_page_number(document)
    _add_front(document, report)
    if report.sections:
        document.add_heading("Results", level=1)
    for numbered in report.numbered():
        _add_section(document, numbered)
    turn_page(document, landscape=False)
    if report.inputs:
        document.add_heading("Data", level=1)
        add_table(document, inputs_table(report))
    _add_methods(document, report.methods)
    _add_checklists(document, report.checklists)
    if report.provenance:
        document.add_heading("Provenance", level=1)
    for label, text in report.provenance:
        paragraph = document.add_paragraph(style=TABLE_NOTE)
        paragraph.add_run(f"{on_one_line(label)}: ").bold = True
        paragraph.add_run(on_one_line(text))
    return as_bytes(document)


def _add_front(document: WordDocument, report: Report) -> None:
    if report.banner:
        _set_banner(document.sections[0].header.paragraphs[0], report.banner)
    _add_text(document.add_paragraph(style="Title"), report.title)
    if report.tracer:
        _add_text(document.add_paragraph(style="Subtitle"), report.tracer)
    if report.description:
        _add_text(document.add_paragraph(), report.description)
    if report.source:
        _add_text(document.add_paragraph(style=TABLE_NOTE), f"Source: {report.source}")


def _set_banner(paragraph: WordParagraph, text: str) -> None:
    """Put the banner in the header, and so on every page."""
    run = paragraph.add_run(on_one_line(text))
    run.bold, run.font.color.rgb, run.font.size = True, _ALERT, Pt(11)
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    add_box(paragraph, str(_ALERT))


def _add_section(document: WordDocument, numbered: NumberedSection) -> None:
    section = numbered.section
    turn_page(document, landscape=section.table is not None and is_wide(section.table))
    _add_text(document.add_heading(level=2), section.title)
    subtitle = document.add_paragraph(f"{on_one_line(kind_label(section.kind))}, analysis ", style=TABLE_NOTE)
    subtitle.add_run(on_one_line(section.name)).italic = True
    subtitle.paragraph_format.keep_with_next = True
    if section.table is not None:
        add_table(document, section.table, number=numbered.table_number)
    turn_page(document, landscape=False)
    for number, drawing in enumerate(section.drawings, start=numbered.figure_number or 1):
        _add_picture(document, drawing.picture, drawing.caption)
        caption = document.add_paragraph(style="Caption")
        add_number(caption, "Figure", number)
        _add_text(caption, drawing.caption)
    for note in section.other_notes:
        document.add_paragraph(on_one_line(note), style=TABLE_NOTE)
    for line in section.left_out:
        document.add_paragraph(on_one_line(f"Left out: {line}."), style=TABLE_NOTE)


def _add_picture(document: WordDocument, picture: Picture, caption: str) -> None:
    paragraph = document.add_paragraph()
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.paragraph_format.keep_with_next = True
    width = Length(min(Inches(picture.width), text_width(document)))
    inline = paragraph.add_run().add_picture(BytesIO(picture.png), width=width)._inline
    inline.docPr.set("descr", on_one_line(picture.alt or caption))


def _add_methods(document: WordDocument, methods: MethodsText) -> None:
    if methods.paragraphs:
        document.add_heading("Statistical methods", level=1)
    for paragraph in methods.paragraphs:
        if paragraph.heading:
            document.add_heading(on_one_line(paragraph.heading), level=2)
        cited = f" [{', '.join(map(str, paragraph.citations))}]" if paragraph.citations else ""
        document.add_paragraph(on_one_line(f"{paragraph.before}{cited}{paragraph.after}"))
    if methods.references:
        document.add_heading("References", level=1)
    for reference in methods.references:
        document.add_paragraph(on_one_line(str(reference)), style="List Number")


def _add_checklists(document: WordDocument, checklists: Sequence[Table]) -> None:
    if checklists:
        document.add_heading("Reporting checklists", level=1)
    for table in checklists:
        turn_page(document, landscape=is_wide(table))
        add_table(document, table)
    turn_page(document, landscape=False)


def _add_text(paragraph: WordParagraph, text: str) -> None:
    """Append a text, the mass numbers of nuclides raised."""
    for piece, is_raised in raised_mass_numbers(on_one_line(text)):
        paragraph.add_run(piece).font.superscript = is_raised or None
