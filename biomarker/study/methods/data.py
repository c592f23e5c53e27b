"""What was done to the data before any analysis, and on what: tables, derived columns, units, cutoffs, landmarks."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from biomarker.study.methods.text import Paragraph
from biomarker.tables.style import listed
from biomarker.vocabulary import column_label, lower_label

if TYPE_CHECKING:
    from biomarker.analyses.result import Population
    from biomarker.data.table import DataTable
    from biomarker.study.load import Study
    from biomarker.study.run import Outcome

_INDEPENDENT = "treated as independent"
_CHOSEN = ("suv_cutoff", "survival_cutoff")


def data_paragraphs(
    study: Study, tables: Mapping[str, DataTable], outcomes: Sequence[Outcome]
) -> tuple[Paragraph, ...]:
    """Return the paragraphs that come before the methods of each analysis.

    Parameters
    ----------
    study : Study
    tables : mapping of str to DataTable
        Read and derived; what was done to each stands in its notes.
    outcomes : sequence of Outcome
    """
    told = [
        ("Data", _read(tables)),
        *(("Data", text) for text in _changed(tables)),
        ("Data", _hidden(study)),
        ("Units of analysis", _units(outcomes)),
        ("Cutoffs", _cutoffs(study, outcomes)),
        ("Time", _times(study, outcomes)),
    ]
    paragraphs, before = [], ""
    for heading, text in told:
        if text:
            paragraphs.append(Paragraph(heading="" if heading == before else heading, text=text))
            before = heading
    return tuple(paragraphs)


def in_labels(text: str, names: Iterable[str]) -> str:
    """Return a text with the names of columns that stand in it as whole words printed as their labels.

    Examples
    --------
    >>> in_labels("per patient, highest suvmax; 395 lesions", ["suvmax", "size_mm"])
    'per patient, highest SUVmax; 395 lesions'
    """
    known = sorted({name for name in names if name}, key=len, reverse=True)
    if not known:
        return text
    one = re.compile(rf"(?<![\w“])(?:{'|'.join(map(re.escape, known))})(?![\w”])")
    return one.sub(lambda found: lower_label(found[0]), text)


def _read(tables: Mapping[str, DataTable]) -> str:
    read = [table for table in tables.values() if table.source]
    if not read:
        return ""
    named = [f"{table.name} ({len(table.frame):,} rows of {Path(table.source).name})" for table in read]
    checked = [table.name for table in read if table.schema_name]
    text = f"{'One table was' if len(read) == 1 else f'{len(read)} tables were'} read: {listed(named)}."
    if checked:
        every = "each" if len(checked) == len(read) and len(read) > 1 else listed(checked)
        text += f" Types, units and ranges of {every} were checked against a schema."
    return text


def _changed(tables: Mapping[str, DataTable]) -> list[str]:
    """Tell the notes of each table, a paragraph each: what was done to them on their way in, then what was derived."""
    names = {str(column) for table in tables.values() for column in table.frame.columns if _is_name(str(column))}
    read, made = [], []
    for table in tables.values():
        known = {table.name, *map(str, table.frame.columns)}
        derived = [in_labels(text, names) for text in (_derived(note, known) for note in table.notes) if text]
        made += [f"Derived columns of {table.name}. {' '.join(derived)}"] if derived else []
        others = [in_labels(note, names) for note in table.notes if not _derived(note, known)]
        file = Path(table.source).name if table.source else ""
        named = bool(others) and bool(file) and all(note.startswith(f"{file}: ") for note in others)
        read += [" ".join(others) if named else f"{table.name.capitalize()}: {' '.join(others)}"] if others else []
    return [*read, *made]


def _derived(note: str, known: Collection[str]) -> str:
    """Return a note on derived columns with their labels; nothing where it is on something else."""
    columns, _, how = note.rstrip(". ").partition(": ")
    if not how or any(name not in known for name in columns.split(", ")):
        return ""
    return f"{listed([column_label(name) for name in columns.split(', ')])}: {how}."


def _is_name(column: str) -> bool:
    """Whether a column has a name that no ordinary word could be."""
    return "_" in column or column.startswith(("suv", "sul"))


def _hidden(study: Study) -> str:
    if study.privacy is None:
        return ""
    columns = [lower_label(str(name)) for name in study.privacy.get("pseudonymise", ())]
    return f"Before anything else, {listed(columns)} was replaced by keyed hashes (pseudonymised)."


def _units(outcomes: Sequence[Outcome]) -> str:
    """Tell what a row was in each analysis, and where rows were not taken as nested in patients."""
    units: dict[str, list[str]] = {}
    for outcome in outcomes:
        if outcome.step.table is not None:
            units.setdefault(outcome.result.population.unit, []).append(outcome.step.name)
    if not units:
        return ""
    text = f"Units of analysis were {'; '.join(f'{unit}s in {_quoted(names)}' for unit, names in units.items())}."
    if any(_has_several(outcome.result.population) for outcome in outcomes):
        text += " Where patients had several rows, these were taken as nested in patients."
    independent = [one.step.name for one in outcomes if any(_INDEPENDENT in note for note in one.result.method.notes)]
    if independent:
        text += f" Rows were taken as independent of one another in {_quoted(independent)}."
    return text


def _has_several(population: Population) -> bool:
    return population.patients_used is not None and population.patients_used < population.rows_used


def _cutoffs(study: Study, outcomes: Sequence[Outcome]) -> str:
    """Tell which cutoffs were given in the study file, and which were found on these data."""
    given = [*_given(outcomes), *_classes(study, from_data=False)]
    chosen = [*_chosen(outcomes), *_classes(study, from_data=True)]
    parts = []
    if given:
        parts.append(f"Given in the study file, and not derived from these data by this analysis: {'; '.join(given)}.")
    if chosen:
        parts.append(f"Derived from these data: {'; '.join(chosen)}.")
    return " ".join(parts)


def _given(outcomes: Sequence[Outcome]) -> Iterator[str]:
    found: dict[str, list[str]] = {}
    for outcome in outcomes:
        arguments = outcome.step.arguments
        if outcome.step.kind in _CHOSEN:
            continue
        marker = arguments.get("marker")
        cuts = arguments.get("cutoff", arguments.get("cutoffs"))
        if cuts is None:
            continue
        sign = "≤" if arguments.get("higher_is_positive") is False else "≥"
        pairs = cuts.items() if isinstance(cuts, Mapping) else [(marker, cuts)]
        for name, value in pairs:
            many = value if isinstance(value, list | tuple) else [value]
            label = column_label(str(name)) if isinstance(name, str) else "risk"
            text = f"{label} {sign} {listed([_number(one) for one in many])}"
            found.setdefault(text, []).append(outcome.step.name)
    for text, names in found.items():
        yield f"{text} ({_quoted(names)})"


def _chosen(outcomes: Sequence[Outcome]) -> Iterator[str]:
    for outcome in outcomes:
        if outcome.step.kind in _CHOSEN:
            marker = column_label(str(outcome.step.arguments.get("marker")))
            cuts = [_number(line.value) for line in outcome.result.estimates if line.quantity == "cutoff"]
            yield f"{marker} {listed(cuts)} (“{outcome.step.name}”)"


def _classes(study: Study, *, from_data: bool) -> Iterator[str]:
    """Give the classes of a marker that were derived, at cutoffs that were given or found."""
    for step in study.derivations:
        cuts = step.options.get("cutoffs")
        if step.options.get("how") != "class" or isinstance(cuts, str) != from_data:
            continue
        at = f"its {cuts}" if isinstance(cuts, str) else listed([_number(cut) for cut in cuts or ()])
        marker = column_label(str(step.options.get("marker")))
        yield f"classes of {marker[0].lower() + marker[1:] if marker[1:2].islower() else marker} at {at}"


def _times(study: Study, outcomes: Sequence[Outcome]) -> str:
    """Tell landmarks, entries, and when columns were known that were not at the start."""
    parts = []
    for outcome in outcomes:
        landmark, entry = (outcome.step.arguments.get(key) for key in ("landmark", "entry"))
        if landmark is not None:
            parts.append(
                f"In “{outcome.step.name}” time was counted from a landmark at {_number(landmark)}; whoever had the "
                "event or was censored before it is not counted."
            )
        if entry is not None:
            parts.append(f"In “{outcome.step.name}” patients came under observation at {lower_label(str(entry))}.")
    known = [
        f"{lower_label(column)} {'at ' + _number(when) if not isinstance(when, str) else 'at ' + lower_label(when)}"
        for source in study.sources
        for column, when in source.measured_at.items()
    ]
    if known:
        parts.append(f"Known only after the start were {listed(known)}.")
    return " ".join(parts)


def _number(value: Any) -> str:  # noqa: ANN401 - as a study file has it
    return f"{value:.6g}" if isinstance(value, int | float) and not isinstance(value, bool) else str(value)


def _quoted(names: Sequence[str]) -> str:
    return listed([f"“{name}”" for name in names])
