"""Simulated coverage of intervals of half-lives, Patlak lines and censored log-normal summaries.

Run ``python -m tests.coverage.kinetics`` (from the repository; some minutes) for the tables; ``--studies 50`` for a
look. *Curves*: blood falls with half-lives of 6 and 50 h (shares 0.35 and 0.65), 10 samples, log-normal error of 5 or
15 %. *Patlak*: seven scans from 1 to 144 h, tissue error of 5 % (plasma 3 %), a reversible part of half V_T that fills
with a time constant of 8 h, so that the plot is a line from 24 h on (single lesions: 5, 7 or 12 scans, other parts and
errors too); Ki log-normal over lesions (SD 0.5, of which a
share is the patient's). *Censored*: log SD 0.8, a share of values below the limit, lesions nested in patients.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator

import numpy as np

from biomarker.kernels.censored_lognormal import fit_censored_lognormal, geometric_mean_interval, mean_interval
from biomarker.kernels.describe import mean_interval as plain_mean_interval
from biomarker.kernels.exponentials import delta_interval, fit_exponentials, profile_interval
from biomarker.kernels.patlak import linear_from, patlak_line, patlak_points, weights_of
from biomarker.kernels.patlak_choice import chosen_line
from tests.coverage.proportions import lesion_counts

PATIENTS = (10, 15, 20, 40)
HOURS = np.array([0.5, 1, 2, 4, 8, 16, 24, 48, 96, 168])
SCANS = np.array([1.0, 4, 24, 48, 72, 96, 144])
HALF_LIVES, SHARES = np.array([6.0, 50.0]), np.array([0.35, 0.65])
KI, SPREAD, V_T, FILLS = 0.01, 0.5, 0.4, 8.0
LOG_SD = 0.8
DESIGNS = {  # hours of scans, and the first on the line
    5: (np.array([1.0, 24, 48, 96, 144]), 1),
    7: (SCANS, 2),
    12: (np.array([1.0, 2, 4, 8, 16, 24, 36, 48, 72, 96, 120, 144]), 5),
}
BENDS = {"none": 0.0, "slight": 0.25, "middling": 0.5, "strong": 0.9}  # reversible part of V_T


def lesions(n_lesions, n_scans, error, bend, weights="1/y2", seed=0):
    """Return shares of Ki and of V_T that limits of single lesions hold: t* chosen; chosen, taken as known; given."""
    rng = np.random.default_rng([seed, n_scans, int(1000 * error), int(100 * bend)])
    hours, straight = DESIGNS[n_scans]
    plasma = 10 * (0.4 * np.exp(-hours / 6) + 0.6 * np.exp(-hours / 80))
    tissue = KI * patlak_points(hours, plasma, hours, plasma).x * plasma
    tissue += V_T * (1 - bend * np.exp(-hours / FILLS)) * plasma
    held = []
    for number in range(n_lesions):
        measured = plasma * np.exp(0.03 * rng.normal(size=n_scans))
        points = patlak_points(hours, measured, hours, tissue * np.exp(error * rng.normal(size=n_scans)))
        weight = weights_of(points, measured, weights)
        line, _ = chosen_line(points, measured, weights, 0.1, n_resamples=200, rng=number)
        for one in (line, patlak_line(points, line.first, weight), patlak_line(points, straight, weight)):
            for true, (low, high) in ((KI, one.slope_interval), (V_T, one.intercept_interval)):
                held.append(low <= true <= high)
    return np.mean(np.reshape(held, (n_lesions, 3, 2)), axis=0)


def log_area(theta):
    half = theta.size // 2
    return np.log(np.sum(np.exp(theta[:half] - theta[half:])))


def curves(n_studies, error, seed=0):
    """Return by quantity the shares of delta and of profile limits of single curves that hold the truth."""
    rng = np.random.default_rng([seed, int(1000 * error)])
    truth = SHARES @ np.exp(-np.log(2) * HOURS / HALF_LIVES[:, None])
    quantities = {
        "fast half-life": (lambda p: -p[2], np.log(HALF_LIVES[0] / np.log(2))),
        "slow half-life": (lambda p: -p[3], np.log(HALF_LIVES[1] / np.log(2))),
        "AUC to infinity": (log_area, np.log(SHARES @ HALF_LIVES / np.log(2))),
    }
    held = {name: [] for name in quantities}
    for _ in range(n_studies):
        value = truth * np.exp(error * rng.normal(size=HOURS.size))
        fit = fit_exponentials(HOURS, value, 2, weights="proportional")
        if fit.reason:
            continue
        for name, (quantity, true) in quantities.items():
            delta = delta_interval(fit, quantity)
            profile = profile_interval(fit, quantity, HOURS, value, weights="proportional")
            held[name].append([low <= true <= high for low, high in (delta, profile)])
    return {name: (*np.mean(answers, axis=0), len(answers) / n_studies) for name, answers in held.items()}


def influx(n_studies, patients, share, seed=0):
    """Return shares of nested and of naive limits of the mean Ki over lesions, t* chosen, that hold the truth."""
    rng = np.random.default_rng([seed, patients, int(100 * share)])
    plasma = 10 * (0.4 * np.exp(-SCANS / 6) + 0.6 * np.exp(-SCANS / 80))
    area = patlak_points(SCANS, plasma, SCANS, plasma).x * plasma
    mean = KI * np.exp(SPREAD**2 / 2)
    distribution = V_T * (1 - 0.5 * np.exp(-SCANS / FILLS)) * plasma
    nested, naive = [], []
    for _ in range(n_studies):
        patient = np.repeat(np.arange(patients), lesion_counts(rng, patients, 1.0))
        z = np.sqrt(share) * rng.normal(size=patients)[patient] + np.sqrt(1 - share) * rng.normal(size=patient.size)
        ki = KI * np.exp(SPREAD * z)
        measured = plasma * np.exp(0.03 * rng.normal(size=(patients, SCANS.size)))
        found = []
        for rate, owner in zip(ki, patient, strict=True):
            tissue = (rate * area + distribution) * np.exp(0.05 * rng.normal(size=SCANS.size))
            points = patlak_points(SCANS, measured[owner], SCANS, tissue)
            weights = weights_of(points, measured[owner], "1/y2")
            found.append(patlak_line(points, linear_from(points, weights, 0.1)[0], weights).slope)
        for answers, cluster in ((nested, patient), (naive, None)):
            low, high = plain_mean_interval(found, cluster).interval
            answers.append(low <= mean <= high)
    return float(np.mean(nested)), float(np.mean(naive))


def censored(n_studies, patients, share, below, seed=0):
    """Return shares that hold the truth: geometric mean and mean, each nested and as if independent."""
    rng = np.random.default_rng([seed, patients, int(100 * share), int(100 * below)])
    held = []
    for _ in range(n_studies):
        patient = np.repeat(np.arange(patients), lesion_counts(rng, patients, 1.0))
        z = np.sqrt(share) * rng.normal(size=patients)[patient] + np.sqrt(1 - share) * rng.normal(size=patient.size)
        value = np.exp(LOG_SD * z)
        limit = np.exp(LOG_SD * np.sqrt(2) * _erfinv(2 * below - 1)) if below else 0.0
        answers = []
        for cluster in (patient, None):
            fit = fit_censored_lognormal(np.maximum(value, limit), value < limit, cluster)
            for true, (low, high) in (
                (1.0, geometric_mean_interval(fit)),
                (np.exp(LOG_SD**2 / 2), mean_interval(fit)),
            ):
                answers.append(low <= true <= high)
        held.append(answers)
    return np.mean(held, axis=0)


def _erfinv(value):
    from scipy.special import erfinv

    return float(erfinv(value))


def rows(n_studies: int) -> Iterator[tuple[str, float, int, float, float]]:
    """Give a line for each quantity, within-patient correlation and number of patients: nested, and naive."""
    for share in (0.2, 0.5):
        for patients in PATIENTS:
            nested, naive = influx(n_studies, patients, share)
            yield "Mean Patlak Ki", share, patients, nested, naive
            for below in (0.0, 0.3, 0.6):
                gm, mean, gm_naive, mean_naive = censored(n_studies, patients, share, below)
                yield f"Geometric mean, {below:.0%} below the limit", share, patients, float(gm), float(gm_naive)
                yield f"Mean, {below:.0%} below the limit", share, patients, float(mean), float(mean_naive)


def section(n_studies: int) -> list[str]:
    """Return the tables of single curves and lesions, and of means over patients."""
    lines = [
        "| One patient's curve, or one lesion | Error | Interval | Another |",
        "|---|---|---|---|",
    ]
    for error in (0.05, 0.15):
        for name, (delta, profile, _) in curves(4 * n_studies, error).items():
            cells = f"delta {100 * delta:.1f}", f"profile {100 * profile:.1f}"
            lines.append(f"| {name[0].upper()}{name[1:]} of two phases | {error:.0%} | {' | '.join(cells)} |")
    lines += ["", *patlak_table(2 * n_studies)]
    found = list(rows(n_studies))
    sizes = sorted({row[2] for row in found})
    lines += [
        "",
        f"| Interval | ICC | {' | '.join(f'{size} patients' for size in sizes)} |",
        f"|---|---|{'---|' * len(sizes)}",
    ]
    for name, share in dict.fromkeys(row[:2] for row in found):
        cells = [f"{100 * row[3]:.1f} ({100 * row[4]:.1f})" for row in found if row[:2] == (name, share)]
        lines.append(f"| {name} | {share:g} | {' | '.join(cells)} |")
    return lines


def patlak_table(n_lesions: int) -> list[str]:
    """Return the table of single lesions: limits that allow for the choice of t*, that do not, and for a given t*."""
    lines = [
        "| One lesion's Patlak line (t* chosen; taken as known; given) | Error | Bend | Ki | V_T |",
        "|---|---|---|---|---|",
    ]
    designs = [("1/y2", n, error, bend) for n in DESIGNS for error in (0.03, 0.05, 0.1) for bend in BENDS]
    designs += [("constant", 7, error, bend) for error in (0.03, 0.1) for bend in ("none", "slight")]
    for weights, n_scans, error, bend in designs:
        cells = 100 * lesions(n_lesions, n_scans, error, BENDS[bend], weights)
        shown = [f"{chosen:.1f} ({known:.1f}; {given:.1f})" for chosen, known, given in cells.T]
        name = f"{n_scans} scans, {'weights 1/y²' if weights == '1/y2' else 'equal weights'}"
        lines.append(f"| {name} | {error:.0%} | {bend} | {' | '.join(shown)} |")
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", type=int, default=1000)
    n = parser.parse_args().studies
    print("coverage (%) of nominal 95 % intervals")
    for error in (0.05, 0.15):
        for name, (delta, profile, usable) in curves(n, error).items():
            print(
                f"error {error:4.0%}  {name:16} delta {100 * delta:5.1f}  profile {100 * profile:5.1f}  "
                f"usable {usable:.0%}"
            )
    print(*patlak_table(n), sep="\n")
    for share in (0.2, 0.5):
        for patients in PATIENTS:
            nested, naive = influx(max(20, n // 4), patients, share)
            print(f"Mean Ki, ICC {share}  {patients:2} patients: {100 * nested:5.1f} ({100 * naive:5.1f})")
    for below in (0.0, 0.3, 0.6):
        for share in (0.2, 0.5):
            for patients in PATIENTS:
                gm, mean, gm_naive, mean_naive = 100 * censored(n, patients, share, below)
                print(
                    f"{below:.0%} below, ICC {share}  {patients:2} patients: geometric mean {gm:5.1f} ({gm_naive:5.1f})"
                    f"  mean {mean:5.1f} ({mean_naive:5.1f})",
                    flush=True,
                )


if __name__ == "__main__":
    main()
