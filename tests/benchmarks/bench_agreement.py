"""Time ICCs of many features against pingouin, 50 lesions and 3 readers: python -m tests.benchmarks.bench_agreement."""

from time import perf_counter

import numpy as np
import pandas as pd
import pingouin

from biomarker.kernels.icc import FORMS, intraclass_correlation

N_FEATURES = 1000
TIMED_THERE = 20  # of pingouin, whose time is then multiplied: each feature is one call


def main() -> None:
    """Print the ratio of each of three paired runs; both give six forms with intervals."""
    rng = np.random.default_rng(1)
    readings = rng.normal(size=(50, 3, N_FEATURES)) + rng.normal(0, 2, size=(50, 1, N_FEATURES))
    long = pd.DataFrame({"item": np.repeat(np.arange(50), 3), "reader": np.tile(np.arange(3), 50)})
    for run in range(3):
        start = perf_counter()
        for feature in range(TIMED_THERE):
            values = long.assign(value=readings[:, :, feature].ravel())
            pingouin.intraclass_corr(values, targets="item", raters="reader", ratings="value")
        middle = perf_counter()
        for form in FORMS:
            intraclass_correlation(readings, form)
        theirs, ours = (middle - start) * N_FEATURES / TIMED_THERE, perf_counter() - middle
        print(f"run {run + 1}: pingouin {theirs:.1f} s, ours {ours * 1000:.1f} ms, ratio {theirs / ours:.0f}")


if __name__ == "__main__":
    main()
