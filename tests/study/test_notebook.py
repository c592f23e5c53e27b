"""`biomarker run --notebook` writes a notebook that gives the very numbers of the report when it is run."""

import ast
import json
import math
import re
import warnings
from pathlib import Path

import jupytext
import nbformat
import pytest
from nbclient import NotebookClient

import biomarker as bm
from biomarker.errors import StudyError
from biomarker.study.notebook import notebook_text
from biomarker.study.workflow import run_study

pytestmark = pytest.mark.filterwarnings(
    "ignore::DeprecationWarning",  # of jupyter's own event loops and paths
    "ignore::ResourceWarning",  # a kernel's sockets are closed when it is collected
)

# Put after the notebook's own last cell: every number that the kernel holds, for the test to compare.
DUMP = """
import math
lines = {name: [[e.value, e.low, e.high, e.statistic, e.p_value, e.n, e.n_patients] for e in one.estimates]
         for name, one in results.items()}
print(json.dumps(lines))
"""
NUMBERS = ("value", "low", "high", "statistic", "p_value", "n", "n_patients")


def executed(folder):
    """Run the notebook of an output folder where it lies, and return it with the numbers its kernel held."""
    notebook = nbformat.read(folder / "notebook.ipynb", as_version=4)
    nbformat.validate(notebook)
    notebook.cells.append(nbformat.v4.new_code_cell(DUMP))
    NotebookClient(
        notebook, kernel_name="this-python", timeout=300, resources={"metadata": {"path": str(folder)}}
    ).execute()
    return notebook, json.loads(notebook.cells[-1].outputs[0].text)


def reported(folder):
    """Return every number of results.json, as Python floats."""
    analyses = json.loads((folder / "results.json").read_text(encoding="utf-8"))["analyses"]
    return {
        name: [[_number(line[key]) for key in NUMBERS] for line in one["estimates"]] for name, one in analyses.items()
    }


def _number(value):
    return math.nan if value is None else float(value)


def same(ours, theirs):
    """Say whether two tables of numbers are the same to the last bit, NaN where NaN is."""
    pairs = [(_number(a), b) for row, other in zip(ours, theirs, strict=True) for a, b in zip(row, other, strict=True)]
    return all(a == b or (math.isnan(a) and math.isnan(b)) for a, b in pairs)


def check(folder):
    notebook, held = executed(folder)
    expected = reported(folder)
    assert list(held) == sorted(expected, key=list(held).index)
    assert set(held) == set(expected)
    assert [name for name in expected if not same(held[name], expected[name])] == []
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    shown = [output.data for output in outputs if "data" in output]
    tables = [data for data in shown if '<table class="biomarker' in data.get("text/html", "")]
    assert len(tables) == len(expected)
    assert sum("image/png" in data for data in shown) == len(expected)
    comparison = shown[-1]["text/html"]
    assert comparison.count("<td>True</td>") == len(expected)
    assert "False" not in comparison
    assert not [output for output in outputs if output.get("name") == "stderr"]


def test_the_notebook_of_a_real_study_gives_its_numbers(kernel, tmp_path):
    run_study(bm.example_folder("cd8"), tmp_path / "out", notebook=True)
    check(tmp_path / "out")


def test_every_kind_gives_its_numbers(tmp_path):
    """Readings, families of hypotheses, measured_at, where: all there is, without a kernel and with few resamples."""
    study = bm.copy_example("simulated-trial", tmp_path / "study")
    text = (study / "study.toml").read_text(encoding="utf-8")
    (study / "study.toml").write_text(re.sub(r"n_resamples = \d+", "n_resamples = 20", text), encoding="utf-8")
    run = run_study(study)
    notebook = json.loads(notebook_text(run.plan, study))
    code = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]
    computing = [text.replace('"study.toml"', repr(str(study / "study.toml"))) for text in code[:-1]]
    held = {}
    with warnings.catch_warnings():
        exec("\n".join(text for text in computing if ".plot()" not in text), held)
    assert set(held["results"]) == set(run.results)
    for name, result in run.results.items():
        assert held["results"][name].to_frame().equals(result.to_frame()), name


@pytest.mark.slow
def test_the_simulated_trial_as_it_ships(kernel, tmp_path):
    run_study(bm.example_folder("simulated-trial"), tmp_path / "out", notebook=True)
    check(tmp_path / "out")


def test_labels_and_style_of_the_study_hold_in_the_notebook(kernel, study, tmp_path):
    text = (study / "study.toml").read_text(encoding="utf-8").replace("seed = 7", 'seed = 7\nstyle = "lancet"')
    (study / "study.toml").write_text(text + '\n[labels]\nsuvmax = "Hottest voxel"\n', encoding="utf-8")
    run = run_study(study, tmp_path / "out", notebook=True)
    notebook, held = executed(run.folder)
    assert same(held["at-4"], reported(run.folder)["at-4"])
    (table,) = [
        html
        for cell in notebook.cells
        for output in cell.get("outputs", ())
        if '<table class="biomarker' in (html := output.get("data", {}).get("text/html", ""))
    ]
    assert "Hottest voxel" in table or "hottest voxel" in table
    assert "·" in table  # the decimal point of the Lancet


def test_paths_are_as_seen_from_the_notebook(study, tmp_path):
    run_study(study, tmp_path / "deep" / "er" / "out", notebook=True)
    text = (tmp_path / "deep" / "er" / "out" / "notebook.ipynb").read_text(encoding="utf-8")
    assert 'Path(\\"../../../study/study.toml\\")' in text
    assert str(tmp_path) not in text


def test_the_notebook_holds_no_data_and_is_in_the_manifest(study, tmp_path):
    run = run_study(study, tmp_path / "out", notebook=True)
    notebook = nbformat.read(run.folder / "notebook.ipynb", as_version=4)
    assert not [cell for cell in notebook.cells if cell.get("outputs")]
    record = json.loads((run.folder / "manifest.json").read_text(encoding="utf-8"))
    assert "notebook.ipynb" in {entry["file"] for entry in record["outputs"]}
    assert "notebook.ipynb" in run.summary()
    run_study(study, tmp_path / "without")
    assert not (tmp_path / "without" / "notebook.ipynb").exists()


HOSTILE = (
    '\\"); import os; os.system(\\"x\\") #',
    "<script>alert(1)</script>",
    "a\\n\\nimport os\\n# %% [markdown]",
    "${x} $y^2$ [link](javascript:alert(1)) `code` | *b*",
    "\\u202Emalp %run !ls ???",
    "🫁" * 300,
)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text(study, tmp_path, text):
    path = study / "study.toml"
    edited = (
        path.read_text(encoding="utf-8")
        .replace('title = "Uptake and response"', f'title = "{text}"\nbanner = "{text}"\ndescription = "{text}"')
        .replace('kind = "predictive_values"', f'kind = "predictive_values"\ntitle = "{text}"')
        .replace('positive = ["CR", "PR"]', f'positive = ["CR", "{text}"]')
    )
    path.write_text(edited + f'\n[labels]\nsuvmax = "{text}"\n', encoding="utf-8")
    run = run_study(study, tmp_path / "out", notebook=True)
    notebook = nbformat.read(run.folder / "notebook.ipynb", as_version=4)
    nbformat.validate(notebook)
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    trees = [ast.parse(source) for source in code]  # Python as it stands: no line that only IPython understands
    calls = {ast.unparse(node.func) for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call)}
    assert not {name for name in calls if "system" in name or name.startswith("os.")}
    assert sum(isinstance(node, ast.Import | ast.ImportFrom) for tree in trees for node in ast.walk(tree)) == 7
    assert all(line.isprintable() for source in code for line in source.split("\n"))
    markdown = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    assert not re.search(r"<script|(?<!\\)\[link|(?<!\\)\$y", markdown)
    assert not re.search(r"^import os", markdown, re.MULTILINE)


def test_a_notebook_needs_a_folder(study):
    with pytest.raises(StudyError, match="give an output folder"):
        run_study(study, notebook=True)


def test_the_command_line_writes_it(command, study, tmp_path):
    status, out, err = command("run", study, "-o", tmp_path / "out", "--notebook")
    assert (status, err) == (0, "")
    assert "in Jupyter" in out
    jupytext.read(Path(tmp_path / "out" / "notebook.ipynb"))
