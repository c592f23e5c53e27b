"""What the layouts refuse, and what they carry over."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from biomarker.data.intake import read_table
from biomarker.data.layouts import LAYOUTS
from biomarker.errors import BiomarkerError

CORPUS = Path(__file__).parents[1] / "corpus"
ADTTE = "USUBJID,PARAMCD,PARAM,AVAL,CNSR\n"


@pytest.mark.parametrize(
    ("layout", "text", "message"),
    [
        ("adtte", ADTTE + "A,OS,Survival (Days),30,0\nA,OS,Survival (Days),40,0\n", "'40' contradicts '30' in row 2"),
        ("adtte", ADTTE + "A,OS,Survival (Days),30,yes\n", "CNSR: 'yes' is no censoring flag"),
        ("adsl", "USUBJID,AGE,AGEU\nA,30,YEARS\nB,300,MONTHS\n", "AGEU holds MONTHS; give ages in one unit"),
        ("adtr", "USUBJID,PARAMCD,AVAL,ABLFL,TRLNKID\nA,LDIAM1,12,,T01\n", "no row of a lesion is flagged as baseline"),
        ("adrs", "USUBJID,PARAMCD,AVALC\nA,OVR,SD\nA,OVR,PD\n", "no response stands once for each subject"),
        ("redcap", "id,redcap_repeat_instrument,a\n1,,2\n", "redcap_repeat_instrument stands alone"),
        (
            "redcap",
            "id,redcap_event_name,age\n1,a,50\n1,b,60\n",
            "'60' differs between events of record 1; export one event",
        ),
        ("dicom-sr-csv", "trackingID,measurementConcept,measurementValue\n,Volume,3\n", "no tracking identifier"),
        ("pmod", "Component [string],Averaged [kBq/cc]\nVOI,3\n", "no column of hours_post_injection and tissue"),
        ("slicer", "name,Maximum\na,3\n", "no column Segment"),
        ("pet-indic", "a,b\n1,2\n", "none of the columns mean"),
        ("pyradiomics", "a,b\n1,2\n", "no column of a feature"),
        ("lifex", "INFO_PatientID,CONVENTIONAL_SUVbwmax,CONVENTIONAL_SUVbwmax[SUV]\nP,1,2\n", "are both suvmax"),
    ],
)
def test_refused(write, layout, text, message):
    with pytest.raises(BiomarkerError, match=message):
        read_table(write("t.csv", text), format=layout)


@pytest.mark.parametrize("layout", [name for name in LAYOUTS if name not in ("lifex",)])
def test_a_table_of_another_kind_is_refused_in_words(write, layout):
    """LIFEx has no column that must be there; every other layout says which it lacks."""
    text = "a,b\n1,2\n2,3\n"
    if layout in ("redcap", "pet-indic-text"):  # any table can be a plain export, or lines of two words
        assert len(read_table(write("t.csv", text), format=layout).frame)
        return
    with pytest.raises(BiomarkerError, match=r"t\.csv: "):
        read_table(write("t.csv", text), format=layout)


def test_durations_by_their_dates(write):
    text = "USUBJID,PARAMCD,PARAM,STARTDT,ADT,AVAL,CNSR\nA,OS,Survival,2024-01-01,2024-01-31,31,0\n"
    frame = read_table(write("t.csv", text), format="adtte", schema="patient").frame
    assert frame["os_months"].tolist() == [31 / 30.4375]
    with pytest.raises(BiomarkerError, match="the unit of AVAL is not said"):
        read_table(write("u.csv", text.replace(",31,0", ",1,0")), format="adtte")


def test_ages_in_months_become_years(write):
    table = read_table(write("t.csv", "USUBJID,AGE,AGEU\nA,600,MONTHS\n"), format="adsl", schema="patient")
    assert table.frame["age_years"].tolist() == [50.0]


def test_lesions_at_baseline(write):
    text = (
        "USUBJID,PARAMCD,AVAL,AVALU,ABLFL,TRLNKID,TULOC,AGE\nA,LDIAM1,1.2,cm,Y,T01,LIVER,50\nA,LDIAM1,0.8,cm,,T01,LIVER,50\n"
        "A,SUVMAX1,5.5,,Y,T01,LIVER,50\nA,SDIAM,1.2,cm,Y,,,50\n"
    )
    table = read_table(write("t.csv", text), format="adtr", schema="lesion")
    assert table.frame[["size_mm", "suvmax", "lesion_site", "age_years"]].to_numpy().tolist() == [
        [12.0, 5.5, "LIVER", 50]
    ]
    assert "1 row of another visit was left out, for which there is part" in " ".join(table.notes)
    assert "the rows of SDIAM were left out" in " ".join(table.notes)


def test_lesions_and_subjects_of_whom_something_is_not_known(write):
    text = "USUBJID,PARAMCD,AVAL,AVALU,ABLFL,TRLNKID,TULOC,AGE\nA,LDIAM1,12,mm,Y,T01,LIVER,50\nB,LDIAM1,14,mm,Y,T01,,\n"
    frame = read_table(write("t.csv", text), format="adtr", schema="lesion").frame
    assert frame["lesion_site"].isna().tolist() == frame["age_years"].isna().tolist() == [False, True]


def test_nodes_without_a_short_axis_have_their_longest_diameter(write):
    text = "USUBJID,PARAMCD,AVAL,ABLFL,TRGRPID,TRLNKID,VISIT,TULOC\nA,LDIAM1,12,Y,TARGET,1,BL,LYMPH NODE\n"
    table = read_table(write("t.csv", text), format="adtr", part="visits", schema="measurement")
    assert table.frame[["diameter_mm", "role", "visit"]].to_numpy().tolist() == [[12.0, "target", "baseline"]]
    said = " ".join(table.notes)
    assert "nodes without NLDIAM have LDIAM" in said
    assert "the unit of diameters is not said; they are taken for millimetres" in said


def test_a_lesion_whose_part_is_not_said(write):
    text = "USUBJID,PARAMCD,AVAL,ABLFL,TRLNKID,VISIT\nA,LDIAM1,12,Y,X1,BL\n"
    with pytest.raises(BiomarkerError, match="TRLNKID: 'X1' does not say which part the lesion plays"):
        read_table(write("t.csv", text), format="adtr", part="visits")


@pytest.mark.parametrize(
    ("unit", "column", "value"), [("Bq/cc", "activity_kbq_per_ml", 0.0125), ("SUV", "suvmean", 12.5)]
)
def test_units_of_pmod(write, unit, column, value):
    head = f"# DATA\n// PatientID [string]\tVoiName(Region) [string]\tTime [minutes]\tAveraged [{unit}]\n"
    text = f"{head}S1\tLiver\t60\t12.5\n"
    frame = read_table(write("t.voistat", text), format="pmod", schema="uptake").frame
    assert frame[["hours_post_injection", column]].to_numpy().tolist() == [[1.0, value]]
    with pytest.raises(BiomarkerError, match=r"Averaged is in \[1/1\]; save the regions in"):
        read_table(write("u.voistat", text.replace(unit, "1/1")), format="pmod")


def test_a_folder_of_reports(tmp_path):
    for name in ("one.dcm", "two.dcm"):
        shutil.copy(CORPUS / "tid1500.dcm", tmp_path / name)
    table = read_table(tmp_path, format="dicom-sr")
    assert table.frame["suvmax"].tolist() == [9.5, 6.5], "the same report twice says nothing new"
    assert len(table.sha256) == 64
    with pytest.raises(BiomarkerError, match=r"no \.dcm file in this folder"):
        read_table(tmp_path.parent, format="dicom-sr")


def test_blocks_with_letters_and_empty_blocks(write):
    text = "patient_id,T0_SUVpeak,T1_SUVpeak\n01,2.5,3.5\n02,4.5,\n"
    table = read_table(write("t.csv", text), blocks="T{session}_{column}")
    assert table.frame.to_numpy().tolist() == [["01", 0, 2.5], ["01", 1, 3.5], ["02", 0, 4.5]]
    assert "1 blocks without any cell were left out" in " ".join(table.notes)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"missing": [-99]}, 'missing holds -99: write it as text, "-99"'),
        ({"columns": {"a": 1}}, "columns.a = 1: write it as text"),
        ({"constants": {"patient_id": "x"}}, "the table has a column 'patient_id' of its own"),
        ({"fill_down": ["patient"]}, "no column 'patient' .*did you mean 'patient_id'"),
        ({"values": {"sex": {"1": "M"}}}, "values: no column 'sex'"),
        ({"thousands": ".", "decimal": "."}, "both '.'; one mark cannot mean both"),
        ({"colums": {}}, "no option 'colums' .*did you mean 'columns'"),
        ({"encoding": "base64"}, "unknown encoding 'base64'"),
        ({"skip_rows": -1}, "skip_rows = -1: give 1 or more, and 0 or more"),
    ],
)
def test_options_that_do_not_fit(write, options, message):
    with pytest.raises(BiomarkerError, match=message):
        read_table(write("t.csv", "patient_id,suvmax\n1,2\n"), **options)


def test_a_name_that_stands_there_already_is_refused(write):
    """Found by the fuzzing."""
    text = "INFO_PatientID,INFO_NameOfRoi,lesion_id,CONVENTIONAL_SUVbwmax\nP,L,1,2\n"
    with pytest.raises(BiomarkerError, match="gives a column 'lesion_id', and the table has one of that name already"):
        read_table(write("t.csv", text), format="lifex")
