"""What a hazard model shows in pictures: the hazard ratio over uptake, and whether a ratio holds over time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from biomarker.analyses.follow_up import FollowUpSample
from biomarker.analyses.hazard_terms import Term
from biomarker.kernels.schoenfeld import scaled_residuals, smooth_course
from biomarker.models.cox import CoxFit

Floats = NDArray[np.float64]

GRID = 121
TICK_SHARES = np.linspace(0.04, 0.96, 5)  # of the transformed time axis


@dataclass(frozen=True, kw_only=True, eq=False)
class HazardShape:
    """The hazard ratio over the values of a marker, against its reference value.

    Attributes
    ----------
    term, unit : str
        The marker's column and unit.
    reference : float
        Where the ratio is 1.
    marker, ratio, low, high : ndarray, shape (n_points,)
        From the smallest value observed to the largest; pointwise intervals.
    observed : ndarray, shape (n_patients,)
    knots : tuple of float
    is_log : bool
        Whether the marker was taken per doubling.
    """

    term: str
    unit: str
    reference: float
    marker: Floats
    ratio: Floats
    low: Floats
    high: Floats
    observed: Floats
    knots: tuple[float, ...]
    is_log: bool


@dataclass(frozen=True, kw_only=True, eq=False)
class ResidualCourse:
    """Scaled Schoenfeld residuals of a term over time, with a smooth curve through them.

    Attributes
    ----------
    term : str
        Its column.
    per : str
        What one unit is, or the level against its reference; empty for a term of several hazard ratios, whose residuals
        are multiples of its own linear predictor.
    position, value : ndarray, shape (n_events,)
        Transformed time, and the log hazard ratio each event speaks for.
    smooth_position, smooth, low, high : ndarray
        The curve with its pointwise interval; empty where there are too few events for one.
    average : float
        The log hazard ratio of the model.
    ticks : tuple of (float, float)
        Times, and their places on the transformed axis.
    """

    term: str
    per: str
    position: Floats
    value: Floats
    smooth_position: Floats
    smooth: Floats
    low: Floats
    high: Floats
    average: float
    ticks: tuple[tuple[float, float], ...]


def hazard_shapes(terms: Sequence[Term], fit: CoxFit, critical: float) -> tuple[HazardShape, ...]:
    """Return the shape of each spline, `critical` standard errors wide on the log scale."""
    covariance = fit.covariance if fit.robust is None else fit.robust
    shapes, start = [], 0
    for term in terms:
        columns = slice(start, start + term.columns.shape[1])
        start = columns.stop
        if not term.knots or term.values is None:
            continue
        values = np.linspace(term.values.min(), term.values.max(), GRID)
        if term.is_log:
            values = np.exp(np.linspace(np.log(term.values.min()), np.log(term.values.max()), GRID))
        contrast = term.contrast(values)
        log_ratio = contrast @ fit.coefficients[columns]
        width = critical * np.sqrt(np.einsum("ij,jk,ik->i", contrast, covariance[columns, columns], contrast))
        with np.errstate(over="ignore"):  # a limit beyond all numbers is infinite
            ratio, low, high = np.exp(log_ratio), np.exp(log_ratio - width), np.exp(log_ratio + width)
        shapes.append(
            HazardShape(
                term=term.name, unit=term.per, reference=float(term.reference or 0), marker=values, ratio=ratio,
                low=low, high=high, observed=term.values, knots=term.knots, is_log=term.is_log,
            )
        )  # fmt: skip
    return tuple(shapes)


def residual_courses(
    terms: Sequence[Term],
    fit: CoxFit,
    follow_up: FollowUpSample,
    *,
    strata: NDArray[np.intp] | None,
    ties: str,
    transform: str,
    critical: float,
) -> tuple[ResidualCourse, ...]:
    """Return the residuals of each term; none where the plain model has no maximum."""
    if fit.separated:
        return ()
    design = np.column_stack([term.columns for term in terms])
    ends = np.cumsum([term.columns.shape[1] for term in terms])
    columns = [list(range(end - term.columns.shape[1], end)) for end, term in zip(ends, terms, strict=True)]
    residuals = scaled_residuals(
        design,
        fit.coefficients,
        follow_up.duration,
        follow_up.event,
        terms=columns,
        strata=strata,
        entry=follow_up.entry,
        ties=ties,
        transform=transform,
    )
    ticks = _ticks(residuals.time, residuals.position)
    courses = []
    for number, (term, own) in enumerate(zip(terms, columns, strict=True)):
        smooth = smooth_course(residuals, number)
        known = np.isfinite(residuals.value[:, number])
        courses.append(
            ResidualCourse(
                term=term.name,
                per=_per(term) if len(own) == 1 else "",
                position=residuals.position[known],
                value=residuals.value[known, number],
                smooth_position=smooth.position,
                smooth=smooth.value,
                low=smooth.value - critical * smooth.std_error,
                high=smooth.value + critical * smooth.std_error,
                average=float(fit.coefficients[own[0]]) if len(own) == 1 else 1.0,
                ticks=ticks,
            )
        )
    return tuple(courses)


def _per(term: Term) -> str:
    return f"{term.levels[0]} vs {term.reference}" if term.levels else f"per {term.per}"


def _ticks(time: Floats, position: Floats) -> tuple[tuple[float, float], ...]:
    """Return round times spread over the transformed axis, and their places on it."""
    places, first = np.unique(position, return_index=True)
    if places.size < 2:
        return ((float(time[0]), float(position[0])),) if time.size else ()
    wanted = np.interp(places[0] + TICK_SHARES * np.ptp(places), places, time[first])
    rounded = np.unique([float(f"{value:.2g}") for value in wanted])
    inside = rounded[(rounded >= time.min()) & (rounded <= time.max())]
    return tuple((float(t), float(p)) for t, p in zip(inside, np.interp(inside, time[first], places), strict=True))
