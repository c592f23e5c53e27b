"""Simulated coverage of time-dependent areas, predictive values by a time, and cumulative incidence.

Run ``python -m tests.coverage.timed`` (from the repository; a few minutes, ``--studies 200`` for a look). Times are
exponential with a hazard of exp(x), x a standard normal marker, censored evenly up to three mean times; areas and
predictive values are for the event by 0.7 mean times. With competing events each has half of the hazard. Beside the
intervals of the package stand those on the plain scale.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator

import numpy as np
from scipy.special import ndtri
from scipy.stats import rankdata

from biomarker.analyses.timed_areas import area_lines, performance_lines, spread
from biomarker.kernels.cumulative_incidence import cumulative_incidence_curves, incidence_at
from biomarker.kernels.incident_roc import incident_area
from biomarker.kernels.ipcw import ipcw
from biomarker.kernels.resampling import expanded_level, patient_weights, percentile_interval
from biomarker.kernels.time_dependent_roc import timed_area, timed_performance

PATIENTS, TIME, CUTOFF, Z = (20, 40, 80), 0.7, 0.3, float(ndtri(0.975))
Row = tuple[str, float, int, float, float]


def study(rng, n):
    """Return marker, follow-up, event, cause and the time of the event itself."""
    x = rng.normal(size=n)
    time = rng.exponential(np.exp(-x))
    censored = rng.uniform(0, 3, n)
    cause = np.where(time <= censored, rng.integers(1, 3, n), 0)
    return x, np.minimum(time, censored), time <= censored, cause, time


def truths(rng, n=1_000_000) -> dict[str, float]:
    """Return true values from one very large study without censoring."""
    x, _, _, _, time = study(rng, n)
    happened, positive = time <= TIME, x >= CUTOFF
    ranks, cases = rankdata(x), happened.sum()
    # at one time the hazard of a risk set is exp(x) times its share: the area is that of x among those at risk,
    # weighted by exp(x), against all of them
    at_risk = np.sort(x[time > TIME])
    share = np.exp(at_risk)
    return {
        "AUC by a time": (ranks[happened].sum() - cases * (cases + 1) / 2) / (cases * (n - cases)),
        "Incident AUC at a time": float(np.average(np.arange(at_risk.size) / at_risk.size, weights=share)),
        "PPV by a time": happened[positive].mean(),
        "NPV by a time": (~happened[~positive]).mean(),
        "Cumulative incidence by a time": happened.mean() / 2,
    }


def one_study(rng, n, true, n_resamples=200) -> dict[str, tuple[bool, bool]]:
    """Tell of each quantity whether the default and the plain interval hold the truth."""
    x, t, event, cause, _ = study(rng, n)
    data = ipcw(t, event)
    held = {}
    area = timed_area(data, x, TIME)
    if not np.isnan(area.value):
        line = next(area_lines({"x": [area]}, [TIME], 0.95))
        width = Z * spread(area.influence)
        held["AUC by a time"] = (line.low, line.high, area.value - width, area.value + width)
        performance = timed_performance(data, x >= CUTOFF, TIME)
        for line in performance_lines(data, {"x": x}, {"x": CUTOFF}, [TIME], 0.95):
            name = f"{line.quantity.upper()} by a time"
            place = ("sensitivity", "specificity", "ppv", "npv").index(line.quantity)
            width = Z * spread(performance.influence[place])
            if name in true and not np.isnan(line.value):
                held[name] = (line.low, line.high, line.value - width, line.value + width)
        found = incident_area(t, event, x, [TIME])
        drawn = np.concatenate(list(patient_weights(n, n_resamples, rng)))
        samples = incident_area(t, event, x, [TIME], weights=drawn).area[:, 0]
        low, high = percentile_interval(samples, expanded_level(0.95, n))
        if not np.isnan(found.area[0]):
            half = Z * np.nanstd(samples)
            held["Incident AUC at a time"] = (low, high, found.area[0] - half, found.area[0] + half)
    at = incidence_at(cumulative_incidence_curves(t, cause, n_causes=2), [TIME])
    if at.std_error[0, 0] > 0:
        value, width = at.incidence[0, 0], Z * at.std_error[0, 0]
        held["Cumulative incidence by a time"] = (at.low[0, 0], at.high[0, 0], value - width, value + width)
    return {
        name: (limits[0] <= true[name] <= limits[1], limits[2] <= true[name] <= limits[3])
        for name, limits in held.items()
    }


def coverage(n: int, n_studies: int, seed: int = 20261121) -> dict[str, tuple[float, float]]:
    """Return the coverage of the default and of the plain interval of each quantity."""
    rng = np.random.default_rng([seed, n])
    true = truths(np.random.default_rng(seed))
    found: dict[str, list[tuple[bool, bool]]] = {name: [] for name in true}
    for _ in range(n_studies):
        for name, held in one_study(rng, n, true).items():
            found[name].append(held)
    return {name: tuple(np.mean(held, axis=0)) for name, held in found.items() if held}


def rows(n_studies: int) -> Iterator[Row]:
    """Give what, no correlation, patients, coverage of the default and of the plain interval."""
    by_size = {n: coverage(n, n_studies) for n in PATIENTS}
    for name in by_size[PATIENTS[0]]:
        for n in PATIENTS:
            yield name, 0.0, n, *map(float, by_size[n][name])


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", type=int, default=1000)
    for name, _, n, default, plain in rows(parser.parse_args().studies):
        print(f"{name:32} {n:3} patients: {100 * default:5.1f} (plain {100 * plain:5.1f})")


if __name__ == "__main__":
    main()
