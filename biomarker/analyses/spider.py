"""How did each lesion or patient change over time? Courses in percent of the baseline, and their best changes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import isfinite
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from biomarker.analyses.follow_up import duration_unit
from biomarker.analyses.population import Sample, select_rows
from biomarker.analyses.response_levels import ResponseLevels, response_levels
from biomarker.analyses.result import Estimate, Method, Result
from biomarker.analyses.size_change import (
    check_changes,
    check_reference_lines,
    fell,
    median_line,
    naive_note,
    share_line,
)
from biomarker.analyses.size_courses import Courses, SizeCourse, courses_of_changes, courses_of_sizes
from biomarker.analyses.two_by_two import INTERVAL_NAMES, NESTED_REFERENCES, NESTED_SENTENCE, checked_interval
from biomarker.errors import DesignError
from biomarker.references import EISENHAUER_2009, WOODRUFF_1952
from biomarker.vocabulary import level_text, lower_label

RECIST_DECREASE, RECIST_INCREASE = -30.0, 20.0
_UPTAKE = re.compile(r"(suv|sul|tlg|uptake|percent_injected)", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True, eq=False)
class Spider(Result):
    """Courses of change, with what colours them.

    Attributes
    ----------
    courses : tuple of SizeCourse
    time : str
        Column.
    measured : str
        Column of changes or of sizes.
    response : ResponseLevels, optional
        Levels, with the code of each course.
    decrease, increase : float, optional
        Reference lines, percent; None where there are none.
    unit : str
        What a course is: lesion or patient.
    is_nested : bool
    """

    courses: tuple[SizeCourse, ...]
    time: str
    measured: str
    response: ResponseLevels | None
    decrease: float | None
    increase: float | None
    unit: str
    is_nested: bool
    figure_size: ClassVar[tuple[float, float]] = (3.46, 2.9)

    @property
    def caption(self) -> str:
        """What the figure shows."""
        coloured = "" if self.response is None else f", coloured by {lower_label(self.response.column)}"
        shown = [f"{line:+g}%" for line in (self.decrease, self.increase) if line is not None]
        lines = f" Dashed line{'s' * (len(shown) > 1)}: {' and '.join(shown)}." if shown else ""
        return f"Change from baseline of each {self.unit} over time{coloured}.{lines}".replace("-", "\u2212")


def spider(
    data: pd.DataFrame,
    *,
    time: str,
    change: str | None = None,
    size: str | None = None,
    item: str | None = "lesion_id",
    baseline: float | None = None,
    response: str | None = None,
    decrease: float | None = None,
    increase: float | None = None,
    by_item: bool = False,
    interval: str = "wilson",
    confidence_level: float = 0.95,
    patient: str | None = "patient_id",
) -> Spider:
    """Change from baseline of each lesion or patient over time, and its best.

    Parameters
    ----------
    data : DataFrame
        One row a lesion, or patient, and time.
    time : str
        Column of numbers: days, weeks, months or cycles.
    change, size : str
        One of the two: a column of changes from baseline in percent, or of sizes (sum of diameters, MTV, uptake), which
        become changes in percent of the size at the baseline.
    item : str or None
        Column that, within a patient, names what a course is of. None, or no such column: each patient is one.
    baseline : float, optional
        Time of the baseline. By default 0 for changes and, for sizes, the first time of each course.
    response : str, optional
        Column of classes, one and the same in all rows of a course: it colours the courses and groups the lines.
    decrease, increase : float, optional
        Reference lines in percent. By default those of RECIST 1.1 [1]_, -30 and 20; none for a column of uptake (suv,
        sul, tlg), for which RECIST has no limits.
    by_item : bool
        Also give ``best_change`` and ``time_of_best`` of each course (``of["item"]``).
    interval : str
        Of shares: ``"wilson"``, ``"clopper-pearson"``, ``"jeffreys"`` or ``"agresti-coull"``.
    confidence_level : float
    patient : str or None
        Column of patients; where a patient has several courses, intervals allow for it.

    Returns
    -------
    Spider
        ``decrease_rate`` (a best change of at least `decrease`, where there is that line), ``median_best_change`` in
        percent and ``median_time_of_best``, of all and of each level of `response` (``of["group"]``).

    Raises
    ------
    DesignError
        If change and size are both given or neither, a course has two rows at one time or two responses, no course has
        the baseline given, or none has a measurement after it.
    SchemaError
        If a change is below -100 %, or not 0 at the baseline, or a size is negative.

    References
    ----------
    .. [1] Eisenhauer EA, Therasse P, Bogaerts J, et al. Eur J Cancer 2009;45:228-247.

    Examples
    --------
    >>> visits = pd.DataFrame({
    ...     "patient_id": ["A"] * 3 + ["B"] * 3, "weeks": [0, 8, 16] * 2, "diameter_mm": [50, 30, 25, 40, 44, 52],
    ... })
    >>> result = spider(visits, time="weeks", size="diameter_mm", by_item=True)
    >>> round(result.estimate("best_change", item="A").value), result.estimate("time_of_best", item="A").value
    (-50, 16.0)
    """
    checked_interval(interval, confidence_level)
    measured = _measured(change, size)
    decrease, increase = _lines_of(measured, decrease, increase)
    _check_baseline(baseline)
    item, sample = _sample(data, time, measured, item, response, patient)
    unit = _unit(item, patient)
    looks_wrong = check_changes(sample.frame[measured]) if change is not None else ""
    frame, levels = _by_item(sample, time, item, response, patient)
    if change is not None:
        found = courses_of_changes(sample, frame, time, change, baseline=baseline or 0.0, unit=unit)
    else:
        found = courses_of_sizes(sample, frame, time, measured, baseline=baseline, unit=unit)
    coloured = _of_courses(levels, found)
    options: dict[str, Any] = {"interval": interval, "confidence_level": confidence_level}
    lines = _lines(found, sample, coloured, duration_unit(time), decrease, options)
    own = [line for course in found.courses for line in _own_lines(course, duration_unit(time))] if by_item else []
    is_nested = sample.patients is not None and len({course.patient for course in found.courses}) < len(found.courses)
    notes = (*sample.notes, looks_wrong, *found.notes, naive_note(lines))
    return Spider(
        estimates=(*lines, *own),
        method=_method(size is not None, baseline, decrease, options, notes, is_nested=is_nested),
        population=replace(found.population, unit="measurement"),
        courses=found.courses,
        time=time,
        measured=measured,
        response=coloured,
        decrease=decrease,
        increase=increase,
        unit=unit,
        is_nested=is_nested,
    )


def _measured(change: str | None, size: str | None) -> str:
    if (change is None) == (size is None):
        which = "neither is" if change is None else "both are"
        raise DesignError(f"give change=, a column of changes in percent, or size=, a column of sizes; {which} given")
    name, column = ("change", change) if change is not None else ("size", size)
    if not isinstance(column, str):
        raise DesignError(f"{name} is {column!r}; give the name of one column, such as {name} = {_example(column)!r}")
    return column


def _example(given: object) -> str:
    """Return the column that was meant by a list of one, else a likely one."""
    is_list_of_one = isinstance(given, list | tuple) and len(given) == 1 and isinstance(given[0], str)
    return given[0] if is_list_of_one else "diameter_mm"  # type: ignore[index]


def _lines_of(measured: str, decrease: float | None, increase: float | None) -> tuple[float | None, float | None]:
    """Return the reference lines: those given, else those of RECIST unless uptake was measured."""
    recist = (None, None) if _UPTAKE.match(measured) else (RECIST_DECREASE, RECIST_INCREASE)
    check_reference_lines(
        RECIST_DECREASE if decrease is None else decrease, RECIST_INCREASE if increase is None else increase
    )
    lower, upper = (own if own is not None else of for own, of in zip((decrease, increase), recist, strict=True))
    return (None if lower is None else float(lower), None if upper is None else float(upper))


def _check_baseline(baseline: object) -> None:
    is_number = isinstance(baseline, int | float) and not isinstance(baseline, bool) and isfinite(baseline)
    if baseline is not None and not is_number:
        raise DesignError(f"baseline is {baseline!r}; give the time of the baseline, a number")


def _sample(
    data: pd.DataFrame, time: str, measured: str, item: str | None, response: str | None, patient: str | None
) -> tuple[str | None, Sample]:
    named = [column for column in (time, measured, response) if column is not None]
    if len(set(named)) < len(named):
        raise DesignError("time, change or size, and response name one column twice")
    if item == patient or (item == "lesion_id" and isinstance(data, pd.DataFrame) and item not in data.columns):
        item = None  # one course a patient
    if item in named:
        raise DesignError(f"{item!r} names the courses and cannot be analysed itself")
    shown = [response] if response else []
    sample = select_rows(
        data,
        numeric=[time, measured],
        other=[*([item] if item else []), *shown],
        keep_missing=shown,
        patient=patient,
    )
    if item is None and sample.patients is None:
        raise DesignError("no column tells one course from another: give item=, or patient=")
    return item, sample


def _unit(item: str | None, patient: str | None) -> str:
    if item is None or item == patient:
        return "patient"
    return "lesion" if item.startswith("lesion") else "item"


def _by_item(
    sample: Sample, time: str, item: str | None, response: str | None, patient: str | None
) -> tuple[pd.DataFrame, ResponseLevels | None]:
    """Return the rows in order of course and time, each with the number and name of its course, patient and level."""
    has_patients = sample.patients is not None
    frame = sample.frame.assign(_patient=sample.patients if has_patients else -1)
    keys = [*(["_patient"] if has_patients else []), *([item] if item else [])]
    labels = [*([str(patient)] if has_patients else []), *([item] if item else [])]
    frame["_name"] = [" ".join(map(str, row)) for row in zip(*(frame[label] for label in labels), strict=True)]
    frame["_item"] = frame.groupby(keys, sort=True, observed=True).ngroup()
    levels = None if response is None else response_levels(frame[response], response)
    frame["_level"] = -1 if levels is None else levels.codes
    frame = frame.sort_values(["_item", time], kind="stable")
    twice = frame.duplicated(["_item", time])
    if twice.any():
        row = frame[twice].iloc[0]
        raise DesignError(
            f"{row['_name']} has two rows at {lower_label(time)} {level_text(float(row[time]))}; a course has one row "
            "a time"
        )
    levels_of = frame.groupby("_item")["_level"]
    changing = (levels_of.transform("max") != levels_of.transform("min")).to_numpy()
    if changing.any():
        name = frame.loc[changing, "_name"].iloc[0]
        raise DesignError(
            f"{response!r} changes within {name}; give the one response of a course, such as its best response"
        )
    return frame, levels


def _of_courses(levels: ResponseLevels | None, found: Courses) -> ResponseLevels | None:
    if levels is None:
        return None
    codes = np.array([course.level for course in found.courses], np.intp)
    return ResponseLevels(column=levels.column, levels=levels.levels, codes=codes)


def _lines(
    found: Courses,
    sample: Sample,
    response: ResponseLevels | None,
    time_unit: str,
    decrease: float | None,
    options: dict[str, Any],
) -> list[Estimate]:
    best = np.array([course.best for course in found.courses])
    when = np.array([course.time_of_best for course in found.courses])
    patients = None if sample.patients is None else np.array([course.patient for course in found.courses])
    groups: list[tuple[dict[str, str], Any]] = [({}, np.ones(best.size, bool))]
    if response is not None:
        groups += [({"group": name}, response.codes == code) for code, name in enumerate(response.levels)]
    lines = []
    for of, rows in groups:
        if not rows.any():
            continue
        codes = None if patients is None else patients[rows]
        level = {"confidence_level": options["confidence_level"]}
        if decrease is not None:
            hits = fell(best[rows], decrease)
            lines.append(share_line("decrease_rate", hits, codes, of=of | {"cutoff": decrease}, **options))
        lines += [
            median_line("median_best_change", best[rows], codes, unit="%", of=of, **level),
            median_line("median_time_of_best", when[rows], codes, unit=time_unit, of=of, **level),
        ]
    return lines


def _own_lines(course: SizeCourse, time_unit: str) -> tuple[Estimate, Estimate]:
    of = {"item": course.name}
    n = len(course.times)
    return (
        Estimate(quantity="best_change", value=course.best, n=n, unit="%", of=of),
        Estimate(quantity="time_of_best", value=course.time_of_best, n=n, unit=time_unit, of=of),
    )


def _method(
    of_sizes: bool,
    baseline: float | None,
    decrease: float | None,
    options: dict[str, Any],
    notes: Sequence[str],
    *,
    is_nested: bool,
) -> Method:
    of_share, own = INTERVAL_NAMES[options["interval"]]
    of_median = "Woodruff's interval" if is_nested else "an interval between order statistics"
    nested = " at the effective number of lesions, lesions nested in patients" if is_nested else ""
    change = "percent of the size at baseline" if of_sizes else "percent from baseline"
    shares = f"{of_share} intervals{nested}; " if decrease is not None else ""
    told = f"Shares with a decrease of at least {-decrease:g}% have {of_share} intervals, " if decrease else ""
    return Method(
        name=f"{shares}{of_median} of medians",
        confidence_level=options["confidence_level"],
        settings={"baseline": baseline, "decrease": decrease, "interval": options["interval"]},
        references=(
            *((EISENHAUER_2009, own) if decrease is not None else ()),
            *((*NESTED_REFERENCES, WOODRUFF_1952) if is_nested else ()),
        ),
        notes=tuple(notes),
        description=(
            f"Courses are shown in {change}; the best change is the lowest after the baseline. "
            f"{told}{'medians' if told else 'Medians have'} {of_median}." + (f" {NESTED_SENTENCE}" if is_nested else "")
        ),
    )
