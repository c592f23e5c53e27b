"""Draw readings against the line of identity, or coefficients of several readers."""

from __future__ import annotations

from math import isnan

import numpy as np
from matplotlib.axes import Axes

from biomarker.analyses.concordance_correlation import ConcordanceCorrelation
from biomarker.figures import describe, draw
from biomarker.figures.printed import with_limits
from biomarker.figures.theme import PALETTE, literal
from biomarker.figures.words import marker_name, said
from biomarker.vocabulary import column_label, marker_unit


@draw.register
def _(result: ConcordanceCorrelation, ax: Axes) -> Axes:
    """Draw two readers against each other, or the coefficients of all readers and of each pair."""
    return _coefficients(result, ax) if len(result.readers) > 2 else _scatter(result, ax)


@describe.register
def _(result: ConcordanceCorrelation) -> str:
    """Say each coefficient."""
    return f"Concordance of readings of {marker_name(result.value)}: {said(result, 'ccc')}"


def _scatter(result: ConcordanceCorrelation, ax: Axes) -> Axes:
    first, second = result.readings.T
    low, high = result.readings.min(), result.readings.max()
    room = 0.05 * (high - low) or max(abs(high), 1.0) * 0.05
    ends = (float(low - room), float(high + room))
    ax.plot(ends, ends, color="0.6", linewidth=0.8, zorder=0)
    intercept, slope = result.axis
    if not isnan(slope):
        span = np.array([first.min(), first.max()])
        ax.plot(span, intercept + slope * span, "--", color=PALETTE[2], linewidth=1)
    size = 2.5 if len(first) > 60 else 3.5
    ax.plot(first, second, "o", color=PALETTE[1], markersize=size, markerfacecolor="none", markeredgewidth=0.6)
    ax.set_xlim(ends)
    ax.set_ylim(ends)
    ax.set_aspect("equal")
    line = result.estimate("ccc")
    if not isnan(line.value):
        ax.text(0.03, 0.97, f"CCC {with_limits(line)}", transform=ax.transAxes, va="top", fontsize=6.5)
    marker, unit = literal(column_label(result.value)), marker_unit(result.value)
    in_unit = f" ({unit})" * bool(unit)
    ax.set_xlabel(f"{marker}, reader {literal(result.readers[0])}{in_unit}")
    ax.set_ylabel(f"{marker}, reader {literal(result.readers[1])}{in_unit}")
    return ax


def _coefficients(result: ConcordanceCorrelation, ax: Axes) -> Axes:
    everyone = ", ".join(result.readers)
    lines = [line for line in result.estimates if line.quantity == "ccc" and not isnan(line.value)]
    names = []
    for place, line in enumerate(lines):
        is_overall = line.of["readers"] == everyone
        color = PALETTE[0] if is_overall else PALETTE[1]
        if not isnan(line.low):
            ax.plot([line.low, line.high], [place, place], color=color, linewidth=1)
        ax.plot(line.value, place, "D" if is_overall else "o", color=color)
        names.append("All readers" if is_overall else literal(str(line.of["readers"]).replace(" - ", ", ")))
    ax.set_yticks(range(len(lines)), names)
    ax.set_ylim(len(lines) - 0.5, -0.5)
    ax.axvline(1, color="0.6", linewidth=0.8, zorder=0)
    ax.set_xlabel(f"Concordance correlation, {literal(column_label(result.value))}")
    return ax
