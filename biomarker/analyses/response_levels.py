"""The response of each row, for colours: levels in their order, rows without one kept."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from biomarker.analyses.group_order import level_names, ordered_levels
from biomarker.errors import DesignError

MOST_LEVELS = 8


@dataclass(frozen=True, kw_only=True, eq=False)
class ResponseLevels:
    """A column that colours a figure.

    Attributes
    ----------
    column : str
    levels : tuple of str
        The levels that occur, in order: responses from CR to PD.
    codes : ndarray of int, shape (rows,)
        Position in `levels`; -1 where the column is missing.
    """

    column: str
    levels: tuple[str, ...]
    codes: NDArray[np.intp]


def response_levels(values: pd.Series, column: str) -> ResponseLevels:
    """Return the levels of a column that is to colour a figure.

    Raises
    ------
    DesignError
        If it has more levels than colours can tell apart, as a column of measurements has.
    """
    levels = ordered_levels(values)
    if len(levels) > MOST_LEVELS:
        raise DesignError(
            f"{column!r} has {len(levels)} levels, and colours tell {MOST_LEVELS} apart: name a column of classes, "
            "such as a response"
        )
    place = {level: number for number, level in enumerate(levels)}
    names = level_names(values)
    codes = np.array([place.get(name, -1) if isinstance(name, str) else -1 for name in names], np.intp)
    return ResponseLevels(column=column, levels=levels, codes=codes)
