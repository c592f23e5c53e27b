"""Draw a forest of treatment effects, the effect along the marker, and predicted outcome under each treatment."""

from __future__ import annotations

import textwrap
from math import isnan

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator
from numpy.typing import NDArray

from biomarker.analyses.result import Estimate
from biomarker.analyses.treatment_interaction import TreatmentInteraction
from biomarker.figures import View, describe, draw, further
from biomarker.figures.log_axis import log_axis
from biomarker.figures.printed import short
from biomarker.figures.theme import LINE_STYLES, PALETTE, USUAL_SIZE, literal, panels
from biomarker.figures.words import marker_name, said
from biomarker.vocabulary import column_label, level_text, lower_label, marker_unit

_EFFECTS = {"hazard_ratio": "Hazard ratio", "odds_ratio": "Odds ratio", "mean_difference": "Difference in means"}
_WIDEST = 100.0  # limits farther from no effect than this factor are cut, with an arrow
_MANY_TICKS = 300.0  # a span of ratios beyond which only decades have room
_LABEL_WIDTH = 30
_BESIDE = 0.06  # of the distance between two classes, by which the arms stand apart


@draw.register
def _(result: TreatmentInteraction, ax: Axes) -> Axes:
    """Draw three panels; without windows, two."""
    left, right = panels(ax, 2, ratios=(1.15, 1))
    _forest(result, left)
    if result.moving is None:
        _curves(result, right)
    else:
        upper, lower = panels(right, 2, stacked=True, growth=0.0)
        _moving(result, upper)
        _curves(result, lower)
    return ax


@describe.register
def _(result: TreatmentInteraction) -> str:
    """Say the effect of treatment by level of the marker, and the interaction."""
    of_treatment = f"treatment_{result.scale}"
    return (
        f"Forest plot, moving effect and predicted outcome: {said(result, f'interaction_{result.scale}', of_treatment)}"
    )


def _forest(result: TreatmentInteraction, ax: Axes) -> None:
    lines = [line for line in result.estimates if line.quantity == f"treatment_{result.scale}"]
    lines.sort(key=lambda line: (line.of.get("subgroup") != "all patients", "marker" not in line.of))
    if result.is_ratio:
        log_axis(ax, "x")
    labels, places = [], []
    place = 0.0
    before = ""
    for line in lines:
        kind = str(line.of.get("subgroup", "marker"))
        place -= 1.0 if kind == before else 1.5
        before = kind
        labels.append(_label(result, line))
        places.append(place)
        color = PALETTE[2] if kind == "all patients" else PALETTE[1] if kind == "marker" else PALETTE[0]
        _interval(ax, line, place, color, is_ratio=result.is_ratio)
    ax.axvline(1.0 if result.is_ratio else 0.0, color="0.55", linestyle=":", linewidth=0.8)
    ax.set_yticks(places, labels)
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(places[-1] - 0.8, places[0] + 0.8)
    low, high = ax.get_xlim()
    if result.is_ratio and high / low > _MANY_TICKS:
        ax.xaxis.set_major_locator(LogLocator(base=10))
    control, treated = (literal(str(arm)) for arm in result.arms)
    ax.set_xlabel(f"{_EFFECTS[result.scale]}, {treated} v {control}")


def _interval(ax: Axes, line: Estimate, place: float, color: str, *, is_ratio: bool) -> None:
    if isnan(line.value):
        return
    low, high = line.low, line.high
    if is_ratio:
        low, high = max(low, 1 / _WIDEST), min(high, _WIDEST)
    ax.plot([low, high], [place, place], "-", color=color, linewidth=1.1)
    for limit, end, marker in ((line.low, low, "<"), (line.high, high, ">")):
        if limit != end:
            ax.plot([end], [place], marker, color=color, markersize=3.5)
    if not is_ratio or 1 / _WIDEST <= line.value <= _WIDEST:
        ax.plot([line.value], [place], "s", color=color)


def _label(result: TreatmentInteraction, line: Estimate) -> str:
    if line.of.get("subgroup") == "all patients":
        return "All patients"
    if "marker" in line.of:
        value = line.of["marker"]
        if isinstance(value, str):
            text = f"{column_label(result.marker)} {value}"
        else:
            text = f"At {lower_label(result.marker)} {short(value)}"
    else:
        text = f"{column_label(str(line.of['subgroup']))} {level_text(line.of['level'])} (n\u00a0=\u00a0{line.n})"
    return "\n".join(literal(part) for part in textwrap.wrap(text, _LABEL_WIDTH))


@further.register
def _(result: TreatmentInteraction) -> tuple[View, ...]:
    """Give the effect in moving windows by itself (STEPP), and predicted outcome by treatment."""
    level = f"{100 * result.method.confidence_level:g}%"
    curves = View(
        name="benefit",
        draw=_curves,
        describe=lambda shown: f"Predicted outcome under each treatment by {marker_name(shown.marker)}: {said(shown)}",
        caption=(
            f"Predicted outcome under each treatment by {column_label(result.marker)}, with pointwise {level} limits; "
            "where the curves cross, the better treatment changes."
        ),
        figure_size=USUAL_SIZE,
    )
    if result.moving is None:
        return (curves,)
    stepp = View(
        name="stepp",
        draw=_moving,
        describe=_describe_moving,
        caption=(
            f"Effect of treatment in overlapping windows of {result.moving.size} patients along "
            f"{column_label(result.marker)} (STEPP), with pointwise (dark) and simultaneous (light) {level} bands; "
            "dotted, no effect."
        ),
        figure_size=USUAL_SIZE,
    )
    return (stepp, curves)


def _describe_moving(result: TreatmentInteraction) -> str:
    """Say the effect in the first window and in the last."""
    found = result.moving
    if found is None:
        return "No windows."
    shown = np.exp if result.is_ratio else np.asarray
    ends = [
        f"{short(float(shown(found.effect[at])))} ({short(float(shown(found.low[at])))} to "
        f"{short(float(shown(found.high[at])))}) at {short(float(found.centres[at]))}"
        for at in (0, -1)
    ]
    windows = f"{len(found.centres)} windows of {marker_name(result.marker)}"
    return f"{_EFFECTS[result.scale]} in {windows}: {ends[0]}, {ends[1]}"


def _moving(result: TreatmentInteraction, ax: Axes) -> None:
    found = result.moving
    if found is None:
        return
    shown = np.exp if result.is_ratio else np.asarray
    if result.is_ratio:
        log_axis(ax, "y")
    ax.fill_between(
        found.centres, shown(found.band_low), shown(found.band_high), color=PALETTE[1], alpha=0.10, linewidth=0
    )
    ax.fill_between(found.centres, shown(found.low), shown(found.high), color=PALETTE[1], alpha=0.20, linewidth=0)
    ax.plot(found.centres, shown(found.effect), "o-", color=PALETTE[1], markersize=3)
    ax.axhline(1.0 if result.is_ratio else 0.0, color="0.55", linestyle=":", linewidth=0.8)
    if result.is_ratio:
        inside = shown(np.concatenate([found.low, found.high]))
        inside = inside[np.isfinite(inside)]
        ax.set_ylim(max(inside.min() / 1.5, 1 / _WIDEST), min(inside.max() * 1.5, _WIDEST))
    ax.set_xlabel(f"{literal(column_label(result.marker))},\nmedian of windows of {found.size}")
    ax.set_ylabel(_EFFECTS[result.scale])


def _curves(result: TreatmentInteraction, ax: Axes) -> None:
    control, treated = result.arms
    pairs = ((control, result.curves.untreated), (treated, result.curves.treated))
    classes = _classes(result)
    for number, (arm, values) in enumerate(pairs):
        y: NDArray[np.float64] = _as_shown(result, values)
        if classes:
            low, high = np.minimum(y[:, 1], y[:, 2]), np.maximum(y[:, 1], y[:, 2])
            beside = np.arange(len(classes)) + _BESIDE * (2 * number - 1)
            ax.vlines(beside, low, high, color=PALETTE[1 + number], linewidth=1.1)
            ax.plot(beside, y[:, 0], "os"[number], color=PALETTE[1 + number], label=literal(str(arm)))
            continue
        ax.fill_between(result.curves.marker, y[:, 1], y[:, 2], color=PALETTE[1 + number], alpha=0.14, linewidth=0)
        ax.plot(
            result.curves.marker,
            y[:, 0],
            linestyle=LINE_STYLES[number],
            color=PALETTE[1 + number],
            label=literal(str(arm)),
        )
    if classes:
        ax.set_xticks(range(len(classes)), [literal(one) for one in classes])
        ax.set_xlim(-0.5, len(classes) - 0.5)
    ax.set_xlabel(_marker_label(result))
    if result.kind == "timed":
        ax.set_ylabel(f"Risk by {f'{short(result.horizon)} {result.unit}'.strip()} (%)")
        ax.set_ylim(0, 103)
    elif result.kind == "binary":
        ax.set_ylabel("Chance of response (%)")
        ax.set_ylim(0, 103)
    else:
        ax.set_ylabel("Mean outcome")
    ax.legend(loc="best")


def _classes(result: TreatmentInteraction) -> list[str]:
    """Return the two classes of a marker that is no number, the reference first."""
    if "reference" not in result.estimate(f"interaction_{result.scale}").of:
        return []
    shown = [line.of["marker"] for line in result.estimates if "marker" in line.of and "subgroup" not in line.of]
    return [level_text(one) for one in dict.fromkeys(shown)]


def _as_shown(result: TreatmentInteraction, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return losses as a reader knows them: risk of the event, chance of response, mean outcome."""
    if result.kind == "timed":
        return 100 * values
    if result.kind == "binary":
        return 100 * (1 - values)
    return -values if result.method.settings["higher_is_better"] else values


def _marker_label(result: TreatmentInteraction) -> str:
    unit = marker_unit(result.marker)
    label = literal(column_label(result.marker))
    return f"{label} ({unit})" if unit and unit not in label else label
