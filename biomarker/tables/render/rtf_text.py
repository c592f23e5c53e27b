"""Text and fields in Rich Text Format, in which every sign beyond ASCII is a number."""

from __future__ import annotations

from biomarker.tables.render.characters import legible

_SPECIAL = {"\\": r"\\", "{": r"\{", "}": r"\}", "\n": r"\line "}
# What a reader without Unicode shows instead: written as a code, so that no digit that follows is taken for part of it.
_INSTEAD = {"–": r"\'2d", "—": r"\'2d", "−": r"\'2d", "·": r"\'b7", "×": r"\'d7", "±": r"\'b1", "\u00a0": r"\'a0"}
_BEYOND_ONE_UNIT = 0x10000


def escape(text: str) -> str:
    r"""Return `text` such that a reader of RTF shows it as it is.

    Examples
    --------
    >>> print(escape("1.2–3 {x} µ"))
    1.2\u8211\'2d3 \{x\} \u181\'3f
    """
    return "".join(map(_sign, legible(text).strip()))


def _sign(sign: str) -> str:
    if sign in _SPECIAL:
        return _SPECIAL[sign]
    if sign.isascii():
        return sign
    units = sign.encode("utf-16-le")
    numbers = [int.from_bytes(units[place : place + 2], "little", signed=True) for place in range(0, len(units), 2)]
    return "".join(rf"\u{number}{_INSTEAD.get(sign, QUESTION)}" for number in numbers)


QUESTION = r"\'3f"


def raised(mark: str) -> str:
    """Return a mark as a superscript."""
    return rf"{{\super {escape(mark)}}}" if mark else ""


def field(instruction: str, shown: str) -> str:
    """Return what a word processor computes by `instruction`, and until it has done so, `shown`."""
    return rf"{{\field{{\*\fldinst {{ {escape(instruction)} }}}}{{\fldrslt {{{escape(shown)}}}}}}}"


def bookmarked(name: str, content: str) -> str:
    """Return `content` with a bookmark round it."""
    return rf"{{\*\bkmkstart {name}}}{content}{{\*\bkmkend {name}}}"
