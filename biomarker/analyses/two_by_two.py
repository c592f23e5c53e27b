"""What every analysis of a 2x2 table shares: counts, lines of estimates, and how intervals are told to the reader."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from biomarker.analyses.result import Estimate, checked_fraction
from biomarker.errors import DesignError, nearest
from biomarker.kernels.clustered_proportion import ONE_PATIENT
from biomarker.kernels.clustered_two_by_two import (
    clustered_predictive_values_at_prevalence,
    clustered_two_by_two,
)
from biomarker.kernels.measure import Measure
from biomarker.kernels.proportion import INTERVALS
from biomarker.kernels.two_by_two import JACCARD, PROPORTIONS, predictive_values_at_prevalence, two_by_two
from biomarker.references import (
    AGRESTI_COULL_1998,
    BROWN_CAI_DASGUPTA_2001,
    CLOPPER_PEARSON_1934,
    FLEISS_COHEN_EVERITT_1969,
    KORN_GRAUBARD_1998,
    RAO_SCOTT_1992,
    SIMEL_1991,
    WILSON_1927,
    ZOU_DONNER_2008,
    Reference,
)
from biomarker.vocabulary import quantity_label

CELLS = ("tp", "fp", "fn", "tn")
INTERVAL_NAMES: dict[str, tuple[str, Reference]] = {
    "wilson": ("Wilson score", WILSON_1927),
    "clopper-pearson": ("exact (Clopper-Pearson)", CLOPPER_PEARSON_1934),
    "jeffreys": ("Jeffreys", BROWN_CAI_DASGUPTA_2001),
    "agresti-coull": ("Agresti-Coull", AGRESTI_COULL_1998),
}
NESTED_SENTENCE = (
    "Lesions were treated as nested in patients: the number of lesions was divided by a design effect (from the larger "
    "of the cluster-robust and the common-correlation variance) and intervals use Student's t with patients "
    "− 1 degrees of freedom."
)
NESTED_REFERENCES = (KORN_GRAUBARD_1998, RAO_SCOTT_1992)
FEW_PATIENTS = 10
NAIVE = {"interval": "naive"}


def checked_interval(interval: str, confidence_level: float) -> None:
    """Raise a `DesignError` where no interval has that name, or the level is no fraction."""
    if not isinstance(interval, str) or interval not in INTERVALS:
        known = ", ".join(INTERVALS)
        raise DesignError(f"no interval {interval!r}{nearest(str(interval), list(INTERVALS))}; there are {known}")
    checked_fraction(confidence_level, "confidence_level")


def interval_name(interval: str, *, is_nested: bool) -> str:
    """Return the phrase for a footnote: "Wilson score intervals"."""
    name = INTERVAL_NAMES[interval][0]
    sentence = f"{name} intervals"
    return f"{sentence} at the effective number of lesions, lesions nested in patients" if is_nested else sentence


def interval_sentence(interval: str, *, is_nested: bool) -> tuple[str, str]:
    """Return the phrase for a footnote and the sentences for the methods text of all 2x2 quantities."""
    name = INTERVAL_NAMES[interval][0]
    description = (
        f"Proportions are given with {name} intervals, Youden's J and balanced accuracy with limits combined from "
        "those of sensitivity and specificity, likelihood and odds ratios with intervals on the log scale, and kappa "
        "and the Matthews correlation with intervals on Fisher's z scale."
    )
    return interval_name(
        interval, is_nested=is_nested
    ), f"{description} {NESTED_SENTENCE}" if is_nested else description


def method_references(interval: str, *, is_nested: bool) -> tuple[Reference, ...]:
    """Return the papers behind the intervals of a 2x2 table."""
    own = (INTERVAL_NAMES[interval][1], ZOU_DONNER_2008, SIMEL_1991, FLEISS_COHEN_EVERITT_1969)
    return (*own, *NESTED_REFERENCES) if is_nested else own


def cutoff_text(cutoff: float | None) -> str:
    """Return " at a cutoff of 4", or nothing."""
    return "" if cutoff is None else f" at a cutoff of {cutoff:g}"


@dataclass(frozen=True, kw_only=True, eq=False)
class TableOfCounts:
    """A 2x2 table: its four counts, by patient where lesions are nested and else in all.

    Attributes
    ----------
    cells : tuple of four ndarrays
        tp, fp, fn, tn, each of shape (patients,) or (1,).
    is_nested : bool
    """

    cells: tuple[NDArray[np.int_], NDArray[np.int_], NDArray[np.int_], NDArray[np.int_]]
    is_nested: bool

    @classmethod
    def of(cls, truth: ArrayLike, called: ArrayLike, patients: NDArray[np.intp] | None) -> TableOfCounts:
        """Count rows by patient codes, or all together where `patients` is None."""
        d, x = np.asarray(truth, bool), np.asarray(called, bool)
        codes = np.zeros(len(d), int) if patients is None else patients
        tp, fp, fn, tn = (
            np.bincount(codes, weights=cell, minlength=1).astype(int) for cell in (x & d, x & ~d, ~x & d, ~x & ~d)
        )
        return cls(cells=(tp, fp, fn, tn), is_nested=patients is not None)

    @property
    def totals(self) -> tuple[int, int, int, int]:
        """The four counts over all patients."""
        tp, fp, fn, tn = (int(cell.sum()) for cell in self.cells)
        return tp, fp, fn, tn

    def count(self, weights: tuple[int, ...]) -> int:
        """Rows in the cells that a quantity counts."""
        return sum(weight * total for weight, total in zip(weights, self.totals, strict=True))

    def count_patients(self, weights: tuple[int, ...]) -> int | None:
        """Patients with a row in those cells; None where rows stand for themselves."""
        if not self.is_nested:
            return None
        return int((np.tensordot(weights, np.stack(self.cells), axes=1) > 0).sum())

    def measures(
        self, *, interval: str, confidence_level: float, continuity: float = 0.0
    ) -> tuple[dict[str, Measure], frozenset[str]]:
        """Return every quantity, and the names of those whose interval had to be the naive one."""
        plain = two_by_two(*self.totals, interval=interval, confidence_level=confidence_level, continuity=continuity)
        if not self.is_nested:
            return plain, frozenset()
        nested = clustered_two_by_two(*self.cells, interval=interval, confidence_level=confidence_level).measures
        naive = frozenset(name for name, found in nested.items() if found.reason == ONE_PATIENT)
        return {name: plain[name] if name in naive else found for name, found in nested.items()}, naive

    def at_prevalence(
        self, prevalence: NDArray[np.float64], *, adjusted: bool, interval: str, confidence_level: float
    ) -> dict[str, Measure]:
        """Return PPV and NPV at other prevalences; limits are NaN where one patient is all there is."""
        if self.is_nested:
            return clustered_predictive_values_at_prevalence(
                *self.cells, prevalence, interval=interval, confidence_level=confidence_level
            )
        return predictive_values_at_prevalence(
            *self.totals, prevalence, adjusted=adjusted, interval=interval, confidence_level=confidence_level
        )


def lines_of(
    measures: Mapping[str, Measure],
    table: TableOfCounts,
    *,
    of: Mapping[str, Any] | None = None,
    naive: frozenset[str] = frozenset(),
) -> list[Estimate]:
    """Return a line for each quantity, with its denominator where it is a proportion."""
    everything = (1, 1, 1, 1)
    lines = []
    for name, found in measures.items():
        counted = PROPORTIONS[name][1] if name in PROPORTIONS else JACCARD[1] if name == "f1" else everything
        lines.append(
            Estimate(
                quantity=name,
                value=found.value,
                low=found.low,
                high=found.high,
                n=table.count(counted),
                n_patients=table.count_patients(counted),
                unit="fraction" if name in PROPORTIONS else "",
                of={**(of or {}), **(NAIVE if name in naive else {})},
            )
        )
    return lines


def reasons_told(measures: Mapping[str, Measure], naive: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """Return a sentence for each reason why a number is undefined or was had in another way."""
    by_reason: dict[str, list[str]] = {}
    for name, found in measures.items():
        if found.reason:
            by_reason.setdefault(str(found.reason), []).append(quantity_label(name))
    told = [f"{', '.join(names)}: {reason}." for reason, names in by_reason.items()]
    if naive:
        names = ", ".join(quantity_label(name) for name in measures if name in naive)
        told.append(f"{names}: {ONE_PATIENT}; the interval given is naive and takes its lesions as independent.")
    return tuple(told)


def few_patients_note(n_patients: int | None, *, is_nested: bool) -> str:
    """Return a caution where a nested interval rests on few patients."""
    if not is_nested or n_patients is None or n_patients >= FEW_PATIENTS:
        return ""
    if n_patients == 1:
        return "There is only 1 patient: an interval that allows for nesting is not estimable."
    return f"Only {n_patients} patients: nested intervals are wide, and were checked by simulation from 10 patients on."
