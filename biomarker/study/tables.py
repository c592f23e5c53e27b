"""The tables of a study: read, checked, and derived from one another, in the order the study file gives."""

from __future__ import annotations

from biomarker.data.derive import derive_table
from biomarker.data.intake import TableSource, read_tables
from biomarker.data.table import DataTable
from biomarker.errors import StudyError
from biomarker.study.load import Study
from biomarker.study.privacy import hide_identifiers


def load_tables(study: Study) -> dict[str, DataTable]:
    """Read every table of a study and carry out its derivations.

    Raises
    ------
    StudyError, DesignError
        If a file cannot be read or a derivation does not fit its table.
    SchemaError
        With every fault in every table.
    """
    sources = {
        source.name: TableSource(file=study.folder / source.file, schema=source.schema or "", **source.options)
        for source in study.sources
    }
    tables = hide_identifiers(study, read_tables(sources))
    for number, step in enumerate(study.derivations, 1):
        if step.source not in tables:
            raise StudyError(f"[[derive]] number {number}: {step.source!r} is made only further down; move it up")
        tables[step.table] = derive_table(tables, step.table, step.source, step.options)
    return tables
