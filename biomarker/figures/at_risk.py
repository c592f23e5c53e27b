"""Counts of patients beneath the axis of a curve, in line with its ticks: at risk, or with censored and events too."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import shorten

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from biomarker.figures.theme import PALETTE, literal
from biomarker.vocabulary import column_label, level_text

LINE_POINTS = 9.5  # from one line of the table to the next
BENEATH_AXIS = 34  # points from the axis to the table, past tick labels and the axis label
MOST_SIGNS = 48  # of a name beneath the axis

Counts = NDArray[np.intp]


def group_color(number: int) -> str:
    """Return the colour of a group, the same for its curve and its counts."""
    return PALETTE[(1 + number) % len(PALETTE)]


def group_name(column: str, group: object) -> str:
    """Return a group as a legend names it: a text as it is, a number with its column."""
    if not column:
        return "All patients"
    return literal(group if isinstance(group, str) else f"{column_label(column)} {level_text(group)}")


def write_at_risk(ax: Axes, column: str, groups: Sequence[object], times: NDArray[np.float64], counts: Counts) -> None:
    """Write counts, shape (n_groups, n_times), beneath the axis; without a `column` there is one group, unnamed."""
    _beneath(ax, 0, "At risk", color="0.25", weight="bold")
    for number, group in enumerate(groups):
        line = 1 + 2 * number if column else 0
        if column:
            _beneath(ax, line, _short_name(column, group), color=group_color(number))
        _write_counts(ax, line + 1, times, counts[number])


def write_kmunicate(
    ax: Axes, column: str, groups: Sequence[object], times: NDArray[np.float64], rows: Sequence[tuple[str, Counts]]
) -> None:
    """Write, under the name of each group, a line of counts for each of `rows`: a label, and (n_groups, n_times)."""
    for number, group in enumerate(groups):
        line = (1 + len(rows)) * number
        _beneath(ax, line, _short_name(column, group), color=group_color(number), weight="bold")
        for place, (label, counts) in enumerate(rows, start=line + 1):
            _beneath(ax, place, label, beside_axis=True)
            _write_counts(ax, place, times, counts[number])


def _short_name(column: str, group: object) -> str:
    return shorten(group_name(column, group), MOST_SIGNS, placeholder="…")


def _write_counts(ax: Axes, line: int, times: NDArray[np.float64], counts: Counts) -> None:
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
    """Write one text: at a time, at the left edge of the axes, or left of the first count."""
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
