"""docs/study-file.md names every key that a study file may hold, and none besides."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from biomarker.data.derive import STEPS
from biomarker.data.layouts import LAYOUTS
from biomarker.data.readers import KNOWN
from biomarker.data.schemas import schema_names
from biomarker.study import load
from biomarker.study.checklists.filled import NAMES as CHECKLISTS
from biomarker.study.explorer.settings import KEYS as EXPLORER_KEYS
from biomarker.study.privacy import KEYS as PRIVACY_KEYS

PAGE = (Path(__file__).parents[2] / "docs" / "study-file.md").read_text(encoding="utf-8")
SECTIONS = dict(zip(*[iter(re.split(r"^#{2,3} (.+)$", PAGE, flags=re.MULTILINE)[1:])] * 2, strict=True))


def rows(section):
    """Return the cells of the rows of the tables of a section, headers left out."""
    lines = [line for line in SECTIONS[section].splitlines() if line.startswith("| ") and not line.startswith("|--")]
    return [line.strip("| ").split(" | ") for line in lines]


def words(cell):
    return re.findall(r"`([^`]+)`", cell)


def named(section):
    return {word for cells in rows(section) for word in words(cells[0])}


def test_every_section_has_a_place():
    for key in load._TOP_KEYS:
        assert any(title.strip("[]").split(".")[0] == key for title in SECTIONS), key


@pytest.mark.parametrize(
    ("section", "keys"),
    [
        ("[study]", set(load._STUDY_KEYS)),
        ("[data.NAME]", set(load._SOURCE_KEYS)),
        ("[explorer]", set(EXPLORER_KEYS)),
        ("[privacy]", set(PRIVACY_KEYS)),
        ("[checklists]", {*CHECKLISTS, "show", "claim"}),
        ("Formats", {*LAYOUTS, "format"}),
        ("[[analysis]]", {"name", "kind", "table", "title", "where"}),
    ],
)
def test_the_keys_of_each_section(section, keys):
    assert named(section) == keys


@pytest.mark.parametrize("how", STEPS)
def test_each_derivation_with_its_keys(how):
    lines = [
        line
        for line in SECTIONS["[[derive]]"].splitlines()
        if line.startswith("|") and f"`{how}`" in line.split("|")[1]
    ]
    assert len(lines) == 1, how
    needs, takes = words(lines[0].split("|")[2]), words("|".join(lines[0].split("|")[3:]))
    assert set(needs) == set(STEPS[how].needs)
    shared = words(next(line for line in SECTIONS["[[derive]]"].splitlines() if line.startswith("| all rules")))
    assert set(STEPS[how].takes) <= {*takes, *(shared if "| Rule: " in lines[0] else ())}


def test_no_derivation_is_named_that_does_not_exist():
    general = {"table", "from", "how", "where", "name"}
    assert named("[[derive]]") == set(STEPS) | general


def test_endings_and_schemas():
    text = SECTIONS["[data.NAME]"]
    assert [ending for ending in KNOWN if f"`{ending}`" not in text] == []
    assert [name for name in schema_names() if f"`{name}`" not in text] == []
