"""Draw uptake by group: boxes, and every value marked by its patient."""

from __future__ import annotations

from textwrap import wrap

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from biomarker.analyses.compare_uptake import CompareUptake
from biomarker.figures import describe, draw
from biomarker.figures.theme import literal
from biomarker.figures.uptake_marks import log_uptake_axis, patient_lanes, patient_marks, spread_sideways
from biomarker.figures.words import marker_name, said
from biomarker.vocabulary import column_label, marker_unit

BOX_WIDTH = 0.72
PAIR_BOX, PAIR_GAP = 0.3, 0.13  # boxes of pairs stand outside the lines that join them
MOST_LANES = 60  # patients of a group that still have a line of their own

Floats = NDArray[np.float64]


@draw.register
def _(result: CompareUptake, ax: Axes) -> Axes:
    """Draw a box and the values of each group, on a logarithmic axis where geometric means are compared."""
    values = [result.values[name] for name in result.groups]
    places = np.arange(len(values))
    outwards = np.array([-PAIR_GAP, PAIR_GAP]) if result.is_paired else np.zeros(len(values))
    grey = {"color": "0.45"}
    ax.boxplot(
        values, positions=places + outwards, widths=PAIR_BOX if result.is_paired else BOX_WIDTH, showfliers=False,
        manage_ticks=False, zorder=1, medianprops={"color": "black", "linewidth": 1.6, "zorder": 4}, boxprops=grey,
        whiskerprops=grey, capprops=grey,
    )  # fmt: skip
    marks = patient_marks(np.concatenate([result.patients[name] for name in result.groups]), named=result.is_nested)
    sideways = [place + offsets for place, offsets in zip(places, _offsets(result), strict=True)]
    if result.is_paired:
        ax.plot(sideways, values, color="0.6", linewidth=0.5, alpha=0.7, zorder=2)
    for name, x in zip(result.groups, sideways, strict=True):
        patients = result.patients[name]
        if result.is_nested and not result.is_paired:
            _lanes(ax, x, result.values[name], patients)
        for patient in np.unique(patients):
            own = patients == patient
            ax.plot(x[own], result.values[name][own], linestyle="none", zorder=3, **marks[int(patient)])
    if result.is_log:
        log_uptake_axis(ax.yaxis)
    labels = ["\n".join(wrap(name, 13)) for name in result.groups]
    ax.set_xticks(places, [literal(label) for label in labels])
    unit = marker_unit(result.marker)
    ax.set_xlabel(literal(column_label(result.group)))
    ax.set(xlim=(-0.6, len(values) - 0.4), ylabel=literal(column_label(result.marker)) + (f" ({unit})" if unit else ""))
    return ax


@describe.register
def _(result: CompareUptake) -> str:
    """Say the middle of each group and how they compare."""
    middle = "geometric_mean" if result.is_log else "mean"
    return (
        f"Boxes and single values of {marker_name(result.marker)} by {marker_name(result.group)}: "
        f"{said(result, middle, 'geometric_mean_ratio', 'mean_difference', 'auc')}"
    )


def _offsets(result: CompareUptake) -> list[Floats]:
    """Return how far each value stands from the middle of its group: by patient, or side by side with its equals."""
    drawn = [np.log(result.values[name]) if result.is_log else result.values[name] for name in result.groups]
    if result.is_paired:  # lines that all start at one place can be followed
        return [np.full(values.size, towards) for values, towards in zip(drawn, (PAIR_GAP, -PAIR_GAP), strict=True)]
    if not result.is_nested:
        return [spread_sideways(values) for values in drawn]
    patients = [result.patients[name] for name in result.groups]
    if max(np.unique(codes).size for codes in patients) > MOST_LANES:
        return [spread_sideways(values) for values in drawn]
    return [patient_lanes(values, codes) for values, codes in zip(drawn, patients, strict=True)]


def _lanes(ax: Axes, x: Floats, values: Floats, patients: NDArray[np.intp]) -> None:
    """Join the lesions of each patient that stand in a line of their own."""
    for patient in np.unique(patients):
        own = patients == patient
        if own.sum() > 1 and np.ptp(x[own]) == 0:
            ax.plot(x[own][:2], [values[own].min(), values[own].max()], color="0.55", linewidth=0.6, zorder=2)
