"""Simulated coverage of the ratio of geometric means, and of the rank shift, between groups of nested lesions.

Run ``python -m tests.coverage.nested_mean_ratio`` (from the repository; one core for some ten minutes,
``--studies 200`` for a look). Lesion counts are 1 + negative binomial, mean 4.5. Log uptake has a patient's own share
`correlation` of its variance; both shares are normal ("log-normal" uptake) or, standardised, exponential ("skewed":
log uptake itself leans to the right with skewness 2 a share). Groups divide patients in halves, or are drawn lesion by
lesion within patients.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator

import numpy as np

from biomarker.kernels.clustered_ranks import datta_satten, patient_rank_sum, shift_interval
from biomarker.kernels.group_difference import two_sample_t
from biomarker.kernels.mixed import contrast, random_intercept
from biomarker.kernels.rank_tests import hodges_lehmann

PATIENTS, CORRELATIONS = (10, 15, 20, 40), (0.2, 0.5)
SHAPES = ("log-normal", "skewed")
DISPERSION, MEAN_LESIONS = 0.7, 4.5
LOG_RATIO = np.log(1.5)

Row = tuple[str, float, int, float, float]  # what, correlation, patients, nested, naive


def studies(*, patients: int, correlation: float, shape: str, within: bool, n_studies: int) -> Iterator:
    """Yield log uptake, group and patient of each lesion; two patients or more in each group."""
    rng = np.random.default_rng([patients, int(100 * correlation), SHAPES.index(shape), within])

    def noise(size: int) -> np.ndarray:
        return rng.normal(size=size) if shape == "log-normal" else rng.exponential(size=size) - 1

    done = 0
    while done < n_studies:
        extra = rng.negative_binomial(DISPERSION, DISPERSION / (DISPERSION + MEAN_LESIONS - 1), size=patients)
        patient = np.repeat(np.arange(patients), 1 + extra)
        group = rng.random(patient.size) < 0.5 if within else patient % 2 == 1
        if min(np.unique(patient[group]).size, np.unique(patient[~group]).size) < 2:
            continue
        own, rest = np.sqrt(correlation) * noise(patients)[patient], np.sqrt(1 - correlation) * noise(patient.size)
        done += 1
        yield LOG_RATIO * group + 0.8 * (own + rest), group, patient


def coverage(*, with_ranks: bool = False, **design) -> dict[str, tuple[float, float]]:
    """Return the share of studies covered by the nested and by the naive interval, of means and of the shift."""
    held: dict[str, list[tuple[bool, bool]]] = {"means": [], "ranks": []}
    rank_test = datta_satten if design["within"] else patient_rank_sum
    for values, group, patient in studies(**design):
        fit = random_intercept(values, np.column_stack([np.ones(values.size), group]), patient)
        naive = two_sample_t(values[group], values[~group]).interval
        held["means"].append(tuple(_holds(limits) for limits in (contrast(fit, [0.0, 1.0]).interval, naive)))
        if with_ranks:
            shift = shift_interval(values, group, patient, test=rank_test)
            plain = hodges_lehmann(values[group], values[~group]).interval
            held["ranks"].append((_holds(shift), _holds(plain)))
    return {name: tuple(np.mean(found, axis=0)) for name, found in held.items() if found}


def _holds(limits) -> bool:
    return bool(limits.low <= LOG_RATIO <= limits.high)


def rows(n_studies: int) -> Iterator[Row]:
    """Give coverage of the ratio of geometric means, and of the rank shift in a quarter as many studies."""
    for shape in SHAPES:
        for within, where in ((False, "groups of patients"), (True, "groups within patients")):
            for correlation in CORRELATIONS:
                for patients in PATIENTS:
                    design = {"patients": patients, "correlation": correlation, "shape": shape, "within": within}
                    yield (
                        f"Ratio of geometric means, {shape}, {where}", correlation, patients,
                        *coverage(**design, n_studies=n_studies)["means"],
                    )  # fmt: skip
                    yield (
                        f"Rank shift, {shape}, {where}", correlation, patients,
                        *coverage(**design, n_studies=max(20, n_studies // 4), with_ranks=True)["ranks"],
                    )  # fmt: skip


def main() -> None:
    """Print one line a design."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", type=int, default=2000)
    for what, correlation, patients, nested, naive in rows(parser.parse_args().studies):
        shown = f"{100 * nested:5.1f} (naive {100 * naive:5.1f})"
        print(f"{what:<60} ICC {correlation}  {patients:>3} patients  {shown}", flush=True)


if __name__ == "__main__":
    main()
