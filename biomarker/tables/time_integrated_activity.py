"""Lay out time-integrated activities by organ."""

from __future__ import annotations

from biomarker.analyses.result import Estimate
from biomarker.analyses.time_integrated_activity import QUANTITIES, TimeIntegratedActivity
from biomarker.tables import Row, Style, Table, heading, indented, layout
from biomarker.tables.significant import significant_interval, significant_with_interval
from biomarker.vocabulary import quantity_label


@layout.register
def _(result: TimeIntegratedActivity, style: Style) -> Table:
    """Lay out one row an organ, under a heading for each group: coefficients where there are any."""
    quantity = next(name for name in reversed(QUANTITIES) if any(one.quantity == name for one in result.estimates))
    lines = [line for line in result.estimates if line.quantity == quantity]
    is_summary = any("summary" in line.of for line in lines)
    level = f"{100 * result.method.confidence_level:g}% CI"
    header = ["Organ", "n", f"Mean ({level})", "SD", "Range"] if is_summary else ["Organ", "Value"]
    rows: list[Row] = []
    for group in result.groups or (None,):
        if group is not None:
            rows.append(heading(group))
        for organ in result.organs:
            own = [line for line in lines if line.of["organ"] == organ and line.of.get("group") == group]
            if own:
                cells = _cells(own, style) if is_summary else (style.significant(own[0].value),)
                rows.append(indented(organ, *cells) if group is not None else Row((organ, *cells)))
    return Table(
        title=f"{quantity_label(quantity)} ({lines[0].unit})",
        header=header,
        rows=rows,
        footnotes=(f"Integrated by {result.method.name}.", *(["CI, t interval of the mean."] if is_summary else [])),
    )


def _cells(own: list[Estimate], style: Style) -> tuple[str, ...]:
    found = {line.of["summary"]: line for line in own if "summary" in line.of}
    mean = found["mean"]
    ends = significant_interval(style, found["minimum"].value, found["maximum"].value)
    return f"{mean.n_patients}", significant_with_interval(style, mean), style.significant(found["SD"].value), ends
