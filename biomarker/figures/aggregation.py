"""Draw the answer under each rule from lesions to patients."""

from __future__ import annotations

import textwrap

from matplotlib.axes import Axes

from biomarker.analyses.aggregation import AggregationSensitivity
from biomarker.figures import describe, draw
from biomarker.figures.theme import MARKERS, PALETTE, literal, panels
from biomarker.figures.words import said

_PANELS = {"ppv": ("PPV, %", 100.0), "npv": ("NPV, %", 100.0), "auc": ("AUC", 1.0)}
_LABEL_WIDTH = 34


@draw.register
def _(result: AggregationSensitivity, ax: Axes) -> Axes:
    """Draw a panel for PPV, NPV and AUC with a dot and interval a rule; the first rule runs through as a line."""
    known = {line.quantity for line in result.estimates}
    shown = [quantity for quantity in _PANELS if quantity in known]
    if len(shown) == 1:
        _panel(result, shown[0], ax, with_labels=True)
        return ax
    parts = panels(ax, len(shown))
    are_beside = parts[0].get_position().y0 == parts[1].get_position().y0
    for number, (quantity, part) in enumerate(zip(shown, parts, strict=True)):
        _panel(result, quantity, part, with_labels=number == 0 or not are_beside)
    return ax


@describe.register
def _(result: AggregationSensitivity) -> str:
    """Say the answer under each rule."""
    return f"Dots with intervals, one a rule from lesions to patients: {said(result, *_PANELS, most=9)}"


def _panel(result: AggregationSensitivity, quantity: str, ax: Axes, *, with_labels: bool) -> None:
    label, scale = _PANELS[quantity]
    lines = {line.of["rule"]: line for line in result.estimates if line.quantity == quantity}
    places = {rule.name: -number for number, rule in enumerate(result.rules)}
    first = lines.get(result.rules[0].name)
    if first is not None:
        ax.axvline(first.value * scale, color="0.6", linewidth=0.8, linestyle=":", zorder=0)
    for name, line in lines.items():
        color = PALETTE[0] if name == result.rules[0].name else PALETTE[1]
        ax.plot([line.low * scale, line.high * scale], [places[name]] * 2, "-", color=color, linewidth=1.0)
        marker = MARKERS[1] if name == result.rules[0].name else MARKERS[0]
        ax.plot([line.value * scale], [places[name]], marker, color=color)
    ax.set(xlim=(-0.04 * scale, 1.04 * scale), ylim=(-len(places) + 0.4, 0.6), xlabel=label)
    labels = [_wrapped(rule.label) for rule in result.rules] if with_labels else [""] * len(places)
    ax.set_yticks(list(places.values()), labels)
    ax.tick_params(axis="y", length=0)
    if quantity == "auc":
        ax.axvline(0.5, color="0.6", linewidth=0.6, zorder=0)


def _wrapped(label: str) -> str:
    return "\n".join(literal(part) for part in textwrap.wrap(label[:1].upper() + label[1:], _LABEL_WIDTH))
