"""Lay out half-lives, areas and clearance."""

from __future__ import annotations

from collections.abc import Sequence

from biomarker.analyses.clearance import ARITHMETIC, Clearance
from biomarker.analyses.result import Estimate
from biomarker.tables import Row, Style, Table, heading, indented, layout
from biomarker.tables.significant import lower_quantity, significant_with_interval
from biomarker.vocabulary import column_label, quantity_label


@layout.register
def _(result: Clearance, style: Style) -> Table:
    """Lay out summaries over patients, by group, with the comparisons; or the one curve's own values."""
    level = f"{100 * result.method.confidence_level:g}% CI"
    summaries = [line for line in result.estimates if "summary" in line.of]
    rows = _summary_rows(result, summaries, style) if summaries else _own_rows(result, style)
    header: Sequence[str] = ("Quantity", "n", f"Estimate ({level})", "CV or SD", "Range")
    footnotes = [
        f"CI, confidence interval ({result.method.name}). Geometric means with geometric CVs; for shares, "
        "means of logits with SDs."
    ]
    if not summaries:
        header, footnotes = ("Quantity", f"Estimate ({level})"), [f"CI, confidence interval ({result.method.name})."]
    if result.terms > 1:
        footnotes.append("Phases are numbered from the fastest.")
    return Table(
        title=f"Clearance from {column_label(result.activity)[0].lower()}{column_label(result.activity)[1:]}",
        header=header,
        rows=rows,
        footnotes=footnotes,
    )


def _label(line: Estimate, *, several: bool) -> str:
    phase = f", phase {line.of['phase']}" if several and "phase" in line.of else ""
    unit = {"fraction": " (%)", "": ""}.get(line.unit, f" ({line.unit})")
    return f"{quantity_label(line.quantity)}{phase}{unit}"


def _own_rows(result: Clearance, style: Style) -> list[Row]:
    rows = []
    for line in result.estimates:
        if line.quantity != "aicc":
            scale = 100.0 if line.unit == "fraction" else 1.0
            rows.append(
                Row((_label(line, several=result.terms > 1), significant_with_interval(style, line, scale=scale)))
            )
    return rows


def _summary_rows(result: Clearance, lines: list[Estimate], style: Style) -> list[Row]:
    rows: list[Row] = []
    for group in result.groups or (None,):
        own = [line for line in lines if line.of.get("group") == group]
        if not own:
            continue
        if group is not None:
            rows.append(heading(group))
        make = indented if group is not None else (lambda *cells: Row(cells))
        centres = [line for line in own if line.of["summary"] in ("geometric mean", "mean", "logit mean")]
        rows += [make(*_cells(line, own, style, several=result.terms > 1)) for line in centres]
    ratios = [line for line in result.estimates if line.quantity == "geometric_mean_ratio"]
    for reference in dict.fromkeys(line.of["reference"] for line in ratios):
        rows.append(heading(f"Ratio to {reference}"))
        for line in ratios:
            phase = f", phase {line.of['phase']}" if result.terms > 1 and "phase" in line.of else ""
            label = f"{line.of['group']}: {lower_quantity(str(line.of['term']))}{phase}"
            shown = f"{significant_with_interval(style, line)}; {style.p_phrase(line.p_value)}"
            rows.append(indented(label, f"{line.n_patients}", shown, "", ""))
    return rows


def _cells(line: Estimate, lines: list[Estimate], style: Style, *, several: bool) -> tuple[str, ...]:
    rest = {key: value for key, value in line.of.items() if key != "summary"}
    beside = {
        other.of["summary"]: other.value
        for other in lines
        if other.quantity == line.quantity and {k: v for k, v in other.of.items() if k != "summary"} == rest
    }
    scale = 100.0 if line.unit == "fraction" else 1.0
    is_log = line.of["summary"] == "geometric mean" and line.quantity not in ARITHMETIC
    spread = f"{style.percent(beside['geometric CV'], 0)}%" if is_log else style.significant(scale * beside["SD"], 3)
    extent = [style.significant(scale * beside[word], 3) for word in ("minimum", "maximum")]
    return (
        _label(line, several=several),
        f"{line.n_patients}",
        significant_with_interval(style, line, scale=scale),
        spread,
        style.range_mark.join(extent) if style.range_mark != "to" else " to ".join(extent),
    )
