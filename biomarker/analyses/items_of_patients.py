"""Items that readers have read, and the patients they belong to: whether they are nested, and whether they are few."""

from __future__ import annotations

from abc import abstractmethod

import numpy as np
from numpy.typing import NDArray

FEW = 5  # fewer units of independence than this, and an interval rests on next to nothing


class ItemsOfPatients:
    """What every arrangement of readings tells of its items; `patients` is None where no column names them."""

    patients: NDArray[np.intp] | None
    item_word: str

    @property
    @abstractmethod
    def n_items(self) -> int:
        """How many items are used."""

    @property
    def n_patients(self) -> int | None:
        """Patients of those items, or None where no column names them."""
        return None if self.patients is None else int(self.patients.max()) + 1

    @property
    def is_nested(self) -> bool:
        """Whether a patient has more than one item."""
        return self.n_patients is not None and self.n_patients < self.n_items

    @property
    def n_independent(self) -> int:
        """Units of independence: patients, or items where these stand for themselves."""
        return self.n_items if self.n_patients is None else self.n_patients

    def few_note(self) -> str:
        """Warn of too few units of independence, or say nothing."""
        if self.n_independent >= FEW:
            return ""
        unit = "patient" if self.is_nested else self.item_word
        count = f"{self.n_independent} {unit}{'s' * (self.n_independent != 1)}"
        return f"Only {count}: the intervals rest on next to nothing."
