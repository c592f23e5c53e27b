"""Draw a scatter of two measurements."""

from __future__ import annotations

from math import isnan

from matplotlib.axes import Axes

from biomarker.analyses.correlation import CorrelationResult
from biomarker.figures import draw
from biomarker.figures.theme import literal
from biomarker.figures.uptake_marks import patient_marks
from biomarker.vocabulary import column_label, marker_unit, quantity_label


@draw.register
def _(result: CorrelationResult, ax: Axes) -> Axes:
    """Draw one point a row; lesions of one patient share a colour and a marker."""
    for patient, mark in patient_marks(result.patients, named=result.is_nested).items():
        rows = result.patients == patient
        ax.plot(result.x_values[rows], result.y_values[rows], linestyle="none", **mark)
    line = result.estimates[0]
    name = quantity_label(line.quantity)
    limits = "" if isnan(line.low) else f" ({line.low:.2f} to {line.high:.2f})"
    found = "NE" if isnan(line.value) else f"{line.value:.2f}{limits}".replace("-", "\u2212")
    ax.text(0.02, 1.02, literal(f"{name} {found}"), transform=ax.transAxes, va="bottom")
    ax.set(xlabel=_axis_label(result.x), ylabel=_axis_label(result.y))
    return ax


def _axis_label(column: str) -> str:
    unit = marker_unit(column)
    label = column_label(column)
    return literal(f"{label} ({unit})" if unit and "(" not in label else label)
