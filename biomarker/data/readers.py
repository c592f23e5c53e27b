"""A file to a table of text: delimited text, Excel, Parquet, SAS, SPSS, Stata, and reports of measurements."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path

from biomarker.data.cells import TextTable, text_table
from biomarker.data.delimited import delimited_rows
from biomarker.data.dicom_sr import report_folder, report_table
from biomarker.data.layouts import check_layout, laid_out
from biomarker.data.parquet import parquet_rows
from biomarker.data.sas import sas_table
from biomarker.data.spss_stata import spss_table, stata_table
from biomarker.data.stored import CODED
from biomarker.data.workbook import excel_sheet
from biomarker.errors import Problem, StudyError, nearest

DELIMITED = (".csv", ".tsv", ".txt", ".voistat")
EXCEL = (".xlsx", ".xlsm")
PARQUET = (".parquet", ".pq")
SAS = (".xpt", ".sas7bdat")
SPSS = (".sav", ".zsav", ".por")
STATA = (".dta",)
REPORTS = (".dcm",)
KNOWN = (*DELIMITED, *EXCEL, *PARQUET, *SAS, *SPSS, *STATA, *REPORTS)

_OUTLINED = (*DELIMITED, *EXCEL, *PARQUET)
# which files an option has a meaning for
_MEANT_FOR: Mapping[str, tuple[tuple[str, ...], str]] = {
    "delimiter": (DELIMITED, "delimited text"),
    "encoding": ((*DELIMITED, *SAS, *SPSS, *STATA), "text and the files of SAS, SPSS and Stata"),
    "sheet": (EXCEL, "workbooks"),
    "comment": (_OUTLINED, "text and workbooks"),
    "header_rows": (_OUTLINED, "text and workbooks"),
    "skip_rows": (_OUTLINED, "text and workbooks"),
    "totals": (_OUTLINED, "text and workbooks"),
    "coded": ((*SPSS, *STATA), "the files of SPSS and Stata"),
}
_HINTS = {
    **dict.fromkeys((".xls", ".ods", ".xlsb", ".numbers"), "; save it as .xlsx"),
    ".tac": "; save the table of regions as .voistat, or as .csv",
    ".rds": "; write it as .csv or .parquet",
    ".rdata": "; write the table as .csv or .parquet",
    ".json": "; write the table as .csv",
    ".pdf": "; a printed table must be typed into a .csv",
    ".docx": "; copy the table into a .csv",
}


@dataclass(frozen=True, kw_only=True)
class Writing:
    r"""How a file is written, where its name does not say so.

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
    """

    delimiter: str = ""
    decimal: str = ""
    encoding: str = ""
    sheet: str = ""
    comment: str = ""
    header_rows: int = 1
    skip_rows: int = 0
    totals: Sequence[str] | None = None
    coded: str = "labels"
    format: str = ""
    part: str = ""

    def writing(self) -> Writing:
        """Return these options alone."""
        return Writing(**{one.name: getattr(self, one.name) for one in fields(Writing)})

    def given(self) -> dict[str, object]:
        """Return the options that differ from their defaults."""
        return {one.name: getattr(self, one.name) for one in fields(self) if getattr(self, one.name) != one.default}


def read_text_table(path: str | Path, writing: Writing | None = None, **options: object) -> TextTable:
    """Read a file as text: no cell is interpreted, so leading zeros and missing tokens survive.

    Parameters
    ----------
    path : str or Path
        A file with one of the endings of `KNOWN`; or a folder of DICOM reports.
    writing : Writing, optional
        How it is written; or give its fields by name.
    **options
        Fields of `Writing`.

    Returns
    -------
    TextTable
        The cells, and the faults of the table's outline.

    Raises
    ------
    StudyError
        If the file cannot be read as a table.
    """
    path = Path(path)
    writing = writing or Writing(**options)  # type: ignore[arg-type]  # a wrong name is a TypeError, as it should be
    check_layout(writing.format, writing.part, file=path.name)
    if path.is_dir() and writing.format == "dicom-sr":
        return replace(laid_out(report_folder(path), writing.format), sha256=_folder_hash(path))
    data = _bytes(path)
    _check_options(path, path.suffix.lower(), writing)
    table = _table(path, data, writing)
    return replace(laid_out(table, writing.format, part=writing.part), sha256=hashlib.sha256(data).hexdigest())


def _table(path: Path, data: bytes, writing: Writing) -> TextTable:
    suffix, decimal = path.suffix.lower(), writing.decimal or "."
    stored: Callable[[], TextTable] | None = {
        **dict.fromkeys(SAS, lambda: sas_table(path, decimal=decimal, encoding=writing.encoding)),
        **dict.fromkeys(
            SPSS, lambda: spss_table(path, decimal=decimal, encoding=writing.encoding, coded=writing.coded)
        ),
        **dict.fromkeys(
            STATA, lambda: stata_table(path, decimal=decimal, encoding=writing.encoding, coded=writing.coded)
        ),
        **dict.fromkeys(REPORTS, lambda: report_table(data, file=path.name)),
    }.get(suffix)
    if stored:
        return stored()
    rows, notes, problems = _rows(path, data, writing, decimal=decimal)
    table = text_table(
        rows,
        file=path.name,
        comment=writing.comment or ("#" if suffix == ".voistat" else ""),
        header_rows=writing.header_rows,
        skip_rows=writing.skip_rows,
        totals=writing.totals,
    )
    return replace(table, notes=(*notes, *table.notes), problems=(*problems, *table.problems))


def _rows(
    path: Path, data: bytes, writing: Writing, *, decimal: str, lenient: bool = False
) -> tuple[Iterable[Sequence[str]], tuple[str, ...], tuple[Problem, ...]]:
    suffix = path.suffix.lower()
    if suffix in EXCEL:
        sheet = excel_sheet(
            data,
            file=path.name,
            sheet=writing.sheet,
            decimal=decimal,
            skip_rows=writing.skip_rows,
            header_rows=writing.header_rows,
        )
        return sheet.rows, sheet.notes, sheet.problems
    if suffix in PARQUET:
        return parquet_rows(data, file=path.name, decimal=decimal), (), ()
    rows = delimited_rows(
        data,
        file=path.name,
        suffix=suffix,
        delimiter=writing.delimiter,
        encoding=writing.encoding or "utf-8",
        comment=writing.comment or ("#" if suffix == ".voistat" else ""),
        skip_rows=None if lenient else writing.skip_rows,
    )
    return rows, (), ()


def raw_rows(path: Path, writing: Writing, *, lenient: bool = False) -> list[Sequence[str]]:
    """Return the rows of text or of a workbook as they stand, the header and what comes before it among them.

    Parameters
    ----------
    path : Path
    writing : Writing
    lenient : bool
        Whether a header that another delimiter would split is let pass, as lines of text may stand before it.
    """
    try:
        rows, _, _ = _rows(path, _bytes(path), replace(writing, skip_rows=0), decimal=".", lenient=lenient)
    except StudyError:
        if not lenient:
            raise
        return []
    return list(rows)


def _bytes(path: Path) -> bytes:
    if path.is_dir():
        raise StudyError(f"{path}: this is a folder, not a file")
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise StudyError(f"no file {path}{_nearest_file(path)}") from None
    except OSError as error:
        raise StudyError(f"{path}: cannot be read ({error.strerror})") from None
    if not data.strip():
        raise StudyError(f"{path.name}: the file is empty")
    return data


def _nearest_file(path: Path) -> str:
    if not path.parent.is_dir():
        return f"; there is no folder {path.parent}"
    return nearest(path.name, sorted(entry.name for entry in path.parent.iterdir() if entry.is_file()))


def _folder_hash(folder: Path) -> str:
    digest = hashlib.sha256()
    for entry in sorted(folder.glob("*.dcm")):
        digest.update(hashlib.sha256(entry.read_bytes()).digest())
    return digest.hexdigest()


def _check_options(path: Path, suffix: str, writing: Writing) -> None:
    """Refuse a kind of file we cannot read, and an option that has no meaning for it."""
    if suffix not in KNOWN:
        hint = _HINTS.get(suffix, "")
        raise StudyError(
            f"{path.name}: a {suffix or 'nameless'} file cannot be read{hint}; known are {', '.join(KNOWN)}"
        )
    if writing.coded not in CODED:
        raise StudyError(f"{path.name}: coded = {writing.coded!r}: give one of {', '.join(CODED)}")
    if writing.header_rows < 1 or writing.skip_rows < 0:
        raise StudyError(
            f"{path.name}: header_rows = {writing.header_rows}, skip_rows = {writing.skip_rows}: give 1 or more, and 0 "
            "or more"
        )
    for key, value in writing.given().items():
        suffixes, meant = _MEANT_FOR.get(key, (KNOWN, ""))
        if suffix not in suffixes:
            raise StudyError(f"{path.name}: {key} = {value!r} is for {meant}; this is a {suffix} file")
