"""Draw Patlak plots with their lines."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.patheffects import withStroke

from biomarker.analyses.patlak import Patlak
from biomarker.figures import describe, draw
from biomarker.figures.theme import LINE_STYLES, MARKERS, PALETTE, literal
from biomarker.figures.words import counted, said
from biomarker.vocabulary import column_label

FEW, MANY = 6, 30


@draw.register
def _(result: Patlak, ax: Axes) -> Axes:
    """Draw points and line of each lesion; lesions by name where they are few, else by group."""
    few, groups = len(result.plots) <= FEW, result.groups or ("",)
    alpha = 1.0 if few else max(0.15, min(0.8, MANY / len(result.plots)))  # so that many lines do not make one blot
    seen: set[str] = set()
    for number, plot in enumerate(result.plots):
        of = plot.curve.of
        place = number if few else groups.index(of.get("group", groups[0]))
        name = ", ".join(str(value) for key, value in of.items() if key != "group") if few else groups[place]
        color = PALETTE[1 + place % (len(PALETTE) - 2)]
        label = literal(name) if name and name not in seen else None
        seen.add(name)
        mark = MARKERS[place % len(MARKERS)]
        size = 3.5
        x, y, first = plot.points.x, plot.points.y, plot.line.first
        if not few:
            continue
        ax.plot(x[first:], y[first:], mark, color=color, markersize=size, alpha=alpha, zorder=3)
        ax.plot(x[:first], y[:first], mark, color=color, markersize=size, markerfacecolor="none", alpha=alpha, zorder=3)
        ends = np.array([x[first], x[-1]])
        ax.plot(
            ends, plot.line.intercept + plot.line.slope * ends, color=color, label=label, alpha=alpha,
            linestyle=LINE_STYLES[place % len(LINE_STYLES)], linewidth=1.2,
        )  # fmt: skip
    if not few:
        _draw_faint(result, groups, ax, alpha)
        _draw_means(result, groups, ax)
    of_plasma = literal(column_label(result.plasma))
    within = of_plasma if of_plasma[1:2].isupper() else of_plasma[:1].lower() + of_plasma[1:]
    ax.set_xlabel(f"Area under {within} / {within} ({result.time_unit})")
    ax.set_ylabel(f"{literal(column_label(result.tissue))} / {within}")
    ax.set_xlim(left=0)
    if any(seen) or not few:
        ax.legend(loc="best", handlelength=2.6)
    return ax


@describe.register
def _(result: Patlak) -> str:
    """Say the influx of the first lesions."""
    return f"Patlak plots of {counted(len(result.plots), 'lesion')} with fitted lines: {said(result, 'ki', most=4)}"


def _draw_faint(result: Patlak, groups: Sequence[str], ax: Axes, alpha: float) -> None:
    """Draw the points and lines of each group together: one by one, hundreds of lesions would take seconds."""
    for place, group in enumerate(groups):
        own = [plot for plot in result.plots if plot.curve.of.get("group", groups[0]) == group]
        if not own:
            continue
        color, mark = PALETTE[1 + place % (len(PALETTE) - 2)], MARKERS[place % len(MARKERS)]
        for fitted, fill in ((True, color), (False, "none")):
            parts = [slice(one.line.first, None) if fitted else slice(None, one.line.first) for one in own]
            x, y = (
                np.concatenate([getattr(one.points, axis)[part] for one, part in zip(own, parts, strict=True)])
                for axis in "xy"
            )
            ax.plot(x, y, mark, color=color, markersize=1.8, markerfacecolor=fill, alpha=alpha, zorder=3)
        ends = [np.array([one.points.x[one.line.first], one.points.x[-1]]) for one in own]
        lines = [
            np.column_stack([x, one.line.intercept + one.line.slope * x]) for x, one in zip(ends, own, strict=True)
        ]
        style = LINE_STYLES[place % len(LINE_STYLES)]
        ax.add_collection(LineCollection(lines, colors=color, linestyles=style, linewidths=0.5, alpha=alpha, zorder=2))


def _draw_means(result: Patlak, groups: Sequence[str], ax: Axes) -> None:
    """Draw the line of the mean Ki and V_T over the lesions of each group."""
    means = {
        (line.quantity, line.of.get("group", groups[0])): line.value
        for line in result.estimates
        if line.of.get("summary") == "mean"
    }
    longest = max(plot.points.x[-1] for plot in result.plots)
    for place, group in enumerate(groups):
        if ("ki", group) not in means:
            continue
        ends = np.array([0.0, longest])
        line = ax.plot(
            ends, means["v_t", group] + means["ki", group] * ends,
            color=PALETTE[1 + place % (len(PALETTE) - 2)] if group else PALETTE[0],
            linestyle=LINE_STYLES[place % len(LINE_STYLES)], linewidth=1.8, zorder=4,
            label=f"Mean of {literal(group)}" if group else "Mean",
        )  # fmt: skip
        line[0].set_path_effects([withStroke(linewidth=3.2, foreground="white")])
