"""Lay out Patlak lines: each lesion where there are few, and means over lesions."""

from __future__ import annotations

from biomarker.analyses.patlak import Patlak
from biomarker.analyses.result import Estimate
from biomarker.tables import Row, Style, Table, heading, indented, layout
from biomarker.tables.significant import significant_interval, significant_with_interval
from biomarker.vocabulary import quantity_label

MOST_LISTED = 30


@layout.register
def _(result: Patlak, style: Style) -> Table:
    """Lay out Ki and V_T side by side."""
    level = f"{100 * result.method.confidence_level:g}% CI"
    rows: list[Row] = []
    summaries = [line for line in result.estimates if "summary" in line.of]
    for group in (result.groups or (None,)) if summaries else ():
        own = [line for line in summaries if line.of.get("group") == group]
        if own:
            label = f"All curves{f', {group}' if group else ''}"
            rows.append(heading(f"{label}: {own[0].n} curves of {_patients(own[0])}"))
            rows += _summary_rows(own, style)
    rows += _ratio_rows(result, style)
    listed = len(result.plots) <= MOST_LISTED
    if listed and summaries:
        rows.append(heading("Each curve"))
    if listed:
        rows += [_row(result, dict(plot.curve.of), style, indent=int(bool(summaries))) for plot in result.plots]
    return Table(
        title="Patlak analysis: net influx and volume of distribution",
        header=("", f"Ki (1/{result.time_unit}) ({level})", f"V_T ({level})", "t*", "Points"),
        units=("", "", "", result.time_unit, ""),
        rows=rows,
        footnotes=(
            f"CI, confidence interval ({result.method.name}). V_T, intercept; t*, start of the line"
            f"{', chosen from each plot' if result.method.settings['t_star'] == 'auto' else ''}.",
        ),
    )


def _patients(line: Estimate) -> str:
    return f"{line.n_patients} patient{'s' * (line.n_patients != 1)}"


def _summary_rows(own: list[Estimate], style: Style) -> list[Row]:
    found = {(line.quantity, line.of["summary"]): line for line in own}
    ki, v_t = found["ki", "mean"], found["v_t", "mean"]
    means = [significant_with_interval(style, line) for line in (ki, v_t)]
    spreads = [style.significant(found[name, "SD"].value) for name in ("ki", "v_t")]
    ends = [
        significant_interval(style, found[name, "minimum"].value, found[name, "maximum"].value)
        for name in ("ki", "v_t")
    ]
    return [
        indented(f"Mean of {quantity_label('ki')} and {quantity_label('v_t')}", *means, "", ""),
        indented("SD", *spreads, "", ""),
        indented("Range", *ends, "", ""),
    ]


def _row(result: Patlak, of: dict[str, object], style: Style, indent: int) -> Row:
    found = {line.quantity: line for line in result.estimates if dict(line.of) == of}
    label = ", ".join(f"{value}" for key, value in of.items() if key != "group") or "The curve"
    shown = [significant_with_interval(style, found[name]) for name in ("ki", "v_t")]
    start = found["t_star"]
    return Row((label, *shown, style.significant(start.value), f"{start.n}"), indent=indent)


def _ratio_rows(result: Patlak, style: Style) -> list[Row]:
    ratios = [line for line in result.estimates if line.quantity == "geometric_mean_ratio"]
    rows = []
    for group, reference in dict.fromkeys((line.of["group"], line.of["reference"]) for line in ratios):
        found = {line.of["term"]: line for line in ratios if line.of["group"] == group}
        cells = [
            f"{significant_with_interval(style, found[name])}; {style.p_phrase(found[name].p_value)}"
            if name in found
            else ""
            for name in ("ki", "v_t")
        ]
        rows.append(indented(f"Ratio of geometric means, {group} to {reference}", *cells, "", ""))
    return rows
