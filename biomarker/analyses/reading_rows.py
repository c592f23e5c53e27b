"""Long readings, one row a reading, made ready: who read what, when, and on how many occasions, some of it missing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from biomarker.analyses.items_of_patients import ItemsOfPatients
from biomarker.analyses.population import INDEPENDENT, require_columns, select_rows
from biomarker.analyses.result import Exclusion, Population
from biomarker.errors import DesignError
from biomarker.vocabulary import lower_label

_SHOWN = 5
_LARGEST = 1e60


@dataclass(frozen=True, kw_only=True, eq=False)
class ReadingRows(ItemsOfPatients):
    """Readings as codes and numbers.

    Attributes
    ----------
    numbers : ndarray, shape (n_rows, n_values)
        The readings; NaN where one of several columns is missing.
    items, readers, sessions : ndarray of int, shape (n_rows,)
        Codes; all 0 where no column names readers or sessions.
    reader_names, session_names : tuple of str
        In sorted order; empty where no column names them.
    patients : ndarray of int, shape (n_items,), or None
        A code for the patient of each item.
    patient_names : tuple of str
    item_word : str
        What an item is called: lesion, patient, item.
    population : Population
        In readings.
    labels : tuple
        The caller's row labels, of each row used.
    notes : tuple of str
    """

    numbers: NDArray[np.float64]
    items: NDArray[np.intp]
    readers: NDArray[np.intp]
    sessions: NDArray[np.intp]
    reader_names: tuple[str, ...]
    session_names: tuple[str, ...]
    patients: NDArray[np.intp] | None
    patient_names: tuple[str, ...]
    item_word: str
    population: Population
    labels: tuple[object, ...]
    notes: tuple[str, ...]

    @property
    def n_items(self) -> int:
        """Items with a reading used."""
        return int(self.items.max()) + 1

    def grid(self) -> NDArray[np.float64]:
        """Return values of shape (n_items, n_readers, n_values), NaN where there is no reading; one session only."""
        table = np.full((self.n_items, max(len(self.reader_names), 1), self.numbers.shape[1]), np.nan)
        table[self.items, self.readers] = self.numbers
        return table

    def keep(self, used: NDArray[np.bool_], reason: str, column: str) -> ReadingRows:
        """Return the rows marked, the others counted under `reason`; items, readers and patients are coded anew.

        Raises
        ------
        DesignError
            If no row is left.
        """
        if used.all():
            return self
        if not used.any():
            raise DesignError(f"no reading is left: all {used.size} are {reason}")
        left_out = tuple(label for label, stays in zip(self.labels, used, strict=True) if not stays)
        known, items = np.unique(self.items[used], return_inverse=True)
        patients, patient_names = None, self.patient_names
        if self.patients is not None:
            codes, patients = np.unique(self.patients[known], return_inverse=True)
            patient_names = tuple(self.patient_names[code] for code in codes)
        present, readers = np.unique(self.readers[used], return_inverse=True)
        population = replace(
            self.population,
            rows_used=int(used.sum()),
            patients_used=None if patients is None else int(patients.max()) + 1,
            exclusions=(*self.population.exclusions, Exclusion(reason=reason, rows=left_out, column=column)),
        )
        return replace(
            self,
            numbers=self.numbers[used],
            items=items,
            readers=readers,
            sessions=self.sessions[used],
            reader_names=tuple(self.reader_names[code] for code in present) if self.reader_names else (),
            patients=patients,
            patient_names=patient_names,
            population=population,
            labels=tuple(label for label, stays in zip(self.labels, used, strict=True) if stays),
        )


def reading_rows(
    readings: pd.DataFrame,
    *,
    values: Sequence[str],
    item: str,
    readers: Sequence[str],
    session: str | None,
    patient: str | None,
) -> ReadingRows:
    """Code long readings.

    Parameters
    ----------
    readings : DataFrame
        One row a reading.
    values : sequence of str
        Columns that were read. A row is left out where all of them are missing.
    item : str
        Column of items; they may be numbered anew in each patient.
    readers : sequence of str
        Columns that name the condition of a reading: reader, scanner, both, or none.
    session : str or None
        Column that tells repeated readings apart; without one, a repeat is refused unless `readers` is empty.
    patient : str or None
        Column of patient identifiers; None says that items are independent.

    Returns
    -------
    ReadingRows

    Raises
    ------
    DesignError
        For an unknown column, or no row left.
    SchemaError
        If a value is text or infinite; every such cell is named.
    """
    item_is_patient = item == patient
    single = list(values) if len(values) == 1 else []
    names = [item, *readers, *([session] if session else [])]
    for column in values:
        if column in (item, patient, session, *readers):
            raise DesignError(f"{column!r} cannot be the reading and tell readings apart as well")
    sample = select_rows(readings, numeric=single, other=names, patient=None if item_is_patient else patient)
    frame = sample.frame
    numbers = frame[single].to_numpy(float) if single else numeric_block(frame, values)
    _require_squarable(numbers, values)
    keys = [item] if sample.patients is None or patient is None else [patient, item]
    groups = frame.groupby(keys, sort=False, observed=True)
    items = groups.ngroup().to_numpy().astype(np.intp)
    reader_codes, reader_names = _coded(frame, readers)
    session_codes, session_names = _coded(frame, [session] if session else [])
    patients: NDArray[np.intp] | None = None
    patient_names: tuple[str, ...] = ()
    if len(keys) == 2:
        owner, known = pd.factorize(frame[keys[0]].map(as_text).astype(object), sort=True)
        patients = np.zeros(int(items.max()) + 1, np.intp)
        patients[items] = owner
        patient_names = tuple(known)
    word = "patient" if item_is_patient else ("lesion" if item.startswith("lesion") else "item")
    is_independent = patients is None and not item_is_patient
    notes = [note for note in sample.notes if not note.startswith(INDEPENDENT)]
    notes += [f"{word.capitalize()}s are treated as independent of one another."] if is_independent else []
    notes += [silent_note(readings, frame, column) for column in readers]
    found = ReadingRows(
        numbers=numbers,
        items=items,
        readers=reader_codes,
        sessions=session_codes,
        reader_names=reader_names,
        session_names=session_names,
        patients=patients,
        patient_names=patient_names,
        item_word=word,
        population=replace(sample.population, unit="reading"),
        labels=tuple(frame.index.tolist()),
        notes=tuple(note for note in notes if note),
    )
    return found.keep(np.asarray((~np.isnan(numbers)).any(axis=1)), "with every value missing", "")


def refuse_repeats(rows: ReadingRows, *, reader: str, session: str | None, columns: Iterable[object] = ()) -> None:
    """Refuse two readings of one item by one reader at one session: averaging them would hide half of the error.

    Raises
    ------
    DesignError
        With the rows.
    """
    seen = pd.DataFrame({"item": rows.items, "reader": rows.readers, "session": rows.sessions})
    repeated = seen.duplicated(keep=False).to_numpy()
    if not repeated.any():
        return
    extra = int(seen.duplicated().sum())
    first = np.flatnonzero(repeated)[0]
    same = np.flatnonzero((seen == seen.iloc[first]).all(axis=1))
    shown = ", ".join(str(rows.labels[place]) for place in np.flatnonzero(repeated)[:_SHOWN])
    more = f" and {int(repeated.sum()) - _SHOWN} more" if repeated.sum() > _SHOWN else ""
    who = f"reader {rows.reader_names[rows.readers[first]]} has" if rows.reader_names else "there is"
    when = f" at {lower_label(session)} {rows.session_names[rows.sessions[first]]}" if session else ""
    hint = [str(c) for c in columns if c in ("session", "visit", "time", "repeat", "scan") and c != session]
    advice = (
        f'if {hint[0]!r} tells them apart, give session="{hint[0]}"' if hint and not session
        else "keep one of them with `where`" if session
        else "keep one of them with `where`, or name the column that tells them apart as session"
    )  # fmt: skip
    if rows.patients is None:
        advice += f"; or name the patients, if {rows.item_word}s are numbered anew in each"
    raise DesignError(
        f"{who} more than one reading of the same {rows.item_word}{when} (rows "
        f"{', '.join(str(rows.labels[place]) for place in same)}; {extra} such repeats in all, rows {shown}{more}). "
        f"Repeats by {reader} are not averaged here: {advice}"
    )


def numeric_block(frame: pd.DataFrame, columns: Sequence[str]) -> NDArray[np.float64]:
    """Return many columns as numbers, missing ones NaN; all at once where they are numbers already.

    Raises
    ------
    SchemaError, DesignError
        As `select_rows`.
    """
    columns = list(columns)
    if len(set(frame.columns)) < frame.shape[1] or not set(columns) <= set(frame.columns):
        require_columns(frame, columns)
    block = frame[columns]
    if all(dtype.kind in "fiu" and isinstance(dtype, np.dtype) for dtype in block.dtypes):
        numbers = block.to_numpy(float)
        if not np.isinf(numbers).any():
            return numbers
    checked = select_rows(frame, numeric=columns, patient=None, keep_missing=columns)
    return checked.frame[columns].to_numpy(float)


def _require_squarable(numbers: NDArray[np.float64], columns: Sequence[str]) -> None:
    """Refuse numbers whose squares a computer cannot hold: no unit of measurement gives such."""
    size = np.abs(numbers[~np.isnan(numbers) & (numbers != 0)])
    if size.size and (size.max() > _LARGEST or size.max() < 1 / _LARGEST):
        raise DesignError(
            f"readings of {', '.join(columns[:3])} reach {size.max():.3g}, whose squares cannot be computed with; "
            "change the unit"
        )


def silent_note(readings: pd.DataFrame, used: pd.DataFrame, reader: str) -> str:
    """Name readers who are in the table but have no reading that can be used."""
    silent = sorted({as_text(name) for name in readings[reader].dropna()} - {as_text(name) for name in used[reader]})
    if not silent:
        return ""
    one = len(silent) == 1
    return (
        f"{lower_label(reader).capitalize()}{'' if one else 's'} {', '.join(silent)} "
        f"{'has' if one else 'have'} no reading and {'is' if one else 'are'} left out."
    )


def as_text(name: object) -> str:
    """Name a reader: 1.0, as a column with gaps has it, is reader 1."""
    return str(int(name)) if isinstance(name, float) and name.is_integer() else str(name)


def _coded(frame: pd.DataFrame, columns: Sequence[str]) -> tuple[NDArray[np.intp], tuple[str, ...]]:
    """Return codes for the values of columns together, in the order of their names."""
    if not columns:
        return np.zeros(len(frame), np.intp), ()
    names = frame[columns[0]].map(as_text).astype(object)
    for column in columns[1:]:
        names = names + " " + frame[column].map(as_text).astype(object)
    codes, known = pd.factorize(names, sort=True)
    return codes.astype(np.intp), tuple(known)
