"""Words of one column to values of one type: each distinct word is looked at once, however long the table.

A parser takes the distinct words of a column and returns their values, with what is wrong with each word that has none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from math import isfinite

import numpy as np
import numpy.typing as npt
import pandas as pd

from biomarker.data.cells import clean
from biomarker.data.parsed import Parsed
from biomarker.errors import StudyError

FORMULA_ERRORS = frozenset({"#REF!", "#DIV/0!", "#N/A", "#NAME?", "#VALUE!", "#NUM!", "#NULL!", "#SPILL!", "#CALC!"})
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_CODE = re.compile(r"[+-]?0\d+.*")  # 007 is a name, not seven
_FOOTNOTED = re.compile(r"[+-]?\d+(?:[.,]\d+)?\s*[*†‡§¶#a-z]+")
_CLOCK = re.compile(r"\d{1,3}:\d{2}(?::\d{2}(?:\.\d+)?)?", re.ASCII)
_GROUPED = re.compile(r"[+-]?\d{1,3}(?P<mark>[.,' ’])\d{3}(?:(?P=mark)\d{3})*(?:[.,]\d+)?", re.ASCII)
_UNSIGNED_EXPONENT = re.compile(r"[+-]?\d+[eE]\d+", re.ASCII)  # 1E5 is a name: programs write 1E+05, or 1.0E5
_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ].*)?", re.ASCII)
_WITH_WORD = re.compile(r"(?:~|ca\.?|c\.|about)?\s*[+-]?\d+(?:[.,]\d+)?[^\d_]*", re.ASCII)
_ONE_OR_ZERO = re.compile(r"[01]\.0+", re.ASCII)  # a data frame writes 1 and 0 so where a cell is missing
PERCENT = re.compile(r"(?P<number>.*\d.*?)\s*%")
_SEVERAL = re.compile(r"[+-]?\d+(?:[.,]\d+)?\s*(?:[(\[/–]|\d?-|\+|to\b).*\d.*", re.ASCII)
MARKS = ("", ",", ".", " ", "'")


@dataclass(frozen=True)
class Words:
    """A column as distinct words and, for each row, which of them stands there (-1 where the cell is missing)."""

    codes: npt.NDArray[np.intp]
    words: tuple[str, ...]


def column_words(cells: pd.Series, missing: frozenset[str]) -> tuple[Words, npt.NDArray[np.object_]]:
    """Split a column into its words and its missing cells' tokens.

    Parameters
    ----------
    cells : Series of str
        The column as it stands in the file.
    missing : frozenset of str
        Words that mean the cell is missing.

    Returns
    -------
    Words
        What stands in the other cells, outer spaces trimmed.
    ndarray of object, shape (n_missing,)
        The tokens of the missing cells, in the order of their rows.
    """
    raw_codes, raw = pd.factorize(cells.to_numpy(dtype=object))
    position: dict[str, int] = {}
    trimmed = [clean(word) for word in raw]
    # -1 marks a missing word; every other gets the place of its trimmed form
    place = np.array([-1 if word in missing else position.setdefault(word, len(position)) for word in trimmed], np.intp)
    codes = place[raw_codes] if len(place) else raw_codes
    tokens = np.array(trimmed, dtype=object)[raw_codes[codes == -1]] if len(place) else np.array([], dtype=object)
    return Words(codes, tuple(position)), tokens


def check_marks(decimal: str, thousands: str) -> None:
    """Raise a `StudyError` where the marks of numbers are none, or the same."""
    if decimal not in (".", ","):
        raise StudyError(f'decimal = {decimal!r} is neither "." nor ","')
    if thousands not in MARKS:
        raise StudyError(f"thousands = {thousands!r} is none of " + ", ".join(f'"{mark}"' for mark in MARKS[1:]))
    if thousands == decimal:
        raise StudyError(f"decimal and thousands are both {decimal!r}; one mark cannot mean both")


def parse_numbers(
    words: Sequence[str],
    *,
    decimal: str = ".",
    thousands: str = "",
    factor: Fraction | None = None,
    integer: bool = False,
) -> Parsed:
    """Parse numbers; `factor` converts the unit, without the noise of a product of binary fractions.

    Examples
    --------
    >>> parse_numbers(["2,5", "1e2", "n.d."], decimal=",").found
    array([  2.5, 100. ,   nan])
    >>> parse_numbers(["1.234,5", "12", "1.2"], decimal=",", thousands=".").found
    array([1234.5,   12. ,    nan])
    """
    values = np.full(len(words), np.nan)
    faults: dict[int, str] = {}
    for at, word in enumerate(words):
        plain = _plain_number(word, decimal, thousands)
        if plain is None:
            faults[at] = _not_a_number(word, decimal, thousands)
            continue
        value = float(plain if factor is None else Fraction(plain) * factor)
        if not isfinite(value):
            faults[at] = "is not a finite number"
        elif value == 0 and re.search("[1-9]", re.split("[eE]", plain)[0]):
            faults[at] = "is too small to be told from 0"
        elif integer and not value.is_integer():
            faults[at] = "is not a whole number"
        else:
            values[at] = value
    return Parsed(values, faults)


def _plain_number(word: str, decimal: str, thousands: str = "") -> str | None:
    """Return the word as Python writes numbers, or None where it is no number."""
    if decimal == "." and _NUMBER.fullmatch(word) and (thousands != "." or "." not in word):
        return word
    plain = word.replace("\u2212", "-").replace("\u2019", "'")
    if thousands and thousands in plain:
        if not _grouped(decimal, thousands).fullmatch(plain):
            return None
        plain = plain.replace(thousands, "")
    if decimal != ".":
        if "." in plain:
            return None
        plain = plain.replace(decimal, ".")
    return plain if _NUMBER.fullmatch(plain) else None


@cache
def _grouped(decimal: str, thousands: str) -> re.Pattern[str]:
    """Return the form of a number whose digits stand in threes: 1.23 is not one while the point marks thousands."""
    return re.compile(rf"[+-]?\d{{1,3}}(?:{re.escape(thousands)}\d{{3}})+(?:{re.escape(decimal)}\d*)?", re.ASCII)


def _not_a_number(word: str, decimal: str, thousands: str) -> str:
    """Say what a word is that should be a number, for the commonest slips of real tables."""
    other = "," if decimal == "." else "."
    if word[:1] in "<>≤≥" and len(word) > 1:
        return "is a limit, not a number; a value below the limit of detection needs a column of its own"
    if "±" in word:
        return "holds two numbers"
    marked = _by_marks(word, decimal, other, thousands)
    if marked:
        return marked
    if _CLOCK.fullmatch(word):
        return "is a time of day, which a spreadsheet makes of minutes and seconds; write a number with its unit"
    if _ISO_DATE.fullmatch(word):
        return "is a date, which a spreadsheet makes of words such as 3.2 or 1-2; write the number"
    return _by_its_words(word)


def _by_its_words(word: str) -> str:
    """Say what stands beside the digits of a word, or that there are none."""
    if PERCENT.fullmatch(word):
        return "is a percentage; take the % out, and say so in the column's name or unit"
    if _FOOTNOTED.fullmatch(word):
        return "is a number with a mark on it; take the mark out, or into a column of its own"
    if _SEVERAL.fullmatch(word):
        return "holds several numbers; each needs a column of its own"
    match = _WITH_WORD.fullmatch(word)
    if match:
        return "is a number with words beside it; leave the number alone in its cell"
    if not any(map(str.isdigit, word)):
        return "is not a number; if it means a missing cell, name it in missing"
    return "is not a number"


def _by_marks(word: str, decimal: str, other: str, thousands: str) -> str:
    """Say which decimal mark or thousands mark would make a number of a word, or ``""``."""
    swapped = _plain_number(word, other) is not None
    match = _GROUPED.fullmatch(word)
    mark = match["mark"].replace("’", "'") if match else ""
    if swapped and mark == other and word.count(other) == 1 and not thousands:
        return (
            f"is not a number while decimal = {decimal!r}, and could be one of two: set decimal = {other!r} if "
            f"{other!r} is the decimal mark, thousands = {other!r} if it parts thousands"
        )
    if swapped:
        return f"is not a number while decimal = {decimal!r}"
    if mark:
        last = next((sign for sign in reversed(word) if sign in ".," and sign != mark), decimal)
        if last == mark:  # 1.234.567: its point parts thousands, so it is no decimal mark
            last = other
        return f"is not a number as the study writes them; set thousands = {_quoted(mark)} and decimal = {last!r}"
    return ""


def _quoted(mark: str) -> str:
    return f'"{mark}"' if mark == "'" else repr(mark)


def parse_booleans(words: Sequence[str], true_values: Sequence[str], false_values: Sequence[str]) -> Parsed:
    """Parse the words that mean yes and no."""
    meaning = dict.fromkeys(true_values, True) | dict.fromkeys(false_values, False)
    meaning |= {word: meaning[word[0]] for word in words if _ONE_OR_ZERO.fullmatch(word) and word[0] in meaning}
    faults = {
        at: "is neither yes nor no (write true or false, yes or no, 1 or 0)"
        for at, word in enumerate(words)
        if word not in meaning
    }
    return Parsed(np.array([meaning.get(word, False) for word in words], dtype=bool), faults)


def parse_texts(words: Sequence[str]) -> Parsed:
    """Take words as they are."""
    return Parsed(np.array(words, dtype=object), {})


def inferred_type(words: Sequence[str], decimal: str = ".", thousands: str = "") -> str:
    """Return the type that all words of a column no schema knows have in common.

    Codes such as ``007`` and ``1E5`` are text. Words such as yes and no stay text: which of them is positive is the
    study's to say.

    Examples
    --------
    >>> inferred_type(["1", "2.5"]), inferred_type(["007"]), inferred_type(["1E5"]), inferred_type(["TRUE", "FALSE"])
    ('number', 'string', 'string', 'boolean')
    >>> inferred_type(["yes"]), inferred_type(["45%", "7.5 %"])
    ('string', 'percent')
    """
    if all(_plain_number(word, decimal, thousands) is not None and not _is_code(word) for word in words):
        return "number"
    shares = [match["number"] for word in words if (match := PERCENT.fullmatch(word))]
    if len(shares) == len(words) and all(_plain_number(word, decimal, thousands) is not None for word in shares):
        return "percent"
    return "boolean" if all(word.lower() in ("true", "false") for word in words) else "string"


def _is_code(word: str) -> bool:
    return bool(_CODE.fullmatch(word) or _UNSIGNED_EXPONENT.fullmatch(word))


def without_percent(words: Sequence[str]) -> list[str]:
    """Take the sign out of percentages, for a column that is in percent.

    Examples
    --------
    >>> without_percent(["45%", "7.5 %", "12"])
    ['45', '7.5', '12']
    """
    return [match["number"] if (match := PERCENT.fullmatch(word)) else word for word in words]
