"""Draw who agrees with whom: counts of two readers, or kappa of each pair."""

from __future__ import annotations

from math import isnan

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from biomarker.analyses.categorical_agreement import CategoricalAgreement
from biomarker.figures import describe, draw
from biomarker.figures.printed import rounded
from biomarker.figures.theme import literal
from biomarker.figures.words import said
from biomarker.vocabulary import column_label

MINUS, NOT_ESTIMABLE = "\u2212", "NE"
_COLORS = "Blues"
_DARK = 0.6  # from here on the cell is dark and its text white


@draw.register
def _(result: CategoricalAgreement, ax: Axes) -> Axes:
    """Draw the counts of two readers as a table of categories, or the kappa of each pair of several readers."""
    if result.counts is not None:
        _draw_counts(result, result.counts, ax)
    else:
        _draw_pairs(result, ax)
    ax.spines[:].set_visible(False)
    ax.tick_params(length=0)
    return ax


@describe.register
def _(result: CategoricalAgreement) -> str:
    """Say how readers agree."""
    found = said(result, "percent_agreement", "cohen_kappa", "fleiss_kappa", "gwet_ac1")
    return f"Heat map of readers, darker where more agree: {found}"


def _draw_counts(result: CategoricalAgreement, counts: NDArray[np.int64], ax: Axes) -> None:
    totals = counts.sum(axis=1, keepdims=True)
    shares = np.divide(counts, totals, out=np.zeros(counts.shape), where=totals > 0)
    _cells(
        ax, shares, [[_count_text(counts[i, j], shares[i, j]) for j in range(len(counts))] for i in range(len(counts))]
    )
    labels = [literal(label) for label in result.categories]
    _ticks(ax, labels, labels)
    what = literal(column_label(result.value))
    rows, columns = (
        literal(name if name.casefold().startswith("reader") else f"reader {name}") for name in result.readers
    )
    ax.set_xlabel(f"{what}, {columns}")
    ax.set_ylabel(f"{what}, {rows}")


def _count_text(count: int, share: float) -> str:
    return f"{count}\n{100 * share:.0f}%" if count else "0"


def _draw_pairs(result: CategoricalAgreement, ax: Axes) -> None:
    """Fill the lower triangle: the reader of the row against the reader of the column."""
    readers = result.readers
    n = len(readers)
    kappas = np.full((n, n), np.nan)
    texts = [["" for _ in readers] for _ in readers]
    for line in result.estimates:
        if line.quantity != "cohen_kappa" or line.of.get("weights") != result.weights or "readers" not in line.of:
            continue
        pair = line.of["readers"]
        column, row = sorted(readers.index(name) for name in _pair(pair, readers))
        kappas[row, column] = line.value
        share = result.estimate("percent_agreement", readers=pair, weights="none").value
        kappa = NOT_ESTIMABLE if isnan(line.value) else rounded(line.value)
        texts[row][column] = f"{kappa}\n{100 * share:.0f}%" if not isnan(share) else kappa
    _cells(ax, np.clip(kappas, 0, 1)[1:, :-1], [row[:-1] for row in texts[1:]])
    labels = [literal(reader) for reader in readers]
    _ticks(ax, labels[:-1], labels[1:])
    ax.set_xlabel("Reader")
    ax.set_ylabel("Reader")


def _pair(text: str, readers: tuple[str, ...]) -> tuple[str, str]:
    """Return the two readers of "A - B", whatever signs their names hold."""
    return next((a, b) for a in readers for b in readers if f"{a} - {b}" == text)


def _cells(ax: Axes, shades: NDArray[np.float64], texts: list[list[str]]) -> None:
    """Draw shaded cells with their text; an undefined cell stays white."""
    ax.imshow(np.ma.masked_invalid(shades), cmap=_COLORS, vmin=0, vmax=1, aspect="auto")
    size = max(4.0, min(7.5, 34 / max(len(texts), 1)))
    for i, row in enumerate(texts):
        for j, text in enumerate(row):
            dark = not np.isnan(shades[i, j]) and shades[i, j] >= _DARK
            ax.text(j, i, text, ha="center", va="center", fontsize=size, color="white" if dark else "black")


def _ticks(ax: Axes, columns: list[str], rows: list[str]) -> None:
    long = max(map(len, columns), default=0) > 6
    ax.set_xticks(range(len(columns)), columns, rotation=35 if long else 0, ha="right" if long else "center")
    ax.set_yticks(range(len(rows)), rows)
    ax.set_xlim(-0.5, len(columns) - 0.5)
    ax.set_ylim(len(rows) - 0.5, -0.5)
