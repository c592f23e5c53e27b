"""Draw the accuracy of several tests side by side."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from biomarker.analyses.compare_tests import TestComparison
from biomarker.figures import describe, draw
from biomarker.figures.theme import MARKERS, PALETTE
from biomarker.figures.words import said
from biomarker.vocabulary import index_test_label, quantity_label

QUANTITIES = ("sensitivity", "specificity", "ppv", "npv")


@draw.register
def _(result: TestComparison, ax: Axes) -> Axes:
    """Draw for each quantity one dot and interval a test, in percent."""
    groups = np.arange(len(QUANTITIES))[::-1]
    offsets = np.linspace(0.27, -0.27, len(result.tests))
    for number, (test, offset) in enumerate(zip(result.tests, offsets, strict=True)):
        lines = [result.estimate(quantity, test=test) for quantity in QUANTITIES]
        values = np.array([[line.value, line.low, line.high] for line in lines]) * 100
        color = PALETTE[1 + number % (len(PALETTE) - 1)]
        ax.hlines(groups + offset, values[:, 1], values[:, 2], color=color)
        marker = MARKERS[number % len(MARKERS)]
        ax.plot(values[:, 0], groups + offset, marker, color=color, label=index_test_label(test), clip_on=False)
    ax.set_yticks(groups, [quantity_label(quantity) for quantity in QUANTITIES])
    ax.set(xlim=(0, 100), ylim=(-0.6, len(QUANTITIES) - 0.4))
    ax.set_xlabel(f"% ({100 * result.method.confidence_level:g}% CI)")
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=min(len(result.tests), 2))
    return ax


@describe.register
def _(result: TestComparison) -> str:
    """Say each quantity of each test."""
    return f"Dots with intervals, one a test: {said(result, *QUANTITIES, most=8)}"
