"""Lay out a comparison of published summaries: one column a group."""

from __future__ import annotations

from biomarker.analyses.result import Estimate
from biomarker.analyses.uptake_from_summaries import UptakeFromSummaries
from biomarker.tables import Row, Style, Table, heading, indented, layout
from biomarker.tables.comparison_column import with_blanks
from biomarker.vocabulary import column_label, quantity_label

_COMPARISONS = ("geometric_mean_ratio", "mean_difference", "hedges_g")


@layout.register
def _(result: UptakeFromSummaries, style: Style) -> Table:
    """Lay out the summaries, each comparison with the reference group, and the test of all groups."""
    level = f"{100 * result.method.confidence_level:g}% CI"
    unit = result.estimates[0].unit
    against = "Paired with" if result.is_paired else "Compared with"
    means = "geometric_mean" if result.is_log else "mean"
    rows: list[Row | tuple[str, ...]] = [
        Row(("Values", *(f"{_find(result, 'mean', name).n}" for name in result.groups))),
        Row(("Mean (SD)", *(_mean_sd(result, name, style) for name in result.groups))),
        Row(
            (f"{quantity_label(means)} ({level})", *(_interval(_find(result, means, g), style) for g in result.groups))
        ),
        heading(f"{against} {result.reference}"),
        *(row for quantity in _COMPARISONS for row in _comparison(result, quantity, style, level)),
    ]
    overall = _overall(result, style)
    if overall:
        rows = [*with_blanks(rows), *overall]
    named = column_label(result.marker) + (f", {unit}" if unit else "")
    return Table(
        title=f"{column_label(result.marker)} by group, from published summaries",
        header=(named, *result.groups, *(["All groups"] if overall else [])),
        rows=rows,
        footnotes=(
            "SD, standard deviation; CI, confidence interval.",
            f"Test: {result.method.name}.",
        ),
    )


def _find(result: UptakeFromSummaries, quantity: str, group: str) -> Estimate:
    return result.estimate(quantity, group=group)


def _mean_sd(result: UptakeFromSummaries, group: str, style: Style) -> str:
    return f"{style.measured(_find(result, 'mean', group).value)} ({style.measured(_find(result, 'sd', group).value)})"


def _interval(line: Estimate, style: Style) -> str:
    return style.with_interval(line.value, line.low, line.high)


def _comparison(result: UptakeFromSummaries, quantity: str, style: Style, level: str) -> list[Row]:
    lines = {line.of["group"]: line for line in result.estimates if line.quantity == quantity}
    if not lines:
        return []
    shown = [_interval(lines[name], style) if name in lines else "" for name in result.groups]
    rows = [indented(f"{quantity_label(quantity)} ({level})", *shown)]
    for suffix, test in (("", "paired" if result.is_paired else "Welch"), ("_equal_variance", "equal variances")):
        tests = {line.of["group"]: line for line in result.estimates if line.quantity == f"{quantity}{suffix}"}
        if tests and quantity != "hedges_g":
            cells = [style.p_value(tests[name].p_value) if name in tests else "" for name in result.groups]
            rows.append(indented(f"{style.p_symbol}, {test}", *cells))
    return rows


def _overall(result: UptakeFromSummaries, style: Style) -> list[Row]:
    empty = [""] * len(result.groups)
    rows = [
        indented(f"{style.p_symbol}, any difference ({line.of['test']})", *empty, style.p_value(line.p_value))
        for line in result.estimates
        if line.quantity.startswith("any_difference")
    ]
    return [heading("All groups"), *rows] if rows else []
