"""Draw published means of groups with their confidence intervals."""

from __future__ import annotations

from textwrap import wrap

import numpy as np
from matplotlib.axes import Axes

from biomarker.analyses.uptake_from_summaries import UptakeFromSummaries
from biomarker.figures import describe, draw
from biomarker.figures.theme import PALETTE, literal
from biomarker.figures.uptake_marks import log_uptake_axis
from biomarker.figures.words import marker_name, said
from biomarker.vocabulary import column_label, marker_unit


@draw.register
def _(result: UptakeFromSummaries, ax: Axes) -> Axes:
    """Draw one mark and bar a group, on a logarithmic axis where geometric means are compared."""
    quantity = "geometric_mean" if result.is_log else "mean"
    lines = [result.estimate(quantity, group=name) for name in result.groups]
    places = np.arange(len(lines))
    values = np.array([line.value for line in lines])
    below, above = (np.abs([getattr(line, end) - line.value for line in lines]) for end in ("low", "high"))
    ax.errorbar(
        places, values, yerr=np.nan_to_num([below, above]), fmt="o", color=PALETTE[1], markersize=4.5, capsize=3,
        linewidth=1.0,
    )  # fmt: skip
    if result.is_log:
        log_uptake_axis(ax.yaxis)
    ax.set_xticks(places, [literal("\n".join(wrap(name, 13))) for name in result.groups])
    unit = marker_unit(result.marker)
    label = "Geometric mean" if result.is_log else "Mean"
    ax.set_ylabel(f"{label} of {literal(column_label(result.marker))}" + (f" ({unit})" if unit else ""))
    ax.set(xlim=(-0.6, len(lines) - 0.4))
    return ax


@describe.register
def _(result: UptakeFromSummaries) -> str:
    """Say each mean and how they compare."""
    return f"Published means with intervals, {marker_name(result.marker)}: {said(result)}"
