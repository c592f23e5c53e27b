"""Draw sensitivity and specificity against the cutoff, with the cutoffs asked about and their grey zones."""

from __future__ import annotations

from typing import Literal

import numpy as np
from matplotlib.axes import Axes

from biomarker.analyses.evaluate_cutoff import EvaluatedCutoffs
from biomarker.figures import View, describe, draw, further
from biomarker.figures.printed import short
from biomarker.figures.theme import LINE_STYLES, MARKERS, PALETTE, literal
from biomarker.figures.words import marker_name, said
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


@describe.register
def _(result: EvaluatedCutoffs) -> str:
    """Say sensitivity and specificity at each cutoff, and its grey zone."""
    asked = ("sensitivity", "specificity", "grey_zone", "share_in_grey_zone", "reader_discordance")
    found = said(result, *asked)
    return f"Sensitivity falls and specificity rises with the cutoff of {marker_name(result.marker)}: {found}"


@further.register
def _(result: EvaluatedCutoffs) -> tuple[View, ...]:
    """Give the grey zone by itself where a measurement error was stated: who would change class, and how likely."""
    if not result.grey_zones or result.probabilities.size == 0 or result.measured.size == 0:
        return ()
    return (
        View(
            name="grey-zone",
            draw=_draw_grey_zone,
            describe=_describe_grey_zone,
            caption=(
                f"Probability that a second measurement puts each {result.population.unit} on the other side of the "
                "cutoff, against its value. Shaded: the grey zone, where that probability is above "
                f"{result.change_probability:.0%} (dotted line)."
            ),
        ),
    )


def _draw_grey_zone(result: EvaluatedCutoffs, ax: Axes) -> None:
    """Draw a dot a row and cutoff, the zone of each cutoff and the probability that bounds it."""
    unit = marker_unit(result.marker)
    for number, (cutoff, (low, high)) in enumerate(zip(result.cutoffs, result.grey_zones, strict=True)):
        color = PALETTE[1 + number % (len(PALETTE) - 2)]
        ax.axvspan(low, high, color=color, alpha=0.10, linewidth=0, label="_zone")
        ax.axvline(
            cutoff, color=color, linewidth=0.8, linestyle=LINE_STYLES[number % len(LINE_STYLES)], label="_cutoff"
        )
        ax.plot(
            result.measured, 100 * result.probabilities[number], MARKERS[number % len(MARKERS)], color=color,
            markersize=2.8, markerfacecolor="none", markeredgewidth=0.6,
            label=f"Cutoff {short(cutoff)} {unit}".rstrip(),
        )  # fmt: skip
    ax.axhline(100 * result.change_probability, color="0.4", linestyle=":", linewidth=0.8)
    ax.set_xlim(*_shown_range(result))
    ax.set_ylim(-2, 54)
    name = column_label(result.marker)
    ax.set_xlabel(literal(f"{name} ({unit})" if unit else name))
    ax.set_ylabel("Probability of another class (%)")
    ax.legend(loc="upper right")


def _describe_grey_zone(result: EvaluatedCutoffs) -> str:
    """Say each zone, and the share in it."""
    return f"Dots that peak at 50% at each cutoff: {said(result, 'grey_zone', 'share_in_grey_zone')}"


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
