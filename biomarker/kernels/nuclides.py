"""Radionuclides: half-lives, how their names are written, and decay between two times."""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from biomarker.errors import nearest

SOURCE = "ENSDF evaluations of the National Nuclear Data Center (NuDat 3)"


class Nuclide(NamedTuple):
    """A radionuclide of PET, SPECT or therapy; the half-life is in hours."""

    name: str
    element: str
    half_life: float


_MINUTE, _DAY = 1 / 60, 24.0

# Element and half-life in hours, as in the source named above. 44Sc is the value of the evaluation of 2023 (4.042 h);
# older tables have 3.97 h.
_TABLE: dict[str, tuple[str, float]] = {
    "11C": ("carbon", 20.364 * _MINUTE),
    "13N": ("nitrogen", 9.965 * _MINUTE),
    "15O": ("oxygen", 122.24 / 3600),
    "18F": ("fluorine", 109.77 * _MINUTE),
    "43Sc": ("scandium", 3.891),
    "44Sc": ("scandium", 4.042),
    "47Sc": ("scandium", 3.3492 * _DAY),
    "60Cu": ("copper", 23.7 * _MINUTE),
    "61Cu": ("copper", 3.339),
    "62Cu": ("copper", 9.67 * _MINUTE),
    "64Cu": ("copper", 12.701),
    "67Cu": ("copper", 61.83),
    "66Ga": ("gallium", 9.49),
    "67Ga": ("gallium", 3.2617 * _DAY),
    "68Ga": ("gallium", 67.71 * _MINUTE),
    "76Br": ("bromine", 16.2),
    "77Br": ("bromine", 57.04),
    "82Rb": ("rubidium", 1.2575 * _MINUTE),
    "86Y": ("yttrium", 14.74),
    "90Y": ("yttrium", 64.05),
    "89Zr": ("zirconium", 78.41),
    "99mTc": ("technetium", 6.0072),
    "111In": ("indium", 2.8047 * _DAY),
    "123I": ("iodine", 13.2235),
    "124I": ("iodine", 4.176 * _DAY),
    "125I": ("iodine", 59.4 * _DAY),
    "131I": ("iodine", 8.0252 * _DAY),
    "149Tb": ("terbium", 4.118),
    "152Tb": ("terbium", 17.5),
    "155Tb": ("terbium", 5.32 * _DAY),
    "161Tb": ("terbium", 6.89 * _DAY),
    "177Lu": ("lutetium", 6.647 * _DAY),
    "186Re": ("rhenium", 3.7183 * _DAY),
    "188Re": ("rhenium", 17.004),
    "201Tl": ("thallium", 3.0421 * _DAY),
    "211At": ("astatine", 7.214),
    "203Pb": ("lead", 51.92),
    "212Pb": ("lead", 10.64),
    "213Bi": ("bismuth", 45.61 * _MINUTE),
    "223Ra": ("radium", 11.43 * _DAY),
    "225Ac": ("actinium", 9.92 * _DAY),
}
NUCLIDES: dict[str, Nuclide] = {name: Nuclide(name, element, hours) for name, (element, hours) in _TABLE.items()}

_SYMBOLS = {nuclide.element: name.lstrip("0123456789m") for name, nuclide in NUCLIDES.items()}
_MASS_FIRST = re.compile(r"(\d{1,3}m?)([a-z]{1,2})")
_SYMBOL_FIRST = re.compile(r"([a-z]+?)(\d{1,3}m?)")


def nuclide_named(text: str) -> Nuclide:
    """Return the nuclide that a text names: "89Zr", "Zr-89", "[89Zr]", "zirconium-89", "⁸⁹Zr".

    Raises
    ------
    ValueError
        If it is none of the table; the message holds the nearest.

    Examples
    --------
    >>> nuclide_named("Zr-89")
    Nuclide(name='89Zr', element='zirconium', half_life=78.41)
    """
    found = NUCLIDES.get(_spelt(text)) if isinstance(text, str) else None
    if found is None:
        hint = nearest(_spelt(text), list(NUCLIDES)) if isinstance(text, str) else ""
        raise ValueError(f"no half-life is known of {text!r}{hint}; there are {', '.join(NUCLIDES)}")
    return found


def _spelt(text: str) -> str:
    """Return a nuclide's name with the mass number first: "zirconium-89" gives "89Zr"."""
    plain = text.translate(str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹ᵐ", "0123456789m"))
    word = re.sub(r"[\s\[\]()^_-]", "", plain).casefold()
    if match := _MASS_FIRST.fullmatch(word):
        mass, symbol = match.groups()
    elif match := _SYMBOL_FIRST.fullmatch(word):
        symbol, mass = match.groups()
        symbol = next(
            (name.lstrip("0123456789m") for name, (element, _) in _TABLE.items() if element == symbol), symbol
        )
    else:
        return text
    return mass + symbol.capitalize()


def decay(half_life: ArrayLike, elapsed: ArrayLike) -> NDArray[np.float64]:
    """Return the share of the nuclei left after a time, ``2 ** (-elapsed / half_life)``; above 1 for a time before.

    Parameters
    ----------
    half_life, elapsed : array_like of float, shape (...)
        In one unit of time, broadcast together.

    Raises
    ------
    ValueError
        If a half-life is not positive.

    Examples
    --------
    >>> float(decay(78.41, 2 * 78.41))
    0.25
    """
    lives = np.asarray(half_life, dtype=np.float64)
    if np.any(lives <= 0):
        raise ValueError("a half-life is positive")
    left: NDArray[np.float64] = np.exp2(-np.asarray(elapsed, dtype=np.float64) / lives)
    return left


def biologic_half_life(effective: ArrayLike, physical: float) -> NDArray[np.float64]:
    """Return the biologic half-life of an effective one, ``1 / (1/effective - 1/physical)``.

    Parameters
    ----------
    effective : array_like of float, shape (...)
        As seen without correction for decay, in the unit of `physical`.
    physical : float
        Of the nuclide.

    Returns
    -------
    ndarray of float, shape (...)
        Infinite where activity leaves by decay alone; NaN where it falls more slowly than it decays.

    Examples
    --------
    >>> float(biologic_half_life(39.205, 78.41))
    78.41
    """
    rate = 1 / np.asarray(effective, dtype=np.float64) - 1 / physical
    with np.errstate(divide="ignore", invalid="ignore"):
        lives: NDArray[np.float64] = np.where(rate < 0, np.nan, 1 / np.maximum(rate, 0))
    return lives


def effective_half_life(biologic: ArrayLike, physical: float) -> NDArray[np.float64]:
    """Return the effective half-life of a biologic one, ``1 / (1/biologic + 1/physical)``."""
    lives: NDArray[np.float64] = 1 / (1 / np.asarray(biologic, dtype=np.float64) + 1 / physical)
    return lives
