"""Lay out a comparison of ROC curves."""

from __future__ import annotations

from biomarker.analyses.compare_roc import RocComparison
from biomarker.analyses.result import Estimate
from biomarker.tables import Row, Style, Table, heading, indented, layout
from biomarker.tables.joint_test import joint_p_value
from biomarker.tables.naive import marked_naive
from biomarker.tables.style import MINUS
from biomarker.vocabulary import column_label, lower_label


@layout.register
def _(result: RocComparison, style: Style) -> Table:
    """Lay out each area, each difference and the joint test."""
    level = f"{100 * result.method.confidence_level:g}%"
    areas = [line for line in result.estimates if line.quantity == "auc"]
    differences = [line for line in result.estimates if line.quantity == "auc_difference"]
    rows = [heading("AUC")]
    for line in areas:
        value, limits = _numbers(line, style)
        label = _label(result, str(line.of[result.key]))
        rows.append(indented(label, str(line.n), value, marked_naive(limits, line), ""))
    rows.append(heading("Difference in AUC"))
    for line in differences:
        first, second = (_label(result, str(line.of[side])) for side in ("first", "second"))
        label = f"{first} {MINUS} {second}"
        rows.append(indented(label, str(line.n), *_numbers(line, style), style.p_value(line.p_value)))
    if len(result.names) > 2:
        rows.append(_joint(result.estimate("auc_equality"), style))
    return Table(
        title=f"ROC curves for {lower_label(result.reference_standard)} compared",
        header=("Curve", "n", "Estimate", f"{level} CI", style.p_symbol),
        rows=rows,
        footnotes=(f"AUC, area under the ROC curve; CI, confidence interval ({result.method.name}).",),
    )


def _label(result: RocComparison, name: str) -> str:
    return column_label(name) if result.key == "marker" else name


def _numbers(line: Estimate, style: Style) -> tuple[str, str]:
    return style.number(line.value, 3), style.interval(line.low, line.high, 3)


def _joint(line: Estimate, style: Style) -> Row:
    return Row(("All areas equal", str(line.n), "", "", joint_p_value(line, style)))
