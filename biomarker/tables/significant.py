"""Values with their limits to a number of significant figures: for quantities that span decades."""

from __future__ import annotations

from math import isnan

from biomarker.analyses.result import Estimate
from biomarker.tables.style import MINUS, Style
from biomarker.vocabulary import quantity_label


def significant_interval(style: Style, low: float, high: float, figures: int = 3) -> str:
    """Return "low–high" to significant figures; "" where neither limit is known."""
    if isnan(low) and isnan(high):
        return ""
    parts = style.significant(low, figures), style.significant(high, figures)
    spaced = any(part.startswith(MINUS) for part in parts) or style.range_mark == "to"
    return " to ".join(parts) if spaced else style.range_mark.join(parts)


def significant_with_interval(style: Style, line: Estimate, figures: int = 3, *, scale: float = 1.0) -> str:
    """Return "value (low–high)" to significant figures, or the value alone where it has no interval."""
    shown = style.significant(scale * line.value, figures)
    limits = significant_interval(style, scale * line.low, scale * line.high, figures)
    return f"{shown} ({limits})" if limits else shown


def lower_quantity(quantity: str) -> str:
    """Return a quantity's label within a phrase: "Clearance" gives "clearance", "AUC" stays."""
    label = quantity_label(quantity)
    return label[0].lower() + label[1:] if label[1:2].islower() else label
