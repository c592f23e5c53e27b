"""The notebooks run from top to bottom, show what their committed outputs show, and say no number they do not print."""

import ast
import re
from pathlib import Path

import jupytext
import nbformat
import pytest

import biomarker
from tests.notebooks.render import FOLDER, ROOT, executed, scripts, shown_text

SCRIPTS = scripts()
NAMES = [
    "01_quick_start",
    "02_predictive_values",
    "03_choosing_a_cutoff",
    "04_lesions_nested_in_patients",
    "05_response_and_competing_markers",
    "06_reader_study",
    "07_survival_and_treatment_interaction",
    "08_kinetics_and_dose",
    "09_full_study_report",
]
LIBRARIES = {"json", "tempfile", "warnings", "numpy", "pandas", "matplotlib.pyplot", "biomarker"}
REMAKE = "run `python -m tests.notebooks.render` and look at what changed"

pytestmark = pytest.mark.filterwarnings(
    "ignore::DeprecationWarning",  # of jupyter's own event loops and paths
    "ignore::ResourceWarning",  # a kernel's sockets are closed when it is collected
)

each_script = pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)


def committed(script):
    """Return the notebook with outputs that lies beside a script."""
    return nbformat.read(script.with_suffix(".ipynb"), as_version=4)


def test_there_are_these_notebooks_and_no_others():
    assert [path.stem for path in SCRIPTS] == NAMES
    assert sorted(path.stem for path in FOLDER.glob("*.ipynb")) == NAMES


@each_script
def test_a_notebook_shows_what_it_showed(script, kernel):
    notebook = executed(script, kernel)
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    assert not [output.text for output in outputs if output.get("name") == "stderr"]
    shown = [output.data for output in outputs if "data" in output]
    assert sum("<table" in data.get("text/html", "") for data in shown) >= 3
    assert sum("image/png" in data for data in shown) >= 2
    assert shown_text(notebook) == shown_text(committed(script)), REMAKE


@each_script
def test_the_committed_notebook_is_its_script(script):
    written, beside = jupytext.read(script), committed(script)
    assert [(cell.cell_type, cell.source) for cell in beside.cells] == [
        (cell.cell_type, cell.source) for cell in written.cells
    ], REMAKE
    nbformat.validate(beside)


def test_committed_notebooks_are_light_and_name_no_machine():
    paths = sorted(FOLDER.glob("*.ipynb"))
    assert sum(path.stat().st_size for path in paths) < 6e6
    for path in paths:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"/home/|/tmp/|/root/|/work/|/usr/|[A-Z]:\\\\", text), path.name
        assert '"stderr"' not in text


@each_script
def test_a_notebook_uses_public_names_only(script):
    code = [cell.source for cell in jupytext.read(script).cells if cell.cell_type == "code"]
    tree = ast.parse("\n".join(code))  # Python as it stands, without magics
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert imported <= LIBRARIES
    named = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    assert {node.module for node in named} <= {"pathlib", "IPython.display"}
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Lambda)]
    used = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "bm"
    }
    assert used <= set(biomarker.__all__)


# Digits that count nothing: names of tracers, criteria and forms, standards, years of papers.
_NAMES = re.compile(
    r"`[^`]*`|\$[^$]*\$|\b\d+(?:Zr|I|F)-\S+|\b\d+Zr\b|(?:CD|HER|S0)\d+|(?:RECIST|PERCIST) \d\.\d|ICC\(\d,\d\)|T-DM1"
    r"|Publication \d+|\(\w+ and others, \d{4}\)"
)


def numbers(text):
    """Return the numbers of a text, as they are written."""
    return re.findall(r"(?<![\w.])\d+(?:[.,]\d+)*", _NAMES.sub(" ", text).replace("−", "-"))


@each_script
def test_every_number_in_the_prose_is_given_or_printed(script):
    """A number that someone typed goes stale; one that is an argument, or that an output shows, does not."""
    notebook = committed(script)
    code = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    shown = "\n".join(text for cell in shown_text(notebook) for text in cell)
    known = {float(number.replace(",", "")) for number in numbers(code + "\n" + shown) if number.count(".") < 2}
    known |= {round(100 * value, 6) for value in known if value < 1}  # 0.95 is 95 %
    typed = {
        float(number.replace(",", ""))
        for cell in notebook.cells
        if cell.cell_type == "markdown"
        for number in numbers(re.sub(r"^#+ \d+\.", "", cell.source, flags=re.MULTILINE))
    }
    assert {number for number in typed if number > 10 or number % 1} <= known


def test_the_coverage_that_a_notebook_shows_is_that_of_the_documentation():
    table = (ROOT / "docs" / "coverage.md").read_text(encoding="utf-8")
    code = Path(FOLDER / "04_lesions_nested_in_patients.py").read_text(encoding="utf-8")
    for row, name in {"ppv": "PPV", "AUC": "AUC", "Youden cutoff": "Youden cutoff"}.items():
        (line,) = re.findall(rf"^\| {row} \| 0\.5 \|(.*)\|$", table, flags=re.MULTILINE)
        cells = [re.findall(r"[\d.]+", cell) for cell in line.split("|")]
        for unit, place in {"nested": 0, "naive": 1}.items():
            (typed,) = re.findall(rf'"{name}, {unit}": \[(.*)\]', code)
            assert [float(value) for value in typed.split(",")] == [float(cell[place]) for cell in cells]
