"""Lay out limits of agreement of several readers, with their mean and in pairs."""

from __future__ import annotations

from biomarker.analyses.limits_with_mean import LimitsOfAgreementWithMean
from biomarker.analyses.result import Estimate
from biomarker.tables import Row, Style, Table, heading, indented, layout
from biomarker.tables.style import MINUS
from biomarker.vocabulary import lower_label, marker_unit, quantity_label


@layout.register
def _(result: LimitsOfAgreementWithMean, style: Style) -> Table:
    """Lay out the limits with the mean, each reader's deviation from it, and bias and limits of each pair."""
    level = f"{100 * result.method.confidence_level:g}%"
    unit = {"difference": marker_unit(result.value), "percent": "%", "ratio": "ratio"}[result.scale]
    rows: list[Row] = []
    shown = ""
    for line in result.estimates:
        above = _heading(line, result)
        if above != shown:
            shown = above
            rows.append(heading(above))
        rows.append(indented(*_cells(line, result, style)))
    sign = "×/÷" if result.scale == "ratio" else "±"
    return Table(
        title=f"Agreement of {len(result.readers)} readers on {lower_label(result.value)}",
        header=("Quantity", f"Estimate{f', {unit}' * bool(unit)}", f"{level} CI", style.p_symbol),
        rows=rows,
        footnotes=(
            f"CI, confidence interval ({result.method.name}; of pairs, see the methods). {sign}, the limits lie this "
            f"far to either side of the mean of the readers and hold {100 * result.coverage:g}% of readings. "
            f"{style.p_symbol}, F test that all readers read alike, and t test of no bias.",
        ),
    )


def _heading(line: Estimate, result: LimitsOfAgreementWithMean) -> str:
    if "readers" in line.of:
        sign = "/" if result.scale == "ratio" else MINUS
        first, _, second = str(line.of["readers"]).partition(" - ")
        return f"{first} {sign} {second}"
    return "With the mean of the readers"


def _cells(line: Estimate, result: LimitsOfAgreementWithMean, style: Style) -> tuple[str, str, str, str]:
    is_ratio, is_spread = result.scale == "ratio", line.quantity.startswith("sd_")
    digits = 3 if is_ratio and is_spread else (1 if result.scale == "percent" else 2)
    label = quantity_label(line.quantity) + " (log)" * (is_ratio and is_spread)
    if line.quantity == "loa_mean" and is_ratio:
        label = label.replace("±", "×/÷")
    if "reader" in line.of:
        label += f", {line.of['reader']}"
    tested = style.p_value(line.p_value) if line.quantity in ("bias", "reader_equality") else ""
    if line.quantity == "reader_equality":
        return label, "", "", tested
    return label, style.number(line.value, digits), style.interval(line.low, line.high, digits), tested
