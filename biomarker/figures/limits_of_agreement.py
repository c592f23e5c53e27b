"""Draw a Bland-Altman plot."""

from __future__ import annotations

from math import isnan

from matplotlib.axes import Axes

from biomarker.analyses.limits_of_agreement import LimitsOfAgreement
from biomarker.figures import describe, draw
from biomarker.figures.agreement_axes import MINUS, beside, plain_ratio_ticks
from biomarker.figures.log_axis import log_axis
from biomarker.figures.theme import PALETTE, literal
from biomarker.figures.words import counted, marker_name, said
from biomarker.vocabulary import column_label, marker_unit

LINES = (("bias", "-", PALETTE[0]), ("loa_low", "--", PALETTE[2]), ("loa_high", "--", PALETTE[2]))


@draw.register
def _(result: LimitsOfAgreement, ax: Axes) -> Axes:
    """Draw each difference against its mean, with bias, limits (level, or by regression) and intervals as bands."""
    many = len(result.means) > 60
    ax.plot(
        result.means,
        result.differences,
        "o",
        color=PALETTE[1],
        markersize=2.5 if many else 3.5,
        markerfacecolor="none",
        markeredgewidth=0.6,
    )
    ax.axhline(1 if result.scale == "ratio" else 0, color="0.7", linewidth=0.6, zorder=0)
    _level_lines(result, ax)
    _sloping_lines(result, ax)
    if result.scale == "ratio":
        ax.set_yscale("log")
        plain_ratio_ticks(ax)
    if result.scale != "difference" and result.means.max() > 10 * result.means.min():
        log_axis(ax, "x")
    _label(result, ax)
    return ax


@describe.register
def _(result: LimitsOfAgreement) -> str:
    """Say the bias and the limits."""
    found = said(result, "bias", "loa_low", "loa_high")
    return f"Bland-Altman plot of {counted(len(result.means), result.item_word)}, {marker_name(result.value)}: {found}"


def _level_lines(result: LimitsOfAgreement, ax: Axes) -> None:
    if result.regression is not None:
        return
    for quantity, style, color in LINES:
        line = result.estimate(quantity)
        if isnan(line.value):
            continue
        ax.axhline(line.value, color=color, linestyle=style, linewidth=1)
        if not isnan(line.low):
            ax.axhspan(line.low, line.high, color=color, alpha=0.12, linewidth=0)
        beside(ax, line.value, line.value, color, digits=1 if result.scale == "percent" else 2)


def _sloping_lines(result: LimitsOfAgreement, ax: Axes) -> None:
    limits = result.regression
    if limits is None:
        return
    for (_, style, color), height, (low, high) in zip(
        LINES,
        (limits.bias, limits.lower, limits.upper),
        (limits.bias_interval, limits.lower_interval, limits.upper_interval),
        strict=True,
    ):
        ax.plot(limits.at, height, color=color, linestyle=style, linewidth=1)
        ax.fill_between(limits.at, low, high, color=color, alpha=0.12, linewidth=0)


def _label(result: LimitsOfAgreement, ax: Axes) -> None:
    first, second = (literal(name) for name in result.readers)
    marker, unit = literal(column_label(result.value)), marker_unit(result.value)
    in_unit = f" ({unit})" * bool(unit)
    mean = "Geometric mean" if result.scale == "ratio" else "Mean"
    ax.set_xlabel(f"{mean} of the two readings, {marker}{in_unit}")
    ax.set_ylabel(
        {
            "difference": f"{marker}, {first} {MINUS} {second}{in_unit}",
            "percent": f"{marker}, {first} {MINUS} {second} (% of mean)",
            "ratio": f"{marker}, {first} / {second}",
        }[result.scale]
    )
