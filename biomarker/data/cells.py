"""Rows of cells to a frame of text, with every fault of the table's outline: header, ragged rows, blank lines.

Nothing is guessed here: a cell is the text that stood in the file, and its row is the row a spreadsheet shows.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
import pandas as pd

from biomarker.errors import Problem, StudyError

_CHUNK = 100_000  # rows turned into columns at a time, so that a million rows stay within memory


@dataclass(frozen=True, kw_only=True, eq=False)
class TextTable:
    """The cells of a file as they stand there; the index, named ``row``, counts as a spreadsheet does."""

    frame: pd.DataFrame
    file: str
    header_row: int = 1
    sha256: str = ""
    notes: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()


def clean(text: str) -> str:
    r"""Trim spaces, hard ones too, and write accented letters one way (NFC).

    Examples
    --------
    >>> clean("\u00a0SUVmax\u00a024 h ")
    'SUVmax 24 h'
    """
    if text.isascii():
        return text.strip()
    spaced = text.replace("\u00a0", " ").replace("\u202f", " ").replace("\ufeff", "")
    return unicodedata.normalize("NFC", spaced).strip()


def text_table(rows: Iterable[Sequence[str]], *, file: str, comment: str = "") -> TextTable:
    """Make a table of text from rows of cells, the header among them.

    Parameters
    ----------
    rows : iterable of sequences of str
        Every row of the file in order; an empty line is an empty row.
    file : str
        Name of the file, for messages.
    comment : str
        A row whose first cell begins with this is left out.

    Raises
    ------
    StudyError
        If there is no row, no header, or no row under the header.
    """
    numbered: Iterator[tuple[int, Sequence[str]]] = enumerate(rows, start=1)
    if comment:
        numbered = _without_comments(numbered, comment)
    header_row, header = next(((number, row) for number, row in numbered if _has_text(row)), (0, ()))
    if not header_row:
        raise StudyError(f"{file}: the file is empty")
    names = [clean(cell) for cell in header]
    width = len(names)
    problems: list[Problem] = list(_header_problems(names, file=file, row=header_row))
    blocks, indices = [], []
    notes: set[str] = set()
    while chunk := list(islice(numbered, _CHUNK)):
        kept = list(_full_rows(chunk, header, file=file, problems=problems, notes=notes))
        if kept:
            indices.append(np.fromiter((number for number, _ in kept), dtype=np.int64, count=len(kept)))
            blocks.append([np.array(cells, dtype=object) for cells in zip(*(row for _, row in kept), strict=True)])
    if not blocks and not problems:
        raise StudyError(f"{file}: the table has a header and no rows")
    columns = [
        np.concatenate([block[at] for block in blocks]) if blocks else np.array([], object) for at in range(width)
    ]
    index = pd.Index(np.concatenate(indices) if indices else np.array([], np.int64), name="row")
    return _named(names, columns, index, file=file, row=header_row, problems=problems, notes=notes)


def _without_comments(
    numbered: Iterable[tuple[int, Sequence[str]]], comment: str
) -> Iterator[tuple[int, Sequence[str]]]:
    for number, row in numbered:
        if not (row and row[0].lstrip().startswith(comment)):
            yield number, row


def _has_text(row: Sequence[str]) -> bool:
    return any(cell.strip() for cell in row)


def _header_problems(names: Sequence[str], *, file: str, row: int) -> Iterator[Problem]:
    seen: dict[str, int] = {}
    for at, name in enumerate(names, start=1):
        if name and name in seen:
            rule = f"stands twice in the header, as columns {seen[name]} and {at}"
            yield Problem(file=file, row=row, column=name, rule=rule)
        seen.setdefault(name, at)


def _full_rows(
    chunk: Iterable[tuple[int, Sequence[str]]],
    header: Sequence[str],
    *,
    file: str,
    problems: list[Problem],
    notes: set[str],
) -> Iterator[tuple[int, Sequence[str]]]:
    """Yield the rows as wide as the header; report the others, and step over those without any text."""
    width = len(header)
    for number, row in chunk:
        if len(row) > width and not _has_text(row[width:]):
            row = row[:width]
            notes.add(f"{file}: empty cells beyond the last column were left out.")
        if len(row) == width:
            if row[0] == header[0] and list(row) == list(header):
                problems.append(Problem(file=file, row=number, rule="repeats the header"))
            elif row[0].strip() or _has_text(row):
                yield number, row
        elif _has_text(row):
            rule = f"the row has {len(row)} cells where the header has {width}"
            problems.append(Problem(file=file, row=number, rule=rule))


def _named(
    names: Sequence[str],
    columns: Sequence[np.ndarray],
    index: pd.Index,
    *,
    file: str,
    row: int,
    problems: list[Problem],
    notes: set[str],
) -> TextTable:
    """Join names and columns; a column without a name is dropped where it is empty, and a fault where it is not."""
    kept: dict[str, np.ndarray] = {}
    for at, (name, column) in enumerate(zip(names, columns, strict=True), start=1):
        if name:
            kept.setdefault(name, column)
        elif any(cell.strip() for cell in column):
            problems.append(Problem(file=file, row=row, rule=f"column {at} has cells but no name"))
        else:
            notes.add(f"{file}: column {at} has neither a name nor cells and was left out.")
    return TextTable(
        frame=pd.DataFrame(kept, index=index, dtype=object),
        file=file,
        header_row=row,
        notes=tuple(sorted(notes)),
        problems=tuple(problems),
    )
