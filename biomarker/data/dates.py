"""Words to dates, by an order of day, month and year that the study gives: none is guessed."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence

import numpy as np

from biomarker.data.parsed import Parsed
from biomarker.errors import StudyError, nearest

ORDERS: Mapping[str, str] = {
    "ymd": "year, month, day: 2026-11-21 or 20261121",
    "dmy": "day, month, year: 21.11.2026, 21/11/2026, 21-Nov-2026 or 21NOV2026",
    "mdy": "month, day, year: 11/21/2026",
    "excel": "the number of a day as Excel counts, from 1900: 46347",
    "excel-1904": "the number of a day as Excel for old Macs counts, from 1904",
    "sas": "the number of a day as SAS counts, from 1960",
}
_EPOCHS = {"excel": dt.date(1899, 12, 30), "excel-1904": dt.date(1904, 1, 1), "sas": dt.date(1960, 1, 1)}
_FIRST_YEAR, _LAST_YEAR = 1900, 2200
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_COMPACT = re.compile(r"\d{8}", re.ASCII)
_PARTS = re.compile(r"(\d{1,4})[./ -](\d{1,2}|[A-Za-z]{3,9})[./ -](\d{1,4})", re.ASCII)
_PARTIAL = re.compile(r"\d{4}(?:-\d{2})?(?:-{1,2})?", re.ASCII)
_TIMED = re.compile(r"\d{4}-?\d{2}-?\d{2}[T _]\d{2}:?\d{2}.*", re.ASCII)
_MIDNIGHT = re.compile(r"(?P<day>.*\d)[T _]00:?00(?::?00(?:\.0+)?)?", re.ASCII)
_SAS_WORD = re.compile(r"(\d{1,2})([A-Za-z]{3})(\d{4})", re.ASCII)
_SHORT_YEAR = re.compile(r"\d{1,2}[./ -](?:\d{1,2}|[A-Za-z]{3,9})[./ -]\d{2}|\d{1,2}[A-Za-z]{3}\d{2}", re.ASCII)
_SERIAL = re.compile(r"\d{4,5}(?:\.\d+)?", re.ASCII)
_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = {name: number for number, name in enumerate(_NAMES, 1)}
_NOT_ISO = "is not a date written year-month-day, such as 2026-11-21"


def check_order(order: str, *, place: str = "dates") -> None:
    """Raise a `StudyError` where this is no order of dates."""
    if order and order not in ORDERS:
        known = "; ".join(f"{name!r} ({meaning})" for name, meaning in ORDERS.items())
        raise StudyError(f"{place} = {order!r}{nearest(order, list(ORDERS))}; known are {known}")


def parse_dates(words: Sequence[str], order: str = "") -> Parsed:
    """Parse dates written year-month-day, or in the order given.

    Parameters
    ----------
    words : sequence of str
    order : str
        A key of `ORDERS`. Where it is empty, ``2026-11-21`` alone is a date: ``01/02/2026`` could be two days. The
        time 00:00 after a date is that of programs which know no other, and is let pass; any other time is a fault.

    Examples
    --------
    >>> parse_dates(["2026-11-21", "21.11.2026"], "dmy").found.astype("datetime64[D]")
    array(['2026-11-21', '2026-11-21'], dtype='datetime64[D]')
    >>> parse_dates(["01/02/2026"]).faults[0]
    'could be more than one day; say how dates are written: dates = "dmy" or dates = "mdy"'
    """
    values = np.full(len(words), np.datetime64("NaT"), dtype="datetime64[ns]")
    faults: dict[int, str] = {}
    for at, word in enumerate(words):
        match = _MIDNIGHT.fullmatch(word)
        day = _day(match["day"] if match else word, order)
        if day is None:
            faults[at] = _not_a_date(word, order)
        elif not _FIRST_YEAR <= day.year <= _LAST_YEAR:
            faults[at] = f"is not a date between {_FIRST_YEAR} and {_LAST_YEAR}"
        else:
            values[at] = np.datetime64(day, "ns")
    return Parsed(values, faults)


def _day(word: str, order: str) -> dt.date | None:
    try:
        if _ISO.fullmatch(word):
            return dt.date.fromisoformat(word)
        if order in _EPOCHS:
            return _EPOCHS[order] + dt.timedelta(days=int(word)) if word.isdecimal() and len(word) < 7 else None
        if order == "ymd" and _COMPACT.fullmatch(word):
            return dt.date(int(word[:4]), int(word[4:6]), int(word[6:]))
        return _by_parts(word, order) if order else None
    except (ValueError, OverflowError):
        return None


def _by_parts(word: str, order: str) -> dt.date | None:
    match = _PARTS.fullmatch(word) or _SAS_WORD.fullmatch(word)
    if match is None:
        return None
    parts = dict(zip(order, match.groups(), strict=True))
    month = _MONTHS.get(parts["m"][:3].casefold(), 0) if parts["m"].isalpha() else int(parts["m"])
    if len(parts["y"]) != 4 or not parts["d"].isdecimal():
        return None  # a year of two digits is of no certain century
    return dt.date(int(parts["y"]), month, int(parts["d"]))


def _not_a_date(word: str, order: str) -> str:
    """Say what a word is that should be a date."""
    if _TIMED.fullmatch(word):
        return "holds a time of day too; give the day alone"
    if _SHORT_YEAR.fullmatch(word):
        return "has a year of two digits, of no certain century; write all four"
    if order:
        return f"is not a date while dates = {order!r} ({ORDERS[order]})"
    orders = [name for name in ("dmy", "mdy", "ymd") if _day(word, name)]
    if len(orders) > 1:
        return "could be more than one day; say how dates are written: " + " or ".join(
            f'dates = "{name}"' for name in orders
        )
    if orders:
        meaning = ORDERS[orders[0]].partition(":")[0]
        return f'{_NOT_ISO}; if it is {meaning}, set dates = "{orders[0]}"'
    if _PARTIAL.fullmatch(word):
        return "is a part of a date: the day, or the month too, is not known"
    if _SERIAL.fullmatch(word):
        return f'{_NOT_ISO}; the number of a day in Excel needs dates = "excel", in SAS dates = "sas"'
    return _NOT_ISO
