"""The report as one web page that needs no other file, no script and no network."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from biomarker.figures.svg import inline_svg
from biomarker.study.document import NumberedSection, Report, inputs_table
from biomarker.study.methods import Paragraph
from biomarker.study.nuclides import raised_mass_numbers
from biomarker.tables import Table
from biomarker.tables.render import html
from biomarker.tables.render.characters import legible
from biomarker.vocabulary import kind_label

_SCREEN_ENLARGEMENT = 1.4  # a figure made for a column of print is read from further away on a screen
_CSS_INCH = 6.0  # rem


def render_html(report: Report) -> str:
    """Return the whole page. Every text in it is escaped; figures are inline SVG, styles are in its head."""
    template = _environment().get_template("report.html.j2")
    return template.render(
        report=report,
        sections=[_section(numbered) for numbered in report.numbered()],
        inputs=_table(inputs_table(report)) if report.inputs else "",
        checklists=[(table.title, _table(table)) for table in report.checklists],
        css=Markup(f"{_stylesheet()}\n{html.stylesheet()}"),
    )


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
def _stylesheet() -> str:
    return (files("biomarker.study") / "templates" / "report.css").read_text(encoding="utf-8").strip()


def _section(numbered: NumberedSection) -> dict[str, Any]:
    section = numbered.section
    return {
        "body": section,
        "table": "" if section.table is None else _table(section.table, f"Table {numbered.table_number}."),
        "figure": _figure(numbered),
        "figure_number": numbered.figure_number,
        "figure_width": 0 if section.picture is None else section.picture.width * _CSS_INCH * _SCREEN_ENLARGEMENT,
    }


def _table(table: Table, label: str = "") -> Markup:
    return html.scrolling(html.render(table, label=label), name=label.rstrip("."))


def _figure(numbered: NumberedSection) -> Markup | str:
    picture, caption = numbered.section.picture, numbered.section.caption
    if picture is None:
        return ""
    prefix = f"figure-{numbered.figure_number}"
    # ElementTree has escaped every text of the drawing.
    return Markup(inline_svg(picture.svg, prefix=prefix, title=caption, description=picture.alt))


def _printable(value: object) -> object:
    return legible(value) if type(value) is str else value  # Markup, a str too, has been through it


def _nuclides(text: str) -> Markup:
    pieces = raised_mass_numbers(legible(text))
    return Markup("").join(Markup("<sup>{}</sup>").format(piece) if up else escape(piece) for piece, up in pieces)


def _cited(paragraph: Paragraph) -> Markup:
    """Return a paragraph with its citations, each a link to its reference."""
    links = Markup(", ").join(Markup('<a href="#reference-{}">{}</a>').format(n, n) for n in paragraph.citations)
    cited = Markup(" [{}]").format(links) if links else ""
    return Markup("{}{}{}").format(legible(paragraph.before), cited, legible(paragraph.after))
