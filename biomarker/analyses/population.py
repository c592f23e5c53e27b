"""From the frame a caller gave to the rows an analysis can use: types, classes, missing values, patients.

Every analysis starts here, so that a fault in the data reads the same everywhere and every row left out is counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from biomarker.analyses.result import Exclusion, Population
from biomarker.errors import DesignError, Problem, SchemaError, nearest
from biomarker.vocabulary import lower_label

Positive = object  # a value, or a list of values, that means "positive"
INDEPENDENT = "Rows are treated as independent of one another"


@dataclass(frozen=True, kw_only=True)
class Sample:
    """The rows an analysis uses.

    Attributes
    ----------
    frame : DataFrame
        Rows used, numbers as float64 and classes as bool; the caller's row labels.
    population : Population
    patients : ndarray of int, shape (rows,), or None
        A code 0..K-1 for the patient of each row; None where rows stand for themselves.
    is_nested : bool
        Whether a patient has more than one row, so that the analysis must be clustered.
    notes : tuple of str
        What a reader must be told about this choice of rows.
    """

    frame: pd.DataFrame
    population: Population
    patients: NDArray[np.intp] | None
    is_nested: bool
    notes: tuple[str, ...] = ()

    @property
    def clusters(self) -> NDArray[np.intp]:
        """A code for the unit of independence of each row: its patient, or itself."""
        return np.arange(len(self.frame)) if self.patients is None else self.patients

    @property
    def n_patients(self) -> int | None:
        """Patients among the rows used, or None where no column names them."""
        return self.population.patients_used


def select_rows(
    data: pd.DataFrame,
    *,
    numeric: Sequence[str] = (),
    classes: Mapping[str, Positive | None] | None = None,
    other: Sequence[str] = (),
    patient: str | None = "patient_id",
    keep_missing: Sequence[str] = (),
) -> Sample:
    """Return the rows that have every value the analysis needs.

    Parameters
    ----------
    data : DataFrame
        One row a lesion, patient or reading.
    numeric : sequence of str
        Columns of finite numbers.
    classes : mapping of str to value, list of values, or None
        Two-class columns and what counts as positive; None where the column is bool or 0/1. They come back as bool.
    other : sequence of str
        Columns that must be present and not missing, of any type.
    patient : str or None
        Column of patient identifiers. None says that rows are independent, and the result will say so too.
    keep_missing : sequence of str
        Columns among the above whose missing values do not exclude a row (classes then come back as nullable booleans).

    Returns
    -------
    Sample

    Raises
    ------
    DesignError
        If a column is unknown, a two-class column's positive class is not given or not found, or no row is left.
    SchemaError
        If a numeric column holds text or infinity; every such cell is named.
    """
    classes = dict(classes or {})
    require_columns(data, [*numeric, *classes, *other])
    twice = [column for column in classes if column in numeric]
    if twice:
        raise DesignError(f"{twice[0]!r} is the outcome and cannot be its own marker as well")
    columns = list(dict.fromkeys([*numeric, *classes, *other]))
    frame, problems = data.copy(deep=False), []
    for column in numeric:
        frame[column], faults = _as_numbers(data[column])
        problems += faults
    if problems:
        raise SchemaError(problems)
    notes: list[str] = []
    for column, positive in classes.items():
        frame[column], note = as_class(data[column], positive)
        notes.append(note)
    patient, note = _patient_column(frame, patient, columns)
    notes.append(note)
    needed = [*([patient] if patient else []), *(c for c in columns if c not in keep_missing)]
    used, exclusions = _drop_missing(frame, needed)
    if used.empty:
        raise DesignError(f"no row is left: {', '.join(f'{e.n} {e.reason}' for e in exclusions)} of {len(data)} rows")
    for column in classes:
        if column not in keep_missing:
            used[column] = used[column].astype(bool)
    return _sample(data, used, patient, exclusions, notes)


def require_columns(data: pd.DataFrame, columns: Iterable[str]) -> None:
    """Raise a `DesignError` that names each column which `data` lacks, with the nearest it has."""
    _require_frame(data)
    columns = list(columns)
    for column in columns:
        if isinstance(column, list | dict | set):
            raise DesignError(f"{column!r} is no name of a column; give one name")
    known = [str(name) for name in data.columns]
    unknown = [f"{column!r}{nearest(str(column), known)}" for column in columns if column not in data.columns]
    if unknown:
        raise DesignError(f"no column {', no column '.join(unknown)}; the table has {', '.join(known)}")
    twice = sorted({column for column in columns if known.count(str(column)) > 1})
    if twice:
        raise DesignError(f"the table has more than one column {', '.join(map(repr, twice))}; rename one of them")


def require_both_classes(classes: pd.Series, column: str, question: str) -> None:
    """Raise a `DesignError` where a two-class column holds one class only.

    `question` finishes the sentence "... is not estimable": "an ROC curve".
    """
    positives = int(classes.sum())
    if positives in (0, len(classes)):
        which = "positive" if positives else "negative"
        raise DesignError(
            f"every one of the {len(classes)} rows is {which} on {column!r}, so {question} is not estimable; "
            "both classes are needed: check `positive` and any `where`"
        )


def as_class(column: pd.Series, positive: Positive | None) -> tuple[pd.Series, str]:
    """Return a two-class column as nullable booleans, and a note on what counted as positive and negative."""
    name, present = column.name, column.dropna()
    if positive is None:
        if pd.api.types.is_bool_dtype(present) or set(present.unique()) <= {0, 1}:
            return column.astype("boolean"), ""
        values = ", ".join(map(repr, pd.unique(present)[:8].tolist()))
        raise DesignError(
            f"which values of {name!r} are positive? It holds {values}; give positive=..., for example a list"
        )
    wanted = list(positive) if isinstance(positive, list | tuple | set | frozenset) else [positive]
    known = list(pd.unique(present))
    absent = [value for value in wanted if value not in known]
    _check_absent(str(name), absent, wanted, known)
    negative = [str(value) for value in known if value not in wanted]
    classes = column.isin(wanted).astype("boolean").mask(column.isna())
    printed = lower_label(str(name))
    held, others = ", ".join(map(str, wanted)), ", ".join(sorted(negative)) or "none"
    said = f"Positive class of {printed}: {held}; negative: {others}."
    if absent:
        said += f" No row has {printed} {' or '.join(map(str, absent))}."
    return classes, said


def _check_absent(name: str, absent: list[object], wanted: list[object], known: list[object]) -> None:
    """Refuse positive values that the column never has: all of them, or one that differs from a value in case only.

    A study without a single partial response is no fault, so one of several may be absent; the note then says so.
    """
    texts = [str(value) for value in known]
    folded = {text.casefold() for text in texts}
    for value in absent:
        if len(absent) == len(wanted) or str(value).casefold() in folded:
            raise DesignError(
                f"{name!r} never is {value!r}{nearest(str(value), texts)}; it holds {', '.join(texts[:12])}"
            )


def _require_frame(data: pd.DataFrame) -> None:
    if not isinstance(data, pd.DataFrame):
        raise DesignError(f"data is a {type(data).__name__}; give a pandas DataFrame")
    if data.empty:
        raise DesignError("the table has no rows")


def _as_numbers(column: pd.Series) -> tuple[pd.Series, list[Problem]]:
    """Return the column as float64 and a problem for each cell that is text or infinite."""
    if pd.api.types.is_bool_dtype(column):
        raise DesignError(f"{column.name!r} holds true and false where numbers are needed")
    numbers = pd.to_numeric(column, errors="coerce").astype("float64")
    is_text = numbers.isna() & column.notna()
    is_infinite = np.isinf(numbers)
    name = str(column.name)
    faults = [
        Problem(rule="is not a number", row=_row(label), column=name, value=str(value))
        for label, value in column[is_text].items()
    ] + [
        Problem(rule="is not finite", row=_row(label), column=name, value=str(value))
        for label, value in column[is_infinite].items()
    ]
    return numbers, faults


def _row(label: object) -> int | None:
    return int(label) if isinstance(label, int | np.integer) else None


def _patient_column(frame: pd.DataFrame, patient: str | None, columns: Sequence[str]) -> tuple[str | None, str]:
    """Return the patient column to use, and what to say when there is none."""
    if patient is None:
        return None, f"{INDEPENDENT}, as was asked for."
    if patient not in frame.columns:
        if patient != "patient_id":
            require_columns(frame, [patient])
        return None, f"{INDEPENDENT} (there is no column patient_id)."
    if patient in columns:
        raise DesignError(f"{patient!r} names the patients and cannot be analysed itself")
    return patient, ""


def _drop_missing(frame: pd.DataFrame, needed: Sequence[str]) -> tuple[pd.DataFrame, tuple[Exclusion, ...]]:
    """Return the complete rows; each other row is counted once, under the first column it lacks."""
    if not needed:  # nothing is asked of a row but to be there
        return frame.copy(), ()
    missing = frame[list(needed)].isna().to_numpy()
    is_incomplete = missing.any(axis=1)
    first = missing.argmax(axis=1)
    exclusions = []
    for position, column in enumerate(needed):
        rows = frame.index[np.flatnonzero(is_incomplete & (first == position))]
        if len(rows):
            exclusions.append(Exclusion(reason=f"with {column} missing", rows=tuple(rows.tolist()), column=column))
    return frame.iloc[np.flatnonzero(~is_incomplete)].copy(), tuple(exclusions)


def _sample(
    data: pd.DataFrame, used: pd.DataFrame, patient: str | None, exclusions: tuple[Exclusion, ...], notes: Sequence[str]
) -> Sample:
    patients, patients_in, patients_used = None, None, None
    if patient is not None:
        patients = _codes(used[patient])
        patients_in, patients_used = int(data[patient].nunique()), int(patients.max()) + 1
    is_nested = patients is not None and patients_used is not None and patients_used < len(used)
    population = Population(
        rows_in=len(data),
        rows_used=len(used),
        patients_in=patients_in,
        patients_used=patients_used,
        exclusions=exclusions,
        unit=_unit_of(data, patient),
    )
    return Sample(
        frame=used,
        population=population,
        patients=patients,
        is_nested=is_nested,
        notes=tuple(note for note in notes if note),
    )


def _codes(patients: pd.Series) -> NDArray[np.intp]:
    """Return a code for the patient of each row, in the order of names: resamples do not hang on the order of rows."""
    try:
        return pd.factorize(patients, sort=True)[0]
    except TypeError:  # names of several types have no order
        return pd.factorize(patients.astype(str), sort=True)[0]


def _unit_of(data: pd.DataFrame, patient: str | None) -> str:
    """Return what one row is called: a patient, a lesion, a reading, or plainly a row."""
    if patient is not None and data[patient].is_unique:
        return "patient"
    if "reader_id" in data.columns:
        return "reading"
    return "lesion" if {"lesion_id", "lesion_number"} & set(data.columns) else "row"
