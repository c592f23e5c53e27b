"""Rows of uptake to courses: one row a lesion, one column a time, by tissue and group."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from biomarker.analyses.group_order import level_names, ordered_levels
from biomarker.analyses.population import Sample, require_columns, select_rows
from biomarker.errors import DesignError

Floats = NDArray[np.float64]
MOST_TIMES = 12


@dataclass(frozen=True, kw_only=True, eq=False)
class Course:
    """One tissue in one group: a row per lesion (or patient), a column per time; NaN where not measured."""

    tissue: str
    group: str
    uptake: Floats
    patients: NDArray[np.intp]
    is_nested: bool

    @property
    def of(self) -> dict[str, str]:
        """What tells this course from the others."""
        return {key: name for key, name in (("tissue", self.tissue), ("group", self.group)) if name}

    @property
    def label(self) -> str:
        """Tissue and group in words; empty when there is one course only."""
        return ", ".join(name for name in (self.tissue, self.group) if name)


def select_uptake(
    uptake: pd.DataFrame,
    marker: str,
    time: str,
    tissue: str | None,
    by: str | None,
    lesion: str,
    patient: str | None,
) -> tuple[Sample, bool]:
    """Return the usable rows, and whether a column names the lesions."""
    has_lesions = isinstance(uptake, pd.DataFrame) and lesion in uptake.columns
    splits = [column for column in (tissue, by) if column]
    sample = select_rows(uptake, numeric=[marker, time], other=splits, patient=patient)
    if lesion != "lesion_id":
        require_columns(uptake, [lesion])
    return sample, has_lesions


def times_of(sample: Sample, time: str) -> tuple[float, ...]:
    """Return the times in order; refuse more than a protocol has."""
    times = tuple(float(value) for value in np.unique(sample.frame[time]))
    if len(times) > MOST_TIMES:
        raise DesignError(
            f"{time!r} has {len(times)} different times; give the planned times of the protocol (nominal_hours), "
            f"{MOST_TIMES} at most"
        )
    return times


def courses_of(
    sample: Sample,
    marker: str,
    time: str,
    times: tuple[float, ...],
    tissue: str | None,
    by: str | None,
    lesion: str | None,
) -> Iterator[Course]:
    """Give the course of each tissue and group that has a row, tumours first."""
    frame = pd.DataFrame({"time": sample.frame[time], "value": sample.frame[marker]})
    frame["patient"] = 0 if sample.patients is None else sample.patients
    for name, column in (("tissue", tissue), ("group", by)):
        frame[name] = level_names(sample.frame[column]) if column else ""
    given = sample.frame[lesion].astype(object) if lesion else pd.Series("", index=frame.index)
    # without patients and lesions nothing says which rows belong together: each is a course of its own
    nameless = sample.patients is None and lesion is None
    frame["lesion"] = np.arange(len(frame)) if nameless else given.where(given.notna(), "").astype(str)
    _refuse_twice(frame, lesion or "lesion_id", time)
    tissues = ordered_levels(sample.frame[tissue]) if tissue else ("",)
    lesions_in = {name: bool((frame.loc[frame["tissue"] == name, "lesion"] != "").any()) for name in tissues}
    for name in sorted(tissues, key=lambda each: not lesions_in[each]):  # tumours first, else as ordered
        for group in ordered_levels(sample.frame[by]) if by else ("",):
            rows = frame[(frame["tissue"] == name) & (frame["group"] == group)]
            if rows.empty:
                continue
            course = rows.set_index(["patient", "lesion", "time"])["value"]
            wide = course.unstack("time").reindex(columns=list(times))  # noqa: PD010 - no value is averaged away
            units = wide.index.get_level_values("patient").to_numpy()
            patients = np.unique(units, return_inverse=True)[1] if sample.patients is not None else np.arange(len(wide))
            yield Course(
                tissue=name,
                group=group,
                uptake=wide.to_numpy(dtype=float),
                patients=patients,
                is_nested=sample.patients is not None and np.unique(patients).size < len(wide),
            )


def _refuse_twice(frame: pd.DataFrame, lesion: str, time: str) -> None:
    twice = frame.duplicated(["patient", "lesion", "tissue", "group", "time"])
    if twice.any():
        place = int(np.flatnonzero(twice.to_numpy())[0])
        at = f"{time} {frame['time'].to_numpy()[place]:g}"
        raise DesignError(
            f"row {frame.index[place]}: a second value of the same patient, {lesion} and tissue at {at}; name every "
            'lesion in a column (lesion = "..."), or the tissue'
        )


def hours(time: float) -> float | int:
    """Return a time as a whole number where it is one."""
    return int(time) if time == int(time) else time
