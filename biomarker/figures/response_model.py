"""Draw a response model: a forest of odds ratios, the risk over uptake, or its calibration."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from matplotlib.axes import Axes

from biomarker.analyses.response_model import ResponseModel
from biomarker.analyses.response_performance import CalibrationCurve
from biomarker.analyses.result import Estimate
from biomarker.figures import View, describe, draw, further, view_of
from biomarker.figures.forest import draw_forest
from biomarker.figures.log_axis import log_axis
from biomarker.figures.printed import rounded, short
from biomarker.figures.theme import LINE_STYLES, MARKERS, PALETTE, literal
from biomarker.figures.words import marker_name, said
from biomarker.vocabulary import column_label, lower_label, marker_unit

COLORS = PALETTE[1:]


@draw.register
def _(result: ResponseModel, ax: Axes) -> Axes:
    """Draw what the result is for."""
    if result.drawn == "shape":
        _draw_shape(ax, result)
    elif result.drawn == "calibration":
        _draw_calibration(ax, result)
    else:
        lines = [line for line in result.estimates if line.quantity == "odds_ratio"]
        draw_forest(ax, lines, [_label(line) for line in lines])
        of_what = f"higher {lower_label(result.response)}" if result.levels else lower_label(result.response)
        ax.set_xlabel(f"Odds ratio ({100 * result.method.confidence_level:g}% CI), {literal(of_what)}")
    return ax


@describe.register
def _(result: ResponseModel) -> str:
    """Say each odds ratio, or how well predictions hold."""
    kinds = {"shape": "Probability of response over the marker", "calibration": "Calibration"}
    kind = kinds.get(result.drawn, "Forest plot")
    asked = ("calibration_slope", "calibration_intercept") if result.drawn == "calibration" else ("odds_ratio", "auc")
    return f"{kind} of a model for {marker_name(result.response)}: {said(result, *asked)}"


@further.register
def _(result: ResponseModel) -> tuple[View, ...]:
    """Give the forest, the risk over a measured predictor and the calibration, where the model has them."""
    known = ["ratios", *(["shape"] if result.shapes else []), *(["calibration"] if result.calibration else [])]
    return tuple(view_of(replace(result, figure=name), name) for name in known if name != result.drawn)


def _label(line: Estimate) -> str:
    name = literal(column_label(line.of["term"]))
    if "level" in line.of:
        return f"{name}: {literal(str(line.of['level']))} vs {literal(str(line.of['reference']))}"
    if "at" in line.of:
        return f"{name}: {short(line.of['at'])} vs {short(line.of['reference'])}"
    return f"{name}, per {literal(line.of['per'])}"


def _draw_shape(ax: Axes, result: ResponseModel) -> None:
    """Draw the risk with its band, one curve a cut, knots, and the values observed as ticks."""
    shape = result.shown_shape
    for number, label in enumerate(shape.labels):
        color = COLORS[number % len(COLORS)]
        ax.fill_between(
            shape.values, 100 * shape.low[number], 100 * shape.high[number], color=color, alpha=0.15, linewidth=0
        )
        ax.plot(
            shape.values,
            100 * shape.risk[number],
            color=color,
            linestyle=LINE_STYLES[number % len(LINE_STYLES)],
            label=literal(label),
        )
    floor = ax.get_xaxis_transform()
    kept = shape.observed[(shape.observed >= shape.values[0]) & (shape.observed <= shape.values[-1])]
    ax.plot(kept, np.full(kept.size, 0.015), "|", color="0.25", transform=floor, markersize=5, alpha=0.6)
    ax.plot(shape.knots, np.full(len(shape.knots), 0.06), "^", color=PALETTE[2], transform=floor, markersize=3.5)
    if shape.is_log:
        log_axis(ax, "x")
    ax.set_ylim(-4, 100)
    unit, name = marker_unit(shape.term), literal(column_label(shape.term))
    ax.set_xlabel(f"{name} ({unit})" if unit and f"({unit})" not in name else name)
    ax.set_ylabel(_risk_label(result))
    _legend(ax, result)


def _draw_calibration(ax: Axes, result: ResponseModel) -> None:
    """Draw the smooth curves over the diagonal, and the groups as points sized by their rows."""
    ax.plot([0, 100], [0, 100], color="0.7", linewidth=0.8, zorder=0)
    for number, curve in enumerate(result.calibration):
        _draw_curve(ax, curve, number)
    ax.set(xlim=(-3, 103), ylim=(-3, 103), aspect="equal")
    ax.set_xlabel(f"Predicted {_risk_label(result).lower()}" if not result.levels else "Predicted probability (%)")
    ax.set_ylabel("Observed (%)")
    slope = result.estimate("calibration_slope", performance="corrected").value
    if np.isfinite(slope):
        ax.text(0.98, 0.03, f"Corrected slope {rounded(slope)}", transform=ax.transAxes, ha="right", fontsize=6.5)
    _legend(ax, result)


def _draw_curve(ax: Axes, curve: CalibrationCurve, number: int) -> None:
    color = COLORS[number % len(COLORS)]
    ax.plot(100 * curve.predicted, 100 * curve.observed, color=color)
    if np.isfinite(curve.corrected).any():
        ax.plot(100 * curve.predicted, 100 * curve.corrected, color=color, linestyle=":")
    groups = curve.groups
    ax.scatter(
        100 * groups.predicted,
        100 * groups.observed,
        s=8 + 60 * groups.n / groups.n.sum(),
        color=color,
        marker=MARKERS[number % len(MARKERS)],
        alpha=0.75,
        linewidth=0,
        zorder=3,
        label=literal(curve.label),
    )


def _risk_label(result: ResponseModel) -> str:
    return "Probability (%)" if result.levels else f"Probability of {literal(lower_label(result.response))} (%)"


def _legend(ax: Axes, result: ResponseModel) -> None:
    if result.levels:
        ax.legend(loc="lower left", bbox_to_anchor=(0, 1.01), borderaxespad=0, ncols=min(len(result.levels) - 1, 3))
