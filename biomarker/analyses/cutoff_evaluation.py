"""The lines of `evaluate_cutoff`: performance at given cutoffs, grey zones, and what a further error would do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from biomarker.analyses.cutoff_performance import (
    PERFORMANCE,
    Calls,
    interval_name,
    interval_references,
    performance_lines,
)
from biomarker.analyses.measurement_error import StatedError
from biomarker.analyses.population import Sample
from biomarker.analyses.reader_effect import ReaderGrid, reader_lines
from biomarker.analyses.result import Estimate, Method
from biomarker.errors import DesignError
from biomarker.kernels.clustered_proportion import clustered_proportion
from biomarker.kernels.interval import Interval
from biomarker.kernels.optimism import performance
from biomarker.kernels.proportion import INTERVALS
from biomarker.kernels.remeasurement import expected_counts, grey_zone, probability_of_change
from biomarker.kernels.weighted_roc import counts_at, marker_rows
from biomarker.references import (
    BLAND_ALTMAN_1996_PROPORTIONAL,
    COHEN_1960,
    CONGER_1980,
    COOK_STEFANSKI_1994,
    KORN_GRAUBARD_1998,
)
from biomarker.vocabulary import lower_label, marker_unit

Floats = NDArray[np.float64]
CURVE_POINTS = 2000


@dataclass(frozen=True, kw_only=True, eq=False)
class Evaluation:
    """The rows, and what was asked of them."""

    measured: Floats
    truth: NDArray[np.bool_]
    sample: Sample
    marker: str
    stated: StatedError | None
    higher_is_positive: bool
    change_probability: float
    interval: str
    confidence_level: float
    grid: ReaderGrid | None = None

    def check(self, cutoffs: Sequence[float]) -> None:
        """Raise a DesignError where an error on the log scale meets values that have no logarithm."""
        if self.stated is None or self.stated.error.scale == "raw":
            return
        if min(*self.measured, *cutoffs) <= 0:
            raise DesignError(
                f"an error on the log scale needs values and cutoffs of {self.marker!r} above 0; give the error in its "
                "unit: repeatability = {repeatability_coefficient = ...}"
            )

    def zone(self, cutoff: float) -> tuple[float, float]:
        """Return the limits of the grey zone."""
        if self.stated is None:
            return float("nan"), float("nan")
        low, high = grey_zone(cutoff, self.stated.error, probability=self.change_probability)
        return float(low), float(high)

    def changes(self, cutoff: float) -> Floats:
        """Return for each row the probability that it changes class when measured again."""
        if self.stated is None:
            return np.empty(0)
        return np.asarray(probability_of_change(self.measured, cutoff, self.stated.error))

    @property
    def patients(self) -> NDArray[np.intp] | None:
        """Patients of the rows, where rows are nested in them."""
        return self.sample.patients if self.sample.is_nested else None


def evaluation_lines(task: Evaluation, cutoffs: Sequence[float]) -> tuple[list[Estimate], list[str]]:
    """Return the lines of every cutoff, and what must be said of them."""
    lines, notes = _error_lines(task), []
    for cutoff in cutoffs:
        called = task.measured >= cutoff if task.higher_is_positive else task.measured <= cutoff
        found, more = performance_lines(
            Calls(called=called, truth=task.truth, patients=task.patients),
            interval=task.interval,
            confidence_level=task.confidence_level,
            of={"cutoff": cutoff, "performance": "as measured"},
        )
        lines += found
        notes += [f"At {cutoff:g}: {note}" for note in more]
        if called.all() or not called.any():
            notes.append(f"Every row is {'positive' if called.all() else 'negative'} at a cutoff of {cutoff:g}.")
        if task.stated is not None:
            lines += _grey_lines(task, cutoff) + _further_error_lines(task, cutoff)
        if task.grid is not None:
            found, more = reader_lines(
                task.grid, cutoff, higher_is_positive=task.higher_is_positive, interval=task.interval,
                confidence_level=task.confidence_level,
            )  # fmt: skip
            lines += found
            notes += more
    return lines, notes


def _error_lines(task: Evaluation) -> list[Estimate]:
    """Return the error as SD, and as CV and limits of change or repeatability coefficient, on its own scale."""
    if task.stated is None:
        return []
    error, found = task.stated.error, task.stated.variation
    is_log = error.scale == "log"
    unit = "" if is_log else marker_unit(task.marker)
    n = None if found is None else found.n_items
    sd = Estimate(quantity="within_sd", value=error.sd, n=n, unit="log" if is_log else unit, of={"scale": error.scale})
    if not is_log:
        coefficient = error.repeatability_coefficient
        return [sd, Estimate(quantity="repeatability_coefficient", value=coefficient, n=n, unit=unit)]
    low, high = error.percent_limits
    return [
        sd,
        Estimate(quantity="within_cv", value=error.within_cv, n=n, unit="fraction"),
        Estimate(quantity="limits_of_change", value=0.0, low=low, high=high, n=n, unit="fraction"),
    ]


def _grey_lines(task: Evaluation, cutoff: float) -> list[Estimate]:
    low, high = task.zone(cutoff)
    of = {"cutoff": cutoff}
    changes = task.changes(cutoff)
    inside = changes > task.change_probability
    n, n_patients = inside.size, task.sample.n_patients
    lines = [
        Estimate(quantity="grey_zone", value=cutoff, low=low, high=high, unit=marker_unit(task.marker), of=of),
        _share(task, "share_in_grey_zone", inside, of),
        Estimate(
            quantity="probability_of_change", value=changes.mean(), n=n, n_patients=n_patients, unit="fraction", of=of
        ),
    ]
    if task.patients is None:
        return lines
    k = int(task.patients.max()) + 1
    lesions_inside = np.bincount(task.patients[inside], minlength=k) > 0
    with np.errstate(divide="ignore"):  # a probability of 1 cannot occur: at most one half
        none_changes = np.exp(np.bincount(task.patients, np.log1p(-changes), minlength=k))
    limits = INTERVALS[task.interval](lesions_inside.sum(), k, confidence_level=task.confidence_level)
    lines.append(
        Estimate(
            quantity="patients_in_grey_zone", value=lesions_inside.mean(), low=limits.low, high=limits.high, n=k,
            n_patients=k, unit="fraction", of=of,
        )
    )  # fmt: skip
    lines.append(
        Estimate(
            quantity="patient_probability_of_change", value=(1 - none_changes).mean(), n=k, n_patients=k,
            unit="fraction", of=of,
        )
    )  # fmt: skip
    return lines


def _share(task: Evaluation, quantity: str, inside: NDArray[np.bool_], of: Mapping[str, Any]) -> Estimate:
    """Return a share of rows with the interval of its design."""
    level = task.confidence_level
    if task.patients is None:
        limits = INTERVALS[task.interval](inside.sum(), inside.size, confidence_level=level)
    else:
        found = clustered_proportion(
            np.bincount(task.patients, inside),
            np.bincount(task.patients),
            interval=task.interval,
            confidence_level=level,
        )
        limits = Interval(found.low, found.high)
    return Estimate(
        quantity=quantity,
        value=inside.mean(),
        low=limits.low,
        high=limits.high,
        n=inside.size,
        n_patients=task.sample.n_patients,
        unit="fraction",
        of=of,
    )


def _further_error_lines(task: Evaluation, cutoff: float) -> list[Estimate]:
    if task.stated is None:
        return []
    counts = expected_counts(
        task.measured, task.truth, cutoff, task.stated.error, higher_is_positive=task.higher_is_positive
    )
    achieved = performance(counts)
    return [
        Estimate(
            quantity=name,
            value=float(getattr(achieved, name)),
            unit="" if name == "youden" else "fraction",
            of={"cutoff": cutoff, "performance": "further error"},
        )
        for name in PERFORMANCE
    ]


def curve(task: Evaluation) -> tuple[Floats, Floats, Floats]:
    """Return every distinct cutoff, thinned evenly, with sensitivity and specificity there."""
    values = np.unique(task.measured)
    if values.size > CURVE_POINTS:
        values = values[np.unique(np.linspace(0, values.size - 1, CURVE_POINTS).astype(np.int64))]
    rows = marker_rows(task.measured, task.truth, higher_is_positive=task.higher_is_positive)
    achieved = performance(counts_at(rows, values))
    return values, achieved.sensitivity, achieved.specificity


def evaluation_method(task: Evaluation, notes: Sequence[str], *, is_prespecified: bool) -> Method:
    """Return how the cutoffs were judged."""
    nested = task.sample.is_nested
    rule = f"positive: {lower_label(task.marker)} {'≥' if task.higher_is_positive else '≤'} cutoff"
    origin = f"The cutoffs were prespecified ({rule})."
    if not is_prespecified:
        origin = (
            f"The cutoffs were not prespecified ({rule}): if they were chosen on these data, their performance is too "
            "good, and suv_cutoff gives it corrected."
        )
    description = (
        f"Sensitivity, specificity and predictive values at {'prespecified' if is_prespecified else 'given'} cutoffs "
        f"were estimated with {interval_name(task.interval, nested=nested)}."
    )
    said, references = [origin, *task.sample.notes], interval_references(task.interval, nested=nested)
    if task.stated is not None:
        error_note, error_description = _error_words(task, task.stated)
        said.append(error_note)
        description += error_description
        references = (*references, BLAND_ALTMAN_1996_PROPORTIONAL, COOK_STEFANSKI_1994)
    if task.grid is not None:
        said += task.grid.notes
        description += _reader_words(task.grid)
        references = (*references, COHEN_1960 if len(task.grid.readers) == 2 else CONGER_1980, KORN_GRAUBARD_1998)
    settings: dict[str, object] = {
        "higher_is_positive": task.higher_is_positive,
        "interval": task.interval,
        "is_prespecified": is_prespecified,
    }
    if task.stated is not None:
        settings |= {
            "change_probability": task.change_probability,
            "within_sd": task.stated.error.sd,
            "scale": task.stated.error.scale,
        }
    if task.grid is not None:
        settings["readers"] = ", ".join(task.grid.readers)
    return Method(
        name=interval_name(task.interval, nested=nested),
        confidence_level=task.confidence_level,
        settings=settings,
        references=references,
        notes=(*said, *notes),
        description=description,
    )


def _error_words(task: Evaluation, stated: StatedError) -> tuple[str, str]:
    """Return the note and the sentences of the methods text on measurement error."""
    scale = "the log scale" if stated.error.scale == "log" else "the scale of the marker"
    note = (
        f"Measurement error from {stated.source}. Grey zone: measured values with a probability above "
        f"{task.change_probability:.3g} of falling on the other side of the cutoff when measured again."
    )
    description = (
        f" Measurement error, from {stated.source}, was taken as normal and constant on {scale}. The probability that "
        "a second measurement changes the class of a lesion followed from the difference of two measurements, whose "
        "standard deviation is √2 times that of one; it holds given the measured value alone. Expected performance "
        "with a further error of the same size was computed analytically."
    )
    return note, description


def _reader_words(grid: ReaderGrid) -> str:
    """Return the sentences of the methods text on readers."""
    each = ", and performance from each reader's own readings" if grid.truth is not None else ""
    whose = "Cohen's" if len(grid.readers) == 2 else "Conger's"
    return (
        f" For {len(grid.readers)} readers of the same {grid.item_word}s, the share that they put on both sides of "
        f"the cutoff and {whose} kappa of the class were estimated{each}; kappa has a Wilson interval at the effective "
        "size from a jackknife."
    )
