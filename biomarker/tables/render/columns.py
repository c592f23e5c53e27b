"""How the columns of a table stand: which hold numbers, how wide each is, whether a page must be turned."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from biomarker.tables.render.alignment import shape, split_at_point
from biomarker.tables.render.characters import display_width
from biomarker.tables.table import Row, Spanner, Table

PORTRAIT_WIDTH = 96  # characters of 9-point type that fit between the margins of an upright A4 page
LANDSCAPE_WIDTH = 138  # and of one on its side
_LONGEST_LINE = 40
_LONGEST_LABEL = 14  # characters: a header of more is broken into lines where its cells are narrower
_GAP = 2

# A number as tables print it: "25/30", "<0.001", "1.20 (0.80–1.91)", "−0.3 to 1.2", "9 (60%)", "NE", "1 (reference)".
_NUMBERS = re.compile(
    r"(?:[\d\s.,·/()\[\]%<>=≤≥~±×+*†‡§¶∞−–—⁰¹²³⁴⁵⁶⁷⁸⁹⁻;-]|\b(?:to|NE|NR|NA|naive|reference|impossible)\b)*"
)


@dataclass(frozen=True)
class Column:
    """One column of a table, as every renderer needs to know it; widths are in characters."""

    is_numeric: bool
    width: int  # of its longest line, label or cell
    room: int  # that keeps its cells on one line and the words of its label whole
    is_ragged: bool = False  # numbers whose parts behind the point differ in width, so that they must be aligned

    @property
    def wraps(self) -> bool:
        """Whether its text is long enough to be broken into lines."""
        return self.room > _LONGEST_LINE and not self.is_numeric


@lru_cache(maxsize=256)
def columns_of(table: Table) -> tuple[Column, ...]:
    """Return the columns of `table`. Numbers stand right, text left; the first column is always text."""
    body = [row for row in table.lines if not row.is_heading]
    columns = []
    for place, label in enumerate(table.labels):
        cells = [row.cells[place] for row in body]
        indents = [0 if place else 2 * row.indent for row in body]
        widest = max((display_width(cell) + indent for cell, indent in zip(cells, indents, strict=True)), default=0)
        longest_word = max(map(display_width, label.split()), default=0)
        numeric = place > 0 and any(map(str.strip, cells)) and all(map(is_numeric, cells))
        ends = {
            shape(split_at_point(row.cells[place].strip())[1]) + table.marks_of(row.notes[place])
            for row in body
            if row.cells[place].strip()
        }
        columns.append(
            Column(
                is_numeric=numeric,
                width=max(widest, display_width(label)),
                room=max(widest, longest_word),
                is_ragged=numeric and len(ends) > 1,
            )
        )
    return tuple(columns)


def is_numeric(cell: str) -> bool:
    """Return whether a cell is a number, a count, an interval or a blank, rather than words."""
    return _NUMBERS.fullmatch(cell.strip()) is not None


def heading_text(row: Row) -> str:
    """Return the text of a heading row."""
    return " ".join(row.cells)


def top_row(table: Table) -> list[Spanner | int]:
    """Return what stands above the labels, from left to right: spanners, and the columns that have none."""
    cells: list[Spanner | int] = []
    spanners = {spanner.first: spanner for spanner in table.spanners}
    place = 0
    while place < len(table.header):
        found = spanners.get(place)
        cells.append(place if found is None else found)
        place += 1 if found is None else found.width
    return cells


def _needed(column: Column) -> int:
    # Columns that wrap can be narrowed to a few words; the others are as wide as their cells.
    return _LONGEST_LINE // 2 if column.wraps else column.room


def is_wide(table: Table) -> bool:
    """Return whether the table needs a page turned on its side."""
    return any(_total(columns_of(panel)) > PORTRAIT_WIDTH for panel in panels(table))


def _total(columns: tuple[Column, ...]) -> int:
    return sum(map(_needed, columns)) + _GAP * (len(columns) - 1)


@lru_cache(maxsize=256)
def panels(table: Table) -> tuple[Table, ...]:
    """Return the table, or where it is wider than a page on its side, its columns in parts that fit one.

    Each part repeats the first column; spanners stay whole. Marks are those of the whole table.
    """
    columns = columns_of(table)
    if _total(columns) <= LANDSCAPE_WIDTH or len(columns) == 1:
        return (table,)
    stub = _needed(columns[0])
    parts: list[list[int]] = [[]]
    used = stub
    for group in _groups(table):
        width = sum(_needed(columns[place]) + _GAP for place in group)
        if parts[-1] and used + width > LANDSCAPE_WIDTH:
            parts.append([])
            used = stub
        parts[-1] += group
        used += width
    return tuple(_part(table, [0, *places]) for places in parts)


def _groups(table: Table) -> list[list[int]]:
    """Return the columns but the first, those beneath one spanner together."""
    spanned = [[cell] if isinstance(cell, int) else list(range(cell.first, cell.last + 1)) for cell in top_row(table)]
    groups = [[place for place in group if place] for group in spanned]
    return [group for group in groups if group]


def _part(table: Table, places: list[int]) -> Table:
    """Return the table with some of its columns only."""
    position = {place: new for new, place in enumerate(places)}
    spanners = tuple(
        replace(spanner, first=position[spanner.first], last=position[spanner.last])
        for spanner in table.spanners
        if spanner.first in position and spanner.last in position
    )
    rows = tuple(
        row
        if row.is_heading
        else replace(row, cells=tuple(row.cells[i] for i in places), notes=tuple(row.notes[i] for i in places))
        for row in table.lines
    )
    return replace(
        table,
        header=tuple(table.header[i] for i in places),
        header_notes=tuple(table.header_notes[i] for i in places),
        units=tuple(table.units[i] for i in places) if table.units else (),
        rows=rows,
        spanners=spanners,
    )
