"""Files to validated tables: read, rename, set missing cells apart, give types, check, and check across tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from biomarker.data.columns import rename_columns
from biomarker.data.cross_checks import cross_check
from biomarker.data.readers import read_text_table
from biomarker.data.schemas import load_schema
from biomarker.data.table import DataTable
from biomarker.data.validation import validate
from biomarker.errors import Problem, SchemaError


@dataclass(frozen=True, kw_only=True)
class TableSource:
    r"""Where a table comes from and how it is written: the keys of ``[data.NAME]`` in a study file.

    Parameters
    ----------
    file : Path
        A ``.csv``, ``.tsv``, ``.txt``, ``.xlsx`` or ``.parquet`` file.
    schema : str
        Name of its schema; ``""`` leaves the cells unchecked, and the types to be told from the words.
    columns : mapping of str to str
        Our name to theirs.
    missing : sequence of str, optional
        Words that mean a cell is missing; by default the schema's. An empty cell is always missing.
    units : mapping of str to str
        Column to the unit it is given in, where that is not the schema's.
    delimiter, decimal, encoding, sheet, comment : str
        How the file is written: see `read_text_table`.
    """

    file: Path
    schema: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    missing: Sequence[str] | None = None
    units: Mapping[str, str] = field(default_factory=dict)
    delimiter: str = ""
    decimal: str = "."
    encoding: str = ""
    sheet: str = ""
    comment: str = ""


def read_tables(sources: Mapping[str, TableSource]) -> dict[str, DataTable]:
    """Read and check all tables of a study.

    Parameters
    ----------
    sources : mapping of str to TableSource
        The study's name for each table, and where it comes from.

    Returns
    -------
    dict of str to DataTable
        In the same order.

    Raises
    ------
    StudyError
        If a file cannot be read as a table, or a key of its source does not fit it.
    SchemaError
        With every fault of every table, and what does not fit between them.
    """
    tables: dict[str, DataTable] = {}
    problems: list[Problem] = []
    for name, source in sources.items():
        tables[name], faults = _checked(name, source)
        problems += faults
    problems += cross_check(tables)
    if problems:
        raise SchemaError(problems)
    return tables


def read_table(
    file: str | Path,
    *,
    schema: str = "",
    columns: Mapping[str, str] | None = None,
    missing: Sequence[str] | None = None,
    units: Mapping[str, str] | None = None,
    delimiter: str = "",
    decimal: str = ".",
    encoding: str = "",
    sheet: str = "",
    comment: str = "",
) -> DataTable:
    r"""Read one table and check it.

    Parameters
    ----------
    file : str or Path
        A ``.csv``, ``.tsv``, ``.txt``, ``.xlsx`` or ``.parquet`` file.
    schema : str
        Name of its schema, such as ``"lesion"``.
    columns : mapping of str to str, optional
        Our name to theirs.
    missing : sequence of str, optional
        Words that mean a cell is missing; by default the schema's.
    units : mapping of str to str, optional
        Column to the unit it is given in, where that is not the schema's.
    delimiter, decimal, encoding, sheet, comment : str
        How the file is written: see `read_text_table`.

    Returns
    -------
    DataTable
        ``.frame`` is the typed table; its index is the row in a spreadsheet.

    Raises
    ------
    StudyError
        If the file cannot be read as a table, or an argument does not fit it.
    SchemaError
        With every fault of the table.
    """
    source = TableSource(
        file=Path(file),
        schema=schema,
        columns=columns or {},
        missing=missing,
        units=units or {},
        delimiter=delimiter,
        decimal=decimal,
        encoding=encoding,
        sheet=sheet,
        comment=comment,
    )
    return read_tables({Path(file).stem: source})[Path(file).stem]


def _checked(name: str, source: TableSource) -> tuple[DataTable, tuple[Problem, ...]]:
    schema = load_schema(source.schema) if source.schema else None
    text = read_text_table(
        source.file,
        delimiter=source.delimiter,
        decimal=source.decimal,
        encoding=source.encoding,
        sheet=source.sheet,
        comment=source.comment,
    )
    checked = validate(
        rename_columns(text.frame, source.columns, file=text.file),
        schema=schema,
        missing=source.missing,
        decimal=source.decimal,
        units=source.units,
        file=text.file,
        header_row=text.header_row,
    )
    table = DataTable(
        name=name,
        frame=checked.frame,
        schema_name=source.schema,
        source=str(source.file),
        sha256=text.sha256,
        tokens=checked.tokens,
        notes=(*text.notes, *checked.notes),
    )
    return table, (*text.problems, *checked.problems)
