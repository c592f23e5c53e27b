"""Figures as a paper prints them: the number, and every number that rounds to it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from math import isfinite

import numpy as np

from biomarker.errors import DesignError
from biomarker.kernels.interval import Interval

LARGEST = 1e100  # of a printed figure: squares must not overflow
MOST_COUNTED = 1_000_000_000  # of a printed count


@dataclass(frozen=True, kw_only=True)
class Printed:
    """A printed figure.

    Attributes
    ----------
    value : float
        The number itself; for "<0.0001" the limit.
    interval : Interval
        All numbers that print so.
    text : str
        As it was given.
    """

    value: float
    interval: Interval
    text: str

    def times(self, factor: float) -> Interval:
        """Return the interval times a factor that is not negative."""
        return Interval(self.interval.low * factor, self.interval.high * factor)


def is_number(value: object) -> bool:
    """Return whether an argument is a finite number of a usable size."""
    if isinstance(value, bool) or not isinstance(value, int | float | np.integer | np.floating):
        return False
    return bool(np.abs(value) <= LARGEST)


def printed(figure: object, name: str, *, decimals: int | None = None) -> Printed:
    """Read one printed figure; "7.80" keeps its zero, a plain 7.8 has one decimal unless `decimals` says more.

    Examples
    --------
    >>> [round(limit, 4) for limit in printed("7.80", "mean").interval]
    [7.795, 7.805]
    """
    text = str(figure).strip().replace("\u2212", "-").rstrip("%").strip()
    if isinstance(figure, bool) or not isinstance(figure, str | int | float | np.integer | np.floating):
        raise DesignError(f"{name} is {figure!r}; give a number, or its text as printed")
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise DesignError(f"{name} is {figure!r}, which is no number") from None
    if not number.is_finite() or abs(number) > LARGEST:
        raise DesignError(f"{name} is {figure!r}; give a finite number, not above {LARGEST:g}")
    if decimals is not None and (isinstance(decimals, bool) or not isinstance(decimals, int) or not 0 <= decimals < 16):
        raise DesignError(f"decimals is {decimals!r}; give a whole number from 0 to 15")
    exponent = number.as_tuple().exponent
    shown = max(-int(exponent), 0) if isinstance(exponent, int) else 0
    if isinstance(figure, float | np.floating) and float(figure).is_integer():  # 5.0 may have been printed 5
        shown = 0
    half = 0.5 * 10.0 ** -max(shown, decimals or 0)
    value = float(number)
    return Printed(value=value, interval=Interval(value - half, value + half), text=text)


def printed_list(
    figures: object, name: str, n: int | None = None, *, decimals: int | None = None, least: float | None = None
) -> tuple[Printed, ...]:
    """Read a list of printed figures, `n` of them, none below `least`."""
    if isinstance(figures, str) or not isinstance(figures, Sequence | np.ndarray):
        raise DesignError(f"{name} is {figures!r}; give a list, one figure a group")
    found = tuple(printed(figure, name, decimals=decimals) for figure in figures)
    if n is not None and len(found) != n:
        raise DesignError(f"{name} has {len(found)} figures for {n} groups; give one a group")
    if least is not None:
        for figure in found:
            if figure.value < least:
                raise DesignError(f"{name} holds {figure.text}, which is below {least:g}")
        found = tuple(_not_below(figure, least) for figure in found)
    return found


def _not_below(figure: Printed, least: float) -> Printed:
    low, high = figure.interval
    return Printed(value=figure.value, interval=Interval(max(low, least), high), text=figure.text)


def printed_p(figure: object) -> Printed:
    """Read a p-value: 0.0065, "<0.0001", ">0.05" or "NS" (above 0.05).

    Examples
    --------
    >>> printed_p("<0.0001").interval
    Interval(low=0.0, high=0.0001)
    """
    text = str(figure).strip().lower().replace(" ", "")
    text = re.sub(r"^p(?=[<>=≤≥])", "", text).removeprefix("=")
    if text in ("ns", "n.s."):
        return Printed(value=0.05, interval=Interval(0.05, 1.0), text="NS")
    relation = text[0] if text[:1] in "<>≤≥" and text else ""
    if not relation and not isinstance(figure, str):
        plain = printed(figure, "p_value")
    else:
        plain = printed(text.removeprefix(relation), "p_value")
    if not 0 <= plain.value <= 1:
        raise DesignError(f"p_value is {figure!r}; a p-value lies between 0 and 1")
    if relation in ("<", "≤"):
        return Printed(value=plain.value, interval=Interval(0.0, plain.value), text=f"<{plain.text}")
    if relation in (">", "≥"):
        return Printed(value=plain.value, interval=Interval(plain.value, 1.0), text=f">{plain.text}")
    low, high = plain.interval
    return Printed(value=plain.value, interval=Interval(max(low, 0.0), min(high, 1.0)), text=plain.text)


def whole_numbers(figures: object, name: str, n: int | None = None, *, least: int = 0) -> tuple[int, ...]:
    """Read a list of counts; one number alone stands for `n` of them."""
    if isinstance(figures, int | np.integer) and not isinstance(figures, bool) and n is not None:
        figures = [figures] * n
    if isinstance(figures, str) or not isinstance(figures, Sequence | np.ndarray):
        raise DesignError(f"{name} is {figures!r}; give a list of whole numbers")
    if n is not None and len(figures) != n:
        raise DesignError(f"{name} has {len(figures)} numbers for {n} groups; give one a group")
    for figure in figures:
        number = isinstance(figure, int | float | np.integer | np.floating) and not isinstance(figure, bool)
        if not number or not isfinite(figure) or figure != int(figure) or not least <= figure <= MOST_COUNTED:
            raise DesignError(f"{name} holds {figure!r}; give whole numbers of {least} or more")
    return tuple(int(figure) for figure in figures)


def overlap(one: Interval, other: Interval) -> bool:
    """Return whether two intervals share a value; what is not known shares none."""
    slack = 1e-12 * max(1.0, abs(other.low), abs(other.high)) if np.isfinite([*other]).all() else 0.0
    return bool(one.low <= other.high + slack and other.low <= one.high + slack)
