"""Simulated coverage of intervals for the odds ratio of response per doubling of uptake, lesions nested in patients.

Run ``python -m tests.coverage.odds_ratio`` (from the repository; a few minutes) for the table that the defaults of
`biomarker.analyses.response_model` were chosen by. Lesion counts are 1 + negative binomial, as in
`tests/coverage/proportions.py`. The log2 uptake of lesions is normal with a patient's own share `correlation` of the
variance; response is logistic in it, with exactly that odds ratio between lesions of different patients, and a latent
normal correlation `correlation` between lesions of one patient.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator

import numpy as np
from scipy.special import expit, logit, ndtr, ndtri, stdtrit

from biomarker.kernels.gee import fit_gee, nested_rows, patient_scores
from biomarker.kernels.interval import Interval
from biomarker.kernels.logistic import fit_logistic
from biomarker.kernels.profile_likelihood import profile_limits
from biomarker.kernels.proportional_odds import fit_proportional_odds, row_scores
from biomarker.kernels.sandwich import sandwich
from biomarker.kernels.separation import separated_columns

PATIENTS = (10, 15, 20, 40)
CORRELATIONS = (0.2, 0.5)
ODDS_RATIOS = (1.0, 2.5)
MEAN_LESIONS = 4.5
DISPERSION = 0.7
Z = float(ndtri(0.975))

Trial = tuple[np.ndarray, np.ndarray, np.ndarray]


def trials(
    *, patients: int, correlation: float, odds_ratio: float, n_studies: int, by_patient: bool = False
) -> Iterator[Trial]:
    """Yield designs (intercept and log2 uptake, or a patient's own uptake), responses and patients."""
    rng = np.random.default_rng([patients, int(100 * correlation), int(100 * odds_ratio), int(by_patient)])
    own, rest = np.sqrt(correlation), np.sqrt(1 - correlation)
    done = 0
    while done < n_studies:
        extra = rng.negative_binomial(DISPERSION, DISPERSION / (DISPERSION + MEAN_LESIONS - 1), size=patients)
        patient = np.repeat(np.arange(patients), 1 + extra)
        shared = rng.normal(size=patients)[patient]
        uptake = shared if by_patient else own * shared + rest * rng.normal(size=patient.size)
        latent = own * rng.normal(size=patients)[patient] + rest * rng.normal(size=patient.size)
        response = ndtr(latent) < expit(np.log(odds_ratio) * uptake)
        if response.all() or not response.any():
            continue
        done += 1
        yield np.column_stack([np.ones(patient.size), uptake]), response, patient


def label(working: str, correction: str, reference: str) -> str:
    """Name a variant, and mark the one the package uses."""
    name = f"{working}, {correction}, {reference}"
    return f"{name} (default)" if name == "exchangeable, mancl-derouen, t(K-p)" else name


def gee_limits(design, response, patient, *, exchangeable: bool) -> dict[str, Interval]:
    """Intervals of the log odds ratio by each correction and reference distribution."""
    rows = nested_rows(design, response, patient)
    fit = fit_gee(rows, exchangeable=exchangeable)
    beta, k = float(fit.coefficients[0, 1]), rows.sizes.size
    working = "exchangeable" if exchangeable else "independence"
    parts = patient_scores(rows, fit.coefficients[0], float(fit.correlation[0]))
    found = {}
    for correction in ("none", "kauermann-carroll", "fay-graubard", "mancl-derouen"):
        made = sandwich(*parts, correction=correction)
        error = np.sqrt(made.covariance[1, 1])
        for name, df in (("z", np.inf), ("t(K-p)", k - 2), ("t(FG)", max(made.df[1], 1.0))):
            width = (Z if np.isinf(df) else stdtrit(df, 0.975)) * error
            found[label(working, correction, name)] = Interval(beta - width, beta + width)
    return found


def naive_limits(design, response) -> Interval:
    """Wald's interval with every lesion as independent."""
    fit = fit_logistic(design, response)
    beta, error = fit.coefficients[0, 1], np.sqrt(np.linalg.inv(fit.information[0])[1, 1])
    return Interval(beta - Z * error, beta + Z * error)


def firth_limits(design, response, patient) -> Interval:
    """Firth's profile interval where uptake separates the responses: each patient counts once."""
    weights = (1 / np.bincount(patient))[patient]
    fit = fit_logistic(design, response, weights, penalized=True)

    def profile(values, which):
        start = np.tile(fit.coefficients[0], (values.size, 1))
        start[:, 1] = values
        free = np.tile([True, False], (values.size, 1))
        return fit_logistic(design, response, weights, penalized=True, start=start, free=free).log_likelihood

    error = np.sqrt(np.linalg.inv(fit.information[0])[1, 1])
    low, high = profile_limits(profile, fit.coefficients[0, 1:], [error], float(fit.log_likelihood[0]), z=Z)
    return Interval(low[0], high[0])


def limits(design, response, patient) -> dict[str, Interval]:
    """Intervals by each variant, one trial."""
    centred = design[:, 1:] - design[:, 1:].mean(axis=0)
    if separated_columns(centred, response).any():
        firth = firth_limits(design, response, patient)
        return dict.fromkeys(NAMES, firth)
    return {
        "naive": naive_limits(design, response),
        **gee_limits(design, response, patient, exchangeable=True),
        **gee_limits(design, response, patient, exchangeable=False),
    }


NAMES = [
    "naive",
    *(
        label(working, correction, reference)
        for working in ("exchangeable", "independence")
        for correction in ("none", "kauermann-carroll", "fay-graubard", "mancl-derouen")
        for reference in ("z", "t(K-p)", "t(FG)")
    ),
]


def coverage(**design) -> dict[str, float]:
    """Share of intervals that hold the true odds ratio, by variant."""
    truth = float(np.log(design["odds_ratio"]))
    held = [
        {name: bool(found.low <= truth <= found.high) for name, found in limits(*trial).items()}
        for trial in trials(**design)
    ]
    return {name: float(np.mean([each[name] for each in held])) for name in NAMES}


def ordinal_coverage(*, patients: int, correlation: float, odds_ratio: float, n_studies: int) -> dict[str, float]:
    """Share of intervals that hold the true odds ratio of a higher one of four levels: naive, and the default."""
    rng = np.random.default_rng([patients, int(100 * correlation), int(100 * odds_ratio), 4])
    own, rest = np.sqrt(correlation), np.sqrt(1 - correlation)
    held: dict[str, list[bool]] = {"naive": [], "mancl-derouen, t(K-p) (default)": []}
    while len(held["naive"]) < n_studies:
        extra = rng.negative_binomial(DISPERSION, DISPERSION / (DISPERSION + MEAN_LESIONS - 1), size=patients)
        patient = np.repeat(np.arange(patients), 1 + extra)
        uptake = own * rng.normal(size=patients)[patient] + rest * rng.normal(size=patient.size)
        latent = own * rng.normal(size=patients)[patient] + rest * rng.normal(size=patient.size)
        logistic = logit(ndtr(latent)) + np.log(odds_ratio) * uptake
        level = np.digitize(logistic, [-1.0, 0.3, 1.5])
        if np.unique(level).size < 4 or separated_columns(uptake[:, None] - uptake.mean(), level).any():
            continue
        fit = fit_proportional_odds(uptake[:, None], level)
        beta, truth = float(fit.coefficients[0, 0]), np.log(odds_ratio)
        naive = Z * np.sqrt(np.linalg.inv(fit.information[0])[3, 3])
        parts = row_scores(uptake[:, None], level, np.append(fit.cuts[0], beta))
        scores, informations = np.zeros((patients, 4)), np.zeros((patients, 4, 4))
        np.add.at(scores, patient, parts.scores)
        np.add.at(informations, patient, parts.informations)
        robust = stdtrit(patients - 2, 0.975) * np.sqrt(sandwich(scores, informations).covariance[3, 3])
        for name, width in zip(held, (naive, robust), strict=True):
            held[name].append(bool(abs(beta - truth) <= width))
    return {name: float(np.mean(each)) for name, each in held.items()}


def rows(n_studies: int) -> Iterator[tuple[str, float, int, float, float]]:
    """Give the odds ratio of uptake of lesions, of patients, and for four levels in order, by ICC and patients."""
    for by_patient, what in (
        (False, "Odds ratio 2.5 of a lesion's uptake"),
        (True, "Odds ratio 2.5 of a patient's uptake"),
    ):
        for correlation in CORRELATIONS:
            for patients in PATIENTS:
                design = {"patients": patients, "correlation": correlation, "odds_ratio": 2.5}
                held = coverage(**design, n_studies=n_studies, by_patient=by_patient)
                default = next(name for name in held if name.endswith("(default)"))
                yield what, correlation, patients, held[default], held["naive"]
    for correlation in CORRELATIONS:
        for patients in PATIENTS:
            held = ordinal_coverage(patients=patients, correlation=correlation, odds_ratio=2.5, n_studies=n_studies)
            default = next(name for name in held if name.endswith("(default)"))
            yield "Odds ratio 2.5, four levels in order", correlation, patients, held[default], held["naive"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", type=int, default=1000)
    n = parser.parse_args().studies
    columns = [
        (by_patient, odds_ratio, correlation, patients)
        for by_patient in (False, True)
        for odds_ratio in ODDS_RATIOS
        for correlation in CORRELATIONS
        for patients in PATIENTS
    ]
    held = [
        coverage(patients=k, correlation=rho, odds_ratio=ratio, n_studies=n, by_patient=by_patient)
        for by_patient, ratio, rho, k in columns
    ]
    print("Odds ratio: coverage (%) of nominal 95 % intervals, by uptake of lesions or patients, OR, ICC and patients")
    for row in ("of patients", "odds ratio", "ICC", "patients"):
        place = ("of patients", "odds ratio", "ICC", "patients").index(row)
        print(f"{row:<50}" + "".join(f"{column[place]!s:>7}" for column in columns))
    for name in NAMES:
        print(f"{name:<50}" + "".join(f"{100 * each[name]:>7.1f}" for each in held), flush=True)
    print("\nFour levels in order: coverage (%), naive and with the default, lesions' own uptake")
    for ratio, rho, k in [column[1:] for column in columns if not column[0]]:
        found = ordinal_coverage(patients=k, correlation=rho, odds_ratio=ratio, n_studies=n)
        told = ", ".join(f"{name} {100 * share:.1f}" for name, share in found.items())
        print(f"odds ratio {ratio}, ICC {rho}, {k} patients: {told}", flush=True)


if __name__ == "__main__":
    main()
