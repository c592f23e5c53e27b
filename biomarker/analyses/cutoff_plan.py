"""What `suv_cutoff` was asked, whom it was asked about, and what is drawn of the answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from biomarker.kernels.cutoff import CutoffRule
from biomarker.kernels.weighted_roc import MarkerRows, marker_rows

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a caller asked of `suv_cutoff`, checked."""

    rule: CutoffRule
    log_scale: bool
    higher_is_positive: bool
    cutoff_interval: str
    interval: str
    correction: str
    n_resamples: int
    n_folds: int
    n_repeats: int
    n_permutations: int
    stratified: bool
    seed: np.random.SeedSequence
    confidence_level: float

    @property
    def sign(self) -> str:
        """The sign between marker and cutoff of a positive row."""
        return "≥" if self.higher_is_positive else "≤"


@dataclass(frozen=True, kw_only=True, eq=False)
class CutoffCurve:
    """One marker in one group: the criterion at every cutoff, and the cutoffs that resamples chose.

    Attributes
    ----------
    marker : str
    of : mapping
        What tells this curve from its siblings.
    cutoff, low, high : float
        The cutoff and its interval.
    tied : tuple of float
        Every optimum, ascending; `cutoff` is one of them.
    cutoffs, criterion, sensitivities, specificities : ndarray of float
        Every candidate, ascending, the criterion there (NaN where it is not admissible), and what it achieves.
    resampled : ndarray of float, shape (n_resamples,)
        The cutoff chosen in each resample; NaN where a class was missing or no cutoff was admissible.
    n_missing_class : int
        Resamples that lacked a class.
    """

    marker: str
    of: Mapping[str, Any] = field(default_factory=dict)
    cutoff: float
    low: float
    high: float
    tied: tuple[float, ...]
    cutoffs: Floats
    criterion: Floats
    sensitivities: Floats
    specificities: Floats
    resampled: Floats
    n_missing_class: int


@dataclass(frozen=True, kw_only=True, eq=False)
class Group:
    """The rows of one marker and one group."""

    marker: str
    of: Mapping[str, Any]
    values: Floats
    truth: NDArray[np.bool_]
    patients: NDArray[np.intp] | None
    is_nested: bool

    @property
    def label(self) -> str:
        """The group in words, to begin a note with; empty where there is one only."""
        return ", ".join(str(value) for value in self.of.values())

    @property
    def begin(self) -> str:
        """What a note about this group begins with."""
        return f"{self.label}: " if self.label else ""

    @property
    def name(self) -> str:
        """The marker and the group, for messages."""
        return f"{self.marker!r} ({self.label})" if self.label else repr(self.marker)

    def rows(self, plan: Plan, *, log: bool = False) -> MarkerRows:
        """Return the rows as the kernels take them."""
        values = np.log(self.values) if log else self.values
        patients = self.patients if self.is_nested else None
        return marker_rows(values, self.truth, patients, higher_is_positive=plan.higher_is_positive)

    def n_patients(self) -> int | None:
        """Patients, or None where no column names them."""
        return None if self.patients is None else int(np.unique(self.patients).size)
