"""Lay out a comparison of correlations."""

from __future__ import annotations

from biomarker.analyses.compare_correlations import CorrelationComparison
from biomarker.analyses.comparison_method import LABELS
from biomarker.analyses.result import Estimate
from biomarker.tables import Row, Style, Table, heading, indented, layout
from biomarker.tables.joint_test import joint_p_value
from biomarker.tables.naive import marked_naive
from biomarker.tables.style import MINUS
from biomarker.vocabulary import column_label, lower_label, quantity_label


@layout.register
def _(result: CorrelationComparison, style: Style) -> Table:
    """Lay out each coefficient, each difference and the joint test."""
    level = f"{100 * result.method.confidence_level:g}%"
    label = LABELS[result.coefficient][0]
    digits = 3 if result.coefficient == "auc" else 2
    rows = [heading(f"{label[0].upper()}{label[1:]}")]
    rows += [
        _row(column_label(str(line.of["marker"])), line, style, digits)
        for line in result.estimates
        if line.quantity == result.coefficient
    ]
    for quantity in (result.difference, "fisher_z_difference"):
        lines = [line for line in result.estimates if line.quantity == quantity]
        if lines:
            rows.append(heading(quantity_label(quantity)))
            rows += [_row(_pair(line), line, style, digits) for line in lines]
    rows += [
        _joint(line, style) for line in result.estimates if line.quantity in ("correlations_equal", "auc_equality")
    ]
    return Table(
        title=f"Markers and {lower_label(result.outcome)}: correlations compared",
        header=("Marker", "n (patients)" if result.is_nested else "n", "Estimate", f"{level} CI", style.p_symbol),
        rows=rows,
        footnotes=(f"CI, confidence interval; {result.method.name}.",),
    )


def _pair(line: Estimate) -> str:
    return f"{column_label(str(line.of['first']))} {MINUS} {column_label(str(line.of['second']))}"


def _row(label: str, line: Estimate, style: Style, digits: int) -> Row:
    limits = marked_naive(style.interval(line.low, line.high, digits), line)
    return indented(label, _count(line), style.number(line.value, digits), limits, style.p_value(line.p_value))


def _count(line: Estimate) -> str:
    is_nested = line.n_patients is not None and line.n_patients != line.n
    return f"{line.n:,} ({line.n_patients:,})" if is_nested else f"{line.n:,}"


def _joint(line: Estimate, style: Style) -> Row:
    return Row((quantity_label(line.quantity), _count(line), "", "", joint_p_value(line, style)))
