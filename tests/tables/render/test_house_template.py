"""Word files in a house's own styles and on its page."""

from io import BytesIO
from zipfile import ZipFile

import pytest
from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.shared import Cm, Pt

from biomarker.errors import StudyError
from biomarker.tables import Table
from biomarker.tables.render.combined import TableBook
from biomarker.tables.render.house_template import load_template
from biomarker.tables.render.word import to_bytes


@pytest.fixture
def house(tmp_path):
    """Write a template with a page, a header, a footer and a few styles of its own, and text that must not stay."""
    document = Document()
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21.59), Cm(27.94)
    section.left_margin = section.right_margin = Cm(3)
    section.header.paragraphs[0].text = "ACME Biometrics"
    section.footer.paragraphs[0].text = "Confidential"
    document.styles["Normal"].font.name, document.styles["Normal"].font.size = "Arial", Pt(10)
    document.styles["Caption"].font.size = Pt(12)
    own = document.styles.add_style("Table Text", WD_STYLE_TYPE.PARAGRAPH)
    own.font.size = Pt(7)
    document.add_paragraph("Text of the template")
    path = tmp_path / "house.docx"
    document.save(path)
    return path


def test_page_header_footer_and_styles_are_those_of_the_house(house, rich):
    document = Document(BytesIO(to_bytes(rich, template=load_template(house))))
    section = document.sections[0]
    assert (round(section.page_width.cm, 2), round(section.left_margin.cm, 2)) == (21.59, 3.0)
    assert section.header.paragraphs[0].text == "ACME Biometrics"
    assert section.footer.paragraphs[0].text == "Confidential"
    assert document.styles["Caption"].font.size == Pt(12)
    assert document.styles["Table Text"].font.size == Pt(7)
    assert document.tables[0].rows[2].cells[0].paragraphs[0].style.name == "Table Text"
    assert not any("Text of the template" in paragraph.text for paragraph in document.paragraphs)
    width = sum(column.width for column in document.tables[0].columns)
    assert width == pytest.approx(Cm(15.59), rel=0.01)


def test_a_wide_table_turns_the_house_page(house):
    wide = Table(title="t", header=["x"] * 9, rows=[["12.34 (5.67)"] * 9])
    section = Document(BytesIO(to_bytes(wide, template=load_template(house)))).sections[0]
    assert (round(section.page_width.cm, 2), round(section.page_height.cm, 2)) == (27.94, 21.59)


def test_what_the_house_lacks_is_made_from_its_normal_and_told(house, rich):
    template = load_template(house)
    assert template.lacking == ("Table Note",)
    assert template.notes() == ()  # its name is ours: no house has it before it has read of it
    document = Document(house)
    for name in ("Subtitle", "Caption"):
        document.styles.element.remove(document.styles[name].element)
    document.save(house)
    template = load_template(house)
    assert template.notes() == ("house.docx has no styles Subtitle, Caption; made from its Normal style instead.",)
    made = Document(BytesIO(to_bytes(rich, template=template)))
    assert made.styles["Caption"].base_style.name == "Normal"
    assert made.styles["Caption"].font.size == Pt(9)  # as ours stands to our Normal, 10 to 11


def test_a_template_with_several_sections_keeps_the_headers_they_share(house, rich):
    document = Document(house)
    document.add_section()
    document.save(house)
    made = Document(BytesIO(to_bytes(rich, template=load_template(house))))
    assert len(made.sections) == 1
    assert made.sections[0].header.paragraphs[0].text == "ACME Biometrics"


def test_the_banner_stands_beneath_the_house_header(house, rich):
    book = TableBook(title="t", tables={"a": rich}, banner="Synthetic data")
    document = Document(BytesIO(book.to_docx(template=load_template(house))))
    texts = [paragraph.text for paragraph in document.sections[0].header.paragraphs]
    assert texts == ["ACME Biometrics", "Synthetic data"]
    assert document.sections[0].footer.paragraphs[0].text == "Confidential"


def repacked(path, change):
    with ZipFile(path) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    change(parts)
    with ZipFile(path, "w") as new:
        for name, content in parts.items():
            new.writestr(name, content)


def retyped(old, new):
    def change(parts):
        parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace(old, new)

    return change


def test_a_dotx_serves_as_well(house, rich):
    repacked(house, retyped(b"document.main+xml", b"template.main+xml"))
    document = Document(BytesIO(to_bytes(rich, template=load_template(house))))
    assert document.sections[0].header.paragraphs[0].text == "ACME Biometrics"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "there is no template"),
        (b"no zip", "is no Word document"),
        (b"PK\x05\x06" + b"\x00" * 18, "is no Word document"),
    ],
)
def test_what_is_no_word_document_is_refused_in_words(tmp_path, content, message):
    path = tmp_path / "house.docx"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(StudyError, match=message):
        load_template(path)


def test_macros_broken_parts_and_styles_of_another_kind_are_refused(house):
    whole = house.read_bytes()
    repacked(house, retyped(b"wordprocessingml.document.main+xml", b"x.macroEnabled.main+xml"))
    with pytest.raises(StudyError, match=r"house\.docx holds macros"):
        load_template(house)
    house.write_bytes(whole)
    repacked(house, lambda parts: parts.update({"word/document.xml": b"<no xml"}))
    with pytest.raises(StudyError, match="cannot be read as a Word document"):
        load_template(house)
    house.write_bytes(whole)
    document = Document(house)
    document.styles.add_style("Table Note", WD_STYLE_TYPE.CHARACTER)
    document.save(house)
    with pytest.raises(StudyError, match="'Table Note' that is not one of paragraphs"):
        load_template(house)


def test_the_same_template_gives_the_same_bytes(house, rich):
    template = load_template(house)
    assert to_bytes(rich, template=template) == to_bytes(rich, template=load_template(house))
