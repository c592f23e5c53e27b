"""Parquet files to rows of cells of text."""

from __future__ import annotations

import io
from collections.abc import Iterator
from importlib import import_module

from biomarker.data.workbook import cell_text
from biomarker.errors import StudyError

_EVERY_DIGIT = 17


def parquet_rows(data: bytes, *, file: str, decimal: str = ".") -> Iterator[list[str]]:
    """Read a Parquet file as text, its header first; numbers are written with as many digits as they need.

    Raises
    ------
    StudyError
        If pyarrow is not installed, or the file is no Parquet file.
    """
    try:
        pyarrow = import_module("pyarrow")
        parquet = import_module("pyarrow.parquet")
    except ImportError:
        raise StudyError(
            f"{file}: reading Parquet needs pyarrow; install it with: pip install 'biomarker[io]'"
        ) from None
    try:
        table = parquet.read_table(io.BytesIO(data))
    except (pyarrow.ArrowInvalid, OSError):
        raise StudyError(f"{file}: not a Parquet file") from None
    columns = [
        [cell_text(value, decimal=decimal, digits=_EVERY_DIGIT) for value in column.to_pylist()]
        for column in table.columns
    ]
    yield [str(name) for name in table.column_names]
    yield from (list(row) for row in zip(*columns, strict=True))
