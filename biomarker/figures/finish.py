"""The last hand on a drawn figure: numbers as the journal prints them, names of data as text, long names broken.

What is done here holds for every figure, whoever drew it, so that no topic has to think of a name of 300 letters.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from textwrap import wrap
from typing import Any, cast

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.legend import Legend
from matplotlib.text import Text
from matplotlib.ticker import FixedLocator, Formatter, FuncFormatter, LogFormatter, NullFormatter
from matplotlib.transforms import Bbox

from biomarker.figures.printed import ITALIC_P, short
from biomarker.figures.theme import house_style, literal, room

_WIDTHS = {"narrow": 0.33, "digit": 0.64, "capital": 0.7, "wide": 0.93, "small": 0.6}  # of letters, of their size
_NARROW_LETTERS, _WIDE_LETTERS = set(" .,:;!|'()[]iljtfr/-"), set("mwMW@%<>&=+~±≥≤×−")
LINE = 1.2  # height of a line, of its size
MOST_LINES = 3
SMALLEST = 5.5  # points
ELLIPSIS = "…"
_OF_ROOM = 0.9  # of a panel's place is its axis, the rest its ticks
_BENEATH = 0.45  # inches that ticks and label take beneath an axis
_SIDE = 0.44  # of a panel's place may go to names beside it
_ALONE = 1.3  # times that, where a name has but one line
_INSIDE = 0.62  # of a panel's place may go to a legend within it
_LONGEST_WORD = 22  # letters of a word that is better left whole
_TOLERATED = 1.06  # of a line, before it is broken
_FEWEST = 7  # letters a line
_NARROW = 2.2  # inches: panels in which a legend may take all the width
_HANDLE = 4.5  # what stands beside a text in a legend, in letters' heights
_MOST_HALVINGS = 3
_BETWEEN_NAMES = 0.5  # of their size
_APART = 8.0  # dots that two texts keep at 300 to an inch
_MANY = 6  # entries of a legend that would be too tall in one column
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
            beside = _finish_axis(ax, ax.yaxis, is_upright=True)
            _finish_axis(ax, ax.xaxis, is_upright=False, beside=beside)
        for text in (*ax.texts, ax.title):
            _as_text(text)
        legend = ax.get_legend()
        if legend is not None:
            _finish_legend(ax, legend)
        finish(cast("list[Axes]", ax.child_axes))


def letter(text: str) -> float:
    """Return how wide the letters of a text are on average, of their size."""
    kinds = [
        "narrow" if sign in _NARROW_LETTERS
        else "wide" if sign in _WIDE_LETTERS
        else "digit" if sign.isdigit()
        else "capital" if sign.isupper()
        else "small"
        for sign in text
    ]  # fmt: skip
    return sum(_WIDTHS[kind] for kind in kinds) / len(kinds) if kinds else _WIDTHS["small"]


def broken(text: str, letters: float, lines: int = MOST_LINES) -> str:
    """Return a text on at most so many lines of so many letters; what has no room gives way to an ellipsis."""
    most = max(int(letters), _FEWEST)
    given = text.split("\n")
    if len(given) <= lines and max(map(len, given)) <= _TOLERATED * most:
        return text
    joined = " ".join(given)
    pieces = wrap(joined, most, break_long_words=max(map(len, joined.split())) > max(1.06 * most, _LONGEST_WORD))
    if len(pieces) > lines:
        pieces = [*pieces[: lines - 1], pieces[lines - 1][: most - 1].rstrip() + ELLIPSIS]
    return "\n".join(pieces)


def _finish_axis(ax: Axes, axis: Axis, *, is_upright: bool, beside: float = 0.0) -> float:
    """Finish one axis; return how much the names at it take of the room for the other, in inches."""
    width, height = room(ax)
    length = max(height - _BENEATH, 0.5 * height) if is_upright else _OF_ROOM * width - beside
    taken = 0.0
    _break(axis.label, length)
    _as_text(axis.label)
    if isinstance(axis.get_major_formatter(), LogFormatter):
        axis.set_major_formatter(FuncFormatter(lambda value, _: short(value)))
    if isinstance(axis.get_minor_formatter(), LogFormatter):
        axis.set_minor_formatter(NullFormatter())
    if isinstance(axis.get_major_locator(), FixedLocator) and not isinstance(axis.get_major_formatter(), NullFormatter):
        taken = _finish_names(axis, length, _SIDE * width, is_upright=is_upright)
    mark = house_style().decimal_mark
    if mark != "." and not isinstance(axis.get_major_locator(), FixedLocator):
        axis.set_major_formatter(MarkedFormatter(axis.get_major_formatter(), mark))
    return taken


def _finish_names(axis: Axis, length: float, side: float, *, is_upright: bool) -> float:
    """Break names beside or beneath an axis so that they neither touch one another nor take its place.

    Return the width of those beside it, in inches.
    """
    places = np.asarray(axis.get_major_locator()())
    names = axis.get_major_formatter().format_ticks(places.tolist())
    if not places.size or not any(names):
        return 0.0
    labels = axis.get_majorticklabels()
    size = float(labels[0].get_fontsize())
    mark = house_style().decimal_mark
    printed = [name.replace(".", mark) if _NUMBER.fullmatch(name) else literal(name) for name in names]
    each = 72 * length / len(printed)  # points from one to the next
    if is_upright:
        size = max(min(size, each / 1.05), SMALLEST) if each < size * LINE else size
        lines = int(np.clip(each // (size * LINE), 1, MOST_LINES))
        wider = _ALONE if lines == 1 else 1.0
        printed = [broken(name, wider * 72 * side / (size * letter(name)), lines) for name in printed]
        tallest = 1 + max(name.count("\n") for name in printed)
        if tallest > 1:  # names of several lines keep a little apart
            size = max(min(size, each / (tallest * LINE + _BETWEEN_NAMES)), SMALLEST)
    elif any(char.isalpha() for name in printed for char in name):
        printed, turned = _beneath(printed, each, size)
        if turned:
            axis.set_tick_params(rotation=40)
            for label in labels:
                label.set(ha="right", rotation_mode="anchor")
    if printed != names or size != labels[0].get_fontsize():
        axis.set_ticks(places, printed, fontsize=size)
    if not is_upright:
        return 0.0
    return max(len(line) * letter(line) for name in printed for line in name.split("\n")) * size / 72


def _beneath(names: Sequence[str], each: float, size: float) -> tuple[list[str], bool]:
    """Return names that stand beneath an axis, and whether they have to be turned to have room."""
    letters = int(each / (size * letter("".join(names))) - 2)
    longest = max(len(word) for name in names for word in name.split() or [""])
    if longest <= letters and max(map(len, names)) <= 0.75 * MOST_LINES * letters:
        return [broken(name, letters) for name in names], False
    return [broken(name, 26, 1 if each < 2 * size * LINE else 2) for name in names], True


def _finish_legend(ax: Axes, legend: Legend) -> None:
    """Give a legend as many columns as have room, then break what is still too long."""
    width, _ = room(ax)
    outside = getattr(legend, "_bbox_to_anchor", None) is not None
    given = width * ((0.82 if outside else _INSIDE) if width > _NARROW else 1.1)
    texts = legend.get_texts()
    size = float(texts[0].get_fontsize()) / 72 if texts else 0.1
    longest = max((len(line) * letter(line) for text in texts for line in text.get_text().split("\n")), default=0.0)
    columns = int(getattr(legend, "_ncols", 1))
    most = max(1, int(given / (longest * size + _HANDLE * size)))
    if most < columns:
        columns = max(most, 2 if len(texts) > _MANY else 1)
        legend.set_ncols(columns)
    for text in texts:
        _break(text, given / columns - _HANDLE * size)
        _as_text(text)
    _break(legend.get_title(), given)
    _as_text(legend.get_title())


def _break(text: Text, length: float) -> None:
    said = literal(text.get_text())
    text.set_text(broken(said, 72 * length / (float(text.get_fontsize()) * letter(said))))


def _as_text(text: Text) -> None:
    """Print a text sign by sign; only the P that a journal sets in italics is a formula."""
    said = text.get_text()
    if ITALIC_P in said:
        text.set_parse_math(True)
        text.set_text(said.replace("$", r"\$").replace(ITALIC_P, r"$\mathit{P}$"))
    else:
        text.set_parse_math(False)


def part_ticks(ax: Axes) -> None:
    """Leave out every second tick as long as the texts of two touch, once the figure is laid out."""
    if not ax.axison:
        return
    for axis in (ax.xaxis, ax.yaxis):
        for _ in range(_MOST_HALVINGS):
            shown = _shown_labels(axis)
            if not _touch([box for _, box, _ in shown]) or any(char.isalpha() for _, _, text in shown for char in text):
                break
            kept = shown[::2]
            axis.set_ticks([place for place, _, _ in kept], [text for _, _, text in kept])


def _shown_labels(axis: Axis) -> list[tuple[float, Bbox, str]]:
    low, high = sorted(axis.get_view_interval())
    ticks = [tick for tick in axis.get_major_ticks() if tick.label1.get_visible() and tick.label1.get_text()]
    inside = [tick for tick in ticks if low <= tick.get_loc() <= high]
    inside.sort(key=lambda tick: tick.get_loc())
    return [(tick.get_loc(), tick.label1.get_window_extent(), tick.label1.get_text()) for tick in inside]


def _touch(boxes: Sequence[Bbox]) -> bool:
    return any(first.padded(_APART).overlaps(second) for first, second in pairwise(boxes))
