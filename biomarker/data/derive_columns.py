"""Columns computed from columns of the same row; each function returns the column and a phrase that says what it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from biomarker.data.columns import numbers_of, require_columns
from biomarker.errors import DesignError, StudyError, nearest

_BASES = {"2": np.log2, "10": np.log10, "e": np.log}
_QUANTILES = {"median": 2, "tertiles": 3, "quartiles": 4}


def _numbers(frame: pd.DataFrame, column: str, place: str) -> pd.Series:
    require_columns(frame, [column], key=place)
    return pd.Series(numbers_of(frame, column), index=frame.index, name=column)


def log_column(frame: pd.DataFrame, *, marker: str, base: str | float = 10, place: str) -> tuple[pd.Series, str]:
    """Take the logarithm of a column to base 2, 10 or e."""
    shown = f"{base:g}" if isinstance(base, int | float) else base
    if shown not in _BASES:
        raise StudyError(f'{place}: base = {base!r} is not 2, 10 or "e"')
    values = _numbers(frame, marker, place)
    impossible = frame.index[values <= 0]
    if len(impossible):
        raise DesignError(
            f"{place}: {len(impossible)} values of {marker!r} are not positive and have no logarithm (first in row "
            f"{impossible[0]}); leave them out by where"
        )
    name = f"ln_{marker}" if shown == "e" else f"log{shown}_{marker}"
    text = f"natural logarithm of {marker}" if shown == "e" else f"logarithm to base {shown} of {marker}"
    return pd.Series(_BASES[shown](values), index=frame.index, name=name), text


def ratio_column(frame: pd.DataFrame, *, numerator: str, denominator: str, place: str) -> tuple[pd.Series, str]:
    """Divide one column by another; where the denominator is 0 the ratio is missing."""
    top, bottom = _numbers(frame, numerator, place), _numbers(frame, denominator, place)
    text = f"{numerator} divided by {denominator}{_zeros(bottom, denominator)}"
    return (top / bottom.where(bottom != 0)).rename(f"{numerator}_to_{denominator}"), text


def _zeros(column: pd.Series, name: str) -> str:
    zeros = int((column == 0).sum())
    return f", missing in {zeros} rows where {name} is 0" if zeros else ""


def difference_column(frame: pd.DataFrame, *, baseline: str, follow_up: str, place: str) -> tuple[pd.Series, str]:
    """Subtract the baseline from the follow-up."""
    before, after = _numbers(frame, baseline, place), _numbers(frame, follow_up, place)
    return (after - before).rename(f"{follow_up}_minus_{baseline}"), f"{follow_up} minus {baseline}"


def percent_change_column(frame: pd.DataFrame, *, baseline: str, follow_up: str, place: str) -> tuple[pd.Series, str]:
    """Give the change from baseline in percent of the baseline: -30 is a fall of 30 percent."""
    before, after = _numbers(frame, baseline, place), _numbers(frame, follow_up, place)
    change = 100 * (after - before) / before.where(before != 0)
    text = f"change from {baseline} to {follow_up} in percent of {baseline}{_zeros(before, baseline)}"
    return change.rename(f"{follow_up}_percent_change"), text


def class_column(
    frame: pd.DataFrame, *, marker: str, cutoffs: Sequence[float] | str, labels: Sequence[str], place: str
) -> tuple[pd.Series, str]:
    """Name the class of each value; a value at a cutoff is of the upper class."""
    values = _numbers(frame, marker, place)
    edges = _edges(values, cutoffs, place)
    if len(labels) != len(edges) + 1 or not all(isinstance(label, str) for label in labels):
        raise StudyError(f"{place}: {len(edges)} cutoffs need {len(edges) + 1} labels as text; got {list(labels)!r}")
    if len(set(labels)) < len(labels):
        raise StudyError(f"{place}: labels = {list(labels)!r} name a class twice")
    named = np.array([*labels], dtype=object)[
        np.searchsorted(edges, values.to_numpy(), side="right").clip(max=len(edges))
    ]
    column = pd.Series(named, index=frame.index, name=f"{marker}_class").where(values.notna())
    shown = " and ".join(f"{edge:g}" for edge in edges)
    origin = f", the {cutoffs} of these data" if isinstance(cutoffs, str) else ""
    return column, f"class of {marker} by cutoff {shown}{origin} ({', '.join(labels)})"


def _edges(values: pd.Series, cutoffs: Sequence[float] | str, place: str) -> list[float]:
    if isinstance(cutoffs, str):
        if cutoffs not in _QUANTILES:
            hint = nearest(cutoffs, list(_QUANTILES))
            raise StudyError(f"{place}: cutoffs = {cutoffs!r}{hint}; give numbers, or {', '.join(_QUANTILES)}")
        parts = _QUANTILES[cutoffs]
        edges = [float(values.quantile(part / parts)) for part in range(1, parts)]
        if np.isnan(edges).any() or len(set(edges)) < len(edges):
            raise DesignError(f"{place}: {values.name!r} has too few distinct values for {cutoffs}")
        return edges
    if not cutoffs or not all(isinstance(edge, int | float) and not isinstance(edge, bool) for edge in cutoffs):
        raise StudyError(f"{place}: cutoffs = {cutoffs!r} is not a list of numbers")
    if sorted(set(cutoffs)) != list(cutoffs):
        raise StudyError(f"{place}: cutoffs = {cutoffs!r} do not rise")
    return [float(edge) for edge in cutoffs]


def recoded_column(
    frame: pd.DataFrame, *, marker: str, groups: Mapping[str, object], otherwise: str | None = None, place: str
) -> tuple[pd.Series, str]:
    """Gather the values of a column under new labels; every value must be spoken for."""
    require_columns(frame, [marker], key=place)
    cells = frame[marker].astype(object).map(_word, na_action="ignore")
    held = [str(value) for value in cells.dropna().unique()]
    label_of: dict[str, str] = {}
    for label, values in groups.items():
        for value in values if isinstance(values, list) else [values]:
            word = _word(value)
            if word in label_of:
                raise StudyError(f"{place}: groups: {word!r} stands under {label_of[word]!r} and under {label!r}")
            label_of[word] = label
    absent = [word for word in label_of if word not in held]
    unspoken = [word for word in held if word not in label_of]
    if unspoken and otherwise is None:
        word = unspoken[0]
        hint = nearest(word, absent) or '; name a group for it, or set otherwise = "…"'
        raise StudyError(f"{place}: groups: {marker!r} holds {word!r}, which is in no group{hint}")
    recoded = cells.map(lambda word: label_of.get(word, otherwise), na_action="ignore")
    gathered = "; ".join(f"{label}: {_listed(values)}" for label, values in groups.items())
    rest = f"; else {otherwise}" if otherwise is not None else ""
    return _as_meant(recoded).rename(f"{marker}_group"), f"{marker} gathered ({gathered}{rest})"


def _as_meant(labels: pd.Series) -> pd.Series:
    """Make labels such as 1 and 0, or true and false, what they say; the keys of a study file are always text."""
    words = set(labels.dropna())
    if words and words <= {"true", "false"}:
        meant = labels.map({"true": True, "false": False}).astype("boolean")
        return meant if meant.isna().any() else meant.astype(bool)
    return labels.astype(float) if words and words <= {"0", "1"} else labels


def _word(value: object) -> str:
    """Write a value one way, whether it stands in the study file or in the table: 10 and 10.0 are the same dose."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return f"{value:.15g}" if is_number else str(value)


def _listed(values: object) -> str:
    return ", ".join(map(str, values)) if isinstance(values, list) else str(values)
