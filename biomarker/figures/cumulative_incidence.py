"""Draw cumulative incidence curves, a line style a cause and a colour a group, with patients at risk beneath."""

from __future__ import annotations

from math import isnan
from textwrap import wrap

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from biomarker.analyses.cumulative_incidence import CumulativeIncidenceResult
from biomarker.figures import describe, draw
from biomarker.figures.at_risk import group_color, group_name, write_at_risk
from biomarker.figures.printed import p_phrase
from biomarker.figures.theme import LINE_STYLES, literal
from biomarker.figures.words import called, said

_WIDTH = 62  # letters of the title of the legend
_TIED = "\N{NO-BREAK SPACE}"  # a p-value stays with its cause


@draw.register
def _(result: CumulativeIncidenceResult, ax: Axes) -> Axes:
    """Draw one stepped line a cause and group, light bands where there is room, and the table at risk."""
    for place, group in enumerate(result.groups):
        for number, cause in enumerate(result.causes):
            name = f"{group_name(result.group, group)}: {literal(cause)}" if result.group else literal(cause)
            _draw_curve(result, ax, place, number, name, banded=result.has_bands)
    longest = max(float(curve.time[-1]) for curve in result.curves) or 1.0
    ax.set(xlim=(0, 1.03 * longest), ylim=(0, 103))
    ax.set_xticks(result.at_risk_times)
    ax.set_yticks(np.arange(0, 101, 20))
    since = "Time from the landmark" if result.landmark is not None else "Time"
    ax.set_xlabel(f"{since} ({result.unit})" if result.unit else since)
    ax.set_ylabel("Cumulative incidence (%)")
    is_long = bool(result.group) and not result.has_bands
    ax.legend(
        **({"handles": _apart(result), "ncols": 2} if is_long else {}),
        loc="lower left",
        bbox_to_anchor=(0, 1.01),
        borderaxespad=0,
        alignment="left",
        title=_tests(result),
        title_fontsize=6.5,
    )
    write_at_risk(ax, result.group, result.groups, result.at_risk_times, result.at_risk)
    return ax


@describe.register
def _(result: CumulativeIncidenceResult) -> str:
    """Say the incidence of each cause and the tests."""
    found = said(result, "cumulative_incidence", "gray_test")
    return f"Cumulative incidence of {', '.join(called(cause) for cause in result.causes)}: {found}"


def _draw_curve(
    result: CumulativeIncidenceResult, ax: Axes, place: int, number: int, name: str, *, banded: bool
) -> None:
    curve, color = result.curves[place], group_color(place if result.group else number)
    bends = curve.events[:, number] > 0
    bends[-1] = True  # the line runs to the end of follow-up
    time = np.concatenate([[0.0], curve.time[bends]])
    incidence, low, high = (
        100 * np.concatenate([[start], column[bends, number]])
        for start, column in ((0.0, curve.incidence), (np.nan, curve.low), (np.nan, curve.high))
    )
    if banded:
        ax.fill_between(time, low, high, step="post", color=color, alpha=0.10, linewidth=0)
    ax.step(time, incidence, where="post", color=color, linestyle=LINE_STYLES[number % len(LINE_STYLES)], label=name)


def _apart(result: CumulativeIncidenceResult) -> list[Line2D]:
    """Return a line a group and a line a cause, instead of one for each of many pairs."""
    groups = [
        Line2D([], [], color=group_color(place), label=group_name(result.group, group))
        for place, group in enumerate(result.groups)
    ]
    causes = [Line2D([], [], color="0.3", label=literal(cause)) for cause in result.causes]
    for number, line in enumerate(causes):
        line.set(linestyle=LINE_STYLES[number % len(LINE_STYLES)])
    return groups + causes


def _tests(result: CumulativeIncidenceResult) -> str | None:
    lines = [line for line in result.estimates if line.quantity == "gray_test" and not isnan(line.p_value)]
    told = [f"{literal(str(line.of['cause']))} {p_phrase(line.p_value)}" for line in lines]
    kept = [text.replace(" ", _TIED) for text in told]
    return "\n".join(wrap(f"Gray's test: {', '.join(kept)}", _WIDTH)).replace(_TIED, " ") if told else None
