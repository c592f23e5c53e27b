"""Draw recomputed p-values by reading of the spread, against the reported one; or which checks hold."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from biomarker.analyses.check_summary import CheckedSummary
from biomarker.analyses.summary_verdicts import READINGS
from biomarker.figures import describe, draw
from biomarker.figures.printed import short
from biomarker.figures.theme import MARKERS, PALETTE, literal
from biomarker.figures.words import called, told

SMALLEST = 1e-8  # p-values below are drawn at it
SHORT = {"sd": "SD", "se": "SE", "ci": "CI half-width"}


@draw.register
def _(result: CheckedSummary, ax: Axes) -> Axes:
    """Draw one line a test and reading, on a logarithmic axis of p."""
    if not result.recalculated:
        return _checks(result, ax)
    cases = sorted(result.recalculated, key=lambda each: (-each.sides, READINGS.index(each.reading)))
    places = np.arange(len(cases))[::-1]
    if result.reported_p is not None:
        low, high = (max(limit, SMALLEST / 3) for limit in result.reported_p.interval)
        ax.axvspan(low, high, color="0.85", zorder=0)
        ax.axvline(max(result.reported_p.value, SMALLEST / 3), color="0.5", linewidth=0.7, zorder=1)
    for place, each in zip(places, cases, strict=True):
        number = READINGS.index(each.reading)
        color = PALETTE[1 + number]
        if np.isnan(each.found.p_value):
            continue
        low, value, high = (
            max(float(p), SMALLEST) for p in (each.found.p_range.low, each.found.p_value, each.found.p_range.high)
        )
        ax.plot([low, high], [place, place], color=color, linewidth=1.2, zorder=2)
        ax.plot(
            [value], [place], marker=MARKERS[number], color=color, markersize=4, zorder=3, linestyle="none",
            markerfacecolor=color if each.agrees else "white",
        )  # fmt: skip
    ax.set_xscale("log")
    ax.xaxis.set_major_formatter(FuncFormatter(_p_tick))
    sides = {1: "1-sided", 2: "2-sided"}
    labels = [f"{SHORT[each.reading]}, {_short(each.test)}, {sides[each.sides]}" for each in cases]
    ax.set_yticks(places, [literal(label) for label in labels])
    ax.set(xlabel="p-value", xlim=(SMALLEST / 3, 1.5), ylim=(-0.6, len(cases) - 0.4))
    return ax


@describe.register
def _(result: CheckedSummary) -> str:
    """Say which checks hold."""
    verdicts = [
        f"{each.check} {called(each.of)}: {'holds' if each.holds else 'does not hold'}" for each in result.verdicts
    ]
    return f"Recomputed from the printed summary. {told(verdicts, noun='checks')}"


def _short(test: str) -> str:
    return test.removeprefix("the ").removesuffix(" test").removesuffix(" t").replace("analysis of variance", "ANOVA")


def _p_tick(value: float, _: int | None) -> str:
    if value < SMALLEST * 1.5:
        return f"≤ {short(SMALLEST)}"
    return short(value)


def _checks(result: CheckedSummary, ax: Axes) -> Axes:
    places = np.arange(len(result.verdicts))[::-1]
    for place, verdict in zip(places, result.verdicts, strict=True):
        color = PALETTE[1] if verdict.holds else PALETTE[2]
        ax.plot(
            [1.0 if verdict.holds else 0.0], [place], marker="o" if verdict.holds else "X", color=color, markersize=5,
            linestyle="none", markerfacecolor=color if verdict.holds else "white",
        )  # fmt: skip
    labels = [
        each.of
        if each.of.casefold().startswith(each.check)
        else f"{each.check.capitalize()}{each.of and ', '}{each.of}"
        for each in result.verdicts
    ]
    ax.set_yticks(places, [literal(label) for label in labels])
    ax.set_xticks([0, 1], ["Does not hold", "Holds"])
    ax.set(xlim=(-0.5, 1.5), ylim=(-0.6, len(result.verdicts) - 0.4))
    return ax
