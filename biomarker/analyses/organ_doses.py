"""Which dose does each organ receive? Time-integrated activities times a given table of S values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from biomarker.analyses.dose_table import DoseTable, dose_result
from biomarker.analyses.group_order import level_name, ordered_levels
from biomarker.analyses.organ_rows import DoseSet, DoseSets
from biomarker.analyses.population import require_columns, select_rows
from biomarker.analyses.result import checked_fraction
from biomarker.analyses.time_integrated_activity import TimeIntegratedActivity, time_integrated_activity
from biomarker.errors import DesignError, nearest

SValues = Mapping[str, Mapping[str, float]]  # source to target to mGy/(MBq·h)
_MOST_NAMED = 6


def organ_doses(
    coefficients: pd.DataFrame | TimeIntegratedActivity,
    *,
    s_values: SValues | pd.DataFrame,
    coefficient: str = "coefficient_h",
    organ: str = "organ",
    by: str | None = None,
    ignore: Sequence[str] = (),
    time: str | None = None,
    activity: str | None = None,
    nuclide: str | None = None,
    integration: Mapping[str, Any] | None = None,
    confidence_level: float = 0.95,
    patient: str | None = "patient_id",
) -> DoseTable:
    """Compute absorbed doses of target organs from time-integrated activity coefficients of source organs.

    Parameters
    ----------
    coefficients : DataFrame or TimeIntegratedActivity
        One row a source organ and patient; or one a source organ, patient and time, with `time`, `activity` and
        `nuclide`; or what `time_integrated_activity` gave, with its coefficients.
    s_values : mapping or DataFrame
        mGy per MBq·h: ``{source: {target: value}}``, or rows with columns source, target and s_value. Of the phantom
        and nuclide at hand; nothing is scaled. A target that a source has no value for gets nothing from it, which is
        noted.
    coefficient, organ : str
        Columns of time-integrated activity per injected activity, in hours, and of source organs.
    by : str, optional
        Column of groups of patients.
    ignore : sequence of str
        Source organs that no S value is given for and that are to be left out, which is noted.
    time, activity, nuclide : str, optional
        Where rows are activities over time: what `time_integrated_activity` is to integrate first.
    integration : mapping, optional
        Its further arguments, such as ``{"method": "exponential"}``.
    confidence_level : float
        Of differences between groups.
    patient : str or None
        Column of patients.

    Returns
    -------
    DoseTable
        `absorbed_dose` in mGy/MBq by target organ, for each patient and over patients, as `dose_table` gives it.

    Raises
    ------
    DesignError
        If a source organ has no S values, a coefficient is negative, or the S values are no such table.

    References
    ----------
    Bolch WE, and others. J Nucl Med 2009;50:477-484.

    Examples
    --------
    >>> table = pd.DataFrame({"patient_id": ["1", "1"], "organ": ["Liver", "Spleen"], "coefficient_h": [12.0, 3.0]})
    >>> s_values = {"Liver": {"Liver": 0.1, "Spleen": 0.001}, "Spleen": {"Liver": 0.001, "Spleen": 0.8}}
    >>> result = organ_doses(table, s_values=s_values)
    >>> round(result.estimate("absorbed_dose", organ="Spleen", summary="mean").value, 3)
    2.412
    """
    checked_fraction(confidence_level, "confidence_level")
    table = _table_of(s_values)
    integrated: tuple[str, ...] = ()
    if time is not None and not isinstance(coefficients, TimeIntegratedActivity):
        coefficients = _integrated(coefficients, time, activity, nuclide, organ, by, integration, patient)
    if isinstance(coefficients, TimeIntegratedActivity):
        integrated = (coefficients.method.description + " ", *coefficients.method.notes)
        coefficients, coefficient, organ, patient, by = _rows_of(coefficients)
    numeric = [coefficient]
    sample = select_rows(coefficients, numeric=numeric, other=[organ, *([by] if by else [])], patient=patient)
    frame = sample.frame
    if (frame[coefficient] < 0).any():
        raise DesignError(f"{coefficient!r} holds {frame[coefficient].min():g}; a coefficient is 0 or more")
    known = [source for source in dict.fromkeys(frame[organ].astype(str)) if source not in ignore]
    lacking = [source for source in known if source not in table]
    if lacking:
        hint = nearest(lacking[0], list(table)) or f"; there are {', '.join(table)}"
        raise DesignError(f"no S values from {lacking[0]!r}{hint}; or leave it out by ignore = [{lacking[0]!r}]")
    unused = [source for source in table if source not in known]
    notes = [*integrated[1:], *sample.notes]
    if ignore:
        notes.append(f"Source organs left out, for want of S values: {', '.join(map(str, ignore))}.")
    if unused:
        notes.append(f"S values of organs without activity were not used: {', '.join(unused)}.")
    notes += _gaps(known, table)
    sets = _sets(frame, table, coefficient, organ, by, patient if sample.patients is not None else None)
    doses = DoseSets(
        sets=tuple(sets),
        groups=ordered_levels(frame[by]) if by else (),
        of_patients=True,
        unit="mGy/MBq",
        sample=sample,
    )
    made = "Absorbed doses were computed from time-integrated activity coefficients and the S values given. "
    return dose_result(doses, {}, notes, confidence_level, "".join(integrated[:1]) + made)


def _gaps(sources: Sequence[str], table: SValues) -> list[str]:
    """Return a note on S values that are lacking between a source and a target that others irradiate."""
    targets = dict.fromkeys(target for row in table.values() for target in row)
    pairs = [f"{source} to {target}" for source in sources for target in targets if target not in table[source]]
    if not pairs:
        return []
    shown = f"{', '.join(pairs[:_MOST_NAMED])}{', …' * (len(pairs) > _MOST_NAMED)}"
    lacks = "1 S value is" if len(pairs) == 1 else f"{len(pairs)} S values are"
    return [f"{lacks} not given and taken as zero, so that doses are lower bounds: {shown}."]


def _integrated(
    data: pd.DataFrame,
    time: str,
    activity: str | None,
    nuclide: str | None,
    organ: str,
    by: str | None,
    integration: Mapping[str, Any] | None,
    patient: str | None,
) -> TimeIntegratedActivity:
    if activity is None or nuclide is None:
        lacking = "activity" if activity is None else "nuclide"
        raise DesignError(f"{lacking} is lacking; activity over time needs time, activity and nuclide")
    if integration is not None and not isinstance(integration, Mapping):
        raise DesignError(f'integration is {integration!r}; give a table such as {{ method = "exponential" }}')
    further = dict(integration or {})
    known = ("injected", "decay_corrected", "method", "start", "tail", "time_unit")
    for key in further:
        if key not in known:
            raise DesignError(f"integration: unknown key {key!r}{nearest(key, known)}; there are {', '.join(known)}")
    return time_integrated_activity(
        data, time=time, activity=activity, nuclide=nuclide, organ=organ, by=by, patient=patient, **further
    )


def _rows_of(result: TimeIntegratedActivity) -> tuple[pd.DataFrame, str, str, str | None, str | None]:
    lines = [
        line
        for line in result.estimates
        if line.quantity == "time_integrated_activity_coefficient" and "summary" not in line.of
    ]
    if not lines:
        raise DesignError("these activities were not divided by the injected activity; give injected")
    frame = pd.DataFrame([{**line.of, "coefficient_h": line.value} for line in lines])
    has_patient, has_group = "patient" in frame, "group" in frame
    return frame, "coefficient_h", "organ", "patient" if has_patient else None, "group" if has_group else None


def _table_of(given: SValues | pd.DataFrame) -> dict[str, dict[str, float]]:
    """Return S values by source and target, all of them numbers of 0 or more."""
    if isinstance(given, pd.DataFrame):
        require_columns(given, ["source", "target", "s_value"])
        if given.duplicated(["source", "target"]).any():
            raise DesignError("s_values has two values for a source and target")
        rows = given.groupby("source", sort=False)
        table: dict[str, dict[str, Any]] = {str(k): dict(zip(r["target"], r["s_value"], strict=True)) for k, r in rows}
    elif isinstance(given, Mapping) and given and all(isinstance(row, Mapping) for row in given.values()):
        table = {str(source): dict(row) for source, row in given.items()}
    else:
        raise DesignError(
            f"s_values is {str(given)[:60]!r}; give a table of tables: {{ Liver = {{ Liver = 0.1, Spleen = 0.001 }} }}"
        )
    for source, row in table.items():
        for target, value in row.items():
            if isinstance(value, bool) or not isinstance(value, int | float | np.number) or not 0 <= value < np.inf:
                raise DesignError(f"the S value from {source} to {target} is {value!r}; give a number of 0 or more")
    return table


def _sets(
    frame: pd.DataFrame, table: SValues, coefficient: str, organ: str, by: str | None, patient: str | None
) -> list[DoseSet]:
    targets = dict.fromkeys(target for row in table.values() for target in row)
    found = []
    keys = [key for key in (patient, by) if key]
    for _, rows in frame.groupby(keys, sort=True, observed=True) if keys else [((), frame)]:
        sources = rows[organ].astype(str)
        if sources.duplicated().any():
            twice = sources[sources.duplicated()].iloc[0]
            raise DesignError(f"source organ {twice!r} stands twice for one patient; name the column of patients")
        hours = dict(zip(sources, rows[coefficient].astype(float), strict=True))
        doses = {
            str(target): float(sum(table[s].get(target, 0.0) * hours[s] for s in hours if s in table))
            for target in targets
        }
        of = {name: level_name(rows[key].iloc[0]) for name, key in (("patient", patient), ("group", by)) if key}
        found.append(DoseSet(of=of, doses=doses, spreads={}))
    return found
