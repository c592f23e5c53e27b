"""A small study to run, and to break in every way that a user might."""

import sys
from pathlib import Path

import pytest

from biomarker.cli import main

STUDY = """
[study]
title = "Uptake and response"
seed = 7

[data.patients]
file = "patients.csv"
schema = "patient"

[data.lesions]
file = "lesions.csv"
schema = "lesion"
missing = ["n/a"]

[[analysis]]
name = "at-4"
kind = "predictive_values"
table = "lesions"
reference_standard = "response"
positive = ["CR", "PR"]
marker = "suvmax"
cutoff = 4.0
"""

PATIENTS = "patient_id,sex\n" + "".join(f"{number:02},Female\n" for number in range(1, 13))

LESIONS = "patient_id,lesion_id,suvmax,size_mm,response\n" + "".join(
    f"{1 + number // 2:02},{number + 1},{1.5 + 0.4 * ((number * 7) % 20):.1f},{10 + number},"
    f"{'CR' if number % 3 else 'PD'}\n"
    for number in range(24)
)


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """Return the folder of a study that runs."""
    folder = tmp_path / "study"
    folder.mkdir()
    (folder / "study.toml").write_text(STUDY, encoding="utf-8")
    (folder / "patients.csv").write_text(PATIENTS, encoding="utf-8")
    (folder / "lesions.csv").write_text(LESIONS, encoding="utf-8")
    return folder


@pytest.fixture
def command(capsys, monkeypatch):
    """Return a function that runs the command line in this process and gives status, output and errors."""

    def run(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["biomarker", *map(str, arguments)])
        with pytest.raises(SystemExit) as stop:
            main()
        printed = capsys.readouterr()
        return int(stop.value.code or 0), printed.out, printed.err

    return run
