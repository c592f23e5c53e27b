"""How numbers print: rounding, intervals and p-values by journal style. Nothing is rounded anywhere else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, isinf, isnan, log10

from biomarker.errors import DesignError, nearest

NOT_ESTIMABLE = "NE"
MINUS, EN_DASH = "\u2212", "\u2013"


@dataclass(frozen=True, kw_only=True)
class Style:
    """A journal's way with numbers.

    Attributes
    ----------
    p_symbol : str
        "p" or "P".
    p_smallest : float
        Below it, p prints as "<p_smallest".
    p_two_digits_from : float
        From this p on, two decimals are enough; below it three (or as many as `p_smallest` has).
    range_mark : str
        What stands between two limits when neither is negative; "to" is used when one is.
    decimal_mark : str
        "." or the Lancet's "·".
    leading_zero : bool
        Whether p = 0.03 keeps its zero.
    """

    name: str
    p_symbol: str = "p"
    p_smallest: float = 0.001
    p_two_digits_from: float = 1.0
    range_mark: str = EN_DASH
    decimal_mark: str = "."
    leading_zero: bool = True

    def number(self, value: float, digits: int = 2) -> str:
        """Return `value` with `digits` decimals; "NE" for NaN."""
        if isnan(value):
            return NOT_ESTIMABLE
        if isinf(value):
            return "∞" if value > 0 else f"{MINUS}∞"
        text = f"{abs(value):.{digits}f}"
        sign = MINUS if value < 0 and float(text) != 0 else ""
        return sign + text.replace(".", self.decimal_mark)

    def significant(self, value: float, figures: int = 3) -> str:
        """Return `value` with `figures` significant figures, never in exponent form."""
        if isnan(value) or isinf(value) or value == 0:
            return self.number(value, 0 if value == 0 else 2)
        magnitude = floor(log10(abs(value)))
        rounded = round(value, figures - 1 - magnitude)
        if rounded != 0:  # 9.996 to three figures is 10.0, not 10.00
            magnitude = floor(log10(abs(rounded)))
        return self.number(rounded, max(0, figures - 1 - magnitude))

    def plain(self, value: float) -> str:
        """Return a number that was given, such as a cutoff, with the digits it was given: 6.5 stays "6.5"."""
        text = f"{abs(value):.10g}"
        return (MINUS if value < 0 else "") + text.replace(".", self.decimal_mark)

    def percent(self, fraction: float, digits: int = 1) -> str:
        """Return a fraction as a percentage without its sign: 0.8333 gives "83.3"."""
        return self.number(100 * fraction, digits)

    def interval(self, low: float, high: float, digits: int = 2, *, scale: float = 1.0) -> str:
        """Return "low–high", or "low to high" where a limit is negative; "NE" where neither is known."""
        if isnan(low) and isnan(high):
            return NOT_ESTIMABLE
        parts = self.number(low * scale, digits), self.number(high * scale, digits)
        spaced = any(part.startswith(MINUS) for part in parts) or self.range_mark == "to"
        return " to ".join(parts) if spaced else self.range_mark.join(parts)

    def with_interval(self, value: float, low: float, high: float, digits: int = 2, *, scale: float = 1.0) -> str:
        """Return "value (low–high)", or the value alone where there is no interval at all."""
        shown = self.number(value * scale, digits)
        if isnan(low) and isnan(high):
            return shown
        return f"{shown} ({self.interval(low, high, digits, scale=scale)})"

    def p_value(self, p: float) -> str:
        """Return p as it stands in a table cell: "0.013", "<0.001"."""
        if isnan(p):
            return NOT_ESTIMABLE
        digits = len(f"{self.p_smallest:f}".rstrip("0").partition(".")[2])
        if p < self.p_smallest:
            return "<" + self._p_number(self.p_smallest, digits)
        if p > 1 - self.p_smallest:  # never "1.000": a p-value is not a certainty unless it is exactly 1
            return self._p_number(1.0, 2) if p == 1 else ">" + self._p_number(1 - self.p_smallest, digits)
        return self._p_number(p, 2 if p >= self.p_two_digits_from else digits)

    def p_phrase(self, p: float) -> str:
        """Return p as it stands in a sentence: "p = 0.013", "p < 0.001"."""
        cell = self.p_value(p)
        sign, cell = (cell[0], cell[1:]) if cell[0] in "<>" else ("=", cell)
        return f"{self.p_symbol} {sign} {cell}"

    def _p_number(self, p: float, digits: int) -> str:
        text = self.number(p, digits)
        return text if self.leading_zero else text.removeprefix("0")


STYLES: dict[str, Style] = {
    "plain": Style(name="plain"),
    "jnm": Style(name="jnm", p_symbol="P"),
    "lancet": Style(name="lancet", p_smallest=0.0001, p_two_digits_from=0.1, decimal_mark="·"),
    "nejm": Style(name="nejm", p_symbol="P", p_two_digits_from=0.01, range_mark="to"),
    "jama": Style(name="jama", p_symbol="P", p_two_digits_from=0.01, range_mark="-", leading_zero=False),
}


def style_named(style: str | Style) -> Style:
    """Return the style of that name.

    Raises
    ------
    DesignError
        If there is none; the message holds the nearest.
    """
    if isinstance(style, Style):
        return style
    if style not in STYLES:
        raise DesignError(f"no table style {style!r}{nearest(style, list(STYLES))}; there are {', '.join(STYLES)}")
    return STYLES[style]


def count_of(numerator: int, denominator: int) -> str:
    """Return "n/N"."""
    return f"{numerator}/{denominator}"


def listed(items: Sequence[str]) -> str:
    """Return "a, b and c"."""
    return f"{', '.join(items[:-1])} and {items[-1]}" if len(items) > 1 else "".join(items)
