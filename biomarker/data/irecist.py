"""iRECIST: progression that must be confirmed, and a bar that is reset where it is not.

Seymour L, et al. Lancet Oncol 2017;18:e143-e152, with the working group's answers to questions. Progression by
RECIST 1.1 is unconfirmed (iUPD) first. It is confirmed (iCPD) at a later visit by a further increase of what had
progressed (from the smallest sum since, so that small increases add up), by more new lesions, or by progression of
another kind of lesion; where the targets improve instead, the
next response counts and progression has to start again.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from biomarker.data.measurement_rows import INCREASED, NORMAL_NODE_MM, PROGRESSED
from biomarker.data.measurements import Course, Mark, Visit
from biomarker.data.recist import (
    CR,
    INCREASE,
    LEAST_INCREASE_MM,
    NE,
    NO_DISEASE,
    NON_CR,
    PD,
    PR,
    SD,
    OtherFinding,
    TargetCourse,
    TargetFinding,
    non_target_finding,
    overall_response,
)
from biomarker.data.time_points import (
    TOLERANCE,
    ResponseRules,
    TimePoint,
    equivocal_lesions,
    listed,
    new_lesions_by_visit,
    small_nodes,
)

UNCONFIRMED, CONFIRMED = "iUPD", "iCPD"
LATEST_DAYS = 56  # a confirmation is asked for within eight weeks; a later one counts, and is told
_WORDS = {CR: "iCR", PR: "iPR", SD: "iSD", NON_CR: "non-iCR/non-iUPD", NE: NE, NO_DISEASE: NO_DISEASE}
_RANK = {CR: 0, PR: 1, SD: 2, PD: 3}


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What a visit shows, before it is known what it means."""

    visit: Visit
    target: TargetFinding
    other: OtherFinding
    new: Mapping[str, Mark]
    progressed: frozenset[str]  # of "target", "non-target", "new"
    worse_others: frozenset[str]  # non-target lesions in unequivocal progression

    @property
    def new_sum(self) -> float:
        """Sum of the diameters of new lesions that were measured, mm."""
        return math.fsum(mark.diameter for mark in self.new.values() if not math.isnan(mark.diameter))


@dataclass(kw_only=True)
class _Pending:
    """An unconfirmed progression: what it rested on, and the least since."""

    opened: Finding
    kinds: set[str]
    least_total: float
    least_new_sum: float
    new: set[str]
    worse_others: set[str]

    def update(self, seen: Finding) -> None:
        """Take in a visit that left the progression unconfirmed."""
        self.kinds |= seen.progressed
        self.least_total = float(min(self.least_total, seen.target.total, key=_or_infinity))
        self.least_new_sum = min(self.least_new_sum, seen.new_sum)
        self.new |= set(seen.new)
        self.worse_others |= seen.worse_others


def _or_infinity(value: float) -> float:
    return math.inf if math.isnan(value) else value


@dataclass(kw_only=True)
class _State:
    """Where a patient stands: progression pending or confirmed, and the new lesions that a reset has forgiven."""

    pending: _Pending | None = None
    confirmed_day: float = math.nan
    forgiven: dict[str, float] = field(default_factory=dict)  # new lesion and its smallest diameter


def assess(course: Course, rules: ResponseRules) -> list[TimePoint]:
    """Return the iRECIST response of a patient at each visit after the baseline."""
    targets = TargetCourse(course, rules)
    state = _State()
    points: list[TimePoint] = []
    for visit, new in zip(course.visits, new_lesions_by_visit(course.visits, least_node=NORMAL_NODE_MM), strict=True):
        target = targets.read(visit)
        other = non_target_finding(course, visit, was_complete=targets.is_complete)
        seen = _finding(visit, target, other, new, state)
        response, why = _respond(seen, state, rules)
        targets.is_complete = response == "iCR" or (targets.is_complete and response == NE)
        doubtful = equivocal_lesions(visit, new)
        parts = [why, target.reason, other.reason, *small_nodes(visit, new, NORMAL_NODE_MM)]
        parts += [f"{listed(doubtful)} equivocal, not counted as new"] if doubtful else []
        findings = "; ".join(part for part in parts if part)
        points.append(
            TimePoint(
                visit=visit,
                response=response,
                reason=f"{response}: {findings}.",
                target=target.response,
                non_target=other.response,
                new_lesion=bool(new),
                has_targets=bool(targets.targets),
                shows_disease=NE not in (target.response, other.response),
                total=target.total,
                change_percent=target.change_percent,
                nadir=target.nadir,
            )
        )
    return points


def _finding(
    visit: Visit, target: TargetFinding, other: OtherFinding, new: Mapping[str, Mark], state: _State
) -> Finding:
    kinds = {
        "target": target.response == PD,
        "non-target": other.response == PD,
        "new": _new_progress(new, state),
    }
    worse = [mark.lesion for mark in visit.of_role("non-target") if mark.status == PROGRESSED]
    return Finding(
        visit=visit,
        target=target,
        other=other,
        new=new,
        progressed=frozenset(kind for kind, is_so in kinds.items() if is_so),
        worse_others=frozenset(worse),
    )


def _new_progress(new: Mapping[str, Mark], state: _State) -> bool:
    """Return whether new lesions are progression: those a reset has forgiven must have grown as targets must."""
    if any(name not in state.forgiven or mark.status == PROGRESSED for name, mark in new.items()):
        return True
    measured = {name: mark.diameter for name, mark in new.items() if not math.isnan(mark.diameter)}
    least = math.fsum(state.forgiven[name] for name in measured if not math.isnan(state.forgiven[name]))
    growth = math.fsum(measured.values()) - least
    return bool(measured) and growth >= max(LEAST_INCREASE_MM, INCREASE * least) - TOLERANCE and least > 0


def _respond(seen: Finding, state: _State, rules: ResponseRules) -> tuple[str, str]:
    """Return the response at a visit and what decided it; the state moves on."""
    if not math.isnan(state.confirmed_day):
        return CONFIRMED, f"progression was confirmed on day {state.confirmed_day:g}"
    if state.pending is None:
        return _first(seen, state)
    return _after_unconfirmed(seen, state, state.pending, rules)


def _first(seen: Finding, state: _State) -> tuple[str, str]:
    if not seen.progressed:
        _forgive(seen, state)
        return _WORDS[overall_response(seen.target.response, seen.other.response, new_lesion=False)], ""
    state.pending = _Pending(
        opened=seen,
        kinds=set(seen.progressed),
        least_total=seen.target.total,
        least_new_sum=seen.new_sum,
        new=set(seen.new),
        worse_others=set(seen.worse_others),
    )
    fresh = [name for name in seen.new if name not in state.forgiven]
    of = f"new {listed(fresh)}" if fresh else f"progression of {' and '.join(sorted(seen.progressed))} lesions"
    return UNCONFIRMED, f"{of}, to be confirmed"


def _after_unconfirmed(seen: Finding, state: _State, pending: _Pending, rules: ResponseRules) -> tuple[str, str]:
    """Return iCPD, iUPD once more, or the better response that resets the bar."""
    since = seen.visit.day - pending.opened.visit.day
    further = _further(seen, pending)
    if further:
        if since >= rules.confirm_days:
            state.confirmed_day = seen.visit.day
            late = ", later than the 8 weeks asked for" if since > LATEST_DAYS else ""
            return CONFIRMED, f"{further}, {since:g} days after iUPD on day {pending.opened.visit.day:g}{late}"
        pending.update(seen)
        return UNCONFIRMED, f"{further}, but only {since:g} days after iUPD: too early to confirm"
    if _is_reset(seen, pending):
        state.pending = None
        _forgive(seen, state)
        word = _WORDS[overall_response(seen.target.response, seen.other.response, new_lesion=False)]
        return word, f"iUPD of day {pending.opened.visit.day:g} not confirmed, the bar is reset"
    if not seen.progressed and seen.target.response == NE:
        return NE, f"iUPD of day {pending.opened.visit.day:g} neither confirmed nor resolved"
    pending.update(seen)
    return UNCONFIRMED, f"no further increase since iUPD on day {pending.opened.visit.day:g}"


def _further(seen: Finding, pending: _Pending) -> str:
    """Return what confirms a pending progression, or ``""``."""
    growth = seen.target.total - pending.least_total
    if "target" in pending.kinds and growth >= LEAST_INCREASE_MM - TOLERANCE:
        return f"sum of diameters {growth:+g} mm further"
    added = [name for name in seen.new if name not in pending.new]
    if added:
        return f"{'more new' if 'new' in pending.kinds else 'new'} {listed(added)}"
    if "new" in pending.kinds and _new_grew(seen, pending):
        return "new lesions have grown further"
    if "non-target" in pending.kinds and _others_grew(seen, pending):
        return "non-target lesions have grown further"
    another = sorted(seen.progressed - pending.kinds)
    return f"progression of {' and '.join(another)} lesions as well" if another else ""


def _new_grew(seen: Finding, pending: _Pending) -> bool:
    is_larger = seen.new_sum - pending.least_new_sum >= LEAST_INCREASE_MM - TOLERANCE
    return is_larger or any(
        mark.status in (INCREASED, PROGRESSED) and mark in seen.visit.marks for mark in seen.new.values()
    )


def _others_grew(seen: Finding, pending: _Pending) -> bool:
    more = seen.worse_others - pending.worse_others
    return bool(more) or any(mark.status == INCREASED for mark in seen.visit.of_role("non-target"))


def _is_reset(seen: Finding, pending: _Pending) -> bool:
    """Return whether progression is over: none is left, or new lesions alone stay and the targets have improved."""
    if seen.target.response == NE:
        return False
    if not seen.progressed:
        return True
    if seen.progressed != {"new"}:
        return False
    now, then = (_RANK.get(found.target.response) for found in (seen, pending.opened))
    return now is not None and then is not None and now < then


def _forgive(seen: Finding, state: _State) -> None:
    """Remember the new lesions of a visit that was no progression: alone they are none from now on."""
    state.forgiven = {
        name: float(min(mark.diameter, state.forgiven.get(name, math.nan), key=_or_infinity))
        for name, mark in seen.new.items()
    }
