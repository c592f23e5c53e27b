"""Draw a forest of hazard ratios."""

from __future__ import annotations

from math import isfinite

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from biomarker.analyses.hazard_model import HazardModel
from biomarker.analyses.result import Estimate
from biomarker.figures import draw
from biomarker.figures.theme import PALETTE, literal
from biomarker.vocabulary import column_label, outcome_label

ROUND = (0.001, 0.01, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 100, 1000)
CLOSE = (0.25, 0.35, 0.5, 0.7, 1, 1.4, 2, 2.8, 4)  # where the axis is narrow
MOST_TICKS = 7
WIDEST = 1000.0  # a limit beyond it, or below its inverse, becomes an arrow


@draw.register
def _(result: HazardModel, ax: Axes) -> Axes:
    """Draw one dot and interval a hazard ratio, on a log axis, with the numbers at the right."""
    lines = [line for line in result.estimates if line.quantity == "hazard_ratio"]
    for place, line in enumerate(lines):
        _draw_ratio(ax, line, place)
    ax.axvline(1, color="0.6", linewidth=0.8, zorder=0)
    ax.set_yticks(range(len(lines)), [_label(line) for line in lines])
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.set_ylim(len(lines) - 0.4, -0.6)  # the first at the top
    _log_axis(ax, lines)
    level = f"{result.method.confidence_level:.0%} CI"
    endpoint = outcome_label(result.duration)
    ax.set_xlabel(f"Hazard ratio ({level}), {endpoint[0].lower()}{endpoint[1:]}")
    return ax


def _label(line: Estimate) -> str:
    name = literal(column_label(line.of["term"]))
    if "level" in line.of:
        return f"{name}: {literal(str(line.of['level']))} vs {literal(str(line.of['reference']))}"
    return f"{name}, per {literal(line.of['per'])}"


def _draw_ratio(ax: Axes, line: Estimate, place: int) -> None:
    low, high = max(line.low, 1 / WIDEST), min(line.high, WIDEST)
    ax.plot([low, high], [place, place], color=PALETTE[1], linewidth=1.1)
    ax.plot([line.value], [place], "s", color=PALETTE[1], markersize=4.5)
    for shown, limit, arrow in ((low, line.low, "<"), (high, line.high, ">")):
        if shown != limit:
            ax.plot([shown], [place], marker=arrow, color=PALETTE[1], markersize=4)
    ax.annotate(
        f"{line.value:.2f} ({line.low:.2f}–{line.high:.2f})",
        xy=(1.02, place),
        xycoords=ax.get_yaxis_transform(),
        va="center",
        fontsize=6.5,
        annotation_clip=False,
    )


def _log_axis(ax: Axes, lines: list[Estimate]) -> None:
    """Scale the axis to the intervals, with round ticks that are printed as they are."""
    ends = [value for line in lines for value in (line.low, line.high) if isfinite(value)] + [0.8, 1.25]
    low, high = max(min(ends), 1 / WIDEST), min(max(ends), WIDEST)
    ax.set_xscale("log")
    ax.set_xlim(low / 1.15, high * 1.15)
    ticks = [tick for tick in ROUND if low / 1.15 <= tick <= high * 1.15]
    if len(ticks) < 3:
        ticks = [tick for tick in CLOSE if low / 1.15 <= tick <= high * 1.15]
    if len(ticks) > MOST_TICKS:
        ticks = [tick for tick in ticks if np.log10(tick).is_integer()]
    ax.xaxis.set_major_locator(FixedLocator(ticks))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
