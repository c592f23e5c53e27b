"""From the responses at the visits to the best overall response, its confirmation, start and end.

The rules are those of RECIST 1.1, section 4.3 and table 3; how visits between a response and its confirmation count
follows common practice in submissions: one that is not evaluable may stand between, stable disease may not.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from biomarker.data.time_points import ResponseRules, TimePoint

DAYS_PER_MONTH = 365.25 / 12
NOT_ASSESSED = "no assessment after the baseline"
_WRITTEN_OUT = {
    "complete response": ("CR", "iCR", "CMR"), "partial response": ("PR", "iPR", "PMR"),
    "stable disease": ("SD", "iSD", "SMD"), "progressive disease": ("PD", "PMD"),
    "not evaluable": ("NE",), "unevaluable": ("NE",), "inevaluable": ("NE",), "not assessable": ("NE",),
    "no disease": ("ND",), "non-complete response/non-progressive disease": ("non-CR/non-PD",),
    "complete metabolic response": ("CMR",), "partial metabolic response": ("PMR",),
    "stable metabolic disease": ("SMD",), "progressive metabolic disease": ("PMD",),
    "unconfirmed progressive disease": ("iUPD",), "confirmed progressive disease": ("iCPD",),
}  # fmt: skip


def response_word(text: str, words: Sequence[str]) -> str | None:
    """Return the response a text stands for in the words of a criterion, or None.

    Examples
    --------
    >>> response_word(" cr ", ["CR", "PR"]), response_word("Partial Response", ["CMR", "PMR"]), response_word("MR", [])
    ('CR', 'PMR', None)
    """
    folded = " ".join(text.split()).casefold()
    short = {word.casefold(): word for word in words}
    return short.get(folded) or next((word for word in _WRITTEN_OUT.get(folded, ()) if word in words), None)


@dataclass(frozen=True, kw_only=True)
class Scale:
    """What a criterion calls complete, partial, stable, progressive and not evaluable.

    `unconfirmed` is progression that does not end the course, such as iUPD; `holds` is stable disease of a patient
    without targets.
    """

    complete: str
    partial: str
    stable: str
    progressive: str
    not_evaluable: str = "NE"
    unconfirmed: str = ""
    holds: str = ""
    no_disease: str = "ND"
    disease_after_complete_is_progression: bool = True

    @property
    def control(self) -> tuple[str, ...]:
        """Best responses that are disease control."""
        return (self.complete, self.partial, self.stable, *([self.holds] if self.holds else []))

    @property
    def words(self) -> tuple[str, ...]:
        """Every response of the scale, from the best to none."""
        ends = [word for word in (self.unconfirmed, self.progressive) if word]
        return (*self.control, *ends, self.not_evaluable, self.no_disease)


SCALES: Mapping[str, Scale] = {
    "recist-1.1": Scale(complete="CR", partial="PR", stable="SD", progressive="PD", holds="non-CR/non-PD"),
    "irecist": Scale(
        complete="iCR", partial="iPR", stable="iSD", progressive="iCPD", unconfirmed="iUPD",
        holds="non-iCR/non-iUPD", disease_after_complete_is_progression=False,
    ),
    "percist-1.0": Scale(
        complete="CMR", partial="PMR", stable="SMD", progressive="PMD", disease_after_complete_is_progression=False
    ),
    "eortc": Scale(
        complete="CMR", partial="PMR", stable="SMD", progressive="PMD", disease_after_complete_is_progression=False
    ),
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class BestResponse:
    """The best overall response of a patient; days count from the baseline, NaN where it did not happen."""

    response: str
    reason: str
    is_objective: bool
    is_control: bool
    is_confirmed: bool
    response_day: float
    progression_day: float
    death_day: float  # NaN also where progression or new therapy came first
    last_day: float
    best_change_percent: float
    n_visits: int

    @property
    def end_day(self) -> float:
        """Day of progression, else of death; NaN where neither ended the response."""
        return self.death_day if math.isnan(self.progression_day) else self.progression_day

    @property
    def duration_days(self) -> float:
        """From the first response to progression or death, or to the last evaluable visit."""
        return (self.last_day if math.isnan(self.end_day) else self.end_day) - self.response_day


def best_response(
    points: Sequence[TimePoint],
    scale: Scale,
    rules: ResponseRules,
    *,
    new_therapy_day: float = math.nan,
    death_day: float = math.nan,
) -> BestResponse:
    """Return the best overall response over the visits up to progression and up to another anticancer therapy."""
    points = [point for point in points if not point.day > new_therapy_day]
    counted, end, ends_at_disease = _up_to_progression(points, scale)
    evaluable = [point for point in points if point.response != scale.not_evaluable]
    chosen, day, reason, confirmed = _chosen(counted, end, scale, rules, ends_at_disease=ends_at_disease)
    if chosen == scale.not_evaluable and not counted:
        reason = _why_not_assessed(new_therapy_day, death_day)
    changes = [point.change_percent for point in counted if not math.isnan(point.change_percent)]
    return BestResponse(
        response=chosen,
        reason=f"{chosen}: {reason}.",
        is_objective=chosen in (scale.complete, scale.partial),
        is_control=chosen in scale.control,
        is_confirmed=confirmed,
        response_day=day,
        progression_day=math.nan if end is None else _started(end, points, scale),
        death_day=death_day if end is None and not new_therapy_day < death_day else math.nan,
        last_day=evaluable[-1].day if evaluable else 0.0,
        best_change_percent=min(changes, default=math.nan),
        n_visits=len(points),
    )


def _why_not_assessed(new_therapy_day: float, death_day: float) -> str:
    if not math.isnan(new_therapy_day):
        return f"{NOT_ASSESSED} and up to new anticancer therapy on day {new_therapy_day:g}"
    died = "" if math.isnan(death_day) else f"; died on day {death_day:g}"
    return NOT_ASSESSED + died


def why_not_counted(points: Sequence[TimePoint], scale: Scale, *, new_therapy_day: float) -> list[str]:
    """Return for each visit why the best response takes no account of it; empty where it does."""
    before = [point for point in points if not point.day > new_therapy_day]
    counted, end, _ = _up_to_progression(before, scale)
    after = f"after progression on day {end.day:g}" if end is not None else ""
    reasons = [""] * len(counted) + [after] * (len(before) - len(counted))
    return reasons + [after or f"after new anticancer therapy on day {new_therapy_day:g}"] * (len(points) - len(before))


def _up_to_progression(points: Sequence[TimePoint], scale: Scale) -> tuple[list[TimePoint], TimePoint | None, bool]:
    """Return the visits that count, the one of progression, and whether that is disease after a complete response."""
    counted: list[TimePoint] = []
    was_complete = False
    for point in points:
        counted.append(point)
        if point.response == scale.progressive:
            return counted, point, False
        disease = point.response in scale.control[1:] and point.shows_disease
        if was_complete and disease and scale.disease_after_complete_is_progression:
            return counted, point, True
        was_complete = was_complete or point.response == scale.complete
    return counted, _last_unconfirmed(counted, scale), False


def _last_unconfirmed(points: Sequence[TimePoint], scale: Scale) -> TimePoint | None:
    """Return the first visit of an unconfirmed progression that nothing better followed, else None."""
    first = None
    for point in points:
        if scale.unconfirmed and point.response == scale.unconfirmed:
            first = first or point
        elif point.response != scale.not_evaluable:
            first = None
    return first


def _started(end: TimePoint, points: Sequence[TimePoint], scale: Scale) -> float:
    """Return the day on which the progression that `end` shows began: a confirmed one with its first sign."""
    start = end.day
    for point in reversed([point for point in points if point.day < end.day]):
        if scale.unconfirmed and point.response == scale.unconfirmed:
            start = point.day
        elif point.response != scale.not_evaluable:
            break
    return start


def _chosen(
    counted: Sequence[TimePoint],
    end: TimePoint | None,
    scale: Scale,
    rules: ResponseRules,
    *,
    ends_at_disease: bool,
) -> tuple[str, float, str, bool]:
    """Return the best response, the day of the first response, the reason, and whether it was confirmed."""
    if not counted:
        return scale.not_evaluable, math.nan, NOT_ASSESSED, False
    before = counted[:-1] if ends_at_disease else list(counted)
    found = _response(before, scale, rules)
    if found is not None:
        return found
    held = _held(before, scale, rules)
    if held is not None:
        return (*held, False)
    ended = _ended(counted, end, scale)
    if ended is not None:
        return (*ended, False)
    return scale.not_evaluable, math.nan, _why_not_evaluable(before, scale, rules), False


def _response(points: Sequence[TimePoint], scale: Scale, rules: ResponseRules) -> tuple[str, float, str, bool] | None:
    """Return a complete or partial response, the day of the first response, confirmed where that is asked for."""
    either = (scale.complete, scale.partial)
    start = next((start for start, _ in _confirmed(points, either, scale, rules)), math.nan)
    first = next((point.day for point in points if point.response in either), math.nan)
    for wanted, enough in ((scale.complete, (scale.complete,)), (scale.partial, either)):
        shown = next((point.day for point in points if point.response == wanted), math.nan)
        confirmed = next(_confirmed(points, enough, scale, rules), None)
        if rules.confirm and confirmed:
            return wanted, start, f"{wanted} from day {confirmed[0]:g}, confirmed on day {confirmed[1]:g}", True
        if not rules.confirm and not math.isnan(shown):
            told = f", confirmed on day {confirmed[1]:g}" if confirmed else ""
            return wanted, first, f"{wanted} on day {shown:g}{told}", bool(confirmed)
    return None


def _confirmed(
    points: Sequence[TimePoint], enough: tuple[str, ...], scale: Scale, rules: ResponseRules
) -> Iterator[tuple[float, float]]:
    """Yield the days of each response as good as `enough` and of the visit that confirms it."""
    for at, point in enumerate(points):
        by = _confirmation(points, at, enough, scale, rules) if point.response in enough else None
        if by is not None:
            yield point.day, by


def _confirmation(
    points: Sequence[TimePoint], at: int, enough: tuple[str, ...], scale: Scale, rules: ResponseRules
) -> float | None:
    """Return the day that confirms the response at a visit, or None."""
    gaps = 0
    for point in points[at + 1 :]:
        if point.response in enough:
            if point.day - points[at].day >= rules.confirm_days:
                return point.day
        elif point.response == scale.not_evaluable:
            gaps += 1
            if gaps > rules.max_not_evaluable:
                return None
        elif not (rules.accept_stable and point.response == scale.stable and scale.partial in enough):
            return None
    return None


def _held(points: Sequence[TimePoint], scale: Scale, rules: ResponseRules) -> tuple[str, float, str] | None:
    """Return stable disease that lasted long enough; an unconfirmed response is at least that."""
    for point in points:
        if point.response == scale.no_disease:
            return scale.no_disease, math.nan, f"no disease at baseline nor on day {point.day:g}"
        if point.response in scale.control and point.day >= rules.min_stable_days:
            without = scale.holds and (point.response == scale.holds or not point.has_targets)
            unconfirmed = point.response in (scale.complete, scale.partial)
            was = f"{point.response} on day {point.day:g} was not confirmed; " if unconfirmed else ""
            held = f"no progression by day {point.day:g}, at least {rules.min_stable_days:g} days from baseline"
            return scale.holds if without else scale.stable, math.nan, was + held
    return None


def _ended(counted: Sequence[TimePoint], end: TimePoint | None, scale: Scale) -> tuple[str, float, str] | None:
    """Return progression as the best response, where nothing better lasted long enough."""
    if end is None:
        return None
    if end.response not in (scale.progressive, scale.unconfirmed):
        before = next(point for point in counted if point.response == scale.complete)
        return scale.progressive, math.nan, f"disease on day {end.day:g} after {before.response} on day {before.day:g}"
    return end.response, math.nan, f"progression on day {_started(end, counted, scale):g}"


def _why_not_evaluable(points: Sequence[TimePoint], scale: Scale, rules: ResponseRules) -> str:
    short = [point for point in points if point.response in scale.control]
    if short:
        last = short[-1]
        return (
            f"{last.response} on day {last.day:g}, before the {rules.min_stable_days:g} days that stable disease needs"
        )
    return "no evaluable assessment after the baseline"
