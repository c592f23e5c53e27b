"""The page is opened offline, escaped everywhere, and readable on a telephone."""

import re
from collections import Counter
from html.parser import HTMLParser

import pytest

from biomarker.analyses.result import Exclusion
from biomarker.figures.export import Picture, picture_of
from biomarker.figures.theme import TWO_COLUMNS, journal_axes, themed
from biomarker.references import Reference
from biomarker.study.methods.text import MethodsText, Paragraph
from biomarker.study.report.document import Input, Report, Section
from biomarker.study.report.report_html import render_html
from biomarker.tables import Table
from tests.study.chromium import chromium

HOSTILE = """<script>alert("x")</script><img src=x onerror=alert(1)> & {{ 7 * 7 }} ' \x00\ud800"""
VOID = {"meta", "br", "img", "link", "input", "hr"}


@pytest.fixture(scope="module")
def picture() -> Picture:
    with themed():
        axes = journal_axes(None, width=TWO_COLUMNS)
        axes.plot([0, 1], [0, 1], label=HOSTILE.replace("\ud800", ""))  # which matplotlib refuses, and no file can hold
        axes.legend()
    return picture_of(axes, alt="A line that rises.")


def report_of(picture: Picture, text: str) -> Report:
    """Return a report every text of which is `text`, with ten wide columns and two figures."""
    wide = Table(title=text, header=[text] * 10, rows=[[text] * 10, *[["12.34 (5.67)"] * 10] * 3], footnotes=[text])
    sections = [
        Section(
            name=text,
            kind=text,
            title=text,
            table=wide,
            picture=picture,
            caption=text,
            notes=(text, f"Another {text}"),
            exclusions=(Exclusion(reason=text, rows=(text, 2)),),
        )
    ]
    return Report(
        title=text,
        tracer=text,
        description=text,
        source=text,
        banner=text,
        sections=tuple(sections * 2),
        inputs=(Input(name=text, file=text, rows=3, sha256=text, missing=((text, 2),), notes=(text,)),),
        methods=MethodsText(
            paragraphs=(Paragraph(text=text, heading=text, citations=(1, 2), rest=text),),
            references=(Reference(text, "10.1000/1"), Reference(text)),
        ),
        provenance=((text, text),),
    )


class Page(HTMLParser):
    """Collects tags, ids, links and texts, and sees that every tag is closed in order."""

    def __init__(self, page: str):
        super().__init__(convert_charrefs=True)
        self.tags, self.ids, self.links, self.texts, self.events, self.sources = Counter(), [], [], [], [], []
        self.open, self.headings = [], []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.handle_startendtag(tag, attrs)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags[tag] += 1
        for name, value in attrs:
            self.ids += [value] if name == "id" else []
            self.links += [value] if name in ("href", "xlink:href") else []
            self.events += [name] if name.startswith("on") else []
            self.sources += [value] if name in ("src", "srcset", "data", "action", "poster") else []

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)


@pytest.fixture(scope="module")
def hostile(picture) -> str:
    return render_html(report_of(picture, HOSTILE))


def test_nothing_of_the_data_becomes_markup(hostile):
    page = Page(hostile)
    assert page.open == []
    assert page.tags["script"] == 1
    assert page.tags["img"] == page.tags["iframe"] == page.tags["link"] == 0
    assert page.events == page.sources == []
    shown = HOSTILE.replace("\x00", "\ufffd").replace("\ud800", "\ufffd")
    assert sum(text.strip().startswith("<script>alert") for text in page.texts) >= 20
    assert shown in "".join(page.texts)
    assert "\x00" not in hostile
    assert "49" not in re.findall(r"\{\{.*?\}\}|\b49\b", hostile)


def test_ids_are_one_of_a_kind_and_links_lead_somewhere(hostile):
    page = Page(hostile)
    assert [name for name, count in Counter(page.ids).items() if count > 1] == []
    inner = {link[1:] for link in page.links if link.startswith("#")}
    assert inner <= set(page.ids)
    assert {link for link in page.links if not link.startswith("#")} == {"https://doi.org/10.1000/1"}


def test_nothing_is_asked_of_the_network(hostile):
    style = "".join(re.findall(r"<style>(.*?)</style>", hostile, flags=re.S))
    assert "url(" not in style
    assert "@import" not in style
    assert "@font-face" not in style
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', hostile)
    assert policy is not None
    script = r"script-src 'sha256-[^']+'"
    assert re.match(rf"default-src 'none'; {script}; style-src 'unsafe-inline'; img-src data:;", policy[1])
    assert not re.search(r"url\((?!#)", hostile)


def test_what_stands_where(picture):
    sections = (
        Section(name="roc", kind="roc_curve", title="Does 89Zr uptake predict?", picture=picture, caption="The curve."),
        Section(
            name="at-4", kind="predictive_values", title="At 4.0", table=Table(title="PPV", header=["a"], rows=[["b"]])
        ),
    )
    page = render_html(Report(title="89Zr trial", banner="Synthetic data", sections=sections))
    assert "<h1><sup>89</sup>Zr trial</h1>" in page
    assert '<p class="banner" role="note"><strong>Synthetic data</strong></p>' in page
    assert "<title>89Zr trial</title>" in page
    assert "<b>Figure 1.</b> The curve." in page
    assert "<caption><span><b>Table 1.</b> PPV</span></caption>" in page
    assert "ROC analysis · <code>roc</code>" in page
    assert page.index('id="analysis-1"') < page.index('id="analysis-2"')
    for absent in ('id="data"', 'id="methods"', 'id="references"', 'id="provenance"', "Rows left out"):
        assert absent not in page


def test_citations_are_links_before_the_full_stop():
    methods = MethodsText(
        paragraphs=(Paragraph(text="Done so.", citations=(1, 2), rest="And so."),),
        references=(Reference("One."), Reference("Two.")),
    )
    page = render_html(Report(title="t", methods=methods))
    assert '<p>Done so [<a href="#reference-1">1</a>, <a href="#reference-2">2</a>]. And so.</p>' in page
    assert '<li id="reference-2">Two.</li>' in page


def test_an_empty_report_is_a_page():
    page = Page(render_html(Report(title="Nothing yet")))
    assert page.open == []
    assert page.tags["h1"] == 1


def test_the_same_report_gives_the_same_page(picture):
    assert render_html(report_of(picture, "x")) == render_html(report_of(picture, "x"))


@pytest.fixture(scope="module")
def browser():
    with chromium() as started:
        yield started.chrome


@pytest.mark.parametrize("width", [390, 1280])
def test_the_page_fits_the_screen(browser, picture, tmp_path, width):
    path = tmp_path / "report.html"
    path.write_text(render_html(report_of(picture, "SUVmax ≥ 4.0 & lesions nested in patients")), encoding="utf-8")
    metrics = {"width": width, "height": 844, "deviceScaleFactor": 1, "mobile": width < 500}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    browser.get(path.as_uri())
    assert browser.execute_script("return document.documentElement.scrollWidth") == width
    boxes = browser.execute_script(
        "return [...document.querySelectorAll('.biomarker-scroll')].map(b => [b.clientWidth, b.scrollWidth])"
    )
    assert all(visible <= width for visible, _ in boxes)
    assert width > 500 or boxes[0][1] > boxes[0][0]  # ten columns: the table scrolls in its own box
    svg = browser.execute_script(
        "const b = document.querySelector('figure svg').getBoundingClientRect(); return [b.width, b.height]"
    )
    assert svg[0] / svg[1] == pytest.approx(picture.width / picture.height, rel=0.05)
    menu = browser.execute_script("return getComputedStyle(document.querySelector('.contents .wide')).display")
    assert menu == ("none" if width < 500 else "block")


def test_the_browser_finds_nothing_to_complain_of(browser, hostile, tmp_path):
    path = tmp_path / "report.html"
    path.write_text(hostile, encoding="utf-8")
    browser.get(path.as_uri())
    assert browser.get_log("browser") == []
    assert browser.execute_script("return performance.getEntriesByType('resource').length") == 0
    assert browser.execute_script("return document.querySelectorAll('script').length") == 1  # the page's own
    assert browser.execute_script("return document.querySelectorAll('img, iframe, object').length") == 0
    svg = "[...document.querySelectorAll('figure svg')]"
    assert browser.execute_script(f"return {svg}.map(s => s.getAttribute('role'))") == ["img", "img"]
    assert browser.execute_script(f"return {svg}.map(s => s.querySelector('title').textContent.length > 9)") == [
        True,
        True,
    ]
