"""What a parser of words gives back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy.typing as npt


@dataclass(frozen=True)
class Parsed:
    """Values of the words, in their order, and the fault of each word that has no value."""

    found: npt.NDArray[Any]
    faults: Mapping[int, str]
