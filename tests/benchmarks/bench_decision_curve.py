"""Time a decision curve against dcurves, 750 patients and 99 risks: python -m tests.benchmarks.bench_decision_curve."""

from time import perf_counter

import dcurves
import numpy as np
import pandas as pd

from biomarker.kernels.net_benefit import net_benefit


def main() -> None:
    """Print the ratio of each of three paired runs; ours has intervals, theirs none."""
    rng = np.random.default_rng(1)
    truth = rng.random(750) < 0.3
    risk = np.clip(0.3 + 0.2 * truth + rng.normal(0, 0.15, 750), 0.01, 0.99)
    thresholds = np.linspace(0.01, 0.99, 99)
    frame = pd.DataFrame({"truth": truth.astype(int), "risk": risk})
    patients = np.arange(750)
    for run in range(3):
        start = perf_counter()
        dcurves.dca(data=frame, outcome="truth", modelnames=["risk"], thresholds=thresholds)
        middle = perf_counter()
        net_benefit(truth, risk, thresholds, patients)
        theirs, ours = middle - start, perf_counter() - middle
        print(f"run {run + 1}: dcurves {theirs * 1000:.0f} ms, ours {ours * 1000:.1f} ms, ratio {theirs / ours:.0f}")


if __name__ == "__main__":
    main()
