"""Draw courses of change over time."""

from __future__ import annotations

from matplotlib.axes import Axes

from biomarker.analyses.spider import Spider
from biomarker.figures import draw
from biomarker.figures.response_marks import LevelMarks
from biomarker.figures.theme import literal
from biomarker.figures.waterfall import change_label, reference_lines
from biomarker.vocabulary import column_label, lower_label

MANY, MOST_TICKS = 40, 8


@draw.register
def _(result: Spider, ax: Axes) -> Axes:
    """Draw one line a course, coloured by response, with the two reference lines."""
    marks = LevelMarks(result.response)
    many = len(result.courses) > MANY
    alpha = min(0.9, max(0.2, MANY / len(result.courses)))  # where lines lie over one another they darken
    for course in result.courses:
        code = course.level if result.response is not None else 0
        ax.plot(
            course.times, course.changes, color=marks.colour(code), linestyle=marks.line_style(code),
            marker=marks.marker(code), markersize=1.8 if many else 2.6, linewidth=0.6 if many else 0.9,
            alpha=alpha,
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


def _change_label(result: Spider) -> str:
    """Name what changed: a column of changes does itself, a column of sizes loses its unit."""
    what = lower_label(result.measured).partition(" (")[0]
    return change_label(result.measured) if "change" in what else literal(f"Change in {what} from baseline (%)")
