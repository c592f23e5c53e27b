"""Text that would break out of a page, a document or a formula, wherever a study can hold text: it is only read."""

from __future__ import annotations

import csv
import json
import re
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from xml.etree import ElementTree as ET
from zipfile import ZipFile

import numpy as np
import pandas as pd
import pytest
from docx import Document
from openpyxl import load_workbook

from biomarker.study.workflow import run_study
from tests.study.chromium import DESK, SMALL, chromium

TEXTS = {
    "html": """</style></script><script>document.title='broken'</script><img src=x onerror="alert(1)"><b>bold</b>""",
    "attribute": """x' onmouseover='alert(2)" autofocus onfocus="alert(3) {{ 7 * 7 }} {% raw %} &amp; &#60; <!-- ]]>""",
    "latex": r"\input{/etc/passwd} $\alpha_{1}^{2}$ 100% #1 ~ {x} \\ \end{document} \write18{id}",
    "formula": """=HYPERLINK("http://example.org/?"&A1,"x")""",
    "plus": "+1+cmd|' /C calc'!A0",
    "at": "@SUM(1+1)*cmd|' /C calc'!A0",
    "markdown": "[x](javascript:alert(4)) | a | **b** `c` # ![i](http://example.org/i.png) <http://example.org>",
    "rtf": r"{\field{\*\fldinst HYPERLINK http://example.org}} \par \u8238? }{",
    "right to left": "שלום עולם مرحبا بالعالم",
    "bidi controls": "abc \u202egnp.exe\u202c \u2066def\u2069 \u200fghi",
    "emoji": "👩‍⚕️ 🏳️‍🌈 肿瘤 ẞ é ﷽",
    "long": "Lymphknotenmetastase" * 15,
}
PAPER = (687, 1000)  # A4 between its margins, in CSS pixels

STUDY = """
[study]
title = {text}
tracer = {text}
description = {text}
banner = {text}
source = {text}
seed = 3

[data.lesions]
file = {file}
missing = [{missing}]
columns = {{ site = {header} }}

[data.patients]
file = "patients.csv"

[labels]
suvmax = {text}
site = {text}
status = {text}
arm = {text}

[[analysis]]
name = "who"
kind = "characteristics"
table = "patients"
title = {text}
variables = ["site", "response"]
by = "arm"

[[analysis]]
name = "accuracy"
kind = "predictive_values"
table = "lesions"
title = {text}
where = {{ site = "not missing" }}
reference_standard = "status"
positive = {text}
marker = "suvmax"
cutoff = 6.5

[[analysis]]
name = "roc"
kind = "roc_curve"
table = "lesions"
title = {text}
reference_standard = "status"
positive = {text}
marker = "suvmax"

[[analysis]]
name = "groups"
kind = "compare_uptake"
table = "lesions"
marker = "suvmax"
group = "status"
n_resamples = 99

[[analysis]]
name = "detected"
kind = "detection_rate"
table = "lesions"
detected = "seen"
positive = {text}
by = "site"

[[analysis]]
name = "readers"
kind = "categorical_agreement"
table = "readings"
value = "category"

[[analysis]]
name = "waterfall"
kind = "waterfall"
table = "patients"
change = "change"
response = "response"

[[analysis]]
name = "survival"
kind = "survival_curves"
table = "patients"
duration = "pfs_months"
event = "pfs_event"
group = "arm"

[data.readings]
file = "readings.csv"

[explorer]
table = "lesions"
markers = ["suvmax"]
reference_standard = "status"
positive = {text}
cutoff = 6.5
patients = "patients"
patient_reference_standard = "response"
patient_positive = [{text}]
duration = "pfs_months"
event = "pfs_event"
show_ids = true
"""


def written(text: str) -> str:
    """Return a text as TOML has it."""
    return json.dumps(text, ensure_ascii=False)


def file_name(text: str) -> str:
    """Return a name that a file can have, with as much of the text as a file system takes."""
    return re.sub(r"[/\x00]", "-", text).encode()[:200].decode(errors="ignore").strip() + ".csv"


def write_study(folder: Path, text: str) -> Path:
    """Write a small study in which every text that can be chosen is `text`."""
    folder.mkdir()
    rng = np.random.default_rng(5)
    names = [text, *(f"P{number:02}" for number in range(2, 17))]
    owner = np.repeat(np.arange(16), 3)
    uptake = np.round(np.exp(1.8 + rng.normal(0, 0.6, 48)), 1)
    lesions = pd.DataFrame({
        "patient_id": np.array(names, dtype=object)[owner],
        "lesion_id": [text, *(f"L{number:02}" for number in range(2, 49))],
        "suvmax": [f"{text}?", *uptake[1:].astype(str)],  # a word for what is missing
        "status": np.where(rng.random(48) < 1 / (1 + np.exp(-uptake + 6.5)), text, f"other {text}"),
        text: np.where(rng.random(48) < 0.5, text, "liver"),
        "seen": np.where(rng.random(48) < 0.7, text, "no"),
    })  # fmt: skip
    patients = pd.DataFrame({
        "patient_id": names,
        "arm": np.where(np.arange(16) % 2, text, f"{text} B"),
        "site": np.where(rng.random(16) < 0.5, text, "liver"),
        "response": np.where(rng.random(16) < 0.5, text, "none"),
        "change": np.round(rng.uniform(-90, 60, 16)),
        "pfs_months": np.round(rng.exponential(6, 16) + 0.1, 1),
        "pfs_event": (rng.random(16) < 0.8).astype(int),
    })  # fmt: skip
    readings = pd.DataFrame({
        "patient_id": np.repeat(np.array(names, dtype=object), 2),
        "lesion_id": np.repeat([text, *(f"L{number:02}" for number in range(2, 17))], 2),
        "reader_id": [text, f"{text} 2"] * 16,
        "category": np.where(rng.random(32) < 0.5, text, "none"),
    })  # fmt: skip
    file = file_name(text)
    for name, table in ((file, lesions), ("patients.csv", patients), ("readings.csv", readings)):
        table.to_csv(folder / name, index=False)
    shown = {"text": written(text), "file": written(file), "missing": written(f"{text}?"), "header": written(text)}
    (folder / "study.toml").write_text(STUDY.format(**shown), encoding="utf-8")
    return folder


@dataclass(frozen=True)
class Run:
    """A study that was run, and the text that stands everywhere in it."""

    folder: Path
    text: str

    @property
    def shown(self) -> str:
        """The text as print has it: controls that turn the direction of what follows are made visible."""
        return re.sub("[\u202a-\u202e\u2066-\u2069]", "\ufffd", self.text)


QUICK = {"html", "formula", "long"}


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(text, id=name, marks=() if name in QUICK else pytest.mark.slow) for name, text in TEXTS.items()
    ],
)
def run(request, tmp_path_factory) -> Run:
    folder = tmp_path_factory.mktemp("hostile")
    run_study(write_study(folder / "study", request.param), folder / "out")
    return Run(folder / "out", request.param)


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


def in_one_line(text: str) -> str:
    return re.sub(r"\s+", "", text)


@pytest.mark.parametrize("page", ["report.html", "explorer.html"])
def test_a_page_shows_the_text_and_does_nothing_with_it(browser, run, page):
    path = run.folder / page
    for size, media in ((SMALL, ""), (DESK, ""), (PAPER, "print")):
        browser.open(path, size, media=media)
        wide, seen = browser.overflow()
        assert wide <= seen, f"{page} is {wide} wide on {seen}"
        assert browser.complaints() == []
        assert browser.asked(path) == set()
        assert browser.run("document.querySelectorAll('img, iframe, object, embed, base, form').length") == 0
        own = "[...document.querySelectorAll('*')].filter(e => [...e.attributes].some(a => a.name.startsWith('on')))"
        assert browser.run(f"{own}.length") == 0
        assert browser.run("document.querySelectorAll('script').length") == (1 if page == "report.html" else 2)
        assert browser.run("document.querySelectorAll('h1').length") == 1
    assert in_one_line(run.shown) in in_one_line(browser.run("document.querySelector('h1').textContent"))
    assert in_one_line(run.shown) in in_one_line(browser.run("document.title"))
    links = browser.run("[...document.querySelectorAll('a[href]')].map(a => a.getAttribute('href'))")
    assert all(re.match(r"#|https://doi\.org/|explorer\.html$", link) for link in links)


def test_the_report_on_the_web_holds_the_text_in_every_place(browser, run):
    browser.open(run.folder / "report.html")
    whole = in_one_line(browser.run("document.body.textContent"))
    assert whole.count(in_one_line(run.shown)) >= 40
    places = (".banner", ".tracer", ".description", ".source", ".question", "table.biomarker", "figure", ".left-out")
    for place in places:
        texts = browser.run(f"[...document.querySelectorAll({json.dumps(place)})].map(e => e.textContent)")
        assert any(in_one_line(run.shown) in in_one_line(text) for text in texts), place


def test_a_table_is_copied_as_text(browser, run):
    browser.open(run.folder / "report.html")
    browser.run(
        "(() => { document.addEventListener('copy', event => { window.copied = ['text/plain', 'text/html']"
        ".map(kind => event.clipboardData.getData(kind)) }) })()"
    )
    browser.chrome.find_element("css selector", ".tools button").click()
    plain, html = browser.run("window.copied")
    cells = [cell for line in plain.split("\n") for cell in line.split("\t")]
    assert not [cell for cell in cells if re.match(r"[=@]|\+\D|\+\d+\+", cell)]
    assert in_one_line(run.shown) in in_one_line(plain)
    assert "<script" not in html
    assert "<img" not in html


def test_the_word_report_holds_the_text_as_text(run):
    document = Document(str(run.folder / "report.docx"))
    texts = [one.text for one in document.paragraphs]
    texts += [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    assert sum(in_one_line(run.shown) in in_one_line(text) for text in texts) >= 20
    with ZipFile(run.folder / "report.docx") as package:
        parts = {name: package.read(name) for name in package.namelist()}
    assert b'TargetMode="External"' not in b"".join(parts.values())
    assert not [name for name in parts if "embed" in name or "vba" in name.lower()]
    instructions = re.findall(rb"<w:instrText[^>]*>\s*(\w+)", parts["word/document.xml"])
    assert set(instructions) <= {b"TOC", b"SEQ", b"PAGE", b"REF"}


def test_no_table_file_works_the_text_out(run):
    tables = run.folder / "tables"
    assert {path.suffix for path in tables.iterdir()} >= {".docx", ".html", ".md", ".tex", ".xlsx", ".csv", ".rtf"}
    for path in tables.glob("*.xlsx"):
        cells = [cell for row in load_workbook(path).active.iter_rows() for cell in row if cell.value is not None]
        assert not [cell for cell in cells if cell.data_type == "f" or cell.hyperlink]
    for path in tables.glob("*.csv"):
        rows = csv.reader(StringIO(path.read_text(encoding="utf-8-sig")))
        assert not [cell for row in rows for cell in row if re.match(r"[=@\t\r]|\+\D|\+\d+\+", cell)], path.name
    for path in tables.glob("*.tex"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"\\(input|write18|end\{document\}|alpha)", text)
    for path in tables.glob("*.md"):
        assert "<script" not in path.read_text(encoding="utf-8").replace("\\<", "&lt;")
    for path in tables.glob("*.rtf"):
        text = path.read_text(encoding="ascii")
        assert set(re.findall(r"(?<!\\)\\fldinst\W*(\w+)", text)) <= {"SEQ", "PAGE"}
        assert not re.search(r"(?<!\\)\\object\b", text)
    for path in tables.glob("*.html"):
        assert not re.search(r"<(script|img|iframe)", path.read_text(encoding="utf-8"))


def test_no_page_of_a_table_overflows_or_runs_anything(browser, run):
    for name in ("who", "groups"):
        path = run.folder / "tables" / f"{name}.html"
        browser.open(path, SMALL)
        wide, seen = browser.overflow()
        assert wide <= seen
        assert browser.complaints() == []
        assert browser.run("document.querySelectorAll('script, img').length") == 0


def test_figures_hold_the_text_as_text(run):
    figures = list((run.folder / "figures").glob("*.svg"))
    assert len(figures) >= 8
    texts = []
    for path in figures:
        root = ET.parse(path).getroot()
        tags = {element.tag.rpartition("}")[2] for element in root.iter()}
        assert not tags & {"script", "foreignObject", "a"}
        links = [value for one in root.iter() for name, value in one.attrib.items() if name.endswith("href")]
        assert all(re.match(r"#|data:image/png;base64,", link) for link in links)
        texts += ["".join(element.itertext()) for element in root.iter()]
    assert all(path.with_suffix(suffix).stat().st_size > 1000 for path in figures for suffix in (".png", ".pdf"))
    start = in_one_line(run.shown)[:8]
    assert any(start in in_one_line(text) for text in texts)


def test_methods_and_numbers_hold_the_text_as_text(run):
    methods = (run.folder / "methods.md").read_text(encoding="utf-8")
    assert not re.search(r"(?<!\\)<(script|img|b>)", methods)
    content = json.loads((run.folder / "results.json").read_text(encoding="utf-8"))
    assert content["study"]["title"] == run.text
    assert run.text in {line["of"].get("group") for line in content["analyses"]["detected"]["estimates"]}
    json.loads((run.folder / "manifest.json").read_text(encoding="utf-8"))
