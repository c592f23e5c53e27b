"""Patients of two arms with a marker and an outcome, as numbers: where every interaction analysis starts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import inf

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from biomarker.analyses.follow_up import Level, levels_and_codes, select_follow_up
from biomarker.analyses.hazard_terms import Term, class_term, is_measured, measured_term
from biomarker.analyses.population import Positive, Sample, require_columns, select_rows
from biomarker.errors import DesignError, nearest
from biomarker.kernels.outcome_models import BinaryOutcome, ContinuousOutcome, OutcomeModel, TimedOutcome

Floats = NDArray[np.float64]

FEWEST_PER_ARM = 5
LEFT_AT_HORIZON = 0.1  # of each arm, still at risk at the horizon chosen where none is given


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """Columns of the outcome, one kind of three: response, measured value, or duration and event."""

    response: str | None
    positive: Positive | None
    value: str | None
    duration: str | None
    event: str | None
    event_values: Positive | None
    landmark: float | None
    horizon: float | None
    higher_is_better: bool

    @property
    def kind(self) -> str:
        """Return "binary", "continuous" or "timed"."""
        return "timed" if self.duration else "binary" if self.response else "continuous"

    @property
    def scale(self) -> str:
        """Return what an effect is: a ratio of hazards or odds, or a difference of means."""
        return {"timed": "hazard_ratio", "binary": "odds_ratio", "continuous": "mean_difference"}[self.kind]

    @property
    def columns(self) -> list[str]:
        """The columns of the outcome."""
        return [name for name in (self.response, self.value, self.duration, self.event) if name]


@dataclass(frozen=True, kw_only=True, eq=False)
class TwoArms:
    """The patients of an interaction analysis.

    Attributes
    ----------
    sample : Sample
    model : OutcomeModel
    arms : pair
        The control arm, then the other.
    is_treated : ndarray of bool, shape (n,)
    marker : Term
        One column; numbers in the unit asked for, or 1 for the second of two classes.
    raw : ndarray, shape (n,)
        The marker as it was given, or that column.
    covariates : tuple of Term
    centre : float
        Median of the marker's column: where the effect of treatment is that of the arm's coefficient.
    unit : str
        Of time.
    horizon : float
        By which risks are told, for an event in time.
    n_events : int
        Events, or patients of the rarer class, or patients.
    notes : tuple of str
    """

    sample: Sample
    model: OutcomeModel
    arms: tuple[Level, Level]
    is_treated: NDArray[np.bool_]
    marker: Term
    raw: Floats
    covariates: tuple[Term, ...]
    centre: float
    unit: str
    horizon: float
    n_events: int
    notes: tuple[str, ...]

    @property
    def n(self) -> int:
        """Patients."""
        return self.is_treated.size

    @property
    def extra(self) -> Floats:
        """Columns of the covariates."""
        return np.hstack([np.zeros((self.n, 0)), *(term.columns for term in self.covariates)])

    def residual_df(self, design: Floats, weights: Floats) -> float:
        """Return the degrees of freedom of a model's tests: what the residuals have left, infinite for likelihoods."""
        if not isinstance(self.model, ContinuousOutcome):
            return inf
        return float(weights.sum() - design.shape[1] - 1)

    def in_unit(self, value: float) -> float:
        """Return a value of the marker in the unit of the model."""
        if self.marker.per == "doubling":
            return float(np.log2(value))
        largest = int(np.argmax(np.abs(self.raw)))
        return float(value * self.marker.columns[largest, 0] / self.raw[largest])

    def design(self, arm: Floats | None = None, *, marker: Floats | None = None) -> Floats:
        """Return arm, marker about its median, their product, and covariates; with other arms or markers if given."""
        own = self.is_treated.astype(float) if arm is None else arm
        x = (self.marker.columns[:, 0] if marker is None else marker) - self.centre
        return np.column_stack([own, x, own * x, self.extra])


def select_two_arms(
    patients: pd.DataFrame,
    *,
    marker: str,
    arm: str,
    control: Level | None,
    outcome: Outcome,
    per: str | float | None,
    adjust: Sequence[str],
    subgroups: Sequence[str],
    patient: str | None,
) -> TwoArms:
    """Return the patients with marker, arm, outcome and covariates.

    Raises
    ------
    DesignError
        If there is one arm, or more than two; if an arm has next to nobody; if patients have several rows.
    SchemaError
        If a number is none, or a duration negative.
    """
    _check_outcome(outcome)
    if isinstance(patients, pd.DataFrame):
        require_columns(patients, [arm, marker, *outcome.columns, *adjust, *subgroups])
        _check_arms_given(patients[arm].dropna(), arm, marker)
    numbers = [name for name in (marker, *adjust) if is_measured(patients[name])]
    others = [arm, *(name for name in (marker, *adjust) if name not in numbers), *subgroups]
    if outcome.duration and outcome.event:
        found = select_follow_up(
            patients,
            duration=outcome.duration,
            event=outcome.event,
            event_values=outcome.event_values,
            landmark=outcome.landmark,
            numeric=numbers,
            other=others,
            patient=patient,
        )
        sample, notes, unit = found.sample, list(found.notes), found.unit
    else:
        sample = select_rows(
            patients,
            numeric=[*numbers, *([outcome.value] if outcome.value else [])],
            classes={outcome.response: outcome.positive} if outcome.response else {},
            other=others,
            patient=patient,
        )
        notes, unit = list(sample.notes), ""
        if sample.is_nested:
            raise DesignError(
                "patients have several rows: a treatment is given to a patient, so aggregate lesions to one row a "
                "patient first (aggregate_lesions, or [[derive]] in a study file)"
            )
    frame = sample.frame
    arms, is_treated = _arms(frame[arm], arm, control)
    term = measured_term(frame[marker], per) if marker in numbers else _two_classes(frame[marker])
    covariates = tuple(
        measured_term(frame[name], None) if name in numbers else class_term(frame[name], None) for name in adjust
    )
    if outcome.duration:
        timed = replace(outcome, horizon=_horizon(outcome.horizon, found.duration, is_treated, unit))
        model, n_events = _model(timed, frame, found.duration, found.event)
        horizon = timed.horizon or 0.0
        if outcome.horizon is None:
            notes.append(f"Risks are told by {horizon:g} {unit}, when a tenth of each arm is still at risk.")
    else:
        model, n_events = _model(outcome, frame, None, None)
        horizon = 0.0
    if control is None:
        notes.append(f"{arms[0]} is taken as the control arm, as the first of the two.")
    return TwoArms(
        sample=sample,
        model=model,
        arms=arms,
        is_treated=is_treated,
        marker=term,
        raw=frame[marker].to_numpy(dtype=float) if marker in numbers else term.columns[:, 0],
        covariates=covariates,
        centre=float(np.median(term.columns[:, 0])) if marker in numbers else 0.0,
        unit=unit,
        horizon=horizon,
        n_events=n_events,
        notes=tuple(note for note in notes if note),
    )


def _check_outcome(outcome: Outcome) -> None:
    kinds = [bool(outcome.response), bool(outcome.value), bool(outcome.duration or outcome.event)]
    if sum(kinds) != 1:
        raise DesignError(
            "give one outcome: response (two classes), value (a measured outcome), or duration with event"
        )
    if bool(outcome.duration) != bool(outcome.event):
        raise DesignError("duration and event belong together: give both")
    belongs = {
        "duration and event": (("horizon", outcome.horizon), ("landmark", outcome.landmark)),
        "event": (("event_values", outcome.event_values),),
        "response": (("positive", outcome.positive),),
        "value": (("higher_is_better", None if outcome.higher_is_better else False),),
    }
    given = {"duration and event": outcome.duration, "event": outcome.event, "response": outcome.response}
    given["value"] = outcome.value
    for owner, arguments in belongs.items():
        for name, argument in arguments:
            if argument is not None and not given[owner]:
                raise DesignError(f"{name} belongs to {owner}, which is not given")


def _check_arms_given(column: pd.Series, arm: str, marker: str) -> None:
    """Refuse a trial of one arm, and say what can be asked of it."""
    if len(column) and (column == column.iloc[0]).all():
        raise DesignError(
            f"every patient is in the arm {column.iloc[0]!r} of {arm!r}. Whether {marker!r} is predictive is a "
            "question about the difference between treatments, which one arm cannot answer. What can be said: how the "
            "marker is associated with outcome under this treatment (response_model, roc_curve, hazard_model, "
            "survival_curves)"
        )


def _arms(column: pd.Series, arm: str, control: Level | None) -> tuple[tuple[Level, Level], NDArray[np.bool_]]:
    levels, codes = levels_and_codes(column)
    if len(levels) != 2:
        raise DesignError(
            f"{arm!r} holds {len(levels)} arms ({', '.join(map(str, levels))}) among patients with all values; an "
            "interaction compares two: choose them first (where, in a study file)"
        )
    first = 0
    if control is not None:
        if control not in levels:
            near = nearest(str(control), [str(level) for level in levels])
            raise DesignError(f"control: {arm!r} never is {control!r}{near}; it holds {', '.join(map(str, levels))}")
        first = levels.index(control)
    treated = codes != first
    for name, count in ((levels[first], int((~treated).sum())), (levels[1 - first], int(treated.sum()))):
        if count < FEWEST_PER_ARM:
            raise DesignError(f"the arm {name!r} has {count} patients with all values: too few to compare")
    return (levels[first], levels[1 - first]), np.asarray(treated, bool)


def _two_classes(column: pd.Series) -> Term:
    term = class_term(column, None)
    if term.columns.shape[1] != 1:
        raise DesignError(
            f"{column.name!r} has {term.columns.shape[1] + 1} classes; a marker is a number, or one of two classes"
        )
    return term


def _horizon(given: float | None, duration: Floats, is_treated: NDArray[np.bool_], unit: str) -> float:
    """Return the time by which risks are told: as given, or the latest at which each arm still has patients."""
    longest = min(float(duration[is_treated].max()), float(duration[~is_treated].max()))
    if given is None:
        latest = []
        for arm in (is_treated, ~is_treated):
            times = np.sort(duration[arm])[::-1]
            kept = min(max(int(np.ceil(LEFT_AT_HORIZON * times.size)), FEWEST_PER_ARM), times.size)
            latest.append(float(times[kept - 1]))
        return min(latest)
    if isinstance(given, bool) or not isinstance(given, int | float) or not 0 < given < inf:
        raise DesignError(f"horizon = {given!r}: give a time above 0, in the unit of the duration")
    if given > longest:
        raise DesignError(f"horizon = {given:g}: an arm is followed up to {longest:g} {unit} only".rstrip())
    return float(given)


def _model(
    outcome: Outcome, frame: pd.DataFrame, duration: Floats | None, event: NDArray[np.bool_] | None
) -> tuple[OutcomeModel, int]:
    if duration is not None and event is not None:
        if not event.any():
            raise DesignError("no patient had the event: there is nothing that a treatment could change")
        return TimedOutcome(duration, event.astype(float), outcome.horizon or 0.0), int(event.sum())
    if outcome.response:
        response = frame[outcome.response].to_numpy(dtype=bool)
        rarer = int(min(response.sum(), (~response).sum()))
        if not rarer:
            raise DesignError(f"every patient has the same {outcome.response!r}: there is nothing to compare")
        return BinaryOutcome(response), rarer
    values = frame[str(outcome.value)].to_numpy(dtype=float)
    return ContinuousOutcome(values, higher_is_better=outcome.higher_is_better), values.size
