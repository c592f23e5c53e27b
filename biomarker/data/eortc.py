"""The EORTC criteria of 1999: metabolic response by the change in uptake of the lesions measured at baseline.

Young H, et al. Eur J Cancer 1999;35:1773-1782.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from biomarker.data.measurement_rows import ABSENT
from biomarker.data.measurements import Course, Mark, Visit
from biomarker.data.metabolic import CMR, NE, PMD, PMR, SMD, progression_by_eye, uptake_of
from biomarker.data.time_points import (
    TOLERANCE,
    ResponseRules,
    TimePoint,
    change_text,
    listed,
    new_lesions_by_visit,
)

INCREASE_PERCENT, DECREASE_PERCENT, DECREASE_ONE_CYCLE_PERCENT = 25.0, 25.0, 15.0
EXTENT_PERCENT = 20.0


def assess(course: Course, rules: ResponseRules) -> list[TimePoint]:
    """Return the EORTC response of a patient at each scan after the baseline."""
    first = math.fsum(mark.uptake for mark in course.baseline.of_role("target"))
    points: list[TimePoint] = []
    for visit, new in zip(course.visits, new_lesions_by_visit(course.visits), strict=True):
        uptakes = {mark.lesion: uptake_of(visit.lesion(mark.lesion)) for mark in course.baseline.of_role("target")}
        total = math.fsum(uptakes.values()) if uptakes else math.nan
        change = 100 * (total - first) / first if first else math.nan
        response, why = _classified(course, visit, new, uptakes, total, change, rules)
        points.append(
            TimePoint(
                visit=visit,
                response=response,
                reason=f"{response}: {why}.",
                new_lesion=bool(new),
                total=total,
                change_percent=change,
                nadir=first,
            )
        )
    return points


def _classified(
    course: Course,
    visit: Visit,
    new: Mapping[str, Mark],
    uptakes: Mapping[str, float],
    total: float,
    change: float,
    rules: ResponseRules,
) -> tuple[str, str]:
    seen = progression_by_eye(course, visit, new)
    lacking = [name for name, uptake in uptakes.items() if math.isnan(uptake)]
    extent = _extent_change(course.baseline, visit)
    if seen:
        return PMD, seen
    if extent > EXTENT_PERCENT + TOLERANCE:
        return PMD, f"extent of uptake {change_text(extent)} from baseline"
    if lacking or not uptakes:
        return NE, f"uptake of {listed(lacking, 'target') if lacking else 'any target'} not measured"
    sums = f"summed uptake of targets {total:g}, {change_text(change)} from baseline"
    if _is_complete(course, visit):
        return CMR, f"uptake of every lesion is that of surrounding tissue ({sums})"
    if change > INCREASE_PERCENT + TOLERANCE:
        return PMD, sums
    # at least 15 % after one cycle, more than 25 % after several
    one_cycle = rules.one_cycle if math.isnan(visit.cycles) else visit.cycles <= 1
    if one_cycle and change <= -DECREASE_ONE_CYCLE_PERCENT + TOLERANCE:
        return PMR, f"{sums}, after one cycle"
    if not one_cycle and change < -DECREASE_PERCENT - TOLERANCE:
        return PMR, sums
    return SMD, sums


def _is_complete(course: Course, visit: Visit) -> bool:
    """Return whether every lesion was called absent, or has no uptake at all."""
    lesions = [visit.lesion(mark.lesion) for mark in course.baseline.marks if mark.role in ("target", "non-target")]
    return all(mark is not None and (mark.status == ABSENT or mark.uptake == 0) for mark in lesions)


def _extent_change(baseline: Visit, visit: Visit) -> float:
    """Return the change of the summed longest dimensions of targets in percent; NaN where they were not measured."""
    found = [(mark.diameter, visit.lesion(mark.lesion)) for mark in baseline.of_role("target")]
    first = math.fsum(diameter for diameter, _ in found)
    second = math.fsum(math.nan if mark is None else mark.diameter for _, mark in found)
    return 100 * (second - first) / first if first > 0 else math.nan
