"""Files to validated tables: read, rename, set missing cells apart, give types, check, and check across tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from biomarker.data.cells import TextTable, clean
from biomarker.data.columns import rename_columns
from biomarker.data.cross_checks import cross_check
from biomarker.data.gaps import filled_down, with_constants, with_words
from biomarker.data.marks import unsaid_marks
from biomarker.data.readers import Writing, read_text_table
from biomarker.data.schemas import load_schema
from biomarker.data.table import DataTable
from biomarker.data.validation import validate
from biomarker.data.wide import unstacked
from biomarker.data.words import check_marks
from biomarker.errors import Problem, SchemaError, StudyError, nearest


@dataclass(frozen=True, kw_only=True)
class TableSource(Writing):
    r"""Where a table comes from and how it is written: the keys of ``[data.NAME]`` in a study file.

    Parameters
    ----------
    delimiter : str
        One character; by default a comma in ``.csv``, a tab in ``.tsv`` and ``.txt``.
    decimal : str
        The decimal mark, ``"."`` or ``","``; the numbers of a workbook are written with it. By default ``"."``.
    encoding : str
        Of delimited text; UTF-8 by default.
    sheet : str
        Of a workbook; may be left out where there is one sheet.
    comment : str
        Rows that begin with this are left out.
    header_rows : int
        Rows of the header, whose words above one another make one name.
    skip_rows : int
        Rows before the header.
    totals : sequence of str, optional
        First words of rows that sum up others and are left out; by default such a row is a fault.
    coded : str
        ``"labels"`` or ``"codes"``: what labelled values of SPSS and Stata read as.
    format : str
        A program's own layout: a key of `biomarker.data.layouts.LAYOUTS`.
    part : str
        Of such a layout that holds several tables, which.
    file : Path
        A file with one of the endings of `biomarker.data.readers.KNOWN`, or a folder of DICOM reports.
    schema : str
        Name of its schema; ``""`` leaves the cells unchecked, and the types to be told from the words.
    columns : mapping of str to str
        Our name to theirs.
    missing : sequence of str, optional
        Words that mean a cell is missing; by default the schema's. An empty cell is always missing.
    units : mapping of str to str
        Column to the unit it is given in, where that is not the schema's.
    thousands : str
        The mark between thousands: ``","``, ``"."``, ``" "`` or ``"'"``; none by default.
    dates : str
        The order of dates not written year-month-day: ``"dmy"``, ``"mdy"``, ``"ymd"``, ``"excel"``, ``"sas"``.
    blocks : str
        Headers of columns that are one block per lesion, reader or time: ``"Lesion {lesion_id} {column}"``.
    fill_down : sequence of str
        Columns whose empty cells mean what stands above: a patient written once for all its lesions.
    values : mapping of str to mapping
        By column, their word to ours: ``{"os_event": {"dead": "true", "alive": "false"}}``.
    constants : mapping of str to str
        Columns that the file does not have, with the one value of all its rows.
    """

    file: Path
    schema: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    missing: Sequence[str] | None = None
    units: Mapping[str, str] = field(default_factory=dict)
    thousands: str = ""
    dates: str = ""
    blocks: str = ""
    fill_down: Sequence[str] = ()
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)


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
    **options: Any,  # noqa: ANN401 (each is checked where it is used)
) -> DataTable:
    r"""Read one table and check it.

    Parameters
    ----------
    file : str or Path
        A ``.csv``, ``.xlsx``, ``.parquet``, ``.xpt``, ``.sas7bdat``, ``.sav``, ``.dta`` or ``.dcm`` file, and others.
    schema : str
        Name of its schema, such as ``"lesion"``.
    columns : mapping of str to str, optional
        Our name to theirs.
    missing : sequence of str, optional
        Words that mean a cell is missing; by default the schema's.
    units : mapping of str to str, optional
        Column to the unit it is given in, where that is not the schema's.
    **options
        How the file is written: the other parameters of `TableSource`, such as ``decimal=","`` or ``format="redcap"``.

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
    known = [one.name for one in fields(TableSource)]
    for name in options:
        if name not in known:
            raise StudyError(f"read_table has no option {name!r}{nearest(name, known)}; known are {', '.join(known)}")
    source = TableSource(
        file=Path(file), schema=schema, columns=columns or {}, missing=missing, units=units or {}, **options
    )
    return read_tables({Path(file).stem: source})[Path(file).stem]


def _check_texts(source: TableSource) -> None:
    """Refuse lists and tables that hold other things than text: missing = [-99] looks for a number among words."""
    for key in ("missing", "totals", "fill_down"):
        wrong = [one for one in getattr(source, key) or () if not isinstance(one, str)]
        if wrong:
            raise StudyError(f'{source.file.name}: {key} holds {wrong[0]!r}: write it as text, "{wrong[0]}"')
    for key in ("columns", "units", "constants"):
        for name, one in getattr(source, key).items():
            if not isinstance(one, str):
                raise StudyError(f'{source.file.name}: {key}.{name} = {one!r}: write it as text, "{one}"')


def source_text(source: TableSource) -> TextTable:
    """Read a table as text under our names: laid out, its blocks parted, its columns renamed and its gaps filled."""
    _check_texts(source)
    text = read_text_table(source.file, source.writing())
    if source.blocks:
        text = unstacked(text, source.blocks)
    frame = rename_columns(text.frame, source.columns, file=text.file)
    to_ours = {clean(theirs): ours for ours, theirs in source.columns.items()}
    frame = with_constants(frame, source.constants, file=text.file)
    frame, filled = filled_down(frame, source.fill_down, file=text.file)
    frame, replaced = with_words(frame, source.values, file=text.file)
    return replace(
        text,
        frame=frame,
        missing={to_ours.get(name, name): words for name, words in text.missing.items()},
        units={to_ours.get(name, name): unit for name, unit in text.units.items()},
        notes=(*text.notes, *filled, *replaced),
    )


def _checked(name: str, source: TableSource) -> tuple[DataTable, tuple[Problem, ...]]:
    schema = load_schema(source.schema) if source.schema else None
    check_marks(source.decimal or ".", source.thousands)
    text = source_text(source)
    checked = validate(
        text.frame,
        schema=schema,
        missing=source.missing,
        decimal=source.decimal or ".",
        thousands=source.thousands,
        dates=source.dates,
        units={**text.units, **source.units},
        own_missing=text.missing,
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
    doubtful = unsaid_marks(text, checked.frame) if _may_mean_thousands(source) else ()
    return table, (*text.problems, *checked.problems, *doubtful)


def _may_mean_thousands(source: TableSource) -> bool:
    """Whether the point of 1.234 may part thousands: in text whose delimiter leaves the comma to the decimals."""
    if source.decimal or source.thousands or source.format:
        return False
    return source.delimiter not in ("", ",") or source.file.suffix.lower() in (".tsv", ".txt")
