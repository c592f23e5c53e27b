"""Identifiers are hidden before anything is computed, the same way everywhere; direct ones are not analysed."""

import json

import pandas as pd
import pytest

import biomarker as bm
from biomarker.data.personal import identifies_people
from biomarker.data.pseudonyms import fingerprint, pseudonymise
from biomarker.errors import DesignError, StudyError
from biomarker.study.workflow import run_study

KEY = "a long key that nobody guesses"
PRIVACY = '\n[privacy]\npseudonymise = ["patient_id"]\nkey_file = "trial.key"\n'


@pytest.fixture
def hidden(study):
    path = study / "study.toml"
    text = path.read_text(encoding="utf-8").replace('missing = ["n/a"]', 'missing = ["n/a"]\n')
    swimmer = '\n[[analysis]]\nname = "rows"\nkind = "characteristics"\ntable = "patients"\nvariables = ["sex"]\n'
    path.write_text(text + swimmer + PRIVACY, encoding="utf-8")
    (study / "trial.key").write_text(KEY + "\n", encoding="utf-8")
    return study


def test_the_same_identifier_has_the_same_pseudonym_in_every_table(hidden, tmp_path):
    plain = (hidden / "study.toml").read_text(encoding="utf-8").replace(PRIVACY, "")
    run = run_study(hidden, tmp_path / "out")
    patients, lesions = (run.tables[name].frame["patient_id"] for name in ("patients", "lesions"))
    assert set(lesions) == set(patients)
    assert not set(patients) & {f"{number:02}" for number in range(1, 13)}
    (hidden / "study.toml").write_text(plain, encoding="utf-8")
    open_run = run_study(hidden, tmp_path / "open")
    for name in run.results:  # no number depends on what patients are called
        for one, other in zip(run.results[name].estimates, open_run.results[name].estimates, strict=True):
            assert (one.value, one.n_patients) == pytest.approx((other.value, other.n_patients), nan_ok=True)


def test_neither_key_nor_identifier_is_written_and_the_fingerprint_is(hidden, tmp_path):
    lesions = (hidden / "lesions.csv").read_text(encoding="utf-8")
    named = lesions.replace("\n0", "\nPATIENT0").replace("\n1", "\nPATIENT1")
    (hidden / "lesions.csv").write_text(named, encoding="utf-8")
    patients = (hidden / "patients.csv").read_text(encoding="utf-8")
    (hidden / "patients.csv").write_text(patients.replace("\n0", "\nPATIENT0").replace("\n1", "\nPATIENT1"), "utf-8")
    run_study(hidden, tmp_path / "out")
    for path in (tmp_path / "out").rglob("*"):
        if path.is_file() and path.suffix in {".html", ".json", ".md", ".svg", ".tex"}:
            text = path.read_text(encoding="utf-8")
            assert "PATIENT" not in text, path.name
            assert KEY not in text, path.name
    assert fingerprint(KEY) in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert json.loads((tmp_path / "out" / "results.json").read_text(encoding="utf-8"))["analyses"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('["patient_id"]', '["patient"]', r"no table has a column 'patient' .did you mean 'patient_id'"),
        ('["patient_id"]', "[]", "the columns to hide"),
        ('key_file = "trial.key"', "", "needs key_file or key_variable"),
        ("trial.key", "other.key", "there is no file 'other.key'"),
        ('key_file = "trial.key"', 'key_variable = "NO_SUCH_KEY"', "no variable 'NO_SUCH_KEY'"),
        ("pseudonymise", "pseudonymize", "did you mean 'pseudonymise'"),
    ],
)
def test_faults_are_named(hidden, tmp_path, old, new, message):
    path = hidden / "study.toml"
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(StudyError, match=message):
        run_study(hidden, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_key_from_the_environment_and_one_too_short(hidden, tmp_path, monkeypatch):
    path = hidden / "study.toml"
    text = path.read_text(encoding="utf-8").replace('key_file = "trial.key"', 'key_variable = "TRIAL_KEY"')
    path.write_text(text, encoding="utf-8")
    monkeypatch.setenv("TRIAL_KEY", KEY)
    assert run_study(hidden).tables["patients"].frame["patient_id"].str.len().eq(10).all()
    monkeypatch.setenv("TRIAL_KEY", "short")
    with pytest.raises(StudyError, match="fewer than 16 characters"):
        run_study(hidden)


def test_columns_that_identify_people_are_not_analysed(study):
    path = study / "study.toml"
    text = path.read_text(encoding="utf-8")
    extra = '[[analysis]]\nname = "who"\nkind = "characteristics"\ntable = "patients"\nvariables = ["patient_name"]\n'
    path.write_text(f"{text}\n{extra}", encoding="utf-8")
    with pytest.raises(StudyError, match="'patient_name': by its name this column identifies people"):
        run_study(study)


@pytest.mark.parametrize(
    "name",
    [
        "PatientName",
        "Patient Name",
        "DOB",
        "date_of_birth",
        "Geburtsdatum",
        "Geboortedatum",
        "Prénom",
        "E-Mail",
        "name",
        "Naam",
    ],
)
def test_names_of_columns_that_identify_people(name):
    assert identifies_people(name)


@pytest.mark.parametrize("name", ["patient_id", "lesion_name", "organ name", "drugName", "zipped"])
def test_names_of_columns_that_do_not(name):
    assert not identifies_people(name)


def test_numbers_and_texts_of_one_identifier_agree_and_missing_stays_missing():
    frame = pd.DataFrame({"patient_id": ["7", "8 ", None]})
    numbers = pd.DataFrame({"patient_id": [7.0, 8.0, float("nan")]})
    one, other = (pseudonymise(table, "patient_id", key=KEY)["patient_id"] for table in (frame, numbers))
    assert one.tolist()[:2] == other.tolist()[:2]
    assert one.isna().tolist() == [False, False, True]
    assert pseudonymise(frame, ["patient_id"], key=KEY + "!")["patient_id"].iloc[0] != one.iloc[0]
    assert bm.pseudonymise(frame, "patient_id", key=KEY)["patient_id"].iloc[0] == one.iloc[0]
    with pytest.raises(DesignError, match="did you mean 'patient_id'"):
        pseudonymise(frame, "patientid", key=KEY)


def test_a_hundred_thousand_identifiers_stay_apart():
    frame = pd.DataFrame({"patient_id": [f"S{number:06}" for number in range(100_000)]})
    hidden = pseudonymise(frame, "patient_id", key=KEY)["patient_id"]
    assert hidden.nunique() == 100_000
    assert (hidden.str.len() == 10).all()
    other = pseudonymise(frame.iloc[[7, 99]], "patient_id", key=KEY)["patient_id"]
    assert other.tolist() == hidden.iloc[[7, 99]].tolist(), "a table of two patients hides them as one of all does"
