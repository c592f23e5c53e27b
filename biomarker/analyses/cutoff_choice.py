"""One marker in one group of rows: the cutoff chosen there, its resamples, and what it achieves."""

from __future__ import annotations

import warnings

import numpy as np

from biomarker.analyses.cutoff_notes import direction_notes, resample_notes, tie_notes, unmet_message
from biomarker.analyses.cutoff_performance import PERFORMANCE, Calls, performance_lines
from biomarker.analyses.cutoff_plan import CutoffCurve, Group, Plan
from biomarker.analyses.result import Estimate
from biomarker.errors import DesignError, SmallSampleWarning
from biomarker.kernels.cutoff import (
    ChosenCutoff,
    ResampledCutoffs,
    choose_cutoff,
    jackknife_cutoffs,
    resample_cutoffs,
)
from biomarker.kernels.interval import Interval
from biomarker.kernels.minimum_p import chi_square_p, miller_siegmund_p, permutation_p
from biomarker.kernels.optimism import (
    Performance,
    bootstrap_632_plus,
    corrected_interval,
    cross_validated_counts,
    cross_validated_performance,
    ordinary_bootstrap,
    performance,
    selection_frequency,
)
from biomarker.kernels.resampling import bca_interval, expanded_level, percentile_interval, substream
from biomarker.kernels.weighted_roc import MarkerRows, counts_at
from biomarker.vocabulary import marker_unit

MOST_ROWS_PERMUTED = 50_000
SHOWN_FREQUENCIES = 5


def choose_in(group: Group, plan: Plan) -> tuple[list[Estimate], CutoffCurve, list[str]]:
    """Return the estimates, the curve and the notes of one marker in one group.

    Raises
    ------
    DesignError
        If the marker does not vary, or no cutoff meets what the criterion demands.
    """
    if group.truth.all() or not group.truth.any():
        raise DesignError(f"{group.name} has {'no negative' if group.truth.all() else 'no positive'} row")
    if np.ptp(group.values) == 0:
        raise DesignError(f"{group.name} is {group.values[0]:g} in every row, so it has no cutoff")
    if plan.log_scale and not np.all(group.values > 0):
        raise DesignError(
            f"{group.name} holds values that are not positive; smoothing='kernel-log' needs positive ones"
        )
    rows = group.rows(plan)
    searched = group.rows(plan, log=True) if plan.log_scale else rows
    chosen = _unlogged(choose_cutoff(searched, plan.rule), rows, plan)
    if np.isnan(chosen.cutoff):
        raise DesignError(unmet_message(group, plan, rows))
    resampled = resample_cutoffs(
        searched, plan.rule, plan.n_resamples, substream(plan.seed, 0), stratified=plan.stratified
    )
    if plan.log_scale:
        resampled = resampled._replace(cutoffs=np.exp(resampled.cutoffs))
    limits, notes = _interval(group, plan, searched, chosen, resampled)
    lines = [_cutoff_line(group, chosen, limits)]
    if plan.rule.criterion == "min_p":
        lines += _smallest_p(group, plan, rows, chosen)
    performance_found, more = _performance(group, plan, searched, chosen, resampled)
    lines += performance_found + _frequencies(group, plan, resampled)
    notes += [*tie_notes(group, plan, chosen), *more]
    notes += [*resample_notes(group, plan, resampled), *direction_notes(group, plan, rows)]
    return lines, _curve(group, rows, chosen, limits, resampled), notes


def _unlogged(chosen: ChosenCutoff, rows: MarkerRows, plan: Plan) -> ChosenCutoff:
    """Put a choice made on the logarithm back on the scale of the marker."""
    if not plan.log_scale:
        return chosen
    cutoff = float(np.exp(chosen.cutoff))
    return ChosenCutoff(cutoff, np.exp(chosen.tied), counts_at(rows, cutoff), np.exp(chosen.cutoffs), chosen.values)


def _interval(
    group: Group, plan: Plan, rows: MarkerRows, chosen: ChosenCutoff, resampled: ResampledCutoffs
) -> tuple[Interval, list[str]]:
    """Return the interval of the cutoff; none where a class has one patient only, whom resamples take or leave."""
    one = [name for name, of_class in _units(rows).items() if of_class < 2]
    if one:
        unit = "patient" if group.is_nested else "row"
        sentence = (
            f"{group.begin}There is a single {' and a single '.join(one)} {unit}, so that neither the interval of the "
            "cutoff nor its performance in new patients is estimable."
        )
        warnings.warn(sentence, SmallSampleWarning, stacklevel=5)
        return Interval(float("nan"), float("nan")), [sentence]
    level = plan.confidence_level
    if plan.cutoff_interval == "bca":
        left_out = jackknife_cutoffs(rows, plan.rule)
        left_out = np.exp(left_out) if plan.log_scale else left_out
        return bca_interval(resampled.cutoffs, chosen.cutoff, left_out, level), []
    if plan.cutoff_interval == "expanded-percentile":
        level = expanded_level(level, rows.n_patients)
    return percentile_interval(resampled.cutoffs, level), []


def _units(rows: MarkerRows) -> dict[str, int]:
    return {
        "positive": np.unique(rows.positive_patient).size,
        "negative": np.unique(rows.negative_patient).size,
    }


def _cutoff_line(group: Group, chosen: ChosenCutoff, limits: Interval) -> Estimate:
    return Estimate(
        quantity="cutoff",
        value=chosen.cutoff,
        low=limits.low,
        high=limits.high,
        n=group.values.size,
        n_patients=group.n_patients(),
        unit=marker_unit(group.marker),
        of=dict(group.of),
    )


def _performance(
    group: Group, plan: Plan, rows: MarkerRows, chosen: ChosenCutoff, resampled: ResampledCutoffs
) -> tuple[list[Estimate], list[str]]:
    """Return what the cutoff achieves: apparent, corrected for optimism, and held out."""
    called = group.values >= chosen.cutoff if plan.higher_is_positive else group.values <= chosen.cutoff
    calls = Calls(called=called, truth=group.truth, patients=group.patients if group.is_nested else None)
    lines, notes = performance_lines(
        calls,
        interval=plan.interval,
        confidence_level=plan.confidence_level,
        of={**group.of, "performance": "apparent"},
    )
    apparent = performance(chosen.counts)
    corrected = (
        bootstrap_632_plus(apparent, resampled, float(group.truth.mean()))
        if plan.correction == ".632+"
        else ordinary_bootstrap(apparent, resampled)
    )
    lines += _corrected_lines(group, plan, rows, corrected, resampled, lines)
    if plan.n_repeats and min(_units(rows).values()) > 1:
        counts = cross_validated_counts(
            rows, plan.rule, n_folds=plan.n_folds, n_repeats=plan.n_repeats, rng=substream(plan.seed, 1)
        )
        held_out = cross_validated_performance(counts)
        lines += [_plain_line(group, name, float(getattr(held_out, name)), "cross-validated") for name in PERFORMANCE]
    return lines, [f"{group.begin}{note}" for note in notes]


def _corrected_lines(
    group: Group,
    plan: Plan,
    rows: MarkerRows,
    corrected: Performance,
    resampled: ResampledCutoffs,
    apparent: list[Estimate],
) -> list[Estimate]:
    inside = performance(resampled.inside)
    level = expanded_level(plan.confidence_level, rows.n_patients)
    lines = []
    for name, seen in zip(PERFORMANCE, apparent, strict=True):
        value = float(getattr(corrected, name))
        if min(_units(rows).values()) < 2:  # nobody of that class is ever left out
            lines.append(_plain_line(group, name, float("nan"), "corrected"))
            continue
        given = Interval(seen.low, seen.high)
        limits = corrected_interval(getattr(inside, name), seen.value, given, value, level)
        if name != "youden":
            limits = Interval(max(limits.low, 0.0), limits.high)
        lines.append(_plain_line(group, name, value, "corrected", limits))
    return lines


_NO_LIMITS = Interval(float("nan"), float("nan"))


def _plain_line(group: Group, name: str, value: float, kind: str, limits: Interval = _NO_LIMITS) -> Estimate:
    return Estimate(
        quantity=name,
        value=value,
        low=limits.low if np.isfinite(value) else float("nan"),
        high=limits.high if np.isfinite(value) else float("nan"),
        unit="" if name == "youden" else "fraction",
        of={**group.of, "performance": kind},
    )


def _smallest_p(group: Group, plan: Plan, rows: MarkerRows, chosen: ChosenCutoff) -> list[Estimate]:
    """Return the smallest p uncorrected, by formula where rows are independent, and by permutation of patients."""
    largest = float(np.nanmax(chosen.values))
    share = plan.rule.minimum_share
    found = {"none": float(chi_square_p(largest))}
    if not group.is_nested and share > 0:
        found["miller-siegmund"] = miller_siegmund_p(largest, share, 1 - share)
    if rows.n_rows <= MOST_ROWS_PERMUTED:
        found["permutation"] = permutation_p(
            rows, minimum_share=share, n_permutations=plan.n_permutations, rng=substream(plan.seed, 2)
        )
    return [
        Estimate(
            quantity="min_p",
            value=p,
            p_value=p,
            statistic=largest,
            df=1 if correction == "none" else float("nan"),
            n=rows.n_rows,
            n_patients=group.n_patients(),
            of={**group.of, "correction": correction},
        )
        for correction, p in found.items()
    ]


def _frequencies(group: Group, plan: Plan, resampled: ResampledCutoffs) -> list[Estimate]:
    """Return the cutoffs chosen most often; none where classes are smoothed: each is then a point of a grid."""
    if plan.rule.smoothing != "none":
        return []
    cutoffs, shares = selection_frequency(resampled.cutoffs)
    most = np.argsort(-shares, kind="stable")[:SHOWN_FREQUENCIES]
    return [
        Estimate(
            quantity="selection_frequency",
            value=shares[place],
            n=int(np.isfinite(resampled.cutoffs).sum()),
            unit="fraction",
            of={**group.of, "cutoff": float(cutoffs[place])},
        )
        for place in most
    ]


def _curve(
    group: Group, rows: MarkerRows, chosen: ChosenCutoff, limits: Interval, resampled: ResampledCutoffs
) -> CutoffCurve:
    achieved = performance(counts_at(rows, chosen.cutoffs))
    return CutoffCurve(
        marker=group.marker,
        of=dict(group.of),
        cutoff=chosen.cutoff,
        low=float(limits.low),
        high=float(limits.high),
        tied=tuple(float(value) for value in chosen.tied),
        cutoffs=chosen.cutoffs,
        criterion=chosen.values,
        sensitivities=achieved.sensitivity,
        specificities=achieved.specificity,
        resampled=resampled.cutoffs,
        n_missing_class=resampled.n_missing_class,
    )
