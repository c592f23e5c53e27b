"""What plots of agreement share: numbers at the ends of their lines, and ratios printed as such."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.transforms import blended_transform_factory

from biomarker.figures.printed import rounded, short

MINUS = "\u2212"


def beside(ax: Axes, height: float, shown: float, color: str, *, digits: int) -> None:
    """Print a number to the right of the axes, at the height of its line."""
    transform = blended_transform_factory(ax.transAxes, ax.transData)
    ax.text(1.01, height, rounded(shown, digits), transform=transform, va="center", fontsize=6.5, color=color)


def plain_ratio_ticks(ax: Axes) -> None:
    """Print ratios as such: a log axis of less than a decade would otherwise print powers of ten, or nothing."""
    low, high = ax.get_ylim()
    ladder = np.array([0.05, 0.1, 0.2, 0.25, 0.33, 0.5, 0.67, 0.8, 0.9, 1, 1.1, 1.25, 1.5, 2, 3, 4, 5, 10, 20])
    ticks = ladder[(ladder >= low) & (ladder <= high)]
    ax.set_yticks(ticks, [short(float(tick)) for tick in ticks])
    ax.minorticks_off()
    ax.set_ylim(low, high)
