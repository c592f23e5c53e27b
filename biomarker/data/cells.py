"""Rows of cells to a frame of text, with every fault of the table's outline: header, ragged rows, blank lines.

Nothing is guessed here: a cell is the text that stood in the file, and its row is the row a spreadsheet shows.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice, pairwise

import numpy as np
import pandas as pd

from biomarker.errors import Problem, StudyError

_CHUNK = 100_000  # rows turned into columns at a time, so that a million rows stay within memory
_SPACES = str.maketrans({"\u00a0": " ", "\u202f": " ", "\u2009": " ", "\ufeff": None})
_TOTALS = frozenset(
    {"total", "totals", "grand total", "sum", "summe", "gesamt", "gesamtsumme", "mean", "average", "mittelwert"}
    | {"median", "sd", "total general", "totaal", "gemiddelde", "totale", "media", "somme", "moyenne"}
)
# what may follow such a word: Total (n=44), Mean ± SD, Sum:
_AFTER_TOTAL = r"\s*(?:[:=(\[±/+,].*|n\s*=.*)?"
_SUMS_UP = re.compile(f"(?:{'|'.join(map(re.escape, sorted(_TOTALS)))}){_AFTER_TOTAL}", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True, eq=False)
class TextTable:
    """The cells of a file as they stand there; the index, named ``row``, counts as a spreadsheet does."""

    frame: pd.DataFrame
    file: str
    header_row: int = 1
    sha256: str = ""
    notes: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    missing: Mapping[str, frozenset[str]] = field(default_factory=dict)  # by column, where the file itself says so
    units: Mapping[str, str] = field(default_factory=dict)  # by column, where the file itself says so


def clean(text: str) -> str:
    r"""Trim spaces, hard ones too, and write accented letters one way (NFC).

    Examples
    --------
    >>> clean("\u00a0SUVmax\u00a024 h ")
    'SUVmax 24 h'
    """
    if text.isascii():
        return text.strip()
    return unicodedata.normalize("NFC", text.translate(_SPACES)).strip()


def text_table(
    rows: Iterable[Sequence[str]],
    *,
    file: str,
    comment: str = "",
    header_rows: int = 1,
    skip_rows: int = 0,
    totals: Sequence[str] | None = None,
) -> TextTable:
    """Make a table of text from rows of cells, the header among them.

    Parameters
    ----------
    rows : iterable of sequences of str
        Every row of the file in order; an empty line is an empty row.
    file : str
        Name of the file, for messages.
    comment : str
        A row whose first cell begins with this is left out.
    header_rows : int
        Rows of the header; the words above one another make one name. Over several columns, a word of an upper row
        may stand in the first of them only.
    skip_rows : int
        Rows before the header: titles, dates of export.
    totals : sequence of str, optional
        Rows whose first word is one of these sum up others, and are left out. By default a row that begins with a
        word such as total is a fault; an empty list says that it is a row like the others.

    Raises
    ------
    StudyError
        If there is no row, no header, or no row under the header.
    """
    numbered: Iterator[tuple[int, Sequence[str]]] = islice(enumerate(rows, start=1), skip_rows, None)
    if comment:
        numbered = _without_comments(numbered, comment)
    header_row, header = next(((number, row) for number, row in numbered if _has_text(row)), (0, ()))
    if not header_row:
        raise StudyError(f"{file}: the file is empty")
    problems: list[Problem] = []
    notes: set[str] = set()
    names = [clean(cell) for cell in header]
    if header_rows > 1:
        lower = [row for _, row in islice(numbered, header_rows - 1)]
        names = joined_header([header, *lower])
        header_row += len(lower)
        notes.add(f"{file}: the {header_rows} rows of the header were joined: {', '.join(filter(None, names))}.")
    width = len(names)
    header = [*header, *[""] * (width - len(header))]
    problems += _header_problems(names, file=file, row=header_row)
    blocks, indices = [], []
    chosen = _Rows(file=file, header=header, totals=totals, problems=problems, notes=notes)
    while chunk := list(islice(numbered, _CHUNK)):
        kept = list(chosen.of(chunk))
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


@dataclass(frozen=True, kw_only=True)
class _Rows:
    """The rows under a header: those as wide as it are kept, the others reported."""

    file: str
    header: Sequence[str]
    totals: Sequence[str] | None
    problems: list[Problem]
    notes: set[str]

    def of(self, chunk: Iterable[tuple[int, Sequence[str]]]) -> Iterator[tuple[int, Sequence[str]]]:
        """Yield the rows to keep, and step over those without any text."""
        width = len(self.header)
        for number, row in chunk:
            if len(row) > width and not _has_text(row[width:]):
                row = row[:width]
                self.notes.add(f"{self.file}: empty cells beyond the last column were left out.")
            if len(row) < width and len(row) >= self.named:  # the header alone ends in delimiters
                row = [*row, *[""] * (width - len(row))]
            if len(row) != width:
                if _has_text(row):
                    self._fault(number, self._ragged(row))
            elif row[0] == self.header[0] and list(row) == list(self.header):
                self._fault(number, "repeats the header")
            elif (row[0].strip() or _has_text(row)) and not self._sums_up(number, row):
                yield number, row

    def _fault(self, number: int, rule: str) -> None:
        self.problems.append(Problem(file=self.file, row=number, rule=rule))

    @property
    def named(self) -> int:
        """The place of the last column that has a name."""
        return max((at for at, cell in enumerate(self.header, start=1) if cell.strip()), default=0)

    def _ragged(self, row: Sequence[str]) -> str:
        found = len(row)
        rule = f"the row has {found} cell{'s' * (found != 1)} where the header has {len(self.header)}"
        if found == 1:
            return f"{rule}; if it is a note and no row, take it out of the file"
        if found == len(self.header) + 1 and row[-1].strip():
            return (
                f"{rule}; if each row begins with its number or name, which the header does not name, give that column "
                "a name; if a cell holds the delimiter, it must be quoted"
            )
        if len([cell for cell in self.header if cell.strip()]) == 1:
            return f"{rule}; if lines of text come before the header, say how many: skip_rows = 1"
        return rule

    def _sums_up(self, number: int, row: Sequence[str]) -> bool:
        """Whether the row is a total of others: left out where the study says so, a fault where it says nothing."""
        if self.totals is not None and not self.totals:
            return False
        first = row[0] if row[0].strip() else next(cell for cell in row if cell.strip())
        if self.totals is None:
            if not _begins_total(first.strip()):
                return False
            first = clean(first)
            rule = (
                f"begins with {first!r} and seems to sum up other rows; to leave it out, set totals = [{first!r}]; "
                "if it is a row like the others, totals = []"
            )
            self._fault(number, rule)
            return True
        first = clean(first)
        if first not in self.totals:
            return False
        self.notes.add(f"{self.file}: row {number} ({first}) sums up others and was left out.")
        return True


@lru_cache(maxsize=1024)  # the rows of a patient follow one another
def _begins_total(word: str) -> bool:
    """Whether a row's first word sums up: total, Mean ± SD, but not total body.

    Examples
    --------
    >>> [_begins_total(word) for word in ("Total", "total (n=44)", "Mean ± SD", "total body")]
    [True, True, True, False]
    """
    return _SUMS_UP.fullmatch(word) is not None


def joined_header(rows: Sequence[Sequence[str]]) -> list[str]:
    """Join the rows of a header column by column; a word that spans columns may stand over the first of them alone.

    Examples
    --------
    >>> joined_header([["Subject", "24 h", "", "Note"], ["", "SUVmax", "SUVmean", ""]])
    ['Subject', '24 h SUVmax', '24 h SUVmean', 'Note']
    """
    width = max(map(len, rows))
    padded = [[clean(cell) for cell in [*row, *[""] * (width - len(row))]] for row in rows]
    for upper, lower in pairwise(padded):
        for at in range(1, width):
            # a word without a word below stands for its own column alone
            if not upper[at] and lower[at] and lower[at - 1]:
                upper[at] = upper[at - 1]
    columns = zip(*padded, strict=True)
    return [" ".join(dict.fromkeys(word for word in column if word)) for column in columns]


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
        elif at == 1 and _counts_rows(column):
            notes.add(f"{file}: the first column has no name and counts the rows; it was left out.")
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


def _counts_rows(cells: np.ndarray) -> bool:
    """Whether a column is the number of the row, from 0 or from 1, as a data frame writes it."""
    words = [cell.strip() for cell in cells]
    return any(words == [str(number) for number in range(first, first + len(words))] for first in (0, 1))
