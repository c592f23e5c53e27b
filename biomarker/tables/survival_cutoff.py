"""Lay out a cutoff for survival: its p-value, hazard ratios apparent and corrected, and the marker as measured."""

from __future__ import annotations

from math import isnan

from biomarker.analyses.result import Estimate
from biomarker.analyses.survival_cutoff import SurvivalCutoff
from biomarker.tables import Row, Style, Table, heading, indented, layout
from biomarker.vocabulary import column_label, lower_label, outcome_label

METHOD_LABELS = {
    "permutation": "By permutation",
    "exact-gauss": "Exact Gaussian",
    "lausen-schumacher-92": "Lausen-Schumacher 1992",
    "lausen-schumacher-94": "Lausen-Schumacher 1994",
    "hothorn-lausen": "Hothorn-Lausen bound",
}


@layout.register
def _(result: SurvivalCutoff, style: Style) -> Table:
    """Lay out one column: the cutoff, the tests, the hazard ratios, and the marker without a cutoff."""
    level = f"{100 * result.method.confidence_level:g}% CI"
    cutoff = result.estimate("cutoff")
    unit = f", {cutoff.unit}" if cutoff.unit else ""
    figures = tuple(style.significant(x, 3) for x in (cutoff.value, cutoff.low, cutoff.high))
    mark = " to " if style.range_mark == "to" or min(cutoff.low, cutoff.value) < 0 else style.range_mark
    events = [result.estimate("events", group=side) for side in ("positive", "negative")]
    rows: list[Row | tuple[str, ...]] = [
        (f"Cutoff of {lower_label(result.marker)}{unit} ({level})", f"{figures[0]} ({figures[1]}{mark}{figures[2]})"),
        ("Chosen in resamples, %", style.percent(result.estimate("selection_frequency").value)),
        heading("Patients (events)"),
        *(
            indented(result.group_label(positive=side == "positive"), f"{line.n} ({line.value:.0f})")
            for side, line in zip(("positive", "negative"), events, strict=True)
        ),
        heading(f"Maximally selected log-rank statistic {style.number(_maximal(result)[0].value)}, {style.p_symbol}"),
        *(
            indented(METHOD_LABELS[line.of["method"]], style.p_value(line.p_value))
            for line in _maximal(result)
            if not isnan(line.p_value)
        ),
        indented("Uncorrected log-rank, too small", style.p_value(result.estimate("log_rank").p_value)),
        heading(f"Hazard ratio ({level})"),
        *(
            indented(f"At the cutoff, {kind}", _ratio(result.estimate("hazard_ratio", performance=kind), style))
            for kind in ("apparent", "corrected")
        ),
    ]
    continuous = [line for line in result.estimates if line.quantity == "hazard_ratio" and "term" in line.of]
    for line in continuous:
        scale = line.of["term"].rpartition(", ")[2]
        rows.append(indented(f"{column_label(result.marker)} {scale}", _ratio(line, style)))
        rows.append(indented(f"{style.p_symbol}, {scale}", style.p_value(line.p_value)))
    return Table(
        title=f"{outcome_label(result.duration)}: choice of a cutoff of {lower_label(result.marker)}",
        header=("", "Estimate"),
        rows=rows,
        footnotes=(f"CI, confidence interval ({result.method.name}). Corrected, for optimism.",),
    )


def _maximal(result: SurvivalCutoff) -> list[Estimate]:
    return [line for line in result.estimates if line.quantity == "maximal_log_rank"]


def _ratio(line: Estimate, style: Style) -> str:
    return style.with_interval(line.value, line.low, line.high, 2)
