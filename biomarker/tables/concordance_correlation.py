"""Lay out concordance correlations."""

from __future__ import annotations

from biomarker.analyses.concordance_correlation import ConcordanceCorrelation
from biomarker.analyses.result import Estimate
from biomarker.tables import Row, Style, Table, heading, indented, layout
from biomarker.tables.style import EN_DASH, MINUS
from biomarker.vocabulary import lower_label, quantity_label

DIGITS = 3


@layout.register
def _(result: ConcordanceCorrelation, style: Style) -> Table:
    """Lay out the coefficient and its parts, and the coefficients of pairs where there are several."""
    several = len(result.readers) > 2
    everyone = ", ".join(result.readers)
    rows: list[Row] = []
    if several:
        overall = [line for line in result.estimates if line.of["readers"] == everyone]
        rows += [heading(f"All {len(result.readers)} readers"), *(indented(*_cells(line, style)) for line in overall)]
        rows.append(heading("Pairs"))
        for line in result.estimates:
            if line.of["readers"] != everyone:
                first, _, second = str(line.of["readers"]).partition(" - ")
                label, *rest = _cells(line, style)
                rows.append(indented(f"{label}, {first} and {second}", *rest))
    else:
        rows = [Row(_cells(line, style)) for line in result.estimates]
    who = f"{len(result.readers)} readers" if several else f"readers {result.readers[0]} and {result.readers[1]}"
    shifts = (
        ""
        if several
        else f" Location shift, mean of {result.readers[0]} {MINUS} {result.readers[1]} over the geometric mean of "
        f"their SDs; scale shift, ratio of their SDs ({result.readers[0]} / {result.readers[1]})."
    )
    return Table(
        title=f"Concordance of {who} on {lower_label(result.value)}",
        header=("Quantity", "Estimate", f"{100 * result.method.confidence_level:g}% CI"),
        rows=rows,
        footnotes=(
            f"CI, confidence interval ({result.method.name}). The coefficient is the correlation times the bias "
            f"correction factor, each 0{EN_DASH}1 where readers rank alike.{shifts}",
        ),
    )


def _cells(line: Estimate, style: Style) -> tuple[str, str, str]:
    interval = "" if line.quantity == "bias_correction" else style.interval(line.low, line.high, DIGITS)
    return quantity_label(line.quantity), style.number(line.value, DIGITS), interval
