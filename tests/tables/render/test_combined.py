"""All tables of a run in one document, opened with the software that will open it."""

import re
from io import BytesIO

import pytest
from docx import Document
from docx.enum.section import WD_ORIENT
from docx.oxml.ns import qn
from openpyxl import load_workbook

from biomarker.tables import Table
from biomarker.tables.render.combined import TableBook


@pytest.fixture
def book(table, rich):
    wide = Table(title="Wide & <b>", header=["x"] * 9, rows=[["12.34 (5.67)"] * 9])
    tables = {"first": table, "wide": wide, "a/b": rich}
    return TableBook(title="A trial: tables", tables=tables, banner="Synthetic data")


def test_word_counts_tables_by_fields_and_refers_to_them_by_bookmarks(book):
    document = Document(BytesIO(book.to_docx()))
    body = document.element.body
    fields = [part.text.strip() for part in body.iter(qn("w:instrText"))]
    assert fields == [*(f"REF table_{n} \\h" for n in (1, 2, 3)), *["SEQ Table \\* ARABIC"] * 3]
    marks = [(mark.get(qn("w:id")), mark.get(qn("w:name"))) for mark in body.iter(qn("w:bookmarkStart"))]
    assert marks == [("1", "table_1"), ("2", "table_2"), ("3", "table_3")]
    assert [mark.get(qn("w:id")) for mark in body.iter(qn("w:bookmarkEnd"))] == ["1", "2", "3"]


def test_a_bookmark_holds_label_and_number_only(book):
    document = Document(BytesIO(book.to_docx()))
    caption = next(p for p in document.paragraphs if p.style.name == "Caption")
    inside, is_open = [], False
    for element in caption._p:
        is_open = (is_open or element.tag == qn("w:bookmarkStart")) and element.tag != qn("w:bookmarkEnd")
        inside += [text.text for text in element.iter(qn("w:t"))] if is_open else []
    assert "".join(inside) == "Table 1"


def test_word_has_list_captions_and_banner(book):
    document = Document(BytesIO(book.to_docx()))
    texts = [paragraph.text for paragraph in document.paragraphs]
    assert texts[:5] == [
        "A trial: tables",
        "List of tables",
        "Table 1. Predictive values at SUVmax ≥ 4.0",
        "Table 2. Wide & <b>",
        "Table 3. Uptake and response",
    ]
    captions = [paragraph.text for paragraph in document.paragraphs if paragraph.style.name == "Caption"]
    assert captions == texts[2:5]
    assert document.sections[0].header.paragraphs[-1].text == "Synthetic data"
    assert all(section.header.is_linked_to_previous for section in list(document.sections)[1:])
    assert [section.orientation for section in document.sections] == [
        WD_ORIENT.PORTRAIT,
        WD_ORIENT.LANDSCAPE,
        WD_ORIENT.PORTRAIT,
    ]


def test_rtf_has_the_same_fields_and_bookmarks(book):
    content = book.to_rtf().decode("ascii")
    assert re.findall(r"fldinst \{ (.*?) \}", content) == [
        "PAGE",
        *(rf"REF table_{n} \\h" for n in (1, 2, 3)),
        *[r"SEQ Table \\* ARABIC"] * 3,
    ]
    assert re.findall(r"bkmkstart (\w+)", content) == re.findall(r"bkmkend (\w+)", content)
    assert content.count("{") - content.count(r"\{") == content.count("}") - content.count(r"\}")
    assert content.index(r"\lndscpsxn") < content.rindex("Wide &")


def test_the_web_page_links_to_each_table(book):
    page = book.to_html().decode()
    names = ["table_1", "table_2", "table_3"]
    assert re.findall('href="#(.*?)"', page) == re.findall('<section id="(.*?)"', page) == names
    assert "Wide &amp; &lt;b&gt;" in page
    assert "http" not in re.sub("http-equiv", "", page)


def test_the_workbook_has_one_sheet_a_table_and_links_to_each(book):
    workbook = load_workbook(BytesIO(book.to_xlsx()))
    assert workbook.sheetnames == ["Contents", "first", "wide", "a b"]
    cells = [workbook["Contents"].cell(row, 1) for row in (2, 3, 4)]
    assert [cell.hyperlink.location for cell in cells] == ["'first'!A1", "'wide'!A1", "'a b'!A1"]
    assert cells[0].value == workbook["first"]["A1"].value == "Table 1. Predictive values at SUVmax ≥ 4.0"
    assert workbook["Contents"]["A1"].value == "Synthetic data. A trial: tables"


def test_equal_tables_give_equal_files(book, tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    first, second = book.write(tmp_path / "one"), book.write(tmp_path / "two")
    assert [path.name for path in first] == ["tables.docx", "tables.rtf", "tables.html", "tables.xlsx"]
    assert all(one.read_bytes() == two.read_bytes() for one, two in zip(first, second, strict=True))
