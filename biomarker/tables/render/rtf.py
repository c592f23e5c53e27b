r"""A table in Rich Text Format: three rules, headers that repeat on each page, numbers that meet at their points."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

from biomarker.tables.render.characters import on_one_line
from biomarker.tables.render.columns import columns_of, heading_text, is_wide, panels, top_row
from biomarker.tables.render.fitting import behind, fitted, room_behind
from biomarker.tables.render.rtf_text import bookmarked, escape, field, raised
from biomarker.tables.table import Row, Table

# Twips, of which a point has 20: A4 and its margins.
_SHORT, _LONG, _MARGIN = 11906, 16838, 1418
_GAP = 108
_INDENT = 227
_TWIPS = 20
_FONT, _SIZE = "Times New Roman", 9.5
_KEEP_WHOLE = 24
_HEAD = (
    r"{\rtf1\ansi\ansicpg1252\deff0\uc1"
    r"{\fonttbl{\f0\froman\fcharset0\fprq2 Times New Roman;}}"
    r"{\colortbl;\red27\green31\blue36;}"
    r"{\stylesheet{\ql\f0\fs22\cf1\snext0 Normal;}{\s1\ql\f0\b\fs28\cf1\sbasedon0\snext0 heading 1;}"
    r"{\s2\ql\f0\fs20\cf1\sbasedon0\snext0 caption;}}"
)
_FOOTER = r"{\footer\pard\plain\qc\f0\fs18 " + field("PAGE", "1") + r"\par}"
_THICK, _THIN = r"\brdrs\brdrw30\brdrcf1", r"\brdrs\brdrw15\brdrcf1"


@dataclass(frozen=True)
class _Cell:
    """What one cell holds: its text is RTF already."""

    content: str
    width: int
    layout: str = r"\ql"
    rules: str = ""


def render(table: Table) -> str:
    """Return an RTF document that holds `table`, its page turned where the table is wide."""
    return document(table.title, [section(table, is_first=True)])


def to_bytes(table: Table) -> bytes:
    """Return the document as it is written to a file: RTF is ASCII."""
    return render(table).encode("ascii")


def document(title: str, sections: Iterable[str]) -> str:
    """Return an RTF document of some sections, each with a page of its own."""
    info = rf"{{\info{{\title {escape(on_one_line(title))}}}}}"
    page = rf"\paperw{_SHORT}\paperh{_LONG}\margl{_MARGIN}\margr{_MARGIN}\margt{_MARGIN}\margb{_MARGIN}"
    return f"{_HEAD}\n{info}\n{page}\n{_FOOTER}\n" + "".join(sections) + "}\n"


def page_of(*, landscape: bool, is_first: bool) -> str:
    """Return what begins a section on a page of that orientation."""
    width, height = (_LONG, _SHORT) if landscape else (_SHORT, _LONG)
    new = "" if is_first else r"\sect" + "\n"
    turned = r"\lndscpsxn" if landscape else ""
    return rf"{new}\sectd\sbkpage{turned}\pgwsxn{width}\pghsxn{height}" + "\n"


def section(table: Table, *, is_first: bool, number: int | None = None, bookmark: str = "") -> str:
    """Return a table on a page of its own: caption, grid and footnotes."""
    landscape = is_wide(table)
    return page_of(landscape=landscape, is_first=is_first) + body(table, landscape, number=number, bookmark=bookmark)


def body(table: Table, landscape: bool, *, number: int | None = None, bookmark: str = "") -> str:
    """Return caption, grid and footnotes."""
    width = (_LONG if landscape else _SHORT) - 2 * _MARGIN
    before = ""
    if number is not None:
        label = r"{\b Table " + field("SEQ Table \\* ARABIC", str(number)) + "}"
        before = (bookmarked(bookmark, label) if bookmark else label) + r"{\b . }"
    bold = r"\b " if number is None else ""
    caption = rf"\pard\plain\s2\keepn\sb120\sa80\f0\fs20\cf1 {before}{{{bold}{escape(on_one_line(table.title))}}}\par"
    parts = []
    for place, panel in enumerate(panels(table)):
        if place:
            parts.append(r"\pard\plain\keepn\sb80\f0\fs17\cf1 (continued)\par")
        parts += _rows(panel, table, width)
    notes = [("", note) for note in table.footnotes] + [
        (f"{raised(mark)} ", note) for note, mark in table.marks.items()
    ]
    for mark, note in notes:
        parts.append(rf"\pard\plain\ql\sb40\f0\fs17\cf1 {mark}{escape(on_one_line(note))}\par")
    return "\n".join([caption, *parts, r"\pard\plain\par", ""])


def _rows(table: Table, whole: Table, width: int) -> list[str]:
    size, points = fitted(table, whole, width=width / _TWIPS, size=_SIZE, font=_FONT, padding=2 * _GAP / _TWIPS)
    widths = [round(_TWIPS * part) for part in points]
    rooms = room_behind(table, whole, _FONT)
    has_notes = bool(whole.footnotes or whole.marks)
    is_short = len(table.lines) <= _KEEP_WHOLE
    header = [_drawn(row, size, r"\trhdr", keeps_next=True) for row in _header(table, whole, widths)]
    lines = []
    for number, row in enumerate(table.lines, start=1):
        is_last = number == len(table.lines)
        keeps = row.is_heading or (has_notes if is_last else is_short)
        cells = _cells(row, table, whole, widths, rooms, size)
        if is_last:
            cells = [_Cell(cell.content, cell.width, cell.layout, rf"\clbrdrb{_THICK}") for cell in cells]
        lines.append(_drawn(cells, size, "", keeps_next=keeps))
    return [*header, *lines]


def _header(table: Table, whole: Table, widths: Sequence[int]) -> list[list[_Cell]]:
    top = "" if table.spanners else rf"\clbrdrt{_THICK}"
    labels = [
        _Cell(
            rf"{{\b {escape(label)}}}{raised(whole.marks_of(notes))}", width,
            r"\qr" if column.is_numeric else r"\ql", rf"\clvertalb{top}\clbrdrb{_THIN}",
        )
        for label, notes, column, width in zip(
            table.labels, table.header_notes, columns_of(table), widths, strict=True
        )
    ]  # fmt: skip
    if not table.spanners:
        return [labels]
    over = []
    for cell in top_row(table):
        if isinstance(cell, int):
            over.append(_Cell("", widths[cell], rules=rf"\clbrdrt{_THICK}"))
            continue
        text = rf"{{\b {escape(cell.label)}}}{raised(whole.marks_of(cell.notes))}"
        span = sum(widths[cell.first : cell.last + 1])
        over.append(_Cell(text, span, rf"\qc\brdrb{_THIN}", rf"\clvertalb\clbrdrt{_THICK}"))
    return [over, labels]


def _cells(
    row: Row, table: Table, whole: Table, widths: Sequence[int], rooms: Sequence[float], size: float
) -> list[_Cell]:
    if row.is_heading:
        text = rf"{{\b {escape(heading_text(row))}}}{raised(whole.marks_of(tuple(chain(*row.notes))))}"
        return [_Cell(text, sum(widths), r"\ql\sb100")]
    cells = []
    for place, (text, column) in enumerate(zip(row.cells, columns_of(table), strict=True)):
        mark = whole.marks_of(row.notes[place])
        layout = r"\qr" if column.is_numeric else r"\ql"
        if column.is_ragged:
            room = rooms[place] - behind(text, mark, _FONT)
            layout += rf"\ri{round(max(room, 0.0) * size * _TWIPS)}"
        if not place and row.indent:
            layout += rf"\li{_INDENT * row.indent}"
        cells.append(_Cell(escape(text) + raised(mark), widths[place], layout))
    return cells


def _drawn(cells: Sequence[_Cell], size: float, kind: str, *, keeps_next: bool) -> str:
    """Return a row: where its cells end, then what they hold."""
    keep = r"\keepn" if keeps_next else ""
    ends, end = [], 0
    for cell in cells:
        end += cell.width
        ends.append(rf"{cell.rules}\cellx{end}")
    texts = "".join(
        rf"\pard\plain\intbl{keep}\sb40\sa40{cell.layout}\f0\fs{round(2 * size)}\cf1 {cell.content}\cell" + "\n"
        for cell in cells
    )
    return rf"\trowd\trgaph{_GAP}\trleft0\trkeep{kind}{''.join(ends)}" + "\n" + texts + r"\row"
