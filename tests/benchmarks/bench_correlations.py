"""Time patient resamples of correlations: 200 patients, 1,000 lesions, on one core.

OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 python -m tests.benchmarks.bench_correlations
"""

from time import perf_counter

import numpy as np
import pandas as pd
from scipy.stats import kendalltau, spearmanr

from biomarker import compare_correlations, correlate

N_PATIENTS, N_LESIONS, N_RESAMPLES = 200, 1000, 5000
TIMED_THERE = 100  # resamples of the loop, whose time is then multiplied


def lesions(rng: np.random.Generator, n_patients: int, n_lesions: int) -> pd.DataFrame:
    """Return an outcome and two markers of lesions nested in patients."""
    patient = rng.integers(0, n_patients, n_lesions)
    level = rng.normal(size=n_patients)[patient]
    columns = {name: level + rng.normal(size=n_lesions) for name in ("change", "suvmax", "rna")}
    return pd.DataFrame({"patient_id": patient, **columns})


def loop(data: pd.DataFrame, coefficient: object, n_resamples: int) -> float:
    """Return the seconds of a loop that draws patients and correlates their rows with scipy."""
    rng = np.random.default_rng(1)
    rows = [group.to_numpy() for _, group in data.groupby("patient_id")[["change", "suvmax", "rna"]]]
    start = perf_counter()
    for _ in range(n_resamples):
        drawn = np.concatenate([rows[number] for number in rng.integers(0, len(rows), len(rows))])
        for column in (1, 2):
            coefficient(drawn[:, 0], drawn[:, column])  # type: ignore[operator]
    return perf_counter() - start


def main() -> None:
    """Print the time of a bootstrapped difference beside a loop of scipy; and of very many rows."""
    rng = np.random.default_rng(1)
    data = lesions(rng, N_PATIENTS, N_LESIONS)
    for method, coefficient in (("spearman", spearmanr), ("kendall", kendalltau)):
        for run in range(3):
            start = perf_counter()
            compare_correlations(
                data, outcome="change", markers=["suvmax", "rna"], method=method, comparison="bootstrap",
                n_resamples=N_RESAMPLES, rng=run,
            )  # fmt: skip
            ours = perf_counter() - start
            theirs = loop(data, coefficient, TIMED_THERE) * N_RESAMPLES / TIMED_THERE
            print(
                f"{method} difference, {N_RESAMPLES:,} resamples, run {run + 1}: scipy loop {theirs:.1f} s, "
                f"ours {ours:.2f} s, ratio {theirs / ours:.0f}"
            )
    for method, n_rows in (("pearson", 1_000_000), ("spearman", 1_000_000), ("kendall", 100_000)):
        many = lesions(rng, n_rows // 10, n_rows)
        start = perf_counter()
        correlate(many, x="suvmax", y="change", method=method)
        print(f"{method}, {n_rows:,} nested rows with the jackknife's interval: {perf_counter() - start:.1f} s")


if __name__ == "__main__":
    main()
