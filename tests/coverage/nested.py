"""Simulated coverage of predictive values, AUC and cutoff of lesions nested in patients, as docs/coverage.md has it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from biomarker.kernels.cutoff import CutoffRule, choose_cutoff, resample_cutoffs
from biomarker.kernels.optimism import bootstrap_632_plus, performance
from biomarker.kernels.resampling import percentile_interval
from biomarker.kernels.weighted_roc import marker_rows
from tests.coverage import auc, cutoff, two_by_two

PATIENTS, CORRELATIONS = (10, 15, 20, 40), (0.2, 0.5)

Row = tuple[str, float, int, float, float]  # what, correlation, patients, nested, naive


def rows(n_studies: int) -> Iterator[Row]:
    """Give predictive values, AUC and its difference, and the Youden cutoff."""
    yield from proportions(2 * n_studies)
    yield from areas(n_studies)
    yield from cutoffs(max(50, n_studies // 2))


def proportions(n_studies: int) -> Iterator[Row]:
    """Give sensitivity, specificity and predictive values of lesions at a cutoff."""
    for correlation in CORRELATIONS:
        for patients in PATIENTS:
            found = two_by_two.coverage(patients=patients, correlation=correlation, n_studies=n_studies)
            for name in ("sensitivity", "specificity", "ppv", "npv"):
                yield name, correlation, patients, *found[name]


def areas(n_studies: int) -> Iterator[Row]:
    """Give the AUC of 0.85, and its difference from another marker's 0.75."""
    for correlation in CORRELATIONS:
        for patients in PATIENTS:
            design = {"patients": patients, "correlation": correlation, "mean_lesions": 4.5, "n_studies": n_studies}
            one, two = auc.area_coverage(area=0.85, **design), auc.difference_coverage(areas=(0.85, 0.75), **design)
            for name, held in (("AUC", one), ("AUC difference", two)):
                yield name, correlation, patients, _default(held), held["naive DeLong"]


def cutoffs(n_studies: int, n_resamples: int = 300) -> Iterator[Row]:
    """Give the Youden cutoff of a marker whose best cutoff is known."""
    rng = np.random.default_rng(20261121)
    for correlation in CORRELATIONS:
        for patients in PATIENTS:
            held: list[tuple[bool, bool]] = []
            for number in range(n_studies):
                marker, truth, patient = cutoff.trial(rng, patients, correlation, by_patient=False)
                naive = resample_cutoffs(marker_rows(marker, truth), CutoffRule(), n_resamples, number)
                nested = cutoff.intervals(marker_rows(marker, truth, patient), n_resamples, number)
                limits = (
                    nested[next(name for name in nested if "default" in name)],
                    percentile_interval(naive.cutoffs),
                )
                held.append(tuple(low <= cutoff.SEPARATION / 2 <= high for low, high in limits))
            yield "Youden cutoff", correlation, patients, *np.mean(held, axis=0)


def useless_marker(n_studies: int, n_resamples: int = 200) -> Iterator[tuple[int, float, float]]:
    """Give the mean apparent and corrected Youden J of a marker that knows nothing, by patients."""
    rng = np.random.default_rng(20261122)
    for patients in PATIENTS:
        found = []
        for number in range(n_studies):
            _, truth, patient = cutoff.trial(rng, patients, 0.5, by_patient=False)
            own = rng.normal(size=patients)[patient]
            drawn = marker_rows(own + rng.normal(size=patient.size), truth, patient)
            apparent = performance(choose_cutoff(drawn, CutoffRule()).counts)
            resampled = resample_cutoffs(drawn, CutoffRule(), n_resamples, number)
            corrected = bootstrap_632_plus(apparent, resampled, float(truth.mean()))
            found.append((float(apparent.youden), float(corrected.youden)))
        yield patients, *np.nanmean(found, axis=0)


def useless_table(n_studies: int) -> list[str]:
    """Lay out what a marker that knows nothing seems to know."""
    return [
        "| Patients | Apparent | Corrected |",
        "|---|---|---|",
        *(
            f"| {patients} | {apparent:.3f} | {corrected:.3f} |"
            for patients, apparent, corrected in useless_marker(n_studies)
        ),
    ]


def _default(held: dict[str, float]) -> float:
    """Return the coverage of the variant that is the default of the package."""
    return held[next(name for name in held if "default" in name)]
