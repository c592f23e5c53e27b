"""Lay out summaries of values of which some lie below a limit."""

from __future__ import annotations

from biomarker.analyses.censored_summary import CensoredSummary
from biomarker.tables import Style, Table, layout
from biomarker.tables.significant import significant_with_interval
from biomarker.vocabulary import column_label


@layout.register
def _(result: CensoredSummary, style: Style) -> Table:
    """Lay out one row a group."""
    level = f"{100 * result.method.confidence_level:g}% CI"
    unit = next((line.unit for line in result.estimates if line.quantity == "mean"), "")
    rows = []
    for group in result.groups:
        of = {"group": group.label} if group.label else {}
        found = {line.quantity: line for line in result.estimates if dict(line.of) == of}
        below = found["share_below_limit"]
        rows.append(
            (
                group.label or "All values",
                f"{below.n}",
                f"{below.numerator} ({style.percent(below.value, 0)}%)",
                significant_with_interval(style, found["geometric_mean"]),
                significant_with_interval(style, found["geometric_sd"]),
                significant_with_interval(style, found["mean"]),
                style.significant(found["sd"].value),
            )
        )
    named = column_label(result.marker) + (f" ({unit})" if unit else "")
    return Table(
        title=f"{named}, with values below the limit of detection",
        header=("", "n", "Below", f"Geometric mean ({level})", f"Geometric SD ({level})", f"Mean ({level})", "SD"),
        rows=rows,
        footnotes=(f"CI, confidence interval ({result.method.name}). Geometric SD, a factor.",),
    )
