"""Reporting checklists filled from what was run: each item, and where the report shows it, or what to supply."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from biomarker import references
from biomarker.errors import nearest
from biomarker.references import Reference
from biomarker.study.checklists import accuracy, agreement, outcome
from biomarker.study.checklists.checked_run import CheckedRun, told
from biomarker.tables import Row, Table, heading

NAMES = ("stard", "remark", "grras", "tripod_ai")
EVIDENCE = accuracy.EVIDENCE | agreement.EVIDENCE | outcome.EVIDENCE


@dataclass(frozen=True, kw_only=True)
class Item:
    """One item of a checklist.

    Attributes
    ----------
    number, section, topic : str
        The topic is in our own words.
    shown_by : tuple of str
        Names in `EVIDENCE` of what a run can show of it; none where no run can.
    lacks : str
        What the run does not show even then, so that the item is reported in part.
    """

    number: str
    section: str
    topic: str
    shown_by: tuple[str, ...] = ()
    lacks: str = ""


@dataclass(frozen=True, kw_only=True)
class Checklist:
    """A checklist: its name, its items, and the kinds of analysis that call for it."""

    key: str
    name: str
    reference: Reference
    kinds: frozenset[str]
    items: tuple[Item, ...]


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What is said to one item.

    `status` is ``"reported"``, ``"in part"`` or ``"not reported"``; `supplied` is the text of the study file.
    """

    item: Item
    shown: str = ""
    supplied: str = ""

    @property
    def status(self) -> str:
        """Whether the run or the study file shows the item."""
        if self.supplied or (self.shown and not self.item.lacks):
            return "reported"
        return "in part" if self.shown else "not reported"


@cache
def checklist(key: str) -> Checklist:
    """Return the checklist of that key in `NAMES`."""
    text = (files("biomarker.study.checklists") / "items" / f"{key}.toml").read_text(encoding="utf-8")
    content = tomllib.loads(text)
    items = [Item(**{**entry, "shown_by": tuple(entry.get("shown_by", ()))}) for entry in content["item"]]
    reference = getattr(references, content["reference"])
    kinds = frozenset(content["kinds"])
    return Checklist(key=key, name=content["name"], reference=reference, kinds=kinds, items=tuple(items))


def checklist_faults(section: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with ``[checklists]`` of a study file, in sentences."""
    faults = []
    for key, content in section.items():
        if key == "show":
            faults += _faults_of_show(content)
        elif key == "claim":
            faults += _faults_of_claim(content)
        elif key not in NAMES:
            hint = nearest(key, [*NAMES, "claim", "show"])
            faults.append(f"[checklists] has an unknown checklist {key!r}{hint}; known are {', '.join(NAMES)}")
        elif not isinstance(content, dict):
            faults.append(f"[checklists] {key} = {content!r}: write [checklists.{key}] with the items beneath it")
        else:
            faults += _faults_of_items(key, content)
    return faults


def _faults_of_show(content: object) -> list[str]:
    if not isinstance(content, list) or any(not isinstance(one, str) for one in content):
        return [f"[checklists] show = {content!r}: give a list of names, of {', '.join(NAMES)}"]
    return [
        f"[checklists] show has an unknown checklist {one!r}{nearest(one, NAMES)}; known are {', '.join(NAMES)}"
        for one in content
        if one not in NAMES
    ]


def _faults_of_claim(content: object) -> list[str]:
    if isinstance(content, dict) and set(content) <= {"conditions"} and isinstance(content.get("conditions", ""), str):
        return []
    return ['[checklists.claim] takes conditions = "..." alone: those under which the measurements were made']


def _faults_of_items(key: str, content: Mapping[str, object]) -> list[str]:
    known = [item.number for item in checklist(key).items]
    faults = [
        f"[checklists.{key}] has an unknown item {number!r}{nearest(number, known)}; {checklist(key).name} has "
        f"{', '.join(known)}"
        for number in content
        if number not in known
    ]
    return faults + [
        f"[checklists.{key}] {number} = {text!r}: give text"
        for number, text in content.items()
        if number in known and not (isinstance(text, str) and text.strip())
    ]


def chosen(section: Mapping[str, Any], kinds: Sequence[str]) -> tuple[Checklist, ...]:
    """Return the checklists that a study asks for: those it names, or those that its kinds of analysis call for."""
    show = section.get("show")
    if show is not None:
        return tuple(checklist(key) for key in dict.fromkeys(show))
    return tuple(one for one in map(checklist, NAMES) if one.kinds & set(kinds) or section.get(one.key))


def answers(one: Checklist, run: CheckedRun, supplied: Mapping[str, str]) -> list[Answer]:
    """Return what the run shows of each item, and what the study file says to it."""
    return [
        Answer(
            item=item,
            shown=told(EVIDENCE[name](run) for name in item.shown_by),
            supplied=supplied.get(item.number, "").strip(),
        )
        for item in one.items
    ]


def checklist_table(one: Checklist, run: CheckedRun, supplied: Mapping[str, str]) -> Table:
    """Lay out a checklist: number, topic, and where it is reported or the key to supply it under."""
    found = answers(one, run, supplied)
    rows, section = list[Row](), ""
    for answer in found:
        if answer.item.section != section:
            section = answer.item.section
            rows.append(heading(section))
        rows.append(Row((f"{answer.item.number}. {answer.item.topic}", _status(answer), _where(one, answer)), indent=1))
    counts = [sum(answer.status == status for answer in found) for status in ("reported", "in part", "not reported")]
    return Table(
        title=f"{one.name}: where each item is reported",
        header=("Item", "Status", "Where reported"),
        rows=rows,
        footnotes=(
            f"Of {len(found)} entries, {counts[0]} are reported, {counts[1]} in part and {counts[2]} not.",
            f"An item counts as reported only where this run shows it or the study file supplies it. Topics are "
            f"paraphrased; the wording that counts is that of the guideline: {one.reference}",
        ),
    )


def _status(answer: Answer) -> str:
    return answer.status.capitalize()


def _where(one: Checklist, answer: Answer) -> str:
    parts = [answer.shown, answer.supplied]
    if answer.status == "in part":
        parts.append(f'Not shown: {answer.item.lacks}; supply it as [checklists.{one.key}] "{answer.item.number}"')
    elif answer.status == "not reported":
        parts.append(f'Supply in study.toml: [checklists.{one.key}] "{answer.item.number}" = "…"')
    return ". ".join(part.rstrip(".") for part in parts if part)
