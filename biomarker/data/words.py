"""Words of one column to values of one type: each distinct word is looked at once, however long the table.

A parser takes the distinct words of a column and returns their values, with what is wrong with each word that has none.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from biomarker.data.cells import clean

FORMULA_ERRORS = frozenset({"#REF!", "#DIV/0!", "#N/A", "#NAME?", "#VALUE!", "#NUM!", "#NULL!", "#SPILL!", "#CALC!"})
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_CODE = re.compile(r"[+-]?0\d+.*")  # 007 is a name, not seven
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_FIRST_YEAR, _LAST_YEAR = 1900, 2200
_FOOTNOTED = re.compile(r"[+-]?\d+(?:[.,]\d+)?\s*[*†‡§a-z]+")


@dataclass(frozen=True)
class Words:
    """A column as distinct words and, for each row, which of them stands there (-1 where the cell is missing)."""

    codes: npt.NDArray[np.intp]
    words: tuple[str, ...]


@dataclass(frozen=True)
class Parsed:
    """Values of the words, in their order, and the fault of each word that has no value."""

    found: npt.NDArray[Any]
    faults: Mapping[int, str]


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


def parse_numbers(
    words: Sequence[str], *, decimal: str = ".", factor: Fraction | None = None, integer: bool = False
) -> Parsed:
    """Parse numbers; `factor` converts the unit, without the noise of a product of binary fractions.

    Examples
    --------
    >>> parse_numbers(["2,5", "1e2", "n.d."], decimal=",").found
    array([  2.5, 100. ,   nan])
    """
    values = np.full(len(words), np.nan)
    faults: dict[int, str] = {}
    for at, word in enumerate(words):
        plain = _plain_number(word, decimal)
        if plain is None:
            faults[at] = _not_a_number(word, decimal)
            continue
        value = float(plain if factor is None else Fraction(plain) * factor)
        if not np.isfinite(value):
            faults[at] = "is not a finite number"
        elif integer and not value.is_integer():
            faults[at] = "is not a whole number"
        else:
            values[at] = value
    return Parsed(values, faults)


def _plain_number(word: str, decimal: str) -> str | None:
    """Return the word as Python writes numbers, or None where it is no number."""
    plain = word.replace("\u2212", "-")
    if decimal != ".":
        if "." in plain:
            return None
        plain = plain.replace(decimal, ".")
    return plain if _NUMBER.fullmatch(plain) else None


def _not_a_number(word: str, decimal: str) -> str:
    """Say what a word is that should be a number, for the commonest slips of real tables."""
    other = "," if decimal == "." else "."
    if word[:1] in "<>≤≥" and len(word) > 1:
        return "is a limit, not a number; a value below the limit of detection needs a column of its own"
    if "±" in word:
        return "holds two numbers"
    if _plain_number(word, other) is not None:
        return f"is not a number while decimal = {decimal!r}"
    if _FOOTNOTED.fullmatch(word):
        return "is a number with a mark on it"
    return "is not a number"


def parse_booleans(words: Sequence[str], true_values: Sequence[str], false_values: Sequence[str]) -> Parsed:
    """Parse the words that mean yes and no."""
    meaning = dict.fromkeys(true_values, True) | dict.fromkeys(false_values, False)
    faults = {
        at: "is neither yes nor no (write true or false, yes or no, 1 or 0)"
        for at, word in enumerate(words)
        if word not in meaning
    }
    return Parsed(np.array([meaning.get(word, False) for word in words], dtype=bool), faults)


def parse_dates(words: Sequence[str]) -> Parsed:
    """Parse dates written year-month-day."""
    values = np.full(len(words), np.datetime64("NaT"), dtype="datetime64[ns]")
    faults: dict[int, str] = {}
    for at, word in enumerate(words):
        day = _day(word)
        if day is None:
            faults[at] = "is not a date written year-month-day, such as 2026-11-21"
        elif not _FIRST_YEAR <= day.year <= _LAST_YEAR:
            faults[at] = f"is not a date between {_FIRST_YEAR} and {_LAST_YEAR}"
        else:
            values[at] = np.datetime64(day, "ns")
    return Parsed(values, faults)


def _day(word: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(word) if _DATE.fullmatch(word) else None
    except ValueError:
        return None


def parse_texts(words: Sequence[str]) -> Parsed:
    """Take words as they are."""
    return Parsed(np.array(words, dtype=object), {})


def inferred_type(words: Sequence[str], decimal: str = ".") -> str:
    """Return the type that all words of a column no schema knows have in common.

    Codes such as ``007`` are text. Words such as yes and no stay text: which of them is positive is the study's to say.

    Examples
    --------
    >>> inferred_type(["1", "2.5"]), inferred_type(["007"]), inferred_type(["TRUE", "FALSE"]), inferred_type(["yes"])
    ('number', 'string', 'boolean', 'string')
    """
    if all(_plain_number(word, decimal) is not None and not _CODE.fullmatch(word) for word in words):
        return "number"
    return "boolean" if all(word.lower() in ("true", "false") for word in words) else "string"
