"""Draw Patlak plots with their lines."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from biomarker.analyses.patlak import Patlak
from biomarker.figures import draw
from biomarker.figures.theme import LINE_STYLES, MARKERS, PALETTE, literal
from biomarker.vocabulary import column_label

FEW = 6


@draw.register
def _(result: Patlak, ax: Axes) -> Axes:
    """Draw points and line of each lesion; lesions by name where they are few, else by group."""
    few, groups = len(result.plots) <= FEW, result.groups or ("",)
    seen: set[str] = set()
    for number, plot in enumerate(result.plots):
        of = plot.curve.of
        place = number if few else groups.index(of.get("group", groups[0]))
        name = ", ".join(str(value) for key, value in of.items() if key != "group") if few else groups[place]
        color = PALETTE[1 + place % (len(PALETTE) - 2)]
        label = literal(name) if name and name not in seen else None
        seen.add(name)
        mark = MARKERS[place % len(MARKERS)]
        size = 3.5 if few else 1.8
        x, y, first = plot.points.x, plot.points.y, plot.line.first
        ax.plot(x[first:], y[first:], mark, color=color, markersize=size, zorder=3)
        ax.plot(x[:first], y[:first], mark, color=color, markersize=size, markerfacecolor="none", zorder=3)
        ends = np.array([x[first], x[-1]])
        ax.plot(
            ends, plot.line.intercept + plot.line.slope * ends, color=color, label=label,
            linestyle=LINE_STYLES[place % len(LINE_STYLES)], linewidth=1.2 if few else 0.5,
        )  # fmt: skip
    of_plasma = literal(column_label(result.plasma))
    ax.set_xlabel(f"Area under {of_plasma} / {of_plasma} ({result.time_unit})")
    ax.set_ylabel(f"{literal(column_label(result.tissue))} / {of_plasma}")
    ax.set_xlim(left=0)
    if any(seen):
        ax.legend(loc="best", handlelength=2.6)
    return ax
