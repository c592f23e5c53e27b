"""DeLong's area and interval timed against pROC and MLstatkit in one run: ``python tests/benchmarks/bench_delong.py``.

Prints medians and ratios; asserts nothing. R and MLstatkit are left out of the table where they are not installed.
Data go to R through a file, whose reading is not timed.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from statistics import median

import numpy as np

from biomarker.kernels.auc_interval import auc_interval
from biomarker.kernels.delong import delong
from biomarker.kernels.partial_auc import whole_auc
from biomarker.kernels.resampled_roc import resampled_row_curves
from biomarker.kernels.roc import roc_points

PROC = """
suppressPackageStartupMessages(library(pROC))
connection <- file("{data}", "rb")
n <- {n}
marker <- readBin(connection, "double", n)
positive <- readBin(connection, "integer", n, size = 4)
close(connection)
seconds <- function(f) {{ start <- proc.time()[[3]]; f(); proc.time()[[3]] - start }}
curve <- function() roc(positive, marker, levels = c(0, 1), direction = "<", quiet = TRUE)
area <- function() ci.auc(curve(), method = "delong")
cat(seconds(function() for (i in 1:{repeats}) area()) / {repeats}, "\\n")
cat({boot}, "\\n")
"""


def timed(call: Callable[[], object], repeats: int) -> float:
    """Median seconds of a call, after one to warm up."""
    call()
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - start)
    return median(seconds)


def ours(marker: np.ndarray, positive: np.ndarray) -> None:
    """Area with its logit interval."""
    estimate = delong(marker, positive)
    n_positive = int(positive.sum())
    auc_interval(
        estimate.auc[0], estimate.covariance[0, 0], n_positive=n_positive, n_negative=positive.size - n_positive
    )


def our_bootstrap(marker: np.ndarray, positive: np.ndarray) -> None:
    """Percentile interval of the area from 2,000 resamples within each class."""
    areas = [whole_auc(rates) for rates in resampled_row_curves(roc_points(marker, positive), 2000, 1)]
    np.quantile(np.concatenate(areas), [0.025, 0.975])


def proc(marker: np.ndarray, positive: np.ndarray, repeats: int, *, boot: bool) -> tuple[float, float]:
    """Seconds of pROC: DeLong interval, and bootstrap interval of 2,000 resamples (NaN if not asked)."""
    if shutil.which("Rscript") is None:
        return np.nan, np.nan
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data.bin"
        data.write_bytes(marker.astype("<f8").tobytes() + positive.astype("<i4").tobytes())
        timing = 'system.time(ci.auc(curve(), method = "bootstrap", boot.n = 2000, progress = "none"))[[3]]'
        script = PROC.format(data=data, n=marker.size, repeats=repeats, boot=timing if boot else "NA")
        done = subprocess.run(["Rscript", "-e", script], capture_output=True, text=True, check=True)
    return tuple(float("nan" if word == "NA" else word) for word in done.stdout.split())


def mlstatkit(marker: np.ndarray, positive: np.ndarray, repeats: int) -> float:
    """Seconds of MLstatkit for two markers, halved: it has no call for one."""
    if find_spec("MLstatkit") is None:
        return np.nan
    from MLstatkit import Delong_test

    return timed(lambda: Delong_test(positive.astype(int), marker, -marker), repeats) / 2


def show(n: int, task: str, own: float, r: float, other: float) -> None:
    """Print one line: milliseconds, and how many times as long R takes."""
    print(f"{n:>10,} {task:<28} {1e3 * own:9.2f} {1e3 * r:9.1f} {1e3 * other:13.1f} {r / own:10.1f}", flush=True)


def main() -> None:
    rng = np.random.default_rng(1)
    print(f"{'rows':>10} {'task':<28} {'ours ms':>9} {'pROC ms':>9} {'MLstatkit ms':>13} {'pROC/ours':>10}")
    for n, repeats in ((200, 21), (10_000, 11), (1_000_000, 5)):
        positive = rng.random(n) < 0.4
        marker = rng.normal(size=n) + positive
        own = timed(lambda: ours(marker, positive), repeats)  # noqa: B023 - called at once
        with_boot = n <= 10_000
        r_delong, r_boot = proc(marker, positive, min(repeats, 5), boot=with_boot)
        other = mlstatkit(marker, positive, 3)
        show(n, "AUC, DeLong interval", own, r_delong, other)
        if with_boot:
            own = timed(lambda: our_bootstrap(marker, positive), 3)  # noqa: B023 - called at once
            show(n, "AUC, 2,000 resamples", own, r_boot, np.nan)
    tracemalloc.start()
    delong(marker, positive)
    print(f"peak memory at 1,000,000 rows: {tracemalloc.get_traced_memory()[1] / 8 / marker.size:.1f} doubles a row")


if __name__ == "__main__":
    main()
