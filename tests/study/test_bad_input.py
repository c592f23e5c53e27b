"""Every fault of the input gives exit status 2, one clear message, and no output at all."""

import pytest


def replace(name, old, new):
    """Return a change that puts `new` for `old` in a file of the study; the text must be there."""

    def change(study):
        path = study / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return change


def write(name, content):
    """Return a change that writes a file of the study anew."""
    return lambda study: (study / name).write_bytes(content)


def lines(name, keep):
    """Return a change that keeps the first lines of a file only."""

    def change(study):
        path = study / name
        path.write_text("".join(path.read_text(encoding="utf-8").splitlines(keepends=True)[:keep]), encoding="utf-8")

    return change


def every_line(name, old, new):
    """Return a change that puts `new` for `old` everywhere in a file."""

    def change(study):
        path = study / name
        path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")

    return change


def without(name):
    """Return a change that removes a file."""
    return lambda study: (study / name).unlink()


def marker_gone(study):
    """Make every uptake missing."""
    path = study / "lesions.csv"
    head, *rows = path.read_text(encoding="utf-8").splitlines()
    cells = [row.split(",") for row in rows]
    path.write_text(
        "\n".join([head, *(",".join([*row[:2], "n/a", *row[3:]]) for row in cells)]) + "\n", encoding="utf-8"
    )


FAULTS = {
    "missing file": (without("lesions.csv"), ["lesions.csv"]),
    "missing study": (without("study.toml"), ["there is no study file"]),
    "wrong delimiter": (every_line("lesions.csv", ",", ";"), ["lesions.csv", "delimiter"]),
    "unknown column": (
        replace("study.toml", 'marker = "suvmax"', 'marker = "suvmx"'),
        ["'suvmx'", "did you mean 'suvmax'"],
    ),
    "text in a number column": (
        lambda study: [
            replace("lesions.csv", "01,1,1.5", "01,1,hot")(study),
            replace("lesions.csv", ",2,", ",2,n.d.;")(study),
        ],
        ["lesions.csv", "row 2", "'hot'", "row 3", "suvmax"],
    ),
    "duplicate lesion": (replace("lesions.csv", "01,2,", "01,1,"), ["lesions.csv", "row 3", "lesion_id"]),
    "lesion without patient": (replace("lesions.csv", "02,3,", "99,3,"), ["lesions.csv", "row 4", "'99'"]),
    "negative SUV": (replace("lesions.csv", "01,1,1.5", "01,1,-1.5"), ["lesions.csv", "row 2", "suvmax", "-1.5"]),
    "unknown key": (replace("study.toml", "cutoff = 4.0", "cutof = 4.0"), ["'cutof'", "did you mean 'cutoff'"]),
    "unknown kind": (
        replace("study.toml", 'kind = "predictive_values"', 'kind = "predictive_value"'),
        ["did you mean 'predictive_values'"],
    ),
    "one class": (every_line("lesions.csv", "PD", "PR"), ["'at-4'", "response", "positive"]),
    "all-missing marker": (marker_gone, ["'at-4'", "no row is left", "24 with suvmax missing"]),
    "header only": (lines("lesions.csv", 1), ["lesions.csv"]),
    "empty file": (write("lesions.csv", b""), ["lesions.csv"]),
    "not UTF-8": (
        write("lesions.csv", "patient_id,lesion_id\n01,Läsion\n".encode("latin-1")),
        ["lesions.csv", "encoding"],
    ),
    "no analyses": (lambda study: cut(study), ["the study has no analyses"]),
    "no row after where": (
        replace("study.toml", "cutoff = 4.0", 'cutoff = 4.0\nwhere = { size_mm = "> 1000" }'),
        ["'at-4'", "no row", "size_mm > 1000"],
    ),
    "a word that is never there": (
        replace("study.toml", 'positive = ["CR", "PR"]', 'positive = ["CT"]'),
        ["response", "CT", "did you mean 'CR'"],
    ),
}


def cut(study):
    """Leave the study without analyses."""
    path = study / "study.toml"
    path.write_text(path.read_text(encoding="utf-8").partition("[[analysis]]")[0], encoding="utf-8")


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_the_input_gives_one_message_and_no_output(study, command, fault):
    change, expected = FAULTS[fault]
    change(study)
    output = study.parent / "out"
    status, printed, message = command("run", study, "-o", output)
    assert status == 2, message
    assert printed == ""
    assert message.startswith("biomarker: ")
    assert "Traceback" not in message
    for part in expected:
        assert part in message, message
    assert [path.name for path in study.parent.iterdir()] == ["study"]


def test_an_output_that_cannot_be_written(study, command):
    status, _, message = command("run", study, "-o", study / "study.toml" / "out")
    assert status == 2
    assert "cannot write to" in message
    assert "Traceback" not in message


def test_an_output_that_exists_is_left_alone(study, command):
    output = study.parent / "out"
    output.mkdir()
    (output / "mine.txt").write_text("mine")
    status, _, message = command("run", study, "-o", output)
    assert status == 2
    assert "exists" in message
    assert (output / "mine.txt").read_text() == "mine"


def test_several_faults_are_told_at_once(study, command):
    replace("lesions.csv", "01,1,1.5", "01,1,hot")(study)
    replace("lesions.csv", "02,3,", "99,3,")(study)
    replace("patients.csv", "03,Female", "03,Femme")(study)
    status, _, message = command("validate", study)
    assert status == 2
    assert "3 problems" in message


def test_a_fault_of_the_program_is_status_one(study, command, monkeypatch):
    def broken(*_arguments, **_keywords):
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr("biomarker.study.workflow.run_study", broken)
    status, _, message = command("run", study, "-o", study.parent / "out")
    assert status == 1
    assert "this is a fault of biomarker, not of your data" in message


def test_words_the_command_line_does_not_know(command):
    status, _, message = command("rum")
    assert status == 2
    assert "rum" in message
