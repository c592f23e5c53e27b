"""An empty Word document in the house style: A4, Times, black headings that Word's navigation pane knows."""

from __future__ import annotations

from functools import cache
from io import BytesIO
from typing import cast

from docx import Document
from docx.document import Document as WordDocument
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.shared import Cm, Length, Pt, RGBColor
from docx.styles.style import ParagraphStyle
from docx.text.paragraph import Paragraph

from biomarker.tables.render.characters import on_one_line
from biomarker.tables.render.package import undated

FONT = "Times New Roman"
TABLE_TEXT, TABLE_NOTE, TABLE_TEXT_ID = "Table Text", "Table Note", "TableText"
_INK = RGBColor(0x1B, 0x1F, 0x24)
_MARGIN = Cm(2.5)
_SHORT, _LONG = Cm(21.0), Cm(29.7)  # A4

# style: size in points, bold, italic, space before and after in points
_STYLES: dict[str, tuple[float, bool, bool, float, float]] = {
    "Normal": (11, False, False, 0, 6),
    "Title": (20, True, False, 0, 6),
    "Subtitle": (12, False, False, 0, 12),
    "Heading 1": (14, True, False, 20, 6),
    "Heading 2": (12, True, False, 16, 4),
    "Heading 3": (11, True, True, 12, 3),
    "Caption": (10, False, False, 10, 4),
    "List Number": (10, False, False, 0, 3),
    "Header": (9, False, False, 0, 0),
    "Footer": (9, False, False, 0, 0),
    TABLE_TEXT: (9.5, False, False, 2, 2),
    TABLE_NOTE: (8.5, False, False, 2, 0),
}


def blank_document(title: str, *, landscape: bool = False) -> WordDocument:
    """Return an empty document with the house's styles and page."""
    document = Document(BytesIO(_template()))
    _turn(document, landscape=landscape)
    document.core_properties.title = on_one_line(title)[:255]
    return document


@cache
def _template() -> bytes:
    """Return the document from which the others begin: setting its styles takes longer than filling it."""
    document = Document()
    for name, look in _STYLES.items():
        _set_style(document, name, *look)
    document.core_properties.author = document.core_properties.comments = ""
    return as_bytes(document)


def as_bytes(document: WordDocument) -> bytes:
    """Return the document as it is written to a file; the same document gives the same bytes."""
    out = BytesIO()
    document.save(out)
    return undated(out.getvalue())


def turn_page(document: WordDocument, *, landscape: bool) -> None:
    """Begin a new page of that orientation, unless this one has it."""
    is_landscape = document.sections[-1].orientation == WD_ORIENT.LANDSCAPE
    if landscape != is_landscape:
        document.add_section(WD_SECTION.NEW_PAGE)
        _turn(document, landscape=landscape)


def text_width(document: WordDocument) -> Length:
    """Return the width between the margins of the page being written."""
    is_landscape = document.sections[-1].orientation == WD_ORIENT.LANDSCAPE
    return Length((_LONG if is_landscape else _SHORT) - 2 * _MARGIN)


def add_number(paragraph: Paragraph, label: str, number: int) -> None:
    """Append "Table 1. ", the number as a field that Word counts by itself."""
    paragraph.add_run(f"{label} ").bold = True
    _add_field(paragraph, f"SEQ {label} \\* ARABIC", str(number), bold=True)
    paragraph.add_run(". ").bold = True


def add_box(paragraph: Paragraph, colour: str) -> None:
    """Draw a frame round a paragraph."""
    borders = OxmlElement("w:pBdr")
    for side in ("top", "left", "bottom", "right"):
        line = OxmlElement(f"w:{side}")
        for name, value in (("val", "single"), ("sz", "8"), ("space", "4"), ("color", colour)):
            line.set(qn(f"w:{name}"), value)
        borders.append(line)
    later = ("w:shd", "w:tabs", "w:suppressAutoHyphens", "w:spacing", "w:ind", "w:jc", "w:rPr")
    paragraph._p.get_or_add_pPr().insert_element_before(borders, *later)


def add_page_number(document: WordDocument) -> None:
    """Put the number of the page at the foot of every page."""
    paragraph = document.sections[0].footer.paragraphs[0]
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _add_field(paragraph, "PAGE", "1")


def _add_field(paragraph: Paragraph, instruction: str, shown: str, *, bold: bool = False) -> None:
    """Append what Word computes by `instruction`, and until it has done so, `shown`; each part is a run of its own."""
    parts = [
        _part("w:fldChar", fldCharType="begin"),
        _part("w:instrText", f" {instruction} "),
        _part("w:fldChar", fldCharType="separate"),
        _part("w:t", shown),
        _part("w:fldChar", fldCharType="end"),
    ]
    for part in parts:
        run = paragraph.add_run()
        run.bold = bold or None
        run._r.append(part)


def _part(tag: str, text: str = "", **attributes: str) -> BaseOxmlElement:
    part: BaseOxmlElement = OxmlElement(tag)
    for name, value in attributes.items():
        part.set(qn(f"w:{name}"), value)
    if text:
        part.text = text
        part.set(qn("xml:space"), "preserve")
    return part


def _turn(document: WordDocument, *, landscape: bool) -> None:
    section = document.sections[-1]
    section.orientation = WD_ORIENT.LANDSCAPE if landscape else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = (_LONG, _SHORT) if landscape else (_SHORT, _LONG)
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = _MARGIN


def _set_style(
    document: WordDocument, name: str, size: float, bold: bool, italic: bool, before: float, after: float
) -> None:
    style = _style(document, name)
    style.font.name, style.font.size, style.font.bold, style.font.italic = FONT, Pt(size), bold, italic
    style.font.color.rgb = _INK
    _drop_theme_fonts(style)
    layout = style.paragraph_format
    layout.space_before, layout.space_after = Pt(before), Pt(after)
    layout.line_spacing_rule = WD_LINE_SPACING.SINGLE
    if name == "Normal":
        layout.line_spacing = 1.15
    for border in style.element.iter(qn("w:pBdr")):  # the template draws a blue line under its titles
        border.getparent().remove(border)


def _style(document: WordDocument, name: str) -> ParagraphStyle:
    if name not in [style.name for style in document.styles]:
        added = cast(ParagraphStyle, document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH))
        added.base_style = document.styles["Normal"]
        return added
    return cast(ParagraphStyle, document.styles[name])


def _drop_theme_fonts(style: ParagraphStyle) -> None:
    """Set the font for every script: a font of the theme would win over the name given here."""
    properties = style.element.get_or_add_rPr()
    fonts = properties.find(qn("w:rFonts"))
    if fonts is None:
        fonts = OxmlElement("w:rFonts")
        properties.insert(0, fonts)
    fonts.attrib.clear()
    for script in ("ascii", "hAnsi", "cs", "eastAsia"):
        fonts.set(qn(f"w:{script}"), FONT)
