"""Response by published criteria, from measurements of lesions over visits: category, and the reason in words."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import pandas as pd

from biomarker.data import eortc, irecist, percist, recist
from biomarker.data.best_response import DAYS_PER_MONTH, SCALES, BestResponse, best_response
from biomarker.data.columns import numbers_of, require_columns
from biomarker.data.measurements import Course, MeasurementColumns, Visit, read_courses, row_number
from biomarker.data.time_points import ResponseRules, TimePoint
from biomarker.errors import BiomarkerWarning, DesignError, Problem, SchemaError, nearest


@dataclass(frozen=True, kw_only=True)
class Criteria:
    """One set of criteria: how it reads a course, and what it asks of the baseline."""

    assess: Callable[[Course, ResponseRules], list[TimePoint]]
    needs: Callable[[Course, ResponseRules], Iterator[Problem]]
    advises: Callable[[Course, ResponseRules], Iterator[Problem]]
    measure: str  # the column it measures by
    total: str  # what the column of sums is called


def _none(course: Course, rules: ResponseRules) -> Iterator[Problem]:  # noqa: ARG001 - one signature for all
    return iter(())


CRITERIA: Mapping[str, Criteria] = {
    "recist-1.1": Criteria(
        assess=recist.assess, needs=recist.baseline_problems, advises=recist.strict_problems, measure="diameter",
        total="sum_mm",
    ),
    "irecist": Criteria(
        assess=irecist.assess, needs=recist.baseline_problems, advises=recist.strict_problems, measure="diameter",
        total="sum_mm",
    ),
    "percist-1.0": Criteria(
        assess=percist.assess, needs=percist.baseline_problems, advises=_none, measure="uptake", total="uptake_sum"
    ),
    "eortc": Criteria(
        assess=eortc.assess, needs=percist.baseline_problems, advises=_none, measure="uptake", total="uptake_sum"
    ),
}  # fmt: skip
_UPTAKE = {"percist-1.0": "sulpeak", "eortc": "suvmax"}
_COLUMNS = {field.name for field in fields(MeasurementColumns)}


def response_category(
    measurements: pd.DataFrame,
    *,
    criteria: str = "recist-1.1",
    per: str = "patient",
    confirm: bool = False,
    confirm_days: float = 28,
    min_stable_days: float = 42,
    max_not_evaluable: int = 1,
    accept_stable: bool = False,
    too_small_mm: float = 5.0,
    strict: bool = True,
    n_lesions: int = 1,
    one_cycle: bool = False,
    comparability: bool = True,
    patient: str = "patient_id",
    lesion: str = "lesion_id",
    time: str | None = None,
    visit: str = "visit",
    role: str = "role",
    site: str = "lesion_site",
    node: str = "is_node",
    diameter: str = "diameter_mm",
    status: str = "status",
    uptake: str | None = None,
) -> pd.DataFrame:
    """Response of each patient, or at each visit, by RECIST 1.1, iRECIST, PERCIST 1.0 or the EORTC criteria.

    Parameters
    ----------
    measurements : DataFrame
        One row per lesion and visit, the baseline among them: the visit called "baseline" where there is a column of
        visits, else each patient's first day. A lesion's `role` is "target", "non-target" or "new" (from its first
        appearance); rows of the role "reference" hold ``sulmean`` and ``sul_sd`` of the site "liver" or "blood pool".
    criteria : str
        ``"recist-1.1"`` [1]_ [2]_, ``"irecist"`` [3]_, ``"percist-1.0"`` [4]_ [5]_ or ``"eortc"`` [6]_.
    per : str
        ``"patient"``: best overall response; ``"visit"``: the response at each visit.
    confirm : bool
        Whether a response must be seen again to count, as single-arm trials ask.
    confirm_days : float
        Least days between a response and the visit that confirms it; also between iUPD and iCPD.
    min_stable_days : float
        Least days from baseline for stable disease to be a best response.
    max_not_evaluable : int
        Visits that are not evaluable that may stand between a response and its confirmation.
    accept_stable : bool
        Whether stable disease may stand between a partial response and its confirmation.
    too_small_mm : float
        What a target "too small to measure" adds to the sum, mm.
    strict : bool
        Whether more than five targets, more than two of an organ and targets below the measurable size (10 mm; nodes
        15 mm) are refused. Otherwise one warning names them, and they are taken as they are.
    n_lesions : int
        Of PERCIST: 1 for the hottest lesion of each scan, up to 5 for their sum.
    one_cycle : bool
        Of EORTC: whether scans follow one cycle, so that a fall of 15 % is a partial response, not of 25 %.
    comparability : bool
        Of PERCIST: whether liver (or blood pool) must be there and comparable.
    patient, lesion : str
        Columns.
    time : str, optional
        Column of days or dates: ``day`` where the table has it, else ``scan_date``.
    visit, role, site, node, diameter, status : str
        Columns; all but `role` may be lacking. Without `node`, a lesion whose site is "lymph node" is one. Diameters
        are longest ones, of nodes the short axis, in mm. Words of `status`: "absent", "present", "unequivocal
        progression", "further increase", "not evaluable", "too small to measure", "split", "merged"; of new lesions
        also "equivocal".
    uptake : str, optional
        Column of uptake: ``sulpeak`` for PERCIST, ``suvmax`` for EORTC.

    Returns
    -------
    DataFrame
        Per patient: `patient`, ``best_response``, ``reason``, ``objective_response``, ``disease_control``,
        ``confirmed``, ``best_change_percent``, ``response_day``, ``progression_day``, ``last_day``,
        ``duration_of_response_months``, ``duration_event`` (progression ended it) and ``n_visits``; days count from the
        baseline. Per visit: `patient`, ``day``, ``visit``, ``response``, ``reason``, ``target_response``,
        ``non_target_response``, ``new_lesion``, ``sum_mm`` (or ``uptake_sum``), ``change_percent`` from baseline and
        ``nadir``.

    Raises
    ------
    StudyError
        If a column is lacking.
    SchemaError
        If a row cannot be: an unknown role or status, a negative size, a second baseline, a visit before it, a lesion
        without one; all are named at once.
    DesignError
        If an option is unknown.

    References
    ----------
    .. [1] Eisenhauer EA, et al. Eur J Cancer 2009;45:228-247.
    .. [2] Schwartz LH, et al. Eur J Cancer 2016;62:132-137.
    .. [3] Seymour L, et al. Lancet Oncol 2017;18:e143-e152.
    .. [4] Wahl RL, et al. J Nucl Med 2009;50 Suppl 1:122S-150S.
    .. [5] O JH, Lodge MA, Wahl RL. Radiology 2016;280:576-584.
    .. [6] Young H, et al. Eur J Cancer 1999;35:1773-1782.

    Examples
    --------
    >>> measurements = pd.DataFrame(
    ...     {
    ...         "patient_id": "01",
    ...         "lesion_id": ["T1", "T2", "T1", "T2"],
    ...         "day": [0, 0, 56, 56],
    ...         "role": "target",
    ...         "diameter_mm": [40, 20, 25, 13],
    ...     }
    ... )
    >>> print(response_category(measurements, per="visit")["reason"].item())
    PR: sum of diameters 38 mm, −36.7% from 60 mm at baseline.
    """
    own = CRITERIA.get(criteria)
    if own is None:
        raise DesignError(f"no criteria {criteria!r}{nearest(str(criteria), list(CRITERIA))}; there are {_named()}")
    if per not in ("patient", "visit"):
        raise DesignError(f'per = {per!r}; write "patient" for the best response or "visit" for each one')
    columns = MeasurementColumns(
        patient=patient, lesion=lesion, time=time or _time_column(measurements), visit=visit, role=role, site=site,
        node=node, diameter=diameter, status=status, uptake=uptake or _UPTAKE.get(criteria, "sulpeak"),
    )  # fmt: skip
    rules = ResponseRules(
        criteria=criteria, confirm=confirm, confirm_days=confirm_days, min_stable_days=min_stable_days,
        max_not_evaluable=max_not_evaluable, accept_stable=accept_stable, too_small_mm=too_small_mm, strict=strict,
        n_lesions=n_lesions, one_cycle=one_cycle, comparability=comparability, columns=columns,
    )  # fmt: skip
    courses = read_courses(measurements, columns)
    require_columns(measurements, [getattr(columns, own.measure)], key="response_category")
    _check_baselines(courses, own, rules)
    points = [own.assess(course, rules) for course in courses]
    if per == "visit":
        return _visits(courses, points, columns, own.total)
    best = [best_response(each, SCALES[criteria], rules) for each in points]
    return _patients([course.patient for course in courses], best, patient)


def best_overall_response(
    visits: pd.DataFrame,
    *,
    response: str = "response",
    criteria: str = "recist-1.1",
    confirm: bool = False,
    confirm_days: float = 28,
    min_stable_days: float = 42,
    max_not_evaluable: int = 1,
    accept_stable: bool = False,
    patient: str = "patient_id",
    time: str = "day",
) -> pd.DataFrame:
    """Best overall response of each patient from responses that were assessed at each visit.

    Parameters
    ----------
    visits : DataFrame
        One row per patient and visit after the baseline.
    response : str
        Column of categories, in the words of the criteria: CR, PR, SD, non-CR/non-PD, PD, NE; CMR, PMR, SMD, PMD.
    criteria : str
        As in `response_category`, as are the next.
    confirm : bool
        Whether a response must be seen again.
    confirm_days, min_stable_days : float
        Least days to a confirmation, and of stable disease from baseline.
    max_not_evaluable : int
        Visits not evaluable before a confirmation.
    accept_stable : bool
        Whether stable disease may stand before a confirmation.
    patient, time : str
        Columns; `time` in days since the baseline.

    Returns
    -------
    DataFrame
        As `response_category` gives it per patient.

    Raises
    ------
    StudyError
        If a column is lacking.
    SchemaError
        If a word is no response of the criteria, or a day is not after the baseline or there twice.
    DesignError
        If an option is unknown.

    References
    ----------
    .. [1] Eisenhauer EA, et al. Eur J Cancer 2009;45:228-247, table 3.

    Examples
    --------
    A partial response that the next visit does not confirm is stable disease.

    >>> visits = pd.DataFrame({"patient_id": ["01", "01"], "day": [56, 112], "response": ["PR", "SD"]})
    >>> best_overall_response(visits, confirm=True)["best_response"].item()
    'SD'
    """
    if criteria not in SCALES:
        raise DesignError(f"no criteria {criteria!r}{nearest(str(criteria), list(SCALES))}; there are {_named()}")
    if not isinstance(visits, pd.DataFrame) or visits.empty:
        raise DesignError("visits must be a DataFrame with a row for each patient and visit; it has none")
    require_columns(visits, [patient, time, response], key="best_overall_response")
    rules = ResponseRules(
        criteria=criteria, confirm=confirm, confirm_days=confirm_days, min_stable_days=min_stable_days,
        max_not_evaluable=max_not_evaluable, accept_stable=accept_stable,
    )  # fmt: skip
    scale = SCALES[criteria]
    problems = list(_sequence_problems(visits, patient, time, response, scale.words))
    if problems:
        raise SchemaError(problems)
    ordered = visits.assign(**{time: numbers_of(visits, time)}).sort_values(time, kind="stable")
    by_name = {word.casefold(): word for word in scale.words}
    best, names = [], list(pd.unique(visits[patient]))
    for name in names:
        own = ordered[ordered[patient] == name]
        points = [
            TimePoint(visit=Visit(day=float(day)), response=by_name[str(word).strip().casefold()], reason="")
            for day, word in zip(own[time], own[response], strict=True)
        ]
        best.append(best_response(points, scale, rules))
    return _patients(names, best, patient)


def _sequence_problems(
    visits: pd.DataFrame, patient: str, time: str, response: str, words: Sequence[str]
) -> Iterator[Problem]:
    for column in (patient, time, response):
        for label in visits.index[visits[column].isna()]:
            yield Problem(rule="must not be missing", row=row_number(label), column=column)
    known = {word.casefold() for word in words}
    present = visits[response].dropna()
    for label, word in present[~present.astype(str).str.strip().str.casefold().isin(known)].items():
        rule = f"is not one of {', '.join(words)}{nearest(str(word), list(words))}"
        yield Problem(rule=rule, row=row_number(label), column=response, value=str(word))
    days = pd.Series(numbers_of(visits, time), index=visits.index)
    for label, day in days[days <= 0].items():
        rule = "is not after the baseline, day 0"
        yield Problem(rule=rule, row=row_number(label), column=time, value=f"{day:g}")
    twice = visits[visits.duplicated([patient, time]) & visits[patient].notna()]
    for label, day in twice[time].items():
        yield Problem(rule="is a second row of its patient and day", row=row_number(label), column=time, value=str(day))


def _named() -> str:
    return ", ".join(CRITERIA)


def _time_column(measurements: object) -> str:
    columns = list(measurements.columns) if isinstance(measurements, pd.DataFrame) else []
    return "scan_date" if "day" not in columns and "scan_date" in columns else "day"


def _check_baselines(courses: Sequence[Course], own: Criteria, rules: ResponseRules) -> None:
    """Refuse baselines that the criteria cannot work with; name what they advise against."""
    problems = [problem for course in courses for problem in own.needs(course, rules)]
    advice = [problem for course in courses for problem in own.advises(course, rules)]
    if problems or (advice and rules.strict):
        hints = [replace(problem, rule=f"{problem.rule}; strict = false takes it as it is") for problem in advice]
        raise SchemaError([*problems, *(hints if rules.strict else [])])
    if advice:
        more = f" (and {len(advice) - 1} more)" if len(advice) > 1 else ""
        warnings.warn(
            f"the baseline is not as {rules.criteria} has it: {advice[0]}{more}", BiomarkerWarning, stacklevel=3
        )


def _visits(
    courses: Sequence[Course], points: Sequence[Sequence[TimePoint]], columns: MeasurementColumns, total: str
) -> pd.DataFrame:
    rows = [
        {
            columns.patient: course.patient,
            "day": point.day,
            "visit": point.visit.label,
            "response": point.response,
            "reason": point.reason,
            "target_response": point.target,
            "non_target_response": point.non_target,
            "new_lesion": point.new_lesion,
            total: point.total,
            "change_percent": point.change_percent,
            "nadir": point.nadir,
        }
        for course, each in zip(courses, points, strict=True)
        for point in each
    ]
    names = [
        columns.patient, "day", "visit", "response", "reason", "target_response", "non_target_response", "new_lesion",
        total, "change_percent", "nadir",
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=names)
    return frame if (frame["visit"] != "").any() else frame.drop(columns="visit")


def _patients(names: Sequence[Any], best: Sequence[BestResponse], patient: str) -> pd.DataFrame:
    duration = np.array([each.duration_days for each in best], dtype=float) / DAYS_PER_MONTH
    ended = np.array([not np.isnan(each.progression_day) for each in best], dtype=bool)
    return pd.DataFrame(
        {
            patient: pd.Series(list(names), dtype=object).infer_objects(),
            "best_response": [each.response for each in best],
            "reason": [each.reason for each in best],
            "objective_response": [each.is_objective for each in best],
            "disease_control": [each.is_control for each in best],
            "confirmed": [each.is_confirmed for each in best],
            "best_change_percent": [each.best_change_percent for each in best],
            "response_day": [each.response_day for each in best],
            "progression_day": [each.progression_day for each in best],
            "last_day": [each.last_day for each in best],
            "duration_of_response_months": duration,
            "duration_event": pd.arrays.BooleanArray(ended, np.isnan(duration)),
            "n_visits": [each.n_visits for each in best],
        }
    )
