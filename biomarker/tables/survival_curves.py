"""Lay out survival curves: events, medians and survival at given times, one column a group."""

from __future__ import annotations

from math import isnan

from biomarker.analyses.follow_up import Level
from biomarker.analyses.result import Estimate
from biomarker.analyses.survival_comparisons import TEST_QUANTITIES as TESTS
from biomarker.analyses.survival_curves import SurvivalCurves
from biomarker.analyses.survival_method import ADJUSTMENTS
from biomarker.tables import Row, Spanner, Style, Table, heading, indented, layout
from biomarker.tables.comparison_column import with_blanks
from biomarker.vocabulary import column_label, lower_label, outcome_label

NOT_REACHED = "NR"
TEST_LABELS = {
    "log-rank": "Log-rank",
    "gehan": "Gehan",
    "tarone-ware": "Tarone-Ware",
    "peto": "Peto",
    "modified-peto": "Modified Peto",
    "fleming-harrington": "Fleming-Harrington",
}


@layout.register
def _(result: SurvivalCurves, style: Style) -> Table:
    """Lay out one column a group, and the log-rank test beneath."""
    tests = _test_rows(result, style)
    rows = [*_group_rows(result, style), *_contrast_rows(result, style)]
    if tests:  # what compares groups is of none of them, so it has a column of its own
        rows = [*with_blanks(rows), *tests]
    groups = _columns(result)
    return Table(
        title=_title(result),
        header=("", *groups, *([style.p_symbol] if tests else [])),
        rows=rows,
        spanners=[Spanner(column_label(result.group), 1, len(groups))] if result.group else [],
        footnotes=_footnotes(result, rows),
    )


Rows = list[Row | tuple[str, ...]]


def _group_rows(result: SurvivalCurves, style: Style) -> Rows:
    """Lay out what each group has by itself."""
    level = f"{100 * result.method.confidence_level:g}% CI"
    unit = f", {result.unit}" if result.unit else ""
    of = [result.of_group(group) for group in result.groups]
    rows: Rows = [
        ("Patients", *(str(result.estimate("events", **key).n) for key in of)),
        ("Events", *(style.number(result.estimate("events", **key).value, 0) for key in of)),
        (f"Median{unit} ({level})", *(_time(result.estimate("median_survival", **key), style) for key in of)),
    ]
    for share in dict.fromkeys(line.of["share"] for line in result.estimates if line.quantity == "survival_quantile"):
        times = (_time(result.estimate("survival_quantile", share=share, **key), style) for key in of)
        rows.append((f"Time until {100 * share:g}% had the event{unit} ({level})", *times))
    follow_up = (_time(result.estimate("median_follow_up", **key), style, limits=False) for key in of)
    rows.append((f"Median follow-up{unit}", *follow_up))
    if result.tau is not None:
        means = (_with_limits(result.estimate("rmst", **key), style) for key in of)
        rows.append((f"Mean survival time to {_at(result, result.tau, style)} ({level})", *means))
    if result.times:
        rows.append(heading(f"{outcome_label(result.duration)}, % ({level})"))
        rows += [
            indented(
                f"At {_at(result, time, style)}",
                *(_with_limits(result.estimate("survival", time=time, **key), style, 1, 100) for key in of),
            )
            for time in result.times
        ]
    return rows


def _contrast_rows(result: SurvivalCurves, style: Style) -> Rows:
    """Lay out how each group differs from the reference, in its own column."""
    level = f"{100 * result.method.confidence_level:g}% CI"
    rows: Rows = []
    if len(result.groups) < 2:
        return rows
    for time in result.times:
        rows.append(
            indented(
                f"Difference in survival at {_at(result, time, style)}, percentage points",
                *_against(result, "survival_difference", time, style, 1, 100),
            )
        )
    if result.tau is not None:
        unit = f", {result.unit}" if result.unit else ""
        difference = _against(result, "rmst_difference", result.tau, style)
        rows.append(indented(f"Difference in mean survival time{unit}", *difference))
        rows.append(indented("Ratio of mean survival times", *_against(result, "rmst_ratio", result.tau, style, 2)))
    return [heading(f"Against {_name(result, result.reference)} ({level})"), *rows] if rows else rows


def _test_rows(result: SurvivalCurves, style: Style) -> Rows:
    """Lay out tests of all groups, of trend, and of pairs."""
    settings = result.method.settings
    blank = [""] * len(result.groups)
    rows: Rows = []
    for line in result.estimates:
        if line.quantity in TESTS.values():
            name = next(test for test, quantity in TESTS.items() if quantity == line.quantity)
            label = TEST_LABELS[name]
            if name == "fleming-harrington":
                label = f"{label} ({line.of['rho']:g}, {line.of['gamma']:g})"
            label = f"Stratified {label[0].lower()}{label[1:]}" if settings["strata"] and name == "log-rank" else label
            rows.append((f"{label} test", *blank, style.p_value(line.p_value)))
        elif line.quantity == "log_rank_trend":
            rows.append(("Test of trend", *blank, style.p_value(line.p_value)))
    pairs = [line for line in result.estimates if line.quantity == "pairwise_p_value"]
    if pairs:
        test = TEST_LABELS[settings["tests"][0]]
        adjusted = ADJUSTMENTS[settings["adjust"]][0]
        rows.append(heading(f"Pairs: {test[0].lower()}{test[1:]} test, {adjusted}-adjusted (raw)"))
        rows += [
            indented(line.of["comparison"], *blank, f"{style.p_value(line.value)} ({style.p_value(line.p_value)})")
            for line in pairs
        ]
    return rows


def _at(result: SurvivalCurves, time: float, style: Style) -> str:
    return f"{style.plain(time)} {result.unit}".rstrip()


def _against(
    result: SurvivalCurves, quantity: str, time: float, style: Style, digits: int | None = None, scale: float = 1.0
) -> list[str]:
    """Return one cell a group: its contrast with the reference, whose own cell is a dash."""
    return [
        "–"
        if group == result.reference
        else _with_limits(
            result.estimate(quantity, comparison=f"{group} v {result.reference}", time=time), style, digits, scale
        )
        for group in result.groups
    ]


def _with_limits(line: Estimate, style: Style, digits: int | None = None, scale: float = 1.0) -> str:
    return style.with_interval(line.value, line.low, line.high, 1 if digits is None else digits, scale=scale)


def _title(result: SurvivalCurves) -> str:
    by = f" by {lower_label(result.group)}" if result.group else ""
    since = f" from a landmark at {result.landmark:g} {result.unit}".rstrip() if result.landmark is not None else ""
    return f"{outcome_label(result.duration)}{by}{since}"


def _columns(result: SurvivalCurves) -> tuple[str, ...]:
    return tuple(_name(result, group) for group in result.groups) if result.group else ("All patients",)


def _name(result: SurvivalCurves, group: Level) -> str:
    """Name a group; "1" or "True" says nothing without its column."""
    told = all(isinstance(level, str) for level in result.groups)
    return str(group) if told else f"{column_label(result.group)} {group}"


def _time(line: Estimate, style: Style, *, limits: bool = True) -> str:
    """Print a time until an event, with its limits; what the curve does not get down to is not reached."""
    value, low, high = (NOT_REACHED if isnan(x) else style.number(x, 1) for x in (line.value, line.low, line.high))
    if not limits or low == high == NOT_REACHED:
        return value
    mark = " to " if style.range_mark == "to" else style.range_mark
    return f"{value} ({low}{mark}{high})"


def _footnotes(result: SurvivalCurves, rows: Rows) -> tuple[str, ...]:
    cells = [cell for row in rows for cell in (row.cells if isinstance(row, Row) else row)]
    shown = [f"CI, confidence interval ({result.method.name})"]
    if any(NOT_REACHED in cell for cell in cells):
        shown.append("NR, not reached")
    if "NE" in cells:
        shown.append("NE, not estimable")
    notes = [f"{'; '.join(shown)}.", "Median follow-up is by the reverse Kaplan-Meier method."]
    if result.tau is not None:
        notes.append("Mean survival time is the area under the curve up to then (RMST).")
    return tuple(notes)
