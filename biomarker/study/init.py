"""A first study file from the tables themselves, written for a person to check and change."""

from __future__ import annotations

import inspect
import os
import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from biomarker.data.guess import Guess, guess_tables
from biomarker.data.intake import TableSource
from biomarker.errors import BiomarkerError, SchemaError, StudyError
from biomarker.study.drafting import DESCRIBED, MARKERS, Entry, analyses, derivations, descriptions, toml_key
from biomarker.study.load import load_study
from biomarker.study.plan import plan_study
from biomarker.study.prepare import prepare_study
from biomarker.study.run import run_plan
from biomarker.study.tables import load_tables

_TABLE_NAMES = {
    "patient": "patients",
    "lesion": "lesions",
    "uptake": "uptake",
    "reading": "readings",
    "measurement": "measurements",
    "organ": "organ_doses",
    "blood": "blood",
}
_WRITTEN = (
    *("format", "part", "sheet", "delimiter", "encoding", "decimal", "thousands", "dates", "comment", "coded"),
    *("skip_rows", "header_rows", "totals", "blocks", "fill_down"),
)
_DEFAULTS = {one.name: one.default for one in fields(TableSource)}
_TRIAL_RESAMPLES = 20  # enough to see that an analysis can be done


def write_first_study(files: Sequence[str | Path], output: str | Path = "study.toml") -> str:
    """Write a first study file from tables, and say what to do next.

    Parameters
    ----------
    files : sequence of path
        Tables in any of the formats that can be read.
    output : path
        The study file to write; it must not be there yet.

    Returns
    -------
    str
        A sentence for the terminal.

    Raises
    ------
    StudyError
        If a file cannot be read, or the study file exists or cannot be written.
    """
    path = Path(output)
    if path.exists():
        raise StudyError(f"{path} is there already; choose another name with --output, or move it away")
    text = draft_study(files, folder=path.parent)
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise StudyError(f"{path} cannot be written ({error.strerror})") from None
    return f"Wrote {path}. Read its comments, change what is wrong, then run: biomarker validate {path}"


def draft_study(files: Sequence[str | Path], *, folder: str | Path = ".") -> str:
    """Return the text of a first study file for these tables; files are named as seen from `folder`."""
    if not files:
        raise StudyError("name at least one table: a CSV, Excel, Parquet, SAS, SPSS, Stata or DICOM SR file")
    tables: dict[str, Guess] = {}
    found = [guess for file in files for guess in guess_tables(Path(file))]
    # the table that says most of the patients is the one that others are joined to
    found.sort(key=lambda guess: -len(set(DESCRIBED) & set(guess.frame)) if guess.source.schema == "patient" else 0)
    for guess in found:
        tables[_table_name(guess, tables)] = guess
    entries = [
        Entry(
            heading="[study]",
            keys={"title": _title(files), "seed": 1, "confidence_level": 0.95},
            remarks=("Drafted from the tables; every line is yours to check.",),
        )
    ]
    entries += [_data_entry(name, guess, Path(folder)) for name, guess in tables.items()]
    derived, columns = derivations(tables)
    kept, told = _derivable(entries, derived, Path(folder))
    entries += kept
    drafts, said = _bound(entries, list(analyses(tables, columns)), Path(folder))
    if not drafts:
        drafts, said = _bound(entries, list(descriptions(tables)), Path(folder))
    entries = [replace(entries[0], remarks=(*entries[0].remarks, *told, *said)), *entries[1:], *drafts]
    if not any(entry.heading == "[[analysis]]" for entry in entries):
        raise StudyError(
            f"{', '.join(map(str, files))}: no analysis could be drafted; patient_id with a column of the patient "
            f"({', '.join(DESCRIBED[:3])}) or of uptake ({', '.join(MARKERS[:3])}) would allow one"
        )
    return _study_text(entries)


def _title(files: Sequence[str | Path]) -> str:
    return f"Study of {', '.join(Path(file).stem for file in files)}"


def _table_name(guess: Guess, taken: Mapping[str, Guess]) -> str:
    """Name a table for what it holds, else for its file or sheet."""
    own = re.sub(r"\W+", "_", guess.source.sheet or guess.source.file.stem).strip("_") or "table"
    name = _TABLE_NAMES.get(guess.source.schema, own)
    names = [name, own, *(f"{own}_{number}" for number in range(2, len(taken) + 3))]
    return next(candidate for candidate in names if candidate not in taken)


def _data_entry(name: str, guess: Guess, folder: Path) -> Entry:
    source = guess.source
    keys: dict[str, Any] = {"file": Path(os.path.relpath(source.file, folder)).as_posix()}
    for key in ("schema", *_WRITTEN):
        value = getattr(source, key)
        if value not in ("", (), None) and value != _DEFAULTS.get(key):
            keys[key] = list(value) if isinstance(value, tuple) else value
    for key in ("columns", "units", "values", "constants"):
        if getattr(source, key):
            keys[key] = dict(getattr(source, key))
    keys["missing"] = list(source.missing or [])
    return Entry(heading=f"[data.{toml_key(name)}]", keys=keys, remarks=guess.remarks)


def _derivable(entries: Sequence[Entry], derived: Sequence[Entry], folder: Path) -> tuple[list[Entry], tuple[str, ...]]:
    """Leave out the derivations that these data do not allow, where the tables alone can be read."""
    kept: list[Entry] = []
    said = []
    entries = [_found_from_anywhere(entry, folder) for entry in entries]
    for entry in derived:
        fault = _fault([*entries, *kept, entry], entry.made, entry.keys["table"]) if entry.made else ""
        if fault:
            said.append(f"Left out: {entry.keys['how']} of {entry.keys['from']}, as {fault}.")
        else:
            kept.append(entry)
    return kept, tuple(said)


def _fault(entries: Sequence[Entry], column: str, table: str) -> str:
    """Return the first line of what is wrong with a derivation, or ``""``; faults of the tables are told elsewhere."""
    keys = {"name": "trial", "kind": "characteristics", "table": table, "variables": [column]}
    with tempfile.TemporaryDirectory() as scratch:
        trial = Path(scratch) / "study.toml"
        trial.write_text(_study_text([*entries, Entry(heading="[[analysis]]", keys=keys)]), encoding="utf-8")
        try:
            load_tables(load_study(trial))
        except SchemaError as error:
            return str(error.problems[0]) if not error.problems[0].file else ""
        except BiomarkerError as error:
            return str(error).partition("\n")[0]
    return ""


def _bound(entries: Sequence[Entry], drafts: Sequence[Entry], folder: Path) -> tuple[list[Entry], tuple[str, ...]]:
    """Keep the drafts that the loader and the planner accept, and, where the tables are sound, that can be done."""
    kept = []
    entries = [_found_from_anywhere(entry, folder) for entry in entries]
    with tempfile.TemporaryDirectory() as scratch:
        trial = Path(scratch) / "study.toml"
        for draft in drafts:
            trial.write_text(_study_text([*entries, draft]), encoding="utf-8")
            try:
                plan_study(load_study(trial))
            except StudyError:
                continue
            kept.append(draft)
        return _doable(entries, kept, trial) if kept else (kept, ())


def _found_from_anywhere(entry: Entry, folder: Path) -> Entry:
    """Return the entry with its file named from the root, for a trial in another folder."""
    if "file" not in entry.keys:
        return entry
    return replace(entry, keys={**entry.keys, "file": (folder / entry.keys["file"]).resolve().as_posix()})


def _doable(entries: Sequence[Entry], drafts: Sequence[Entry], trial: Path) -> tuple[list[Entry], tuple[str, ...]]:
    """Leave out the drafts that these data cannot answer; keep all where the tables have faults to be mended first."""
    trial.write_text(_study_text([*entries, *drafts]), encoding="utf-8")
    try:
        plan, tables = prepare_study(trial)
    except BiomarkerError:
        return list(drafts), ("The tables do not read without faults yet; `biomarker validate` says which to mend.",)
    kept, said = [], []
    for draft, step in zip(drafts, plan.steps, strict=True):
        takes = inspect.signature(step.function).parameters
        few = {"n_resamples": _TRIAL_RESAMPLES} if "n_resamples" in takes else {}
        one = replace(plan, steps=(replace(step, arguments={**step.arguments, **few}),))
        try:
            run_plan(one, tables)
        except BiomarkerError as error:
            reason = str(error).rpartition(f"{step.name!r}: ")[2].partition("\n")[0]
            said.append(f"Left out: {step.kind} of {', '.join(step.columns)}, as {reason}.")
            continue
        kept.append(draft)
    return kept, tuple(said)


def _study_text(entries: Sequence[Entry]) -> str:
    return "\n\n".join(entry.text() for entry in entries) + "\n"
