"""RECIST 1.1: the response at each visit from targets, other lesions and new ones, with the reason in words.

Eisenhauer EA, et al. Eur J Cancer 2009;45:228-247, with the working group's answers to questions (Schwartz LH, et al.
Eur J Cancer 2016;62:132-137).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from biomarker.data.measurement_rows import (
    ABSENT,
    MERGED,
    NORMAL_NODE_MM,
    NOT_EVALUABLE,
    PROGRESSED,
    SPLIT,
    TOO_SMALL,
)
from biomarker.data.measurements import Course, Mark, Visit
from biomarker.data.time_points import (
    MOST_PER_ORGAN,
    MOST_TARGETS,
    TOLERANCE,
    ResponseRules,
    TimePoint,
    change_text,
    equivocal_lesions,
    fault,
    listed,
    new_lesions_by_visit,
    small_nodes,
)
from biomarker.errors import Problem

MEASURABLE_MM, MEASURABLE_NODE_MM = 10.0, 15.0
DECREASE, INCREASE, LEAST_INCREASE_MM = 0.3, 0.2, 5.0
CR, PR, SD, PD, NE, NON_CR = "CR", "PR", "SD", "PD", "NE", "non-CR/non-PD"
NO_DISEASE = "ND"


@dataclass(frozen=True, kw_only=True)
class TargetFinding:
    """The response of the targets at one visit, the sum behind it, and why."""

    response: str  # "" where the patient has no targets
    total: float = math.nan
    change_percent: float = math.nan
    nadir: float = math.nan
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class OtherFinding:
    """The response of the non-target lesions at one visit, and why."""

    response: str  # "" where the patient has none
    reason: str = ""


class TargetCourse:
    """The targets of one patient, read visit by visit: what is known so far decides on the next."""

    def __init__(self, course: Course, rules: ResponseRules) -> None:
        self.targets = course.baseline.of_role("target")
        self.rules = rules
        self.baseline = math.fsum(mark.diameter for mark in self.targets)
        self.nadir = self.baseline
        self.read_so_far: list[tuple[float, str]] = []  # days, and what the targets showed by themselves
        self.is_confirmed = False  # whether a response was seen again, so that it ends by progression only
        self.is_complete = False  # whether the overall response before was CR

    def read(self, visit: Visit) -> TargetFinding:
        """Return the response of the targets at the next visit."""
        if not self.targets:
            return TargetFinding(response="", reason="no target lesions at baseline")
        found = {mark.lesion: self._diameter(visit.lesion(mark.lesion)) for mark in self.targets}
        lacking = [name for name, diameter in found.items() if math.isnan(diameter)]
        known = math.fsum(diameter for diameter in found.values() if not math.isnan(diameter))
        nadir = self.nadir
        if lacking:
            response, reason = self._of_some(found, known, lacking)
            self._remember(visit, response)
            return TargetFinding(response=response, nadir=nadir, reason=reason)
        change = 100 * (known - self.baseline) / self.baseline
        response, reason = self._of_all(found, known, change)
        self._remember(visit, response)
        self.nadir = min(nadir, known)
        return TargetFinding(
            response=response, total=known, change_percent=change, nadir=nadir, reason=reason + self._notes(visit)
        )

    def _diameter(self, mark: Mark | None) -> float:
        """Return what a target adds to the sum; NaN where it was not assessed."""
        if mark is None or mark.status == NOT_EVALUABLE:
            return math.nan
        if not math.isnan(mark.diameter):
            return mark.diameter
        # a lesion that grew into another has its size in that one's diameter
        return {TOO_SMALL: self.rules.too_small_mm, ABSENT: 0.0, MERGED: 0.0}.get(mark.status, math.nan)

    def _of_some(self, found: Mapping[str, float], known: float, lacking: Sequence[str]) -> tuple[str, str]:
        """Return what can be said where targets were not assessed: progression, where the others alone show it."""
        missing = f"{listed(lacking, 'target')} not evaluable"
        back = self._reappeared(found)
        if back:
            return PD, f"{listed(back, 'target')} reappeared after complete response; {missing}"
        has_grown, grew = self._growth(known)
        if has_grown:
            return PD, f"{missing}, but the sum of the others alone is {known:g} mm, {grew}"
        return NE, missing

    def _of_all(self, found: Mapping[str, float], known: float, change: float) -> tuple[str, str]:
        """Return the response where every target was assessed, and why."""
        if self._is_gone(found):
            nodes = any(mark.is_node for mark in self.targets)
            return CR, f"all targets gone{f', nodes below 10 mm (sum {known:g} mm)' if nodes else ''}"
        sums = f"sum of diameters {known:g} mm, {change_text(change)} from {self.baseline:g} mm at baseline"
        has_grown, grew = self._growth(known)
        back = self._reappeared(found)
        if back:
            return PD, f"{listed(back, 'target')} reappeared after complete response ({sums})"
        if has_grown:
            return PD, f"{sums}; {grew}"
        if known <= (1 - DECREASE) * self.baseline + TOLERANCE:
            return PR, sums
        if self.is_confirmed:
            return PR, f"{sums}; a partial response continues until progression"
        return SD, sums + (f"; {grew}: no progression" if known > self.nadir else "")

    def _growth(self, known: float) -> tuple[bool, str]:
        """Return whether the sum has grown into progression, and what it did from the nadir."""
        growth = known - self.nadir
        percent = 100 * growth / self.nadir if self.nadir else math.inf
        grew = f"{change_text(percent)} and {growth:+g} mm from the smallest sum {self.nadir:g} mm"
        enough = growth >= LEAST_INCREASE_MM - TOLERANCE
        return enough and growth >= INCREASE * self.nadir - TOLERANCE, grew

    def _is_gone(self, found: Mapping[str, float]) -> bool:
        return all(
            found[mark.lesion] < NORMAL_NODE_MM if mark.is_node else found[mark.lesion] == 0 for mark in self.targets
        )

    def _reappeared(self, found: Mapping[str, float]) -> list[str]:
        """Return targets that are back after a complete response: a node has to be pathological again."""
        if not self.is_complete:
            return []
        return [
            mark.lesion
            for mark in self.targets
            if (found[mark.lesion] >= NORMAL_NODE_MM if mark.is_node else found[mark.lesion] > 0)
        ]

    def _remember(self, visit: Visit, response: str) -> None:
        """Keep what the targets showed, and whether a response was confirmed as the best response has it confirmed."""
        self.read_so_far.append((visit.day, response))
        if response == PD:
            self.is_confirmed, self.read_so_far = False, []
        self.is_confirmed = self.is_confirmed or any(
            self._is_seen_again(at) for at, (_, word) in enumerate(self.read_so_far) if word in (CR, PR)
        )

    def _is_seen_again(self, at: int) -> bool:
        """Return whether the response at a visit was there again, late enough and with nothing less between."""
        gaps = 0
        for day, word in self.read_so_far[at + 1 :]:
            if word in (CR, PR):
                if day - self.read_so_far[at][0] >= self.rules.confirm_days:
                    return True
            elif word == NE:
                gaps += 1
                if gaps > self.rules.max_not_evaluable:
                    return False
            elif not self.rules.accept_stable:
                return False
        return False

    def _notes(self, visit: Visit) -> str:
        """Return what a reader of the sum should know: nominal sizes, lesions split or merged."""
        marks = [visit.lesion(mark.lesion) for mark in self.targets]
        by_status: dict[str, list[str]] = {}
        for mark in marks:
            if mark is not None and (mark.status in (SPLIT, MERGED) or self._is_nominal(mark)):
                by_status.setdefault(mark.status, []).append(mark.lesion)
        texts = {
            TOO_SMALL: f"too small to measure, taken as {self.rules.too_small_mm:g} mm",
            SPLIT: "split, diameters of the parts added",
            MERGED: "merged, measured as one",
        }
        return "".join(f"; {listed(by_status[status])} {text}" for status, text in texts.items() if status in by_status)

    def _is_nominal(self, mark: Mark) -> bool:
        return mark.status == TOO_SMALL and math.isnan(mark.diameter)


def non_target_finding(course: Course, visit: Visit, *, was_complete: bool = False) -> OtherFinding:
    """Return the response of the non-target lesions at a visit.

    After a complete response a lesion that is back is progression; a node only where it has unequivocally progressed.
    """
    lesions = course.baseline.of_role("non-target")
    if not lesions:
        return OtherFinding(response="")
    state = {mark.lesion: _other_state(visit.lesion(mark.lesion)) for mark in lesions}
    worse = [name for name, word in state.items() if word == PD]
    unknown = [name for name, word in state.items() if word == NE]
    there = [mark for mark in lesions if state[mark.lesion] == NON_CR]
    back = [mark.lesion for mark in there if not mark.is_node] if was_complete else []
    if worse:
        return OtherFinding(response=PD, reason=f"unequivocal progression of non-target {listed(worse)}")
    if back:
        return OtherFinding(response=PD, reason=f"non-target {listed(back)} reappeared after complete response")
    if unknown:
        return OtherFinding(response=NE, reason=f"non-target {listed(unknown)} not evaluable")
    if there and was_complete:
        nodes = listed([mark.lesion for mark in there])
        return OtherFinding(response=CR, reason=f"non-target nodal {nodes} visible without unequivocal progression")
    if there:
        return OtherFinding(response=NON_CR, reason="non-target lesions persist")
    return OtherFinding(response=CR, reason="non-target lesions gone")


def _other_state(mark: Mark | None) -> str:
    """Return what one non-target lesion says; without a word its diameter speaks, of a node against 10 mm."""
    if mark is None or mark.status == NOT_EVALUABLE:
        return NE
    if mark.status:
        return {ABSENT: CR, PROGRESSED: PD}.get(mark.status, NON_CR)
    if math.isnan(mark.diameter):
        return NE
    gone = mark.diameter < NORMAL_NODE_MM if mark.is_node else mark.diameter == 0
    return CR if gone else NON_CR


def overall_response(target: str, non_target: str, *, new_lesion: bool) -> str:
    """Return the overall response at a visit: tables 1 and 2 of RECIST 1.1.

    Parameters
    ----------
    target : str
        ``"CR"``, ``"PR"``, ``"SD"``, ``"PD"``, ``"NE"``, or ``""`` where the patient has no targets.
    non_target : str
        ``"CR"``, ``"non-CR/non-PD"``, ``"PD"``, ``"NE"``, or ``""`` where there are none.
    new_lesion : bool

    Examples
    --------
    >>> overall_response("CR", "NE", new_lesion=False)
    'PR'
    >>> overall_response("", "non-CR/non-PD", new_lesion=False)
    'non-CR/non-PD'
    """
    if new_lesion or PD in (target, non_target):
        return PD
    if not target:
        return non_target or NO_DISEASE
    if target == CR and non_target not in ("", CR):
        return PR
    return target


def assess(course: Course, rules: ResponseRules) -> list[TimePoint]:
    """Return the RECIST 1.1 response of a patient at each visit after the baseline."""
    targets = TargetCourse(course, rules)
    points: list[TimePoint] = []
    for visit, new in zip(course.visits, new_lesions_by_visit(course.visits, least_node=NORMAL_NODE_MM), strict=True):
        target = targets.read(visit)
        other = non_target_finding(course, visit, was_complete=targets.is_complete)
        response = overall_response(target.response, other.response, new_lesion=bool(new))
        targets.is_complete = response == CR or (targets.is_complete and response != PD)
        points.append(
            TimePoint(
                visit=visit,
                response=response,
                reason=reason_of(response, target, other, visit, new),
                target=target.response,
                non_target=other.response,
                shows_disease=NE not in (target.response, other.response),
                has_targets=bool(targets.targets),
                new_lesion=bool(new),
                total=target.total,
                change_percent=target.change_percent,
                nadir=target.nadir,
            )
        )
    return points


def reason_of(response: str, target: TargetFinding, other: OtherFinding, visit: Visit, new: Mapping[str, Mark]) -> str:
    """Return why: the targets, the others and new lesions in one line, what decided first."""
    parts = [target.reason, other.reason]
    if new:
        first = f"new {listed(list(new))}"
        parts = [first, *parts]
    elif other.response == PD:
        parts = [other.reason, target.reason]
    doubtful = equivocal_lesions(visit, dict(new))
    if doubtful:
        parts.append(f"{listed(doubtful)} equivocal, not counted as new")
    parts += small_nodes(visit, new, NORMAL_NODE_MM)
    return f"{response}: {'; '.join(part for part in parts if part)}."


def baseline_problems(course: Course, rules: ResponseRules) -> Iterator[Problem]:
    """Yield what RECIST 1.1 does not allow at baseline; what makes a sum impossible comes out even when not strict."""
    names = rules.columns
    targets = course.baseline.of_role("target")
    for mark in targets:
        if math.isnan(mark.diameter):
            yield fault(course, mark, names.diameter, "", "a target needs its diameter at baseline")
        elif mark.diameter == 0:
            yield fault(course, mark, names.diameter, "0", "a target cannot be 0 mm at baseline")
    for visit in course.visits:
        yield from _merged_nowhere(course, visit, names.diameter)


def strict_problems(course: Course, rules: ResponseRules) -> Iterator[Problem]:
    """Yield what RECIST 1.1 advises against: too many targets, or too small ones."""
    names = rules.columns
    targets = course.baseline.of_role("target")
    for mark in targets:
        least = MEASURABLE_NODE_MM if mark.is_node else MEASURABLE_MM
        if mark.diameter < least:
            what = "short axis of a node" if mark.is_node else "longest diameter of a lesion"
            hint = "; is the column in cm?" if mark.diameter < MEASURABLE_MM / 2 else ""
            rule = f"is not measurable: the {what} as a target is at least {least:g} mm{hint}"
            yield fault(course, mark, names.diameter, f"{mark.diameter:g}", rule)
    for mark in targets[MOST_TARGETS:]:
        yield fault(course, mark, names.role, "target", f"is one of {len(targets)} targets; RECIST 1.1 allows five")
    organs: Counter[str] = Counter()
    for mark in targets:
        organ = "lymph node" if mark.is_node else mark.site.casefold()  # all nodes are one organ
        organs[organ] += 1
        if organ and organs[organ] > MOST_PER_ORGAN:
            rule = f"is target {organs[organ]} in one organ; RECIST 1.1 allows two"
            yield fault(course, mark, names.site, mark.site or organ, rule)


def _merged_nowhere(course: Course, visit: Visit, column: str) -> Iterator[Problem]:
    """Yield a problem for a lesion merged into one that has no size."""
    merged = [mark for mark in visit.of_role("target") if mark.status == MERGED]
    if merged and all(math.isnan(mark.diameter) for mark in merged):
        rule = "is merged, but no merged lesion of the visit has a diameter; give the common one to one of them"
        yield fault(course, merged[0], column, "", rule)
