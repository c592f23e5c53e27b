"""The XML of a native Word table: three rules, headers that repeat on each page, numbers that meet at their points.

It is written as text and read once: building it element by element takes ten times as long.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain
from xml.sax.saxutils import escape, quoteattr

from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from docx.oxml.xmlchemy import BaseOxmlElement

from biomarker.tables.render.characters import legible, on_one_line
from biomarker.tables.render.columns import Column, columns_of, heading_text, top_row
from biomarker.tables.render.fitting import behind, fitted, room_behind
from biomarker.tables.table import Row, Table

_KEEP_WHOLE = 24  # rows: a table no longer than this is never broken over two pages
_THICK, _THIN = 12, 6  # eighths of a point
_INK = "1B1F24"
_TWIPS = 20  # in a point
_PADDING = 10.8  # points: what Word leaves on both sides of a cell together
_INDENT = 227  # twips that a row beneath a heading stands in
_OVER_HEADING = 100


@dataclass(frozen=True)
class TextStyle:
    """The paragraph style of a table's cells: its identifier in the document, its font, and its size in points."""

    identifier: str
    font: str
    size: float
    is_smaller: bool = False  # than the style itself says, so that a wide table fits


@dataclass(frozen=True)
class _Cell:
    """What one cell of the grid holds, and how."""

    text: str
    mark: str
    width: int
    span: int = 1
    side: str = "left"
    bold: bool = False
    left: int = 0
    right: int = 0
    before: int = 0
    keeps_next: bool = False
    is_spanner: bool = False
    top: int = 0
    bottom: int = 0


def table_xml(table: Table, whole: Table, *, width: int, style: TextStyle, has_more: bool) -> BaseOxmlElement:
    """Return the ``w:tbl`` of a table or of one part of it.

    Parameters
    ----------
    table, whole : Table
        What is drawn, and what it is part of: marks are those of the whole.
    width : int
        Of the text on the page, in twips.
    style : TextStyle
    has_more : bool
        Whether something follows, such as notes, that must not stand alone on the next page.
    """
    columns = columns_of(table)
    size, points = fitted(table, whole, width=width / _TWIPS, size=style.size, font=style.font, padding=_PADDING)
    widths = [round(_TWIPS * part) for part in points]
    style = replace(style, size=size, is_smaller=size < style.size)
    rooms = room_behind(table, whole, style.font)
    is_short = len(table.lines) <= _KEEP_WHOLE
    header = _header_rows(table, whole, columns, widths)
    body = [
        _body_row(
            row, whole, columns, widths, rooms, style,
            keeps_next=(is_short or number == len(table.lines)) and (has_more or number < len(table.lines)),
        )
        for number, row in enumerate(table.lines, start=1)
    ]  # fmt: skip
    rows = [*header, *body]
    rows[-1] = [_with_rule_below(cell) for cell in rows[-1]]
    drawn = (_row_xml(row, style, is_header=number < len(header)) for number, row in enumerate(rows))
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    element: BaseOxmlElement = parse_xml(
        f'<w:tbl {nsdecls("w")}><w:tblPr><w:tblW w:w="{sum(widths)}" w:type="dxa"/>'
        f'<w:jc w:val="left"/><w:tblLayout w:type="fixed"/>'
        f"<w:tblCaption w:val={quoteattr(on_one_line(whole.title)[:_LONGEST_CAPTION])}/></w:tblPr>"
        f"<w:tblGrid>{grid}</w:tblGrid>{''.join(drawn)}</w:tbl>"
    )
    return element


_LONGEST_CAPTION = 250


def _with_rule_below(cell: _Cell) -> _Cell:
    return replace(cell, bottom=_THICK)


def _header_rows(table: Table, whole: Table, columns: Sequence[Column], widths: Sequence[int]) -> list[list[_Cell]]:
    labels = [
        _Cell(
            label, whole.marks_of(notes), width, side="right" if column.is_numeric else "left", bold=True,
            top=0 if table.spanners else _THICK, bottom=_THIN, keeps_next=True,
        )
        for label, notes, column, width in zip(table.labels, table.header_notes, columns, widths, strict=True)
    ]  # fmt: skip
    if not table.spanners:
        return [labels]
    top = [
        _Cell("", "", widths[cell], top=_THICK, keeps_next=True)
        if isinstance(cell, int)
        else _Cell(
            cell.label, whole.marks_of(cell.notes), sum(widths[cell.first : cell.last + 1]), span=cell.width,
            side="center", bold=True, is_spanner=True, top=_THICK, keeps_next=True,
        )
        for cell in top_row(table)
    ]  # fmt: skip
    return [top, labels]


def _body_row(
    row: Row,
    whole: Table,
    columns: Sequence[Column],
    widths: Sequence[int],
    rooms: Sequence[float],
    style: TextStyle,
    *,
    keeps_next: bool,
) -> list[_Cell]:
    if row.is_heading:
        mark = whole.marks_of(tuple(chain(*row.notes)))
        return [
            _Cell(
                heading_text(row),
                mark,
                sum(widths),
                span=len(columns),
                bold=True,
                before=_OVER_HEADING,
                keeps_next=True,
            )
        ]
    cells = []
    for place, (text, notes, column) in enumerate(zip(row.cells, row.notes, columns, strict=True)):
        mark = whole.marks_of(notes)
        right = rooms[place] - behind(text, mark, style.font) if column.is_ragged else 0.0
        cells.append(
            _Cell(
                text, mark, widths[place], side="right" if column.is_numeric else "left",
                left=0 if place else _INDENT * row.indent, right=round(max(right, 0.0) * style.size * _TWIPS),
                keeps_next=keeps_next,
            )
        )  # fmt: skip
    return cells


def _row_xml(cells: Sequence[_Cell], style: TextStyle, *, is_header: bool) -> str:
    repeats = "<w:tblHeader/>" if is_header else ""
    drawn = "".join(_cell_xml(cell, style, is_header=is_header) for cell in cells)
    return f"<w:tr><w:trPr><w:cantSplit/>{repeats}</w:trPr>{drawn}</w:tr>"


def _cell_xml(cell: _Cell, style: TextStyle, *, is_header: bool) -> str:
    span = f'<w:gridSpan w:val="{cell.span}"/>' if cell.span > 1 else ""
    rules = "".join(_rule(side, size) for side, size in (("top", cell.top), ("bottom", cell.bottom)) if size)
    borders = f"<w:tcBorders>{rules}</w:tcBorders>" if rules else ""
    stands = '<w:vAlign w:val="bottom"/>' if is_header else ""
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{cell.width}" w:type="dxa"/>{span}{borders}{stands}</w:tcPr>'
        f"<w:p>{_layout(cell, style)}{_runs(cell, style)}</w:p></w:tc>"
    )


def _layout(cell: _Cell, style: TextStyle) -> str:
    keep = "<w:keepNext/>" if cell.keeps_next else ""
    # The rule under a spanner is its paragraph's, not its cell's: it ends where the text does, so that two do not meet.
    rule = f"<w:pBdr>{_rule('bottom', _THIN)}</w:pBdr>" if cell.is_spanner else ""
    space = f'<w:spacing w:before="{cell.before}"/>' if cell.before else ""
    left = f' w:left="{cell.left}"' if cell.left else ""
    right = f' w:right="{cell.right}"' if cell.right else ""
    indent = f"<w:ind{left}{right}/>" if left or right else ""
    return (
        f'<w:pPr><w:pStyle w:val="{escape(style.identifier)}"/>{keep}{rule}{space}{indent}'
        f'<w:jc w:val="{cell.side}"/></w:pPr>'
    )


def _rule(side: str, size: int) -> str:
    return f'<w:{side} w:val="single" w:sz="{size}" w:space="0" w:color="{_INK}"/>'


def _runs(cell: _Cell, style: TextStyle) -> str:
    text = legible(cell.text).strip()
    size = f'<w:sz w:val="{round(2 * style.size)}"/>' if style.is_smaller else ""
    look = f"{'<w:b/>' if cell.bold else ''}{size}"
    look = f"<w:rPr>{look}</w:rPr>" if look else ""
    lines = "<w:br/>".join(f'<w:t xml:space="preserve">{escape(line)}</w:t>' for line in text.split("\n"))
    run = f"<w:r>{look}{lines}</w:r>" if text else ""
    raised = f'<w:rPr>{size}<w:vertAlign w:val="superscript"/></w:rPr>'
    return run + (f"<w:r>{raised}<w:t>{escape(cell.mark)}</w:t></w:r>" if cell.mark else "")
