"""How well a hazard model ranks patients: Harrell's and Uno's c, corrected for optimism, and beside another model's."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan, sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit, ndtr, ndtri

from biomarker.analyses.hazard_estimates import FittedHazards
from biomarker.analyses.hazard_rows import HazardRows
from biomarker.analyses.result import Estimate
from biomarker.kernels.concordance import Concordance, concordance
from biomarker.kernels.concordance_optimism import (
    ResampledConcordance,
    bootstrap_632_plus,
    harrell_optimism,
    resampled_concordances,
)
from biomarker.kernels.interval import Interval
from biomarker.kernels.optimism import corrected_interval
from biomarker.kernels.resampling import Seed

OPTIMISM = ("632+", "harrell")
QUANTITIES = {"harrell": "c_index", "uno": "uno_c_index"}


@dataclass(frozen=True, kw_only=True, eq=False)
class RankingPlan:
    """How discrimination is measured.

    Attributes
    ----------
    strata : ndarray of int or None
    ties : str
    until : float or None
        Events after it do not count.
    n_resamples : int
        0 for no correction of optimism.
    optimism : {"632+", "harrell"}
    rng : seed
    """

    strata: NDArray[np.intp] | None
    ties: str
    until: float | None
    n_resamples: int
    optimism: str
    rng: Seed


def discrimination_lines(fitted: FittedHazards, rows: HazardRows, plan: RankingPlan, name: str = "") -> list[Estimate]:
    """Return the c-indices of a model; `name` tells it from another one."""
    lines = []
    of = {"model": name} if name else {}
    found = concordances(fitted, rows, plan)
    resampled = _refitted(fitted, rows, plan, list(found)) if plan.n_resamples else {}
    for weighting, c in found.items():
        low, high = interval_of(c, fitted.confidence_level)
        lines.append(
            Estimate(
                quantity=QUANTITIES[weighting],
                value=c.value,
                low=low,
                high=high,
                n=fitted.n,
                n_patients=fitted.n_patients,
                of=of,
            )
        )
        if plan.n_resamples and not np.isnan(c.value):
            lines.append(_corrected(fitted, plan, weighting, c, resampled[weighting], of))
    return lines


def difference_lines(
    fitted: FittedHazards, other: FittedHazards, rows: HazardRows, plan: RankingPlan
) -> list[Estimate]:
    """Return the differences in c between two models of the same rows, by the jackknife influence of each patient."""
    lines = []
    own, theirs = (concordances(model, rows, plan) for model in (fitted, other))
    for weighting, c in own.items():
        difference = c.value - theirs[weighting].value
        influence = c.influence - theirs[weighting].influence
        std_error = sqrt(float(influence @ influence))
        z = difference / std_error if std_error > 0 else nan
        width = float(ndtri((1 + fitted.confidence_level) / 2)) * std_error if std_error > 0 else nan
        lines.append(
            Estimate(
                quantity=f"{QUANTITIES[weighting]}_difference",
                value=difference,
                low=difference - width,
                high=difference + width,
                statistic=z,
                p_value=2 * float(ndtr(-abs(z))),
                n=fitted.n,
                n_patients=fitted.n_patients,
            )
        )
    return lines


def concordances(fitted: FittedHazards, rows: HazardRows, plan: RankingPlan) -> dict[str, Concordance]:
    """Return Harrell's c, and Uno's where nobody enters late; influences are those of patients or clusters."""
    follow_up = rows.follow_up
    clusters = rows.clusters
    if clusters is None and rows.in_periods:
        clusters = follow_up.sample.patients
    risk = np.column_stack([term.columns for term in fitted.terms]) @ fitted.fit.coefficients
    return {
        weighting: concordance(
            follow_up.duration,
            follow_up.event,
            risk,
            strata=plan.strata,
            entry=follow_up.entry,
            weighting=weighting,
            until=plan.until,
            clusters=clusters,
        )
        for weighting in (QUANTITIES if follow_up.entry is None else ("harrell",))
    }


def interval_of(c: Concordance, confidence_level: float) -> Interval:
    """Form an interval on the logit scale; NaN at the edge, where the jackknife sees no spread."""
    if not (0 < c.value < 1 and c.std_error > 0):
        return Interval(nan, nan)
    width = float(ndtri((1 + confidence_level) / 2)) * c.std_error / (c.value * (1 - c.value))
    return Interval(float(expit(logit(c.value) - width)), float(expit(logit(c.value) + width)))


def _refitted(
    fitted: FittedHazards, rows: HazardRows, plan: RankingPlan, weightings: list[str]
) -> dict[str, ResampledConcordance]:
    """Refit the model in resampled patients."""
    follow_up = rows.follow_up
    return resampled_concordances(
        np.column_stack([term.columns for term in fitted.terms]),
        follow_up.duration,
        follow_up.event,
        n_resamples=plan.n_resamples,
        rng=plan.rng,
        patients=_units(rows),
        strata=plan.strata,
        entry=follow_up.entry,
        ties=plan.ties,
        penalized=fitted.fit.profile is not None,
        weightings=weightings,
        until=plan.until,
    )


def _corrected(
    fitted: FittedHazards,
    plan: RankingPlan,
    weighting: str,
    c: Concordance,
    resampled: ResampledConcordance,
    of: dict[str, str],
) -> Estimate:
    """Return a c-index corrected for the optimism of a model tried on the patients it was fitted to."""
    if plan.optimism == "harrell":
        value = c.value - harrell_optimism(resampled)
    else:
        value = bootstrap_632_plus(c.value, resampled.left_out)
    limits = interval_of(c, fitted.confidence_level)
    low, high = corrected_interval(resampled.inside, c.value, limits, value, fitted.confidence_level)
    return Estimate(
        quantity=f"{QUANTITIES[weighting]}_corrected",
        value=value,
        low=max(low, 0.0),
        high=min(high, 1.0),
        n=fitted.n,
        n_patients=fitted.n_patients,
        of=of,
    )


def _units(rows: HazardRows) -> NDArray[np.intp] | None:
    """Return whom a resample draws: clusters, or patients with all their periods."""
    if rows.clusters is not None:
        return rows.clusters
    return rows.follow_up.sample.patients
