"""A plan to `notebook.ipynb`: the run again in Jupyter, one call of a public function for each analysis.

The notebook holds no output and no data: it reads the study's tables when it is run.
"""

from __future__ import annotations

import inspect
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from biomarker import __version__
from biomarker.data.filters import condition_text
from biomarker.examples.catalogue import EXAMPLES, example_folder
from biomarker.study.load import Study
from biomarker.study.plan import Plan, Step
from biomarker.study.python_source import Code, call, source_of
from biomarker.tables.render.markdown import inline_text, paragraph_text
from biomarker.vocabulary import kind_label

NOTEBOOK_FILE = "notebook.ipynb"

Cell = tuple[str, str]  # "markdown" or "code", and its text

_COMPARISON = """\
reported = json.loads(Path("results.json").read_text(encoding="utf-8"))["analyses"]
numbers = ["value", "low", "high", "statistic", "p_value"]
comparison = []
for name, result in results.items():
    here = result.to_frame()[numbers].astype(float)
    there = pd.DataFrame(reported[name]["estimates"], columns=numbers).astype(float)
    comparison.append({"analysis": name, "estimates": len(here), "same as reported": here.equals(there)})
pd.DataFrame(comparison).set_index("analysis")"""


def notebook_text(plan: Plan, folder: Path) -> str:
    """Return the text of a notebook that makes every result of a plan again.

    Parameters
    ----------
    plan : Plan
        What was run.
    folder : Path
        Where the notebook will lie, beside ``results.json``: the study file is found from there.

    Returns
    -------
    str
        A notebook (format 4.5) without outputs; the same plan gives the same text.
    """
    last = sorted(plan.steps, key=lambda step: step.takes == "results")  # as they are run: a stable sort
    cells = [*_opening(plan.study, folder), *(cell for step in last for cell in _analysis(step, plan.study))]
    cells += [("markdown", _CLOSING), ("code", _COMPARISON)]
    content = {
        "cells": [_cell(number, kind, text) for number, (kind, text) in enumerate(cells, 1)],
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


_CLOSING = """\
## The same numbers as in the report?

Every estimate, limit, test statistic and p-value, unrounded, beside those of `results.json`. They are the same as
long as the tables, the study file, the seed and the versions of the software are."""


def _cell(number: int, kind: str, text: str) -> dict[str, Any]:
    cell: dict[str, Any] = {"cell_type": kind, "id": f"cell-{number}", "metadata": {}}
    if kind == "code":
        cell |= {"execution_count": None, "outputs": []}
    return cell | {"source": text.splitlines(keepends=True)}


def _opening(study: Study, folder: Path) -> list[Cell]:
    return [
        ("markdown", _head(study)),
        ("code", "\n".join([*_IMPORTS, "", *_settings(study, folder)])),
        ("markdown", _TABLES),
        ("code", _READING),
        ("code", "results = {}"),
    ]


_IMPORTS = (
    "import json",
    "import warnings",
    "from pathlib import Path",
    "from zlib import crc32",
    "",
    "import numpy as np",
    "import pandas as pd",
    "",
    "import biomarker as bm",
    "",
    'warnings.simplefilter("ignore", bm.BiomarkerWarning)  # each is printed as a note under its table',
)

_READING = """\
plan, tables = bm.prepare_study(STUDY)
data = {name: table.frame for name, table in tables.items()}
pd.Series({name: len(frame) for name, frame in data.items()}, name="rows").to_frame()"""

_TABLES = """\
## Tables

The study file says which files are read, which columns and units they have, and what is derived from them.
`prepare_study` does all of that and computes nothing else. Each table in `data` is an ordinary pandas DataFrame, so
from here on you can do with it as you like."""


def _head(study: Study) -> str:
    parts = [f"# {inline_text(study.title)}"]
    parts += [f"**{inline_text(study.banner)}**"] if study.banner else []
    parts += [paragraph_text(text) for text in (study.description, study.source) if text]
    parts.append(
        "This notebook makes the numbers of the report again, one analysis at a time. It was written by biomarker "
        f"{__version__} from the study file; run it from the folder it lies in. What is random in it, the seed fixes."
    )
    return "\n\n".join(parts)


def _settings(study: Study, folder: Path) -> list[str]:
    lines = [
        f"STUDY = {_place(study, folder)}",
        f"SEED = {study.seed}  # each analysis draws from this and from its own name",
    ]
    return lines + ([f"LABELS = {source_of(study.labels, column=9)}"] if study.labels else [])


def _place(study: Study, folder: Path) -> str:
    """Return code for where the study file is: a shipped example by its name, any other as seen from the notebook."""
    path = study.path.resolve()
    for name in EXAMPLES:
        if path == (example_folder(name) / "study.toml").resolve():
            return f'bm.example_folder({source_of(name)}) / "study.toml"'
    try:
        seen = Path(os.path.relpath(path, folder.resolve()))
    except ValueError:  # on another drive of Windows, there is no way from here to there
        seen = path
    return f"Path({source_of(seen.as_posix())})"


def _analysis(step: Step, study: Study) -> list[Cell]:
    """Return what is asked, the call and its table, and the figure."""
    name = f"results[{source_of(step.name)}]"
    shown = name if study.style == "plain" else f"{name}.table({source_of(study.style)})"
    start = f"{name} = "
    compute = start + call(f"bm.{step.kind}", _given(step), _keywords(step), column=len(start))
    draw = f"{name}.plot();"
    if study.labels:
        compute = f"with bm.own_labels(LABELS):\n{_indented(compute)}\n    display({shown})"
        draw = f"with bm.own_labels(LABELS):\n    {draw}"
        return [("markdown", _question(step)), ("code", compute), ("code", draw)]
    return [("markdown", _question(step)), ("code", f"{compute}\n{shown}"), ("code", draw)]


def _question(step: Step) -> str:
    title = inline_text(step.title) or kind_label(step.kind)
    parts = [f"{kind_label(step.kind)}, `{step.name}` in the report's files"]
    if step.table is not None:
        parts.append(f"table {inline_text(step.table)}")
    if step.where:
        conditions = " and ".join(condition_text(column, condition) for column, condition in step.where.items())
        parts.append(f"rows with {inline_text(conditions)}")
    return f"## {title}\n\n{'; '.join(parts)}."


def _given(step: Step) -> list[Code]:
    """Return what the function is first given: rows of a table, the other results, or nothing."""
    if step.takes == "results":
        return [Code(f"{{name: result for name, result in results.items() if name != {source_of(step.name)}}}")]
    if step.table is None:
        return []
    table = f"data[{source_of(step.table)}]"
    return [Code(f"bm.filter_rows({table}, {source_of(step.where)})" if step.where else table)]


def _keywords(step: Step) -> dict[str, Any]:
    parameters = inspect.signature(step.function).parameters
    settings = [name for name in ("confidence_level", "n_resamples") if name in step.arguments]
    order = [*(name for name in step.arguments if name not in settings), *settings]  # the columns come first
    keywords = {name: _with_readings(step.arguments[name]) for name in order}
    if step.takes == "results" and "titles" not in keywords:
        keywords["titles"] = Code("{step.name: step.title for step in plan.steps if step.title}")
    if "rng" in parameters:
        word = f"b{source_of(step.name)}" if step.name.isascii() else f"{source_of(step.name)}.encode()"
        keywords["rng"] = Code(f"np.random.default_rng([SEED, crc32({word})])")
    return keywords


def _with_readings(value: Any) -> Any:  # noqa: ANN401 - an argument of any analysis
    """Return an argument that names a table as its `readings` with that table in its place."""
    if isinstance(value, Mapping) and isinstance(value.get("readings"), str):
        return {**value, "readings": Code(f"data[{source_of(value['readings'])}]")}
    return value


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.split("\n"))
