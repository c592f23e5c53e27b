"""How well do readers tell lesions apart? Intraclass correlation with its form named, lesions nested in patients."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from biomarker.analyses.icc_lines import Question, Readings, component_lines, feature_lines, form_lines
from biomarker.analyses.icc_method import icc_method, session_method
from biomarker.analyses.icc_session_lines import session_lines
from biomarker.analyses.population import require_columns
from biomarker.analyses.reading_deviations import Deviations, reading_deviations
from biomarker.analyses.reading_rows import ReadingRows, reading_rows, refuse_repeats
from biomarker.analyses.result import Estimate, Result, checked_fraction
from biomarker.errors import DesignError, SmallSampleWarning, nearest
from biomarker.kernels.icc import FORMS, MCGRAW_WONG
from biomarker.vocabulary import column_label

ESTIMATORS = ("auto", "mean_squares", "reml")
_SHORT = ("ICC(C,1)", "ICC(C,k)", "ICC(A,1)", "ICC(A,k)")  # without saying whether readers are random: same formula


@dataclass(frozen=True, kw_only=True, eq=False)
class IntraclassCorrelation(Result):
    """Intraclass correlation, one line per form (and feature), and the components of variance.

    Attributes
    ----------
    values : ndarray, shape (n_items, n_readers) or (n_items, n_readers, n_features)
        The readings analysed, NaN where there is none; means over sessions where there are several.
    readers : tuple of str
        Columns of `values`.
    value : str
        The column that was read, or how many of them.
    features : tuple of str
        Columns that were read; one for most.
    item_word : str
        What was read: lesion, patient, item.
    is_nested : bool
        Whether patients have several items.
    """

    values: NDArray[np.float64]
    readers: tuple[str, ...]
    value: str
    features: tuple[str, ...]
    item_word: str
    is_nested: bool
    figure_size: ClassVar[tuple[float, float]] = (3.46, 2.9)

    @property
    def forms(self) -> tuple[str, ...]:
        """Forms estimated; none where readers read at several sessions."""
        return tuple(dict.fromkeys(str(line.of["form"]) for line in self.estimates if line.quantity == "icc"))

    @property
    def deviations(self) -> Deviations:
        """How far each reader's values lie from the means of the items; of one feature."""
        return reading_deviations(self.values)

    @property
    def caption(self) -> str:
        """What the figure shows."""
        level = f"{100 * self.method.confidence_level:g}%"
        if len(self.features) > 1:
            return f"Intraclass correlation of {len(self.features):,} features in order, with {level} intervals."
        if not self.forms:
            return f"Share of the variance of {column_label(self.value)} by its origin."
        if len(self.forms) == 1:
            return (
                f"{column_label(self.value)} of each {self.item_word} by each of {len(self.readers)} readers, in order "
                "of the mean reading; vertical lines join the readings of one."
            )
        naive = f" Open circles: as if {self.item_word}s were independent." if self.is_nested else ""
        return f"Intraclass correlation of {column_label(self.value)} in each form, with {level} intervals.{naive}"


def intraclass_correlation(
    readings: pd.DataFrame,
    *,
    value: str | Sequence[str],
    item: str = "lesion_id",
    reader: str = "reader_id",
    session: str | None = None,
    feature: str | None = None,
    form: str | Sequence[str] = "ICC(2,1)",
    estimator: str = "auto",
    null_value: float = 0.0,
    confidence_level: float = 0.95,
    patient: str | None = "patient_id",
) -> IntraclassCorrelation:
    """Estimate the intraclass correlation of readings of the same items by two or more readers.

    ICC(2,1), two-way random, absolute agreement, single reading, is the default because readers of a trial stand for
    those who will read later, and a systematic difference between them is an error. Where every reader has read every
    item, mean squares serve; where readings are missing, REML uses all of those that were made. Items read once only
    tell nothing of agreement; they are left out and counted. Two readings of one item by one reader are refused,
    unless `session` tells them apart.

    Parameters
    ----------
    readings : DataFrame
        One row a reading.
    value : str or list of str
        Column that was read, such as ``"suvmax"``; or thousands of them, which are then estimated all at once.
    item, reader : str
        Columns; lesions may be numbered anew in each patient.
    session : str, optional
        Column of sessions, where readers have read items more than once. The result is then the inter- and the
        intra-reader ICC, and the variance of sessions, readers, and of items by readers.
    feature : str, optional
        Column that names what was read, where a long table has one row for each feature of each reading.
    form : str or list of str
        A form of Shrout and Fleiss, ``"ICC(2,1)"``, or of McGraw and Wong, ``"ICC(A,1)"`` or ``"ICC(A,1), mixed"``; a
        list of them; ``"all"`` six of the former, or all ten ``"mcgraw_wong"``.
    estimator : {"auto", "mean_squares", "reml"}
        By default mean squares where readings are complete and REML where they are not. ``"mean_squares"`` leaves out
        items that not every reader has read; ``"reml"`` is REML in any case.
    null_value : float
        The test is that the ICC is not above this, a fraction from 0 to below 1.
    confidence_level : float
        Two-sided coverage, a fraction in (0, 1).
    patient : str or None
        Column of patient identifiers. Where a patient has several items the interval leaves out one patient at a time;
        the interval and test that take items for independent are given beside it as ``icc_naive``.

    Returns
    -------
    IntraclassCorrelation
        Lines ``icc`` by form (and feature), and ``variance_component`` and ``variance_share`` by component. Where
        items are nested also ``icc_naive``; ``icc_patient_means``, which counts every patient once;
        ``icc_within_patients``, of the lesions of one patient; and ``icc_leave_one_patient_out``, whose limits are the
        lowest and highest without one patient, and whose value is that without the patient who changes it most
        (``of["without"]``). With sessions ``icc_inter_reader`` and ``icc_intra_reader``.

    Raises
    ------
    DesignError
        For an unknown form or column, repeated readings, or fewer than two readers or items.

    References
    ----------
    Shrout PE, Fleiss JL. Psychol Bull 1979;86:420-428. McGraw KO, Wong SP. Psychol Methods 1996;1:30-46.
    Arvesen JN, Schmitz TH. Biometrics 1970;26:677-686. Eliasziw M et al. Phys Ther 1994;74:777-788.
    Wald A. Ann Math Stat 1940;11:96-100. Weerahandi S. J Am Stat Assoc 1993;88:899-905.

    Examples
    --------
    Six targets and four judges (Shrout and Fleiss 1979, table 2):

    >>> import pandas as pd
    >>> judges = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
    >>> rows = [(i, j, score) for i, row in enumerate(judges) for j, score in enumerate(row)]
    >>> readings = pd.DataFrame(rows, columns=["lesion_id", "reader_id", "score"])
    >>> result = intraclass_correlation(readings, value="score", patient=None)
    >>> line = result.estimate("icc", form="ICC(2,1)")
    >>> print(f"{line.value:.2f} ({line.low:.2f} to {line.high:.2f})")
    0.29 (0.02 to 0.76)
    """
    forms = _forms(form)
    checked_fraction(confidence_level, "confidence_level")
    _check(estimator, null_value, session, form)
    readings, columns = _columns(
        readings, value, feature, [item, reader, *_given(session), *_patient(readings, patient)]
    )
    rows = reading_rows(readings, values=columns, item=item, readers=[reader], session=session, patient=patient)
    refuse_repeats(rows, reader=reader, session=session, columns=readings.columns)
    rows = _read_by_several(rows, reader, columns)
    if estimator == "mean_squares" and len(columns) == 1:
        rows = _complete(rows, rows.grid()[:, :, 0], columns[0])
    few = rows.few_note()
    if session:
        result = _of_sessions(rows, columns, confidence_level, few)
    else:
        question = Question(
            forms=forms,
            by_reml=estimator == "reml",
            complete_only=estimator == "mean_squares",
            null_value=float(null_value),
            confidence_level=confidence_level,
        )
        result = _of_forms(rows, columns, question, few)
    if few:
        warnings.warn(few, SmallSampleWarning, stacklevel=2)
    return result


def _given(column: str | None) -> list[str]:
    return [column] if column else []


def _patient(readings: pd.DataFrame, patient: str | None) -> list[str]:
    return [patient] if patient and isinstance(readings, pd.DataFrame) and patient in readings.columns else []


def _forms(form: str | Sequence[str]) -> dict[str, str]:
    """Return the forms asked for, each with the form of Shrout and Fleiss that has its formula."""
    known = {form: form for form in FORMS} | MCGRAW_WONG | {name: MCGRAW_WONG[f"{name}, random"] for name in _SHORT}
    wanted = [form] if isinstance(form, str) or not isinstance(form, Sequence) else list(form)
    if wanted == ["all"]:
        wanted = list(FORMS)
    elif wanted == ["mcgraw_wong"]:
        wanted = list(MCGRAW_WONG)
    for name in wanted:
        if name not in known:
            raise DesignError(
                f"no form {name!r}{nearest(str(name), list(known))}; there are {', '.join((*FORMS, *_SHORT))}, "
                "ICC(1), ICC(k), all and mcgraw_wong"
            )
    if not wanted:
        raise DesignError(f"form is empty; there are {', '.join(FORMS)} and all")
    return {name: known[name] for name in wanted}


def _check(estimator: str, null_value: float, session: str | None, form: str | Sequence[str]) -> None:
    if estimator not in ESTIMATORS:
        raise DesignError(
            f"no estimator {estimator!r}{nearest(str(estimator), ESTIMATORS)}; there are {', '.join(ESTIMATORS)}"
        )
    if isinstance(null_value, bool) or not isinstance(null_value, int | float | np.number) or not 0 <= null_value < 1:
        raise DesignError(f"null_value is {null_value!r}; give a fraction from 0 to below 1, such as 0.75")
    if session and (estimator != "auto" or null_value or form != "ICC(2,1)"):
        raise DesignError(
            "with session, agreement between and within readers comes from variance components by REML; leave out "
            "form, estimator and null_value, or choose one session with `where`"
        )


def _columns(
    readings: pd.DataFrame, value: str | Sequence[str], feature: str | None, keys: list[str]
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return the table with one column a feature, and those columns."""
    columns = (value,) if isinstance(value, str) else tuple(value)
    if not columns:
        raise DesignError("value is empty; name at least one column that was read")
    if len(set(columns)) < len(columns):
        raise DesignError("value names a column twice")
    if feature is None:
        return readings, columns
    if len(columns) > 1:
        raise DesignError("with feature, value is the one column that holds the readings")
    require_columns(readings, [*columns, *keys, feature])
    long = readings.dropna(subset=[*keys, feature])
    if long.duplicated([*keys, feature]).any():
        row = long.index[long.duplicated([*keys, feature])][0]
        raise DesignError(f"a reader has read a feature of an item more than once (row {row}); keep one with `where`")
    wide = long.set_index([*keys, feature])[columns[0]].unstack(feature)  # noqa: PD010 - pivot_table would average
    wide.columns = [str(name) for name in wide.columns]
    return wide.reset_index(), tuple(wide.columns)


def _read_by_several(rows: ReadingRows, reader: str, columns: tuple[str, ...]) -> ReadingRows:
    """Leave out items that one reader only has read, and say what is missing where nothing is left."""
    if len(rows.reader_names) < 2:
        raise DesignError(
            f"agreement needs at least 2 readers, and {reader!r} names {', '.join(rows.reader_names)} only"
        )
    pairs = np.unique(np.stack([rows.items, rows.readers]), axis=1)
    readers_of = np.bincount(pairs[0], minlength=rows.n_items)
    enough = readers_of[rows.items] > 1
    word = rows.item_word
    if (readers_of > 1).sum() < 2:
        raise DesignError(
            f"{(readers_of > 1).sum()} {word}s were read by two readers or more; agreement needs at least 2"
        )
    before = rows.reader_names
    rows = rows.keep(enough, f"of {word}s that one reader only has read", columns[0] if len(columns) == 1 else "")
    gone = [name for name in before if name not in rows.reader_names]
    if gone:
        note = f"No {word} read by {', '.join(gone)} was read by another reader."
        rows = replace(rows, notes=(*rows.notes, note))
    return rows


def _of_forms(rows: ReadingRows, columns: tuple[str, ...], question: Question, few: str) -> IntraclassCorrelation:
    if len(columns) > 1:
        lines, notes = feature_lines(rows, question, columns)
        return _result(rows, columns, rows.grid(), question, lines, (*rows.notes, *notes, few))
    grid = rows.grid()[:, :, 0]
    readings = Readings.of(rows, grid)
    question = replace(question, by_reml=question.by_reml or not readings.is_complete)
    lines, notes = form_lines(readings, question)
    parts, remarks = component_lines(readings, question, columns[0])
    notes = [*rows.notes, *_missing_note(readings), *notes, *remarks, *_patient_note(readings), few]
    return _result(rows, columns, grid, question, [*lines, *parts], tuple(notes))


def _complete(rows: ReadingRows, grid: NDArray[np.float64], column: str) -> ReadingRows:
    everyone = np.asarray(~np.isnan(grid).any(axis=1), dtype=bool)
    if everyone.sum() < 2:
        named = ", ".join(rows.reader_names)
        raise DesignError(
            f"{everyone.sum()} {rows.item_word}s were read by every one of {named}; mean squares need at least 2: "
            'leave out estimator = "mean_squares"'
        )
    return rows.keep(everyone[rows.items], f"of {rows.item_word}s that not every reader read", column)


def _missing_note(readings: Readings) -> list[str]:
    if readings.is_complete:
        return []
    missing = int((~readings.read_by_all).sum())
    return [
        f"{missing} of {len(readings.grid)} {readings.item_word}s were not read by every reader; what was read of them "
        "is used, by restricted maximum likelihood, as if the missing readings were missing at random."
    ]


def _patient_note(readings: Readings) -> list[str]:
    if not readings.is_nested or readings.patients is None:
        return []
    counts = np.bincount(readings.patients)
    most = int(counts.argmax())
    word, notes = readings.item_word, []
    if counts[most] > len(readings.grid) / 3:
        notes.append(
            f"Patient {readings.patient_names[most]} has {counts[most]} of the {len(readings.grid)} {word}s; the ICC "
            "of patients' means counts every patient once."
        )
    if not readings.is_complete:
        notes.append(f"ICCs of patients' means and within patients are of the {word}s that every reader has read.")
    return notes


def _of_sessions(rows: ReadingRows, columns: tuple[str, ...], level: float, few: str) -> IntraclassCorrelation:
    if len(columns) > 1:
        raise DesignError("with session, give one value at a time")
    lines, notes = session_lines(rows, columns[0], level)
    cells = rows.items * len(rows.reader_names) + rows.readers
    shape = (rows.n_items, len(rows.reader_names))
    counts = np.bincount(cells, minlength=shape[0] * shape[1])
    with np.errstate(invalid="ignore"):  # a cell without readings is NaN
        means = np.bincount(cells, rows.numbers[:, 0], minlength=counts.size) / counts
    return IntraclassCorrelation(
        estimates=tuple(lines),
        method=session_method(rows, level, (*notes, *rows.notes, few)),
        population=rows.population,
        values=means.reshape(shape),
        readers=rows.reader_names,
        value=columns[0],
        features=columns,
        item_word=rows.item_word,
        is_nested=rows.is_nested,
    )


def _result(
    rows: ReadingRows,
    columns: tuple[str, ...],
    grid: NDArray[np.float64],
    question: Question,
    lines: list[Estimate],
    notes: tuple[str, ...],
) -> IntraclassCorrelation:
    return IntraclassCorrelation(
        estimates=tuple(lines),
        method=icc_method(rows, question, n_features=len(columns), is_nested=rows.is_nested, notes=notes),
        population=rows.population,
        values=grid,
        readers=rows.reader_names,
        value=columns[0] if len(columns) == 1 else f"{len(columns):,} features",
        features=columns,
        item_word=rows.item_word,
        is_nested=rows.is_nested,
    )
