from io import BytesIO
from zipfile import ZipFile

import pytest
from openpyxl import load_workbook

from biomarker.tables import Table
from biomarker.tables.render.excel import render, sheet_names, to_bytes, workbook_bytes


def opened(table):
    return load_workbook(BytesIO(to_bytes(table))).active


def only_cell(text):
    return opened(Table(title="t", header=["a", "b"], rows=[["x", text]]))["B3"]


def test_snapshot(table):
    values = [[cell.value for cell in row] for row in opened(table).iter_rows()]
    assert values == [
        ["Predictive values at SUVmax ≥ 4.0", None, None, None, None],
        ["Quantity", "n/N", "%", "95% CI", "Comment"],
        ["Lesions", None, None, None, None],
        ["Sensitivity", "25/33", 75.8, "57.7–88.9", "exact"],
        ["LR+ − 1", None, -0.97, "−1.2 to 0.3", "a & b"],
        ["Patients", None, None, None, None],
        ["PPV", "0/0", "NE", "NE", "not <estimable>"],
        ["CI, confidence interval.", None, None, None, None],
        ["NE, not estimable: 0/0_rows.", None, None, None, None],
    ]


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "=SUM(A1:A9)",
        "+1",
        "-1",
        "@x",
        "-0.5",
        "=",
        "+",
        "@SUM(1)",
        '=HYPERLINK("http://x","y")',
        "|x",
        "%x",
        "'=1",
    ],
)
def test_what_looks_like_a_formula_is_text(text):
    cell = only_cell(text)
    assert (cell.value, cell.data_type, cell.quotePrefix, cell.number_format) == (text, "s", True, "@")


@pytest.mark.parametrize("text", ["\t=1+1", "\r=1+1", " =1+1", "\n=1"])
def test_blanks_before_a_formula_do_not_hide_it(text):
    cell = only_cell(text)
    assert (cell.value, cell.data_type) == (text.strip(), "s")


def test_no_part_of_the_file_holds_a_formula():
    table = Table(title="=1+1", header=["=2", "@b"], rows=[["=3", "#N/A"], ["+4", "=5"]], footnotes=["=6"])
    with ZipFile(BytesIO(to_bytes(table))) as package:
        sheet = package.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert "<f " not in sheet
    assert 't="e"' not in sheet
    assert opened(table)["B3"].value == "#N/A"


@pytest.mark.parametrize(
    ("text", "value", "number_format"),
    [
        ("75.8", 75.8, '0.0;"−"0.0'),
        ("4.00", 4.0, '0.00;"−"0.00'),
        ("−0.35", -0.35, '0.00;"−"0.00'),
        ("12", 12, '0;"−"0'),
        ("0", 0, '0;"−"0'),
    ],
)
def test_plain_numbers_are_numbers_that_print_as_they_were(text, value, number_format):
    cell = only_cell(text)
    assert (cell.value, cell.data_type, cell.number_format) == (value, "n", number_format)


@pytest.mark.parametrize(
    "text", ["007", "−0.00", "1,234", "0·35", "<0.001", "1e5", "1.", ".5", "12345678901234567", "٣", "1/2", "3–4"]
)
def test_numbers_that_would_print_otherwise_are_text(text):
    cell = only_cell(text)
    assert (cell.value, cell.data_type) == (text, "s")


def test_the_sheet_is_laid_out_to_be_read(table):
    sheet = opened(table)
    assert sheet.freeze_panes == "B3"
    assert all(cell.font.bold for cell in sheet[2])
    assert (sheet["A2"].border.top.style, sheet["A2"].border.bottom.style, sheet["A7"].border.bottom.style) == (
        "medium",
        "thin",
        "medium",
    )
    assert sheet["B4"].alignment.horizontal == "right"
    assert sheet["A4"].alignment.indent == 1
    assert sheet.column_dimensions["A"].width > 8


def test_a_very_long_cell_is_cut_where_excel_would():
    value = only_cell("x" * 40_000).value
    assert len(value) == 32_767
    assert value.endswith("…")


def test_names_of_sheets():
    names = sheet_names(["a" * 40, "a" * 40, "A" * 40, "x/y:z", "", "History", "'q'"])
    assert all(1 <= len(name) <= 31 for name in names)
    assert len({name.casefold() for name in names}) == len(names)
    assert names[3:] == ["x y z", "Table", "History (2)", "q"]


def test_a_workbook_of_several_tables(table):
    book = load_workbook(BytesIO(workbook_bytes({"first": table, "second": table.with_title("u")})))
    assert book.sheetnames == ["first", "second"]
    assert book["second"]["A1"].value == "u"


def test_equal_tables_give_equal_bytes(table, tmp_path, monkeypatch):
    render(table, tmp_path / "t.xlsx")
    assert (tmp_path / "t.xlsx").read_bytes() == to_bytes(table)
    with ZipFile(BytesIO(to_bytes(table))) as package:
        assert {part.date_time for part in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert b"dcterms" not in package.read("docProps/core.xml").replace(b"xmlns:dcterms", b"")
