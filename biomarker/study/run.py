"""A plan and its tables to results: every analysis in turn, each on its own rows with its own random numbers."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from biomarker.analyses.result import Population, Result
from biomarker.data.filters import Filtered, condition_text, where_rows
from biomarker.data.table import DataTable
from biomarker.errors import BiomarkerError, BiomarkerWarning, StudyError, nearest
from biomarker.study.plan import Plan, Step
from biomarker.vocabulary import lower_label

Watcher = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """One analysis that was run, and its result."""

    step: Step
    result: Result

    @property
    def title(self) -> str:
        """The title given in the study file, or that of the result's table."""
        return self.step.title or self.result.table().title


def run_plan(plan: Plan, tables: Mapping[str, DataTable], *, watch: Watcher | None = None) -> tuple[Outcome, ...]:
    """Run every analysis of a plan.

    Parameters
    ----------
    plan : Plan
    tables : mapping of str to DataTable
        Every table, loaded and derived, by name.
    watch : callable
        Called with the name of each analysis before it is run.

    Raises
    ------
    StudyError
        If any analysis cannot be answered by its data; every such analysis is named, after all have been tried.
    """
    results: dict[str, Result] = {}
    faults: dict[str, str] = {}
    titles = {step.name: step.title for step in plan.steps if step.title}
    for step in sorted(plan.steps, key=lambda step: step.takes == "results"):  # a stable sort: those come last
        if step.takes == "results" and faults:
            continue  # what it needs is not there, and the reason is told already
        if watch is not None:
            watch(step.name)
        try:
            results[step.name] = _run_step(step, tables, results, titles)
        except BiomarkerError as error:
            faults[step.name] = f"{plan.study.path.name}: [[analysis]] {step.name!r}: {error}"
    if faults:
        raise StudyError("\n".join(faults[step.name] for step in plan.steps if step.name in faults))
    noted = _with_adjustments(plan, results)
    return tuple(Outcome(step=step, result=noted[step.name]) for step in plan.steps)


def check_columns(plan: Plan, tables: Mapping[str, DataTable]) -> None:
    """Raise a `StudyError` that names every column the analyses ask for and their tables lack."""
    faults = _undeclared_times(plan, tables)
    for step in plan.steps:
        if step.table is None:
            continue
        known = [str(column) for column in tables[step.table].frame.columns]
        for argument, column in step.named_columns():
            if column not in known:
                faults.append(
                    f"{plan.study.path.name}: [[analysis]] {step.name!r} {argument} = {column!r}: the table "
                    f"{step.table!r} has no such column{nearest(column, known)}; it has {', '.join(known)}"
                )
    if faults:
        raise StudyError("\n".join(faults))


def _undeclared_times(plan: Plan, tables: Mapping[str, DataTable]) -> list[str]:
    """Return a fault for each column of `measured_at` that its table does not have."""
    faults = []
    for source in plan.study.sources:
        known = [str(column) for column in tables[source.name].frame.columns]
        named = [*source.measured_at, *(when for when in source.measured_at.values() if isinstance(when, str))]
        faults += [
            f"{plan.study.path.name}: [data.{source.name}] measured_at: the table has no column {column!r}"
            f"{nearest(column, known)}; it has {', '.join(known)}"
            for column in named
            if column not in known
        ]
    return faults


def _run_step(
    step: Step, tables: Mapping[str, DataTable], results: Mapping[str, Result], titles: Mapping[str, str]
) -> Result:
    arguments = with_readings(step.arguments, tables)
    if "rng" in inspect.signature(step.function).parameters:
        arguments["rng"] = np.random.default_rng(step.seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", BiomarkerWarning)  # each is a note of the result, and prints there
        if step.takes == "results":
            others = {name: one for name, one in results.items() if name != step.name}
            return step.function(others, **{"titles": titles, **arguments})
        if step.table is None:
            return step.function(**arguments)
        table = tables[step.table]
        chosen = where_rows(table.frame, step.where, table=table.name)
        result = step.function(chosen.frame, **arguments)
    return _with_tokens(_with_restriction(result, step.where, chosen, table), table)


def _with_adjustments(plan: Plan, results: Mapping[str, Result]) -> dict[str, Result]:
    """Say in each analysis whose p-values are adjusted for their number elsewhere, where that is."""
    noted = dict(results)
    for step in plan.steps:
        result = results[step.name]
        if step.kind != "adjust_p_values":
            continue
        for name in getattr(result, "analyses", ()):
            note = f"See “{step.title or step.name}” for p-values of this analysis adjusted for multiplicity."
            noted[name] = _with_note(noted[name], note)
    return noted


def _with_note(result: Result, note: str, *, first: bool = False) -> Result:
    notes = (note, *result.method.notes) if first else (*result.method.notes, note)
    return replace(result, method=replace(result.method, notes=notes))


def with_readings(arguments: Mapping[str, Any], tables: Mapping[str, DataTable]) -> dict[str, Any]:
    """Return the arguments with the table itself where one of them, itself a mapping, names it as its `readings`."""
    found = dict(arguments)
    for argument, value in arguments.items():
        if isinstance(value, Mapping) and isinstance(value.get("readings"), str):
            name = value["readings"]
            if name not in tables:
                raise StudyError(f"{argument}.readings names an unknown table {name!r}{nearest(name, list(tables))}")
            found[argument] = {**value, "readings": tables[name].frame}
    return found


def _with_restriction(result: Result, where: Mapping[str, object], chosen: Filtered, table: DataTable) -> Result:
    """Say in the result which rows the study file chose."""
    if not chosen.steps:
        return result
    conditions = " and ".join(condition_text(lower_label(column), condition) for column, condition in where.items())
    rows = f"{len(chosen.frame):,} of {len(table.frame):,} rows of {table.name}"
    return _with_note(result, f"Restricted to {conditions}: {rows}.", first=True)


def _with_tokens(result: Result, table: DataTable) -> Result:
    """Say with which words the missing cells were marked: ``n/a`` and ``n/a*`` can mean different things."""
    if table.tokens.empty or not result.exclusions:
        return result
    exclusions = []
    for exclusion in result.exclusions:
        words = table.missing_note(exclusion.column, exclusion.rows).partition(": ")[2] if exclusion.column else ""
        exclusions.append(replace(exclusion, reason=f"{exclusion.reason} ({words})") if words else exclusion)
    population: Population = replace(result.population, exclusions=tuple(exclusions))
    return replace(result, population=population)
