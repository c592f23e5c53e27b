"""Draw several ROC curves."""

from __future__ import annotations

from matplotlib.axes import Axes

from biomarker.analyses.compare_roc import RocComparison
from biomarker.figures import describe, draw
from biomarker.figures.printed import with_limits
from biomarker.figures.roc_axes import corners, prepare
from biomarker.figures.theme import LINE_STYLES, PALETTE, literal
from biomarker.figures.words import said


@draw.register
def _(result: RocComparison, ax: Axes) -> Axes:
    """Draw one curve a marker or group, with its area in the legend."""
    prepare(ax)
    for number, (name, curve) in enumerate(zip(result.names, result.curves, strict=True)):
        area = result.estimate("auc", **{result.key: name})
        ax.plot(
            *corners(curve),
            color=PALETTE[(1 + number) % len(PALETTE)],
            linestyle=LINE_STYLES[number % len(LINE_STYLES)],
            label=f"{literal(curve.label)}: {with_limits(area)}",
        )
    ax.legend(loc="lower right", title=f"AUC ({100 * result.method.confidence_level:g}% CI)", title_fontsize=6.5)
    return ax


@describe.register
def _(result: RocComparison) -> str:
    """Say the area of each curve and their differences."""
    return f"ROC curves of {len(result.names)}: {said(result, 'auc', 'auc_difference')}"
