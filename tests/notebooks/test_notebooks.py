"""The notebooks run from top to bottom, import public names only, and define no functions."""

import ast
from pathlib import Path

import jupytext
import pytest
from nbclient import NotebookClient

import biomarker

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.py"))

pytestmark = pytest.mark.filterwarnings(
    "ignore::DeprecationWarning",  # of jupyter's own event loops and paths
    "ignore::ResourceWarning",  # a kernel's sockets are closed when it is collected
)


@pytest.fixture
def kernel(tmp_path, monkeypatch):
    """Name a kernel that is the Python these tests run on, whatever kernels the machine has."""
    from ipykernel.kernelspec import write_kernel_spec

    write_kernel_spec(tmp_path / "kernels" / "this-python")
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    monkeypatch.setenv("PYTHONWARNINGS", "error:::biomarker")
    return "this-python"


def test_there_are_notebooks():
    assert [path.name for path in NOTEBOOKS] == ["cutoff_report.py", "first_look.py"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs(path, kernel):
    notebook = jupytext.read(path)
    client = NotebookClient(notebook, kernel_name=kernel, timeout=120, resources={"metadata": {"path": str(ROOT)}})
    client.execute()  # raises CellExecutionError with the cell's traceback
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    assert not [output for output in outputs if output.output_type == "stream" and output.name == "stderr"]
    shown = [output.data for output in outputs if "data" in output]
    assert sum("<table" in data.get("text/html", "") for data in shown) >= 3
    assert sum("image/png" in data for data in shown) >= 1


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_uses_public_names_only(path):
    lines = [
        line for cell in jupytext.read(path).cells if cell.cell_type == "code" for line in cell.source.splitlines()
    ]
    tree = ast.parse("\n".join(line for line in lines if not line.startswith("%")))
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    assert {ast.unparse(node) for node in imports} <= {
        "import biomarker as bm",
        "from biomarker.examples import example_folder",
    }
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Lambda)]
    used = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "bm"
    }
    assert used <= set(biomarker.__all__)
