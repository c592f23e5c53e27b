"""Simulated coverage of intervals of repeatability and reproducibility, lesions independent and nested.

Run ``python -m tests.coverage.repeatability`` (from the repository; some minutes) for the table that the intervals of
`repeatability` were chosen by; ``--studies 100`` for a look. Lesions are log-normal; the log error has an SD of 0.12,
of which a share is that of the scan and so common to a patient's lesions. Each lesion is measured twice; for the
reproducibility coefficient by three readers in two sessions.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from functools import cache

import numpy as np

from biomarker.kernels.icc_sessions import cell_means
from biomarker.kernels.repeatability import pooled_variance, repeated_units
from biomarker.kernels.reproducibility import reproducibility_variance
from tests.coverage.proportions import lesion_counts

PATIENTS, SHARES = (10, 15, 20, 40), (0.0, 0.3, 0.6)
SD, READER_SD, ITEM_BY_READER_SD, N_READERS = 0.12, 0.05, 0.05, 3
QUANTITIES = ("wCV, log, and RC", "wCV, root mean square", "RDC over readers")


def measurements(rng, patients, share, *, n_readers=1):
    """Return log measurements (lesions, readers, sessions) and the patient of each lesion."""
    counts = lesion_counts(rng, patients, 1.0) if share > 0 else np.ones(patients, int)
    patient = np.repeat(np.arange(patients), counts)
    scan = np.sqrt(share) * SD * rng.normal(size=(patients, 1, 2))[patient]
    own = np.sqrt(1 - share) * SD * rng.normal(size=(patient.size, n_readers, 2))
    return 1.5 + 0.6 * rng.normal(size=(patient.size, 1, 1)) + scan + own, patient


def one_study(rng, patients, share) -> tuple[list[bool], list[bool]]:
    """Say of each quantity whether its interval, and the one that takes lesions for independent, hold the truth."""
    y, patient = measurements(rng, patients, share)
    lesion, _, session = (part.ravel() for part in np.indices(y.shape))
    raw, log = (repeated_units(x.ravel(), lesion, session, patient[lesion]) for x in (np.exp(y), y))
    squared_cv = raw.squares / raw.df / raw.mean**2
    # the root mean square of two measurements' CV is not quite that of the error: its own expectation is the truth
    true_cv = _expected_squared_cv()
    held: tuple[list[bool], list[bool]] = ([], [])
    for answers, is_nested in zip(held, (share > 0, False), strict=True):
        of_log = pooled_variance(log, is_nested=is_nested)
        of_cv = pooled_variance(log, of=squared_cv, weights=np.ones(squared_cv.size), is_nested=is_nested)
        answers += [of_log.low <= SD**2 <= of_log.high, of_cv.low <= true_cv <= of_cv.high]
        answers.append(_reproducibility_held(rng, patients, share, is_nested=is_nested))
    return held


def _reproducibility_held(rng, patients, share, *, is_nested) -> bool:
    y, patient = measurements(rng, patients, share, n_readers=N_READERS)
    y = y + READER_SD * rng.normal(size=(1, N_READERS, 1)) + ITEM_BY_READER_SD * rng.normal(size=(*y.shape[:2], 1))
    lesion, reader, session = (part.ravel() for part in np.indices(y.shape))
    cells = cell_means(y.ravel(), lesion, reader, len(y), N_READERS)
    within = None
    if is_nested:
        units = repeated_units(y.ravel(), lesion * N_READERS + reader, session, patient[lesion])
        within = pooled_variance(units, is_nested=True).df
    found = reproducibility_variance(cells, patient if is_nested else None, df_within=within, n_draws=2048)
    return bool(found.low <= READER_SD**2 + ITEM_BY_READER_SD**2 + SD**2 <= found.high)


@cache
def _expected_squared_cv(n_draws=400_000) -> float:
    difference = np.sqrt(2) * SD * np.random.default_rng(1).normal(size=n_draws)
    return float(np.mean(2 * np.tanh(difference / 2) ** 2))


def coverage(*, patients, share, n_studies, seed=0):
    """Return the shares of intervals that hold the truth, shape (2, quantities): ours, and lesions independent."""
    rng = np.random.default_rng([seed, patients, int(100 * share)])
    return np.mean([one_study(rng, patients, share) for _ in range(n_studies)], axis=0)


def rows(n_studies: int) -> Iterator[tuple[str, float, int, float, float]]:
    """Give a line for each quantity, share of the error that lesions have in common, and number of patients."""
    for share in SHARES[1:]:
        for patients in PATIENTS:
            ours, naive = coverage(patients=patients, share=share, n_studies=n_studies)
            for name, held, simple in zip(QUANTITIES, ours, naive, strict=True):
                yield name, share, patients, float(held), float(simple)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", type=int, default=1000)
    n_studies = parser.parse_args().studies
    print("coverage (%) of nominal 95 % intervals (in brackets: lesions taken as independent)")
    for share in SHARES:
        found = {patients: coverage(patients=patients, share=share, n_studies=n_studies) for patients in PATIENTS}
        for place, name in enumerate(QUANTITIES):
            cells = [f"{p}: {100 * held[0, place]:5.1f} ({100 * held[1, place]:5.1f})" for p, held in found.items()]
            print(f"share of the scan {share:3}  {name:22}  " + "   ".join(cells), flush=True)


if __name__ == "__main__":
    main()
