"""study.toml to a frozen `Study`: every key known, every type right, nothing computed."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from biomarker.errors import StudyError, nearest
from biomarker.study.checklists.filled import checklist_faults
from biomarker.study.explorer.settings import explorer_faults
from biomarker.study.privacy import privacy_faults

Options = Mapping[str, Any]

_TOP_KEYS = ("study", "data", "derive", "analysis", "explorer", "privacy", "labels", "checklists")
_STUDY_KEYS = {
    "title": str,
    "tracer": str,
    "description": str,
    "banner": str,
    "source": str,
    "seed": int,
    "confidence_level": float,
    "n_resamples": int,
    "style": str,
    "template": str,
}
_SOURCE_KEYS = {
    "file": str,
    "schema": str,
    "columns": dict,
    "missing": list,
    "units": dict,
    "delimiter": str,
    "decimal": str,
    "encoding": str,
    "sheet": str,
    "comment": str,
    "header_rows": int,
    "skip_rows": int,
    "totals": list,
    "thousands": str,
    "dates": str,
    "coded": str,
    "format": str,
    "part": str,
    "blocks": str,
    "fill_down": list,
    "values": dict,
    "constants": dict,
    "measured_at": dict,
}
_KIND_NAMES = {str: "text", int: "a whole number", float: "a number", dict: "a table", list: "a list"}


@dataclass(frozen=True, kw_only=True)
class Source:
    """One ``[data.NAME]``: a file, how to read it, and when its columns were known, for those known only later."""

    name: str
    file: str
    schema: str | None = None
    options: Options = field(default_factory=dict)
    measured_at: Mapping[str, float | str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Derivation:
    """One ``[[derive]]``: which table it makes or extends, from which, and how."""

    table: str
    source: str
    options: Options


@dataclass(frozen=True, kw_only=True)
class Analysis:
    """One ``[[analysis]]``: a public function of that `kind` and its keyword arguments."""

    name: str
    kind: str
    table: str | None
    title: str
    where: Options
    arguments: Options


@dataclass(frozen=True, kw_only=True)
class Study:
    """A study file, read and checked for form."""

    path: Path
    title: str
    tracer: str = ""
    description: str = ""
    banner: str = ""
    source: str = ""
    seed: int = 0
    confidence_level: float = 0.95
    n_resamples: int | None = None
    style: str = "plain"
    template: str = ""
    sources: tuple[Source, ...] = ()
    derivations: tuple[Derivation, ...] = ()
    analyses: tuple[Analysis, ...] = ()
    explorer: Options | None = None
    privacy: Options | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    checklists: Options = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        """Where the study file lies: the files it names are found from here."""
        return self.path.parent


def load_study(path: str | Path) -> Study:
    """Read a study file.

    Raises
    ------
    StudyError
        If it is missing, is not TOML, or holds unknown keys or values of the wrong type; all of them are named.
    """
    path = Path(path)
    path = path / "study.toml" if path.is_dir() else path
    content = _parse(path)
    faults: list[str] = []
    _check_keys(content, _TOP_KEYS, "the study file", faults)
    head = _section(content, "study", faults)
    _check_typed(head, _STUDY_KEYS, "[study]", faults)
    _check_head(head, faults)
    sources = [_source(name, entry, faults) for name, entry in _section(content, "data", faults).items()]
    derivations = [_derivation(i, entry, faults) for i, entry in enumerate(_entries(content, "derive", faults), 1)]
    analyses = [_analysis(i, entry, faults) for i, entry in enumerate(_entries(content, "analysis", faults), 1)]
    _check_analyses(analyses, faults)
    explorer = _section(content, "explorer", faults) if "explorer" in content else None
    faults += explorer_faults(explorer) if explorer is not None else []
    privacy = _section(content, "privacy", faults) if "privacy" in content else None
    faults += privacy_faults(privacy) if privacy is not None else []
    checklists = _section(content, "checklists", faults)
    faults += checklist_faults(checklists)
    labels = _section(content, "labels", faults)
    faults += [f"[labels] {name} = {text!r}: give text" for name, text in labels.items() if not isinstance(text, str)]
    if faults:
        raise StudyError("\n".join(f"{path.name}: {fault}" for fault in faults))
    return Study(
        path=path,
        **{key: head[key] for key in _STUDY_KEYS if key in head},
        sources=tuple(source for source in sources if source),
        derivations=tuple(step for step in derivations if step),
        analyses=tuple(analysis for analysis in analyses if analysis),
        explorer=None if explorer is None else MappingProxyType(explorer),
        privacy=None if privacy is None else MappingProxyType(privacy),
        labels=MappingProxyType(labels),
        checklists=MappingProxyType(checklists),
    )


def _parse(path: Path) -> dict[str, Any]:
    if not path.is_file():
        others = sorted(other.name for other in path.parent.glob("*.toml")) if path.parent.is_dir() else []
        raise StudyError(f"there is no study file {path}{nearest(path.name, others)}")
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise StudyError(f"{path.name}: is not UTF-8 at byte {error.start}; save it as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise StudyError(f"{path.name}: is not valid TOML: {error}") from None


def _check_keys(entry: Mapping[str, Any], known: Sequence[str], place: str, faults: list[str]) -> None:
    faults += [
        f"{place} has an unknown key {key!r}{nearest(key, known)}; known are {', '.join(known)}"
        for key in entry
        if key not in known
    ]


def _check_typed(entry: Mapping[str, Any], kinds: Mapping[str, type], place: str, faults: list[str]) -> None:
    _check_keys(entry, tuple(kinds), place, faults)
    for key, kind in kinds.items():
        if key in entry and not _is_of(entry[key], kind):
            faults.append(f"{place} {key} = {entry[key]!r}: give {_KIND_NAMES[kind]}")


def _is_of(value: object, kind: type) -> bool:
    if isinstance(value, bool):
        return False
    return isinstance(value, (int, float) if kind is float else kind)


def _check_head(head: Mapping[str, Any], faults: list[str]) -> None:
    if "title" not in head:
        faults.append('[study] has no title; write title = "..."')
    level = head.get("confidence_level", 0.95)
    if _is_of(level, float) and not 0 < level < 1:
        faults.append(f"[study] confidence_level = {level}: give a fraction such as 0.95")
    for key, smallest in (("seed", 0), ("n_resamples", 1)):
        if _is_of(head.get(key), int) and head[key] < smallest:
            faults.append(f"[study] {key} = {head[key]}: give {smallest} or more")


def _section(content: Mapping[str, Any], key: str, faults: list[str]) -> dict[str, Any]:
    section = content.get(key, {})
    if isinstance(section, dict):
        return section
    faults.append(
        f"{key} must be written as [{key}]"
        if key in ("study", "explorer", "privacy", "labels", "checklists")
        else f"{key} must be written as [{key}.NAME]"
    )
    return {}


def _entries(content: Mapping[str, Any], key: str, faults: list[str]) -> list[dict[str, Any]]:
    entries = content.get(key, [])
    if isinstance(entries, list) and all(isinstance(entry, dict) for entry in entries):
        return entries
    faults.append(f"{key} must be written as [[{key}]], with two brackets")
    return []


def _source(name: str, entry: object, faults: list[str]) -> Source | None:
    place = f"[data.{name}]"
    if not isinstance(entry, dict):
        faults.append(f'{place} must be a table that holds file = "..."')
        return None
    _check_typed(entry, _SOURCE_KEYS, place, faults)
    if "file" not in entry:
        faults.append(f'{place} has no file; write file = "..."')
        return None
    times = entry.get("measured_at", {})
    faults += [
        f"{place} measured_at.{column} = {when!r}: give a time after the start, in the unit of the durations, or the "
        "column with each patient's own"
        for column, when in (times.items() if isinstance(times, dict) else ())
        if not (isinstance(when, str) or _is_of(when, float))
    ]
    options = {key: value for key, value in entry.items() if key not in ("file", "schema", "measured_at")}
    return Source(
        name=name,
        file=str(entry["file"]),
        schema=entry.get("schema"),
        options=MappingProxyType(options),
        measured_at=MappingProxyType(times if isinstance(times, dict) else {}),
    )


def _derivation(number: int, entry: dict[str, Any], faults: list[str]) -> Derivation | None:
    place = f"[[derive]] number {number}"
    absent = [key for key in ("table", "from", "how") if not isinstance(entry.get(key), str)]
    if absent:
        unknown = [f"{key!r}" for key in entry if nearest(key, absent)]
        hint = f" (is {unknown[0]} meant?)" if unknown else ""
        faults.append(f"{place} needs {', '.join(absent)} as text{hint}")
        return None
    options = {key: value for key, value in entry.items() if key not in ("table", "from")}
    return Derivation(table=entry["table"], source=entry["from"], options=MappingProxyType(options))


def _analysis(number: int, entry: dict[str, Any], faults: list[str]) -> Analysis | None:
    place = f"[[analysis]] {entry['name']!r}" if isinstance(entry.get("name"), str) else f"[[analysis]] number {number}"
    absent = [key for key in ("name", "kind") if not isinstance(entry.get(key), str)]
    if absent:
        faults.append(f"{place} needs {' and '.join(absent)} as text")
        return None
    for key, kind in (("table", str), ("title", str), ("where", dict)):
        if key in entry and not _is_of(entry[key], kind):
            faults.append(f"{place} {key} = {entry[key]!r}: give {_KIND_NAMES[kind]}")
            return None
    own = ("name", "kind", "table", "title", "where")
    return Analysis(
        name=entry["name"],
        kind=entry["kind"],
        table=entry.get("table"),
        title=entry.get("title", ""),
        where=MappingProxyType(dict(entry.get("where", {}))),
        arguments=MappingProxyType({key: value for key, value in entry.items() if key not in own}),
    )


def _check_analyses(analyses: Sequence[Analysis | None], faults: list[str]) -> None:
    if not analyses:
        faults.append("the study has no analyses; add an [[analysis]] with name and kind")
    names = [analysis.name for analysis in analyses if analysis]
    faults += [
        f"two analyses are named {name!r}; rename one" for name in sorted({n for n in names if names.count(n) > 1})
    ]
    for name in names:
        stem = name.casefold()
        if not stem or not all(character.isalnum() or character in "-_. " for character in name) or stem[0] == ".":
            faults.append(f"[[analysis]] name = {name!r}: it becomes a file name; use letters, digits, - and _")
    folded = [name.casefold() for name in names]
    faults += [
        f"analyses named {name!r} differ in case only; they become file names"
        for name in sorted({n for n in names if folded.count(n.casefold()) > 1 and names.count(n) == 1})
    ]
