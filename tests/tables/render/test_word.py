from io import BytesIO

import pytest
from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn

from biomarker.tables import Table, heading
from biomarker.tables.render.word import add_table, render, to_bytes
from biomarker.tables.render.word_document import blank_document


def opened(table):
    return Document(BytesIO(to_bytes(table)))


def test_snapshot(table):
    document = opened(table)
    grid = document.tables[0]
    assert [[cell.text for cell in row.cells] for row in grid.rows] == [
        ["Quantity", "n/N", "%", "95% CI", "Comment"],
        ["Lesions"] * 5,  # one cell that spans them all
        ["Sensitivity", "25/33", "75.8", "57.7–88.9", "exact"],
        ["LR+ − 1", "", "−0.97", "−1.2 to 0.3", "a & b"],
        ["Patients"] * 5,
        ["PPV", "0/0", "NE", "NE", "not <estimable>"],
    ]
    assert [(paragraph.style.name, paragraph.text) for paragraph in document.paragraphs] == [
        ("Caption", "Predictive values at SUVmax ≥ 4.0"),
        ("Table Note", "CI, confidence interval."),
        ("Table Note", "NE, not estimable: 0/0_rows."),
        ("Table Note", ""),
    ]


def test_the_header_repeats_and_no_row_breaks(table):
    rows = opened(table).tables[0].rows
    assert [row._tr.trPr.find(qn("w:tblHeader")) is not None for row in rows] == [True] + [False] * 5
    assert all(row._tr.trPr.find(qn("w:cantSplit")) is not None for row in rows)


def test_three_rules(table):
    def rules(row, side):
        return {
            None
            if borders is None or borders.find(qn(f"w:{side}")) is None
            else borders.find(qn(f"w:{side}")).get(qn("w:sz"))
            for cell in row._tr.tc_lst
            for borders in [cell.tcPr.find(qn("w:tcBorders"))]
        }

    rows = opened(table).tables[0].rows
    assert rules(rows[0], "top") == {"12"}
    assert rules(rows[0], "bottom") == {"6"}
    assert rules(rows[-1], "bottom") == {"12"}
    assert all(rules(row, side) == {None} for row in rows[1:-1] for side in ("top", "bottom", "left", "right"))


def test_numbers_stand_right_and_rows_under_a_heading_are_indented(table):
    first, second, *_ = opened(table).tables[0].rows[2].cells
    assert first.paragraphs[0].alignment == WD_ALIGN_PARAGRAPH.LEFT
    assert first.paragraphs[0].paragraph_format.left_indent.cm == pytest.approx(0.4, abs=0.01)
    assert second.paragraphs[0].alignment == WD_ALIGN_PARAGRAPH.RIGHT


def test_a_wide_table_lies_on_a_turned_page():
    wide = Table(title="t", header=["x"] * 8, rows=[["12.34 (5.67)"] * 8])
    upright = Table(title="t", header=["x"], rows=[["1"]])
    for table, orientation in ((wide, WD_ORIENT.LANDSCAPE), (upright, WD_ORIENT.PORTRAIT)):
        section = opened(table).sections[0]
        assert section.orientation == orientation
        assert (section.page_width > section.page_height) == (orientation == WD_ORIENT.LANDSCAPE)


def test_tabs_do_not_reach_the_document():
    table = Table(title="a\tb", header=["x\ty"], rows=[["1\t2"]], footnotes=["c\td"])
    assert "<w:tab/>" not in opened(table)._body._element.xml


def test_a_long_table_may_break_over_pages_and_a_short_one_may_not():
    short = opened(Table(title="t", header=["x"], rows=[["1"]] * 5)).tables[0]
    long = opened(Table(title="t", header=["x"], rows=[["1"]] * 60)).tables[0]
    kept = [row.cells[0].paragraphs[0].paragraph_format.keep_with_next for row in short.rows]
    assert kept == [True] * 5 + [None]
    assert not any(row.cells[0].paragraphs[0].paragraph_format.keep_with_next for row in long.rows[1:])


def test_a_heading_stays_with_its_rows():
    grid = opened(Table(title="t", header=["x", "y"], rows=[heading("h"), *[["1", "2"]] * 60])).tables[0]
    assert grid.rows[1].cells[0].paragraphs[0].paragraph_format.keep_with_next


def test_a_numbered_caption_is_a_field_of_words_own(table):
    document = blank_document("t")
    add_table(document, table, number=3)
    caption = document.paragraphs[0]
    assert caption.text == "Table 3. Predictive values at SUVmax ≥ 4.0"
    assert [part.text for part in caption._p.iter(qn("w:instrText"))] == [" SEQ Table \\* ARABIC "]
    assert [mark.get(qn("w:fldCharType")) for mark in caption._p.iter(qn("w:fldChar"))] == ["begin", "separate", "end"]


def test_equal_tables_give_equal_bytes(table, tmp_path):
    render(table, tmp_path / "t.docx")
    assert (tmp_path / "t.docx").read_bytes() == to_bytes(table)
    assert b"dcterms:created" not in to_bytes(table)


def test_a_table_of_one_column_and_no_rows():
    grid = opened(Table(title="t", header=["only"], rows=[heading("h")])).tables[0]
    assert [row.cells[0].text for row in grid.rows] == ["only", "h"]
    assert [row.cells[0].text for row in opened(Table(title="t", header=["only"])).tables[0].rows] == ["only"]


def test_labels_over_columns_stand_in_a_row_of_their_own_that_repeats(rich):
    grid = opened(rich).tables[0]
    assert [cell.text for cell in grid.rows[0].cells] == ["", "Lesionsa", "Lesionsa", "Uptake", "Uptake"]
    assert [row._tr.trPr.find(qn("w:tblHeader")) is not None for row in grid.rows] == [True, True, False, False, False]
    assert grid.rows[1].cells[3].text == "SUVmax (g/mL)b"


def test_marks_are_superscripts_and_open_their_notes(rich):
    document = opened(rich)
    raised = [run.text for row in document.tables[0].rows for cell in dict.fromkeys(row.cells)
              for run in cell.paragraphs[0].runs if run.font.superscript]  # fmt: skip
    assert raised == ["a", "b", "c", "d", "b", "d,e"]
    notes = [paragraph.text for paragraph in document.paragraphs if paragraph.style.name == "Table Note"]
    assert notes == [
        "CI, confidence interval.",
        "a Nested in patients.",
        "b Fasting.",
        "c Read by two readers.",
        "d Naive.",
        "e Last.",
        "",
    ]


def test_points_meet_by_the_room_behind_them(rich):
    cells = [row.cells[3].paragraphs[0] for row in opened(rich).tables[0].rows[3:]]
    short, long = (paragraph.paragraph_format.right_indent for paragraph in cells)
    # ".20 (0.80–1.91)" with its mark ends at the edge or beyond ".3 (8.0–19.1)", which is two digits shorter
    assert (short or 0) < long
    assert long.pt == pytest.approx(9.5 * (2 * 0.5 + 0.66 * 0.5), abs=0.1)


def test_what_no_page_holds_is_cut_into_parts_under_one_caption():
    table = Table(title="t", header=["stub"] + ["x"] * 14, rows=[["a"] + ["12.34 (5.67)"] * 14], footnotes=["n."])
    document = opened(table)
    assert [len(grid.columns) for grid in document.tables] == [10, 6]
    assert [grid.rows[1].cells[0].text for grid in document.tables] == ["a", "a"]
    assert [paragraph.text for paragraph in document.paragraphs] == ["t", "(continued)", "n.", ""]
