"""Response by published criteria, from measurements of lesions over visits: category, and the reason in words."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from biomarker.data import eortc, irecist, percist, recist
from biomarker.data.best_response import SCALES, best_response, why_not_counted
from biomarker.data.columns import require_columns
from biomarker.data.measurement_doubts import doubts
from biomarker.data.measurement_rows import MeasurementColumns, missing_cells
from biomarker.data.measurements import Course, read_courses
from biomarker.data.response_tables import patients_table, visits_table
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
READER = "reader_id"


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
    reader: str | None = None,
    new_therapy: str | None = None,
    death: str | None = None,
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
    reader : str, optional
        Column of readers: each has baseline, targets and response of his own, and the result a column of that name.
    new_therapy, death : str, optional
        Columns of the day (or date, as `time`) on which another anticancer therapy began, and of death; the same in all
        rows of a patient. A visit after that therapy does not count, and a response is followed up to the last visit
        before; death without progression ends a response.

    Returns
    -------
    DataFrame
        Per patient: `patient`, ``best_response``, ``reason``, ``objective_response``, ``disease_control``,
        ``confirmed``, ``best_change_percent``, ``response_day``, ``progression_day``, ``last_day``,
        ``duration_of_response_months``, ``duration_event`` (progression, or `death` where given, ended it) and
        ``n_visits``; days count from the baseline. Per visit: `patient`, ``day``, ``visit``, ``response``, ``reason``,
        ``target_response``, ``non_target_response``, ``new_lesion``, ``sum_mm`` (or ``uptake_sum``),
        ``change_percent`` from baseline, ``nadir`` and ``not_counted``: why the best response takes no account of it.

    Raises
    ------
    StudyError
        If a column is lacking.
    SchemaError
        If a row cannot be: an unknown role or status, a negative size, a second baseline, a visit before it, a lesion
        without one; all are named at once.
    DesignError
        If an option is unknown, or several readers measured the same lesions and `reader` is not given.

    Warns
    -----
    BiomarkerWarning
        If scans of one visit stand on two days, diameters look like centimetres, or `strict` is off and the baseline is
        not as the criteria have it.

    Notes
    -----
    For PERCIST two scans are comparable if mean SUL of liver is within 20 % and less than 0.3 of that at baseline, and,
    where the table has the columns, ``hours_post_injection`` is 50 min or more and within 15 min,
    ``injected_activity_mbq`` within 20 % and ``scanner`` the same; the reason says which of them were not given. For
    EORTC a column ``cycles`` (of treatment before the scan) takes the place of `one_cycle`.

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
        new_therapy=new_therapy, death=death,
    )  # fmt: skip
    rules = ResponseRules(
        criteria=criteria, confirm=confirm, confirm_days=confirm_days, min_stable_days=min_stable_days,
        max_not_evaluable=max_not_evaluable, accept_stable=accept_stable, too_small_mm=too_small_mm, strict=strict,
        n_lesions=n_lesions, one_cycle=one_cycle, comparability=comparability, columns=columns,
    )  # fmt: skip
    if reader is not None:
        return _of_each_reader(measurements, reader, own, rules, per)
    _require_one_reader(measurements, columns)
    return _responses(measurements, own, rules, per)


def _responses(measurements: pd.DataFrame, own: Criteria, rules: ResponseRules, per: str) -> pd.DataFrame:
    """Return the responses of one reader, by visit or by patient."""
    columns, patient = rules.columns, rules.columns.patient
    courses = read_courses(measurements, columns)
    require_columns(measurements, [getattr(columns, own.measure)], key="response_category")
    _check_baselines(courses, own, rules)
    _tell_doubts(courses)
    scale = SCALES[rules.criteria]
    points = [own.assess(course, rules) for course in courses]
    if per == "visit":
        left_out = [
            why_not_counted(each, scale, new_therapy_day=course.new_therapy_day)
            for course, each in zip(courses, points, strict=True)
        ]
        return visits_table(courses, points, left_out, patient=patient, total=own.total)
    best = [
        best_response(each, scale, rules, new_therapy_day=course.new_therapy_day, death_day=course.death_day)
        for course, each in zip(courses, points, strict=True)
    ]
    return patients_table([course.patient for course in courses], best, patient=patient)


def _of_each_reader(
    measurements: pd.DataFrame, reader: str, own: Criteria, rules: ResponseRules, per: str
) -> pd.DataFrame:
    require_columns(measurements, [reader], key="response_category")
    problems = list(missing_cells(measurements, [reader]))
    if problems:
        raise SchemaError(problems)
    parts = []
    for name, rows in measurements.groupby(reader, sort=True, observed=True):
        part = _responses(rows, own, rules, per)
        part.insert(1, reader, name)
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


def _require_one_reader(measurements: object, columns: MeasurementColumns) -> None:
    """Refuse rows of several readers that would otherwise come out as repeated lesions."""
    keys = [columns.patient, columns.lesion, columns.time, columns.role]
    if not isinstance(measurements, pd.DataFrame) or not {READER, *keys} <= set(measurements.columns):
        return
    lesions = measurements[measurements[columns.lesion].notna()]
    if lesions.drop_duplicates([*keys, READER]).duplicated(keys).any():
        raise DesignError(
            f"several readers ({READER}) measured the same lesions; give reader = {READER!r} for a response of each, "
            "or choose one of them"
        )


def _tell_doubts(courses: Sequence[Course]) -> None:
    found = [doubt for course in courses for doubt in doubts(course)]
    if found:
        more = f" (and {len(found) - 1} more such)" if len(found) > 1 else ""
        warnings.warn(found[0] + more, BiomarkerWarning, stacklevel=4)


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
            f"the baseline is not as {rules.criteria} has it: {advice[0]}{more}", BiomarkerWarning, stacklevel=4
        )
