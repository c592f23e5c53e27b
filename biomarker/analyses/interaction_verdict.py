"""Predictive, prognostic, both, or neither shown: the verdict in words, and how the analysis was made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isnan

from biomarker.analyses.interaction_benefit import MovingEffect
from biomarker.analyses.interaction_data import Outcome, TwoArms
from biomarker.analyses.interaction_effects import Interaction, TreatmentLines
from biomarker.analyses.result import Estimate, Method
from biomarker.references import (
    BEST_2016,
    BONETTI_GELBER_2004,
    COX_1972,
    HEINZE_SCHEMPER_2001,
    JANES_2014,
    POLLEY_2013,
    Reference,
)
from biomarker.vocabulary import column_label, lower_label

FEW_PER_TERM = 10


def verdict(
    arms: TwoArms, lines: Sequence[Estimate], *, level: float, is_randomised: bool | None, is_adjusted: bool
) -> tuple[str, str]:
    """Return the verdict in a word or two, and in sentences [1]_.

    A marker is called predictive where the effect of treatment differs with it (test of the interaction), and
    prognostic where it goes with outcome in the control arm.

    References
    ----------
    .. [1] FDA-NIH Biomarker Working Group. BEST (Biomarkers, EndpointS, and other Tools) resource. 2016.
    """
    label = column_label(arms.marker.name)
    control, treated = arms.arms
    test = next(line for line in lines if line.quantity == "interaction_test")
    of_control = next(line for line in lines if line.of.get("arm") == control and line.quantity.startswith("marker_"))
    differs, goes_with = test.p_value < 1 - level, of_control.p_value < 1 - level
    may_be_predictive = bool(is_randomised) or is_adjusted
    words = {
        (True, True): "both predictive and prognostic",
        (True, False): "predictive",
        (False, True): "prognostic",
        (False, False): "neither shown",
    }[differs and may_be_predictive, goes_with]
    sentences = []
    if isnan(test.p_value):
        sentences.append("The interaction is not estimable, so nothing can be said of prediction.")
    elif differs and may_be_predictive:
        how = "" if is_randomised else ", the arms not having been randomised but covariates adjusted for"
        sentences.append(
            f"{label} is predictive in these data: the effect of {treated} against {control} changes with it{how}."
        )
    elif differs:
        why = (
            "the arms were not randomised" if is_randomised is False else "whether the arms were randomised is not told"
        )
        sentences.append(
            f"The difference between {treated} and {control} changes with {label}, but {why} and nothing was adjusted "
            "for, so it is not called predictive: patients of the two arms may differ in other ways."
        )
    else:
        sentences.append(
            f"{label} is not shown to be predictive. This does not show that it is not: tests of interaction have "
            "little power, and the interval of the interaction says what remains possible."
        )
    sentences.append(
        f"It is prognostic: it goes with outcome under {control}."
        if goes_with
        else f"It is not shown to be prognostic: no association with outcome under {control} is shown."
    )
    return words, " ".join(sentences)


def cautions(
    arms: TwoArms,
    found: Interaction,
    treatment: TreatmentLines,
    lines: Sequence[Estimate],
    n_terms: int,
    kind: str,
    level: float,
) -> list[str]:
    """Say what the numbers rest on: few events, a penalty, an effect that changes its direction."""
    notes = [*arms.notes]
    if arms.n_events < FEW_PER_TERM * n_terms:
        unit = {"timed": "events", "binary": "patients of the rarer outcome", "continuous": "patients"}[kind]
        few = f"fewer than {FEW_PER_TERM} each, so estimates are fragile"
        notes.append(f"{arms.n_events} {unit} for {n_terms} coefficients: {few}.")
    if found.is_penalized:
        notes.append("Firth's penalty was used, because without it a coefficient has no finite estimate.")
    if treatment.penalized:
        notes.append(f"Firth's penalty was used for the effect of treatment in {', '.join(treatment.penalized)}.")
    if treatment.unknown:
        notes.append(
            f"The effect of treatment cannot be estimated in {', '.join(treatment.unknown)}: too few patients of an "
            "arm, or too few outcomes."
        )
    effects = [line for line in lines if line.quantity.startswith("treatment_") and "marker" in line.of]
    neutral = 1.0 if effects and effects[0].quantity.endswith("ratio") else 0.0
    sides = {line.value > neutral for line in effects if not isnan(line.value)}
    test = next(line for line in lines if line.quantity == "interaction_test")
    if len(sides) > 1 and test.p_value < 1 - level:
        notes.append("The estimated effect of treatment changes its direction within the levels shown (qualitative).")
    return notes


def interaction_method(
    outcome: Outcome,
    arms: TwoArms,
    found: Interaction,
    settings: Mapping[str, object],
    *,
    moving: MovingEffect | None,
    **made: object,
) -> Method:
    """Return how the analysis was made."""
    model = {
        "timed": "Cox proportional hazards model",
        "binary": "logistic regression model",
        "continuous": "linear regression model",
    }[outcome.kind]
    adjusted = (
        f", adjusted for {', '.join(column_label(term.name) for term in arms.covariates)}" if arms.covariates else ""
    )
    penalty = " with Firth's penalty" if found.is_penalized else ""
    per = f" (per {arms.marker.per})" if arms.marker.per else ""
    test = "the F test" if outcome.kind == "continuous" else f"the {'penalised ' * found.is_penalized}likelihood ratio"
    windows = ""
    if moving is not None:
        how = " with Firth's penalty" if moving.is_penalized else ""
        windows = (
            f"The effect of treatment along the marker was estimated in overlapping windows of patients{how}, with a "
            "simultaneous band from resampled patients. "
        )
    text = [
        f"The interaction of {lower_label(arms.marker.name)}{per} and treatment was tested in a {model}{penalty} of "
        f"treatment, marker and their product{adjusted}, by {test}. Effects at levels of the marker come "
        "from that model, those of subgroups from models within each.",
        f"{windows}The gain of marker-guided treatment was observed among patients "
        "whom the model would and would not treat, and corrected for optimism by the bootstrap.",
    ]
    references: list[Reference] = [BEST_2016, POLLEY_2013, BONETTI_GELBER_2004, JANES_2014]
    if outcome.kind == "timed":
        references.append(COX_1972)
    if found.is_penalized:
        references.append(HEINZE_SCHEMPER_2001)
    return Method(
        name=f"{model}{penalty} with an interaction of marker and treatment",
        settings=settings,
        references=tuple(references),
        description=" ".join(text),
        **made,  # type: ignore[arg-type]
    )
