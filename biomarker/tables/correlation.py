"""Lay out a correlation."""

from __future__ import annotations

from biomarker.analyses.correlation import CorrelationResult
from biomarker.analyses.correlation_method import METHODS
from biomarker.tables import Style, Table, layout
from biomarker.vocabulary import column_label, lower_label


@layout.register
def _(result: CorrelationResult, style: Style) -> Table:
    """Lay out the coefficient, its interval and test in one row."""
    line = result.estimates[0]
    label = METHODS[str(result.method.settings["method"])][1]
    given = f", given {', '.join(map(column_label, result.partial))}" if result.partial else ""
    patients = ("Patients",) if result.is_nested else ()
    counts = (f"{line.n_patients:,}",) if result.is_nested else ()
    return Table(
        title=f"{column_label(result.y)} and {lower_label(result.x)}{given}",
        header=(
            "Coefficient",
            "n",
            *patients,
            f"Estimate ({100 * result.method.confidence_level:g}% CI)",
            style.p_symbol,
        ),
        rows=[
            (
                f"{label[0].upper()}{label[1:]}",
                f"{line.n:,}",
                *counts,
                style.with_interval(line.value, line.low, line.high),
                style.p_value(line.p_value),
            )
        ],
        footnotes=(f"CI, confidence interval; {result.method.name}.",),
    )
