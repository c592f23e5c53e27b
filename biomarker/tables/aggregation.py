"""Lay out the answer under each rule from lesions to patients."""

from __future__ import annotations

from biomarker.analyses.aggregation import AggregationSensitivity
from biomarker.analyses.result import Estimate
from biomarker.tables import Style, Table, layout
from biomarker.tables.style import count_of
from biomarker.vocabulary import column_label

_PROPORTIONS = {"ppv": "PPV", "npv": "NPV", "sensitivity": "Sensitivity", "specificity": "Specificity"}
_NONE = "–"


@layout.register
def _(result: AggregationSensitivity, style: Style) -> Table:
    """Lay out one row a rule: patients called positive, predictive values in percent, AUC."""
    lines = {(line.quantity, line.of["rule"]): line for line in result.estimates}
    has_calls = any(quantity == "positive_calls" for quantity, _ in lines)
    shown = list(_PROPORTIONS) if has_calls else []
    rows = [
        (
            rule.label[:1].upper() + rule.label[1:],
            *([_count(lines.get(("positive_calls", rule.name)))] if has_calls else []),
            *(_percent(lines.get((quantity, rule.name)), style) for quantity in shown),
            *([_count(lines.get(("changed_calls", rule.name)))] if has_calls else []),
            _area(lines.get(("auc", rule.name)), style),
            _p_value(lines.get(("auc_difference", rule.name)), style),
        )
        for rule in result.rules
    ]
    level = f"{100 * result.method.confidence_level:g}% CI"
    at = "" if result.cutoff is None else f" at a cutoff of {style.plain(result.cutoff)}"
    return Table(
        title=f"{column_label(result.marker)} per patient{at} under each rule from lesions to patients",
        header=(
            "Rule",
            *(["Positive, n/N"] if has_calls else []),
            *(f"{_PROPORTIONS[quantity]}, % ({level})" for quantity in shown),
            *(["Called otherwise, n/N"] if has_calls else []),
            f"AUC ({level})",
            style.p_symbol,
        ),
        rows=rows,
        footnotes=(
            f"AUC, area under the ROC curve; CI, confidence interval ({result.method.name}).",
            *(
                [f"Called otherwise: patients whose call differs from that by {result.rules[0].label}."]
                if has_calls
                else []
            ),
            f"{style.p_symbol}: AUC against that of {result.rules[0].label}, not adjusted for the number of rules.",
            f"{_NONE}, does not apply.",
        ),
    )


def _count(line: Estimate | None) -> str:
    return _NONE if line is None else count_of(line.numerator, line.n or 0)


def _percent(line: Estimate | None, style: Style) -> str:
    return _NONE if line is None else style.with_interval(line.value, line.low, line.high, 0, scale=100)


def _area(line: Estimate | None, style: Style) -> str:
    return _NONE if line is None else style.with_interval(line.value, line.low, line.high, 2)


def _p_value(line: Estimate | None, style: Style) -> str:
    return _NONE if line is None else style.p_value(line.p_value)
