"""From predictors to the design of a hazard model: units of measured markers, splines, classes against a reference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from biomarker.analyses.follow_up import Level, levels_and_codes
from biomarker.errors import DesignError, Problem, SchemaError, nearest
from biomarker.kernels.spline import FEWEST_KNOTS, MOST_KNOTS, default_knots, restricted_cubic_basis
from biomarker.vocabulary import marker_unit

Floats = NDArray[np.float64]

DEFAULT_KNOTS = 4  # enough for one bend up and one down; each more costs an event or ten
SHOWN_QUANTILES = (0.1, 0.25, 0.75, 0.9)  # of a spline, at which hazard ratios are printed
SMALLEST, LARGEST = 1e-75, 1e75  # spread of a number: its fourth power enters the penalty
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
        The level, or value of a spline, they are compared with.
    knots : tuple of float
        Of a restricted cubic spline, in the unit of the column; empty for other terms.
    values : ndarray, shape (n_patients,), optional
        The marker itself, for a spline.
    is_log : bool
        Whether the spline bends with the logarithm of the marker.
    """

    name: str
    columns: Floats
    per: str = ""
    levels: tuple[Level, ...] = ()
    reference: Level | None = None
    knots: tuple[float, ...] = ()
    values: Floats | None = None
    is_log: bool = False

    @property
    def labels(self) -> tuple[str, ...]:
        """Name each column, for messages."""
        if self.knots:
            return (self.name, *(f"{self.name} (bend {number})" for number in range(1, len(self.knots) - 1)))
        return tuple(f"{self.name}: {level}" for level in self.levels) or (self.name,)

    def of_columns(self) -> list[dict[str, Level]]:
        """Return what tells the hazard ratios of this term from others."""
        if self.knots:
            return [{"term": self.name, "at": value, "reference": float(self.reference or 0)} for value in self.shown]
        if self.reference is None:
            return [{"term": self.name, "per": self.per}]
        return [{"term": self.name, "level": level, "reference": self.reference} for level in self.levels]

    @property
    def shown(self) -> tuple[float, ...]:
        """Values of a spline at which hazard ratios are printed: its 10th, 25th, 75th and 90th percentile."""
        if self.values is None:
            return ()
        found = np.unique(np.quantile(self.values, SHOWN_QUANTILES))
        return tuple(float(value) for value in found if value != self.reference)

    def contrast(self, values: Floats) -> Floats:
        """Return the columns of a spline at some values, less those at its reference."""
        both = np.append(values, float(self.reference or 0))
        basis = _basis(both, self.knots, is_log=self.is_log)
        return np.asarray(basis[:-1] - basis[-1])


def is_measured(column: pd.Series) -> bool:
    """Whether a predictor is a number rather than a class: numeric, and neither bool nor categorical."""
    if isinstance(column.dtype, pd.CategoricalDtype) or pd.api.types.is_bool_dtype(column):
        return False
    if pd.api.types.is_numeric_dtype(column):
        return True
    numbers = [isinstance(value, int | float) and not isinstance(value, bool) for value in column.dropna()]
    return any(numbers)  # some text among numbers is a fault of the column, which will be named cell by cell


def check_names(
    predictors: Sequence[str],
    outcome: Sequence[str],
    per: Mapping[str, object],
    reference: Mapping[str, object],
    splines: Mapping[str, object],
    *,
    also: Sequence[str] = (),
) -> None:
    """Refuse a model without predictors, one of the outcome by itself, and settings of unknown predictors."""
    if not predictors:
        raise DesignError("no predictor is given: name at least one in predictors")
    everyone = [*predictors, *also]
    for name in everyone:
        if name in outcome:
            raise DesignError(f"{name!r} is part of the outcome, an entry or a stratum, and cannot be a predictor too")
    _check_settings(everyone, per, reference)
    if both := sorted(set(per) & set(reference) - set(splines)):
        raise DesignError(f"{both[0]!r} is in per and in reference: it is a number or a class, not both")


def _check_settings(predictors: Sequence[str], per: Mapping[str, object], reference: Mapping[str, object]) -> None:
    for argument, given in (("per", per), ("reference", reference)):
        if not isinstance(given, Mapping):
            raise DesignError(f"{argument} = {given!r}: name the predictor, as in {{ {predictors[0]} = ... }}")
        for name in given:
            if name not in predictors:
                raise DesignError(f"{argument} names {name!r}, not among predictors{nearest(name, predictors)}")


def spline_knots(splines: object, predictors: Sequence[str]) -> dict[str, object]:
    """Return the knots of each predictor that bends: given by name, or as a mapping to their number or places."""
    if splines is None:
        return {}
    if isinstance(splines, str):
        splines = [splines]
    if not isinstance(splines, Mapping):
        if not isinstance(splines, list | tuple):
            raise DesignError(f"splines = {splines!r}: name predictors, or map them to a number of knots")
        splines = dict.fromkeys(splines, DEFAULT_KNOTS)
    for name in splines:
        if name not in predictors:
            raise DesignError(f"splines names {name!r}, not among predictors{nearest(str(name), list(predictors))}")
    return dict(splines)


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
    _check_magnitude(name, scaled)
    return Term(name=name, columns=scaled[:, None], per=said or "unit")


def spline_term(column: pd.Series, knots: object, per: str | float | None, reference: float | None = None) -> Term:
    """Return the term of a number whose log hazard bends: a restricted cubic spline.

    Parameters
    ----------
    column : Series
    knots : int or list of float
        How many, at Harrell's quantiles, or where.
    per : {"doubling"} or None
        With "doubling" the spline is one of the logarithm, straight where each doubling counts the same.
    reference : float, optional
        The value hazard ratios are compared with; the median when left out.

    Raises
    ------
    DesignError
        If the knots are not 3 to 7 ascending values, or the column has too few values for them.
    """
    name, values = str(column.name), column.to_numpy(dtype=float)
    if per not in (None, "doubling"):
        raise DesignError(
            f"per = {per!r} for {name!r}: a spline has no single ratio per unit; leave it out, or 'doubling'"
        )
    is_log = per == "doubling"
    if is_log:
        _positive(column)
    places = _knots(name, values, knots)
    if is_log and places[0] <= 0:
        raise DesignError(f"splines: the knots of {name!r} must be above 0, as it is taken per doubling")
    _check_magnitude(name, values)
    middle = float(np.median(values)) if reference is None else reference
    if is_log and middle <= 0:
        raise DesignError(f"reference = {middle!r} for {name!r}: give a value above 0, as it is taken per doubling")
    return Term(
        name=name,
        columns=_basis(values, places, is_log=is_log),
        per=marker_unit(name),
        reference=middle,
        knots=places,
        values=values,
        is_log=is_log,
    )


def _check_magnitude(name: str, values: Floats) -> None:
    """Refuse numbers whose squares floating point does not hold."""
    if not SMALLEST < np.ptp(values) < LARGEST or np.abs(values).max() > LARGEST:
        raise DesignError(
            f"{name!r} runs from {values.min():.3g} to {values.max():.3g}: give it in a unit in which it is near 1"
        )


def _basis(values: Floats, knots: tuple[float, ...], *, is_log: bool) -> Floats:
    if is_log:
        return restricted_cubic_basis(np.log2(values), np.log2(knots))
    return restricted_cubic_basis(values, knots)


def _knots(name: str, values: Floats, knots: object) -> tuple[float, ...]:
    if isinstance(knots, list | tuple):
        if not all(isinstance(knot, int | float) and not isinstance(knot, bool) for knot in knots):
            raise DesignError(f"splines: the knots of {name!r} are {knots!r}; give numbers in the unit of the column")
        places = [float(knot) for knot in knots]
        if not FEWEST_KNOTS <= len(places) <= MOST_KNOTS or any(np.diff(places) <= 0):
            raise DesignError(f"splines: {name!r} needs {FEWEST_KNOTS} to {MOST_KNOTS} knots in ascending order")
        if not values.min() < places[1] < values.max():
            raise DesignError(
                f"splines: the knots of {name!r} lie outside its values, {values.min():g} to {values.max():g}"
            )
        return tuple(places)
    if isinstance(knots, bool) or not isinstance(knots, int) or not FEWEST_KNOTS <= knots <= MOST_KNOTS:
        raise DesignError(
            f"splines: {knots!r} knots for {name!r}; give {FEWEST_KNOTS} to {MOST_KNOTS}, or a list of them"
        )
    try:
        return tuple(float(knot) for knot in default_knots(values, knots))
    except ValueError as fault:
        raise DesignError(f"{name!r} has too few different values for {knots} knots; give fewer, or classes") from fault


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
