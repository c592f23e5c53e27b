"""One block of columns per lesion, reader or time, to one row each."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from biomarker.data.cells import TextTable, clean
from biomarker.errors import StudyError, nearest

_PLACE = re.compile(r"\{(\w+)\}")
_PIECES = {"column": r"(?P<column>.+?)"}


def unstacked(table: TextTable, pattern: str) -> TextTable:
    """Turn blocks of columns into rows.

    Parameters
    ----------
    table : TextTable
        Some of its headers follow the pattern; the others stand in each of the rows made.
    pattern : str
        A header with two places: ``{column}`` and the column that the other part becomes, such as
        ``"Lesion {lesion_id} {column}"`` or ``"{column}_phys{reader_id}"``.

    Returns
    -------
    TextTable
        One row per row and block; blocks without any cell are left out, and counted in a note.

    Raises
    ------
    StudyError
        If the pattern has not the two places, or fits no header.
    """
    expression, of = _expression(pattern, file=table.file)
    matches = {str(header): expression.fullmatch(str(header)) for header in table.frame.columns}
    found = {header: match for header, match in matches.items() if match}
    if not found:
        hint = nearest(pattern, list(matches))
        raise StudyError(f"{table.file}: no header follows blocks = {pattern!r}{hint}")
    others = [header for header, match in matches.items() if match is None]
    if of in others:
        raise StudyError(f"{table.file}: blocks = {pattern!r}: the table has a column {of!r} already")
    blocks: dict[str, dict[str, str]] = {}
    for header, match in found.items():
        blocks.setdefault(match[of], {})[header] = match["column"]
    names = list(dict.fromkeys(match["column"] for match in found.values()))
    parts = [_block(table.frame, others, of, label, columns, names) for label, columns in blocks.items()]
    order = pd.concat(parts)
    # rows of one patient together, in the order of the blocks
    whole = order.iloc[pd.Series(order.index).argsort(kind="stable").to_numpy()]
    filled = (whole[names].map(clean) != "").any(axis=1)
    notes = [f"{table.file}: blocks of columns became rows, by {of}: {', '.join(blocks)}."]
    if not filled.all():
        notes.append(f"{table.file}: {int((~filled).sum())} blocks without any cell were left out.")
    kept = whole[filled]
    if kept.empty:
        raise StudyError(f"{table.file}: no block of {pattern!r} has a cell")
    return replace(table, frame=kept, notes=(*table.notes, *notes))


def _expression(pattern: str, *, file: str) -> tuple[re.Pattern[str], str]:
    places = _PLACE.findall(pattern)
    others = [name for name in places if name != "column"]
    if len(places) != 2 or len(others) != 1:
        raise StudyError(
            f'{file}: blocks = {pattern!r}: give a header with two places, such as "Lesion {{lesion_id}} {{column}}"'
        )
    pieces = []
    for at, piece in enumerate(_PLACE.split(clean(pattern))):
        name = piece if at % 2 else ""
        pieces.append(_PIECES.get(name, rf"(?P<{name}>[^\s_]+?)") if name else re.escape(piece))
    return re.compile("".join(pieces), re.IGNORECASE), others[0]


def _block(
    frame: pd.DataFrame, others: list[str], of: str, label: str, columns: Mapping[str, str], names: list[str]
) -> pd.DataFrame:
    block = frame[[*others, *columns]].rename(columns=dict(columns))
    for name in names:
        if name not in block:
            block[name] = ""
    return block.assign(**{of: label})[[*others, of, *names]]
