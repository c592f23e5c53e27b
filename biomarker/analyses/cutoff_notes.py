"""What a reader must be told about a cutoff: ties, resamples without an answer, a marker that runs the other way."""

from __future__ import annotations

import warnings

import numpy as np

from biomarker.analyses.cutoff_plan import Group, Plan
from biomarker.errors import DirectionWarning
from biomarker.kernels.cutoff import ChosenCutoff, ResampledCutoffs
from biomarker.kernels.cutoff_criteria import CRITERIA
from biomarker.kernels.optimism import performance
from biomarker.kernels.weighted_roc import MarkerRows, counts_at, weighted_auc
from biomarker.vocabulary import quantity_label

_RULES = {"middle": "middle", "most_sensitive": "most sensitive", "most_specific": "most specific"}


def unmet_message(group: Group, plan: Plan, rows: MarkerRows) -> str:
    """Return why no cutoff is admissible, and the best that could be had."""
    criterion, settings = CRITERIA[plan.rule.criterion], plan.rule.settings
    if not criterion.minimum_of:
        return f"no cutoff of {group.name} leaves a share of {plan.rule.minimum_share:g} of the rows on either side"
    reached = getattr(performance(counts_at(rows, np.unique(group.values))), criterion.minimum_of)
    highest = np.nanmax(reached) if np.isfinite(reached).any() else float("nan")
    return (
        f"no cutoff of {group.name} reaches a {quantity_label(criterion.minimum_of)} of {settings.minimum:g} and still "
        f"calls some rows positive and others negative; the highest reached at any cutoff is {highest:.3g}: "
        "give a lower `minimum`"
    )


def tie_notes(group: Group, plan: Plan, chosen: ChosenCutoff) -> list[str]:
    """Return every tied optimum and which of them is given."""
    n_tied = chosen.tied.size
    if n_tied < 2:
        return []
    shown = ", ".join(f"{value:.4g}" for value in chosen.tied[:8]) + (", …" if n_tied > 8 else "")
    which = f"the {_RULES[plan.rule.ties]} one"
    if plan.rule.ties == "middle" and n_tied % 2 == 0:
        which = "the more sensitive of the middle two"
    return [f"{group.begin}{n_tied} cutoffs are tied ({shown}); {which} is given."]


def resample_notes(group: Group, plan: Plan, resampled: ResampledCutoffs) -> list[str]:
    """Return how many resamples have no cutoff, and why."""
    notes, of_all = [], f"of {plan.n_resamples} resamples"
    missing = resampled.n_missing_class
    if missing:
        notes.append(f"{group.begin}{missing} {of_all} lacked a class and were left out.")
    unmet = int(np.isnan(resampled.cutoffs).sum()) - missing
    if unmet:
        notes.append(f"{group.begin}In {unmet} {of_all} no cutoff met the criterion; they were left out.")
    return notes


def direction_notes(group: Group, plan: Plan, rows: MarkerRows) -> list[str]:
    """Return a note, and warn, where the marker runs against the direction it was given."""
    area = float(weighted_auc(rows, np.ones(rows.n_patients))[0])
    if not area < 0.5:
        return []
    expected = "higher" if plan.higher_is_positive else "lower"
    sentence = (
        f"{group.begin}{group.marker} was said to be {expected} in positives and is not (AUC {area:.3f}); the "
        "direction was not changed."
    )
    warnings.warn(sentence, DirectionWarning, stacklevel=5)
    return [sentence]
