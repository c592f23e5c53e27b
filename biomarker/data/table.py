"""A table that has passed its checks, with where it came from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import pandas as pd

from biomarker.data.missing import missing_note, no_tokens


@dataclass(frozen=True, kw_only=True, eq=False)
class DataTable:
    """A validated table.

    Parameters
    ----------
    name : str
        What the study calls it.
    frame : DataFrame
        Typed columns; the index, named ``row``, is the row as a spreadsheet numbers it.
    schema_name : str
        Its schema, or ``""``.
    source : str
        The file it was read from.
    sha256 : str
        Hash of that file's bytes, in hexadecimal.
    tokens : DataFrame
        Every missing cell: `row`, `column`, and the word that stood there.
    notes : tuple of str
        What was done to the table on the way in, in sentences.
    """

    name: str
    frame: pd.DataFrame
    schema_name: str = ""
    source: str = ""
    sha256: str = ""
    tokens: pd.DataFrame = field(default_factory=no_tokens)
    notes: tuple[str, ...] = ()

    def missing_note(self, column: str, rows: Iterable[int] | None = None) -> str:
        """Say how often a column is missing, by the words that stood there; ``""`` where it never is."""
        return missing_note(self.tokens, column, rows)
