"""The one table value: text laid out in rows, not yet in any format.

A `Table` never changes; each verb returns a new one. Rendering is a last, separate stage in `biomarker.tables.render`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from importlib import import_module
from os import PathLike

Path = str | PathLike[str]


@dataclass(frozen=True)
class Row:
    """One line of a table: as many cells as the header has, or a heading that spans them all."""

    cells: tuple[str, ...]
    indent: int = 0
    is_heading: bool = False


def heading(text: str) -> Row:
    """Return a row that spans the table and names the rows beneath it."""
    return Row((text,), is_heading=True)


def indented(*cells: str) -> Row:
    """Return a row that stands beneath a heading."""
    return Row(cells, indent=1)


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
        Whole sentences, printed in order beneath the table.
    """

    title: str
    header: Sequence[str]
    rows: Sequence[Row | Sequence[str]] = field(default=())
    footnotes: Sequence[str] = field(default=())

    def __post_init__(self) -> None:
        rows = tuple(row if isinstance(row, Row) else Row(tuple(row)) for row in self.rows)
        width = len(self.header)
        if not width:
            raise ValueError("a table has at least one column")
        for row in rows:
            if not row.is_heading and len(row.cells) != width:
                raise ValueError(f"a row of {len(row.cells)} cells under a header of {width}: {row.cells}")
        object.__setattr__(self, "header", tuple(self.header))
        object.__setattr__(self, "rows", rows)
        object.__setattr__(self, "footnotes", tuple(dict.fromkeys(note for note in self.footnotes if note)))

    @property
    def lines(self) -> tuple[Row, ...]:
        """The rows, typed: what renderers walk over."""
        return tuple(row for row in self.rows if isinstance(row, Row))

    def with_title(self, title: str) -> Table:
        """Return the same table under another title."""
        return replace(self, title=title)

    def with_footnotes(self, notes: Iterable[str]) -> Table:
        """Return the same table with `notes` after its own footnotes."""
        return replace(self, footnotes=(*self.footnotes, *notes))

    def to_html(self) -> str:
        """Return an HTML ``<table>`` with every text escaped."""
        return str(_renderer("html")(self))

    def to_latex(self) -> str:
        """Return a LaTeX ``table`` environment (booktabs, threeparttable) with every text escaped."""
        return str(_renderer("latex")(self))

    def to_markdown(self) -> str:
        """Return a GitHub-flavoured Markdown table."""
        return str(_renderer("markdown")(self))

    def to_docx(self, path: Path) -> None:
        """Write a Word document that holds this table."""
        _renderer("word")(self, path)

    def to_xlsx(self, path: Path) -> None:
        """Write an Excel workbook that holds this table; no cell is ever a formula."""
        _renderer("excel")(self, path)

    def _repr_html_(self) -> str:
        from biomarker.tables.render.html import notebook

        return notebook(self)

    def __str__(self) -> str:
        return self.to_markdown()


def _renderer(name: str):  # type: ignore[no-untyped-def]  # noqa: ANN202 - each module's `render` has its own signature
    """Load a renderer when it is first used: python-docx and openpyxl are slow to import."""
    return import_module(f"biomarker.tables.render.{name}").render
