"""Draw detection rates with their intervals."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from biomarker.analyses.detection import DetectionRate
from biomarker.figures import describe, draw
from biomarker.figures.theme import PALETTE
from biomarker.figures.words import said
from biomarker.vocabulary import column_label, level_text


@draw.register
def _(result: DetectionRate, ax: Axes) -> Axes:
    """Draw one dot and interval a group, in percent, the first at the top."""
    lines = [line for line in result.estimates if line.quantity == "detection_rate"]
    places = np.arange(len(lines))[::-1]
    values = np.array([[line.value, line.low, line.high] for line in lines]) * 100
    ax.hlines(places, values[:, 1], values[:, 2], color=PALETTE[1])
    ax.plot(values[:, 0], places, "o", color=PALETTE[1], clip_on=False)
    ax.set_yticks(places, [f"{level_text(line.of.get('group', 'All'))} ({line.numerator}/{line.n})" for line in lines])
    ax.set(xlim=(0, 100), ylim=(-0.6, len(lines) - 0.4))
    ax.set_xlabel(f"Detected, % ({100 * result.method.confidence_level:g}% CI)")
    if result.by:
        ax.set_ylabel(column_label(result.by))
    return ax


@describe.register
def _(result: DetectionRate) -> str:
    """Say the rate of each group."""
    return f"Dots with intervals: {said(result, 'detection_rate')}"
