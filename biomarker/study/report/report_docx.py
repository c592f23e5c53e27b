"""The report as a Word document: headings that the navigation pane knows, native tables, numbered captions."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

from docx.document import Document as WordDocument
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Inches, Length, Pt, RGBColor
from docx.text.paragraph import Paragraph as WordParagraph

from biomarker.figures.export import Picture
from biomarker.study.methods.text import MethodsText, Paragraph
from biomarker.study.report.document import NumberedSection, Report, Section, inputs_table
from biomarker.study.report.glossary import Term, terms_used
from biomarker.study.report.nuclides import raised_mass_numbers
from biomarker.study.report.printed import printed_texts
from biomarker.study.report.word_contents import Contents
from biomarker.tables import Table
from biomarker.tables.render.characters import on_one_line
from biomarker.tables.render.columns import is_wide
from biomarker.tables.render.house_template import HouseTemplate
from biomarker.tables.render.word import add_table
from biomarker.tables.render.word_document import (
    TABLE_NOTE,
    TABLE_TEXT,
    add_box,
    add_number,
    add_page_number,
    as_bytes,
    blank_document,
    header_paragraph,
    text_width,
    turn_page,
)
from biomarker.vocabulary import kind_label

_ALERT = RGBColor(0x8A, 0x1C, 0x0B)


def render_docx(report: Report, *, template: HouseTemplate | None = None) -> bytes:
    """Return the Word document as it is written to a file; the same report gives the same bytes."""
    document = blank_document(report.title, template=template)
    contents = Contents(document)
    add_page_number(document)
    _add_front(document, report)
    contents.stand_here()
    if report.sections:
        _add_heading(contents, "Results", 1).paragraph_format.page_break_before = True
    for numbered in report.numbered():
        _add_section(contents, report, numbered)
    turn_page(document, landscape=False)
    if report.inputs:
        _add_heading(contents, "Data", 1)
        add_table(document, inputs_table(report))
    _add_methods(contents, report.methods)
    _add_checklists(contents, report.checklists)
    _add_glossary(contents, terms_used(printed_texts(report)))
    if report.provenance:
        _add_heading(contents, "Provenance", 1)
    for label, text in report.provenance:
        _add_labelled(document, label, text)
    contents.write()
    return as_bytes(document)


def _add_heading(contents: Contents, text: str, level: int) -> WordParagraph:
    heading: WordParagraph = contents.document.add_heading(level=level)
    _add_text(heading, text)
    contents.mark(heading, level)
    return heading


def _add_labelled(document: WordDocument, label: str, text: str) -> None:
    paragraph = document.add_paragraph(style=TABLE_NOTE)
    paragraph.add_run(f"{on_one_line(label)}: ").bold = True
    paragraph.add_run(on_one_line(text))


def _add_front(document: WordDocument, report: Report) -> None:
    if report.banner:
        _set_banner(header_paragraph(document), report.banner)
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


def _add_section(contents: Contents, report: Report, numbered: NumberedSection) -> None:
    document, section = contents.document, numbered.section
    turn_page(document, landscape=section.table is not None and is_wide(section.table))
    _add_heading(contents, section.title, 2)
    if section.question:
        question = document.add_paragraph()
        question.add_run(on_one_line(section.question)).italic = True
        question.paragraph_format.keep_with_next = True
    subtitle = document.add_paragraph(f"{on_one_line(kind_label(section.kind))}, analysis ", style=TABLE_NOTE)
    subtitle.add_run(on_one_line(section.name)).italic = True
    subtitle.paragraph_format.keep_with_next = True
    if section.answer:
        found = document.add_paragraph()
        found.add_run("In these data. ").bold = True
        found.add_run(on_one_line(section.answer))
        found.paragraph_format.space_before = Pt(6)
        found.paragraph_format.keep_with_next = section.table is not None
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
    _add_method_and_limits(contents, report, section)
    for line in section.left_out:
        document.add_paragraph(on_one_line(f"Left out: {line}."), style=TABLE_NOTE)


def _add_method_and_limits(contents: Contents, report: Report, section: Section) -> None:
    """Add how an analysis was done, and what it does not show."""
    document = contents.document
    if section.method:
        _add_heading(contents, "How it was done", 3)
        document.add_paragraph(_with_citations(report.method_of(section)), style=TABLE_TEXT)
    if section.not_shown:
        _add_heading(contents, "What this does not show", 3)
    for sentence in section.not_shown:
        _add_text(document.add_paragraph(style="List Bullet"), sentence)


def _with_citations(paragraph: Paragraph) -> str:
    cited = f" [{', '.join(map(str, paragraph.citations))}]" if paragraph.citations else ""
    return on_one_line(f"{paragraph.before}{cited}{paragraph.after}")


def _add_picture(document: WordDocument, picture: Picture, caption: str) -> None:
    paragraph = document.add_paragraph()
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.paragraph_format.keep_with_next = True
    width = Length(min(Inches(picture.width), text_width(document)))
    inline = paragraph.add_run().add_picture(BytesIO(picture.png), width=width)._inline
    inline.docPr.set("descr", on_one_line(picture.alt or caption))


def _add_methods(contents: Contents, methods: MethodsText) -> None:
    document = contents.document
    if methods.paragraphs:
        _add_heading(contents, "Statistical methods", 1)
    for paragraph in methods.paragraphs:
        if paragraph.heading:
            _add_heading(contents, paragraph.heading, 2)
        document.add_paragraph(_with_citations(paragraph))
    if methods.references:
        _add_heading(contents, "References", 1)
    for reference in methods.references:
        document.add_paragraph(on_one_line(str(reference)), style="List Number")


def _add_checklists(contents: Contents, checklists: Sequence[Table]) -> None:
    if checklists:
        _add_heading(contents, "Reporting checklists", 1)
    for table in checklists:
        turn_page(contents.document, landscape=is_wide(table))
        add_table(contents.document, table)
    turn_page(contents.document, landscape=False)


def _add_glossary(contents: Contents, terms: Sequence[Term]) -> None:
    if terms:
        _add_heading(contents, "Words used", 1)
    for term in terms:
        _add_labelled(contents.document, term.name, term.meaning)


def _add_text(paragraph: WordParagraph, text: str) -> None:
    """Append a text, the mass numbers of nuclides raised."""
    for piece, is_raised in raised_mass_numbers(on_one_line(text)):
        paragraph.add_run(piece).font.superscript = is_raised or None
