"""From long readings to items read by every reader, once or several times: what limits of agreement start from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from biomarker.analyses.items_of_patients import ItemsOfPatients
from biomarker.analyses.population import Sample, require_columns, select_rows
from biomarker.analyses.result import Exclusion, Population
from biomarker.errors import DesignError, nearest

SMALLEST = 1e-60  # and one over it the largest
REPLICATES = ("auto", "none", "paired", "unpaired")

Codes = NDArray[np.intp]


@dataclass(frozen=True, kw_only=True, eq=False)
class ReplicatedReadings(ItemsOfPatients):
    """Readings of items by two or more readers, each of whom has read every item at least once.

    Attributes
    ----------
    reading : ndarray of float, shape (n_readings,)
    item, reader, unit : ndarray of int, shape (n_readings,)
        Codes. A unit is what is compared between readers: an item, or one session of an item where replicates are
        paired.
    unit_items : ndarray of int, shape (n_units,)
        The item of each unit.
    patients : ndarray of int, shape (n_items,), or None
        A code for the patient of each item.
    readers : tuple of str
    replicates : {"none", "paired", "unpaired"}
    item_word : str
        What an item is called: lesion, patient, item.
    population : Population
    notes : tuple of str
    """

    reading: NDArray[np.float64]
    item: Codes
    reader: Codes
    unit: Codes
    unit_items: Codes
    patients: Codes | None
    readers: tuple[str, ...]
    replicates: str
    item_word: str
    population: Population
    notes: tuple[str, ...]

    @property
    def n_items(self) -> int:
        """How many items every reader has read."""
        return int(self.unit_items.max()) + 1

    @property
    def unit_clusters(self) -> Codes | None:
        """The unit of independence of each unit, its patient or item; None where units are independent."""
        clusters = self.unit_items if self.patients is None else self.patients[self.unit_items]
        return clusters if np.bincount(clusters).max() > 1 else None

    def unit_means(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Average `values`, one a reading, over each unit and reader: shape (n_units, n_readers)."""
        shape = (self.unit_items.size, len(self.readers))
        cell = self.unit * shape[1] + self.reader
        size = shape[0] * shape[1]
        sums, counts = (np.bincount(cell, weights, minlength=size) for weights in (values, None))
        return np.asarray(sums / counts).reshape(shape)


def replicated_readings(
    readings: pd.DataFrame,
    *,
    value: str,
    item: str,
    reader: str,
    patient: str | None,
    readers: Sequence[object] | None = None,
    session: str | None = "session",
    replicates: str = "auto",
) -> ReplicatedReadings:
    """Arrange long readings, repeated or not.

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
    session : str or None
        Column that tells the readings of one item by one reader apart; looked at only where there are several.
    replicates : {"auto", "none", "paired", "unpaired"}
        What several readings of an item by a reader are: refused; compared within their session; or taken as
        independent readings of one and the same. "auto" takes them as paired where `session` tells them apart.

    Returns
    -------
    ReplicatedReadings

    Raises
    ------
    DesignError
        For repeated readings that nothing declares, duplicates within a session, unknown readers, fewer than two
        readers or items; and as `select_rows`.
    """
    if replicates not in REPLICATES:
        raise DesignError(
            f"no replicates {replicates!r}{nearest(str(replicates), REPLICATES)}; there are {', '.join(REPLICATES)}"
        )
    session = _session_column(readings, session)
    of_patient = None if item == patient else patient
    sample = select_rows(readings, numeric=[value], other=[item, reader], patient=of_patient)
    check_magnitude(sample.frame[value])
    names = _reader_names(sample.frame, reader)
    wanted, silent = _wanted(names, readings[reader], readers, reader, value)
    keys = [item] if sample.patients is None or of_patient is None else [of_patient, item]
    word = "patient" if item == patient else ("lesion" if item.startswith("lesion") else "item")
    chosen = names.isin(wanted)
    kind = _kind(sample.frame[chosen], names[chosen], keys, session, replicates, word)
    if kind == "paired" and session is not None:
        sample = select_rows(readings, numeric=[value], other=[item, reader, session], patient=of_patient)
        names = _reader_names(sample.frame, reader)
        chosen = names.isin(wanted)
    by_others = sample.frame.index[~chosen]
    frame = sample.frame[chosen].assign(**{reader: names[chosen]})
    unit_keys = [*keys, session] if kind == "paired" and session is not None else keys
    complete = _complete(frame, unit_keys, reader, len(wanted))
    incomplete = frame.index[~complete]
    frame = frame[complete]
    if frame.empty or frame.groupby(keys, observed=True).ngroups < 2:
        found = 0 if frame.empty else 1
        raise DesignError(f"{found} {word}s were read by every one of {', '.join(wanted)}; agreement needs at least 2")
    return _arranged(
        frame, sample, value, keys, unit_keys, reader, wanted, kind, word,
        left_out=(
            ("by other readers", by_others, reader),
            (f"of {word}s{' and sessions' * (kind == 'paired')} that not every reader read", incomplete, value),
        ),
        silent=silent,
        is_independent=len(keys) == 1 and item != patient,
    )  # fmt: skip


def _arranged(
    frame: pd.DataFrame,
    sample: Sample,
    value: str,
    keys: list[str],
    unit_keys: list[str],
    reader: str,
    wanted: tuple[str, ...],
    kind: str,
    word: str,
    *,
    left_out: tuple[tuple[str, pd.Index, str], ...],
    silent: tuple[str, ...],
    is_independent: bool,
) -> ReplicatedReadings:
    """Turn keys into codes, and say which rows were left out."""
    items, units = (frame.groupby(by, sort=False, observed=True) for by in (keys, unit_keys))
    item, unit = (groups.ngroup().to_numpy().astype(np.intp) for groups in (items, units))
    unit_items = np.empty(int(unit.max()) + 1, np.intp)
    unit_items[unit] = item
    patients = None if len(keys) == 1 else pd.factorize(items.head(1)[keys[0]].to_numpy())[0]
    exclusions = tuple(
        Exclusion(reason=reason, rows=tuple(rows.tolist()), column=column)
        for reason, rows, column in left_out
        if len(rows)
    )
    notes = tuple(note for note in sample.notes if not note.startswith("Rows are treated"))
    if is_independent:
        notes = (*notes, f"{word.capitalize()}s are treated as independent of one another.")
    if silent:
        notes = (*notes, f"No reading with a value by {', '.join(silent)}, who {_be(silent)} left out.")
    return ReplicatedReadings(
        reading=frame[value].to_numpy(float),
        item=item,
        reader=pd.Index(wanted).get_indexer(pd.Index(frame[reader])),
        unit=unit,
        unit_items=unit_items,
        patients=patients,
        readers=wanted,
        replicates=kind,
        item_word=word,
        population=replace(
            sample.population,
            rows_used=len(frame),
            patients_used=None if patients is None else int(patients.max()) + 1,
            exclusions=(*sample.population.exclusions, *exclusions),
            unit="reading",
        ),
        notes=notes,
    )


def check_magnitude(values: pd.Series) -> None:
    """Refuse numbers that are no measurement in any unit, before their fourth powers overflow."""
    largest = float(values.abs().max())
    if largest > 1 / SMALLEST or 0 < largest < SMALLEST:
        raise DesignError(
            f"the largest value of {values.name!r} is {largest:g}, which is no measurement; check the unit"
        )


def _session_column(readings: pd.DataFrame, session: str | None) -> str | None:
    if session == "session" and isinstance(readings, pd.DataFrame) and session not in readings.columns:
        return None
    if session is not None:
        require_columns(readings, [session])
    return session


def _reader_names(frame: pd.DataFrame, reader: str) -> pd.Series:
    return frame[reader].astype(object).map(_text)


def _wanted(
    names: pd.Series, given: pd.Series, readers: Sequence[object] | None, reader: str, value: str
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the readers to use, and those that the table names but who have read nothing."""
    known = sorted(names.unique())
    silent = tuple(sorted({_text(name) for name in given.dropna().unique()} - set(known)))
    if readers is None:
        wanted = tuple(known)
    else:
        if not isinstance(readers, str | list | tuple):
            raise DesignError(f"readers is {readers!r}; give a list of names")
        asked = [readers] if isinstance(readers, str) else list(readers)
        wanted = tuple(dict.fromkeys(_text(name) for name in asked))
        for name in wanted:
            if name in silent:
                raise DesignError(f"reader {name!r} has no reading with a value of {value!r}")
        unknown = [f"{name!r}{nearest(name, known)}" for name in wanted if name not in known]
        if unknown:
            raise DesignError(f"no reader {', no reader '.join(unknown)} in {reader!r}; it holds {', '.join(known)}")
        silent = ()
    if len(wanted) < 2:
        also = f" ({', '.join(silent)} read nothing)" if silent else ""
        raise DesignError(f"agreement needs at least 2 readers, and {reader!r} names {', '.join(wanted)} only{also}")
    return wanted, silent


def _kind(
    frame: pd.DataFrame, names: pd.Series, keys: list[str], session: str | None, replicates: str, word: str
) -> str:
    """Decide what repeated readings are; undeclared ones and duplicates are refused, not averaged in silence."""
    columns = [frame[key] for key in keys] + [names.rename("reader, by name")]
    readings = pd.concat(columns, axis=1)
    repeated = readings.duplicated()
    if not repeated.any():
        return "none"
    if session is None or replicates == "none":
        if replicates == "unpaired":
            return "unpaired"
        _refuse(frame[repeated], names[repeated], keys, session, word)
    if session is not None:
        twice = pd.concat([readings, frame[session].rename("session, by name")], axis=1).duplicated()
        if twice.any():
            row = frame[twice].iloc[0]
            place = ", ".join(f"{key} {row[key]}" for key in keys)
            raise DesignError(
                f"reader {names[twice].iloc[0]} has more than one reading of {place} in {session} {row[session]} "
                f"({int(twice.sum())} such in all). Remove the duplicates; or, if they are replicates of their own, "
                'give session = another column, or session=None with replicates="unpaired"'
            )
    return "unpaired" if replicates == "unpaired" else "paired"


def _refuse(frame: pd.DataFrame, names: pd.Series, keys: list[str], session: str | None, word: str) -> None:
    row = frame.iloc[0]
    place = ", ".join(f"{key} {row[key]}" for key in keys)
    way = f"where = {{ {session} = ... }}" if session else "`where`"
    numbered = f"; or name the patients, if {word}s are numbered anew in each" if len(keys) == 1 else ""
    raise DesignError(
        f"reader {names.iloc[0]} has more than one reading of {place} ({len(frame)} such repeats in all). They are not "
        f"averaged here: choose one with {way}; or say what they are: session = the column that pairs the readers' "
        f'replicates, or replicates="unpaired" where each is a reading of its own{numbered}'
    )


def _complete(frame: pd.DataFrame, keys: list[str], reader: str, n_readers: int) -> NDArray[np.bool_]:
    if frame.empty:
        return np.zeros(0, bool)
    return np.asarray(frame.groupby(keys, observed=True)[reader].transform("nunique") == n_readers)


def _be(names: Sequence[str]) -> str:
    return "is" if len(names) == 1 else "are"


def _text(name: object) -> str:
    """Name a reader: 1.0, as a column with gaps has it, is reader 1."""
    return str(int(name)) if isinstance(name, float) and name.is_integer() else str(name)
