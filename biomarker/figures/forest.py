"""A forest of ratios: one dot and interval a line on a logarithmic axis, the numbers at the right."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from textwrap import fill

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from biomarker.analyses.result import Estimate
from biomarker.figures.printed import rounded, short
from biomarker.figures.theme import PALETTE, house_style

ROUND = (0.001, 0.01, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 100, 1000)
CLOSE = (0.25, 0.35, 0.5, 0.7, 1, 1.4, 2, 2.8, 4)  # where the axis is narrow
MOST_TICKS = 7
LABEL_WIDTH = 34  # characters; a longer label is broken
WIDEST = 1000.0  # a limit beyond it, or below its inverse, becomes an arrow


def draw_forest(ax: Axes, lines: Sequence[Estimate], labels: Sequence[str]) -> None:
    """Draw the lines from the top down."""
    for place, line in enumerate(lines):
        _draw_ratio(ax, line, place)
    ax.axvline(1, color="0.6", linewidth=0.8, zorder=0)
    write_row_labels(ax, labels)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.set_ylim(len(lines) - 0.4, -0.6)
    _ratio_axis(ax, lines)


def write_row_labels(ax: Axes, labels: Sequence[str]) -> None:
    """Write one label a row; where one is long they stand in small type on two lines, so that intervals keep room."""
    width = max(LABEL_WIDTH, max(map(len, labels), default=0) // 2 + 5)
    wrapped = [fill(label, width) for label in labels]
    if wrapped == list(labels):
        ax.set_yticks(range(len(labels)), wrapped)
    else:
        ax.set_yticks(range(len(labels)), wrapped, fontsize=6, linespacing=1.05)


def _draw_ratio(ax: Axes, line: Estimate, place: int) -> None:
    low, high, value = (float(np.clip(each, 1 / WIDEST, WIDEST)) for each in (line.low, line.high, line.value))
    ax.plot([low, high], [place, place], color=PALETTE[1], linewidth=1.1)
    ax.plot([value], [place], "s", color=PALETTE[1], markersize=4.5)
    for shown, limit, arrow in ((low, line.low, "<"), (high, line.high, ">")):
        if shown != limit:
            ax.plot([shown], [place], marker=arrow, color=PALETTE[1], markersize=4)
    ax.annotate(
        ratio_text(line),
        xy=(1.02, place),
        xycoords=ax.get_yaxis_transform(),
        va="center",
        fontsize=6.5,
        annotation_clip=False,
    )


def ratio_text(line: Estimate) -> str:
    """Return a ratio with its limits, as it stands beside its interval."""
    if not isfinite(line.value):
        return rounded(line.value)
    between = " to " if house_style().range_mark == "to" else house_style().range_mark
    return f"{_ratio(line.value)} ({_ratio(line.low)}{between}{_ratio(line.high)})"


def _ratio(value: float) -> str:
    if not isfinite(value):
        return "∞"
    return rounded(value) if value < 100 else short(value) if value < 1000 else ">1000"


def _ratio_axis(ax: Axes, lines: Sequence[Estimate]) -> None:
    """Scale the axis to the intervals, with round ticks that are printed as they are."""
    ends = [value for line in lines for value in (line.low, line.high) if isfinite(value)] + [0.8, 1.25]
    low, high = max(min(ends), 1 / WIDEST) / 1.15, min(max(ends), WIDEST) * 1.15
    ax.set_xscale("log")
    ax.set_xlim(low, high)
    ax.xaxis.set_major_locator(FixedLocator(round_ticks(low, high)))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: short(value)))


def round_ticks(low: float, high: float) -> list[float]:
    """Return round ratios between two, as many as have room."""
    ticks = [tick for tick in ROUND if low <= tick <= high]
    if len(ticks) < 3:
        ticks = [tick for tick in CLOSE if low <= tick <= high]
    if len(ticks) > MOST_TICKS:
        ticks = [tick for tick in ticks if np.log10(tick).is_integer()]
    return ticks
