"""Make the notebooks with their outputs: ``python -m tests.notebooks.render`` (from the repository; a minute).

The scripts ``notebooks/*.py`` are what is written and reviewed; ``notebooks/*.ipynb`` beside them are these, run from
top to bottom, with every table and figure, for readers and for Jupyter. Give names to make only some:
``python -m tests.notebooks.render 01_quick_start``.
"""

from __future__ import annotations

import asyncio
import re
import sys
from html import unescape
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "notebooks"
_METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def scripts() -> list[Path]:
    """Return the notebooks as they are written, in the order in which they are read."""
    return sorted(FOLDER.glob("*.py"))


def executed(script: Path, kernel: str = "python3") -> nbformat.NotebookNode:
    """Return a script as a notebook with outputs and nothing that differs from run to run."""
    notebook = jupytext.read(script)
    client = NotebookClient(
        notebook, kernel_name=kernel, timeout=120, record_timing=False, resources={"metadata": {"path": str(FOLDER)}}
    )
    client.execute()  # raises CellExecutionError with the cell's traceback
    notebook.metadata = nbformat.from_dict(_METADATA)
    for number, cell in enumerate(notebook.cells, 1):
        cell.id = f"cell-{number}"
        cell.metadata = nbformat.from_dict({})
        if cell.cell_type == "code":
            cell.outputs = _joined(cell.outputs)
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    nbformat.validate(notebook)
    return notebook


def _joined(outputs: list[nbformat.NotebookNode]) -> list[nbformat.NotebookNode]:
    """Return the outputs with what was printed in one go in one piece: a kernel sends it in as many as it likes."""
    joined: list[nbformat.NotebookNode] = []
    for output in outputs:
        if joined and output.output_type == "stream" and joined[-1].get("name") == output.name:
            joined[-1].text += output.text
        else:
            joined.append(output)
    return joined


def shown_text(notebook: nbformat.NotebookNode) -> list[list[str]]:
    """Return what each code cell shows as text: printed lines, and tables without their markup."""
    return [
        [text for output in cell.outputs if (text := _text(output)).strip()]
        for cell in notebook.cells
        if cell.cell_type == "code"
    ]


def _text(output: nbformat.NotebookNode) -> str:
    if "text" in output:
        return str(output.text)
    data = output.get("data", {})
    if "image/png" in data:
        return "<figure>"
    if "text/html" in data:
        bare = re.sub(r"<style.*?</style>", " ", data["text/html"], flags=re.DOTALL)
        return " ".join(unescape(re.sub(r"<[^>]+>", " ", bare)).split())
    return str(data.get("text/plain", ""))


def main(names: list[str]) -> None:
    """Write the notebooks of the names given, or all of them."""
    for script in scripts():
        if names and script.stem not in names:
            continue
        path = script.with_suffix(".ipynb")
        nbformat.write(executed(script), path)
        print(f"{path.name}: {path.stat().st_size / 1024:,.0f} KB")


if __name__ == "__main__":
    if sys.platform == "win32":
        asyncio.set_event_loop_policy(asyncio.WindowsSelectorEventLoopPolicy())
    main(sys.argv[1:])
