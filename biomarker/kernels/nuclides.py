"""Radionuclides: half-lives, how their names are written, and decay between two times.

Half-lives are those of the Evaluated Nuclear Structure Data File (ENSDF, as NuDat shows them), read from its archive
of September 2023; three are of the NUBASE2020 evaluation, which has newer measurements: Kondev FG, Wang M, Huang WJ,
Naimi S, Audi G. Chin Phys C 2021;45:030001, doi:10.1088/1674-1137/abddae. ICRP Publication 107, which S values and
dosimetry programs rest on, differs by less than 0.5 %, but for 44Sc (1.8 %), 66Ga (2.0 %), 82Rb (1.2 %), 161Tb (0.6 %)
and 225Ac (0.8 %).
"""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from biomarker.errors import nearest

ENSDF = "ENSDF (September 2023)"
NUBASE = "NUBASE2020 (Kondev 2021)"


class Nuclide(NamedTuple):
    """A radionuclide of PET, SPECT or therapy; the half-life is in hours, of the evaluation named as its source."""

    name: str
    element: str
    half_life: float
    source: str


_HOURS = {"s": 1 / 3600, "min": 1 / 60, "h": 1.0, "d": 24.0}

# Element and half-life with its unit, digit for digit as ENSDF has it (tests/reference/half_lives.csv).
_OF_ENSDF: dict[str, tuple[str, float, str]] = {
    "11C": ("carbon", 1221.8, "s"),
    "13N": ("nitrogen", 9.965, "min"),
    "15O": ("oxygen", 122.24, "s"),
    "18F": ("fluorine", 109.77, "min"),
    "43Sc": ("scandium", 3.891, "h"),
    "44Sc": ("scandium", 4.042, "h"),
    "47Sc": ("scandium", 3.3492, "d"),
    "45Ti": ("titanium", 184.8, "min"),
    "52Mn": ("manganese", 5.591, "d"),
    "55Co": ("cobalt", 17.53, "h"),
    "60Cu": ("copper", 23.7, "min"),
    "61Cu": ("copper", 3.336, "h"),
    "62Cu": ("copper", 9.67, "min"),
    "64Cu": ("copper", 12.7006, "h"),
    "67Cu": ("copper", 61.83, "h"),
    "67Ga": ("gallium", 3.2617, "d"),
    "68Ga": ("gallium", 67.71, "min"),
    "76Br": ("bromine", 16.2, "h"),
    "77Br": ("bromine", 57.04, "h"),
    "82Rb": ("rubidium", 1.2575, "min"),
    "89Sr": ("strontium", 50.563, "d"),
    "86Y": ("yttrium", 14.74, "h"),
    "90Y": ("yttrium", 64.05, "h"),
    "89Zr": ("zirconium", 78.41, "h"),
    "99mTc": ("technetium", 6.0072, "h"),
    "111In": ("indium", 2.8047, "d"),
    "123I": ("iodine", 13.223, "h"),
    "124I": ("iodine", 4.176, "d"),
    "125I": ("iodine", 59.4, "d"),
    "131I": ("iodine", 8.0252, "d"),
    "153Sm": ("samarium", 46.284, "h"),
    "149Tb": ("terbium", 4.118, "h"),
    "152Tb": ("terbium", 17.5, "h"),
    "155Tb": ("terbium", 5.32, "d"),
    "166Ho": ("holmium", 26.824, "h"),
    "177Lu": ("lutetium", 6.6443, "d"),
    "186Re": ("rhenium", 3.7185, "d"),
    "188Re": ("rhenium", 17.005, "h"),
    "201Tl": ("thallium", 3.042, "d"),
    "211At": ("astatine", 7.214, "h"),
    "203Pb": ("lead", 51.92, "h"),
    "212Pb": ("lead", 10.622, "h"),
    "213Bi": ("bismuth", 45.61, "min"),
    "223Ra": ("radium", 11.4366, "d"),
    "227Th": ("thorium", 18.68, "d"),
}
# Where ENSDF has an older and less certain value: 9.49(3) h, 6.89(2) d and 10.0(1) d.
_OF_NUBASE: dict[str, tuple[str, float, str]] = {
    "66Ga": ("gallium", 9.304, "h"),
    "161Tb": ("terbium", 6.948, "d"),
    "225Ac": ("actinium", 9.919, "d"),
}
NUCLIDES: dict[str, Nuclide] = {
    name: Nuclide(name, element, value * _HOURS[unit], source)
    for table, source in ((_OF_ENSDF, ENSDF), (_OF_NUBASE, NUBASE))
    for name, (element, value, unit) in table.items()
}

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
    Nuclide(name='89Zr', element='zirconium', half_life=78.41, source='ENSDF (September 2023)')
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
        symbol = _SYMBOLS.get(symbol, symbol)
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
