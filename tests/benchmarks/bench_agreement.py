"""Time ICCs of many features against pingouin, 50 lesions and 3 readers: python -m tests.benchmarks.bench_agreement.

Ours is timed as the kernel, six forms from one pass over the readings, and by the public way from a table of a thousand
columns to a result with a line for each feature, of one form and of all six.
"""

from collections.abc import Callable
from time import perf_counter

import numpy as np
import pandas as pd
import pingouin

from biomarker.analyses.intraclass_correlation import intraclass_correlation as public_path
from biomarker.kernels.icc import FORMS, icc_with_interval, mean_squares

N_FEATURES = 1000
TIMED_THERE = 20  # of pingouin, whose time is then multiplied: each feature is one call


def main() -> None:
    """Print the ratio of each of three paired runs; both give six forms with intervals."""
    rng = np.random.default_rng(1)
    readings = rng.normal(size=(50, 3, N_FEATURES)) + rng.normal(0, 2, size=(50, 1, N_FEATURES))
    long = pd.DataFrame({"item": np.repeat(np.arange(50), 3), "reader": np.tile(np.arange(3), 50)})
    names = [f"feature_{number:04d}" for number in range(N_FEATURES)]
    ids = pd.DataFrame({"lesion_id": long["item"], "reader_id": long["reader"]})
    table = pd.concat([ids, pd.DataFrame(readings.reshape(-1, N_FEATURES), columns=names)], axis=1)
    public_path(table, value=names[:2], patient=None)  # what is imported late is imported now
    for run in range(3):
        start = perf_counter()
        for feature in range(TIMED_THERE):
            values = long.assign(value=readings[:, :, feature].ravel())
            pingouin.intraclass_corr(values, targets="item", raters="reader", ratings="value")
        theirs = (perf_counter() - start) * N_FEATURES / TIMED_THERE
        ours = {
            "kernel, six forms": _seconds(lambda: _six_forms(readings)),
            "public, ICC(2,1)": _seconds(lambda: public_path(table, value=names, patient=None)),
            "public, six forms": _seconds(lambda: public_path(table, value=names, form="all", patient=None)),
        }
        told = "; ".join(f"{what} {1000 * time:.1f} ms, ratio {theirs / time:.0f}" for what, time in ours.items())
        print(f"run {run + 1}: pingouin {theirs:.1f} s; {told}")


def _six_forms(readings: np.ndarray) -> list[object]:
    squares = mean_squares(readings)
    return [icc_with_interval(squares, form) for form in FORMS]


def _seconds(task: Callable[[], object]) -> float:
    start = perf_counter()
    task()
    return perf_counter() - start


if __name__ == "__main__":
    main()
