"""Was the marker known when the clock started? What was measured later needs a landmark, or it is immortal time.

Whoever is called a responder at week 8 lived to week 8: counted from day 0, responders cannot die before it, and a
useless response prolongs survival. Every survival analysis asks `check_known_in_time` about its markers and groups.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from math import isfinite

import pandas as pd

from biomarker.analyses.population import require_columns
from biomarker.errors import DesignError, nearest

MeasuredAt = Mapping[str, float | str]

# Words in the name of a column that is known only after treatment has begun; `measured_at` says otherwise.
_WORDS = frozenset({
    "response", "responder", "responders", "responded", "bor", "orr", "recist", "percist", "change", "delta", "psa50",
})  # fmt: skip
_PHRASES = ("disease_control", "clinical_benefit")
_EARLIER = frozenset({"prior", "previous", "baseline", "predicted", "expected"})  # a response to what came before


def is_on_treatment(column: str) -> bool:
    """Tell whether a column, by its name, is known only after treatment has begun: a response, or a change.

    Examples
    --------
    >>> is_on_treatment("Best overall response"), is_on_treatment("diameter_change_percent"), is_on_treatment("suvmax")
    (True, True, False)
    >>> is_on_treatment("response_to_prior_therapy")
    False
    """
    name = re.sub(r"[^0-9a-z]+", "_", column.casefold()).strip("_")
    words = set(name.split("_"))
    if words & _EARLIER and "from" not in words:  # but a change from baseline is none of before
        return False
    return bool(words & _WORDS) or any(phrase in name for phrase in _PHRASES)


def check_known_in_time(
    columns: Sequence[str],
    patients: pd.DataFrame,
    *,
    measured_at: MeasuredAt | None = None,
    landmark: float | None = None,
    entry: str | None = None,
) -> str:
    """Refuse markers and groups that were not yet known when the clock started [1]_.

    Parameters
    ----------
    columns : sequence of str
        Markers, predictors and groups of the analysis.
    patients : DataFrame
        Holds the columns that `measured_at` and `entry` name.
    measured_at : mapping of str to float or str, optional
        When a column was known: a time since the start in the unit of the durations (0 or less: at the start), or the
        column with each patient's own. Columns not named here count as known at the start, unless their name says
        response or change.
    landmark : float, optional
        From which time is counted.
    entry : str, optional
        Column with the time each patient came under observation, from which the marker may be used.

    Returns
    -------
    str
        What the reader must be told: which columns are taken to be known at the landmark; empty where nothing.

    Raises
    ------
    DesignError
        If a column was known only later; the message proposes a landmark or a time-varying model.

    References
    ----------
    .. [1] Anderson JR, Cain KC, Gelber RD. J Clin Oncol 1983;1:710-719.
    """
    times = _checked(measured_at, patients)
    assumed, told = [], []
    for column in columns:
        if column in times:
            told.append(_check_time(column, times[column], patients, landmark=landmark, entry=entry))
        elif is_on_treatment(column):
            if landmark is None and entry is None:
                raise DesignError(_refusal(column, "is known only after treatment has begun", landmark_hint="..."))
            assumed.append(column)
    if assumed:
        verb = "is" if len(assumed) == 1 else "are"
        at = _start(landmark, entry)
        told.append(f"{' and '.join(assumed)} {verb} taken to be known at {at}; measured_at would let this be checked.")
    return " ".join(note for note in told if note)


def _start(landmark: float | None, entry: str | None) -> str:
    return "the landmark" if landmark is not None else "entry" if entry is not None else "the start"


def _checked(measured_at: MeasuredAt | None, patients: pd.DataFrame) -> MeasuredAt:
    if measured_at is None:
        return {}
    if not isinstance(measured_at, Mapping):
        raise DesignError(f"measured_at = {measured_at!r}: give a mapping, for example {{'response': 2}}")
    known = [str(column) for column in patients.columns]
    for column, when in measured_at.items():
        if column not in known:
            raise DesignError(f"measured_at names {column!r}, which is no column{nearest(str(column), known)}")
        is_number = isinstance(when, int | float) and not isinstance(when, bool) and isfinite(when)
        if not is_number and not isinstance(when, str):
            raise DesignError(
                f"measured_at of {column!r} is {when!r}: give a time in the unit of the duration, or the column with "
                "each patient's own"
            )
    return measured_at


def _check_time(
    column: str, when: float | str, patients: pd.DataFrame, *, landmark: float | None, entry: str | None
) -> str:
    """Refuse a column that was measured too late for someone; return a note where it is not told for someone."""
    if isinstance(when, str):
        require_columns(patients, [when])
        known = pd.to_numeric(patients[when], errors="coerce").astype(float)
        unread = patients.loc[known.isna() & patients[when].notna(), when]
        if len(unread):
            raise DesignError(
                f"measured_at of {column!r}: {when!r} holds {unread.iloc[0]!r}, which is no time; give numbers in the "
                "unit of the duration, counted from its start"
            )
    else:
        known = pd.Series(float(when), index=patients.index)
    start = pd.Series(0.0 if landmark is None else float(landmark), index=patients.index)
    if entry is not None:
        start = start.combine(pd.to_numeric(patients[entry], errors="coerce").astype(float), max)
    late = known > start
    if late.any():
        said = f"was measured at {known[late].max():g}" if isinstance(when, int | float) else f"was measured at {when}"
        whom = f", after the clock starts for {int(late.sum())} of {len(patients)} patients"
        raise DesignError(_refusal(column, said + whom, landmark_hint=f"{known.max():g}"))
    if not isinstance(when, str):
        return ""
    has_value = patients[column].notna() if column in patients.columns else False
    unknown = int((known.isna() & has_value).sum())
    if not unknown:
        return ""
    return (
        f"When {column} was measured is not told for {unknown} of {len(patients)} patients; it is taken to be known at "
        f"{_start(landmark, entry)}."
    )


def _refusal(column: str, why: str, *, landmark_hint: str) -> str:
    return (
        f"{column!r} {why}: from day 0, the time until then would be immortal for whoever got that far, and would "
        f"favour them. Give landmark={landmark_hint} to count from when it is known, or use a time-varying marker in "
        f"hazard_model (rows of periods, with entry=...). If it was known at the start, say so: "
        f"measured_at={{{column!r}: 0}}"
    )
