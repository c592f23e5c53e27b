"""Lay out best changes of courses, by response and by item."""

from __future__ import annotations

from biomarker.analyses.result import Estimate
from biomarker.analyses.spider import Spider
from biomarker.tables import Row, Style, Table, heading, indented, layout
from biomarker.tables.naive import marked_naive
from biomarker.tables.style import count_of
from biomarker.vocabulary import column_label, lower_label

OF_ALL = "All"


@layout.register
def _(result: Spider, style: Style) -> Table:
    """Lay out one row a group: how many fell, by how much at best, and when; then one row a course."""
    level = f"{100 * result.method.confidence_level:g}%"
    groups = list(dict.fromkeys(line.of.get("group", "") for line in result.estimates if "item" not in line.of))
    rows: list[Row] = [_group_row(result, str(group), style) for group in groups]
    items = [line for line in result.estimates if line.quantity == "best_change"]
    if items:
        rows.append(heading(f"Each {result.unit}"))
        rows += [_item_row(result, line, style) for line in items]
    first = OF_ALL if result.response is None else column_label(result.response.column)
    time = column_label(result.time)
    return Table(
        title=f"Best change of each {result.unit}{_in_what(result.measured)}",
        header=(
            "" if result.response is None and not items else first,
            f"{result.unit.capitalize()}s" + (" (patients)" if result.is_nested else ""),
            *([] if result.decrease is None else [f"Decrease ≥ {-result.decrease:g}%, n (%, {level} CI)"]),
            f"Median best change, % ({level} CI)",
            f"{time} of best, median ({level} CI)",
        ),
        rows=rows,
        footnotes=(f"CI, confidence interval ({result.method.name}).",),
    )


def _group_row(result: Spider, group: str, style: Style) -> Row:
    lines = {
        line.quantity: line for line in result.estimates if line.of.get("group", "") == group and "item" not in line.of
    }
    best, when = (lines[name] for name in ("median_best_change", "median_time_of_best"))
    patients = f" ({best.n_patients:,})" if result.is_nested and best.n_patients is not None else ""
    return Row((
        marked_naive(group or OF_ALL, *lines.values()),
        f"{best.n:,}{patients}",
        *([_share(lines["decrease_rate"], style)] if "decrease_rate" in lines else []),
        style.with_interval(best.value, best.low, best.high, 1),
        style.with_interval(when.value, when.low, when.high, 1),
    ))  # fmt: skip


def _in_what(column: str) -> str:
    """Name what changed, unless the column is only called a change."""
    what = lower_label(column)
    return "" if what.startswith("change") else f" in {what}"


def _share(rate: Estimate, style: Style) -> str:
    limits = style.interval(rate.low, rate.high, 1, scale=100)
    return f"{count_of(rate.numerator, rate.n or 0)} ({style.percent(rate.value)}, {limits})"


def _item_row(result: Spider, line: Estimate, style: Style) -> Row:
    when = result.estimate("time_of_best", item=line.of["item"])
    empty = ["", ""] if result.decrease is not None else [""]
    return indented(str(line.of["item"]), *empty, style.number(line.value, 1), style.number(when.value, 1))
