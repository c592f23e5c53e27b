"""Lay out detection rates."""

from __future__ import annotations

from biomarker.analyses.detection import DetectionRate
from biomarker.analyses.result import Estimate
from biomarker.tables import Row, Style, Table, heading, indented, layout
from biomarker.tables.style import count_of
from biomarker.vocabulary import column_label, level_text, lower_label


@layout.register
def _(result: DetectionRate, style: Style) -> Table:
    """Lay out one row a group, and beneath them the tests between conditions."""
    level = f"{100 * result.method.confidence_level:g}%"
    rates = [line for line in result.estimates if line.quantity == "detection_rate"]
    tests = [line for line in result.estimates if line.quantity != "detection_rate"]
    header = [
        column_label(result.by) if result.by else "",
        "n/N",
        "%",
        f"{level} CI",
        *([style.p_symbol] if tests else []),
    ]
    if result.is_nested:
        header.insert(1, "Patients")
    rows = [_rate(line, result, style, bool(tests)) for line in rates]
    if tests:
        rows += [
            heading(f"Compared over {result.n_units} units seen under every condition"),
            *_tests(tests, result, style),
        ]
    return Table(
        title=f"Detection rate{f' by {lower_label(result.by)}' if result.by else ''}",
        header=header,
        rows=rows,
        footnotes=(f"CI, confidence interval: {result.method.name}.",),
    )


def _rate(line: Estimate, result: DetectionRate, style: Style, with_p: bool) -> Row:
    patients = [f"{line.n_patients}"] if result.is_nested else []
    return Row(
        (
            level_text(line.of.get("group", "All")),
            *patients,
            count_of(line.numerator, line.n or 0),
            style.percent(line.value),
            style.interval(line.low, line.high, 1, scale=100),
            *([""] if with_p else []),
        )
    )


def _tests(tests: list[Estimate], result: DetectionRate, style: Style) -> list[Row]:
    patients = [""] if result.is_nested else []
    rows = []
    for line in tests:
        if line.quantity == "cochran_q":
            named, cells = f"All (Cochran Q {style.number(line.statistic)})", ("", "", "")
        else:
            limits = style.interval(line.low, line.high, 1, scale=100)
            named, cells = str(line.of["comparison"]), ("", style.percent(line.value), limits)
        rows.append(indented(named, *patients, *cells, style.p_value(line.p_value)))
    return rows
