"""How values of uptake are marked: one colour and shape a patient, points side by side, a readable log axis."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axis import Axis
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter
from numpy.typing import NDArray

from biomarker.figures.printed import short
from biomarker.figures.theme import MARKERS, PALETTE

_COLORS = PALETTE[1:7]
MOST_MARKED = len(_COLORS) * len(MARKERS)


def patient_marks(patients: NDArray[np.intp], *, named: bool) -> dict[int, dict[str, Any]]:
    """Return the look of each patient's points: its own colour and shape as long as there are enough of them.

    Colours and shapes run at different lengths (6 and 7), so 42 patients are told apart, also in grey by their shape.
    """
    codes = [int(code) for code in np.unique(patients)]
    if not named or len(codes) > MOST_MARKED:
        plain = {"marker": "o", "color": PALETTE[1], "alpha": 0.55, "markersize": 3.2, "markeredgewidth": 0}
        return dict.fromkeys(codes, plain)
    return {
        code: {
            "marker": MARKERS[number % len(MARKERS)],
            "color": _COLORS[number % len(_COLORS)],
            "alpha": 0.85,
            "markersize": 3.8,
            "markeredgewidth": 0.3,
            "markeredgecolor": "white",
        }
        for number, code in enumerate(codes)
    }


def spread_sideways(values: NDArray[np.float64], *, width: float = 0.5, bins: int = 24) -> NDArray[np.float64]:
    """Return offsets that set values of nearly the same height side by side about the middle; no random jitter."""
    span = np.ptp(values) if values.size else 0.0
    level = np.zeros(values.size, int) if span == 0 else np.floor((values - values.min()) / span * bins).astype(int)
    offsets = np.zeros(values.size)
    counts = {each: int(np.sum(level == each)) for each in np.unique(level)}
    step = min(0.15, width / max(1, max(counts.values(), default=1) - 1))
    for each, count in counts.items():
        rows = np.flatnonzero(level == each)
        offsets[rows[np.argsort(values[rows], kind="stable")]] = (np.arange(count) - (count - 1) / 2) * step
    return offsets


def log_uptake_axis(axis: Axis) -> None:
    """Make an axis logarithmic with ticks at 1, 2 and 5 of each decade, printed as plain numbers."""
    axes = axis.axes
    (axes.set_yscale if axis is axes.yaxis else axes.set_xscale)("log")
    axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axis.set_major_formatter(FuncFormatter(lambda value, _: short(value)))
    axis.set_minor_formatter(NullFormatter())


def patient_lanes(
    values: NDArray[np.float64], patients: NDArray[np.intp], *, width: float = 0.62
) -> NDArray[np.float64]:
    """Return offsets that give each patient a line of its own, from the lowest median on the left to the highest."""
    codes = np.unique(patients)
    medians = [float(np.median(values[patients == code])) for code in codes]
    order = np.argsort(medians, kind="stable")
    lane = np.empty(codes.size)
    lane[order] = (np.arange(codes.size) - (codes.size - 1) / 2) * min(0.12, width / max(1, codes.size - 1))
    return lane[np.searchsorted(codes, patients)]
