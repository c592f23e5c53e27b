"""How the columns of a table stand: which hold numbers, how wide each is, whether a page must be turned."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from biomarker.tables.render.characters import display_width
from biomarker.tables.table import Row, Table

PORTRAIT_WIDTH = 96  # characters of 9-point type that fit between the margins of an upright A4 page
_LONGEST_LINE = 40

# A number as tables print it: "25/30", "<0.001", "1.20 (0.80–1.91)", "−0.3 to 1.2", "9 (60%)", "NE".
_NUMBERS = re.compile(r"(?:[\d\s.,·/()\[\]%<>=≤≥~±×+*†‡§¶∞−–—-]|\bto\b|\bNE\b|\bNR\b|\bNA\b|;)*")


@dataclass(frozen=True)
class Column:
    """One column of a table, as every renderer needs to know it; widths are in characters."""

    is_numeric: bool
    width: int  # of its longest line, label or cell
    room: int  # that keeps its cells on one line and the words of its label whole

    @property
    def wraps(self) -> bool:
        """Whether its text is long enough to be broken into lines."""
        return self.room > _LONGEST_LINE and not self.is_numeric


@lru_cache(maxsize=64)
def columns_of(table: Table) -> tuple[Column, ...]:
    """Return the columns of `table`. Numbers stand right, text left; the first column is always text."""
    body = [row for row in table.lines if not row.is_heading]
    columns = []
    for place, label in enumerate(table.header):
        cells = [row.cells[place] for row in body]
        indents = [0 if place else 2 * row.indent for row in body]
        widest = max((display_width(cell) + indent for cell, indent in zip(cells, indents, strict=True)), default=0)
        longest_word = max(map(display_width, label.split()), default=0)
        numeric = place > 0 and any(map(str.strip, cells)) and all(map(is_numeric, cells))
        columns.append(Column(numeric, max(widest, display_width(label)), max(widest, longest_word)))
    return tuple(columns)


def is_numeric(cell: str) -> bool:
    """Return whether a cell is a number, a count, an interval or a blank, rather than words."""
    return _NUMBERS.fullmatch(cell.strip()) is not None


def heading_text(row: Row) -> str:
    """Return the text of a heading row."""
    return " ".join(row.cells)


def is_wide(table: Table) -> bool:
    """Return whether the table needs a page turned on its side."""
    columns = columns_of(table)
    # Columns that wrap can be narrowed to a few words; the others are as wide as their cells.
    needed = sum(_LONGEST_LINE // 2 if column.wraps else column.room for column in columns)
    return needed + 2 * (len(columns) - 1) > PORTRAIT_WIDTH


def shares(table: Table) -> tuple[float, ...]:
    """Return the part of the table's width that each column is given; they add up to 1."""
    wanted = [min(max(column.room, 5), _LONGEST_LINE + 4) + 4 for column in columns_of(table)]
    return tuple(width / sum(wanted) for width in wanted)
