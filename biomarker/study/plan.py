"""A `Study` to a frozen `Plan`: every analysis bound to its function and arguments, before any of them is run."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from zlib import crc32

from biomarker.analyses import ANALYSES
from biomarker.errors import StudyError, nearest
from biomarker.study.load import Analysis, Study
from biomarker.study.measured_at import Times, measured_at

if TYPE_CHECKING:
    from biomarker.analyses.result import Result

# Arguments of the public analyses whose text values name columns of the table.
_COLUMN_ARGUMENTS = frozenset({
    "activity", "adjust", "arm", "as_probability", "below", "below_lod", "by", "change", "cluster", "coefficient",
    "compare_with", "covariates", "detected", "dose", "duration", "entry", "event", "feature", "group",
    "index_test", "index_tests", "injected", "item", "lesion", "limit", "marker", "markers", "organ", "outcome",
    "paired_by", "partial", "patient", "plasma", "predictors", "random", "random_within_patient", "reader",
    "reference_standard", "response", "scanner", "sd", "session", "size", "splines", "steps", "strata", "subgroups",
    "time", "tissue", "value", "variables", "weights", "x", "y",
})  # fmt: skip

# ... and such as do not, of these kinds: "linear" is a scheme of weights.
_NO_COLUMNS = frozenset({
    ("categorical_agreement", "weights"), ("clearance", "weights"), ("effective_dose", "weights"),
    ("patlak", "weights"), ("survival_curves", "adjust"),
})  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Step:
    """One analysis, ready to be run: its function, its arguments, its table and its own seed.

    `takes` is what its function is first given: a ``"table"``, the ``"results"`` of the other analyses, or
    ``"nothing"``.
    """

    name: str
    kind: str
    title: str
    table: str | None
    where: Mapping[str, Any]
    arguments: Mapping[str, Any]
    seed: tuple[int, int]
    function: Callable[..., Result]
    takes: str = "table"

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that the arguments name."""
        return tuple(column for _, column in self.named_columns())

    def named_columns(self) -> list[tuple[str, str]]:
        """Return pairs of an argument and a column that it names."""
        found = _named_columns(self.arguments)
        return [(argument, column) for argument, column in found if (self.kind, argument) not in _NO_COLUMNS]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a run will do, in order."""

    study: Study
    steps: tuple[Step, ...]


def plan_study(study: Study) -> Plan:
    """Bind every analysis of a study to its function.

    Raises
    ------
    StudyError
        If a kind, a table or an argument is unknown, or an argument is lacking; all are named, with the nearest known.
    """
    faults: list[str] = []
    tables = [*(source.name for source in study.sources), *(step.table for step in study.derivations)]
    faults += [
        f"[[derive]] {step.table!r} is from an unknown table {step.source!r}{nearest(step.source, tables)}"
        for step in study.derivations
        if step.source not in tables
    ]
    times = measured_at(study)
    steps = [_step(study, analysis, tables, times, faults) for analysis in study.analyses]
    _check_hypotheses(study, faults)
    if faults:
        raise StudyError("\n".join(f"{study.path.name}: {fault}" for fault in faults))
    return Plan(study=study, steps=tuple(step for step in steps if step))


def _check_hypotheses(study: Study, faults: list[str]) -> None:
    """Find analyses that a family of hypotheses names and the study does not have."""
    names = [analysis.name for analysis in study.analyses]
    for analysis in study.analyses:
        hypotheses = analysis.arguments.get("hypotheses")
        for entry in hypotheses if isinstance(hypotheses, list) else []:
            name = entry.get("analysis") if isinstance(entry, Mapping) else entry
            if name not in names:
                faults.append(
                    f"[[analysis]] {analysis.name!r} hypotheses name an unknown analysis {name!r}"
                    f"{nearest(str(name), names)}"
                )


def kinds() -> dict[str, str]:
    """Return every kind of analysis that a study file may name, and the module it lives in."""
    return {**ANALYSES, "predictive_values_from_counts": "predictive_values"}


def _step(
    study: Study, analysis: Analysis, tables: list[str], times: Mapping[str, Times], faults: list[str]
) -> Step | None:
    place = f"[[analysis]] {analysis.name!r}"
    known = kinds()
    if analysis.kind not in known:
        hint = nearest(analysis.kind, list(known)) or f"; there are {', '.join(known)}"
        faults.append(f"{place} is of an unknown kind {analysis.kind!r}{hint}")
        return None
    function = getattr(import_module(f"biomarker.analyses.{known[analysis.kind]}"), analysis.kind)
    parameters = inspect.signature(function).parameters
    takes = _takes(parameters)
    found = len(faults)
    _check_table(analysis, takes, tables, place, faults)
    arguments = _arguments(study, analysis, parameters, place, faults)
    if len(faults) > found:
        return None
    if "measured_at" in parameters:
        arguments = _with_times(arguments, times.get(analysis.table or "", {}))
    return Step(
        name=analysis.name,
        kind=analysis.kind,
        title=analysis.title,
        table=analysis.table,
        where=analysis.where,
        arguments=MappingProxyType(arguments),
        seed=(study.seed, crc32(analysis.name.encode())),
        function=function,
        takes=takes,
    )


def _with_times(arguments: dict[str, Any], times: Times) -> dict[str, Any]:
    """Return the arguments with what the study declares of when the columns among them were known."""
    used = {column for _, column in _named_columns(arguments)}
    declared = {column: when for column, when in times.items() if column in used}
    if not declared:
        return arguments
    return {**arguments, "measured_at": {**declared, **arguments.get("measured_at", {})}}


def _named_columns(arguments: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return pairs of an argument and a column that it names."""
    return [
        (argument, column)
        for argument, value in arguments.items()
        if argument in _COLUMN_ARGUMENTS and isinstance(value, str | list)
        for column in ([value] if isinstance(value, str) else value)
        if isinstance(column, str)
    ]


def _takes(parameters: Mapping[str, inspect.Parameter]) -> str:
    """Return what a function is first given: "table", "results" or "nothing"."""
    first = next((p for p in parameters.values() if p.kind is not inspect.Parameter.KEYWORD_ONLY), None)
    if first is None:
        return "nothing"
    return "results" if first.name == "results" else "table"


def _check_table(analysis: Analysis, takes: str, tables: list[str], place: str, faults: list[str]) -> None:
    if takes != "table":
        if analysis.table is not None or analysis.where:
            source = "numbers in the study file" if takes == "nothing" else "the results of other analyses"
            faults.append(f"{place} is computed from {source}; leave out table and where")
    elif analysis.table is None:
        faults.append(
            f"{place} names no table; write table = one of {', '.join(tables) or 'none: there is no [data.NAME]'}"
        )
    elif analysis.table not in tables:
        faults.append(
            f"{place} names an unknown table {analysis.table!r}{nearest(analysis.table, tables)}; there are "
            f"{', '.join(tables) or 'none'}"
        )


def _is_text(value: object, key: str) -> bool:
    return isinstance(value, str) or (key == "patient" and value is False)


def _arguments(
    study: Study, analysis: Analysis, parameters: Mapping[str, inspect.Parameter], place: str, faults: list[str]
) -> dict[str, Any]:
    """Return the arguments given, and of the study's own settings those that the function takes."""
    keywords = {name: p for name, p in parameters.items() if p.kind is inspect.Parameter.KEYWORD_ONLY}
    given = dict(analysis.arguments)
    for key in [key for key in given if key not in keywords or key == "rng"]:
        hint = " (the study's seed serves every analysis)" if key == "rng" else nearest(key, list(keywords))
        known = ", ".join(name for name in keywords if name != "rng")
        faults.append(f"{place} has an unknown key {key!r}{hint}; {analysis.kind} knows {known}")
    lacking = [name for name, p in keywords.items() if p.default is inspect.Parameter.empty and name not in given]
    if lacking:
        faults.append(f"{place} lacks {', '.join(lacking)}, which {analysis.kind} needs")
    faults += [
        f"{place} {key} = {value!r}: give true or false"
        for key, value in given.items()
        if key in keywords and keywords[key].annotation == "bool" and not isinstance(value, bool)
    ]
    faults += [
        f"{place} {key} = {value!r}: give text"
        for key, value in given.items()
        if key in keywords and keywords[key].annotation in ("str", "str | None") and not _is_text(value, key)
    ]
    if given.get("patient") is False:  # TOML has no null: `patient = false` says that rows are independent
        given["patient"] = None
    defaults = {"confidence_level": study.confidence_level, "n_resamples": study.n_resamples}
    return {key: value for key, value in defaults.items() if key in keywords and value is not None} | given
