"""Characters that a document cannot hold, and the width of those it can."""

from __future__ import annotations

import re
import unicodedata

REPLACEMENT = "\ufffd"

# What XML 1.0 forbids, the C1 controls and noncharacters, which HTML calls errors, and the controls that turn the
# direction of whatever follows: none of them can be seen.
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)
_LINE_END = re.compile("\r\n|[\r\u2028\u2029]")
_RAISED = str.maketrans("abcdefghijklmnopqrstuvwxyz", "ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖ\U000107a5ʳˢᵗᵘᵛʷˣʸᶻ")
_PIECE = 20
_LONG_WORD = re.compile(rf"\S{{{2 * _PIECE},}}")
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


def in_pieces(text: str) -> list[str]:
    """Return `text` cut where a word is too long for any line: there a renderer may break it, without a hyphen.

    Examples
    --------
    >>> in_pieces("SUVmax of " + "x" * 45)
    ['SUVmax of xxxxxxxxxxxxxxxxxxxx', 'xxxxxxxxxxxxxxxxxxxx', 'xxxxx']
    """
    pieces, start = [], 0
    for word in _LONG_WORD.finditer(text):
        for cut in range(word.start() + _PIECE, word.end(), _PIECE):
            while cut < word.end() and unicodedata.combining(text[cut]):
                cut += 1
            pieces.append(text[start:cut])
            start = cut
    return [piece for piece in (*pieces, text[start:]) if piece]


def superscript(mark: str) -> str:
    """Return a mark in raised letters, for text that knows no superscript; * and † stand high by themselves.

    Examples
    --------
    >>> superscript("a,b")
    'ᵃ,ᵇ'
    """
    return mark.translate(_RAISED)


def display_width(text: str) -> int:
    """Return how many columns of a fixed-width font the longest line of `text` takes."""
    return max((sum(map(_character_width, line)) for line in legible(text).split("\n")), default=0)


def _character_width(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
