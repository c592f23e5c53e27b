"""Lay out an ROC analysis."""

from __future__ import annotations

from math import isinf

from biomarker.analyses.result import Estimate
from biomarker.analyses.roc import RocCurve
from biomarker.tables import Row, Style, Table, heading, indented, layout
from biomarker.tables.naive import marked_naive
from biomarker.vocabulary import lower_label, marker_unit, quantity_label


@layout.register
def _(result: RocCurve, style: Style) -> Table:
    """Lay out the area, partial areas and the binormal curve as fractions, operating points in percent."""
    level = f"{100 * result.method.confidence_level:g}%"
    points = [line for line in result.estimates if "achieved" in line.of]
    others = [line for line in result.estimates if "achieved" not in line.of]
    rows: list[Row | tuple[str, ...]] = [
        ("Positive, negative", f"{result.n_positive:,}, {result.n_negative:,}", "", ""),
        *(_area_row(line, style) for line in others),
    ]
    if points:
        rows.append(heading("Operating points, %"))
        rows += [_point_row(line, result, style) for line in points]
    return Table(
        title=f"ROC analysis of {lower_label(result.marker)} for {lower_label(result.reference_standard)}",
        header=("Quantity", "Estimate", f"{level} CI", style.p_symbol),
        rows=rows,
        footnotes=_footnotes(result, style, has_points=bool(points)),
    )


def _area_row(line: Estimate, style: Style) -> tuple[str, ...]:
    label = quantity_label(line.quantity)
    if "focus" in line.of:
        low, high = (style.percent(float(line.of[end]), 0) for end in ("from", "to"))
        label += f", {line.of['focus']} {low}{style.range_mark if style.range_mark != 'to' else ' to '}{high}%"
    digits = 4 if line.quantity == "partial_auc" else 3
    p_value = style.p_value(line.p_value) if line.quantity == "auc" else ""
    limits = marked_naive(style.interval(line.low, line.high, digits), line)
    return label, style.number(line.value, digits), limits, p_value


def _point_row(line: Estimate, result: RocCurve, style: Style) -> Row:
    fixed = "specificity" if "at_specificity" in line.of else "sensitivity"
    required = style.percent(float(line.of[f"at_{fixed}"]))
    label = f"{quantity_label(line.quantity)} at {required}% {fixed}"
    if "cutoff" in line.of:
        reached = style.percent(float(line.of["achieved"]))
        label += f" ({_cutoff(float(line.of['cutoff']), result, style)}, {fixed} {reached}%)"
    else:
        label += " (interpolated)"
    return indented(label, style.percent(line.value), style.interval(line.low, line.high, 1, scale=100), "")


def _cutoff(cutoff: float, result: RocCurve, style: Style) -> str:
    if isinf(cutoff):
        return "no cutoff"
    unit = marker_unit(result.marker)
    sign = "≥" if result.higher_is_positive else "≤"
    return f"{sign} {style.significant(cutoff)}{' ' * bool(unit)}{unit}"


def _footnotes(result: RocCurve, style: Style, *, has_points: bool) -> tuple[str, ...]:
    direction = "Higher" if result.higher_is_positive else "Lower"
    notes = [
        f"AUC, area under the ROC curve; CI, confidence interval ({result.method.name}); {style.p_symbol}, test of an "
        f"AUC of 0.5. {direction} values of {lower_label(result.marker)} are taken to speak for the positive class."
    ]
    if has_points:
        notes.append(
            "A required specificity or sensitivity is met at the best cutoff of the data that reaches it; the "
            "intervals are Wilson's at the effective number of observations."
        )
    return tuple(notes)
