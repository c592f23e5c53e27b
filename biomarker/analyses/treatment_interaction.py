"""Is the marker predictive? Its interaction with treatment, effects by level, and the gain of choosing by it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from biomarker.analyses.follow_up import Columns, Level, names_of
from biomarker.analyses.immortal_time import MeasuredAt, check_known_in_time
from biomarker.analyses.interaction_benefit import (
    MovingEffect,
    SelectionCurves,
    moving_effect,
    selection,
    unobserved,
)
from biomarker.analyses.interaction_data import Outcome, TwoArms, select_two_arms
from biomarker.analyses.interaction_effects import (
    Scale,
    fit_interaction,
    level_lines,
    main_lines,
    subgroup_codes,
    treatment_lines,
)
from biomarker.analyses.interaction_verdict import cautions, interaction_method, verdict
from biomarker.analyses.population import Positive
from biomarker.analyses.result import Result, checked_fraction, seed_of
from biomarker.errors import DesignError
from biomarker.vocabulary import column_label


@dataclass(frozen=True, kw_only=True, eq=False)
class TreatmentInteraction(Result):
    """Whether and how the effect of treatment depends on a marker.

    Attributes
    ----------
    marker : str
    arms : pair
        The control arm, then the other.
    scale : str
        "hazard_ratio", "odds_ratio" or "mean_difference".
    verdict : str
        "predictive", "prognostic", "both predictive and prognostic" or "neither shown".
    explanation : str
        The verdict in sentences.
    moving : MovingEffect or None
        Effect in overlapping windows of the marker.
    curves : SelectionCurves
        Predicted loss (risk of the event, of no response, or mean outcome) under each treatment.
    unit : str
        Of time.
    horizon : float
        By which risks are told; 0 where the outcome is not a time.
    kind : str
        "timed", "binary" or "continuous".
    """

    marker: str
    arms: tuple[Level, Level]
    scale: str
    verdict: str
    explanation: str
    moving: MovingEffect | None
    curves: SelectionCurves
    unit: str
    horizon: float
    kind: str

    @property
    def is_ratio(self) -> bool:
        """Whether effects are ratios, with 1 for none."""
        return self.scale != "mean_difference"

    @property
    def figure_size(self) -> tuple[float, float]:
        """Inches: two columns wide, as tall as the forest needs."""
        shown = sum(line.quantity == f"treatment_{self.scale}" for line in self.estimates)
        return 7.09, max(4.6, 0.9 + 0.26 * (shown + 4))

    @property
    def caption(self) -> str:
        """What the figure shows."""
        control, treated = self.arms
        level = f"{100 * self.method.confidence_level:g}%"
        windows = (
            " Second panel: the effect in overlapping windows of the marker, with pointwise (dark) and simultaneous "
            f"(light) {level} bands."
            if self.moving
            else ""
        )
        place = "Third panel" if self.moving else "Second panel"
        is_class = "reference" in self.estimate(f"interaction_{self.scale}").of
        over = f"{'by' if is_class else 'over'} {column_label(self.marker)}"
        limits = "intervals" if is_class else "bands"
        return (
            f"First panel: effect of {treated} against {control} with {level} intervals.{windows} {place}: predicted "
            f"outcome under each treatment {over}, with pointwise {level} {limits}."
        )


def treatment_interaction(
    patients: pd.DataFrame,
    *,
    marker: str,
    arm: str,
    response: str | None = None,
    positive: Positive | None = None,
    value: str | None = None,
    duration: str | None = None,
    event: str | None = None,
    event_values: Positive | None = None,
    control: Level | None = None,
    randomised: bool | None = None,
    adjust: Columns = (),
    per: str | float | None = None,
    levels: Sequence[float] | None = None,
    cutoff: float | None = None,
    subgroups: Columns = (),
    higher_is_better: bool = True,
    horizon: float | None = None,
    landmark: float | None = None,
    measured_at: MeasuredAt | None = None,
    n_resamples: int = 500,
    rng: int | np.random.Generator = 0,
    confidence_level: float = 0.95,
    patient: str | None = "patient_id",
) -> TreatmentInteraction:
    """Interaction of a marker with treatment, and whether the marker may be called predictive [1]_ [2]_ [3]_ [4]_.

    Parameters
    ----------
    patients : DataFrame
        One row a patient, two arms.
    marker : str
        Column of the marker, known before treatment: a number, or one of two classes.
    arm : str
        Column with the treatment; two arms.
    response, positive : str, value or list of values
        A response in two classes, and which of its values is good; or
    value : str
        a measured outcome; or
    duration, event, event_values : str
        a time to an event, as in `biomarker.hazard_model`.
    control : value, optional
        Which arm is the control; the first of the two by default, and a note says so.
    randomised : bool, optional
        Whether the arms were assigned at random. Without it, or False with nothing in `adjust`, the word predictive is
        withheld.
    adjust : str or list of str
        Covariates of every model.
    per : "doubling", "sd" or float, optional
        Unit of the marker.
    levels : list of float, optional
        Values of the marker at which the effect of treatment is told; its quartiles by default.
    cutoff : float, optional
        Prespecified, for the two groups of the forest figure; the median by default, which is data-driven.
    subgroups : str or list of str
        Further columns whose groups are shown in the forest.
    higher_is_better : bool
        Of a measured outcome.
    horizon : float, optional
        Time by which risks are told; by default the latest at which a tenth of each arm is still at risk.
    landmark : float, optional
        As in `biomarker.hazard_model`.
    measured_at : mapping of str to float or str, optional
        When the marker was known, if not at the start; see `biomarker.hazard_model`.
    n_resamples : int
        Of patients, for the band of the moving effect and the gain of marker-guided treatment.
    rng : int or Generator
    confidence_level : float
        Its complement is the level at which the verdict calls a marker predictive or prognostic.
    patient : str or None
        Column of patients.

    Returns
    -------
    TreatmentInteraction
        ``interaction_<scale>`` and ``interaction_test``; ``marker_<scale>`` in each arm; ``treatment_<scale>`` in all
        patients, at levels of the marker and in subgroups, with ``subgroup_interaction_test``; the
        ``benefit_of_marker_guidance`` over treating all and over treating none (losses spared: events by the horizon,
        missed responses, or mean outcome), corrected for optimism, with its parts. `verdict` and `explanation` in
        words.

    Raises
    ------
    DesignError
        If there is one arm (the message says what can be asked instead) or more than two, the outcome is not one of
        the three, or patients have several rows.
    SchemaError
        If a number is none, or a duration is negative; every such row is named.

    References
    ----------
    .. [1] FDA-NIH Biomarker Working Group. BEST (Biomarkers, EndpointS, and other Tools) resource. 2016.
    .. [2] Polley MY, Freidlin B, Korn EL, Conley BA, Abrams JS, McShane LM. J Natl Cancer Inst 2013;105:1677-1683.
    .. [3] Bonetti M, Gelber RD. Biostatistics 2004;5:465-481.
    .. [4] Janes H, Brown MD, Huang Y, Pepe MS. Int J Biostat 2014;10:99-121.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> suv, arm = rng.normal(6, 2, 200), np.repeat(["new", "old"], 100)
    >>> shrinkage = rng.normal(2 * (suv - 6) * (arm == "new"))
    >>> trial = pd.DataFrame({"suvmax": suv, "arm": arm, "shrinkage": shrinkage})
    >>> result = treatment_interaction(
    ...     trial, marker="suvmax", arm="arm", value="shrinkage", control="old", randomised=True, patient=None,
    ...     n_resamples=50,
    ... )
    >>> result.verdict
    'predictive'
    """
    level = checked_fraction(confidence_level, "confidence_level")
    _check_options(levels, cutoff, randomised, n_resamples)
    outcome = Outcome(
        response=response,
        positive=positive,
        value=value,
        duration=duration,
        event=event,
        event_values=event_values,
        landmark=landmark,
        horizon=horizon,
        higher_is_better=higher_is_better,
    )
    covariates, further = names_of(adjust), names_of(subgroups)
    _check_roles(marker, arm, outcome, covariates, further)
    late = ""
    if duration:
        known = [marker, *covariates, *further]
        late = check_known_in_time(known, patients, measured_at=measured_at, landmark=landmark)
    seed = seed_of(rng)
    arms = select_two_arms(
        patients,
        marker=marker,
        arm=arm,
        control=control,
        outcome=outcome,
        per=per,
        adjust=covariates,
        subgroups=further,
        patient=patient,
    )
    _check_levels(levels, cutoff, per, arms)
    n_terms = 3 + arms.extra.shape[1]
    scale = Scale(outcome.scale, outcome.kind != "continuous")
    found = fit_interaction(arms)
    treatment = treatment_lines(arms, scale, subgroup_codes(arms, marker, cutoff, further), level)
    lines = [
        *main_lines(arms, found, scale, level),
        *level_lines(arms, found, scale, levels, level),
        *treatment.lines,
    ]
    draws = _streams(rng)
    moving = moving_effect(arms, n_resamples=n_resamples, rng=draws[0], level=level)
    curves, gains = selection(arms, is_penalized=found.is_penalized, n_resamples=n_resamples, rng=draws[1], level=level)
    word, explanation = verdict(arms, lines, level=level, is_randomised=randomised, is_adjusted=bool(covariates))
    settings = {
        "control": arms.arms[0], "randomised": randomised, "adjust": covariates, "per": per, "cutoff": cutoff,
        "horizon": arms.horizon or None, "landmark": landmark, "higher_is_better": higher_is_better,
    }  # fmt: skip
    notes = [
        explanation,
        late,
        *cautions(arms, found, treatment, lines, n_terms, outcome.kind, level),
        unobserved(gains),
        _median_note(arms, cutoff),
    ]
    method = interaction_method(
        outcome,
        arms,
        found,
        settings,
        moving=moving,
        confidence_level=level,
        seed=seed,
        n_resamples=n_resamples,
        notes=tuple(note for note in notes if note),
    )
    return TreatmentInteraction(
        estimates=(*lines, *gains),
        method=method,
        population=arms.sample.population,
        marker=marker,
        arms=arms.arms,
        scale=outcome.scale,
        verdict=word,
        explanation=explanation,
        moving=moving,
        curves=curves,
        unit=arms.unit,
        horizon=arms.horizon,
        kind=outcome.kind,
    )


def _streams(rng: int | np.random.Generator) -> list[np.random.Generator]:
    """Return two independent generators, one for each thing that is resampled."""
    source = rng if isinstance(rng, np.random.Generator) else np.random.default_rng(rng)
    return source.spawn(2)


def _check_options(
    levels: Sequence[float] | None, cutoff: float | None, randomised: bool | None, n_resamples: int
) -> None:
    given = [*(levels or []), *([cutoff] if cutoff is not None else [])]
    wrong = [repr(one) for one in given if isinstance(one, bool | str) or not np.isfinite(one)]
    if wrong:
        raise DesignError(f"levels and cutoff are values of the marker: {', '.join(wrong)} is none")
    if randomised is not None and not isinstance(randomised, bool | np.bool_):
        raise DesignError(f"randomised = {randomised!r}: give True or False")
    if isinstance(n_resamples, bool) or not isinstance(n_resamples, int | np.integer) or n_resamples < 2:
        raise DesignError(f"n_resamples = {n_resamples!r}: give a whole number of 2 or more")


def _check_roles(marker: str, arm: str, outcome: Outcome, covariates: Sequence[str], subgroups: Sequence[str]) -> None:
    for role, name in (("marker", marker), ("arm", arm)):
        if not isinstance(name, str):
            raise DesignError(f"{role} = {name!r}: give the name of one column")
    roles = [("marker", marker), ("arm", arm), *(("outcome", name) for name in outcome.columns)]
    roles += [("adjust", name) for name in covariates]
    for number, (role, name) in enumerate(roles):
        for other, same in roles[:number]:
            if name == same:
                raise DesignError(f"{name!r} is given as {other} and as {role}: a column has one role")
    for name in subgroups:  # of a covariate they may be
        for role, same in roles:
            if name == same and role != "adjust":
                why = "its two groups are shown as they are" if role == "marker" else "a column has one role"
                raise DesignError(f"{name!r} is given as {role} and in subgroups: {why}")


def _check_levels(levels: Sequence[float] | None, cutoff: float | None, per: str | float | None, arms: TwoArms) -> None:
    if arms.marker.levels:
        for name, given in (("levels", levels), ("cutoff", cutoff), ("per", per)):
            if given is not None:
                raise DesignError(f"{name}: is for a measured marker; this one has two classes, and each is shown")
        return
    low, high = float(arms.raw.min()), float(arms.raw.max())
    for one in levels or ():
        if not low <= one <= high:
            raise DesignError(f"levels: {one:g} lies outside the marker's range here, {low:g} to {high:g}")
    if cutoff is not None and not low < cutoff <= high:
        raise DesignError(f"cutoff: nobody is on one side of {cutoff:g}; the marker runs from {low:g} to {high:g}")


def _median_note(arms: TwoArms, cutoff: float | None) -> str:
    if cutoff is not None or arms.marker.levels:
        return ""
    return (
        "The forest splits the marker at its median in these data, for display; the test is that of the continuous "
        "marker."
    )
