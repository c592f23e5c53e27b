"""Lay out predictive values."""

from __future__ import annotations

from biomarker.analyses.predictive_values import PredictiveValues
from biomarker.tables import Style, Table, layout
from biomarker.tables.style import count_of
from biomarker.vocabulary import column_label, quantity_label


@layout.register
def _(result: PredictiveValues, style: Style) -> Table:
    """Lay out each quantity with its counts and interval, in percent."""
    level = f"{result.method.confidence_level:.0%}"
    rows = [
        (
            quantity_label(line.quantity),
            count_of(line.numerator, line.n or 0),
            style.percent(line.value),
            style.interval(line.low, line.high, 1, scale=100),
        )
        for line in result.estimates
    ]
    at = "" if result.cutoff is None else f" at a cutoff of {style.significant(result.cutoff)}"
    return Table(
        title=f"Predictive values of {column_label(result.index_test)}{at}",
        header=("Quantity", "n/N", "%", f"{level} CI"),
        rows=rows,
        footnotes=(f"CI, confidence interval: {result.method.name}.",),
    )
