"""Simulated coverage of intervals for a cutoff, with lesions nested in patients.

Run ``python -m tests.coverage.cutoff`` (from the repository; some minutes). The marker is normal in both classes with
equal variance, its within-patient correlation is the one given, and the cutoff that is best in the population lies
half-way between the two means.
"""

from __future__ import annotations

import argparse

import numpy as np

from biomarker.kernels.cutoff import CutoffRule, choose_cutoff, jackknife_cutoffs, resample_cutoffs
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


def main() -> None:
    """Print the coverage table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=1000)
    parser.add_argument("--resamples", type=int, default=500)
    asked = parser.parse_args()
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
