"""Draw intraclass correlations: the readings for one form, a forest for several, and features in order."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator

from biomarker.analyses.intraclass_correlation import IntraclassCorrelation
from biomarker.figures import View, describe, draw, further
from biomarker.figures.log_axis import log_axis
from biomarker.figures.printed import rounded
from biomarker.figures.theme import MARKERS, PALETTE, literal
from biomarker.figures.words import called, marker_name, said, told
from biomarker.vocabulary import column_label, marker_unit


@draw.register
def _(result: IntraclassCorrelation, ax: Axes) -> Axes:
    """Draw every item's readings where one form was asked for, else one interval a form, or one a feature."""
    if len(result.features) > 1:
        return _features(result, ax)
    if not result.forms:
        return _shares(result, ax)
    return _readings(result, ax) if len(result.forms) == 1 else _forest(result, ax)


@describe.register
def _(result: IntraclassCorrelation) -> str:
    """Say each coefficient."""
    return f"Agreement of readings of {marker_name(result.value)}: {said(result, 'icc')}"


@further.register
def _(result: IntraclassCorrelation) -> tuple[View, ...]:
    """Give the readings themselves as a heat map, where there is one value an item and reader."""
    if len(result.features) > 1 or result.values.ndim != 2 or min(result.values.shape) < 2:
        return ()
    return (
        View(
            name="readings",
            draw=_draw_heat_map,
            describe=_describe_heat_map,
            caption=(
                f"Every reading of {column_label(result.value)} against the mean of its {result.item_word}: readers in "
                f"rows, {result.item_word}s in columns from the lowest mean to the highest; orange, above the mean; "
                "purple, below; white with a cross, not read."
            ),
            figure_size=(3.46, 1.5 + 0.24 * result.values.shape[1]),
        ),
    )


def _draw_heat_map(result: IntraclassCorrelation, ax: Axes) -> None:
    """Draw a cell a reading, its shade the distance from the mean of the item's readings, with a scale beneath."""
    shown, unit = result.deviations.values, _unit_of_deviations(result)
    most = float(np.nanquantile(np.abs(shown), 0.99)) or 1.0
    image = ax.imshow(
        np.ma.masked_invalid(shown), cmap="PuOr_r", vmin=-most, vmax=most, aspect="auto", interpolation="nearest"
    )
    rows, columns = np.nonzero(np.isnan(shown))
    ax.plot(columns, rows, "x", color="0.4", markersize=2.5, markeredgewidth=0.5)
    ax.set_yticks(range(len(result.readers)), [literal(str(reader)) for reader in result.readers])
    ax.tick_params(axis="y", length=0)
    ax.spines[:].set_visible(False)
    ax.set_xlabel(f"{result.item_word.capitalize()}, in order of mean reading")
    figure = ax.get_figure(root=True)
    if figure is not None:
        bar = figure.colorbar(image, ax=ax, orientation="horizontal", aspect=40, fraction=0.08, extend="both")
        bar.outline.set_linewidth(0.4)
        bar.set_label(
            f"Reading against the mean of its {result.item_word} ({unit})" if unit else "Reading against mean"
        )


def _describe_heat_map(result: IntraclassCorrelation) -> str:
    """Say how far readings lie from the mean of their item, reader by reader."""
    found, unit = result.deviations, _unit_of_deviations(result)
    told_of = [
        f"{called(reader)} {rounded(float(median), 1)} {unit} from the mean at the median"
        for reader, median in zip(result.readers, found.medians, strict=True)
    ]
    cells = f"{found.values.shape[1]:,} {result.item_word}s by {found.values.shape[0]} readers"
    return f"Heat map of {cells}. {told(told_of, noun='readers')}"


def _unit_of_deviations(result: IntraclassCorrelation) -> str:
    return "%" if result.deviations.is_percent else marker_unit(result.value)


def _features(result: IntraclassCorrelation, ax: Axes) -> Axes:
    """Draw one interval a feature, in order of its ICC; of several forms, the first."""
    named = [
        line for line in result.estimates
        if line.quantity == "icc" and line.of["form"] == result.forms[0] and not np.isnan(line.value)
    ]  # fmt: skip
    named.sort(key=lambda line: line.value)
    places = np.arange(1, len(named) + 1)
    ax.vlines(
        places, [max(line.low, -1) for line in named], [line.high for line in named], color="0.7",
        linewidth=0.8 if len(named) <= 200 else 0.3,
    )  # fmt: skip
    ax.plot(
        places, [line.value for line in named], linestyle="none", marker="o", color=PALETTE[1],
        markersize=3 if len(named) <= 60 else 1.2,
    )  # fmt: skip
    if len(named) <= 12:
        labels = [literal(column_label(str(line.of["feature"]))) for line in named]
        ax.set_xticks(places, labels, rotation=45, ha="right")
    else:
        ax.set_xlabel("Feature, in order of its ICC")
    ax.set_ylabel(f"{result.forms[0]} ({100 * result.method.confidence_level:g}% CI)")
    ax.set_ylim(top=1.02)
    return ax


def _shares(result: IntraclassCorrelation, ax: Axes) -> Axes:
    """Draw where the variance lies, largest first, on a log axis: what readers add is often below one percent."""
    lines = [line for line in result.estimates if line.quantity == "variance_share" and line.value > 0]
    lines.sort(key=lambda line: line.value)
    names = [str(line.of["component"]).capitalize() for line in lines]
    shares = [100 * line.value for line in lines]
    ax.hlines(names, min([*shares, 1.0]) / 2, shares, color="0.7", linewidth=1.0)
    ax.plot(shares, names, "o", color=PALETTE[1])
    log_axis(ax, "x")
    ax.xaxis.set_major_locator(LogLocator(base=10, numticks=8))  # shares span too many decades for 1, 2 and 5
    ax.set_xlabel(literal(f"Share of the variance of {column_label(result.value)} (%)"))
    return ax


def _readings(result: IntraclassCorrelation, ax: Axes) -> Axes:
    readings = result.values[np.argsort(np.nanmean(result.values, axis=1), kind="stable")]
    places = np.arange(1, len(readings) + 1)
    size = 3.5 if len(readings) <= 60 else 2.0
    ax.vlines(places, np.nanmin(readings, axis=1), np.nanmax(readings, axis=1), color="0.6", linewidth=0.6, zorder=1)
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
    if np.nanmin(readings) > 0 and np.nanmax(readings) > 10 * np.nanmin(readings):
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
    ax.set_xlabel(f"Intraclass correlation ({100 * result.method.confidence_level:g}% CI)")
    return ax
