"""Draw the distribution of values, known and below a limit, with the one that was fitted."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from biomarker.analyses.censored_summary import CensoredSummary
from biomarker.figures import describe, draw
from biomarker.figures.log_axis import log_axis
from biomarker.figures.theme import LINE_STYLES, MARKERS, PALETTE, literal
from biomarker.figures.words import marker_name, said
from biomarker.vocabulary import column_label, marker_unit


@draw.register
def _(result: CensoredSummary, ax: Axes) -> Axes:
    """Draw marks at known values and a line for the fit, one colour a group."""
    for place, group in enumerate(result.groups):
        color = PALETTE[1 + place % (len(PALETTE) - 2)]
        known = np.sort(group.values[~group.is_below])
        share = np.array([(group.values <= value).mean() for value in known])
        mark = MARKERS[place % len(MARKERS)]
        ax.plot(known, share, mark, color=color, markersize=2.5, markerfacecolor="none", markeredgewidth=0.6)
        if np.isfinite(group.fit.mu):
            at = np.geomspace(group.values.min() / 2, group.values.max() * 1.3, 200)
            label = literal(group.label) if group.label else None
            ax.plot(
                at, group.fitted_share(at), color=color, linestyle=LINE_STYLES[place % len(LINE_STYLES)], label=label
            )
        for limit in np.unique(group.values[group.is_below])[:5]:
            ax.axvline(limit, color="0.6", linewidth=0.7, linestyle=":", zorder=0)
    log_axis(ax, "x")
    unit = marker_unit(result.marker)
    ax.set_xlabel(literal(column_label(result.marker)) + (f" ({unit})" if unit else ""))
    ax.set_ylabel("Share of values up to it")
    ax.set_ylim(0, 1)
    if ax.get_legend_handles_labels()[1]:
        ax.legend(loc="lower right", handlelength=2.6)
    return ax


@describe.register
def _(result: CensoredSummary) -> str:
    """Say the fitted middle of each group."""
    return f"Distribution of {marker_name(result.marker)} with the fitted curve: {said(result)}"
