"""What a reader is told of a hazard model: assumptions and their faults, the method, its references."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from biomarker.analyses.hazard_estimates import FittedHazards, reference_levels
from biomarker.analyses.hazard_rows import HazardRows
from biomarker.analyses.result import Method
from biomarker.analyses.summary_verdicts import listed
from biomarker.errors import SmallSampleWarning
from biomarker.models.cox import EVENTS_PER_RATIO
from biomarker.references import (
    ANDERSON_1983,
    BRESLOW_1974,
    COX_1972,
    EFRON_1977,
    EFRON_TIBSHIRANI_1997,
    GRAMBSCH_THERNEAU_1994,
    HARRELL_1982,
    HARRELL_1996,
    HEINZE_SCHEMPER_2001,
    LIN_WEI_1989,
    NOMA_2021,
    PEDUZZI_1995,
    UNO_2011,
    Reference,
)
from biomarker.vocabulary import lower_label

NOT_PROPORTIONAL = 0.05  # level of the test at which a reader is told
FEW_CLUSTERS = 20  # below this a sandwich variance tends to be too small
TRANSFORMS = {"km": "Kaplan-Meier time", "identity": "time", "log": "log time", "rank": "ranked time"}


def hazard_notes(fitted: FittedHazards, rows: HazardRows, settings: Mapping[str, Any], stacklevel: int) -> list[str]:
    """Return the notes of a model; what matters most is warned of too."""
    fit = fitted.fit
    warned = [_few_events(fitted), _few_clusters(fitted, rows)]
    for note in warned:
        if note:
            warnings.warn(note, SmallSampleWarning, stacklevel=stacklevel)
    return [
        *rows.follow_up.notes,
        *warned,
        _separated(fitted),
        reference_levels(fitted.terms),
        *_not_proportional(fitted),
        _untestable(fitted),
        _one_time(rows),
        _barren_strata(rows, settings["strata"]),
        "Uno's c-index is not defined for late entry and is left out." if rows.follow_up.entry is not None else "",
        _spline_note(fitted) if fit.profile is not None else "",
    ]


def _few_events(fitted: FittedHazards) -> str:
    fit = fitted.fit
    ratios = fit.coefficients.size
    if fit.n_events >= EVENTS_PER_RATIO * ratios:
        return ""
    counted = (
        f"{fit.n_events} events for {ratios} hazard ratio{'s' * (ratios != 1)}, fewer than {EVENTS_PER_RATIO} each"
    )
    if fit.profile is not None:
        return f"{counted}: Firth's penalty keeps estimates from lying too far from 1; the model may still fit chance."
    return f"{counted}: estimates tend to lie too far from 1, and intervals to be too narrow."


def _few_clusters(fitted: FittedHazards, rows: HazardRows) -> str:
    if not 0 < fitted.n_clusters < FEW_CLUSTERS or fitted.fit.robust is None:
        return ""
    return (
        f"The sandwich variance rests on {fitted.n_clusters} clusters of {lower_label(rows.cluster)}; with so few "
        "it tends to be too small, although Student's t with one degree of freedom less than clusters is used."
    )


def _separated(fitted: FittedHazards) -> str:
    if not fitted.fit.separated:
        return ""
    named = ", ".join(fitted.fit.separated)
    return (
        f"The events lie wholly on one side of {named} (separation): without a penalty the hazard ratio would be 0 or "
        "infinite, so Firth's penalised likelihood was used."
    )


def _not_proportional(fitted: FittedHazards) -> list[str]:
    return [
        f"The hazard ratio of {lower_label(term.name)} seems to change over time (test of proportional hazards, p = "
        f"{test.p_value:.2g}): it is an average over follow-up."
        for term, test in zip(fitted.terms, fitted.fit.proportional_hazards, strict=True)
        if test.p_value < NOT_PROPORTIONAL
    ]


def _untestable(fitted: FittedHazards) -> str:
    if np.isfinite(fitted.fit.proportional_hazards_global.statistic):
        return ""
    return "Proportional hazards could not be tested: too few events at different times, or separated ones."


def _one_time(rows: HazardRows) -> str:
    follow_up = rows.follow_up
    if np.ptp(follow_up.duration[follow_up.event]) > 0:
        return ""
    when = f"{follow_up.duration[follow_up.event][0]:g} {follow_up.unit}".strip()
    return (
        f"All {int(follow_up.event.sum())} events are at one time ({when}): the model only tells who had the event "
        "from who was followed longer, as a logistic model would."
    )


def _barren_strata(rows: HazardRows, strata: Sequence[str]) -> str:
    if not strata:
        return ""
    happened = rows.frame.assign(_event=rows.follow_up.event).groupby(list(strata), observed=True)["_event"]
    without = happened.sum() == 0
    if not without.any():
        return ""
    n_patients = int(happened.size()[without].sum())
    count = int(without.sum())
    have = "strata have" if count > 1 else "stratum has"
    return f"{count} {have} no event, so that {n_patients} patient{'s' * (n_patients != 1)} there add nothing."


def _spline_note(fitted: FittedHazards) -> str:
    if not any(term.knots for term in fitted.terms):
        return ""
    return "Hazard ratios along a spline have Wald intervals about the penalised estimate."


def hazard_method(
    fitted: FittedHazards, rows: HazardRows, settings: Mapping[str, Any], notes: Sequence[str], seed: object
) -> Method:
    """Return the method of a model, with a description for a paper."""
    follow_up = rows.follow_up
    is_penalized, n_resamples = fitted.fit.profile is not None, int(settings["n_resamples"])
    strata = settings["strata"]
    stratified = f", stratified by {', '.join(map(lower_label, strata))}" if strata else ""
    ties = {"efron": "Efron", "breslow": "Breslow"}[settings["ties"]]
    text = [
        f"Associations with the hazard were estimated by Cox proportional hazards regression{stratified}, with "
        f"{ties}'s method for ties and {_inference(fitted, rows)} of the hazard ratios.",
        *_shape_text(fitted),
        f"Proportional hazards were tested by the score test of Grambsch and Therneau against "
        f"{TRANSFORMS[settings['time_transform']]}.",
        _discrimination_text(rows, settings),
    ]
    references = [COX_1972, EFRON_1977 if ties == "Efron" else BRESLOW_1974, GRAMBSCH_THERNEAU_1994, HARRELL_1982]
    references += _references(fitted, rows, settings)
    if settings["landmark"] is not None:
        at = f"{settings['landmark']:g} {follow_up.unit}".strip()
        text.append(f"Time was counted from a landmark at {at}, for patients still under observation then.")
        references.append(ANDERSON_1983)
    if rows.in_periods:
        text.append("Markers that changed entered as time-varying, patients at risk in each period with its values.")
    elif follow_up.entry is not None:
        text.append("Patients counted as at risk from their entry into observation (left truncation).")
    penalty = "Firth's penalty, " if is_penalized else ""
    intervals = "profile likelihood" if is_penalized else "robust Wald" if fitted.n_clusters else "Wald"
    return Method(
        name=f"Cox regression{stratified}, {ties} ties, {penalty}{intervals} intervals",
        confidence_level=fitted.confidence_level,
        settings=settings,
        references=tuple(references),
        seed=seed if n_resamples else None,  # type: ignore[arg-type]
        n_resamples=n_resamples or None,
        notes=tuple(notes),
        description=" ".join(sentence for sentence in text if sentence),
    )


def _inference(fitted: FittedHazards, rows: HazardRows) -> str:
    if fitted.fit.profile is not None:
        return "Firth's penalised likelihood, with profile likelihood intervals and tests"
    if fitted.fit.robust is not None:
        return (
            f"Wald tests and intervals from a sandwich variance clustered by {lower_label(rows.cluster)} (Student's t, "
            f"{fitted.n_clusters - 1} degrees of freedom)"
        )
    return "Wald tests and intervals"


def _shape_text(fitted: FittedHazards) -> list[str]:
    told = []
    for term in fitted.terms:
        if term.knots:
            places = listed([f"{knot:.3g}" for knot in term.knots])
            marker = f"{'the logarithm of ' if term.is_log else ''}{lower_label(term.name)}"
            told.append(f"The log hazard was a restricted cubic spline in {marker} with knots at {places}.")
    return told


def _discrimination_text(rows: HazardRows, settings: Mapping[str, Any]) -> str:
    which = "Harrell's c-index" if rows.follow_up.entry is not None else "Harrell's and Uno's c-index"
    text = f"Discrimination was measured by {which} in the same patients"
    if settings["n_resamples"]:
        how = "the .632+ bootstrap" if settings["optimism"] == "632+" else "Harrell's bootstrap"
        text += (
            f", and corrected for optimism by {how} ({settings['n_resamples']:,} resamples of whole patients, refitted)"
        )
    return text + "."


def _references(fitted: FittedHazards, rows: HazardRows, settings: Mapping[str, Any]) -> list[Reference]:
    found = []
    if rows.follow_up.entry is None:
        found.append(UNO_2011)
    if settings["n_resamples"]:
        found += [EFRON_TIBSHIRANI_1997 if settings["optimism"] == "632+" else HARRELL_1996, NOMA_2021]
    if fitted.fit.profile is not None:
        found.append(HEINZE_SCHEMPER_2001)
    if fitted.fit.robust is not None:
        found.append(LIN_WEI_1989)
    if fitted.fit.n_events < EVENTS_PER_RATIO * fitted.fit.coefficients.size:
        found.append(PEDUZZI_1995)
    return found
