"""Lay out intraclass correlations."""

from __future__ import annotations

from biomarker.analyses.intraclass_correlation import IntraclassCorrelation
from biomarker.analyses.result import Estimate
from biomarker.tables import Row, Style, Table, heading, indented, layout
from biomarker.vocabulary import column_label, marker_unit


@layout.register
def _(result: IntraclassCorrelation, style: Style) -> Table:
    """Lay out one row a form, the naive interval beneath it, and the components of variance."""
    level = f"{result.method.confidence_level:.0%}"
    rows: list[Row | tuple[str, ...]] = []
    for line in result.estimates:
        if line.quantity == "icc":
            rows.append(_row(str(line.of["form"]), line, style))
        elif line.quantity == "icc_naive":
            rows.append(indented(*_row(f"as if {result.item_word}s were independent", line, style)))
    unit = marker_unit(result.value)
    rows.append(heading(f"Variance{f', ({unit})²' * bool(unit)} (share of the total)"))
    rows += [_component(line, result, style) for line in result.estimates if line.quantity == "variance_component"]
    return Table(
        title=f"Intraclass correlation of {column_label(result.value)}, {len(result.readers)} readers",
        header=("Form", "ICC", f"{level} CI", "F (df)", style.p_symbol),
        rows=rows,
        footnotes=(
            f"ICC, intraclass correlation; CI, confidence interval ({result.method.name}); {style.p_symbol}, F test "
            f"that {result.item_word}s do not differ.",
        ),
    )


def _row(label: str, line: Estimate, style: Style) -> tuple[str, str, str, str, str]:
    interval = style.interval(line.low, line.high, 3)
    if isinstance(line.df, float):  # no test goes with an interval that honours nesting
        return label, style.number(line.value, 3), interval, "", ""
    df = ", ".join(f"{part:g}" for part in line.df)
    f = f"{style.significant(line.statistic)} ({df})"
    return label, style.number(line.value, 3), interval, f, style.p_value(line.p_value)


def _component(line: Estimate, result: IntraclassCorrelation, style: Style) -> Row:
    component = line.of["component"]
    share = result.estimate("variance_share", component=component).value
    value = f"{style.significant(line.value)} ({style.percent(share)}%)"
    return indented(str(component).capitalize(), value, "", "", "")
