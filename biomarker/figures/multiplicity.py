"""Draw raw and adjusted p-values, a line a hypothesis."""

from __future__ import annotations

import textwrap

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator

from biomarker.analyses.multiplicity import AdjustedPValues
from biomarker.figures import describe, draw
from biomarker.figures.log_axis import log_axis
from biomarker.figures.printed import said_p, short
from biomarker.figures.theme import PALETTE, is_own, literal
from biomarker.figures.words import called, told

_SMALLEST = 1e-6  # smaller p-values are drawn here: their order says no more
_LABEL_WIDTH = 27
_LINE = 0.12  # inches


@draw.register
def _(result: AdjustedPValues, ax: Axes) -> Axes:
    """Draw each hypothesis as an open mark at its raw p-value joined to a filled one at the adjusted."""
    places = -np.arange(len(result.estimates))
    raw = np.maximum([line.p_value for line in result.estimates], _SMALLEST)
    adjusted = np.maximum([line.value for line in result.estimates], _SMALLEST)
    level = 1 - result.method.confidence_level
    ax.axvline(level, color="0.6", linewidth=0.8, linestyle=":", label=short(level))
    ax.hlines(places, raw, adjusted, color="0.6", linewidth=0.8)
    ax.plot(raw, places, "o", color=PALETTE[0], markerfacecolor="white", label="as they came")
    ax.plot(adjusted, places, "o", color=PALETTE[0], label="adjusted")
    log_axis(ax, "x")
    ax.xaxis.set_major_locator(LogLocator(base=10))
    ax.set(xlim=(min(raw.min(), level) / 2, 1.4), ylim=(places[-1] - 0.7, 0.7), xlabel="p-value")
    labels = [
        "\n".join(literal(part) for part in textwrap.wrap(str(line.of["hypothesis"]), _LABEL_WIDTH))
        for line in result.estimates
    ]
    ax.set_yticks(places, labels)
    ax.tick_params(axis="y", length=0)
    figure = ax.get_figure(root=True)
    if figure is not None and is_own(figure):
        figure.set_figheight(figure.get_figheight() + _LINE * sum(label.count("\n") for label in labels))
    ax.legend(loc="lower right", bbox_to_anchor=(1, 1.0), ncols=3, handletextpad=0.3, columnspacing=1.0)
    return ax


@describe.register
def _(result: AdjustedPValues) -> str:
    """Say each p-value, as it came and adjusted."""
    told_of = [
        f"{called(line.of['hypothesis'])}: {said_p(line.p_value)}, adjusted {said_p(line.value)}"
        for line in result.estimates
    ]
    return f"p-values before and after adjustment. {told(told_of, noun='hypotheses')}"
