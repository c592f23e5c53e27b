"""Simulated coverage of intervals for areas under ROC curves, their differences and operating points, lesions nested.

Run ``python -m tests.coverage.auc`` (from the repository; about two minutes) for the tables that the defaults of
`biomarker.analyses.roc` were chosen by. Lesion counts are 1 + negative binomial, as in
`tests/coverage/proportions.py`. Response and marker are normal with a patient's own share `correlation` of the
variance, so that the area between lesions of different patients is known; within one patient it is larger, which the
intervals are not told.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator

import numpy as np
from scipy.special import ndtr, ndtri

from biomarker.kernels.auc_interval import auc_interval, difference_interval
from biomarker.kernels.delong import delong
from biomarker.kernels.interval import Interval
from biomarker.kernels.obuchowski import PatientCounts, obuchowski, patient_counts
from biomarker.kernels.resampled_roc import resampled_patient_curves
from biomarker.kernels.resampling import percentile_interval
from biomarker.kernels.roc import roc_points
from biomarker.kernels.roc_points import as_rates, effective_size_interval, sensitivity_at

PATIENTS = (10, 15, 20, 40)
CORRELATIONS = (0.2, 0.5)
AREAS = (0.7, 0.85, 0.95)
MEAN_LESIONS = (2.5, 4.5)
DISPERSION = 0.7

Study = tuple[np.ndarray, np.ndarray, np.ndarray, PatientCounts]


def studies(
    *, patients: int, correlation: float, areas: tuple[float, ...], mean_lesions: float, n_studies: int
) -> Iterator[Study]:
    """Yield markers (one row an area), responses, patients and their counts; two patients of each class at least."""
    seed = [patients, *(int(100 * value) for value in (correlation, mean_lesions, *areas))]
    rng = np.random.default_rng(seed)
    shift = np.sqrt(2) * ndtri(np.array(areas))[:, None]
    own, rest = np.sqrt(correlation), np.sqrt(1 - correlation)
    done = 0
    while done < n_studies:
        extra = rng.negative_binomial(DISPERSION, DISPERSION / (DISPERSION + mean_lesions - 1), size=patients)
        patient = np.repeat(np.arange(patients), 1 + extra)
        response = own * rng.normal(size=patients)[patient] + rest * rng.normal(size=patient.size) > 0
        counts = patient_counts(response, patient)
        if min(counts.with_positive, counts.with_negative) < 2:
            continue
        shared = rng.normal(size=patients)[patient]  # half of a patient's share is common to its markers
        alone = rng.normal(size=(len(areas), patients))[:, patient]
        noise = rng.normal(size=(len(areas), patient.size))
        markers = shift * response + own * (shared + alone) / np.sqrt(2) + rest * noise
        done += 1
        yield markers, response, patient, counts


def area_limits(marker, response, patient, counts) -> dict[str, Interval]:
    """Intervals of one area by each variant."""
    found = {}
    naive = delong(marker, response)
    area, rows = float(naive.auc[0]), {"n_positive": int(response.sum()), "n_negative": int((~response).sum())}
    found["naive DeLong"] = auc_interval(area, naive.covariance[0, 0], **rows)
    units = {"n_positive": counts.with_positive, "n_negative": counts.with_negative}
    few = min(counts.with_positive, counts.with_negative) - 1
    published = float(obuchowski(marker, response, patient).covariance[0, 0])
    leverage = float(obuchowski(marker, response, patient, small_sample="leverage").covariance[0, 0])
    found["published, z"] = auc_interval(area, published, **units)
    found["published, t(K-1)"] = auc_interval(area, published, df=counts.patients - 1, **units)
    found["published, t(min-1)"] = auc_interval(area, published, df=few, **units)
    found["leverage, t(K-1) (default)"] = auc_interval(area, leverage, df=counts.patients - 1, **units)
    found["leverage, t(min-1)"] = auc_interval(area, leverage, df=few, **units)
    found["leverage, Wald, t(K-1)"] = auc_interval(area, leverage, df=counts.patients - 1, method="wald", **units)
    return found


def difference_limits(markers, response, patient, counts) -> dict[str, Interval]:
    """Intervals of a difference of two areas by each variant."""
    contrast, whole = [[1, -1]], Interval(0.0, 1.0)
    found = {}
    for name, estimate, df in (
        ("naive DeLong", delong(markers, response, contrast=contrast), np.inf),
        ("published, t(K-1)", obuchowski(markers, response, patient, contrast=contrast), counts.patients - 1),
        (
            "leverage, t(K-1) (default)",
            obuchowski(markers, response, patient, contrast=contrast, small_sample="leverage"),
            counts.patients - 1,
        ),
    ):
        variance = float(estimate.covariance[0, 0])
        difference = float(estimate.auc[0])
        found[name] = difference_interval(difference, 0.0, variance, of_first=whole, of_second=whole, df=df)
    return found


def point_limits(marker, response, patient, counts, *, specificity, n_resamples) -> dict[str, Interval]:
    """Intervals of the sensitivity at a fixed specificity by each variant."""
    curves = resampled_patient_curves(marker, response, patient, n_resamples, 1)
    resampled = np.concatenate([sensitivity_at(rates, specificity)[:, 0] for rates in curves])
    value = sensitivity_at(as_rates(roc_points(marker, response)), specificity)[0, 0]
    wilson = effective_size_interval(value, resampled, counts.with_positive, df=counts.patients - 1)
    return {"percentile": percentile_interval(resampled), "effective size, Wilson (default)": wilson}


def held(limits: list[dict[str, Interval]], truth: float) -> dict[str, float]:
    """Share of intervals that hold the truth, by variant."""
    return {name: float(np.mean([one[name].low <= truth <= one[name].high for one in limits])) for name in limits[0]}


def area_coverage(*, area, **design) -> dict[str, float]:
    """Coverage of each variant for one area."""
    return held([area_limits(m[0], *rest) for m, *rest in studies(areas=(area,), **design)], area)


def difference_coverage(*, areas, **design) -> dict[str, float]:
    """Coverage of each variant for a difference of two areas."""
    return held([difference_limits(*study) for study in studies(areas=areas, **design)], areas[0] - areas[1])


def point_coverage(*, area, specificity=0.9, n_resamples=500, **design) -> dict[str, float]:
    """Coverage of each variant for the sensitivity at a fixed specificity."""
    truth = float(ndtr(np.sqrt(2) * ndtri(area) - ndtri(specificity)))
    options = {"specificity": specificity, "n_resamples": n_resamples}
    return held([point_limits(m[0], *rest, **options) for m, *rest in studies(areas=(area,), **design)], truth)


def show(title, found_by, cases) -> None:
    """Print one table: a line a design, a column a variant."""
    print(f"\n{title}: coverage (%) of nominal 95 % intervals")
    header = ""
    for label, options in cases:
        for patients in PATIENTS:
            for correlation in CORRELATIONS:
                found = found_by(patients=patients, correlation=correlation, **options)
                if not header:
                    header = f"{'':<26}  patients  icc  " + "  ".join(found)
                    print(header)
                cells = "  ".join(f"{100 * share:>{len(name)}.1f}" for name, share in found.items())
                print(f"{label:<26}  {patients:>8}  {correlation}  {cells}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", type=int, default=2000)
    n = parser.parse_args().studies
    sizes = [(f"{mean} lesions", {"mean_lesions": mean, "n_studies": n}) for mean in MEAN_LESIONS]
    show(
        "Area",
        area_coverage,
        [(f"area {area}, {label}", {"area": area, **size}) for area in AREAS for label, size in sizes],
    )
    pairs = ((0.85, 0.75), (0.8, 0.8))
    show(
        "Difference of areas",
        difference_coverage,
        [(f"{a} and {b}, {label}", {"areas": (a, b), **size}) for a, b in pairs for label, size in sizes],
    )
    fewer = [(label, {**size, "n_studies": n // 4}) for label, size in sizes]
    show(
        "Sensitivity at 90 % specificity",
        point_coverage,
        [(f"area {area}, {label}", {"area": area, **size}) for area in AREAS[:2] for label, size in fewer],
    )


if __name__ == "__main__":
    main()
