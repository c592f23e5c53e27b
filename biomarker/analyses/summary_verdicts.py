"""What each check of a printed summary finds: lines of estimates, and a sentence that says whether it holds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from biomarker.analyses.printed_figures import Printed, overlap
from biomarker.analyses.result import Estimate
from biomarker.kernels.interval import Interval
from biomarker.kernels.summary_check import (
    Reading,
    Recomputed,
    Test,
    implied_correlation,
    recomputed_f,
    recomputed_t,
    sd_factor,
)

READINGS: tuple[Reading, ...] = ("sd", "se", "ci")
TESTS: dict[str, str] = {"student": "Student's t test", "welch": "Welch's t test", "paired": "the paired t test"}


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """One check: of what, whether the figures can be true together, and a sentence about it."""

    check: str
    of: str = ""
    holds: bool
    sentence: str
    readings: tuple[Reading, ...] | None = None  # readings of the spread that pass; None where it plays no part


@dataclass(frozen=True, kw_only=True)
class Recalculation:
    """A p-value recomputed under one reading of the spread, and whether it prints as the reported one."""

    reading: Reading
    test: str
    sides: int
    found: Recomputed
    agrees: bool | None


@dataclass(frozen=True, kw_only=True)
class Summary:
    """Printed figures of the groups, and what a study said it did."""

    names: tuple[str, ...]
    n: tuple[int, ...]
    means: tuple[Printed, ...]
    spreads: tuple[Printed, ...] | None
    confidence_level: float
    p_value: Printed | None = None
    t_statistic: Printed | None = None
    interval: tuple[Printed, Printed] | None = None
    is_paired: bool = False
    correlation: float | None = None
    granularity: float | None = None
    others: dict[str, tuple[Printed, ...]] = field(default_factory=dict)  # medians, minimums, ... by argument

    def sd(self, place: int, reading: Reading) -> Interval:
        """Return the standard deviations that a printed spread can stand for."""
        factor = sd_factor(reading, self.n[place], confidence_level=self.confidence_level)
        return Interval(np.nan, np.nan) if self.spreads is None else self.spreads[place].times(factor)

    def printed_sd(self, place: int, reading: Reading) -> float:
        """Return the standard deviation that the printed figure itself stands for."""
        factor = sd_factor(reading, self.n[place], confidence_level=self.confidence_level)
        return np.nan if self.spreads is None else self.spreads[place].value * factor


def reading_name(reading: Reading, confidence_level: float) -> str:
    """Return a reading of the spread in words."""
    words = {"sd": "the standard deviation", "se": "the standard error"}
    return words.get(reading, f"half of the {100 * confidence_level:g}% confidence interval")


def p_words(p: float) -> str:
    """Return a p-value within a sentence."""
    return "p < 0.0001" if p < 0.0001 else f"p = {p:.3g}"


def listed(words: Sequence[str], last: str = "and") -> str:
    """Return words as a list within a sentence."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}"


def implied_sds(summary: Summary) -> Iterator[Estimate]:
    """Give the standard deviation of each group under each reading."""
    for place, name in enumerate(summary.names):
        for reading in READINGS:
            low, high = summary.sd(place, reading)
            yield Estimate(
                quantity="implied_sd", value=summary.printed_sd(place, reading), low=low, high=high,
                n=summary.n[place], of={"group": name, "reading": reading},
            )  # fmt: skip


def recalculations(summary: Summary) -> tuple[Recalculation, ...]:
    """Recompute the p under each reading, by each test, two- and one-sided."""
    found = []
    for reading in READINGS:
        if len(summary.means) > 2:
            result = _f_test(summary, reading)
            found.append(_recalculation(summary, reading, "analysis of variance", 2, result))
            continue
        tests: list[Test] = ["student", "welch"]
        if summary.correlation is not None:
            tests.append("paired")
        for sides in (2, 1):
            for test in tests:
                result = _t_test(summary, reading, test, one_sided=sides == 1)
                found.append(_recalculation(summary, reading, TESTS[test], sides, result))
    return tuple(found)


def _recalculation(summary: Summary, reading: Reading, test: str, sides: int, result: Recomputed) -> Recalculation:
    reported = summary.p_value
    agrees = None if reported is None else overlap(result.p_range, reported.interval)
    return Recalculation(reading=reading, test=test, sides=sides, found=result, agrees=agrees)


def _t_test(summary: Summary, reading: Reading, test: Test, *, one_sided: bool = False) -> Recomputed:
    sds = [summary.sd(place, reading) for place in (0, 1)]
    return recomputed_t(
        [mean.interval for mean in summary.means], sds, summary.n, test=test,
        correlation=summary.correlation or 0.0,
        centre=([mean.value for mean in summary.means], [summary.printed_sd(place, reading) for place in (0, 1)]),
        one_sided=one_sided, confidence_level=summary.confidence_level,
    )  # fmt: skip


def _f_test(summary: Summary, reading: Reading) -> Recomputed:
    places = range(len(summary.means))
    centre = (
        np.array([mean.value for mean in summary.means]),
        np.array([summary.printed_sd(place, reading) for place in places]),
    )
    sds = [summary.sd(place, reading) for place in places]
    return recomputed_f([mean.interval for mean in summary.means], sds, summary.n, centre=centre)


def p_verdict(summary: Summary, found: Sequence[Recalculation]) -> Verdict | None:
    """Say which reading of the spread gives the reported p."""
    if summary.p_value is None or not found:
        return None
    hits = [each for each in found if each.agrees and each.sides == 2] or [each for each in found if each.agrees]
    readings = tuple(dict.fromkeys(each.reading for each in hits))
    level = summary.confidence_level
    reported = _reported(summary.p_value)
    others = [each for each in READINGS if each not in readings]
    usual = {each.reading: each.found.p_value for each in reversed(found) if each.sides == 2}
    rest = listed([f"{p_words(usual[each])} as {reading_name(each, level)}" for each in others]) if others else ""
    if not readings:
        sentence = f"No reading of the spread gives the reported {reported}: it comes to {rest}."
        return Verdict(check="p-value", holds=False, sentence=sentence, readings=())
    tests = listed(
        list(
            dict.fromkeys(
                f"{each.test} ({p_words(each.found.p_value)})" for each in hits if each.reading == readings[0]
            )
        )
    )
    sides = "" if len(summary.n) > 2 else ", two-sided," if hits[0].sides == 2 else ", one-sided,"
    named = listed([reading_name(each, level) for each in readings], "or")
    only = " only" if len(readings) == 1 else ""
    sentence = f"The reported {reported} comes out of {tests}{sides}{only} if the spread is read as {named}"
    return Verdict(
        check="p-value",
        holds=True,
        readings=readings,
        sentence=f"{sentence}; it comes to {rest}." if rest else f"{sentence}.",
    )


def _reported(p_value: Printed) -> str:
    return (
        f"p {p_value.text[0]} {p_value.text[1:]}"
        if p_value.text[0] in "<>"
        else ("p above 0.05" if p_value.text == "NS" else f"p = {p_value.text}")
    )


def paired_lines(summary: Summary) -> tuple[list[Estimate], Verdict | None]:
    """Return the correlation within pairs that the reported p would need, under each reading."""
    reported = summary.p_value
    if not summary.is_paired or reported is None or summary.spreads is None or len(summary.means) != 2:
        return [], None
    one, other = (mean.interval for mean in summary.means)
    apart = Interval(one.low - other.high, one.high - other.low)
    apart = Interval(0.0, max(-apart.low, apart.high)) if apart.low < 0 < apart.high else apart
    lines, possible, words = [], [], []
    for reading in READINGS:
        sds = (summary.sd(0, reading), summary.sd(1, reading))
        centre = [
            summary.means[0].value - summary.means[1].value,
            summary.printed_sd(0, reading),
            summary.printed_sd(1, reading),
            reported.value,
        ]
        r, limits = implied_correlation(apart, sds, summary.n[0], reported.interval, centre=centre)
        lines.append(
            Estimate(
                quantity="implied_correlation", value=r, low=limits.low, high=limits.high, n=summary.n[0],
                of={"reading": reading},
            )
        )  # fmt: skip
        if overlap(limits, Interval(-1.0, 1.0)):
            possible.append(reading)
            words.append(f"{r:.2f} if the spread is {reading_name(reading, summary.confidence_level)}")
    needs = (
        f"needs a correlation within pairs of {listed(words, 'or')}"
        if words
        else ("is not possible under any reading of the spread, whatever the correlation")
    )
    sentence = f"In a paired t test the reported {_reported(reported)} {needs}."
    return lines, Verdict(check="pairs", holds=bool(words), sentence=sentence, readings=tuple(possible))


def statistic_verdicts(summary: Summary) -> list[Verdict]:
    """Check a reported t statistic, and a reported interval of the difference of means."""
    found = []
    tests: list[Test] = ["student", "welch"]
    if summary.correlation is not None:
        tests.append("paired")
    both = [(reading, test, _t_test(summary, reading, test)) for reading in READINGS for test in tests]
    level = summary.confidence_level
    if summary.t_statistic is not None:
        size = (
            summary.t_statistic.interval
            if summary.t_statistic.value >= 0
            else Interval(-summary.t_statistic.interval.high, -summary.t_statistic.interval.low)
        )
        fits = [(reading, test) for reading, test, one in both if overlap(one.statistic_range, size)]
        found.append(_fit("t statistic", f"t = {summary.t_statistic.text}", fits, level))
    if summary.interval is not None:
        ends = [figure.interval for figure in summary.interval]
        turned = [Interval(-end.high, -end.low) for end in reversed(ends)]
        fits = [
            (reading, test)
            for reading, test, one in both
            if any(
                overlap(one.difference_low, low) and overlap(one.difference_high, high) for low, high in (ends, turned)
            )
        ]
        text = f"{100 * level:g}% confidence interval {summary.interval[0].text} to {summary.interval[1].text}"
        found.append(_fit("confidence interval", text, fits, level))
    return found


def _fit(check: str, reported: str, fits: Sequence[tuple[Reading, str]], level: float) -> Verdict:
    readings = tuple(dict.fromkeys(reading for reading, _ in fits))
    if not readings:
        sentence = f"The reported {reported} comes out of no test under any reading of the spread."
        return Verdict(check=check, holds=False, sentence=sentence, readings=())
    named = listed([reading_name(reading, level) for reading in readings], "or")
    tests = listed(list(dict.fromkeys(TESTS[test] for _, test in fits)), "or")
    sentence = f"The reported {reported} comes out of {tests} with the spread read as {named}."
    return Verdict(check=check, holds=True, sentence=sentence, readings=readings)
