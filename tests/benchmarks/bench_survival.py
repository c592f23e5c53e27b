"""Time curves, log-rank tests and scans over cutoffs: python -m tests.benchmarks.bench_survival.

Peers are statsmodels for curves and tests, and R's maxstat for the maximally selected statistic; all in one run.
"""

import json
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import numpy as np
from statsmodels.duration.survfunc import SurvfuncRight, survdiff

from biomarker.kernels.log_rank import log_rank
from biomarker.kernels.log_rank_scan import (
    log_rank_at_cutoffs,
    log_rank_scores,
    marked_follow_up,
    permutation_p,
    permuted_maxima,
    scan_cutoffs,
)
from biomarker.kernels.survival import kaplan_meier

MAXSTAT = """
suppressPackageStartupMessages({library(maxstat); library(survival); library(jsonlite)})
d <- as.data.frame(fromJSON("%s")); run <- function() maxstat.test(Surv(t, e) ~ x, data = d, smethod = "LogRank",
pmethod = "condMC", B = 9999)
invisible(run()); cat(min(replicate(3, system.time(run())[["elapsed"]])))
"""


def best(call: Callable[[], object], repeats: int = 5) -> float:
    """Return the milliseconds of the fastest of several runs."""
    times = []
    for _ in range(repeats):
        start = perf_counter()
        call()
        times.append(perf_counter() - start)
    return 1000 * min(times)


def show(what: str, ours: float, peer: str, theirs: float) -> None:
    """Print one comparison."""
    print(f"{what}: {peer} {theirs:.1f} ms, ours {ours:.1f} ms, ratio {theirs / ours:.1f}")


def follow_up(n: int, digits: int | None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return durations, all distinct or rounded, events and two groups."""
    rng = np.random.default_rng(1)
    t = rng.exponential(100, size=n)
    return t if digits is None else t.round(digits) + 1, rng.random(n) < 0.5, rng.integers(0, 2, n)


def our_scan(t: np.ndarray, e: np.ndarray, x: np.ndarray) -> float:
    """Return the permutation p of the largest statistic."""
    data = marked_follow_up(t, e, x)
    scores = log_rank_scores(data)
    scan = scan_cutoffs(data, scores)
    return permutation_p(float(np.nanmax(np.abs(scan.z))), permuted_maxima(data, scores, scan, n_permutations=9999))


def main() -> None:
    """Print times and ratios."""
    for n in (100_000, 1_000_000):
        for label, digits in (("all times distinct", None), ("times in whole days", 0)):
            t, e, g = follow_up(n, digits)
            repeats = 5 if n == 100_000 else 2
            curve, test = best(lambda: kaplan_meier(t, e), repeats), best(lambda: log_rank(t, e, g), repeats)  # noqa: B023 - called at once
            their_curve = best(lambda: SurvfuncRight(t, e), repeats)  # noqa: B023
            their_test = best(lambda: survdiff(t, e, g), repeats)  # noqa: B023
            what = f"{n:,} patients, {label}"
            show(f"Kaplan-Meier (ours with limits), {what}", curve, "statsmodels", their_curve)
            show(f"log-rank, {what}", test, "statsmodels", their_test)
            show(f"both, {what}", curve + test, "statsmodels", their_curve + their_test)
    rng = np.random.default_rng(2)
    x = rng.normal(size=300)
    t, e = rng.exponential(np.exp(-0.3 * x)).round(4), rng.random(300) < 0.6
    cutoffs = np.quantile(x, np.linspace(0.1, 0.9, 200))
    show(
        "log-rank at 200 cutoffs of 300 patients",
        best(lambda: log_rank_at_cutoffs(t, e, x, cutoffs)),
        "statsmodels",
        best(lambda: [survdiff(t, e, (x >= k).astype(int)) for k in cutoffs], 2),
    )
    orders = np.array([rng.permutation(300) for _ in range(1000)])
    every = np.unique(x)
    scan = best(lambda: log_rank_at_cutoffs(t, e, x, every, orders=orders), 2)
    print(f"log-rank at all cutoffs of 300 patients in 1,000 permutations: ours {scan:.0f} ms")
    ours = best(lambda: our_scan(t, e, x), 3)
    if shutil.which("Rscript") is None:
        print(f"maximally selected log-rank, 9,999 permutations: ours {ours:.0f} ms; R is not installed")
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "data.json"
        path.write_text(json.dumps({"t": t.tolist(), "e": e.astype(int).tolist(), "x": x.tolist()}))
        done = subprocess.run(["Rscript", "-e", MAXSTAT % path], capture_output=True, text=True, check=True)
    show("maximally selected log-rank, 9,999 permutations", ours, "maxstat", 1000 * float(done.stdout))


if __name__ == "__main__":
    main()
