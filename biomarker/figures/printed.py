"""Numbers within a figure, printed as the journal of its style prints them."""

from __future__ import annotations

from math import isinf, isnan
from typing import TYPE_CHECKING

from biomarker.figures.theme import house_style

if TYPE_CHECKING:
    from biomarker.analyses.result import Estimate

ITALIC_P = "\ue000"  # stands for an italic P until the figure is finished; in no text of data
_RAISED = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
_ITALIC = {"jnm", "jama"}


def rounded(value: float, digits: int = 2) -> str:
    """Return a number with `digits` decimals; "NE" for NaN."""
    return house_style().number(value, digits)


def plain(value: float) -> str:
    """Return a number with the digits it was given: 6.5 stays "6.5"."""
    return house_style().plain(value)


def short(value: float, figures: int = 3) -> str:
    """Return a number with at most so many significant figures and no zeros at its end."""
    style = house_style()
    if isnan(value) or isinf(value):
        return style.number(value)
    if abs(value) >= 1e6 or 0 < abs(value) < 1e-4:
        digits, _, power = f"{value:.{figures - 1}e}".partition("e")
        digits = f"{float(digits):g}".replace("-", "\u2212").replace(".", style.decimal_mark)
        raised = str(int(power)).translate(_RAISED)
        return f"10{raised}" if digits == "1" else f"{digits} × 10{raised}"
    return style.plain(float(f"{value:.{figures}g}"))


def with_limits(line: Estimate, digits: int = 2, *, scale: float = 1.0) -> str:
    """Return an estimate with its limits: "0.82 (0.70–0.91)"; alone where it has none."""
    return house_style().with_interval(line.value, line.low, line.high, digits, scale=scale)


def p_phrase(p: float) -> str:
    """Return p as it stands in a figure: "p = 0.013", "p < 0.001"; its letter italic where the journal's is."""
    style = house_style()
    phrase = style.p_phrase(p)
    return phrase.replace(style.p_symbol, ITALIC_P, 1) if style.name in _ITALIC else phrase


def said_p(p: float) -> str:
    """Return p for a text in words, where no letter is italic."""
    return house_style().p_phrase(p)
