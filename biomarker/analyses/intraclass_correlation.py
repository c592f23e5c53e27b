"""How well do readers tell lesions apart? Intraclass correlation with its form named, lesions nested in patients."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from biomarker.analyses.readings import ReadingTable, reading_table
from biomarker.analyses.result import Estimate, Method, Result, checked_fraction
from biomarker.errors import DesignError, SmallSampleWarning, nearest
from biomarker.kernels.icc import FORMS, mean_squares, variance_components
from biomarker.kernels.icc import intraclass_correlation as icc_with_test
from biomarker.kernels.icc_nested import nested_interval
from biomarker.references import ARVESEN_SCHMITZ_1970, MCGRAW_WONG_1996, SHROUT_FLEISS_1979
from biomarker.vocabulary import column_label, marker_unit

MODELS = {
    "1": "each item read by readers of its own (one-way random)",
    "2": "readers a random sample, absolute agreement (two-way random)",
    "3": "these readers only, consistency (two-way mixed)",
}


@dataclass(frozen=True, kw_only=True, eq=False)
class IntraclassCorrelation(Result):
    """Intraclass correlation, one line per form, and the components of variance.

    Attributes
    ----------
    values : ndarray, shape (n_items, n_readers)
        The readings analysed.
    readers : tuple of str
        Columns of `values`.
    value : str
        The column that was read.
    item_word : str
        What was read: lesion, patient, item.
    is_nested : bool
        Whether patients have several items.
    """

    values: NDArray[np.float64]
    readers: tuple[str, ...]
    value: str
    item_word: str
    is_nested: bool
    figure_size: ClassVar[tuple[float, float]] = (3.46, 2.9)

    @property
    def forms(self) -> tuple[str, ...]:
        """Forms estimated."""
        return tuple(line.of["form"] for line in self.estimates if line.quantity == "icc")

    @property
    def caption(self) -> str:
        """What the figure shows."""
        if len(self.forms) == 1:
            return (
                f"{column_label(self.value)} of each {self.item_word} by each of {len(self.readers)} readers, in order "
                "of the mean reading; vertical lines join the readings of one."
            )
        level = f"{self.method.confidence_level:.0%}"
        naive = f" Open circles: as if {self.item_word}s were independent." if self.is_nested else ""
        return f"Intraclass correlation of {column_label(self.value)} in each form, with {level} intervals.{naive}"


def intraclass_correlation(
    readings: pd.DataFrame,
    *,
    value: str,
    item: str = "lesion_id",
    reader: str = "reader_id",
    form: str | Sequence[str] = "ICC(2,1)",
    confidence_level: float = 0.95,
    patient: str | None = "patient_id",
) -> IntraclassCorrelation:
    """Estimate the intraclass correlation of readings of the same items by two or more readers.

    ICC(2,1), two-way random, absolute agreement, single reading, is the default because readers of a trial stand for
    those who will read later, and a systematic difference between them is an error. Only items read by every reader
    are used; the rest are counted. Two readings of one item by one reader are refused, not averaged.

    Parameters
    ----------
    readings : DataFrame
        One row a reading.
    value : str
        Column that was read, such as ``"suvmax"``.
    item, reader : str
        Columns; lesions may be numbered anew in each patient.
    form : str or list of str
        A form of Shrout and Fleiss, ``"ICC(2,1)"``, a list of them, or ``"all"``.
    confidence_level : float
        Two-sided coverage, a fraction in (0, 1).
    patient : str or None
        Column of patient identifiers. Where a patient has several items the interval leaves out one patient at a time;
        the F interval, which takes items for independent, is given beside it as ``icc_naive``.

    Returns
    -------
    IntraclassCorrelation
        Lines ``icc`` (and ``icc_naive``) by form, and ``variance_component`` and ``variance_share`` by component.

    Raises
    ------
    DesignError
        For an unknown form or column, repeated readings, or fewer than two readers or items.

    References
    ----------
    Shrout PE, Fleiss JL. Psychol Bull 1979;86:420-428. McGraw KO, Wong SP. Psychol Methods 1996;1:30-46.
    Arvesen JN, Schmitz TH. Biometrics 1970;26:677-686.

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
    table = reading_table(readings, value=value, item=item, reader=reader, patient=patient)
    lines, notes = _icc_lines(table, forms, confidence_level)
    few = table.few_note()
    if few:
        warnings.warn(few, SmallSampleWarning, stacklevel=2)
    return IntraclassCorrelation(
        estimates=(*lines, *_component_lines(table, value)),
        method=_method(table, forms, confidence_level, (*table.notes, *notes, *_component_notes(table), few)),
        population=table.population,
        values=table.grid,
        readers=table.readers,
        value=value,
        item_word=table.item_word,
        is_nested=table.is_nested,
    )


def _forms(form: str | Sequence[str]) -> tuple[str, ...]:
    wanted = [form] if isinstance(form, str) or not isinstance(form, Sequence) else list(form)
    if wanted == ["all"]:
        return FORMS
    for name in wanted:
        if name not in FORMS:
            raise DesignError(f"no form {name!r}{nearest(str(name), FORMS)}; there are {', '.join(FORMS)} and all")
    if not wanted:
        raise DesignError(f"form is empty; there are {', '.join(FORMS)} and all")
    return tuple(dict.fromkeys(wanted))


def _icc_lines(table: ReadingTable, forms: tuple[str, ...], level: float) -> tuple[list[Estimate], list[str]]:
    """One line per form; where items are nested a second one with the interval that ignores it."""
    lines, notes = [], []
    counts: dict[str, Any] = {"n": table.n_items, "n_patients": table.n_patients}
    for name in forms:
        f = icc_with_test(table.grid, name, confidence_level=level)
        test: dict[str, Any] = {"statistic": f.f, "df": (f.df1, f.df2), "p_value": f.p_value}
        if table.is_nested and table.patients is not None:
            low, high = nested_interval(table.grid, table.patients, name, confidence_level=level)
            lines.append(Estimate(quantity="icc", value=f.icc, low=low, high=high, of={"form": name}, **counts))
            naive = {"form": name, "interval": "naive"}
            lines.append(
                Estimate(quantity="icc_naive", value=f.icc, low=f.low, high=f.high, of=naive, **test, **counts)
            )
            if np.isnan(low) and not np.isnan(f.icc):
                notes.append(
                    "Too few patients to tell how their lesions go together: no interval that honours nesting can be "
                    "estimated, only the naive one, as if lesions were independent."
                )
        else:
            of = {"form": name}
            lines.append(Estimate(quantity="icc", value=f.icc, low=f.low, high=f.high, of=of, **test, **counts))
        notes += _form_notes(f.icc, name, table)
    return lines, notes


def _form_notes(icc: float, form: str, table: ReadingTable) -> list[str]:
    if np.isnan(icc):
        nothing = np.ptp(table.grid) == 0
        why = "the readings do not vary" if nothing else "the variance of a mean reading comes out negative"
        return [f"{form} is not defined: {why}."]
    if icc == 1:
        return ["Readers agree exactly, so the interval has no width."]
    if icc < 0:
        return [f"{form} is below 0: readers differ more on one {table.item_word} than {table.item_word}s differ."]
    return []


def _component_lines(table: ReadingTable, value: str) -> list[Estimate]:
    parts = variance_components(mean_squares(table.grid))
    total = sum(parts)
    unit = marker_unit(value)
    of_component = {table.item_word: parts.item, "reader": parts.reader, "residual": parts.residual}
    counts: dict[str, Any] = {"n": table.n_items, "n_patients": table.n_patients}
    lines = [
        Estimate(
            quantity="variance_component",
            value=part,
            of={"component": name},
            unit=f"({unit})²" if unit else "",
            **counts,
        )
        for name, part in of_component.items()
    ]
    return lines + [
        Estimate(
            quantity="variance_share",
            value=part / total if total > 0 else float("nan"),
            of={"component": name},
            unit="fraction",
            **counts,
        )
        for name, part in of_component.items()
    ]


def _listed(forms: tuple[str, ...]) -> str:
    if forms == FORMS:
        return "the six forms of the intraclass correlation"
    return " and ".join([", ".join(forms[:-1]), forms[-1]]) if len(forms) > 1 else forms[0]


def _component_notes(table: ReadingTable) -> list[str]:
    """Say which component of variance came out negative."""
    ms = mean_squares(table.grid)
    negative = [name for name, square in ((table.item_word, ms.items), ("reader", ms.readers)) if square < ms.residual]
    return [f"The variance between {name}s came out negative and is set to 0." for name in negative]


def _method(table: ReadingTable, forms: tuple[str, ...], level: float, notes: tuple[str, ...]) -> Method:
    models = sorted({form[4] for form in forms})
    meanings = "; ".join(f"ICC({model},·): {MODELS[model]}" for model in models).replace("item", table.item_word)
    word, references = table.item_word, [SHROUT_FLEISS_1979, MCGRAW_WONG_1996]
    description = (
        f"Agreement of {len(table.readers)} readers was summarised by {_listed(forms)} in the notation of Shrout "
        f"and Fleiss, from the mean squares of {table.n_items} {word}s read by every reader"
    )
    if table.is_nested:
        name = "jackknife over patients on Fisher's scale, t intervals"
        references.append(ARVESEN_SCHMITZ_1970)
        description += (
            f"; {word}s were nested in patients, so intervals were obtained by leaving out one patient at a time, on "
            "Fisher's scale with Student's t"
        )
        if "2" in models:
            description += ", with the sampling of readers added by the delta method"
    else:
        name = "F intervals"
        description += ", with F-based intervals"
    return Method(
        name=name,
        confidence_level=level,
        settings={"form": ", ".join(forms), "n_readers": len(table.readers)},
        references=tuple(references),
        notes=(f"{meanings}. The second sign is the number of readings averaged.", *notes),
        description=f"{description}.",
    )
