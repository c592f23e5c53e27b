"""Numbers whose mark can mean two things: 1.234 is one and a bit, or a thousand and some."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pandas as pd
from pandas.api.types import is_float_dtype, is_integer_dtype

from biomarker.data.cells import TextTable, clean
from biomarker.errors import Problem

_THREE_DECIMALS = re.compile(r"[+-]?[1-9]\d{0,2}\.\d{3}", re.ASCII)


def ambiguous_decimal(words: Sequence[str]) -> str:
    """Return a word that is 1.234 or 1234 by the mark's meaning, where no other word of the column tells; else ``""``.

    Examples
    --------
    >>> ambiguous_decimal(["1.234", "812", "2.500"]), ambiguous_decimal(["1.234", "0.5"])
    ('1.234', '')
    """
    pointed = [word for word in words if "." in word]
    return pointed[0] if pointed and all(_THREE_DECIMALS.fullmatch(word) for word in pointed) else ""


def unsaid_marks(text: TextTable, typed: pd.DataFrame) -> tuple[Problem, ...]:
    """Find the columns of numbers whose point may part thousands, where nothing in the table shows that it does not.

    It is for text parted by semicolons or tabs, which programs write where the comma is the decimal mark.
    """
    doubtful = []
    for name in typed.columns:
        if not (is_float_dtype(typed[name]) or is_integer_dtype(typed[name])):
            continue
        words = [clean(word) for word in pd.unique(text.frame[name])]
        word = ambiguous_decimal(words)
        if word:
            doubtful.append((str(name), word))
        elif any(re.fullmatch(r"[+-]?\d+\.\d+", one) for one in words):
            return ()  # the point is the decimal mark of this table
    return tuple(_asked(text, name, word) for name, word in doubtful)


def _asked(text: TextTable, name: str, word: str) -> Problem:
    cells = text.frame[name].map(clean)
    row = int(cells.index[cells == word][0])
    rule = f'could be {word.replace(".", "")} or {word}; set thousands = "." and decimal = ",", or decimal = "."'
    return Problem(file=text.file, row=row, column=name, value=word, rule=rule)
