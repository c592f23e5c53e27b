"""Several tables of a study together: column names, cross-checks, and the record of missing cells."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from biomarker.data.columns import numbers_of, rename_columns, require_column
from biomarker.data.intake import TableSource, read_table, read_tables
from biomarker.data.missing import count_tokens, missing_note
from biomarker.errors import DesignError, SchemaError, StudyError

PATIENTS = "patient_id,sex,response,tumor_type\n01,F,CR,HCC\n02,M,PD,HCC\n"


def read(write, **content):
    sources = {
        name: TableSource(file=write(f"{name}.csv", text), schema=name.rstrip("s")) for name, text in content.items()
    }
    return read_tables(sources)


def problems_of(write, **content):
    with pytest.raises(SchemaError) as error:
        read(write, **content)
    return [(Path(p.file).name, p.row, p.column, p.value, p.rule) for p in error.value.problems]


def test_tables_that_fit(write):
    tables = read(
        write,
        patients=PATIENTS,
        lesions="patient_id,lesion_id,suvmax\n01,1,2\n02,1,3\n",
        readings="patient_id,lesion_id,reader_id,session,suvmax\n01,1,A,1,2\n01,1,A,2,2\n01,1,B,1,3\n",
    )
    assert list(tables) == ["patients", "lesions", "readings"]
    assert tables["readings"].schema_name == "reading"
    assert tables["lesions"].source.endswith("lesions.csv")


def test_a_lesion_without_a_patient(write):
    lesions = "patient_id,lesion_id,suvmax\n1,1,2\n1,2,2\n02,1,3\n77,1,4\n"
    assert problems_of(write, patients=PATIENTS, lesions=lesions) == [
        (
            "lesions.csv",
            2,
            "patient_id",
            "1",
            "is not in patients.csv (did you mean '01'? leading zeros differ) (2 rows)",
        ),
        ("lesions.csv", 5, "patient_id", "77", "is not in patients.csv"),
    ]


def test_a_reading_of_an_unknown_lesion(write):
    found = problems_of(
        write,
        lesions="patient_id,lesion_id,suvmax\n01,1,2\n02,1,3\n",
        readings="patient_id,lesion_id,reader_id,suvmax\n01,2,A,2\n02,1,A,3\n",
    )
    assert found == [("readings.csv", 2, "patient_id, lesion_id", "01, 2", "is not in lesions.csv")]


def test_a_patient_with_two_answers(write):
    lesions = "patient_id,lesion_id,response,sex\n01,1,CR,F\n01,2,PR,F\n02,1,,M\n02,2,PD,F\n"
    own = "; a value of the lesion's own belongs in lesion_status"
    assert problems_of(write, patients=PATIENTS, lesions=lesions) == [
        ("lesions.csv", 5, "sex", "F", "contradicts M in patients.csv, row 3, for patient 02"),
        ("lesions.csv", 3, "response", "PR", f"contradicts CR in patients.csv, row 2, for patient 01{own}"),
    ]


def test_faults_of_all_tables_come_together(write):
    found = problems_of(
        write,
        patients="patient_id,sex\n01,F\n01,M\n",
        lesions="patient_id,lesion_id,suvmax\n01,1,hot\n03,1,2\n",
    )
    assert [(file, row) for file, row, *_ in found] == [
        ("patients.csv", 3),
        ("lesions.csv", 2),
        ("lesions.csv", 3),
        ("patients.csv", 3),
    ]


def test_an_uptake_row_of_normal_tissue_needs_no_lesion(write):
    read(
        write,
        lesions="patient_id,lesion_id,suvmax\n01,1,2\n",
        uptakes="patient_id,lesion_id,tissue,hours_post_injection,suvmean\n01,,liver,24,5\n01,1,tumour,24,2\n",
    )


def test_a_duplicate_lesion(write):
    found = problems_of(write, lesions="patient_id,lesion_id,suvmax\n01,1,2\n01,2,3\n01,1,4\n")
    assert [(row, rule) for _, row, _, _, rule in found] == [
        (4, "repeats row 2; a row is known by its patient_id and lesion_id")
    ]


def test_their_names_to_ours(write):
    path = write("a.csv", "Subject,SUVmax\u00a024 h,x\n01,2.3,1\n")
    table = read_table(path, columns={"patient_id": "Subject", "suvmax_24h": "SUVmax 24 h"})
    assert list(table.frame.columns) == ["patient_id", "suvmax_24h", "x"]


def test_faults_of_the_mapping_come_together():
    frame = pd.DataFrame(columns=["Subject", "SUVmax", "suvmax"])
    columns = {"patient_id": "Subjekt", "suvmax": "SUVmax", "suv": "SUVmax"}
    with pytest.raises(StudyError) as error:
        rename_columns(frame, columns, file="a.csv")
    assert str(error.value).splitlines() == [
        "a.csv: columns.patient_id: the table has no column 'Subjekt' (did you mean 'Subject'?)",
        "a.csv: columns.suvmax: 'SUVmax' is already taken as suv",
    ]
    with pytest.raises(StudyError, match="has a column 'suvmax' of its own"):
        rename_columns(frame, {"suvmax": "SUVmax"})


def test_two_names_may_be_swapped():
    frame = pd.DataFrame({"a": [1], "b": [2]})
    assert rename_columns(frame, {"a": "b", "b": "a"}).to_dict("list") == {"b": [1], "a": [2]}


def test_an_absent_column_names_the_nearest():
    with pytest.raises(StudyError, match=r"table 'lesions' has no column 'suvmax' \(did you mean 'suvmax_24h'\?\)"):
        require_column(pd.DataFrame(columns=["suvmax_24h"]), "suvmax", table="lesions")


def test_numbers_of_a_column():
    assert numbers_of(pd.DataFrame({"a": ["1", None]}), "a").tolist()[0] == 1.0
    assert numbers_of(pd.DataFrame({"a": [True, False]}), "a", booleans=True).tolist() == [1.0, 0.0]
    with pytest.raises(DesignError, match="true and false"):
        numbers_of(pd.DataFrame({"a": [True, False]}), "a")
    with pytest.raises(SchemaError, match=r"row 7, a: 'x' is not a finite number"):
        numbers_of(pd.DataFrame({"a": ["1", "x"]}, index=[6, 7]), "a")
    with pytest.raises(SchemaError, match="inf"):
        numbers_of(pd.DataFrame({"a": [1, float("inf")]}), "a")


def test_missing_words_are_counted_for_chosen_rows(write):
    path = write("a.csv", "patient_id,suvmax\n1,n/a\n2,n/a*\n3,n/a*\n4,\n5,1\n")
    table = read_table(path, missing=["n/a", "n/a*"])
    assert table.missing_note("suvmax") == "suvmax missing: n/a* 2, n/a 1, blank 1"
    assert table.missing_note("suvmax", [3, 5]) == "suvmax missing: n/a* 1, blank 1"
    assert missing_note(table.tokens, "suvmax", []) == ""
    assert count_tokens(table.tokens, "patient_id") == {}


def test_the_real_lesion_table_keeps_its_patients():
    from biomarker.data.derive import derive_table

    example = Path(__file__).parents[2] / "biomarker" / "examples" / "cd8"
    names = {"patient_id": "subject_id", "lesion_id": "lesion_number", "age_years": "age"}
    tables = {
        "lesions": read_table(example / "lesions.csv", schema="lesion", columns=names, missing=["n/a", "n/a*", "-"])
    }
    lesions = tables["lesions"].frame
    assert (len(lesions), lesions["patient_id"].nunique(), lesions["suvmax_24h"].notna().sum()) == (44, 15, 42)
    assert lesions["suvmax_24h"].describe().round(2).loc[["mean", "std", "50%", "max"]].tolist() == [
        3.48,
        4.27,
        1.55,
        19.3,
    ]
    patients = derive_table(
        tables, "patients", "lesions", {"how": "max", "marker": "suvmax_24h", "name": "hottest"}
    ).frame
    # published detection bands: more than 2.2 and at most 3.6 separates the 9 patients read as positive
    assert (patients["hottest"] >= 3.6).sum() == 9
    assert patients.set_index("patient_id").loc["07", "hottest_n_missing"] == 2
    assert (patients["age_years"].median(), (patients["sex"] == "Male").sum()) == (64, 9)
