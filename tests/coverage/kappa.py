"""Simulated coverage of intervals of agreement coefficients, readers of independent and of nested lesions.

Run ``python -m tests.coverage.kappa`` (from the repository) for the table that the interval of
`biomarker.kernels.agreement_interval` was chosen by. Readers cut the same normal variable, each with an error of their
own, into categories; lesions of a patient share a part of it. Beside the default stand the usual intervals: normal on
the scale of kappa, with the large-sample variance (for two readers and independent lesions that of Fleiss, Cohen and
Everitt) as if lesions were independent, and Student's t with the jackknife over patients.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from functools import partial

import numpy as np
from scipy.special import stdtrit

from biomarker.kernels.agreement_interval import agreement_estimate
from biomarker.kernels.chance_agreement import conger_kappa, fleiss_kappa, gwet_coefficient, rating_sums
from biomarker.kernels.kappa import agreement_weights
from biomarker.kernels.krippendorff import krippendorff_alpha
from tests.coverage.proportions import lesion_counts

PATIENTS = (10, 20, 40)
CORRELATION = 0.4
SHAPES = {
    "two categories, half positive": (0.0,),
    "two, a fifth positive": (0.84,),
    "four categories": (-0.5, 0.3, 1.0),
}
ERRORS = {"close": 0.25, "poor": 0.7}  # SD of a reader's error, where that of lesions is 1
VARIANTS = ("default", "jackknife, t", "large sample, lesions independent")


def coefficients(n_categories):
    """Return the coefficients under test, as functions of sums of ratings."""
    plain = np.eye(n_categories)
    quadratic = agreement_weights("quadratic", range(n_categories))
    return {
        "Cohen or Conger kappa": partial(conger_kappa, weights=plain),
        "Cohen or Conger kappa, quadratic": partial(conger_kappa, weights=quadratic),
        "Fleiss kappa": partial(fleiss_kappa, weights=plain),
        "Gwet AC1": partial(gwet_coefficient, weights=plain),
        "Krippendorff alpha, ordinal": partial(krippendorff_alpha, level="ordinal", values=range(n_categories)),
    }


def readings(rng, patients, n_readers, thresholds, error, *, is_nested):
    """Return categories (lesions by readers) and the patient of each lesion."""
    counts = lesion_counts(rng, patients, 1.0) if is_nested else np.ones(patients, int)
    patient = np.repeat(np.arange(patients), counts)
    shared = CORRELATION if is_nested else 0.0
    lesion = np.sqrt(shared) * rng.normal(size=patients)[patient] + np.sqrt(1 - shared) * rng.normal(size=patient.size)
    seen = lesion[:, None] + error * rng.normal(size=(patient.size, n_readers)) + 0.1 * np.arange(n_readers)
    return np.searchsorted(thresholds, seen), patient


def large_sample(coefficient, codes, n_categories):
    """Return the normal interval with the linearised variance, as if lesions were independent."""
    sums = rating_sums(codes, n_categories)
    n, step = len(codes), 1e-5
    up, down = (coefficient(sums.weighted(1 + sign * step * np.eye(n))).coefficient for sign in (1, -1))
    error = np.sqrt((((up - down) / (2 * step)) ** 2).sum())
    value = float(coefficient(sums.total()).coefficient)
    return value - 1.96 * error, value + 1.96 * error


def coverage(*, name, patients, n_readers, shape, error, is_nested, n_studies=400, seed=0):
    """Return the share of simulated studies whose interval holds the truth, in the order of `VARIANTS`.

    Studies in which the coefficient is undefined, because every rating is of one category, are left out.
    """
    thresholds = SHAPES[shape]
    q = len(thresholds) + 1
    coefficient = coefficients(q)[name]
    rng = np.random.default_rng([seed, patients, n_readers, q, int(100 * error), is_nested])
    many, _ = readings(rng, 100_000, n_readers, thresholds, error, is_nested=False)
    truth = float(coefficient(rating_sums(many, q, np.zeros(len(many), int)).total()).coefficient)
    held = []
    for _ in range(n_studies):
        codes, patient = readings(rng, patients, n_readers, thresholds, error, is_nested=is_nested)
        found = agreement_estimate(coefficient, rating_sums(codes, q, patient))
        if np.isnan(found.value):
            continue
        spread = stdtrit(found.df, 0.975) * np.nan_to_num(found.standard_error)  # agreement perfect: no spread at all
        limits = (
            (found.low, found.high),
            (found.value - spread, found.value + spread),
            large_sample(coefficient, codes, q),
        )
        held.append([low <= truth <= high for low, high in limits])
    return tuple(float(share) for share in np.mean(held, axis=0))


def rows(n_studies: int) -> Iterator[tuple[str, float, int, float, float]]:
    """Give what, correlation within patients, patients, and the coverage of the default and of the usual interval."""
    for n_readers in (2, 3):
        for patients in PATIENTS:
            found = coverage(
                name="Cohen or Conger kappa", patients=patients, n_readers=n_readers, shape="four categories",
                error=ERRORS["close"], is_nested=True, n_studies=n_studies,
            )  # fmt: skip
            yield f"Kappa of {n_readers} readers", CORRELATION, patients, found[0], found[2]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", type=int, default=1000)
    n_studies = parser.parse_args().studies
    for name in coefficients(2):
        print(f"\n{name}: coverage (%) of nominal 95 % intervals: {'; '.join(VARIANTS)}")
        for shape in SHAPES:
            for label, error in ERRORS.items():
                for n_readers, is_nested in ((2, False), (3, False), (2, True), (3, True)):
                    cells = []
                    for patients in PATIENTS:
                        found = coverage(
                            name=name, patients=patients, n_readers=n_readers, shape=shape, error=error,
                            is_nested=is_nested, n_studies=n_studies,
                        )  # fmt: skip
                        cells.append(f"{patients}: " + " ".join(f"{100 * share:5.1f}" for share in found))
                    design = f"{n_readers} readers, {'nested' if is_nested else 'independent'}"
                    print(f"{shape}, {label}, {design:22}  " + "   ".join(cells), flush=True)


if __name__ == "__main__":
    main()
