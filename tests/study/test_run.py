"""A study is run: the same numbers every time, and everything a reader must know beside them."""

import json
from math import inf, nan

import pytest

import biomarker
from biomarker.errors import StudyError
from biomarker.study.results import jsonable
from biomarker.study.workflow import run_study


def edit(study, name, old, new):
    path = study / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_a_run_writes_everything_and_twice_the_same_numbers(study, tmp_path):
    first = run_study(study, tmp_path / "first")
    run_study(study, tmp_path / "second")
    names = {path.relative_to(first.folder).as_posix() for path in first.folder.rglob("*") if path.is_file()}
    assert {"report.html", "report.docx", "results.json", "methods.md", "manifest.json"} <= names
    assert {f"tables/at-4.{suffix}" for suffix in ("html", "docx", "tex", "md", "xlsx")} <= names
    assert {f"figures/at-4.{suffix}" for suffix in ("png", "svg", "pdf")} <= names
    for name in ("results.json", "methods.md", "tables/at-4.xlsx", "figures/at-4.pdf"):
        assert (tmp_path / "first" / name).read_bytes() == (tmp_path / "second" / name).read_bytes()


def test_results_json_has_the_shape_that_others_rely_on(study, tmp_path):
    run = run_study(study, tmp_path / "out")
    content = json.loads((tmp_path / "out" / "results.json").read_text(encoding="utf-8"))
    assert set(content) == {"study", "provenance", "analyses"}
    analysis = content["analyses"]["at-4"]
    assert {"kind", "method", "estimates", "exclusions"} <= set(analysis)
    expected = {
        "quantity", "of", "value", "low", "high", "statistic", "df", "p_value", "n", "n_patients", "unit",
    }  # fmt: skip
    assert all(set(line) == expected for line in analysis["estimates"])
    sensitivity = next(line for line in analysis["estimates"] if line["quantity"] == "sensitivity")
    assert sensitivity["value"] == run.results["at-4"].estimate("sensitivity").value
    assert content["provenance"]["inputs"][1]["rows"] == 24


def test_the_manifest_holds_a_hash_for_every_file(study, tmp_path):
    from hashlib import sha256

    run_study(study, tmp_path / "out")
    record = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    for entry in record["outputs"]:
        assert sha256((tmp_path / "out" / entry["file"]).read_bytes()).hexdigest() == entry["sha256"]
    assert record["versions"]["biomarker"] == biomarker.__version__


def test_json_holds_no_nan_and_names_infinity():
    assert jsonable({"a": nan, "b": (inf, -inf), "c": 1}) == {"a": None, "b": ["inf", "-inf"], "c": 1}


def test_missing_cells_are_told_by_the_word_that_stood_there(study):
    edit(study, "lesions.csv", "01,1,1.5", "01,1,n/a")
    result = run_study(study).results["at-4"]
    assert [exclusion.reason for exclusion in result.exclusions] == ["with suvmax missing (n/a 1)"]
    assert result.exclusions[0].rows == (2,)


def test_a_restriction_is_a_note(study):
    edit(study, "study.toml", "cutoff = 4.0", 'cutoff = 4.0\nwhere = { size_mm = ">= 15" }')
    notes = run_study(study).results["at-4"].warnings
    assert "Restricted to size (mm) >= 15: 19 of 24 rows of lesions." in notes


def test_every_analysis_that_fails_is_named(study):
    first = (study / "study.toml").read_text(encoding="utf-8").partition("[[analysis]]")[2]
    second = "\n[[analysis]]" + first.replace("at-4", "again").replace('["CR", "PR"]', '"XX"')
    edit(study, "study.toml", 'positive = ["CR", "PR"]', 'positive = ["YY"]')
    (study / "study.toml").write_text((study / "study.toml").read_text() + second)
    with pytest.raises(StudyError) as caught:
        run_study(study)
    assert "'at-4'" in str(caught.value)
    assert "'again'" in str(caught.value)


def test_order_of_analyses_changes_no_number(study):
    extra = (
        '\n[[analysis]]\nname = "roc"\nkind = "roc_curve"\ntable = "lesions"\n'
        'reference_standard = "response"\npositive = "CR"\nmarker = "suvmax"\n'
    )
    path = study / "study.toml"
    text = path.read_text(encoding="utf-8")
    head, _, own = text.partition("[[analysis]]")
    path.write_text(text + extra, encoding="utf-8")
    after = run_study(study).results
    path.write_text(head + extra + "\n[[analysis]]" + own, encoding="utf-8")
    before = run_study(study).results
    for name in ("at-4", "roc"):
        assert before[name].to_frame().equals(after[name].to_frame())


def test_the_terminal_gets_no_progress_bar_in_a_pipe(study, command, tmp_path):
    status, printed, errors = command("run", study, "-o", tmp_path / "out")
    assert status == 0
    assert errors == ""
    assert printed.startswith("1 analysis of 2 tables")


def test_plan_validate_example_and_schema_print(study, command, tmp_path):
    status, printed, _ = command("plan", study)
    assert (status, "1. at-4" in printed) == (0, True)
    assert "no problem found" in command("validate", study)[1]
    assert "cd8" in command("example")[1]
    status, printed, _ = command("example", "dehdashti", tmp_path / "mine")
    assert status == 0
    assert (tmp_path / "mine" / "study.toml").is_file()
    assert command("example", "dehdashti", tmp_path / "mine")[0] == 2
    assert json.loads(command("schema", "lesion")[1])["name"] == "lesion"
    assert command("--version")[1].strip() == f"biomarker {biomarker.__version__}"


def test_a_first_study_file_is_drafted_and_runs(study, command, tmp_path, monkeypatch):
    monkeypatch.chdir(study)
    (study / "study.toml").unlink()
    status, _, message = command("init", "patients.csv", "lesions.csv", "-o", "study.toml")
    assert status == 0, message
    assert command("validate", "study.toml")[0] == 0
    assert command("init", "patients.csv", "-o", "study.toml")[0] == 2  # nothing is overwritten


FAMILY = """
[[analysis]]
name = "family"
kind = "adjust_p_values"
title = "Both hypotheses together"
hypotheses = ["size", {analysis = "roc", quantity = "auc"}]

[[analysis]]
name = "size"
kind = "correlate"
table = "lesions"
x = "suvmax"
y = "size_mm"

[[analysis]]
name = "roc"
kind = "roc_curve"
title = "How well it separates"
table = "lesions"
marker = "suvmax"
reference_standard = "response"
positive = "CR"
"""


def test_p_values_of_other_analyses_are_adjusted_wherever_the_family_stands(study, tmp_path):
    edit(study, "study.toml", "[[analysis]]", FAMILY + "\n[[analysis]]")
    run = run_study(study, tmp_path / "out")
    assert list(run.results) == ["family", "size", "roc", "at-4"]
    family = run.results["family"]
    raw = [run.results["size"].estimates[0].p_value, run.results["roc"].estimate("auc").p_value]
    assert [line.p_value for line in family.estimates] == raw
    assert [line.of["hypothesis"] for line in family.estimates] == [
        "size: Spearman ρ, SUVmax, Size (mm)",
        "How well it separates: AUC",
    ]
    assert "See “Both hypotheses together”" in run.results["roc"].method.notes[-1]
    assert "See “" not in " ".join(run.results["at-4"].method.notes)
    assert "Multiplicity was adjusted for in “family”" in (tmp_path / "out" / "methods.md").read_text(encoding="utf-8")


def test_a_family_of_unknown_analyses_is_refused_before_anything_runs(study, tmp_path):
    edit(study, "study.toml", "[[analysis]]", FAMILY.replace('"size", {', '"sizes", {') + "\n[[analysis]]")
    with pytest.raises(StudyError, match=r"hypotheses name an unknown analysis 'sizes' .did you mean 'size'"):
        run_study(study, tmp_path / "out")


def test_a_fault_elsewhere_is_told_once(study, tmp_path):
    edit(study, "study.toml", "[[analysis]]", FAMILY.replace('positive = "CR"', 'positive = "CRR"') + "\n[[analysis]]")
    with pytest.raises(StudyError) as failure:
        run_study(study, tmp_path / "out")
    assert len(str(failure.value).splitlines()) == 1


def test_columns_are_printed_by_the_labels_of_the_study(study, tmp_path):
    labels = '[labels]\nsuvmax = "Highest uptake"\n\n[[analysis]]'
    edit(study, "study.toml", "[[analysis]]", FAMILY + "\n[[analysis]]")
    text = (study / "study.toml").read_text(encoding="utf-8")
    (study / "study.toml").write_text(text.replace("[[analysis]]", labels, 1), encoding="utf-8")
    run_study(study, tmp_path / "out")
    assert "highest uptake" in (tmp_path / "out" / "tables" / "size.md").read_text(encoding="utf-8").lower()
    assert "Highest uptake" not in str(run_study(study).results["size"])  # outside a run the words of the house
    edit(study, "study.toml", '"Highest uptake"', "3")
    with pytest.raises(StudyError, match=r"\[labels\] suvmax = 3: give text"):
        run_study(study)
