"""What readers do to the class at a cutoff: the lines that `evaluate_cutoff` adds for readings by several readers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from biomarker.analyses.cutoff_performance import Calls, performance_lines
from biomarker.analyses.population import Sample, require_columns, select_rows
from biomarker.analyses.ratings import text_of, texts_of
from biomarker.analyses.result import Estimate
from biomarker.data.filters import filter_rows
from biomarker.errors import DesignError, nearest
from biomarker.kernels.agreement_interval import PERFECT, UNDEFINED, agreement_estimate
from biomarker.kernels.chance_agreement import conger_kappa, percent_agreement, rating_sums
from biomarker.kernels.clustered_proportion import clustered_proportion
from biomarker.kernels.interval import Interval
from biomarker.kernels.proportion import INTERVALS

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Codes = NDArray[np.int64]

KEYS = ("readings", "value", "item", "reader", "readers", "where")
BY_READER = ("sensitivity", "specificity", "ppv", "npv")
_KEY = "key of the item"  # of the patient and the item together; no column is called so


@dataclass(frozen=True, kw_only=True, eq=False)
class ReaderGrid:
    """Readings of the same items by several readers.

    Attributes
    ----------
    values : ndarray, shape (n_items, n_readers)
        NaN where a reader did not read.
    readers : tuple of str
    owners : ndarray of int, shape (n_items,)
        Patient of each item, or the item itself.
    truth : ndarray of bool, shape (n_items,), or None
        On the reference standard; None where the analysed table does not name the items.
    is_nested : bool
        Whether a patient has more than one item.
    has_patients : bool
    item_word : str
    notes : tuple of str
    """

    values: Floats
    readers: tuple[str, ...]
    owners: Codes
    truth: Bools | None
    is_nested: bool
    has_patients: bool
    item_word: str
    notes: tuple[str, ...]

    def called(self, cutoff: float, *, higher_is_positive: bool) -> Codes:
        """Return 1 for positive, 0 for negative and -1 for not read, of every reading."""
        beyond = self.values >= cutoff if higher_is_positive else self.values <= cutoff
        return np.where(np.isnan(self.values), -1, beyond).astype(np.int64)

    @property
    def n_patients(self) -> int | None:
        """Patients of the items, or None where no column names them."""
        return int(self.owners.max()) + 1 if self.has_patients else None

    def discordance(self, cutoffs: Floats, *, higher_is_positive: bool) -> Floats:
        """Return for each cutoff the share of items with two readings or more that fall on both sides of it."""
        read_twice = self.values[(~np.isnan(self.values)).sum(axis=1) >= 2]
        low, high = np.nanmin(read_twice, axis=1), np.nanmax(read_twice, axis=1)
        c = np.asarray(cutoffs, float)[:, None]
        split = (low < c) & (c <= high) if higher_is_positive else (low <= c) & (c < high)
        return np.asarray(split.mean(axis=1))


def reader_grid(
    readers: object, data: pd.DataFrame, sample: Sample, *, marker: str, reference_standard: str, patient: str | None
) -> ReaderGrid | None:
    """Return the readings that the argument `readers` of `evaluate_cutoff` states, or None where it is None.

    Raises
    ------
    DesignError
        If the mapping says too little or too much, a reader read an item twice, or fewer than two readers or shared
        items are left.
    """
    if readers is None:
        return None
    given = _checked(readers)
    value, item, reader = given.get("value", marker), given.get("item", "lesion_id"), given.get("reader", "reader_id")
    table = given["readings"]
    require_columns(table, [value, item, reader])
    if given.get("where"):
        table = filter_rows(table, given["where"], table="readings")
    item_is_patient = item == patient
    found = select_rows(table, numeric=[value], other=[item, reader], patient=None if item_is_patient else patient)
    keys = [item] if found.patients is None or patient is None else [patient, item]
    word = "patient" if item_is_patient else ("lesion" if item.startswith("lesion") else "item")
    frame = found.frame.assign(**{_KEY: _keys(found.frame, keys), reader: texts_of(found.frame[reader])})
    frame = _of_readers(frame, reader, given.get("readers"))
    _refuse_repeats(frame, reader, keys)
    truth, notes = _truth(data, sample, keys, reference_standard, word)
    if truth is not None:
        frame, note = _analysed_only(frame, truth, word)
        notes.append(note)
    wide = frame.pivot_table(index=_KEY, columns=reader, values=value, aggfunc="first", observed=True)
    _check_shared(wide, reader, word)
    first = frame.drop_duplicates(_KEY).set_index(_KEY).loc[wide.index]
    owners = np.unique(texts_of(first[keys[0]]), return_inverse=True)[1] if len(keys) == 2 else np.arange(len(wide))
    return ReaderGrid(
        values=wide.to_numpy(float),
        readers=tuple(map(str, wide.columns)),
        owners=owners.astype(np.int64),
        truth=None if truth is None else truth.loc[wide.index].to_numpy(bool),
        is_nested=int(owners.max()) + 1 < len(owners),
        has_patients=len(keys) == 2,
        item_word=word,
        notes=tuple(note for note in notes if note),
    )


def reader_lines(
    grid: ReaderGrid, cutoff: float, *, higher_is_positive: bool, interval: str, confidence_level: float
) -> tuple[list[Estimate], list[str]]:
    """Return how far readers agree on the side of the cutoff, and what each would have found; and what must be said."""
    codes = grid.called(cutoff, higher_is_positive=higher_is_positive)
    of = {"cutoff": cutoff}
    lines = _split_lines(grid, codes, of, interval, confidence_level)
    sums = rating_sums(codes, 2, grid.owners)
    plain, n = np.eye(2), int(sums.n_paired.sum())
    shared: dict[str, Any] = {"n": n, "n_patients": grid.n_patients, "of": of}
    agree = agreement_estimate(partial(percent_agreement, weights=plain), sums, confidence_level=confidence_level)
    lines.append(
        Estimate(
            quantity="reader_pair_discordance", value=1 - agree.value, low=1 - agree.high, high=1 - agree.low,
            unit="fraction", **shared,
        )
    )  # fmt: skip
    kappa = agreement_estimate(partial(conger_kappa, weights=plain), sums, confidence_level=confidence_level)
    lines.append(Estimate(quantity="reader_kappa", value=kappa.value, low=kappa.low, high=kappa.high, **shared))
    notes = []
    if kappa.reason == UNDEFINED:
        notes.append(f"At {cutoff:g} every reading is on one side, so kappa between readers is undefined.")
    if kappa.reason == PERFECT:
        notes.append(f"At {cutoff:g} no two readers differ; the limits of their agreement are exact ones.")
    if grid.truth is not None:
        found, more = _performance_by_reader(grid, codes, grid.truth, of, interval, confidence_level)
        lines += found
        notes += more
    return lines, notes


def _checked(readers: object) -> dict[str, Any]:
    if not isinstance(readers, Mapping):
        raise DesignError(f"readers is {readers!r}; give a mapping with readings, value, item and reader")
    for key in readers:
        if key not in KEYS:
            raise DesignError(f"readers has no {key!r}{nearest(str(key), KEYS)}; it has {', '.join(KEYS)}")
    if not isinstance(readers.get("readings"), pd.DataFrame):
        raise DesignError("readers needs `readings`, a table with one row a reading; in a study file its name")
    if not isinstance(readers.get("where", {}), Mapping):
        raise DesignError(f"readers: where is {readers['where']!r}; give columns and conditions")
    return dict(readers)


def _keys(frame: pd.DataFrame, keys: list[str]) -> pd.Series:
    """Return one text an item, of its patient and its own name."""
    parts = [texts_of(frame[key]) for key in keys]
    return parts[0] + "\x1f" + parts[1] if len(parts) > 1 else parts[0]


def _of_readers(frame: pd.DataFrame, reader: str, wanted: object) -> pd.DataFrame:
    known = sorted(frame[reader].unique())
    if wanted is not None:
        names = [text_of(name) for name in wanted] if isinstance(wanted, list | tuple) else [text_of(wanted)]
        for name in names:
            if name not in known:
                raise DesignError(f"no reader {name!r}{nearest(name, known)}; {reader!r} holds {', '.join(known)}")
        frame = frame[frame[reader].isin(names)]
        known = names
    if len(set(known)) < 2:
        raise DesignError(f"the effect of readers needs at least 2, and {reader!r} names {', '.join(known)} only")
    return frame


def _refuse_repeats(frame: pd.DataFrame, reader: str, keys: list[str]) -> None:
    repeated = frame.duplicated([_KEY, reader])
    if repeated.any():
        row = frame[repeated].iloc[0]
        place = ", ".join(f"{key} {text_of(row[key])}" for key in keys)
        raise DesignError(
            f"reader {row[reader]} has more than one reading of {place} ({int(repeated.sum())} such repeats in all); "
            "choose one with where = { ... } in readers, such as where = { session = 1 }"
        )


def _truth(
    data: pd.DataFrame, sample: Sample, keys: list[str], reference_standard: str, word: str
) -> tuple[pd.Series | None, list[str]]:
    """Return the reference standard by item, or None where the analysed table does not name items."""
    absent = [key for key in keys if key not in data.columns]
    if absent:
        return None, [
            f"Readers are compared on all {word}s read: the table analysed has no column {', '.join(absent)}, so their "
            "readings cannot be held against the reference standard."
        ]
    names = _keys(sample.frame, keys)
    if names.duplicated().any():
        raise DesignError(
            f"the table analysed has several rows of one {word} ({', '.join(keys)}), so readings cannot be matched to "
            "them; name the column that tells them apart as `item`"
        )
    return pd.Series(sample.frame[reference_standard].to_numpy(bool), index=names.to_numpy()), []


def _analysed_only(frame: pd.DataFrame, truth: pd.Series, word: str) -> tuple[pd.DataFrame, str]:
    """Leave out the readings of items that are not among the rows analysed."""
    kept = frame[_KEY].isin(truth.index)
    if not kept.any():
        raise DesignError(f"no {word} of the readings is among the {len(truth)} rows analysed; compare their names")
    left_out = int((~kept).sum())
    unread = len(truth) - frame.loc[kept, _KEY].nunique()
    note = f"Readings of {word}s not among those analysed, left out: {left_out}." if left_out else ""
    if unread:
        note += f"{' ' * bool(note)}Analysed {word}s without any reading by these readers: {unread}."
    return frame[kept], note


def _check_shared(wide: pd.DataFrame, reader: str, word: str) -> None:
    shared = int((wide.notna().sum(axis=1) >= 2).sum())
    if wide.shape[1] < 2 or shared < 2:
        raise DesignError(
            f"{shared} {word}s analysed were read by two readers or more of {reader!r}; their effect needs at least 2"
        )


def _split_lines(
    grid: ReaderGrid, codes: Codes, of: Mapping[str, Any], interval: str, confidence_level: float
) -> list[Estimate]:
    """Return the share of items, and of patients with an item, that readers put on both sides."""
    twice = (codes >= 0).sum(axis=1) >= 2
    split = ((codes == 1).any(axis=1) & (codes == 0).any(axis=1))[twice]
    owners = np.unique(grid.owners[twice], return_inverse=True)[1]
    by_patient, per_patient = np.bincount(owners, split), np.bincount(owners)
    if grid.is_nested:
        found = clustered_proportion(by_patient, per_patient, interval=interval, confidence_level=confidence_level)
        limits = Interval(found.low, found.high)
    else:
        limits = INTERVALS[interval](split.sum(), split.size, confidence_level=confidence_level)
    lines = [_share("reader_discordance", split.mean(), limits, split.size, grid.n_patients, of)]
    if grid.is_nested:
        k, with_one = per_patient.size, by_patient > 0
        limits = INTERVALS[interval](with_one.sum(), k, confidence_level=confidence_level)
        lines.append(_share("patients_with_reader_discordance", with_one.mean(), limits, k, k, of))
    return lines


def _share(
    quantity: str, value: float, limits: Interval, n: int, n_patients: int | None, of: Mapping[str, Any]
) -> Estimate:
    return Estimate(
        quantity=quantity, value=value, low=limits.low, high=limits.high, n=n, n_patients=n_patients, unit="fraction",
        of=of,
    )  # fmt: skip


def _performance_by_reader(
    grid: ReaderGrid, codes: Codes, truth: Bools, of: Mapping[str, Any], interval: str, confidence_level: float
) -> tuple[list[Estimate], list[str]]:
    """Return what each reader's own readings achieve at the cutoff, and the range over readers."""
    lines: list[Estimate] = []
    said: dict[str, list[str]] = {}
    for number, name in enumerate(grid.readers):
        read = codes[:, number] >= 0
        owners = np.unique(grid.owners[read], return_inverse=True)[1]
        patients = owners.astype(np.intp) if grid.is_nested else None
        found, more = performance_lines(
            Calls(called=codes[read, number] == 1, truth=truth[read], patients=patients),
            interval=interval,
            confidence_level=confidence_level,
            of={**of, "performance": "reader", "reader": name},
        )
        lines += [line for line in found if line.quantity in BY_READER]
        for note in more:
            said.setdefault(note, []).append(name)
    for quantity in BY_READER:
        values = np.array([line.value for line in lines if line.quantity == quantity])
        known = values[~np.isnan(values)]
        low, high = (float(known.min()), float(known.max())) if known.size else (np.nan, np.nan)
        lines.append(
            Estimate(
                quantity="reader_range", value=high - low, low=low, high=high, unit="fraction",
                of={**of, "performance": quantity},
            )
        )  # fmt: skip
    notes = [f"At {of['cutoff']:g}, reader {', '.join(names)}: {note}" for note, names in said.items()]
    return lines, notes
