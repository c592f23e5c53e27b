"""The table of contents of a Word document: a field that Word fills, and until then the headings as links to click."""

from __future__ import annotations

from dataclasses import dataclass, field

from docx.document import Document as WordDocument
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.shared import Cm, Pt
from docx.text.paragraph import Paragraph

_LEVELS = 2


@dataclass
class Contents:
    """The headings of a document as they are written, and the place where its contents will stand.

    Attributes
    ----------
    document : docx.document.Document
    entries : list of (int, str, str)
        Level, text and bookmark of each heading.
    """

    document: WordDocument
    entries: list[tuple[int, str, str]] = field(default_factory=list)
    _place: Paragraph | None = None

    def stand_here(self) -> None:
        """Keep this place for the contents."""
        self._place = self.document.add_paragraph()

    def mark(self, heading: Paragraph, level: int) -> None:
        """Take a heading into the contents; those of a deeper level than two are left out."""
        if level > _LEVELS:
            return
        name = f"_Toc{len(self.entries) + 1:08d}"
        start, end = (
            _element("w:bookmarkStart", id=str(len(self.entries)), name=name),
            _element("w:bookmarkEnd", id=str(len(self.entries))),
        )
        properties = heading._p.pPr
        heading._p.insert(0 if properties is None else 1, start)
        heading._p.append(end)
        self.entries.append((level, heading.text, name))

    def write(self) -> None:
        """Write the contents at the place that was kept for them, or take the place away where there is nothing."""
        if self._place is None:
            return
        if not self.entries:
            self._place._p.getparent().remove(self._place._p)
            return
        lines = [self._line(*entry) for entry in self.entries]
        for line in lines:
            self._place._p.addprevious(line._p)
        first, last = lines[0]._p, lines[-1]._p
        instruction = f' TOC \\o "1-{_LEVELS}" \\h \\z \\u '
        for part in (_field("separate"), _instruction(instruction), _field("begin", dirty="true")):
            first.insert(1, part)  # after the properties: the last put in stands first
        last.append(_field("end"))
        self._place._p.getparent().remove(self._place._p)

    def _line(self, level: int, text: str, bookmark: str) -> Paragraph:
        """Return a line of the contents: the heading, as a link to it; Word adds the numbers of pages."""
        paragraph = self.document.add_paragraph(style=_style(self.document, level))
        link = _element("w:hyperlink", anchor=bookmark, history="1")
        link.append(_text(text))
        paragraph._p.append(link)
        return paragraph


def _style(document: WordDocument, level: int) -> str:
    """Return the name of Word's own style of a line of contents; a document that lacks it gets it."""
    name = f"toc {level}"
    if name not in [style.name for style in document.styles]:
        style = document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH, builtin=True)
        style.base_style = document.styles["Normal"]
        style.font.size = Pt(10)
        layout = style.paragraph_format
        layout.left_indent, layout.space_before, layout.space_after = Cm(0.5 * (level - 1)), Pt(4 * (level == 1)), Pt(1)
    return name


def _element(tag: str, **attributes: str) -> BaseOxmlElement:
    element: BaseOxmlElement = OxmlElement(tag)
    for name, value in attributes.items():
        element.set(qn(f"w:{name}"), value)
    return element


def _run(*parts: BaseOxmlElement) -> BaseOxmlElement:
    run = _element("w:r")
    run.extend(parts)
    return run


def _field(kind: str, **attributes: str) -> BaseOxmlElement:
    return _run(_element("w:fldChar", fldCharType=kind, **attributes))


def _instruction(text: str) -> BaseOxmlElement:
    part = _element("w:instrText")
    part.text = text
    part.set(qn("xml:space"), "preserve")
    return _run(part)


def _text(text: str) -> BaseOxmlElement:
    part = _element("w:t")
    part.text = text
    part.set(qn("xml:space"), "preserve")
    return _run(part)
