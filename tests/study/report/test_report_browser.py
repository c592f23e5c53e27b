"""The report in a real browser: read by axe-core, by keyboard, without its script, in the dark; its tables copied."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from biomarker.examples import example_folder
from biomarker.study.methods.text import MethodsText, Paragraph
from biomarker.study.report.document import Report, Section
from biomarker.study.report.report_html import render_html
from biomarker.study.workflow import run_study
from biomarker.tables import Table, heading
from biomarker.tables.table import noted
from tests.study.chromium import DESK, PHONE, chromium
from tests.study.explorer_study import write_study

EXAMPLES = ["zephir", *(pytest.param(name, marks=pytest.mark.slow) for name in ("cd8", "her2-gastric", "dehdashti"))]
EXAMPLES.append(pytest.param("simulated-trial", marks=pytest.mark.slow))
MOST_BYTES = 10_000_000


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("reports")


@pytest.fixture(scope="module")
def page(folder) -> Path:
    """Return the page of a report with a narrow and a wide table."""
    table = Table(
        title="Predictive values", header=["Quantity", "n/N", "% (95% CI)"],
        rows=[
            heading("At 4.0"),
            [noted("PPV", "Of the positive ones."), "25/30", "83.3 (66.4–92.7)"],
            ['−, "quoted"', "1/2", "=1+1"],
        ],
        footnotes=["CI, confidence interval."],
    )  # fmt: skip
    wide = Table(title="Uptake", header=["Tissue", *["mean (SD)"] * 12], rows=[["Liver", *["12.34 (5.67)"] * 12]] * 3)
    sections = (
        Section(
            name="at-4", kind="predictive_values", title="At 4.0", table=table, question="What does it mean?",
            answer="PPV was 83.3% (95% CI 66.4–92.7).", method="Done so.", not_shown=("It does not show cause.",),
        ),
        Section(name="uptake", kind="uptake_over_time", title="Uptake", table=wide, question="How does it change?"),
    )  # fmt: skip
    methods = MethodsText(paragraphs=(Paragraph(text="Done so.", heading="Predictive values"),))
    report = Report(title="A trial", banner="Synthetic", sections=sections, methods=methods, checklists=(table,))
    path = folder / "page.html"
    path.write_text(render_html(report), encoding="utf-8")
    return path


@pytest.mark.parametrize("name", EXAMPLES)
def test_reports_and_explorers_of_the_examples_pass_axe(browser, folder, name):
    run_study(example_folder(name), folder / name)
    assert (folder / name / "report.html").stat().st_size < MOST_BYTES
    for path in (folder / name / "report.html", folder / name / "explorer.html"):
        if not path.exists():
            continue
        for size, dark in ((DESK, False), (DESK, True), (PHONE, False)):
            browser.open(path, size, dark=dark)
            assert browser.violations() == []
            wide, seen = browser.overflow()
            assert wide <= seen
            assert browser.complaints() == []
            assert browser.asked(path) == set()


def test_an_explorer_passes_axe(browser, folder):
    run_study(write_study(folder / "explorer"), folder / "explored")
    for name in ("explorer.html", "report.html"):
        browser.open(folder / "explored" / name)
        assert browser.violations() == []


def test_a_table_is_copied_by_the_keyboard_and_it_is_said(browser, page):
    from selenium.webdriver.common.keys import Keys

    browser.open(page)
    browser.run(
        "(() => { document.addEventListener('copy', event => { window.copied = ['text/plain', 'text/html']"
        ".map(kind => event.clipboardData.getData(kind)) }) })()"
    )
    button = browser.chrome.find_element("css selector", ".tools button")
    assert button.accessible_name == "Copy table: Table 1"
    button.send_keys(Keys.ENTER)
    plain, html = browser.run("window.copied")
    lines = [line.split("\t") for line in plain.split("\n")]
    assert lines == [
        ["Quantity", "n/N", "% (95% CI)"],
        ["At 4.0", "", ""],
        ["PPV", "25/30", "83.3 (66.4–92.7)"],
        ['−, "quoted"', "1/2", "'=1+1"],
    ]
    assert html.startswith("<table>\n<caption")
    assert "class=" not in html
    assert button.text == "Copied"
    from selenium.webdriver.support.ui import WebDriverWait

    said = browser.chrome.find_element("id", "said")
    WebDriverWait(browser.chrome, 5).until(lambda _: said.get_attribute("textContent") == "Table 1 is copied.")
    assert said.get_attribute("role") == "status"
    WebDriverWait(browser.chrome, 5).until(lambda _: button.text == "Copy table")


def test_a_table_is_saved_as_csv(browser, page, tmp_path):
    from selenium.webdriver.support.ui import WebDriverWait

    browser.chrome.execute_cdp_cmd("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(tmp_path)})
    browser.open(page)
    browser.chrome.find_elements("css selector", ".tools button")[1].click()
    path = tmp_path / "at-4.csv"
    WebDriverWait(browser.chrome, 10).until(lambda _: path.exists() and path.stat().st_size > 0)
    assert path.read_text(encoding="utf-8-sig").splitlines() == [
        "Quantity,n/N,% (95% CI)",
        "At 4.0,,",
        "PPV,25/30,83.3 (66.4–92.7)",
        '"−, ""quoted""",1/2,\'=1+1',
    ]
    assert browser.complaints() == []


def test_only_a_table_that_scrolls_is_a_stop_for_the_keyboard(browser, page):
    browser.open(page)
    stops = (
        "[...document.querySelectorAll('.biomarker-scroll')].filter(box => box.checkVisibility())"
        ".map(box => [box.scrollWidth > box.clientWidth + 1, box.tabIndex])"
    )
    found = browser.run(stops)
    assert [True, 0] in found
    assert [False, -1] in found
    assert not [pair for pair in found if pair in ([True, -1], [False, 0])]
    names = browser.run("[...document.querySelectorAll('[role=region]')].map(box => box.getAttribute('aria-label'))")
    assert len(set(names)) == len(names)


def test_without_its_script_the_page_is_whole(browser, page):
    browser.chrome.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        browser.open(page)
        source = re.sub(r"<[^>]+>", "", browser.chrome.page_source)
        assert browser.chrome.find_elements("css selector", ".tools") == []
        for text in ("What does it mean?", "83.3 (66.4–92.7)", "What this does not show", "Words used"):
            assert text in source
    finally:
        browser.chrome.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def test_figures_stand_on_white_in_the_dark(browser, page):
    browser.open(page, dark=True)
    assert browser.run("getComputedStyle(document.body).backgroundColor") == "rgb(20, 23, 27)"
    assert browser.run("getComputedStyle(document.querySelector('table.biomarker')).color") == "rgb(231, 234, 238)"
    browser.open(page, dark=True, media="print")
    assert browser.run("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert browser.run("getComputedStyle(document.querySelector('.tools')).display") == "none"


def test_a_word_leads_to_what_it_means(browser, page):
    browser.open(page)
    links = browser.run("[...document.querySelectorAll('a.term')].map(a => [a.textContent, a.getAttribute('href')])")
    assert ["PPV", "#term-ppv"] in links
    assert len({text for text, _ in links}) == len(links)  # the first use only
    assert all(browser.run(f"document.querySelector('{target}') !== null") for _, target in links)


def test_it_prints_with_its_checklists_open(browser, page):
    browser.open(page)
    assert browser.run("document.querySelector('.checklist').open") is False
    printed = browser.pdf()
    assert printed.startswith(b"%PDF")
    assert browser.run("document.querySelector('.checklist').open") is True
    assert re.search(rb"/Type\s*/Page\b", printed)
