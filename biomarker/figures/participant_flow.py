"""Draw a flow as boxes and arrows: steps down the left, who left on the right, results of the index test side by side.

Places are in points, counted from the upper left corner of the axes, so that a box is as tall as its text; what height
is left over goes between the boxes, and letters shrink where there is too little.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

from matplotlib.axes import Axes
from matplotlib.font_manager import FontProperties
from matplotlib.patches import FancyBboxPatch
from matplotlib.textpath import TextToPath

from biomarker.analyses.flow_branches import FlowBranch
from biomarker.analyses.flow_rows import FlowBox, Left
from biomarker.analyses.participant_flow import ParticipantFlow
from biomarker.figures import describe, draw
from biomarker.figures.theme import PALETTE, is_own, literal, room
from biomarker.figures.words import counted, tidy

_SIZES = (7.0, 6.5, 6.0, 5.5, 5.0, 4.5, 4.0)  # points, the first that fits
_LINE, _PADDING, _GAP, _LEAST_GAP = 1.32, 4.0, 11.0, 7.0
_STEM = 0.56  # of the width, for steps; the rest is for those who left
_BETWEEN = 8.0  # points between neighbours
_INDENT = 11.0
_BREAKS = re.compile("[ \n]+")
_HINTED = 1.04  # letters on a screen or in a PDF are somewhat wider than their outlines
_EDGE = 0.8  # half a line of a frame, on either side
_KEPT = "\u00a0"  # between a number and what it counts
_GREY, _HEAD = "#5A5A5A", "#00558A"


@dataclass(frozen=True, kw_only=True)
class _Text:
    """Text broken into lines that fit a width, and how tall its box is."""

    lines: tuple[str, ...]
    size: float
    heads: int = 1  # lines at the top, in colour

    @property
    def height(self) -> float:
        return len(self.lines) * self.size * _LINE + 2 * _PADDING


@draw.register
def _(result: ParticipantFlow, ax: Axes) -> Axes:
    """Draw the trunk from the top, and the branches beneath it in columns; a figure of our own is as tall as that."""
    width, height = (72 * inches for inches in room(ax))
    flow = _Layout(result, width=width, size=_SIZES[0])
    figure = ax.get_figure(root=True)
    if figure is not None and is_own(figure):
        engine = figure.get_layout_engine()
        if engine is not None:
            engine.set(w_pad=0, h_pad=0)  # type: ignore[call-arg]  # the constrained engine, which the theme asks for
        height = flow.height(_GAP)
        figure.set_figheight(height / 72)
    for size in _SIZES:
        flow = _Layout(result, width=width, size=size)
        if flow.height(_LEAST_GAP) <= height:
            break
    ax.set(xlim=(-_EDGE, width + _EDGE), ylim=(height + _EDGE, -_EDGE))
    ax.axis("off")
    flow.paint(ax, height)
    return ax


@describe.register
def _(result: ParticipantFlow) -> str:
    """Say each box with its count, in order, and how many left after it."""
    told = [_told(box) for box in result.trunk]
    for branch in result.branches:
        boxes = [branch.box] if branch.result else []
        told += [_told(box) for box in [*boxes, *([branch.verified] if branch.verified else []), *branch.outcomes]]
    return tidy(f"Flow diagram of {result.unit}s. {'; '.join(told)}")


def _told(box: FlowBox) -> str:
    lost = sum(one.n for one in box.left)
    return f"{box.label}: {box.n:,}{f', of whom {lost:,} left' if lost else ''}"


class _Layout:
    """A flow set in letters of one size: what stands in each box, then where."""

    def __init__(self, result: ParticipantFlow, *, width: float, size: float) -> None:
        self.result, self.width, self.size = result, width, size
        is_alone = not any(box.left for box in result.trunk)
        self.stem = width if is_alone else _STEM * width
        self.side = width - self.stem - _BETWEEN
        self.trunk = [(self._box(box, self.stem), self._left(box.left, self.side)) for box in result.trunk]
        n = max(1, len(result.branches))
        self.column = (width - _BETWEEN * (n - 1)) / n
        self.branches = [self._branch(branch) for branch in result.branches]

    def height(self, gap: float) -> float:
        """Return how tall the whole is with this gap above and below whatever leaves."""
        tall = sum(box.height + self._between(left, gap) for box, left in self.trunk)
        under = [sum(part.height + gap for part in parts if part is not None) for parts in self.branches]
        return tall - gap + max(under, default=0.0)

    def paint(self, ax: Axes, height: float) -> None:
        """Draw it, gaps as wide as the height allows up to the usual one."""
        gap = next((_LEAST_GAP + step / 2 for step in range(8, 0, -1) if self.height(_LEAST_GAP + step / 2) <= height),
                   _LEAST_GAP)  # fmt: skip
        top, middle = 0.0, self.stem / 2
        for number, (box, left) in enumerate(self.trunk):
            self._frame(ax, box, 0, top, self.stem)
            bottom = top + box.height
            below = bottom + self._between(left, gap)
            is_last = number == len(self.trunk) - 1
            if left is not None:
                place = (bottom + below - left.height) / 2
                self._frame(ax, left, self.stem + _BETWEEN, place, self.side, leaves=True)
                self._arrow(ax, (middle, place + left.height / 2), (self.stem + _BETWEEN, place + left.height / 2))
            if not is_last:
                self._arrow(ax, (middle, bottom), (middle, below))
            elif left is not None:
                ax.plot([middle, middle], [bottom, below], color=_GREY, lw=0.8, clip_on=False)
            top = below
        if self.branches:
            self._paint_branches(ax, top, gap, middle)

    def _paint_branches(self, ax: Axes, top: float, gap: float, middle: float) -> None:
        bottom, fork = top - gap, top - gap / 2
        centres = [(self.column + _BETWEEN) * i + self.column / 2 for i in range(len(self.branches))]
        if len(centres) > 1:
            ax.plot([middle, middle], [bottom, fork], color=_GREY, lw=0.8, clip_on=False)
            ax.plot([min(middle, *centres), max(middle, *centres)], [fork, fork], color=_GREY, lw=0.8, clip_on=False)
        for centre, parts in zip(centres, self.branches, strict=True):
            down, start = (centre, fork) if len(centres) > 1 else (middle, bottom)
            self._arrow(ax, (down, start), (down, top))
            self._paint_branch(ax, parts, centre - self.column / 2, top, gap)

    def _paint_branch(self, ax: Axes, parts: Sequence[_Text | None], x: float, top: float, gap: float) -> None:
        """Draw the result, who has no reference standard, set in, and the outcomes; an arrow runs down beside it."""
        first, left, last = parts
        if first is not None:
            self._frame(ax, first, x, top, self.column)
            top += first.height
        if last is None:
            return
        below = top + (gap if first is not None else 0.0) + (left.height + gap if left is not None else 0.0)
        if left is not None:
            self._frame(ax, left, x + _INDENT, top + gap, self.column - _INDENT, leaves=True)
            level = top + gap + left.height / 2
            self._arrow(ax, (x + _INDENT / 2, level), (x + _INDENT, level))
        if first is not None:
            stem = x + (_INDENT / 2 if left is not None else self.column / 2)
            self._arrow(ax, (stem, top), (stem, below))
        self._frame(ax, last, x, below, self.column)

    def _between(self, left: _Text | None, gap: float) -> float:
        return gap if left is None else left.height + 2 * gap / 1.5

    def _box(self, box: FlowBox, width: float) -> _Text:
        head = self._wrapped(box.label, width)
        return _Text(
            lines=(*head, *self._wrapped(self._counts(box.n, box.n_patients), width)), size=self.size, heads=len(head)
        )

    def _left(self, left: Sequence[Left], width: float) -> _Text | None:
        if not left:
            return None
        head = self._wrapped(f"Left out: {sum(one.n for one in left):,}", width)
        lines = [line for one in left for line in self._wrapped(self._reason(one), width, hanging=True)]
        return _Text(lines=(*head, *lines), size=self.size, heads=len(head))

    def _reason(self, one: Left) -> str:
        patients = one.n_patients if self.result.counts_patients else None
        among = "" if patients is None else f", of {_kept(patients, 'patient')}"
        return f"{one.n:,}{_KEPT}{self.result.exclusions[one.exclusion].printed_reason.rstrip(' .,;')}{among}"

    def _branch(self, branch: FlowBranch) -> tuple[_Text | None, _Text | None, _Text | None]:
        """Return the box of a result, of those without reference standard, and of the outcomes."""
        first = self._box(branch.box, self.column) if branch.result else None
        if branch.verified is None:
            return first, None, None
        left = self._left(branch.box.left, self.column - _INDENT)
        head = self._wrapped(branch.verified.label, self.column)
        counts = self._wrapped(self._counts(branch.verified.n, branch.verified.n_patients), self.column)
        outcomes = [
            line for box in branch.outcomes
            for line in self._wrapped(f"{box.label}: {self._counts(box.n, box.n_patients)}", self.column, hanging=True)
        ]  # fmt: skip
        return first, left, _Text(lines=(*head, *counts, *outcomes), size=self.size, heads=len(head))

    def _counts(self, n: int, n_patients: int | None) -> str:
        rows = _kept(n, self.result.unit)
        if not self.result.counts_patients or n_patients is None:
            return rows
        return f"{rows}, {_kept(n_patients, 'patient')}"

    def _wrapped(self, text: str, width: float, *, hanging: bool = False) -> list[str]:
        """Return the lines of a text no wider than a box; a word that is wider still is broken."""
        room, lines, line = width - 2 * _PADDING, list[str](), ""
        for word in _words(text, lambda part: _width(part, self.size) <= room - self.size):
            longer = f"{line} {word}" if line.strip() else f"{line}{word}"
            if line.strip() and _width(longer, self.size) > room:
                lines.append(line)
                line = f"{'  ' if hanging else ''}{word}"
            else:
                line = longer
        return [*lines, line]

    def _frame(self, ax: Axes, text: _Text, x: float, y: float, width: float, *, leaves: bool = False) -> None:
        face, line = ("white", "--") if leaves else ("#F1F5FA", "-")
        ax.add_patch(
            FancyBboxPatch(
                (x, y), width, text.height, boxstyle="round,pad=0,rounding_size=2", facecolor=face, linestyle=line,
                edgecolor=_GREY if leaves else PALETTE[1], linewidth=0.8, clip_on=False,
            )
        )  # fmt: skip
        for number, row in enumerate(text.lines):
            ax.text(
                x + _PADDING, y + _PADDING + (number + 0.5) * text.size * _LINE, row, fontsize=text.size,
                va="center_baseline", ha="left", clip_on=False,
                color=_HEAD if number < text.heads else "black",
            )  # fmt: skip

    def _arrow(self, ax: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
        style = {"arrowstyle": "-|>,head_length=0.35,head_width=0.16", "color": _GREY, "lw": 0.8, "shrinkA": 0,
                 "shrinkB": 0}  # fmt: skip
        ax.annotate("", xy=end, xytext=start, arrowprops=style, annotation_clip=False)


def _words(text: str, fits: Callable[[str], bool]) -> list[str]:
    """Return the words of a text, those too long for a line cut into pieces."""
    words = []
    for word in _BREAKS.split(literal(text)):
        while not fits(word) and len(word) > 1:
            cut = next((at for at in range(len(word) - 1, 0, -1) if fits(word[:at])), 1)
            words.append(word[:cut])
            word = word[cut:]
        words.append(word)
    return words


@cache
def _width(text: str, size: float) -> float:
    """Return how wide a text is in points."""
    font = FontProperties(size=size)
    with warnings.catch_warnings():  # letters of other scripts come from other fonts when they are drawn
        warnings.filterwarnings("ignore", message="Glyph .* missing", category=UserWarning)
        return _HINTED * float(TextToPath().get_text_width_height_descent(text, font, ismath=False)[0])


def _kept(count: int, unit: str) -> str:
    """Return a count with its noun, which no line may part."""
    return counted(count, unit).replace(" ", _KEPT)
