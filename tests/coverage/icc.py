"""Simulated coverage of intervals of the intraclass correlation, complete, with readings missing, and nested.

Run ``python -m tests.coverage.icc`` (from the repository; some minutes) for the table that the intervals of
`intraclass_correlation` were chosen by; ``--studies 100`` for a look. Items have SD 1 and the residual 0.5; three
readers differ by an SD of 0 to 0.4. Where lesions are nested, half of their variance is between patients, and patients
have 1 to 6 lesions.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator

import numpy as np

from biomarker.kernels.icc import intraclass_correlation
from biomarker.kernels.icc_nested import nested_interval, within_patient_icc
from biomarker.kernels.icc_reml import reading_sums
from biomarker.kernels.icc_unbalanced import random_reader_interval, ratio_interval

PATIENTS, READER_SDS, N_READERS, MISSING = (10, 15, 20, 40), (0.0, 0.15, 0.4), 3, 0.2
RESIDUAL, SHARED = 0.5, 0.5
QUANTITIES = (
    "ICC(2,1), complete", "ICC(3,1), complete", "ICC(2,1), a fifth missing", "ICC(3,1), a fifth missing",
    "ICC(2,1), nested", "ICC(2,1), nested, a fifth missing", "ICC(2,1) within patients",
)  # fmt: skip


def table(rng, patients, reader_sd, *, is_nested):
    """Return readings (items by readers) and the patient of each item."""
    counts = rng.integers(1, 7, patients) if is_nested else np.ones(patients, int)
    patient = np.repeat(np.arange(patients), counts)
    shared = SHARED if is_nested else 0.0
    item = np.sqrt(shared) * rng.normal(size=patients)[patient] + np.sqrt(1 - shared) * rng.normal(size=patient.size)
    reader = reader_sd * rng.normal(size=(1, N_READERS))
    return item[:, None] + reader + RESIDUAL * rng.normal(size=(patient.size, N_READERS)), patient


def with_gaps(rng, values, patient):
    """Return the table without a fifth of its readings, and without items that one reader only has read."""
    values = np.where(rng.random(values.shape) < MISSING, np.nan, values)
    kept = (~np.isnan(values)).sum(axis=1) > 1
    return values[kept], patient[kept]


def one_study(rng, patients, reader_sd) -> tuple[list[bool], list[bool]]:
    """Say of each quantity whether its interval, and the one that takes everything for simple, hold the truth."""
    true = 1 / (1 + RESIDUAL**2 + reader_sd**2)
    fixed = 1 / (1 + RESIDUAL**2)
    within = (1 - SHARED) / (1 - SHARED + RESIDUAL**2 + reader_sd**2)
    values, patient = table(rng, patients, reader_sd, is_nested=False)
    gappy, _ = with_gaps(rng, values, patient)
    complete = gappy[~np.isnan(gappy).any(axis=1)]
    two, three = (intraclass_correlation(values, form) for form in ("ICC(2,1)", "ICC(3,1)"))
    sums = reading_sums(gappy)
    random, ratio = random_reader_interval(sums, n_draws=2048), ratio_interval(sums, 3)
    nested, owner = table(rng, patients, reader_sd, is_nested=True)
    naive = intraclass_correlation(nested)
    lossy, lossy_owner = with_gaps(rng, nested, owner)
    of_gaps = random_reader_interval(reading_sums(lossy), n_draws=2048)
    honest = [
        (two, true), (three, fixed), (random, true), ((ratio.low[0], ratio.high[0]), fixed),
        (nested_interval(nested, owner), true), (nested_interval(lossy, lossy_owner), true),
        (within_patient_icc(nested, owner), within),
    ]  # fmt: skip
    few = len(complete) < 3
    dropped = [(None if few else intraclass_correlation(complete, form)) for form in ("ICC(2,1)", "ICC(3,1)")]
    simple = [
        (two, true), (three, fixed), (dropped[0], true), (dropped[1], fixed), (naive, true), (of_gaps, true),
        (naive, within),
    ]  # fmt: skip
    return [_holds(*pair) for pair in honest], [_holds(*pair) for pair in simple]


def _holds(interval, truth) -> bool:
    if interval is None:
        return False
    low, high = (interval.low, interval.high) if hasattr(interval, "low") else interval
    return bool(low <= truth <= high)


def coverage(*, patients, reader_sd, n_studies, seed=0):
    """Return the shares of intervals that hold the truth, shape (2, quantities): ours, and the simple ones."""
    rng = np.random.default_rng([seed, patients, int(100 * reader_sd)])
    return np.mean([one_study(rng, patients, reader_sd) for _ in range(n_studies)], axis=0)


def rows(n_studies: int) -> Iterator[tuple[str, float, int, float, float]]:
    """Give a line for each quantity and number of patients, readers differing by an SD of 0.15."""
    for patients in PATIENTS:
        ours, simple = coverage(patients=patients, reader_sd=0.15, n_studies=n_studies)
        for name, held, naive in zip(QUANTITIES, ours, simple, strict=True):
            yield name, SHARED, patients, float(held), float(naive)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", type=int, default=1000)
    n_studies = parser.parse_args().studies
    print(
        "coverage (%) of nominal 95 % intervals; in brackets: items not read by all left out, or taken as independent"
    )
    for reader_sd in READER_SDS:
        found = {
            patients: coverage(patients=patients, reader_sd=reader_sd, n_studies=n_studies) for patients in PATIENTS
        }
        for place, name in enumerate(QUANTITIES):
            cells = [f"{p}: {100 * held[0, place]:5.1f} ({100 * held[1, place]:5.1f})" for p, held in found.items()]
            print(f"readers' SD {reader_sd:4}  {name:36}  " + "   ".join(cells), flush=True)


if __name__ == "__main__":
    main()
