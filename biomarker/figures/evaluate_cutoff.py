"""Draw sensitivity and specificity against the cutoff, with the cutoffs asked about and their grey zones."""

from __future__ import annotations

from typing import Literal

import numpy as np
from matplotlib.axes import Axes

from biomarker.analyses.evaluate_cutoff import EvaluatedCutoffs
from biomarker.figures import draw
from biomarker.figures.theme import LINE_STYLES, PALETTE, literal
from biomarker.vocabulary import column_label, marker_unit


@draw.register
def _(result: EvaluatedCutoffs, ax: Axes) -> Axes:
    """Draw both curves in percent; a vertical line a cutoff, and a shaded band where the class is uncertain."""
    x = result.curve_cutoffs
    # between two observed values the rates are those of the next one that is called positive
    where: Literal["pre", "post"] = "pre" if result.higher_is_positive else "post"
    ax.step(x, 100 * result.sensitivities, where=where, color=PALETTE[1], label="Sensitivity")
    ax.step(x, 100 * result.specificities, where=where, color=PALETTE[2], linestyle="--", label="Specificity")
    if result.readers:
        ax.step(
            x,
            100 * result.reader_discordances,
            where=where,
            color=PALETTE[3],
            linestyle=":",
            label="Readers on both sides",
        )
        _mark_readers(result, ax)
    for number, cutoff in enumerate(result.cutoffs):
        ax.axvline(
            cutoff, color=PALETTE[0], linewidth=0.8, linestyle=LINE_STYLES[number % len(LINE_STYLES)], label="_cutoff"
        )
    for number, (low, high) in enumerate(result.grey_zones):
        ax.axvspan(low, high, color="0.5", alpha=0.2, linewidth=0, label="_grey zone" if number else "Grey zone")
    ax.set_xlim(*_shown_range(result))
    ax.set_ylim(-3, 103)
    unit = marker_unit(result.marker)
    name = column_label(result.marker)
    ax.set_xlabel(literal(f"Cutoff of {name} ({unit})" if unit else f"Cutoff of {name}"))
    ax.set_ylabel("%")
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2 if result.readers and result.grey_zones else 3)
    return ax


def _mark_readers(result: EvaluatedCutoffs, ax: Axes) -> None:
    """Mark what each reader's own readings give at the cutoffs."""
    for quantity, color, marker in (("sensitivity", PALETTE[1], "o"), ("specificity", PALETTE[2], "s")):
        found = [
            (line.of["cutoff"], 100 * line.value)
            for line in result.estimates
            if line.quantity == quantity and line.of.get("performance") == "reader"
        ]
        ax.plot(
            *zip(*found, strict=True) if found else ([], []), marker, color=color, markerfacecolor="white",
            markersize=3, markeredgewidth=0.7, linestyle="none", label=f"_{quantity} by reader", zorder=3,
        )  # fmt: skip


def _shown_range(result: EvaluatedCutoffs) -> tuple[float, float]:
    """Return the range of the marker without its far tail, wide enough for every cutoff and grey zone."""
    low, high = np.quantile(result.curve_cutoffs, [0.0, 0.98])
    edges = [low, high, *result.cutoffs, *(limit for zone in result.grey_zones for limit in zone)]
    margin = 0.03 * (max(edges) - min(edges)) or 1.0
    return float(min(edges) - margin), float(max(edges) + margin)
