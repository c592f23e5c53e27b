"""Draw the readings of several readers about their mean."""

from __future__ import annotations

from math import isnan

from matplotlib.axes import Axes

from biomarker.analyses.limits_with_mean import LimitsOfAgreementWithMean
from biomarker.figures import describe, draw
from biomarker.figures.agreement_axes import MINUS, beside, plain_ratio_ticks
from biomarker.figures.log_axis import log_axis
from biomarker.figures.theme import MARKERS, PALETTE, literal
from biomarker.figures.words import marker_name, said
from biomarker.vocabulary import column_label, marker_unit

LIMIT = PALETTE[2]
READERS = (PALETTE[1], PALETTE[3], PALETTE[4], PALETTE[0], PALETTE[5], PALETTE[6])


@draw.register
def _(result: LimitsOfAgreementWithMean, ax: Axes) -> Axes:
    """Draw each reading's distance from the mean of all readers against that mean, with limits and their bands."""
    many = len(result.means) > 40
    for place, (name, column) in enumerate(zip(result.readers, result.deviations.T, strict=True)):
        ax.plot(
            result.means,
            column,
            MARKERS[place % len(MARKERS)],
            color=READERS[place % len(READERS)],
            markersize=2.5 if many else 3.5,
            markerfacecolor="none",
            markeredgewidth=0.6,
            label=literal(name),
        )
    is_ratio = result.scale == "ratio"
    ax.axhline(1 if is_ratio else 0, color=PALETTE[0], linewidth=1)
    limit = result.estimate("loa_mean")
    if not isnan(limit.value):
        for is_upper in (False, True):
            height, low, high = (
                _mirrored(number, is_upper, is_ratio) for number in (limit.value, limit.low, limit.high)
            )
            ax.axhline(height, color=LIMIT, linestyle="--", linewidth=1)
            ax.axhspan(min(low, high), max(low, high), color=LIMIT, alpha=0.12, linewidth=0)
            beside(ax, height, height, LIMIT, digits=1 if result.scale == "percent" else 2)
    if is_ratio:
        ax.set_yscale("log")
        plain_ratio_ticks(ax)
    if result.scale != "difference" and result.means.max() > 10 * result.means.min():
        log_axis(ax, "x")
    _label(result, ax)
    return ax


@describe.register
def _(result: LimitsOfAgreementWithMean) -> str:
    """Say the limits and each reader's deviation."""
    found = said(result, "loa_mean", "reader_deviation")
    return f"Distance of each reader from the mean of {len(result.readers)}, {marker_name(result.value)}: {found}"


def _mirrored(number: float, is_upper: bool, is_ratio: bool) -> float:
    if is_upper:
        return number
    return 1 / number if is_ratio else -number


def _label(result: LimitsOfAgreementWithMean, ax: Axes) -> None:
    marker, unit = literal(column_label(result.value)), marker_unit(result.value)
    in_unit = f" ({unit})" * bool(unit)
    mean = "Geometric mean" if result.scale == "ratio" else "Mean"
    ax.set_xlabel(f"{mean} of {len(result.readers)} readers, {marker}{in_unit}")
    ax.set_ylabel(
        {
            "difference": f"{marker}, reader {MINUS} mean{in_unit}",
            "percent": f"{marker}, reader {MINUS} mean (% of mean)",
            "ratio": f"{marker}, reader / mean",
        }[result.scale]
    )
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=min(len(result.readers), 4), title="Reader")
