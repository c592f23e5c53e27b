"""What figures show, in words: pieces of the descriptions that stand for a figure where it cannot be seen."""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan
from typing import TYPE_CHECKING

from biomarker.figures.printed import rounded, short
from biomarker.figures.theme import house_style
from biomarker.vocabulary import column_label, quantity_label

if TYPE_CHECKING:
    from biomarker.analyses.result import Estimate, Result

MOST = 6  # things told one by one; of more, the first
LONGEST = 700  # letters: a description is no table
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


def in_words(line: Estimate, digits: int = 2, *, scale: float = 1.0, unit: str = "") -> str:
    """Return an estimate with its limits in words: "0.82 (95% CI 0.70–0.91)" without its level."""
    style = house_style()
    if isnan(line.value):
        return "not estimable"
    shown = rounded(scale * line.value, digits) + unit
    if isnan(line.low) and isnan(line.high):
        return shown
    return f"{shown} ({style.interval(line.low, line.high, digits, scale=scale)})"


def percent(line: Estimate, digits: int = 0) -> str:
    """Return a fraction as a percentage with its limits: "83% (70–91)"."""
    return in_words(line, digits, scale=100, unit="%")


def counted(n: int, unit: str) -> str:
    """Return a count with its noun."""
    return f"{n:,} {unit}{'s' * (n != 1)}"


def ranged(low: float, high: float, unit: str = "") -> str:
    """Return "from 1.2 to 18 g/mL"."""
    return f"from {short(low)} to {short(high)} {unit}".rstrip()


def usual_description(result: Result) -> str:
    """Say what a result found, by its first estimates, where its figure has no description of its own."""
    lines = [line for line in result.estimates if not isnan(line.value)]
    said = [f"{_named(line)} {_value(line)}" for line in lines]
    caption = str(getattr(result, "caption", "")).partition(". ")[0].rstrip(".")
    return f"{caption}. {told(said, noun='estimates')}" if caption else told(said, noun="estimates")


def _named(line: Estimate) -> str:
    of = ", ".join(called(value) if isinstance(value, str) else short(float(value)) for value in line.of.values()
                   if isinstance(value, str | int | float) and not isinstance(value, bool))  # fmt: skip
    label = quantity_label(line.quantity)
    return f"{label} ({of})" if of else label


def _value(line: Estimate) -> str:
    if line.unit == "fraction":
        return percent(line)
    style = house_style()
    shown = f"{short(line.value)} {line.unit}".rstrip()
    if isnan(line.low) and isnan(line.high):
        return shown
    mark = " to " if min(line.low, line.high) < 0 or style.range_mark == "to" else style.range_mark
    return f"{shown} ({short(line.low)}{mark}{short(line.high)})"
