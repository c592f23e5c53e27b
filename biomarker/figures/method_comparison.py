"""Draw two methods against each other with the lines between them, and the distances from the first line."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from biomarker.analyses.method_comparison import MethodComparison
from biomarker.analyses.method_lines import LABELS
from biomarker.figures import describe, draw
from biomarker.figures.theme import LINE_STYLES, PALETTE, literal
from biomarker.figures.words import called, said
from biomarker.vocabulary import column_label, marker_unit

COLORS = (PALETTE[2], PALETTE[0], PALETTE[3], PALETTE[4], PALETTE[5])


@draw.register
def _(result: MethodComparison, ax: Axes) -> Axes:
    """Draw the points, the line of identity, each fit, the band of the first, and its residuals beneath."""
    size = 2.5 if len(result.x) > 60 else 3.5
    style: dict[str, Any] = {"color": PALETTE[1], "markersize": size, "markerfacecolor": "none", "markeredgewidth": 0.6}
    spec = ax.get_subplotspec()
    below = None
    if spec is not None:
        grid = spec.subgridspec(2, 1, height_ratios=[3, 1])
        ax.set_subplotspec(grid[0])
        below = ax.figure.add_subplot(grid[1], sharex=ax)
    ends = np.array([result.grid[0], result.grid[-1]])
    ax.plot(ends, ends, color="0.6", linewidth=0.8, zorder=0, label="Identity")
    ax.plot(result.x, result.y, "o", **style)
    for place, name in enumerate(result.fits):
        height, low, high = result.bands[name]
        color = COLORS[place]
        ax.plot(result.grid, height, linestyle=LINE_STYLES[place], color=color, linewidth=1, label=LABELS[name])
        if place == 0:
            ax.fill_between(result.grid, low, high, color=color, alpha=0.15, linewidth=0)
    ax.legend(loc="upper left")
    first, second, unit = literal(result.names[0]), literal(result.names[1]), marker_unit(result.value)
    in_unit = f" ({unit})" * bool(unit)
    marker = literal(column_label(result.value))
    of_what = "" if first.startswith(marker) else f", {marker}"
    ax.set_ylabel(f"{second}{of_what}{in_unit}")
    bottom = ax if below is None else below
    bottom.set_xlabel(f"{first}{of_what}{in_unit}")
    if below is not None:
        line = np.interp(result.x, result.grid, result.bands[result.fits[0]][0])
        below.plot(result.x, result.y - line, "o", **style)
        below.axhline(0, color=COLORS[0], linewidth=1)
        below.set_ylabel("Residual")
        ax.tick_params(labelbottom=False)
    return ax


@describe.register
def _(result: MethodComparison) -> str:
    """Say intercept and slope of each line."""
    found = said(result, "intercept", "slope")
    return f"Scatter of {called(result.names[1])} against {called(result.names[0])} with fitted lines: {found}"
