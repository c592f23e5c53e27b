"""The tables that responses come in: a row for each visit, or for each patient."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from biomarker.data.best_response import DAYS_PER_MONTH, BestResponse
from biomarker.data.measurements import Course
from biomarker.data.time_points import TimePoint


def visits_table(
    courses: Sequence[Course],
    points: Sequence[Sequence[TimePoint]],
    not_counted: Sequence[Sequence[str]],
    *,
    patient: str,
    total: str,
) -> pd.DataFrame:
    """Return a row for each visit after the baseline; `total` names the column of sums."""
    rows = [
        {
            patient: course.patient,
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
            "not_counted": why,
        }
        for course, each, reasons in zip(courses, points, not_counted, strict=True)
        for point, why in zip(each, reasons, strict=True)
    ]
    names = [
        patient, "day", "visit", "response", "reason", "target_response", "non_target_response", "new_lesion",
        total, "change_percent", "nadir", "not_counted",
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=names)
    return frame if (frame["visit"] != "").any() else frame.drop(columns="visit")


def patients_table(names: Sequence[Any], best: Sequence[BestResponse], *, patient: str) -> pd.DataFrame:
    """Return a row for each patient."""
    duration = np.array([each.duration_days for each in best], dtype=float) / DAYS_PER_MONTH
    ended = np.array([not np.isnan(each.end_day) for each in best], dtype=bool)
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
