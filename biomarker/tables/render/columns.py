"""How the columns of a table stand: which hold numbers, how wide each is, whether a page must be turned."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from biomarker.tables.render.characters import display_width
from biomarker.tables.table import Row, Table

PORTRAIT_WIDTH = 96  # characters of 9-point type that fit between the margins of an upright A4 page
WORD_ROOM = 12  # a column of text is never squeezed below one long word

# A number as tables print it: "25/30", "<0.001", "1.20 (0.80–1.91)", "−0.3 to 1.2", "9 (60%)", "NE".
_NUMBERS = re.compile(r"(?:[\d\s.,·/()\[\]%<>=≤≥~±×+*†‡§¶∞−–—-]|\bto\b|\bNE\b|\bNA\b)*")


@dataclass(frozen=True)
class Column:
    """One column of a table, as every renderer needs to know it."""

    is_numeric: bool
    width: int  # characters of its longest line
    wraps: bool  # whether its text is long enough to be broken into lines


@lru_cache(maxsize=64)
def columns_of(table: Table) -> tuple[Column, ...]:
    """Return the columns of `table`. Numbers stand right, text left; the first column is always text."""
    body = [row for row in table.lines if not row.is_heading]
    columns = []
    for place, label in enumerate(table.header):
        cells = [row.cells[place] for row in body]
        widths = [display_width(label), *map(display_width, cells)]
        if place == 0:
            widths += [display_width(row.cells[0]) + 2 * row.indent for row in body]
        numeric = place > 0 and any(map(str.strip, cells)) and all(map(is_numeric, cells))
        columns.append(Column(numeric, max(widths), max(widths) > 40 and not numeric))
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
    # Columns that wrap can be narrowed to a few words; the others are as wide as they are.
    needed = sum(2 * WORD_ROOM if column.wraps else column.width for column in columns)
    return needed + 2 * (len(columns) - 1) > PORTRAIT_WIDTH


def shares(table: Table) -> tuple[float, ...]:
    """Return the part of the table's width that each column is given; they add up to 1."""
    wanted = [min(max(column.width, 5), 44) + 2 for column in columns_of(table)]
    return tuple(width / sum(wanted) for width in wanted)
