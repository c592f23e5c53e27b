"""Draw decision curves."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from biomarker.analyses.net_benefit import NetBenefitResult
from biomarker.figures import describe, draw
from biomarker.figures.theme import LINE_STYLES, PALETTE
from biomarker.figures.words import marker_name, said
from biomarker.vocabulary import column_label


@draw.register
def _(result: NetBenefitResult, ax: Axes) -> Axes:
    """Draw net benefit against the risk at which one would act, one line a marker, with treat all and treat none."""
    risks = np.array(result.cutoffs) * 100
    ax.axhline(0, color="0.45", linewidth=0.8, label="Treat none")
    ax.plot(risks, result.all_treated, color="0.45", linestyle=":", label="Treat all")
    ceiling = result.prevalence
    for number, marker in enumerate(result.markers):
        lines = [line for line in result.estimates if line.quantity == "net_benefit" and line.of["marker"] == marker]
        color = PALETTE[1 + number % (len(PALETTE) - 1)]
        style = LINE_STYLES[number % len(LINE_STYLES)]
        ax.plot(risks, [line.value for line in lines], color=color, linestyle=style, label=column_label(marker))
        highs = [line.high for line in lines]
        ax.fill_between(risks, [line.low for line in lines], highs, color=color, alpha=0.12, linewidth=0)
        ceiling = max(ceiling, *highs)
    # treating all falls without bound at high risks: the view stops a little below zero
    ax.set(xlim=(0, 100), ylim=(-0.25 * ceiling, 1.08 * ceiling))
    ax.set(xlabel="Threshold probability (%)", ylabel=f"Net benefit per {result.population.unit}")
    ax.legend(loc="upper right")
    return ax


@describe.register
def _(result: NetBenefitResult) -> str:
    """Say the net benefit of each marker along the risks."""
    named = ", ".join(marker_name(marker) for marker in result.markers)
    return f"Decision curves of {named} beside treating all and treating none: {said(result, 'net_benefit')}"
