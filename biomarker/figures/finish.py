"""The last hand on a drawn figure: numbers as the journal prints them, names of data as text, long names broken.

What is done here holds for every figure, whoever drew it, so that no topic has to think of a name of 300 letters.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from textwrap import wrap
from typing import Any, cast

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.legend import Legend
from matplotlib.text import Text
from matplotlib.ticker import FixedLocator, Formatter, FuncFormatter, LogFormatter, NullFormatter

from biomarker.figures.printed import ITALIC_P, short
from biomarker.figures.theme import house_style, literal, room

LETTER = 0.56  # width of a usual letter, of its size
LINE = 1.2  # height of a line, of its size
MOST_LINES = 3
SMALLEST = 5.5  # points
ELLIPSIS = "…"
_OF_ROOM = 0.84  # of a panel's place is its axis, the rest its ticks
_SIDE = 0.44  # of a panel's place may go to names beside it
_INSIDE = 0.62  # of a panel's place may go to a legend within it
_FEWEST = 9  # letters a line
_NUMBER = re.compile(r"[+\u2212-]?\d+\.\d+\s*%?")


class MarkedFormatter(Formatter):
    """Prints ticks as another formatter does, with the decimal mark of a journal."""

    def __init__(self, own: Formatter, mark: str) -> None:
        self.own, self.mark = own, mark

    def __call__(self, x: float, pos: int | None = None) -> str:
        """Return the text of one tick."""
        return self.own(x, pos).replace(".", self.mark)

    def format_ticks(self, values: Any) -> list[str]:  # noqa: ANN401 - as matplotlib has it
        """Return the texts of all ticks."""
        return [text.replace(".", self.mark) for text in self.own.format_ticks(values)]

    def get_offset(self) -> str:
        """Return what all ticks share."""
        return self.own.get_offset().replace(".", self.mark)

    def set_axis(self, axis: Any) -> None:  # noqa: ANN401 - as matplotlib has it
        """Tell the other formatter its axis too."""
        super().set_axis(axis)
        self.own.set_axis(axis)


def finish(drawn: Iterable[Axes]) -> None:
    """Finish axes, and those within them, after all has been drawn."""
    for ax in drawn:
        if ax.axison:
            _finish_axis(ax, ax.xaxis, is_upright=False)
            _finish_axis(ax, ax.yaxis, is_upright=True)
        for text in (*ax.texts, ax.title):
            _as_text(text)
        legend = ax.get_legend()
        if legend is not None:
            _finish_legend(ax, legend)
        finish(cast("list[Axes]", ax.child_axes))


def broken(text: str, letters: float, lines: int = MOST_LINES) -> str:
    """Return a text on at most so many lines of so many letters; what has no room gives way to an ellipsis."""
    most = max(int(letters), _FEWEST)
    given = text.split("\n")
    if len(given) <= lines and max(map(len, given)) <= most:
        return text
    pieces = wrap(" ".join(given), most)
    if len(pieces) > lines:
        pieces = [*pieces[: lines - 1], pieces[lines - 1][: most - 1].rstrip() + ELLIPSIS]
    return "\n".join(pieces)


def _finish_axis(ax: Axes, axis: Axis, *, is_upright: bool) -> None:
    width, height = room(ax)
    length = _OF_ROOM * (height if is_upright else width)
    _break(axis.label, length)
    _as_text(axis.label)
    if isinstance(axis.get_major_formatter(), LogFormatter):
        axis.set_major_formatter(FuncFormatter(lambda value, _: short(value)))
    if isinstance(axis.get_minor_formatter(), LogFormatter):
        axis.set_minor_formatter(NullFormatter())
    if isinstance(axis.get_major_locator(), FixedLocator) and not isinstance(axis.get_major_formatter(), NullFormatter):
        _finish_names(axis, length, _SIDE * width, is_upright=is_upright)
    mark = house_style().decimal_mark
    if mark != "." and not isinstance(axis.get_major_locator(), FixedLocator):
        axis.set_major_formatter(MarkedFormatter(axis.get_major_formatter(), mark))


def _finish_names(axis: Axis, length: float, side: float, *, is_upright: bool) -> None:
    """Break names beside or beneath an axis so that they neither touch one another nor take its place."""
    places = np.asarray(axis.get_major_locator()())
    names = axis.get_major_formatter().format_ticks(places.tolist())
    if not places.size or not any(names):
        return
    labels = axis.get_majorticklabels()
    size = float(labels[0].get_fontsize())
    mark = house_style().decimal_mark
    printed = [name.replace(".", mark) if _NUMBER.fullmatch(name) else literal(name) for name in names]
    each = 72 * length / len(printed)  # points from one to the next
    if is_upright:
        size = max(min(size, each / 1.05), SMALLEST) if each < size * LINE else size
        lines = int(np.clip(each // (size * LINE), 1, MOST_LINES))
        printed = [broken(name, 72 * side / (size * LETTER), lines) for name in printed]
    elif any(char.isalpha() for name in printed for char in name):
        printed, turned = _beneath(printed, each, size)
        if turned:
            axis.set_tick_params(rotation=40)
            for label in labels:
                label.set(ha="right", rotation_mode="anchor")
    if printed != names or size != labels[0].get_fontsize():
        axis.set_ticks(places, printed, fontsize=size)


def _beneath(names: Sequence[str], each: float, size: float) -> tuple[list[str], bool]:
    """Return names that stand beneath an axis, and whether they have to be turned to have room."""
    letters = int(each / (size * LETTER)) - 1
    longest = max(len(word) for name in names for word in name.split() or [""])
    if letters >= min(longest, _FEWEST + 3):
        return [broken(name, letters) for name in names], False
    return [broken(name, 26, 1 if each < 2 * size * LINE else 2) for name in names], True


def _finish_legend(ax: Axes, legend: Legend) -> None:
    width, _ = room(ax)
    outside = getattr(legend, "_bbox_to_anchor", None) is not None
    columns = getattr(legend, "_ncols", 1)
    for text in (*legend.get_texts(), legend.get_title()):
        own = text is not legend.get_title()
        _break(text, width * (1.0 if outside else _INSIDE) / (columns if own else 1) - 0.35 * own)
        _as_text(text)


def _break(text: Text, length: float) -> None:
    said = literal(text.get_text())
    text.set_text(broken(said, 72 * length / (float(text.get_fontsize()) * LETTER)))


def _as_text(text: Text) -> None:
    """Print a text sign by sign; only the P that a journal sets in italics is a formula."""
    said = text.get_text()
    if ITALIC_P in said:
        text.set_parse_math(True)
        text.set_text(said.replace("$", r"\$").replace(ITALIC_P, r"$\mathit{P}$"))
    else:
        text.set_parse_math(False)
