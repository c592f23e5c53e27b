import pytest

from biomarker.tables import Row, Table, heading, indented


def test_rows_of_text_become_rows():
    table = Table(title="t", header=["a", "b"], rows=[["1", "2"], heading("h"), indented("3", "4")])
    assert table.lines == (Row(("1", "2")), Row(("h",), is_heading=True), Row(("3", "4"), indent=1))


def test_a_row_of_another_width_is_refused():
    with pytest.raises(ValueError, match="a row of 1 cells under a header of 2"):
        Table(title="t", header=["a", "b"], rows=[["1"]])


def test_verbs_return_a_new_table():
    table = Table(title="t", header=["a"], footnotes=["n"])
    assert table.with_title("u").title == "u"
    assert table.with_footnotes(["m"]).footnotes == ("n", "m")
    assert (table.title, table.footnotes) == ("t", ("n",))


def test_blank_and_repeated_footnotes_are_left_out():
    table = Table(title="t", header=["a"], footnotes=["n", "", "m", "n"])
    assert table.footnotes == ("n", "m")


def test_a_table_cannot_be_changed():
    table = Table(title="t", header=["a"])
    with pytest.raises(AttributeError):
        table.title = "u"


def test_equal_tables_are_equal_and_hash_alike():
    first, second = (Table(title="t", header=["a"], rows=[["1"]]) for _ in range(2))
    assert first == second
    assert hash(first) == hash(second)


def test_every_format_is_reachable_from_the_table(tmp_path):
    table = Table(title="t", header=["a", "b"], rows=[["x", "1"]])
    assert "<table" in table.to_html()
    assert "<table" in table._repr_html_()
    assert r"\begin{tabular}" in table.to_latex()
    assert str(table) == table.to_markdown()
    assert "| x" in table.to_markdown()
    table.to_docx(tmp_path / "t.docx")
    table.to_xlsx(tmp_path / "t.xlsx")
    assert (tmp_path / "t.docx").read_bytes()[:2] == (tmp_path / "t.xlsx").read_bytes()[:2] == b"PK"
