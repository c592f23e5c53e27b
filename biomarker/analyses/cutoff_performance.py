"""What a cutoff achieves in rows that may be nested in patients; shared by chosen and by given cutoffs."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from biomarker.analyses.result import Estimate, checked_fraction
from biomarker.errors import DesignError, SmallSampleWarning, nearest
from biomarker.kernels.clustered_two_by_two import clustered_two_by_two
from biomarker.kernels.measure import Measure
from biomarker.kernels.proportion import INTERVALS
from biomarker.kernels.two_by_two import two_by_two
from biomarker.references import (
    BROWN_CAI_DASGUPTA_2001,
    CLOPPER_PEARSON_1934,
    KORN_GRAUBARD_1998,
    RAO_SCOTT_1992,
    WILSON_1927,
    Reference,
)

PERFORMANCE = ("sensitivity", "specificity", "ppv", "npv", "accuracy", "youden")
_REFERENCES = {"wilson": WILSON_1927, "clopper-pearson": CLOPPER_PEARSON_1934}

Bools = NDArray[np.bool_]


def choice(value: object, allowed: tuple[str, ...], argument: str) -> str:
    """Return `value` if it is one of the words allowed, or raise a DesignError that names the nearest."""
    if value not in allowed:
        raise DesignError(f"no {argument} {value!r}{nearest(str(value), allowed)}; there are {', '.join(allowed)}")
    return str(value)


@dataclass(frozen=True, kw_only=True, eq=False)
class Calls:
    """Which rows are positive on the marker and on the reference standard, and whose they are.

    `patients` is None where rows are independent of one another.
    """

    called: Bools
    truth: Bools
    patients: NDArray[np.intp] | None

    def cells(self) -> dict[str, Bools]:
        """Return the four cells of the 2x2 table, as rows."""
        return {
            "tp": self.called & self.truth,
            "fp": self.called & ~self.truth,
            "fn": ~self.called & self.truth,
            "tn": ~self.called & ~self.truth,
        }

    def denominator(self, quantity: str) -> Bools:
        """Return the rows a proportion is about."""
        return {
            "sensitivity": self.truth,
            "specificity": ~self.truth,
            "ppv": self.called,
            "npv": ~self.called,
        }.get(quantity, np.ones(self.truth.size, bool))


def check_interval(interval: object) -> str:
    """Return the name of an interval of proportions, or raise a DesignError."""
    return choice(interval, tuple(INTERVALS), "interval")


def check_level(confidence_level: object) -> float:
    """Return a confidence level that is a fraction, or raise a DesignError."""
    return checked_fraction(confidence_level, "confidence_level")


def performance_lines(
    calls: Calls, *, interval: str, confidence_level: float, of: Mapping[str, Any]
) -> tuple[list[Estimate], list[str]]:
    """Return the lines of every name in `PERFORMANCE` with intervals, and what must be said of them."""
    cells = calls.cells()
    totals = {name: int(rows.sum()) for name, rows in cells.items()}
    naive = two_by_two(**totals, interval=interval, confidence_level=confidence_level)
    measures = naive
    if calls.patients is not None:
        k = int(calls.patients.max()) + 1
        counts = {name: np.bincount(calls.patients[rows], minlength=k) for name, rows in cells.items()}
        measures = clustered_two_by_two(**counts, interval=interval, confidence_level=confidence_level).measures
    lines, notes = [], []
    for quantity in PERFORMANCE:
        line, note = _line(calls, quantity, measures[quantity], naive[quantity], of)
        lines.append(line)
        notes.append(note)
    return lines, _told(notes)


def _line(calls: Calls, quantity: str, found: Measure, naive: Measure, of: Mapping[str, Any]) -> tuple[Estimate, str]:
    rows = calls.denominator(quantity)
    is_naive = bool(np.isnan(found.low) and not np.isnan(found.value) and not np.isnan(naive.low))
    shown = naive if is_naive else found
    note = f"{quantity}: {found.reason}" if found.reason else ""
    if is_naive:
        note += "; the interval given takes rows as independent"
    line = Estimate(
        quantity=quantity,
        value=shown.value,
        low=shown.low,
        high=shown.high,
        n=int(rows.sum()),
        n_patients=None if calls.patients is None else np.unique(calls.patients[rows]).size,
        unit="" if quantity == "youden" else "fraction",
        of={**of, "interval": "naive"} if is_naive else dict(of),
    )
    return line, note


def _told(notes: list[str]) -> list[str]:
    """Return one sentence for each reason, with the quantities it holds for; warn where intervals are naive."""
    by_reason: dict[str, list[str]] = {}
    for note in notes:
        if note:
            quantity, _, reason = note.partition(": ")
            by_reason.setdefault(reason, []).append(_SHOWN.get(quantity, quantity))
    sentences = [f"{', '.join(quantities)}: {reason}." for reason, quantities in by_reason.items()]
    for sentence in sentences:
        if "takes rows as independent" in sentence:
            warnings.warn(sentence, SmallSampleWarning, stacklevel=6)
    return [sentence[0].upper() + sentence[1:] for sentence in sentences]


_SHOWN = {"ppv": "PPV", "npv": "NPV", "youden": "Youden J"}


def interval_name(interval: str, *, nested: bool) -> str:
    """Return the phrase for intervals of proportions: "Wilson intervals at the effective number of lesions"."""
    shown = {"jeffreys": "Jeffreys"}.get(interval, "-".join(part.capitalize() for part in interval.split("-")))
    return f"{shown} intervals" + (" at the effective number of rows, patients as clusters" if nested else "")


def interval_references(interval: str, *, nested: bool) -> tuple[Reference, ...]:
    """Return the papers behind the intervals of proportions."""
    clustered = (RAO_SCOTT_1992, KORN_GRAUBARD_1998) if nested else ()
    return (_REFERENCES.get(interval, BROWN_CAI_DASGUPTA_2001), *clustered)
