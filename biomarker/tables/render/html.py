"""A table as HTML: a caption, column and row headers that a screen reader can follow, footnotes in the foot."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from itertools import chain

from markupsafe import Markup, escape

from biomarker.tables.render.alignment import em_width, raised_width, split_at_point
from biomarker.tables.render.characters import in_pieces, legible, on_one_line
from biomarker.tables.render.columns import Column, columns_of, heading_text, top_row
from biomarker.tables.table import Row, Table

# `Markup.format` escapes whatever is put in, so that no text from data can be forgotten.
_PAGE = Markup(
    '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
    '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    "<title>{title}</title>\n<style>\n{css}\n</style>\n</head>\n<body>\n{table}</body>\n</html>\n"
)
_BOX = Markup('<div class="biomarker-scroll" tabindex="0" role="region" aria-label="{}">\n{}</div>\n')

_MANY_COLUMNS = 7
_SPARE = 1.02  # a font may be a little wider than that of which the widths are known


def render(table: Table, *, label: str = "") -> Markup:
    """Return the table as an HTML ``<table>``, with every text escaped.

    Parameters
    ----------
    table : Table
    label : str
        What stands before the title: ``"Table 1."``.
    """
    columns = columns_of(table)
    numbered = Markup("<b>{}</b> ").format(label) if label else ""
    parts = [
        Markup('<table class="biomarker{}">').format(" dense" if len(columns) >= _MANY_COLUMNS else ""),
        Markup("<caption><span>{}{}</span></caption>").format(numbered, _line(table.title)),
        _head(table, columns),
        *_bodies(table, columns),
    ]
    if table.footnotes or table.marks:
        notes = Markup("").join(Markup("<p>{}</p>").format(note) for note in _notes(table))
        span = len(table.header)
        parts.append(Markup('<tfoot>\n<tr><td colspan="{}"><div>{}</div></td></tr>\n</tfoot>').format(span, notes))
    return Markup("\n").join([*parts, Markup("</table>\n")])


def page(table: Table) -> str:
    """Return a whole HTML page that holds this table and needs no other file."""
    return str(_PAGE.format(title=on_one_line(table.title), css=Markup(stylesheet()), table=scrolling(render(table))))


def notebook(table: Table) -> str:
    """Return the table with its style sheet, for a notebook, which has none for it."""
    return f"<style>\n{_in_notebook()}\n</style>\n{scrolling(render(table))}"


def scrolling(rendered: Markup, *, name: str = "") -> Markup:
    """Return a rendered table in a box of its own, in which it scrolls where the screen is narrower."""
    return _BOX.format(name or "Table", rendered)


def to_bytes(table: Table) -> bytes:
    """Return the page as it is written to a file."""
    return page(table).encode()


@cache
def stylesheet() -> str:
    """Return the style sheet of every table, which the report uses too."""
    return (files("biomarker.tables.render") / "table.css").read_text(encoding="utf-8").strip()


@cache
def _in_notebook() -> str:
    """Return the style sheet for a notebook, whose colours may be dark, and whose rules for tables must not prevail."""
    own = (files("biomarker.tables.render") / "notebook.css").read_text(encoding="utf-8").strip()
    return f"{stylesheet()}\n{own}".replace("table.biomarker", ".biomarker-scroll table.biomarker")


def _line(text: str) -> Markup:
    return _broken(on_one_line(text))


def _lines(text: str) -> Markup:
    return Markup("<br>").join(map(_broken, legible(text).strip().split("\n")))


def _broken(text: str) -> Markup:
    """Return `text`, with places where a browser may break a word that is longer than a line."""
    return Markup("<wbr>").join(map(escape, in_pieces(text)))


def _mark(marks: str) -> Markup:
    return Markup("<sup>{}</sup>").format(marks) if marks else Markup("")


def _notes(table: Table) -> list[Markup]:
    """Return the footnotes: those of the whole table, then those with a mark."""
    marked = [Markup("{} {}").format(_mark(mark), _line(note)) for note, mark in table.marks.items()]
    return [*map(_line, table.footnotes), *marked]


def _head(table: Table, columns: tuple[Column, ...]) -> Markup:
    labels = list(zip(table.labels, columns, map(table.marks_of, table.header_notes), strict=True))
    if not table.spanners:
        rows = [Markup("").join(_column_header(*label) for label in labels)]
    else:
        top: list[Markup] = []
        spanned: set[int] = set()
        for cell in top_row(table):
            if isinstance(cell, int):
                top.append(_column_header(*labels[cell], rows=2))
                continue
            spanned.update(range(cell.first, cell.last + 1))
            text = Markup("{}{}").format(_lines(cell.label), _mark(table.marks_of(cell.notes)))
            attributes = Markup(' class="spanner" colspan="{}"').format(cell.width)
            top.append(Markup('<th scope="colgroup"{}><span>{}</span></th>').format(attributes, text))
        beneath = (_column_header(*label) for place, label in enumerate(labels) if place in spanned)
        rows = [Markup("").join(top), Markup("").join(beneath)]
    edge = table.spanners and table.spanners[-1].last == len(columns) - 1
    lines = Markup("\n").join(
        Markup("<tr{}>{}</tr>").format(Markup(' class="to-edge"') if edge and number else "", row)
        for number, row in enumerate(rows)
    )
    return Markup("<thead>\n{}\n</thead>").format(lines)


def _column_header(label: str, column: Column, marks: str, *, rows: int = 1) -> Markup:
    attributes = Markup(' class="number"') if column.is_numeric else Markup("")
    if rows > 1:
        attributes += Markup(' rowspan="{}"').format(rows)
    if not label.strip():
        return Markup("<td{}></td>").format(attributes)  # an empty header is announced as a header of nothing
    return Markup('<th scope="col"{}>{}{}</th>').format(attributes, _lines(label), _mark(marks))


def _bodies(table: Table, columns: tuple[Column, ...]) -> list[Markup]:
    """Return one ``<tbody>`` for the rows beneath each heading."""
    ends = [_end_width(table, place) if column.is_ragged else 0.0 for place, column in enumerate(columns)]
    groups: list[list[Markup]] = [[]]
    for row in table.lines:
        if row.is_heading:
            groups.append([_heading(row, table)])
        else:
            groups[-1].append(_row(row, table, columns, ends))
    return [Markup("<tbody>\n{}\n</tbody>").format(Markup("\n").join(group)) for group in groups if group]


def _end_width(table: Table, place: int) -> float:
    """Return the room, in em, for what stands behind the points of a column."""
    ends = [
        em_width(split_at_point(row.cells[place].strip())[1], "sans") + raised_width(table.marks_of(row.notes[place]))
        for row in table.lines
        if not row.is_heading
    ]
    return _SPARE * max(ends, default=0.0)


def _heading(row: Row, table: Table) -> Markup:
    text = Markup("{}{}").format(_lines(heading_text(row)), _mark(table.marks_of(tuple(chain(*row.notes)))))
    span = len(table.header)
    return Markup('<tr class="heading"><th scope="rowgroup" colspan="{}">{}</th></tr>').format(span, text)


def _row(row: Row, table: Table, columns: tuple[Column, ...], ends: list[float]) -> Markup:
    marks = [_mark(table.marks_of(notes)) for notes in row.notes]
    indent = Markup(' class="indent-{}"').format(min(row.indent, 3)) if row.indent else ""
    named = Markup('<th scope="row"{}>{}{}</th>') if row.cells[0].strip() else Markup("<td{}>{}{}</td>")
    first = named.format(indent, _lines(row.cells[0]), marks[0])  # an empty header is announced as a header of nothing
    others = map(_cell, row.cells[1:], columns[1:], ends[1:], marks[1:])
    return Markup("<tr>{}</tr>").format(Markup("").join([first, *others]))


def _cell(text: str, column: Column, end: float, mark: Markup) -> Markup:
    if not column.is_numeric:
        return Markup("<td>{}{}</td>").format(_lines(text), mark)
    if not column.is_ragged or not text.strip():
        return Markup('<td class="number">{}{}</td>').format(_lines(text), mark)
    before, after = map(escape, split_at_point(on_one_line(text)))
    boxed = Markup('<span class="end" style="min-width:{:.2f}em">{}{}</span>').format(end, after, mark)
    return Markup('<td class="number">{}{}</td>').format(before, boxed)
