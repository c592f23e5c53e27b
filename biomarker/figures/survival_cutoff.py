"""Draw the log-rank statistic at every cutoff, and below it the cutoffs that resamples chose."""

from __future__ import annotations

from math import isnan

import numpy as np
from matplotlib.axes import Axes

from biomarker.analyses.survival_cutoff import SurvivalCutoff
from biomarker.figures import describe, draw
from biomarker.figures.theme import PALETTE, literal
from biomarker.figures.words import said
from biomarker.vocabulary import lower_label, marker_unit

BINS = 40
STEEP = 20  # times the lowest cutoff: wider than this a marker above 0 is drawn on a log scale


@draw.register
def _(result: SurvivalCutoff, ax: Axes) -> Axes:
    """Draw the statistic with the chosen cutoff, its interval and the critical value; beneath, resampled cutoffs."""
    colour = PALETTE[1]
    below = _panel_below(ax)
    ax.axvspan(result.low, result.high, color=colour, alpha=0.12, linewidth=0, label="_interval")
    marker = "o" if result.cutoffs.size <= 30 else ""
    ax.plot(result.cutoffs, result.statistics, color=colour, marker=marker, markersize=2.5, linewidth=1, label="_scan")
    ax.plot([result.cutoff], [result.statistics.max()], "o", color="black", label="_cutoff")
    if not isnan(result.critical_value):
        ax.axhline(result.critical_value, color="0.4", linestyle="--", linewidth=0.8)
        share = 1 - result.method.confidence_level
        ax.annotate(
            f"exceeded in {100 * share:.3g}% of permutations",
            xy=(1, result.critical_value),
            xycoords=ax.get_yaxis_transform(),
            xytext=(-2, 2),
            textcoords="offset points",
            ha="right",
            va="bottom",
            fontsize=6,
            color="0.3",
            bbox={"facecolor": "white", "alpha": 0.7, "edgecolor": "none", "pad": 0.5},
        )
    ax.set_ylim(0, 1.12 * max(result.statistics.max(), result.critical_value))
    ax.set_ylabel("Log-rank statistic |z|")
    ax.tick_params(labelbottom=False)
    _draw_resampled(result, below, colour)
    if _is_steep(result):
        ax.set_xscale("log")
        below.set_xscale("log")
    unit = marker_unit(result.marker)
    label = f"Cutoff of {lower_label(result.marker)}"
    below.set_xlabel(literal(f"{label} ({unit})" if unit else label))
    below.set_ylabel("Resamples (%)")
    return ax


@describe.register
def _(result: SurvivalCutoff) -> str:
    """Say the cutoff and what it separates."""
    found = said(result, "cutoff", "maximal_log_rank", "hazard_ratio", "selection_frequency")
    return f"Log-rank statistic over cutoffs of {lower_label(result.marker)}: {found}"


def _is_steep(result: SurvivalCutoff) -> bool:
    lowest = float(result.cutoffs.min())
    return lowest > 0 and float(result.cutoffs.max()) > STEEP * lowest


def _draw_resampled(result: SurvivalCutoff, ax: Axes, colour: str) -> None:
    """Draw the share of resamples that chose each cutoff."""
    chosen = result.resampled[np.isfinite(result.resampled)]
    if not chosen.size:
        return
    low, high = min(chosen.min(), result.cutoffs.min()), max(chosen.max(), result.cutoffs.max())
    if low == high:
        low, high = low - 0.5, high + 0.5
    edges = np.geomspace(low, high, BINS + 1) if _is_steep(result) and low > 0 else np.linspace(low, high, BINS + 1)
    edges[0], edges[-1] = low, high  # as they are, whatever powers make of them
    counts, _ = np.histogram(chosen, edges)
    ax.stairs(100 * counts / chosen.size, edges, color=colour, fill=True, alpha=0.6)
    ax.axvline(result.cutoff, color="black", linewidth=0.7)


def _panel_below(ax: Axes) -> Axes:
    """Give `ax` the upper two thirds of its place in the figure, and return axes in the lower third."""
    place = ax.get_subplotspec()
    if place is None:  # axes placed by hand have no grid to divide
        return ax.inset_axes((0.0, -0.62, 1.0, 0.5), sharex=ax)
    parts = place.subgridspec(2, 1, height_ratios=(2, 1))
    ax.set_subplotspec(parts[0])
    return ax.figure.add_subplot(parts[1], sharex=ax)
