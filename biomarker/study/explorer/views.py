"""The numbers the explorer shows: for each marker, time and unit of calls, everything at every cutoff."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from biomarker.analyses.aggregation_rules import NamedRule, named_rules
from biomarker.analyses.every_cutoff import EveryCutoff, GreyZones, every_cutoff, grey_zones, round_cutoffs
from biomarker.analyses.every_split import EverySplit, every_split
from biomarker.analyses.follow_up import duration_unit, round_times, select_follow_up
from biomarker.analyses.measurement_error import StatedError, stated_error
from biomarker.analyses.population import Sample, require_both_classes, select_rows
from biomarker.analyses.result import Estimate
from biomarker.analyses.roc import roc_curve
from biomarker.data.aggregation import apply_rule
from biomarker.data.filters import where_rows
from biomarker.errors import DesignError
from biomarker.study.explorer.settings import ExplorerSettings
from biomarker.vocabulary import column_label, level_text, marker_unit

Floats = NDArray[np.float64]
_NO_UPTAKE = ("count", "any_positive", "share_positive", "pattern")
MOST_VIEWS = 24


@dataclass(frozen=True, kw_only=True, eq=False)
class Split:
    """Follow-up of patients split by one value each."""

    label: str
    measured: Floats
    duration: Floats
    event: NDArray[np.bool_]
    numbers: EverySplit
    ticks: Floats


@dataclass(frozen=True, kw_only=True, eq=False)
class View:
    """One marker at one time, called positive by lesion or by patient.

    Attributes
    ----------
    marker, time, unit : str
        What the choices of the page are called; `time` is empty where there is one.
    axis : str
        What is measured: "SUVmax", "Highest SUVmax".
    measured, truth, owners
        The rows: values, classes, names of patients (or of rows).
    cutoffs : tuple of str
        Ascending, in decimal text.
    prespecified, chosen : tuple of float
        Cutoffs fixed beforehand, and such as an analysis of the study chose on these data.
    split : Split, optional
        Follow-up by this view's patients, or by the first rule's where rows are lesions.
    """

    marker: str
    time: str
    unit: str
    axis: str
    measure: str
    row_word: str
    measured: Floats
    truth: NDArray[np.bool_]
    owners: tuple[object, ...]
    sample: Sample
    performance: EveryCutoff
    cutoffs: tuple[str, ...]
    auc: Estimate
    prespecified: tuple[float, ...] = ()
    chosen: tuple[float, ...] = ()
    zones: GreyZones | None = None
    error_source: str = ""
    split: Split | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, eq=False)
class _Task:
    """What all views share."""

    settings: ExplorerSettings
    rows: pd.DataFrame
    patients: pd.DataFrame | None
    error: StatedError | None
    chosen: tuple[float, ...]

    @property
    def options(self) -> dict[str, Any]:
        """Direction, interval and level, as the kernels take them."""
        return {
            "higher_is_positive": self.settings.higher_is_positive,
            "interval": self.settings.interval,
            "confidence_level": self.settings.confidence_level,
        }


def views_of(
    settings: ExplorerSettings,
    frames: Mapping[str, pd.DataFrame],
    *,
    error: object = None,
    chosen: Sequence[float] = (),
) -> tuple[View, ...]:
    """Work out every view.

    Parameters
    ----------
    settings : ExplorerSettings
    frames : mapping of str to DataFrame
        The tables of the study.
    error : float, mapping, Repeatability or None
        Error of the first marker, with tables and results in place of their names.
    chosen : sequence of float
        Cutoffs that an analysis of the study chose on these data.

    Raises
    ------
    DesignError
        If rows, classes, rules or follow-up cannot be had.
    """
    rows = where_rows(frames[settings.table], settings.where, table=settings.table).frame
    patients = frames[settings.patients] if settings.patients else None
    task = _Task(
        settings=settings,
        rows=rows,
        patients=patients,
        error=stated_error(error, rows, settings.patient),
        chosen=tuple(chosen),
    )
    found: list[View] = []
    for column in settings.markers:
        for number, (time, at) in enumerate(_times(task)):
            found += _views_at(task, column, time, at, is_first=column == settings.markers[0] and number == 0)
            if len(found) > MOST_VIEWS:
                raise DesignError(
                    f"markers, times and rules make more than {MOST_VIEWS} views, too many for one page: name fewer"
                )
    return tuple(found)


def _times(task: _Task) -> list[tuple[str, pd.DataFrame]]:
    """Return the rows of each time point, with its name."""
    column = task.settings.time
    if column is None:
        return [("", task.rows)]
    known = sorted(task.rows[column].dropna().unique().tolist())
    wanted = list(task.settings.times) or known
    absent = [value for value in wanted if value not in known]
    if absent:
        raise DesignError(f"{column!r} never is {absent[0]!r}; it holds {', '.join(map(str, known))}")
    return [(f"{column_label(column)} {level_text(value)}", task.rows[task.rows[column] == value]) for value in wanted]


def _views_at(task: _Task, column: str, time: str, rows: pd.DataFrame, *, is_first: bool) -> Iterator[View]:
    """Yield the view by row, and where rows are lesions of patients those by patient under each rule."""
    settings = task.settings
    sample = select_rows(
        rows, numeric=[column], classes={settings.reference_standard: settings.positive}, patient=settings.patient
    )
    splits: list[Split | None] = []
    by_patient: list[View] = []
    if sample.is_nested and settings.patient is not None:
        for rule in _rules(settings, column):
            # every measured lesion counts, also one whose own outcome is not known
            values = _patient_values(rows, rule, column, settings.patient)
            split = _split(task, values, rule.label)
            splits.append(split)
            view = _patient_view(task, column, time, rule, values, split)
            by_patient += [view] if view is not None else []
        first_split = splits[0] if splits else None
    else:
        is_owned = settings.patient is not None and settings.patient in rows.columns
        owned = rows[[settings.patient, column]].set_axis(["owner", "value"], axis=1) if is_owned else None
        first_split = None if owned is None else _split(task, owned, "")
    word = sample.population.unit
    yield _view(
        task, sample, column, settings.reference_standard, time=time, unit=f"Each {word}", axis=column_label(column),
        split=first_split, is_first=is_first, row_word=word,
    )  # fmt: skip
    yield from by_patient


def _rules(settings: ExplorerSettings, column: str) -> tuple[NamedRule, ...]:
    shared = {"cutoff": None, "weights": None, "higher_is_positive": settings.higher_is_positive, "k": 3}
    asked = named_rules(list(settings.rules), shared, marker=column, is_read_by_eye=False)
    for named in asked:
        if named.rule.how in _NO_UPTAKE:
            raise DesignError(
                f"the rule {named.name!r} gives no value that a cutoff could be moved along; name rules such as max, "
                "mean, median or hottest_k (any lesion positive at a cutoff is the same as max)"
            )
    return asked


def _patient_values(rows: pd.DataFrame, named: NamedRule, column: str, patient: str) -> pd.DataFrame:
    """Return a row a patient with `owner` and `value`."""
    values = apply_rule(rows, named.rule, marker=column, patient=patient, name="value")
    return values[[patient, "value"]].set_axis(["owner", "value"], axis=1).dropna()


def _patient_view(
    task: _Task, column: str, time: str, named: NamedRule, values: pd.DataFrame, split: Split | None
) -> View | None:
    """Return the view of patients under one rule, or None where the study tells no outcome of patients."""
    settings = task.settings
    outcomes = _patient_outcomes(task)
    if outcomes is None:
        return None
    joined = values.merge(outcomes, on="owner", how="left")
    sample = select_rows(joined, numeric=["value"], classes={"outcome": _patient_positive(settings)}, patient="owner")
    axis, rule = named.label[0].upper() + named.label[1:], named.rule.describe("uptake")
    return _view(
        task, sample, "value", "outcome", time=time, unit=f"Each patient, by {rule}", axis=axis,
        split=split, is_first=False, row_word="patient", measure=column,
    )  # fmt: skip


def _patient_outcomes(task: _Task) -> pd.DataFrame | None:
    """Return `owner` and `outcome` of each patient: from their own table, or of lesions that all agree."""
    settings = task.settings
    own = settings.patient_reference_standard
    column = own or settings.reference_standard
    source = task.patients if own is not None and task.patients is not None else task.rows
    if settings.patient is None or column not in source.columns:
        return None
    pairs = source[[settings.patient, column]].dropna().drop_duplicates()
    if pairs[settings.patient].duplicated().any():
        if settings.patient_reference_standard is None:
            return None  # an outcome of lesions: patients have none of their own
        raise DesignError(f"patients have more than one value of {column!r}; it must be an outcome of the patient")
    return pairs.set_axis(["owner", "outcome"], axis=1)


def _patient_positive(settings: ExplorerSettings) -> object:
    return settings.positive if settings.patient_reference_standard is None else settings.patient_positive


def _view(
    task: _Task,
    sample: Sample,
    column: str,
    reference_standard: str,
    *,
    time: str,
    unit: str,
    axis: str,
    split: Split | None,
    is_first: bool,
    row_word: str,
    measure: str = "",
) -> View:
    settings, measured = task.settings, sample.frame[column].to_numpy(float)
    require_both_classes(sample.frame[reference_standard], reference_standard, "sensitivity or specificity")
    truth = sample.frame[reference_standard].to_numpy(bool)
    nested = sample.patients if sample.is_nested else None
    performance = every_cutoff(measured, truth, nested, **task.options)
    error = task.error if is_first else None
    on_log = error is not None and error.error.scale == "log"
    if on_log and measured.min() <= 0:
        raise DesignError(
            f"an error on the log scale needs values of {column!r} above 0; give the error in its unit: "
            "repeatability = { repeatability_coefficient = ... }"
        )
    known = (*settings.cutoffs, *task.chosen) if is_first else ()
    if on_log and any(cutoff <= 0 for cutoff in known):
        raise DesignError(f"an error on the log scale needs a cutoff above 0; it is {min(known):g}")
    cutoffs = round_cutoffs(
        performance.distinct, higher_is_positive=settings.higher_is_positive, above_zero=on_log, also=known
    )
    numbers = [float(cutoff) for cutoff in cutoffs]
    options = {key: value for key, value in task.options.items() if key != "higher_is_positive"}
    patient = settings.patient if settings.patient in sample.frame.columns else None
    area = roc_curve(
        sample.frame, reference_standard=reference_standard, marker=column, band=None,
        higher_is_positive=settings.higher_is_positive, confidence_level=settings.confidence_level,
        patient=patient if sample.is_nested else None,
    )  # fmt: skip
    return View(
        marker=column_label(measure or column),
        time=time,
        unit=unit,
        axis=axis,
        measure=marker_unit(measure or column),
        row_word=row_word,
        measured=measured,
        truth=truth,
        owners=_owners(sample, settings.patient if column != "value" else "owner"),
        sample=sample,
        performance=performance,
        cutoffs=cutoffs,
        auc=area.estimate("auc"),
        prespecified=settings.cutoffs if is_first else (),
        chosen=task.chosen if is_first else (),
        zones=None
        if error is None
        else grey_zones(
            measured, nested, numbers, error.error, change_probability=settings.change_probability, **options
        ),
        error_source="" if error is None else error.source,
        split=split,
        notes=sample.notes,
    )


def _owners(sample: Sample, patient: str | None) -> tuple[object, ...]:
    if patient is not None and patient in sample.frame.columns:
        return tuple(sample.frame[patient].tolist())
    return tuple(sample.frame.index.tolist())


def _split(task: _Task, values: pd.DataFrame, label: str) -> Split | None:
    """Return the follow-up of the patients who have a value, or None where the study tells none."""
    settings = task.settings
    if settings.duration is None or settings.event is None or settings.patient is None:
        return None
    source = task.rows if task.patients is None else task.patients
    columns = [settings.patient, settings.duration, settings.event]
    followed = source[columns].drop_duplicates().set_axis(["owner", *columns[1:]], axis=1)
    joined = values.drop_duplicates().merge(followed, on="owner", how="inner")
    sample = select_follow_up(
        joined,
        duration=settings.duration,
        event=settings.event,
        event_values=settings.event_values,
        numeric=["value"],
        patient="owner",
    )
    measured = sample.sample.frame["value"].to_numpy(float)
    return Split(
        label=label,
        measured=measured,
        duration=sample.duration,
        event=sample.event,
        numbers=every_split(
            measured, sample.duration, sample.event, higher_is_positive=settings.higher_is_positive,
            confidence_level=settings.confidence_level,
        ),
        ticks=round_times(float(sample.duration.max()), duration_unit(settings.duration)),
    )  # fmt: skip
