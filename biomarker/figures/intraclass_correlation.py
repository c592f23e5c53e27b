"""Draw intraclass correlations: the readings for one form, a forest for several."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from biomarker.analyses.intraclass_correlation import IntraclassCorrelation
from biomarker.figures import draw
from biomarker.figures.log_axis import log_axis
from biomarker.figures.theme import MARKERS, PALETTE, literal
from biomarker.vocabulary import column_label, marker_unit


@draw.register
def _(result: IntraclassCorrelation, ax: Axes) -> Axes:
    """Draw every item's readings where one form was asked for, else one interval a form."""
    return _readings(result, ax) if len(result.forms) == 1 else _forest(result, ax)


def _readings(result: IntraclassCorrelation, ax: Axes) -> Axes:
    readings = result.values[np.argsort(result.values.mean(axis=1), kind="stable")]
    places = np.arange(1, len(readings) + 1)
    size = 3.5 if len(readings) <= 60 else 2.0
    ax.vlines(places, readings.min(axis=1), readings.max(axis=1), color="0.6", linewidth=0.6, zorder=1)
    for j, reader in enumerate(result.readers):
        ax.plot(
            places,
            readings[:, j],
            linestyle="none",
            marker=MARKERS[j % len(MARKERS)],
            color=PALETTE[1 + j % (len(PALETTE) - 1)],
            markersize=size,
            markerfacecolor="none",
            markeredgewidth=0.6,
            label=literal(f"Reader {reader}"),
        )
    # Uptake is skewed: on a linear axis most lesions would share the lowest tenth of the figure.
    if readings.min() > 0 and readings.max() > 10 * readings.min():
        log_axis(ax, "y")
    unit = marker_unit(result.value)
    ax.set_ylabel(literal(column_label(result.value) + f" ({unit})" * bool(unit)))
    ax.set_xlabel(f"{result.item_word.capitalize()}, in order of mean reading")
    ax.legend(loc="upper left")
    return ax


def _forest(result: IntraclassCorrelation, ax: Axes) -> Axes:
    forms = result.forms
    rows = {form: place for place, form in enumerate(reversed(forms))}
    named = [line for line in result.estimates if line.quantity in ("icc", "icc_naive") and not np.isnan(line.value)]
    for line in named:
        is_naive = line.quantity == "icc_naive"
        place = rows[line.of["form"]] - 0.25 * is_naive
        color = "0.5" if is_naive else PALETTE[1]
        if not np.isnan(line.low):
            ax.hlines(place, max(line.low, -1), line.high, color=color, linewidth=0.8 if is_naive else 1.4)
        ax.plot(line.value, place, "o", color=color, markerfacecolor="white" if is_naive else color)
    ax.set_yticks(list(rows.values()), list(rows))
    reach = [end for line in named for end in (max(line.low, -1), line.value) if not np.isnan(end)]
    # Down to the tenth below the lowest limit: from 0 on, intervals of good readers would shrink to points.
    lowest = min([0.8, *(float(np.floor(10 * end) / 10) for end in reach)])
    ax.set(xlim=(lowest, 1 + (1 - lowest) / 50), ylim=(-0.6, len(forms) - 0.4))
    ax.set_xlabel(f"Intraclass correlation ({result.method.confidence_level:.0%} CI)")
    return ax
