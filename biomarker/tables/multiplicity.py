"""Lay out raw p-values beside the adjusted ones."""

from __future__ import annotations

from biomarker.analyses.multiplicity import AdjustedPValues
from biomarker.tables import Style, Table, layout


@layout.register
def _(result: AdjustedPValues, style: Style) -> Table:
    """Lay out one row a hypothesis."""
    return Table(
        title=f"p-values adjusted for multiplicity by the method of {result.procedure}",
        header=("Hypothesis", style.p_symbol, f"Adjusted {style.p_symbol}"),
        rows=[
            (str(line.of["hypothesis"]), style.p_value(line.p_value), style.p_value(line.value))
            for line in result.estimates
        ],
        footnotes=(result.method.description,),
    )
