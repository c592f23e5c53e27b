"""The ``[[derive]]`` step response_category: joined to patients, in a new table, at visits; and scans between."""

from __future__ import annotations

import pandas as pd
import pytest

from biomarker.data.derive import derive_table
from biomarker.data.table import DataTable
from biomarker.errors import SchemaError, StudyError


def table(name, **columns):
    n = len(next(iter(columns.values())))
    return DataTable(name=name, frame=pd.DataFrame(columns, index=pd.RangeIndex(2, n + 2, name="row")), source=name)


@pytest.fixture
def tables():
    patients = table("patients", patient_id=["01", "02", "03"], arm=["A", "B", "B"])
    measurements = table(
        "measurements",
        patient_id=["01", "01", "02", "02"],
        lesion_id=["T1"] * 4,
        day=[0, 56, 0, 56],
        role=["target"] * 4,
        diameter_mm=[50.0, 20.0, 30.0, 40.0],
    )
    return {"patients": patients, "measurements": measurements}


def derive(tables, target, **options):
    return derive_table(tables, target, "measurements", {"how": "response_category"} | options)


def test_joined_to_patients(tables):
    made = derive(tables, "patients")
    assert made.frame["best_response"].tolist()[:2] == ["PR", "PD"]
    assert pd.isna(made.frame["best_response"].iloc[2])
    assert made.frame["objective_response"].tolist() == [True, False, pd.NA]
    assert made.frame["reason"].iloc[0] == "PR: PR on day 56."
    assert list(made.frame.index) == [2, 3, 4]
    assert made.notes == (
        "best_response: best overall response by recist-1.1 from measurements, 2 patients (PR 1, PD 1).",
    )


def test_two_criteria_side_by_side(tables):
    tables["patients"] = derive(tables, "patients")
    made = derive(tables, "patients", criteria="irecist", name="immune_response")
    assert made.frame["immune_response"].tolist()[:2] == ["iPR", "iUPD"]
    assert made.frame["immune_response_progression_day"].tolist()[1] == 56
    with pytest.raises(StudyError, match="table 'patients' has a column 'best_response' already"):
        derive(tables, "patients", criteria="irecist")


def test_in_new_tables(tables):
    best = derive(tables, "best", confirm=True)
    assert best.frame["best_response"].tolist() == ["SD", "PD"]
    visits = derive(tables, "visits", per="visit")
    assert visits.frame[["patient_id", "day", "response"]].to_numpy().tolist() == [["01", 56, "PR"], ["02", 56, "PD"]]
    assert visits.notes == ("visits: response at each visit by recist-1.1; 2 visits.",)
    with pytest.raises(StudyError, match="'patients' is there already"):
        derive(tables, "patients", per="visit")


def test_of_chosen_rows(tables):
    made = derive(tables, "best", where={"patient_id": "02"})
    assert made.frame["patient_id"].tolist() == ["02"]
    assert "rows of measurements with patient_id = 02: 2 of 4" in made.notes[0]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"criterion": "irecist"}, r"unknown key 'criterion' \(did you mean 'criteria'\?\)"),
        ({"confirm": "yes"}, "confirm = 'yes': give true or false"),
        ({"diameter": "size"}, r"\[\[derive\]\] 'patients': table 'measurements': .*no column 'size'"),
    ],
)
def test_steps_that_cannot_be(tables, options, message):
    with pytest.raises(StudyError, match=message):
        derive(tables, "patients", **options)


def test_a_fault_in_a_row_names_the_row_of_the_file(tables):
    frame = tables["measurements"].frame.assign(role=["target", "target", "targt", "target"])
    tables["measurements"] = DataTable(name="measurements", frame=frame)
    with pytest.raises(SchemaError, match=r"row 4, role: 'targt' is not a role"):
        derive(tables, "patients")


def test_lesions_within_a_scan_before_the_patient(tables):
    lesions = table(
        "lesions",
        patient_id=["01", "01", "01", "02", "02"],
        session=[1, 1, 2, 1, None],
        site_of_scan=["x", "x", "y", "z", "z"],
        suvmax=[4.0, 10.0, 6.0, 3.0, 99.0],
    )
    tables["lesions"] = lesions
    hottest = {"how": "max", "marker": "suvmax", "by": ["session"]}
    scans = derive_table(tables, "scans", "lesions", hottest | {"name": "top"})
    assert scans.frame["top"].tolist() == [10, 6, 3]
    assert scans.frame["site_of_scan"].tolist() == ["x", "y", "z"]
    assert scans.notes == ("top: per patient and session, highest suvmax; 4 lesions of 2 patients in 3 rows.",)
    tables["scans"] = scans
    made = derive_table(tables, "patients", "scans", {"how": "mean", "marker": "top", "name": "mean_of_scans"})
    assert made.frame["mean_of_scans"].tolist()[:2] == [8, 3]
    with pytest.raises(StudyError, match=r"how = 'max by session' makes a new table, and 'patients' is there"):
        derive_table(tables, "patients", "lesions", hottest)


def test_readers_stand_in_a_table_of_their_own(tables):
    """Joined to the patients, two readers would make two rows of one patient."""
    frame = tables["measurements"].frame
    both = pd.concat([frame.assign(reader_id="a"), frame.assign(reader_id="b")], ignore_index=True)
    tables["measurements"] = DataTable(name="measurements", frame=both)
    best = derive(tables, "best", reader="reader_id")
    assert best.frame["reader_id"].tolist() == ["a", "a", "b", "b"]
    assert best.notes[0].endswith("from measurements, 4 readings of patients (PR 2, PD 2).")
    with pytest.raises(StudyError, match="'response_category by reader' makes a new table, and 'patients' is there"):
        derive(tables, "patients", reader="reader_id")
