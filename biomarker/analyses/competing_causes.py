"""Which values of an event column are causes, which mean censored, and in which order the causes are told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from biomarker.analyses.follow_up import Columns, FollowUpSample, names_of, select_follow_up
from biomarker.analyses.population import require_columns
from biomarker.errors import DesignError, nearest

Value = str | int | float
Causes = Sequence[Value] | Mapping[str, Value | Sequence[Value]]

_CODE = "code of the cause"  # a column of our own; no user's column has such a name


@dataclass(frozen=True, kw_only=True, eq=False)
class CompetingFollowUp:
    """Follow-up to the first of several events.

    Attributes
    ----------
    follow_up : FollowUpSample
        Its `event` says whether any cause happened.
    causes : tuple of str
        Names of the causes, in the order asked for.
    cause : ndarray of int, shape (n_patients,)
        0 censored, else 1, 2, ... in the order of `causes`.
    notes : tuple of str
    """

    follow_up: FollowUpSample
    causes: tuple[str, ...]
    cause: NDArray[np.intp]
    notes: tuple[str, ...]

    def with_first(self, number: int) -> NDArray[np.intp]:
        """Return the codes with the cause of that number, from 0, as 1 and every other cause as 2."""
        return np.where(self.cause == 0, 0, np.where(self.cause == number + 1, 1, 2)).astype(np.intp)


def select_competing(
    patients: pd.DataFrame,
    *,
    duration: str,
    event: str,
    causes: Causes | None,
    censored: Value | Sequence[Value] | None,
    numeric: Sequence[str] = (),
    other: Columns = (),
    entry: str | None = None,
    landmark: float | None = None,
    patient: str | None = "patient_id",
) -> CompetingFollowUp:
    """Return the patients a competing-risks analysis uses, with the cause of each.

    Raises
    ------
    DesignError
        If it is not told which values mean censored, fewer than two causes happened, or a value is unknown.
    SchemaError
        As `select_follow_up`.
    """
    if not isinstance(patients, pd.DataFrame) or patients.empty:
        raise DesignError("the table of patients is empty: there is nobody to follow")
    require_columns(patients, [duration, event])
    column = patients[event]
    none = _censored_values(column, censored)
    named = _named_causes(column, causes, none)
    if len(named) < 2:
        raise DesignError(
            f"{event!r} holds {len(named)} cause{'s' * (len(named) != 1)} besides censoring: competing risks need two "
            "or more; for one event use survival_curves"
        )
    codes = pd.Series(pd.NA, index=patients.index, dtype="Int64").mask(column.isin(none), 0)
    for number, values in enumerate(named.values(), start=1):
        codes = codes.mask(column.isin(values), number)
    coded = patients.assign(**{event: codes.gt(0).astype("boolean"), _CODE: codes})
    found = select_follow_up(
        coded,
        duration=duration,
        event=event,
        entry=entry,
        landmark=landmark,
        numeric=[*numeric, _CODE],
        other=names_of(other),
        patient=patient,
    )
    code = found.sample.frame[_CODE].to_numpy(dtype=np.intp)
    told = "; ".join(f"{name} is {', '.join(map(str, values))}" for name, values in named.items())
    notes = [
        *found.notes,
        f"Causes by {event}: {told}; censored is {', '.join(map(str, none))}." if _worth_telling(named) else "",
        *(
            f"No patient analysed had {name}, so its incidence is 0 without an interval."
            for number, name in enumerate(named, start=1)
            if not (code == number).any()
        ),
    ]
    return CompetingFollowUp(
        follow_up=replace(found, notes=()),
        causes=tuple(named),
        cause=code,
        notes=tuple(note for note in notes if note),
    )


def _worth_telling(named: Mapping[str, Sequence[Value]]) -> bool:
    return any([name] != [str(value) for value in values] for name, values in named.items())


def _censored_values(column: pd.Series, censored: Value | Sequence[Value] | None) -> list[Value]:
    name, present = str(column.name), column.dropna()
    held = ", ".join(map(repr, pd.unique(present)[:8].tolist()))
    if censored is None:
        is_numeric = pd.api.types.is_numeric_dtype(present) and not pd.api.types.is_bool_dtype(present)
        if name.casefold().startswith(("cnsr", "cens")) or not is_numeric or not present.eq(0).any():
            raise DesignError(
                f"which values of {name!r} mean censored? It holds {held}; give censored=..., a value or a list"
            )
        return [0]
    none: list[Value] = [censored] if isinstance(censored, str | int | float) else list(censored)
    if absent := [value for value in none if not present.isin([value]).any()]:
        known = [str(value) for value in pd.unique(present)]
        if len(absent) == len(none):
            raise DesignError(
                f"censored = {absent[0]!r} does not occur in {name!r}{nearest(str(absent[0]), known)}; it holds {held}"
            )
    return none


def _named_causes(column: pd.Series, causes: Causes | None, none: Sequence[Value]) -> dict[str, list[Value]]:
    """Return the values of each cause by its name; every value that is not censored has to be one."""
    present = column.dropna()
    held = [value for value in sorted(pd.unique(present).tolist(), key=str) if value not in none]
    if causes is None:
        return {_text(value): [value] for value in held}
    if isinstance(causes, Mapping):
        named = {
            str(name): [value] if isinstance(value, str | int | float) else list(value)
            for name, value in causes.items()
        }
    elif isinstance(causes, str) or not isinstance(causes, Sequence):
        raise DesignError(f"causes = {causes!r}: give a list of values, or a mapping of names to values")
    else:
        named = {_text(value): [value] for value in causes}
    given = [value for values in named.values() for value in values]
    if twice := [value for value in given if given.count(value) > 1 or value in none]:
        raise DesignError(f"{twice[0]!r} is named twice among causes and censored: a value is one of them")
    if left := [value for value in held if value not in given]:
        raise DesignError(
            f"{column.name!r} also holds {', '.join(map(repr, left))}: name every cause in causes, or add the value to "
            "censored"
        )
    return named


def _text(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
