"""Draw one ROC curve."""

from __future__ import annotations

from matplotlib.axes import Axes

from biomarker.analyses.roc import RocCurve
from biomarker.figures import describe, draw
from biomarker.figures.printed import with_limits
from biomarker.figures.roc_axes import corners, prepare
from biomarker.figures.theme import PALETTE
from biomarker.figures.words import marker_name, said


@draw.register
def _(result: RocCurve, ax: Axes) -> Axes:
    """Draw the empirical curve with its band, the smooth curve and the operating points."""
    prepare(ax)
    level = f"{100 * result.method.confidence_level:g}%"
    if result.band is not None:
        band = result.band
        x = 100 * (1 - band.specificities)
        label = f"{level} band, {band.kind}"
        ax.fill_between(x, 100 * band.low, 100 * band.high, color=PALETTE[1], alpha=0.15, linewidth=0, label=label)
    ax.plot(*corners(result.curve), color=PALETTE[1], label=_area_label(result))
    if result.smooth is not None:
        x = 100 * (1 - result.smooth.specificities)
        ax.plot(x, 100 * result.smooth.sensitivities, color=PALETTE[2], linestyle="--", linewidth=0.9, label="Binormal")
    if result.operating_points:
        specificities, sensitivities = zip(*result.operating_points, strict=True)
        ax.plot(
            [100 * (1 - value) for value in specificities],
            [100 * value for value in sensitivities],
            "o",
            color=PALETTE[1],
            markerfacecolor="white",
            label="Operating point",
        )
    ax.legend(loc="lower right")
    return ax


@describe.register
def _(result: RocCurve) -> str:
    """Say the area and the operating points."""
    return f"ROC curve of {marker_name(result.marker)}: {said(result)}"


def _area_label(result: RocCurve) -> str:
    area = result.estimate("auc")
    return f"AUC {with_limits(area)}"
