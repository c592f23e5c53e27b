"""Lay out limits of agreement."""

from __future__ import annotations

from biomarker.analyses.limits_of_agreement import LimitsOfAgreement
from biomarker.analyses.result import Estimate
from biomarker.tables import Style, Table, layout
from biomarker.tables.style import MINUS
from biomarker.vocabulary import column_label, marker_unit, quantity_label


@layout.register
def _(result: LimitsOfAgreement, style: Style) -> Table:
    """Lay out bias, limits, standard deviations and the test of proportional bias."""
    level = f"{result.method.confidence_level:.0%}"
    first, second = result.readers
    sign, unit = {
        "difference": (f" {MINUS} ", marker_unit(result.value)),
        "percent": (f" {MINUS} ", "% of the mean"),
        "ratio": (" / ", "ratio"),
    }[result.scale]
    return Table(
        title=f"Agreement of readers on {column_label(result.value)}, {first}{sign}{second}",
        header=("Quantity", f"Estimate{f', {unit}' * bool(unit)}", f"{level} CI", style.p_symbol),
        rows=[_row(line, result, style) for line in result.estimates],
        footnotes=(
            f"CI, confidence interval ({result.method.name}). Limits hold {result.coverage:.0%} of "
            f"{'ratios' if result.scale == 'ratio' else 'differences'}. {style.p_symbol}, t test of no bias and of no "
            "proportional bias (slope of difference on mean).",
        ),
    )


def _row(line: Estimate, result: LimitsOfAgreement, style: Style) -> tuple[str, str, str, str]:
    is_slope, is_spread = line.quantity == "proportional_bias", line.quantity.startswith("sd_")
    digits = 3 if is_slope else (1 if result.scale == "percent" else 2)
    label = quantity_label(line.quantity)
    if is_spread and result.scale == "ratio":
        label, digits = f"{label} (log)", 3
    if is_slope:
        label += " (slope)"
    interval = "" if is_spread else style.interval(line.low, line.high, digits)
    tested = is_slope or line.quantity == "bias"
    return label, style.number(line.value, digits), interval, style.p_value(line.p_value) if tested else ""
