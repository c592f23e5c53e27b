"""From the rows and settings of a hazard model to its fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any

import numpy as np
import pandas as pd

from biomarker.analyses.follow_up import Level
from biomarker.analyses.hazard_estimates import FittedHazards
from biomarker.analyses.hazard_rows import HazardRows
from biomarker.analyses.hazard_terms import Term, class_term, measured_term, spline_term
from biomarker.errors import DesignError
from biomarker.models.cox import fit_cox


def hazard_term(
    column: pd.Series,
    measured: bool,
    units: Mapping[str, str | float],
    references: Mapping[str, Level],
    knots: Mapping[str, object],
) -> Term:
    """Return the term of a predictor: a number, a spline, or classes."""
    name = str(column.name)
    if name in knots:
        given = references.get(name)
        if given is not None and (isinstance(given, bool | str) or not isfinite(given)):
            raise DesignError(f"reference = {given!r} for {name!r}: give a value of the marker, as it has a spline")
        return spline_term(column, knots[name], units.get(name), None if given is None else float(given))
    return measured_term(column, units.get(name)) if measured else class_term(column, references.get(name))


def fitted_hazards(
    terms: Sequence[Term],
    rows: HazardRows,
    strata: np.ndarray | None,
    settings: Mapping[str, Any],
    confidence_level: float,
) -> FittedHazards:
    """Fit the model with these terms.

    Raises
    ------
    DesignError
        If there is no event, or no more events than hazard ratios.
    ConvergenceError
        If predictors repeat each other, or events are separated and no penalty was allowed.
    """
    follow_up = rows.follow_up
    labels = [label for term in terms for label in term.labels]
    n_events = int(follow_up.event.sum())
    if n_events == 0:
        raise DesignError(f"none of the {follow_up.event.size} patients had the event, so there is no hazard to model")
    if n_events <= len(labels):
        raise DesignError(
            f"{len(labels)} hazard ratio{'s' * (len(labels) != 1)} cannot be estimated from {n_events} "
            f"event{'s' * (n_events != 1)}: use fewer predictors, or follow patients longer"
        )
    if settings["time_transform"] == "log" and np.any(follow_up.duration == 0):
        raise DesignError(
            "time_transform = 'log': a duration is 0, which has no logarithm; take 'km', 'identity' or 'rank'"
        )
    ends = np.cumsum([len(term.labels) for term in terms])
    fit = fit_cox(
        np.column_stack([term.columns for term in terms]),
        follow_up.duration,
        follow_up.event,
        names=labels,
        terms=[list(range(end - len(term.labels), end)) for end, term in zip(ends, terms, strict=True)],
        strata=strata,
        entry=follow_up.entry,
        ties=settings["ties"],
        penalty=settings["penalty"],
        clusters=rows.clusters,
        transform=settings["time_transform"],
        confidence_level=confidence_level,
    )
    return FittedHazards(
        fit=fit,
        terms=tuple(terms),
        n=fit.n,
        n_patients=follow_up.sample.n_patients,
        n_clusters=rows.n_clusters,
        confidence_level=confidence_level,
    )
