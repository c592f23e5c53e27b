"""Draw a waterfall of best changes, with a strip of the marker beneath."""

from __future__ import annotations

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap, LogNorm, Normalize
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from biomarker.analyses.waterfall import Waterfall
from biomarker.figures import describe, draw
from biomarker.figures.correlation import axis_label
from biomarker.figures.printed import short
from biomarker.figures.response_marks import LevelMarks
from biomarker.figures.theme import literal
from biomarker.figures.words import counted, said
from biomarker.vocabulary import column_label

_SHADES = ListedColormap(colormaps["Purples"](np.linspace(0.22, 1, 128)))  # none as light as a missing value


@draw.register
def _(result: Waterfall, ax: Axes) -> Axes:
    """Draw a bar for each best change in order, coloured by response, with the two reference lines."""
    marks = LevelMarks(result.response)
    places = np.arange(len(result.changes))
    codes = np.zeros(len(places), int) if result.response is None else result.response.codes
    for code in marks.codes():
        rows = codes == code
        ax.bar(
            places[rows], result.changes[rows], width=0.85, color=marks.colour(code), hatch=marks.hatch(code),
            edgecolor="white", linewidth=0,
        )  # fmt: skip
    ax.axhline(0, color="black", linewidth=0.7)
    reference_lines(ax, result.decrease, result.increase)
    ax.set(xlim=(-0.8, len(places) - 0.2), ylabel=change_label(result.change))
    low, high = min(result.changes.min(), result.decrease), max(result.changes.max(), result.increase)
    pad = 0.05 * (high - low)
    ax.set_ylim(low - pad, high + pad)
    ax.xaxis.set_major_locator(NullLocator())
    ax.spines["bottom"].set_visible(False)
    if result.marker is None:
        ax.set_xlabel(f"{result.unit.capitalize()}s, n = {len(places)}")
    else:
        _strip(result, ax)
    if result.response is not None:
        ax.legend(
            handles=marks.bar_handles(), loc="upper right", title=marks.title, title_fontsize=6.5, borderpad=0.2,
            handlelength=1.4, frameon=True, framealpha=1, facecolor="white", edgecolor="none",
        )  # fmt: skip
    return ax


@describe.register
def _(result: Waterfall) -> str:
    """Say how many bars, from where to where, and the shares past the lines."""
    highest, lowest = short(float(result.changes.max())), short(float(result.changes.min()))
    return (
        f"Waterfall of {counted(len(result.changes), result.unit)}: changes from {highest}% down to {lowest}%; "
        f"{said(result)}"
    )


def reference_lines(ax: Axes, *lines: float | None) -> None:
    """Draw the lines there are and say at the right where they are."""
    for value in lines:
        if value is None:
            continue
        ax.axhline(value, color="0.35", linewidth=0.8, linestyle=(0, (4, 2)), zorder=2.5)
        text = f"{value:+g}%".replace("-", "\u2212")
        ax.annotate(
            text, (1, value), xycoords=("axes fraction", "data"), xytext=(2, 0), textcoords="offset points",
            va="center", fontsize=6,
        )  # fmt: skip


def change_label(column: str) -> str:
    """Return the label of the axis of changes, in percent."""
    label = column_label(column)
    return literal(label if "%" in label else f"{label} (%)")


def _strip(result: Waterfall, ax: Axes) -> None:
    """Shade the marker of each bar in a strip beneath, from light (low) to dark, with its scale."""
    if result.markers is None or result.marker is None:
        return
    known = result.markers[np.isfinite(result.markers)]
    strip = ax.inset_axes((0.0, -0.115, 1.0, 0.075))
    strip.set(xlim=ax.get_xlim(), ylim=(0, 1), yticks=[], facecolor="white")
    strip.xaxis.set_major_locator(NullLocator())
    for spine in strip.spines.values():
        spine.set_visible(False)
    if not known.size:
        return
    low, high = float(known.min()), float(known.max())
    is_log = low > 0 and high > 10 * low
    norm = LogNorm(low, high) if is_log else Normalize(low, high if high > low else low + 1)
    edges = np.arange(len(result.markers) + 1) - 0.5
    mesh = strip.pcolormesh(edges, [0, 1], np.ma.masked_invalid(result.markers)[None], cmap=_SHADES, norm=norm)
    scale = ax.inset_axes((0.0, -0.19, 0.4, 0.035))
    bar = ax.figure.colorbar(mesh, cax=scale, orientation="horizontal")
    middle = float(np.sqrt(low * high)) if is_log else (low + high) / 2
    bar.ax.xaxis.set_major_locator(FixedLocator([low, middle, high] if high > low else [low]))
    bar.ax.xaxis.set_minor_locator(NullLocator())
    bar.ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.3g}".replace("-", "\u2212")))
    bar.ax.tick_params(labelsize=6, length=2)
    bar.outline.set_linewidth(0.4)
    ax.text(0.43, -0.1725, axis_label(result.marker), transform=ax.transAxes, va="center", fontsize=6.5)
