"""A table as HTML: a caption, column and row headers that a screen reader can follow, footnotes in the foot."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from markupsafe import Markup, escape

from biomarker.tables.render.characters import legible, on_one_line
from biomarker.tables.render.columns import Column, columns_of, heading_text
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
        Markup("<thead>\n<tr>{}</tr>\n</thead>").format(Markup("").join(map(_column_header, table.header, columns))),
        *_bodies(table, columns),
    ]
    if table.footnotes:
        notes = Markup("").join(Markup("<p>{}</p>").format(_line(note)) for note in table.footnotes)
        span = len(table.header)
        parts.append(Markup('<tfoot>\n<tr><td colspan="{}"><div>{}</div></td></tr>\n</tfoot>').format(span, notes))
    return Markup("\n").join([*parts, Markup("</table>\n")])


def page(table: Table) -> str:
    """Return a whole HTML page that holds this table and needs no other file."""
    return str(_PAGE.format(title=on_one_line(table.title), css=Markup(stylesheet()), table=scrolling(render(table))))


def notebook(table: Table) -> str:
    """Return the table with its style sheet, for a notebook, which has none for it."""
    return f"<style>\n{stylesheet()}\n</style>\n{scrolling(render(table))}"


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


def _line(text: str) -> Markup:
    return escape(on_one_line(text))


def _lines(text: str) -> Markup:
    return Markup("<br>").join(legible(text).strip().split("\n"))


def _column_header(label: str, column: Column) -> Markup:
    kind = Markup(' class="number"') if column.is_numeric else ""
    if not label.strip():
        return Markup("<td></td>")  # an empty header cell is announced as a header of nothing
    return Markup('<th scope="col"{}>{}</th>').format(kind, _lines(label))


def _bodies(table: Table, columns: tuple[Column, ...]) -> list[Markup]:
    """Return one ``<tbody>`` for the rows beneath each heading."""
    groups: list[list[Markup]] = [[]]
    for row in table.lines:
        if row.is_heading:
            groups.append([_heading(row, len(columns))])
        else:
            groups[-1].append(_row(row, columns))
    return [Markup("<tbody>\n{}\n</tbody>").format(Markup("\n").join(group)) for group in groups if group]


def _heading(row: Row, span: int) -> Markup:
    text = _lines(heading_text(row))
    return Markup('<tr class="heading"><th scope="rowgroup" colspan="{}">{}</th></tr>').format(span, text)


def _row(row: Row, columns: tuple[Column, ...]) -> Markup:
    indent = Markup(' class="indent-{}"').format(min(row.indent, 3)) if row.indent else ""
    first = Markup('<th scope="row"{}>{}</th>').format(indent, _lines(row.cells[0]))
    others = [
        Markup("<td{}>{}</td>").format(Markup(' class="number"') if column.is_numeric else "", _lines(cell))
        for cell, column in zip(row.cells[1:], columns[1:], strict=True)
    ]
    return Markup("<tr>{}</tr>").format(Markup("").join([first, *others]))
