"""The levels of a column as words, in an order that does not depend on the order of the rows."""

from __future__ import annotations

import pandas as pd

RESPONSES = ("CR", "PR", "SD", "NON-CR/NON-PD", "PD", "NE")


def level_name(value: object) -> str:
    """Return a level as it is printed: 1.0 is "1", true is "Yes".

    Examples
    --------
    >>> level_name(1.0), level_name(0.5), level_name(True), level_name("PR")
    ('1', '0.5', 'Yes', 'PR')
    """
    if pd.api.types.is_bool(value):
        return "Yes" if value else "No"
    if pd.api.types.is_number(value):
        return f"{value:.10g}"
    return str(value)


def level_names(column: pd.Series) -> pd.Series:
    """Return the column with every known value as a word; missing values stay missing."""
    return column.astype(object).map(level_name, na_action="ignore")


def ordered_levels(column: pd.Series) -> tuple[str, ...]:
    """Return the levels that occur, as words.

    A categorical column keeps its own order, numbers ascend, true comes before false, responses go from CR to PD, and
    all else is alphabetical.

    Examples
    --------
    >>> ordered_levels(pd.Series(["PD", "CR", "SD", None, "PD"]))
    ('CR', 'SD', 'PD')
    >>> ordered_levels(pd.Series([1.5, 0.5, 10.0]))
    ('0.5', '1.5', '10')
    """
    known = column.dropna()
    if isinstance(column.dtype, pd.CategoricalDtype):
        present = set(known)
        return tuple(level_name(value) for value in column.cat.categories if value in present)
    values = list(pd.unique(known))
    if pd.api.types.is_bool_dtype(known) or all(pd.api.types.is_bool(value) for value in values):
        return tuple(level_name(value) for value in sorted(values, reverse=True))
    if pd.api.types.is_numeric_dtype(known):
        return tuple(level_name(value) for value in sorted(values))
    names = {level_name(value) for value in values}
    if names <= set(RESPONSES):
        return tuple(name for name in RESPONSES if name in names)
    return tuple(sorted(names, key=lambda name: (name.casefold(), name)))
