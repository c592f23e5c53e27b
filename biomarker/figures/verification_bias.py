"""Draw accuracy before and after the correction for verification bias."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from biomarker.analyses.verification_bias import VerificationBias
from biomarker.figures import describe, draw
from biomarker.figures.theme import MARKERS, PALETTE
from biomarker.figures.words import said
from biomarker.vocabulary import quantity_label


@draw.register
def _(result: VerificationBias, ax: Axes) -> Axes:
    """Draw two dots with intervals a quantity, in percent: verified only, and corrected."""
    quantities = list(dict.fromkeys(line.quantity for line in result.estimates))
    for number, analysis in enumerate(("verified only", "corrected")):
        lines = [line for line in result.estimates if line.of["analysis"] == analysis]
        values = np.array([[line.value, line.low, line.high] for line in lines]) * 100
        places = np.arange(len(quantities))[::-1] + (0.13 if number == 0 else -0.13)
        ax.hlines(places, values[:, 1], values[:, 2], color=PALETTE[number + 1])
        ax.plot(values[:, 0], places, MARKERS[number], color=PALETTE[number + 1], label=analysis.capitalize())
    ax.set_yticks(np.arange(len(quantities))[::-1], [quantity_label(quantity) for quantity in quantities])
    ax.set(xlim=(0, 100), xlabel=f"% ({100 * result.method.confidence_level:g}% CI)")
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2)
    return ax


@describe.register
def _(result: VerificationBias) -> str:
    """Say each quantity before and after the correction."""
    return f"Dots with intervals, verified only and corrected: {said(result, most=8)}"
