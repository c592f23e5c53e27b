"""PERCIST 1.0: metabolic response by the SULpeak of the hottest lesion, where liver makes the scans comparable.

Wahl RL, et al. J Nucl Med 2009;50 Suppl 1:122S-150S; O JH, Lodge MA, Wahl RL. Radiology 2016;280:576-584.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from biomarker.data.measurement_rows import ABSENT, row_number
from biomarker.data.measurements import Course, Mark, Visit
from biomarker.data.metabolic import (
    BLOOD_POOL,
    CMR,
    LIVER,
    NE,
    PMD,
    PMR,
    SMD,
    others_gone,
    progression_by_eye,
    reference_tissue,
    uptake_of,
)
from biomarker.data.scan_comparability import looks_like_minutes, not_compared, scans_apart
from biomarker.data.time_points import (
    MOST_PER_ORGAN,
    TOLERANCE,
    ResponseRules,
    TimePoint,
    change_text,
    fault,
    new_lesions_by_visit,
)
from biomarker.errors import Problem

CHANGE_PERCENT, LEAST_CHANGE_SUL = 30.0, 0.8
TLG_INCREASE_PERCENT = 75.0
LIVER_PERCENT, LIVER_SUL = 20.0, 0.3
LIVER_FACTOR, BLOOD_FACTOR, SDS = 1.5, 2.0, 2.0


@dataclass(frozen=True, kw_only=True)
class Hottest:
    """The lesions that stand for a scan, their summed SULpeak, and their names."""

    total: float
    lesions: tuple[str, ...] = ()
    highest: float = math.nan


def measurable_from(visit: Visit) -> tuple[float, str]:
    """Return the least SULpeak of a measurable lesion and what it comes from; NaN without a reference region.

    It is 1.5 x mean + 2 SD of normal liver, or 2 x mean + 2 SD of the blood pool where the liver is diseased.

    Examples
    --------
    >>> liver = Mark(lesion="liver", role="reference", site="Liver", mean=1.5, sd=0.2)
    >>> least, told = measurable_from(Visit(day=0.0, marks=(liver,)))
    >>> f"{least:.2f}", told
    ('2.65', '1.5 × liver mean + 2 SD')
    """
    for names, factor, told in ((LIVER, LIVER_FACTOR, "liver"), (BLOOD_POOL, BLOOD_FACTOR, "blood pool")):
        mark = reference_tissue(visit, names)
        if mark is not None:
            if math.isnan(mark.sd):
                return factor * mark.mean, f"{factor:g} × {told} mean, whose SD is not given"
            return factor * mark.mean + SDS * mark.sd, f"{factor:g} × {told} mean + 2 SD"
    return math.nan, ""


def hottest(visit: Visit, n_lesions: int, new: Mapping[str, Mark]) -> Hottest:
    """Return the hottest lesions of a scan, which need not be those of another scan; two at most of an organ."""
    marks = [mark for mark in visit.marks if mark.role in ("target", "non-target") or mark.lesion in new]
    ranked = sorted((mark for mark in marks if not math.isnan(uptake_of(mark))), key=uptake_of, reverse=True)
    if n_lesions > 1:
        ranked = list(_two_an_organ(ranked))
    chosen = ranked[:n_lesions]
    if not chosen:
        return Hottest(total=math.nan)
    return Hottest(
        total=math.fsum(map(uptake_of, chosen)),
        lesions=tuple(mark.lesion for mark in chosen),
        highest=uptake_of(chosen[0]),
    )


def _two_an_organ(marks: Sequence[Mark]) -> Iterator[Mark]:
    taken: dict[str, int] = {}
    for mark in marks:
        organ = mark.site.casefold()
        taken[organ] = taken.get(organ, 0) + 1
        if not organ or taken[organ] <= MOST_PER_ORGAN:
            yield mark


def assess(course: Course, rules: ResponseRules) -> list[TimePoint]:
    """Return the PERCIST response of a patient at each scan after the baseline."""
    before = hottest(course.baseline, rules.n_lesions, {})
    points: list[TimePoint] = []
    for visit, new in zip(course.visits, new_lesions_by_visit(course.visits), strict=True):
        now = hottest(visit, rules.n_lesions, new)
        change = 100 * (now.total - before.total) / before.total if before.total else math.nan
        response, why = _classified(course, visit, new, before, now, rules)
        points.append(
            TimePoint(
                visit=visit,
                response=response,
                reason=f"{response}: {why}.",
                new_lesion=bool(new),
                total=now.total,
                change_percent=change,
                nadir=before.total,
            )
        )
    return points


def _classified(
    course: Course, visit: Visit, new: Mapping[str, Mark], before: Hottest, now: Hottest, rules: ResponseRules
) -> tuple[str, str]:
    """Return the response: progression seen by eye first, then whether uptake can be compared, then its change."""
    seen = progression_by_eye(course, visit, new)
    if seen:
        return PMD, seen
    if _incomplete(course, visit, now):
        return NE, "SULpeak of the targets was not measured"
    doubt = _not_measurable(course.baseline, before, rules) or _not_comparable(course.baseline, visit, rules)
    if doubt:
        return NE, doubt
    least, told = measurable_from(course.baseline)
    limits = "" if math.isnan(least) or "not given" not in told else f"measurable from {told}"
    made = not_compared(course.baseline, visit) if rules.comparability else ""
    doubts = "".join(f"; {part}" for part in (limits, made) if part)
    response, why = _by_uptake(course, visit, before, now, rules)
    return response, why + doubts


def _by_uptake(course: Course, visit: Visit, before: Hottest, now: Hottest, rules: ResponseRules) -> tuple[str, str]:
    """Return the response by the change in uptake of scans that can be compared."""
    change = 100 * (now.total - before.total) / before.total
    difference = now.total - before.total
    what = "SULpeak" if rules.n_lesions == 1 else f"summed SULpeak of up to {rules.n_lesions} lesions"
    sums = f"{what} {now.total:g}, {change_text(change)} and {_signed(difference)} from {before.total:g} at baseline"
    more_tlg = _tlg_increase(course.baseline, visit)
    if _is_complete(course, visit, now):
        return CMR, f"all uptake gone to background ({sums})"
    if _beyond(change, difference):
        return PMD, sums
    if more_tlg >= TLG_INCREASE_PERCENT - TOLERANCE and difference >= 0:
        return PMD, f"{sums}; total lesion uptake {change_text(more_tlg)} without a decline of SULpeak"
    if _beyond(-change, -difference):
        return PMR, sums
    return SMD, sums


def _beyond(change: float, difference: float) -> bool:
    return change >= CHANGE_PERCENT - TOLERANCE and difference >= LEAST_CHANGE_SUL - TOLERANCE


def _signed(value: float) -> str:
    return f"{value:+.2f}".replace("-", "\u2212")


def _incomplete(course: Course, visit: Visit, now: Hottest) -> bool:
    """Return whether a target that could be the hottest was not measured."""
    lacking = [mark for mark in course.baseline.of_role("target") if math.isnan(uptake_of(visit.lesion(mark.lesion)))]
    return math.isnan(now.total) or bool(lacking)


def _not_measurable(baseline: Visit, before: Hottest, rules: ResponseRules) -> str:
    """Return why the baseline cannot be measured against, or ``""``."""
    if math.isnan(before.total):
        return "no SULpeak at baseline"
    least, told = measurable_from(baseline)
    if math.isnan(least):
        return "no uptake of liver or blood pool at baseline" if rules.comparability else ""
    if before.highest < least - TOLERANCE:
        return f"not measurable: highest SULpeak at baseline {before.highest:g} is below {least:.2f} ({told})"
    return ""


def _not_comparable(baseline: Visit, visit: Visit, rules: ResponseRules) -> str:
    """Return why two scans cannot be compared: the normal liver took up more or less, or was not measured."""
    if not rules.comparability:
        return ""
    apart = "; ".join(scans_apart(baseline, visit))
    if apart:
        return f"scans not comparable: {apart}"
    for names, told in ((LIVER, "liver"), (BLOOD_POOL, "blood pool")):
        first, second = reference_tissue(baseline, names), reference_tissue(visit, names)
        if first is None or second is None:
            continue
        difference = second.mean - first.mean
        percent = 100 * difference / first.mean if first.mean else math.inf
        within = abs(percent) <= LIVER_PERCENT + TOLERANCE and abs(difference) < LIVER_SUL - TOLERANCE
        if within:
            return ""
        return (
            f"scans not comparable: {told} mean {second.mean:g} against {first.mean:g} at baseline "
            f"({change_text(percent)}, {_signed(difference)}; allowed ±20% and less than 0.3)"
        )
    return "scans not comparable: no uptake of the same reference tissue at both"


def _is_complete(course: Course, visit: Visit, now: Hottest) -> bool:
    """Return whether every lesion is below mean liver and no more than blood pool, or called absent."""
    targets = [visit.lesion(mark.lesion) for mark in course.baseline.of_role("target")]
    if all(mark is not None and mark.status == ABSENT for mark in targets):
        return others_gone(course, visit, _background(visit))
    limit = _background(visit)
    return not math.isnan(limit) and now.highest < limit and others_gone(course, visit, limit)


def _background(visit: Visit) -> float:
    """Return the uptake below which a lesion is gone: mean liver, or where it was measured and is lower, blood pool."""
    liver, blood = reference_tissue(visit, LIVER), reference_tissue(visit, BLOOD_POOL)
    limits = [mark.mean for mark in (liver,) if mark is not None]
    if blood is not None:
        limits.append(blood.mean + (0.0 if math.isnan(blood.sd) else SDS * blood.sd))
    return min(limits, default=math.nan)


def _tlg_increase(baseline: Visit, visit: Visit) -> float:
    """Return the change of total lesion uptake in percent; NaN where it was not measured of every target."""
    first = math.fsum(mark.tlg for mark in baseline.of_role("target"))
    second = math.fsum(mark.tlg for mark in visit.of_role("target"))
    return 100 * (second - first) / first if first > 0 else math.nan


def baseline_problems(course: Course, rules: ResponseRules) -> Iterator[Problem]:
    """Yield targets without uptake at baseline, and uptake times that are no hours."""
    for visit in looks_like_minutes(course):
        rule = f"is no time of an FDG scan in hours (patient {course.patient}, day {visit.day:g}): is it in minutes?"
        row = row_number(visit.marks[0].row)
        yield Problem(rule=rule, row=row, column=rules.columns.hours, value=f"{visit.hours:g}")
    for mark in course.baseline.of_role("target"):
        if math.isnan(mark.uptake):
            yield fault(course, mark, rules.columns.uptake, "", "a target needs its uptake at baseline")
        elif mark.uptake == 0:
            yield fault(course, mark, rules.columns.uptake, "0", "a target cannot have no uptake at baseline")
