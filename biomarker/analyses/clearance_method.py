"""The words of `clearance`: notes, the sentences for a methods text, and references."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from biomarker.analyses.activity_curves import Curves
from biomarker.analyses.clearance_lines import FittedCurves
from biomarker.analyses.result import Estimate, Method
from biomarker.references import BATES_WATTS_1988, GABRIELSSON_WEINER_2006, HURVICH_TSAI_1989, KIRKWOOD_1979

_ERRORS = {
    "proportional": "least squares of logarithms",
    "constant": "unweighted least squares",
    "1/y": "least squares weighted by 1/y",
    "1/y2": "least squares weighted by 1/y²",
}
_NUMBERS = {1: "one exponential", 2: "two exponentials", 3: "three exponentials"}
_RULES = {
    "linear": "linear trapezoids",
    "linear_up_log_down": "trapezoids, linear where activity rises and logarithmic where it falls",
}
MOST_BEYOND = 0.2  # of an area: beyond it the extrapolation is doubted, by custom
RISE = 1.25


def clearance_method(
    curves: Curves,
    fits: FittedCurves,
    own: Sequence[Estimate],
    settings: Mapping[str, Any],
    confidence_level: float,
) -> Method:
    """Return the method of a result, with notes on choices, failures and doubts."""
    several = len(curves.curves) > 1
    limits = "profile" if settings["interval"] == "profile" else "t"
    of_each = f"{limits} intervals of each patient's fit by {_ERRORS[settings['weights']]}"
    over = "t intervals of logarithms over patients"
    return Method(
        name=over if several else of_each,
        confidence_level=confidence_level,
        settings={**settings, "terms": fits.terms, "time_unit": curves.time_unit},
        references=(
            BATES_WATTS_1988,
            GABRIELSSON_WEINER_2006,
            *([HURVICH_TSAI_1989] if fits.totals else []),
            *([KIRKWOOD_1979] if several else []),
        ),
        notes=(*curves.notes, *_notes(curves, fits, own, settings)),
        description=_description(curves, fits, settings, several),
    )


def _notes(curves: Curves, fits: FittedCurves, own: Sequence[Estimate], settings: Mapping[str, Any]) -> list[str]:
    notes = []
    if fits.totals:
        shown = ", ".join(f"{total:.1f} with {terms}".replace("-", "\u2212") for terms, total in fits.totals.items())
        of_all = " of all patients together" if len(fits.curves) > 1 else ""
        notes.append(f"The number of exponentials, {fits.terms}, is the one with the lowest AICc{of_all} ({shown}).")
    elif settings["terms"] == "auto":
        notes.append("Too few samples to choose a number of exponentials by AICc; one was fitted.")
    failed = [one for one in fits.curves if one.fit is None]
    if failed:
        named = "; ".join(f"{one.curve.name}: {one.reason}" for one in failed[:6])
        more = f"; and {len(failed) - 6} more" * (len(failed) > 6)
        notes.append(f"{len(failed)} of {len(fits.curves)} curves have no usable fit ({named}{more}).")
    bare = sum(one.fit is not None and one.fit.df < 1 for one in fits.curves)
    if bare:
        have = "fit has" if bare == 1 else "fits have"
        notes.append(f"{bare} {have} as many parameters as samples, and so no interval.")
    short = sum(_is_short(one.curve.time, one.fit.rates[-1]) for one in fits.curves if one.fit is not None)
    if short:
        notes.append(
            f"In {short} of {len(fits.curves)} curves the slowest half-life is longer than the samples span; it is an "
            "extrapolation."
        )
    notes += _doubts(fits, own)
    if settings["nuclide"] is not None:
        notes.append(
            f"Effective half-lives combine the biologic ones with the decay of {settings['nuclide']} "
            f"(half-life {curves.physical:.4g} {curves.time_unit}). Areas, residence times, clearance and volumes are "
            "of the activity corrected for decay, those called with decay of the activity as it is."
        )
    return notes


def _doubts(fits: FittedCurves, own: Sequence[Estimate]) -> list[str]:
    """Return notes on curves that rise at first, do not fall at last, or lie mostly beyond the last sample."""
    n, notes = len(fits.curves), []
    late = sum(_rises(one.curve.value) for one in fits.curves)
    if late:
        notes.append(
            f"In {late} of {n} curves activity rises after the first sample, which no sum of falling exponentials "
            "follows; its samples before the peak are better left out (where), or the areas without a model used."
        )
    shares = np.array([line.value for line in own if line.quantity == "auc_beyond_last"])
    endless, much = int(np.isnan(shares).sum()), int(np.sum(shares > MOST_BEYOND))
    if endless:
        notes.append(f"{endless} of {n} curves do not fall at their end, and have no area to infinity without a model.")
    if much:
        notes.append(f"In {much} of {n} curves more than {MOST_BEYOND:.0%} of the area lies beyond the last sample.")
    return notes


def _rises(value: np.ndarray[Any, np.dtype[np.float64]]) -> bool:
    """Say whether a curve peaks late, and by more than the noise of counting and pipetting."""
    return bool(value.max() > RISE * max(float(value[0]), 0.0))


def _is_short(time: np.ndarray[Any, np.dtype[np.float64]], rate: float) -> bool:
    return bool(np.log(2) / rate > np.ptp(time))


def _description(curves: Curves, fits: FittedCurves, settings: Mapping[str, Any], several: bool) -> str:
    chosen = ", a number chosen for all patients together by the small-sample Akaike criterion" if fits.totals else ""
    limits = "profile limits" if settings["interval"] == "profile" else "t limits by the delta method"
    corrected = (
        "" if settings["decay_corrected"] else f"Activities were corrected for the decay of {settings['nuclide']}. "
    )
    sentences = [
        f"{corrected}Activity over time was fitted with {_NUMBERS[fits.terms]}{chosen}, by "
        f"{_ERRORS[settings['weights']]}, in each patient, with {limits}.",
        f"Areas without a model are by {_RULES[settings['area']]}, and beyond the last sample by the terminal "
        "slope over the three or more points with the highest adjusted R².",
    ]
    if several:
        sentences.append("Patients were summarised by geometric means with t intervals of logarithms.")
    if len(curves.groups) > 1:
        sentences.append("Groups were compared by ratios of geometric means with Welch's t test of logarithms.")
    return " ".join(sentences)
