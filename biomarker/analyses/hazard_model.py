"""Do patients with more uptake progress or die sooner? Cox proportional hazards, adjusted for other predictors."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, inf, nan, sqrt
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import expit, logit, ndtri
from scipy.special import ndtr as normal_cdf

from biomarker.analyses.follow_up import Columns, FollowUpSample, Level, names_of, select_follow_up, strata_codes
from biomarker.analyses.hazard_terms import Term, check_names, class_term, is_measured, measured_term
from biomarker.analyses.population import Positive, require_columns
from biomarker.analyses.result import Estimate, Method, Result, checked_fraction
from biomarker.errors import DesignError, SmallSampleWarning
from biomarker.kernels.partial_likelihood import ChiSquare, quadratic_test
from biomarker.references import (
    ANDERSON_1983,
    COX_1972,
    EFRON_1977,
    GRAMBSCH_THERNEAU_1994,
    HARRELL_1982,
    PEDUZZI_1995,
)

if TYPE_CHECKING:
    from biomarker.models.cox import CoxFit

EVENTS_PER_RATIO = 10  # below this hazard ratios are biased away from 1 and their intervals too narrow
NOT_PROPORTIONAL = 0.05  # level of the test at which a reader is told


@dataclass(frozen=True, kw_only=True)
class HazardModel(Result):
    """A Cox model.

    Attributes
    ----------
    terms : tuple of str
        Predictors, in the order given.
    n_events : int
    duration : str
        Column of follow-up.
    """

    terms: tuple[str, ...]
    n_events: int
    duration: str

    @property
    def figure_size(self) -> tuple[float, float]:
        """Inches: a column wide, and taller with each hazard ratio."""
        lines = sum(line.quantity == "hazard_ratio" for line in self.estimates)
        return 3.46, 0.8 + 0.2 * lines

    @property
    def caption(self) -> str:
        """What the figure shows."""
        return (
            f"Hazard ratios with {self.method.confidence_level:.0%} confidence intervals from one Cox model; above 1, "
            "the event comes sooner."
        )


def hazard_model(
    patients: pd.DataFrame,
    *,
    duration: str,
    event: str,
    predictors: Columns,
    event_values: Positive | None = None,
    strata: Columns | None = None,
    per: Mapping[str, str | float] | None = None,
    reference: Mapping[str, Level] | None = None,
    landmark: float | None = None,
    entry: str | None = None,
    confidence_level: float = 0.95,
    patient: str | None = "patient_id",
) -> HazardModel:
    """Hazard ratios from a Cox model, with its tests and Harrell's c-index [1]_.

    Parameters
    ----------
    patients : DataFrame
        One row a patient.
    duration : str
        Column with the time from start to event or end of follow-up, at least 0.
    event : str
        Column that says whether the event happened: bool, or 0/1 with 1 for the event; see `survival_curves` for CNSR.
    predictors : str or list of str
        Columns in one model: numbers, or classes (text, categorical, bool).
    event_values : value or list of values, optional
        What in `event` means that the event happened; needed unless it is bool or 0/1.
    strata : str or list of str, optional
        Columns whose classes each have their own baseline hazard, such as the centre.
    per : dict of str to {"doubling", "sd"} or float, optional
        What the hazard ratio of a number is for: a doubling (right for SUV, which is skewed), one standard deviation of
        these patients, or so many units; one unit of the column when left out.
    reference : dict of str to value, optional
        The level other classes are compared with; the first in order when left out. A column of numbers named here is
        taken as classes.
    landmark : float, optional
        Patients with the event or censored before it are left out and counted, and time is counted from it.
    entry : str, optional
        Column with the time at which a patient came under observation (left truncation).
    confidence_level : float
        Of the intervals, a fraction in (0, 1).
    patient : str or None
        Column of patients, of whom each has one row. None says that rows are independent.

    Returns
    -------
    HazardModel
        ``hazard_ratio`` with Wald intervals and tests (`statistic` is z), told apart by `of` ``term`` and ``level``;
        ``term_wald_test`` of predictors with several ratios; ``likelihood_ratio_test``, ``wald_test`` and
        ``score_test`` of the model; ``proportional_hazards_test`` by term and ``"global"``; ``c_index``; ``events``.

    Raises
    ------
    DesignError
        If there is no event, no more events than hazard ratios, a predictor that does not vary, a patient with several
        rows, or an unknown column or setting.
    SchemaError
        If a duration is negative, a number is text, or a value has no doubling.
    ConvergenceError
        If a hazard ratio has no finite estimate because the events lie wholly on one side of a predictor.

    Notes
    -----
    Ties are handled by Efron's method [2]_, as in R. Proportional hazards are tested by Grambsch and Therneau's score
    test against a trend in Kaplan-Meier time [3]_. The c-index is that of the patients the model was fitted to, and
    so optimistic for new ones; its interval is on the logit scale, from the infinitesimal jackknife. A hazard ratio is
    an association: without a treatment to compare it does not show that a marker is predictive.

    References
    ----------
    .. [1] Cox DR. J R Stat Soc B 1972;34:187-220.
    .. [2] Efron B. J Am Stat Assoc 1977;72:557-565.
    .. [3] Grambsch PM, Therneau TM. Biometrika 1994;81:515-526.

    Examples
    --------
    Weeks in remission under 6-mercaptopurine and placebo (Freireich et al., Blood 1963;21:699-716):

    >>> weeks = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
    >>> relapse = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
    >>> placebo = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]
    >>> data = pd.DataFrame({
    ...     "remission_weeks": weeks + placebo,
    ...     "relapse": relapse + [1] * 21,
    ...     "arm": ["6-MP"] * 21 + ["placebo"] * 21,
    ... })
    >>> result = hazard_model(data, duration="remission_weeks", event="relapse", predictors="arm", patient=None)
    >>> round(result.estimate("hazard_ratio", level="placebo").value, 2)
    4.82
    """
    checked_fraction(confidence_level, "confidence_level")
    names, stratifiers = names_of(predictors), names_of(strata)
    units, references = per or {}, reference or {}
    check_names(names, [duration, event, *([entry] if entry else []), *stratifiers], units, references)
    require_columns(patients, names)
    measured = [name for name in names if name not in references and is_measured(patients[name])]
    follow_up = select_follow_up(
        patients,
        duration=duration,
        event=event,
        event_values=event_values,
        entry=entry,
        landmark=landmark,
        numeric=measured,
        other=[*(name for name in names if name not in measured), *stratifiers],
        patient=patient,
    )
    frame = follow_up.sample.frame
    for name in units:
        if name not in measured:
            raise DesignError(f"per names {name!r}, which holds classes and has no unit; use reference for its level")
    terms = [
        measured_term(frame[name], units.get(name))
        if name in measured
        else class_term(frame[name], references.get(name))
        for name in names
    ]
    fit = _fit(follow_up, terms, strata_codes(frame, stratifiers))
    few = _few_events(fit)
    notes = [*follow_up.notes, few, _reference_note(terms), *_not_proportional(fit, terms)]
    settings = {
        "per": dict(units),
        "reference": dict(references),
        "landmark": landmark,
        "strata": stratifiers,
        "entry": entry,
    }
    return HazardModel(
        estimates=tuple(_estimates(fit, terms, follow_up, confidence_level)),
        method=_method(
            follow_up, {**settings, "event_values": event_values}, notes, confidence_level, is_small=bool(few)
        ),
        population=follow_up.sample.population,
        terms=tuple(names),
        n_events=fit.n_events,
        duration=duration,
    )


def _fit(follow_up: FollowUpSample, terms: Sequence[Term], strata: np.ndarray | None) -> CoxFit:
    from biomarker.models.cox import fit_cox  # lifelines is slow to import

    labels = [label for term in terms for label in term.labels]
    n_events = int(follow_up.event.sum())
    if n_events == 0:
        raise DesignError(f"none of the {follow_up.event.size} patients had the event, so there is no hazard to model")
    if n_events <= len(labels):
        raise DesignError(
            f"{len(labels)} hazard ratio{'s' * (len(labels) != 1)} cannot be estimated from {n_events} "
            f"event{'s' * (n_events != 1)}: use fewer predictors, or follow patients longer"
        )
    ends = np.cumsum([len(term.labels) for term in terms])
    positions = [list(range(end - len(term.labels), end)) for end, term in zip(ends, terms, strict=True)]
    return fit_cox(
        np.column_stack([term.columns for term in terms]),
        follow_up.duration,
        follow_up.event,
        names=labels,
        terms=positions,
        strata=strata,
        entry=follow_up.entry,
    )


def _estimates(
    fit: CoxFit, terms: Sequence[Term], follow_up: FollowUpSample, confidence_level: float
) -> list[Estimate]:
    n, n_patients = fit.n, follow_up.sample.n_patients
    lines = [Estimate(quantity="events", value=float(fit.n_events), n=n, n_patients=n_patients)]
    z = float(ndtri((1 + confidence_level) / 2))
    start = 0
    for term in terms:
        stop = start + len(term.labels)
        lines += _ratio_lines(fit, term, start, z, n_patients)
        if stop - start > 1:
            lines.append(_term_test(fit, term, slice(start, stop), n_patients))
        start = stop
    tests = [("likelihood_ratio_test", fit.likelihood_ratio), ("wald_test", fit.wald), ("score_test", fit.score)]
    named: list[tuple[str, ChiSquare, dict[str, str]]] = [(quantity, test, {}) for quantity, test in tests]
    named += [
        ("proportional_hazards_test", test, {"term": term.name})
        for term, test in zip(terms, fit.proportional_hazards, strict=True)
    ]
    named.append(("proportional_hazards_test", fit.proportional_hazards_global, {"term": "global"}))
    lines += [
        Estimate(
            quantity=quantity,
            value=test.statistic,
            statistic=test.statistic,
            df=test.df,
            p_value=test.p_value,
            n=n,
            n_patients=n_patients,
            of=of,
        )
        for quantity, test, of in named
    ]
    return [*lines, _c_index(fit, z, n_patients)]


def _ratio_lines(fit: CoxFit, term: Term, start: int, z: float, n_patients: int | None) -> list[Estimate]:
    lines = []
    for j, of in enumerate(term.of_columns(), start):
        beta, se = float(fit.coefficients[j]), sqrt(float(fit.covariance[j, j]))
        lines.append(
            Estimate(
                quantity="hazard_ratio",
                value=_exp(beta),
                low=_exp(beta - z * se),
                high=_exp(beta + z * se),
                statistic=beta / se,
                p_value=2 * float(normal_cdf(-abs(beta / se))),
                n=fit.n,
                n_patients=n_patients,
                of=of,
            )
        )
    return lines


def _exp(value: float) -> float:
    return exp(value) if value < 700 else inf


def _term_test(fit: CoxFit, term: Term, columns: slice, n_patients: int | None) -> Estimate:
    """Return the Wald test that all hazard ratios of a term are 1."""
    test = quadratic_test(fit.coefficients[columns], fit.covariance[columns, columns])
    return Estimate(
        quantity="term_wald_test",
        value=test.statistic,
        statistic=test.statistic,
        df=test.df,
        p_value=test.p_value,
        n=fit.n,
        n_patients=n_patients,
        of={"term": term.name},
    )


def _c_index(fit: CoxFit, z: float, n_patients: int | None) -> Estimate:
    c, se = fit.concordance.value, fit.concordance.std_error
    low = high = nan
    if 0 < c < 1 and se > 0:  # at the edge the jackknife sees no spread
        width = z * se / (c * (1 - c))
        low, high = float(expit(logit(c) - width)), float(expit(logit(c) + width))
    return Estimate(quantity="c_index", value=c, low=low, high=high, n=fit.n, n_patients=n_patients)


def _few_events(fit: CoxFit) -> str:
    ratios = fit.coefficients.size
    if fit.n_events >= EVENTS_PER_RATIO * ratios:
        return ""
    note = (
        f"{fit.n_events} events for {ratios} hazard ratio{'s' * (ratios != 1)}, fewer than {EVENTS_PER_RATIO} each: "
        "estimates tend to lie too far from 1, and intervals to be too narrow."
    )
    warnings.warn(note, SmallSampleWarning, stacklevel=3)
    return note


def _reference_note(terms: Sequence[Term]) -> str:
    told = [f"{term.name} {term.reference}" for term in terms if term.reference is not None]
    return f"Reference level{'s' * (len(told) > 1)}: {', '.join(told)}." if told else ""


def _not_proportional(fit: CoxFit, terms: Sequence[Term]) -> list[str]:
    return [
        f"The hazard ratio of {term.name} seems to change over time (test of proportional hazards, p = "
        f"{test.p_value:.2g}): it is an average over follow-up."
        for term, test in zip(terms, fit.proportional_hazards, strict=True)
        if test.p_value < NOT_PROPORTIONAL
    ]


def _method(
    follow_up: FollowUpSample,
    settings: Mapping[str, object],
    notes: Sequence[str],
    confidence_level: float,
    *,
    is_small: bool,
) -> Method:
    strata, landmark = settings["strata"], settings["landmark"]
    stratified = f", stratified by {', '.join(map(str, strata))}" if isinstance(strata, list) and strata else ""
    text = [
        f"Associations with the hazard were estimated by Cox proportional hazards regression{stratified}"
        ", with Efron's method for ties and Wald tests and intervals of the hazard ratios.",
        "Proportional hazards were tested by the method of Grambsch and Therneau, and discrimination was measured by "
        "Harrell's c-index in the same patients.",
    ]
    references = [COX_1972, EFRON_1977, GRAMBSCH_THERNEAU_1994, HARRELL_1982]
    if is_small:
        references.append(PEDUZZI_1995)
    if landmark is not None:
        at = f"{landmark:g} {follow_up.unit}".strip()
        text.append(f"Time was counted from a landmark at {at}, for patients still under observation then.")
        references.append(ANDERSON_1983)
    if follow_up.entry is not None:
        text.append("Patients counted as at risk from their entry into observation (left truncation).")
    return Method(
        name=f"Cox regression{stratified}, Efron ties, Wald intervals",
        confidence_level=confidence_level,
        settings=settings,
        references=tuple(references),
        notes=tuple(notes),
        description=" ".join(text),
    )
