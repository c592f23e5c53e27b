"""Draw courses of change over time."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection

from biomarker.analyses.size_courses import SizeCourse
from biomarker.analyses.spider import Spider
from biomarker.figures import describe, draw
from biomarker.figures.response_marks import LevelMarks
from biomarker.figures.theme import literal
from biomarker.figures.waterfall import change_label, reference_lines
from biomarker.figures.words import counted, said
from biomarker.vocabulary import column_label, lower_label

MANY, MOST_TICKS = 40, 8


@draw.register
def _(result: Spider, ax: Axes) -> Axes:
    """Draw one line a course, coloured by response, with the two reference lines."""
    marks = LevelMarks(result.response)
    many = len(result.courses) > MANY
    alpha = min(0.9, max(0.2, MANY / len(result.courses)))  # where lines lie over one another they darken
    by_level: dict[int, list[SizeCourse]] = {}
    for course in result.courses:
        by_level.setdefault(course.level if result.response is not None else 0, []).append(course)
    for code, courses in by_level.items():  # drawn together: a line each would take seconds
        points = [np.column_stack([course.times, course.changes]) for course in courses]
        ax.add_collection(
            LineCollection(
                points, colors=marks.colour(code), linestyles=marks.line_style(code),
                linewidths=0.6 if many else 0.9, alpha=alpha, zorder=2,
            )
        )  # fmt: skip
        ax.plot(
            *np.concatenate(points).T, marks.marker(code), color=marks.colour(code), alpha=alpha,
            markersize=1.8 if many else 2.6,
        )  # fmt: skip
    ax.axhline(0, color="black", linewidth=0.7, zorder=0.5)
    reference_lines(ax, result.decrease, result.increase)
    ax.set(xlabel=literal(column_label(result.time)), ylabel=_change_label(result))
    times = sorted({float(time) for course in result.courses for time in course.times})
    if len(times) <= MOST_TICKS:
        ax.set_xticks(times)
    if result.response is not None:
        ax.legend(
            handles=marks.line_handles(), loc="center left", bbox_to_anchor=(1.13, 0.5), title=marks.title,
            title_fontsize=6.5, borderpad=0.2, handlelength=2.6,
        )  # fmt: skip
    return ax


@describe.register
def _(result: Spider) -> str:
    """Say how many lines there are and the shares past the reference lines."""
    return f"Spider plot of the change over time in {counted(len(result.courses), result.unit)}: {said(result)}"


def _change_label(result: Spider) -> str:
    """Name what changed: a column of changes does itself, a column of sizes loses its unit."""
    what = lower_label(result.measured).partition(" (")[0]
    return change_label(result.measured) if "change" in what else literal(f"Change in {what} from baseline (%)")
