"""Lay out cutoffs chosen on the data; what they achieve never stands without its optimism."""

from __future__ import annotations

from collections.abc import Mapping
from math import isnan

from biomarker.analyses.cutoff import SuvCutoff
from biomarker.analyses.cutoff_plan import CutoffCurve
from biomarker.analyses.result import Estimate
from biomarker.tables import Row, Style, Table, heading, layout
from biomarker.tables.naive import marked_naive
from biomarker.tables.style import NOT_ESTIMABLE
from biomarker.vocabulary import column_label, lower_label, quantity_label

Cells = tuple[str, str, str, str]
ORDER = ("sensitivity", "specificity", "ppv", "npv", "accuracy", "youden")
CORRECTIONS = {
    "none": "uncorrected",
    "miller-siegmund": "corrected (Miller-Siegmund)",
    "permutation": "corrected (permutation of patients)",
}


@layout.register
def _(result: SuvCutoff, style: Style) -> Table:
    """Lay out each cutoff with its interval, and apparent beside corrected performance."""
    is_single = len(result.curves) == 1
    rows: list[Row | tuple[str, ...]] = []
    for curve in result.curves:
        lines = [line for line in result.estimates if _belongs(line, curve.of)]
        if not is_single:
            rows.append(heading(_group_label(curve)))
        rows += [Row(cells, indent=0 if is_single else 1) for cells in _cells(result, curve, lines, style)]
    has_held_out = any(line.of.get("performance") == "cross-validated" for line in result.estimates)
    header = ["Quantity", f"In these data ({_level(result)} CI)", f"Optimism-corrected ({_level(result)} CI)"]
    names = ", ".join(dict.fromkeys(lower_label(curve.marker) for curve in result.curves))
    return Table(
        title=f"Data-driven cutoff of {names} for {lower_label(result.reference_standard)}",
        header=(*header, "Cross-validated") if has_held_out else header,
        rows=[row if has_held_out else _without_last(row) for row in rows],
        footnotes=(
            f"CI, confidence interval: {result.method.name}. Performance in %, except Youden J. {_correction(result)}",
        ),
    )


def _level(result: SuvCutoff) -> str:
    return f"{100 * result.method.confidence_level:g}%"


def _belongs(line: Estimate, of: Mapping[str, object]) -> bool:
    return all(line.of.get(key) == value for key, value in of.items())


def _group_label(curve: CutoffCurve) -> str:
    labels = [column_label(str(v)) if key == "marker" else f"{column_label(key)}: {v}" for key, v in curve.of.items()]
    return ", ".join(labels)


def _without_last(row: Row | tuple[str, ...]) -> Row | tuple[str, ...]:
    if isinstance(row, tuple):
        return row[:-1]
    return row if row.is_heading else Row(row.cells[:-1], indent=row.indent)


def _cells(result: SuvCutoff, curve: CutoffCurve, lines: list[Estimate], style: Style) -> list[Cells]:
    cutoff = next(line for line in lines if line.quantity == "cutoff")
    sign = "≥" if result.higher_is_positive else "≤"
    unit = f", {cutoff.unit}" if cutoff.unit else ""
    limits = NOT_ESTIMABLE
    if not isnan(cutoff.low):
        limits = f"{style.significant(cutoff.low)}{_to(style)}{style.significant(cutoff.high)}"
    cells = [(f"Cutoff (positive: {sign}){unit}", f"{style.significant(cutoff.value)} ({limits})", "", "")]
    if len(curve.tied) > 1:
        shown = ", ".join(style.significant(value) for value in curve.tied[:6])
        cells.append(("Tied optima", shown + (", …" if len(curve.tied) > 6 else ""), "", ""))
    often = [line for line in lines if line.quantity == "selection_frequency" and line.of["cutoff"] == cutoff.value]
    if often:
        cells.append(("Chosen in resamples, %", style.percent(often[0].value), "", ""))
    cells += [_performance(quantity, lines, style) for quantity in ORDER]
    return cells + [_smallest_p(line, style) for line in lines if line.quantity == "min_p"]


def _smallest_p(line: Estimate, style: Style) -> Cells:
    label = f"Smallest {style.p_symbol}, {CORRECTIONS[str(line.of['correction'])]}"
    return label, style.p_value(line.value), "", ""


def _to(style: Style) -> str:
    return " to " if style.range_mark == "to" else style.range_mark


def _performance(quantity: str, lines: list[Estimate], style: Style) -> Cells:
    shown = {}
    for line in lines:
        if line.quantity == quantity:
            shown[line.of["performance"]] = _with_interval(line, style)
    return (
        quantity_label(quantity),
        shown["apparent"],
        shown["corrected"],
        shown.get("cross-validated", NOT_ESTIMABLE),
    )


def _with_interval(line: Estimate, style: Style) -> str:
    digits, scale = (2, 1.0) if line.quantity == "youden" else (1, 100.0)
    return marked_naive(style.with_interval(line.value, line.low, line.high, digits, scale=scale), line)


def _correction(result: SuvCutoff) -> str:
    how = ".632+ bootstrap" if result.correction == ".632+" else "ordinary bootstrap"
    return f"Optimism-corrected: {how}, the cutoff chosen anew in each of {result.method.n_resamples:,} resamples."
