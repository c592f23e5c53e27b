"""Draw best overall responses as one bar a group, with the objective response rate."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from biomarker.analyses.response_levels import ResponseLevels
from biomarker.analyses.response_rate import COMPLETE, PARTIAL, PROGRESSIVE, RATES, STABLE, ResponseRate
from biomarker.figures import describe, draw
from biomarker.figures.response_marks import LevelMarks
from biomarker.figures.theme import literal
from biomarker.figures.words import said
from biomarker.vocabulary import column_label

_PLAIN = {**dict.fromkeys(COMPLETE, "CR"), **dict.fromkeys(PARTIAL, "PR"), **dict.fromkeys(PROGRESSIVE, "PD")} | (
    dict.fromkeys(STABLE, "SD")
)
_BAR, _BENEATH = 0.5, -0.38  # height of a bar, and where the interval of the rate stands under it


@draw.register
def _(result: ResponseRate, ax: Axes) -> Axes:
    """Draw shares of each response side by side from the best, the first group at the top."""
    counts = result.counts()
    counts = counts[counts.sum(axis=1) > 0]
    marks = _marks(counts.index)
    places = np.arange(len(result.groups))[::-1]
    shares = 100 * counts / counts.sum(axis=0)
    left = np.zeros(len(places))
    for code, category in enumerate(counts.index):
        width = shares.loc[category].to_numpy(float)
        ax.barh(
            places, width, left=left, height=_BAR, color=marks[code][0], hatch=marks[code][1], edgecolor="white",
            linewidth=0.6, label=literal(str(category)),
        )  # fmt: skip
        left = left + width
    rates = [result.estimate(RATES[0], group=group) for group in result.groups]
    limits = 100 * np.array([[rate.value, rate.low, rate.high] for rate in rates])
    ax.hlines(places + _BENEATH, limits[:, 1], limits[:, 2], color="black", linewidth=1.0)
    ax.plot(limits[:, 0], places + _BENEATH, "o", color="black", markersize=3.5)
    named = [literal(f"{group}\n(n = {rate.n})") for group, rate in zip(result.groups, rates, strict=True)]
    ax.set_yticks(places, named)
    ax.set(xlim=(0, 100), ylim=(-0.65, len(places) - 0.45), xlabel="Patients (%)")
    if result.by:
        ax.set_ylabel(literal(column_label(result.by)))
    ax.legend(
        loc="lower right", bbox_to_anchor=(1.02, 1.0), ncols=min(6, len(counts)), handlelength=1.3, columnspacing=1.0,
        borderpad=0.2,
    )  # fmt: skip
    return ax


@describe.register
def _(result: ResponseRate) -> str:
    """Say the rates of each group."""
    return f"Stacked bars of best response: {said(result)}"


def _marks(categories: pd.Index) -> list[tuple[str, str]]:
    """Return colour and hatch of each category, those of RECIST for what corresponds to them."""
    plain = [_PLAIN.get(str(category), str(category)) for category in categories]
    if len(set(plain)) < len(plain):  # two words of one rank, such as iUPD and iCPD
        plain = [str(category) for category in categories]
    levels = LevelMarks(
        ResponseLevels(column="response", levels=tuple(plain), codes=np.arange(len(plain), dtype=np.intp))
    )
    return [(levels.colour(code), levels.hatch(code)) for code in range(len(plain))]
