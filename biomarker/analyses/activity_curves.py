"""From rows of samples to curves of activity over time: one a patient, or one a patient and organ or lesion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from biomarker.analyses.group_order import level_name, ordered_levels
from biomarker.analyses.population import Sample, as_class, require_columns, select_rows
from biomarker.analyses.result import Exclusion
from biomarker.data.uptake_metrics import half_life_hours
from biomarker.errors import DesignError, nearest
from biomarker.kernels.nuclides import decay

Floats = NDArray[np.float64]
_HOURS = {"s": 1 / 3600, "min": 1 / 60, "h": 1.0, "d": 24.0, "weeks": 168.0}
_LARGEST = 1e30  # beyond it squares and ratios leave the range of numbers
_WORDS = {
    **dict.fromkeys(("s", "sec", "seconds"), "s"),
    **dict.fromkeys(("min", "mins", "minutes"), "min"),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), "h"),
    **dict.fromkeys(("d", "day", "days"), "d"),
    **dict.fromkeys(("week", "weeks"), "weeks"),
}
_ACTIVITY_UNITS = {
    "percent_per_l": "%ID/L",
    "percent_per_kg": "%ID/kg",
    "percent": "%ID",
    "kbq_per_ml": "kBq/mL",
    "kbq_ml": "kBq/mL",
    "ng_per_ml": "ng/mL",
    "mbq": "MBq",
}


@dataclass(frozen=True, kw_only=True, eq=False)
class Curve:
    """One curve: strictly rising times, a value each.

    Attributes
    ----------
    of : dict
        What tells it from others: patient, organ or lesion, group.
    time, value : ndarray of float, shape (n,)
        Values corrected for decay to the injection, where a nuclide says so.
    others : dict of str to ndarray
        Further columns at the same times.
    """

    of: dict[str, Any]
    time: Floats
    value: Floats
    others: dict[str, Floats]

    @property
    def name(self) -> str:
        """The curve as it is named in a message."""
        return ", ".join(f"{key} {value}" for key, value in self.of.items() if key != "group") or "the curve"


@dataclass(frozen=True, kw_only=True, eq=False)
class Curves:
    """All curves of a table, in the order of patients, and what must be told of how they were had."""

    curves: tuple[Curve, ...]
    sample: Sample
    groups: tuple[str, ...]
    time_unit: str
    unit: str
    physical: float  # half-life of the nuclide in the unit of time; NaN without one
    notes: tuple[str, ...]


def activity_curves(
    data: pd.DataFrame,
    *,
    time: str,
    value: str,
    patient: str | None,
    parts: Sequence[str] = (),
    others: Sequence[str] = (),
    constants: Sequence[str] = (),
    by: str | None = None,
    below_lod: str | None = None,
    time_unit: str | None = None,
    nuclide: str | None = None,
    decay_corrected: bool = True,
) -> Curves:
    """Return one curve for each patient, and each level of `parts` within a patient.

    `others` are activities at the same times, corrected for decay like the values; `constants` are other numbers.

    Raises
    ------
    DesignError
        If a unit of time is missing, a time is negative or stands twice in a curve, a patient is in two groups, or
        activities are not decay-corrected and the nuclide is not given.
    """
    unit = time_unit_of(time, time_unit)
    physical = half_life_hours(nuclide) / _HOURS[unit] if nuclide is not None else np.nan
    if not decay_corrected and nuclide is None:
        raise DesignError('activities are not decay-corrected; give the nuclide to correct for, nuclide = "89Zr", say')
    kept, lost = _detected(data, below_lod)
    numeric = list(dict.fromkeys([time, value, *others, *constants]))
    keys = [*parts, *([by] if by else [])]
    sample = select_rows(kept, numeric=numeric, other=keys, patient=patient)
    frame = sample.frame
    if (frame[time] < 0).any():
        raise DesignError(f"{time!r} holds {frame[time].min():g}; times count from the injection and are 0 or more")
    for column in [time, value, *others]:
        size = frame[column].abs()
        odd = frame[column][(size > _LARGEST) | ((size > 0) & (size < 1 / _LARGEST))]
        if len(odd):
            raise DesignError(f"{column!r} holds {odd.iloc[0]:g}, which no unit can explain; check the column")
    notes = list(sample.notes)
    sample = replace(sample, population=replace(sample.population, unit="measurement"))
    if lost is not None:
        population = sample.population
        widened = replace(population, rows_in=population.rows_in + lost.n, exclusions=(*population.exclusions, lost))
        sample = replace(sample, population=widened)
        notes.append(
            f"{lost.n} samples below the limit of detection were left out of the curves; none was set to zero. Where "
            "these are the last of a curve, its slowest half-life comes out too long."
        )
    named = (
        frame[patient].astype(object).map(level_name)
        if sample.patients is not None
        else pd.Series("all rows", frame.index)
    )
    groups = ordered_levels(frame[by]) if by else ()
    factor = 1.0 if decay_corrected else 1 / decay(physical, frame[time].to_numpy())
    frame = frame.assign(**{column: frame[column] * factor for column in [value, *others]})
    order = ["_patient", *parts]
    frame = frame.assign(_patient=named)
    made = [
        _curve(rows, time, value, [*others, *constants], parts, by, is_patient=sample.patients is not None)
        for _, rows in frame.groupby(order, sort=True, observed=True)
    ]
    _check_groups(frame, by)
    return Curves(
        curves=tuple(made),
        sample=sample,
        groups=groups,
        time_unit=unit,
        unit=activity_unit(value),
        physical=physical,
        notes=tuple(notes),
    )


def time_unit_of(column: str, given: str | None) -> str:
    """Return the unit of a column of times: as given, or as its name says; "h", "min", "s", "d" or "weeks"."""
    if given is not None:
        if not isinstance(given, str) or given.casefold() not in _WORDS:
            hint = nearest(str(given), list(_WORDS))
            raise DesignError(f"time_unit is {given!r}{hint}; give h, min, s, d or weeks")
        return _WORDS[given.casefold()]
    words = str(column).casefold().replace("(", "_").replace(")", "").replace(" ", "_").split("_")
    units = {_WORDS[word] for word in words if word in _WORDS}
    if len(units) != 1:
        raise DesignError(f'in what unit is {column!r}? Its name does not say; give time_unit = "h", "min" or "d"')
    return units.pop()


def hours_per(unit: str) -> float:
    """Return how many hours one of a unit of time is."""
    return _HOURS[unit]


def activity_unit(column: str) -> str:
    """Return the unit of a column of activities by its name: ``"activity_percent_per_l"`` gives ``"%ID/L"``."""
    return next((unit for suffix, unit in _ACTIVITY_UNITS.items() if column.casefold().endswith(suffix)), "")


def _detected(data: pd.DataFrame, below_lod: str | None) -> tuple[pd.DataFrame, Exclusion | None]:
    """Return the rows above the limit of detection, and the exclusion that counts the others."""
    if below_lod is None:
        return data, None
    require_columns(data, [below_lod])
    below, _ = as_class(data[below_lod], None)
    flags = below.fillna(False).to_numpy(dtype=bool)
    if not flags.any():
        return data, None
    rows = tuple(data.index[flags].tolist())
    if flags.all():
        raise DesignError(f"every one of the {len(rows)} samples lies below the limit of detection")
    return data[~flags], Exclusion(reason="below the limit of detection", rows=rows)


def _curve(
    rows: pd.DataFrame,
    time: str,
    value: str,
    others: Sequence[str],
    parts: Sequence[str],
    by: str | None,
    *,
    is_patient: bool,
) -> Curve:
    first = rows.iloc[0]
    of: dict[str, Any] = {"patient": first["_patient"]} if is_patient else {}
    of |= {part.removesuffix("_id"): level_name(first[part]) for part in parts}
    if by:
        of["group"] = level_name(first[by])
    rows = rows.sort_values(time, kind="stable")
    twice = rows[time][rows[time].duplicated()]
    curve = Curve(
        of=of,
        time=rows[time].to_numpy(dtype=np.float64),
        value=rows[value].to_numpy(dtype=np.float64),
        others={column: rows[column].to_numpy(dtype=np.float64) for column in others},
    )
    if len(twice):
        raise DesignError(
            f"{curve.name} has two values at {time} {twice.iloc[0]:g}; a curve has one value a time: average "
            "replicates, or tell the curves apart (patient, organ, lesion, or where)"
        )
    return curve


def _check_groups(frame: pd.DataFrame, by: str | None) -> None:
    if by is None:
        return
    several = frame.groupby("_patient", sort=True, observed=True)[by].nunique()
    if (several > 1).any() and several.size > 1:
        raise DesignError(f"patient {several.index[several > 1][0]} is in more than one group of {by!r}")
