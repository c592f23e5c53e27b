from __future__ import annotations

import hashlib

import pytest

from biomarker.data.readers import read_text_table
from biomarker.errors import StudyError


def test_leading_zeros_and_tokens_survive(write):
    table = read_text_table(write("a.csv", "patient_id,response\n01,n/a*\n002,NA\n"))
    assert table.frame.to_dict("list") == {"patient_id": ["01", "002"], "response": ["n/a*", "NA"]}
    assert list(table.frame.index) == [2, 3]
    assert table.frame.index.name == "row"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
def test_every_line_end(write, end):
    table = read_text_table(write("a.csv", end.join(["patient_id,suvmax", "01,2.3", "", "02,4.5", ""])))
    assert list(table.frame.index) == [2, 4], "the blank line counts"
    assert list(table.frame["suvmax"]) == ["2.3", "4.5"]


def test_a_byte_order_mark_is_no_part_of_the_first_name(write):
    assert list(read_text_table(write("a.csv", b"\xef\xbb\xbfpatient_id,x\n1,2\n")).frame.columns) == [
        "patient_id",
        "x",
    ]


def test_utf16_is_named_and_can_be_read(write):
    path = write("a.txt", "patient_id\tx\n01\tnaïve\n".encode("utf-16"))
    with pytest.raises(StudyError, match=r'a\.txt: the file is UTF-16, not UTF-8; set encoding = "utf-16"'):
        read_text_table(path)
    assert list(read_text_table(path, encoding="utf-16").frame["x"]) == ["naïve"]


def test_another_encoding_is_named_with_its_place(write):
    path = write("a.csv", b"patient_id,therapy\n01,none\n02,na\xefve\n")
    with pytest.raises(StudyError, match=r'byte 0xEF at position 32 \(line 3\).*encoding = "windows-1252"'):
        read_text_table(path)
    assert list(read_text_table(path, encoding="windows-1252").frame["therapy"]) == ["none", "naïve"]


def test_an_unknown_encoding(write):
    with pytest.raises(StudyError, match="unknown encoding 'utf-9'"):
        read_text_table(write("a.csv", "a,b\n1,2\n"), encoding="utf-9")


def test_a_nul_character(write):
    with pytest.raises(StudyError, match="line 3 holds a NUL character"):
        read_text_table(write("a.csv", "a,b\n1,2\n3,\0\n"))


@pytest.mark.parametrize(
    ("text", "delimiter"), [("a;b;c\n1,5;2;3\n", ";"), ("a\tb\n1\t2\n", r"\t"), ("a|b\n1|2\n", "|")]
)
def test_the_wrong_delimiter_is_named(write, text, delimiter):
    with pytest.raises(StudyError) as error:
        read_text_table(write("a.csv", text))
    assert f'set delimiter = "{delimiter}"' in str(error.value)
    assert ("decimal" in str(error.value)) == (delimiter == ";")


def test_a_table_of_one_column_is_a_table(write):
    assert list(read_text_table(write("a.csv", "patient_id\n01\n")).frame["patient_id"]) == ["01"]


def test_the_delimiter_follows_from_the_ending(write):
    assert read_text_table(write("a.tsv", "a\tb\n1\t2\n")).frame.shape == (1, 2)
    assert read_text_table(write("a.txt", "a\tb\n1\t2\n")).frame.shape == (1, 2)
    assert read_text_table(write("b.txt", "a;b\n1;2\n"), delimiter=";").frame.shape == (1, 2)
    with pytest.raises(StudyError, match="not one character"):
        read_text_table(write("c.csv", "a;b\n1;2\n"), delimiter=";;")


def test_quoted_cells_hold_delimiters_and_line_ends(write):
    table = read_text_table(write("a.csv", 'a,note\n1,"two, ""three""\nfour"\n2,five\n'))
    assert list(table.frame["note"]) == ['two, "three"\nfour', "five"]
    assert list(table.frame.index) == [2, 3], "a spreadsheet counts the cell of two lines as one row"


def test_an_open_quotation_mark_is_a_fault(write):
    with pytest.raises(StudyError, match=r"a\.csv: line 2"):
        read_text_table(write("a.csv", 'a,b\n1,"open\n'))


def test_ragged_rows_are_all_reported(write):
    table = read_text_table(write("a.csv", "a,b,c\n1,2\n1,2,3\n\n1,2,3,4\n1,2,3,,\n"))
    assert [(p.row, p.rule.partition(";")[0]) for p in table.problems] == [
        (2, "the row has 2 cells where the header has 3"),
        (5, "the row has 4 cells where the header has 3"),
    ]
    assert "each row begins with its number or name" in table.problems[1].rule
    assert list(table.frame.index) == [3, 6]
    assert table.notes == ("a.csv: empty cells beyond the last column were left out.",)


def test_duplicate_headers_and_nameless_columns(write):
    table = read_text_table(write("a.csv", "a,b,a,,\n1,2,3,,4\n"))
    assert [(p.row, p.column, p.rule) for p in table.problems] == [
        (1, "a", "stands twice in the header, as columns 1 and 3"),
        (1, "", "column 5 has cells but no name"),
    ]
    assert table.notes == ("a.csv: column 4 has neither a name nor cells and was left out.",)


def test_a_header_repeated_among_the_rows(write):
    table = read_text_table(write("a.csv", "a,b\n1,2\na,b\n3,4\n"))
    assert [(p.row, p.rule) for p in table.problems] == [(3, "repeats the header")]


def test_blank_rows_and_lines_before_the_header(write):
    table = read_text_table(write("a.csv", "\n\na,b\n1,2\n,\n3,4\n,,\n"))
    assert table.header_row == 3
    assert list(table.frame.index) == [4, 6]


def test_comments_are_left_out_and_counted(write):
    table = read_text_table(write("a.csv", "# synthetic\na,b\n1,2\n# end\n3,4\n"), comment="#")
    assert list(table.frame.index) == [3, 5]


@pytest.mark.parametrize("content", ["", "\n\n", "\ufeff"])
def test_an_empty_file(write, content):
    with pytest.raises(StudyError, match=r"a\.csv: the file is empty"):
        read_text_table(write("a.csv", content))


def test_a_header_without_rows(write):
    with pytest.raises(StudyError, match="a header and no rows"):
        read_text_table(write("a.csv", "patient_id,suvmax\n"))


def test_hard_spaces_in_the_header_are_trimmed(write):
    assert list(read_text_table(write("a.csv", "\u00a0SUVmax\u00a024 h ,b\n1,2\n")).frame.columns) == [
        "SUVmax 24 h",
        "b",
    ]


def test_a_missing_file_names_the_nearest(write, tmp_path):
    write("lesions.csv", "a,b\n1,2\n")
    with pytest.raises(StudyError, match=r"no file .*lesion\.csv \(did you mean 'lesions\.csv'\?\)"):
        read_text_table(tmp_path / "lesion.csv")
    with pytest.raises(StudyError, match="there is no folder"):
        read_text_table(tmp_path / "data" / "lesion.csv")
    with pytest.raises(StudyError, match="a folder, not a file"):
        read_text_table(tmp_path)


def test_files_that_are_no_tables(write):
    with pytest.raises(StudyError, match=r"a \.xls file cannot be read; save it as \.xlsx"):
        read_text_table(write("a.xls", "x"))
    with pytest.raises(StudyError, match=r"a \.docx file cannot be read"):
        read_text_table(write("a.docx", "x"))
    with pytest.raises(StudyError, match="sheet = 'one' is for workbooks"):
        read_text_table(write("a.csv", "a,b\n1,2\n"), sheet="one")


def test_the_hash_is_of_the_bytes(write):
    content = b"a,b\r\n1,2\r\n"
    assert read_text_table(write("a.csv", content)).sha256 == hashlib.sha256(content).hexdigest()
