"""A table as comma-separated text for a spreadsheet, in which no cell is read as a formula or as a date."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from io import StringIO

from biomarker.tables.render.characters import on_one_line, superscript
from biomarker.tables.render.columns import heading_text
from biomarker.tables.style import MINUS
from biomarker.tables.table import Notes, Table

BYTE_ORDER_MARK = "\ufeff"  # by which Excel knows that the file is UTF-8
_FORMULA = re.compile(r"[=+\-@＝＋－＠]")  # what a spreadsheet may begin to compute at
_FRACTION = re.compile(r"(\d+)/(\d+)")  # "5/30" is the 30th of May to Excel
_NUMBER = re.compile(rf"[{MINUS}-]?\d+(\.\d+)?")
_RANGE = re.compile(r"(\d+)-(\d+)")  # and "8-12" the 12th of August
_INDENT = "\u00a0\u00a0"


def render(table: Table) -> str:
    """Return title, header, rows and footnotes, each line with as many fields as the table has columns.

    A label over several columns stands before each of theirs. Plain numbers have an ASCII minus, so that they are
    numbers to any reader; counts such as 5/30 are written "5 of 30"; whatever begins as a formula does gets an
    apostrophe before it.
    """
    out = StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    width = len(table.header)
    above = {place: spanner for spanner in table.spanners for place in range(spanner.first, spanner.last + 1)}
    labels = []
    for place, (label, notes) in enumerate(zip(table.labels, table.header_notes, strict=True)):
        over = above.get(place)
        before = f"{_marked(table, over.label, over.notes)}: " if over else ""
        labels.append(before + _marked(table, label, notes))
    lines = [[table.title], labels]
    for row in table.lines:
        if row.is_heading:
            lines.append([_marked(table, heading_text(row), tuple(note for notes in row.notes for note in notes))])
        else:
            first, *others = (_marked(table, *cell) for cell in zip(row.cells, row.notes, strict=True))
            lines.append([_INDENT * row.indent + first, *others])
    lines += [[note] for note in table.footnotes]
    lines += [[f"{superscript(mark)} {note}"] for note, mark in table.marks.items()]
    writer.writerows(_filled(line, width) for line in lines)
    return out.getvalue()


def to_bytes(table: Table) -> bytes:
    """Return the text as it is written to a file, with the mark by which Excel knows its encoding."""
    return (BYTE_ORDER_MARK + render(table)).encode()


def harmless(text: str) -> str:
    """Return a cell of which a spreadsheet makes neither a formula nor a date.

    Examples
    --------
    >>> harmless("=1+1"), harmless("5/30"), harmless("8-12"), harmless("−0.35")
    ("'=1+1", '5 of 30', '8–12', '-0.35')
    """
    shown = on_one_line(text)
    if found := _FRACTION.fullmatch(shown):
        return f"{found[1]} of {found[2]}"
    if found := _RANGE.fullmatch(shown):
        return f"{found[1]}–{found[2]}"
    if _NUMBER.fullmatch(shown):
        return shown.replace(MINUS, "-")
    return f"'{shown}" if _FORMULA.match(shown.lstrip("\u00a0\u2009\u202f\u200b\ufeff ")) else shown


def _marked(table: Table, text: str, notes: Notes) -> str:
    return harmless(text) + superscript(table.marks_of(notes))


def _filled(line: Sequence[str], width: int) -> list[str]:
    return [*map(_kept, line), *[""] * (width - len(line))]


def _kept(cell: str) -> str:
    """Return a cell, harmless, with the blanks by which a row is indented."""
    indent = len(cell) - len(cell.lstrip("\u00a0"))
    return cell[:indent] + harmless(cell[indent:])
