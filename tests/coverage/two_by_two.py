"""Simulated coverage of intervals for every quantity of a 2x2 table, lesions nested in patients.

Run ``python -m tests.coverage.two_by_two``. A patient's lesions share a random effect in disease and in uptake: both
the reference standard and the test are thresholds of normal variables with the given within-patient correlation.
"""

from __future__ import annotations

import argparse

import numpy as np
from scipy.special import ndtri

from biomarker.kernels.clustered_two_by_two import clustered_two_by_two
from biomarker.kernels.two_by_two import QUANTITIES, two_by_two
from tests.coverage.proportions import lesion_counts

PREVALENCE, SEPARATION, CUTOFF = 0.5, 1.8, 0.9


def nested_cells(rng, n_studies, patients, correlation, dispersion=1.0):
    """Return tp, fp, fn, tn of each patient, each of shape (studies, patients)."""
    counts = lesion_counts(rng, (n_studies, patients), dispersion)
    largest = counts.max()
    shared, own = np.sqrt(correlation), np.sqrt(1 - correlation)
    shape = (n_studies, patients, largest)
    disease = shared * rng.normal(size=(*shape[:2], 1)) + own * rng.normal(size=shape)
    positive = disease < ndtri(PREVALENCE)
    uptake = SEPARATION * positive + shared * rng.normal(size=(*shape[:2], 1)) + own * rng.normal(size=shape)
    called = uptake >= CUTOFF
    is_lesion = np.arange(largest) < counts[..., None]
    cells = (called & positive, called & ~positive, ~called & positive, ~called & ~positive)
    return tuple((cell & is_lesion).sum(axis=-1) for cell in cells)


def coverage(*, patients, correlation, n_studies=2000, seed=0):
    """Return for each quantity the share of studies covered by the nested and by the naive interval.

    Studies in which a quantity is undefined, or has no interval, are left out of its share.
    """
    rng = np.random.default_rng([seed, patients, int(100 * correlation)])
    truth = {
        name: found.value
        for name, found in two_by_two(*(cell.sum() for cell in nested_cells(rng, 12_000, 10, correlation))).items()
    }
    cells = nested_cells(rng, n_studies, patients, correlation)
    nested = clustered_two_by_two(*cells).measures
    naive = two_by_two(*(cell.sum(axis=-1) for cell in cells))
    return {name: (_covered(nested[name], truth[name]), _covered(naive[name], truth[name])) for name in QUANTITIES}


def _covered(found, truth):
    known = ~(np.isnan(found.low) | np.isnan(found.high))
    return float(np.mean(((found.low <= truth) & (truth <= found.high))[known]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", type=int, default=2000)
    n_studies = parser.parse_args().studies
    settings = [(patients, correlation) for correlation in (0.2, 0.5) for patients in (10, 15, 20, 40)]
    found = [coverage(patients=k, correlation=r, n_studies=n_studies) for k, r in settings]
    print(f"{'patients/icc: nested (naive)':>28}", *(f"{k:>6}/{r:.1f}    " for k, r in settings))
    for name in QUANTITIES:
        cells = (f"{100 * one[name][0]:5.1f} ({100 * one[name][1]:5.1f})" for one in found)
        print(f"{name:>28}", " ".join(cells))


if __name__ == "__main__":
    main()
