"""What PERCIST and the EORTC criteria share: uptake of lesions, lesions that are gone, progression seen by eye."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from biomarker.data.measurement_rows import ABSENT, NOT_EVALUABLE, PROGRESSED
from biomarker.data.measurements import Course, Mark, Visit
from biomarker.data.time_points import listed

CMR, PMR, SMD, PMD, NE = "CMR", "PMR", "SMD", "PMD", "NE"
LIVER = ("liver", "liver reference", "normal liver")
BLOOD_POOL = ("blood pool", "blood", "aorta", "mediastinal blood pool")


def uptake_of(mark: Mark | None) -> float:
    """Return a lesion's uptake, 0 where it is gone, NaN where it was not assessed."""
    if mark is None or mark.status == NOT_EVALUABLE:
        return math.nan
    if math.isnan(mark.uptake) and mark.status == ABSENT:
        return 0.0
    return mark.uptake


def reference_tissue(visit: Visit, names: Sequence[str]) -> Mark | None:
    """Return the reference region of a visit: a row of the role "reference" at that site."""
    return next(
        (mark for mark in visit.of_role("reference") if mark.site.casefold() in names and not math.isnan(mark.mean)),
        None,
    )


def progression_by_eye(course: Course, visit: Visit, new: Mapping[str, Mark]) -> str:
    """Return new lesions and unequivocal progression as a phrase; ``""`` where there is none."""
    parts = [f"new {listed(list(new))}"] if new else []
    known = {mark.lesion for mark in course.baseline.marks}
    worse = [mark.lesion for mark in visit.marks if mark.status == PROGRESSED and mark.lesion in known]
    return "; ".join([*parts, *([f"unequivocal progression of {listed(worse)}"] if worse else [])])


def others_gone(course: Course, visit: Visit, limit: float) -> bool:
    """Return whether every non-target lesion is gone: called absent, or its uptake below the limit."""
    lesions = [visit.lesion(mark.lesion) for mark in course.baseline.of_role("non-target")]
    return all(mark is not None and (mark.status == ABSENT or uptake_of(mark) < limit) for mark in lesions)
