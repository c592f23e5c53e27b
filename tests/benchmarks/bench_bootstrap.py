"""Time 10,000 resamples of 200 patients with 1,000 lesions, on one core.

OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 python -m tests.benchmarks.bench_bootstrap
"""

from time import perf_counter

import numpy as np

from biomarker.kernels.cutoff import CutoffRule, choose_cutoff, resample_cutoffs
from biomarker.kernels.weighted_roc import marker_rows


def main() -> None:
    """Print the time of AUC, Youden cutoff and its performance in and out of all resamples; and of a million rows."""
    rng = np.random.default_rng(1)
    patient = rng.integers(0, 200, 1000)
    truth = rng.random(1000) < 0.4
    marker = rng.normal(size=1000) + rng.normal(size=200)[patient] + truth
    for smoothing in ("none", "kernel"):
        for run in range(3):
            start = perf_counter()
            rows = marker_rows(marker, truth, patient)
            resampled = resample_cutoffs(rows, CutoffRule(smoothing=smoothing), 10_000, rng=run)
            seconds = perf_counter() - start
            print(f"smoothing {smoothing}: {seconds:.2f} s, sd of AUC {np.nanstd(resampled.auc):.4f}")
    truth = rng.random(1_000_000) < 0.3
    marker = rng.normal(size=1_000_000) + truth
    start = perf_counter()
    rows = marker_rows(marker, truth)
    choose_cutoff(rows, CutoffRule())
    chosen = perf_counter()
    resample_cutoffs(rows, CutoffRule(), 20, rng=1)
    print(f"1,000,000 rows: cutoff {chosen - start:.2f} s, {(perf_counter() - chosen) / 20 * 1000:.0f} ms a resample")


if __name__ == "__main__":
    main()
