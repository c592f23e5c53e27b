"""How a cutoff for survival was chosen, in the words of a methods section, and what its reader must be told."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence

import numpy as np

from biomarker.analyses.follow_up import FollowUpSample
from biomarker.analyses.result import Method
from biomarker.analyses.survival_cutoff_choice import Choice
from biomarker.analyses.survival_cutoff_plan import CutoffPlan
from biomarker.errors import SmallSampleWarning
from biomarker.kernels.maximally_selected import MOST_PATIENTS
from biomarker.references import (
    ALTMAN_1994,
    ANDERSON_1983,
    COX_1972,
    EFRON_TIBSHIRANI_1993,
    EFRON_TIBSHIRANI_1997,
    HARRELL_1996,
    HESTERBERG_2015,
    HOTHORN_LAUSEN_2003,
    LAUSEN_1994,
    LAUSEN_SCHUMACHER_1992,
    Reference,
)
from biomarker.vocabulary import lower_label

FEW_EVENTS = 20  # below it a chosen cutoff says next to nothing
INTERVALS = {
    "expanded-percentile": ("expanded percentile", HESTERBERG_2015),
    "percentile": ("percentile", EFRON_TIBSHIRANI_1993),
}
WAYS = {
    ".632+": ("by the .632+ bootstrap", EFRON_TIBSHIRANI_1997),
    "ordinary": ("by subtracting the mean optimism of the resamples", HARRELL_1996),
}


def cutoff_method(
    follow_up: FollowUpSample,
    plan: CutoffPlan,
    choice: Choice,
    *,
    marker: str,
    given: Mapping[str, object],
    notes: Sequence[str],
) -> Method:
    """Return the method, with notes on what the numbers are not."""
    interval, interval_reference = INTERVALS[plan.cutoff_interval]
    correction, correction_reference = WAYS[plan.correction]
    text = (
        f"The cutoff of {lower_label(marker)} with the largest standardised log-rank statistic was chosen among those "
        f"with {100 * plan.minimum_share:g}% to {100 * plan.maximum_share:g}% of patients below. Its p-value is that "
        f"of a maximally selected statistic, by {plan.n_permutations:,} permutations. The "
        f"{100 * plan.confidence_level:g}% confidence interval of the cutoff ({interval}) and the hazard ratio, "
        f"corrected for optimism {correction}, are from {plan.n_resamples:,} resamples of patients in which the cutoff "
        "was chosen anew."
    )
    references: list[Reference] = [
        LAUSEN_SCHUMACHER_1992,
        LAUSEN_1994,
        HOTHORN_LAUSEN_2003,
        ALTMAN_1994,
        interval_reference,
        correction_reference,
    ]
    if choice.continuous is not None:
        text += f" Beside it, the marker was analysed as measured, {choice.continuous.scale}, by Cox regression."
        references.append(COX_1972)
    if given["landmark"] is not None:
        at = f"{given['landmark']:g} {follow_up.unit}".strip()
        text += f" Time was counted from a landmark at {at}, for patients still under observation then."
        references.append(ANDERSON_1983)
    return Method(
        name=f"{interval} bootstrap of patients for the cutoff, Wald limits for hazard ratios",
        confidence_level=plan.confidence_level,
        settings={**plan.settings, **given},
        references=tuple(references),
        seed=plan.told_seed,
        n_resamples=plan.n_resamples,
        notes=(*follow_up.notes, *notes, *_notes(follow_up, plan, choice)),
        description=text,
    )


def _notes(follow_up: FollowUpSample, plan: CutoffPlan, choice: Choice) -> list[str]:
    notes = [
        "The apparent hazard ratio is biased away from 1, and the uncorrected p is too small: the cutoff was chosen "
        "for them.",
        f"{choice.cutoffs.size} cutoffs were tried, with {100 * plan.minimum_share:g}% to "
        f"{100 * plan.maximum_share:g}% of patients below.",
    ]
    n_events = int(follow_up.event.sum())
    if n_events < FEW_EVENTS:
        notes.append(_warned(f"With {n_events} events a cutoff chosen on the data says next to nothing."))
    if choice.tied.size > 1:
        shown = ", ".join(f"{value:.4g}" for value in choice.tied[:8]) + (", …" if choice.tied.size > 8 else "")
        notes.append(f"{choice.tied.size} cutoffs are tied ({shown}); the first is given.")
    if choice.apparent.is_penalized:
        notes.append("The hazard ratio at the cutoff is by Firth's penalised likelihood: the plain one has no maximum.")
    if missing := int(np.isnan(choice.resampled.cutoffs).sum()):
        notes.append(f"{missing} of {plan.n_resamples} resamples had no cutoff to choose and were left out.")
    if choice.continuous is None:
        notes.append("Cox's model of the marker as measured has no estimate: its likelihood has no maximum.")
    if follow_up.event.size > MOST_PATIENTS:
        notes.append(f"The bound by exact distributions is for at most {MOST_PATIENTS} patients.")
    if np.isnan(choice.p_values["exact-gauss"]):
        notes.append("The exact Gaussian p is not worked out for this many cutoffs.")
    return notes


def _warned(note: str) -> str:
    warnings.warn(note, SmallSampleWarning, stacklevel=5)
    return note
