"""Patients at risk, written beneath the axis of a curve in line with its ticks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from biomarker.figures.theme import PALETTE, literal
from biomarker.vocabulary import column_label, level_text

LINE_POINTS = 9.5  # from one line of the table to the next
BENEATH_AXIS = 34  # points from the axis to the table, past tick labels and the axis label


def group_color(number: int) -> str:
    """Return the colour of a group, the same for its curve and its counts."""
    return PALETTE[(1 + number) % len(PALETTE)]


def group_name(column: str, group: object) -> str:
    """Return a group as a legend names it: a text as it is, a number with its column."""
    if not column:
        return "All patients"
    return literal(group if isinstance(group, str) else f"{column_label(column)} {level_text(group)}")


def write_at_risk(
    ax: Axes, column: str, groups: Sequence[object], times: NDArray[np.float64], counts: NDArray[np.intp]
) -> None:
    """Write counts, shape (n_groups, n_times), beneath the axis; without a `column` there is one group, unnamed."""
    _beneath(ax, 0, "At risk", color="0.25", weight="bold")
    for number, group in enumerate(groups):
        line = 1 + 2 * number if column else 0
        if column:
            _beneath(ax, line, group_name(column, group), color=group_color(number))
        for time, count in zip(times, counts[number], strict=True):
            _beneath(ax, line + 1, str(count), x=float(time))


def _beneath(
    ax: Axes, line: int, text: str, *, x: float | None = None, color: str = "black", weight: str = "normal"
) -> None:
    """Write one text: at a time, or at the left edge of the axes."""
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
