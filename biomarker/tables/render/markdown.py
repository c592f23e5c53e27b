"""A table as GitHub-flavoured Markdown, its columns padded so that it also reads well in a terminal."""

from __future__ import annotations

import re

from biomarker.tables.render.alignment import split_at_point
from biomarker.tables.render.characters import display_width, legible, on_one_line
from biomarker.tables.render.columns import Column, columns_of, heading_text
from biomarker.tables.table import Row, Table

# Escaped only where Markdown would read more than the sign, so that "<0.001" and "n_patients" stay as they are.
_MARKS = re.compile(r"[\\`*~|$\[\]]|(?<![^\W_])_|_(?![^\W_])|[<](?=[A-Za-z/!?])|&(?=#?\w+;)")
_ENTITIES = {"<": "&lt;", "&": "&amp;"}
_BLOCK_START = re.compile(r"^(?:(\d{1,9})([.)])(?=\s|$)|([#>=+-]))")
_INDENT = "\u00a0\u00a0"


def render(table: Table) -> str:
    """Return the title in bold, the table, and each footnote as a paragraph.

    A label over several columns stands before each of theirs: Markdown has headers of one line only.
    """
    columns = columns_of(table)
    grid = [_header(table), *(_cells(row, table) for row in table.lines)]
    behind = [_room_behind(grid, place) if column.is_ragged else 0 for place, column in enumerate(columns)]
    grid[1:] = [[_padded(*cell) for cell in zip(line, behind, strict=True)] for line in grid[1:]]
    widths = [max(3, *(display_width(line[place]) for line in grid)) for place in range(len(columns))]
    ruler = "|" + "|".join(_rule(column, width) for column, width in zip(columns, widths, strict=True)) + "|"
    lines = [_printed(line, widths, columns) for line in grid]
    title = f"**{inline_text(table.title)}**\n\n" if table.title.strip() else ""
    notes = "".join(f"\n{paragraph_text(note)}\n" for note in table.footnotes)
    marked = "".join(f"\n{_mark(mark)} {inline_text(note)}\n" for note, mark in table.marks.items())
    return title + "\n".join([lines[0], ruler, *lines[1:]]) + "\n" + notes + marked


def to_bytes(table: Table) -> bytes:
    """Return the Markdown as it is written to a file."""
    return render(table).encode()


def inline_text(text: str) -> str:
    r"""Return `text` on one line, with every sign that Markdown would act on escaped.

    Examples
    --------
    >>> print(inline_text("a|b *c* <script> p <0.001, n_patients"))
    a\|b \*c\* &lt;script> p <0.001, n_patients
    """
    return _escaped(on_one_line(text))


def paragraph_text(text: str) -> str:
    """Return `text` as a paragraph: escaped, and not to be taken for a heading, a list or a quotation."""
    return _BLOCK_START.sub(lambda found: f"{found[1] or ''}\\{found[2] or found[3]}", inline_text(text))


def cell_text(text: str) -> str:
    """Return `text` as a cell: escaped, its line ends as breaks."""
    return "<br>".join(_escaped(line.strip(" ")) for line in legible(text).strip().split("\n"))


def _escaped(text: str) -> str:
    return _MARKS.sub(lambda found: _ENTITIES.get(found[0], "\\" + found[0]), text)


def _mark(marks: str) -> str:
    return f"<sup>{_escaped(marks)}</sup>" if marks else ""


def _header(table: Table) -> list[str]:
    """Return the labels, each behind that of its spanner."""
    above = {place: spanner for spanner in table.spanners for place in range(spanner.first, spanner.last + 1)}
    labels = []
    for place, (label, notes) in enumerate(zip(table.labels, table.header_notes, strict=True)):
        spanner = above.get(place)
        over = f"{cell_text(spanner.label)}{_mark(table.marks_of(spanner.notes))}: " if spanner else ""
        labels.append(over + cell_text(label) + _mark(table.marks_of(notes)))
    return labels


def _cells(row: Row, table: Table) -> list[str]:
    marks = [_mark(table.marks_of(notes)) for notes in row.notes]
    if row.is_heading:
        text = cell_text(heading_text(row))
        return [(f"**{text}**" if text else "") + "".join(marks), *[""] * (len(table.header) - 1)]
    first, *others = (cell_text(cell) + mark for cell, mark in zip(row.cells, marks, strict=True))
    return [_INDENT * row.indent + first, *others]


def _room_behind(grid: list[list[str]], place: int) -> int:
    return max(display_width(split_at_point(line[place])[1]) for line in grid[1:])


def _padded(text: str, room: int) -> str:
    """Return a number with blanks behind it, so that the points of its column meet."""
    return text + " " * (room - display_width(split_at_point(text)[1])) if room and text else text


def _rule(column: Column, width: int) -> str:
    return "-" * (width + 1) + ":" if column.is_numeric else "-" * (width + 2)


def _printed(line: list[str], widths: list[int], columns: tuple[Column, ...]) -> str:
    padded = []
    for text, width, column in zip(line, widths, columns, strict=True):
        blanks = " " * (width - display_width(text))
        padded.append(blanks + text if column.is_numeric else text + blanks)
    return "| " + " | ".join(padded) + " |"
