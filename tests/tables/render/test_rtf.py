import re
import shutil
import subprocess

import pytest
from striprtf.striprtf import rtf_to_text

from biomarker.tables import Table
from biomarker.tables.render.rtf import render, to_bytes
from biomarker.tables.render.rtf_text import escape


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a\\b{c}", r"a\\b\{c\}"),
        ("1–2", r"1\u8211\'2d2"),  # the digit that follows is not taken for the sign shown instead
        ("−0.5", r"\u8722\'2d0.5"),
        ("😀", r"\u-10179\'3f\u-8704\'3f"),
        ("a\nb", r"a\line b"),
        ("\x00", r"\u-3\'3f"),
    ],
)
def test_escapes(text, code):
    assert escape(text) == code


def test_every_row_reads_back(rich):
    read = rtf_to_text(render(rich))
    assert "Responding|5/30|16.7|1.20 (0.80–1.91)d|<0.001|" in read
    assert "SUVmax (g/mL)b" in read
    assert "b Fasting." in read


def test_the_header_repeats_and_rows_stay_whole(rich):
    rows = render(rich).split(r"\row")[:-1]
    assert [r"\trhdr" in row for row in rows] == [True, True, False, False, False]
    assert all(r"\trkeep" in row for row in rows)


def test_labels_over_columns_take_the_width_of_theirs(rich):
    top, below, *_ = ([int(end) for end in re.findall(r"\\cellx(\d+)", row)] for row in render(rich).split(r"\row"))
    assert len(top) == 3
    assert len(below) == 5
    assert (top[0], top[1], top[2]) == (below[0], below[2], below[4])


def test_points_meet_by_the_room_behind_them(rich):
    first, second = (row for row in render(rich).split(r"\row") if "Responding" in row or "Other" in row)
    rooms = [[int(room) for room in re.findall(r"\\ri(\d+)", row)] for row in (first, second)]
    assert rooms[0][0] == 0
    assert rooms[1][0] == round(19 * 10 * (2 * 0.5 + 0.66 * 0.5))


def test_a_wide_table_lies_on_a_turned_page(rich):
    wide = Table(title="t", header=["x"] * 8, rows=[["12.34 (5.67)"] * 8])
    assert r"\lndscpsxn\pgwsxn16838" in render(wide)
    assert r"\lndscpsxn" not in render(rich)


def test_equal_tables_give_equal_bytes(rich):
    assert to_bytes(rich) == to_bytes(rich)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_libreoffice_opens_it(rich, tmp_path):
    (tmp_path / "t.rtf").write_bytes(to_bytes(rich))
    profile = f"-env:UserInstallation=file://{tmp_path / 'profile'}"
    command = ["soffice", profile, "--headless", "--convert-to", "txt:Text", "t.rtf"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=120)
    read = (tmp_path / "t.txt").read_text(encoding="utf-8-sig")
    assert all(text in read for text in ("Uptake and response", "12.3 (8.0–19.1)", "SUVmax (g/mL)b", "e Last."))
