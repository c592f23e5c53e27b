"""Draw the area under the ROC curve over time, and observed against predicted risk."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from biomarker.analyses.time_dependent_roc import TimeDependentRoc
from biomarker.figures import describe, draw
from biomarker.figures.theme import LINE_STYLES, MARKERS, PALETTE, literal, panels
from biomarker.figures.words import said
from biomarker.vocabulary import column_label

_WITH_BANDS = 3  # markers; with more, bands would cover one another


@draw.register
def _(result: TimeDependentRoc, ax: Axes) -> Axes:
    """Draw a line with a band a marker; beside it, where risks are known, a calibration plot."""
    if not result.calibrations:
        _areas(result, ax)
        return ax
    left, right = panels(ax, 2)
    _areas(result, left)
    _calibration(result, right)
    return ax


@describe.register
def _(result: TimeDependentRoc) -> str:
    """Say the area at each time."""
    return f"Lines of the area under the ROC curve over time: {said(result, 'auc')}"


def _areas(result: TimeDependentRoc, ax: Axes) -> None:
    ax.axhline(0.5, color="0.55", linestyle=":", linewidth=0.8, label="_chance")
    for number, (marker, curve) in enumerate(zip(result.markers, result.curves, strict=True)):
        style = LINE_STYLES[number % len(LINE_STYLES)]
        label = literal(column_label(marker))
        if len(result.markers) <= _WITH_BANDS:
            ax.fill_between(result.curve_times, curve[:, 1], curve[:, 2], color=_color(number), alpha=0.12, linewidth=0)
        ax.plot(result.curve_times, curve[:, 0], linestyle=style, color=_color(number), label=label)
        asked = [result.estimate("auc", marker=marker, time=time) for time in result.times]
        values = np.array([(line.value, line.low, line.high) for line in asked])
        ax.plot(result.times, values[:, 0], MARKERS[number % len(MARKERS)], color=_color(number), label="_asked")
    ax.set(xlim=(0, 1.03 * result.times[-1]), ylim=(0, 1.02))
    ax.set_xlabel(f"Time ({result.unit})" if result.unit else "Time")
    ax.set_ylabel("AUC of the event by this time")
    ax.legend(loc="lower right")


def _calibration(result: TimeDependentRoc, ax: Axes) -> None:
    highest = 0.0
    for found in result.calibrations:
        number = result.markers.index(found.marker)
        x, y = 100 * found.predicted, 100 * found.observed
        color = _color(number)
        ax.vlines(x, 100 * found.low, 100 * found.high, color=color, linewidth=0.9)
        style = f"{MARKERS[number % len(MARKERS)]}-"
        ax.plot(x, y, style, color=color, linewidth=0.8, label=literal(column_label(found.marker)))
        highest = max(highest, *x, *y, *(100 * found.high[~np.isnan(found.high)]))
    top = min(1.05 * highest, 103) if highest > 0 else 100
    ax.plot([0, top], [0, top], color="0.55", linestyle=":", linewidth=0.8, label="_ideal")
    at = f"{result.calibrations[0].time:g} {result.unit}".strip()
    ax.set(xlim=(0, top), ylim=(0, top))
    ax.set(xlabel=f"Predicted risk by {at} (%)", ylabel=f"Observed risk by {at} (%)")
    ax.legend(loc="upper left")


def _color(number: int) -> str:
    return PALETTE[(1 + number) % len(PALETTE)]
