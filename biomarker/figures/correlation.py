"""Draw a scatter of two measurements."""

from __future__ import annotations

from matplotlib.axes import Axes

from biomarker.analyses.correlation import CorrelationResult
from biomarker.figures import draw
from biomarker.figures.theme import MARKERS, PALETTE, literal
from biomarker.vocabulary import column_label, marker_unit, quantity_label

_COLOURS_TOLD_APART = len(PALETTE) - 1


@draw.register
def _(result: CorrelationResult, ax: Axes) -> Axes:
    """Draw one point a row; lesions of one patient share a colour and a marker."""
    if result.is_nested:
        for patient in range(int(result.patients.max()) + 1):
            rows = result.patients == patient
            color = PALETTE[patient % _COLOURS_TOLD_APART]
            marker = MARKERS[patient // _COLOURS_TOLD_APART % len(MARKERS)]
            ax.plot(result.x_values[rows], result.y_values[rows], marker, color=color, alpha=0.75, markersize=3.5)
    else:
        ax.plot(result.x_values, result.y_values, "o", color=PALETTE[1], alpha=0.75, markersize=3.5)
    line = result.estimates[0]
    name = quantity_label(line.quantity)
    text = f"{name} {line.value:.2f} ({line.low:.2f} to {line.high:.2f})"
    ax.text(0.02, 1.02, literal(text.replace("-", "\u2212")), transform=ax.transAxes, va="bottom")
    ax.set(xlabel=_axis_label(result.x), ylabel=_axis_label(result.y))
    return ax


def _axis_label(column: str) -> str:
    unit = marker_unit(column)
    label = column_label(column)
    return literal(f"{label} ({unit})" if unit and "(" not in label else label)
