"""The report as one web page that needs no other file and no network, and says all it says without its script."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from biomarker.figures.svg import inline_svg
from biomarker.study.methods.text import Paragraph
from biomarker.study.report.document import Drawing, NumberedSection, Report, inputs_table
from biomarker.study.report.glossary import Term, terms_used
from biomarker.study.report.nuclides import raised_mass_numbers
from biomarker.study.report.printed import printed_texts
from biomarker.tables import Table
from biomarker.tables.render import html
from biomarker.tables.render.characters import legible, on_one_line
from biomarker.vocabulary import kind_label

_SCREEN_ENLARGEMENT = 1.4  # a figure made for a column of print is read from further away on a screen
_CSS_INCH = 6.0  # rem


def render_html(report: Report) -> str:
    """Return the whole page. Every text in it is escaped; figures are inline SVG, styles are in its head."""
    template = _environment().get_template("report.html.j2")
    terms = terms_used(printed_texts(report))
    links = _FirstUses(terms)
    css = f"{_text('report.css')}\n{html.stylesheet()}"
    return template.render(
        report=report,
        sections=[_section(report, numbered, links) for numbered in report.numbered()],
        inputs=_table(inputs_table(report), name="Tables that went in") if report.inputs else "",
        checklists=[(table.title, _table(table, name=table.title)) for table in report.checklists],
        terms=terms,
        css=Markup(css),
        script=Markup(_text("report.js")),
        script_hash=_hash(_text("report.js")),
    )


class _FirstUses:
    """Links from the first use of each word of the glossary to what it means."""

    def __init__(self, terms: Sequence[Term]) -> None:
        self._waiting = list(terms)

    def linked(self, text: str) -> Markup:
        """Return a text, escaped, with a link at each word that is met for the first time."""
        shown = legible(text)
        found: list[tuple[int, int, Term]] = []
        for term in list(self._waiting):
            place = term.where(shown)
            if place is not None and not any(place[0] < end and begin < place[1] for begin, end, _ in found):
                found.append((*place, term))
                self._waiting.remove(term)
        parts, done = [], 0
        for begin, end, term in sorted(found, key=lambda use: use[0]):
            link = Markup('<a class="term" href="#term-{}">{}</a>').format(term.key, shown[begin:end])
            parts += [escape(shown[done:begin]), link]
            done = end
        return Markup("").join([*parts, escape(shown[done:])])


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("biomarker.study", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_printable,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"nuclides": _nuclides, "kind": kind_label, "cited": _cited}
    return environment


@cache
def _text(name: str) -> str:
    return (files("biomarker.study") / "templates" / name).read_text(encoding="utf-8").strip()


def _hash(text: str) -> str:
    """Return the hash by which the page's policy allows a script and no other."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _section(report: Report, numbered: NumberedSection, links: _FirstUses) -> dict[str, Any]:
    section = numbered.section
    method = report.method_of(section)
    return {
        "body": section,
        "question": links.linked(section.question),
        "answer": links.linked(section.answer),
        "method": _with_citations(links.linked(method.before), method) if section.method else "",
        "not_shown": [links.linked(sentence) for sentence in section.not_shown],
        "table": "" if section.table is None else _table(section.table, f"Table {numbered.table_number}."),
        "figures": [
            _figure(drawing, number)
            for number, drawing in enumerate(section.drawings, start=numbered.figure_number or 1)
        ],
    }


def _table(table: Table, label: str = "", *, name: str = "") -> Markup:
    return html.scrolling(html.render(table, label=label), name=on_one_line(name) or label.rstrip("."))


def _figure(drawing: Drawing, number: int) -> dict[str, Any]:
    picture = drawing.picture
    title = f"Drawing of figure {number}"
    svg = inline_svg(picture.svg, prefix=f"figure-{number}", title=title, description=picture.alt)
    return {
        "svg": Markup(svg),  # ElementTree has escaped every text of the drawing
        "number": number,
        "caption": drawing.caption,
        "width": picture.width * _CSS_INCH * _SCREEN_ENLARGEMENT,
    }


def _printable(value: object) -> object:
    return legible(value) if type(value) is str else value  # Markup, a str too, has been through it


def _nuclides(text: str) -> Markup:
    pieces = raised_mass_numbers(legible(text))
    return Markup("").join(Markup("<sup>{}</sup>").format(piece) if up else escape(piece) for piece, up in pieces)


def _cited(paragraph: Paragraph) -> Markup:
    """Return a paragraph with its citations, each a link to its reference."""
    return _with_citations(escape(legible(paragraph.before)), paragraph)


def _with_citations(before: Markup, paragraph: Paragraph) -> Markup:
    links = Markup(", ").join(Markup('<a href="#reference-{}">{}</a>').format(n, n) for n in paragraph.citations)
    cited = Markup(" [{}]").format(links) if links else ""
    return Markup("{}{}{}").format(before, cited, legible(paragraph.after))
