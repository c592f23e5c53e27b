"""Characters that a document cannot hold, and the width of those it can."""

from __future__ import annotations

import re
import unicodedata

REPLACEMENT = "\ufffd"

# What XML 1.0 forbids, and the C1 controls and noncharacters, which HTML calls errors: none of them can be seen.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_LINE_END = re.compile("\r\n|[\r\u2028\u2029]")
_BLANKS = re.compile("[ \t\n]+")  # not the no-break and thin spaces, which are put where they stand on purpose


def legible(text: str) -> str:
    r"""Return `text` with line ends as ``\n``, tabs as spaces, and what cannot be printed as U+FFFD.

    Examples
    --------
    >>> legible("lesion\x00 7\tliver\r\n")
    'lesion� 7 liver\n'
    """
    return _UNPRINTABLE.sub(REPLACEMENT, _LINE_END.sub("\n", text).replace("\t", " "))


def on_one_line(text: str) -> str:
    """Return `text` legible, its runs of blanks and line ends as single spaces."""
    return _BLANKS.sub(" ", legible(text)).strip(" ")


def display_width(text: str) -> int:
    """Return how many columns of a fixed-width font the longest line of `text` takes."""
    return max((sum(map(_character_width, line)) for line in legible(text).split("\n")), default=0)


def _character_width(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
