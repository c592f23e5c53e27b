"""From predictors to the design of a response model: units, classes, splines, and columns that cannot be told apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from biomarker.analyses.follow_up import Level
from biomarker.analyses.hazard_terms import MAX_LEVELS, class_term, measured_term
from biomarker.errors import DesignError, nearest
from biomarker.kernels.spline import FEWEST_KNOTS, MOST_KNOTS, default_knots, restricted_cubic_basis

Floats = NDArray[np.float64]

FEW_ROWS = 30  # three knots are enough for them, four for more (Harrell)


@dataclass(frozen=True, kw_only=True, eq=False)
class ModelTerm:
    """One predictor of a response model.

    Attributes
    ----------
    name : str
        Of its column.
    columns : ndarray, shape (n, k)
        As they enter the model.
    per : str
        What its odds ratio is for; empty for classes and for a spline, whose odds ratio is between its quartiles.
    levels, reference
        Of classes: the level of each column, and the one they are compared with.
    values : ndarray, shape (n,), or None
        In the unit of the column; None for classes.
    divisor : float
        One unit of the odds ratio, for a number that is not taken by doublings.
    is_log : bool
        Whether it enters by doublings.
    knots : tuple of float
        Of its spline, in doublings where `is_log`; none for a straight line.
    """

    name: str
    columns: Floats
    per: str = ""
    levels: tuple[Level, ...] = ()
    reference: Level | None = None
    values: Floats | None = None
    divisor: float = 1.0
    is_log: bool = False
    knots: tuple[float, ...] = ()

    def of_columns(self) -> list[dict[str, Level]]:
        """Return what tells the odds ratios of this term from others."""
        if self.knots:
            low, high = self.quartiles
            return [{"term": self.name, "at": high, "reference": low}]
        if self.reference is None:
            return [{"term": self.name, "per": self.per}]
        return [{"term": self.name, "level": level, "reference": self.reference} for level in self.levels]

    def at(self, values: Floats) -> Floats:
        """Return the columns of a number at other values of it."""
        scaled = np.log2(values) if self.is_log else values / self.divisor
        return restricted_cubic_basis(scaled, self.knots) if self.knots else scaled[:, None]

    @property
    def quartiles(self) -> tuple[float, float]:
        """Lower and upper quartile of a number, between which a spline's odds ratio is given."""
        low, high = np.quantile(self.values if self.values is not None else [np.nan], [0.25, 0.75])
        return float(low), float(high)


@dataclass(frozen=True, kw_only=True, eq=False)
class Design:
    """All predictors side by side, each column with mean 0 and SD 1 so that no unit is too large or small for a fit.

    Attributes
    ----------
    terms : tuple of ModelTerm
    standard : ndarray, shape (n, p)
    centre, scale : ndarray, shape (p,)
        Of the columns as they were.
    """

    terms: tuple[ModelTerm, ...]
    standard: Floats
    centre: Floats
    scale: Floats

    @property
    def positions(self) -> list[list[int]]:
        """The columns of each term."""
        ends = np.cumsum([term.columns.shape[1] for term in self.terms])
        return [
            list(range(end - term.columns.shape[1], end)) for end, term in zip(ends.tolist(), self.terms, strict=True)
        ]

    def rows(self, columns: Floats) -> Floats:
        """Return other rows on the scale of `standard`."""
        return (columns - self.centre) / self.scale


def spline_knots(splines: Sequence[str] | Mapping[str, int] | str | None, predictors: Sequence[str]) -> dict[str, int]:
    """Return how many knots each splined predictor is to have; 0 for the usual number.

    Raises
    ------
    DesignError
        If one is not among the predictors, or its number of knots is not 3 to 7.
    """
    if isinstance(splines, str):
        splines = [splines]
    chosen = dict(splines) if isinstance(splines, Mapping) else dict.fromkeys(splines or (), 0)
    for name, knots in chosen.items():
        if name not in predictors:
            raise DesignError(f"splines names {name!r}, not among predictors{nearest(str(name), predictors)}")
        fits = isinstance(knots, int) and not isinstance(knots, bool) and FEWEST_KNOTS <= knots <= MOST_KNOTS
        if isinstance(splines, Mapping) and not fits:
            raise DesignError(f"splines: {knots!r} knots for {name!r}; give {FEWEST_KNOTS} to {MOST_KNOTS}")
    return chosen


def model_design(
    frame: pd.DataFrame,
    predictors: Sequence[str],
    measured: Sequence[str],
    *,
    per: Mapping[str, str | float],
    reference: Mapping[str, Level],
    splines: Mapping[str, int],
) -> Design:
    """Return the design of the predictors of the rows used.

    Raises
    ------
    DesignError
        If a predictor does not vary, has no such unit or level, is classes that are to be splined, or is a combination
        of others.
    SchemaError
        If a value has no doubling.
    """
    for argument, given in (("per", per), ("splines", splines)):
        for name in given:
            if name not in measured:
                raise DesignError(f"{argument} names {name!r}, which holds classes and no numbers")
    terms = []
    for name in predictors:
        _refuse_constant(frame[name])
        if name not in measured:
            terms.append(_classes(frame[name], reference.get(name)))
        elif name in splines:
            terms.append(_splined(frame[name], per.get(name), splines[name]))
        else:
            terms.append(_number(frame[name], per.get(name)))
    columns = np.column_stack([term.columns for term in terms])
    largest = np.abs(columns).max(axis=0)  # so that no square is too large or small for a float
    centre, scale = largest * (columns / largest).mean(axis=0), largest * (columns / largest).std(axis=0)
    design = Design(terms=tuple(terms), standard=(columns - centre) / scale, centre=centre, scale=scale)
    _refuse_collinear(design)
    return design


def _refuse_constant(column: pd.Series) -> None:
    if column.nunique() < 2:
        raise DesignError(
            f"every row has {column.name} = {column.iloc[0]}, so its odds ratio is not estimable: leave it out"
        )


def _classes(column: pd.Series, reference: Level | None) -> ModelTerm:
    if (held := column.nunique()) > MAX_LEVELS:
        raise DesignError(
            f"{str(column.name)!r} has {held} classes, too many for an odds ratio each: merge classes, or read the "
            "column as numbers"
        )
    term = class_term(column, reference)
    return ModelTerm(name=term.name, columns=term.columns, levels=term.levels, reference=term.reference)


def _number(column: pd.Series, per: str | float | None) -> ModelTerm:
    term, values = measured_term(column, per), column.to_numpy(dtype=float)
    divisor = 1.0
    if per == "sd":
        divisor = float(values.std(ddof=1))
    elif not (per is None or isinstance(per, str)):
        divisor = float(per)
    return ModelTerm(
        name=term.name,
        columns=term.columns,
        per=term.per,
        values=values,
        divisor=divisor,
        is_log=per == "doubling",
    )


def _splined(column: pd.Series, per: str | float | None, n_knots: int) -> ModelTerm:
    name = str(column.name)
    if per not in (None, "doubling"):
        raise DesignError(
            f"per = {per!r} for {name!r}: a curve has no one odds ratio per unit; leave it out, or give 'doubling' to "
            "have the curve bend on the scale of doublings"
        )
    straight = _number(column, per)
    scaled = straight.columns[:, 0]
    wanted = n_knots or (FEWEST_KNOTS if scaled.size < FEW_ROWS else FEWEST_KNOTS + 1)
    try:
        knots = default_knots(scaled, wanted)
    except ValueError as fault:
        raise DesignError(
            f"a curve of {name!r} with {wanted} knots: {fault}; give fewer, as in splines = {{ {name} = 3 }}, or none"
        ) from fault
    return ModelTerm(
        name=name,
        columns=restricted_cubic_basis(scaled, knots),
        values=straight.values,
        is_log=straight.is_log,
        knots=tuple(knots.tolist()),
    )


def _refuse_collinear(design: Design) -> None:
    """Name the first predictor that those before it, and the intercept, already determine."""
    n_rows, n_columns = design.standard.shape
    if n_columns + 1 > n_rows:
        raise DesignError(f"{n_columns} odds ratios cannot be estimated from {n_rows} rows: use fewer predictors")
    for position, term in zip(design.positions, design.terms, strict=True):
        columns = design.standard[:, : position[-1] + 1]
        if np.linalg.matrix_rank(columns, tol=1e-6 * np.sqrt(n_rows)) < columns.shape[1]:
            raise DesignError(
                f"{term.name!r} cannot be told apart from the predictors before it: it is a combination of them; "
                "leave one out"
            )
