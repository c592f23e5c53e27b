"""A run whose Word files are set in the template of a house."""

import pytest
from docx import Document

HEADER = "ACME Biometrics"


@pytest.fixture
def house(study):
    """Write a template beside the study file."""
    document = Document()
    document.sections[0].header.paragraphs[0].text = HEADER
    document.styles.element.remove(document.styles["Caption"].element)
    document.save(study / "house.docx")
    return study / "house.docx"


def headers(folder):
    return [Document(folder / name).sections[0].header.paragraphs[0].text for name in ("report.docx", "tables.docx")]


def test_the_command_line_names_a_template(study, house, command, tmp_path):
    status, said, _ = command("run", study, "-o", tmp_path / "out", "--template", house)
    assert status == 0
    assert headers(tmp_path / "out") == [HEADER, HEADER]
    assert "house.docx has no style Caption; made from its Normal style instead." in said
    assert Document(tmp_path / "out" / "tables" / "at-4.docx").sections[0].header.paragraphs[0].text == HEADER


def test_the_study_file_names_a_template_by_its_place(study, house, command, tmp_path):
    text = (study / "study.toml").read_text(encoding="utf-8")
    (study / "study.toml").write_text(text.replace("seed = 7", 'seed = 7\ntemplate = "house.docx"'), encoding="utf-8")
    assert command("run", study, "-o", tmp_path / "out")[0] == 0
    assert headers(tmp_path / "out") == [HEADER, HEADER]
    house.unlink()
    for arguments in (["validate", study], ["run", study, "-o", tmp_path / "other"]):
        status, _, said = command(*arguments)
        assert status == 2
        assert "there is no template" in said
    assert not (tmp_path / "other").exists()


def test_what_is_no_word_document_is_refused_before_anything_is_computed(study, command, tmp_path):
    status, _, said = command("run", study, "-o", tmp_path / "out", "--template", study / "patients.csv")
    assert status == 2
    assert "template patients.csv is no Word document" in said
    assert not (tmp_path / "out").exists()


def test_a_run_writes_all_tables_in_one_document_too(study, command, tmp_path):
    assert command("run", study, "-o", tmp_path / "out")[0] == 0
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert {"tables.docx", "tables.rtf", "tables.html", "tables.xlsx"} <= names
    suffixes = {path.suffix for path in (tmp_path / "out" / "tables").iterdir()}
    assert suffixes == {".html", ".docx", ".rtf", ".tex", ".md", ".xlsx", ".csv"}
