"""Lay out organ doses: one row an organ, one column a group, mean ± SD to two significant figures."""

from __future__ import annotations

from math import isnan

from biomarker.analyses.dose_table import DoseTable
from biomarker.analyses.organ_names import is_printed_effective_dose
from biomarker.analyses.result import Estimate
from biomarker.tables import Row, Spanner, Style, Table, heading, layout
from biomarker.tables.significant import significant_interval
from biomarker.tables.style import MINUS

FIGURES = 2


@layout.register
def _(result: DoseTable, style: Style) -> Table:
    """Lay out means and standard deviations, and beside them the difference from the first group."""
    groups: tuple[str | None, ...] = result.groups or (None,)
    level = f"{100 * result.method.confidence_level:g}% CI"
    compared = [group for group in groups if _differences(result, group)]
    header = ["Organ", *(_head(result, group) for group in groups)]
    spanners = []
    for group in compared:
        reference = _differences(result, group)[0].of["reference"]
        spanners.append(Spanner(f"{group} {MINUS} {reference}", len(header), len(header) + 1))
        header += [f"Difference ({level})", style.p_symbol]
    rows = []
    effective = [organ for organ in result.organs if is_printed_effective_dose(organ)]
    for organ in result.organs:
        if effective and organ == effective[0]:
            unit = next(line.unit for line in result.estimates if line.of.get("organ") == organ)
            rows.append(heading(f"Effective dose ({unit})"))
        cells = [_mean(result, organ, group, style) for group in groups]
        for group in compared:
            cells += _difference(result, organ, group, style)
        rows.append(Row((organ, *cells), indent=int(bool(effective) and organ in effective)))
    footnotes = [f"Mean ± SD, to {FIGURES} significant figures."]
    if compared:
        footnotes.append("CI, confidence interval (Welch).")
    return Table(
        title=f"Absorbed dose by organ ({result.unit})",
        header=header,
        rows=rows,
        spanners=spanners,
        footnotes=footnotes,
    )


def _head(result: DoseTable, group: str | None) -> str:
    counts = {line.n_patients for line in result.estimates if line.of.get("group") == group and "summary" in line.of}
    label = group or "Dose"
    count = next(iter(counts)) if len(counts) == 1 else None
    return f"{label} (n = {count})" if count else label


def _mean(result: DoseTable, organ: str, group: str | None, style: Style) -> str:
    found = {
        line.of["summary"]: line.value
        for line in result.estimates
        if line.of.get("organ") == organ and line.of.get("group") == group and "summary" in line.of
    }
    if "mean" not in found:
        return ""
    mean = style.significant(found["mean"], FIGURES)
    return mean if isnan(found["SD"]) else f"{mean} ± {style.significant(found['SD'], FIGURES)}"


def _differences(result: DoseTable, group: str | None) -> list[Estimate]:
    return [line for line in result.estimates if line.quantity == "dose_difference" and line.of.get("group") == group]


def _difference(result: DoseTable, organ: str, group: str | None, style: Style) -> list[str]:
    for line in result.estimates:
        if line.quantity == "dose_difference" and (line.of["organ"], line.of["group"]) == (organ, group):
            limits = significant_interval(style, line.low, line.high, FIGURES)
            value = style.significant(line.value, FIGURES)
            return [f"{value} ({limits})" if limits else value, style.p_value(line.p_value)]
    return ["", ""]
