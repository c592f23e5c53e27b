"""The square all ROC curves are drawn in."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from biomarker.analyses.roc_curve_parts import RocLine

MAX_CORNERS = 5000  # more than any printer tells apart; an SVG of a million would not open


def prepare(ax: Axes) -> None:
    """Draw the line of chance, and label the axes in percent."""
    ax.plot([0, 100], [0, 100], color="0.55", linestyle=":", linewidth=0.8, label="_chance")
    ax.set(xlim=(-2, 102), ylim=(-2, 102), xlabel="1 − specificity (%)", ylabel="Sensitivity (%)")
    ax.set_xticks(np.arange(0, 101, 20))
    ax.set_yticks(np.arange(0, 101, 20))
    ax.set_aspect("equal")


def corners(curve: RocLine) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return x and y in percent, thinned evenly where there are more corners than can be seen."""
    n_corners = curve.cutoffs.size
    kept = np.arange(n_corners)
    if n_corners > MAX_CORNERS:
        kept = np.unique(np.linspace(0, n_corners - 1, MAX_CORNERS).round().astype(np.int64))
    return 100 * (1 - curve.specificities[kept]), 100 * curve.sensitivities[kept]
