"""What each column of a table holds, in a line: its range or its words, and what is missing."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from pandas.api.types import is_bool_dtype, is_numeric_dtype, is_object_dtype

from biomarker.data.missing import BLANK, count_tokens
from biomarker.data.personal import identifies_people
from biomarker.data.table import DataTable

_WIDEST = 44  # a longer name or content pushes its own line alone
_MOST_WORDS, _MOST_LETTERS = 6, 80


def column_lines(table: DataTable) -> tuple[str, ...]:
    """Describe each column in a line, the lines in three columns: name, content, what is missing."""
    names = [str(name) for name in table.frame.columns]
    contents = [
        "not shown: may tell who a patient is" if identifies_people(name) else _content(table.frame[name].dropna())
        for name in names
    ]
    missing = [_missing(table, name) for name in names]
    first, second = _width(names), _width(contents)
    return tuple(
        f"{name:{first}}  {content:{second}}  {gone}".rstrip()
        for name, content, gone in zip(names, contents, missing, strict=True)
    )


def _width(words: Sequence[str]) -> int:
    return max((len(word) for word in words if len(word) <= _WIDEST), default=0)


def _missing(table: DataTable, name: str) -> str:
    """Say how many cells are missing, and by which words: missing 5 of 44 ('n/a*' 3, blank 2)."""
    frame = table.frame
    count = int(frame[name].isna().sum())
    if not count:
        return ""
    words = count_tokens(table.tokens, name)
    shown = [f"{token if token == BLANK else repr(token)} {number}" for token, number in words.items()]
    said = f" ({', '.join(shown)})" if shown else ""
    return f"missing {count:,} of {len(frame):,}, {count / len(frame):.0%}{said}"


def _content(cells: pd.Series) -> str:
    if cells.empty:
        return "no value"
    if is_bool_dtype(cells):
        return f"yes {int(cells.sum()):,}, no {int((~cells.astype(bool)).sum()):,}"
    if is_numeric_dtype(cells):
        low, middle, high = (float(value) for value in cells.quantile([0, 0.5, 1]))
        return f"{low:g} in all" if low == high else f"{low:g} to {high:g}, median {middle:g}"
    if is_object_dtype(cells):
        return _words_in_print(cells)
    return f"{cells.min():%Y-%m-%d} to {cells.max():%Y-%m-%d}"


def _words_in_print(cells: pd.Series) -> str:
    """Count the few words of a column; of many, say how many there are and what the first is."""
    counts = cells.astype(str).value_counts(sort=False)
    if len(counts) == len(cells) > _MOST_WORDS:
        return f"{len(cells):,} different words, {counts.index[0]!r} the first"
    shown = ", ".join(f"{word} {count:,}" for word, count in counts.items())
    if len(counts) <= _MOST_WORDS and len(shown) < _MOST_LETTERS:
        return shown
    return f"{len(counts):,} different words, {counts.index[0]!r} the first"
