"""The whole way from a study file to a finished folder, step by step."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from biomarker.errors import StudyError
from biomarker.study.explorer.page import EXPLORER_FILE
from biomarker.study.notebook import NOTEBOOK_FILE, notebook_text
from biomarker.study.output import check_destination, whole_folder
from biomarker.study.plan import Plan
from biomarker.study.prepare import prepare_study as prepare_study
from biomarker.study.run import Outcome, Watcher, run_plan
from biomarker.study.writing import write_everything
from biomarker.tables.render.house_template import load_template
from biomarker.vocabulary import own_labels

if TYPE_CHECKING:
    from biomarker.analyses.result import Result
    from biomarker.data.table import DataTable


@dataclass(frozen=True, kw_only=True)
class StudyRun:
    """A study that was run: its plan, its tables and its results by name."""

    plan: Plan
    tables: Mapping[str, DataTable]
    outcomes: tuple[Outcome, ...]
    folder: Path | None = None
    notes: tuple[str, ...] = ()

    @property
    def results(self) -> Mapping[str, Result]:
        """The result of each analysis, by the name it has in the study file."""
        return MappingProxyType({outcome.step.name: outcome.result for outcome in self.outcomes})

    def summary(self) -> str:
        """Return what was done, in a few lines for the terminal."""
        notes = sum(len(outcome.result.method.notes) for outcome in self.outcomes)
        n, m = len(self.outcomes), len(self.tables)
        lines = [
            f"{n} analys{'i' if n == 1 else 'e'}s of {m} table{'s' * (m != 1)}, with {notes} "
            f"note{'s' * (notes != 1)} for the reader."
        ]
        if self.folder is not None:
            lines += [f"Read {self.folder / 'report.html'} or {self.folder / 'report.docx'}."]
            lines += [f"All tables, numbered as there, are in {self.folder / 'tables.docx'}, .rtf, .html and .xlsx."]
            lines += [_explorer_line(self.folder)]
            if (self.folder / NOTEBOOK_FILE).exists():
                lines += [f"Go on from {self.folder / NOTEBOOK_FILE}, in Jupyter."]
            lines += [f"Numbers, unrounded, are in {self.folder / 'results.json'}."]
        return "\n".join([*lines, *self.notes])


def _explorer_line(folder: Path) -> str:
    if (folder / EXPLORER_FILE).exists():
        return f"Move the cutoff in {folder / EXPLORER_FILE}."
    return f"No {EXPLORER_FILE}: the study has no roc_curve, suv_cutoff or evaluate_cutoff and no [explorer]."


def run_study(
    path: str | Path,
    output: str | Path | None = None,
    *,
    force: bool = False,
    notebook: bool = False,
    template: str | Path | None = None,
) -> StudyRun:
    """Run a study file, and write its report where an output is given.

    Parameters
    ----------
    path : path
        A ``study.toml``, or the folder that holds one.
    output : path, optional
        Folder to make. It appears whole or not at all.
    force : bool
        Whether the output of an earlier run may be replaced.
    notebook : bool
        Whether to write ``notebook.ipynb`` beside the report: the same analyses as calls of the public functions.
    template : path, optional
        A Word document of your house, whose page, styles, headers and footers the Word files take on; it goes before
        the study file's own ``template``.

    Returns
    -------
    StudyRun
        ``run.results["name"]`` is the result of one analysis.

    Raises
    ------
    StudyError, SchemaError, DesignError
        If the study file or its data are at fault, or a notebook is asked for without an output; nothing is
        written then.
    """
    started = time.monotonic()
    destination = None if output is None else Path(output)
    if destination is not None:
        check_destination(destination, force=force)
    elif notebook:
        raise StudyError("a notebook is written beside the report; give an output folder too")
    house = None if template is None else load_template(template)
    plan, tables = prepare_study(path)
    if house is None and plan.study.template:
        house = load_template(plan.study.folder / plan.study.template)
    steps = 2 * len(plan.steps) if destination else len(plan.steps)
    with _progress(steps) as watch, own_labels(plan.study.labels):
        outcomes = run_plan(plan, tables, watch=watch)
        if destination is not None:
            with whole_folder(destination, force=force) as draft:
                own = notebook_text(plan, destination) if notebook else None
                write_everything(
                    plan.study, tables, outcomes, draft, started=started, watch=watch, notebook=own, template=house
                )
    return StudyRun(
        plan=plan,
        tables=MappingProxyType(tables),
        outcomes=outcomes,
        folder=destination,
        notes=() if house is None or destination is None else house.notes(),
    )


@contextmanager
def _progress(total: int) -> Iterator[Watcher]:
    """Show a progress bar on a terminal; elsewhere nothing at all is printed."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("starting", total=total)
        seen = 0

        def watch(name: str) -> None:
            nonlocal seen
            progress.update(task, description=name, completed=seen)
            seen += 1

        yield watch
