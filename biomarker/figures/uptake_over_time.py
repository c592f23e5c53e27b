"""Draw time-activity curves: means with their intervals, and single lesions where there is one curve."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from biomarker.analyses.result import Estimate
from biomarker.analyses.uptake_courses import Course, hours
from biomarker.analyses.uptake_over_time import UptakeOverTime
from biomarker.figures import View, describe, draw, further
from biomarker.figures.theme import LINE_STYLES, MARKERS, PALETTE, literal
from biomarker.figures.uptake_marks import log_uptake_axis
from biomarker.figures.words import called, marker_name, said
from biomarker.vocabulary import column_label, marker_unit

RATIO = "ratio_to_reference"


@draw.register
def _(result: UptakeOverTime, ax: Axes) -> Axes:
    """Draw one curve a tissue and group, slightly apart in time so that intervals can be told from one another."""
    quantity = "geometric_mean" if result.is_log else "mean"
    span = (result.times[-1] - result.times[0]) or 1.0
    if len(result.courses) == 1:
        for row in result.courses[0].uptake:
            known = np.isfinite(row)
            ax.plot(np.array(result.times)[known], row[known], color="0.75", linewidth=0.5, zorder=1)
    for number, course in enumerate(result.courses):
        points = _points(result, course, quantity)
        shift = (number - (len(result.courses) - 1) / 2) * 0.012 * span
        color = PALETTE[1 + number % (len(PALETTE) - 2)]
        style, marker = LINE_STYLES[number % len(LINE_STYLES)], MARKERS[number % len(MARKERS)]
        at = points[:, 0] + shift
        ax.vlines(at, points[:, 2], points[:, 3], color=color, linewidth=0.9, zorder=2)
        label = literal(course.label) if course.label else None
        ax.plot(at, points[:, 1], color=color, linestyle=style, marker=marker, label=label, zorder=3)
    if result.is_log:
        log_uptake_axis(ax.yaxis)
    ax.set_xticks(list(result.times), [f"{hours(time)}" for time in result.times])
    unit = marker_unit(result.marker)
    label = column_label(result.marker) + (f" ({unit})" if unit else "")
    kind = "geometric mean" if result.is_log else "mean"
    level = f"{100 * result.method.confidence_level:g}% CI"
    ax.set(xlabel="Time after injection (h)", ylabel=f"{literal(label)}\n{kind}, {level}")
    if any(course.label for course in result.courses):
        ax.legend(loc="best", handlelength=2.6)
    return ax


@describe.register
def _(result: UptakeOverTime) -> str:
    """Say the mean at each time."""
    middle = "geometric_mean" if result.is_log else "mean"
    return f"Lines of {marker_name(result.marker)} over time: {said(result, middle, most=8)}"


@further.register
def _(result: UptakeOverTime) -> tuple[View, ...]:
    """Give ratios to the reference tissue, tumour to normal, where there is one."""
    if result.reference_tissue is None or not any(line.quantity == RATIO for line in result.estimates):
        return ()
    level = f"{100 * result.method.confidence_level:g}%"
    return (
        View(
            name="ratios",
            draw=_draw_ratios,
            describe=lambda shown: f"Lines of the ratio to {called(shown.reference_tissue)}: {said(shown, RATIO)}",
            caption=(
                f"Uptake as a ratio to that of {called(result.reference_tissue)} in the same patient, over time: "
                f"geometric means with {level} confidence intervals, on a log scale; 1 is no contrast."
            ),
        ),
    )


def _draw_ratios(result: UptakeOverTime, ax: Axes) -> None:
    """Draw one line a tissue and group, on a logarithmic axis, and a line at 1."""
    lines: dict[str, list[Estimate]] = {}
    for line in result.estimates:
        if line.quantity == RATIO and np.isfinite(line.value):
            name = ", ".join(str(line.of[key]) for key in ("tissue", "group") if key in line.of)
            lines.setdefault(name, []).append(line)
    span = (result.times[-1] - result.times[0]) or 1.0
    ax.axhline(1, color="0.6", linewidth=0.8, zorder=0)
    for number, (name, own) in enumerate(lines.items()):
        color = PALETTE[1 + number % (len(PALETTE) - 2)]
        at = np.array([float(line.of["time"]) for line in own]) + (number - (len(lines) - 1) / 2) * 0.012 * span
        ax.vlines(at, [line.low for line in own], [line.high for line in own], color=color, linewidth=0.9)
        ax.plot(
            at, [line.value for line in own], color=color, linestyle=LINE_STYLES[number % len(LINE_STYLES)],
            marker=MARKERS[number % len(MARKERS)], label=literal(name), zorder=3,
        )  # fmt: skip
    log_uptake_axis(ax.yaxis)
    ax.set_xticks(list(result.times), [f"{hours(time)}" for time in result.times])
    ax.set(xlabel="Time after injection (h)", ylabel=f"Ratio to {literal(str(result.reference_tissue))}")
    if len(lines) > 1:
        ax.legend(loc="best", handlelength=2.6)


def _points(result: UptakeOverTime, course: Course, quantity: str) -> np.ndarray:
    """Return time, value and limits of a course, one row a time."""
    rows = [
        [float(line.of["time"]), line.value, line.low, line.high]
        for line in result.estimates
        if line.quantity == quantity and {k: v for k, v in line.of.items() if k != "time"} == course.of
    ]
    return np.array(rows).reshape(-1, 4)
