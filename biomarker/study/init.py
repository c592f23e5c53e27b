"""A first study file from the tables themselves, written for a person to check and change."""

from __future__ import annotations

import inspect
import json
import os
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from biomarker.data.guess import Guess, guess_tables
from biomarker.data.intake import TableSource
from biomarker.data.schemas import load_schema, split_timed
from biomarker.errors import BiomarkerError, StudyError
from biomarker.study.load import load_study
from biomarker.study.plan import plan_study
from biomarker.study.prepare import prepare_study
from biomarker.study.run import run_plan

_TABLE_NAMES = {
    "patient": "patients",
    "lesion": "lesions",
    "uptake": "uptake",
    "reading": "readings",
    "measurement": "measurements",
    "organ": "organ_doses",
    "blood": "blood",
}
_MARKERS = ("suvmax", "suvpeak", "suvmean", "sulmax", "sulpeak", "sulmean", "tumor_to_normal_ratio", "suv")
_DESCRIBED = ("age_years", "sex", "tumor_type", "stage", "ecog", "therapy", "arm", "protein_dose_mg", "response")
_TISSUES = ("tissue", "lesion_site", "lesion_type")
_RESPONDED = ("CR", "PR")
_WRITTEN = (
    *("format", "part", "sheet", "delimiter", "encoding", "decimal", "thousands", "dates", "comment", "coded"),
    *("skip_rows", "header_rows", "totals", "blocks", "fill_down"),
)
_DEFAULTS = {one.name: one.default for one in fields(TableSource)}
_ENDPOINT = re.compile(r"(?P<stem>.+)_(?:months|event)")
_MOST_ARMS = 6
_TRIAL_RESAMPLES = 20  # enough to see that an analysis can be done
_BEST_HOUR = 24.0


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One block of the study file: its heading, its keys, and what to check about it."""

    heading: str
    keys: Mapping[str, Any]
    remarks: tuple[str, ...] = ()

    def text(self) -> str:
        """Write the block as TOML."""
        # a header may hold a line end, and a comment must not
        lines = ["# " + "".join(filter(str.isprintable, " ".join(remark.split()))) for remark in self.remarks]
        lines += [self.heading, *(f"{_key(key)} = {_value(value)}" for key, value in self.keys.items())]
        return "\n".join(lines)


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
    found.sort(key=lambda guess: -len(set(_DESCRIBED) & set(guess.frame)) if guess.source.schema == "patient" else 0)
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
    derived, columns = _derivations(tables)
    entries += derived
    analyses, said = _bound(entries, list(_analyses(tables, columns)), Path(folder))
    entries = [replace(entries[0], remarks=(*entries[0].remarks, *said)), *entries[1:], *analyses]
    if not any(entry.heading == "[[analysis]]" for entry in entries):
        raise StudyError(
            f"{', '.join(map(str, files))}: no analysis could be drafted; patient_id with a column of the patient "
            f"({', '.join(_DESCRIBED[:3])}) or of uptake ({', '.join(_MARKERS[:3])}) would allow one"
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
    return Entry(heading=f"[data.{_key(name)}]", keys=keys, remarks=guess.remarks)


def _derivations(tables: Mapping[str, Guess]) -> tuple[list[Entry], dict[str, list[str]]]:
    """Return the derivations worth a start, and the columns each table has after them."""
    columns = {name: [str(column) for column in guess.frame.columns] for name, guess in tables.items()}
    entries = list(_joins(tables, columns))
    marker = _marker(columns.get("lesions", []))
    if marker is None:
        return entries, columns
    name = f"highest_{marker}"
    keys = {"table": "patients", "from": "lesions", "how": "max", "marker": marker, "name": name}
    remark = "Max is one of many rules from lesions to patients; fix the rule before looking at results."
    entries.append(Entry(heading="[[derive]]", keys=keys, remarks=(remark,)))
    if "patients" not in columns:
        carried = [column for column in _DESCRIBED if column in columns["lesions"]]
        columns["patients"] = ["patient_id", *carried]
    columns["patients"].append(name)
    stem = split_timed(marker)
    if stem and "uptake" not in columns:
        long = {"table": "uptake", "from": "lesions", "how": "long", "markers": [stem[0]]}
        entries.append(Entry(heading="[[derive]]", keys=long))
        left = [column for column in columns["lesions"] if (split_timed(column) or ("",))[0] != stem[0]]
        columns["uptake"] = [*left, stem[0], "hours_post_injection"]
    return entries, columns


def _joins(tables: Mapping[str, Guess], columns: dict[str, list[str]]) -> Iterator[Entry]:
    """Carry what other tables of one row a patient know over to the patients."""
    for name, guess in tables.items():
        if guess.source.schema != "patient" or name == "patients" or "patients" not in tables:
            continue
        known = load_schema("patient").owns
        new = [
            one for one in columns[name] if one not in columns["patients"] and (known(one) or _ENDPOINT.fullmatch(one))
        ]
        if new:
            columns["patients"] += new
            keys = {"table": "patients", "from": name, "how": "join", "columns": new}
            yield Entry(heading="[[derive]]", keys=keys)


def _marker(columns: Sequence[str]) -> str | None:
    """Return the uptake to look at first: SUVmax before the others, the time nearest to 24 h."""
    for stem in _MARKERS:
        if stem in columns:
            return stem
        timed = [(column, found[1]) for column in columns if (found := split_timed(column)) and found[0] == stem]
        if timed:
            return min(timed, key=lambda column: abs(column[1] - _BEST_HOUR))[0]
    return None


def _analyses(tables: Mapping[str, Guess], columns: Mapping[str, Sequence[str]]) -> Iterator[Entry]:
    patients, uptake = columns.get("patients", []), columns.get("uptake", [])
    variables = [name for name in _DESCRIBED if name in patients]
    variables += [name for name in patients if name.startswith("highest_")]
    if variables:
        yield _analysis("patients", "characteristics", "patients", {"variables": variables})
    marker, tissue = _marker(uptake), next((name for name in _TISSUES if name in uptake), None)
    if marker and tissue:
        keys = {"marker": marker, "time": "hours_post_injection", "tissue": tissue}
        yield _analysis("uptake-over-time", "uptake_over_time", "uptake", keys)
    if "detected" in columns.get("lesions", []):
        yield _analysis("detection", "detection_rate", "lesions", {"detected": "detected"})
    yield from _of_response(tables, columns)
    reading = _marker(columns.get("readings", []))
    if reading:
        yield _analysis("reader-agreement", "intraclass_correlation", "readings", {"value": reading})
    yield from _of_survival(tables, patients)


def _of_survival(tables: Mapping[str, Guess], patients: Sequence[str]) -> Iterator[Entry]:
    """Draft curves of each endpoint, by arm where there are arms, and the hazard ratio between them."""
    stems = [match["stem"] for name in patients if name.endswith("_event") and (match := _ENDPOINT.fullmatch(name))]
    arms = _arms(tables)
    for stem in stems:
        if f"{stem}_months" not in patients:
            continue
        keys: dict[str, Any] = {"duration": f"{stem}_months", "event": f"{stem}_event"}
        name = re.sub(r"\W+", "-", stem)
        if len(arms) > 1:
            said = f"Arms are {', '.join(arms)}."
            yield _analysis(f"{name}-by-arm", "survival_curves", "patients", {**keys, "group": "arm"}, (said,))
            yield _analysis(f"{name}-hazard", "hazard_model", "patients", {**keys, "predictors": ["arm"]})
        else:
            yield _analysis(f"{name}-curve", "survival_curves", "patients", keys)
        marker = next((one for one in patients if one.startswith("highest_")), None)
        if marker:
            said = (
                "A hazard ratio in one population shows association with outcome, not prediction of a therapy's effect."
            )
            yield _analysis(f"{name}-uptake", "hazard_model", "patients", {**keys, "predictors": [marker]}, (said,))


def _arms(tables: Mapping[str, Guess]) -> list[str]:
    holder = next(
        (guess for guess in tables.values() if guess.source.schema == "patient" and "arm" in guess.frame), None
    )
    words = sorted(holder.words("arm")) if holder else []
    return words if 1 < len(words) <= _MOST_ARMS else []


def _of_response(tables: Mapping[str, Guess], columns: Mapping[str, Sequence[str]]) -> Iterator[Entry]:
    """Draft the question the package is for, where a response and an uptake stand in one table."""
    marker = next((name for name in columns.get("patients", []) if name.startswith("highest_")), None)
    holders = [name for name in ("patients", "lesions") if name in tables and "response" in tables[name].frame]
    if marker is None or not holders or "response" not in columns["patients"]:
        return
    words = tables[holders[0]].words("response")
    positive = [word for word in _RESPONDED if word in words]
    others = [word for word in words if word not in positive]
    keys: dict[str, Any] = {"reference_standard": "response", "marker": marker}
    if positive and others:
        keys["positive"] = positive
        said = f"Responders are {' and '.join(positive)}; the others are {', '.join(others)}. Is that the study's rule?"
    elif set(words) == {"0", "1"}:
        said = "Response 1 is taken for a responder."
    else:
        return
    yield _analysis("response-roc", "roc_curve", "patients", keys, (said,))
    origin = "The cutoff comes from these data, so the report gives its optimism; evaluate_cutoff is for a fixed one."
    yield _analysis("response-cutoff", "suv_cutoff", "patients", keys, (origin,))


def _analysis(name: str, kind: str, table: str, keys: Mapping[str, Any], remarks: tuple[str, ...] = ()) -> Entry:
    return Entry(heading="[[analysis]]", keys={"name": name, "kind": kind, "table": table, **keys}, remarks=remarks)


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


def _key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else json.dumps(key, ensure_ascii=False)


def _value(value: Any) -> str:  # noqa: ANN401 (text, numbers, lists and tables of them)
    """Write a value as TOML; its text is JSON's, but for the delete character."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(key)} = {_value(item)}" for key, item in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
