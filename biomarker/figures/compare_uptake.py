"""Draw uptake by group: boxes, and every value marked by its patient."""

from __future__ import annotations

from textwrap import wrap

import numpy as np
from matplotlib.axes import Axes

from biomarker.analyses.compare_uptake import CompareUptake
from biomarker.figures import draw
from biomarker.figures.theme import literal
from biomarker.figures.uptake_marks import log_uptake_axis, patient_marks, spread_sideways
from biomarker.vocabulary import column_label, marker_unit


@draw.register
def _(result: CompareUptake, ax: Axes) -> Axes:
    """Draw a box and the values of each group, on a logarithmic axis where geometric means are compared."""
    values = [result.values[name] for name in result.groups]
    places = np.arange(len(values))
    ax.boxplot(
        values, positions=places, widths=0.55, showfliers=False, manage_ticks=False,
        medianprops={"color": "black", "linewidth": 1.4}, boxprops={"color": "0.35"}, whiskerprops={"color": "0.35"},
        capprops={"color": "0.35"},
    )  # fmt: skip
    marks = patient_marks(np.concatenate([result.patients[name] for name in result.groups]), named=result.is_nested)
    for place, name in zip(places, result.groups, strict=True):
        sideways = place + spread_sideways(np.log(result.values[name]) if result.is_log else result.values[name])
        for x, y, patient in zip(sideways, result.values[name], result.patients[name], strict=True):
            ax.plot([x], [y], linestyle="none", **marks[int(patient)])
    if result.is_log:
        log_uptake_axis(ax.yaxis)
    labels = ["\n".join(wrap(name, 13)) for name in result.groups]
    ax.set_xticks(places, [literal(label) for label in labels])
    unit = marker_unit(result.marker)
    ax.set_xlabel(literal(column_label(result.group)))
    ax.set(xlim=(-0.6, len(values) - 0.4), ylabel=literal(column_label(result.marker)) + (f" ({unit})" if unit else ""))
    return ax
