from __future__ import annotations

import pandas as pd
import pytest

from biomarker.errors import SchemaError
from biomarker.study.describe import plan_text, validation_text


def test_the_report_of_validate(study):
    lesions = study / "lesions.csv"
    frame = pd.read_csv(lesions, dtype=str)
    frame.loc[0, "suvmax"] = "140"
    frame.to_csv(lesions, index=False)
    said = validation_text(study)
    assert "Look at these; nothing was changed:" in said
    assert "lesions.csv, suvmax, row 2: '140' is above 100 g/mL" in said
    assert "  sex" in said
    assert "Female" in said


def test_a_sound_study_is_said_to_be_one(study):
    said = validation_text(study)
    assert "no problem found" in said
    assert "No row stands twice" in said


def test_validate_tells_more_faults_than_a_run(study):
    lesions = study / "lesions.csv"
    frame = pd.read_csv(lesions, dtype=str).assign(suvmax="high")
    frame.to_csv(lesions, index=False)
    with pytest.raises(SchemaError) as error:
        validation_text(study)
    assert str(error.value).count("'high' is not a number") == len(frame) == 24


def test_the_plan_names_the_checklists(study):
    assert "Reporting checklists\n  STARD 2015: text for items" in plan_text(study)
    path = study / "study.toml"
    path.write_text(path.read_text(encoding="utf-8") + "\n[checklists]\nshow = []\n", encoding="utf-8")
    assert "Reporting checklists" not in plan_text(study)
