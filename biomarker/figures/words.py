"""What figures show, in words: pieces of the descriptions that stand for a figure where it cannot be seen."""

from __future__ import annotations

import re
from collections.abc import Sequence
from math import isnan
from typing import TYPE_CHECKING

from biomarker.figures.printed import said_p, short
from biomarker.figures.theme import house_style
from biomarker.vocabulary import column_label, quantity_label

if TYPE_CHECKING:
    from biomarker.analyses.result import Estimate, Result

MOST = 6  # things told one by one; of more, the first
LONGEST = 700  # letters: a description is no table
_COLUMNS = ("marker", "variable", "term", "subgroup", "x", "y", "first", "second", "test", "feature")
_DECIMALS = ("auc", "c_index")  # fractions that nobody prints in percent
_POINT = re.compile(r"(?<=\d)\.(?=\d)")
_WORDS = {
    "first": "of",
    "second": "and",
    "time": "at",
    "cutoff": "cutoff",
    "per": "per",
    "reference": "against",
    "form": "",
    "at": "at",
}
LONGEST_NAME = 60  # letters


def tidy(text: str) -> str:
    """Return a description on one line, ended by a full stop and within bounds."""
    line = " ".join(text.split())
    if len(line) > LONGEST:
        line = line[: LONGEST - 1].rsplit(" ", 1)[0].rstrip(",;:") + "…"
    return line if line.endswith((".", "…")) else f"{line}."


def called(name: object) -> str:
    """Return a name from data, shortened where it is no name but a text."""
    text = " ".join(str(name).split())
    return text if len(text) <= LONGEST_NAME else f"{text[: LONGEST_NAME - 1].rstrip()}…"


def marker_name(column: str) -> str:
    """Return the printed name of a column, shortened."""
    return called(column_label(column))


def told(items: Sequence[str], *, noun: str = "") -> str:
    """Return things one after another, and how many more there are."""
    shown = list(items[:MOST])
    left = len(items) - len(shown)
    if left:
        shown.append(f"and {left} more{f' {noun}' if noun else ''}")
    return "; ".join(shown)


def counted(n: int, unit: str) -> str:
    """Return a count with its noun."""
    return f"{n:,} {unit}{'s' * (n != 1)}"


def usual_description(result: Result) -> str:
    """Say what a result found, by its first estimates, where its figure has no description of its own."""
    return said(result)


def said(result: Result, *quantities: str, most: int = MOST) -> str:
    """Return estimates of these quantities, in their order, or else all; with limits, and p where a test was made."""
    lines = [line for line in result.estimates if not isnan(line.value) or not isnan(line.p_value)]
    if quantities:
        lines = sorted(
            (line for line in lines if line.quantity in quantities), key=lambda line: quantities.index(line.quantity)
        )
    lines.sort(key=lambda line: "patient" in line.of)  # single patients come after what is said of all
    shown = [_sentence(line) for line in lines[:most]]
    if len(lines) > most:
        shown.append(f"and {len(lines) - most:,} more in the table")
    return "; ".join(shown) or "nothing could be estimated"


def _sentence(line: Estimate) -> str:
    p = "" if isnan(line.p_value) else said_p(line.p_value)
    value = "" if isnan(line.value) or (line.unit == "" and line.quantity.endswith("_test")) else _value(line)
    value = value or _statistic(line)
    return f"{_named(line)} {value}{', ' if value and p else ''}{p}"


def _statistic(line: Estimate) -> str:
    """Return the statistic of a test of several things at once, which has no one estimate: its p stands with it."""
    if isnan(line.statistic):
        return ""
    if isinstance(line.df, tuple):
        return f"F({line.df[0]:g}, {line.df[1]:g}) = {short(line.statistic)}"
    return (
        f"statistic {short(line.statistic)}"
        if isnan(line.df)
        else f"chi-square {short(line.statistic)}, {line.df:g} df"
    )


def _named(line: Estimate) -> str:
    of = ", ".join(
        _told(key, value)
        for key, value in line.of.items()
        if not isinstance(value, bool) and not (key == "comparison" and "first" in line.of)
    )
    label = quantity_label(line.quantity)
    return f"{label} ({of})" if of else label


def _told(key: str, value: object) -> str:
    text = short(float(value)) if isinstance(value, int | float) else called(value)
    if key in _COLUMNS and isinstance(value, str):
        return marker_name(value)
    if key == "level":  # a class made of numbers, such as "< 6.5"
        return _POINT.sub(house_style().decimal_mark, text)
    if key == "rule":
        return text.replace("_", " ")
    return f"{_WORDS[key]} {text}" if key in _WORDS else text


def _value(line: Estimate) -> str:
    style = house_style()
    is_share = line.unit == "fraction" and not any(name in line.quantity for name in _DECIMALS)
    scale, unit = (100.0, "%") if is_share else (1.0, "" if line.unit == "fraction" else line.unit)
    gap = "" if unit == "%" else " "
    shown = f"{short(scale * line.value)}{gap}{unit}".rstrip()
    if isnan(line.low) and isnan(line.high):
        return shown
    mark = " to " if min(line.low, line.high) < 0 or style.range_mark == "to" else style.range_mark
    low, high = (("not reached" if isnan(limit) else short(scale * limit)) for limit in (line.low, line.high))
    return f"{shown} ({low}{mark}{high})"
