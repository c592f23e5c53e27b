"""How far apart are two measurements of the same lesion? Repeatability, reproducibility, and what change is real."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from biomarker.analyses.population import select_rows
from biomarker.analyses.reading_rows import ReadingRows, reading_rows, refuse_repeats
from biomarker.analyses.repeatability_lines import (
    Band,
    Repeats,
    bands,
    component_lines,
    profile_lines,
    reproducibility_lines,
    units_of,
    within_lines,
)
from biomarker.analyses.repeatability_words import claim_of, repeatability_method, repeatability_notes
from biomarker.analyses.result import Result, checked_fraction
from biomarker.errors import DesignError, Problem, SchemaError, SmallSampleWarning, nearest
from biomarker.kernels.proportion import clopper_pearson_interval
from biomarker.kernels.repeatability import PrecisionTrend
from biomarker.vocabulary import column_label

SCALES = ("log", "raw")


@dataclass(frozen=True, kw_only=True, eq=False)
class Repeatability(Result):
    """Spread of repeated measurements, what change exceeds it, and how it goes with size.

    Attributes
    ----------
    sizes : ndarray, shape (n_units,)
        Mean reading of each item (of one reader), or its size: what the figure has on its horizontal axis.
    spreads : ndarray, shape (n_units,)
        Coefficient of variation of each item, a fraction; on the raw scale its standard deviation.
    bands : tuple of Band
        Items of like size, each with its pooled spread among the estimates.
    trend : PrecisionTrend
        The line through the spreads.
    value, by : str
        What was read, and what it is drawn against.
    scale : {"log", "raw"}
    item_word : str
    claim : str
        What change between two measurements is a true one, in a sentence.
    """

    sizes: NDArray[np.float64]
    spreads: NDArray[np.float64]
    bands: tuple[Band, ...]
    trend: PrecisionTrend
    value: str
    by: str
    scale: str
    item_word: str
    claim: str
    figure_size: ClassVar[tuple[float, float]] = (3.46, 2.9)

    @property
    def caption(self) -> str:
        """What the figure shows."""
        what = "coefficient of variation" if self.scale == "log" else "standard deviation"
        pooled = "root mean square" if self.scale == "log" else "pooled standard deviation"
        level = f"{100 * self.method.confidence_level:g}%"
        if not self.sizes.size:
            return f"No precision profile: no {self.item_word} was measured twice under the same conditions."
        parts = [
            f"Precision profile of {column_label(self.value)}: within-{self.item_word} {what} against {self.by}, one "
            f"point per {self.item_word}."
        ]
        if self.bands:
            parts.append(f"Horizontal bars, {pooled} of each band with its {level} interval.")
        if not np.isnan(self.trend.slope):
            parts.append("Line, trend over all.")
        return " ".join(parts)


def repeatability(
    readings: pd.DataFrame,
    *,
    value: str,
    item: str = "lesion_id",
    session: str | None = None,
    reader: str | None = "reader_id",
    scanner: str | None = None,
    scale: str = "log",
    size: str | None = None,
    bands: int = 3,
    confidence_level: float = 0.95,
    patient: str | None = "patient_id",
) -> Repeatability:
    """Estimate how far apart repeated measurements of the same item are.

    Repeatability is the spread of measurements of an item under one condition: the same reader, the same scanner.
    Reproducibility is that when reader or scanner change as well. What the field prints, the median over lesions of
    their coefficient of variation, is given beside the root mean square, from which limits of change follow: half of
    the lesions vary more than the median, and where most were read exactly alike it is 0.

    Parameters
    ----------
    readings : DataFrame
        One row a reading.
    value : str
        Column that was read, such as ``"suvmax"``.
    item : str
        Column of items; lesions may be numbered anew in each patient.
    session : str, optional
        Column of sessions or scans that tells repeats apart. Two readings of one item by one reader at one session are
        refused. Without it every further row of an item (and reader) is a repeat.
    reader, scanner : str or None
        Columns of conditions. ``reader="reader_id"`` is used where that column is there; None takes readings by several
        readers for repeats of one another.
    scale : {"log", "raw"}
        ``"log"``: the error grows with what is measured, as that of an SUV does; coefficients of variation and limits
        in percent. ``"raw"``: the error is the same at any size; coefficients in the unit of the readings only.
    size : str, optional
        Column, constant in an item, that the spread is set against: lesion volume or diameter. By default the mean
        reading.
    bands : int
        Into how many bands of size the items are cut; 1 for none.
    confidence_level : float
        Two-sided coverage, a fraction in (0, 1).
    patient : str or None
        Column of patient identifiers. Lesions of a patient share errors of a scan, so where patients have several the
        intervals rest on effective degrees of freedom.

    Returns
    -------
    Repeatability
        ``within_sd`` and ``repeatability_coefficient`` in the unit of the readings; on the log scale ``within_cv``
        (``of["method"]`` root mean square or log), ``percent_repeatability_coefficient``, ``repeatability_limit_low``
        and ``_high`` (relative change, asymmetric) and ``item_cv_median``, ``_q1``, ``_q3``. With readers or scanners
        ``reproducibility_sd``, ``reproducibility_coefficient``, ``reproducibility_cv``, ``reproducibility_limit_low``
        and ``_high``. ``variance_component`` and ``variance_share`` by component. ``within_cv_by_size`` (or
        ``within_sd_by_size``) of each ``of["band"]``, and ``precision_trend``, the ratio of spreads when size doubles.

    Raises
    ------
    DesignError
        For an unknown column, scale or band, nothing read twice, or repeated readings at one session.
    SchemaError
        For readings that are not above 0 on the log scale; every one is named.

    References
    ----------
    Bland JM, Altman DG. BMJ 1996;313:744; BMJ 1996;313:106. Raunig DL et al. Stat Methods Med Res 2015;24:27-67.
    Obuchowski NA, Bullen J. Stat Methods Med Res 2018;27:3139-3150. Weerahandi S. J Am Stat Assoc 1993;88:899-905.

    Examples
    --------
    Peak flow of twenty children, measured four times each; the first five (Bland and Altman 1996), L/min:

    >>> import pandas as pd
    >>> flows = [[190, 220, 200, 200], [220, 200, 240, 230], [260, 260, 240, 280], [210, 300, 280, 265],
    ...          [270, 265, 280, 270]]
    >>> rows = [(child, flow) for child, four in enumerate(flows) for flow in four]
    >>> readings = pd.DataFrame(rows, columns=["child", "flow"])
    >>> result = repeatability(readings, value="flow", item="child", scale="raw", bands=1, patient=None)
    >>> print(f"{result.estimate('within_sd').value:.1f}")
    21.2
    """
    _check(scale, bands, confidence_level)
    conditions = _conditions(readings, reader, scanner)
    rows = reading_rows(
        readings, values=[value], item=item, readers=list(conditions), session=session, patient=patient
    )  # fmt: skip
    if session:
        refuse_repeats(rows, reader=" and ".join(conditions) or "the same reader", session=session)
    elif not conditions:
        rows = _noted(rows, readings, reader)
    rows = _measured_twice(rows, value)
    if scale == "log":
        _require_positive(rows, value)
    repeats, by = _repeats(rows, readings, value, size, scale, conditions, confidence_level)
    cut = bands_of(repeats, bands)
    profile, trend = profile_lines(repeats, cut, by) if repeats.raw.df.size else ([], _no_trend())
    single = _columns_of(rows, readings, conditions, session)
    has_repeats = bool(repeats.raw.df.size)
    lines = [
        *(within_lines(repeats) if has_repeats else []),
        *reproducibility_lines(repeats),
        *component_lines(repeats, single, has_repeats=has_repeats),
        *profile,
    ]
    few = rows.few_note()
    if few:
        warnings.warn(few, SmallSampleWarning, stacklevel=2)
    claim = claim_of(lines, value, scale)
    notes = (claim, *repeatability_notes(repeats, lines, by), *_exactly_alike(repeats), *rows.notes, few)
    is_log = scale == "log"
    return Repeatability(
        estimates=tuple(lines),
        method=repeatability_method(repeats, scale=scale, session=session, by=by, bands=len(cut), notes=notes),
        population=rows.population,
        sizes=repeats.covariate,
        spreads=repeats.item_cv if is_log else np.sqrt(repeats.raw.squares / repeats.raw.df),
        bands=tuple(cut),
        trend=trend,
        value=value,
        by=by,
        scale=scale,
        item_word=rows.item_word,
        claim=claim,
    )


def _check(scale: str, count: int, confidence_level: float) -> None:
    if scale not in SCALES:
        raise DesignError(f"no scale {scale!r}{nearest(str(scale), SCALES)}; there are {', '.join(SCALES)}")
    if isinstance(count, bool) or not isinstance(count, int | np.integer) or not 1 <= count <= 20:
        raise DesignError(f"bands is {count!r}; give a whole number from 1 to 20")
    checked_fraction(confidence_level, "confidence_level")


def _conditions(readings: pd.DataFrame, reader: str | None, scanner: str | None) -> dict[str, str]:
    """Return the columns of conditions and what each is called."""
    named = {}
    if reader and not (reader == "reader_id" and isinstance(readings, pd.DataFrame) and reader not in readings.columns):
        named[reader] = "reader"
    if scanner:
        if scanner == reader:
            raise DesignError(f"{scanner!r} cannot be reader and scanner at once")
        named[scanner] = "scanner"
    return named


def _noted(rows: ReadingRows, readings: pd.DataFrame, reader: str | None) -> ReadingRows:
    if reader is None and "reader_id" in readings.columns and len(set(readings["reader_id"].dropna())) > 1:
        note = "Readings by different readers are taken as repeats of one another, so readers are part of the error."
        return replace(rows, notes=(*rows.notes, note))
    return rows


def _measured_twice(rows: ReadingRows, value: str) -> ReadingRows:
    """Leave out items measured once, which say nothing of repeats."""
    counts = np.bincount(rows.items)
    word = rows.item_word
    if (counts > 1).sum() == 0:
        raise DesignError(f"no {word} has two readings, so nothing can be said of repeats")
    return rows.keep(counts[rows.items] > 1, f"of {word}s read once only", value)


def _require_positive(rows: ReadingRows, value: str) -> None:
    faults = [
        Problem(
            rule="is not above 0, which scale = 'log' needs", column=value, value=f"{number:g}",
            row=int(label) if isinstance(label, int | np.integer) else None,
        )
        for label, number in zip(rows.labels, rows.numbers[:, 0].tolist(), strict=True)
        if number <= 0
    ]  # fmt: skip
    if faults:
        raise SchemaError(faults)


def _repeats(
    rows: ReadingRows,
    readings: pd.DataFrame,
    value: str,
    size: str | None,
    scale: str,
    conditions: dict[str, str],
    confidence_level: float,
) -> tuple[Repeats, str]:
    raw, log, items = units_of(rows, is_log=scale == "log")
    means = np.bincount(rows.items, rows.numbers[:, 0]) / np.bincount(rows.items)
    covariate, by = np.asarray(means[items], float), f"mean {column_label(value)}"
    if size is not None:
        covariate, by = _sizes(rows, readings, size)[items], column_label(size)
    return Repeats(
        rows=rows,
        raw=raw,
        log=log,
        items=items,
        covariate=covariate,
        is_nested=rows.is_nested or _several_a_patient(rows, raw.patient),
        value=value,
        over=" and ".join(conditions.values()),
        level=confidence_level,
    ), by


def _several_a_patient(rows: ReadingRows, patient: NDArray[np.intp]) -> bool:
    """Whether units repeat in patients though items do not: one lesion a patient, read by several readers."""
    return patient.size > np.unique(patient).size and (rows.patients is not None or len(rows.reader_names) > 1)


def _sizes(rows: ReadingRows, readings: pd.DataFrame, size: str) -> NDArray[np.float64]:
    """Return the size of each item: the mean of its rows."""
    labelled = select_rows(readings, numeric=[size], patient=None, keep_missing=[size]).frame[size]
    if not labelled.index.is_unique:
        raise DesignError("row labels repeat; call reset_index(drop=True) first, so that sizes go with their readings")
    sizes = labelled.reindex(pd.Index(rows.labels)).to_numpy(float)
    if np.isnan(sizes).any():
        raise DesignError(f"{size!r} is missing in {int(np.isnan(sizes).sum())} readings; leave these out with `where`")
    return np.asarray(np.bincount(rows.items, sizes) / np.bincount(rows.items))


def bands_of(repeats: Repeats, count: int) -> list[Band]:
    """Return the bands of size asked for."""
    return bands(repeats.covariate, count) if count > 1 else []


def _no_trend() -> PrecisionTrend:
    return PrecisionTrend(*(float("nan"),) * 8)


def _columns_of(
    rows: ReadingRows, readings: pd.DataFrame, conditions: dict[str, str], session: str | None
) -> dict[str, NDArray[np.intp]]:
    """Return the codes of reader, scanner and session, each with two levels or more."""
    found: dict[str, NDArray[np.intp]] = {}
    if len(conditions) == 1:
        found[next(iter(conditions.values()))] = rows.readers
    elif readings.index.is_unique:
        for column, word in conditions.items():
            found[word] = pd.factorize(readings[column].reindex(pd.Index(rows.labels)))[0].astype(np.intp)
    if session:
        found["session"] = rows.sessions
    return {word: codes for word, codes in found.items() if np.unique(codes).size > 1}


def _exactly_alike(repeats: Repeats) -> list[str]:
    """Say what is known where repeats never differ: a spread of 0 has no chi-squared limit."""
    units = repeats.raw
    if not units.df.size or units.squares.sum() > 0:
        return []
    n = int(units.df.size)
    upper = float(clopper_pearson_interval(0, n, confidence_level=repeats.level).high)
    word = repeats.rows.item_word
    return [
        f"The repeats of all {n} {word}s are the same to the digits recorded: the within-{word} SD is 0 and has no "
        f"upper limit that could be computed; the share of {word}s whose repeats differ is below {100 * upper:.0f}% "
        f"({100 * repeats.level:g}% upper limit)."
    ]
