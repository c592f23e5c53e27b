"""Draw activity over time on a logarithmic axis, with the fit of each patient."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from biomarker.analyses.clearance import Clearance
from biomarker.analyses.clearance_lines import FittedCurve
from biomarker.figures import describe, draw
from biomarker.figures.log_axis import log_axis
from biomarker.figures.theme import LINE_STYLES, MARKERS, PALETTE, literal
from biomarker.figures.words import counted, said
from biomarker.vocabulary import column_label


@draw.register
def _(result: Clearance, ax: Axes) -> Axes:
    """Draw samples as marks and fits as lines, one colour, mark and line style a group."""
    groups = result.groups or ("",)
    few = len(result.curves) <= 3
    for one in result.curves:
        place = groups.index(one.curve.of.get("group", groups[0]))
        color = PALETTE[1 + place % (len(PALETTE) - 2)]
        style: dict[str, Any] = {
            "color": color,
            "linestyle": LINE_STYLES[place % len(LINE_STYLES)],
            "linewidth": 1.2 if few else 0.6,
        }
        mark: dict[str, Any] = {
            "color": color,
            "marker": MARKERS[place % len(MARKERS)],
            "linestyle": "none",
            "zorder": 3,
        }
        known = one.curve.value > 0
        ax.plot(one.curve.time[known], one.curve.value[known], markersize=4 if few else 2.2, **mark)
        if one.fit is not None:
            ax.plot(*_fitted(one), alpha=1.0 if few else 0.7, **style)
    log_axis(ax, "y")
    unit = f" ({result.unit})" if result.unit and result.unit not in column_label(result.activity) else ""
    ax.set(xlabel=f"Time after injection ({result.time_unit})", ylabel=literal(column_label(result.activity) + unit))
    ax.set_xlim(left=0)
    if result.groups:
        ax.legend(handles=[_key(place, group) for place, group in enumerate(groups)], loc="best", handlelength=2.6)
    return ax


@describe.register
def _(result: Clearance) -> str:
    """Say half-lives."""
    found = said(result, "half_life_biologic", "half_life_effective", most=4)
    return f"Activity over time in {counted(len(result.curves), 'curve')} on a logarithmic axis, with fits: {found}"


def _key(place: int, group: str) -> Line2D:
    """Return the key of a group, with its colour, line and mark."""
    style: dict[str, Any] = {
        "color": PALETTE[1 + place % (len(PALETTE) - 2)],
        "linestyle": LINE_STYLES[place % len(LINE_STYLES)],
        "marker": MARKERS[place % len(MARKERS)],
    }
    return Line2D([], [], markersize=3.5, linewidth=1.0, label=literal(group), **style)


def _fitted(one: FittedCurve) -> tuple[np.ndarray, np.ndarray]:
    assert one.fit is not None
    at = np.linspace(one.curve.time[0], one.curve.time[-1], 200)
    return at, np.exp(-at[:, None] * one.fit.rates) @ one.fit.amplitudes
