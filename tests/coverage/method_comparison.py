"""Simulated coverage of the intervals of a comparison of methods: slope, intercept and bias at a level.

Run ``python -m tests.coverage.method_comparison`` (from the repository; a few minutes); ``--studies 100`` for a look.
The true line is that of identity; x and y both err, by a fixed amount or in proportion; a patient may have a shift of
his own, which is what makes lesions of a patient alike.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator

import numpy as np
import pandas as pd

from biomarker.analyses.method_comparison import method_comparison

PATIENTS = (10, 15, 20, 40)
FITS = ("deming", "weighted_deming", "passing_bablok", "ordinary")
LEVEL = 6.5
SHARED = 0.2  # of the variance of y about the line, between patients


def study(rng: np.random.Generator, patients: int, *, is_nested: bool, is_proportional: bool) -> pd.DataFrame:
    """Return measurements of lesions by two methods."""
    patient = np.repeat(np.arange(patients), rng.integers(1, 7, size=patients) if is_nested else 1)
    true = rng.uniform(2, 12, size=patient.size)
    scale = 0.08 * true if is_proportional else 0.5
    shift = 0.5 * scale * rng.normal(size=patients)[patient] if is_nested else 0.0
    x, y = (true + scale * rng.normal(size=patient.size) for _ in range(2))
    return pd.DataFrame({"patient_id": patient, "x": x, "y": y + shift})


def coverage(patients: int, n_studies: int, *, is_nested: bool, is_proportional: bool) -> dict[str, float]:
    """Return the share of studies whose interval holds the truth, by fit and quantity, and naively."""
    rng = np.random.default_rng([20261121, patients, is_nested, is_proportional])
    found: dict[str, list[bool]] = {}
    for _ in range(n_studies):
        data = study(rng, patients, is_nested=is_nested, is_proportional=is_proportional)
        for label, patient in (("", "patient_id"), (", naive", None))[: 1 + is_nested]:
            result = method_comparison(data, x="x", y="y", fits=FITS, at=[LEVEL], patient=patient)
            for line in result.estimates:
                truth = {"slope": 1.0, "intercept": 0.0, "bias_at": 0.0}.get(line.quantity)
                if truth is not None:
                    name = f"{line.of['fit']} {line.quantity}{label}"
                    found.setdefault(name, []).append(line.low <= truth <= line.high)
    return {name: float(np.mean(held)) for name, held in found.items()}


def rows(n_studies: int) -> Iterator[tuple[str, float, int, float, float]]:
    """Give the interval of the slope, and of the bias at a level, of nested lesions and naively, by patients."""
    for patients in PATIENTS:
        held = coverage(patients, n_studies, is_nested=True, is_proportional=False)
        for fit in ("deming", "passing_bablok"):
            for quantity in ("slope", "bias_at"):
                name = f"{fit} {quantity}"
                yield name.replace("_", " "), SHARED, patients, held[name], held[f"{name}, naive"]


def details(n_studies: int) -> Iterator[tuple[str, str, int, float]]:
    """Give design, interval, patients and coverage."""
    for is_nested in (False, True):
        for is_proportional in (False, True):
            design = f"{'nested lesions' if is_nested else 'one lesion a patient'}, "
            design += "errors in proportion" if is_proportional else "fixed errors"
            for patients in PATIENTS:
                held = coverage(patients, n_studies, is_nested=is_nested, is_proportional=is_proportional)
                for name, share in held.items():
                    yield design, name, patients, share


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", type=int, default=1000)
    found = list(details(parser.parse_args().studies))
    for design in dict.fromkeys(row[0] for row in found):
        print(f"\n{design}: coverage (%) of nominal 95 % intervals at {', '.join(map(str, PATIENTS))} patients")
        for name in dict.fromkeys(row[1] for row in found if row[0] == design):
            cells = "  ".join(f"{100 * row[3]:5.1f}" for row in found if row[:2] == (design, name))
            print(f"{name:<36} {cells}")


if __name__ == "__main__":
    main()
