"""Lay out a flow: each box, who left after it and why, then the results of the index test by the reference standard."""

from __future__ import annotations

from collections.abc import Iterable

from biomarker.analyses.flow_rows import FlowBox
from biomarker.analyses.participant_flow import ParticipantFlow
from biomarker.tables import Row, Style, Table, heading, layout


@layout.register
def _(result: ParticipantFlow, style: Style) -> Table:  # noqa: ARG001 - counts print alike in every style
    """Lay out one row a box, reasons for leaving beneath the box they follow."""
    rows = [row for box in result.trunk for row in _box(box, result)]
    for branch in result.branches:
        rows.append(heading(branch.box.label or "By the reference standard"))
        boxes = [branch.box, *([branch.verified] if branch.verified else [])]
        for box in boxes if branch.result else boxes[1:]:
            rows += _box(box, result, indent=1, label="In all" if box is branch.box else box.label)
        for box in branch.outcomes:
            rows += _box(box, result, indent=2)
    return Table(
        title=f"Flow of {result.unit}s",
        header=("Step", f"{result.unit.capitalize()}s", *(("Patients",) if result.counts_patients else ())),
        rows=rows,
        footnotes=("Each left once, at the first step not passed.",) if result.exclusions else (),
    )


def _box(box: FlowBox, result: ParticipantFlow, *, indent: int = 0, label: str = "") -> Iterable[Row]:
    yield Row((label or box.label, *_counts(box.n, box.n_patients, result)), indent=indent)
    for one in box.left:
        reason = f"Left out: {result.exclusions[one.exclusion].printed_reason}"
        yield Row((reason, *_counts(one.n, one.n_patients, result)), indent=indent + 1)


def _counts(n: int, n_patients: int | None, result: ParticipantFlow) -> tuple[str, ...]:
    patients = "" if n_patients is None else f"{n_patients:,}"
    return (f"{n:,}", patients) if result.counts_patients else (f"{n:,}",)
