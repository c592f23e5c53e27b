"""From a table of doses to one dose an organ, for each patient or for each group that a mean is given of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from biomarker.analyses.group_order import level_name, ordered_levels
from biomarker.analyses.organ_names import is_printed_effective_dose
from biomarker.analyses.population import Sample, select_rows
from biomarker.errors import DesignError

_DOSE_UNITS = ("mGy/MBq", "mSv/MBq", "mGy", "mSv", "rad/mCi", "rem/mCi", "Gy/GBq")


@dataclass(frozen=True, kw_only=True, eq=False)
class DoseSet:
    """The doses of one patient, or the mean over a group; `of` names it."""

    of: dict[str, Any]
    doses: dict[str, float]  # by organ as the table names it, in its order
    spreads: dict[str, float]


@dataclass(frozen=True, kw_only=True, eq=False)
class DoseSets:
    """All sets of doses of a table, and whether they are of patients."""

    sets: tuple[DoseSet, ...]
    groups: tuple[str, ...]
    of_patients: bool
    unit: str
    sample: Sample

    @property
    def organs(self) -> tuple[str, ...]:
        """Every organ, in the order of the table; effective doses last."""
        names = dict.fromkeys(organ for one in self.sets for organ in one.doses)
        return tuple(sorted(names, key=is_printed_effective_dose))


def dose_sets(
    data: pd.DataFrame,
    *,
    organ: str,
    dose: str,
    sd: str | None,
    by: str | None,
    unit: str | None,
    patient: str | None,
) -> DoseSets:
    """Return the doses of each patient, or of each group where no column names patients.

    Raises
    ------
    DesignError
        If the unit is not known or not one, a dose is negative, or an organ stands twice.
    """
    numeric = [dose, *([sd] if sd else [])]
    sample = select_rows(
        data, numeric=numeric, other=[organ, *([by] if by else [])], patient=patient, keep_missing=[sd] if sd else []
    )
    frame = sample.frame
    negative = frame.index[frame[dose] < 0]
    if len(negative):
        raise DesignError(f"{dose!r} holds {frame.loc[negative[0], dose]:g} in row {negative[0]}; a dose is 0 or more")
    unit = _unit_of(data.loc[frame.index], organ, unit)
    of_patients = sample.patients is not None
    assert patient is not None or not of_patients
    keys = [*([patient] if of_patients else []), *([by] if by else [])]
    named = frame.assign(**{str(key): frame[key].astype(object).map(level_name) for key in keys})
    blocks = named.groupby(keys, sort=False, observed=True) if keys else [((), named)]
    sets = [_one_set(rows, organ, dose, sd, patient if of_patients else None, by) for _, rows in blocks]
    groups = ordered_levels(frame[by]) if by else ()
    if by and not isinstance(frame[by].dtype, pd.CategoricalDtype):
        groups = tuple(dict.fromkeys(named[by])) if not of_patients else groups  # a printed table has its own order
    return DoseSets(sets=tuple(sets), groups=groups, of_patients=of_patients, unit=unit, sample=sample)


def _one_set(rows: pd.DataFrame, organ: str, dose: str, sd: str | None, patient: str | None, by: str | None) -> DoseSet:
    of: dict[str, Any] = {"patient": rows[patient].iloc[0]} if patient else {}
    if by:
        of["group"] = rows[by].iloc[0]
    names = rows[organ].astype(str)
    twice = names[names.duplicated()]
    if len(twice):
        place = ", ".join(f"{key} {value}" for key, value in of.items())
        raise DesignError(
            f"organ {twice.iloc[0]!r} stands twice{f' for {place}' if place else ''}; name the column of patients or "
            "of groups (by), or leave one row out"
        )
    spreads = dict(zip(names, rows[sd], strict=True)) if sd else {}
    return DoseSet(of=of, doses=dict(zip(names, rows[dose].astype(float), strict=True)), spreads=spreads)


def _unit_of(rows: pd.DataFrame, organ: str, given: str | None) -> str:
    """Return the unit of absorbed doses: as given, or of a column "unit", which must have one for all organs."""
    if given is not None:
        if given not in _DOSE_UNITS:
            raise DesignError(f"unit is {given!r}; give one of {', '.join(_DOSE_UNITS)}")
        return given
    if "unit" not in rows.columns:
        raise DesignError('in what unit are the doses? There is no column "unit"; give unit = "mGy/MBq", say')
    organs = ~rows[organ].astype(str).map(is_printed_effective_dose).to_numpy(dtype=bool)
    units = sorted({str(unit) for unit in rows["unit"][organs].dropna()})
    if len(units) != 1:
        raise DesignError(f"doses are in {' and '.join(units) or 'no unit'}; give them in one")
    return units[0]


def as_effective(unit: str) -> str:
    """Return the unit of an effective dose that goes with one of absorbed dose."""
    return unit.replace("Gy", "Sv").replace("rad", "rem")


def mean_doses(sets: DoseSets) -> list[tuple[str | None, dict[str, np.ndarray[Any, np.dtype[np.float64]]]]]:
    """Return, for each group, the doses of its patients by organ."""
    found = []
    for group in sets.groups or (None,):
        own = [one for one in sets.sets if one.of.get("group") == group]
        organs = dict.fromkeys(organ for one in own for organ in one.doses)
        found.append((group, {o: np.array([one.doses[o] for one in own if o in one.doses]) for o in organs}))
    return found
