"""Simulated coverage of intervals for a proportion of lesions nested in patients.

Run ``python -m tests.coverage.proportions`` (from the repository; about a minute) for the table that the default of
`biomarker.kernels.clustered_proportion` was chosen by. Lesion counts are 1 + negative binomial with mean 4.5, which
leaves a fifth of the patients with one lesion and a few with more than 15.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

import numpy as np
from scipy.special import ndtr, ndtri

from biomarker.kernels.clustered_proportion import clustered_proportion
from biomarker.kernels.interval import Interval
from biomarker.kernels.proportion import wilson_interval

PATIENTS = (10, 15, 20, 40)
CORRELATIONS = (0.2, 0.5)
PROPORTIONS = (0.7, 0.8, 0.9)
MEAN_LESIONS = 4.5


def lesion_counts(rng, shape, dispersion):
    """Return 1 + negative binomial counts; the smaller `dispersion`, the more skewed."""
    return 1 + rng.negative_binomial(dispersion, dispersion / (dispersion + MEAN_LESIONS - 1), size=shape)


def beta_binomial(rng, counts, proportion, correlation):
    """Return positive lesions of patients whose own proportions are beta distributed."""
    concentration = (1 - correlation) / correlation
    own = rng.beta(proportion * concentration, (1 - proportion) * concentration, size=counts.shape)
    return rng.binomial(counts, own)


def threshold_normal(rng, counts, proportion, correlation):
    """Return lesions above a cutoff, where `correlation` is that of the continuous marker within a patient."""
    own = ndtr((ndtri(proportion) + np.sqrt(correlation) * rng.normal(size=counts.shape)) / np.sqrt(1 - correlation))
    return rng.binomial(counts, own)


def naive(successes, trials) -> Interval:
    return wilson_interval(successes.sum(axis=-1), trials.sum(axis=-1))


def nested(**choice) -> Callable[..., Interval]:
    def limits(successes, trials) -> Interval:
        found = clustered_proportion(successes, trials, **choice)
        return Interval(found.low, found.high)

    return limits


VARIANTS: dict[str, Callable[..., Interval]] = {
    "naive Wilson": naive,
    "effective size, Wilson (default)": nested(),
    "effective size, exact": nested(interval="clopper-pearson"),
    "effective size, Jeffreys": nested(interval="jeffreys"),
    "robust, Wilson": nested(method="robust"),
    "exchangeable, Wilson": nested(method="exchangeable"),
    "logit, t(K-1)": nested(method="logit"),
    "logit, jackknife, t(K-1)": nested(method="jackknife_logit"),
}


def coverage(model, *, patients, correlation, proportion, dispersion=1.0, n_studies=4000, seed=0):
    """Return the share of simulated studies whose interval holds the true proportion, for each variant."""
    rng = np.random.default_rng([seed, patients, int(100 * correlation), int(100 * proportion), int(10 * dispersion)])
    trials = lesion_counts(rng, (n_studies, patients), dispersion)
    successes = model(rng, trials, proportion, correlation)
    found = {}
    for name, limits in VARIANTS.items():
        low, high = limits(successes, trials)
        found[name] = float(np.mean((low <= proportion) & (proportion <= high)))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", type=int, default=4000)
    n_studies = parser.parse_args().studies
    for model in (beta_binomial, threshold_normal):
        for dispersion in (1.0, 0.4):
            print(f"\n{model.__name__}, dispersion {dispersion:g}: coverage (%) of nominal 95 % intervals")
            print(f"{'patients':>8} {'icc':>4} {'p':>4}  " + "  ".join(VARIANTS))
            for patients in PATIENTS:
                for correlation in CORRELATIONS:
                    for proportion in PROPORTIONS:
                        found = coverage(
                            model,
                            patients=patients,
                            correlation=correlation,
                            proportion=proportion,
                            dispersion=dispersion,
                            n_studies=n_studies,
                        )
                        cells = "  ".join(f"{100 * found[name]:>{len(name)}.1f}" for name in VARIANTS)
                        print(f"{patients:>8} {correlation:>4} {proportion:>4}  {cells}")


if __name__ == "__main__":
    main()
