"""Every analysis' table in every format, as it stands in ``snapshots/``: one file a table, one part a format.

The tables are those of the simulated trial, resampled 20 times: what is held here is the layout, numbers are held
elsewhere. After a change that is meant, write the files anew and read the difference::

    BIOMARKER_SNAPSHOTS=write python -m pytest tests/tables/test_snapshots.py

Nothing in them depends on versions, dates or paths; random numbers come from the study's own seed.
"""

import os
import re
import shutil
import warnings
from importlib import import_module
from io import BytesIO
from pathlib import Path

import pytest
from docx import Document
from docx.oxml.ns import qn
from docx.table import Table as WordTable
from docx.text.paragraph import Paragraph
from openpyxl import load_workbook

from biomarker.examples.catalogue import example_folder
from biomarker.study.load import load_study
from biomarker.study.plan import plan_study
from biomarker.study.prepare import prepare_study
from biomarker.study.run import run_plan
from biomarker.tables.render import FORMATS
from biomarker.vocabulary import own_labels

SNAPSHOTS = Path(__file__).parent / "snapshots"
NAMES = [analysis.name for analysis in load_study(example_folder("simulated-trial")).analyses]
IS_WRITING = os.environ.get("BIOMARKER_SNAPSHOTS") == "write"


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    """Run the simulated trial with few resamples."""
    folder = tmp_path_factory.mktemp("trial") / "trial"
    shutil.copytree(example_folder("simulated-trial"), folder)
    study = folder / "study.toml"
    few = re.sub(r"(?m)^n_resamples *= *\d+", "n_resamples = 20", study.read_text(encoding="utf-8"))
    study.write_text(few, encoding="utf-8")
    plan, data = prepare_study(folder)
    with own_labels(plan.study.labels), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # few resamples are warned of
        outcomes = run_plan(plan, data, watch=lambda _: None)
        return {outcome.step.name: outcome.result.table(plan.study.style) for outcome in outcomes}


@pytest.mark.parametrize("name", NAMES)
def test_the_table_is_that_of_the_snapshot(tables, name):
    shown = "".join(f"=== {suffix}\n{part(tables[name], suffix)}\n" for suffix in FORMATS)
    file = SNAPSHOTS / f"{name}.txt"
    if IS_WRITING:
        SNAPSHOTS.mkdir(exist_ok=True)
        file.write_text(shown, encoding="utf-8", newline="\n")
    assert file.is_file(), "no snapshot yet: see the docstring of this module"
    assert shown == file.read_text(encoding="utf-8")


def test_no_snapshot_is_of_an_analysis_that_is_gone():
    assert sorted(file.stem for file in SNAPSHOTS.glob("*.txt")) == sorted(NAMES)


def test_nothing_in_a_snapshot_is_of_a_day_a_version_or_a_place():
    for file in SNAPSHOTS.glob("*.txt"):
        assert not re.search(r"\b20\d\d-\d\d-\d\d\b|biomarker \d+\.\d+|/tmp/|/home/", file.read_text(encoding="utf-8"))


def part(table, suffix):
    """Return one format of a table as text: what is a package is told by its structure."""
    content = import_module(f"biomarker.tables.render.{FORMATS[suffix]}").to_bytes(table)
    if suffix == "docx":
        return "\n".join(word_lines(Document(BytesIO(content))))
    if suffix == "xlsx":
        return "\n".join(excel_lines(load_workbook(BytesIO(content), rich_text=True).active))
    text = content.decode("utf-8-sig").replace("\r\n", "\n")
    return text.partition("<body>")[2] if suffix == "html" else text  # the style sheet is the same for all


def word_lines(document):
    """Tell page, paragraphs with their styles, and tables with spans, sides and indents."""
    section = document.sections[0]
    yield f"page {section.page_width.mm:.0f} x {section.page_height.mm:.0f} mm"
    for element in document.element.body:
        if element.tag == qn("w:p"):
            paragraph = Paragraph(element, document)
            yield f"[{paragraph.style.name}] {marked(paragraph)}"
        elif element.tag == qn("w:tbl"):
            for row in WordTable(element, document).rows:
                is_header = row._tr.trPr.find(qn("w:tblHeader")) is not None
                yield ("header " if is_header else "row ") + " | ".join(map(word_cell, row._tr.tc_lst))


def word_cell(cell):
    paragraph = Paragraph(cell.p_lst[0], None)
    layout = paragraph.paragraph_format
    told = [
        f"{name} {indent.pt:.1f}"
        for name, indent in (("left", layout.left_indent), ("right", layout.right_indent))
        if indent
    ]
    side = str(layout.alignment).split(" ")[0].lower()
    span = [f"spans {cell.grid_span}"] if cell.grid_span > 1 else []
    return f"{marked(paragraph)} <{', '.join([side, *span, *told])}>"


def marked(paragraph):
    return "".join(f"^{{{run.text}}}" if run.font.superscript else run.text for run in paragraph.runs)


def excel_lines(sheet):
    """Tell what each cell holds, how a number is printed and on which side it stands, and which cells are joined."""
    for row in sheet.iter_rows():
        for cell in row:
            if cell.value is not None:
                form = f" as {cell.number_format}" if cell.data_type == "n" else ""
                yield f"{cell.coordinate} {cell.alignment.horizontal or ''}: {cell.value!s}{form}"
    yield f"joined {', '.join(sorted(map(str, sheet.merged_cells.ranges)))}; frozen at {sheet.freeze_panes}"


def test_the_plan_of_the_trial_names_every_kind_once_at_least():
    plan = plan_study(load_study(example_folder("simulated-trial")))
    assert {step.name for step in plan.steps} == set(NAMES)
