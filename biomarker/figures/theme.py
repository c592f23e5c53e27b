"""The look of every figure: legible in one column of a two-column journal, colour-blind safe."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
from cycler import cycler
from matplotlib.figure import Figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ONE_COLUMN, TWO_COLUMNS = 3.46, 7.09  # inches: 88 and 180 mm, as most journals print them
USUAL_SIZE = (ONE_COLUMN, 2.9)

# Okabe and Ito's palette, black first; told apart by people with any common colour vision.
PALETTE = ("#000000", "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#F0E442")
LINE_STYLES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)))
MARKERS = ("o", "s", "^", "D", "v", "P", "X")

_SETTINGS: Any = {  # matplotlib types its keys as one long Literal
    "figure.dpi": 120,
    "savefig.dpi": 300,
    "savefig.bbox": "tight",
    "figure.constrained_layout.use": True,
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],  # ships with matplotlib: the same figure on every machine
    "font.size": 7.5,
    "axes.titlesize": 8,
    "axes.labelsize": 7.5,
    "xtick.labelsize": 7,
    "ytick.labelsize": 7,
    "legend.fontsize": 6.5,
    "legend.frameon": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.7,
    "xtick.major.width": 0.7,
    "ytick.major.width": 0.7,
    "lines.linewidth": 1.2,
    "lines.markersize": 4,
    "axes.prop_cycle": cycler(color=PALETTE),
    "svg.fonttype": "none",
    "pdf.fonttype": 42,
    "svg.hashsalt": "biomarker",  # the same figure gives the same bytes
}


def literal(text: str) -> str:
    """Return a text from data as matplotlib prints it, sign by sign: "$" is a dollar and begins no formula."""
    return text.replace("$", r"\$")


@contextmanager
def themed() -> Iterator[None]:
    """Draw in the house style; the reader's own settings come back afterwards."""
    with mpl.rc_context(_SETTINGS):
        yield


def notebook_axes(result: object) -> Axes | None:
    """Return axes of a new pyplot figure inside a notebook, which shows such figures by itself; elsewhere None.

    Outside a notebook no figure is tied to pyplot, so that drawing hundreds leaves no windows and no memory behind.
    """
    ipython = sys.modules.get("IPython")
    if ipython is None or not hasattr(ipython.get_ipython(), "kernel"):
        return None
    import matplotlib.pyplot as plt

    with themed():
        return plt.figure(figsize=getattr(result, "figure_size", USUAL_SIZE)).add_subplot()


def journal_axes(result: object, *, width: float | None = None, height: float | None = None) -> Axes:
    """Return axes of a new figure, one journal column wide unless the result's `figure_size` (inches) says otherwise.

    The figure belongs to no window and to no pyplot state, so nothing has to be closed.
    """
    own_width, own_height = getattr(result, "figure_size", USUAL_SIZE)
    figure = Figure(figsize=(width or own_width, height or own_height))
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    FigureCanvasAgg(figure)
    return figure.add_subplot()
