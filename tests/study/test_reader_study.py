"""Agreement, readers at a cutoff and a swimmer plot from a study file: names of columns, of weights and of tables."""

import json

import pytest

ANALYSES = """
[data.readings]
file = "readings.csv"
schema = "reading"

[data.courses]
file = "courses.csv"

[[analysis]]
name = "agreement"
kind = "categorical_agreement"
table = "readings"
value = "category"
weights = "linear"
categories = [1, 2, 3, 4]

[[analysis]]
name = "given-weights"
kind = "categorical_agreement"
table = "readings"
value = "category"
categories = ["1", "2", "3", "4"]
weights = [[1, 0.5, 0, 0], [0.5, 1, 0.5, 0], [0, 0.5, 1, 0.5], [0, 0, 0.5, 1]]

[[analysis]]
name = "readers"
kind = "evaluate_cutoff"
table = "lesions"
reference_standard = "response"
positive = "CR"
marker = "suvmax"
cutoffs = [4.0]
readers = { readings = "readings", value = "suvmax", where = { reader_id = ["A", "B"] } }

[[analysis]]
name = "courses"
kind = "swimmer"
table = "courses"
duration = "pfs_months"
event = "event"
events = { "First response" = "response_months" }
"""
READINGS = "patient_id,lesion_id,reader_id,suvmax,category\n" + "".join(
    f"{1 + number // 2:02},{number + 1},{reader},{1.5 + 0.4 * ((number * 7 + step) % 20):.1f},"
    f"{1 + (number + step * (number % 5 == 0)) % 4}\n"
    for step, reader in enumerate("ABC")
    for number in range(24)
)
COURSES = "patient_id,pfs_months,event,response_months\n01,3.5,1,\n02,8.0,0,2.5\n03,5.5,1,1.5\n"


@pytest.fixture
def readers(study):
    path = study / "study.toml"
    path.write_text(path.read_text(encoding="utf-8") + ANALYSES, encoding="utf-8")
    (study / "readings.csv").write_text(READINGS, encoding="utf-8")
    (study / "courses.csv").write_text(COURSES, encoding="utf-8")
    return study


def test_it_runs(readers, command, tmp_path):
    status, _, errors = command("run", readers / "study.toml", "-o", tmp_path / "out")
    assert status == 0, errors
    found = json.loads((tmp_path / "out" / "results.json").read_text(encoding="utf-8"))["analyses"]
    quantities = {name: {line["quantity"] for line in found[name]["estimates"]} for name in found}
    assert {"conger_kappa", "gwet_ac2", "krippendorff_alpha"} <= quantities["agreement"]
    assert {"reader_discordance", "reader_kappa", "reader_range"} <= quantities["readers"]
    named, given = (
        next(
            line["value"]
            for line in found[name]["estimates"]
            if line["quantity"] == "fleiss_kappa" and line["of"]["weights"] == weights
        )
        for name, weights in (("agreement", "linear"), ("given-weights", "given"))
    )
    assert named != given
    assert {"share_with", "events"} <= quantities["courses"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('value = "category"\nweights', 'value = "categry"\nweights', "did you mean 'category'"),
        ('weights = "linear"', 'weights = "linaer"', "did you mean 'linear'"),
        ('readings = "readings"', 'readings = "reading"', "unknown table 'reading'"),
        ('where = { reader_id = ["A", "B"] }', 'where = { reader_id = "A" }', "at least 2"),
        (
            '"First response" = "response_months"',
            '"First response" = "response_month"',
            "did you mean 'response_months'",
        ),
    ],
)
def test_what_is_wrong_is_named(readers, command, tmp_path, old, new, message):
    path = readers / "study.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    status, _, errors = command("run", path, "-o", tmp_path / "out")
    assert status == 2
    assert message in errors
    assert "Traceback" not in errors
