"""Which rows a comparison of uptake is made of: the groups and their reference, complete pairs, and rows left out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from biomarker.analyses.group_order import level_name, ordered_levels
from biomarker.analyses.population import Sample
from biomarker.analyses.result import Exclusion, Population
from biomarker.errors import DesignError, nearest
from biomarker.vocabulary import lower_label

MOST_GROUPS = 12
LESION_COLUMNS = ("lesion_id", "lesion_number", "lesion")
LOOKS_PAIRED = 0.5  # share of the smaller group's lesions (or patients) that are in the other group as well


def groups_and_reference(
    column: pd.Series, groups: Sequence[object] | None, reference: object | None
) -> tuple[tuple[str, ...], str]:
    """Return the groups to compare and the one they are compared with, as words."""
    known = ordered_levels(column)
    if groups is not None and (isinstance(groups, str) or not isinstance(groups, Sequence | np.ndarray)):
        raise DesignError(f"groups is {groups!r}; give a list of two groups or more")
    chosen = known if groups is None else tuple(dict.fromkeys(level_name(each) for each in groups))
    if not chosen:
        raise DesignError(f"{column.name!r} holds no group; two groups make a comparison")
    against = chosen[-1] if reference is None else level_name(reference)
    for name in (*chosen, against):
        if name not in known:
            raise DesignError(f"{column.name!r} never is {name!r}{nearest(name, known)}; it holds {', '.join(known)}")
    if against not in chosen:
        raise DesignError(f"the reference {against!r} is not among the groups {', '.join(chosen)}")
    if len(chosen) < 2:
        raise DesignError(f"{column.name!r} holds {', '.join(chosen)} only; two groups make a comparison")
    if len(chosen) > MOST_GROUPS:
        raise DesignError(f"{column.name!r} has {len(chosen)} groups; recode it, or name the groups to compare")
    return chosen, against


def refuse_not_positive(values: pd.Series, scale: str) -> None:
    """Raise a `DesignError` where logarithms are asked of values that have none."""
    count = int((values <= 0).sum())
    if scale == "log" and count:
        raise DesignError(
            f"{count} value{' of' if count == 1 else 's of'} {values.name!r} {'is' if count == 1 else 'are'} zero or "
            f"negative, where there is no logarithm; "
            'take scale = "raw", or leave them out with where'
        )


def restricted(sample: Sample, keep: NDArray[np.bool_], column: str, reason: str = "") -> Sample:
    """Return the sample with some rows only, the others counted as excluded."""
    if keep.all():
        return sample
    left_out = sample.frame.index[~keep]
    patients = None if sample.patients is None else np.unique(sample.patients[keep], return_inverse=True)[1]
    n_patients = None if patients is None else int(np.unique(patients).size)
    exclusion = Exclusion(reason=reason or f"in other groups of {column}", rows=tuple(left_out.tolist()), column=column)
    population = Population(
        rows_in=sample.population.rows_in,
        rows_used=int(keep.sum()),
        patients_in=sample.population.patients_in,
        patients_used=n_patients,
        exclusions=(*sample.population.exclusions, exclusion),
        unit=sample.population.unit,
    )
    return Sample(
        frame=sample.frame[keep],
        population=population,
        patients=patients,
        is_nested=n_patients is not None and n_patients < int(keep.sum()),
        notes=sample.notes,
    )


def complete_pairs(sample: Sample, names: pd.Series, paired_by: str) -> NDArray[np.bool_]:
    """Return which rows have a partner in the other group; a second value of one lesion and group is refused."""
    first = np.zeros(len(sample.frame), int) if sample.patients is None else sample.patients
    keys = pd.MultiIndex.from_arrays([first, sample.frame[paired_by]])
    twice = pd.MultiIndex.from_arrays([*(keys.get_level_values(i) for i in (0, 1)), names]).duplicated()
    if twice.any():
        second = int(np.flatnonzero(twice)[0])
        raise DesignError(
            f"row {names.index[second]}: a second value of the same {paired_by} in group {names.iloc[second]!r}; "
            "a pair has one each"
        )
    counts = pd.Series(1, index=keys).groupby(level=[0, 1], observed=True).transform("sum").to_numpy()
    return np.asarray(counts == 2)


def in_pair_order(sample: Sample, paired_by: str) -> NDArray[np.intp]:
    """Return the order of rows by patient and then lesion, in which two groups of complete pairs run alike."""
    patients = np.zeros(len(sample.frame), int) if sample.patients is None else sample.patients
    return np.lexsort((sample.frame[paired_by].astype(str).to_numpy(), patients))


def require_groups(names: pd.Series, chosen: tuple[str, ...], group: str) -> None:
    """Raise a `DesignError` that names each group with fewer than two values."""
    counts = names.value_counts()
    few = [f"{name!r} has {int(counts.get(name, 0))}" for name in chosen if counts.get(name, 0) < 2]
    if few:
        raise DesignError(f"each group of {group!r} needs two values or more, and {' and '.join(few)}")


def unpaired_note(sample: Sample, names: pd.Series, group: str, patient: str | None) -> str:
    """Return a sentence where rows of two groups look like pairs but are compared as unpaired, else nothing.

    Lesions count as pairs when half of those in the smaller group are named in the other group of the same patient
    too; without a column of lesions, patients do when each has one row a group.
    """
    frame = sample.frame
    owner = patient if patient in frame.columns else "patient_id" if "patient_id" in frame.columns else None
    lesion = next((column for column in LESION_COLUMNS if column in frame.columns and column != group), None)
    if lesion is not None and (owner is not None or lesion == "lesion_id"):
        columns, what, remedy = [*([owner] if owner else []), lesion], "lesion", f'paired_by = "{lesion}"'
    elif lesion is None and owner is not None:
        columns, what, remedy = [owner], "patient", f'paired_by = "{owner}" and patient = None (false in a study file)'
    else:
        return ""
    rows = frame[columns].dropna().assign(_group=names)
    if rows.duplicated([*columns, "_group"]).any():  # several values of one lesion and group are no pair
        return ""
    per_unit = rows.groupby(columns, observed=True)["_group"].nunique()
    shared = int((per_unit > 1).sum())
    smaller = int(rows["_group"].value_counts().min())
    if shared < 2 or shared < LOOKS_PAIRED * smaller:
        return ""
    looks = f"{shared} {what}s have a value in more than one group of {lower_label(group)}: the rows look paired"
    if what == "patient" and sample.patients is not None:
        return f"{looks}; the mixed model compares within patients, and {remedy} takes paired tests instead."
    return f"{looks}, and are compared as if they were not; {remedy} compares within them."
