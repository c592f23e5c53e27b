"""From predictors to the design of a hazard model: units of measured markers, classes against a reference level."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from biomarker.analyses.follow_up import Level, levels_and_codes
from biomarker.errors import DesignError, Problem, SchemaError, nearest
from biomarker.vocabulary import marker_unit

Floats = NDArray[np.float64]

MAX_LEVELS = 10  # more classes than a small trial can estimate: numbers read as text, most likely


@dataclass(frozen=True, kw_only=True, eq=False)
class Term:
    """One predictor of a hazard model.

    Attributes
    ----------
    name : str
        Of its column.
    columns : ndarray, shape (n_patients, n_columns)
        One column of numbers, or one for each level but the reference.
    per : str
        What one unit is, for a number: "g/mL", "doubling", "SD (2.31 g/mL)"; empty for classes.
    levels : tuple
        The level of each column, for classes.
    reference : str, int, float or None
        The level they are compared with.
    """

    name: str
    columns: Floats
    per: str = ""
    levels: tuple[Level, ...] = ()
    reference: Level | None = None

    @property
    def labels(self) -> tuple[str, ...]:
        """Name each column, for messages."""
        return tuple(f"{self.name}: {level}" for level in self.levels) or (self.name,)

    def of_columns(self) -> list[dict[str, Level]]:
        """Return what tells the hazard ratios of this term from others."""
        if self.reference is None:
            return [{"term": self.name, "per": self.per}]
        return [{"term": self.name, "level": level, "reference": self.reference} for level in self.levels]


def is_measured(column: pd.Series) -> bool:
    """Whether a predictor is a number rather than a class: numeric, and neither bool nor categorical."""
    if isinstance(column.dtype, pd.CategoricalDtype) or pd.api.types.is_bool_dtype(column):
        return False
    if pd.api.types.is_numeric_dtype(column):
        return True
    present = column.dropna()
    return len(present) > 0 and all(isinstance(value, int | float) and not isinstance(value, bool) for value in present)


def check_names(
    predictors: Sequence[str], outcome: Sequence[str], per: Mapping[str, object], reference: Mapping[str, object]
) -> None:
    """Refuse a model without predictors, one of the outcome by itself, and settings of unknown predictors."""
    if not predictors:
        raise DesignError("no predictor is given: name at least one in predictors")
    for name in predictors:
        if name in outcome:
            raise DesignError(f"{name!r} is part of the outcome, an entry or a stratum, and cannot be a predictor too")
    for argument, given in (("per", per), ("reference", reference)):
        if not isinstance(given, Mapping):
            raise DesignError(f"{argument} = {given!r}: name the predictor, as in {{ {predictors[0]} = ... }}")
        for name in given:
            if name not in predictors:
                raise DesignError(f"{argument} names {name!r}, not among predictors{nearest(name, predictors)}")
    if both := sorted(set(per) & set(reference)):
        raise DesignError(f"{both[0]!r} is in per and in reference: it is a number or a class, not both")


def measured_term(column: pd.Series, per: str | float | None) -> Term:
    """Return the term of a number, in the unit asked for.

    Raises
    ------
    DesignError
        If `per` is unknown, or all values are the same.
    SchemaError
        If a value is not above 0 where a doubling is asked for.
    """
    name = str(column.name)
    values, unit = column.to_numpy(dtype=float), marker_unit(name)
    if np.ptp(values) == 0:
        raise DesignError(
            f"every patient has {name} = {values[0]:g}, so its hazard ratio is not estimable: leave it out"
        )
    if per == "doubling":
        scaled, said = np.log2(_positive(column)), "doubling"
    elif per == "sd":
        deviation = float(values.std(ddof=1))
        scaled, said = values / deviation, f"SD ({deviation:.3g} {unit}".rstrip() + ")"
    elif per is None:
        scaled, said = values, unit
    else:
        step = _step(name, per)
        scaled, said = values / step, f"{step:g} {unit}".rstrip()
    return Term(name=name, columns=scaled[:, None], per=said or "unit")


def class_term(column: pd.Series, reference: Level | None) -> Term:
    """Return the term of classes: an indicator for each level but the reference, which is the first unless given.

    Raises
    ------
    DesignError
        If the reference does not occur, or there are fewer than two levels or more than ten.
    """
    name = str(column.name)
    levels, codes = levels_and_codes(column)
    if len(levels) < 2:
        raise DesignError(
            f"every patient is {levels[0]} on {name!r}, so its hazard ratio is not estimable: leave it out"
        )
    if len(levels) > MAX_LEVELS:
        raise DesignError(
            f"{name!r} has {len(levels)} classes, too many for a hazard ratio each: merge classes, "
            "or read the column as numbers"
        )
    first = 0
    if reference is not None:
        if reference not in levels:
            texts = [str(level) for level in levels]
            near, held = nearest(str(reference), texts), ", ".join(texts)
            raise DesignError(f"reference: {name!r} never is {reference!r}{near}; it holds {held}")
        first = levels.index(reference)
    others = [code for code in range(len(levels)) if code != first]
    return Term(
        name=name,
        columns=np.column_stack([codes == code for code in others]).astype(float),
        levels=tuple(levels[code] for code in others),
        reference=levels[first],
    )


def _positive(column: pd.Series) -> Floats:
    wrong = column[column <= 0]
    if len(wrong):
        rule = "is not above 0, so it has no doubling: use per = 'sd' or a number"
        raise SchemaError(
            Problem(
                rule=rule,
                row=int(label) if isinstance(label, int | np.integer) else None,
                column=str(column.name),
                value=f"{value:g}",
            )
            for label, value in wrong.items()
        )
    return column.to_numpy(dtype=float)


def _step(name: str, per: str | float) -> float:
    if isinstance(per, str):
        raise DesignError(
            f"per: {per!r} for {name!r}{nearest(per, ['doubling', 'sd'])}; give 'doubling', 'sd' or a number"
        )
    if isinstance(per, bool) or not 0 < per < float("inf"):
        raise DesignError(f"per = {per!r} for {name!r}: give a number above 0, in the unit of the column")
    return float(per)
