"""Draw the precision profile: spread of repeats against size."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from biomarker.analyses.repeatability import Repeatability
from biomarker.figures import describe, draw
from biomarker.figures.log_axis import log_axis
from biomarker.figures.theme import PALETTE, literal
from biomarker.figures.words import marker_name, said
from biomarker.vocabulary import column_label, marker_unit


@draw.register
def _(result: Repeatability, ax: Axes) -> Axes:
    """Draw one point an item, the pooled spread of each band with its interval, and the trend."""
    if not result.sizes.size:
        ax.text(0.5, 0.5, literal(result.caption), ha="center", va="center", wrap=True, transform=ax.transAxes)
        ax.set_axis_off()
        return ax
    is_log = result.scale == "log"
    factor = 100.0 if is_log else 1.0
    unit = marker_unit(result.value)
    ax.plot(
        result.sizes, factor * result.spreads, linestyle="none", marker="o", markersize=2.5, color="0.55",
        markerfacecolor="none", markeredgewidth=0.6, label=result.item_word.capitalize(),
    )  # fmt: skip
    _bands(result, ax, factor)
    _trend(result, ax, factor)
    if result.sizes.size and result.sizes.min() > 0 and result.sizes.max() > 10 * result.sizes.min():
        log_axis(ax, "x")
    given = f" ({unit})" if unit and result.by.startswith("mean ") else ""
    ax.set_xlabel(literal(result.by[0].upper() + result.by[1:] + given))
    spread = "CV (%)" if is_log else f"SD{f' ({unit})' * bool(unit)}"
    ax.set_ylabel(literal(f"Within-{result.item_word} {spread} of {column_label(result.value)}"))
    ax.set_ylim(bottom=0)
    if ax.get_legend_handles_labels()[1]:
        ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncol=3, borderaxespad=0.3)
    return ax


@describe.register
def _(result: Repeatability) -> str:
    """Say the spread within items."""
    return f"Spread of repeated readings of {marker_name(result.value)} by size: {said(result)}"


def _bands(result: Repeatability, ax: Axes, factor: float) -> None:
    lines = {
        line.of["band"]: line for line in result.estimates if "band" in line.of and line.of.get("method") != "log"
    }  # fmt: skip
    for number, band in enumerate(result.bands):
        line = lines[band.label]
        label = ("Root mean square" if result.scale == "log" else "Pooled SD") if number == 0 else ""
        ax.hlines(factor * line.value, band.low, band.high, color=PALETTE[1], linewidth=2.0, label=label)
        if not np.isnan(line.high):
            middle = np.sqrt(band.low * band.high) if band.low > 0 else (band.low + band.high) / 2
            ax.vlines(middle, factor * line.low, factor * line.high, color=PALETTE[1], linewidth=1.0)


def _trend(result: Repeatability, ax: Axes, factor: float) -> None:
    if np.isnan(result.trend.slope):
        return
    x = np.geomspace(result.sizes.min(), result.sizes.max(), 100)
    y = factor * np.exp(result.trend.intercept + result.trend.slope * np.log(x))
    ax.plot(x, y, color=PALETTE[2], linestyle="--", label="Trend")
