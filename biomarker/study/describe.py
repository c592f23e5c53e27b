"""What the command line prints about a study and its plan: text only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from biomarker.data.column_report import column_lines
from biomarker.data.suspicions import suspicious
from biomarker.data.table import DataTable
from biomarker.errors import Problem, SchemaError
from biomarker.study.checklists.filled import chosen
from biomarker.study.plan import Step
from biomarker.study.prepare import prepare_study

_ROWS_SHOWN = 8


def validation_text(path: Path) -> str:
    """Check a study and say what was found good; raises as `run_study` does where something is not."""
    try:
        plan, tables = prepare_study(path)
    except SchemaError as error:
        raise EveryProblemError(error.problems) from None
    lines = [f"{plan.study.path.name}: {_counted(plan.steps, tables)}, no problem found."]
    lines.append("  Files, cells, keys and columns were checked; whether the data can answer each analysis, run tells.")
    for table in tables.values():
        lines += ["", _table_line(table)]
        lines += [f"  {line}" for line in column_lines(table)]
        lines += [f"  Note: {note}" for note in table.notes]
    told = [line for table in tables.values() if table.source for line in _suspicion_lines(suspicious(table))]
    if told:
        lines += ["", "Look at these; nothing was changed:", *(f"  {line}" for line in told)]
    else:
        lines += ["", "No row stands twice, and no value or identifier looks out of place."]
    return "\n".join(lines)


def _counted(steps: Sequence[Step], tables: Mapping[str, DataTable]) -> str:
    analyses = f"{len(steps)} {'analysis' if len(steps) == 1 else 'analyses'}"
    return f"{analyses} of {len(tables)} table{'s' * (len(tables) != 1)}"


class EveryProblemError(SchemaError):
    """The faults of a study's tables, told to the last of a thousand."""

    shown = 1000


def _suspicion_lines(found: Sequence[Problem]) -> list[str]:
    """Say each kind of finding once, with its first rows."""
    kinds: dict[tuple[str, str, str], list[Problem]] = {}
    for one in found:
        kinds.setdefault((one.file, one.column, one.rule), []).append(one)
    return [_suspicion_line(kind, every) for kind, every in kinds.items()]


def _suspicion_line(kind: tuple[str, str, str], found: Sequence[Problem]) -> str:
    file, column, rule = kind
    rows = [str(one.row) for one in found if one.row is not None]
    more = f" and {len(rows) - _ROWS_SHOWN} more" if len(rows) > _ROWS_SHOWN else ""
    where = f"row{'s' * (len(rows) > 1)} {', '.join(rows[:_ROWS_SHOWN])}{more}" if rows else ""
    value = f" {found[0].value!r}" if found[0].value and len(found) == 1 else ""
    return f"{', '.join(part for part in (file, column, where) if part)}:{value} {rule}"


def plan_text(path: Path) -> str:
    """Say what a run of a study would do."""
    plan, tables = prepare_study(path)
    study = plan.study
    lines = [study.title, f"seed {study.seed}, {100 * study.confidence_level:g}% confidence intervals", "", "Tables"]
    lines += [f"  {_table_line(table)}" for table in tables.values()]
    if study.derivations:
        lines += ["", "Derived"]
        lines += [f"  {step.table} from {step.source}: {_settings(step.options)}" for step in study.derivations]
    lines += ["", "Analyses"]
    for number, step in enumerate(plan.steps, 1):
        lines += _step_lines(number, step, tables)
    checklists = chosen(study.checklists, [step.kind for step in plan.steps])
    if checklists:
        lines += ["", "Reporting checklists"]
        lines += [f"  {one.name}: text for items that no run can show goes under [checklists.{one.key}]" for one in
                  checklists]  # fmt: skip
    return "\n".join(lines)


def _step_lines(number: int, step: Step, tables: Mapping[str, DataTable]) -> list[str]:
    title = f": {step.title}" if step.title else ""
    lines = [f"  {number}. {step.name}{title}", f"     {step.kind} {_settings(step.arguments)}".rstrip()]
    if step.table is not None:
        where = f", where {_settings(step.where)}" if step.where else ""
        lines.append(f"     of {step.table} ({len(tables[step.table].frame)} rows){where}")
    return lines


def _table_line(table: DataTable) -> str:
    source = f" from {Path(table.source).name}" if table.source else ""
    return f"{table.name}: {len(table.frame)} rows, {len(table.frame.columns)} columns{source}"


def _settings(options: Mapping[str, object]) -> str:
    return ", ".join(f"{key} = {value!r}" for key, value in options.items())
