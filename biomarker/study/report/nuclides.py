"""Radionuclides in a title, printed with their mass number raised: 89Zr as chemists write it."""

from __future__ import annotations

import re

from biomarker.kernels.nuclides import NUCLIDES

# A list, so that "18F" is raised and "24h" or a patient "7C" is not.
_PARTS = [re.fullmatch(r"(\d+m?)(\w+)", name) for name in NUCLIDES]
_ALTERNATIVES = (rf"{part[1]}(?={part[2]}(?![A-Za-z0-9]))" for part in _PARTS if part)
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
