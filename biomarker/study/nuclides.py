"""Radionuclides in a title, printed with their mass number raised: 89Zr as chemists write it."""

from __future__ import annotations

import re

# The nuclides of PET, SPECT and therapy; a list, so that "18F" is raised and "24h" or a patient "7C" is not.
_MASS_NUMBERS = {
    "C": "11", "N": "13", "O": "15", "F": "18", "Sc": "4[347]", "Cu": "6[0-247]", "Ga": "6[678]", "Br": "7[67]",
    "Rb": "82", "Y": "86|90", "Zr": "89", "Tc": "99m", "In": "111", "I": "12[345]|131", "Tb": "149|152|155|161",
    "Lu": "177", "Re": "18[68]", "Tl": "201", "At": "211", "Pb": "203|212", "Bi": "213", "Ra": "223", "Ac": "225",
}  # fmt: skip
_ALTERNATIVES = (rf"(?:{numbers})(?={symbol}(?![A-Za-z0-9]))" for symbol, numbers in _MASS_NUMBERS.items())
_NUCLIDE = re.compile(rf"(?<![\w.])({'|'.join(_ALTERNATIVES)})")


def raised_mass_numbers(text: str) -> list[tuple[str, bool]]:
    """Return `text` in pieces, each with whether it is to be raised.

    Examples
    --------
    >>> raised_mass_numbers("89Zr-trastuzumab at 24h")
    [('89', True), ('Zr-trastuzumab at 24h', False)]
    """
    pieces = _NUCLIDE.split(text)
    return [(piece, place % 2 == 1) for place, piece in enumerate(pieces) if piece]
