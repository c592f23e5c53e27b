"""Lay out the check of a printed summary: what the spread implies, and the p-value, by each reading of it."""

from __future__ import annotations

from biomarker.analyses.check_summary import CheckedSummary
from biomarker.analyses.result import Estimate
from biomarker.analyses.summary_verdicts import READINGS
from biomarker.tables import Row, Style, Table, heading, indented, layout


@layout.register
def _(result: CheckedSummary, style: Style) -> Table:
    """Lay out one column a reading of the spread, or one row a percentage; the verdicts stand beneath."""
    level = f"{100 * result.method.confidence_level:g}% CI half-width"
    rows = [*_implied(result, style), *_p_values(result, style), *_correlations(result, style)]
    if not rows:
        return _other_checks(result)
    if result.reported_p is not None:
        rows.append(Row(("Reported p", result.reported_p.text, "", "")))
    return Table(
        title="Check of a printed summary",
        header=("If the spread is the", "SD", "SE", level),
        rows=[*rows, *_possible(result, style)],
        footnotes=(
            "SD, standard deviation; SE, standard error; CI, confidence interval. In brackets, the smallest and the "
            "largest value from all figures that round to those printed.",
        ),
    )


def _by_reading(result: CheckedSummary, quantity: str, **of: object) -> list[Estimate | None]:
    found = [
        line
        for line in result.estimates
        if line.quantity == quantity and all(line.of.get(key) == value for key, value in of.items())
    ]
    return [next((line for line in found if line.of.get("reading") == reading), None) for reading in READINGS]


def _implied(result: CheckedSummary, style: Style) -> list[Row]:
    rows = []
    for name in result.groups:
        lines = _by_reading(result, "implied_sd", group=name)
        if any(lines):
            cells = ["" if line is None else style.with_interval(line.value, line.low, line.high) for line in lines]
            rows.append(indented(name, *cells))
    return [heading("SD implied"), *rows] if rows else []


def _p_values(result: CheckedSummary, style: Style) -> list[Row]:
    rows = []
    for test, sides in dict.fromkeys((each.test, each.sides) for each in result.recalculated):
        lines = _by_reading(result, "recomputed_p", test=test, sides=sides)
        cells = ["" if line is None else _p_cell(line, style) for line in lines]
        side = "" if len(result.groups) > 2 else ", two-sided" if sides == 2 else ", one-sided"
        label = test.removeprefix("the ")
        rows.append(indented(f"{label[0].upper()}{label[1:]}{side}", *cells))
    return [heading("p-value recomputed"), *rows] if rows else []


def _p_cell(line: Estimate, style: Style) -> str:
    low, value, high = (_p_text(p, style) for p in (line.low, line.value, line.high))
    return value if low == high == value else f"{value} ({low} to {high})"


def _p_text(p: float, style: Style) -> str:
    """Return a p-value with the digits a comparison with a reported one needs, more than a style prints."""
    if p < 0.0001:
        return "<0.0001"
    return style.significant(p, 3)


def _correlations(result: CheckedSummary, style: Style) -> list[Row]:
    lines = _by_reading(result, "implied_correlation")
    if not any(lines):
        return []
    cells = []
    for line in lines:
        possible = line is not None and line.low <= 1 and line.high >= -1
        cells.append(style.with_interval(line.value, line.low, line.high) if line and possible else "impossible")
    return [Row(("Correlation that a paired t test needs", *cells))]


def _possible(result: CheckedSummary, style: Style) -> list[Row]:
    rows = [
        indented(str(line.of["group"]), style.interval(line.low, line.high), "", "")
        for line in result.estimates
        if line.quantity == "possible_sd"
    ]
    return [heading("SD possible, given the range"), *rows] if rows else []


def _other_checks(result: CheckedSummary) -> Table:
    """Lay out checks without a spread: each with whether it holds."""
    return Table(
        title="Check of a printed summary",
        header=("Check", "Of", "Holds"),
        rows=[
            Row((verdict.check.capitalize(), verdict.of, "yes" if verdict.holds else "no"))
            for verdict in result.verdicts
        ],
    )
