from io import BytesIO
from zipfile import ZipFile

import pytest
from docx import Document
from docx.enum.section import WD_ORIENT
from docx.oxml.ns import qn

from biomarker.analyses.result import Exclusion
from biomarker.figures.export import Picture, picture_of
from biomarker.figures.theme import journal_axes, themed
from biomarker.references import Reference
from biomarker.study.methods.text import MethodsText, Paragraph
from biomarker.study.report.document import Input, Report, Section
from biomarker.study.report.report_docx import render_docx
from biomarker.tables import Table

NARROW = Table(title="Predictive values", header=["Quantity", "%"], rows=[["PPV", "83.3"]], footnotes=["A footnote."])
WIDE = Table(title="Uptake", header=["Tissue"] + ["mean (SD)"] * 9, rows=[["Liver", *["12.34 (5.67)"] * 9]])


@pytest.fixture(scope="module")
def picture() -> Picture:
    with themed():
        axes = journal_axes(None)
        axes.plot([0, 1], [0, 1])
    return picture_of(axes, alt="A line that rises.")


@pytest.fixture(scope="module")
def report(picture) -> Report:
    sections = (
        Section(
            name="at-4", kind="predictive_values", title="Does 89Zr uptake predict?", table=NARROW, picture=picture,
            caption="Drawn.", notes=("A footnote.", "Another."), exclusions=(Exclusion(reason="missing", rows=(5,)),),
        ),
        Section(name="time", kind="uptake_over_time", title="Over time", table=WIDE, picture=picture,
                caption="Drawn too."),
        Section(name="at-6", kind="predictive_values", title="At 6.0", table=NARROW),
    )  # fmt: skip
    return Report(
        title="89Zr trial",
        tracer="89Zr-trastuzumab",
        description="A trial.",
        source="A paper.",
        banner="Synthetic data",
        sections=sections,
        inputs=(Input(name="lesions", file="l.csv", rows=3),),
        methods=MethodsText(
            paragraphs=(Paragraph(text="Done so.", heading="Predictive values", citations=(1, 2), rest="And so."),),
            references=(Reference("One.", "10.1000/1"), Reference("Two.")),
        ),
        provenance=(("Seed", "7"),),
    )


@pytest.fixture(scope="module")
def document(report):
    return Document(BytesIO(render_docx(report)))


def test_the_outline_is_made_of_words_own_headings(document):
    outline = [
        (one.style.name, one.text) for one in document.paragraphs if one.style.name.startswith(("Heading", "Title"))
    ]
    assert outline == [
        ("Title", "89Zr trial"),
        ("Heading 1", "Results"),
        ("Heading 2", "Does 89Zr uptake predict?"),
        ("Heading 2", "Over time"),
        ("Heading 2", "At 6.0"),
        ("Heading 1", "Data"),
        ("Heading 1", "Statistical methods"),
        ("Heading 2", "Predictive values"),
        ("Heading 1", "References"),
        ("Heading 1", "Words used"),
        ("Heading 1", "Provenance"),
    ]


def test_captions_are_numbered_in_order(document):
    captions = [one.text for one in document.paragraphs if one.style.name == "Caption"]
    assert captions == [
        "Table 1. Predictive values",
        "Figure 1. Drawn.",
        "Table 2. Uptake",
        "Figure 2. Drawn too.",
        "Table 3. Predictive values",
        "Tables that went in, and how their missing values were marked",
    ]


def test_tables_are_words_own(document):
    assert [table.rows[0].cells[0].text for table in document.tables] == ["Quantity", "Tissue", "Quantity", "Table"]


def test_figures_have_300_dots_an_inch_and_alternative_text(document, picture):
    shapes = list(document.inline_shapes)
    assert [shape._inline.docPr.get("descr") for shape in shapes] == ["A line that rises."] * 2
    assert shapes[0].width.inches == pytest.approx(picture.width, abs=0.01)
    parts = [part for part in document.part.package.iter_parts() if part.content_type == "image/png"]
    assert parts[0].blob == picture.png


def test_a_figure_wider_than_the_page_is_set_to_its_width(picture):
    broad = Picture(png=picture.png, svg=picture.svg, pdf=picture.pdf, width=9.0, height=4.0)
    section = Section(name="a", kind="x", title="A", picture=broad, caption="Broad.")
    document = Document(BytesIO(render_docx(Report(title="t", sections=(section,)))))
    assert document.inline_shapes[0].width.cm == pytest.approx(16.0, abs=0.01)
    assert document.inline_shapes[0]._inline.docPr.get("descr") == "Broad."


def test_only_the_wide_table_lies_on_a_turned_page(document):
    assert [section.orientation for section in document.sections] == [
        WD_ORIENT.PORTRAIT,
        WD_ORIENT.LANDSCAPE,
        WD_ORIENT.PORTRAIT,
    ]


def test_the_banner_is_on_every_page_and_pages_are_numbered(document):
    assert all(section.header.paragraphs[0].text == "Synthetic data" for section in document.sections)
    assert all("PAGE" in section.footer._element.xml for section in document.sections)


def test_mass_numbers_are_raised(document):
    title = next(one for one in document.paragraphs if one.style.name == "Title")
    assert [(run.text, bool(run.font.superscript)) for run in title.runs] == [("89", True), ("Zr trial", False)]


def test_methods_and_references(document):
    texts = [one.text for one in document.paragraphs]
    assert "Done so [1, 2]. And so." in texts
    assert [one.text for one in document.paragraphs if one.style.name == "List Number"] == [
        "One. doi:10.1000/1",
        "Two.",
    ]


def test_notes_are_told_once_and_rows_left_out_are_named(document):
    texts = [one.text for one in document.paragraphs]
    assert texts.count("A footnote.") == 2  # once beneath each of its tables
    assert "Another." in texts
    assert "Left out: 1 missing: row 5." in texts


def test_nothing_of_the_data_becomes_markup_or_breaks_the_file(picture):
    text = "<w:b/> & ]]> \x00\x07\ud800 {{ 1 }} \t = é 肿瘤"
    table = Table(title=text, header=[text, text], rows=[[text, text]], footnotes=[text])
    section = Section(name=text, kind=text, title=text, table=table, picture=picture, caption=text, notes=(text + "!",))
    methods = MethodsText(paragraphs=(Paragraph(text=text, heading=text, rest=text),), references=(Reference(text),))
    report = Report(
        title=text, tracer=text, description=text, source=text, banner=text, sections=(section,), methods=methods,
        inputs=(Input(name=text, file=text, rows=1, missing=((text, 1),), notes=(text,)),), provenance=((text, text),),
    )  # fmt: skip
    document = Document(BytesIO(render_docx(report)))
    shown = "<w:b/> & ]]> \ufffd\ufffd\ufffd {{ 1 }} = é 肿瘤"
    assert sum(shown in one.text for one in document.paragraphs) >= 14
    assert "<w:tab/>" not in document._body._element.xml


def test_the_same_report_gives_the_same_bytes(report):
    first = render_docx(report)
    assert first == render_docx(report)
    with ZipFile(BytesIO(first)) as package:
        assert {part.date_time[0] for part in package.infolist()} == {1980}


def test_an_empty_report_is_a_document():
    document = Document(BytesIO(render_docx(Report(title="Nothing yet"))))
    assert [one.text for one in document.paragraphs] == ["Nothing yet"]
    assert document.core_properties.title == "Nothing yet"
    assert document.sections[0].header.paragraphs[0].text == ""


def test_headings_stay_with_what_follows(document):
    for one in document.paragraphs:
        if one.style.name.startswith("Heading"):
            assert one.style.paragraph_format.keep_with_next
    pictures = [one for one in document.paragraphs if one._p.findall(f".//{qn('w:drawing')}")]
    assert all(one.paragraph_format.keep_with_next for one in pictures)
