"""What looks wrong in a course of measurements and may yet be right: told as a warning, never changed."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise

from biomarker.data.measurement_rows import TOO_SMALL
from biomarker.data.measurements import Course, Visit

ONE_VISIT_DAYS = 7
_IN_CM_BELOW = 10.0
_FALL = (0.05, 0.2)  # of the baseline: a tenth, with room for growth and shrinkage


def doubts(course: Course) -> Iterator[str]:
    """Yield a sentence for scans of one visit on two days, and for diameters that look like centimetres."""
    for first, second in pairwise(course.visits):
        if _are_parts(course, first, second):
            yield (
                f"patient {course.patient}: the scans on days {first.day:g} and {second.day:g} show different targets, "
                "so neither visit is evaluable; give the scans of one visit one day"
            )
    for visit in course.visits:
        if _looks_like_cm(course, visit):
            yield (
                f"patient {course.patient}: every target of day {visit.day:g} has about a tenth of its diameter at "
                "baseline; diameters are taken as mm: are these in cm?"
            )


def _are_parts(course: Course, first: Visit, second: Visit) -> bool:
    targets = {mark.lesion for mark in course.baseline.of_role("target")}
    one, other = ({mark.lesion for mark in visit.of_role("target")} for visit in (first, second))
    near = second.day - first.day <= ONE_VISIT_DAYS
    return near and bool(one) and bool(other) and not one & other and one | other == targets


def _looks_like_cm(course: Course, visit: Visit) -> bool:
    pairs = [
        (mark.diameter, now.diameter)
        for mark in course.baseline.of_role("target")
        if (now := visit.lesion(mark.lesion)) is not None and now.status != TOO_SMALL and now.diameter > 0
    ]
    shares = [now / before for before, now in pairs if before > 0]
    is_tenth = bool(shares) and all(_FALL[0] <= share <= _FALL[1] for share in shares)
    # a lesion of 5 mm is often one too small to measure; a decimal of a small number is a habit of centimetres
    has_decimal = any(not math.isclose(now, round(now)) for _, now in pairs)
    return is_tenth and has_decimal and all(now < _IN_CM_BELOW for _, now in pairs)
