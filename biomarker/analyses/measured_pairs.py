"""Two measurements of the same items, from long readings or from two columns: what a comparison of methods fits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from biomarker.analyses.population import select_rows
from biomarker.analyses.replicated_readings import ReplicatedReadings, check_magnitude, replicated_readings
from biomarker.analyses.result import Population
from biomarker.errors import DesignError
from biomarker.kernels.limits_nested import within_item

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class MeasuredPairs:
    """One point an item: the measurement by either method, means where there are replicates.

    Attributes
    ----------
    x, y : ndarray, shape (n_items,)
    patients : ndarray of int, shape (n_items,), or None
        A code for the patient of each item.
    names : tuple of str
        Of the methods.
    marker : str
        The column that was measured, or the two columns.
    item_word : str
    variance_ratio : float
        Error variance of x over that of y, of the points, from replicates; NaN without.
    relative_variance_ratio : float
        The same of the squared coefficients of variation.
    population : Population
    notes : tuple of str
    few : str
        A warning of too few units of independence, or nothing.
    """

    x: Floats
    y: Floats
    patients: NDArray[np.intp] | None
    names: tuple[str, str]
    marker: str
    item_word: str
    variance_ratio: float
    relative_variance_ratio: float
    population: Population
    notes: tuple[str, ...]
    few: str

    @property
    def clusters(self) -> NDArray[np.intp] | None:
        """The patient of each point where a patient has several, else None."""
        if self.patients is None or np.bincount(self.patients).max() == 1:
            return None
        return self.patients

    @property
    def n_independent(self) -> int:
        """Units of independence: patients, or items where these stand for themselves."""
        return self.x.size if self.clusters is None else int(self.clusters.max()) + 1

    @property
    def n_patients(self) -> int | None:
        """Patients, or None where no column names them."""
        return None if self.patients is None else int(self.patients.max()) + 1


def pairs_of_columns(data: pd.DataFrame, *, x: str, y: str, patient: str | None) -> MeasuredPairs:
    """Take two columns as the two methods, one row an item."""
    if x == y:
        raise DesignError(f"x and y are both {x!r}; a method is compared with another")
    sample = select_rows(data, numeric=[x, y], patient=patient)
    if len(sample.frame) < 2:
        raise DesignError("one row has both measurements; a comparison needs at least 2")
    for column in (x, y):
        check_magnitude(sample.frame[column])
    few = sample.n_patients if sample.n_patients is not None else len(sample.frame)
    unit = sample.population.unit
    return MeasuredPairs(
        x=sample.frame[x].to_numpy(float),
        y=sample.frame[y].to_numpy(float),
        patients=sample.patients,
        names=(x, y),
        marker=x,
        item_word=unit if unit != "row" else "item",
        variance_ratio=float("nan"),
        relative_variance_ratio=float("nan"),
        population=sample.population,
        notes=sample.notes,
        few=_few(few, "patient" if sample.is_nested else "point"),
    )


def pairs_of_readings(
    readings: pd.DataFrame,
    *,
    value: str,
    item: str,
    reader: str,
    readers: Sequence[str] | None,
    session: str | None,
    replicates: str,
    patient: str | None,
) -> MeasuredPairs:
    """Take two readers, or methods, of long readings."""
    table = replicated_readings(
        readings,
        value=value,
        item=item,
        reader=reader,
        patient=patient,
        readers=readers,
        session=session,
        replicates=replicates,
    )
    if len(table.readers) != 2:
        raise DesignError(
            f"a comparison is of two methods, and {reader!r} names {', '.join(table.readers)}; give readers = "
            f'["{table.readers[0]}", "{table.readers[1]}"]'
        )
    means = _item_means(table)
    absolute, relative = _variance_ratios(table, means)
    notes = table.notes
    if table.replicates == "paired":
        notes = (*notes, "Sessions were taken as replicates of a value that does not change between them.")
    return MeasuredPairs(
        x=means[:, 0],
        y=means[:, 1],
        patients=table.patients,
        names=(table.readers[0], table.readers[1]),
        marker=value,
        item_word=table.item_word,
        variance_ratio=absolute,
        relative_variance_ratio=relative,
        population=table.population,
        notes=notes,
        few=table.few_note(),
    )


def _item_means(table: ReplicatedReadings) -> Floats:
    cell = table.item * 2 + table.reader
    size = table.n_items * 2
    means = np.bincount(cell, table.reading, minlength=size) / np.bincount(cell, minlength=size)
    return np.asarray(means.reshape(-1, 2))


def _variance_ratios(table: ReplicatedReadings, means: Floats) -> tuple[float, float]:
    """Give the ratio of the error variances of item means, and of their squares of coefficients of variation."""
    if table.replicates == "none":
        return float("nan"), float("nan")
    found = []
    for place in (0, 1):
        mine = table.reader == place
        item, reading = table.item[mine], table.reading[mine]
        with np.errstate(divide="ignore", invalid="ignore"):  # of an item whose mean is 0 there is no CV
            relative = reading / means[item, place]
        parts = [within_item(values, item) for values in (reading, relative)]
        found.append([part.variance * float(part.shares.mean()) for part in parts])
    (x, relative_x), (y, relative_y) = found
    return (x / y if y > 0 else float("nan")), (relative_x / relative_y if relative_y > 0 else float("nan"))


def _few(count: int, unit: str) -> str:
    return f"Only {count} {unit}{'s' * (count != 1)}: the intervals rest on next to nothing." if count < 5 else ""
