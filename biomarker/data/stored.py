"""Tables that other statistics programs stored (SAS, SPSS, Stata), as text, with what the files themselves declare.

Such a file knows more than text does: labels of its values, and which of them mean that a value is missing. Both are
carried on: a labelled value reads as its label where all values of the column have one, and a missing cell keeps its
word, such as ``.A``.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from biomarker.data.cells import TextTable
from biomarker.data.workbook import cell_text
from biomarker.errors import StudyError

CODED = ("labels", "codes")
_EVERY_DIGIT = 17
_LABELS_SHOWN = 6


def stored_columns(path: Path, reader: str, **options: Any) -> tuple[dict[str, list[Any]], Any]:  # noqa: ANN401
    """Read a file by pyreadstat: its columns as lists of Python values, and pyreadstat's account of the file.

    Raises
    ------
    StudyError
        If pyreadstat is not installed, or the file is none of its kind.
    """
    try:
        pyreadstat = import_module("pyreadstat")
    except ImportError:
        raise StudyError(
            f"{path.name}: reading {path.suffix} needs pyreadstat; install it with: pip install 'biomarker[io]'"
        ) from None
    failures = (pyreadstat.ReadstatError, pyreadstat.PyreadstatError, UnicodeDecodeError, ValueError, OSError)
    try:
        columns, account = getattr(pyreadstat, reader)(str(path), output_format="dict", **options)
    except failures as error:
        said = str(error).strip().rstrip(".") or type(error).__name__
        raise StudyError(f"{path.name}: not a readable {path.suffix} file ({said})") from None
    return {str(name): list(cells) for name, cells in columns.items()}, account


def stored_table(
    columns: Mapping[str, Sequence[Any]],
    *,
    file: str,
    decimal: str = ".",
    labels: Mapping[str, Mapping[Any, str]] | None = None,
    declared: Mapping[str, Callable[[Any], bool]] | None = None,
    single: frozenset[str] = frozenset(),
) -> TextTable:
    """Write stored columns as text.

    Parameters
    ----------
    columns : mapping of str to sequence
        Values by column; None or NaN where there is none.
    file : str
        Name of the file, for notes.
    decimal : str
        The decimal mark to write numbers with.
    labels : mapping of str to mapping, optional
        By column, the label of each value; none to read codes.
    declared : mapping of str to callable, optional
        By column, whether a value is one that the file declares to mean missing.
    single : frozenset of str
        Columns of single precision, whose digits beyond the seventh are noise.

    Raises
    ------
    StudyError
        If the table has no row.
    """
    height = len(next(iter(columns.values()), ()))
    if not height:
        raise StudyError(f"{file}: the table has a header and no rows")
    texts: dict[str, list[str]] = {}
    missing: dict[str, frozenset[str]] = {}
    notes: list[str] = []
    for name, cells in columns.items():
        means_missing = (declared or {}).get(name, _never)
        named = (labels or {}).get(name, {})
        present = {cell for cell in cells if not _absent(cell) and not means_missing(cell)}
        whole = bool(named) and all(cell in named for cell in present)
        write = _writer(named, whole=whole, decimal=decimal, single=name in single)
        texts[name] = [write(cell) for cell in cells]
        gone = frozenset(write(cell) for cell in cells if not _absent(cell) and means_missing(cell))
        if gone:
            missing[name] = gone
        if whole and present:
            shown = sorted(present, key=str)
            some = ", ".join(f"{cell_text(cell)} {named[cell]}" for cell in shown[:_LABELS_SHOWN])
            notes.append(f"{file}: {name} was read by the labels of its values ({some}).")
        elif named and present and (labels or {}).get(name):
            notes.append(f"{file}: {name} has labels for some of its values only, and was read by its codes.")
    frame = pd.DataFrame(texts, index=pd.RangeIndex(2, height + 2, name="row"), dtype=object)
    return TextTable(frame=frame, file=file, notes=tuple(notes), missing=missing)


def _never(value: object) -> bool:
    del value
    return False


def _absent(value: object) -> bool:
    return value is None or value == "" or (isinstance(value, float) and math.isnan(value))


def _writer(named: Mapping[Any, str], *, whole: bool, decimal: str, single: bool) -> Callable[[Any], str]:
    def write(value: Any) -> str:  # noqa: ANN401
        if _absent(value):
            return ""
        if value in named and whole:
            return named[value]
        if isinstance(value, np.generic):
            value = value.item()
        if single and isinstance(value, float) and not value.is_integer():
            return str(np.float32(value)).replace(".", decimal)
        if isinstance(value, dt.timedelta):
            return str(value)
        return cell_text(value, decimal=decimal, digits=_EVERY_DIGIT)

    return write
