"""Draw activity over time by organ: single patients thin, means over patients thick."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from biomarker.analyses.activity_curves import Curve
from biomarker.analyses.time_integrated_activity import TimeIntegratedActivity
from biomarker.figures import describe, draw
from biomarker.figures.theme import LINE_STYLES, MARKERS, PALETTE, literal
from biomarker.figures.words import counted, said
from biomarker.vocabulary import column_label

MOST_ORGANS = 7


@draw.register
def _(result: TimeIntegratedActivity, ax: Axes) -> Axes:
    """Draw the organs with the highest activity, one colour, mark and line style each."""
    of_organ: dict[str, list[Curve]] = {}
    for curve in result.curves:
        name = next(str(value) for value in curve.of.values() if value in result.organs)
        of_organ.setdefault(name, []).append(curve)
    shown = sorted(of_organ, key=lambda name: -max(float(curve.value.max()) for curve in of_organ[name]))[:MOST_ORGANS]
    for place, name in enumerate(shown):
        color = PALETTE[place % (len(PALETTE) - 1)]
        several = len(of_organ[name]) > 1
        for curve in of_organ[name] if several else []:
            ax.plot(curve.time, curve.value, color=color, linewidth=0.35, alpha=0.45, zorder=1)
        at = np.unique(np.concatenate([curve.time for curve in of_organ[name]]))
        at = at[[sum(t in curve.time for curve in of_organ[name]) > len(of_organ[name]) / 2 for t in at]]
        means = [np.mean([c.value[c.time == t][0] for c in of_organ[name] if t in c.time]) for t in at]
        if not at.size:  # no time in common: patients alone are drawn
            ax.plot([], [], color=color, label=literal(name))
            continue
        ax.plot(
            at, means, color=color, marker=MARKERS[place % len(MARKERS)], label=literal(name),
            linestyle=LINE_STYLES[place % len(LINE_STYLES)], zorder=3,
        )  # fmt: skip
    label = column_label(result.activity)
    unit = f" ({result.unit})" if result.unit and result.unit not in label and "(%)" not in label else ""
    ax.set(xlabel=f"Time after injection ({result.time_unit})", ylabel=literal(label + unit))
    ax.set_ylim(bottom=0)
    ax.legend(loc="best", handlelength=2.6)
    return ax


@describe.register
def _(result: TimeIntegratedActivity) -> str:
    """Say the coefficient by organ."""
    found = said(result, "time_integrated_activity_coefficient")
    return f"Activity over time in {counted(len(result.organs), 'organ')}: {found}"
