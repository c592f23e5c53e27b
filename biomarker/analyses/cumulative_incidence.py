"""How many patients have had this event by a given time, when another event can come first? Aalen-Johansen, Gray."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf, isnan
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from biomarker.analyses.competing_causes import Causes, CompetingFollowUp, Value, select_competing
from biomarker.analyses.follow_up import Columns, Level, group_codes, names_of, round_times, strata_codes
from biomarker.analyses.hazard_terms import check_names, class_term, is_measured, measured_term
from biomarker.analyses.immortal_time import MeasuredAt, check_known_in_time
from biomarker.analyses.result import Estimate, Method, Result, checked_fraction
from biomarker.analyses.survival_lines import counts_by
from biomarker.errors import DesignError, nearest
from biomarker.kernels.cumulative_incidence import (
    CONF_TYPES,
    CumulativeIncidence,
    cumulative_incidence_curves,
    incidence_at,
)
from biomarker.kernels.gray_test import gray_test
from biomarker.kernels.survival import kaplan_meier, survival_quantile
from biomarker.references import (
    AALEN_JOHANSEN_1978,
    ANDERSON_1983,
    FINE_GRAY_1999,
    GRAY_1988,
    LATOUCHE_2013,
    PUTTER_2007,
)

Floats = NDArray[np.float64]

MOST_BANDS = 4  # curves of a figure with confidence bands; those of more would cover one another


@dataclass(frozen=True, kw_only=True, eq=False)
class CumulativeIncidenceResult(Result):
    """Cumulative incidence of each cause, others competing.

    Attributes
    ----------
    causes : tuple of str
    groups : tuple
        Values of the group column; one empty text without groups.
    curves : tuple of CumulativeIncidence
        One a group, each with a column a cause.
    at_risk_times : ndarray, shape (n_times,)
    at_risk : ndarray of int, shape (n_groups, n_times)
        Patients without any event and under observation just before each time.
    times : tuple of float
    duration, event, group, unit : str
    landmark : float, optional
    """

    causes: tuple[str, ...]
    groups: tuple[Level, ...]
    curves: tuple[CumulativeIncidence, ...]
    at_risk_times: Floats
    at_risk: NDArray[np.intp]
    times: tuple[float, ...]
    duration: str
    event: str
    group: str
    unit: str
    landmark: float | None = None

    @property
    def figure_size(self) -> tuple[float, float]:
        """Inches: a column wide, taller with each group at risk and with a long legend."""
        legend = (
            (len(self.groups) + len(self.causes) + 1) // 2 if len(self.groups) * len(self.causes) > MOST_BANDS else 0
        )
        return 3.46, 2.9 + 0.34 * len(self.groups) + 0.16 * max(legend - 4, 0)

    @property
    def has_bands(self) -> bool:
        """Whether the figure has confidence bands: those of many curves would cover one another."""
        return len(self.groups) * len(self.causes) <= MOST_BANDS

    @property
    def caption(self) -> str:
        """What the figure shows."""
        by = f" by {self.group}" if self.group else ""
        bands = f", with pointwise {100 * self.method.confidence_level:g}% confidence bands" if self.has_bands else ""
        return (
            f"Cumulative incidence of {' and '.join(self.causes)}{by} (Aalen-Johansen){bands}. Beneath: patients at "
            "risk of every cause."
        )

    def of_group(self, group: Level) -> dict[str, Level]:
        """Return what tells the lines of a group from those of the others: nothing without groups."""
        return {"group": group} if self.group else {}


def cumulative_incidence(
    patients: pd.DataFrame,
    *,
    duration: str,
    event: str,
    causes: Causes | None = None,
    censored: Value | Sequence[Value] | None = None,
    group: str | None = None,
    times: Sequence[float] | float | None = None,
    conf_type: str = "log-log",
    predictors: Columns = (),
    per: Mapping[str, str | float] | None = None,
    reference: Mapping[str, Level] | None = None,
    strata: Columns | None = None,
    landmark: float | None = None,
    entry: str | None = None,
    measured_at: MeasuredAt | None = None,
    confidence_level: float = 0.95,
    patient: str | None = "patient_id",
) -> CumulativeIncidenceResult:
    """Cumulative incidence of competing events with Gray's test and hazard models of each cause [1]_ [2]_ [3]_.

    The complement of a Kaplan-Meier curve in which other events are censored overstates how many patients have the
    event; this does not.

    Parameters
    ----------
    patients : DataFrame
        One row a patient.
    duration : str
        Column with the time from start to the first event of any cause, or to the end of follow-up, at least 0.
    event : str
        Column with the cause of the first event: texts or numbers, among them that for censored.
    causes : list of values, or mapping of names to values, optional
        The causes, in the order they are told; every value that does not mean censored by default.
    censored : value or list of values, optional
        What means censored; 0 where the column holds numbers and 0 is among them, else it must be given.
    group : str, optional
        Column with the groups to compare, at most ten.
    times : float or list of float, optional
        At which incidence is wanted, in the unit of `duration`.
    conf_type : {"log-log", "log", "plain", "logit", "arcsin"}
        Scale of the pointwise intervals.
    predictors : str or list of str
        For every cause, a Fine-Gray model of its subdistribution hazard and a Cox model of its cause-specific hazard
        are fitted to them; the two answer different questions, and both are needed to understand an effect [4]_.
    per, reference : mapping
        As in `biomarker.hazard_model`: unit of a number ("doubling", "sd" or a number), reference of a class.
    strata : str or list of str, optional
        Of Gray's test.
    landmark : float, optional
        Patients whose follow-up ended before it are left out and counted, and time is counted from it.
    entry : str, optional
        Column with the time a patient came under observation; Gray's test and the Fine-Gray model then are not
        possible, and left out.
    measured_at : mapping of str to float or str, optional
        When the group or a predictor was known, if not at the start; see `biomarker.hazard_model`.
    confidence_level : float
        Two-sided coverage, a fraction.
    patient : str or None
        Column of patients.

    Returns
    -------
    CumulativeIncidenceResult
        Per group and cause ``events``; per group ``median_follow_up``; at each of `times` ``cumulative_incidence``; per
        cause ``gray_test``; per cause and term ``subdistribution_hazard_ratio`` and ``cause_specific_hazard_ratio``.

    Raises
    ------
    DesignError
        If it is not told what means censored, fewer than two causes are there, a group or predictor was not known in
        time, or a column or option is unknown.
    SchemaError
        If a duration is negative or an entry is not before its duration; every such row is named.

    References
    ----------
    .. [1] Aalen OO, Johansen S. Scand J Stat 1978;5:141-150.
    .. [2] Gray RJ. Ann Stat 1988;16:1141-1154.
    .. [3] Fine JP, Gray RJ. J Am Stat Assoc 1999;94:496-509.
    .. [4] Latouche A, Allignol A, Beyersmann J, Labopin M, Fine JP. J Clin Epidemiol 2013;66:648-653.

    Examples
    --------
    >>> what = ["progression", "death", "progression", "none", "progression"]
    >>> data = pd.DataFrame({"months": [1.0, 2, 3, 4, 5], "what": what})
    >>> result = cumulative_incidence(data, duration="months", event="what", censored="none", times=4, patient=None)
    >>> round(result.estimate("cumulative_incidence", cause="death", time=4).value, 2)
    0.2
    """
    checked_fraction(confidence_level, "confidence_level")
    terms_of, stratifiers, asked = names_of(predictors), names_of(strata), _times(times)
    _check_options(conf_type, stratifiers, group)
    if terms_of:
        check_names(terms_of, [duration, event, *([entry] if entry else [])], per or {}, reference or {}, splines={})
    markers = [*([group] if group else []), *terms_of, *stratifiers]
    late = check_known_in_time(markers, patients, measured_at=measured_at, landmark=landmark, entry=entry)
    numbers = [name for name in terms_of if name in patients.columns and is_measured(patients[name])]
    competing = select_competing(
        patients,
        duration=duration,
        event=event,
        causes=causes,
        censored=censored,
        numeric=numbers,
        other=[*([group] if group else []), *stratifiers, *(name for name in terms_of if name not in numbers)],
        entry=entry,
        landmark=landmark,
        patient=patient,
    )
    found = competing.follow_up
    groups, codes = group_codes(found.sample.frame, group)
    curves = tuple(
        cumulative_incidence_curves(
            found.duration[codes == code],
            competing.cause[codes == code],
            n_causes=len(competing.causes),
            entry=None if found.entry is None else found.entry[codes == code],
            conf_type=conf_type,
            confidence_level=confidence_level,
        )
        for code in range(len(groups))
    )
    ticks = round_times(float(found.duration.max()), found.unit)
    frame = found.sample.frame
    terms = [
        measured_term(frame[name], (per or {}).get(name))
        if name in numbers
        else class_term(frame[name], (reference or {}).get(name))
        for name in terms_of
    ]
    result = CumulativeIncidenceResult(
        estimates=(),
        method=_method(competing, conf_type, group, terms_of, stratifiers, landmark, confidence_level, late),
        population=found.sample.population,
        causes=competing.causes,
        groups=groups,
        curves=curves,
        at_risk_times=ticks,
        at_risk=np.array([counts_by(found.part(codes == code), ticks)[0] for code in range(len(groups))]),
        times=asked,
        duration=duration,
        event=event,
        group=group or "",
        unit=found.unit,
        landmark=landmark,
    )
    stratum = strata_codes(frame, stratifiers)
    lines = [*_curve_lines(result, competing, codes), *_tests(result, competing, codes, stratum)]
    ratios: list[Estimate] = []
    if terms:
        from biomarker.analyses.incidence_models import hazard_ratios, model_notes

        ratios = list(hazard_ratios(competing, terms, confidence_level))
        result = _with_notes(result, model_notes(competing, terms, ratios))
    result = _with_notes(result, _incidence_notes(result, lines))
    return replace(result, estimates=(*lines, *ratios))


def _with_notes(result: CumulativeIncidenceResult, notes: Iterable[str]) -> CumulativeIncidenceResult:
    return replace(result, method=replace(result.method, notes=(*result.method.notes, *notes)))


def _times(times: Sequence[float] | float | None) -> tuple[float, ...]:
    asked = [] if times is None else [times] if isinstance(times, int | float) else list(times)
    if wrong := [str(time) for time in asked if isinstance(time, str | bool) or not 0 <= time < inf]:
        raise DesignError(f"times = {', '.join(wrong)}: give numbers of at least 0, in the unit of the duration")
    return tuple(sorted({float(time) for time in asked}))


def _check_options(conf_type: str, strata: Sequence[str], group: str | None) -> None:
    if conf_type not in CONF_TYPES:
        known = ", ".join(CONF_TYPES)
        raise DesignError(f"no conf_type {conf_type!r}{nearest(str(conf_type), CONF_TYPES)}; there are {known}")
    if strata and not group:
        raise DesignError("strata belong to Gray's test, which needs groups: give group=..., or leave strata out")
    if group in strata:
        raise DesignError(f"{group!r} is the group and a stratum: within a stratum there is nothing to compare")


def _curve_lines(
    result: CumulativeIncidenceResult, competing: CompetingFollowUp, codes: NDArray[np.intp]
) -> Iterator[Estimate]:
    """Events of each cause, median follow-up, and incidence at the times asked for, group by group."""
    found = competing.follow_up
    has_patients = found.sample.patients is not None
    for code, (group, curve) in enumerate(zip(result.groups, result.curves, strict=True)):
        rows, of = codes == code, result.of_group(group)
        n = int(rows.sum())
        counted: Any = {"n": n, "n_patients": n if has_patients else None}
        for number, cause in enumerate(result.causes):
            happened = float(curve.events[:, number].sum())
            yield Estimate(quantity="events", value=happened, of={**of, "cause": cause}, **counted)
        watched = kaplan_meier(
            found.duration[rows], competing.cause[rows] == 0, entry=None if found.entry is None else found.entry[rows]
        )
        median, low, high = survival_quantile(watched)
        yield Estimate(
            quantity="median_follow_up", value=median, low=low, high=high, unit=result.unit, of=of, **counted
        )
        at = incidence_at(curve, result.times)
        for place, time in enumerate(result.times):
            for number, cause in enumerate(result.causes):
                yield Estimate(
                    quantity="cumulative_incidence",
                    value=at.incidence[place, number],
                    low=at.low[place, number],
                    high=at.high[place, number],
                    unit="fraction",
                    of={**of, "cause": cause, "time": time},
                    **counted,
                )


def _tests(
    result: CumulativeIncidenceResult,
    competing: CompetingFollowUp,
    codes: NDArray[np.intp],
    strata: NDArray[np.intp] | None,
) -> Iterator[Estimate]:
    if len(result.groups) < 2 or competing.follow_up.entry is not None:
        return
    for number, cause in enumerate(result.causes):
        test = gray_test(competing.follow_up.duration, competing.with_first(number), codes, strata=strata)
        yield Estimate(
            quantity="gray_test",
            value=test.statistic,
            statistic=test.statistic,
            df=test.df,
            p_value=test.p_value,
            n=codes.size,
            of={"cause": cause},
        )


def _incidence_notes(result: CumulativeIncidenceResult, lines: Sequence[Estimate]) -> Iterator[str]:
    asked = [line for line in lines if line.quantity == "cumulative_incidence"]
    if past := list(dict.fromkeys(line.of["time"] for line in asked if isnan(line.value))):
        times = ", ".join(f"{time:g}" for time in past)
        yield f"Incidence at {times} {result.unit} is not estimable where follow-up ends before.".replace("  ", " ")
    if any(line.value == 0 for line in asked):
        yield "Where nobody has had an event of a cause yet, its incidence has no interval."
    if result.method.settings["entry"] is not None:
        yield "Gray's test and the Fine-Gray model do not allow for late entry and are left out."


def _method(
    competing: CompetingFollowUp,
    conf_type: str,
    group: str | None,
    predictors: Sequence[str],
    strata: Sequence[str],
    landmark: float | None,
    confidence_level: float,
    late: str,
) -> Method:
    has_entry = competing.follow_up.entry is not None
    text = [
        "Cumulative incidence of each cause, other causes competing, was estimated by the Aalen-Johansen method with "
        f"pointwise {100 * confidence_level:g}% confidence intervals on the {conf_type} scale."
    ]
    references = [AALEN_JOHANSEN_1978, PUTTER_2007]
    if group and not has_entry:
        within = f", stratified by {', '.join(strata)}" if strata else ""
        text.append(f"Groups were compared by Gray's test{within}.")
        references.append(GRAY_1988)
    if predictors:
        models = "Cox models of its cause-specific hazard" + (
            "" if has_entry else " and Fine-Gray models of its subdistribution hazard"
        )
        text.append(f"For each cause, predictors were studied by {models}.")
        references += [LATOUCHE_2013] if has_entry else [FINE_GRAY_1999, LATOUCHE_2013]
    if landmark is not None:
        at = f"{landmark:g} {competing.follow_up.unit}".strip()
        text.append(f"Time was counted from a landmark at {at}, for patients still under observation then.")
        references.append(ANDERSON_1983)
    return Method(
        name=f"Aalen-Johansen estimates with {conf_type} intervals",
        confidence_level=confidence_level,
        settings={
            "causes": list(competing.causes),
            "conf_type": conf_type,
            "strata": list(strata),
            "landmark": landmark,
            "entry": True if has_entry else None,
        },
        references=tuple(references),
        notes=tuple(note for note in (*competing.notes, late) if note),
        description=" ".join(text),
    )
