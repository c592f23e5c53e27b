"""Rows of a hazard model: one a patient, or one a period of a patient whose marker changes; and their clusters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from biomarker.analyses.follow_up import FollowUpSample, select_follow_up
from biomarker.analyses.population import Positive, require_columns
from biomarker.errors import DesignError, Problem, SchemaError

SAME = 1e-9  # a period that begins where the last one ended, but for rounding


@dataclass(frozen=True, kw_only=True, eq=False)
class HazardRows:
    """What a hazard model is fitted to.

    Attributes
    ----------
    follow_up : FollowUpSample
        One entry a row; its sample knows the patients.
    clusters : ndarray of int or None
        A code of each row's cluster, for the sandwich variance.
    cluster : str
        The column of the clusters; empty without.
    in_periods : bool
        Whether patients have several rows, one a period.
    """

    follow_up: FollowUpSample
    clusters: NDArray[np.intp] | None
    cluster: str
    in_periods: bool

    @property
    def frame(self) -> pd.DataFrame:
        """Rows used."""
        return self.follow_up.sample.frame

    @property
    def n_clusters(self) -> int:
        """Clusters among the rows, 0 without any."""
        return 0 if self.clusters is None else int(self.clusters.max()) + 1


def select_hazard_rows(
    patients: pd.DataFrame,
    *,
    duration: str,
    event: str,
    event_values: Positive | None,
    entry: str | None,
    landmark: float | None,
    numeric: Sequence[str],
    other: Sequence[str],
    cluster: str | None,
    patient: str | None,
) -> HazardRows:
    """Return the rows of a hazard model; see `select_follow_up`.

    Raises
    ------
    DesignError
        If a patient has several rows that are no periods, or an event before the last of them.
    SchemaError
        If two periods of a patient overlap; every such row is named.
    """
    options: Mapping[str, Any] = {
        "duration": duration, "event": event, "event_values": event_values, "entry": entry, "landmark": landmark,
        "numeric": numeric,
    }  # fmt: skip
    needed = list(other)
    if cluster is not None and cluster != patient:
        require_columns(patients, [cluster])
        needed.append(cluster)
    in_periods = (
        entry is not None
        and patient is not None
        and isinstance(patients, pd.DataFrame)
        and patient in patients.columns
        and bool(patients[patient].dropna().duplicated().any())
    )
    if in_periods and patient is not None and entry is not None:
        if landmark is not None:
            raise DesignError(
                "landmark, and several periods a patient: a marker that changes from period to period needs no "
                "landmark; leave one of the two out"
            )
        follow_up = _select_periods(patients, patient, entry, options, needed)
    else:
        follow_up = select_follow_up(patients, **options, other=needed, patient=patient)
    return HazardRows(
        follow_up=follow_up, clusters=_codes(follow_up, cluster, patient), cluster=cluster or "", in_periods=in_periods
    )


def _codes(follow_up: FollowUpSample, cluster: str | None, patient: str | None) -> NDArray[np.intp] | None:
    if cluster is None:
        return None
    if cluster == patient and follow_up.sample.patients is not None:
        codes = follow_up.sample.patients
    else:
        codes = np.asarray(pd.factorize(follow_up.sample.frame[cluster])[0], dtype=np.intp)
    if (count := int(codes.max()) + 1) < 2:
        raise DesignError(f"every row has the same {cluster!r}: clusters are compared with each other, and need two")
    if count == 2:
        raise DesignError(f"{cluster!r} has two clusters, too few for a sandwich variance: use strata instead")
    return codes


def _select_periods(
    patients: pd.DataFrame, patient: str, entry: str, options: Mapping[str, Any], other: Sequence[str]
) -> FollowUpSample:
    """Select rows as if each were a patient, then give them their patients back."""
    named = patients[patient]
    place = pd.Series(np.arange(len(patients)), index=patients.index, dtype="Int64").mask(named.isna())
    if patient in [*other, *(str(value) for value in options.values() if isinstance(value, str))]:
        raise DesignError(f"{patient!r} names the patients and cannot be analysed itself")
    follow_up = select_follow_up(
        patients.assign(**{patient: place}),
        **options,
        other=other,
        patient=patient,
    )
    sample = follow_up.sample
    names = named.to_numpy()[sample.frame[patient].to_numpy(dtype=np.intp)]
    frame = sample.frame.assign(**{patient: names})
    codes = pd.factorize(pd.Series(names).astype(str), sort=True)[0].astype(np.intp)
    population = replace(
        sample.population, patients_in=int(named.nunique()), patients_used=int(codes.max()) + 1, unit="period"
    )
    notes = [*follow_up.notes, *_check_periods(frame, patient, entry, options, codes)]
    return replace(
        follow_up,
        sample=replace(sample, frame=frame, population=population, patients=codes, is_nested=True),
        notes=tuple(dict.fromkeys(notes)),
    )


def _check_periods(
    frame: pd.DataFrame, patient: str, entry: str, options: Mapping[str, Any], codes: NDArray[np.intp]
) -> list[str]:
    """Refuse periods that overlap and events before the last; name the gaps."""
    start, stop = frame[entry].to_numpy(dtype=float), frame[str(options["duration"])].to_numpy(dtype=float)
    happened = frame[str(options["event"])].to_numpy(dtype=bool)
    order = np.lexsort((start, codes))
    same = codes[order][1:] == codes[order][:-1]
    earlier, later = order[:-1][same], order[1:][same]
    step = start[later] - stop[earlier]
    overlap = later[step < -SAME]
    if overlap.size:
        raise SchemaError(
            Problem(
                rule=f"begins before the period before it of {frame[patient].iloc[row]} ends: periods must not overlap",
                row=_row(frame.index[row]),
                column=entry,
                value=f"{start[row]:g}",
            )
            for row in overlap
        )
    if happened[earlier].any():
        who = frame[patient].iloc[earlier[happened[earlier]]]
        raise DesignError(
            f"{_named(who)} had the event before the last period: a hazard model is of the first event; "
            "end follow-up with it, or analyse recurrent events elsewhere"
        )
    n_periods = f"{len(frame)} periods of {int(codes.max()) + 1} patients"
    told = [f"Follow-up is in {n_periods}; predictors hold for their period, and each hazard ratio for current values."]
    if (gaps := later[step > SAME]).size:
        whom = _named(frame[patient].iloc[gaps])
        told.append(f"Between periods there are gaps, in which a patient does not count as at risk: {whom}.")
    return told


def _row(label: object) -> int | None:
    return int(label) if isinstance(label, int | np.integer) else None


def _named(who: pd.Series) -> str:
    names = [str(name) for name in pd.unique(who)]
    shown = ", ".join(names[:5])
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return f"{'patient' if len(names) == 1 else 'patients'} {shown}{more}"
