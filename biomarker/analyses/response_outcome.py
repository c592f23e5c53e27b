"""The response of a model: two classes, or levels in an order that is given or known but never guessed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from biomarker.analyses.group_order import level_name
from biomarker.errors import DesignError, nearest
from biomarker.vocabulary import lower_label

RECIST = ("PD", "SD", "PR", "CR")  # from worst to best
MOST_LEVELS = 10


@dataclass(frozen=True, kw_only=True, eq=False)
class Outcome:
    """What came about in each row.

    Attributes
    ----------
    column : str
    codes : ndarray of int, shape (n,)
        0, 1, ... from the lowest level to the highest; 1 is positive where there are two classes.
    levels : tuple of str
        Their names; empty for two classes.
    note : str
        The order, for a reader.
    """

    column: str
    codes: NDArray[np.intp]
    levels: tuple[str, ...] = ()
    note: str = ""

    @property
    def counts(self) -> NDArray[np.intp]:
        """Rows of each level."""
        return np.bincount(self.codes)

    @property
    def is_ordinal(self) -> bool:
        """Whether there are more than two levels, in order."""
        return bool(self.levels)

    @property
    def effective_size(self) -> float:
        """The rarer class; for levels in order, the number of rows that an evenly spread outcome would need [1]_.

        References
        ----------
        .. [1] Harrell FE. Regression Modeling Strategies. 2nd ed. Springer; 2015: section 4.4.
        """
        n = float(self.codes.size)
        if not self.is_ordinal:
            return float(self.counts.min())
        return n - float(np.sum(self.counts.astype(float) ** 3)) / n**2


def ordered_outcome(column: pd.Series, order: Sequence[object] | None) -> Outcome:
    """Return an ordinal response.

    Raises
    ------
    DesignError
        If the order is neither given nor known, lacks a level that occurs, or fewer than three levels occur.
    """
    name = str(column.name)
    found = list(dict.fromkeys(level_name(value) for value in column))
    known = _known_order(column, order, found)
    missing = [level for level in found if level not in known]
    if missing:
        raise DesignError(
            f"{name!r} holds {missing[0]!r}{nearest(missing[0], known)}, which is not in the order "
            f"{', '.join(known)}: leave such rows out with where, or give its place in order"
        )
    levels = tuple(level for level in known if level in found)
    if len(levels) < 3:
        raise DesignError(
            f"{name!r} has {len(levels)} level{'s' * (len(levels) != 1)} ({', '.join(levels)}); an ordered response "
            'has three or more: use family = "binary"'
        )
    if len(levels) > MOST_LEVELS:
        raise DesignError(f"{name!r} has {len(levels)} levels, too many for a proportional odds model: merge some")
    place = {level: number for number, level in enumerate(levels)}
    codes = np.array([place[level_name(value)] for value in column], dtype=np.intp)
    absent = [level for level in known if level not in found]
    note = f"Order of {lower_label(name)}, from low to high: {', '.join(levels)}."
    if absent:
        note += f" No row is {' or '.join(absent)}."
    return Outcome(column=name, codes=codes, levels=levels, note=note)


def _known_order(column: pd.Series, order: Sequence[object] | None, found: Sequence[str]) -> tuple[str, ...]:
    if order is not None:
        if isinstance(order, str) or not isinstance(order, list | tuple):
            raise DesignError(f"order = {order!r}: give the levels as a list, from lowest to highest")
        named = tuple(level_name(level) for level in order)
        if len(set(named)) < len(named):
            raise DesignError(f"order names a level twice: {', '.join(named)}")
        return named
    if isinstance(column.dtype, pd.CategoricalDtype) and column.cat.ordered:
        return tuple(level_name(level) for level in column.cat.categories)
    if len(set(found) & set(RECIST)) > 1:  # another word among them, such as NE, is then refused by name
        return RECIST
    shown = ", ".join(sorted(found)[:8])
    raise DesignError(
        f"which order do the levels of {str(column.name)!r} have? It holds {shown}; give order = [lowest, ..., highest]"
    )
