"""Simulated coverage of intervals for correlations, and for their difference, lesions nested in patients or not.

Run ``python -m tests.coverage.correlations`` (from the repository) for the table that the defaults of `correlate` and
`compare_correlations` were chosen by. Outcome and two markers are normal, between patients and within; lesion counts
are 1 + negative binomial with mean 4.5. Spearman's and Kendall's true values are known functions of the correlation of
the normal variables.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator

import numpy as np

from biomarker.kernels.correlation import kendall, pearson, spearman
from biomarker.kernels.correlation_difference import OverlappingCorrelations, combined_interval, zou_interval
from biomarker.kernels.correlation_intervals import (
    bootstrap_interval,
    jackknife_covariance,
    jackknife_difference,
    jackknife_interval,
)
from biomarker.kernels.correlation_resampling import CorrelationResampler
from biomarker.kernels.interval import Interval
from biomarker.kernels.resampling import jackknife_weights, patient_weights

PATIENTS, CORRELATIONS = (10, 15, 20, 40), (0.2, 0.5)
MEAN_LESIONS = 4.5
# outcome with the first marker, with the second, and between markers: in patients' own levels and in lesions about them
BETWEEN, WITHIN = (0.7, 0.4, 0.5), (0.5, 0.1, 0.3)
DEFAULT, NAIVE = "jackknife of z, limits recovered (default)", "Fisher z and Zou, rows independent"
COEFFICIENTS = {"pearson": pearson, "spearman": spearman, "kendall": kendall}
QUARTILES = (-0.6745, 0.0, 0.6745)
Row = tuple[str, float, int, float, float]


def true_value(method: str, correlation: float) -> float:
    """Return the coefficient of normal variables with that correlation."""
    if method == "spearman":
        return float(6 / np.pi * np.arcsin(correlation / 2))
    return float(2 / np.pi * np.arcsin(correlation)) if method in ("kendall", "somers_d") else correlation


def study(rng, patients, icc):
    """Return outcome, two markers and the patient of each lesion; with icc 0 each patient has one."""
    counts = np.ones(patients, int) if icc == 0 else 1 + rng.negative_binomial(1, 1 / MEAN_LESIONS, patients)
    patient = np.repeat(np.arange(patients), counts)

    def triple(correlations, size):
        first, second, between = correlations
        matrix = [[1, first, second], [first, 1, between], [second, between, 1]]
        return np.linalg.cholesky(matrix) @ rng.normal(size=(3, size))

    lesion = triple(WITHIN, patient.size)
    if icc == 0:
        return lesion, patient
    return np.sqrt(icc) * triple(BETWEEN, patients)[:, patient] + np.sqrt(1 - icc) * lesion, patient


def truths(method, icc):
    """Return the true coefficients of the two markers."""
    return tuple(true_value(method, icc * b + (1 - icc) * w) for b, w in zip(BETWEEN[:2], WITHIN[:2], strict=True))


def intervals(values, patient, method, *, n_resamples=0, seed=0):
    """Return each variant's interval of the first correlation and of the difference, by name."""
    outcome, *markers = values
    plain = COEFFICIENTS[method]
    r1, r2 = (plain(outcome, marker) for marker in markers)
    resampler = CorrelationResampler(values, [(0, 1), (0, 2)], method=method, cluster=patient)
    n_patients = int(patient.max()) + 1
    left_out = np.concatenate([resampler.resampled(w) for w in jackknife_weights(n_patients)])
    between = plain(*markers).value
    one, two = (jackknife_interval(r.value, column) for r, column in zip((r1, r2), left_out.T, strict=True))
    values_of = r1.value, r2.value
    if np.abs(left_out).max() < 1:
        covariance = jackknife_covariance(np.arctanh(left_out))
        shared = covariance[0, 1] / np.sqrt(covariance[0, 0] * covariance[1, 1])
        recovered = combined_interval(values_of, one.interval, two.interval, shared)
    else:  # Fisher's z is infinite without one patient: the plain scale
        recovered = jackknife_difference(values_of, left_out).interval
    found = {
        NAIVE: (
            r1.interval,
            zou_interval(OverlappingCorrelations(*values_of, between, patient.size), r1.interval, r2.interval),
        ),
        DEFAULT: (one.interval, recovered),
        "jackknife, raw difference": (one.interval, jackknife_difference(values_of, left_out).interval),
    }
    if n_resamples:
        drawn = np.concatenate([resampler.resampled(w) for w in patient_weights(n_patients, n_resamples, seed)])
        found["bootstrap, expanded"] = (
            bootstrap_interval(r1.value, drawn[:, 0], n_patients).interval,
            bootstrap_interval(r1.value - r2.value, drawn[:, 0] - drawn[:, 1], n_patients).interval,
        )
    return found


def coverage(method, *, patients, icc, n_studies, n_resamples=0, seed=0):
    """Return for each variant the share of studies whose interval holds the correlation, and the difference."""
    rng = np.random.default_rng([seed, patients, int(100 * icc)])
    first, second = truths(method, icc)
    held: dict[str, list[tuple[bool, bool]]] = {}
    for number in range(n_studies):
        values, patient = study(rng, patients, icc)
        for name, (one, difference) in intervals(values, patient, method, n_resamples=n_resamples, seed=number).items():
            held.setdefault(name, []).append((_holds(one, first), _holds(difference, first - second)))
    return {name: np.mean(found, axis=0) for name, found in held.items()}


def rows(n_studies: int) -> Iterator[Row]:
    """Give each coefficient and its difference from another's: what, ICC, patients, nested coverage, naive."""
    for method in COEFFICIENTS:
        for icc in CORRELATIONS:
            for patients in PATIENTS:
                found = coverage(method, patients=patients, icc=icc, n_studies=n_studies)
                for part, name in enumerate(
                    (f"{method.capitalize()} correlation", f"{method.capitalize()} difference")
                ):
                    yield name, icc, patients, float(found[DEFAULT][part]), float(found[NAIVE][part])
    for icc in CORRELATIONS:
        for patients in PATIENTS:
            yield (
                "Somers D, four ordered classes",
                icc,
                patients,
                *ordered_coverage(patients=patients, icc=icc, n_studies=n_studies),
            )


def true_somers_d(icc, *, seed=0, n_pairs=1_000_000):
    """Return Somers' D of the first marker for the outcome cut at its quartiles, from pairs of patients."""
    rho = icc * BETWEEN[0] + (1 - icc) * WITHIN[0]
    rng = np.random.default_rng(seed)
    outcome = rng.normal(size=(2, n_pairs))
    marker = rho * outcome + np.sqrt(1 - rho**2) * rng.normal(size=(2, n_pairs))
    level = np.searchsorted(QUARTILES, outcome)
    apart = np.sign(level[0] - level[1])
    return float(np.sum(apart * np.sign(marker[0] - marker[1])) / np.sum(apart != 0))


def ordered_coverage(*, patients, icc, n_studies, seed=0):
    """Return the share of studies whose interval of Somers' D, four ordered classes, holds it: nested and naive."""
    rng = np.random.default_rng([seed, patients, int(100 * icc), 4])
    truth, held = true_somers_d(icc), []
    for _ in range(n_studies):
        (outcome, marker, _), patient = study(rng, patients, icc)
        level = np.searchsorted(QUARTILES, outcome)
        if np.ptp(level) == 0:
            continue
        each = []
        for units in (patient, np.arange(patient.size)):
            resampler = CorrelationResampler([level, marker], [(0, 1)], method="somers_d", cluster=units)
            n_units = int(units.max()) + 1
            value = float(resampler.resampled(np.ones((1, n_units)))[0, 0])
            left_out = np.concatenate([resampler.resampled(w) for w in jackknife_weights(n_units)])[:, 0]
            each.append(_holds(jackknife_interval(value, left_out).interval, truth))
        held.append(each)
    return tuple(float(share) for share in np.mean(held, axis=0))


def _holds(interval: Interval, truth: float) -> bool:
    return bool(interval.low <= truth <= interval.high)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", type=int, default=1000)
    parser.add_argument("--resamples", type=int, default=0)
    options = parser.parse_args()
    for method in COEFFICIENTS:
        for icc in (0.0, *CORRELATIONS):
            for patients in PATIENTS:
                found = coverage(
                    method, patients=patients, icc=icc, n_studies=options.studies, n_resamples=options.resamples
                )
                cells = "; ".join(f"{name} {100 * one:.1f} {100 * two:.1f}" for name, (one, two) in found.items())
                print(f"{method:>9} icc {icc} K {patients:>3}: {cells}", flush=True)


if __name__ == "__main__":
    main()
