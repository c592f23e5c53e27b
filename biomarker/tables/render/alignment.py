"""Where the numbers of a column meet: at the point, or at the end of the first whole number.

Formats align in their own ways, and none of them by decimal tabs, which follow the language of the reader's computer: a
cell is told in two parts, and how wide each part is.
"""

from __future__ import annotations

import re
import unicodedata

# Up to the point of the first number: a sign, "<", "(" or a word such as NR, then the digits before the point.
_BEFORE = re.compile(r"(?:N[ERA]|∞|[–—]|[^\d.·(]*\(?(?:\d{1,3}(?:[,\u2009\u202f]\d{3})+(?!\d)|\d*))")

# Widths in em, of Times and its metric twins; of Arial and its twins.
_SERIF = dict.fromkeys("0123456789–", 0.5) | dict.fromkeys(".,", 0.25) | dict.fromkeys("()", 0.333) | {
    "−": 0.564, "<": 0.564, ">": 0.564, "±": 0.564, "×": 0.564, "%": 0.833, "/": 0.278, "·": 0.25, " ": 0.25,
    "-": 0.333, ";": 0.278, "t": 0.278, "o": 0.5, "N": 0.722, "E": 0.611, "R": 0.667, "∞": 0.713, "*": 0.5,
}  # fmt: skip
_SANS = dict.fromkeys("0123456789–", 0.556) | dict.fromkeys(".,", 0.278) | dict.fromkeys("()", 0.333) | {
    "−": 0.584, "<": 0.584, ">": 0.584, "±": 0.549, "×": 0.584, "%": 0.889, "/": 0.278, "·": 0.333, " ": 0.278,
    "-": 0.333, ";": 0.278, "t": 0.278, "o": 0.556, "N": 0.722, "E": 0.667, "R": 0.722, "∞": 0.713, "*": 0.389,
}  # fmt: skip
_LETTER = 0.5
_SANS_FONTS = ("arial", "helvetica", "liberation sans", "calibri", "carlito", "aptos", "verdana", "segoe", "sans")
_RAISED_SIZE = 0.66  # of a superscript, against the text it stands by


def split_at_point(cell: str) -> tuple[str, str]:
    """Return a number in two parts, of which the first ends where the numbers of its column are to meet.

    Examples
    --------
    >>> split_at_point("1.20 (0.80–1.91)"), split_at_point("<.001"), split_at_point("NR (3–NR)")
    (('1', '.20 (0.80–1.91)'), ('<', '.001'), ('NR', ' (3–NR)'))
    """
    found = _BEFORE.match(cell)
    end = found.end() if found else len(cell)
    return cell[:end], cell[end:]


def em_width(text: str, font: str = "") -> float:
    """Return about how wide `text` is in a font of size 1: exact for digits and the signs of numbers."""
    widths = _SANS if any(name in font.casefold() for name in _SANS_FONTS) else _SERIF
    return sum(widths.get(sign, _width(sign)) for sign in text)


def raised_width(mark: str, font: str = "") -> float:
    """Return about how wide a superscript is, in the size of the text it stands by."""
    return _RAISED_SIZE * em_width(mark, font)


def shape(text: str) -> str:
    """Return `text` with every digit as 0: texts of one shape are equally wide."""
    return re.sub(r"\d", "0", text)


def _width(sign: str) -> float:
    if unicodedata.combining(sign):
        return 0.0
    if "SUPERSCRIPT" in unicodedata.name(sign, ""):
        return 0.33
    return 1.0 if unicodedata.east_asian_width(sign) in "WF" else _LETTER
