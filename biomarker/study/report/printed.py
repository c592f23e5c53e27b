"""Every text that a report prints, whatever it is set as: what the glossary explains, and what the tests read."""

from __future__ import annotations

from collections.abc import Iterator

from biomarker.study.report.document import Report, Section
from biomarker.tables import Table


def printed_texts(report: Report) -> Iterator[str]:
    """Give the texts of a report in the order they are printed: headings, sentences, cells, captions, notes."""
    yield from filter(None, (report.title, report.tracer, report.description, report.banner))
    for section in report.sections:
        yield from sentences_of(section)
        if section.table is not None:
            yield from cells_of(section.table)
    for paragraph in report.methods.paragraphs:
        yield from filter(None, (paragraph.heading, paragraph.text, paragraph.rest))
    for table in report.checklists:
        yield from cells_of(table)


def sentences_of(section: Section) -> Iterator[str]:
    """Give the running text of one analysis: all of it but the cells of its table."""
    texts = [section.title, section.question, section.answer, section.method, *section.not_shown, *section.other_notes]
    texts += [text for drawing in section.drawings for text in (drawing.caption, drawing.picture.alt)]
    if section.table is not None:
        texts += [section.table.title, *section.table.footnotes, *section.table.marks]
    yield from filter(None, texts)


def cells_of(table: Table) -> Iterator[str]:
    """Give the labels and cells of a table."""
    yield from filter(None, (*(spanner.label for spanner in table.spanners), *map(str, table.header)))
    for row in table.lines:
        yield from filter(None, row.cells)
