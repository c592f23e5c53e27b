"""How far apart can two readings be? Bland-Altman limits of agreement of two readers, lesions nested in patients."""

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
from biomarker.errors import DesignError, Problem, SchemaError, SmallSampleWarning, nearest
from biomarker.kernels.interval import Interval
from biomarker.kernels.limits_of_agreement import (
    INTERVALS,
    SCALES,
    DifferencesAndMeans,
    ProportionalBias,
    differences_and_means,
    nested_limits_of_agreement,
    proportional_bias,
)
from biomarker.kernels.limits_of_agreement import (
    LimitsOfAgreement as Limits,
)
from biomarker.kernels.limits_of_agreement import (
    limits_of_agreement as independent_limits,
)
from biomarker.references import (
    BLAND_ALTMAN_1986,
    BLAND_ALTMAN_1999,
    BLAND_ALTMAN_2007,
    CARKEET_2015,
    ZOU_2013,
    Reference,
)
from biomarker.vocabulary import column_label, marker_unit

NAMES = {
    "exact": "exact intervals from the noncentral t distribution",
    "approximate": "approximate intervals after Bland and Altman",
    "nested": "intervals from recovered variance estimates (MOVER), lesions nested in patients",
}


@dataclass(frozen=True, kw_only=True, eq=False)
class LimitsOfAgreement(Result):
    """Bias and limits of agreement of two readers, and what a Bland-Altman plot shows.

    Attributes
    ----------
    differences, means : ndarray, shape (n_items,)
        First reader minus second (in percent of the mean for ``scale="percent"``, first over second for
        ``"ratio"``) and the mean of the two (the geometric one for ``"ratio"``), in the unit of the readings.
    patients : ndarray of int, shape (n_items,), or None
        A code for the patient of each item.
    readers : tuple of str
        First and second.
    value : str
        The column that was read.
    scale : str
    coverage : float
        Share of differences that the limits are to hold.
    item_word : str
        What was read: lesion, patient, item.
    """

    differences: NDArray[np.float64]
    means: NDArray[np.float64]
    patients: NDArray[np.intp] | None
    readers: tuple[str, ...]
    value: str
    scale: str
    coverage: float
    item_word: str
    figure_size: ClassVar[tuple[float, float]] = (3.46, 2.9)

    @property
    def caption(self) -> str:
        """What the figure shows."""
        first, second = self.readers
        what = "ratio" if self.scale == "ratio" else "difference"
        sign, mean = ("/", "geometric mean") if self.scale == "ratio" else ("minus", "mean")
        of_mean = " in percent of the mean" if self.scale == "percent" else ""
        return (
            f"Bland-Altman plot of {column_label(self.value)}: {what} of readers {first} {sign} {second}{of_mean} "
            f"against their {mean}, one point per {self.item_word}. Solid line, bias; dashed lines, "
            f"{self.coverage:.0%} limits of agreement; bands, {self.method.confidence_level:.0%} confidence intervals."
        )


def limits_of_agreement(
    readings: pd.DataFrame,
    *,
    value: str,
    item: str = "lesion_id",
    reader: str = "reader_id",
    readers: Sequence[str] | None = None,
    scale: str = "difference",
    coverage: float = 0.95,
    interval: str = "exact",
    confidence_level: float = 0.95,
    patient: str | None = "patient_id",
) -> LimitsOfAgreement:
    """Estimate Bland-Altman limits of agreement of two readers of the same items.

    Uptake often differs in proportion to its size; then ``scale="ratio"`` gives limits that hold at any uptake, and
    asymmetric ones in percent. Two readings of one item by one reader are refused, not averaged.

    Parameters
    ----------
    readings : DataFrame
        One row a reading.
    value : str
        Column that was read, such as ``"suvmax"``.
    item, reader : str
        Columns; lesions may be numbered anew in each patient.
    readers : list of two str, optional
        First and second reader; the difference is first minus second. Needed where there are more than two.
    scale : {"difference", "percent", "ratio"}
        Differences in the unit of the readings, in percent of the mean of the two, or ratios by way of logarithms.
    coverage : float
        Share of differences the limits are to hold; 0.95 puts them at 1.96 SD.
    interval : {"exact", "approximate"}
        Of the limits, where items are independent: noncentral t (Carkeet), or Bland and Altman's approximation. Where
        patients have several items, intervals are Zou's and this is not used.
    confidence_level : float
        Two-sided coverage of the intervals, a fraction in (0, 1).
    patient : str or None
        Column of patient identifiers. Where a patient has several items, the variance is split into that between and
        that within patients, and the bias is the mean of the patients' mean differences.

    Returns
    -------
    LimitsOfAgreement
        Lines ``bias`` (with a t test of none), ``loa_low``, ``loa_high``, ``sd_difference`` (``sd_between`` and
        ``sd_within`` where nested; of log ratios for ``scale="ratio"``) and ``proportional_bias``, the slope of
        difference on mean.

    Raises
    ------
    DesignError
        For an unknown scale, interval, reader or column, repeated readings, or other than two readers.
    SchemaError
        For readings that are not positive on a relative scale; every one is named.

    References
    ----------
    Bland JM, Altman DG. Lancet 1986;1:307-310; Stat Methods Med Res 1999;8:135-160; J Biopharm Stat 2007;17:571-582.
    Carkeet A. Optom Vis Sci 2015;92:e71-e80. Zou GY. Stat Methods Med Res 2013;22:630-642.

    Examples
    --------
    Peak flow of 17 subjects by two meters (Bland and Altman 1986), L/min:

    >>> import pandas as pd
    >>> wright = [494, 395, 516, 434, 476, 557, 413, 442, 650, 433, 417, 656, 267, 478, 178, 423, 427]
    >>> mini = [512, 430, 520, 428, 500, 600, 364, 380, 658, 445, 432, 626, 260, 477, 259, 350, 451]
    >>> wide = pd.DataFrame({"subject": range(17), "Wright": wright, "mini": mini})
    >>> readings = wide.melt(id_vars="subject", var_name="meter", value_name="peak_flow")
    >>> result = limits_of_agreement(
    ...     readings, value="peak_flow", item="subject", reader="meter", readers=["Wright", "mini"], patient=None
    ... )
    >>> print(f"{result.estimate('bias').value:.1f}")
    -2.1
    """
    _check(scale, interval, coverage, confidence_level, readers)
    table = reading_table(readings, value=value, item=item, reader=reader, patient=patient, readers=readers)
    if len(table.readers) != 2:
        raise DesignError(
            f"limits of agreement are of two readers, and {reader!r} names {', '.join(table.readers)}; "
            f'give readers=["{table.readers[0]}", "{table.readers[1]}"]'
        )
    if scale != "difference":
        _require_positive(table, value, scale)
    pairs = differences_and_means(table.grid[:, 0], table.grid[:, 1], scale)
    limits = _limits(pairs, table, coverage=coverage, interval=interval, confidence_level=confidence_level)
    abscissa = np.log(pairs.mean) if scale == "ratio" else pairs.mean
    slope = proportional_bias(
        pairs.difference, abscissa, table.patients if table.is_nested else None, confidence_level=confidence_level
    )
    few = table.few_note()
    if few:
        warnings.warn(few, SmallSampleWarning, stacklevel=2)
    notes = (*table.notes, *_notes(table, limits, slope, scale), few)
    settings = {"scale": scale, "coverage": coverage, "interval": "MOVER" if table.is_nested else interval}
    return LimitsOfAgreement(
        estimates=_lines(limits, slope, table, scale, marker_unit(value)),
        method=_method(table, interval, confidence_level, settings | {"readers": " - ".join(table.readers)}, notes),
        population=table.population,
        differences=np.exp(pairs.difference) if scale == "ratio" else pairs.difference,
        means=pairs.mean,
        patients=table.patients,
        readers=table.readers,
        value=value,
        scale=scale,
        coverage=coverage,
        item_word=table.item_word,
    )


def _check(scale: str, interval: str, coverage: float, confidence_level: float, readers: Sequence[str] | None) -> None:
    for name, given, known in (("scale", scale, SCALES), ("interval", interval, INTERVALS)):
        if given not in known:
            raise DesignError(f"no {name} {given!r}{nearest(str(given), known)}; there are {', '.join(known)}")
    for name, share in (("coverage", coverage), ("confidence_level", confidence_level)):
        checked_fraction(share, name)
    if readers is not None and (isinstance(readers, str) or len(readers) != 2):
        raise DesignError(f"readers is {readers!r}; give two, first and second")


def _require_positive(table: ReadingTable, value: str, scale: str) -> None:
    """Name every reading that a relative scale cannot take."""
    problems = [
        Problem(rule=f"is not above 0, which scale = {scale!r} needs", column=value, value=f"{table.grid[i, j]:g}")
        for i, j in np.argwhere(table.grid <= 0)
    ]
    if problems:
        raise SchemaError(problems)


def _limits(
    pairs: DifferencesAndMeans, table: ReadingTable, *, coverage: float, interval: str, confidence_level: float
) -> Limits:
    if table.is_nested and table.patients is not None:
        return nested_limits_of_agreement(
            pairs.difference, table.patients, coverage=coverage, confidence_level=confidence_level
        )
    return independent_limits(pairs.difference, coverage=coverage, interval=interval, confidence_level=confidence_level)


def _lines(limits: Limits, slope: ProportionalBias, table: ReadingTable, scale: str, unit: str) -> tuple[Estimate, ...]:
    """Lay the numbers out as estimates; ratios are given as such, their SD and slope on the log scale."""
    of: dict[str, Any] = {"readers": " - ".join(table.readers)}
    shared: dict[str, Any] = {"n": table.n_items, "n_patients": table.n_patients, "of": of}
    unit = {"difference": unit, "percent": "%", "ratio": "ratio"}[scale]
    spread_unit = "log ratio" if scale == "ratio" else unit
    shown = np.exp if scale == "ratio" else float

    def line(quantity: str, value: float, interval: Interval, test: dict[str, Any] | None = None) -> Estimate:
        low, high = (float(shown(limit)) for limit in interval)
        return Estimate(quantity=quantity, value=shown(value), low=low, high=high, unit=unit, **(test or {}), **shared)

    bias_test = {"statistic": limits.statistic, "df": float(limits.df), "p_value": limits.p_value}
    spreads = {"sd_difference": limits.sd}
    if table.is_nested:
        spreads |= {"sd_between": limits.sd_between, "sd_within": limits.sd_within}
    return (
        line("bias", limits.bias, limits.bias_interval, bias_test),
        line("loa_low", limits.lower, limits.lower_interval),
        line("loa_high", limits.upper, limits.upper_interval),
        *(Estimate(quantity=name, value=sd, unit=spread_unit, **shared) for name, sd in spreads.items()),
        Estimate(
            quantity="proportional_bias",
            value=slope.slope,
            low=slope.interval.low,
            high=slope.interval.high,
            statistic=slope.statistic,
            df=slope.df,
            p_value=slope.p_value,
            **shared,
        ),
    )


def _notes(table: ReadingTable, limits: Limits, slope: ProportionalBias, scale: str) -> list[str]:
    notes = []
    if table.is_nested:
        notes.append(
            f"The bias is the mean of the patients' mean differences, so that a patient with many {table.item_word}s "
            "does not outweigh the others."
        )
        if np.isnan(limits.sd):
            notes.append("With a single patient, limits of agreement that honour nesting are not estimable.")
    if limits.sd == 0:
        notes.append("The differences do not vary, so the limits have no width.")
    if slope.p_value < 0.05:
        hint = "" if scale == "ratio" else '; limits on the ratio scale (scale = "ratio") may hold better at all sizes'
        notes.append(f"The difference changes with the size of what is read (proportional bias){hint}.")
    if scale == "ratio":
        notes.append(
            "Limits are ratios, from logarithms; proportional bias is the slope of the log ratio on the log mean."
        )
    return notes


def _method(
    table: ReadingTable, interval: str, confidence_level: float, settings: dict[str, Any], notes: tuple[str, ...]
) -> Method:
    kind = "nested" if table.is_nested else interval
    of_interval: dict[str, tuple[Reference, ...]] = {
        "exact": (BLAND_ALTMAN_1999, CARKEET_2015),
        "approximate": (BLAND_ALTMAN_1999,),
        "nested": (BLAND_ALTMAN_2007, ZOU_2013),
    }
    scaled = {
        "difference": "differences",
        "percent": "differences in percent of the mean",
        "ratio": "ratios (by way of logarithms)",
    }
    cluster = " with cluster-robust variance" if table.is_nested else ""
    return Method(
        name=NAMES[kind],
        confidence_level=confidence_level,
        settings=settings,
        references=(BLAND_ALTMAN_1986, *of_interval[kind]),
        notes=notes,
        description=(
            f"Bland-Altman limits of agreement holding {settings['coverage']:.0%} of the {scaled[settings['scale']]} "
            f"of two readers were estimated for {table.n_items} {table.item_word}s, with {NAMES[kind]}. Proportional "
            f"bias was tested by linear regression of difference on mean{cluster}."
        ),
    )
