"""Draw Kaplan-Meier curves with censored patients, and the number at risk beneath."""

from __future__ import annotations

from math import isnan
from textwrap import fill

import numpy as np
from matplotlib.axes import Axes

from biomarker.analyses.follow_up import Level
from biomarker.analyses.survival_comparisons import TEST_QUANTITIES
from biomarker.analyses.survival_curves import SurvivalCurves
from biomarker.figures import describe, draw
from biomarker.figures.at_risk import group_color, group_name, write_at_risk, write_kmunicate
from biomarker.figures.printed import p_phrase, rounded, short
from biomarker.figures.theme import LINE_STYLES, house_style
from biomarker.figures.words import said
from biomarker.vocabulary import outcome_label

MOST_SIGNS = 56  # in one line of a column
TEST_LABELS = {test: test.title() if test != "log-rank" else "Log-rank" for test in TEST_QUANTITIES}


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
    _write_counts(result, ax)
    return ax


@describe.register
def _(result: SurvivalCurves) -> str:
    """Say the median and the survival of each group, and the test."""
    asked = ("median_survival", *TEST_QUANTITIES.values(), "survival")
    return f"Kaplan-Meier curves of {outcome_label(result.duration).lower()}: {said(result, *asked)}"


def _draw_curve(result: SurvivalCurves, ax: Axes, number: int, group: Level) -> None:
    curve, color = result.curves[number], group_color(number)
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


def _label(result: SurvivalCurves, group: Level) -> str:
    """Name the group and its median, as in a legend."""
    line = result.estimate("median_survival", **result.of_group(group))
    value, low, high = ("NR" if isnan(x) else _short(x) for x in (line.value, line.low, line.high))
    between = " to " if house_style().range_mark == "to" else house_style().range_mark
    limits = "" if low == high == "NR" else f" ({low}{between}{high})"
    return fill(f"{group_name(result.group, group)}: median {value}{limits} {result.unit}".rstrip(), MOST_SIGNS)


def _short(time: float) -> str:
    """Print a time with one decimal, or three figures where that would be a row of digits."""
    return rounded(time, 1) if time < 1e6 else short(time)


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
    return f"{label} {p_phrase(p)}"


def _write_counts(result: SurvivalCurves, ax: Axes) -> None:
    """Write patients at risk beneath the axis, in line with its ticks; if asked, the censored and the events too."""
    if result.risk_table != "kmunicate":
        write_at_risk(ax, result.group, result.groups, result.at_risk_times, result.at_risk)
        return
    rows = (("At risk", result.at_risk), ("Censored", result.censored_by), ("Events", result.events_by))
    write_kmunicate(ax, result.group, result.groups, result.at_risk_times, rows)
