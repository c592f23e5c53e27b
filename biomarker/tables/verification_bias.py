"""Lay out accuracy before and after the correction for verification bias."""

from __future__ import annotations

from biomarker.analyses.verification_bias import VerificationBias
from biomarker.tables import Style, Table, layout
from biomarker.tables.style import count_of
from biomarker.vocabulary import lower_label, quantity_label


@layout.register
def _(result: VerificationBias, style: Style) -> Table:
    """Lay out each quantity in percent, among verified rows and corrected."""
    unit = result.population.unit
    rows = []
    for quantity in dict.fromkeys(line.quantity for line in result.estimates):
        cells = [
            style.with_interval(line.value, line.low, line.high, 1, scale=100)
            for line in result.estimates
            if line.quantity == quantity
        ]
        rows.append((quantity_label(quantity), *cells))
    level = f"{100 * result.method.confidence_level:g}% CI"
    return Table(
        title=f"Accuracy of {lower_label(result.test)}, corrected for verification bias",
        header=("Quantity", f"Verified only, % ({level})", f"Corrected, % ({level})"),
        rows=rows,
        footnotes=(
            f"Verified by {lower_label(result.reference_standard)}: {count_of(*result.verified_of_positive)} "
            f"test-positive and {count_of(*result.verified_of_negative)} test-negative {unit}s.",
            f"CI, confidence interval; {result.method.name}.",
        ),
    )
