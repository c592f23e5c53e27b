"""Courses of size over time, in percent of the baseline: one course a lesion or patient."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from biomarker.analyses.population import Sample
from biomarker.analyses.result import Exclusion, Population
from biomarker.analyses.size_change import ROUNDING
from biomarker.errors import DesignError, Problem, SchemaError
from biomarker.vocabulary import level_text, lower_label

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class SizeCourse:
    """Change of one lesion or patient over time.

    Attributes
    ----------
    name : str
        Patient and item.
    patient : int
        Code of the patient; -1 where no column names patients.
    times, changes : ndarray, shape (times,)
        In ascending time, the baseline first with a change of 0; percent.
    level : int
        Code of the response level; -1 where there is none.
    best, time_of_best : float
        The lowest change after the baseline and the first time of it.
    """

    name: str
    patient: int
    times: Floats
    changes: Floats
    level: int
    best: float
    time_of_best: float


@dataclass(frozen=True, kw_only=True, eq=False)
class Courses:
    """The courses of a study, whom they are about, and what to tell the reader."""

    courses: tuple[SizeCourse, ...]
    population: Population
    notes: tuple[str, ...]


def courses_of_changes(
    sample: Sample, frame: pd.DataFrame, time: str, change: str, *, baseline: float, unit: str
) -> Courses:
    """Return courses of changes that are given; each begins at the baseline with 0."""
    at = frame[time].to_numpy(np.float64)
    changes = frame[change].to_numpy(np.float64)
    problems = [
        Problem(
            rule=f"is at the baseline ({lower_label(time)} {level_text(baseline)}), where a change is 0; set baseline= "
            "to the time of the baseline",
            row=int(label) if isinstance(label, int | np.integer) else None,
            column=change,
            value=f"{value:g}",
        )
        for label, value in zip(frame.index[at == baseline], changes[(at == baseline)], strict=True)
        if abs(value) > ROUNDING
    ]
    if problems:
        raise SchemaError(problems)
    left_out = {f"not after the baseline, {lower_label(time)} {level_text(baseline)}": at <= baseline}

    def starts(rows: pd.DataFrame) -> tuple[Floats, Floats]:
        times, values = rows[time].to_numpy(np.float64), rows[change].to_numpy(np.float64)
        return np.concatenate([[baseline], times]), np.concatenate([[0.0], values])

    return _courses(sample, frame, left_out, starts, unit)


def courses_of_sizes(
    sample: Sample, frame: pd.DataFrame, time: str, size: str, *, baseline: float | None, unit: str
) -> Courses:
    """Return courses of sizes in percent of that at the baseline: the time given, or each item's first."""
    at = frame[time].to_numpy(np.float64)
    problems = [
        Problem(
            rule="is a negative size",
            row=int(label) if isinstance(label, int | np.integer) else None,
            column=size,
            value=f"{value:g}",
        )
        for label, value in frame.loc[frame[size] < 0, size].items()
    ]
    if problems:
        raise SchemaError(problems)
    first = frame.groupby("_item")[time].transform("min").to_numpy(np.float64)
    left_out: dict[str, NDArray[np.bool_]] = {}
    start = first
    if baseline is not None:
        has_baseline = frame.groupby("_item")[time].transform(lambda times: (times == baseline).any()).to_numpy(bool)
        if not has_baseline.any():
            known = ", ".join(level_text(value) for value in np.unique(at)[:8])
            raise DesignError(
                f"no {unit} has a {lower_label(size)} at the baseline, {lower_label(time)} {level_text(baseline)}; the "
                f"times are {known}"
            )
        left_out[f"of a {unit} without a {lower_label(size)} at the baseline"] = ~has_baseline
        left_out[f"before the baseline, {lower_label(time)} {level_text(baseline)}"] = has_baseline & (at < baseline)
        start = np.full(at.size, float(baseline))
    at_start = frame[size].where(at == start).groupby(frame["_item"]).transform("max").to_numpy(np.float64)
    left_out[f"of a {unit} with a {lower_label(size)} of 0 at the baseline"] = at_start == 0
    counted = np.zeros(at.size, bool)
    for rows in left_out.values():
        counted |= rows
    alone = pd.Series(~counted).groupby(frame["_item"].to_numpy()).transform("sum").to_numpy() < 2
    left_out[f"of a {unit} measured once only"] = alone & ~counted

    def starts(rows: pd.DataFrame) -> tuple[Floats, Floats]:
        values = rows[size].to_numpy(np.float64)
        return rows[time].to_numpy(np.float64), 100 * (values / values[0] - 1)

    found = _courses(sample, frame, left_out, starts, unit)
    begins = {course.times[0] for course in found.courses}
    late = sum(course.times[0] > min(begins) for course in found.courses)
    if not late:
        return found
    note = (
        f"{late} of {len(found.courses)} {unit}s begin later than {lower_label(time)} {level_text(min(begins))}: each "
        "change is from the first measurement."
    )
    return replace(found, notes=(*found.notes, note))


def _courses(
    sample: Sample,
    frame: pd.DataFrame,
    left_out: dict[str, NDArray[np.bool_]],
    starts: Callable[[pd.DataFrame], tuple[Floats, Floats]],
    unit: str,
) -> Courses:
    """Make a course of each item's remaining rows, which come in order of time."""
    kept, exclusions = np.ones(len(frame), bool), []
    for reason, flagged in left_out.items():
        now = flagged & kept
        if now.any():
            exclusions.append(Exclusion(reason=reason, rows=tuple(frame.index[now].tolist())))
        kept &= ~now
    used = frame[kept]
    if used.empty:
        raise DesignError(f"no {unit} has a measurement after its baseline, so there is no course to draw")
    courses = []
    for _, rows in used.groupby("_item", sort=True):
        times, changes = starts(rows)
        best = int(np.argmin(changes[1:])) + 1
        courses.append(
            SizeCourse(
                name=str(rows["_name"].iloc[0]),
                patient=int(rows["_patient"].iloc[0]),
                times=times,
                changes=changes,
                level=int(rows["_level"].iloc[0]),
                best=float(changes[best]),
                time_of_best=float(times[best]),
            )
        )
    patients = None if sample.patients is None else len({course.patient for course in courses})
    population = replace(
        sample.population,
        rows_used=len(used),
        patients_used=patients,
        exclusions=(*sample.population.exclusions, *exclusions),
    )
    return Courses(courses=tuple(courses), population=population, notes=())
