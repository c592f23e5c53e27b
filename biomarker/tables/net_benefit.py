"""Lay out decision curves."""

from __future__ import annotations

from biomarker.analyses.net_benefit import NetBenefitResult
from biomarker.analyses.result import Estimate
from biomarker.tables import Row, Style, Table, heading, indented, layout
from biomarker.vocabulary import column_label


@layout.register
def _(result: NetBenefitResult, style: Style) -> Table:
    """Lay out one row a marker and cutoff, with the difference from treating all."""
    rows: list[Row] = []
    for marker in result.markers:
        rows.append(heading(column_label(marker)))
        lines = {quantity: _by_cutoff(result, quantity, marker) for quantity in ("net_benefit", "net_benefit_over_all")}
        for cutoff, everyone in zip(result.cutoffs, result.all_treated, strict=True):
            own, over = lines["net_benefit"][cutoff], lines["net_benefit_over_all"][cutoff]
            rows.append(
                indented(
                    f"{style.percent(cutoff, 0)}%",
                    style.with_interval(own.value, own.low, own.high, 3),
                    style.number(everyone, 3),
                    style.with_interval(over.value, over.low, over.high, 3),
                )
            )
    level = f"{100 * result.method.confidence_level:g}% CI"
    return Table(
        title=f"Net benefit at a prevalence of {style.percent(result.prevalence)}%",
        header=(
            "Threshold probability",
            f"Net benefit ({level})",
            "Treating all",
            f"Difference from treating all ({level})",
        ),
        rows=rows,
        footnotes=(
            f"Net benefit counts true positives per {result.population.unit}, less false positives at the odds of the "
            "threshold probability, the risk from which one would treat; treating none has a net benefit of 0.",
            f"CI, confidence interval; {result.method.name}.",
        ),
    )


def _by_cutoff(result: NetBenefitResult, quantity: str, marker: str) -> dict[float, Estimate]:
    lines = (line for line in result.estimates if line.quantity == quantity and line.of["marker"] == marker)
    return {line.of["cutoff"]: line for line in lines}
