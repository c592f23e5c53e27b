"""What was measured after the start is declared in the study file, and reaches the analyses that must know it."""

from pathlib import Path
from types import MappingProxyType

import pytest

from biomarker.errors import StudyError
from biomarker.study.load import Derivation, Source, Study, load_study
from biomarker.study.measured_at import measured_at
from biomarker.study.plan import _with_times
from biomarker.study.workflow import run_study

LESIONS = Source(name="lesions", file="l.csv", measured_at=MappingProxyType({"suv_week2": 0.5, "suv_week6": 1.4}))


def study_of(*derivations):
    return Study(path=Path("study.toml"), title="T", sources=(LESIONS,), derivations=derivations)


def test_a_derived_column_is_known_when_the_last_of_its_parts_is():
    highest = Derivation(table="patients", source="lesions", options={"how": "max", "marker": "suv_week2"})
    fall = {"how": "percent_change", "baseline": "suv_week2", "follow_up": "suv_week6", "name": "fall"}
    found = measured_at(study_of(highest, Derivation(table="lesions", source="lesions", options=fall)))
    assert found["patients"]["suv_week2_max"] == 0.5
    assert found["lesions"]["fall"] == 1.4
    plain = Derivation(
        table="patients", source="lesions", options={"how": "max", "marker": "suvmax", "name": "highest"}
    )
    assert "highest" not in measured_at(study_of(plain))["patients"]


def test_each_patients_own_time_is_inherited_too():
    source = Source(name="lesions", file="l.csv", measured_at={"suv_week2": "scan_months"})
    derived = Derivation(
        table="patients", source="lesions", options={"how": "max", "marker": "suv_week2", "name": "highest"}
    )
    found = measured_at(Study(path=Path("study.toml"), title="T", sources=(source,), derivations=(derived,)))
    assert found["patients"]["highest"] == "scan_months"


def test_an_analysis_is_told_of_the_columns_it_uses():
    times = {"suv_week6": 1.4, "suv_week2": 0.5}
    assert _with_times({"marker": "suvmax"}, times) == {"marker": "suvmax"}
    told = _with_times({"predictors": ["suvmax", "suv_week6"], "duration": "pfs_months"}, times)
    assert told["measured_at"] == {"suv_week6": 1.4}
    own = _with_times({"marker": "suv_week6", "measured_at": {"suv_week6": 0}}, times)
    assert own["measured_at"] == {"suv_week6": 0}


@pytest.mark.parametrize("wrong", ["true", "[1, 2]", "{ a = 1 }"])
def test_a_time_that_is_none_is_refused(tmp_path, wrong):
    (tmp_path / "study.toml").write_text(
        '[study]\ntitle = "T"\n[data.lesions]\nfile = "l.csv"\n'
        f"measured_at = {{ suv_week6 = {wrong} }}\n"
        '[[analysis]]\nname = "a"\nkind = "roc_curve"\n',
        encoding="utf-8",
    )
    with pytest.raises(StudyError, match=r"\[data.lesions\] measured_at.suv_week6 = .*give a time"):
        load_study(tmp_path)


def test_a_declared_column_must_be_there(study, tmp_path):
    text = (study / "study.toml").read_text(encoding="utf-8")
    declared = text.replace(
        'missing = ["n/a"]', 'missing = ["n/a"]\nmeasured_at = { suvmaxx = 1, size_mm = "scan_months" }'
    )
    (study / "study.toml").write_text(declared, encoding="utf-8")
    with pytest.raises(StudyError) as failure:
        run_study(study, tmp_path / "out")
    assert "no column 'suvmaxx' (did you mean 'suvmax'?)" in str(failure.value)
    assert "no column 'scan_months'" in str(failure.value)
