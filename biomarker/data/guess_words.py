"""A guess at what the words of a table mean: missing cells, decimal marks, orders of dates, yes and no."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import pandas as pd

from biomarker.data.cells import clean
from biomarker.data.dates import parse_dates
from biomarker.data.marks import ambiguous_decimal
from biomarker.data.missing import DEFAULT_MISSING
from biomarker.data.schemas import Field, Schema
from biomarker.data.words import FORMULA_ERRORS, inferred_type, parse_numbers

_MAX_TOKENS = 3  # a number column with more kinds of words than this holds text, not missing cells
_SENTINEL = re.compile(r"-?(?:9{2,5}|88|888|8888|77|777)(?:[.,]0+)?|-[189]")
_KNOWN_WORDS: Mapping[str, Mapping[str, str]] = {
    "yes": {"dead": "true", "died": "true", "deceased": "true", "death": "true", "event": "true", "ja": "true"}
    | {
        "progressed": "true",
        "progression": "true",
        "relapse": "true",
        "verstorben": "true",
        "tot": "true",
        "oui": "true",
    }
    | {"checked": "true"},
    "no": {"alive": "false", "living": "false", "censored": "false", "no event": "false", "nein": "false"}
    | {"progression-free": "false", "lebend": "false", "lebt": "false", "non": "false", "unchecked": "false"},
}
_SEXES = {"männlich": "male", "weiblich": "female", "mann": "male", "frau": "female", "w": "F", "m": "M", "f": "F"}
_SEXES |= {"homme": "male", "femme": "female", "man": "male", "woman": "female", "male": "male", "female": "female"}
_YES = {"true", "yes", "y", "1"}
_NO = {"false", "no", "n", "0"}


def _words(frame: pd.DataFrame, name: str) -> list[str]:
    return [word for word in dict.fromkeys(map(clean, pd.unique(frame[name]))) if word]


def missing_words(
    frame: pd.DataFrame,
    schema: Schema | None,
    decimal: str,
    thousands: str = "",
    values: Mapping[str, Mapping[str, str]] | None = None,
) -> tuple[str, ...]:
    """Return the words that seem to mean a missing cell.

    The usual ones; the few words of columns of numbers; and numbers such as -99 that the column cannot hold.
    """
    found: dict[str, None] = {}
    for name in frame.columns:
        cells = frame[name].map(clean)
        words = [word for word in pd.unique(cells) if word]
        found |= dict.fromkeys(word for word in words if word in DEFAULT_MISSING)
        other = [word for word in words if inferred_type([word], decimal, thousands) != "number"]
        odd = [word for word in other if not any(map(str.isdigit, word)) and word not in FORMULA_ERRORS]
        field = schema.field(str(name)) if schema else None
        of_numbers = field.type in ("number", "integer") if field else cells.isin(other).sum() * 2 < (cells != "").sum()
        if of_numbers and len(other) == len(odd) <= _MAX_TOKENS and str(name) not in (values or {}):
            found |= dict.fromkeys(odd)
        if field and of_numbers:
            found |= dict.fromkeys(_sentinels(words, field, decimal))
    return tuple(found)


def _sentinels(words: Sequence[str], field: Field, decimal: str) -> list[str]:
    """Return the words such as -99 or 999 that lie beyond what the column may hold."""
    found = []
    for word in words:
        if _SENTINEL.fullmatch(word):
            (value,) = parse_numbers([word], decimal=decimal).found
            low, high = field.minimum, field.maximum
            if (low is not None and value < low) or (high is not None and value > high):
                found.append(word)
    return found


def marks_of_numbers(
    frame: pd.DataFrame, schema: Schema | None, delimiter: str
) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return the decimal mark and the thousands mark where the words show them; ask where they fit both ways."""
    chosen = {"decimal": "", "thousands": ""}
    unsure = []
    for name in frame.columns:
        field = schema.field(str(name)) if schema else None
        if field and field.type not in ("number", "integer", "any"):
            continue
        words = [word for word in _words(frame, name) if word not in DEFAULT_MISSING and any(map(str.isdigit, word))]
        marked = [word for word in words if re.search(r"[.,' ’]", word)]
        if not marked:
            continue
        ways = _ways(marked)
        if len(ways) == 1 and ways[0] != (".", ""):
            chosen = {"decimal": ways[0][0], "thousands": ways[0][1] or chosen["thousands"]}
        elif len(ways) > 1 and not (delimiter != ";" and ways[0] == (".", "")):
            unsure.append((str(name), marked[0], ways))
    asked = []
    for name, word, ways in unsure:
        if chosen["decimal"] or chosen["thousands"]:
            continue
        if not any(way == (".", "") for way in ways) or ambiguous_decimal([word]):
            options = " or ".join(map(_as_keys, ways))
            asked.append(f"{name}: {word} can be read in more than one way; write {options}.")
    return chosen, tuple(asked)


def _as_keys(way: tuple[str, str]) -> str:
    return f'decimal = "{way[0]}"' + (f' with thousands = "{way[1]}"' if way[1] else "")


def _ways(words: Sequence[str]) -> list[tuple[str, str]]:
    """Return the decimal and thousands marks under which all words are numbers, the simplest first."""
    ways = [(".", ""), (",", ""), (",", "."), (".", ","), (",", " "), (".", " "), (".", "'"), (",", "'")]
    fitting = [
        (decimal, thousands)
        for decimal, thousands in ways
        if inferred_type(words, decimal, thousands) == "number"
        and (not thousands or any(thousands in word.replace("’", "'") for word in words))
    ]
    simple = [way for way in fitting if not way[1]]
    if simple and len(fitting) > len(simple):
        # 2,5 and 1,25 have no grouping; 1,234 alone may have
        return fitting
    # the decimal mark is not shown: 1 234 has none
    if len(fitting) == 2 and fitting[0][1] == fitting[1][1] and fitting[0][1] in (" ", "'"):
        return [(".", fitting[0][1])]
    return fitting


def gaps(frame: pd.DataFrame) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the patient's column to fill down, where it is written once for several rows."""
    if "patient_id" not in frame or not len(frame):
        return (), ()
    words = frame["patient_id"].map(clean)
    if (words == "").any() and words.iloc[0] != "" and not words[words != ""].duplicated().any():
        return ("patient_id",), ("Empty cells of patient_id take what stands above them. Is that right?",)
    return (), ()


def our_words(frame: pd.DataFrame, schema: Schema | None) -> tuple[dict[str, dict[str, str]], tuple[str, ...]]:
    """Return our words for theirs, where a column of yes and no or of the sexes has others that are well known."""
    values: dict[str, dict[str, str]] = {}
    asked = []
    for name in map(str, frame.columns):
        field = schema.field(name) if schema else None
        if field is None:
            continue
        words = [word for word in _words(frame, name) if word not in DEFAULT_MISSING]
        known: Mapping[str, str] = {}
        if field.type == "boolean":
            known = {**_KNOWN_WORDS["yes"], **_KNOWN_WORDS["no"]}
            plain = _YES | _NO
        elif name == "sex":
            known, plain = _SEXES, set()
        if not known:
            continue
        turned = {word: known[word.casefold()] for word in words if word not in field.enum and word.casefold() in known}
        if turned:
            values[name] = turned
            said = ", ".join(f"{theirs} is {ours}" for theirs, ours in turned.items())
            asked.append(f"{name}: {said}. Is that right?")
        elif field.type == "boolean" and any(word.casefold() not in plain for word in words):
            asked.append(f"{name} holds {', '.join(words[:4])}: say which mean yes, values = {{ {name} = {{ … }} }}.")
    return values, tuple(asked)


def date_order(frame: pd.DataFrame, schema: Schema | None, missing: set[str]) -> tuple[str, tuple[str, ...]]:
    """Return the one order in which all dates of the table are dates; ask where there are two."""
    words: list[str] = []
    for name in frame.columns:
        field = schema.field(str(name)) if schema else None
        if field and field.type == "date":
            words += [word for word in _words(frame, name) if word not in missing]
    if not words or not parse_dates(words).faults:
        return "", ()
    orders = [order for order in ("dmy", "mdy", "ymd") if not parse_dates(words, order).faults]
    if len(orders) == 1:
        return orders[0], (f'Dates are read as "{orders[0]}", the one order that fits them all.',)
    if orders:
        choice = " or ".join(f'dates = "{order}"' for order in orders)
        return "", (f"Dates such as {words[0]} can be more than one day; write {choice}.",)
    return "", ()
