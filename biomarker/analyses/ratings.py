"""From long ratings, one row a rating, to the table of items by readers that agreement is counted from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import isfinite

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from biomarker.analyses.items_of_patients import FEW
from biomarker.analyses.population import INDEPENDENT, select_rows
from biomarker.analyses.result import Exclusion, Population
from biomarker.errors import DesignError, nearest
from biomarker.vocabulary import level_text, lower_label

Codes = NDArray[np.int64]

MOST_CATEGORIES = 50


@dataclass(frozen=True, kw_only=True)
class Categories:
    """What readers chose from.

    Attributes
    ----------
    labels : tuple of str
        In order, where they have one.
    has_order : bool
    numbers : tuple of float
        Their values; empty where they are not all numbers.
    is_given : bool
        Whether the caller listed them, so that none is lacking.
    """

    labels: tuple[str, ...]
    has_order: bool
    numbers: tuple[float, ...]
    is_given: bool

    @property
    def values(self) -> tuple[float, ...]:
        """Their numbers, else their ranks."""
        return self.numbers or tuple(float(rank) for rank in range(1, len(self.labels) + 1))


@dataclass(frozen=True, kw_only=True, eq=False)
class RatingTable:
    """Ratings of items by readers, in one session or several.

    Attributes
    ----------
    codes : ndarray of int, shape (n_items, n_sessions, n_readers)
        Place of each rating in `categories`; -1 where there is none.
    readers, sessions : tuple of str
        `sessions` is empty where no column names them.
    owners : ndarray of int, shape (n_items,)
        The unit of independence of each item: its patient, or itself.
    n_patients : int or None
    item_word : str
        What an item is called: lesion, patient, item.
    """

    codes: Codes
    readers: tuple[str, ...]
    sessions: tuple[str, ...]
    categories: Categories
    owners: Codes
    n_patients: int | None
    item_word: str
    population: Population
    notes: tuple[str, ...]

    @property
    def is_nested(self) -> bool:
        """Whether a unit of independence has more than one item, or one item more than one session."""
        return len(self.sessions) > 1 or int(self.owners.max()) + 1 < len(self.owners)

    @property
    def unit_word(self) -> str:
        """What the units of independence are called."""
        by_item = int(self.owners.max()) + 1 == len(self.owners)
        return self.item_word if by_item and self.n_patients is None else "patient"

    def few_note(self) -> str:
        """Warn of too few units of independence, or say nothing."""
        n = int(self.owners.max()) + 1
        count = f"{n} {self.unit_word}{'s' * (n != 1)}"
        return f"Only {count}: the intervals rest on next to nothing." if n < FEW else ""


def rating_table(
    readings: pd.DataFrame,
    *,
    value: str,
    item: str,
    reader: str,
    patient: str | None,
    readers: Sequence[object] | None = None,
    session: str | None = None,
    categories: Sequence[object] | None = None,
) -> RatingTable:
    """Arrange long ratings as items by sessions by readers.

    Parameters
    ----------
    readings : DataFrame
        One row a rating.
    value, item, reader : str
        Columns; items may be numbered anew in each patient.
    patient : str or None
        Column of patient identifiers; None says that items are independent.
    readers : sequence, optional
        Readers to use, in this order; all by default.
    session : str, optional
        Column of the sessions in which the same readers rated the same items again.
    categories : sequence, optional
        Every category there is, in order where they have one.

    Returns
    -------
    RatingTable

    Raises
    ------
    DesignError
        If a reader rated an item more than once in a session, fewer than two readers or shared items are left, a
        reader asked for is not there, or `categories` lacks one that was used; and as `select_rows`.
    """
    item_is_patient = item == patient
    columns = [value, item, reader, *([session] if session else [])]
    _refuse_one_column_twice(columns)
    sample = select_rows(readings, other=columns, patient=None if item_is_patient else patient)
    frame = sample.frame
    names = texts_of(frame[reader])
    wanted = _wanted_readers(readings, names, reader, readers)
    by_others = frame.index[~names.isin(wanted)]
    frame, names = frame[names.isin(wanted)], names[names.isin(wanted)]
    keys = [item] if sample.patients is None or patient is None else [patient, item]
    word = "patient" if item_is_patient else ("lesion" if item.startswith("lesion") else "item")
    _refuse_repeats(frame, keys, reader, names, session, word)
    found = _categories(frame[value], value, categories)
    session_names = texts_of(frame[session]) if session else pd.Series("", index=frame.index)
    sessions = tuple(sorted(session_names.unique()))
    groups = frame.groupby(keys, sort=True, observed=True)
    code, first = np.asarray(groups.ngroup(), np.int64), groups.head(1)
    codes = np.full((groups.ngroups, len(sessions), len(wanted)), -1, np.int64)
    places = pd.Index(sessions).get_indexer(pd.Index(session_names)), pd.Index(wanted).get_indexer(pd.Index(names))
    codes[code, places[0], places[1]] = pd.Index(found.labels).get_indexer(pd.Index(texts_of(frame[value])))
    _check_shared(codes, word)
    owners, n_patients = _owners(code, first, frame, keys)
    table = RatingTable(
        codes=codes,
        readers=wanted,
        sessions=sessions if session else (),
        categories=found,
        owners=owners,
        n_patients=n_patients,
        item_word=word,
        population=sample.population,
        notes=(*_notes(sample.notes, word, is_independent=n_patients is None and not item_is_patient),
               *_silent_readers(readings, reader, wanted, readers)),
    )  # fmt: skip
    return replace(table, population=_population(table, by_others, reader))


def text_of(value: object) -> str:
    """Name a reader or a category: 1.0, as a column with gaps has it, is 1."""
    return level_text(float(value)) if isinstance(value, float | np.floating) else str(value)


def texts_of(column: pd.Series) -> pd.Series:
    """Return the names of readers, items or categories as text."""
    return column.astype(object).map(text_of)


def _refuse_one_column_twice(columns: list[str]) -> None:
    twice = sorted({column for column in columns if columns.count(column) > 1})
    if twice:
        raise DesignError(f"{', '.join(map(repr, twice))} cannot be two things at once; give value, item and reader")


def _wanted_readers(
    readings: pd.DataFrame, names: pd.Series, reader: str, readers: Sequence[object] | None
) -> tuple[str, ...]:
    known = sorted(names.unique())
    if readers is None:
        wanted = tuple(known)
    else:
        wanted = (readers,) if isinstance(readers, str) else tuple(dict.fromkeys(text_of(name) for name in readers))
        silent = set(texts_of(readings[reader].dropna())) - set(known)
        for name in wanted:
            if name in silent:
                raise DesignError(f"reader {name!r} has no rating at all")
            if name not in known:
                raise DesignError(f"no reader {name!r}{nearest(name, known)}; {reader!r} holds {', '.join(known)}")
    if len(wanted) < 2:
        raise DesignError(f"agreement needs at least 2 readers, and {reader!r} names {', '.join(wanted)} only")
    return wanted


def _silent_readers(
    readings: pd.DataFrame, reader: str, wanted: tuple[str, ...], readers: Sequence[object] | None
) -> tuple[str, ...]:
    """Say who stands in the table and rated nothing."""
    silent = [] if readers is not None else sorted(set(texts_of(readings[reader].dropna())) - set(wanted))
    return (f"No rating at all by {', '.join(silent)}.",) if silent else ()


def _refuse_repeats(
    frame: pd.DataFrame, keys: list[str], reader: str, names: pd.Series, session: str | None, word: str
) -> None:
    """Refuse two ratings of one item by one reader in one session: nobody can tell which one counts."""
    columns = [*keys, *([session] if session else [])]
    repeated = frame[columns].assign(**{"reader of it": names}).duplicated()
    if not repeated.any():
        return
    row = frame[repeated].iloc[0]
    place = ", ".join(f"{key} {text_of(row[key])}" for key in columns)
    choose = "choose one with `where`"
    if session is None and "session" in frame.columns:
        choose = (
            'give session="session" to have agreement within readers too, or choose one with where = { session = ... }'
        )
    if len(keys) == 1 and word != "patient":
        choose += f"; or name the patients, if {word}s are numbered anew in each"
    raise DesignError(
        f"reader {text_of(row[reader])} has more than one rating of {place} ({int(repeated.sum())} such repeats in "
        f"all): {choose}"
    )


def _categories(column: pd.Series, name: str, given: Sequence[object] | None) -> Categories:
    """Return the categories: as given, as the column's own type has them, or those that were used."""
    used = list(dict.fromkeys(texts_of(column)))
    if given is not None:
        found = _given_categories(used, name, given)
    elif isinstance(column.dtype, pd.CategoricalDtype):
        labels = tuple(text_of(label) for label in column.cat.categories)
        found = Categories(labels=labels, has_order=bool(column.cat.ordered), numbers=_numbers(labels), is_given=True)
    else:
        numbers = _numbers(tuple(used))
        ordered = [label for _, label in sorted(zip(numbers, used, strict=True))] if numbers else sorted(used)
        labels = tuple(ordered)
        found = Categories(labels=labels, has_order=bool(numbers), numbers=_numbers(labels), is_given=False)
    if len(found.labels) > MOST_CATEGORIES:
        raise DesignError(
            f"{name!r} has {len(found.labels)} categories; agreement on categories takes at most {MOST_CATEGORIES}. "
            "For a measurement use intraclass_correlation or limits_of_agreement"
        )
    return found


def _given_categories(used: list[str], name: str, given: Sequence[object]) -> Categories:
    if isinstance(given, str) or not isinstance(given, Sequence | np.ndarray):
        raise DesignError(f"categories is {given!r}; give a list of every category, in order where they have one")
    labels = tuple(text_of(label) for label in given)
    twice = sorted({label for label in labels if labels.count(label) > 1})
    if twice or len(labels) < 2:
        raise DesignError(f"categories holds {', '.join(labels) or 'nothing'}; give two or more, each once")
    lacking = [f"{label!r}{nearest(label, labels)}" for label in used if label not in labels]
    if lacking:
        raise DesignError(f"categories lacks {', '.join(lacking)}, which readers chose in {name!r}")
    return Categories(labels=labels, has_order=True, numbers=_numbers(labels), is_given=True)


def _numbers(labels: tuple[str, ...]) -> tuple[float, ...]:
    """Return the labels as numbers, or nothing where one of them is no number, or two are the same."""
    try:
        numbers = tuple(float(label) for label in labels)
    except ValueError:
        return ()
    return numbers if all(map(isfinite, numbers)) and len(set(numbers)) == len(numbers) else ()


def _check_shared(codes: Codes, word: str) -> None:
    shared = int(((codes >= 0).sum(axis=2) >= 2).any(axis=1).sum())
    if shared < 2:
        counted = f"1 {word} was" if shared == 1 else f"no {word} was"
        raise DesignError(f"{counted} rated by two readers or more; agreement needs at least 2 such {word}s")


def _owners(code: Codes, first: pd.DataFrame, frame: pd.DataFrame, keys: list[str]) -> tuple[Codes, int | None]:
    """Return the unit of independence of each item in the order of its code, and how many patients there are."""
    n_items = len(first)
    if len(keys) == 1:
        return np.arange(n_items), None
    patients = np.empty(n_items, np.int64)
    patients[code] = pd.factorize(frame[keys[0]], sort=False)[0]
    owners = np.unique(patients, return_inverse=True)[1]
    return owners.astype(np.int64), int(owners.max()) + 1


def _population(table: RatingTable, by_others: pd.Index, reader: str) -> Population:
    left_out = Exclusion(reason="by other readers", rows=tuple(by_others.tolist()), column=reader)
    return replace(
        table.population,
        rows_used=int((table.codes >= 0).sum()),
        patients_used=table.n_patients,
        exclusions=(*table.population.exclusions, *((left_out,) if left_out.rows else ())),
        unit="rating",
    )


def _notes(notes: tuple[str, ...], word: str, *, is_independent: bool) -> tuple[str, ...]:
    """Say of items, not of rows, that they are taken as independent."""
    kept = tuple(note for note in notes if not note.startswith(INDEPENDENT))
    return (*kept, f"{word.capitalize()}s are treated as independent of one another.") if is_independent else kept


def no_order(column: str, labels: Sequence[str], wanted: str) -> DesignError:
    """Return the error for an order that `column` does not tell."""
    return DesignError(
        f"{wanted} needs the order of the categories of {lower_label(column)}, which holds {', '.join(labels)}; "
        'list them in order: categories = ["first", "second", ...]'
    )
