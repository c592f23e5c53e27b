"""Draw the parts of the effective dose, stacked, one bar a group."""

from __future__ import annotations

from matplotlib.axes import Axes

from biomarker.analyses.effective_dose import EffectiveDose
from biomarker.figures import describe, draw
from biomarker.figures.theme import PALETTE, literal
from biomarker.figures.words import said

SHOWN = 6  # tissues with a colour of their own; the rest is one part
_HATCHES = ("", "///", "...", "\\\\\\", "xxx", "", "---")


@draw.register
def _(result: EffectiveDose, ax: Axes) -> Axes:
    """Stack the largest parts first, and mark the effective dose that was printed elsewhere."""
    groups: tuple[str | None, ...] = result.groups or (None,)
    parts = [line for line in result.estimates if line.quantity == "effective_dose_part"]
    total = dict.fromkeys((str(line.of["tissue"]) for line in parts), 0.0)
    for line in parts:
        total[str(line.of["tissue"])] += line.value
    largest = sorted(total, key=lambda tissue: -total[tissue])[:SHOWN]
    for place, group in enumerate(groups):
        own = {str(line.of["tissue"]): line.value for line in parts if line.of.get("group") == group}
        pieces = [(tissue, own.get(tissue, 0.0)) for tissue in largest]
        pieces.append(("other tissues", sum(own.values()) - sum(value for _, value in pieces)))
        start = 0.0
        for number, (tissue, value) in enumerate(pieces):
            color = PALETTE[1 + number] if number < SHOWN else "0.85"
            label = tissue.capitalize() if place == 0 else None
            ax.barh(
                place, value, left=start, color=color, edgecolor="white", linewidth=0.4, hatch=_HATCHES[number],
                label=label, height=0.6,
            )  # fmt: skip
            start += value
        for line in result.estimates:
            if line.quantity == "printed_effective_dose" and line.of.get("group") == group and not result.of_patients:
                ax.plot(line.value, place, "D", color="black", markersize=4, label="As printed" if place == 0 else None)
    ax.set_yticks(range(len(groups)), [literal(group) if group else "" for group in groups])
    ax.set_ylim(len(groups) - 0.5, -0.5)
    ax.set_xlabel(f"Effective dose ({result.unit})")
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.22), ncols=3, handlelength=1.4)
    return ax


@describe.register
def _(result: EffectiveDose) -> str:
    """Say the effective dose and its largest parts."""
    return f"Stacked bars of the effective dose by tissue: {said(result, 'effective_dose', 'effective_dose_part')}"
