"""Lay out a comparison of methods."""

from __future__ import annotations

from biomarker.analyses.method_comparison import MethodComparison
from biomarker.analyses.method_lines import LABELS
from biomarker.analyses.result import Estimate
from biomarker.tables import Row, Style, Table, heading, indented, layout
from biomarker.tables.style import MINUS
from biomarker.vocabulary import column_label, marker_unit, quantity_label


@layout.register
def _(result: MethodComparison, style: Style) -> Table:
    """Lay out intercept, slope, bias at levels, and the test of linearity, fit by fit."""
    first, second = result.names
    level, unit = f"{100 * result.method.confidence_level:g}%", marker_unit(result.value)
    rows: list[Row] = []
    for name in result.fits:
        rows.append(heading(f"{LABELS[name]} regression"))
        rows += [indented(*_cells(line, result, style)) for line in result.estimates if line.of["fit"] == name]
    of_what = "" if result.value in result.names or column_label(result.value) == first else column_label(result.value)
    return Table(
        title=f"Comparison of {first} and {second}{f' on {of_what}' * bool(of_what)}",
        header=("Quantity", f"Estimate{f', {unit}' * bool(unit)}", f"{level} CI", style.p_symbol),
        rows=rows,
        footnotes=(
            f"CI, confidence interval ({result.method.name}). {second} = intercept + slope × {first}; bias, the line "
            f"{MINUS} {first}, at values of {first}. The slope has no unit.",
        ),
    )


def _cells(line: Estimate, result: MethodComparison, style: Style) -> tuple[str, str, str, str]:
    label = quantity_label(line.quantity)
    if line.quantity == "linearity":
        return label, "", "", style.p_value(line.p_value)
    if line.quantity == "bias_at":
        unit = marker_unit(result.value)
        label = f"{label} at {style.significant(line.of['at'])}{f' {unit}' * bool(unit)}"
    digits = 3 if line.quantity == "slope" else 2
    return label, style.number(line.value, digits), style.interval(line.low, line.high, digits), ""
