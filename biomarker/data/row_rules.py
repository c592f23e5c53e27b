"""Rules that look at several cells: rows that repeat a key, and a mean above its maximum."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from biomarker.data.schemas import Schema, split_timed
from biomarker.errors import Problem


def key_problems(frame: pd.DataFrame, schema: Schema, *, file: str = "") -> Iterator[Problem]:
    """Yield a problem for each row that repeats an earlier row's key, and for each repeated unique value."""
    key = [name for name in schema.primary_key if name in frame.columns]
    fields = {field.name: field for field in schema.fields}
    needed = [name for name in schema.primary_key if fields[name].required]
    if key and set(needed) <= set(key):
        yield from _repeats(frame, key, needed, file=file)
    for field in schema.fields:
        if field.unique and field.name in frame.columns and key != [field.name]:
            yield from _repeats(frame, [field.name], [field.name], file=file)


def _repeats(frame: pd.DataFrame, key: Sequence[str], needed: Sequence[str], *, file: str) -> Iterator[Problem]:
    keyed = frame.loc[frame[list(needed)].notna().all(axis=1), list(key)]
    repeated = keyed[keyed.duplicated(keep="first")]
    if repeated.empty:
        return
    group = keyed.groupby(list(key), dropna=False, sort=False).ngroup()
    first_row = pd.Series(keyed.index, index=keyed.index).groupby(group).transform("first")
    for row, values in zip(repeated.index, repeated.itertuples(index=False, name=None), strict=True):
        shown = ", ".join(_shown(value) for value in values)
        rule = f"repeats row {first_row[row]}; a row is known by its {' and '.join(key)}"
        yield Problem(file=file, row=int(row), column=", ".join(key), value=shown, rule=rule)


def _shown(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def order_problems(frame: pd.DataFrame, schema: Schema, *, file: str = "") -> Iterator[Problem]:
    """Yield a problem for each cell above the cell that bounds it, such as a SUVmean above its row's SUVmax."""
    for name in frame.columns:
        field = schema.field(name)
        if field is None or not field.not_above:
            continue
        timed = split_timed(name)
        bound = field.not_above + (name.removeprefix(timed[0]) if timed else "")
        if bound in frame.columns:
            yield from _above(frame, str(name), bound, file=file)


def _above(frame: pd.DataFrame, name: str, bound: str, *, file: str) -> Iterator[Problem]:
    lower, upper = (frame[column].to_numpy(dtype=float) for column in (name, bound))
    with np.errstate(invalid="ignore"):  # a missing cell bounds nothing
        at = np.flatnonzero(lower > upper)
    for position in at.tolist():
        row = int(frame.index[position])
        rule = f"is above {bound} of the same row, {upper[position]:g}"
        yield Problem(file=file, row=row, column=name, value=f"{lower[position]:g}", rule=rule)
