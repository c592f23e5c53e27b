"""Lay out shares, median and correlation of a waterfall."""

from __future__ import annotations

from biomarker.analyses.result import Estimate
from biomarker.analyses.waterfall import Waterfall
from biomarker.tables import Style, Table, layout
from biomarker.tables.naive import marked_naive
from biomarker.tables.style import count_of
from biomarker.vocabulary import lower_label, quantity_label


@layout.register
def _(result: Waterfall, style: Style) -> Table:
    """Lay out one row a quantity."""
    level = f"{100 * result.method.confidence_level:g}%"
    width = 3 if result.marker is None else 4  # without a marker nothing is tested
    rows = [_row(result, line, style)[:width] for line in result.estimates]
    patients = {line.n_patients for line in result.estimates if line.n_patients is not None}
    return Table(
        title=f"Best change of each {result.unit}: {lower_label(result.change)}",
        header=(
            "Quantity",
            "n" if not (patients and result.is_nested) else "n (patients)",
            f"Estimate ({level} CI)",
            style.p_symbol,
        )[:width],
        rows=rows,
        footnotes=(f"CI, confidence interval ({result.method.name}).",),
    )


def _row(result: Waterfall, line: Estimate, style: Style) -> tuple[str, str, str, str]:
    count = f"{line.n:,}" + (f" ({line.n_patients:,})" if result.is_nested and line.n_patients is not None else "")
    if line.unit == "fraction":
        beyond = style.plain(abs(float(line.of["cutoff"])))
        what = "Decrease" if line.quantity == "decrease_rate" else "Increase"
        shown = style.with_interval(line.value, line.low, line.high, 1, scale=100)
        return (
            f"{what} of at least {beyond}%, %",
            f"{count_of(line.numerator, line.n or 0)}" + count[len(f"{line.n:,}") :],
            marked_naive(shown, line),
            "",
        )
    if line.quantity == "median_change":
        shown = style.with_interval(line.value, line.low, line.high, 1)
        return "Median change, %", count, marked_naive(shown, line), ""
    name = f"{quantity_label(line.quantity)} of {lower_label(str(result.marker))} with the change"
    shown = style.with_interval(line.value, line.low, line.high)
    return name, count, marked_naive(shown, line), style.p_value(line.p_value)
