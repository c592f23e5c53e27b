"""Simulated coverage of the intervals of limits of agreement and of concordance, nested and replicated.

Run ``python -m tests.coverage.limits_of_agreement`` (from the repository; a minute or two) for the tables that the
defaults of `limits_of_agreement` and `concordance_correlation` were chosen by; ``--studies 200`` for a look.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator

import numpy as np
from scipy.special import ndtr

from biomarker.kernels.concordance_correlation import (
    concordance,
    jackknife_intervals,
    lin_interval,
    moments,
    reading_sums,
)
from biomarker.kernels.interval import Interval
from biomarker.kernels.limits_nested import nested_limits_of_agreement, within_item
from biomarker.kernels.limits_of_agreement import limits_of_agreement
from biomarker.kernels.limits_trend import regression_limits
from biomarker.kernels.limits_with_mean import limits_with_mean

PATIENTS = (10, 15, 20, 40)
Z = 1.959963985

Held = dict[str, bool]


def holds(interval: Interval, true: float) -> bool:
    return bool(interval.low <= true <= interval.high)


def lesion_patients(rng: np.random.Generator, patients: int) -> np.ndarray:
    """Return the patient of each lesion: 1 to 6 lesions a patient."""
    return np.repeat(np.arange(patients), rng.integers(1, 7, size=patients))


def independent(rng: np.random.Generator, patients: int) -> Held:
    """Give one pair a patient, no bias, SD 1."""
    d = rng.normal(size=patients)
    exact, pair, approximate = (limits_of_agreement(d, interval=i) for i in ("exact", "exact_pair", "approximate"))
    shares = [
        float(ndtr(found[1]) - ndtr(found[0]))
        for found in (
            (pair.lower_interval.high, pair.upper_interval.low), (pair.lower_interval.low, pair.upper_interval.high),
        )
    ]  # fmt: skip
    return {
        "bias, t": holds(exact.bias_interval, 0),
        "upper limit, exact (default)": holds(exact.upper_interval, Z),
        "upper limit, approximate": holds(approximate.upper_interval, Z),
        "share between both limits, exact pair": shares[0] <= 0.95 <= shares[1],
        "both limits, exact each": holds(exact.lower_interval, -Z) and holds(exact.upper_interval, Z),
        "SD, chi-square": holds(exact.sd_interval, 1),
    }


def nested(rng: np.random.Generator, patients: int, share: float = 0.5) -> Held:
    """Give lesions nested in patients; `share` of the variance lies between patients."""
    patient = lesion_patients(rng, patients)
    d = np.sqrt(share) * rng.normal(size=patients)[patient] + np.sqrt(1 - share) * rng.normal(size=patient.size)
    found, naive = nested_limits_of_agreement(d, patient), limits_of_agreement(d)
    return {
        "bias, patients' means (default)": holds(found.bias_interval, 0),
        "bias, naive": holds(naive.bias_interval, 0),
        "upper limit, MOVER (default)": holds(found.upper_interval, Z),
        "upper limit, naive exact": holds(naive.upper_interval, Z),
        "SD between patients": holds(found.between_interval, np.sqrt(share)),
        "SD within patients": holds(found.within_interval, np.sqrt(1 - share)),
    }


def replicated(rng: np.random.Generator, patients: int) -> Held:
    """Give 1 to 4 unpaired replicates of one item a patient by each of two readers, who differ by item too."""
    within, means = [], []
    for _ in range(2):
        item = np.repeat(np.arange(patients), rng.integers(1, 5, size=patients))
        x = np.sqrt(0.3) * rng.normal(size=item.size) + np.sqrt(0.2) * rng.normal(size=patients)[item]
        within.append(within_item(x, item))
        means.append(np.bincount(item, x) / np.bincount(item))
    found = nested_limits_of_agreement(means[0] - means[1], None, within)
    naive = limits_of_agreement(means[0] - means[1])
    return {
        "bias (default)": holds(found.bias_interval, 0),
        "upper limit, MOVER (default)": holds(found.upper_interval, Z),
        "upper limit, of means": holds(naive.upper_interval, Z),
    }


def both(rng: np.random.Generator, patients: int) -> Held:
    """Give two paired sessions of lesions nested in patients: variances 0.3, 0.3 and 0.4."""
    patient = lesion_patients(rng, patients)
    item = np.repeat(np.arange(patient.size), 2)
    d = np.sqrt(0.4) * rng.normal(size=item.size) + np.sqrt(0.3) * rng.normal(size=patient.size)[item]
    d += np.sqrt(0.3) * rng.normal(size=patients)[patient[item]]
    found = nested_limits_of_agreement(np.bincount(item, d) / 2, patient, [within_item(d, item)])
    return {
        "bias (default)": holds(found.bias_interval, 0),
        "upper limit, MOVER (default)": holds(found.upper_interval, Z),
        "upper limit, naive exact": holds(limits_of_agreement(d).upper_interval, Z),
    }


def several(rng: np.random.Generator, patients: int) -> Held:
    """Give three and six readers of lesions nested in patients; a reader's own level, and with a patient, varies."""
    held = {}
    for readers in (3, 6):
        patient = lesion_patients(rng, patients)
        x = 0.5 * rng.normal(size=readers) + 0.5 * rng.normal(size=(patients, readers))[patient]
        x = x + np.sqrt(0.5) * rng.normal(size=(patient.size, readers))
        true = Z * np.sqrt(1 - 1 / readers)
        held[f"{readers} readers, nested (default)"] = holds(limits_with_mean(x, patient).interval, true)
        held[f"{readers} readers, naive"] = holds(limits_with_mean(x).interval, true)
    return held


def sloping(rng: np.random.Generator, patients: int) -> Held:
    """Give differences whose spread grows with the mean, at a mean of 5; lesions nested in patients or not."""
    patient = lesion_patients(rng, patients)
    held = {}
    for name, code in (("independent", np.arange(patients)), ("nested", patient)):
        mean = rng.uniform(1, 9, size=code.size)
        noise = np.sqrt(0.5) * (rng.normal(size=patients)[code] + rng.normal(size=code.size))
        found = regression_limits(0.1 * mean * (1 + noise), mean, [5.0], code)
        held[f"bias, {name} (default)"] = bool(found.bias_interval.low[0] <= 0.5 <= found.bias_interval.high[0])
        true = 0.5 + Z * 0.5
        held[f"upper limit, {name} (default)"] = bool(
            found.upper_interval.low[0] <= true <= found.upper_interval.high[0]
        )
    return held


def concordant(rng: np.random.Generator, patients: int) -> Held:
    """Give two and three readers: independent items, nested lesions, unpaired replicates; true coefficient 0.8."""
    held = {}
    for name, readers, is_nested, replicates in (
        ("two readers", 2, False, 1), ("two readers, nested", 2, True, 1), ("three readers, nested", 3, True, 1),
        ("two readers, two replicates", 2, False, 2),
    ):  # fmt: skip
        patient = lesion_patients(rng, patients) if is_nested else np.arange(patients)
        n = patient.size
        true = np.sqrt(0.5) * (rng.normal(size=patients)[patient] + rng.normal(size=n))
        # readers 0.2 apart on either side: half of the mean square between readers, the rest error
        level = np.linspace(-0.2, 0.2, readers)
        apart = level.var() * readers / (readers - 1)
        x = true[:, None, None] + level[:, None] + np.sqrt(0.25 - apart) * rng.normal(size=(n, readers, replicates))
        item, reader, _ = np.indices(x.shape)
        sums = reading_sums(x.ravel(), item.ravel(), reader.ravel(), patient)
        is_lins = name == "two readers"
        held[f"{name}, jackknife{'' if is_lins else ' (default)'}"] = holds(
            Interval(*jackknife_intervals(sums).ccc), 0.8
        )
        if readers == 2 and replicates == 1:
            by_item = reading_sums(x.ravel(), item.ravel(), reader.ravel())
            limits = lin_interval(concordance(moments(by_item)), n)
            held[f"{name}, Lin{' (default)' if is_lins else ', naive'}"] = holds(limits, 0.8)
    return held


DESIGNS: dict[str, Callable[[np.random.Generator, int], Held]] = {
    "Limits of agreement, one pair a patient": independent,
    "Limits of agreement, lesions nested in patients": nested,
    "Limits of agreement, unpaired replicates": replicated,
    "Limits of agreement, paired replicates of nested lesions": both,
    "Limits of agreement with the mean": several,
    "Regression limits of agreement": sloping,
    "Concordance correlation": concordant,
}

SHARED = 0.5  # of the variance of a difference (or of a lesion's true value), between patients

COMPARED = (
    ("Limits of agreement: bias", nested, "bias, patients' means (default)", "bias, naive"),
    ("Limits of agreement: limit", nested, "upper limit, MOVER (default)", "upper limit, naive exact"),
    ("Limits of agreement: limit, replicates", replicated, "upper limit, MOVER (default)", "upper limit, of means"),
    ("Limits of agreement with the mean of 6", several, "6 readers, nested (default)", "6 readers, naive"),
    (
        "Concordance correlation",
        concordant,
        "two readers, nested, jackknife (default)",
        "two readers, nested, Lin, naive",
    ),
)  # fmt: skip


def coverage(design: Callable[[np.random.Generator, int], Held], *, patients: int, n_studies: int) -> dict[str, float]:
    """Return the share of simulated studies whose interval holds the true value, for each interval."""
    rng = np.random.default_rng([20261121, patients])
    held = [design(rng, patients) for _ in range(n_studies)]
    return {name: float(np.mean([one[name] for one in held])) for name in held[0]}


def details(n_studies: int) -> Iterator[tuple[str, str, int, float]]:
    """Give design, interval, patients and coverage."""
    for title, design in DESIGNS.items():
        for patients in PATIENTS:
            for name, share in coverage(design, patients=patients, n_studies=n_studies).items():
                yield title, name, patients, share


def rows(n_studies: int) -> Iterator[tuple[str, float, int, float, float]]:
    """Give the default interval and the naive one of nested or replicated readings, by patients."""
    for what, design, default, naive in COMPARED:
        for patients in PATIENTS:
            held = coverage(design, patients=patients, n_studies=n_studies)
            yield what, SHARED, patients, held[default], held[naive]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", type=int, default=2000)
    found = list(details(parser.parse_args().studies))
    for title in DESIGNS:
        print(f"\n{title}: coverage (%) of nominal 95 % intervals at {', '.join(map(str, PATIENTS))} patients")
        for name in dict.fromkeys(row[1] for row in found if row[0] == title):
            cells = "  ".join(f"{100 * row[3]:5.1f}" for row in found if row[:2] == (title, name))
            print(f"{name:<42} {cells}")


if __name__ == "__main__":
    main()
