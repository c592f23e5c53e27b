"""Do readers agree, in one number? Lin's concordance correlation, of any number of readers, lesions and replicates."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from biomarker.analyses.replicated_readings import ReplicatedReadings, replicated_readings
from biomarker.analyses.result import Estimate, Method, Result, checked_fraction
from biomarker.errors import DesignError, SmallSampleWarning, nearest
from biomarker.kernels.concordance_correlation import (
    Concordance,
    Sums,
    concordance,
    is_perfect,
    jackknife_intervals,
    lin_interval,
    moments,
    reading_sums,
)
from biomarker.references import BARNHART_2002, KING_CHINCHILLI_2001, LIN_1989
from biomarker.vocabulary import column_label

INTERVALS = ("auto", "z", "jackknife")


@dataclass(frozen=True, kw_only=True, eq=False)
class ConcordanceCorrelation(Result):
    """Concordance of readers, with its parts, overall and of each pair.

    Attributes
    ----------
    readings : ndarray, shape (n_items, n_readers)
        The reading of each item by each reader, the mean of replicates.
    readers : tuple of str
        Columns of `readings`.
    value : str
        The column that was read.
    item_word : str
        What was read: lesion, patient, item.
    axis : tuple of float
        Intercept and slope of the reduced major axis, the second reader on the first: where points lie when the
        correlation is perfect. NaN for more than two readers.
    """

    readings: NDArray[np.float64]
    readers: tuple[str, ...]
    value: str
    item_word: str
    axis: tuple[float, float]
    figure_size: ClassVar[tuple[float, float]] = (3.46, 3.2)

    @property
    def caption(self) -> str:
        """What the figure shows."""
        marker = column_label(self.value)
        if len(self.readers) > 2:
            return (
                f"Concordance correlation of {marker}, overall and of each pair of readers, with "
                f"{100 * self.method.confidence_level:g}% confidence intervals."
            )
        return (
            f"{marker} by readers {self.readers[0]} and {self.readers[1]}, one point per {self.item_word}. Grey line, "
            "identity; dashed line, reduced major axis. Concordance correlation (CCC) tells how near the points lie to "
            "the line of identity."
        )


def concordance_correlation(
    readings: pd.DataFrame,
    *,
    value: str,
    item: str = "lesion_id",
    reader: str = "reader_id",
    readers: Sequence[str] | None = None,
    session: str | None = "session",
    replicates: str = "auto",
    interval: str = "auto",
    confidence_level: float = 0.95,
    patient: str | None = "patient_id",
) -> ConcordanceCorrelation:
    """Estimate Lin's concordance correlation coefficient: how near readings lie to the line of identity.

    The coefficient is the correlation (precision) times a bias correction factor (accuracy), which is 1 where readers
    have equal means and equal spread. Like any correlation it grows with the spread of the lesions: the same readers
    agree "better" on a more mixed population. For more than two readers it is the overall coefficient. It is that of
    single readings, also where readings are repeated.

    Parameters
    ----------
    readings : DataFrame
        One row a reading.
    value : str
        Column that was read, such as ``"suvmax"``.
    item, reader : str
        Columns; lesions may be numbered anew in each patient.
    readers : list of str, optional
        Readers to compare; all by default.
    session : str or None
        Column that tells repeated readings of an item by a reader apart.
    replicates : {"auto", "none", "paired", "unpaired"}
        Repeated readings of an item by a reader, as in `limits_of_agreement`.
    interval : {"auto", "z", "jackknife"}
        Fisher's z with Lin's variance, for two readers of independent items read once; or the jackknife of z, each
        patient (item) left out in turn. "auto" takes the first where it applies.
    confidence_level : float
        Two-sided coverage of the intervals, a fraction in (0, 1).
    patient : str or None
        Column of patient identifiers.

    Returns
    -------
    ConcordanceCorrelation
        Lines ``ccc``, ``pearson_r`` (precision), ``bias_correction`` and, of two readers, ``location_shift`` (first
        less second over the geometric mean of their SDs) and ``scale_shift`` (ratio of the SDs). Of more than two,
        those of all readers and ``ccc`` of each pair.

    Raises
    ------
    DesignError
        For an unknown interval, reader or column, undeclared repeats or duplicates, fewer than two readers or items, or
        Lin's interval where it does not apply.

    References
    ----------
    Lin LI. Biometrics 1989;45:255-268; 2000;56:324-325. Barnhart HX et al. Biometrics 2002;58:1020-1027. King TS,
    Chinchilli VM. Stat Med 2001;20:2131-2147.

    Examples
    --------
    Peak flow of 17 subjects by two meters (Bland and Altman 1986); R's ``epiR::epi.ccc`` gives 0.943 (0.850, 0.979):

    >>> import pandas as pd
    >>> wright = [494, 395, 516, 434, 476, 557, 413, 442, 650, 433, 417, 656, 267, 478, 178, 423, 427]
    >>> mini = [512, 430, 520, 428, 500, 600, 364, 380, 658, 445, 432, 626, 260, 477, 259, 350, 451]
    >>> wide = pd.DataFrame({"subject": range(17), "Wright": wright, "mini": mini})
    >>> readings = wide.melt(id_vars="subject", var_name="meter", value_name="peak_flow")
    >>> result = concordance_correlation(readings, value="peak_flow", item="subject", reader="meter", patient=None)
    >>> line = result.estimate("ccc")
    >>> print(f"{line.value:.3f} ({line.low:.3f}, {line.high:.3f})")
    0.943 (0.850, 0.979)
    """
    checked_fraction(confidence_level, "confidence_level")
    if interval not in INTERVALS:
        raise DesignError(
            f"no interval {interval!r}{nearest(str(interval), INTERVALS)}; there are {', '.join(INTERVALS)}"
        )
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
    is_lins = len(table.readers) == 2 and not table.is_nested and table.replicates == "none"
    if interval == "z" and not is_lins:
        raise DesignError(
            "Lin's interval is of two readers of independent items, each read once; leave out interval, or say "
            'interval="jackknife"'
        )
    few = table.few_note()
    if few:
        warnings.warn(few, SmallSampleWarning, stacklevel=2)
    sums = _sums(table, tuple(range(len(table.readers))))
    use_lin = is_lins and interval != "jackknife"
    lines = _lines(sums, table, use_lin, confidence_level)
    if len(table.readers) > 2:
        lines += _pair_lines(table, confidence_level)
    ccc = lines[0]
    grid = table.unit_means(table.reading)
    return ConcordanceCorrelation(
        estimates=tuple(lines),
        method=_method(table, use_lin, confidence_level, (*table.notes, *_notes(ccc, table), few)),
        population=table.population,
        readings=_item_means(grid, table),
        readers=table.readers,
        value=value,
        item_word=table.item_word,
        axis=_major_axis(grid) if len(table.readers) == 2 else (float("nan"), float("nan")),
    )


def _sums(table: ReplicatedReadings, readers: tuple[int, ...]) -> Sums:
    chosen = np.isin(table.reader, readers)
    place = np.searchsorted(readers, table.reader[chosen])
    session = table.unit[chosen] if table.replicates == "paired" else ()
    return reading_sums(table.reading[chosen], table.item[chosen], place, table.patients, session=session)


def _lines(sums: Sums, table: ReplicatedReadings, use_lin: bool, confidence_level: float) -> list[Estimate]:
    found = concordance(moments(sums))
    limits = jackknife_intervals(sums, confidence_level=confidence_level)
    if use_lin:
        low, high = lin_interval(found, table.n_items, confidence_level=confidence_level)
        limits = limits._replace(ccc=np.array([low, high]))
    names = {"ccc": "ccc", "precision": "pearson_r", "bias_correction": "bias_correction"}
    if len(table.readers) == 2:
        names |= {"location_shift": "location_shift", "scale_shift": "scale_shift"}
    sign = " - " if len(table.readers) == 2 else ", "
    return [_line(quantity, name, found, limits, table, sign.join(table.readers)) for name, quantity in names.items()]


def _line(
    quantity: str, name: str, found: Concordance, limits: Concordance, table: ReplicatedReadings, readers: str
) -> Estimate:
    low, high = getattr(limits, name)
    of: dict[str, Any] = {"readers": readers}
    value = float(getattr(found, name)[0])
    return Estimate(
        quantity=quantity, value=value, low=low, high=high, n=table.n_items, n_patients=table.n_patients, of=of
    )


def _pair_lines(table: ReplicatedReadings, confidence_level: float) -> list[Estimate]:
    """Give the coefficient of each pair, by the jackknife."""
    lines = []
    for pair in combinations(range(len(table.readers)), 2):
        sums = _sums(table, pair)
        found, limits = concordance(moments(sums)), jackknife_intervals(sums, confidence_level=confidence_level)
        lines.append(_line("ccc", "ccc", found, limits, table, " - ".join(table.readers[place] for place in pair)))
    return lines


def _item_means(grid: NDArray[np.float64], table: ReplicatedReadings) -> NDArray[np.float64]:
    counts = np.bincount(table.unit_items)
    return np.column_stack([np.bincount(table.unit_items, column) / counts for column in grid.T])


def _major_axis(grid: NDArray[np.float64]) -> tuple[float, float]:
    """Give intercept and slope of the line through the means with the ratio of SDs as its slope."""
    first, second = grid.T
    if first.std() == 0:
        return float("nan"), float("nan")
    rises = np.sign(np.cov(first, second)[0, 1]) or 1.0
    slope = float(rises * second.std() / first.std())
    return float(second.mean() - slope * first.mean()), slope


def _notes(ccc: Estimate, table: ReplicatedReadings) -> list[str]:
    notes = []
    if np.isnan(ccc.value):
        notes.append("The readings do not vary, so concordance is not defined.")
    elif is_perfect(ccc.value):
        notes.append("The readers agree exactly.")
    if table.replicates != "none":
        notes.append("Concordance is that of single readings; replicates serve to estimate their variance.")
    return notes


def _method(table: ReplicatedReadings, use_lin: bool, confidence_level: float, notes: tuple[str, ...]) -> Method:
    unit = "patient" if table.is_nested else table.item_word
    jackknife = f"jackknife intervals of Fisher's z, one {unit} left out at a time"
    name = "Lin's intervals by Fisher's z" if use_lin else jackknife
    several = len(table.readers) > 2
    what = f"The overall concordance correlation coefficient of {len(table.readers)} readers"
    replicated = " of single readings" if table.replicates != "none" else ""
    return Method(
        name=name,
        confidence_level=confidence_level,
        settings={
            "interval": "z" if use_lin else "jackknife",
            "replicates": table.replicates,
            "readers": ", ".join(table.readers),
        },
        references=(LIN_1989, *((BARNHART_2002,) * several), *((KING_CHINCHILLI_2001,) * (not use_lin))),
        notes=notes,
        description=(
            f"{what if several else 'Lin concordance correlation coefficient of two readers'}{replicated} was "
            f"estimated for {table.n_items} {table.item_word}s with {name}."
        ),
    )
