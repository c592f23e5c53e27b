"""Lay out survival curves: events, medians and survival at given times, one column a group."""

from __future__ import annotations

from math import isnan

from biomarker.analyses.follow_up import Level
from biomarker.analyses.result import Estimate
from biomarker.analyses.survival_curves import SurvivalCurves
from biomarker.tables import Row, Style, Table, heading, indented, layout
from biomarker.vocabulary import column_label, lower_label, outcome_label

NOT_REACHED = "NR"


@layout.register
def _(result: SurvivalCurves, style: Style) -> Table:
    """Lay out one column a group, and the log-rank test beneath."""
    level = f"{result.method.confidence_level:.0%} CI"
    unit = f", {result.unit}" if result.unit else ""
    rows: list[Row | tuple[str, ...]] = [
        ("Patients", *(str(result.estimate("events", **result.of_group(group)).n) for group in result.groups)),
        ("Events", *(style.number(_line(result, "events", group).value, 0) for group in result.groups)),
        (f"Median{unit} ({level})", *(_median(result, "median_survival", group, style) for group in result.groups)),
        (f"Median follow-up{unit}", *(_median(result, "median_follow_up", group, style) for group in result.groups)),
    ]
    if result.times:
        rows.append(heading(f"{outcome_label(result.duration)}, % ({level})"))
        rows += [
            indented(f"At {time:g} {result.unit}".rstrip(), *_survival(result, time, style)) for time in result.times
        ]
    if len(result.groups) > 1:
        p = style.p_value(result.estimate("log_rank").p_value)
        name = "Stratified log-rank" if result.method.settings["strata"] else "Log-rank"
        rows.append((f"{name} {style.p_symbol}", p, *[""] * (len(result.groups) - 1)))
    return Table(
        title=_title(result),
        header=("", *_columns(result)),
        rows=rows,
        footnotes=_footnotes(result, rows),
    )


def _title(result: SurvivalCurves) -> str:
    by = f" by {lower_label(result.group)}" if result.group else ""
    since = f" from a landmark at {result.landmark:g} {result.unit}".rstrip() if result.landmark is not None else ""
    return f"{outcome_label(result.duration)}{by}{since}"


def _columns(result: SurvivalCurves) -> tuple[str, ...]:
    if not result.group:
        return ("All patients",)
    told = all(isinstance(group, str) for group in result.groups)  # "1" or "True" says nothing without its column
    return tuple(str(group) if told else f"{column_label(result.group)} {group}" for group in result.groups)


def _line(result: SurvivalCurves, quantity: str, group: Level) -> Estimate:
    return result.estimate(quantity, **result.of_group(group))


def _median(result: SurvivalCurves, quantity: str, group: Level, style: Style) -> str:
    line = _line(result, quantity, group)
    value, low, high = (NOT_REACHED if isnan(x) else style.number(x, 1) for x in (line.value, line.low, line.high))
    if quantity == "median_follow_up" or low == high == NOT_REACHED:
        return value
    mark = " to " if style.range_mark == "to" else style.range_mark
    return f"{value} ({low}{mark}{high})"


def _survival(result: SurvivalCurves, time: float, style: Style) -> list[str]:
    lines = (result.estimate("survival", **result.of_group(group), time=time) for group in result.groups)
    return [style.with_interval(line.value, line.low, line.high, 1, scale=100) for line in lines]


def _footnotes(result: SurvivalCurves, rows: list[Row | tuple[str, ...]]) -> tuple[str, ...]:
    cells = [cell for row in rows for cell in (row.cells if isinstance(row, Row) else row)]
    shown = [f"CI, confidence interval ({result.method.name})"]
    if any(NOT_REACHED in cell for cell in cells):
        shown.append("NR, not reached")
    if "NE" in cells:
        shown.append("NE, not estimable")
    return (f"{'; '.join(shown)}.", "Median follow-up is by the reverse Kaplan-Meier method.")
