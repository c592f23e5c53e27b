"""Lay out predictive values."""

from __future__ import annotations

from collections.abc import Iterable
from math import isnan

from biomarker.analyses.predictive_values import PredictiveValues
from biomarker.analyses.result import Estimate
from biomarker.tables import Row, Style, Table, heading, indented, layout
from biomarker.tables.naive import marked_naive
from biomarker.tables.style import NOT_ESTIMABLE, count_of
from biomarker.vocabulary import lower_label, quantity_label

IN_PERCENT = ("sensitivity", "specificity", "ppv", "npv", "accuracy", "balanced_accuracy", "prevalence")
RATIOS = ("lr_positive", "lr_negative", "diagnostic_odds_ratio")


@layout.register
def _(result: PredictiveValues, style: Style) -> Table:
    """Lay out each quantity with its counts and interval: shares in percent, ratios and indices as they are."""
    level = f"{100 * result.method.confidence_level:g}%"
    own = [line for line in result.estimates if not set(line.of) - {"interval"}]
    rows: list[Row] = [heading(_cells_text(result))]
    rows += _rows(own, result, style)
    for prevalence in result.prevalences:
        lines = (line for line in result.estimates if line.of.get("prevalence") == prevalence)
        rows += [heading(f"At a prevalence of {style.percent(prevalence, 1)}%"), *_rows(lines, result, style)]
    for how in dict.fromkeys(line.of["indeterminate"] for line in result.estimates if "indeterminate" in line.of):
        lines = (line for line in result.estimates if line.of.get("indeterminate") == how)
        rows += [heading(f"{result.n_indeterminate} indeterminate tests {how}"), *_rows(lines, result, style)]
    test = f" of {lower_label(result.index_test)}" if result.index_test else ""
    at = "" if result.cutoff is None else f" at a cutoff of {style.plain(result.cutoff)}"
    return Table(
        title=f"Predictive values{test}{at}",
        header=("Quantity", *(["Patients"] if result.is_nested else []), "n/N", "Estimate", f"{level} CI"),
        rows=rows,
        footnotes=(
            "Shares and balanced accuracy in percent; LR, likelihood ratio; NPV and PPV, negative and positive "
            "predictive value.",
            f"CI, confidence interval: {result.method.name}; Youden J and balanced accuracy, combined limits; ratios, "
            "on the log scale; Matthews correlation and kappa, on Fisher's z scale.",
        ),
    )


def _cells_text(result: PredictiveValues) -> str:
    return (
        f"True positive {result.tp}, false positive {result.fp}, false negative {result.fn}, true negative {result.tn}"
    )


def _rows(lines: Iterable[Estimate], result: PredictiveValues, style: Style) -> list[Row]:
    rows = []
    for line in lines:
        patients = ["" if line.n_patients is None else f"{line.n_patients}"] if result.is_nested else []
        value, limits = _numbers(line, style)
        limits = marked_naive(limits, line)
        rows.append(indented(quantity_label(line.quantity), *patients, _counts(line), value, limits))
    return rows


def _counts(line: Estimate) -> str:
    return count_of(line.numerator, line.n) if line.unit == "fraction" and line.n is not None else ""


def _numbers(line: Estimate, style: Style) -> tuple[str, str]:
    if line.quantity in IN_PERCENT:
        return style.percent(line.value), style.interval(line.low, line.high, 1, scale=100)
    if line.quantity in RATIOS:
        mark = " to " if style.range_mark == "to" else style.range_mark
        limits = mark.join(style.significant(limit) for limit in (line.low, line.high))
        return style.significant(line.value), NOT_ESTIMABLE if isnan(line.low) and isnan(line.high) else limits
    return style.number(line.value), style.interval(line.low, line.high)
