"""Sentences in a journal's hand: what was written before the journal was known takes on its decimal mark and its p.

Notes, questions and methods are written where numbers are made, with a point and "p". Numbers laid out in a table have
their style already, and are left as they are.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from biomarker.tables.style import STYLES, Style

if TYPE_CHECKING:
    from biomarker.tables.table import Row, Table

# Not a part of a longer dotted number such as a software version or a DOI, nor of a version of criteria.
_DECIMAL = re.compile(r"(?<![\w.·/])(?<!RECIST )(?<!PERCIST )(?<!recist-)(?<!percist-)(\d+)\.(\d+)(?![\w/]|\.\d)")
_P_VALUE = re.compile(r"\bp( [=<>] )0\.(?=\d)")
_P_WORD = re.compile(r"\bp-value")


def prose(text: str, style: Style) -> str:
    """Return a sentence with the decimal mark and the p-values of a journal.

    Examples
    --------
    >>> from biomarker.tables.style import style_named
    >>> prose("With RECIST 1.1, p = 0.0065 at SUVmax 6.5.", style_named("lancet"))
    'With RECIST 1.1, p = 0·0065 at SUVmax 6·5.'
    >>> prose("With RECIST 1.1, p = 0.0065 at SUVmax 6.5.", style_named("jama"))
    'With RECIST 1.1, P = .0065 at SUVmax 6.5.'
    """
    zero = "0" if style.leading_zero else ""
    text = _P_VALUE.sub(rf"{style.p_symbol}\g<1>{zero}.", text)
    if style.p_symbol == "P":
        text = _P_WORD.sub("P value", text)
    return _DECIMAL.sub(rf"\1{style.decimal_mark}\2", text) if style.decimal_mark != "." else text


def table_in_prose(table: Table) -> Table:
    """Return a table whose title, labels and footnotes are in the hand of its style; its other cells stay."""
    style = table.style
    if style == STYLES["plain"]:
        return table

    def label(row: Row) -> Row:
        notes = tuple(tuple(prose(note, style) for note in of_cell) for of_cell in row.notes)
        return replace(row, cells=(prose(row.cells[0], style), *row.cells[1:]), notes=notes)

    return replace(
        table,
        title=prose(table.title, style),
        rows=tuple(label(row) for row in table.lines),
        footnotes=tuple(prose(note, style) for note in table.footnotes),
    )
