"""Who goes on and who leaves at each step of a flow, and why: rows of a table, nothing of print or paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from biomarker.analyses.result import Exclusion
from biomarker.errors import DesignError
from biomarker.vocabulary import column_label, lower_label

Rows = NDArray[np.bool_]
_WENT_ON = {"yes": True, "no": False, "y": True, "n": False, "true": True, "false": False}


@dataclass(frozen=True, kw_only=True)
class Left:
    """One reason for which rows leave: which exclusion of the population it is, and how many patients have such rows.

    The exclusion holds the rows and the reason; a patient can have rows in several.
    """

    exclusion: int
    n: int
    n_patients: int | None = None


@dataclass(frozen=True, kw_only=True)
class FlowBox:
    """A box of the flow: how many rows, of how many patients, and who of them leaves before the next box."""

    label: str
    n: int
    n_patients: int | None = None
    left: tuple[Left, ...] = ()

    def losing(self, left: tuple[Left, ...]) -> FlowBox:
        """Return the same box with these, too, leaving after it."""
        return replace(self, left=(*self.left, *left))


@dataclass
class Leaving:
    """Rows on their way through a flow: each leaves once, for one reason."""

    frame: pd.DataFrame
    patients: NDArray[np.intp] | None
    exclusions: list[Exclusion] = field(default_factory=list)

    def box(self, label: str, rows: Rows, left: tuple[Left, ...] = ()) -> FlowBox:
        """Return the box of these rows."""
        return FlowBox(label=label, n=int(rows.sum()), n_patients=self._patients_of(rows), left=left)

    def leave(self, rows: Rows, why: pd.Series, column: str) -> tuple[Left, ...]:
        """Record that `rows` leave for the reasons in `why`, the commonest first; NaN there means a missing cell."""
        words = why.fillna("").to_numpy(str)
        names, counts = np.unique(words[rows & (words != "")], return_counts=True)
        ordered = [str(names[place]) for place in np.argsort(-counts, kind="stable")]
        found = [self._left(rows & (words == reason), reason, "") for reason in ordered]
        blank = rows & (words == "")
        if blank.any():
            found.append(self._left(blank, f"with {column} missing", column))
        return tuple(found)

    def through(self, gate: Gate, rows: Rows) -> tuple[tuple[Left, ...], FlowBox, Rows]:
        """Return who of `rows` leaves before a gate, the box of those who pass it, and which rows these are."""
        passed = rows & gate.passes
        left = self.leave(rows & ~passed, gate.why, gate.column)
        return left, self.box(gate.label, passed), passed

    def _left(self, rows: Rows, reason: str, column: str) -> Left:
        labels = tuple(self.frame.index[np.flatnonzero(rows)].tolist())
        self.exclusions.append(Exclusion(reason=reason, rows=labels, column=column))
        return Left(exclusion=len(self.exclusions) - 1, n=int(rows.sum()), n_patients=self._patients_of(rows))

    def _patients_of(self, rows: Rows) -> int | None:
        return None if self.patients is None else len(np.unique(self.patients[rows]))


def goes_on(column: pd.Series) -> pd.Series:
    """Return whether each row goes on at a step: True, False, or missing where the column does not say.

    A column of true and false, 0 and 1 or yes and no says so itself; in any other column of text, a filled cell is a
    reason to leave, and an empty one goes on.

    Raises
    ------
    DesignError
        If it holds other numbers, or nothing at all.
    """
    present = column.dropna()
    if present.empty:
        raise DesignError(f"the step {column.name!r} is empty in every row; leave it out, or fill it in")
    if pd.api.types.is_bool_dtype(present) or set(present.unique()) <= {0, 1}:
        return column.astype("boolean")
    if pd.api.types.is_numeric_dtype(present):
        raise DesignError(
            f"the step {column.name!r} holds numbers; a step is a column of true and false, or of reasons to leave"
        )
    words = column.astype("string").str.strip().str.casefold()
    if set(words.dropna().unique()) <= set(_WENT_ON):
        return words.map(_WENT_ON).astype("boolean")
    return column.isna().astype("boolean")


def is_reason(column: pd.Series) -> bool:
    """Return whether the filled cells of a step are reasons to leave."""
    words = column.dropna().astype("string").str.strip().str.casefold()
    named = not (pd.api.types.is_bool_dtype(column.dropna()) or pd.api.types.is_numeric_dtype(column.dropna()))
    return named and not set(words.unique()) <= set(_WENT_ON)


@dataclass(frozen=True, kw_only=True)
class Gate:
    """What rows pass on their way to a box: whether each does, and why not, NaN where its cell is missing."""

    column: str
    label: str
    passes: Rows
    why: pd.Series


def step_gate(frame: pd.DataFrame, column: str, label: str, reasons: Mapping[str, str]) -> Gate:
    """Return the gate of a step: its own cells are reasons, or those of the column that `reasons` has for it."""
    on = goes_on(frame[column])
    if is_reason(frame[column]):
        why, name = frame[column].astype("string").str.strip(), f"Without {lower_label(column)}"
    else:
        said_no = on.eq(False).fillna(value=False)
        why = pd.Series(pd.NA, index=frame.index, dtype="string").mask(said_no, f"not {lower_label(column)}")
        name = column_label(column)
    why = _given(frame, column, reasons).fillna(why)
    return Gate(column=column, label=label or name, passes=on.fillna(value=False).to_numpy(bool), why=why)


def value_gate(frame: pd.DataFrame, column: str, label: str, reasons: Mapping[str, str]) -> Gate:
    """Return the gate of a value that must be there: a test result, a reference standard."""
    passes = frame[column].notna().to_numpy(bool)
    return Gate(column=column, label=label, passes=passes, why=_given(frame, column, reasons))


def _given(frame: pd.DataFrame, column: str, reasons: Mapping[str, str]) -> pd.Series:
    """Return the reasons that another column gives; missing where it gives none."""
    if column not in reasons:
        return pd.Series(pd.NA, index=frame.index, dtype="string")
    given = frame[reasons[column]].astype("string").str.strip()
    return given.mask(given == "")


def checked_steps(steps: str | Sequence[str] | Mapping[str, str]) -> list[tuple[str, str]]:
    """Return pairs of a label, empty where none is given, and a column."""
    if isinstance(steps, str):
        return [("", steps)]
    pairs = list(steps.items()) if isinstance(steps, Mapping) else [("", column) for column in steps]
    if any(not isinstance(part, str) for pair in pairs for part in pair):
        raise DesignError(f"steps is {steps!r}; give names of columns, or labels and the column of each")
    twice = sorted({column for _, column in pairs if [name for _, name in pairs].count(column) > 1})
    if twice:
        raise DesignError(f"steps names {twice[0]!r} twice")
    return pairs
