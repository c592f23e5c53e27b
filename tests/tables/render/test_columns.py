from io import BytesIO

import pytest
from docx import Document

from biomarker.tables import Spanner, Table, heading, indented, noted
from biomarker.tables.render.alignment import em_width
from biomarker.tables.render.characters import display_width, legible, on_one_line
from biomarker.tables.render.columns import columns_of, is_numeric, is_wide, panels
from biomarker.tables.render.fitting import fitted
from biomarker.tables.render.word import to_bytes


@pytest.mark.parametrize(
    "cell",
    [
        "25/30",
        "<0.001",
        "1.20 (0.80–1.91)",
        "−0.3 to 1.2",
        "9 (60%)",
        "NE",
        "",
        "0·35",
        "1.2 [0.8, 2.0]",
        "3 ± 1*",
        "∞",
        "12,345",
    ],
)
def test_numbers_are_known(cell):
    assert is_numeric(cell)


@pytest.mark.parametrize("cell", ["exact", "24 h", "n = 3", "A1", "x", "none"])
def test_words_are_known(cell):
    assert not is_numeric(cell)


def test_a_column_is_numeric_if_every_cell_is_and_one_is_not_blank(table):
    assert [column.is_numeric for column in columns_of(table)] == [False, True, True, True, False]
    blank = Table(title="t", header=["a", "b"], rows=[["x", ""], ["y", " "]])
    assert not columns_of(blank)[1].is_numeric


def test_the_first_column_is_text_even_where_it_holds_numbers():
    assert not columns_of(Table(title="t", header=["id", "n"], rows=[["1", "2"]]))[0].is_numeric


def test_headings_and_labels_do_not_widen_a_column_but_indents_do():
    table = Table(
        title="t", header=["a", "mean (SD), g/mL"], rows=[heading("a heading that is long"), indented("abc", "1.0")]
    )
    first, second = columns_of(table)
    assert (first.width, first.room) == (5, 5)
    assert (second.width, second.room) == (15, 5)


def test_a_table_without_rows_has_columns():
    assert [column.is_numeric for column in columns_of(Table(title="t", header=["a", "b"]))] == [False, False]


def test_wide_is_what_does_not_fit_an_upright_page():
    def of_columns(count):
        return Table(title="t", header=["x"] * count, rows=[["12.34 (5.67)"] * count])

    assert not is_wide(of_columns(6))
    assert is_wide(of_columns(8))
    prose = Table(title="t", header=["a", "b"], rows=[["x", "long " * 60]])
    assert not is_wide(prose)  # prose is broken into lines instead


def widths(table, width=450.0, size=9.5):
    return fitted(table, table, width=width, size=size, font="Times New Roman", padding=10.8)


def test_columns_fill_the_page_and_keep_numbers_whole(rich):
    size, points = widths(rich)
    assert size == 9.5
    assert sum(points) == pytest.approx(450)
    assert points[3] > 9.5 * em_width("12.3 (8.0–19.1)") + 10.8


def test_type_becomes_smaller_where_numbers_would_not_fit():
    table = Table(title="t", header=["x"] * 9, rows=[["12.34 (5.67–8.90)"] * 9])
    size, points = widths(table, width=600)
    assert 7 <= size < 9.5
    assert sum(points) == pytest.approx(600)
    assert min(points[1:]) > size * em_width("12.34 (5.67–8.90)") + 10.8


def test_a_column_of_prose_takes_what_the_others_leave():
    table = Table(title="t", header=["a", "b", "c"], rows=[["x", "long words " * 20, "1.0"]])
    _, (first, prose, number) = widths(table)
    assert prose > first + number


def test_parts_of_a_table_repeat_its_first_column_and_keep_spanners_whole():
    table = Table(
        title="t",
        header=["stub", *["x"] * 14],
        rows=[["a"] + ["12.34 (5.67)"] * 14],
        spanners=[Spanner(f"s{place}", 2 * place + 1, 2 * place + 2) for place in range(7)],
    )
    parts = panels(table)
    assert [len(part.header) for part in parts] == [9, 7]
    assert [spanner.label for part in parts for spanner in part.spanners] == [f"s{place}" for place in range(7)]
    assert {part.lines[0].cells[0] for part in parts} == {"a"}
    assert panels(parts[0]) == (parts[0],)


def test_marks_of_a_part_are_those_of_the_whole():
    cells = [noted(f"{place}.00 (0.00)", f"Note {place}.") for place in range(14)]
    table = Table(title="t", header=["stub", *["x"] * 14], rows=[["a", *cells]])
    text = Document(BytesIO(to_bytes(table))).tables[1].rows[1].cells[-1].text
    assert text == "13.00 (0.00)n"


def test_characters():
    assert legible("a\r\nb\rc\u2028d") == "a\nb\nc\nd"
    assert legible("\x00\x1b\ud800\ufffe\x85") == "\ufffd" * 5
    assert on_one_line("  a \n\t b\u00a0c ") == "a b\u00a0c"
    assert (display_width("肿瘤"), display_width("é"), display_width("ab\nabcd"), display_width("")) == (4, 1, 4, 0)
