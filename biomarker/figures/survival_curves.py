"""Draw Kaplan-Meier curves with censored patients, and the number at risk beneath."""

from __future__ import annotations

from math import isnan
from textwrap import fill, shorten

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from biomarker.analyses.follow_up import Level
from biomarker.analyses.survival_comparisons import TEST_QUANTITIES
from biomarker.analyses.survival_curves import SurvivalCurves
from biomarker.figures import draw
from biomarker.figures.theme import LINE_STYLES, PALETTE, literal
from biomarker.vocabulary import column_label, outcome_label

MOST_SIGNS = 56  # in one line of a column
LINE_POINTS = 9.5  # from one line of the table at risk to the next
TEST_LABELS = {test: test.title() if test != "log-rank" else "Log-rank" for test in TEST_QUANTITIES}
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
    survival = 100 * np.concatenate([[1.0], curve.survival[bends]])
    if result.shows_limits:
        limits = result.bands[number] if result.bands else (curve.low, curve.high)
        low, high = (100 * np.concatenate([[np.nan if result.bands else 1.0], column[bends]]) for column in limits)
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
    value, low, high = ("NR" if isnan(x) else _short(x) for x in (line.value, line.low, line.high))
    limits = "" if low == high == "NR" else f" ({low}–{high})"
    return fill(f"{_name(result, group)}: median {value}{limits} {result.unit}".rstrip(), MOST_SIGNS)


def _short(time: float) -> str:
    """Print a time with one decimal, or three figures where that would be a row of digits."""
    return f"{time:.1f}" if time < 1e6 else f"{time:.3g}"


def _test(result: SurvivalCurves) -> str | None:
    """Name the first test and its p."""
    if len(result.groups) < 2 or not result.method.settings["tests"]:
        return None
    name = result.method.settings["tests"][0]
    p = result.estimate(TEST_QUANTITIES[name]).p_value
    label = TEST_LABELS[name]
    if isnan(p):
        return f"{label} test not estimable"
    label = f"Stratified {label[0].lower()}{label[1:]}" if result.method.settings["strata"] else label
    return f"{label} p {'< 0.001' if p < 0.001 else f'= {p:.3f}'}"


def _write_at_risk(result: SurvivalCurves, ax: Axes) -> None:
    """Write patients at risk beneath the axis, in line with its ticks; if asked, the censored and the events too."""
    if result.risk_table == "kmunicate":
        _write_kmunicate(result, ax)
        return
    _beneath(ax, 0, "At risk", color="0.25", weight="bold")
    for number, group in enumerate(result.groups):
        line = 1 + 2 * number if result.group else 0
        if result.group:
            _beneath(ax, line, shorten(_name(result, group), MOST_SIGNS, placeholder="…"), color=_color(number))
        _write_counts(ax, line + 1, result.at_risk_times, result.at_risk[number])


def _write_kmunicate(result: SurvivalCurves, ax: Axes) -> None:
    """Write, under the name of each group, patients at risk, censored and with the event so far, each named at left."""
    for number, group in enumerate(result.groups):
        line = 4 * number
        name = shorten(_name(result, group), MOST_SIGNS, placeholder="…")
        _beneath(ax, line, name, color=_color(number), weight="bold")
        rows = (("At risk", result.at_risk), ("Censored", result.censored_by), ("Events", result.events_by))
        for place, (label, counts) in enumerate(rows, start=line + 1):
            _beneath(ax, place, label, beside_axis=True)
            _write_counts(ax, place, result.at_risk_times, counts[number])


def _write_counts(ax: Axes, line: int, times: NDArray[np.float64], counts: NDArray[np.intp]) -> None:
    for time, count in zip(times, counts, strict=True):
        _beneath(ax, line, str(count), x=float(time))


def _beneath(
    ax: Axes,
    line: int,
    text: str,
    *,
    x: float | None = None,
    color: str = "black",
    weight: str = "normal",
    beside_axis: bool = False,
) -> None:
    """Write one text of the table at risk: at a time, at the left edge of the axes, or left of the first count."""
    at_left = x is None and not beside_axis
    ax.annotate(
        text,
        xy=(0 if x is None else x, 0),
        xycoords=ax.get_xaxis_transform(),
        xytext=(-14 if beside_axis else -6 if at_left else 0, -BENEATH_AXIS - LINE_POINTS * line),
        textcoords="offset points",
        ha="right" if beside_axis else "left" if at_left else "center",
        va="top",
        fontsize=6.5,
        color=color,
        fontweight=weight,
        annotation_clip=False,
    )
