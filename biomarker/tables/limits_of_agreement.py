"""Lay out limits of agreement of two readers."""

from __future__ import annotations

from biomarker.analyses.limits_of_agreement import LimitsOfAgreement
from biomarker.analyses.result import Estimate
from biomarker.tables import Row, Style, Table, heading, indented, layout
from biomarker.tables.style import MINUS
from biomarker.vocabulary import column_label, marker_unit, quantity_label

SLOPES = ("proportional_bias", "changing_spread")


@layout.register
def _(result: LimitsOfAgreement, style: Style) -> Table:
    """Lay out bias, limits, standard deviations, tests of slopes and regression limits at several means."""
    level = f"{100 * result.method.confidence_level:g}%"
    first, second = result.readers
    sign, unit = {
        "difference": (f" {MINUS} ", marker_unit(result.value)),
        "percent": (f" {MINUS} ", "% of the mean"),
        "ratio": (" / ", "ratio"),
    }[result.scale]
    constant = [line for line in result.estimates if "at" not in line.of]
    return Table(
        title=f"Agreement of readers on {column_label(result.value)}, {first}{sign}{second}",
        header=("Quantity", f"Estimate{f', {unit}' * bool(unit)}", f"{level} CI", style.p_symbol),
        rows=[*(Row(_cells(line, result, style)) for line in constant), *_regression_rows(result, style)],
        footnotes=(
            f"CI, confidence interval ({result.method.name}). Limits hold {100 * result.coverage:g}% of "
            f"{'ratios' if result.scale == 'ratio' else 'differences'}. {style.p_symbol}, t test of no bias, of no "
            "proportional bias (slope of difference on mean) and of no changing spread (slope of the absolute residual "
            "on mean).",
            "Limits by regression have jackknife intervals." * any("at" in line.of for line in result.estimates),
        ),
    )


def _regression_rows(result: LimitsOfAgreement, style: Style) -> list[Row]:
    unit = marker_unit(result.value)
    rows, shown = [], None
    for line in result.estimates:
        if "at" not in line.of:
            continue
        if line.of["at"] != shown:
            shown = line.of["at"]
            rows.append(heading(f"By regression, at a mean of {style.significant(shown)}{f' {unit}' * bool(unit)}"))
        rows.append(indented(*_cells(line, result, style)))
    return rows


def _cells(line: Estimate, result: LimitsOfAgreement, style: Style) -> tuple[str, str, str, str]:
    is_slope, is_spread = line.quantity in SLOPES, line.quantity.startswith("sd_")
    digits = 3 if is_slope else (1 if result.scale == "percent" else 2)
    label = quantity_label(line.quantity)
    if is_spread and result.scale == "ratio":
        label, digits = f"{label} (log)", 3
    if is_slope:
        label += " (slope)"
    if "reader" in line.of:
        label += f", {line.of['reader']}"
    tested = is_slope or line.quantity == "bias"
    interval = style.interval(line.low, line.high, digits)
    return label, style.measured(line.value, digits), interval, style.p_value(line.p_value) if tested else ""
