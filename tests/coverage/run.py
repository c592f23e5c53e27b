"""Make docs/coverage.md: simulated coverage of the nested intervals, with the naive ones beside them.

Run ``python -m tests.coverage.run`` from the repository, one core for about half an hour; ``--studies 100`` for a look.
"""

from __future__ import annotations

import argparse
import platform
from collections.abc import Iterator
from datetime import date
from importlib.metadata import version
from pathlib import Path

import numpy as np

from biomarker.kernels.cutoff import CutoffRule, choose_cutoff, resample_cutoffs
from biomarker.kernels.optimism import bootstrap_632_plus, performance
from biomarker.kernels.resampling import percentile_interval
from biomarker.kernels.weighted_roc import marker_rows
from tests.coverage import auc, cutoff, two_by_two

PATIENTS, CORRELATIONS = (10, 15, 20, 40), (0.2, 0.5)
DOCUMENT = Path(__file__).parents[2] / "docs" / "coverage.md"

Row = tuple[str, float, int, float, float]  # what, correlation, patients, nested, naive


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
            rows = marker_rows(own + rng.normal(size=patient.size), truth, patient)
            apparent = performance(choose_cutoff(rows, CutoffRule()).counts)
            resampled = resample_cutoffs(rows, CutoffRule(), n_resamples, number)
            corrected = bootstrap_632_plus(apparent, resampled, float(truth.mean()))
            found.append((float(apparent.youden), float(corrected.youden)))
        yield patients, *np.nanmean(found, axis=0)


def main() -> None:
    """Simulate, and write the document."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", type=int, default=2000)
    n = parser.parse_args().studies
    rows = [*proportions(2 * n), *areas(n), *cutoffs(max(50, n // 2))]
    null = list(useless_marker(max(50, n // 4)))
    DOCUMENT.parent.mkdir(exist_ok=True)
    DOCUMENT.write_text(_document(rows, null, n), encoding="utf-8")
    print(DOCUMENT.read_text(encoding="utf-8"))


def _default(held: dict[str, float]) -> float:
    """Return the coverage of the variant that is the default of the package."""
    return held[next(name for name in held if "default" in name)]


def _document(rows: list[Row], null: list[tuple[int, float, float]], n: int) -> str:
    used = ", ".join(f"{name} {version(name)}" for name in ("biomarker", "numpy", "scipy"))
    head = [
        "# Simulated coverage",
        "",
        f"Made by `python -m tests.coverage.run --studies {n}` on {date.today().isoformat()} with Python "
        f"{platform.python_version()}, {used}.",
        "",
        "Per cent of nominal 95 % intervals that hold the true value: nested (naive in brackets). Lesion counts are "
        "skewed: 1 + negative binomial, mean 4.5. ICC is the within-patient correlation of the marker. "
        f"{2 * n:,} studies a cell for proportions, {n:,} for AUC, {max(50, n // 2):,} for the cutoff; the naive "
        "interval takes every lesion as independent (Wilson, DeLong, lesions resampled).",
        "",
        f"| Interval | ICC | {' | '.join(f'{patients} patients' for patients in PATIENTS)} |",
        f"|---|---|{'---|' * len(PATIENTS)}",
    ]
    names = list(dict.fromkeys(row[0] for row in rows))
    for name in names:
        for correlation in CORRELATIONS:
            cells = [
                f"{100 * nested:.1f} ({100 * naive:.1f})"
                for what, icc, _, nested, naive in rows
                if (what, icc) == (name, correlation)
            ]
            head.append(f"| {name} | {correlation} | {' | '.join(cells)} |")
    head += [
        "",
        "## A marker that knows nothing",
        "",
        "Mean Youden J of the best cutoff, apparent and corrected for optimism (.632+ bootstrap of whole patients); "
        "the truth is 0.",
        "",
        "| Patients | Apparent | Corrected |",
        "|---|---|---|",
        *(f"| {patients} | {apparent:.3f} | {corrected:.3f} |" for patients, apparent, corrected in null),
    ]
    return "\n".join(head) + "\n"


if __name__ == "__main__":
    main()
