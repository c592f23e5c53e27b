"""Who was left at each step? The flow of patients and lesions from the first screening to the last table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import isfinite
from typing import Any

import numpy as np
import pandas as pd

from biomarker.analyses.flow_branches import FlowBranch, Truth, branches_of, by_cutoff, by_result
from biomarker.analyses.flow_rows import (
    FlowBox,
    Gate,
    Leaving,
    Left,
    Rows,
    checked_steps,
    is_reason,
    step_gate,
    value_gate,
)
from biomarker.analyses.population import Positive, Sample, require_columns, select_rows
from biomarker.analyses.result import Estimate, Method, Result
from biomarker.errors import DesignError, nearest
from biomarker.references import BOSSUYT_2015
from biomarker.vocabulary import lower_label

_ONE_COLUMN, _TWO_COLUMNS = 3.46, 7.09  # inches
_BOX_INCHES, _LINE_INCHES = 0.42, 0.11


@dataclass(frozen=True, kw_only=True)
class ParticipantFlow(Result):
    """Boxes of a flow in order, and those who left between them.

    Attributes
    ----------
    trunk : tuple of FlowBox
        From the rows of the table to those with an index test.
    branches : tuple of FlowBranch
        By the result of the index test; one without a result where there is none.
    unit : str
        What is counted: lesion, patient, row.
    """

    trunk: tuple[FlowBox, ...]
    branches: tuple[FlowBranch, ...]
    unit: str

    @property
    def counts_patients(self) -> bool:
        """Whether patients are counted beside the rows, because these are not patients themselves."""
        return self.unit != "patient" and self.trunk[0].n_patients is not None

    @property
    def figure_size(self) -> tuple[float, float]:
        """Width and height in inches: wide where the flow parts, taller with more steps and reasons."""
        parts = len(self.branches) > 1
        width = _TWO_COLUMNS if parts else _ONE_COLUMN
        trunk = sum(_BOX_INCHES + _LINE_INCHES * (2 * len(box.left) + 1) for box in self.trunk)
        under = max((_LINE_INCHES * (3 * len(branch.box.left) + 14) for branch in self.branches), default=0.0)
        return width, max(2.0, trunk + (under if self.branches else 0.0))

    @property
    def caption(self) -> str:
        """What the figure shows, with its first and last numbers."""
        first = self.trunk[0]
        of = f" of {_counted(first.n_patients, 'patient')}" if self.counts_patients else ""
        shown = f"Flow of {_counted(first.n, self.unit)}{of}; {self.population.rows_used:,} reached the end"
        verified = [(branch.result, box) for branch in self.branches for box in branch.outcomes]
        told = [f"{result} and {box.label[0].lower()}{box.label[1:]} {box.n:,}" for result, box in verified if result]
        return f"{shown}: {', '.join(told)}." if told else f"{shown}."


def participant_flow(
    data: pd.DataFrame,
    *,
    steps: str | Sequence[str] | Mapping[str, str] = (),
    reasons: Mapping[str, str] | None = None,
    start: str = "",
    index_test: str | None = None,
    test_positive: Positive | None = None,
    indeterminate: Positive | None = None,
    marker: str | None = None,
    cutoff: float | None = None,
    higher_is_positive: bool = True,
    reference_standard: str | None = None,
    positive: Positive | None = None,
    reference_indeterminate: Positive | None = None,
    patient: str | None = "patient_id",
) -> ParticipantFlow:
    """Count who reached each step of a study of diagnostic accuracy, and why others did not, as STARD asks [1]_.

    Every row leaves once, at the first step it does not pass, so that counts add up at each box.

    Parameters
    ----------
    data : DataFrame
        One row a patient or lesion, those that were excluded among them.
    steps : str, list of str, or mapping of str to str
        Columns of the steps before the index test, in order, or a label and the column of each: eligible, consented,
        scanned. A column of true and false, 0 and 1 or yes and no says who goes on. In any other column of text a
        filled cell is the reason for leaving, and an empty one goes on.
    reasons : mapping of str to str, optional
        For a step, the index test, the marker or the reference standard: the column that says why it was not done.
    start : str
        What the first box is called: "Potentially eligible". "In the table" by default, for nothing more is known.
    index_test : str, optional
        Column of a test with results.
    test_positive : value or list of values, optional
        What counts as positive in it; not needed where it is bool, 0/1 or yes/no.
    indeterminate : value or list of values, optional
        Results of it that are neither.
    marker : str, optional
        Column of numbers, in place of `index_test`.
    cutoff : float, optional
        ``marker >= cutoff`` is a positive test. Without it, the flow does not part.
    higher_is_positive : bool
        Where false, ``marker <= cutoff`` is positive.
    reference_standard : str, optional
        Column of the truth.
    positive : value or list of values, optional
        What counts there as the target condition.
    reference_indeterminate : value or list of values, optional
        What is inconclusive there.
    patient : str or None
        Column of patients: they are counted beside the rows.

    Returns
    -------
    ParticipantFlow
        ``number_at_step`` of each box (``of={"step": ..., "result": ...}``) and ``number_left`` of each reason.

    Raises
    ------
    DesignError
        If a column is unknown, a step holds neither yes and no nor reasons, or arguments do not fit one another.

    Notes
    -----
    A patient counts wherever one of their lesions is: patients of the branches can add up to more than there are.

    References
    ----------
    .. [1] Bossuyt PM. BMJ 2015;351:h5527.

    Examples
    --------
    >>> import pandas as pd
    >>> scans = pd.DataFrame({
    ...     "scanned": [True, True, True, False],
    ...     "why": [None, None, None, "claustrophobia"],
    ...     "suvmax": [9.1, 3.2, None, None],
    ...     "response": ["PR", "PD", "SD", "PD"],
    ... })
    >>> flow = participant_flow(
    ...     scans, steps=["scanned"], reasons={"scanned": "why"}, marker="suvmax", cutoff=5,
    ...     reference_standard="response", positive="PR", patient=None,
    ... )
    >>> [(box.label, box.n) for box in flow.trunk]
    [('In the table', 4), ('Scanned', 3), ('With SUVmax', 2)]
    >>> [exclusion.reason for exclusion in flow.exclusions]
    ['claustrophobia', 'with suvmax missing']
    """
    reasons, pairs = dict(reasons or {}), checked_steps(steps)
    _check_arguments(index_test, marker, cutoff, indeterminate)
    test = index_test or marker
    named = [*(column for _, column in pairs), *(column for column in (test, reference_standard) if column)]
    _check_reasons(reasons, named)
    require_columns(data, [*named, *reasons.values()])
    sample = select_rows(data, numeric=[marker] if marker else [], keep_missing=[marker or ""], patient=patient or None)
    way = Leaving(frame=sample.frame, patients=sample.patients, exclusions=list(sample.population.exclusions))
    gates = [step_gate(way.frame, column, label, reasons) for label, column in pairs]
    if test is not None:
        gates.append(value_gate(way.frame, test, f"With {lower_label(test)}", reasons))
    trunk, on = _trunk(way, sample, gates, start)
    if index_test is not None:
        parts = by_result(way.frame[index_test], test_positive, indeterminate)
    else:
        parts = by_cutoff(way.frame, marker, cutoff, higher_is_positive)
    truth = None
    if reference_standard is not None:
        truth = Truth.of(way.frame, reference_standard, positive, reference_indeterminate, reasons)
    branches, on = branches_of(way, on, parts, truth)
    trunk, branches = _one_way(trunk, branches)
    population = replace(
        sample.population,
        rows_used=int(on.sum()),
        patients_used=None if sample.patients is None else len(np.unique(sample.patients[on])),
        exclusions=tuple(way.exclusions),
    )
    settings = {
        "steps": [column for _, column in pairs], "reasons": reasons, "index_test": index_test,
        "test_positive": test_positive, "indeterminate": indeterminate, "marker": marker, "cutoff": cutoff,
        "higher_is_positive": higher_is_positive if cutoff is not None else None,
        "reference_standard": reference_standard, "positive": positive,
        "reference_indeterminate": reference_indeterminate,
    }  # fmt: skip
    return ParticipantFlow(
        estimates=(*_trunk_lines(trunk, way), *_branch_lines(branches, way)),
        method=Method(
            name="counts",
            settings={key: value for key, value in settings.items() if value not in (None, [], {})},
            references=(BOSSUYT_2015,),
            notes=(*_reason_notes(way.frame, pairs), *parts.notes, *(truth.notes if truth else ()), _nested(sample)),
            description=f"The flow of {population.unit}s through the study was counted; each left once, at the first "
            "step it did not pass.",
        ),
        population=population,
        trunk=tuple(trunk),
        branches=branches,
        unit=population.unit,
    )


def _check_arguments(index_test: str | None, marker: str | None, cutoff: float | None, indeterminate: object) -> None:
    if index_test is not None and marker is not None:
        raise DesignError("give either index_test, a column of results, or marker, a column of numbers")
    if cutoff is not None and marker is None:
        raise DesignError("a cutoff goes with marker, which is not given")
    if cutoff is not None and (isinstance(cutoff, bool | str) or not isfinite(cutoff)):
        raise DesignError(f"cutoff is {cutoff!r}; give the number from which {marker!r} is positive")
    if indeterminate is not None and index_test is None:
        raise DesignError("indeterminate goes with index_test, which is not given")


def _check_reasons(reasons: Mapping[str, str], known: Sequence[str]) -> None:
    for column in reasons:
        if column not in known:
            raise DesignError(
                f"reasons has {column!r}, which is none of the steps{nearest(column, list(known))}; "
                f"these are {', '.join(known) or 'none'}"
            )


def _trunk(way: Leaving, sample: Sample, gates: Sequence[Gate], start: str) -> tuple[list[FlowBox], Rows]:
    """Return the boxes before the flow parts, and the rows that passed every gate."""
    known, on = sample.population, np.ones(len(way.frame), bool)
    nameless = tuple(Left(exclusion=number, n=one.n) for number, one in enumerate(known.exclusions))
    boxes = [FlowBox(label=start or "In the table", n=known.rows_in, n_patients=known.patients_in, left=nameless)]
    for gate in gates:
        left, box, on = way.through(gate, on)
        boxes = [*boxes[:-1], boxes[-1].losing(left), box]
    return boxes, on


def _one_way(
    trunk: Sequence[FlowBox], branches: tuple[FlowBranch, ...]
) -> tuple[list[FlowBox], tuple[FlowBranch, ...]]:
    """Count those without reference standard on the trunk where no index test parts the flow before it."""
    verified = branches[0].verified if branches and not branches[0].result else None
    if verified is None:
        return list(trunk), branches
    (only,) = branches
    return [*trunk[:-1], trunk[-1].losing(only.box.left)], (replace(only, box=verified),)


def _reason_notes(frame: pd.DataFrame, pairs: Sequence[tuple[str, str]]) -> list[str]:
    columns = [lower_label(column) for _, column in pairs if is_reason(frame[column])]
    return [f"A filled cell of {one} is a reason for leaving; who has none goes on." for one in columns]


def _nested(sample: Sample) -> str:
    """Say how patients are counted where they have several rows."""
    if not sample.is_nested:
        return ""
    return (
        f"A patient is counted wherever one of their {sample.population.unit}s is, so that patients of several boxes "
        "can add up to more than there are."
    )


def _trunk_lines(trunk: Sequence[FlowBox], way: Leaving) -> list[Estimate]:
    return [line for box in trunk for line in _box_lines(box, way, {})]


def _branch_lines(branches: Sequence[FlowBranch], way: Leaving) -> list[Estimate]:
    lines = []
    for branch in branches:
        of = {"result": branch.result} if branch.result else {}
        boxes = [branch.box] if branch.result else []
        for box in [*boxes, *([branch.verified] if branch.verified else []), *branch.outcomes]:
            lines += _box_lines(box, way, of)
    return lines


def _box_lines(box: FlowBox, way: Leaving, of: dict[str, Any]) -> list[Estimate]:
    """Return a line for a box, and one for each reason for which rows leave after it."""
    here = Estimate(quantity="number_at_step", value=box.n, n_patients=box.n_patients, of={"step": box.label, **of})
    lost = [
        Estimate(
            quantity="number_left",
            value=one.n,
            n_patients=one.n_patients,
            of={"step": box.label, "reason": way.exclusions[one.exclusion].reason, **of},
        )
        for one in box.left
    ]
    return [here, *lost]


def _counted(count: int | None, unit: str) -> str:
    return f"{count or 0:,} {unit}{'' if count == 1 else 's'}"
