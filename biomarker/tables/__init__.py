"""Result in, `Table` out; one module a topic, and one renderer an output format.

`tabulate` finds the layout of a result in the module that bears the name of the analysis: a result of
`biomarker.analyses.roc` is laid out by `biomarker.tables.roc`.
"""

from __future__ import annotations

from functools import singledispatch
from importlib import import_module
from typing import TYPE_CHECKING

from biomarker.tables.prose import table_in_prose
from biomarker.tables.style import Style, style_named
from biomarker.tables.table import Row, Spanner, Table, heading, indented, noted

if TYPE_CHECKING:
    from biomarker.analyses.result import Result

__all__ = ["Row", "Spanner", "Style", "Table", "heading", "indented", "layout", "noted", "tabulate"]


@singledispatch
def layout(result: Result, style: Style) -> Table:  # noqa: ARG001 - the signature that every topic shares
    """Lay out one result; each topic registers its own."""
    raise TypeError(f"no table is known for {type(result).__name__}")


def tabulate(result: Result, style: str | Style = "plain") -> Table:
    """Return the publication table of a result, its notes and exclusions as footnotes."""
    topic = type(result).__module__.rpartition(".")[2]
    import_module(f"biomarker.tables.{topic}")
    table = layout(result, style_named(style)).with_style(style_named(style))
    return table_in_prose(table.with_footnotes((*result.method.notes, result.population.sentence())))
