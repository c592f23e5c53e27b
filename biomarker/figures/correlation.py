"""Draw a scatter of two measurements."""

from __future__ import annotations

from matplotlib.axes import Axes

from biomarker.analyses.correlation import CorrelationResult
from biomarker.figures import describe, draw
from biomarker.figures.printed import with_limits
from biomarker.figures.response_marks import LevelMarks
from biomarker.figures.theme import literal
from biomarker.figures.uptake_marks import patient_marks
from biomarker.figures.words import marker_name, said
from biomarker.vocabulary import column_label, marker_unit, quantity_label


@draw.register
def _(result: CorrelationResult, ax: Axes) -> Axes:
    """Draw one point a row: coloured by response, or lesions of one patient with one colour and shape."""
    if result.response is None:
        _by_patient(result, ax)
    else:
        _by_response(result, ax)
    line = result.estimates[0]
    name = quantity_label(line.quantity)
    ax.text(0.02, 1.02, f"{name} {with_limits(line)}", transform=ax.transAxes, va="bottom")
    ax.set(xlabel=axis_label(result.x), ylabel=axis_label(result.y))
    return ax


@describe.register
def _(result: CorrelationResult) -> str:
    """Say the coefficient."""
    found = said(result)
    return (
        f"Scatter of {marker_name(result.y)} against {marker_name(result.x)}, {len(result.x_values):,} points: {found}"
    )


def _by_patient(result: CorrelationResult, ax: Axes) -> None:
    for patient, mark in patient_marks(result.patients, named=result.is_nested).items():
        rows = result.patients == patient
        ax.plot(result.x_values[rows], result.y_values[rows], linestyle="none", **mark)


def _by_response(result: CorrelationResult, ax: Axes) -> None:
    marks = LevelMarks(result.response)
    if result.response is None:
        return
    for code in marks.codes():
        rows = result.response.codes == code
        ax.plot(
            result.x_values[rows], result.y_values[rows], linestyle="none", marker=marks.marker(code),
            color=marks.colour(code), label=marks.name(code), markeredgecolor="0.25", markeredgewidth=0.3, alpha=0.9,
        )  # fmt: skip
    ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), title=marks.title, title_fontsize=6.5, borderpad=0.2)


def axis_label(column: str) -> str:
    """Return the label of an axis, its unit with it."""
    unit = marker_unit(column)
    label = column_label(column)
    return literal(f"{label} ({unit})" if unit and "(" not in label else label)
