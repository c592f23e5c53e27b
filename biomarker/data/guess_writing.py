"""A guess at how a file is written: its encoding, its delimiter, the lines before its header, its totals."""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from biomarker.data.cells import TextTable, joined_header
from biomarker.data.readers import DELIMITED, EXCEL, Writing, raw_rows, read_text_table
from biomarker.errors import StudyError

_DELIMITERS = ("", ";", "\t", ",", "|")
_BYTES_LOOKED_AT = 4096
_LOOKED_AT = 200  # rows from which the outline is told
_TOTAL = re.compile(r"begins with '(.*)' and seems to sum up")
_NUMBER = re.compile(r"[+-]?[\d.,]+%?")


def how_written(path: Path, start: Writing) -> tuple[Writing, tuple[str, ...]]:
    """Return how a file is written, so that it is a table, with what to say about it.

    Raises
    ------
    StudyError
        The first fault, where it is a table under no way of writing.
    """
    suffix = path.suffix.lower()
    if suffix not in (*DELIMITED, *EXCEL):
        return start, ()
    first: StudyError | None = None
    found: list[tuple[tuple[int, ...], Writing, TextTable]] = []
    ways = list(_ways(path, start)) if suffix in DELIMITED else [start]
    for outlined in (False, True):
        for way in ways:
            writing = _outline(path, way) if outlined else way
            try:
                table = read_text_table(path, writing)
            except StudyError as error:
                first = first or error
                continue
            columns, faults = len(table.frame.columns), len(table.problems)
            if columns > 1 and not faults:
                return writing, _said(writing)
            others = sum(not _TOTAL.match(problem.rule) for problem in table.problems)
            found.append(((columns == 1, others > 0, outlined, faults, -columns), writing, table))
    if not found:
        raise first or StudyError(f"{path}: cannot be read")
    _, chosen, table = min(found, key=lambda one: one[0])
    return _with_totals(chosen, table)


def _said(writing: Writing) -> tuple[str, ...]:
    said = []
    if writing.skip_rows:
        rows = "1 row stands" if writing.skip_rows == 1 else f"{writing.skip_rows} rows stand"
        said.append(f"{rows} before the header. Is that right?")
    if writing.header_rows > 1:
        said.append("Two rows of the header are joined to one name each.")
    return tuple(said)


def _ways(path: Path, start: Writing) -> Iterator[Writing]:
    for encoding in _encodings(path):
        for delimiter in _DELIMITERS:
            yield replace(start, encoding=encoding, delimiter=delimiter)


def _encodings(path: Path) -> tuple[str, ...]:
    """Return the encodings to try: text of two bytes a letter has a mark at its start, or zeros among its bytes."""
    try:
        with path.open("rb") as stream:
            start = stream.read(_BYTES_LOOKED_AT)
    except OSError:
        return ("",)  # the reader says what is wrong
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return ("", "utf-16")
    if b"\0" in start:
        return ("", "utf-16-le", "utf-16-be") if start[1:2] == b"\0" else ("", "utf-16-be", "utf-16-le")
    return ("", "windows-1252")


def _outline(path: Path, writing: Writing) -> Writing:
    """Return the way of writing with the rows before the header, and of it, where they are not one."""
    if path.suffix.lower() == ".voistat":
        return writing
    rows = raw_rows(path, writing, lenient=True)
    skip = _first_row(rows)
    shown = [row for row in rows[skip:_LOOKED_AT] if any(cell.strip() for cell in row)]
    return replace(writing, skip_rows=skip if _is_preamble(rows[:skip]) else 0, header_rows=_header_rows(shown))


def _filled(row: Sequence[str]) -> int:
    return sum(bool(cell.strip()) for cell in row)


def _first_row(rows: Sequence[Sequence[str]]) -> int:
    """Return the place of the row that seems to be the header: the first about as full as the others."""
    counts = Counter(_filled(row) for row in rows[:_LOOKED_AT] if _filled(row))
    if not counts:
        return 0
    usual = max(counts, key=lambda filled: (counts[filled], filled))
    enough = max(2, (usual + 1) // 2)
    return next((at for at, row in enumerate(rows) if _filled(row) >= enough), 0) if usual > 1 else 0


def _is_preamble(rows: Sequence[Sequence[str]]) -> bool:
    return any(_filled(row) for row in rows)


def _header_rows(rows: Sequence[Sequence[str]]) -> int:
    """Return 2 where the header's second row names what its first leaves open, and no number stands in either."""
    if len(rows) < 3:
        return 1
    upper, lower = rows[0], rows[1]
    spanning = any(not cell.strip() for cell in upper) or len(set(upper)) < len(upper)
    words = [cell.strip() for cell in lower if cell.strip()]
    joined = joined_header([upper, lower])
    of_words = bool(words) and not any(_NUMBER.fullmatch(word) for word in words)
    numbers_below = any(_NUMBER.fullmatch(cell.strip()) for cell in rows[2])
    return 2 if spanning and of_words and numbers_below and len(set(joined)) == len(joined) and all(joined) else 1


def _with_totals(writing: Writing, table: TextTable) -> tuple[Writing, tuple[str, ...]]:
    found = [match[1] for problem in table.problems if (match := _TOTAL.match(problem.rule))]
    said = _said(writing)
    if not found:
        return writing, said
    words = list(dict.fromkeys(found))
    asked = f"Rows that begin with {', '.join(words)} seem to sum up others and are left out. Is that right?"
    return replace(writing, totals=tuple(words)), (*said, asked)
