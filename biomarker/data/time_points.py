"""What a criterion says of one visit, and the options every criterion shares."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from biomarker.data.measurement_rows import (
    ABSENT,
    EQUIVOCAL,
    NOT_EVALUABLE,
    UNEQUIVOCAL,
    MeasurementColumns,
    row_number,
)
from biomarker.data.measurements import Course, Mark, Visit
from biomarker.errors import DesignError, Problem

TOLERANCE = 1e-9  # decimal millimetres: 1.2 x 25 must not miss 30 by a rounding
COLUMNS = MeasurementColumns()


@dataclass(frozen=True, kw_only=True)
class ResponseRules:
    """The choices a protocol makes; see `response_category` for each."""

    criteria: str = "recist-1.1"
    confirm: bool = False
    confirm_days: float = 28
    min_stable_days: float = 42
    max_not_evaluable: int = 1
    accept_stable: bool = False
    too_small_mm: float = 5.0
    strict: bool = True
    n_lesions: int = 1
    one_cycle: bool = False
    comparability: bool = True
    columns: MeasurementColumns = COLUMNS

    def __post_init__(self) -> None:
        for name in ("confirm_days", "min_stable_days", "too_small_mm"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < math.inf:
                raise DesignError(f"{name} = {value!r} is not a number of 0 or more")
        for name in ("confirm", "accept_stable", "strict", "one_cycle", "comparability"):
            if not isinstance(getattr(self, name), bool | np.bool_):
                raise DesignError(f"{name} = {getattr(self, name)!r} is neither true nor false")
        for name, least in (("max_not_evaluable", 0), ("n_lesions", 1)):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or value < least:
                raise DesignError(f"{name} = {value!r} is not a whole number of {least} or more")
        if self.n_lesions > MOST_TARGETS:
            raise DesignError(f"n_lesions = {self.n_lesions}; PERCIST takes the hottest lesion or up to five")


MOST_TARGETS, MOST_PER_ORGAN = 5, 2


@dataclass(frozen=True, kw_only=True)
class TimePoint:
    """The response at one visit, with the sum behind it (mm, or uptake) and the reason in words."""

    visit: Visit
    response: str
    reason: str
    target: str = ""
    non_target: str = ""
    new_lesion: bool = False
    has_targets: bool = True
    shows_disease: bool = True  # False where a response less than complete is for want of an assessment only
    total: float = math.nan
    change_percent: float = math.nan
    nadir: float = math.nan

    @property
    def day(self) -> float:
        """Days since the baseline."""
        return self.visit.day


def new_lesions_by_visit(visits: Sequence[Visit], *, least_node: float = 0.0) -> list[dict[str, Mark]]:
    """Return the new lesions known at each visit: from their first appearance on, unless seen to be absent.

    A lesion first called equivocal counts from its first appearance once it is confirmed, and until then not at all.
    A node with a short axis below `least_node` is normal, and counts from the visit on at which it has grown to that.
    """
    real = {
        mark.lesion
        for visit in visits
        for mark in visit.of_role("new")
        if mark.status not in (EQUIVOCAL, ABSENT, NOT_EVALUABLE) and not _is_normal_node(mark, least_node)
    }
    known: dict[str, Mark] = {}
    found: list[dict[str, Mark]] = []
    for visit in visits:
        for mark in visit.of_role("new"):
            if mark.lesion not in real or mark.status == NOT_EVALUABLE:
                continue
            if _is_normal_node(mark, least_node) and mark.lesion not in known:
                continue
            if mark.status == ABSENT:
                known.pop(mark.lesion, None)
            else:
                known[mark.lesion] = mark
        found.append(dict(known))
    return found


def equivocal_lesions(visit: Visit, known: dict[str, Mark]) -> list[str]:
    """Return lesions seen at the visit that may be new and are not known to be."""
    return [mark.lesion for mark in visit.of_role("new") if mark.status == EQUIVOCAL and mark.lesion not in known]


def _is_normal_node(mark: Mark, least_node: float) -> bool:
    return mark.is_node and mark.diameter < least_node and mark.status != UNEQUIVOCAL


def small_nodes(visit: Visit, known: Mapping[str, Mark], least_node: float) -> list[str]:
    """Return a phrase for each node that would be new but is of normal size."""
    return [
        f"new node {mark.lesion} of {mark.diameter:g} mm is below {least_node:g} mm, not counted as new"
        for mark in visit.of_role("new")
        if mark.lesion not in known and _is_normal_node(mark, least_node)
    ]


def fault(course: Course, mark: Mark, column: str, value: str, rule: str) -> Problem:
    """Return a problem of one lesion, which it names with its patient."""
    return Problem(
        rule=f"{rule} (lesion {mark.lesion} of patient {course.patient})",
        row=row_number(mark.row),
        column=column,
        value=value,
    )


def change_text(percent: float) -> str:
    """Return a change as it is read: ``"−37%"``; no change is ``"0%"``.

    Examples
    --------
    >>> change_text(-36.7), change_text(20.0), change_text(19.96)
    ('−36.7%', '+20%', '+19.96%')
    """
    if math.isinf(percent):
        return "+∞%"
    rounded = round(percent, 1)
    # a change just short of a limit must not be printed as the limit
    digits = 2 if abs(rounded - percent) > TOLERANCE and rounded in (-30.0, 20.0, 30.0, -25.0, 25.0, -15.0) else 1
    text = f"{percent:+.{digits}f}".rstrip("0").rstrip(".")
    return "0%" if text in ("+0", "-0") else f"{text}%".replace("-", "\u2212")


def listed(names: Sequence[str], word: str = "lesion") -> str:
    """Return names as a phrase: ``"lesions T1 and T2"``."""
    plural = "s" if len(names) > 1 else ""
    joined = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    return f"{word}{plural} {joined}"
