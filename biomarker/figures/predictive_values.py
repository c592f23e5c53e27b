"""Draw predictive values with their intervals, and against prevalence."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from biomarker.analyses.predictive_values import PredictiveValues
from biomarker.figures import View, describe, draw, further
from biomarker.figures.printed import rounded
from biomarker.figures.theme import LINE_STYLES, MARKERS, PALETTE, panels
from biomarker.figures.words import said
from biomarker.vocabulary import quantity_label

SHOWN = ("sensitivity", "specificity", "ppv", "npv", "accuracy", "prevalence")


@draw.register
def _(result: PredictiveValues, ax: Axes) -> Axes:
    """Draw a dot and interval a quantity; where prevalences were asked for, also predictive values by prevalence."""
    if not result.prevalences:
        return _intervals(result, ax)
    left, right = panels(ax, 2, ratios=(1, 1.15))
    _intervals(result, left)
    _against_prevalence(result, right)
    return ax


@describe.register
def _(result: PredictiveValues) -> str:
    """Say each quantity with its limits."""
    return f"Dots with intervals: {said(result, *SHOWN)}"


@further.register
def _(result: PredictiveValues) -> tuple[View, ...]:
    """Give predictive values over prevalence where the main figure does not show them."""
    if result.prevalences:
        return ()
    level = f"{100 * result.method.confidence_level:g}%"
    return (
        View(
            name="prevalence",
            draw=_against_prevalence,
            describe=_describe_prevalence,
            caption=(
                f"PPV and NPV at other prevalences, at the same sensitivity and specificity, with {level} "
                "confidence bands; dotted line, the prevalence in the sample."
            ),
        ),
    )


def _describe_prevalence(result: PredictiveValues) -> str:
    """Say the predictive values at three prevalences."""
    grid = result.curve["prevalence"]
    told_of = []
    for prevalence in (0.1, 0.3, 0.5):
        at = int(np.argmin(np.abs(grid - prevalence)))
        ppv, npv = (rounded(100 * result.curve[name][0][at], 0) for name in ("ppv", "npv"))
        told_of.append(f"at {rounded(100 * grid[at], 0)}%, PPV {ppv}% and NPV {npv}%")
    return f"PPV rises and NPV falls with prevalence: {'; '.join(told_of)}"


def _intervals(result: PredictiveValues, ax: Axes) -> Axes:
    lines = [result.estimate(name) for name in SHOWN]
    places = np.arange(len(lines))[::-1]
    values = np.array([[line.value, line.low, line.high] for line in lines]) * 100
    ax.hlines(places, values[:, 1], values[:, 2], color=PALETTE[1])
    ax.plot(values[:, 0], places, "o", color=PALETTE[1], clip_on=False)
    labels = [f"{quantity_label(line.quantity)}\n{line.numerator}/{line.n}" for line in lines]
    ax.set_yticks(places, labels)
    ax.set(xlim=(0, 100), ylim=(-0.6, len(lines) - 0.4), xlabel=f"% ({100 * result.method.confidence_level:g}% CI)")
    return ax


def _against_prevalence(result: PredictiveValues, ax: Axes) -> Axes:
    grid = result.curve["prevalence"] * 100
    for number, name in enumerate(("ppv", "npv")):
        value, low, high = result.curve[name] * 100
        color = PALETTE[1 + number]
        ax.fill_between(grid, low, high, color=color, alpha=0.15, linewidth=0)
        ax.plot(grid, value, color=color, linestyle=LINE_STYLES[number], label=quantity_label(name))
        asked = [result.estimate(name, prevalence=prevalence).value * 100 for prevalence in result.prevalences]
        places = np.array(result.prevalences) * 100
        ax.plot(places, asked, MARKERS[number], color=color, markerfacecolor="white")
    ax.axvline(100 * result.estimate("prevalence").value, color="0.4", linestyle=":", linewidth=0.9)
    ax.set(xlim=(0, 100), ylim=(0, 102), xlabel="Prevalence (%)", ylabel="Predictive value (%)")
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2)
    return ax
