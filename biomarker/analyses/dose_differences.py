"""Differences in dose between groups, by Welch's test from means, standard deviations and numbers of patients."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from biomarker.analyses.result import Estimate
from biomarker.kernels.group_difference import t_test_from_summary

Summary = tuple[float, float, int]  # mean, SD, patients


def group_differences(
    summaries: Mapping[str, Summary], groups: Sequence[str], of: Mapping[str, Any], unit: str, confidence_level: float
) -> list[Estimate]:
    """Return the difference of each group from the first, where both have two patients or more."""
    lines = []
    for group in groups[1:]:
        if group not in summaries or groups[0] not in summaries:
            continue
        one, other = summaries[group], summaries[groups[0]]
        if min(one[2], other[2]) < 2 or not (one[1] >= 0 and other[1] >= 0):
            continue
        test = t_test_from_summary(*one, *other, confidence_level=confidence_level)
        lines.append(
            Estimate(
                quantity="dose_difference",
                value=test.difference,
                low=test.interval.low,
                high=test.interval.high,
                statistic=test.statistic,
                df=test.df,
                p_value=test.p_value,
                n_patients=one[2] + other[2],
                unit=unit,
                of={**of, "group": group, "reference": groups[0]},
            )
        )
    return lines
