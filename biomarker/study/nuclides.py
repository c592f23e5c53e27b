"""Radionuclides in a title, printed with their mass number raised: 89Zr as chemists write it."""

from __future__ import annotations

import re

# The nuclides of PET, SPECT and therapy; a list, so that "18F" is raised and "24h" or a patient "7C" is not.
_NUCLIDE = re.compile(
    r"(?<![\w.])(11(?=C)|13(?=N)|15(?=O)|18(?=F)|44(?=Sc)|6[0124](?=Cu)|67(?=Cu)|6[678](?=Ga)|76(?=Br)|82(?=Rb)|86(?=Y)|"
    r"89(?=Zr)|90(?=Y)|99m(?=Tc)|111(?=In)|12[345](?=I)|131(?=I)|1(?:49|52|61)(?=Tb)|177(?=Lu)|18[68](?=Re)|201(?=Tl)|"
    r"211(?=At)|212(?=Pb)|213(?=Bi)|223(?=Ra)|225(?=Ac))(?=[A-Z][a-z]?(?![A-Za-z0-9]))"
)


def raised_mass_numbers(text: str) -> list[tuple[str, bool]]:
    """Return `text` in pieces, each with whether it is to be raised.

    Examples
    --------
    >>> raised_mass_numbers("89Zr-trastuzumab at 24h")
    [('89', True), ('Zr-trastuzumab at 24h', False)]
    """
    pieces = _NUCLIDE.split(text)
    return [(piece, place % 2 == 1) for place, piece in enumerate(pieces) if piece]
