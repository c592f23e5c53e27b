"""Draw Kaplan-Meier curves with censored patients, and the number at risk beneath."""

from __future__ import annotations

from math import isnan

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from biomarker.analyses.follow_up import Level
from biomarker.analyses.survival_curves import SurvivalCurves
from biomarker.figures import draw
from biomarker.figures.theme import LINE_STYLES, PALETTE, literal
from biomarker.vocabulary import column_label, outcome_label

LINE_POINTS = 9.5  # from one line of the table at risk to the next
BENEATH_AXIS = 34  # points from the axis to that table, past tick labels and the axis label


@draw.register
def _(result: SurvivalCurves, ax: Axes) -> Axes:
    """Draw one stepped line a group, light bands, ticks for censored patients, and the table at risk."""
    for number, group in enumerate(result.groups):
        _draw_curve(result, ax, number, group)
    longest = max(float(curve.time[-1]) for curve in result.curves) or 1.0
    ax.set(xlim=(0, 1.03 * longest), ylim=(0, 103))
    ax.set_xticks(result.at_risk_times)
    ax.set_yticks(np.arange(0, 101, 20))
    since = "Time from the landmark" if result.landmark is not None else "Time"
    ax.set_xlabel(f"{since} ({result.unit})" if result.unit else since)
    ax.set_ylabel(f"{outcome_label(result.duration)} (%)")
    # above the axes, where no curve can run beneath it
    ax.legend(
        loc="lower left",
        bbox_to_anchor=(0, 1.01),
        borderaxespad=0,
        alignment="left",
        title=_test(result),
        title_fontsize=6.5,
    )
    _write_at_risk(result, ax)
    return ax


def _draw_curve(result: SurvivalCurves, ax: Axes, number: int, group: Level) -> None:
    curve, color = result.curves[number], _color(number)
    bends = curve.events > 0
    bends[-1] = True  # the line runs to the end of follow-up
    time = np.concatenate([[0.0], curve.time[bends]])
    survival, low, high = (
        100 * np.concatenate([[1.0], column[bends]]) for column in (curve.survival, curve.low, curve.high)
    )
    if isnan(low[-1]):  # once the curve is at 0 the band ends: until then it is as before
        low[-1], high[-1] = low[-2], high[-2]
    ax.fill_between(time, low, high, step="post", color=color, alpha=0.10, linewidth=0)
    ax.step(
        time,
        survival,
        where="post",
        color=color,
        linestyle=LINE_STYLES[number % len(LINE_STYLES)],
        label=_label(result, group),
    )
    is_censored = curve.censored > 0
    ax.plot(
        curve.time[is_censored],
        100 * curve.survival[is_censored],
        linestyle="none",
        marker="|",
        markersize=4.5,
        markeredgewidth=0.7,
        color=color,
        label="_censored",
    )


def _color(number: int) -> str:
    return PALETTE[(1 + number) % len(PALETTE)]


def _name(result: SurvivalCurves, group: Level) -> str:
    if not result.group:
        return "All patients"
    return literal(group if isinstance(group, str) else f"{column_label(result.group)} {group}")


def _label(result: SurvivalCurves, group: Level) -> str:
    """Name the group and its median, as in a legend."""
    line = result.estimate("median_survival", **result.of_group(group))
    value, low, high = ("NR" if isnan(x) else f"{x:.1f}" for x in (line.value, line.low, line.high))
    limits = "" if low == high == "NR" else f" ({low}–{high})"
    return f"{_name(result, group)}: median {value}{limits} {result.unit}".rstrip()


def _test(result: SurvivalCurves) -> str | None:
    if len(result.groups) < 2:
        return None
    p = result.estimate("log_rank").p_value
    if isnan(p):
        return "Log-rank test not estimable"
    stratified = "Stratified log-rank" if result.method.settings["strata"] else "Log-rank"
    return f"{stratified} p {'< 0.001' if p < 0.001 else f'= {p:.3f}'}"


def _write_at_risk(result: SurvivalCurves, ax: Axes) -> None:
    """Write patients at risk beneath the axis, in line with its ticks."""
    _beneath(ax, 0, "At risk", color="0.25", weight="bold")
    for number, group in enumerate(result.groups):
        line = 1 + 2 * number if result.group else 0
        if result.group:
            _beneath(ax, line, _name(result, group), color=_color(number))
        _write_counts(ax, line + 1, result.at_risk_times, result.at_risk[number])


def _write_counts(ax: Axes, line: int, times: NDArray[np.float64], counts: NDArray[np.intp]) -> None:
    for time, count in zip(times, counts, strict=True):
        _beneath(ax, line, str(count), x=float(time))


def _beneath(
    ax: Axes, line: int, text: str, *, x: float | None = None, color: str = "black", weight: str = "normal"
) -> None:
    """Write one text of the table at risk: at a time, or at the left edge of the axes."""
    ax.annotate(
        text,
        xy=(0 if x is None else x, 0),
        xycoords=ax.get_xaxis_transform(),
        xytext=(-6 if x is None else 0, -BENEATH_AXIS - LINE_POINTS * line),
        textcoords="offset points",
        ha="left" if x is None else "center",
        va="top",
        fontsize=6.5,
        color=color,
        fontweight=weight,
        annotation_clip=False,
    )
