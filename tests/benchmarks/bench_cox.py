"""Cox models timed beside R's survival and lifelines in one run: ``python -m tests.benchmarks.bench_cox``.

Prints medians and ratios; asserts nothing. R and lifelines are left out, with a note, where they are not installed.
Data go to R through a file, whose reading is not timed; lifelines fits 40 markers, and its time is scaled up.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
import warnings
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from statistics import median

import numpy as np

from biomarker.kernels.concordance import concordance
from biomarker.kernels.concordance_optimism import resampled_concordances
from biomarker.kernels.cox_newton import fit_many
from biomarker.kernels.cox_screen import screen_hazards
from biomarker.kernels.risk_sets import risk_sets
from biomarker.models.cox import fit_cox

N_MARKERS, N_PATIENTS, MANY, COLUMNS, FEW_MARKERS = 1000, 300, 100_000, 5, 40

R_SCRIPT = """
suppressMessages(library(survival))
read <- function(name, n, p) {
  connection <- file(file.path("FOLDER", name), "rb"); on.exit(close(connection))
  matrix(readBin(connection, "double", n * (p + 2)), n)
}
seconds <- function(f) { f(); median(sapply(1:3, function(i) { s <- proc.time()[[3]]; f(); proc.time()[[3]] - s })) }
a <- read("screen", 300, 1000); y <- Surv(a[, 1], a[, 2]); control <- coxph.control()
cat(seconds(function() for (j in 1:1000) coxph(y ~ a[, j + 2])), "\\n")
fit <- function(j) coxph.fit(a[, j + 2, drop = FALSE], y, NULL, NULL, NULL, control, NULL, "efron", NULL)
cat(seconds(function() for (j in 1:1000) fit(j)), "\\n")
b <- read("large", 100000, 5); d <- data.frame(t = b[, 1], e = b[, 2], x = I(b[, 3:7]))
cat(seconds(function() coxph(Surv(t, e) ~ x, d)), "\\n")
cat(seconds(function() concordance(Surv(t, e) ~ d$x[, 1], d)), "\\n")
"""


def timed(call: Callable[[], object], repeats: int = 5) -> float:
    """Median milliseconds of a call, after one to warm up."""
    call()
    spent = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        spent.append(time.perf_counter() - start)
    return 1000 * median(spent)


def data() -> tuple[tuple[np.ndarray, ...], tuple[np.ndarray, ...]]:
    """Simulate the small outcome with its markers, and the large one with its predictors."""
    rng = np.random.default_rng(20261121)
    small = rng.exponential(size=N_PATIENTS), rng.random(N_PATIENTS) < 0.6, rng.normal(size=(N_PATIENTS, N_MARKERS))
    x = rng.normal(size=(MANY, COLUMNS))
    large = rng.exponential(size=MANY) * np.exp(-0.3 * x[:, 0]), rng.random(MANY) < 0.6, x
    return small, large


def of_r(small: tuple[np.ndarray, ...], large: tuple[np.ndarray, ...]) -> list[float] | None:
    """Milliseconds of R: coxph and coxph.fit over the markers, coxph of the large data, its concordance."""
    if shutil.which("Rscript") is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        for name, (t, e, x) in (("screen", small), ("large", large)):
            Path(folder, name).write_bytes(np.column_stack([t, e, x]).astype(float).tobytes(order="F"))
        script = R_SCRIPT.replace("FOLDER", folder)
        done = subprocess.run(["Rscript", "-e", script], capture_output=True, text=True, check=False)
    values = done.stdout.split()
    return [1000 * float(value) for value in values] if done.returncode == 0 and len(values) == 4 else None


def of_lifelines(small: tuple[np.ndarray, ...]) -> float | None:
    """Milliseconds of lifelines over all markers, from a few of them."""
    if find_spec("lifelines") is None:
        return None
    import pandas as pd
    from lifelines import CoxPHFitter

    t, e, x = small
    start = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for j in range(FEW_MARKERS):
            CoxPHFitter().fit(pd.DataFrame({"t": t, "e": e, "x": x[:, j]}), "t", "e")
    return 1000 * (time.perf_counter() - start) * N_MARKERS / FEW_MARKERS


def row(what: str, ours: float, peers: list[tuple[str, float | None]]) -> None:
    """Print one line: our time, and each peer's with its ratio to ours."""
    told = [
        f"{name} {peer:,.0f} ms ({peer / ours:.1f}x)" if peer is not None else f"{name} not installed"
        for name, peer in peers
    ]
    print(f"{what}: {ours:,.0f} ms; {'; '.join(told)}" if told else f"{what}: {ours:,.0f} ms")


def main() -> None:
    """Print the table."""
    small, large = data()
    r = of_r(small, large) or [None] * 4
    t, e, x = small
    screened = timed(lambda: screen_hazards(x, t, e))
    peers = [("R coxph", r[0]), ("R coxph.fit", r[1]), ("lifelines", of_lifelines(small))]
    row("1,000 univariable Cox models, n = 300", screened, peers)
    row("the same with Firth's penalty", timed(lambda: screen_hazards(x, t, e, penalized=True)), [])
    t, e, x = large
    fit = fit_many(x, risk_sets(t, e))

    def like_coxph() -> None:  # R's coxph gives the concordance too
        coefficients = fit_many(x, risk_sets(t, e)).coefficients[0]
        concordance(t, e, x @ coefficients)

    row("Cox, n = 100,000, p = 5, with concordance", timed(like_coxph, 3), [("R coxph", r[2])])
    names = [f"x{j}" for j in range(COLUMNS)]
    row("the same with tests of proportional hazards", timed(lambda: fit_cox(x, t, e, names=names), 3), [])
    risk = x @ fit.coefficients[0]
    row("Harrell's c with its jackknife, n = 100,000", timed(lambda: concordance(t, e, risk), 3), [("R", r[3])])
    row("Uno's c with its jackknife, n = 100,000", timed(lambda: concordance(t, e, risk, weighting="uno"), 3), [])
    t, e, x = t[:200], e[:200], x[:200]
    optimism = timed(lambda: resampled_concordances(x, t, e, n_resamples=300), 3)
    row("optimism of c, 300 refits, n = 200, p = 5", optimism, [])


if __name__ == "__main__":
    main()
