"""Simulated coverage of intervals for a cutoff, with lesions nested in patients.

Run ``python -m tests.coverage.cutoff`` (from the repository; some minutes). The marker is normal in both classes with
equal variance, its within-patient correlation is the one given, and the cutoff that is best in the population lies
half-way between the two means.
"""

from __future__ import annotations

import argparse

import numpy as np
from scipy.special import ndtr

from biomarker.kernels.clustered_two_by_two import clustered_two_by_two
from biomarker.kernels.cutoff import CutoffRule, choose_cutoff, jackknife_cutoffs, resample_cutoffs
from biomarker.kernels.interval import Interval
from biomarker.kernels.optimism import bootstrap_632_plus, corrected_interval, performance
from biomarker.kernels.resampling import bca_interval, expanded_level, percentile_interval
from biomarker.kernels.weighted_roc import marker_rows
from tests.coverage.proportions import CORRELATIONS, PATIENTS, lesion_counts

SEPARATION = 1.2


def trial(rng, n_patients, correlation, by_patient):
    """Return marker, class and patient of one simulated trial with both classes."""
    while True:
        patient = np.repeat(np.arange(n_patients), lesion_counts(rng, n_patients, 1.5))
        truth = (rng.random(n_patients) < 0.45)[patient] if by_patient else rng.random(patient.size) < 0.45
        if truth.any() and not truth.all():
            break
    shared = np.sqrt(correlation) * rng.normal(size=n_patients)[patient]
    return shared + np.sqrt(1 - correlation) * rng.normal(size=patient.size) + SEPARATION * truth, truth, patient


def intervals(rows, n_resamples, seed):
    """Return each variant's interval."""
    step, smooth = CutoffRule(), CutoffRule(smoothing="kernel")
    found = resample_cutoffs(rows, step, n_resamples, seed)
    smoothed = resample_cutoffs(rows, smooth, n_resamples, seed)
    best, level = choose_cutoff(rows, smooth).cutoff, expanded_level(0.95, rows.n_patients)
    return {
        "percentile": percentile_interval(found.cutoffs),
        "expanded percentile (default)": percentile_interval(found.cutoffs, level),
        "BCa": bca_interval(found.cutoffs, choose_cutoff(rows, step).cutoff, jackknife_cutoffs(rows, step)),
        "smoothed, expanded percentile": percentile_interval(smoothed.cutoffs, level),
        "smoothed, BCa": bca_interval(smoothed.cutoffs, best, jackknife_cutoffs(rows, smooth)),
    }


def performance_limits(marker, truth, patient, n_resamples, seed):
    """Return the true performance of the cutoff chosen in a trial, and each variant's interval of it."""
    rows, rule = marker_rows(marker, truth, patient), CutoffRule()
    chosen = choose_cutoff(rows, rule)
    apparent, found = performance(chosen.counts), resample_cutoffs(rows, rule, n_resamples, seed)
    corrected, inside = bootstrap_632_plus(apparent, found, truth.mean()), performance(found.inside)
    called, k, level = marker >= chosen.cutoff, int(patient.max()) + 1, expanded_level(0.95, rows.n_patients)
    cells = {"tp": called & truth, "fp": called & ~truth, "fn": ~called & truth, "tn": ~called & ~truth}
    counts = {name: np.bincount(patient[cell], minlength=k) for name, cell in cells.items()}
    measures = clustered_two_by_two(**counts).measures
    se, sp = ndtr(SEPARATION - chosen.cutoff), ndtr(chosen.cutoff)
    limits = {}
    for name in ("sensitivity", "specificity", "youden"):
        value, seen = float(getattr(corrected, name)), Interval(*measures[name][1:3])
        unknown = Interval(np.nan, np.nan)
        resampled = getattr(inside, name)
        limits[name] = {
            "apparent": seen,
            "resamples, shifted": corrected_interval(resampled, measures[name].value, unknown, value, level),
            "wider of two (default)": corrected_interval(resampled, measures[name].value, seen, value, level),
        }
    return {"sensitivity": se, "specificity": sp, "youden": se + sp - 1}, limits


def show_performance(n_trials, n_resamples):
    """Print the coverage of intervals for the corrected performance."""
    rng = np.random.default_rng(20261121)
    for by_patient in (False, True):
        for n_patients in PATIENTS:
            held: dict[tuple[str, str], list[bool]] = {}
            for number in range(n_trials):
                true, limits = performance_limits(*trial(rng, n_patients, 0.5, by_patient), n_resamples, number)
                for name, variants in limits.items():
                    for variant, (low, high) in variants.items():
                        held.setdefault((name, variant), []).append(bool(low <= true[name] <= high))
            print(f"class of {'patient' if by_patient else 'lesion'}, ICC 0.5, {n_patients} patients")
            for (name, variant), hits in held.items():
                print(f"  {name:12} {variant:24} {np.mean(hits):.1%}", flush=True)


def main() -> None:
    """Print the coverage table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=1000)
    parser.add_argument("--resamples", type=int, default=500)
    parser.add_argument("--performance", action="store_true")
    asked = parser.parse_args()
    if asked.performance:
        show_performance(asked.trials, asked.resamples)
        return
    rng = np.random.default_rng(20261121)
    for by_patient in (False, True):
        for correlation in CORRELATIONS:
            for n_patients in PATIENTS:
                held: dict[str, list[bool]] = {}
                widths: dict[str, list[float]] = {}
                for number in range(asked.trials):
                    marker, truth, patient = trial(rng, n_patients, correlation, by_patient)
                    naive = resample_cutoffs(marker_rows(marker, truth), CutoffRule(), asked.resamples, number)
                    limits = {"naive, percentile": percentile_interval(naive.cutoffs)}
                    limits |= intervals(marker_rows(marker, truth, patient), asked.resamples, number)
                    for name, (low, high) in limits.items():
                        held.setdefault(name, []).append(bool(low <= SEPARATION / 2 <= high))
                        widths.setdefault(name, []).append(high - low)
                print(f"class of {'patient' if by_patient else 'lesion'}, ICC {correlation}, {n_patients} patients")
                for name, hits in held.items():
                    print(f"  {name:32} {np.mean(hits):.1%}  median width {np.nanmedian(widths[name]):.2f}", flush=True)


if __name__ == "__main__":
    main()
