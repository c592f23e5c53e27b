"""Output is whole or absent, and nothing that exists is lost."""

from pathlib import Path

import pytest

from biomarker.errors import StudyError
from biomarker.study.output import whole_folder


def write(folder, text="done"):
    (folder / "manifest.json").write_text(text)


def test_the_folder_appears_whole(tmp_path):
    with whole_folder(tmp_path / "deep" / "out") as draft:
        write(draft)
        assert not (tmp_path / "deep" / "out").exists()
    assert (tmp_path / "deep" / "out" / "manifest.json").read_text() == "done"
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["out"]


def test_nothing_appears_when_something_is_raised(tmp_path):
    with pytest.raises(KeyError), whole_folder(tmp_path / "out") as draft:
        write(draft)
        raise KeyError
    assert list(tmp_path.iterdir()) == []


def test_an_old_folder_stands_unless_force_and_until_the_new_one_does(tmp_path):
    out = tmp_path / "out"
    with whole_folder(out) as draft:
        write(draft, "old")
    with pytest.raises(StudyError, match="exists; give another output with -o, or --force"), whole_folder(out):
        pass
    with pytest.raises(KeyError), whole_folder(out, force=True) as draft:
        write(draft, "new")
        raise KeyError
    assert (out / "manifest.json").read_text() == "old"
    with whole_folder(out, force=True) as draft:
        write(draft, "new")
    assert (out / "manifest.json").read_text() == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_force_never_removes_a_folder_that_a_run_did_not_make(tmp_path):
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.txt").write_text("years of work")
    with pytest.raises(StudyError, match="was not made by"), whole_folder(tmp_path / "thesis", force=True):
        pass


def test_an_output_that_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StudyError, match="is a file"), whole_folder(tmp_path / "file"):
        pass
    with pytest.raises(StudyError, match="cannot write to"), whole_folder(tmp_path / "file" / "out"):
        pass


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a file system that refuses even the superuser")
def test_a_folder_that_refuses_to_be_written():
    with pytest.raises(StudyError, match="cannot write to /proc"), whole_folder(Path("/proc/out")):
        pass


def test_the_folder_has_the_mode_of_any_new_folder(tmp_path):
    (tmp_path / "plain").mkdir()
    with whole_folder(tmp_path / "out") as draft:
        write(draft)
    assert (tmp_path / "out").stat().st_mode == (tmp_path / "plain").stat().st_mode
