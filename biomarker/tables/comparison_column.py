"""A column for what compares groups: it is of none of them, and stands beside them all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from biomarker.tables.table import Row


def with_blanks(rows: Iterable[Row | tuple[str, ...]], columns: int = 1) -> list[Row | tuple[str, ...]]:
    """Return rows of groups with blank cells behind them; headings span the table anyway."""
    blanks = ("",) * columns
    return [
        (*row, *blanks)
        if isinstance(row, tuple)
        else row
        if row.is_heading
        else replace(row, cells=(*row.cells, *blanks))
        for row in rows
    ]
