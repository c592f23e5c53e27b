from __future__ import annotations

import datetime as dt
import sys

import openpyxl
import pandas as pd
import pytest

from biomarker.data.intake import read_table
from biomarker.data.readers import read_text_table
from biomarker.errors import StudyError


def book(path, **sheets):
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.active)
    for name, rows in sheets.items():
        sheet = workbook.create_sheet(name)
        for row in rows:
            sheet.append(row)
    workbook.save(path)
    return path


def test_cells_read_as_a_person_reads_them(tmp_path):
    rows = [
        ["patient_id", "suvmax", "n", "scan_date", "seen", "time"],
        ["01", 0.1 + 0.2, 3.0, dt.datetime(2026, 11, 21), True, dt.time(12, 30)],
        [],
        ["02", 14.6, 4, dt.date(2026, 1, 2), False, None],
    ]
    table = read_text_table(book(tmp_path / "a.xlsx", lesions=rows))
    assert table.frame.loc[2].tolist() == ["01", "0.3", "3", "2026-11-21", "true", "12:30:00"]
    assert table.frame.loc[4].tolist() == ["02", "14.6", "4", "2026-01-02", "false", ""]


def test_sheets_are_named(tmp_path):
    path = book(tmp_path / "a.xlsx", lesions=[["a"], [1]], patients=[["b"], [2]])
    assert list(read_text_table(path, sheet="patients").frame.columns) == ["b"]
    with pytest.raises(StudyError, match=r"2 sheets \(lesions, patients\); name one: sheet = 'lesions'"):
        read_text_table(path)
    with pytest.raises(StudyError, match=r"no sheet 'lesion' \(did you mean 'lesions'\?\)"):
        read_text_table(path, sheet="lesion")
    with pytest.raises(StudyError, match="delimiter = ';' is for delimited text"):
        read_text_table(path, sheet="lesions", delimiter=";")


def test_a_formula_without_its_value_is_no_empty_cell(tmp_path):
    path = book(tmp_path / "a.xlsx", s=[["a", "b"], [1, "=A2*2"]])
    with pytest.raises(StudyError, match="row 2: the formula in B2 has no saved value"):
        read_text_table(path)


def test_formula_errors_are_problems(write):
    from biomarker.errors import SchemaError

    with pytest.raises(SchemaError) as error:
        read_table(write("a.csv", "patient_id,site\n1,#REF!\n2,#DIV/0!\n"))
    assert [(p.row, p.value) for p in error.value.problems] == [(2, "#REF!"), (3, "#DIV/0!")]


def test_a_decimal_comma_study_may_hold_number_cells(tmp_path):
    path = book(tmp_path / "a.xlsx", s=[["patient_id", "suvmax"], ["01", 2.5], ["02", "3,5"]])
    assert list(read_table(path, decimal=",").frame["suvmax"]) == [2.5, 3.5]


def test_no_workbook(write):
    with pytest.raises(StudyError, match=r"not an Excel workbook"):
        read_text_table(write("a.xlsx", "a,b\n1,2\n"))


def test_parquet_keeps_every_digit(tmp_path):
    path = tmp_path / "a.parquet"
    frame = pd.DataFrame(
        {
            "patient_id": ["01", "02"],
            "suvmax": [0.1 + 0.2, None],
            "n": [1, 2],
            "seen": [True, None],
            "day": [dt.date(2026, 1, 2)] * 2,
        }
    )
    frame.to_parquet(path)
    text = read_text_table(path).frame
    assert text.loc[2].tolist() == ["01", "0.30000000000000004", "1", "true", "2026-01-02"]
    assert text.loc[3].tolist() == ["02", "", "2", "", "2026-01-02"]
    assert read_table(path).frame["suvmax"].iloc[0] == 0.1 + 0.2


def test_parquet_without_pyarrow_says_what_to_install(tmp_path, monkeypatch):
    path = tmp_path / "a.parquet"
    path.write_bytes(b"PAR1")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(StudyError, match=r"needs pyarrow; install it with: pip install 'biomarker\[io\]'"):
        read_text_table(path)


def test_no_parquet(write):
    with pytest.raises(StudyError, match="not a Parquet file"):
        read_text_table(write("a.parquet", "hello"))
