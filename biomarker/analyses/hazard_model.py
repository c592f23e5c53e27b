"""Do patients with more uptake progress or die sooner? Cox proportional hazards, adjusted for other predictors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from biomarker.analyses.follow_up import Columns, Level, names_of, strata_codes
from biomarker.analyses.hazard_discrimination import RankingPlan, difference_lines, discrimination_lines
from biomarker.analyses.hazard_estimates import FittedHazards, added_test, hazard_lines
from biomarker.analyses.hazard_fit import fitted_hazards, hazard_term
from biomarker.analyses.hazard_method import hazard_method, hazard_notes
from biomarker.analyses.hazard_rows import HazardRows, select_hazard_rows
from biomarker.analyses.hazard_settings import (
    check_choices,
    check_columns,
    check_numbers,
    check_units,
    checked_figure,
    resamples_for,
)
from biomarker.analyses.hazard_shapes import HazardShape, ResidualCourse, hazard_shapes, residual_courses
from biomarker.analyses.hazard_terms import check_names, is_measured, spline_knots
from biomarker.analyses.immortal_time import MeasuredAt, check_known_in_time
from biomarker.analyses.population import Positive, require_columns
from biomarker.analyses.result import Estimate, Result, checked_fraction, seed_of
from biomarker.errors import DesignError
from biomarker.kernels.risk_sets import risk_sets

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from biomarker.tables import Style


@dataclass(frozen=True, kw_only=True, eq=False)
class HazardModel(Result):
    """A Cox model.

    Attributes
    ----------
    terms : tuple of str
        Predictors, in the order given.
    n_events : int
    duration : str
        Column of follow-up.
    shapes : tuple of HazardShape
        The hazard ratio over each marker that has a spline.
    residuals : tuple of ResidualCourse
        Schoenfeld residuals over time, one a predictor.
    figure : {"auto", "ratios", "shape", "residuals"}
        What `plot` draws: hazard ratios, the hazard ratio over a marker, or Schoenfeld residuals; "auto" is the shape
        where there is a spline, and the ratios elsewhere.
    unit : str
        Of time, as the duration's name tells.
    """

    terms: tuple[str, ...]
    n_events: int
    duration: str
    shapes: tuple[HazardShape, ...] = ()
    residuals: tuple[ResidualCourse, ...] = ()
    figure: str = "auto"
    unit: str = ""

    @property
    def drawn(self) -> str:
        """The figure that `plot` draws: "ratios", "shape" or "residuals"."""
        if self.figure == "auto":
            return "shape" if self.shapes else "ratios"
        return self.figure

    @property
    def figure_size(self) -> tuple[float, float]:
        """Inches: a column wide, and taller with each hazard ratio or panel."""
        if self.drawn == "ratios":
            return 3.46, 0.8 + 0.2 * sum(line.quantity == "hazard_ratio" for line in self.estimates)
        panels = len(self.shapes if self.drawn == "shape" else self.residuals)
        return 3.46, 0.5 + 2.0 * max(panels, 1)

    @property
    def caption(self) -> str:
        """What the figure shows."""
        level = f"{100 * self.method.confidence_level:g}%"
        if self.drawn == "shape":
            return (
                f"Hazard ratio against the reference value (dot) with its pointwise {level} confidence band, from a "
                "Cox model with a restricted cubic spline; ticks are patients, triangles knots."
            )
        if self.drawn == "residuals":
            return (
                f"Scaled Schoenfeld residuals with a smooth curve and its {level} band; a level curve (dashed: the "
                "model's estimate) means proportional hazards."
            )
        return f"Hazard ratios with {level} confidence intervals from one Cox model; above 1, the event comes sooner."

    def plot(
        self,
        ax: Axes | None = None,
        *,
        which: str = "",
        style: str | Style = "plain",
        width_mm: float | None = None,
        figure: str | None = None,
    ) -> Axes:
        """Draw `figure`, or else the one the result was made for, or another by `which`; see `Result.plot`."""
        if figure is None or figure == self.figure:
            return super().plot(ax, which=which, style=style, width_mm=width_mm)
        checked_figure(figure, self.shapes, self.residuals)
        return replace(self, figure=figure).plot(ax, style=style, width_mm=width_mm)


def hazard_model(
    patients: pd.DataFrame,
    *,
    duration: str,
    event: str,
    predictors: Columns,
    event_values: Positive | None = None,
    strata: Columns | None = None,
    cluster: str | None = None,
    per: Mapping[str, str | float] | None = None,
    reference: Mapping[str, Level] | None = None,
    splines: Columns | Mapping[str, int | list[float]] | None = None,
    measured_at: MeasuredAt | None = None,
    landmark: float | None = None,
    entry: str | None = None,
    ties: str = "efron",
    penalty: str = "auto",
    time_transform: str = "km",
    compare_with: Columns | None = None,
    concordance_until: float | None = None,
    optimism: str = "632+",
    n_resamples: int | None = None,
    figure: str = "auto",
    confidence_level: float = 0.95,
    patient: str | None = "patient_id",
    rng: int | np.random.Generator = 0,
) -> HazardModel:
    """Hazard ratios from a Cox model, with its tests and how well it ranks patients [1]_.

    Parameters
    ----------
    patients : DataFrame
        One row a patient; or, with `entry`, one row a period in which predictors keep their values.
    duration : str
        Column with the time from start to event or end of follow-up (or of the period), at least 0.
    event : str
        Column that says whether the event happened: bool, or 0/1 with 1 for the event; see `survival_curves` for CNSR.
    predictors : str or list of str
        Columns in one model: numbers, or classes (text, categorical, bool).
    event_values : value or list of values, optional
        What in `event` means that the event happened; needed unless it is bool or 0/1.
    strata : str or list of str, optional
        Columns whose classes each have their own baseline hazard, such as the centre.
    cluster : str, optional
        Column of the centre or patient whose rows belong together: intervals and tests come from the sandwich
        variance [2]_, with Student's t on one degree of freedom less than clusters.
    per : dict of str to {"doubling", "sd"} or float, optional
        What the hazard ratio of a number is for: a doubling (right for SUV, which is skewed), one standard deviation of
        these patients, or so many units; one unit of the column when left out.
    reference : dict of str to value, optional
        The level other classes are compared with, the first in order when left out; the value of a spline at which the
        ratio is 1, the median when left out. A column of numbers named here that has no spline is taken as classes.
    splines : str, list of str, or dict of str to int or list of float, optional
        Numbers whose log hazard bends: restricted cubic splines with 4 knots at Harrell's quantiles, or so many knots,
        or knots at these values. With ``per = "doubling"`` the spline is one of the logarithm.
    measured_at : dict of str to float or str, optional
        When a predictor was known, in the unit of the duration, or the column with each patient's own time. What was
        known only after the clock starts is refused: it needs a landmark, or periods.
    landmark : float, optional
        Patients with the event or censored before it are left out and counted, and time is counted from it.
    entry : str, optional
        Column with the time at which a patient came under observation (left truncation), or a period begins.
    ties : {"efron", "breslow"}
        How events at one time are handled [3]_.
    penalty : {"auto", "firth", "none"}
        Firth's penalty with profile likelihood intervals and tests [4]_; "auto" takes it with fewer than ten events a
        hazard ratio or separated events, unless rows are clustered.
    time_transform : {"km", "identity", "log", "rank"}
        Of time, in the tests of proportional hazards.
    compare_with : str or list of str, optional
        Predictors of another model of the same patients, whose c-index is compared with this one's.
    concordance_until : float, optional
        Events after this time do not count in the c-index.
    optimism : {"632+", "harrell"}
        Bootstrap by which the c-index is corrected.
    n_resamples : int, optional
        Resamples of whole patients, the model refitted in each; 300 when left out, none beyond 2,000 rows. 0 leaves the
        correction out.
    figure : {"auto", "ratios", "shape", "residuals"}
        What the figure of a report shows.
    confidence_level : float
        Of the intervals, a fraction in (0, 1).
    patient : str or None
        Column of patients. None says that rows are independent.
    rng : int or Generator
        Seed of the resamples.

    Returns
    -------
    HazardModel
        ``hazard_ratio`` with tests (`statistic` is z or t, or a chi-square with Firth's penalty), told apart by `of`
        ``term`` and ``level`` or ``at``; ``term_wald_test`` and ``nonlinearity_test`` of predictors with several
        ratios; ``likelihood_ratio_test``, ``wald_test`` and ``score_test`` of the model;
        ``proportional_hazards_test`` by term and ``"global"``; ``c_index`` (Harrell), ``uno_c_index``, each also
        ``_corrected``, and with `compare_with` its ``_difference`` and ``added_predictors_test``; ``events`` and
        ``events_per_ratio``.

    Raises
    ------
    DesignError
        If there is no event, no more events than hazard ratios, a predictor that does not vary or was not known in
        time, a patient with several rows that are no periods, or an unknown column or setting.
    SchemaError
        If a duration is negative, a number is text, periods overlap, or a value has no doubling.
    ConvergenceError
        If predictors repeat each other, or a hazard ratio has no finite estimate and no penalty was allowed.

    Notes
    -----
    Proportional hazards are tested by Grambsch and Therneau's score test, as in R since survival 3.0; lifelines has the
    older test. Intervals of the c-index are on the logit scale, from the infinitesimal jackknife, which takes the
    coefficients as given. The corrected c-index is what to expect in new patients. A hazard ratio is an association:
    without a treatment to compare it does not show that a marker is predictive.

    References
    ----------
    .. [1] Cox DR. J R Stat Soc B 1972;34:187-220.
    .. [2] Lin DY, Wei LJ. J Am Stat Assoc 1989;84:1074-1078.
    .. [3] Efron B. J Am Stat Assoc 1977;72:557-565.
    .. [4] Heinze G, Schemper M. Biometrics 2001;57:114-119.

    Examples
    --------
    Weeks in remission under 6-mercaptopurine and placebo (Freireich et al., Blood 1963;21:699-716):

    >>> weeks = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
    >>> relapse = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
    >>> placebo = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]
    >>> data = pd.DataFrame({
    ...     "remission_weeks": weeks + placebo,
    ...     "relapse": relapse + [1] * 21,
    ...     "arm": ["6-MP"] * 21 + ["placebo"] * 21,
    ... })
    >>> result = hazard_model(data, duration="remission_weeks", event="relapse", predictors="arm", patient=None)
    >>> round(result.estimate("hazard_ratio", level="placebo").value, 2)
    4.82
    """
    checked_fraction(confidence_level, "confidence_level")
    check_choices(ties=ties, penalty=penalty, time_transform=time_transform, optimism=optimism, figure=figure)
    check_columns(predictors=predictors, compare_with=compare_with, strata=strata)
    check_numbers(concordance_until, n_resamples)
    if penalty == "firth" and cluster is not None:
        raise DesignError("penalty = 'firth' and cluster: a penalised fit has no sandwich variance; use strata instead")
    seed = seed_of(rng)
    require_columns(patients, [])
    names, others, stratifiers = names_of(predictors), names_of(compare_with), names_of(strata)
    everyone = list(dict.fromkeys([*names, *others]))
    units, references, knots = per or {}, reference or {}, spline_knots(splines, everyone)
    outcome = [duration, event, *([entry] if entry else []), *stratifiers]
    check_names(names, outcome, units, references, knots, also=others)
    require_columns(patients, everyone)
    known = check_known_in_time(
        [*everyone, *stratifiers], patients, measured_at=measured_at, landmark=landmark, entry=entry
    )
    measured = [name for name in everyone if name in knots or (name not in references and is_measured(patients[name]))]
    check_units(units, measured)
    rows = select_hazard_rows(
        patients,
        duration=duration,
        event=event,
        event_values=event_values,
        entry=entry,
        landmark=landmark,
        numeric=measured,
        other=[*(name for name in everyone if name not in measured), *stratifiers],
        cluster=cluster,
        patient=patient,
    )
    terms = {name: hazard_term(rows.frame[name], name in measured, units, references, knots) for name in everyone}
    n_resamples = resamples_for(n_resamples, len(rows.frame))
    codes = strata_codes(rows.frame, stratifiers)
    plan = RankingPlan(
        strata=codes, ties=ties, until=concordance_until, n_resamples=n_resamples, optimism=optimism, rng=seed or 0
    )
    settings = {
        "per": dict(units), "reference": dict(references), "splines": knots, "landmark": landmark,
        "measured_at": dict(measured_at or {}), "strata": stratifiers, "cluster": cluster, "entry": entry, "ties": ties,
        "penalty": penalty, "time_transform": time_transform, "compare_with": others,
        "concordance_until": concordance_until, "optimism": optimism, "n_resamples": n_resamples,
        "event_values": event_values,
    }  # fmt: skip
    fitted = fitted_hazards([terms[name] for name in names], rows, codes, settings, confidence_level)
    lines = hazard_lines(fitted)
    if others:
        # beside a penalised model stands a penalised one
        alike = settings | ({"penalty": "firth"} if fitted.fit.profile is not None else {})
        other = fitted_hazards([terms[name] for name in others], rows, codes, alike, confidence_level)
        lines += _compared(fitted, other, rows, plan)
    else:
        lines += discrimination_lines(fitted, rows, plan)
    notes = [*hazard_notes(fitted, rows, settings, stacklevel=4), known]
    return HazardModel(
        estimates=tuple(lines),
        method=hazard_method(fitted, rows, settings, notes, seed),
        population=rows.follow_up.sample.population,
        terms=tuple(names),
        n_events=fitted.fit.n_events,
        duration=duration,
        shapes=(shapes := hazard_shapes(fitted.terms, fitted.fit, fitted.critical)),
        residuals=(
            residuals := residual_courses(
                fitted.terms, fitted.fit, rows.follow_up,
                strata=codes, ties=ties, transform=time_transform, critical=fitted.critical,
            )
        ),
        figure=checked_figure(figure, shapes, residuals),
        unit=rows.follow_up.unit,
    )  # fmt: skip


def _compared(fitted: FittedHazards, other: FittedHazards, rows: HazardRows, plan: RankingPlan) -> list[Estimate]:
    """Return the c-indices of both models, their difference, and the test of what one adds to the other."""
    lines = []
    for model in (fitted, other):
        lines += discrimination_lines(model, rows, plan, " + ".join(term.name for term in model.terms))
    lines += difference_lines(fitted, other, rows, plan)
    follow_up = rows.follow_up
    sets = risk_sets(follow_up.duration, follow_up.event, strata=plan.strata, entry=follow_up.entry, ties=plan.ties)
    added = added_test(fitted, other, sets)
    return [*lines, *([added] if added else [])]
