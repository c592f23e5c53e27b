"""What a reader of survival curves must be told: medians not reached, times past follow-up, tests that say nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from biomarker.analyses.follow_up import Level
from biomarker.analyses.result import Estimate
from biomarker.analyses.survival_options import SurvivalOptions
from biomarker.kernels.log_rank import LogRank
from biomarker.kernels.rmst import RestrictedMean

FEWEST = 5  # patients; a smaller group's curve says little


def closing_notes(
    lines: Sequence[Estimate],
    last: Mapping[Level, float],
    means: Sequence[RestrictedMean],
    *,
    unit: str,
    chosen_tau: bool,
) -> list[str]:
    """Return all notes on the curves themselves."""
    return [
        not_reached(lines),
        past_follow_up(lines, last, unit),
        still_whole(lines),
        mean_survival(lines, means, unit=unit, chosen_tau=chosen_tau),
        few_patients(lines),
    ]


def comparison_notes(options: SurvivalOptions, groups: Sequence[Level]) -> list[str]:
    """Say in which order a trend runs, and that several tests of one question are one too many."""
    notes = []
    if options.trend is not False:
        scores = range(1, len(groups) + 1) if isinstance(options.trend, bool) else options.trend
        order = ", ".join(f"{group}: {score:g}" for group, score in zip(groups, scores, strict=True))
        notes.append(f"Scores of the groups in the trend test are {order}.")
    if len(options.tests) > 1:
        notes.append("Several tests of one comparison are shown: the one named in advance decides.")
    if len(groups) > 2 and not options.pairwise and (options.times or options.tau is not None):
        notes.append("Differences between more than two groups are not adjusted for their number.")
    return notes


def mean_survival(lines: Sequence[Estimate], means: Sequence[RestrictedMean], *, unit: str, chosen_tau: bool) -> str:
    """Say up to when mean survival time was taken, and where it has no interval."""
    if not means:
        return ""
    at = f"{means[0].tau:g} {unit}".strip()
    several = len(means) > 1
    text = f"Mean survival time is restricted to {at}"
    if chosen_tau:
        text += (
            ", the shortest follow-up of a group; a time set in advance is better"
            if several
            else ", the end of follow-up"
        )
    without = [line for line in lines if line.quantity == "rmst" and np.isnan(line.low)]
    if without:
        text += f"; it has no interval with fewer than two events before then{_in_groups(without)}"
    return f"{text}."


def few_patients(lines: Sequence[Estimate]) -> str:
    """Name the groups of hardly any patients."""
    small = [line for line in lines if line.quantity == "events" and (line.n or 0) < FEWEST]
    if not small:
        return ""
    sizes = ", ".join(f"{line.of['group']} {line.n}" if "group" in line.of else f"{line.n}" for line in small)
    return f"Too few patients for a curve to mean much: {sizes}."


def not_reached(lines: Sequence[Estimate]) -> str:
    """Say in which groups the curve stays above one half."""
    missing = [line for line in lines if line.quantity == "median_survival" and np.isnan(line.value)]
    return f"Median survival was not reached{_in_groups(missing)}." if missing else ""


def past_follow_up(lines: Sequence[Estimate], last: Mapping[Level, float], unit: str) -> str:
    """Say at which times survival was asked for after the `last` follow-up of a group."""
    missing = [line for line in lines if line.quantity == "survival" and np.isnan(line.value)]
    if not missing:
        return ""
    times = ", ".join(f"{time:g}" for time in dict.fromkeys(line.of["time"] for line in missing))
    ends = {line.of.get("group", ""): last[line.of.get("group", "")] for line in missing}
    shown = ", ".join(f"{group} {end:g}".strip() for group, end in ends.items())
    at = f"{times} {unit}".strip()
    return f"Survival at {at} is not estimable{_in_groups(missing)}: follow-up ends before (at {shown})."


def still_whole(lines: Sequence[Estimate]) -> str:
    """Say why survival of 100 % stands without an interval."""
    whole = any(line.quantity == "survival" and line.value == 1 for line in lines)
    return "Where nobody has had the event yet, survival has no interval." if whole else ""


def untested(test: LogRank, n_groups: int) -> str:
    """Say why the log-rank test is missing, or has fewer degrees of freedom than groups suggest."""
    if test.observed.sum() == 0:
        return "Without any event the log-rank test is not estimable."
    if test.df == 0:
        return "The log-rank test is not estimable: the groups are never at risk together when an event happens."
    if test.df < n_groups - 1:
        return f"The log-rank test has {test.df} df for {n_groups} groups: a group is not at risk when events happen."
    return ""


def _in_groups(lines: Sequence[Estimate]) -> str:
    """Return " in A, B", or nothing where there are no groups."""
    groups = list(dict.fromkeys(str(line.of["group"]) for line in lines if "group" in line.of))
    return f" in {', '.join(groups)}" if groups else ""
