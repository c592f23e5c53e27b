"""How does uptake change after injection? Summaries by tissue and time, peaks, ratios, paired tests between times."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from biomarker.analyses.result import Estimate, Method, Result, checked_fraction, seed_of
from biomarker.analyses.uptake_contrasts import Design
from biomarker.analyses.uptake_course_lines import (
    comparisons,
    overall_test,
    peaks,
    ratios_to_reference,
    summaries_by_time,
)
from biomarker.analyses.uptake_courses import Course, courses_of, select_uptake, times_of
from biomarker.analyses.uptake_methods import Compare, describe_contrasts
from biomarker.analyses.uptake_summaries import FEWEST_CLUSTERS
from biomarker.errors import DesignError, nearest
from biomarker.references import (
    BELL_MCCAFFREY_2002,
    FRIEDMAN_1937,
    HYNDMAN_FAN_1996,
    KIRKWOOD_1979,
    LAIRD_WARE_1982,
    ROSNER_GLYNN_LEE_2006,
    WILCOXON_1945,
    Reference,
)
from biomarker.vocabulary import column_label, marker_unit


@dataclass(frozen=True, kw_only=True, eq=False)
class UptakeOverTime(Result):
    """Summaries by `of` tissue, group and time; `courses` holds what the figure draws."""

    marker: str
    time: str
    times: tuple[float, ...]
    courses: tuple[Course, ...]
    is_log: bool  # geometric means are drawn and compared
    reference_tissue: str | None = None

    @property
    def caption(self) -> str:
        """What the figure shows."""
        mean = "geometric mean" if self.is_log else "mean"
        thin = "; thin lines are single lesions" if len(self.courses) == 1 else ""
        return (
            f"{column_label(self.marker)} by time after injection: {mean} with {100 * self.method.confidence_level:g}% "
            f"confidence interval{thin}."
        )


def uptake_over_time(
    uptake: pd.DataFrame,
    *,
    marker: str,
    time: str,
    tissue: str | None = None,
    by: str | None = None,
    lesion: str = "lesion_id",
    reference_tissue: str | None = None,
    scale: str = "log",
    n_resamples: int = 9999,
    confidence_level: float = 0.95,
    rng: int | np.random.Generator = 0,
    patient: str | None = "patient_id",
) -> UptakeOverTime:
    """Describe a marker at each time after injection, by tissue, and compare the times.

    Parameters
    ----------
    uptake : DataFrame
        One row a lesion (or normal tissue of a patient) and time.
    marker : str
        Column of uptake.
    time : str
        Column of times, as numbers: those of the protocol, not the minute of each scan.
    tissue, by : str, optional
        Columns that split the rows: what was measured, and groups such as the protein dose.
    lesion : str
        Column that names the lesion within its patient; empty for normal tissue. It may be absent where a patient
        has one value a tissue and time.
    reference_tissue : str, optional
        The tissue that others are divided by, at the same time in the same patient (tumour-to-normal ratio).
    scale : {"log", "raw"}
        Whether times are compared by ratios or by differences.
    n_resamples : int
        Random permutations for the overall test of nested lesions.
    confidence_level : float
        Of the intervals.
    rng : int or Generator
        Of the permutations.
    patient : str or None
        Column of patients; None says that lesions are independent, and `lesion` must then name each lesion once.

    Returns
    -------
    UptakeOverTime
        By tissue, group and time the summaries of `compare_uptake` (with `of` time); `peak_time` (of the mean,
        median and geometric mean) and `peak_share`: the share of fully measured lesions whose highest value is at
        that time, the earlier of two equal ones; between times (`of` time and reference) `geometric_mean_ratio` or
        `mean_difference` and `hodges_lehmann_ratio` or `hodges_lehmann_shift`, on lesions measured at both;
        `any_difference`: Friedman's test [1]_, by permuting times within patients when they have several lesions;
        `ratio_to_reference`, a geometric mean. Ratios of times become differences for a tissue with zero or negative
        values.

    Raises
    ------
    DesignError
        If a lesion has two values at one time, there are more than twelve times, or the reference tissue is unknown.

    References
    ----------
    .. [1] Friedman M. J Am Stat Assoc 1937;32:675-701.

    Examples
    --------
    >>> uptake = pd.DataFrame({"lesion_id": ["a", "b", "c"] * 2, "hours": [2] * 3 + [24] * 3,
    ...                        "suvmax": [1.0, 2.0, 1.5, 2.0, 5.0, 3.0]})
    >>> result = uptake_over_time(uptake, marker="suvmax", time="hours", patient=None)
    >>> result.estimate("mean", time=24).value
    3.3333333333333335
    >>> result.estimate("peak_share", time=24).numerator
    3
    """
    if scale not in ("log", "raw"):
        raise DesignError(f"no scale {scale!r}{nearest(str(scale), ['log', 'raw'])}; there are log and raw")
    checked_fraction(confidence_level, "confidence_level")
    seed_of(rng)  # refuses what is no seed
    sample, has_lesions = select_uptake(uptake, marker, time, tissue, by, lesion, patient)
    times = times_of(sample, time)
    courses = tuple(courses_of(sample, marker, time, times, tissue, by, lesion if has_lesions else None))
    is_positive = all(bool(np.all(course.uptake[np.isfinite(course.uptake)] > 0)) for course in courses)
    is_log = is_positive and scale == "log"
    unit = marker_unit(marker)
    lines: list[Estimate] = []
    designs: list[Design] = []
    for course in courses:
        lines += summaries_by_time(course, times, unit, sample.patients is not None, confidence_level)
        lines += peaks(course, times, lines)
        found, used = comparisons(course, times, unit, scale == "log", confidence_level)
        lines, designs = [*lines, *found], [*designs, *used]
        lines += overall_test(course, n_resamples, rng)
    notes = [*sample.notes, *_notes(courses, lines, is_positive)]
    if reference_tissue is not None:
        ratios, note = ratios_to_reference(
            sample, courses, marker, time, tissue, by, reference_tissue, confidence_level
        )
        lines, notes = [*lines, *ratios], [*notes, note]
    return UptakeOverTime(
        estimates=tuple(lines),
        method=_method(courses, designs, is_log, lines, notes, n_resamples, rng, confidence_level, reference_tissue),
        population=replace(sample.population, unit="measurement"),
        marker=marker,
        time=time,
        times=times,
        courses=courses,
        is_log=is_log,
        reference_tissue=reference_tissue,
    )


def _notes(courses: tuple[Course, ...], lines: list[Estimate], is_positive: bool) -> list[str]:
    notes = []
    if not is_positive:
        notes.append("Geometric means are not estimable where a value is zero or negative; nothing was added to zeros.")
    if any(line.of.get("interval") == "naive" for line in lines):
        notes.append("Comparisons marked naive rest on one patient and treat its lesions as independent.")
    if any(line.quantity == "mean" and np.isnan(line.low) for line in lines):
        notes.append(f"Fewer than {FEWEST_CLUSTERS} independent units have no interval.")
    incomplete = sum(int((~np.isfinite(course.uptake)).any(axis=1).sum()) for course in courses)
    if incomplete and courses[0].uptake.shape[1] > 1:
        were = "lesion or tissue was" if incomplete == 1 else "lesions or tissues were"
        notes.append(f"{incomplete} {were} not measured at every time; peaks and overall tests leave them out.")
    count = sum(line.quantity in ("geometric_mean_ratio", "mean_difference") for line in lines)
    if count > 1:
        notes.append(f"p-values of the {count} comparisons between times are not adjusted for multiplicity.")
    return notes


def _method(
    courses: tuple[Course, ...],
    designs: list[Design],
    is_log: bool,
    lines: list[Estimate],
    notes: list[str],
    n_resamples: int,
    rng: int | np.random.Generator,
    confidence_level: float,
    reference_tissue: str | None,
) -> Method:
    is_nested = any(course.is_nested for course in courses)
    is_tested = any(line.quantity == "any_difference" for line in lines)
    is_permuted = is_nested and is_tested
    nested = ", robust to nesting of lesions in patients" if is_nested else ""
    name = f"t intervals of {'geometric means' if is_log else 'means'}{nested}"
    if designs:
        pairs = Compare(designs=tuple(designs), is_log=is_log, is_paired=True)
        name += f"; pairs of times by {describe_contrasts(pairs, as_phrase=True)}"
    return Method(
        name=name,
        confidence_level=confidence_level,
        settings={"scale": "log" if is_log else "raw", "reference_tissue": reference_tissue, "clustered": is_nested},
        references=_references(is_nested, bool(designs), is_tested),
        seed=seed_of(rng) if is_permuted else None,
        n_resamples=n_resamples if is_permuted else None,
        notes=tuple(notes),
        description=_description(designs, is_log, nested, n_resamples if is_permuted else None, is_tested),
    )


def _references(is_nested: bool, is_paired: bool, is_tested: bool) -> tuple[Reference, ...]:
    papers = [HYNDMAN_FAN_1996, KIRKWOOD_1979, *([BELL_MCCAFFREY_2002] if is_nested else [])]
    if is_paired:
        papers += [LAIRD_WARE_1982, ROSNER_GLYNN_LEE_2006] if is_nested else [WILCOXON_1945]
    return (*papers, *([FRIEDMAN_1937] if is_tested else []))


def _description(designs: list[Design], is_log: bool, nested: str, n_permutations: int | None, is_tested: bool) -> str:
    sentences = [
        "Uptake at each time was summarised by mean, standard deviation, median, quartiles and geometric mean, with t "
        f"intervals{nested}."
    ]
    if designs:
        pairs = describe_contrasts(Compare(designs=tuple(designs), is_log=is_log, is_paired=True))
        sentences.append(f"Times were compared in pairs, on the lesions measured at both. {pairs}")
    if is_tested:
        how = f", referred to {n_permutations:,} permutations of times within patients" if n_permutations else ""
        sentences.append(f"Any difference between times was tested with Friedman's statistic{how}.")
    return " ".join(sentences)
