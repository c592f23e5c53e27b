"""A logarithmic axis whose ticks print as plain numbers: 1, 2, 5, 10, 20, 50."""

from __future__ import annotations

from typing import Literal

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from biomarker.figures.printed import short


def log_axis(ax: Axes, which: Literal["x", "y"]) -> None:
    """Turn one axis of `ax` logarithmic."""
    if which == "x":
        ax.set_xscale("log")
    else:
        ax.set_yscale("log")
    axis = ax.xaxis if which == "x" else ax.yaxis
    axis.set_major_locator(LogLocator(base=10, subs=(1, 2, 5)))
    axis.set_major_formatter(FuncFormatter(lambda value, _: short(value)))
    axis.set_minor_formatter(NullFormatter())
