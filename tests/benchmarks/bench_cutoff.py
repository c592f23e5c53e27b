"""Time the optimal cutpoint with 1,000 bootstraps against R's cutpointr: python -m tests.benchmarks.bench_cutoff.

Prints the ratio of each of three paired runs. Nothing is asserted: a machine's load is no fault of the code.
"""

import json
import shutil
import subprocess
from pathlib import Path
from time import perf_counter

import numpy as np

from biomarker.kernels.cutoff import CutoffRule, choose_cutoff, resample_cutoffs
from biomarker.kernels.optimism import bootstrap_632_plus, performance
from biomarker.kernels.resampling import percentile_interval
from biomarker.kernels.weighted_roc import marker_rows

CUTPOINTR = """
suppressPackageStartupMessages(library(cutpointr)); data(suicide)
run <- function(n) suppressMessages(cutpointr(suicide, dsi, suicide, pos_class = "yes", direction = ">=", method =
maximize_metric,
                                              metric = youden, boot_runs = n))
invisible(run(2))
cat(system.time(run(1000))[["elapsed"]])
"""


def ours(marker: np.ndarray, truth: np.ndarray) -> float:
    """Return the seconds of cutoff, interval, AUC, performance in and out of 1,000 resamples, and its correction."""
    start = perf_counter()
    rows, rule = marker_rows(marker, truth), CutoffRule()
    chosen = choose_cutoff(rows, rule)
    resampled = resample_cutoffs(rows, rule, 1000, 1)
    percentile_interval(resampled.cutoffs)
    bootstrap_632_plus(performance(chosen.counts), resampled, float(truth.mean()))
    return perf_counter() - start


def main() -> None:
    """Print paired times and their ratios."""
    held = json.loads((Path(__file__).parents[1] / "reference" / "cutoff.json").read_text())["sets"]["suicide"]
    marker, truth = np.array(held["marker"], float), np.array(held["positive"], bool)
    ours(marker, truth)
    for run in range(3):
        seconds = ours(marker, truth)
        if shutil.which("Rscript") is None:
            print(f"run {run + 1}: ours {seconds * 1000:.1f} ms; R is not installed")
            continue
        theirs = float(subprocess.run(["Rscript", "-e", CUTPOINTR], capture_output=True, text=True, check=True).stdout)
        times = f"cutpointr {theirs * 1000:.0f} ms, ours {seconds * 1000:.1f} ms"
        print(f"run {run + 1}: {times}, ratio {theirs / seconds:.0f}")


if __name__ == "__main__":
    main()
