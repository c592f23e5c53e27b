"""Text to typed columns, with every fault of the table at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from biomarker.data.dates import check_order, parse_dates
from biomarker.data.missing import DEFAULT_MISSING, no_tokens
from biomarker.data.parsed import Parsed
from biomarker.data.row_rules import key_problems, order_problems
from biomarker.data.schemas import Field, Schema
from biomarker.data.units import unit_factor, unit_in_name
from biomarker.data.words import (
    FORMULA_ERRORS,
    PERCENT,
    Words,
    check_marks,
    column_words,
    inferred_type,
    parse_booleans,
    parse_numbers,
    parse_texts,
    without_percent,
)
from biomarker.errors import Problem, StudyError, nearest

_UNKNOWN = Field(name="")
_IDENTIFIER = Field(name="", type="string")  # no sum is made of it, and 7 in one table must meet 7 in another
_TRUE = ("true", "True", "TRUE")
_FALSE = ("false", "False", "FALSE")
_Cells = npt.NDArray[Any] | pd.arrays.BooleanArray


@dataclass(frozen=True, kw_only=True, eq=False)
class Validated:
    """Typed columns, the record of missing cells, and every fault found."""

    frame: pd.DataFrame
    tokens: pd.DataFrame
    problems: tuple[Problem, ...]
    notes: tuple[str, ...] = ()


def validate(
    cells: pd.DataFrame,
    *,
    schema: Schema | None = None,
    missing: Sequence[str] | None = None,
    decimal: str = ".",
    thousands: str = "",
    dates: str = "",
    units: Mapping[str, str] | None = None,
    own_missing: Mapping[str, frozenset[str]] | None = None,
    file: str = "",
    header_row: int = 1,
) -> Validated:
    """Give each column its type and check each cell.

    Parameters
    ----------
    cells : DataFrame of str
        Cells as they stand in the file, columns by our names; the index is the row in a spreadsheet.
    schema : Schema, optional
        What the columns mean. A column it does not know is kept: as numbers where all its words are numbers and its
        name does not end in ``_id``, else as text.
    missing : sequence of str, optional
        Words that mean a cell is missing; by default the schema's. An empty cell is always missing.
    decimal : str
        The decimal mark, ``"."`` or ``","``.
    thousands : str
        The mark between thousands, where there is one: ``","``, ``"."``, a space or an apostrophe.
    dates : str
        The order of dates that are not written year-month-day: a key of `biomarker.data.dates.ORDERS`.
    units : mapping of str to str, optional
        Column to the unit it is given in, where that is not the schema's.
    own_missing : mapping of str to frozenset of str, optional
        Words that mean a cell of one column is missing, where the file itself declares them.
    file : str
        Name of the file, for messages.
    header_row : int
        Row of the header.

    Returns
    -------
    Validated
        Numbers are float64; whole numbers and booleans are int64 and bool where no cell is missing, and float64 and
        pandas' nullable boolean where one is; dates are datetime64; missing text is NaN.

    Raises
    ------
    StudyError
        If `decimal` or a unit cannot be used. Faults of the data are returned, not raised.
    """
    check_marks(decimal, thousands)
    check_order(dates)
    written = _Written(decimal, thousands, dates)
    words_for_missing = frozenset([*_missing_words(schema, missing), ""])
    factors = _unit_factors(cells.columns, schema, units or {})
    problems = list(_absent_columns(cells, schema, file=file, header_row=header_row))
    columns: dict[str, _Cells] = {}
    told: list[str] = []
    missing_cells = [no_tokens()]
    for name in cells.columns:
        words, tokens = column_words(cells[name], words_for_missing | (own_missing or {}).get(str(name), frozenset()))
        gone = words.codes == -1
        if gone.any():
            missing_cells.append(pd.DataFrame({"row": cells.index[gone], "column": name, "token": tokens}))
        unknown = _IDENTIFIER if str(name).endswith("_id") else _UNKNOWN
        field = (schema.field(name) if schema else None) or unknown
        parsed = _parsed(words.words, replace(field, name=str(name)), written, factor=factors.get(name))
        if field is _UNKNOWN and any(map(PERCENT.fullmatch, words.words)) and parsed.found.dtype.kind == "f":
            told.append(f"{name}: percentages are read as numbers in percent, {words.words[0]} for one.")
        place = _Place(file, name, cells.index.to_numpy())
        problems += _word_problems(words, parsed.faults, place)
        if field.required:
            problems += _empty_cells(gone, tokens, place)
        columns[name] = _spread(words.codes, parsed, keep_whole=field.type == "integer")
    frame = pd.DataFrame(columns, index=cells.index)
    if schema:
        problems += [*key_problems(frame, schema, file=file), *order_problems(frame, schema, file=file)]
    return Validated(
        frame=frame,
        tokens=pd.concat(missing_cells[1:] or missing_cells, ignore_index=True),
        problems=tuple(sorted(problems, key=lambda problem: problem.row or 0)),
        notes=(*(f"{name} was converted from {unit}." for name, unit in (units or {}).items()), *told),
    )


@dataclass(frozen=True)
class _Written:
    """How numbers and dates are written."""

    decimal: str
    thousands: str
    dates: str


@dataclass(frozen=True)
class _Place:
    file: str
    column: str
    rows: npt.NDArray[np.int64]

    def problems(
        self, at: npt.NDArray[np.bool_], value: Callable[[int], str], rule: Callable[[int], str]
    ) -> Iterator[Problem]:
        """Yield a problem for each row marked."""
        for position in np.flatnonzero(at).tolist():
            row = int(self.rows[position])
            yield Problem(file=self.file, row=row, column=self.column, value=value(position), rule=rule(position))


def _missing_words(schema: Schema | None, missing: Sequence[str] | None) -> Sequence[str]:
    if missing is not None:
        return missing
    return schema.missing_values if schema else DEFAULT_MISSING


def _absent_columns(cells: pd.DataFrame, schema: Schema | None, *, file: str, header_row: int) -> Iterator[Problem]:
    for name in schema.required_columns() if schema else ():
        if name not in cells.columns:
            others = [str(column) for column in cells.columns]
            hint = f'; if it has another name, map it: columns = {{ {name} = "…" }}'
            rule = f"is required and no column has this name{nearest(name, others)}{hint}"
            yield Problem(file=file, row=header_row, column=name, rule=rule)


def _unit_factors(columns: Iterable[str], schema: Schema | None, units: Mapping[str, str]) -> dict[str, Fraction]:
    """Return the factor to our unit for each column whose unit is given."""
    known = list(columns)
    factors = {}
    for name, given in units.items():
        if name not in known:
            raise StudyError(f"units: no column {name!r}{nearest(name, known)}")
        field = schema.field(name) if schema else None
        ours = (field.unit if field else "") or unit_in_name(name)
        if not ours:
            raise StudyError(f"units.{name}: the column has no unit of its own; end its name with one, as in {name}_mm")
        factors[name] = unit_factor(given, ours, place=f"units.{name}")
    return factors


def _parsed(words: Sequence[str], field: Field, written: _Written, *, factor: Fraction | None) -> Parsed:
    marks = {"decimal": written.decimal, "thousands": written.thousands}
    kind = field.type if field.type != "any" else inferred_type(words, **marks)
    if factor is not None:
        kind = "number"
    elif kind == "percent" or (field.unit or unit_in_name(field.name)) == "%":
        kind = "number" if kind == "percent" else kind
        words = without_percent(words) if kind == "number" else words
    if kind in ("number", "integer"):
        parsed = parse_numbers(words, **marks, factor=factor, integer=kind == "integer")
    elif kind == "boolean":
        parsed = parse_booleans(words, field.true_values or _TRUE, field.false_values or _FALSE)
    elif kind == "date":
        parsed = parse_dates(words, written.dates)
    else:
        parsed = parse_texts(words)
    faults = dict(parsed.faults) | {
        at: "is a formula error of a spreadsheet" for at, word in enumerate(words) if word in FORMULA_ERRORS
    }
    return Parsed(parsed.found, _constraint_faults(words, parsed.found, field, faults))


def _constraint_faults(
    words: Sequence[str], values: npt.NDArray[Any], field: Field, faults: dict[int, str]
) -> dict[int, str]:
    """Add the faults of words that have a value, but not one the column may hold."""
    pattern = re.compile(field.pattern) if field.pattern else None
    unit = f" {field.unit}" if field.unit else ""
    for at, word in enumerate(words):
        if at in faults:
            continue
        if field.minimum is not None and values[at] < field.minimum:
            faults[at] = f"is below the least this column may hold, {field.minimum:g}{unit}"
        elif field.maximum is not None and values[at] > field.maximum:
            faults[at] = f"is above the most this column may hold, {field.maximum:g}{unit}"
        elif field.enum and word not in field.enum:
            faults[at] = f"is not one of {', '.join(field.enum)}{nearest(word, field.enum)}"
        elif pattern and not pattern.fullmatch(word):
            faults[at] = f"does not have the form {field.pattern}"
    return faults


def _word_problems(words: Words, faults: Mapping[int, str], place: _Place) -> Iterable[Problem]:
    if not faults:
        return ()
    at = np.isin(words.codes, list(faults))
    return place.problems(at, lambda i: words.words[words.codes[i]], lambda i: faults[int(words.codes[i])])


def _empty_cells(gone: npt.NDArray[np.bool_], tokens: npt.NDArray[np.object_], place: _Place) -> Iterable[Problem]:
    order = np.cumsum(gone) - 1
    return place.problems(gone, lambda i: str(tokens[order[i]]), lambda _: "must not be missing")


def _spread(codes: npt.NDArray[np.intp], parsed: Parsed, *, keep_whole: bool) -> _Cells:
    """Give each row its word's value, and a missing cell the missing value of its type."""
    gone = codes == -1
    # one more value for the missing cells, which code -1 then points at
    kind = parsed.found.dtype.kind
    if kind == "b":
        spread = np.append(parsed.found, False)[codes]
        return pd.arrays.BooleanArray(spread, gone) if gone.any() else spread
    absent = np.array([np.datetime64("NaT") if kind == "M" else np.nan], dtype=parsed.found.dtype)
    spread = np.concatenate([parsed.found, absent])[codes]
    return spread.astype(np.int64) if keep_whole and np.isfinite(spread).all() else spread
