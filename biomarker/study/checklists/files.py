"""Checklists of a run as tables for the report, and as two files of their own: a web page and a Word document."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

from markupsafe import Markup

from biomarker.study.checklists.checked_run import CheckedRun
from biomarker.study.checklists.claim import claim_tables
from biomarker.study.checklists.filled import checklist_table, chosen
from biomarker.study.checklists.remark_profile import profile_tables
from biomarker.tables import Table
from biomarker.tables.render import html
from biomarker.tables.render.characters import on_one_line
from biomarker.tables.render.word import add_table
from biomarker.tables.render.word_document import add_page_number, as_bytes, blank_document

_PAGE = Markup(
    '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
    '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    "<title>{title}</title>\n<style>\n{css}\n{own}\n</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n{banner}{tables}"
    "</main>\n</body>\n</html>\n"
)
_OWN_CSS = Markup(
    "main { max-width: 60rem; margin: 0 auto; padding: 1rem; }\n"
    ".warning { border: 1px solid var(--alert); color: var(--alert); padding: 0.5rem 0.75rem; font-weight: 600; }\n"
    "table.biomarker { width: 100%; margin-bottom: 2.5rem; }\n"
    "table.biomarker :is(td, tbody th) { white-space: normal; vertical-align: top; text-align: left; }\n"
    "@media (prefers-color-scheme: dark) { .warning { color: #ff9c8a; border-color: #ff9c8a; } }\n"
)


def checklist_tables(run: CheckedRun) -> tuple[Table, ...]:
    """Return every checklist that the study calls for, and beside REMARK its profile, beside GRRAS its claims."""
    section = run.study.checklists
    found: list[Table] = []
    for one in chosen(section, [shown.kind for shown in run.shown]):
        found.append(checklist_table(one, run, section.get(one.key, {})))
        if one.key == "remark":
            found += profile_tables(run)
        if one.key == "grras":
            found += claim_tables(run, section.get("claim", {}))
    return tuple(found)


def write_checklists(tables: Sequence[Table], folder: Path, *, title: str, banner: str = "") -> None:
    """Write ``checklists.html`` and ``checklists.docx``; nothing where there is no checklist."""
    if not tables:
        return
    head = on_one_line(f"Reporting checklists: {title}")
    (folder / "checklists.html").write_text(_page(tables, head, banner), encoding="utf-8")
    (folder / "checklists.docx").write_bytes(_document(tables, head, banner))


def _stylesheet() -> str:
    """Return the style sheet of the report, so that both look alike, by day and by night."""
    return (files("biomarker.study") / "templates" / "report.css").read_text(encoding="utf-8").strip()


def _page(tables: Sequence[Table], title: str, banner: str) -> str:
    parts = [html.scrolling(html.render(table), name=table.title) for table in tables]
    shown = Markup('<p class="warning">{}</p>\n').format(on_one_line(banner)) if banner else Markup("")
    return str(
        _PAGE.format(
            title=title,
            css=Markup(f"{_stylesheet()}\n{html.stylesheet()}"),
            own=_OWN_CSS,
            banner=shown,
            tables=Markup("\n").join(parts),
        )
    )


def _document(tables: Sequence[Table], title: str, banner: str) -> bytes:
    document = blank_document(title)
    add_page_number(document)
    document.add_paragraph(title, style="Title")
    if banner:
        document.add_paragraph().add_run(on_one_line(banner)).bold = True
    before = ""
    for table in tables:
        name = table.title.partition(": ")[0]
        if name != before:
            head = document.add_heading(on_one_line(name), level=1)
            head.paragraph_format.page_break_before = bool(before)
        add_table(document, table)
        before = name
    return as_bytes(document)
