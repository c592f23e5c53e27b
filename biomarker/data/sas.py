"""SAS transport files (``.xpt``) and data sets (``.sas7bdat``)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from biomarker.data.cells import TextTable
from biomarker.data.stored import stored_columns, stored_table
from biomarker.errors import StudyError

_RECORD = 80  # bytes of a record of a transport file
_NAMESTR = 140  # bytes of the description of a variable
_LETTERS = "_ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def sas_table(path: Path, *, decimal: str = ".", encoding: str = "") -> TextTable:
    """Read a SAS file as text; special missing values keep their word, ``.A`` to ``.Z`` and ``._``.

    Raises
    ------
    StudyError
        If pyreadstat is not installed, or the file is no SAS file.
    """
    options: dict[str, Any] = {"encoding": encoding} if encoding else {}
    if path.suffix.lower() == ".xpt":
        columns, _ = stored_columns(path, "read_xport", **options)
        _restore_special(columns, path)
    else:
        columns, _ = stored_columns(path, "read_sas7bdat", user_missing=True, **options)
        columns = {name: _dotted(cells) for name, cells in columns.items()}
    declared = {name: _is_special for name, cells in columns.items() if any(map(_is_special, cells))}
    return stored_table(columns, file=path.name, decimal=decimal, declared=declared)


def _is_special(value: object) -> bool:
    return isinstance(value, Special)


class Special(str):
    """A special missing value: ``.A``, not a text that happens to read so."""

    __slots__ = ()


def _dotted(cells: list[Any]) -> list[Any]:
    """Mark the letters that stand for special missing values among numbers."""
    letters = [cell for cell in cells if isinstance(cell, str)]
    others = [cell for cell in cells if cell is not None and not isinstance(cell, str)]
    if not letters or not others or not all(letter in _LETTERS for letter in letters):
        return cells
    return [Special(f".{cell}") if isinstance(cell, str) else cell for cell in cells]


class _Variable(NamedTuple):
    name: str
    length: int
    position: int


def _restore_special(columns: dict[str, list[Any]], path: Path) -> None:
    """Put back the letters of special missing values, which are read as plain missing ones.

    A number of a transport file is missing where its first byte is the mark and the others are zero.
    """
    data = path.read_bytes()
    try:
        variables, rows, width = _layout(data)
    except (struct.error, ValueError, StopIteration):
        raise StudyError(f"{path.name}: not a readable .xpt file (its descriptions of variables are damaged)") from None
    for variable in variables:
        cells = columns.get(variable.name, [])
        for row, cell in enumerate(cells):
            if cell is None or cell != cell:
                at = rows + row * width + variable.position
                mark = chr(data[at]) if at < len(data) else "."
                if mark in _LETTERS and not any(data[at + 1 : at + variable.length]):
                    cells[row] = Special(f".{mark}")


def _layout(data: bytes) -> tuple[list[_Variable], int, int]:
    """Return the numeric variables, where the rows begin, and the width of a row."""
    records = range(0, len(data), _RECORD)
    names = next(
        at
        for at in records
        if data[at : at + 27].startswith((b"HEADER RECORD*******NAMEST",))
        or data[at : at + 27].startswith(b"HEADER RECORD*******NAMSTV8")
    )
    begin = next(at for at in records if at > names and data[at : at + 23] == b"HEADER RECORD*******OBS") + _RECORD
    variables = list(_variables(data, names + _RECORD, begin - _RECORD))
    width = max(variable.position + variable.length for variable, _ in variables)
    return [variable for variable, numeric in variables if numeric], begin, width


def _variables(data: bytes, start: int, end: int) -> Iterator[tuple[_Variable, bool]]:
    count = int(data[start - _RECORD + 48 : start - _RECORD + 58])
    for at in range(start, min(start + count * _NAMESTR, end), _NAMESTR):
        kind, _, length, _ = struct.unpack(">hhhh", data[at : at + 8])
        position = struct.unpack(">i", data[at + 84 : at + 88])[0]
        long_name = data[at + 88 : at + 120].strip(b"\0 ").decode("latin-1")
        name = data[at + 8 : at + 16].strip(b"\0 ").decode("latin-1")
        yield _Variable(long_name or name, length, position), kind == 1
