"""What a reader of survival curves must be told: medians not reached, times past follow-up, tests that say nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from biomarker.analyses.follow_up import Level
from biomarker.analyses.result import Estimate
from biomarker.kernels.log_rank import LogRank


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
