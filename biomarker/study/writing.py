"""Outcomes to files: tables, figures, the two reports, the methods text, the numbers, the manifest."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from biomarker.data.missing import count_tokens
from biomarker.data.table import DataTable
from biomarker.figures import View, alt_text, plot, views
from biomarker.figures.export import write_figure_files
from biomarker.study.checklists.checked_run import run_of
from biomarker.study.checklists.files import checklist_tables, write_checklists
from biomarker.study.explorer.page import EXPLORER_FILE, explorer_page
from biomarker.study.load import Study
from biomarker.study.methods.bibliography import bibtex
from biomarker.study.methods.data import data_paragraphs
from biomarker.study.methods.settings import settings_paragraphs
from biomarker.study.methods.text import MethodsText, Paragraph, methods_text
from biomarker.study.notebook import NOTEBOOK_FILE
from biomarker.study.provenance import manifest, provenance, versions
from biomarker.study.report.answers import answer
from biomarker.study.report.document import Drawing, Input, Report, Section, section_of
from biomarker.study.report.not_shown import not_shown
from biomarker.study.report.questions import question
from biomarker.study.report.report_docx import render_docx
from biomarker.study.report.report_html import render_html
from biomarker.study.results import results_json
from biomarker.study.run import Outcome, Watcher
from biomarker.tables.prose import prose
from biomarker.tables.render import write_table_files
from biomarker.tables.render.combined import TableBook
from biomarker.tables.render.house_template import HouseTemplate
from biomarker.tables.style import Style, style_named


def write_everything(
    study: Study,
    tables: Mapping[str, DataTable],
    outcomes: Sequence[Outcome],
    folder: Path,
    *,
    started: float,
    watch: Watcher,
    notebook: str | None = None,
    template: HouseTemplate | None = None,
) -> None:
    """Fill an empty folder with everything a run gives.

    Parameters
    ----------
    study, tables, outcomes
        What was run.
    folder : Path
        An empty folder.
    started : float
        When the run began, by the monotonic clock; for the manifest.
    watch : callable
        Called with the name of each analysis before its files are written.
    notebook : str, optional
        The text of the notebook, where one is asked for.
    template : HouseTemplate, optional
        Whose page and styles the Word files take on.
    """
    for name in ("tables", "figures"):
        (folder / name).mkdir()
    sections = []
    for outcome in outcomes:
        watch(f"{outcome.step.name}: tables and figures")
        sections.append(_write_section(outcome, folder, study.style, template))
    made_from = provenance(study, [table for table in tables.values() if table.source])
    methods = methods_text(
        [(outcome.step.name, outcome.step.kind, outcome.result) for outcome in outcomes],
        seed=study.seed,
        versions=versions(),
        before=data_paragraphs(study, tables, outcomes),
        settings=settings_paragraphs(study, outcomes),
    )
    methods = replace(methods, paragraphs=_said_by(style_named(study.style), methods.paragraphs))
    explorer = explorer_page(study, tables, outcomes)
    report = _report(study, tables, sections, methods)
    if explorer is not None:
        report = replace(report, explorer=EXPLORER_FILE)
    checked = run_of(study, tables, outcomes, report.numbered(), style_named(study.style))
    report = replace(report, checklists=checklist_tables(checked))
    (folder / "results.json").write_text(results_json(study, tuple(outcomes), made_from), encoding="utf-8")
    (folder / "methods.md").write_text(methods.to_markdown(), encoding="utf-8")
    (folder / "references.bib").write_text(bibtex(methods.references), encoding="utf-8")
    write_checklists(report.checklists, folder, title=study.title, banner=study.banner)
    (folder / "report.html").write_text(render_html(report), encoding="utf-8")
    (folder / "report.docx").write_bytes(render_docx(report, template=template))
    numbered = {section.name: section.table for section in sections if section.table is not None}
    TableBook(title=f"{study.title}: tables", tables=numbered, banner=study.banner).write(folder, template=template)
    if explorer is not None:
        (folder / EXPLORER_FILE).write_text(explorer, encoding="utf-8")
    if notebook is not None:
        (folder / NOTEBOOK_FILE).write_text(notebook, encoding="utf-8")
    record = manifest(made_from, folder, seconds=time.monotonic() - started)
    (folder / "manifest.json").write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _write_section(outcome: Outcome, folder: Path, style: str, template: HouseTemplate | None) -> Section:
    """Write the table and figure files of one analysis and return its section of the report."""
    step, result = outcome.step, outcome.result
    table = result.table(style)
    write_table_files(table, folder / "tables", step.name, template=template)
    main, *others = (_write_figure(outcome, view, folder, style) for view in views(result))
    section = section_of(
        result,
        name=step.name,
        kind=step.kind,
        title=step.title,
        table=table,
        picture=main.picture,
        further=tuple(others),
        question=question(step.kind, step.arguments, unit=result.population.unit),
        answer=answer(step.kind, result, style_named(style)),
        not_shown=not_shown(step.kind, step.arguments, result),
    )
    return _in_the_hand_of(style_named(style), section)


def _said_by(style: Style, paragraphs: Iterable[Paragraph]) -> tuple[Paragraph, ...]:
    """Return paragraphs with a journal's decimal mark; numbers of software versions keep their points."""
    return tuple(
        one if one.heading == "Software" else replace(one, text=prose(one.text, style), rest=prose(one.rest, style))
        for one in paragraphs
    )


def _in_the_hand_of(style: Style, section: Section) -> Section:
    """Return a section whose sentences have the decimal mark and the p-values of its tables."""
    return replace(
        section,
        caption=prose(section.caption, style),
        further=tuple(replace(drawn, caption=prose(drawn.caption, style)) for drawn in section.further),
        notes=tuple(prose(note, style) for note in section.notes),
        question=prose(section.question, style),
        answer=prose(section.answer, style),
        method=prose(section.method, style),
        not_shown=tuple(prose(sentence, style) for sentence in section.not_shown),
    )


def _write_figure(outcome: Outcome, view: View, folder: Path, style: str) -> Drawing:
    """Write the files of one figure: the main one is called as its analysis, others have their own name added."""
    step, result = outcome.step, outcome.result
    stem = f"{step.name}-{view.name}" if view.name else step.name
    axes = plot(result, which=view.name, style=style)
    alt = prose(alt_text(result, view.name, style), style_named(style))
    picture = write_figure_files(axes, folder / "figures", stem, alt=alt, title=step.title or view.caption)
    return Drawing(picture=picture, caption=view.caption)


def _report(study: Study, tables: Mapping[str, DataTable], sections: Sequence[Section], methods: MethodsText) -> Report:
    return Report(
        title=study.title,
        tracer=study.tracer,
        description=study.description,
        source=study.source,
        banner=study.banner,
        sections=tuple(sections),
        inputs=tuple(_input(table) for table in tables.values() if table.source),
        methods=methods,
        provenance=(
            ("Made", time.strftime("%Y-%m-%d")),
            ("Seed", str(study.seed)),
            ("Study file", study.path.name),
            ("Software", ", ".join(f"{name} {number}" for name, number in versions().items())),
        ),
    )


def _input(table: DataTable) -> Input:
    counts: dict[str, int] = {}
    for column in dict.fromkeys(table.tokens["column"]):
        for word, count in count_tokens(table.tokens, str(column)).items():
            counts[word] = counts.get(word, 0) + count
    return Input(
        name=table.name,
        file=Path(table.source).name,
        rows=len(table.frame),
        sha256=table.sha256,
        missing=tuple(counts.items()),
        notes=table.notes,
    )
