"""Draw correlations with one outcome and their differences, with intervals."""

from __future__ import annotations

from math import isnan

from matplotlib.axes import Axes

from biomarker.analyses.compare_correlations import CorrelationComparison
from biomarker.figures import describe, draw
from biomarker.figures.theme import PALETTE, literal
from biomarker.figures.words import said
from biomarker.vocabulary import column_label, quantity_label

MINUS = "\u2212"


@draw.register
def _(result: CorrelationComparison, ax: Axes) -> Axes:
    """Draw a filled square a marker and, beneath, an open circle a difference, each with its interval."""
    own = [line for line in result.estimates if line.quantity == result.coefficient]
    pairs = [line for line in result.estimates if line.quantity == result.difference]
    names = [column_label(str(line.of["marker"])) for line in own]
    names += [f"{column_label(str(line.of['first']))} {MINUS} {column_label(str(line.of['second']))}" for line in pairs]
    places = [-float(number) for number in range(len(own))]
    places += [-float(len(own)) - 0.5 - number for number in range(len(pairs))]
    for number, (place, line) in enumerate(zip(places, [*own, *pairs], strict=True)):
        is_own = number < len(own)
        color = PALETTE[1] if is_own else PALETTE[0]
        if not isnan(line.low):
            ax.plot([line.low, line.high], [place, place], color=color, linewidth=1.0)
        ax.plot(
            [line.value], [place], marker="s" if is_own else "o", color=color, linestyle="none",
            markerfacecolor=color if is_own else "white",
        )  # fmt: skip
    ax.axvline(0, color="0.4", linewidth=0.7, linestyle=":", zorder=0.5)
    if result.coefficient == "auc":
        ax.axvline(0.5, color="0.75", linewidth=0.7, linestyle=":", zorder=0.5)
    ax.axhline(-float(len(own)) + 0.25, color="0.8", linewidth=0.5)
    ax.set_yticks(places, [literal(name) for name in names])
    ax.set_ylim(min(places) - 0.6, 0.6)
    ax.tick_params(axis="y", length=0)
    ax.set_xlabel(f"{quantity_label(result.coefficient)}, and its differences")
    return ax


@describe.register
def _(result: CorrelationComparison) -> str:
    """Say each coefficient and each difference."""
    return f"Dots with intervals: {said(result, result.coefficient, result.difference)}"
