"""Draw a Bland-Altman plot."""

from __future__ import annotations

from math import isnan

import numpy as np
from matplotlib.axes import Axes
from matplotlib.transforms import blended_transform_factory

from biomarker.analyses.limits_of_agreement import LimitsOfAgreement
from biomarker.figures import draw
from biomarker.figures.log_axis import log_axis
from biomarker.figures.theme import PALETTE, literal
from biomarker.vocabulary import column_label, marker_unit

MINUS = "\u2212"
LINES = (("bias", "-", PALETTE[0]), ("loa_low", "--", PALETTE[2]), ("loa_high", "--", PALETTE[2]))


@draw.register
def _(result: LimitsOfAgreement, ax: Axes) -> Axes:
    """Draw each pair's difference against its mean, with bias, limits and their intervals as bands."""
    many = len(result.means) > 60
    ax.plot(
        result.means,
        result.differences,
        "o",
        color=PALETTE[1],
        markersize=2.5 if many else 3.5,
        markerfacecolor="none",
        markeredgewidth=0.6,
    )
    ax.axhline(1 if result.scale == "ratio" else 0, color="0.7", linewidth=0.6, zorder=0)
    beside = blended_transform_factory(ax.transAxes, ax.transData)
    for quantity, style, color in LINES:
        line = result.estimate(quantity)
        if isnan(line.value):
            continue
        ax.axhline(line.value, color=color, linestyle=style, linewidth=1)
        if not isnan(line.low):
            ax.axhspan(line.low, line.high, color=color, alpha=0.12, linewidth=0)
        shown = f"{line.value:.{1 if result.scale == 'percent' else 2}f}".replace("-", MINUS)
        ax.text(1.01, line.value, shown, transform=beside, va="center", fontsize=6.5, color=color)
    if result.scale == "ratio":
        ax.set_yscale("log")
        _plain_ratio_ticks(ax)
    if result.scale != "difference" and result.means.max() > 10 * result.means.min():
        log_axis(ax, "x")
    _label(result, ax)
    return ax


def _plain_ratio_ticks(ax: Axes) -> None:
    """Print ratios as such: a log axis of less than a decade would otherwise print powers of ten, or nothing."""
    low, high = ax.get_ylim()
    ladder = np.array([0.05, 0.1, 0.2, 0.25, 0.33, 0.5, 0.67, 0.8, 0.9, 1, 1.1, 1.25, 1.5, 2, 3, 4, 5, 10, 20])
    ticks = ladder[(ladder >= low) & (ladder <= high)]
    ax.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
    ax.minorticks_off()
    ax.set_ylim(low, high)


def _label(result: LimitsOfAgreement, ax: Axes) -> None:
    first, second = (literal(name) for name in result.readers)
    marker, unit = literal(column_label(result.value)), marker_unit(result.value)
    in_unit = f" ({unit})" * bool(unit)
    mean = "Geometric mean" if result.scale == "ratio" else "Mean"
    ax.set_xlabel(f"{mean} of the two readings, {marker}{in_unit}")
    ax.set_ylabel(
        {
            "difference": f"{marker}, {first} {MINUS} {second}{in_unit}",
            "percent": f"{marker}, {first} {MINUS} {second} (% of mean)",
            "ratio": f"{marker}, {first} / {second}",
        }[result.scale]
    )
