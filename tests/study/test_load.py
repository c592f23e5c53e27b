"""A study file is read strictly: every key known, every fault named at once."""

from pathlib import Path

import pytest

from biomarker.errors import StudyError
from biomarker.study.load import load_study

GOOD = """
[study]
title = "Uptake and response"
seed = 7

[data.lesions]
file = "lesions.csv"
schema = "lesion"
missing = ["n/a"]

[[derive]]
table = "patients"
from = "lesions"
how = "max"
marker = "suvmax"

[[analysis]]
name = "cutoff"
kind = "suv_cutoff"
table = "lesions"
where = { size_mm = ">= 10" }
marker = "suvmax"
"""


def study(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "study.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_study_is_read_into_frozen_parts(tmp_path):
    read = load_study(study(tmp_path, GOOD))
    assert (read.title, read.seed, read.confidence_level) == ("Uptake and response", 7, 0.95)
    assert read.sources[0].options == {"missing": ["n/a"]}
    assert (read.derivations[0].table, read.derivations[0].source) == ("patients", "lesions")
    assert read.analyses[0].arguments == {"marker": "suvmax"}
    assert read.analyses[0].where == {"size_mm": ">= 10"}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("seed = 7", "sed = 7", r"\[study\] has an unknown key 'sed' \(did you mean 'seed'\?\)"),
        ("[[analysis]]", "[[analyses]]", r"unknown key 'analyses' \(did you mean 'analysis'\?\)"),
        ("schema =", "shema =", r"\[data.lesions\] has an unknown key 'shema' \(did you mean 'schema'\?\)"),
        ("seed = 7", 'seed = "7"', "seed = '7': give a whole number"),
        ("seed = 7", "seed = true", "seed = True: give a whole number"),
        ("seed = 7", "seed = -1", "give 0 or more"),
        ("seed = 7", "confidence_level = 95", "give a fraction such as 0.95"),
        ('title = "Uptake and response"', "", "has no title"),
        ('name = "cutoff"', "", r"\[\[analysis\]\] number 1 needs name as text"),
        ('name = "cutoff"', 'name = "../up"', "becomes a file name"),
        ('how = "max"', "", r"\[\[derive\]\] number 1 needs how as text"),
        ('file = "lesions.csv"', "", "has no file"),
        ("where = { size_mm", 'where = "x" #', "where = 'x': give a table"),
        ("[[derive]]", "[derive]", r"derive must be written as \[\[derive\]\]"),
    ],
)
def test_faults_are_named(tmp_path, old, new, message):
    with pytest.raises(StudyError, match=message):
        load_study(study(tmp_path, GOOD.replace(old, new)))


def test_all_faults_are_named_at_once(tmp_path):
    with pytest.raises(StudyError) as caught:
        load_study(study(tmp_path, GOOD.replace("seed", "sed").replace("schema", "shema")))
    assert len(str(caught.value).splitlines()) == 2


def test_a_study_without_analyses_is_refused(tmp_path):
    with pytest.raises(StudyError, match="the study has no analyses"):
        load_study(study(tmp_path, GOOD.partition("[[analysis]]")[0]))


def test_names_become_files_so_they_differ(tmp_path):
    again = "\n[[analysis]]\nname = '{}'\nkind = 'roc_curve'\n"
    with pytest.raises(StudyError, match="two analyses are named 'cutoff'"):
        load_study(study(tmp_path, GOOD + again.format("cutoff")))
    with pytest.raises(StudyError, match="differ in case only"):
        load_study(study(tmp_path, GOOD + again.format("Cutoff")))


def test_files_that_cannot_be_read(tmp_path):
    with pytest.raises(StudyError, match="there is no study file"):
        load_study(tmp_path / "nothing.toml")
    study(tmp_path, GOOD)
    with pytest.raises(StudyError, match=r"did you mean 'study.toml'\?"):
        load_study(tmp_path / "studi.toml")
    with pytest.raises(StudyError, match=r"is not valid TOML: .*line 2"):
        load_study(study(tmp_path, "[study]\ntitle = \n"))
    (tmp_path / "latin.toml").write_bytes('[study]\ntitle = "naïve"'.encode("latin-1"))
    with pytest.raises(StudyError, match="is not UTF-8 at byte 19"):
        load_study(tmp_path / "latin.toml")


def test_a_folder_stands_for_its_study_file_and_a_byte_order_mark_is_no_fault(tmp_path):
    (tmp_path / "study.toml").write_bytes(b"\xef\xbb\xbf" + GOOD.encode())
    assert load_study(tmp_path).folder == tmp_path
