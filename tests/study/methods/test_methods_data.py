"""What was done to the data, and every setting, as the methods tell them."""

import json
from pathlib import Path

import pytest

from biomarker.examples.catalogue import example_folder
from biomarker.study.methods.data import data_paragraphs, in_labels
from biomarker.study.methods.settings import settings_paragraphs
from biomarker.study.workflow import run_study

MORE = """
[[derive]]
table = "patients"
from = "lesions"
marker = "suvmax"
how = "max"
name = "highest_suvmax"

[[derive]]
table = "patients"
from = "patients"
how = "class"
marker = "highest_suvmax"
cutoffs = "median"
labels = ["low", "high"]
name = "uptake_class"

[[analysis]]
name = "alone"
kind = "predictive_values"
table = "lesions"
where = { size_mm = ">= 12" }
reference_standard = "response"
positive = "CR"
marker = "suvmax"
cutoff = 3.5
higher_is_positive = false
patient = false
interval = "jeffreys"

[[analysis]]
name = "chosen"
kind = "suv_cutoff"
table = "lesions"
reference_standard = "response"
positive = "CR"
marker = "suvmax"
n_resamples = 20
"""


@pytest.fixture
def run(study):
    path = study / "study.toml"
    path.write_text(path.read_text(encoding="utf-8").replace('"CR", "PR"', '"CR"') + MORE, encoding="utf-8")
    return run_study(path)


def text_of(run) -> str:
    return "\n".join(f"{one.heading}|{one.text}" for one in data_paragraphs(run.plan.study, run.tables, run.outcomes))


def test_tables_and_derived_columns_are_told(run):
    text = text_of(run)
    assert "Data|2 tables were read: patients (12 rows of patients.csv) and lesions (24 rows of lesions.csv)." in text
    assert "Highest SUVmax: per patient, highest SUVmax; 24 lesions of 12 patients" in text
    assert "the median of these data (low, high)" in text
    assert "highest_suvmax" not in text


def test_units_and_independence_are_told(run):
    text = text_of(run)
    assert "Units of analysis|Units of analysis were lesions in “at-4”, “alone” and “chosen”." in text
    assert "Where patients had several rows, these were taken as nested in patients." in text
    assert "Rows were taken as independent of one another in “alone”." in text


def test_the_origin_of_every_cutoff_is_told(run):
    text = text_of(run)
    assert "not derived from these data by this analysis: SUVmax ≥ 4 (“at-4”); SUVmax ≤ 3.5 (“alone”)." in text
    found = run.results["chosen"].estimate("cutoff").value
    assert f"Derived from these data: SUVmax {found:.6g} (“chosen”); classes of highest SUVmax at its median." in text


def test_pseudonyms_landmarks_and_times_are_told(study):
    path = study / "study.toml"
    (study / "key.txt").write_text("k" * 40, encoding="utf-8")
    rows = "".join(f"{n:02},Female,{6 + n},{n % 2},{2 + n % 5},{0.5 + n / 10:.1f}\n" for n in range(1, 13))
    (study / "patients.csv").write_text(f"patient_id,sex,pfs_months,pfs_event,early_suv,early_months\n{rows}", "utf-8")
    text = path.read_text(encoding="utf-8").replace(
        'schema = "patient"\n', 'schema = "patient"\nmeasured_at = { early_suv = "early_months" }\n'
    )
    privacy = '\n[privacy]\npseudonymise = ["patient_id"]\nkey_file = "key.txt"\n'
    model = (
        '\n[[analysis]]\nname = "late"\nkind = "survival_curves"\ntable = "patients"\nduration = "pfs_months"\n'
        'event = "pfs_event"\nlandmark = 2\n'
    )
    path.write_text(text + privacy + model, encoding="utf-8")
    told = text_of(run_study(path))
    assert "Before anything else, patient was replaced by keyed hashes (pseudonymised)." in told
    assert "In “late” time was counted from a landmark at 2" in told
    assert "Known only after the start were early SUV at early months." in told.replace("(months)", "months")


def test_names_of_columns_become_labels_only_where_they_stand_whole():
    names = ["suvmax", "size_mm", "suvmax_24h"]
    assert in_labels("log of suvmax_24h over suvmax, not suvmaximum", names) == (
        "log of SUVmax 24 h over SUVmax, not suvmaximum"
    )
    assert in_labels("nothing", []) == "nothing"


def values(given) -> list[object]:
    """Return every leaf of an argument."""
    if isinstance(given, dict):
        return [leaf for pair in given.items() for part in pair for leaf in values(part)]
    return [leaf for part in given for leaf in values(part)] if isinstance(given, list | tuple) else [given]


def printed(value) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.6g}" if isinstance(value, float) else "none" if value is None else str(value)


def check_every_setting(run) -> None:
    paragraphs = [one.text for one in settings_paragraphs(run.plan.study, run.outcomes)]
    for step, text in zip(run.plan.study.derivations, paragraphs, strict=False):
        for key, value in step.options.items():
            assert key == "name" or f"{key.replace('_', ' ')}: " in text
            assert key == "name" or all(printed(leaf) in text for leaf in values(value))
    for outcome, text in zip(run.outcomes, paragraphs[len(run.plan.study.derivations) :], strict=True):
        assert text.startswith(f"“{outcome.step.name}” (")
        method = outcome.result.method
        given = dict(outcome.step.arguments)
        for key, value in {**method.settings, **given}.items():
            if key in given or value not in (None, [], {}, ()):
                assert f"{key.replace('_', ' ')}: " in text, (outcome.step.name, key)
                assert all(printed(leaf) in text for leaf in values(value)), (outcome.step.name, key, value)
        for column in outcome.step.where:
            assert "where" in text, column
        population = outcome.result.population
        assert outcome.step.table is None or f"{population.rows_used:,} of {population.rows_in:,}" in text
        if method.seed is not None:
            assert "eed " in text


def test_every_setting_that_changes_a_number_is_told(run):
    check_every_setting(run)


@pytest.mark.parametrize("name", ["cd8", "her2-gastric", "zephir"])
def test_every_setting_of_the_examples_is_told(name):
    check_every_setting(run_study(example_folder(name)))


@pytest.mark.slow
def test_every_setting_of_the_simulated_trial_is_told():
    check_every_setting(run_study(example_folder("simulated-trial")))


def test_settings_stand_in_methods_md_after_the_references(study, tmp_path: Path):
    folder = run_study(study, tmp_path / "out").folder
    text = (folder / "methods.md").read_text(encoding="utf-8")
    assert text.index("## References") < text.index("## Settings of each analysis")
    assert "cutoff: 4" in text
    assert (
        json.loads((folder / "results.json").read_text("utf-8"))["analyses"]["at-4"]["method"]["settings"]["cutoff"]
        == 4
    )
