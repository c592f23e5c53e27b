"""A first study file from the tables themselves, written for a person to check and change."""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from biomarker.data.guess import Guess, guess_tables
from biomarker.data.schemas import split_timed
from biomarker.errors import StudyError
from biomarker.study.load import load_study
from biomarker.study.plan import plan_study

_TABLE_NAMES = {
    "patient": "patients",
    "lesion": "lesions",
    "uptake": "uptake",
    "reading": "readings",
    "organ": "organ_doses",
    "blood": "blood",
}
_MARKERS = ("suvmax", "suvpeak", "suvmean", "sulmax", "sulpeak", "sulmean", "tumor_to_normal_ratio")
_DESCRIBED = ("age_years", "sex", "tumor_type", "stage", "ecog", "therapy", "arm", "protein_dose_mg", "response")
_TISSUES = ("tissue", "lesion_site", "lesion_type")
_RESPONDED = ("CR", "PR")
_BEST_HOUR = 24.0


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One block of the study file: its heading, its keys, and what to check about it."""

    heading: str
    keys: Mapping[str, Any]
    remarks: tuple[str, ...] = ()

    def text(self) -> str:
        """Write the block as TOML."""
        lines = [f"# {remark}" for remark in self.remarks]
        lines += [self.heading, *(f"{_key(key)} = {_value(value)}" for key, value in self.keys.items())]
        return "\n".join(lines)


def write_first_study(files: Sequence[str | Path], output: str | Path = "study.toml") -> str:
    """Write a first study file from tables, and say what to do next.

    Parameters
    ----------
    files : sequence of path
        CSV, TSV, Excel or Parquet tables.
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
        raise StudyError("name at least one table: a CSV, TSV, Excel or Parquet file")
    tables: dict[str, Guess] = {}
    for file in files:
        for guess in guess_tables(Path(file)):
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
    entries += _bound(entries, list(_analyses(tables, columns)))
    if not any(entry.heading == "[[analysis]]" for entry in entries):
        raise StudyError(
            f"{', '.join(map(str, files))}: no analysis could be drafted; patient_id with a column of the patient "
            f"({', '.join(_DESCRIBED[:3])}) or of uptake ({', '.join(_MARKERS[:3])}) would allow one"
        )
    return "\n\n".join(entry.text() for entry in entries) + "\n"


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
    for key in ("schema", "sheet", "delimiter", "encoding"):
        if getattr(source, key):
            keys[key] = getattr(source, key)
    if source.decimal != ".":
        keys["decimal"] = source.decimal
    for key in ("columns", "units"):
        if getattr(source, key):
            keys[key] = dict(getattr(source, key))
    keys["missing"] = list(source.missing or [])
    return Entry(heading=f"[data.{_key(name)}]", keys=keys, remarks=guess.remarks)


def _derivations(tables: Mapping[str, Guess]) -> tuple[list[Entry], dict[str, list[str]]]:
    """Return the derivations worth a start, and the columns each table has after them."""
    columns = {name: [str(column) for column in guess.frame.columns] for name, guess in tables.items()}
    entries: list[Entry] = []
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
    for outcome in ("pfs", "os"):
        keys = {"duration": f"{outcome}_months", "event": f"{outcome}_event"}
        if set(keys.values()) <= set(patients):
            yield _analysis(f"{outcome}-curve", "survival_curves", "patients", keys)


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


def _bound(entries: Sequence[Entry], drafts: Sequence[Entry]) -> list[Entry]:
    """Keep the drafts that the study file's own loader and planner accept."""
    kept = []
    with tempfile.TemporaryDirectory() as folder:
        trial = Path(folder) / "study.toml"
        for draft in drafts:
            trial.write_text("\n\n".join(entry.text() for entry in [*entries, draft]), encoding="utf-8")
            try:
                plan_study(load_study(trial))
            except StudyError:
                continue
            kept.append(draft)
    return kept


def _key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else json.dumps(key, ensure_ascii=False)


def _value(value: Any) -> str:  # noqa: ANN401 (text, numbers, lists and tables of them)
    """Write a value as TOML; its text is JSON's, but for the delete character."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(key)} = {_value(item)}" for key, item in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
