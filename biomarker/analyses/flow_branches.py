"""Where a flow parts: by the result of the index test, and beneath it by the reference standard."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from biomarker.analyses.flow_rows import FlowBox, Gate, Leaving, Rows, value_gate
from biomarker.analyses.population import Positive, as_class
from biomarker.errors import DesignError
from biomarker.vocabulary import column_label, lower_label


@dataclass(frozen=True, kw_only=True)
class FlowBranch:
    """Those with one result of the index test.

    Attributes
    ----------
    result : str
        ``"positive"``, ``"negative"`` or ``"indeterminate"``; empty where there is no index test to part by.
    box : FlowBox
        Those with that result, and who of them has no reference standard.
    verified : FlowBox, optional
        Those with the reference standard.
    outcomes : tuple of FlowBox
        Target condition present, absent and, where there are such, inconclusive.
    """

    result: str
    box: FlowBox
    verified: FlowBox | None = None
    outcomes: tuple[FlowBox, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Parts:
    """The rows of each result of the index test, with the label of its box; one without a result if none parts them."""

    rows: Mapping[str, tuple[str, Rows]]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Truth:
    """What the reference standard says: who has it, and the rows of each outcome."""

    gate: Gate
    outcomes: Mapping[str, Rows]
    notes: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        frame: pd.DataFrame,
        column: str,
        positive: Positive | None,
        indeterminate: Positive | None,
        reasons: Mapping[str, str],
    ) -> Truth:
        """Take it from a column of the table."""
        classes, unsure, note = _classes(frame[column], positive, indeterminate)
        present = classes.fillna(value=False).to_numpy(bool)
        absent = (~classes).fillna(value=False).to_numpy(bool)
        outcomes = {"Target condition present": present, "Target condition absent": absent}
        if unsure.any():
            outcomes["Reference standard inconclusive"] = unsure
        gate = value_gate(frame, column, f"With {lower_label(column)}", reasons)
        return cls(gate=gate, outcomes=outcomes, notes=(note,) if note else ())


def by_result(column: pd.Series, positive: Positive | None, indeterminate: Positive | None) -> Parts:
    """Part rows by a column of results."""
    classes, unsure, note = _classes(column, positive, indeterminate)
    name = column_label(str(column.name))
    rows = {
        "positive": (f"{name}: positive", classes.fillna(value=False).to_numpy(bool)),
        "negative": (f"{name}: negative", (~classes).fillna(value=False).to_numpy(bool)),
    }
    if unsure.any():
        rows["indeterminate"] = (f"{name}: indeterminate", unsure)
    return Parts(rows=rows, notes=(note,) if note else ())


def by_cutoff(frame: pd.DataFrame, marker: str | None, cutoff: float | None, higher_is_positive: bool) -> Parts:
    """Part rows by a marker at a cutoff; without either, not at all."""
    if marker is None or cutoff is None:
        return Parts(rows={"": ("", np.ones(len(frame), bool))})
    values, name = frame[marker].to_numpy(float), column_label(marker)
    beyond = values >= cutoff if higher_is_positive else values <= cutoff
    signs = ("≥", "<") if higher_is_positive else ("≤", ">")
    rows = {
        "positive": (f"{name} {signs[0]} {cutoff:g}: positive", beyond),
        "negative": (f"{name} {signs[1]} {cutoff:g}: negative", ~beyond & ~np.isnan(values)),
    }
    return Parts(rows=rows)


def branches_of(way: Leaving, on: Rows, parts: Parts, truth: Truth | None) -> tuple[tuple[FlowBranch, ...], Rows]:
    """Return the branches of the flow, and the rows that reach the end of one."""
    branches, ended = [], np.zeros(len(on), bool)
    if truth is None and "" in parts.rows:
        return (), on
    for result, (label, of_result) in parts.rows.items():
        rows = on & of_result
        box = way.box(label, rows)
        if truth is None:
            branches.append(FlowBranch(result=result, box=box))
            ended |= rows
            continue
        left, verified, rows = way.through(truth.gate, rows)
        outcomes = tuple(way.box(name, rows & of_it) for name, of_it in truth.outcomes.items())
        branches.append(FlowBranch(result=result, box=box.losing(left), verified=verified, outcomes=outcomes))
        ended |= rows
    return tuple(branches), ended


def _classes(
    column: pd.Series, positive: Positive | None, indeterminate: Positive | None
) -> tuple[pd.Series, Rows, str]:
    """Return which rows are positive, which are neither, and a note that says what counted as positive."""
    wanted = [] if indeterminate is None else indeterminate
    wanted = list(wanted) if isinstance(wanted, list | tuple | set | frozenset) else [wanted]
    unsure = column.isin(wanted).to_numpy(bool)
    if wanted and not unsure.any():
        raise DesignError(f"{column.name!r} is never {', '.join(map(repr, wanted))}, which you call indeterminate")
    rest = column.mask(unsure)
    known = set(rest.dropna().unique())
    if positive is None and "yes" in known and known <= {"yes", "no"}:
        positive = "yes"
    classes, note = as_class(rest, positive)
    return classes, unsure, note
