"""The best overall response of each patient from responses that were assessed visit by visit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd
from pandas.api.types import is_datetime64_any_dtype

from biomarker.data.best_response import SCALES, best_response, response_word
from biomarker.data.columns import numbers_of, require_columns
from biomarker.data.measurement_rows import row_number
from biomarker.data.measurements import Visit
from biomarker.data.response_tables import patients_table
from biomarker.data.time_points import ResponseRules, TimePoint
from biomarker.errors import DesignError, Problem, SchemaError, nearest


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
        Column of categories, in the words of the criteria, short or written out: CR, PR, SD, non-CR/non-PD, PD, NE;
        CMR, PMR, SMD, PMD; "Partial response".
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
        raise DesignError(
            f"no criteria {criteria!r}{nearest(str(criteria), list(SCALES))}; there are {', '.join(SCALES)}"
        )
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
    best, names = [], list(pd.unique(visits[patient]))
    for name in names:
        own = ordered[ordered[patient] == name]
        points = [
            TimePoint(visit=Visit(day=float(day)), response=response_word(str(word), scale.words) or "", reason="")
            for day, word in zip(own[time], own[response], strict=True)
        ]
        best.append(best_response(points, scale, rules))
    return patients_table(names, best, patient=patient)


def _sequence_problems(
    visits: pd.DataFrame, patient: str, time: str, response: str, words: Sequence[str]
) -> Iterator[Problem]:
    for column in (patient, time, response):
        for label in visits.index[visits[column].isna()]:
            yield Problem(rule="must not be missing", row=row_number(label), column=column)
    present = visits[response].dropna().astype(str)
    for label, word in present[present.map(lambda word: response_word(word, words) is None)].items():
        rule = f"is not one of {', '.join(words)}{nearest(str(word), list(words))}"
        yield Problem(rule=rule, row=row_number(label), column=response, value=str(word))
    if is_datetime64_any_dtype(visits[time]):
        rule = "is a date; give days since the baseline, or measurements to response_category"
        yield Problem(rule=rule, row=row_number(visits.index[0]), column=time, value=str(visits[time].iloc[0]))
        return
    days = pd.Series(numbers_of(visits, time), index=visits.index)
    for label, day in days[days <= 0].items():
        rule = "is not after the baseline, day 0"
        yield Problem(rule=rule, row=row_number(label), column=time, value=f"{day:g}")
    twice = visits[visits.duplicated([patient, time]) & visits[patient].notna()]
    for label, day in twice[time].items():
        yield Problem(rule="is a second row of its patient and day", row=row_number(label), column=time, value=str(day))
