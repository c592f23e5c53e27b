"""Draw a cutoff chosen on the data: the criterion above, and below it what resamples chose."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from biomarker.analyses.cutoff import SuvCutoff
from biomarker.analyses.cutoff_plan import CutoffCurve
from biomarker.figures import View, describe, draw, further
from biomarker.figures.roc_axes import prepare
from biomarker.figures.theme import LINE_STYLES, PALETTE, house_style, literal
from biomarker.figures.words import said
from biomarker.vocabulary import column_label, marker_unit

MAX_POINTS = 5000
BINS = 40


@draw.register
def _(result: SuvCutoff, ax: Axes) -> Axes:
    """Draw criterion against cutoff with tied optima and interval; beneath, on one scale, the resampled cutoffs."""
    below = _panel_below(ax)
    limits = _shown_range(result)
    edges = np.linspace(*limits, BINS + 1)
    for number, curve in enumerate(result.curves):
        _draw_criterion(ax, curve, number, len(result.curves))
        _draw_stability(below, curve, edges, number)
    ax.set_xlim(*limits)
    ax.set_ylabel(result.criterion_label)
    ax.tick_params(labelbottom=False)
    if len(result.curves) > 1:
        ax.legend(loc="best")
    below.set_xlabel(_cutoff_label(result))
    below.set_ylabel("Resamples (%)")
    return ax


@describe.register
def _(result: SuvCutoff) -> str:
    """Say the cutoff, its interval, what it achieves, and how resamples spread."""
    criterion = result.criterion_label
    return f"Line of {criterion} over all cutoffs, above a histogram of resampled cutoffs: {said(result)}"


@further.register
def _(result: SuvCutoff) -> tuple[View, ...]:
    """Give the ROC curve with the cutoff on it."""
    return (
        View(
            name="roc",
            draw=_draw_roc,
            describe=_describe_roc,
            caption=(
                f"ROC curve with the cutoff (filled) that the criterion, {result.criterion_label}, chose; open marks "
                "are cutoffs that tie with it, the dotted line is chance. Performance at the cutoff is apparent: it "
                "was chosen on these data."
            ),
            figure_size=(3.46, 3.3),
        ),
    )


def _draw_roc(result: SuvCutoff, ax: Axes) -> None:
    """Draw the curve of each marker and group with its cutoff, named by its value."""
    prepare(ax)
    for number, curve in enumerate(result.curves):
        colour, style = PALETTE[(number + 1) % len(PALETTE)], LINE_STYLES[number % len(LINE_STYLES)]
        kept = _thinned(curve)
        x = np.concatenate([[100.0], 100 * (1 - curve.specificities[kept]), [0.0]])
        y = np.concatenate([[100.0], 100 * curve.sensitivities[kept], [0.0]])
        order = np.lexsort((y, x))
        unit = marker_unit(curve.marker)
        name = f"{_label(curve)}: " if len(result.curves) > 1 else ""
        label = f"{name}cutoff {house_style().significant(curve.cutoff)} {unit}".rstrip()
        ax.plot(x[order], y[order], color=colour, linestyle=style, label="_curve")
        tied = np.searchsorted(curve.cutoffs, curve.tied)
        at = np.searchsorted(curve.cutoffs, curve.cutoff)
        ax.plot(
            100 * (1 - curve.specificities[tied]), 100 * curve.sensitivities[tied], "o", color=colour,
            markerfacecolor="white", label="_tied",
        )  # fmt: skip
        ax.plot(
            [100 * (1 - curve.specificities[at])], [100 * curve.sensitivities[at]], "o", color=colour,
            markersize=5.5, label=literal(label),
        )  # fmt: skip
    ax.legend(loc="lower right")


def _describe_roc(result: SuvCutoff) -> str:
    """Say where the cutoff lies on the curve."""
    return f"ROC curve with the chosen cutoff marked: {said(result, 'cutoff', 'sensitivity', 'specificity')}"


def _cutoff_label(result: SuvCutoff) -> str:
    markers = {curve.marker for curve in result.curves}
    name = f"Cutoff of {column_label(result.curves[0].marker)}" if len(markers) == 1 else "Cutoff"
    units = {marker_unit(marker) for marker in markers}
    unit = units.pop() if len(units) == 1 else ""
    return literal(f"{name} ({unit})" if unit else name)


def _panel_below(ax: Axes) -> Axes:
    """Give `ax` the upper two thirds of its place in the figure, and return axes in the lower third."""
    place = ax.get_subplotspec()
    if place is None:  # axes placed by hand have no grid to divide
        return ax.inset_axes((0.0, -0.62, 1.0, 0.5), sharex=ax)
    parts = place.subgridspec(2, 1, height_ratios=(2, 1))
    ax.set_subplotspec(parts[0])
    return ax.figure.add_subplot(parts[1], sharex=ax)


def _shown_range(result: SuvCutoff) -> tuple[float, float]:
    """Return the range of all markers, without the far tail in which neither optimum nor resampled cutoff lies."""
    lows, highs = [], []
    for curve in result.curves:
        chosen = curve.resampled[np.isfinite(curve.resampled)]
        of_note = np.concatenate([chosen, curve.tied, [curve.cutoff]])
        low, high = np.quantile(curve.cutoffs, [0.0, 0.98])
        lows.append(min(low, of_note.min()))
        highs.append(max(high, of_note.max()))
    low, high = min(lows), max(highs)
    margin = 0.03 * (high - low) or 1.0
    return float(low - margin), float(high + margin)


def _label(curve: CutoffCurve) -> str:
    return ", ".join(column_label(str(v)) if key == "marker" else str(v) for key, v in curve.of.items()) or "_curve"


def _thinned(curve: CutoffCurve) -> NDArray[np.intp]:
    size = curve.cutoffs.size
    return np.unique(np.linspace(0, size - 1, min(size, MAX_POINTS)).round().astype(np.intp))


def _draw_criterion(ax: Axes, curve: CutoffCurve, number: int, n_curves: int) -> None:
    colour, style = PALETTE[(number + 1) % len(PALETTE)], LINE_STYLES[number % len(LINE_STYLES)]
    kept = _thinned(curve)
    ax.plot(curve.cutoffs[kept], curve.criterion[kept], color=colour, linestyle=style, label=literal(_label(curve)))
    best = curve.criterion[np.searchsorted(curve.cutoffs, curve.tied)]
    at = float(best[list(curve.tied).index(curve.cutoff)])
    if n_curves == 1 and np.isfinite(curve.low):
        ax.axvspan(curve.low, curve.high, color=colour, alpha=0.12, linewidth=0, label="_interval")
    ax.plot(curve.tied, best, "o", color=colour, markerfacecolor="white", label="_tied")
    ax.plot([curve.cutoff], [at], "o", color=colour, label="_cutoff")


def _draw_stability(ax: Axes, curve: CutoffCurve, edges: NDArray[np.float64], number: int) -> None:
    colour, style = PALETTE[(number + 1) % len(PALETTE)], LINE_STYLES[number % len(LINE_STYLES)]
    chosen = curve.resampled[np.isfinite(curve.resampled)]
    if not chosen.size:
        return
    counts, _ = np.histogram(chosen, edges)
    ax.stairs(100 * counts / chosen.size, edges, color=colour, linestyle=style, fill=False)
    ax.axvline(curve.cutoff, color=colour, linestyle=style, linewidth=0.7)
