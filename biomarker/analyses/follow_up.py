"""From a frame to the follow-up of patients: event, duration, entry, landmark. Every survival analysis starts here."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import isfinite

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from biomarker.analyses.population import Positive, Sample, as_class, require_columns, select_rows
from biomarker.analyses.result import Exclusion
from biomarker.errors import DesignError, IndependenceWarning, Problem, SchemaError

Columns = Sequence[str] | str
Level = str | int | float  # a value of a group or predictor; bool is an int

MONTHS = (1, 2, 3, 6, 12, 24, 36, 48, 60, 120)  # between times at risk, where time is in months
AT_MOST_TICKS = 7
MAX_GROUPS = 10  # more curves than a reader can tell apart: a measured marker, most likely

_UNITS = {
    "hours": ("hours", "hour", "h"),
    "days": ("days", "day", "d"),
    "weeks": ("weeks", "week", "wk", "wks"),
    "months": ("months", "month", "mo", "mos"),
    "years": ("years", "year", "yr", "yrs"),
}


@dataclass(frozen=True, kw_only=True, eq=False)
class FollowUpSample:
    """The patients a survival analysis uses.

    Attributes
    ----------
    sample : Sample
        Rows used, after the landmark.
    duration, entry : ndarray, shape (n_patients,)
        From the landmark where there is one; `entry` is None when everyone is observed from the start.
    event : ndarray of bool, shape (n_patients,)
    unit : str
        Of the durations, by the name of their column; empty where the name does not tell.
    notes : tuple of str
        What a reader must be told.
    """

    sample: Sample
    duration: NDArray[np.float64]
    event: NDArray[np.bool_]
    entry: NDArray[np.float64] | None
    unit: str
    notes: tuple[str, ...]

    def part(self, rows: NDArray[np.bool_]) -> FollowUpSample:
        """Return the follow-up of some of the patients, to be estimated by themselves."""
        entry = None if self.entry is None else self.entry[rows]
        return replace(self, duration=self.duration[rows], event=self.event[rows], entry=entry)


def duration_unit(column: str) -> str:
    """Return the unit in the name of a duration: ``"pfs_months"`` gives ``"months"``, ``"time"`` gives ``""``."""
    last = column.casefold().replace(" ", "_").rpartition("_")[2]
    return next((unit for unit, names in _UNITS.items() if last in names), "")


def names_of(columns: Columns | None) -> list[str]:
    """Return one name or several as a list, each once.

    Raises
    ------
    DesignError
        If what is given is neither a name nor names.
    """
    if columns is None:
        return []
    if isinstance(columns, str):
        return [columns]
    if not isinstance(columns, Iterable) or not all(isinstance(name, str) for name in columns):
        raise DesignError(f"{columns!r} is no column: give its name, or a list of names")
    return list(dict.fromkeys(columns))


def select_follow_up(
    patients: pd.DataFrame,
    *,
    duration: str,
    event: str,
    event_values: Positive | None = None,
    entry: str | None = None,
    landmark: float | None = None,
    numeric: Sequence[str] = (),
    other: Sequence[str] = (),
    patient: str | None = "patient_id",
) -> FollowUpSample:
    """Return the patients with all the values a survival analysis needs, one row a patient.

    Parameters
    ----------
    patients : DataFrame
        One row a patient.
    duration, event, entry : str
        Columns; see `biomarker.survival_curves`.
    event_values : value or list of values, optional
        What in `event` means that the event happened; needed unless that column is bool or 0/1.
    landmark : float, optional
        Patients whose follow-up ended before it are left out, and time is counted from it.
    numeric, other : sequence of str
        Further columns that are needed.
    patient : str or None
        Column of patients.

    Returns
    -------
    FollowUpSample

    Raises
    ------
    DesignError
        If what counts as an event is not told, a patient has several rows, or nobody is left at the landmark.
    SchemaError
        If a duration is negative, or an entry is not before its duration; every such row is named.
    """
    _check_landmark(landmark)
    used = [duration, *([entry] if entry else [])]
    coded, note = _with_event(patients, event, event_values)
    sample = select_rows(coded, numeric=[*used, *numeric], classes={event: None}, other=other, patient=patient)
    _check_one_row_each(sample, patient)
    _check_times(sample.frame, duration, entry)
    notes = [*sample.notes, note, _repeated_patients(sample.frame, patient)]
    if landmark is not None:
        sample = _at_landmark(sample, duration, event, landmark)
        notes.append(_landmark_note(landmark, duration_unit(duration)))
    frame = sample.frame
    times = _since(frame[duration], landmark)
    if at_zero := int((times == 0).sum()):
        notes.append(f"{at_zero} of {times.size} patients have follow-up of length 0; they count as at risk at time 0.")
    return FollowUpSample(
        sample=sample,
        duration=times,
        event=frame[event].to_numpy(dtype=bool),
        entry=_since(frame[entry], landmark) if entry else None,
        unit=duration_unit(duration),
        notes=tuple(text for text in notes if text),
    )


def strata_codes(frame: pd.DataFrame, columns: Sequence[str]) -> NDArray[np.intp] | None:
    """Return a code 0, 1, ... for each combination of the columns, or None without columns."""
    if not columns:
        return None
    return np.asarray(frame.groupby(list(columns), observed=True).ngroup(), dtype=np.intp)


def levels_and_codes(column: pd.Series) -> tuple[tuple[Level, ...], NDArray[np.intp]]:
    """Return the values present, in order, and the code of each row's; a categorical keeps its own order."""
    try:
        codes, levels = pd.factorize(column, sort=True)
    except TypeError:  # texts and numbers in one column have no order of their own
        codes, levels = pd.factorize(column)
    plain = (level.item() if isinstance(level, np.generic) else level for level in levels)
    values = tuple(level if isinstance(level, str | int | float) else str(level) for level in plain)
    return values, codes.astype(np.intp)


def group_codes(frame: pd.DataFrame, group: str | None) -> tuple[tuple[Level, ...], NDArray[np.intp]]:
    """Return the groups in order, and the code of each patient's; one empty text where no group is asked for.

    Raises
    ------
    DesignError
        If there are more groups than curves can be told apart.
    """
    if group is None:
        return ("",), np.zeros(len(frame), np.intp)
    levels, codes = levels_and_codes(frame[group])
    if len(levels) > MAX_GROUPS:
        raise DesignError(
            f"{group!r} has {len(levels)} values, too many for a curve each: make classes of it first "
            "(how = 'class' in a [[derive]] of the study file, or pandas.cut)"
        )
    return levels, codes


def round_times(longest: float, unit: str) -> NDArray[np.float64]:
    """Return round times at which patients at risk are counted, no more than fit beneath a figure."""
    if longest <= 0:
        return np.zeros(1)
    decade = 10.0 ** np.floor(np.log10(longest / AT_MOST_TICKS))
    steps = [decade * factor for factor in (1, 2, 5, 10, 20, 50)]
    if unit == "months" and AT_MOST_TICKS / 2 < longest <= MONTHS[-1] * (AT_MOST_TICKS - 1):
        steps = [float(step) for step in MONTHS]
    step = next(step for step in steps if longest / step <= AT_MOST_TICKS - 1)
    return np.asarray(np.arange(0, np.floor(longest / step) + 1) * step, dtype=float)


def _since(times: pd.Series, landmark: float | None) -> NDArray[np.float64]:
    """Count times from the landmark; rounded, so that 9.3 - 3.1 is 6.2 and ties with it."""
    values = times.to_numpy(dtype=float)
    if landmark is None:
        return values
    since = values - landmark
    with np.errstate(over="ignore"):  # beyond 1e299 there is nothing to round
        rounded = np.round(since, 9)
    return np.asarray(np.where(np.isfinite(rounded), rounded, since), float)


def _with_event(patients: pd.DataFrame, event: str, event_values: Positive | None) -> tuple[pd.DataFrame, str]:
    """Return the frame with the event as nullable booleans, and what counted as the event."""
    if not isinstance(patients, pd.DataFrame) or patients.empty:
        return patients, ""  # select_rows says what is wrong
    require_columns(patients, [event])
    column = patients[event]
    if event_values is None:
        _check_event_is_plain(column)
        return patients.assign(**{event: as_class(column, None)[0]}), ""
    happened = as_class(column, event_values)[0]
    told = {
        name: ", ".join(str(value) for value in pd.unique(column[happened.eq(truth).fillna(False)])) or "none"
        for name, truth in (("event", True), ("censored", False))
    }
    note = f"Event: {event} is {told['event']}; censored: {told['censored']}."
    return patients.assign(**{event: happened}), note


def _check_event_is_plain(column: pd.Series) -> None:
    """Refuse an event column that says nothing of what counts as the event, or says the opposite."""
    name, present = str(column.name), column.dropna()
    values = ", ".join(map(repr, pd.unique(present)[:8].tolist()))
    if name.casefold().startswith(("cnsr", "cens")):
        raise DesignError(
            f"{name!r} by its name marks censored patients, as CNSR does in CDISC (0 is the event); it holds {values}: "
            "say which values mean that the event happened, for example event_values=[0]"
        )
    if not (pd.api.types.is_bool_dtype(present) or set(present.unique()) <= {0, 1}):
        raise DesignError(
            f"which values of {name!r} mean that the event happened? It holds {values}; "
            "give event_values=..., for example a list"
        )


def _check_one_row_each(sample: Sample, patient: str | None) -> None:
    if not sample.is_nested or patient is None:
        return
    counts = sample.frame[patient].value_counts()
    repeated = counts[counts > 1]
    shown = ", ".join(f"{name} ({count} rows)" for name, count in repeated.head(5).items())
    raise DesignError(
        f"{len(repeated)} of {len(counts)} patients have several rows: {shown}. A patient has one survival time: "
        "aggregate lesions to one row a patient (aggregate_lesions, or [[derive]] in a study file), or choose one row"
    )


def _repeated_patients(frame: pd.DataFrame, patient: str | None) -> str:
    """Warn where rows are declared independent although the patient column repeats."""
    if patient is not None or "patient_id" not in frame.columns or not frame["patient_id"].duplicated().any():
        return ""
    note = (
        "The column patient_id repeats, and patient=None treats the rows of a patient as independent; unless they are, "
        "as with follow-up split into periods by entry, intervals are too narrow and p-values too small."
    )
    warnings.warn(note, IndependenceWarning, stacklevel=4)
    return note


def _check_times(frame: pd.DataFrame, duration: str, entry: str | None) -> None:
    faults = [(duration, frame[duration] < 0, "is negative: a duration is at least 0")]
    if entry:
        late = frame[entry] >= frame[duration]
        faults.append((entry, late, f"is not before {duration}: a patient enters before follow-up ends"))
    problems = [
        _problem(label, column, value, rule)
        for column, wrong, rule in faults
        for label, value in frame.loc[wrong, column].items()
    ]
    if problems:
        raise SchemaError(problems)


def _problem(label: object, column: str, value: float, rule: str) -> Problem:
    if isinstance(label, int | np.integer):
        return Problem(rule=rule, row=int(label), column=column, value=f"{value:g}")
    return Problem(rule=rule, column=f"{column} of {label}", value=f"{value:g}")


def _check_landmark(landmark: float | None) -> None:
    if landmark is None:
        return
    if isinstance(landmark, bool) or not isinstance(landmark, int | float) or not (isfinite(landmark) and landmark > 0):
        raise DesignError(f"landmark = {landmark!r}: give a time after 0, in the unit of the duration")


def _at_landmark(sample: Sample, duration: str, event: str, landmark: float) -> Sample:
    """Leave out the patients no longer under observation at the landmark, and count them."""
    frame, unit = sample.frame, duration_unit(duration)
    is_gone, happened = frame[duration] < landmark, frame[event].astype(bool)
    at = f"before the landmark of {landmark:g} {unit}".strip()
    reasons = ((f"with the event {at}", is_gone & happened), (f"censored {at}", is_gone & ~happened))
    left_out = tuple(
        Exclusion(reason=reason, rows=tuple(frame.index[rows].tolist()), column=duration)
        for reason, rows in reasons
        if rows.any()
    )
    if is_gone.all():
        longest = frame[duration].max()
        when = f"{landmark:g} {unit}".strip()
        raise DesignError(f"nobody is under observation at {when}: follow-up ends at {longest:g}")
    kept = ~is_gone.to_numpy()
    codes = (
        None if sample.patients is None else np.unique(sample.patients[kept], return_inverse=True)[1].astype(np.intp)
    )
    population = replace(
        sample.population,
        rows_used=int(kept.sum()),
        patients_used=None if codes is None else int(codes.max()) + 1,
        exclusions=(*sample.population.exclusions, *left_out),
    )
    return replace(sample, frame=frame[kept], population=population, patients=codes)


def _landmark_note(landmark: float, unit: str) -> str:
    at = f"{landmark:g} {unit}".strip()
    return f"Landmark analysis: time is counted from the landmark of {at}, for patients still under observation then."
