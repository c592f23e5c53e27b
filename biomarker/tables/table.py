"""The one table value: text laid out in rows, not yet in any format.

A `Table` never changes; each verb returns a new one. Rendering is a last, separate stage in `biomarker.tables.render`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from importlib import import_module
from os import PathLike
from typing import Any

from biomarker.tables.style import STYLES, Style

Path = str | PathLike[str]
Notes = tuple[str, ...]


class Noted(str):
    """A text with footnotes, on its way into a table; made by `noted`.

    Any other operation on the text, such as joining it to another, gives a plain one without the notes.
    """

    notes: Notes = ()


def noted(text: str, *notes: str) -> str:
    """Return a cell, label or heading to which footnotes belong; the table gives each of them a mark.

    Examples
    --------
    >>> Table(title="t", header=["a", noted("b", "Fasting.")], rows=[["x", noted("1", "Fasting.", "Once.")]]).marks
    {'Fasting.': 'a', 'Once.': 'b'}
    """
    found = Noted(text)
    found.notes = (*getattr(text, "notes", ()), *(note for note in notes if note))
    return found


def _notes_of(texts: Sequence[str], known: Sequence[Notes]) -> tuple[Notes, ...]:
    """Return the notes of each text, those known already and those that it brings along."""
    had = [*known, *[()] * (len(texts) - len(known))]
    return tuple((*old, *getattr(text, "notes", ())) for text, old in zip(texts, had, strict=True))


def _plain(texts: Sequence[str]) -> tuple[str, ...]:
    return tuple(str(text) for text in texts)


@dataclass(frozen=True)
class Row:
    """One line of a table: as many cells as the header has, or a heading that spans them all.

    `notes` are the footnotes of each cell; they are taken from cells made by `noted`.
    """

    cells: tuple[str, ...]
    indent: int = 0
    is_heading: bool = False
    notes: tuple[Notes, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "notes", _notes_of(self.cells, self.notes))
        object.__setattr__(self, "cells", _plain(self.cells))


def heading(text: str) -> Row:
    """Return a row that spans the table and names the rows beneath it."""
    return Row((text,), is_heading=True)


def indented(*cells: str) -> Row:
    """Return a row that stands beneath a heading."""
    return Row(cells, indent=1)


@dataclass(frozen=True)
class Spanner:
    """A label over the columns `first` to `last`, both included and counted from 0."""

    label: str
    first: int
    last: int
    notes: Notes = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "notes", (*self.notes, *getattr(self.label, "notes", ())))
        object.__setattr__(self, "label", str(self.label))

    @property
    def width(self) -> int:
        """How many columns it spans."""
        return self.last - self.first + 1


@dataclass(frozen=True, kw_only=True)
class Table:
    """A publication table: title, header, rows and footnotes, every one of them text.

    Parameters
    ----------
    title : str
        One line, without a full stop and without "Table 1": numbers are given by the report.
    header : sequence of str
        One label a column. The first column is aligned left, the others by their content.
    rows : sequence of Row or of sequences of str
        Each with ``len(header)`` cells, or a `heading`.
    footnotes : sequence of str
        Whole sentences, printed in order beneath the table. Footnotes of a cell, label, spanner or heading are given
        with it, by `noted`; they follow these, each with its mark.
    spanners : sequence of Spanner
        Labels over several columns. No two share a column.
    units : sequence of str
        The unit of each column, or "" where it has none; it is printed after the label as the style has it.
    style : Style
        The journal whose marks and units are used; `biomarker.tables.tabulate` sets it.
    header_notes : sequence of tuple of str
        Taken from the header; given only where a table is made from another.
    """

    title: str
    header: Sequence[str]
    rows: Sequence[Row | Sequence[str]] = field(default=())
    footnotes: Sequence[str] = field(default=())
    spanners: Sequence[Spanner] = field(default=())
    units: Sequence[str] = field(default=())
    style: Style = STYLES["plain"]
    header_notes: Sequence[Notes] = field(default=())

    def __post_init__(self) -> None:
        rows = tuple(row if isinstance(row, Row) else Row(tuple(row)) for row in self.rows)
        width = len(self.header)
        if not width:
            raise ValueError("a table has at least one column")
        for row in rows:
            if not row.is_heading and len(row.cells) != width:
                raise ValueError(f"a row of {len(row.cells)} cells under a header of {width}: {row.cells}")
        if self.units and len(self.units) != width:
            raise ValueError(f"{len(self.units)} units under a header of {width}")
        object.__setattr__(self, "header_notes", _notes_of(self.header, self.header_notes))
        object.__setattr__(self, "header", _plain(self.header))
        object.__setattr__(self, "rows", rows)
        object.__setattr__(self, "footnotes", tuple(dict.fromkeys(note for note in self.footnotes if note)))
        object.__setattr__(self, "spanners", _in_order(self.spanners, width))
        object.__setattr__(self, "units", tuple(self.units))

    @property
    def lines(self) -> tuple[Row, ...]:
        """The rows, typed: what renderers walk over."""
        return tuple(row for row in self.rows if isinstance(row, Row))

    @property
    def labels(self) -> tuple[str, ...]:
        """The header as it prints: each label with its unit."""
        if not self.units:
            return tuple(self.header)
        return tuple(self.style.with_unit(*pair) for pair in zip(self.header, self.units, strict=True))

    @cached_property
    def marks(self) -> dict[str, str]:
        """The mark of each footnote that belongs to a place, in the order in which a reader meets them."""
        groups = [*(spanner.notes for spanner in self.spanners), *self.header_notes]
        groups += [notes for row in self.lines for notes in row.notes]
        found = dict.fromkeys(note for notes in groups for note in notes)
        return {note: self.style.mark(place) for place, note in enumerate(found)}

    def marks_of(self, notes: Notes) -> str:
        """Return the marks of some footnotes as they stand behind a text: "a,b"."""
        return ",".join(self.marks[note] for note in dict.fromkeys(notes))

    def with_title(self, title: str) -> Table:
        """Return the same table under another title."""
        return replace(self, title=title)

    def with_footnotes(self, notes: Iterable[str]) -> Table:
        """Return the same table with `notes` after its own footnotes."""
        return replace(self, footnotes=(*self.footnotes, *notes))

    def with_style(self, style: Style) -> Table:
        """Return the same table with another journal's marks and units; its numbers stay as they were printed."""
        return replace(self, style=style)

    def to_html(self) -> str:
        """Return an HTML ``<table>`` with every text escaped."""
        return str(_renderer("html")(self))

    def to_latex(self) -> str:
        """Return a LaTeX table (booktabs, threeparttable; longtable where it is long) with every text escaped."""
        return str(_renderer("latex")(self))

    def to_markdown(self) -> str:
        """Return a GitHub-flavoured Markdown table."""
        return str(_renderer("markdown")(self))

    def to_rtf(self) -> str:
        """Return a Rich Text document that holds this table."""
        return str(_renderer("rtf")(self))

    def to_csv(self) -> str:
        """Return comma-separated text, in which nothing is read as a formula or a date by a spreadsheet."""
        return str(_renderer("csv_text")(self))

    def to_docx(self, path: Path, *, template: Path | None = None) -> None:
        """Write a Word document that holds this table, in the styles and on the page of `template`, if there is one."""
        _renderer("word")(self, path, template=template)

    def to_xlsx(self, path: Path) -> None:
        """Write an Excel workbook that holds this table; no cell is ever a formula."""
        _renderer("excel")(self, path)

    def _repr_html_(self) -> str:
        from biomarker.tables.render.html import notebook

        return notebook(self)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:  # noqa: ANN401, ARG002 - as IPython calls it
        """Print in IPython, and where a notebook shows no HTML, as Markdown."""
        printer.text(str(self))

    def __str__(self) -> str:
        return self.to_markdown()


def _in_order(spanners: Sequence[Spanner], width: int) -> tuple[Spanner, ...]:
    """Return spanners from left to right, after a check that each is over columns of its own."""
    ordered = tuple(sorted(spanners, key=lambda spanner: spanner.first))
    end = -1
    for spanner in ordered:
        if not end < spanner.first <= spanner.last < width:
            raise ValueError(f"spanner {spanner.label!r} over columns {spanner.first} to {spanner.last} of {width}")
        end = spanner.last
    return ordered


def _renderer(name: str):  # type: ignore[no-untyped-def]  # noqa: ANN202 - each module's `render` has its own signature
    """Load a renderer when it is first used: python-docx and openpyxl are slow to import."""
    return import_module(f"biomarker.tables.render.{name}").render
