"""From long readings, one row a reading, to the complete table of items by readers that agreement is computed from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from biomarker.analyses.items_of_patients import ItemsOfPatients
from biomarker.analyses.population import select_rows
from biomarker.analyses.result import Exclusion, Population
from biomarker.errors import DesignError, nearest


@dataclass(frozen=True, kw_only=True, eq=False)
class ReadingTable(ItemsOfPatients):
    """One reading of every item by every reader.

    Attributes
    ----------
    grid : ndarray, shape (n_items, n_readers)
    readers : tuple of str
        Columns of `grid`, in the order asked for, else sorted.
    patients : ndarray of int, shape (n_items,), or None
        A code for the patient of each item.
    item_word : str
        What an item is called: lesion, patient, item.
    population : Population
        In readings; those of an item that not every reader has read are left out.
    notes : tuple of str
    """

    grid: NDArray[np.float64]
    readers: tuple[str, ...]
    patients: NDArray[np.intp] | None
    item_word: str
    population: Population
    notes: tuple[str, ...]

    @property
    def n_items(self) -> int:
        """How many items every reader has read."""
        return len(self.grid)


def reading_table(
    readings: pd.DataFrame,
    *,
    value: str,
    item: str,
    reader: str,
    patient: str | None,
    readers: Sequence[object] | None = None,
) -> ReadingTable:
    """Arrange long readings as items by readers.

    Parameters
    ----------
    readings : DataFrame
        One row a reading.
    value, item, reader : str
        Columns; items may be numbered anew in each patient.
    patient : str or None
        Column of patient identifiers; None says that items are independent.
    readers : sequence, optional
        Readers to use, in this order; all by default.

    Returns
    -------
    ReadingTable

    Raises
    ------
    DesignError
        If a reader has read an item more than once, fewer than two readers or complete items are left, or a reader
        asked for is not there; and as `select_rows`.
    """
    item_is_patient = item == patient
    sample = select_rows(readings, numeric=[value], other=[item, reader], patient=None if item_is_patient else patient)
    frame = sample.frame
    names = frame[reader].map(_text)
    wanted = _wanted_readers(names, reader, readers)
    by_others = frame.index[~names.isin(wanted)]
    frame, names = frame[names.isin(wanted)], names[names.isin(wanted)]
    keys = [item] if sample.patients is None or patient is None else [patient, item]
    word = "patient" if item_is_patient else ("lesion" if item.startswith("lesion") else "item")
    _refuse_repeats(frame, keys, reader, names, word)
    groups = frame.groupby(keys, sort=False, observed=True)
    code, first = groups.ngroup().to_numpy(), groups.head(1)
    grid = np.full((len(first), len(wanted)), np.nan)
    grid[code, pd.Index(wanted).get_indexer(pd.Index(names))] = frame[value]
    complete = ~np.isnan(grid).any(axis=1)
    if complete.sum() < 2:
        raise DesignError(
            f"{complete.sum()} {word}s were read by every one of {', '.join(wanted)}; agreement needs at least 2"
        )
    patients = None
    if len(keys) == 2:
        patients = pd.factorize(first[patient].to_numpy()[complete])[0]
    table = ReadingTable(
        grid=grid[complete],
        readers=wanted,
        patients=patients,
        item_word=word,
        population=sample.population,
        notes=_notes(sample.notes, word, is_independent=patients is None and not item_is_patient),
    )
    left_out = (
        ("by other readers", by_others, reader),
        (f"of {word}s that not every reader read", frame.index[~complete[code]], value),
    )
    return replace(table, population=_population(table, left_out))


def _wanted_readers(names: pd.Series, reader: str, readers: Sequence[object] | None) -> tuple[str, ...]:
    known = sorted(names.unique())
    if readers is None:
        wanted = tuple(known)
    else:
        wanted = tuple(_text(name) for name in readers) if not isinstance(readers, str) else (readers,)
        unknown = [f"{name!r}{nearest(name, known)}" for name in wanted if name not in known]
        if unknown:
            raise DesignError(f"no reader {', no reader '.join(unknown)} in {reader!r}; it holds {', '.join(known)}")
    if len(set(wanted)) < 2:
        raise DesignError(f"agreement needs at least 2 readers, and {reader!r} names {', '.join(wanted)} only")
    return wanted


def _refuse_repeats(frame: pd.DataFrame, keys: list[str], reader: str, names: pd.Series, word: str) -> None:
    """Refuse two readings of one item by one reader: averaging them in silence would hide half of the error."""
    repeated = frame[keys].assign(**{reader: names}).duplicated()
    if not repeated.any():
        return
    row = frame[repeated].iloc[0]
    place = ", ".join(f"{key} {row[key]}" for key in keys)
    differing = [
        str(column)
        for column in frame.columns
        if column not in {*keys, reader} and column in ("session", "visit", "time", "nominal_hours", "repeat", "scan")
    ]
    choose = f"choose one, for example where = {{ {differing[0]} = ... }}" if differing else "choose one with `where`"
    if len(keys) == 1:
        choose += f"; or name the patients, if {word}s are numbered anew in each"
    raise DesignError(
        f"reader {_text(row[reader])} has more than one reading of {place} ({int(repeated.sum())} such repeats in "
        f"all). Repeats are not averaged here: {choose}"
    )


def _population(table: ReadingTable, left_out: tuple[tuple[str, pd.Index, str], ...]) -> Population:
    exclusions = tuple(
        Exclusion(reason=reason, rows=tuple(rows.tolist()), column=column)
        for reason, rows, column in left_out
        if len(rows)
    )
    return replace(
        table.population,
        rows_used=table.grid.size,
        patients_used=table.n_patients,
        exclusions=(*table.population.exclusions, *exclusions),
        unit="reading",
    )


def _notes(notes: tuple[str, ...], word: str, *, is_independent: bool) -> tuple[str, ...]:
    """Say of items, not of rows, that they are taken as independent."""
    kept = tuple(note for note in notes if not note.startswith("Rows are treated"))
    return (*kept, f"{word.capitalize()}s are treated as independent of one another.") if is_independent else kept


def _text(name: object) -> str:
    """Name a reader: 1.0, as a column with gaps has it, is reader 1."""
    return str(int(name)) if isinstance(name, float) and name.is_integer() else str(name)
