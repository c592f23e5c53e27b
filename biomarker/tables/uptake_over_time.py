"""Lay out uptake over time: one row a time, under a heading for each tissue and group."""

from __future__ import annotations

from biomarker.analyses.result import Estimate
from biomarker.analyses.uptake_courses import Course, hours
from biomarker.analyses.uptake_over_time import UptakeOverTime
from biomarker.tables import Row, Spanner, Style, Table, heading, indented, layout, noted
from biomarker.vocabulary import column_label

_PEAK = "The highest value of its lesion or tissue, among those measured at every time."
_CONTRASTS = ("geometric_mean_ratio", "mean_difference")


@layout.register
def _(result: UptakeOverTime, style: Style) -> Table:
    """Lay out summaries, the comparison with the first time and where lesions peak; ratios of tissues below."""
    level = f"{100 * result.method.confidence_level:g}% CI"
    unit = next((line.unit for line in result.estimates if line.unit), "")
    first = f"{hours(result.times[0])} h"
    is_single = len(result.times) < 2
    header = ["Time", _count_label(result), "Mean (SD; SE)", "Median (quartiles)", "Range", f"Geometric mean ({level})"]
    if not is_single:
        header += [f"Estimate ({level})", style.p_symbol, noted("Peak, n (%)", _PEAK)]
        over = Spanner(f"{'Ratio to' if result.is_log else 'Difference from'} {first}", 6, 7)
    rows: list[Row] = []
    for course in result.courses:
        if course.label:
            rows.append(heading(course.label))
        rows += [_row(result, course, time, style, is_single) for time in result.times if _has(result, course, time)]
    rows += _tissue_ratios(result, style, level, len(header))
    named = column_label(result.marker) + (f" ({unit})" if unit else "")
    return Table(
        title=f"{named} by time after injection",
        header=header,
        rows=rows,
        footnotes=(
            f"SD, standard deviation; SE, standard error{_nested(result)}.",
            f"CI, confidence interval: {_shown_method(result)}.",
            *_overall(result, style),
        ),
        spanners=[] if is_single else [over],
    )


def _nested(result: UptakeOverTime) -> str:
    return " that allows for lesions nested in patients" if any(course.is_nested for course in result.courses) else ""


def _shown_method(result: UptakeOverTime) -> str:
    """Return how the numbers of this table were made: comparisons of ranks are in the result, not in the table."""
    return result.method.name.partition("; ranks by")[0]


def _count_label(result: UptakeOverTime) -> str:
    return "n (patients)" if any(course.is_nested for course in result.courses) else "n"


def _lines_of(result: UptakeOverTime, course: Course, **of: object) -> dict[str, Estimate]:
    wanted = {**course.of, **of}
    return {line.quantity: line for line in result.estimates if dict(line.of) == wanted}


def _has(result: UptakeOverTime, course: Course, time: float) -> bool:
    return "mean" in _lines_of(result, course, time=hours(time))


def _row(result: UptakeOverTime, course: Course, time: float, style: Style, is_single: bool) -> Row:
    found = _lines_of(result, course, time=hours(time))
    mean, geometric = found["mean"], found["geometric_mean"]
    counts = f"{mean.n} ({mean.n_patients})" if course.is_nested else f"{mean.n}"
    cells = [
        f"{hours(time)} h",
        counts,
        f"{style.measured(mean.value)} ({style.measured(found['sd'].value)}; {style.measured(found['se'].value)})",
        f"{style.measured(found['median'].value)} ({style.interval(found['q1'].value, found['q3'].value)})",
        style.interval(found["minimum"].value, found["maximum"].value),
        style.with_interval(geometric.value, geometric.low, geometric.high),
    ]
    if not is_single:
        cells += _against_first(result, course, time, style)
        peak = found.get("peak_share")
        cells.append("" if peak is None or not peak.n else f"{peak.numerator} ({style.percent(peak.value, 0)})")
    make = indented if course.label else (lambda *texts: Row(texts))
    return make(*cells)


def _against_first(result: UptakeOverTime, course: Course, time: float, style: Style) -> list[str]:
    pair = _lines_of(result, course, time=hours(time), reference=hours(result.times[0]))
    line = next((pair[quantity] for quantity in _CONTRASTS if quantity in pair), None)
    if line is None:
        return ["", ""]
    return [style.with_interval(line.value, line.low, line.high), style.p_value(line.p_value)]


def _tissue_ratios(result: UptakeOverTime, style: Style, level: str, width: int) -> list[Row]:
    lines = [line for line in result.estimates if line.quantity == "ratio_to_reference"]
    if not lines:
        return []
    rows = [heading(f"Ratio to {result.reference_tissue}: geometric mean ({level})")]
    for line in lines:
        label = ", ".join(str(line.of[key]) for key in ("tissue", "group") if key in line.of)
        counts = f"{line.n}" if line.n == line.n_patients else f"{line.n} ({line.n_patients})"
        shown = style.with_interval(line.value, line.low, line.high)
        cells = [f"{label}, {line.of['time']} h", counts, *[""] * 3, shown]
        rows.append(indented(*cells, *[""] * (width - len(cells))))
    return rows


def _overall(result: UptakeOverTime, style: Style) -> list[str]:
    tests = [line for line in result.estimates if line.quantity == "any_difference"]
    notes = []
    for line in tests:
        where = ", ".join(str(line.of[key]) for key in ("tissue", "group") if key in line.of)
        place = f", {where}" if where else ""
        statistic = f"chi-square {style.number(line.statistic)}, {line.df:g} df, " if isinstance(line.df, float) else ""
        told = f"{statistic}{style.p_phrase(line.p_value)}"
        notes.append(f"Any difference between times{place}: {told} ({line.of['test']}).")
    return notes
