"""How levels of response are told apart: one colour each, and in grey by shape, hatch or line."""

from __future__ import annotations

from typing import Literal

from matplotlib.artist import Artist
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from biomarker.analyses.response_levels import ResponseLevels
from biomarker.figures.theme import MARKERS, PALETTE, literal
from biomarker.vocabulary import column_label

_LINES: tuple[Literal["-", "--", "-.", ":"], ...] = ("-", "--", "-.", ":")
UNKNOWN = "0.65"  # a light grey
_HATCHES = ("", "///", "...", "\\\\\\", "xx", "--", "++", "oo")
_OF_RESPONSE = {"CR": PALETTE[3], "PR": PALETTE[6], "SD": PALETTE[5], "PD": PALETTE[2]}
_OTHERS = (PALETTE[1], PALETTE[2], PALETTE[3], PALETTE[4], PALETTE[5], PALETTE[6], PALETTE[7], PALETTE[0])


class LevelMarks:
    """The look of each level; code -1, no level known, is grey.

    Parameters
    ----------
    response : ResponseLevels or None
        None draws everything alike.
    """

    def __init__(self, response: ResponseLevels | None) -> None:
        self.response = response
        self.levels = () if response is None else response.levels
        known = all(level in (*_OF_RESPONSE, "NE") for level in self.levels)
        self._colours = [
            _OF_RESPONSE.get(level, UNKNOWN) if known else _OTHERS[number] for number, level in enumerate(self.levels)
        ]

    def colour(self, code: int) -> str:
        """Return the colour of a level."""
        if self.response is None:
            return PALETTE[1]
        return self._colours[code] if code >= 0 else UNKNOWN

    def marker(self, code: int) -> str:
        """Return the shape of a level's points."""
        return MARKERS[code % len(MARKERS)] if code >= 0 else "."

    def hatch(self, code: int) -> str:
        """Return the hatch of a level's bars."""
        return _HATCHES[code] if code >= 0 else ""

    def line_style(self, code: int) -> Literal["-", "--", "-.", ":"]:
        """Return the style of a level's lines."""
        return _LINES[code % len(_LINES)] if code >= 0 else "-"

    def codes(self) -> list[int]:
        """Return the codes that occur, levels in their order and then -1."""
        if self.response is None:
            return [0]
        return [*range(len(self.levels)), *([-1] if (self.response.codes < 0).any() else [])]

    def name(self, code: int) -> str:
        """Return what a level is called in a legend."""
        return literal(self.levels[code]) if code >= 0 else "Not known"

    @property
    def title(self) -> str:
        """The title of a legend."""
        return "" if self.response is None else literal(column_label(self.response.column))

    def bar_handles(self) -> list[Artist]:
        """Return a legend of bars."""
        return [
            Patch(
                facecolor=self.colour(code),
                hatch=self.hatch(code),
                edgecolor="white",
                linewidth=0,
                label=self.name(code),
            )
            for code in self.codes()
        ]

    def line_handles(self) -> list[Artist]:
        """Return a legend of lines with points."""
        return [
            Line2D(
                [], [], color=self.colour(code), linestyle=self.line_style(code), marker=self.marker(code),
                markersize=3, label=self.name(code),
            )
            for code in self.codes()
        ]  # fmt: skip
