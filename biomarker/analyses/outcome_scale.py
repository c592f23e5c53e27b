"""What kind of outcome is it? Measured, of two classes, or of ordered classes, as numbers that a marker can follow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from biomarker.analyses.group_order import level_name, level_names, ordered_levels
from biomarker.analyses.population import Positive, Sample, require_both_classes, require_columns, select_rows
from biomarker.analyses.result import Exclusion
from biomarker.errors import DesignError, nearest
from biomarker.vocabulary import lower_label

RESPONSE_ORDER = ("PD", "SD", "PR", "CR")  # from the worst to the best
WITHOUT_PLACE = ("NON-CR/NON-PD", "NE")
Kind = Literal["measured", "binary", "ordered"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Outcome:
    """An outcome as numbers.

    Attributes
    ----------
    kind : {"measured", "binary", "ordered"}
    scores : ndarray, shape (rows,)
        The measurements, or the place of each class in `levels`.
    levels : tuple of str
        Classes from the lowest to the highest; empty for measurements.
    sample : Sample
        The rows used.
    """

    kind: Kind
    scores: NDArray[np.float64]
    levels: tuple[str, ...]
    sample: Sample


def select_outcome(
    data: pd.DataFrame,
    outcome: str,
    markers: list[str],
    *,
    positive: Positive | None,
    order: Sequence[object] | None,
    patient: str | None,
) -> Outcome:
    """Return the rows that have outcome and markers, with the outcome as numbers.

    Raises
    ------
    DesignError
        If the order of classes is not known, or only one class is there.
    """
    require_columns(data, [outcome, *markers])
    column = data[outcome]
    kind = _kind(column, positive, order)
    if kind == "measured":
        sample = select_rows(data, numeric=[outcome, *markers], patient=patient)
        return Outcome(kind=kind, scores=sample.frame[outcome].to_numpy(np.float64), levels=(), sample=sample)
    if kind == "binary":
        sample = select_rows(data, numeric=markers, classes={outcome: positive}, patient=patient)
        classes = sample.frame[outcome]
        require_both_classes(classes, outcome, "a comparison of markers")
        return Outcome(kind=kind, scores=classes.to_numpy(np.float64), levels=("negative", "positive"), sample=sample)
    return _ordered(data, outcome, markers, order, patient)


def _kind(column: pd.Series, positive: Positive | None, order: Sequence[object] | None) -> Kind:
    if positive is not None and order is not None:
        raise DesignError("give positive= for two classes, or order= for several; both are given")
    if positive is not None:
        return "binary"
    if order is not None:
        return "ordered"
    present = column.dropna()
    if pd.api.types.is_bool_dtype(present) or set(present.unique()) <= {0, 1}:
        return "binary"
    return "measured" if pd.api.types.is_numeric_dtype(present) else "ordered"


def _ordered(
    data: pd.DataFrame, outcome: str, markers: list[str], order: Sequence[object] | None, patient: str | None
) -> Outcome:
    levels = _order(data[outcome], outcome, order)
    sample = select_rows(data, numeric=markers, other=[outcome], patient=patient)
    names = level_names(sample.frame[outcome])
    placed = names.isin(levels)
    if not placed.any():
        raise DesignError(f"no row of {outcome!r} holds one of {', '.join(levels)}")
    sample = _without(sample, ~placed.to_numpy(bool), outcome)
    place = {level: float(number) for number, level in enumerate(levels)}
    values = np.array([place[name] for name in names[placed]], np.float64)
    if np.ptp(values) == 0:
        raise DesignError(
            f"every one of the {values.size} rows has {outcome} {levels[int(values[0])]}, so markers cannot be compared"
        )
    note = f"Order of {lower_label(outcome)}, from low to high: {', '.join(levels)}."
    return Outcome(kind="ordered", scores=values, levels=levels, sample=replace(sample, notes=(*sample.notes, note)))


def _order(column: pd.Series, outcome: str, order: Sequence[object] | None) -> tuple[str, ...]:
    """Return the classes from low to high: as given, as a categorical column has them, or of RECIST."""
    known = ordered_levels(column)
    if order is not None:
        if not isinstance(order, str | list | tuple):
            raise DesignError(f"order is {order!r}; give a list of classes, from low to high")
        levels = tuple(level_name(value) for value in ([order] if isinstance(order, str) else order))
        unknown = [level for level in levels if level not in known]
        if len(set(levels)) < 2 or len(set(levels)) < len(levels):
            raise DesignError(f"order is {list(levels)}; give two classes or more, each once, from low to high")
        if len(levels) - len(unknown) < 2:
            hint = nearest(unknown[0], known) if unknown else ""
            raise DesignError(
                f"{outcome!r} has fewer than two of {', '.join(levels)}{hint}; it holds {', '.join(known[:8])}"
            )
        return levels
    if isinstance(column.dtype, pd.CategoricalDtype) and column.cat.ordered:
        return known
    if set(known) <= {*RESPONSE_ORDER, *WITHOUT_PLACE}:
        return tuple(level for level in RESPONSE_ORDER if level in known)
    raise DesignError(
        f"what is the order of {outcome!r}? It holds {', '.join(known[:8])}; give order=, from low to high, or "
        "positive= for two classes"
    )


def _without(sample: Sample, rows: NDArray[np.bool_], outcome: str) -> Sample:
    """Leave out rows whose class has no place in the order, and count them."""
    if not rows.any():
        return sample
    frame = sample.frame[~rows]
    values = ", ".join(sorted(set(level_names(sample.frame.loc[rows, outcome]))))
    excluded = Exclusion(
        reason=f"with {outcome} {values}, which has no place in the order",
        rows=tuple(sample.frame.index[rows].tolist()),
        column=outcome,
    )
    patients = None if sample.patients is None else np.unique(sample.patients[~rows], return_inverse=True)[1]
    n_patients = None if patients is None else int(patients.max()) + 1
    return Sample(
        frame=frame,
        population=replace(
            sample.population,
            rows_used=len(frame),
            patients_used=n_patients,
            exclusions=(*sample.population.exclusions, excluded),
        ),
        patients=patients,
        is_nested=n_patients is not None and n_patients < len(frame),
        notes=sample.notes,
    )
