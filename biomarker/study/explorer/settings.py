"""What the explorer shows: the ``[explorer]`` of a study file, or what its first analysis of a cutoff implies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from biomarker.errors import StudyError, nearest

if TYPE_CHECKING:
    from biomarker.data.table import DataTable
    from biomarker.study.load import Study
    from biomarker.study.plan import Plan, Step

Options = Mapping[str, Any]
PATIENT = "patient_id"
_KINDS = ("evaluate_cutoff", "suv_cutoff", "roc_curve")
_TYPES: dict[str, tuple[tuple[type, ...], str]] = {
    "table": ((str,), "the name of a table"),
    "where": ((dict,), "a table of conditions"),
    "markers": ((list, str), "a list of columns"),
    "reference_standard": ((str,), "a column"),
    "positive": ((str, int, float, bool, list), "a value or a list of values"),
    "higher_is_positive": ((bool,), "true or false"),
    "patient": ((str, bool), "a column, or false where rows are independent"),
    "cutoff": ((int, float, list), "a number or a list of numbers, in the unit of the first marker"),
    "rules": ((list,), 'a list of rules, such as ["max", "mean"]'),
    "time": ((str,), "a column"),
    "times": ((list,), "a list of values of the column `time`"),
    "patients": ((str,), "the name of a table with one row a patient"),
    "patient_reference_standard": ((str,), "a column"),
    "patient_positive": ((str, int, float, bool, list), "a value or a list of values"),
    "duration": ((str,), "a column"),
    "event": ((str,), "a column"),
    "event_values": ((str, int, float, bool, list), "a value or a list of values"),
    "repeatability": ((int, float, dict, str), "a within-lesion CV, a table as in evaluate_cutoff, or an analysis"),
    "change_probability": ((int, float), "a fraction between 0 and 0.5"),
    "interval": ((str,), "the name of an interval"),
    "show_ids": ((bool,), "true or false"),
}
KEYS = tuple(_TYPES)
_NEEDED = ("table", "markers", "reference_standard")


@dataclass(frozen=True, kw_only=True)
class ExplorerSettings:
    """What the explorer shows; columns by name, tables by their names in the study.

    Attributes
    ----------
    cutoffs : tuple of float
        Prespecified, of the first marker, by row of `table`, at the first of `times`.
    repeatability : Any
        Error of the first marker: as in `evaluate_cutoff`, or the name of a repeatability analysis.
    rules : tuple
        Rules from lesions to patients, as in `aggregation_sensitivity`.
    derived_from : str
        The analysis from which all this follows; empty where the study file has an ``[explorer]``.
    """

    table: str
    markers: tuple[str, ...]
    reference_standard: str
    positive: Any = None
    higher_is_positive: bool = True
    where: Options = field(default_factory=dict)
    patient: str | None = PATIENT
    cutoffs: tuple[float, ...] = ()
    rules: tuple[Any, ...] = ("max", "mean")
    time: str | None = None
    times: tuple[Any, ...] = ()
    patients: str | None = None
    patient_reference_standard: str | None = None
    patient_positive: Any = None
    duration: str | None = None
    event: str | None = None
    event_values: Any = None
    repeatability: Any = None
    change_probability: float = 0.05
    interval: str = "wilson"
    show_ids: bool = False
    confidence_level: float = 0.95
    derived_from: str = ""


def explorer_faults(entry: Options) -> list[str]:
    """Return what is wrong with the form of an ``[explorer]``, in words."""
    faults = [
        f"[explorer] has an unknown key {key!r}{nearest(key, KEYS)}; known are {', '.join(KEYS)}"
        for key in entry
        if key not in KEYS
    ]
    for key, (kinds, wanted) in _TYPES.items():
        value = entry.get(key)
        if key in entry and (not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds)):
            faults.append(f"[explorer] {key} = {value!r}: give {wanted}")
    lacking = [key for key in _NEEDED if key not in entry]
    if lacking:
        faults.append(f"[explorer] lacks {', '.join(lacking)}")
    for one, other in (("duration", "event"), ("event", "duration"), ("times", "time")):
        if one in entry and other not in entry:
            faults.append(f"[explorer] has {one} and no {other}")
    if any(isinstance(value, bool) or not isinstance(value, int | float) for value in _listed(entry.get("cutoff"))):
        faults.append(f"[explorer] cutoff = {entry['cutoff']!r}: give {_TYPES['cutoff'][1]}")
    if not all(isinstance(name, str) for name in _listed(entry.get("markers"))) or entry.get("markers") == []:
        faults.append(f"[explorer] markers = {entry['markers']!r}: give {_TYPES['markers'][1]}")
    return faults


def explorer_settings(study: Study, steps: Sequence[Step]) -> ExplorerSettings | None:
    """Return what the study's explorer shows, or None where the study asks for none and nothing implies one."""
    given, level = study.explorer, study.confidence_level
    if given is not None:
        return _given(given, level)
    first = next((step for step in steps if step.kind in _KINDS), None)
    return None if first is None else _implied(first, steps, level)


def _given(entry: Options, confidence_level: float) -> ExplorerSettings:
    plain = {key: entry[key] for key in KEYS if key in entry and key not in ("cutoff", "markers", "patient", *_LISTS)}
    lists: dict[str, Any] = {key: tuple(entry[key]) for key in _LISTS if key in entry}
    patient = entry.get("patient", PATIENT)
    return ExplorerSettings(
        **plain,
        **lists,
        markers=tuple(_listed(entry["markers"])),
        cutoffs=tuple(float(value) for value in _listed(entry.get("cutoff"))),
        patient=None if patient is False else patient,
        confidence_level=confidence_level,
    )


_LISTS = ("rules", "times")


def _implied(first: Step, steps: Sequence[Step], confidence_level: float) -> ExplorerSettings:
    """Return the explorer of an analysis, with cutoffs and measurement error from others of the same question."""
    same = [step for step in steps if step.kind in _KINDS and _question(step) == _question(first)]
    judged = [step.arguments for step in same if step.kind == "evaluate_cutoff"]
    cutoffs = {
        float(cutoff)
        for given in judged
        if given.get("is_prespecified", True)
        for cutoff in _listed(given.get("cutoffs"))
        if isinstance(cutoff, int | float)
    }
    error = next((given["repeatability"] for given in judged if given.get("repeatability") is not None), None)
    asked = first.arguments
    return ExplorerSettings(
        table=str(first.table),
        where=first.where,
        markers=(str(asked["marker"]),),
        reference_standard=str(asked["reference_standard"]),
        positive=asked.get("positive"),
        higher_is_positive=bool(asked.get("higher_is_positive", True)),
        patient=asked.get("patient", PATIENT),
        cutoffs=tuple(sorted(cutoffs)),
        repeatability=error,
        confidence_level=asked.get("confidence_level", confidence_level),
        derived_from=first.name,
    )


def _question(step: Step) -> tuple[Any, ...]:
    asked = step.arguments
    keys = ("marker", "reference_standard", "positive", "higher_is_positive", "patient")
    return step.table, dict(step.where), [asked.get(key) for key in keys]


def answers(settings: ExplorerSettings, step: Step) -> bool:
    """Whether an analysis is of the first marker and the rows that the explorer shows."""
    asked = step.arguments
    return (
        step.table == settings.table
        and dict(step.where) == dict(settings.where)
        and asked.get("marker") == settings.markers[0]
        and asked.get("reference_standard") == settings.reference_standard
        and asked.get("positive") == settings.positive
        and bool(asked.get("higher_is_positive", True)) is settings.higher_is_positive
    )


def check_explorer(settings: ExplorerSettings, plan: Plan, tables: Mapping[str, DataTable]) -> None:
    """Raise a `StudyError` that names every table, column and analysis the explorer asks for and the study lacks."""
    faults: list[str] = []
    columns = {settings.table: [*settings.markers, settings.reference_standard, settings.time]}
    of_patients = [settings.duration, settings.event, settings.patient_reference_standard]
    columns.setdefault(settings.patients or settings.table, []).extend(of_patients)
    if settings.patients is not None:
        columns[settings.patients].append(settings.patient)
    for name, wanted in columns.items():
        if name not in tables:
            faults.append(
                f"names an unknown table {name!r}{nearest(name, list(tables))}; there are {', '.join(tables)}"
            )
            continue
        known = [str(column) for column in tables[name].frame.columns]
        faults += [
            f"the table {name!r} has no column {column!r}{nearest(column, known)}; it has {', '.join(known)}"
            for column in wanted
            if column is not None and column not in known
        ]
    error = settings.repeatability
    named = {step.name: step.kind for step in plan.steps}
    if isinstance(error, str) and named.get(error) != "repeatability":
        kind = f" is of the kind {named[error]}" if error in named else f" is unknown{nearest(error, list(named))}"
        faults.append(f"repeatability names the analysis {error!r}, which{kind}; name one of the kind repeatability")
    if faults:
        raise StudyError("\n".join(f"{plan.study.path.name}: [explorer] {fault}" for fault in faults))


def _listed(value: Any) -> list[Any]:  # noqa: ANN401 - whatever the study file holds
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]
