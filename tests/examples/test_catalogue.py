"""Every example can be found, listed and copied, and says where its numbers come from."""

from importlib.resources import files

import pytest

from biomarker.errors import StudyError
from biomarker.examples import EXAMPLES, copy_example, example_folder


def test_the_list_and_the_folders_agree():
    folders = {entry.name for entry in files("biomarker.examples").iterdir() if entry.is_dir()} - {"__pycache__"}
    assert folders == set(EXAMPLES)


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_has_a_study_and_a_source(name):
    folder = example_folder(name)
    assert (folder / "study.toml").is_file()
    assert (folder / "SOURCE.md").read_text(encoding="utf-8").startswith(f"# Source: `{name}`")
    assert "\n" not in EXAMPLES[name]


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_copy_is_complete_and_writable(name, tmp_path):
    copy = copy_example(name, tmp_path / "deep" / "copy")
    source = example_folder(name)
    assert {path.name for path in copy.iterdir()} == {path.name for path in source.iterdir()}
    for path in copy.iterdir():
        assert path.read_bytes() == (source / path.name).read_bytes()
        path.write_bytes(path.read_bytes())
    assert [path.name for path in copy.parent.iterdir()] == ["copy"]


def test_by_default_the_copy_bears_the_name_of_the_example(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert copy_example("zephir").name == "zephir"
    assert (tmp_path / "zephir" / "study.toml").is_file()


@pytest.mark.parametrize("existing", ["folder", "file", "dangling"])
def test_what_exists_is_not_overwritten(existing, tmp_path):
    destination = tmp_path / "here"
    if existing == "folder":
        destination.mkdir()
        (destination / "mine.txt").write_text("mine")
    elif existing == "file":
        destination.write_text("mine")
    else:
        destination.symlink_to(tmp_path / "nowhere")
    with pytest.raises(StudyError, match="exists"):
        copy_example("cd8", destination)
    if existing == "folder":
        assert [path.name for path in destination.iterdir()] == ["mine.txt"]


def test_an_unknown_name_is_met_with_the_nearest():
    with pytest.raises(StudyError, match=r"did you mean 'zephir'.*cd8"):
        copy_example("zephyr")


def test_a_place_that_cannot_be_written_is_reported(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(StudyError, match="cannot be written"):
        copy_example("cd8", tmp_path / "file" / "copy")
