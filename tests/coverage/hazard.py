"""Simulated coverage of intervals for hazard ratios, plain and with Firth's penalty, and for the c-index.

Run ``python -m tests.coverage.hazard`` from the repository (a few minutes; ``--studies 200`` for a look). Times are
exponential with a log hazard ratio of a normal marker (a doubling, say) and of an unbalanced class; patients are
followed until 10, 20 or 40 of twice as many have had the event. The truth of a c-index is that of a very large study
under the same censoring for Harrell's, and without censoring up to the end of follow-up for Uno's.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator

import numpy as np
from scipy.special import expit, logit, ndtri

from biomarker.kernels.concordance import concordance
from biomarker.kernels.cox_newton import fit_many
from biomarker.kernels.firth_cox import profile_intervals
from biomarker.kernels.interval import Interval
from biomarker.kernels.risk_sets import risk_sets

EVENTS = (10, 20, 40)
LOG_RATIOS = (0.7, 1.2)  # of the marker, and of the class
SHARE = 0.25  # of patients in the class
Z = float(ndtri(0.975))
LARGE = 200_000

Study = tuple[np.ndarray, np.ndarray, np.ndarray]


def studies(*, events: int, n_studies: int) -> Iterator[Study]:
    """Yield design, duration and event of studies that end with their last event wanted."""
    rng = np.random.default_rng([events, 20261121])
    for _ in range(n_studies):
        n = 2 * events
        x = np.column_stack([rng.normal(size=n), rng.random(n) < SHARE]).astype(float)
        if x[:, 1].std() == 0:
            continue
        failure = rng.exponential(size=n) * np.exp(-x @ LOG_RATIOS)
        end = np.sort(failure)[events - 1]
        yield x, np.minimum(failure, end), failure <= end


def ratio_limits(study: Study) -> dict[str, np.ndarray]:
    """Give estimates and limits of both log hazard ratios, shape (3, 2), by each method.

    Where events are separated the plain estimate is missing and its limits are infinite.
    """
    x, t, e = study
    sets = risk_sets(t, e)
    plain, firth = fit_many(x, sets), fit_many(x, sets, penalized=True)
    found = {}
    for name, fit in (("plain, Wald", plain), ("Firth, Wald", firth)):
        if not fit.converged[0]:
            found[name] = np.stack([np.full(2, value) for value in (np.nan, -np.inf, np.inf)])
            continue
        beta, width = fit.coefficients[0], Z * np.sqrt(np.diag(np.linalg.inv(fit.information[0])))
        found[name] = np.stack([beta, beta - width, beta + width])
    found["Firth, profile (default)"] = np.stack([firth.coefficients[0], *profile_intervals(x, sets, firth).interval])
    return found


def ratio_coverage(*, events: int, n_studies: int) -> dict[str, tuple[float, float, float]]:
    """Give coverage of the marker's and the class's ratio, and the mean bias of the marker's, by method."""
    held: dict[str, list[np.ndarray]] = {}
    for study in studies(events=events, n_studies=n_studies):
        for name, (estimate, low, high) in ratio_limits(study).items():
            inside = (low <= LOG_RATIOS) & (high >= LOG_RATIOS)
            held.setdefault(name, []).append(np.append(inside, estimate[0]))
    return {
        name: (float(both[:, 0].mean()), float(both[:, 1].mean()), float(np.nanmean(both[:, 2]) - LOG_RATIOS[0]))
        for name, both in ((name, np.array(rows)) for name, rows in held.items())
    }


def limits_of_c(value: float, std_error: float) -> Interval:
    """Return the interval of the package, on the logit scale."""
    if not (0 < value < 1 and std_error > 0):
        return Interval(np.nan, np.nan)
    width = Z * std_error / (value * (1 - value))
    return Interval(float(expit(logit(value) - width)), float(expit(logit(value) + width)))


def c_studies(*, events: int, n_studies: int) -> Iterator[Study]:
    """Yield score, duration and event: twice as many patients as events wanted, censored at random and at an end."""
    rng = np.random.default_rng([events, 20261122])
    for _ in range(n_studies):
        yield _censored(rng, 2 * events)


def _censored(rng: np.random.Generator, n: int) -> Study:
    score = rng.normal(size=n)
    failure = rng.exponential(size=n) * np.exp(-LOG_RATIOS[0] * score)
    gone = np.minimum(rng.exponential(2.0, size=n), 3.0)
    return score, np.minimum(failure, gone), failure <= gone


def true_c() -> dict[str, float]:
    """Return what each c-index estimates, from a very large study; Uno's from one that nobody leaves before its end."""
    rng = np.random.default_rng(7)
    score, t, e = _censored(rng, LARGE)
    failure = rng.exponential(size=LARGE) * np.exp(-LOG_RATIOS[0] * score)
    return {
        "harrell": concordance(t, e, score).value,
        "uno": concordance(np.minimum(failure, 3.0), failure <= 3.0, score).value,
    }


def c_coverage(*, events: int, n_studies: int) -> dict[str, tuple[float, float]]:
    """Give the coverage and bias of Harrell's and Uno's c of a score that is given."""
    truth, held = true_c(), {"harrell": [], "uno": []}
    for score, t, e in c_studies(events=events, n_studies=n_studies):
        for name, rows in held.items():
            c = concordance(t, e, score, weighting=name)
            low, high = limits_of_c(c.value, c.std_error)
            rows.append((low <= truth[name] <= high, c.value - truth[name]))
    return {name: (float(np.mean(rows, 0)[0]), float(np.nanmean(np.array(rows)[:, 1]))) for name, rows in held.items()}


def coverage(*, events: int, n_studies: int) -> dict[str, float]:
    """Give the coverage of every interval, by name, for one number of events."""
    found = {}
    for name, (marker, of_class, _) in ratio_coverage(events=events, n_studies=n_studies).items():
        found[f"hazard ratio of a marker, {name}"] = marker
        found[f"hazard ratio of a class, {name}"] = of_class
    for name, (share, _) in c_coverage(events=events, n_studies=n_studies).items():
        found[f"{name.capitalize()} c-index"] = share
    return found


def rows(n_studies: int) -> Iterator[tuple[str, float, int, float, float]]:
    """Give hazard ratios with Firth's penalty (and plain), and c-indices (twice: they have one interval), by events."""
    for events in EVENTS:
        found = coverage(events=events, n_studies=n_studies)
        for what in ("marker", "class"):
            ours, plain = (
                found[f"hazard ratio of a {what}, {how}"] for how in ("Firth, profile (default)", "plain, Wald")
            )
            yield f"Hazard ratio of a {what}", 0.0, events, ours, plain
        for name in ("Harrell c-index", "Uno c-index"):
            yield name, 0.0, events, found[name], found[name]


def main() -> None:
    """Print one line an interval and number of events."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", type=int, default=2000)
    n = parser.parse_args().studies
    print("coverage (%) of nominal 95 % intervals")
    for events in EVENTS:
        for name, (marker, of_class, bias) in ratio_coverage(events=events, n_studies=n).items():
            told = f"marker {100 * marker:5.1f}  class {100 * of_class:5.1f}  bias of the marker's {bias:+.3f}"
            print(f"{events:>3} events  {name:<26} {told}", flush=True)
        for name, (share, bias) in c_coverage(events=events, n_studies=n).items():
            print(
                f"{events:>3} events  {name.capitalize() + ' c':<26} {100 * share:5.1f}  bias {bias:+.3f}", flush=True
            )


if __name__ == "__main__":
    main()
