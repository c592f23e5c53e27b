# ruff: noqa: E501 (tables in a line)

from __future__ import annotations

import pytest

from biomarker.data.column_report import column_lines
from biomarker.data.intake import read_table
from biomarker.data.suspicions import suspicious


def found(write, text, **options):
    return [
        (one.row, one.column, one.value, one.rule) for one in suspicious(read_table(write("t.csv", text), **options))
    ]


def test_unlikely_uptake_and_size(write):
    rows = found(
        write,
        "patient_id,lesion_id,suvmax,suvmean_24h,suvmax_24h,volume_ml,size_mm\n1,1,140,3,2,0,12\n2,1,7,2,3,5,0\n3,1,8,1,4,6,9\n",
    )
    assert rows == [
        (2, "suvmax", "140", "is above 100 g/mL"),
        (2, "suvmean_24h", "3", "is above suvmax_24h of the same row"),
        (2, "volume_ml", "0", "is zero; if nothing was measured, the cell is missing"),
        (3, "size_mm", "0", "is zero; if nothing was measured, the cell is missing"),
    ]


@pytest.mark.parametrize(
    ("word", "rule"),
    [
        ("Müller, Anna", "a person's name"),
        ("Smith John", "a person's name"),
        ("DOE^JOHN", "a person's name"),
        ("P-19530412", "holds a date"),
        ("PET_2019-03-02_a", "holds a date"),
        ("12.04.1953-M", "holds a date"),
        ("2-Jan", "spreadsheet turned into a date"),
    ],
)
def test_identifiers_that_tell_who_a_patient_is(write, word, rule):
    ((row, column, value, said),) = found(write, f'patient_id,age_years\nP01,50\n"{word}",60\n')
    assert (row, column, value) == (3, "patient_id", word)
    assert rule in said


@pytest.mark.parametrize("word", ["01", "P-001", "ABC-01-0012", "89Zr-07", "Berlin-3", "19999999", "X20991399"])
def test_study_numbers_are_not_suspected(write, word):
    assert found(write, f"patient_id,age_years\n{word},50\nother-2,60\n") == []


def test_columns_of_personal_data(write):
    rows = found(write, "patient_id,patient_name,birth_date,segment_name\n1,a,x,liver\n2,b,y,lung\n")
    assert [(column, rule[:12]) for _, column, _, rule in rows] == [
        ("patient_name", "may tell who"),
        ("birth_date", "may tell who"),
    ]


def test_a_summary_of_columns_shows_no_personal_data(write):
    table = read_table(write("named.csv", "patient_id,Naam\n1,Janssen A.\n2,Bakker B.\n"))
    assert [line.split("  ")[-1] for line in column_lines(table)][1] == "not shown: may tell who a patient is"


def test_rows_that_repeat(write):
    head = "patient_id,a,b,c\n"
    rows = found(
        write, head + "1,1.5,2.5,3.5\n1,1.5,2.5,3.5\n2,4.5,5.5,6.5\n3,7.5,8.5,9.5\n4,7.5,8.5,9.5\n5,1.1,1.2,1.3\n"
    )
    assert [(row, rule.partition(" (")[0]) for row, _, _, rule in rows] == [
        (3, "is the same as an earlier row in every cell"),
        (6, "has the measurements of an earlier row"),
    ]


def test_words_that_differ_in_case_and_numbers_left_as_text(write):
    rows = found(write, 'patient_id,tumor,level\n1,Melanoma,"2,5"\n2,melanoma,"3,5"\n')
    assert [(row, column, rule) for row, column, _, rule in rows] == [
        (3, "tumor", "differs from 'Melanoma' in case only"),
        (None, "level", 'is text, and would be numbers with decimal = ","'),
    ]


@pytest.mark.parametrize(
    ("text", "places", "rule"),
    [
        ("patient_id,weight_kg\n1,180\n2,190\n3,205\n", [None], "has a median of 190; is it in lb"),
        ("patient_id,weight_kg\n1,70\n2,190\n3,65\n", [3], "is unlikely; is it in lb?"),
        ("patient_id,injected_activity_mbq\n1,9.8\n2,10\n", [None], "has a median of 9.9; is it in mCi"),
        ("patient_id,height_cm\n1,1.7\n2,1.6\n", [None], "is it in inches or metres"),
        ("patient_id,hours_post_injection\n1,-1\n2,24\n", [2], "is before the injection"),
        ("patient_id,pfs_months,os_months\n1,5,4\n2,3,9\n", [2], "is longer than os_months of the same row"),
        ("patient_id,suvmax\nJ. Smith,3\nP02,4\n", [2], "looks like a person's name"),
        ('patient_id,suvmax\n"SMITH, JOHN",3\nP02,4\n', [2], "looks like a person's name"),
        ("patient_id,reader_id,suvmax\nP1,Jane Doe,3\nP2,R2,4\n", [2], "looks like a person's name; use a number"),
        ("patient_id,suvmax\n120345-1234,3\nP02,4\n", [2], "looks like the number of a person"),
    ],
)
def test_units_times_and_names_that_are_unlikely(write, text, places, rule):
    rows = [one for one in found(write, text) if rule in one[3]]
    assert [row for row, *_ in rows] == places


def test_usual_patients_are_not_remarked_on(write):
    text = "patient_id,weight_kg,height_cm,injected_activity_mbq,pfs_months,os_months\nP01,70,170,37,3,9\nP02,110,185,370,9,9\n"
    assert found(write, text) == []


def test_what_each_column_holds(write):
    text = "patient_id,suvmax,seen,day,site,none\n1,2.5,true,2026-01-02,liver,\n2,n/a,false,2026-01-03,lung,\n3,4.5,true,,liver,\n"
    table = read_table(write("t.csv", text), missing=["n/a"])
    lines = [" ".join(line.split()) for line in column_lines(table)]
    assert lines[1:3] == ["suvmax 2.5 to 4.5, median 3.5 missing 1 of 3, 33% ('n/a' 1)", "seen yes 2, no 1"]
    assert lines[4:] == ["site liver 2, lung 1", "none no value missing 3 of 3, 100% (blank 3)"]
