"""Draw predictive values with their intervals."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from biomarker.analyses.predictive_values import PredictiveValues
from biomarker.figures import draw
from biomarker.figures.theme import PALETTE
from biomarker.vocabulary import quantity_label


@draw.register
def _(result: PredictiveValues, ax: Axes) -> Axes:
    """Draw one dot and interval a quantity, in percent."""
    lines = [line for line in result.estimates if line.unit == "fraction"]
    places = np.arange(len(lines))[::-1]
    values = np.array([[line.value, line.low, line.high] for line in lines]) * 100
    ax.hlines(places, values[:, 1], values[:, 2], color=PALETTE[1])
    ax.plot(values[:, 0], places, "o", color=PALETTE[1])
    ax.set_yticks(places, [quantity_label(line.quantity) for line in lines])
    ax.set(xlim=(0, 100), xlabel=f"% ({result.method.confidence_level:.0%} CI)")
    return ax
