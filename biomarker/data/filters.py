"""The ``where`` of a study: conditions on columns, read by a small grammar; no code is ever evaluated.

A condition is a value (``"Melanoma"``, ``0.5``, ``true``), a value after an operator (``">= 10"``, ``"!= NE"``), a list
of values of which one must hold, a list of conditions with operators of which all must hold, or ``"missing"`` or
``"not missing"``. A missing cell meets no condition but ``"missing"``.
"""

from __future__ import annotations

import datetime as dt
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from pandas.api.types import is_bool_dtype, is_datetime64_any_dtype, is_numeric_dtype

from biomarker.data.columns import require_column
from biomarker.errors import DesignError, StudyError, nearest

_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<=": operator.le,
    ">=": operator.ge,
    "<": operator.lt,
    ">": operator.gt,
}
_CONDITION = re.compile(r"\s*(==|!=|<=|>=|<|>)\s*(.*\S)\s*")
_MISSING = ("missing", "not missing")
# a number typed in a study file equals a number of the table within the noise of a converted unit
_RELATIVE_TOLERANCE = 1e-12

Marks = npt.NDArray[np.bool_]
Scalar = str | int | float | bool | dt.date


@dataclass(frozen=True, kw_only=True)
class FilterStep:
    """One condition and what it left."""

    condition: str
    rows_before: int
    rows_after: int
    rows_missing: int  # rows left out because the column is missing there


@dataclass(frozen=True, kw_only=True, eq=False)
class Filtered:
    """Rows that meet every condition, and how each condition thinned them."""

    frame: pd.DataFrame
    steps: tuple[FilterStep, ...] = ()


def filter_rows(data: pd.DataFrame, where: Mapping[str, object], *, table: str = "") -> pd.DataFrame:
    """Keep the rows that meet every condition; `where_rows` says more, and has the errors.

    Parameters
    ----------
    data : DataFrame
        The table; it is not changed.
    where : mapping of str to condition
        Column to a value, a list of values, ``">= 10"``, ``"!= NE"``, ``"missing"`` or ``"not missing"``.
    table : str
        Name of the table, for messages.

    Returns
    -------
    DataFrame
        The rows, in order and with their index.
    """
    return where_rows(data, where, table=table).frame


def where_rows(data: pd.DataFrame, where: Mapping[str, object], *, table: str = "", key: str = "where") -> Filtered:
    """Keep the rows that meet every condition.

    Parameters
    ----------
    data : DataFrame
        The table; it is not changed.
    where : mapping of str to condition
        Column to condition, as the head of this module explains them.
    table, key : str
        Name of the table and place in the study file, for messages.

    Returns
    -------
    Filtered
        The rows, in order and with their index, and one `FilterStep` for each condition.

    Raises
    ------
    StudyError
        If a column is unknown, a condition cannot be read, its type is not the column's, or a text column holds no
        such word.
    DesignError
        If no row is left; the message names the condition that took the last.

    Examples
    --------
    >>> data = pd.DataFrame({"tumor_type": ["Melanoma", "NSCLC", "Melanoma"], "size_mm": [12.0, 30.0, None]})
    >>> kept = where_rows(data, {"tumor_type": "Melanoma", "size_mm": ">= 10"})
    >>> list(kept.frame.index), [step.rows_after for step in kept.steps]
    ([0], [2, 1])
    """
    keep = np.ones(len(data), dtype=bool)
    steps: list[FilterStep] = []
    for column, condition in where.items():
        require_column(data, column, table=table, key=key)
        met = _met(data[column], condition, place=f"{key}.{column}")
        after = keep & met
        lost = int((keep & ~met & data[column].isna().to_numpy()).sum())
        text = condition_text(column, condition)
        step = FilterStep(condition=text, rows_before=int(keep.sum()), rows_after=int(after.sum()), rows_missing=lost)
        steps.append(step)
        keep = after
        if not keep.any():
            raise DesignError(_emptied(steps, table=table, key=key))
    return Filtered(frame=data.loc[keep], steps=tuple(steps))


def _emptied(steps: Sequence[FilterStep], *, table: str, key: str) -> str:
    last = steps[-1]
    log = ", ".join(f"{step.condition} leaves {step.rows_after}" for step in steps)
    missing = f"; the column is missing in {last.rows_missing} of them" if last.rows_missing else ""
    of = f" of table {table!r}" if table else ""
    return (
        f"{key}: no row{of} is left: of {steps[0].rows_before} rows, {log}. None of the {last.rows_before} rows before "
        f"it meets {last.condition}{missing}"
    )


def condition_text(column: str, condition: object) -> str:
    """Write a condition as a reader would.

    Examples
    --------
    >>> condition_text("size_mm", ">=10"), condition_text("dose", [0.5, 1.5]), condition_text("response", "not missing")
    ('size_mm >= 10', 'dose in (0.5, 1.5)', 'response not missing')
    """
    if isinstance(condition, Sequence) and not isinstance(condition, str):
        if condition and all(_operator(item) for item in condition):
            return " and ".join(condition_text(column, item) for item in condition)
        return f"{column} in ({', '.join(_plain(item) for item in condition)})"
    if condition in _MISSING:
        return f"{column} {condition}"
    parsed = _operator(condition)
    return f"{column} {parsed[0]} {parsed[1]}" if parsed else f"{column} = {_plain(condition)}"


def _plain(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _operator(condition: object) -> tuple[str, str] | None:
    match = _CONDITION.fullmatch(condition) if isinstance(condition, str) else None
    return (match[1], match[2]) if match else None


def _met(column: pd.Series, condition: object, *, place: str) -> Marks:
    """Mark the rows that meet one condition."""
    if isinstance(condition, str) and condition.strip() in _MISSING:
        gone = column.isna().to_numpy()
        return gone if condition.strip() == "missing" else ~gone
    if isinstance(condition, Sequence) and not isinstance(condition, str):
        return _met_by_list(column, list(condition), place=place)
    if not isinstance(condition, Scalar):
        raise StudyError(f'{place}: {condition!r} is no condition; write a value, a list, ">= 10" or "not missing"')
    parsed = _operator(condition)
    symbol, value = parsed if parsed else ("==", condition)
    return _compare(column, symbol, value, place=place)


def _met_by_list(column: pd.Series, items: Sequence[object], *, place: str) -> Marks:
    """Mark the rows equal to one of the values; or, where every item has an operator, the rows that meet them all."""
    if not items:
        raise StudyError(f"{place}: the list is empty, so no row can meet it")
    with_operator = [_operator(item) is not None for item in items]
    if all(with_operator):
        every: Marks = np.all([_met(column, item, place=place) for item in items], axis=0)
        return every
    if any(with_operator) or any(item in _MISSING for item in items if isinstance(item, str)):
        raise StudyError(f"{place}: a list holds either values or conditions, not both: {list(items)!r}")
    if _kind(column) == "text":
        _check_words(column, [str(item) for item in items], place=place)
        return column.astype(object).isin([str(item) for item in items]).to_numpy()
    some: Marks = np.any([_met(column, item, place=place) for item in items], axis=0)
    return some


def _kind(column: pd.Series) -> str:
    if is_bool_dtype(column):
        return "boolean"
    if is_numeric_dtype(column):
        return "number"
    return "date" if is_datetime64_any_dtype(column) else "text"


def _compare(column: pd.Series, symbol: str, value: Scalar, *, place: str) -> Marks:
    """Mark the rows whose cell is there and compares as asked."""
    kind = _kind(column)
    present: Marks = column.notna().to_numpy()
    if kind == "number":
        numbers = column.to_numpy(dtype=float, na_value=np.nan)
        return present & _compare_numbers(numbers, symbol, _as_number(value, place))
    if kind == "date":
        ordered: Marks = np.asarray(_OPERATORS[symbol](column, _as_date(value, place)), dtype=bool)
        return present & ordered
    if symbol not in ("==", "!="):
        raise StudyError(f"{place}: {symbol} needs numbers or dates, and the column is {kind}")
    equal = _equal_boolean(column, value, place) if kind == "boolean" else _equal_word(column, value, place)
    return present & (equal if symbol == "==" else ~equal)


def _equal_boolean(column: pd.Series, value: Scalar, place: str) -> Marks:
    equal: Marks = column.fillna(value=False).to_numpy(dtype=bool) == _as_boolean(value, place)
    return equal


def _equal_word(column: pd.Series, value: Scalar, place: str) -> Marks:
    _check_words(column, [str(value)], place=place)
    equal: Marks = (column.astype(object) == str(value)).to_numpy(dtype=bool)
    return equal


def _compare_numbers(values: npt.NDArray[np.float64], symbol: str, bound: float) -> Marks:
    equal = np.isclose(values, bound, rtol=_RELATIVE_TOLERANCE, atol=0.0)
    if symbol in ("==", "!="):
        return equal if symbol == "==" else ~equal
    strict = values < bound if symbol[0] == "<" else values > bound
    return strict | equal if symbol.endswith("=") else strict & ~equal


def _as_number(value: Scalar, place: str) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    try:
        return float(str(value))
    except ValueError:
        raise StudyError(f"{place}: {value!r} is not a number, and the column holds numbers") from None


def _as_boolean(value: Scalar, place: str) -> bool:
    words = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
    if str(value).lower() not in words:
        raise StudyError(f"{place}: {value!r} is neither true nor false, and the column holds those")
    return words[str(value).lower()]


def _as_date(value: Scalar, place: str) -> pd.Timestamp:
    try:
        return pd.Timestamp(dt.date.fromisoformat(str(value)[:10]))
    except ValueError:
        raise StudyError(
            f"{place}: {value!r} is not a date written year-month-day, and the column holds dates"
        ) from None


def _check_words(column: pd.Series, words: Sequence[str], *, place: str) -> None:
    """Refuse words the column does not hold: a value alone, all of a list, or one that differs in its case only."""
    held = [str(word) for word in column.dropna().unique()]
    folded = {word.casefold().strip() for word in held}
    absent = [word for word in words if word not in held]
    misspelt = [word for word in absent if word.casefold().strip() in folded]
    if misspelt or (absent and len(absent) == len(words)):
        word = (misspelt or absent)[0]
        hint = nearest(word, held) or f"; it holds {', '.join(held[:6])}{' …' if len(held) > 6 else ''}"
        raise StudyError(f"{place}: the column holds no {word!r}{hint}")
