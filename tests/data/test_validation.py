from __future__ import annotations

import json
import time

import frictionless
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biomarker.data.intake import read_table
from biomarker.data.schemas import load_schema, schema_text
from biomarker.data.validation import validate
from biomarker.errors import SchemaError, StudyError


def cells(**columns):
    n = len(next(iter(columns.values())))
    return pd.DataFrame(columns, index=pd.RangeIndex(2, n + 2, name="row"), dtype=object)


def faults(checked):
    return [(problem.row, problem.column, problem.value) for problem in checked.problems]


def test_every_fault_is_reported_at_once(write):
    path = write(
        "lesions.csv",
        "patient_id,lesion_id,suvmax_24h,suvmean_24h,size_mm,laterality,age_years\n"
        "01,1,2.3,1.1,12,left,37\n"
        "01,1,high,1.1,12,Lefft,37\n"
        "02,,-0.5,1.0,n/a,right,370\n"
        ",1,3.0,4.5,1e9,L,50\n",
    )
    with pytest.raises(SchemaError) as error:
        read_table(path, schema="lesion")
    found = {(p.row, p.column, p.value): p.rule for p in error.value.problems}
    sides = "left, right, bilateral, midline, Left, Right, Bilateral, Midline, L, R"
    assert all(p.file == "lesions.csv" for p in error.value.problems)
    assert found == {
        (3, "suvmax_24h", "high"): "is not a number; if it means a missing cell, name it in missing",
        (3, "laterality", "Lefft"): f"is not one of {sides} (did you mean 'Left'?)",
        (3, "patient_id, lesion_id", "01, 1"): "repeats row 2; a row is known by its patient_id and lesion_id",
        (4, "lesion_id", ""): "must not be missing",
        (4, "suvmax_24h", "-0.5"): "is below the least this column may hold, 0 g/mL",
        (4, "suvmean_24h", "1"): "is above suvmax_24h of the same row, -0.5",
        (4, "age_years", "370"): "is above the most this column may hold, 120 years",
        (5, "patient_id", ""): "must not be missing",
        (5, "suvmean_24h", "4.5"): "is above suvmax_24h of the same row, 3",
        (5, "size_mm", "1e9"): "is above the most this column may hold, 1000 mm",
    }
    assert str(error.value).startswith(
        "10 problems in the data:\n  lesions.csv, row 3, suvmax_24h: 'high' is not a number"
    )


def test_a_required_column_that_is_absent_names_the_likely_one(write):
    with pytest.raises(SchemaError, match=r"no column has this name \(did you mean 'PatientID'\?\); .*map it: columns"):
        read_table(write("p.csv", "PatientID,age_years\n01,37\n"), schema="patient")


def test_types_of_columns():
    checked = validate(
        cells(
            patient_id=["01", "02"],
            age_years=["37", ""],
            ecog=["0", "1"],
            n_prior_lines=["2", ""],
            pfs_event=["yes", "no"],
            os_event=["1", ""],
            scan_date=["2026-11-21", "NA"],
            sex=["", "NA"],
            response=["1", "0"],
            unknown_number=["1.5", "-"],
            unknown_code=["007", "12"],
            unknown_words=["yes", "no"],
            unknown_truth=["TRUE", "false"],
            unknown_empty=["", ""],
        ),
        schema=load_schema("patient"),
    )
    assert not checked.problems
    assert {name: str(kind) for name, kind in checked.frame.dtypes.items()} == {
        "patient_id": "object",
        "age_years": "float64",
        "ecog": "int64",
        "n_prior_lines": "float64",
        "pfs_event": "bool",
        "os_event": "boolean",
        "scan_date": "datetime64[ns]",
        "sex": "object",
        "response": "float64",
        "unknown_number": "float64",
        "unknown_code": "object",
        "unknown_words": "object",
        "unknown_truth": "bool",
        "unknown_empty": "float64",
    }
    assert checked.frame["scan_date"].tolist() == [pd.Timestamp("2026-11-21"), pd.NaT]
    assert checked.frame["os_event"].tolist() == [True, pd.NA]
    assert checked.frame.isna().sum().sum() == len(checked.tokens)


def test_the_token_of_each_missing_cell_is_kept():
    checked = validate(
        cells(patient_id=["1", "2", "3"], response=["n/a", "CR", "-"], suvmax=["n/a*", "", "-"]),
        missing=["n/a", "n/a*", "-"],
    )
    assert checked.tokens.to_numpy().tolist() == [
        [2, "response", "n/a"],
        [4, "response", "-"],
        [2, "suvmax", "n/a*"],
        [3, "suvmax", ""],
        [4, "suvmax", "-"],
    ]


def test_a_word_the_study_does_not_list_is_no_missing_cell():
    checked = validate(cells(patient_id=["1", "2"], her2_fish=["+", "-"]), missing=["n/a"])
    assert checked.frame["her2_fish"].tolist() == ["+", "-"]


@pytest.mark.parametrize(
    ("word", "rule"),
    [
        ("2,5", "is not a number while decimal = '.'"),
        ("<0.5", "is a limit, not a number"),
        ("3.2*", "is a number with a mark on it"),
        ("7.83 ± 0.55", "holds two numbers"),
        ("#DIV/0!", "is a formula error of a spreadsheet"),
        ("1_000", "is not a number"),
        ("inf", "is not a number"),
        ("1e999", "is not a finite number"),
        ("0x1F", "is not a number"),
        ("１２", "is not a number"),
        ("1 234", "is not a number"),
    ],
)
def test_what_is_no_number(word, rule):
    checked = validate(cells(patient_id=["1"], lesion_id=["1"], size_mm=[word]), schema=load_schema("lesion"))
    assert [problem.rule.startswith(rule) for problem in checked.problems] == [True], checked.problems


@pytest.mark.parametrize(
    ("word", "value"),
    [("1.00E-04", 1e-4), (" 2.5\u00a0", 2.5), ("+.5", 0.5), ("3.", 3.0), ("\u221230", -30.0), ("007", 7.0)],
)
def test_what_is_a_number(word, value):
    table = cells(patient_id=["1"], lesion_id=["1"], diameter_change_percent=[word])
    checked = validate(table, schema=load_schema("lesion"))
    assert not checked.problems
    assert checked.frame["diameter_change_percent"].tolist() == [value]


def test_a_decimal_comma():
    table = cells(patient_id=["1", "2", "3"], lesion_id=["1"] * 3, suvmax=["2,5", "3", "4.5"])
    checked = validate(table, schema=load_schema("lesion"), decimal=",")
    assert checked.frame["suvmax"].tolist()[:2] == [2.5, 3.0]
    assert [(p.row, p.rule) for p in checked.problems] == [(4, "is not a number while decimal = ','")]
    with pytest.raises(StudyError, match=r'decimal = ";" is neither|decimal = .;. is neither'):
        validate(table, decimal=";")


@pytest.mark.parametrize(
    ("word", "is_date"),
    [("2026-02-29", False), ("2024-02-29", True), ("21.11.2026", False), ("20261121", False), ("0001-01-01", False)],
)
def test_dates(word, is_date):
    checked = validate(cells(patient_id=["1"], scan_date=[word]), schema=load_schema("patient"))
    assert (not checked.problems) == is_date


def test_whole_numbers():
    checked = validate(cells(patient_id=["1", "2", "3"], ecog=["1", "1.5", "2.0"]), schema=load_schema("patient"))
    assert [(p.row, p.rule) for p in checked.problems] == [(3, "is not a whole number")]


def test_units_are_converted_before_ranges_are_checked():
    table = cells(patient_id=["1", "2"], lesion_id=["1", "1"], size_mm=["0.7", "500"], spleen_volume_ml=["1500", "3"])
    checked = validate(
        table, schema=load_schema("lesion"), units={"size_mm": "cm", "spleen_volume_ml": "mm3"}, file="lesions.csv"
    )
    assert checked.frame["size_mm"].iloc[0] == 7.0
    assert checked.frame["spleen_volume_ml"].tolist() == [1.5, 0.003]
    assert faults(checked) == [(3, "size_mm", "500")]
    assert checked.notes[0] == "size_mm was converted from cm."


def test_units_that_cannot_be():
    table = cells(patient_id=["1"], lesion_id=["1"], size_mm=["1"], shape=["2"])
    lesion = load_schema("lesion")
    with pytest.raises(StudyError, match=r"units\.size_mm: cannot turn 'mCi' into mm; known here are mm, cm"):
        validate(table, schema=lesion, units={"size_mm": "mCi"})
    with pytest.raises(StudyError, match=r"units: no column 'size' \(did you mean 'size_mm'\?\)"):
        validate(table, schema=lesion, units={"size": "cm"})
    with pytest.raises(StudyError, match="the column has no unit of its own"):
        validate(table, schema=lesion, units={"shape": "cm"})


def test_a_value_that_parses_is_not_spoilt_by_its_neighbours():
    table = cells(patient_id=["1", "2"], lesion_id=["1", "1"], suvmax=["0.1", "x"])
    assert validate(table, schema=load_schema("lesion")).frame["suvmax"].iloc[0] == 0.1


def test_keys_with_an_optional_part():
    table = cells(
        patient_id=["1", "1", "1", "1"],
        tissue=["liver", "liver", "", ""],
        hours_post_injection=["24", "24.0", "24", "24"],
        suvmax=["1", "2", "3", "4"],
    )
    checked = validate(table, schema=load_schema("uptake"))
    assert [(p.row, p.rule.split(";")[0]) for p in checked.problems] == [(3, "repeats row 2"), (5, "repeats row 4")]


WORDS = {
    "patient_id": st.sampled_from(["01", "02", "1", "03"]),
    "lesion_id": st.sampled_from(["1", "2", "3", "4", "5", "6", ""]),
    "lesion_site": st.sampled_from(["LN", "-", "Lung, left"]),
    "laterality": st.sampled_from(["left", "LEFT", "L", "NA", "nan"]),
    "target": st.sampled_from(["yes", "no", "1", "0", "2", "maybe", "", "TRUE"]),
    "size_mm": st.one_of(
        st.sampled_from(["", "n/a", "12", "1001", "-1", "x", "1,5", "1e2", "."]),
        st.decimals(0, 2000, places=2).map(str),
    ),
    "suvmax_24h": st.one_of(
        st.sampled_from(["", "NA", "#REF!", "1 2", "--1"]), st.decimals(-5, 1500, places=1).map(str)
    ),
    "ecog": st.sampled_from(["0", "5", "6", "-1", "1.5", "a", ""]),
    "scan_date": st.sampled_from(["2026-11-21", "2026-02-30", "21.11.2026", "", "x"]),
}


def oracle(table, timed):
    """Return the row and column of each fault frictionless finds, and the rows whose key it finds repeated."""
    descriptor = json.loads(schema_text("lesion"))
    fields = {field["name"]: field for field in descriptor["fields"]}
    patient = {field["name"]: field for field in json.loads(schema_text("patient"))["fields"]}
    described = []
    for name in table.columns:
        field = dict(fields.get(timed.get(name, name)) or patient[name])
        described.append(field | {"name": name})
    schema = frictionless.Schema.from_descriptor(descriptor | {"fields": described})
    rows = [list(table.columns), *table.to_numpy().tolist()]
    report = frictionless.Resource(data=rows, schema=schema).validate()
    found, repeated = set(), set()
    for row, column, kind in report.flatten(["rowNumber", "fieldName", "type"]):
        if kind == "primary-key":
            repeated.add(row)
        else:
            found.add((row, column))
    return found, repeated


@settings(max_examples=60, deadline=None)
@given(st.lists(st.fixed_dictionaries(WORDS), min_size=1, max_size=12))
def test_agrees_with_frictionless(rows):
    table = cells(**{name: [row[name] for row in rows] for name in WORDS})
    checked = validate(table, schema=load_schema("lesion"))
    found, repeated = oracle(table, {"suvmax_24h": "suvmax"})
    assert {(p.row, p.column) for p in checked.problems if "," not in p.column} == found
    # frictionless compares keys that lack a part as well; a lesion without its number is reported as that alone
    keyed = {row for row in repeated if table.loc[row, "lesion_id"]}
    assert {p.row for p in checked.problems if "," in p.column} == keyed


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(min_value=0, max_value=1000), min_size=1, max_size=20))
def test_numbers_come_back_bit_for_bit(values):
    table = cells(
        patient_id=["1"] * len(values), lesion_id=[str(i) for i in range(len(values))], suvmax=list(map(repr, values))
    )
    assert validate(table, schema=load_schema("lesion")).frame["suvmax"].tolist() == values


def test_ten_thousand_rows_take_a_moment():
    rng = np.random.default_rng(1)
    n = 10_000
    table = cells(
        patient_id=[f"{i // 5:05d}" for i in range(n)],
        lesion_id=[str(i % 5) for i in range(n)],
        **{f"suvmax_{hours}h": [f"{x:.2f}" for x in rng.lognormal(1, 0.7, n)] for hours in (2, 24, 48, 135)},
        lesion_site=rng.choice(["LN", "lung", "n/a"], n).tolist(),
    )
    started = time.perf_counter()
    checked = validate(table, schema=load_schema("lesion"))
    assert not checked.problems
    assert time.perf_counter() - started < 1.0, "generous for a busy machine; about 0.05 s alone"
