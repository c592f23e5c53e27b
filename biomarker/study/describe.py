"""What the command line prints about a study and its plan: text only."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from biomarker.data.table import DataTable
from biomarker.study.plan import Step
from biomarker.study.workflow import prepare_study


def validation_text(path: Path) -> str:
    """Check a study and say what was found good; raises as `run_study` does where something is not."""
    plan, tables = prepare_study(path)
    lines = [f"{plan.study.path.name}: {len(plan.steps)} analyses of {len(tables)} tables, no problem found."]
    for table in tables.values():
        lines.append(f"  {_table_line(table)}")
        lines += [f"    {note}" for note in _missing_lines(table)]
    return "\n".join(lines)


def plan_text(path: Path) -> str:
    """Say what a run of a study would do."""
    plan, tables = prepare_study(path)
    study = plan.study
    lines = [study.title, f"seed {study.seed}, {study.confidence_level:.0%} confidence intervals", "", "Tables"]
    lines += [f"  {_table_line(table)}" for table in tables.values()]
    if study.derivations:
        lines += ["", "Derived"]
        lines += [f"  {step.table} from {step.source}: {_settings(step.options)}" for step in study.derivations]
    lines += ["", "Analyses"]
    for number, step in enumerate(plan.steps, 1):
        lines += _step_lines(number, step, tables)
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


def _missing_lines(table: DataTable) -> list[str]:
    columns = dict.fromkeys(table.tokens["column"])
    return [table.missing_note(str(column)) for column in columns]


def _settings(options: Mapping[str, object]) -> str:
    return ", ".join(f"{key} = {value!r}" for key, value in options.items())
