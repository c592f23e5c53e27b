"""Whatever a study file says, it is run or refused in words, and nothing is left half written."""

# ruff: noqa: RUF005 (lists of words)

from __future__ import annotations

import os
import tempfile
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from biomarker.errors import BiomarkerError
from biomarker.study.describe import plan_text, validation_text
from biomarker.study.workflow import run_study
from tests.study.conftest import LESIONS, PATIENTS, STUDY

# FUZZ_EXAMPLES=2000 for a long look; the fuzzers of tests/fuzz look longer still
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "12"))
FUZZ = settings(deadline=timedelta(seconds=30), suppress_health_check=list(HealthCheck), max_examples=EXAMPLES)
LINES = STUDY.splitlines()
values = st.sampled_from(
    [
        "1",
        "-1",
        "1.5",
        "true",
        '""',
        '"x"',
        '"suvmax"',
        '"patient_id"',
        '"lesion"',
        "[]",
        "[1]",
        '["CR"]',
        "{}",
        "{ a = 1 }",
    ]
    + [
        "2026-11-21",
        "1979-05-27T07:32:00Z",
        "inf",
        "nan",
        "[[1]]",
        '{ suvmax = ">= 3" }',
        '{ sex = { F = "M" } }',
        '"max"',
    ]
)
keys = st.sampled_from(
    [
        "title",
        "seed",
        "confidence_level",
        "n_resamples",
        "style",
        "file",
        "schema",
        "columns",
        "missing",
        "units",
        "decimal",
    ]
    + ["delimiter", "thousands", "dates", "format", "part", "blocks", "fill_down", "values", "constants", "header_rows"]
    + [
        "skip_rows",
        "totals",
        "coded",
        "sheet",
        "comment",
        "encoding",
        "measured_at",
        "kind",
        "table",
        "where",
        "marker",
    ]
    + [
        "cutoff",
        "reference_standard",
        "positive",
        "name",
        "higher_is_positive",
        "interval",
        "prevalence",
        "patient",
        "zzz",
    ]
)
heads = st.sampled_from(
    ["[study]", "[data.x]", "[[derive]]", "[[analysis]]", "[data]", "[analysis]", "[explorer]", "[zzz]"]
)


def ends_well(text: str | bytes, *, run: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "study.toml").write_bytes(text if isinstance(text, bytes) else text.encode("utf-8", "replace"))
        (place / "patients.csv").write_text(PATIENTS, encoding="utf-8")
        (place / "lesions.csv").write_text(LESIONS, encoding="utf-8")
        before = sorted(path.name for path in place.iterdir())
        for check in (validation_text, plan_text):
            try:
                check(place)
            except BiomarkerError:
                continue
        if not run:
            return
        try:
            run_study(place, place / "out")
        except BiomarkerError:
            assert sorted(path.name for path in place.iterdir()) == before, "no partial output"
        else:
            assert {"report.html", "results.json", "manifest.json"} <= {path.name for path in (place / "out").iterdir()}


@FUZZ
@given(data=st.data())
def test_a_study_file_with_lines_changed(data):
    lines = list(LINES)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(lines) - 1))
        line = data.draw(st.builds("{} = {}".format, keys, values) | heads | st.sampled_from(lines) | st.just(""))
        lines[at : at + data.draw(st.integers(0, 1))] = [line]
    ends_well("\n".join(lines), run=False)


@FUZZ
@given(data=st.data())
def test_a_study_file_with_values_changed(data):
    lines = list(LINES)
    places = [at for at, line in enumerate(lines) if " = " in line]
    for at in data.draw(st.lists(st.sampled_from(places), min_size=1, max_size=2)):
        lines[at] = f"{lines[at].partition(' = ')[0]} = {data.draw(values)}"
    ends_well("\n".join(lines), run=False)


@settings(FUZZ, max_examples=4)
@given(data=st.data())
def test_a_run_leaves_all_or_nothing(data):
    lines = list(LINES)
    at = data.draw(st.sampled_from([at for at, line in enumerate(lines) if " = " in line]))
    lines[at] = f"{lines[at].partition(' = ')[0]} = {data.draw(values)}"
    ends_well("\n".join(lines), run=True)


@FUZZ
@given(content=st.binary(max_size=200) | st.text(max_size=200))
def test_a_study_file_of_any_bytes(content):
    ends_well(content, run=False)


def test_a_list_where_text_is_needed_is_refused_in_words(study):
    """Found by the fuzzing: a list went through to the analysis as the name of a column."""
    text = (study / "study.toml").read_text(encoding="utf-8")
    (study / "study.toml").write_text(text.replace('reference_standard = "response"', "reference_standard = []"))
    with pytest.raises(BiomarkerError, match=r"reference_standard = \[\]: give text"):
        plan_text(study)
