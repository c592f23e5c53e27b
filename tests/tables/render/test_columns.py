import pytest

from biomarker.tables import Table, heading, indented
from biomarker.tables.render.characters import display_width, legible, on_one_line
from biomarker.tables.render.columns import columns_of, is_numeric, is_wide, shares


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


def test_shares_add_up_to_the_table(table):
    assert sum(shares(table)) == pytest.approx(1)
    assert min(shares(table)) > 0


def test_characters():
    assert legible("a\r\nb\rc\u2028d") == "a\nb\nc\nd"
    assert legible("\x00\x1b\ud800\ufffe\x85") == "\ufffd" * 5
    assert on_one_line("  a \n\t b\u00a0c ") == "a b\u00a0c"
    assert (display_width("肿瘤"), display_width("é"), display_width("ab\nabcd"), display_width("")) == (4, 1, 4, 0)
