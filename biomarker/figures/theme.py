"""The look of every figure: legible in one column of a two-column journal, colour-blind safe."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

import matplotlib as mpl
from cycler import cycler
from matplotlib.figure import Figure

from biomarker.figures.typeface import families
from biomarker.tables.style import STYLES, Style, style_named

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ONE_COLUMN, TWO_COLUMNS = 3.46, 7.09  # inches: 88 and 180 mm, as most journals print them
USUAL_SIZE = (ONE_COLUMN, 2.9)
MM = 25.4  # in an inch
NARROWEST_PANEL = 2.0  # inches; panels that would be narrower stand one above the other

# Okabe and Ito's palette, black first; told apart by people with any common colour vision.
PALETTE = ("#000000", "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#F0E442")
LINE_STYLES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)))
MARKERS = ("o", "s", "^", "D", "v", "P", "X")

_SETTINGS: Any = {  # matplotlib types its keys as one long Literal
    "figure.dpi": 120,
    "savefig.dpi": 300,
    "figure.constrained_layout.use": True,
    "font.family": "sans-serif",
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
    "text.parse_math": False,  # "$" in a name is a dollar
}
_LARGER = {"jnm", "lancet", "jama"}  # print figures in somewhat larger letters than the text
_SIZES = (
    "font.size", "axes.titlesize", "axes.labelsize", "xtick.labelsize", "ytick.labelsize", "legend.fontsize",
)  # fmt: skip
_STYLE: ContextVar[Style] = ContextVar("style of figures", default=STYLES["plain"])
_OWN_FIGURES: WeakSet[Figure] = WeakSet()
_TURNS = re.compile("[\u202a-\u202e\u2066-\u2069]")
_BLANKS = re.compile(r"(?:[^\S\n\u00a0]|[\x00-\x08\x0b-\x1f\x7f])+")


def literal(text: str) -> str:
    """Return a text from data as it is printed, sign by sign, on a line: no tabs, no control characters.

    Controls that turn the direction of whatever follows are made visible.
    """
    return _TURNS.sub("\ufffd", _BLANKS.sub(" ", text))


def house_style() -> Style:
    """Return the journal style that the figure at hand is drawn in."""
    return _STYLE.get()


@contextmanager
def styled(style: str | Style | None) -> Iterator[Style]:
    """Print numbers as a journal does, without any drawing; without a `style`, that of the outer one holds."""
    chosen = _STYLE.get() if style is None else style_named(style)
    token = _STYLE.set(chosen)
    try:
        yield chosen
    finally:
        _STYLE.reset(token)


@contextmanager
def themed(style: str | Style | None = None) -> Iterator[None]:
    """Draw in the house style with numbers as a journal prints them; the reader's own settings come back afterwards.

    Within another, and without a `style` of its own, that of the outer one holds.
    """
    with styled(style) as chosen:
        larger = {name: _SETTINGS[name] + 0.5 for name in _SIZES} if chosen.name in _LARGER else {}
        with mpl.rc_context(_SETTINGS | larger | {"font.sans-serif": list(families())}):
            yield


def start_notebook() -> None:
    """Start pyplot's backend in a notebook before any theme holds: its own settings must outlast every theme.

    Started within one, the backend would forget at its end that it is interactive, and show no figure after the first.
    """
    if _in_notebook():
        import matplotlib.pyplot as plt

        plt.draw_if_interactive()  # type: ignore[no-untyped-call] # matplotlib left it without types


def _in_notebook() -> bool:
    ipython = sys.modules.get("IPython")
    return ipython is not None and hasattr(ipython.get_ipython(), "kernel")


def notebook_axes(result: object, *, width: float | None = None) -> Axes | None:
    """Return axes of a new pyplot figure inside a notebook, which shows such figures by itself; elsewhere None.

    Outside a notebook no figure is tied to pyplot, so that drawing hundreds leaves no windows and no memory behind.
    """
    if not _in_notebook():
        return None
    import matplotlib.pyplot as plt

    with themed():
        figure = plt.figure(figsize=_size(result, width))
    _OWN_FIGURES.add(figure)
    return figure.add_subplot()


def journal_axes(result: object, *, width: float | None = None, height: float | None = None) -> Axes:
    """Return axes of a new figure, one journal column wide unless the result's `figure_size` (inches) says otherwise.

    The figure belongs to no window and to no pyplot state, so nothing has to be closed.
    """
    figure = Figure(figsize=_size(result, width, height))
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    FigureCanvasAgg(figure)
    _OWN_FIGURES.add(figure)
    return figure.add_subplot()


def _size(result: object, width: float | None, height: float | None = None) -> tuple[float, float]:
    """Return width and height in inches: a wider figure becomes a little higher, a narrower one keeps its height."""
    own_width, own_height = getattr(result, "figure_size", None) or USUAL_SIZE
    if width is None:
        return own_width, height or own_height
    return width, height or own_height * min(max((width / own_width) ** 0.4, 1.0), 1.3)


def is_own(figure: object) -> bool:
    """Whether a figure was made here, so that its height may follow what is drawn in it."""
    return figure in _OWN_FIGURES


def room(ax: Axes) -> tuple[float, float]:
    """Return width and height in inches of the place that axes and their labels have in the figure."""
    figure = ax.get_figure(root=True)
    if figure is None:
        return USUAL_SIZE
    place, margins = ax.get_position(), figure.subplotpars
    width, height = figure.get_size_inches()
    return (
        float(width * min(1.0, place.width / (margins.right - margins.left))),
        float(height * min(1.0, place.height / (margins.top - margins.bottom))),
    )


def panels(
    ax: Axes, count: int, *, ratios: Sequence[float] | None = None, growth: float = 0.9, stacked: bool = False
) -> list[Axes]:
    """Return axes of panels in the place of `ax`: side by side, or `stacked`, as they are where that is too narrow.

    A figure of our own grows with the panels that stand beneath others, by `growth` of its height each.
    """
    ax.set_axis_off()
    width, _ = room(ax)
    beneath = stacked or width < count * NARROWEST_PANEL
    figure, spec = ax.get_figure(root=True), ax.get_subplotspec()
    if figure is None:
        raise ValueError("these axes belong to no figure")
    if beneath and is_own(figure):
        figure.set_figheight(figure.get_figheight() * (1 + growth * (count - 1)))
    if spec is None:  # axes placed by hand have no grid to divide
        if beneath:
            return [ax.inset_axes((0, 1 - (n + 0.75) / count, 1, 0.75 / count)) for n in range(count)]
        return [ax.inset_axes((n / count, 0, 0.8 / count, 1)) for n in range(count)]
    grid = spec.subgridspec(count, 1) if beneath else spec.subgridspec(1, count, width_ratios=ratios)
    return [figure.add_subplot(grid[number]) for number in range(count)]
