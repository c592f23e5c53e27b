"""Missing cells keep their word: ``n/a``, ``n/a*`` and ``-`` can mean three different things in one table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd

DEFAULT_MISSING = ("", "NA", "N/A", "n/a", "na", "NaN", "nan", "NULL", "null", "None", "-", ".")
BLANK = "blank"  # what an empty cell is called in print

TOKEN_COLUMNS = ("row", "column", "token")


def no_tokens() -> pd.DataFrame:
    """Return the record of missing cells of a table that has none."""
    return pd.DataFrame(
        {
            "row": pd.Series(dtype="int64"),
            "column": pd.Series(dtype="object"),
            "token": pd.Series(dtype="object"),
        }
    )


def count_tokens(tokens: pd.DataFrame, column: str, rows: Iterable[int] | None = None) -> dict[str, int]:
    """Count the words that stood in the missing cells of one column.

    Parameters
    ----------
    tokens : DataFrame
        The missing cells, one a row: `row` (as a spreadsheet numbers it), `column`, `token`.
    column : str
        The column asked about.
    rows : iterable of int, optional
        Only these rows.

    Returns
    -------
    dict of str to int
        Cells for each word, the commonest first; an empty cell is ``"blank"``.

    Examples
    --------
    >>> tokens = pd.DataFrame({"row": [27, 28, 30], "column": "suvmax_24h", "token": ["n/a*", "n/a*", ""]})
    >>> count_tokens(tokens, "suvmax_24h")
    {'n/a*': 2, 'blank': 1}
    """
    chosen = tokens[tokens["column"] == column]
    if rows is not None:
        chosen = chosen[chosen["row"].isin(list(rows))]
    counts = chosen["token"].replace("", BLANK).value_counts(sort=False).sort_values(ascending=False, kind="stable")
    return {str(token): int(count) for token, count in counts.items()}


def missing_note(tokens: pd.DataFrame, column: str, rows: Iterable[int] | None = None) -> str:
    """Say in words how often a column is missing, and by which word: ``"suvmax_24h missing: n/a* 2"``.

    Examples
    --------
    >>> tokens = pd.DataFrame({"row": [27, 28], "column": "suvmax_24h", "token": ["n/a*", "n/a*"]})
    >>> missing_note(tokens, "suvmax_24h")
    'suvmax_24h missing: n/a* 2'
    >>> missing_note(tokens, "age_years")
    ''
    """
    counts = count_tokens(tokens, column, rows)
    return f"{column} missing: {_listed(counts)}" if counts else ""


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{token} {count}" for token, count in counts.items())
