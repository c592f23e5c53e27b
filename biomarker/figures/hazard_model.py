"""Draw a hazard model: a forest of hazard ratios, the hazard ratio over uptake, or Schoenfeld residuals over time."""

from __future__ import annotations

from dataclasses import replace
from math import isfinite

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from biomarker.analyses.hazard_model import HazardModel
from biomarker.analyses.hazard_shapes import HazardShape, ResidualCourse
from biomarker.analyses.result import Estimate
from biomarker.figures import View, describe, draw, further, view_of
from biomarker.figures.forest import draw_forest, round_ticks
from biomarker.figures.log_axis import log_axis
from biomarker.figures.printed import p_phrase, short
from biomarker.figures.theme import PALETTE, literal
from biomarker.figures.words import said
from biomarker.vocabulary import column_label, marker_unit, outcome_label

TALLEST = 100.0  # of a shape: bands beyond it are cut, so that the curve can be seen
BETWEEN = 0.42  # of one panel's share of the height, for the labels of the one above


@draw.register
def _(result: HazardModel, ax: Axes) -> Axes:
    """Draw what the result is for."""
    if result.drawn == "shape":
        for panel, shape in zip(_panels(ax, len(result.shapes)), result.shapes, strict=True):
            _draw_shape(panel, shape, result)
    elif result.drawn == "residuals":
        panels = _panels(ax, len(result.residuals))
        for panel, course in zip(panels, result.residuals, strict=True):
            _draw_residuals(panel, course, result)
    else:
        _draw_forest(ax, result)
    return ax


@describe.register
def _(result: HazardModel) -> str:
    """Say each hazard ratio and, of residuals, whether hazards are proportional."""
    kinds = {"shape": "Hazard ratio over the marker", "residuals": "Residuals over time"}
    kind = kinds.get(result.drawn, "Forest plot")
    asked = ("proportional_hazards_test",) if result.drawn == "residuals" else ("hazard_ratio", "nonlinearity_test")
    return f"{kind}, {_endpoint(result.duration)}: {said(result, *asked)}"


@further.register
def _(result: HazardModel) -> tuple[View, ...]:
    """Give the forest, the shape of each spline and the residuals, where the model has them."""
    known = ["ratios", *(["shape"] if result.shapes else []), *(["residuals"] if result.residuals else [])]
    return tuple(view_of(replace(result, figure=name), name) for name in known if name != result.drawn)


def _panels(ax: Axes, count: int) -> list[Axes]:
    """Return the axes themselves for one panel, or so many within them, one above the other."""
    if count == 1:
        return [ax]
    ax.axis("off")
    gap = BETWEEN / count
    height = (1 - gap * (count - 1)) / count
    return [ax.inset_axes((0, 1 - height - number * (height + gap), 1, height)) for number in range(count)]


def _draw_forest(ax: Axes, result: HazardModel) -> None:
    """Draw one dot and interval a hazard ratio, on a log axis, with the numbers at the right."""
    lines = [line for line in result.estimates if line.quantity == "hazard_ratio"]
    draw_forest(ax, lines, [_label(line) for line in lines])
    level = f"{100 * result.method.confidence_level:g}% CI"
    endpoint = outcome_label(result.duration)
    ax.set_xlabel(f"Hazard ratio ({level}), {endpoint[0].lower()}{endpoint[1:]}")


def _label(line: Estimate) -> str:
    name = literal(column_label(line.of["term"]))
    if "level" in line.of:
        return f"{name}: {literal(str(line.of['level']))} vs {literal(str(line.of['reference']))}"
    if "at" in line.of:
        return f"{name}: {short(line.of['at'])} vs {short(line.of['reference'])}"
    return f"{name}, per {literal(line.of['per'])}"


def _draw_shape(ax: Axes, shape: HazardShape, result: HazardModel) -> None:
    """Draw the hazard ratio over a marker with its band, the reference value, knots, and the patients as ticks."""
    low, high = max(1 / TALLEST, float(shape.low.min())), min(TALLEST, float(shape.high.max()))
    low, high = min(low, float(shape.ratio.min()), 0.7) / 1.15, max(high, float(shape.ratio.max()), 1.4) * 1.15
    ax.set_yscale("log")
    ax.set_ylim(low, high)
    ax.axhline(1, color="0.6", linewidth=0.8, zorder=0)
    lowest, highest = (np.clip(limit, low, high) for limit in (shape.low, shape.high))
    ax.fill_between(shape.marker, lowest, highest, color=PALETTE[1], alpha=0.15, linewidth=0)
    ax.plot(shape.marker, shape.ratio, color=PALETTE[1])
    ax.plot([shape.reference], [1], "o", color=PALETTE[0], markersize=4)
    floor = ax.get_xaxis_transform()
    ax.plot(
        shape.observed, np.full(shape.observed.size, 0.015), "|", color="0.25", transform=floor, markersize=5, alpha=0.6
    )
    ax.plot(shape.knots, np.full(len(shape.knots), 0.06), "^", color=PALETTE[2], transform=floor, markersize=3.5)
    if shape.is_log:
        log_axis(ax, "x")
    ax.yaxis.set_major_locator(FixedLocator(round_ticks(low, high)))
    ax.yaxis.set_minor_locator(NullLocator())
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: short(value)))
    unit = marker_unit(shape.term)
    name = literal(column_label(shape.term))
    ax.set_xlabel(f"{name} ({unit})" if unit and f"({unit})" not in name else name)
    reference = f"{short(shape.reference)} {unit}".rstrip()
    ax.set_ylabel(f"Hazard ratio vs {reference},\n{_endpoint(result.duration)}")


def _endpoint(duration: str) -> str:
    """Return what a duration is the survival of, as within a sentence."""
    label = outcome_label(duration)
    return label[0].lower() + label[1:]


def _draw_residuals(ax: Axes, course: ResidualCourse, result: HazardModel) -> None:
    """Draw residuals as dots, a smooth curve with its band, and the estimate of the model as a dashed line."""
    ax.plot(course.position, course.value, "o", color="0.45", markersize=2.2, markeredgewidth=0)
    if course.smooth.size:
        ax.fill_between(course.smooth_position, course.low, course.high, color=PALETTE[1], alpha=0.15, linewidth=0)
        ax.plot(course.smooth_position, course.smooth, color=PALETTE[1])
    ax.axhline(course.average, color=PALETTE[2], linestyle="--", linewidth=1)
    ax.set_xticks([place for _, place in course.ticks], [short(time) for time, _ in course.ticks])
    ax.set_xlabel(f"Time ({result.unit})" if result.unit else "Time")
    # of a term with several hazard ratios, residuals are multiples of what the model says
    ax.set_ylabel("Log hazard ratio" if course.per else "Multiple of the\nmodel's effect")
    per = f", {literal(course.per)}" if course.per else ""
    p = result.estimate("proportional_hazards_test", term=course.term).p_value
    said = f" ({p_phrase(p)})" if isfinite(p) else ""
    ax.text(
        0, 1.02, f"{literal(column_label(course.term))}{per}{said}", transform=ax.transAxes, va="bottom", fontsize=7
    )
