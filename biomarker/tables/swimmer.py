"""Lay out what a swimmer plot shows, in numbers."""

from __future__ import annotations

from math import isnan

from biomarker.analyses.result import Estimate
from biomarker.analyses.swimmer import Swimmer
from biomarker.tables import Spanner, Style, Table, layout
from biomarker.tables.style import NOT_ESTIMABLE, count_of
from biomarker.vocabulary import column_label, outcome_label, quantity_label


@layout.register
def _(result: Swimmer, style: Style) -> Table:
    """Lay out one column for all patients, and one a group."""
    levels = () if result.group is None else result.group.levels
    columns: list[str | None] = [None, *levels]
    everybody = _of(result, None)
    counts = [next(line.n or 0 for line in _of(result, level)) for level in columns]
    rows = [
        (_label(line, result), *(_cell(_sibling(result, line, level), style) for level in columns))
        for line in everybody
    ]
    heads = [f"{'All' if level is None else level} (n = {n})" for level, n in zip(columns, counts, strict=True)]
    has_marks = any("marker" in line.of for line in everybody)
    range_note = " Median (range) of the time of a happening is over the patients who had it." if has_marks else ""
    return Table(
        title=f"{outcome_label(result.duration)}, course of {len(result.patients)} patients",
        header=("", *heads),
        spanners=[] if result.group is None else [Spanner(column_label(result.group.column), 2, len(heads) - 1)],
        rows=rows,
        footnotes=(f"CI, confidence interval ({result.method.name}).{_abbreviations(rows)}{range_note}",),
    )


def _abbreviations(rows: list[tuple[str, ...]]) -> str:
    """Spell out what stands in a cell in place of a number, as far as any does."""
    cells = " ".join(cell for row in rows for cell in row)
    words = (("NR", "not reached"), (NOT_ESTIMABLE, "not estimable"))
    told = [f"{short}, {long}" for short, long in words if short in cells]
    return f" {'; '.join(told)}." if told else ""


def _of(result: Swimmer, level: str | None) -> list[Estimate]:
    return [line for line in result.estimates if line.of.get("group") == level]


def _sibling(result: Swimmer, line: Estimate, level: str | None) -> Estimate:
    """Return the same line of a group."""
    found = (one for one in _of(result, level) if one.quantity == line.quantity)
    return next(one for one in found if one.of.get("marker") == line.of.get("marker"))


def _label(line: Estimate, result: Swimmer) -> str:
    unit = f", {line.unit}" if line.unit and line.unit != "fraction" else ""
    if line.quantity == "share_with":
        return f"{line.of['marker']}, n/N (%)"
    if line.quantity == "median_time":
        return f"{line.of['marker']}{unit}, median (range)"
    if line.quantity == "ongoing":
        return "Ongoing, n/N (%)" if result.is_ongoing_given else "Without the event at the end, n/N (%)"
    if line.quantity == "events":
        return f"{quantity_label('events')}, n/N (%)"
    interval = f" ({100 * result.method.confidence_level:g}% CI)" if line.quantity == "median_follow_up" else ""
    return f"{quantity_label(line.quantity)}{unit}{interval}"


def _cell(line: Estimate, style: Style) -> str:
    if line.quantity == "events":
        n = line.n or 0
        return f"{count_of(round(line.value), n)} ({style.percent(line.value / n)})"
    if line.unit == "fraction":
        return f"{count_of(line.numerator, line.n or 0)} ({style.percent(line.value)})"
    if line.quantity == "median_follow_up":
        low, high = ("NR" if isnan(limit) else style.number(limit, 1) for limit in (line.low, line.high))
        return "NR" if isnan(line.value) else f"{style.number(line.value, 1)} ({low}{style.range_mark}{high})"
    return style.with_interval(line.value, line.low, line.high, 1)
