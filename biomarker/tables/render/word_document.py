"""An empty Word document in the house style: A4, Times, black headings that Word's navigation pane knows."""

from __future__ import annotations

from functools import cache, lru_cache
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
from docx.section import Section
from docx.shared import Cm, Length, Pt, RGBColor
from docx.styles.style import BaseStyle, ParagraphStyle
from docx.text.paragraph import Paragraph

from biomarker.tables.render.characters import on_one_line
from biomarker.tables.render.house_template import HouseTemplate
from biomarker.tables.render.package import undated
from biomarker.tables.render.word_table import TextStyle

FONT = "Times New Roman"
TABLE_TEXT, TABLE_NOTE = "Table Text", "Table Note"
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
    "List Bullet": (9.5, False, False, 0, 2),
    "Header": (9, False, False, 0, 0),
    "Footer": (9, False, False, 0, 0),
    TABLE_TEXT: (9.5, False, False, 2, 2),
    TABLE_NOTE: (8.5, False, False, 2, 0),
}


def blank_document(title: str, *, landscape: bool = False, template: HouseTemplate | None = None) -> WordDocument:
    """Return an empty document with our styles and page, or those of a house's `template`."""
    document = Document(BytesIO(_template() if template is None else _emptied(template)))
    section = document.sections[-1]
    if landscape != _is_landscape(section):
        _turn(section)
    document.core_properties.title = on_one_line(title)[:255]
    return document


@cache
def _template() -> bytes:
    """Return the document from which the others begin: setting its styles takes longer than filling it."""
    document = Document()
    for name, look in _STYLES.items():
        _set_style(document, name, *look)
    section = document.sections[-1]
    section.page_width, section.page_height = _SHORT, _LONG
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = _MARGIN
    document.core_properties.author = document.core_properties.comments = ""
    return as_bytes(document)


@lru_cache(maxsize=4)
def _emptied(template: HouseTemplate) -> bytes:
    """Return a template without its text: its page, headers, footers and styles, and those styles that it lacks."""
    document = Document(BytesIO(template.package))
    _keep_last_section(document)
    for name in template.lacking:
        _add_like_normal(document, name, *_STYLES[name])
    return as_bytes(document)


def _keep_last_section(document: WordDocument) -> None:
    """Take the text out of a document; a header that its last section shares with earlier ones goes to that section."""
    body = document.element.body
    last = body.get_or_add_sectPr()
    shared: dict[tuple[str, str | None], BaseOxmlElement] = {}
    for section in body.iter(qn("w:sectPr")):
        for tag in ("w:headerReference", "w:footerReference"):
            shared |= {(tag, part.get(qn("w:type"))): part for part in section.findall(qn(tag))}
    for old in [part for part in last if part.tag in (qn("w:headerReference"), qn("w:footerReference"))]:
        last.remove(old)
    for part in reversed(shared.values()):
        last.insert(0, part)
    for element in list(body):
        if element is not last:
            body.remove(element)


def _add_like_normal(
    document: WordDocument, name: str, size: float, bold: bool, italic: bool, before: float, after: float
) -> None:
    """Add a style that a template lacks: its Normal, in the size that ours has beside our Normal."""
    if name not in [style.name for style in document.styles]:
        style = cast(ParagraphStyle, document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH))
        if name != "Normal":
            style.base_style = document.styles["Normal"]
    style = cast(ParagraphStyle, document.styles[name])
    of_normal = _size_of(document.styles["Normal"]) or _STYLES["Normal"][0]
    style.font.size = Pt(round(2 * of_normal * size / _STYLES["Normal"][0]) / 2)
    style.font.bold, style.font.italic = bold, italic
    layout = style.paragraph_format
    layout.space_before, layout.space_after = Pt(before), Pt(after)
    layout.line_spacing_rule = WD_LINE_SPACING.SINGLE
    if name.startswith("Heading"):  # the level by which the navigation pane knows it
        layout.keep_with_next = True
        level = OxmlElement("w:outlineLvl")
        level.set(qn("w:val"), str(int(name[-1]) - 1))
        style.element.get_or_add_pPr().append(level)


def _size_of(style: BaseStyle | None) -> float:
    """Return the size of a style's letters in points, its own or that of the styles it is based on; 0 if none says."""
    while isinstance(style, ParagraphStyle):
        if style.font.size is not None:
            return float(style.font.size.pt)
        style = style.base_style
    return 0.0


def _font_of(style: BaseStyle | None) -> str:
    while isinstance(style, ParagraphStyle):
        if style.font.name:
            return str(style.font.name)
        style = style.base_style
    return ""


def cell_style(document: WordDocument) -> TextStyle:
    """Return the style of a table's cells in this document."""
    style = document.styles[TABLE_TEXT]
    size = _size_of(style) or _STYLES[TABLE_TEXT][0]
    return TextStyle(identifier=style.style_id, font=_font_of(style), size=size)


def as_bytes(document: WordDocument) -> bytes:
    """Return the document as it is written to a file; the same document gives the same bytes."""
    out = BytesIO()
    document.save(out)
    return undated(out.getvalue())


def turn_page(document: WordDocument, *, landscape: bool) -> None:
    """Begin a new page of that orientation, unless this one has it."""
    if landscape == _is_landscape(document.sections[-1]):
        return
    section = document.add_section(WD_SECTION.NEW_PAGE)
    for tag in ("w:titlePg", "w:pgNumType"):  # a first page and a first number belong to the first section only
        for element in section._sectPr.findall(qn(tag)):
            section._sectPr.remove(element)
    _turn(section)


def text_width(document: WordDocument) -> Length:
    """Return the width between the margins of the page being written."""
    section = document.sections[-1]
    width, left, right = section.page_width, section.left_margin, section.right_margin
    return Length((width or _SHORT) - (left or 0) - (right or 0))


def add_number(paragraph: Paragraph, label: str, number: int, *, bookmark: str = "") -> None:
    """Append "Table 1. ", the number as a field that Word counts by itself, with a bookmark round label and number."""
    if bookmark:
        paragraph._p.append(_part("w:bookmarkStart", id=str(number), name=bookmark))
    paragraph.add_run(f"{label} ").bold = True
    add_field(paragraph, f"SEQ {label} \\* ARABIC", str(number), bold=True)
    if bookmark:
        paragraph._p.append(_part("w:bookmarkEnd", id=str(number)))
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
    """Put the number of the page at the foot of every page, unless a template has a footer of its own."""
    footer = document.sections[0].footer
    if any(part.text for part in footer._element.iter(qn("w:t"), qn("w:instrText"))):
        return
    paragraph = footer.paragraphs[0] if footer.paragraphs else footer.add_paragraph()
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    add_field(paragraph, "PAGE", "1")


def header_paragraph(document: WordDocument) -> Paragraph:
    """Return an empty paragraph in the header of every page, beneath what a template has there."""
    header = document.sections[0].header
    last = header.paragraphs[-1] if header.paragraphs else None
    return last if last is not None and not len(last.runs) else header.add_paragraph()


def add_field(paragraph: Paragraph, instruction: str, shown: str, *, bold: bool = False) -> None:
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


def _is_landscape(section: Section) -> bool:
    return (section.page_width or _SHORT) > (section.page_height or _LONG)


def _turn(section: Section) -> None:
    """Lay an upright page on its side, or the other way round."""
    section.page_width, section.page_height = section.page_height or _LONG, section.page_width or _SHORT
    section.orientation = WD_ORIENT.LANDSCAPE if _is_landscape(section) else WD_ORIENT.PORTRAIT


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
