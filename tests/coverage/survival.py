"""Simulated coverage of survival intervals: median, survival and its difference at a time, RMST and its difference.

Run ``python -m tests.coverage.survival`` (from the repository; some minutes). Event times are exponential, with hazards
1 and 0.6 in two groups of equal size; patients are censored at random at the hazard given, and all at time 2.
"""

from __future__ import annotations

import argparse
from collections import defaultdict

import numpy as np

from biomarker.kernels.interval import Interval
from biomarker.kernels.rmst import restricted_mean, rmst_difference, rmst_interval, rmst_ratio
from biomarker.kernels.survival import CONF_TYPES, SurvivalCurve, kaplan_meier, survival_at, survival_quantile
from biomarker.kernels.survival_bands import BANDS, survival_band
from biomarker.kernels.survival_difference import survival_difference

HAZARDS, END, TIME, TAU = (1.0, 0.6), 2.0, 0.7, 1.0
PATIENTS, CENSORING = (10, 15, 20, 40), (0.0, 0.5, 1.0)


def trial(rng: np.random.Generator, patients: int, censoring: float) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return follow-up and events of both groups."""
    groups = []
    for hazard in HAZARDS:
        time = rng.exponential(1 / hazard, size=patients)
        end = np.minimum(rng.exponential(1 / censoring, size=patients) if censoring else np.inf, END)
        groups.append((np.minimum(time, end), time <= end))
    return groups


def _one_group(follow_up: tuple[np.ndarray, np.ndarray]) -> dict[str, tuple[Interval, float]]:
    """Return each interval of the first group, and the truth."""
    hazard, found = HAZARDS[0], {}
    for conf_type in CONF_TYPES:
        curve = kaplan_meier(*follow_up, conf_type=conf_type)
        at = survival_at(curve, [TIME])
        whole = at.survival[0] == 1
        limits = Interval(np.nan, np.nan) if whole else Interval(at.low[0], at.high[0])
        found[f"survival, {conf_type}"] = limits, np.exp(-hazard * TIME)
        value, low, high = survival_quantile(curve)
        # a limit not reached is no limit; a median not reached has none either
        limits = Interval(np.nan_to_num(low, nan=0.0), np.nan_to_num(high, nan=np.inf))
        found[f"median, {conf_type}"] = limits if not np.isnan(value) else Interval(np.nan, np.nan), np.log(2) / hazard
    mean = restricted_mean(kaplan_meier(*follow_up), TAU)
    for name, small in (("t", True), ("normal", False)):
        found[f"RMST, {name}"] = rmst_interval(mean, small_sample=small), (1 - np.exp(-hazard * TAU)) / hazard
    return found


def _two_groups(groups: list[tuple[np.ndarray, np.ndarray]]) -> dict[str, tuple[Interval, float]]:
    curves = [kaplan_meier(*follow_up) for follow_up in groups]
    means = [restricted_mean(curve, TAU) for curve in curves]
    truth = [(1 - np.exp(-hazard * TAU)) / hazard for hazard in HAZARDS]
    found = {}
    for name, small in (("t", True), ("normal", False)):
        found[f"RMST difference, {name}"] = rmst_difference(*means, small_sample=small).interval, truth[0] - truth[1]
        found[f"RMST ratio, {name}"] = rmst_ratio(*means, small_sample=small).interval, truth[0] / truth[1]
    at = [survival_at(curve, [TIME]) for curve in curves]
    survival = (float(at[0].survival[0]), float(at[1].survival[0]))
    limits = [
        Interval(np.nan, np.nan) if s == 1 else Interval(a.low[0], a.high[0]) for s, a in zip(survival, at, strict=True)
    ]
    difference = survival_difference(
        survival, (float(at[0].std_error[0]), float(at[1].std_error[0])), (limits[0], limits[1])
    )
    found["survival difference"] = difference.interval, float(np.exp(-HAZARDS[0] * TIME) - np.exp(-HAZARDS[1] * TIME))
    return found


def band_holds(curve: SurvivalCurve, band: str) -> bool:
    """Tell whether the truth of the first group lies within a band from the first event to the last."""
    low, high = survival_band(curve, band=band)
    known = np.flatnonzero(~np.isnan(low))
    if not known.size:
        return True
    now = np.exp(-HAZARDS[0] * curve.time)
    later = np.append(now[1:], now[-1])  # until the next step the truth falls
    last = known == known[-1]
    return bool(np.all((now[known] <= high[known]) & (np.where(last, now[known], later[known]) >= low[known])))


def coverage(patients: int, censoring: float, n_studies: int, seed: int = 20261121) -> dict[str, tuple[float, float]]:
    """Return, for each interval, its coverage where it is defined, and the share of studies in which it is."""
    rng, held, defined = np.random.default_rng(seed), defaultdict(int), defaultdict(int)
    for _ in range(n_studies):
        groups = trial(rng, patients, censoring)
        for name, (interval, truth) in {**_one_group(groups[0]), **_two_groups(groups)}.items():
            known = not (np.isnan(interval.low) or np.isnan(interval.high))
            defined[name] += known
            held[name] += bool(known and interval.low <= truth <= interval.high)
        if defined["bands"] < n_studies // 10:  # critical values take their time
            defined["bands"] += 1
            for band in BANDS:
                held[f"{band} band"] += band_holds(kaplan_meier(*groups[0]), band)
    bands = {f"{band} band": (held[f"{band} band"] / max(1, defined["bands"]), 1.0) for band in BANDS}
    del defined["bands"]
    return {name: (held[name] / max(1, known), known / n_studies) for name, known in defined.items()} | bands


def section(n_studies: int) -> list[str]:
    """Return the section of docs/coverage.md: per cent of intervals that hold the truth, by patients a group."""
    lines = [
        f"Per cent of nominal 95 % intervals that hold the truth, where they are defined (in brackets the per cent of "
        f"{n_studies:,} studies in which they are, if not all). Exponential event times, hazards 1 and 0.6 in two "
        f"groups; survival at {TIME:g}, RMST to {TAU:g}; censored at random at the hazard given, and all at {END:g}.",
        "",
        f"| Interval | Censoring | {' | '.join(f'{patients} a group' for patients in PATIENTS)} |",
        f"|---|---|{'---|' * len(PATIENTS)}",
    ]
    for censoring in CENSORING:
        found = [coverage(patients, censoring, n_studies) for patients in PATIENTS]
        for name in found[0]:
            cells = [
                f"{100 * held:.1f}" + (f" ({100 * known:.0f})" if known < 0.995 else "")
                for held, known in (cell[name] for cell in found)
            ]
            lines.append(f"| {name} | {censoring:g} | {' | '.join(cells)} |")
    return lines


def main() -> None:
    """Print the section."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", type=int, default=1000)
    print("\n".join(section(parser.parse_args().studies)))


if __name__ == "__main__":
    main()
