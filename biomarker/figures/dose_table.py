"""Draw organ doses: a mark at each mean, a line of one standard deviation to each side, organs below one another."""

from __future__ import annotations

from math import isnan

from matplotlib.axes import Axes

from biomarker.analyses.dose_table import DoseTable
from biomarker.analyses.organ_names import is_printed_effective_dose
from biomarker.figures import describe, draw
from biomarker.figures.log_axis import log_axis
from biomarker.figures.theme import MARKERS, PALETTE, literal
from biomarker.figures.words import said


@draw.register
def _(result: DoseTable, ax: Axes) -> Axes:
    """Draw organs in the order of the table, groups slightly apart."""
    organs = [organ for organ in result.organs if not is_printed_effective_dose(organ)]
    groups: tuple[str | None, ...] = result.groups or (None,)
    lowest = []
    for place, group in enumerate(groups):
        shift = (place - (len(groups) - 1) / 2) * 0.22
        color, mark = PALETTE[1 + place % (len(PALETTE) - 2)], MARKERS[place % len(MARKERS)]
        at, means = [], []
        for row, organ in enumerate(organs):
            mean, sd = (_value(result, organ, group, word) for word in ("mean", "SD"))
            if isnan(mean) or mean <= 0:
                continue
            lowest.append(mean)
            at.append(row + shift)
            means.append(mean)
            if not isnan(sd):
                ax.plot([max(mean - sd, 0.3 * mean), mean + sd], [row + shift] * 2, color=color, linewidth=0.8)
        label = literal(group) if group else None
        ax.plot(means, at, color=color, marker=mark, linestyle="none", markersize=3, label=label)
    ax.set_yticks(range(len(organs)), [literal(organ) for organ in organs], fontsize=6)
    ax.set_ylim(len(organs) - 0.5, -0.5)
    if lowest:
        log_axis(ax, "x")
    ax.set_xlabel(f"Absorbed dose ({result.unit}), mean ± SD")
    if len(groups) > 1:
        ax.legend(loc="best")
    return ax


@describe.register
def _(result: DoseTable) -> str:
    """Say the dose to organs."""
    return f"Dots with bars, absorbed dose by organ: {said(result, most=10)}"


def _value(result: DoseTable, organ: str, group: str | None, word: str) -> float:
    for line in result.estimates:
        of = line.of
        if of.get("organ") == organ and of.get("group") == group and of.get("summary") == word:
            return line.value
    return float("nan")
