"""How numbers print: rounding, intervals and p-values by journal style. Nothing is rounded anywhere else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from math import floor, isfinite, isinf, isnan, log10

from biomarker.errors import DesignError, nearest

NOT_ESTIMABLE = "NE"
MINUS, EN_DASH = "\u2212", "\u2013"
LETTERS = "abcdefghijklmnopqrstuvwxyz"

_SMALLEST_PLAIN, _LARGEST_PLAIN = -4, 7  # powers of ten within which significant figures print without one
_NOISE = 1e-10  # a difference of this size is rounding in the computer, not uptake
_MOST_OF_TWO_DIGITS = 0.99
_MOST_DECIMALS = 12
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True, kw_only=True)
class Style:
    """A journal's way with numbers, footnotes and units.

    Attributes
    ----------
    p_symbol : str
        "p" or "P".
    p_smallest, p_largest : float
        Below the one, p prints as "<p_smallest"; above the other, as ">p_largest".
    p_two_digits_from : float
        From this p on, two decimals are enough; below it three (or as many as `p_smallest` has).
    p_figures : int
        Significant figures of p, where a journal counts these and not decimals; 0 where it does not.
    p_kept_below : float
        A p below it is never rounded up to it: 0.0496 prints as .0496, not as .05. 0 where a journal does not mind.
    range_mark : str
        What stands between two limits when neither is negative; "to" is used when one is.
    decimal_mark : str
        "." or the Lancet's "·".
    leading_zero : bool
        Whether p = 0.03 keeps its zero.
    marks : str
        The signs of footnotes, in order; they are doubled when all have been used.
    unit_form : str
        How a unit follows its label.
    """

    name: str
    p_symbol: str = "p"
    p_smallest: float = 0.001
    p_largest: float = 0.999
    p_two_digits_from: float = 1.0
    p_figures: int = 0
    p_kept_below: float = 0.0
    range_mark: str = EN_DASH
    decimal_mark: str = "."
    leading_zero: bool = True
    marks: str = LETTERS
    unit_form: str = "{label} ({unit})"

    def number(self, value: float, digits: int = 2) -> str:
        """Return `value` with `digits` decimals; "NE" for NaN.

        A value of more than seven digits before the point is written with a power of ten: "1.20 × 10⁹". One of which
        these digits show nothing is 0: a fitted number is never quite that. For what was measured there is `measured`.
        """
        power = _power_of_ten((value,), digits) if abs(value) >= 1 else 0
        return _with_power(self._fixed(value / 10.0**power, _mantissa(digits, power)), power)

    def measured(self, value: float, digits: int = 2) -> str:
        """Return a number in the unit of its measurement, which may be small: 0.0000012 is "1.20 × 10⁻⁶", not 0.00."""
        power = _power_of_ten((value,), digits)
        return _with_power(self._fixed(value / 10.0**power, _mantissa(digits, power)), power)

    def _fixed(self, value: float, digits: int) -> str:
        if isnan(value):
            return NOT_ESTIMABLE
        if isinf(value):
            return "∞" if value > 0 else f"{MINUS}∞"
        text = f"{abs(value):.{digits}f}"
        sign = MINUS if value < 0 and float(text) != 0 else ""
        return sign + text.replace(".", self.decimal_mark)

    def significant(self, value: float, figures: int = 3) -> str:
        """Return `value` with `figures` significant figures, with a power of ten below 0.0001 and from 10,000,000.

        An exact half rounds away from zero, as readers and spreadsheets do: 0.995 to two figures is 1.0.
        """
        if isnan(value) or isinf(value) or value == 0:
            return self._fixed(value, 0 if value == 0 else 2)
        magnitude = floor(log10(abs(value)))
        rounded = _rounded_half_up(value, magnitude - figures + 1)
        if rounded != 0:  # 9.996 to three figures is 10.0, not 10.00
            magnitude = floor(log10(abs(rounded)))
        if not _SMALLEST_PLAIN <= magnitude < _LARGEST_PLAIN:
            return _with_power(self._fixed(rounded / 10.0**magnitude, figures - 1), magnitude)
        return self._fixed(rounded, max(0, figures - 1 - magnitude))

    def plain(self, value: float) -> str:
        """Return a number that was given, such as a cutoff, with the digits it was given: 6.5 stays "6.5"."""
        mantissa, _, power = f"{abs(value):.10g}".partition("e")
        text = (MINUS if value < 0 else "") + mantissa.replace(".", self.decimal_mark)
        return _with_power(text, int(power or 0))

    def percent(self, fraction: float, digits: int = 1) -> str:
        """Return a fraction as a percentage without its sign: 0.8333 gives "83.3"."""
        return self._fixed(100 * fraction, digits)

    def interval(self, low: float, high: float, digits: int = 2, *, scale: float = 1.0) -> str:
        """Return "low–high", or "low to high" where a limit is negative; "NE" where neither is known."""
        if isnan(low) and isnan(high):
            return NOT_ESTIMABLE
        power = _power_of_ten((low, high), digits) if scale == 1 else 0
        limits = self._limits(low * scale / 10.0**power, high * scale / 10.0**power, _mantissa(digits, power))
        return _with_power(f"({limits})", power) if power else limits

    def with_interval(self, value: float, low: float, high: float, digits: int = 2, *, scale: float = 1.0) -> str:
        """Return "value (low–high)", or the value alone where there is no interval at all.

        Where these digits would show nothing of the value and of both limits, a power of ten follows them.
        """
        if isnan(low) and isnan(high):
            return self.number(value, digits) if scale == 1 else self._fixed(value * scale, digits)
        power = _power_of_ten((value, low, high), digits) if scale == 1 else 0
        digits, factor = _mantissa(digits, power), scale / 10.0**power
        limits = self._limits(low * factor, high * factor, digits)
        return _with_power(f"{self._fixed(value * factor, digits)} ({limits})", power)

    def _limits(self, low: float, high: float, digits: int) -> str:
        parts = self._fixed(low, digits), self._fixed(high, digits)
        spaced = any(part.startswith(MINUS) for part in parts) or self.range_mark == "to"
        return " to ".join(parts) if spaced else self.range_mark.join(parts)

    def p_value(self, p: float) -> str:
        """Return p as it stands in a table cell: "0.013", "<0.001"."""
        if isnan(p):
            return NOT_ESTIMABLE
        if p < self.p_smallest:
            return "<" + self._p_number(self.p_smallest, _decimals(self.p_smallest))
        if p > self.p_largest:  # never "1.000": a p-value is not a certainty unless it is exactly 1
            if p == 1 and self.p_largest > _MOST_OF_TWO_DIGITS:
                return self._p_number(1.0, 2)
            return ">" + self._p_number(self.p_largest, _decimals(self.p_largest))
        return self._p_number(p, self._p_digits(p))

    def _p_digits(self, p: float) -> int:
        if self.p_figures:
            rounded = float(f"{p:.{self.p_figures - 1}e}")
            return self.p_figures - 1 - floor(log10(rounded))
        digits = 2 if p >= self.p_two_digits_from else _decimals(self.p_smallest)
        while p < self.p_kept_below <= round(p, digits) and digits < _MOST_DECIMALS:
            digits += 1
        return digits

    def p_phrase(self, p: float) -> str:
        """Return p as it stands in a sentence: "p = 0.013", "p < 0.001"."""
        cell = self.p_value(p)
        sign, cell = (cell[0], cell[1:]) if cell[0] in "<>" else ("=", cell)
        return f"{self.p_symbol} {sign} {cell}"

    def _p_number(self, p: float, digits: int) -> str:
        text = self._fixed(p, digits)
        return text if self.leading_zero else text.removeprefix("0")

    def mark(self, place: int) -> str:
        """Return the sign of the footnote at a place counted from 0."""
        times, which = divmod(place, len(self.marks))
        return self.marks[which] * (times + 1)

    def with_unit(self, label: str, unit: str) -> str:
        """Return a label with its unit as the journal prints it: "SUVmax (g/mL)"."""
        return self.unit_form.format(label=label, unit=unit) if unit else label


def _power_of_ten(values: Iterable[float], digits: int) -> int:
    """Return the power by which all `values` are to be divided, 0 where `digits` decimals print them well."""
    size = max((abs(value) for value in values if isfinite(value)), default=0.0)
    if size < _NOISE or 10.0 ** -(digits + 2) <= size < 10.0**_LARGEST_PLAIN:
        return 0
    power = floor(log10(size))
    return power + (round(size / 10.0**power, _mantissa(digits, power)) >= 10)


def _mantissa(digits: int, power: int) -> int:
    return max(digits, 1) if power else digits


def _with_power(text: str, power: int) -> str:
    return f"{text} × 10{str(power).translate(_RAISED)}" if power else text


def _decimals(value: float) -> int:
    return len(f"{value:f}".rstrip("0").partition(".")[2])


# What the journals ask for in their instructions (Lancet: two figures of p down to 0·0001, mid-line point; NEJM: two
# decimals above 0.01, three below, ranges with "to"; JAMA: the AMA Manual of Style, with letters as marks and no zero
# before p), and the signs of footnotes in the order of their printed tables.
def _rounded_half_up(value: float, power: int) -> float:
    """Return a value rounded to a power of ten, its decimal halves away from zero: binary 0.345 lies below 0.345."""
    as_written = Decimal(f"{value:.14g}")
    return float(as_written.quantize(Decimal(1).scaleb(power), rounding=ROUND_HALF_UP))


STYLES: dict[str, Style] = {
    "plain": Style(name="plain"),
    "jnm": Style(name="jnm", p_symbol="P", marks="*†‡§‖¶#"),
    "lancet": Style(
        name="lancet", p_smallest=0.0001, p_largest=0.99, p_figures=2, decimal_mark="·", marks="*†‡§¶‖",
    ),
    "nejm": Style(
        name="nejm", p_symbol="P", p_largest=0.99, p_two_digits_from=0.01, range_mark="to", marks="*†‡§¶‖",
        unit_form="{label} — {unit}",
    ),
    "jama": Style(
        name="jama", p_symbol="P", p_largest=0.99, p_two_digits_from=0.01, p_kept_below=0.05, range_mark="-",
        leading_zero=False, unit_form="{label}, {unit}",
    ),
}  # fmt: skip


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
