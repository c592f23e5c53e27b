"""Lines of a repeatability analysis: spread within items, coefficients, limits of change, and how they go with size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from biomarker.analyses.reading_rows import ReadingRows
from biomarker.analyses.result import Estimate
from biomarker.kernels.icc_sessions import CellMeans, cell_means
from biomarker.kernels.repeatability import (
    REPEATABILITY_FACTOR,
    PooledVariance,
    PrecisionTrend,
    Units,
    change_limits,
    pooled_variance,
    precision_trend,
    repeated_units,
)
from biomarker.kernels.reproducibility import reproducibility_variance
from biomarker.kernels.variance_components import nested_and_crossed
from biomarker.vocabulary import marker_unit

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Repeats:
    """Readings ready for analysis, on their own scale and that of their logarithms.

    Attributes
    ----------
    rows : ReadingRows
    raw : Units
        Items (of one reader or scanner) read at least twice.
    log : Units or None
        The same on the log scale; None where that is not asked for.
    items : ndarray of int, shape (n_units,)
        The item of each unit.
    covariate : ndarray, shape (n_units,)
        Size of each unit, or its mean reading.
    is_nested : bool
    value : str
    over : str
        Columns of readers or scanners in words; empty where there are none.
    level : float
    """

    rows: ReadingRows
    raw: Units
    log: Units | None
    items: NDArray[np.intp]
    covariate: Floats
    is_nested: bool
    value: str
    over: str
    level: float

    @property
    def counts(self) -> dict[str, Any]:
        """Items and patients behind what is pooled within units."""
        return self.counts_of(np.ones(self.raw.df.size, bool))

    @property
    def all_counts(self) -> dict[str, Any]:
        """Items and patients of all readings."""
        return {"n": self.rows.n_items, "n_patients": self.rows.n_patients}

    def counts_of(self, used: NDArray[np.bool_]) -> dict[str, Any]:
        """Items and patients of the units marked."""
        patients = None if self.rows.patients is None else int(np.unique(self.raw.patient[used]).size)
        return {"n": int(np.unique(self.items[used]).size), "n_patients": patients}

    @property
    def item_cv(self) -> Floats:
        """Coefficient of variation of each unit."""
        return np.asarray(np.sqrt(self.raw.squares / self.raw.df) / self.raw.mean)


def within_lines(repeats: Repeats) -> list[Estimate]:
    """Spread within items in the unit of the readings, and relative to them on the log scale."""
    unit, counts = marker_unit(repeats.value), repeats.counts
    raw = pooled_variance(repeats.raw, is_nested=repeats.is_nested, confidence_level=repeats.level)
    lines = [
        _sd_line("within_sd", raw, 1.0, unit, counts),
        _sd_line("repeatability_coefficient", raw, REPEATABILITY_FACTOR, unit, counts),
    ]
    return lines + (_relative_lines(repeats) if repeats.log is not None else [])


def _sd_line(
    quantity: str, pooled: PooledVariance, factor: float, unit: str, counts: dict[str, Any], **of: str
) -> Estimate:
    value, low, high = (factor * float(np.sqrt(part)) for part in pooled[:3])
    return Estimate(
        quantity=quantity, value=value, low=low, high=high, df=pooled.df, unit=unit, of=of, **counts
    )  # fmt: skip


def _relative_lines(repeats: Repeats) -> list[Estimate]:
    counts = repeats.counts
    root_mean_square, log = relative_variances(repeats, np.ones(repeats.raw.df.size, bool))
    lines = [
        _sd_line("within_cv", root_mean_square, 1.0, "fraction", counts, method="root mean square"),
        _log_cv_line(log, counts, method="log"),
        _sd_line("percent_repeatability_coefficient", root_mean_square, REPEATABILITY_FACTOR, "fraction", counts),
        *_change_lines("repeatability_limit", log, counts),
    ]
    cv = repeats.item_cv
    if cv.size:
        quartiles = np.quantile(cv, [0.5, 0.25, 0.75]).tolist()
        names = ("item_cv_median", "item_cv_q1", "item_cv_q3")
        lines += [
            Estimate(quantity=name, value=number, unit="fraction", **counts)
            for name, number in zip(names, quartiles, strict=True)
        ]
    return lines


def relative_variances(repeats: Repeats, used: NDArray[np.bool_]) -> tuple[PooledVariance, PooledVariance]:
    """Return the mean squared CV and the variance of logarithms, over the units marked."""
    if repeats.log is None:
        raise ValueError("relative variation needs the log scale")
    raw, log = _subset(repeats.raw, used), _subset(repeats.log, used)
    choice: dict[str, Any] = {"is_nested": repeats.is_nested, "confidence_level": repeats.level}
    squared = raw.squares / raw.df / raw.mean**2
    # errors that lesions share at a session show on the log scale, where they do not grow with the lesion
    return (
        pooled_variance(log, of=squared, weights=np.ones(squared.size), **choice),
        pooled_variance(log, **choice),
    )


def _subset(units: Units, used: NDArray[np.bool_]) -> Units:
    if used.all():
        return units
    known, patient = np.unique(units.patient[used], return_inverse=True)
    own = np.bincount(patient, units.df[used], minlength=known.size)
    # sums over sessions cannot be taken apart by unit: a part of the units is judged by its patients' spread alone
    return Units(
        units.squares[used], units.df[used], units.mean[used], patient, np.stack([np.zeros(known.size), own], axis=1)
    )


def _log_cv_line(log: PooledVariance, counts: dict[str, Any], quantity: str = "within_cv", **of: Any) -> Estimate:  # noqa: ANN401
    value, low, high = (float(np.sqrt(np.expm1(part))) for part in log[:3])
    return Estimate(
        quantity=quantity, value=value, low=low, high=high, df=log.df, unit="fraction", of=of, **counts
    )  # fmt: skip


def _change_lines(quantity: str, log: PooledVariance, counts: dict[str, Any], **of: str) -> list[Estimate]:
    """Asymmetric limits of change; each with the interval that the limits of the SD give it."""
    down, up = change_limits(np.sqrt(np.array(log[:3])))
    return [
        Estimate(
            quantity=f"{quantity}_low", value=down[0], low=down[2], high=down[1], df=log.df, unit="fraction", of=of,
            **counts,
        ),
        Estimate(
            quantity=f"{quantity}_high", value=up[0], low=up[1], high=up[2], df=log.df, unit="fraction", of=of,
            **counts,
        ),
    ]  # fmt: skip


def reproducibility_lines(repeats: Repeats) -> list[Estimate]:
    """Spread when the reader or scanner changes, and the variance of each."""
    rows, unit = repeats.rows, marker_unit(repeats.value)
    if len(rows.reader_names) < 2:
        return []
    y = rows.numbers[:, 0]
    of = {"over": repeats.over}
    raw = _reproducibility(repeats, _cells(rows, y))
    counts = repeats.all_counts
    lines = [
        _sd_line("reproducibility_sd", raw, 1.0, unit, counts, **of),
        _sd_line("reproducibility_coefficient", raw, REPEATABILITY_FACTOR, unit, counts, **of),
    ]
    if repeats.log is not None:
        log = _reproducibility(repeats, _cells(rows, np.log(y)))
        value, low, high = (float(np.sqrt(np.expm1(part))) for part in log[:3])
        lines.append(
            Estimate(
                quantity="reproducibility_cv", value=value, low=low, high=high, df=log.df, unit="fraction", of=of,
                **counts,
            )
        )  # fmt: skip
        lines += _change_lines("reproducibility_limit", log, counts, **of)
    return lines


def _cells(rows: ReadingRows, y: Floats) -> CellMeans:
    return cell_means(y, rows.items, rows.readers, rows.n_items, len(rows.reader_names))


def _reproducibility(repeats: Repeats, cells: CellMeans) -> PooledVariance:
    several = (cells.counts > 0).sum(axis=1) > 1
    cells = CellMeans(cells.means[several], cells.counts[several], cells.squares[several])
    if several.sum() < 2:
        nan = float("nan")
        return PooledVariance(nan, nan, nan, 0.0)
    rows = repeats.rows
    patient = rows.patients[several] if rows.is_nested and rows.patients is not None else None
    within = None
    if cells.df > 0 and repeats.is_nested:
        units = repeats.log if repeats.log is not None else repeats.raw
        within = pooled_variance(units, is_nested=True, confidence_level=repeats.level).df
        within = within if within > 0 else None
    return reproducibility_variance(cells, patient, df_within=within, confidence_level=repeats.level)


def component_lines(repeats: Repeats, columns: dict[str, NDArray[np.intp]], *, has_repeats: bool) -> list[Estimate]:
    """Variance of patients, items, readers, scanners and sessions by REML, on the scale of the analysis."""
    rows = repeats.rows
    y = rows.numbers[:, 0]
    y = np.log(y) if repeats.log is not None else y
    if np.ptp(y) == 0:
        return []
    nested, names = [rows.items], [rows.item_word]
    if rows.is_nested and rows.patients is not None and np.unique(rows.patients).size > 1:
        nested, names = [rows.patients[rows.items], rows.items], ["patient", rows.item_word]
    if has_repeats and len(rows.reader_names) > 1:
        nested, names = [*nested, rows.readers], [*names, f"{rows.item_word} by {repeats.over}"]
    fit = nested_and_crossed(y, nested, list(columns.values()))
    unit = "log" if repeats.log is not None else marker_unit(repeats.value)
    squared = f"({unit})²" if unit else ""
    everything = [*names, *columns, "residual"]
    total = float(fit.variances.sum())
    lines = []
    for name, variance in zip(everything, fit.variances.tolist(), strict=True):
        of = {"component": name}
        lines.append(
            Estimate(quantity="variance_component", value=variance, of=of, unit=squared, **repeats.all_counts)
        )  # fmt: skip
        lines.append(
            Estimate(quantity="variance_share", value=variance / total, of=of, unit="fraction", **repeats.all_counts)
        )  # fmt: skip
    return lines


@dataclass(frozen=True, kw_only=True)
class Band:
    """Units of like size."""

    label: str
    low: float
    high: float
    used: NDArray[np.bool_]


def bands(covariate: Floats, count: int) -> list[Band]:
    """Cut units into so many bands with as many units each, as far as ties allow; one band is none."""
    if covariate.size < 2 * count or np.ptp(covariate) == 0:
        return []
    inner = np.unique(np.quantile(covariate, np.arange(1, count) / count))
    which = np.searchsorted(inner, covariate, side="left")
    found = []
    for number in np.unique(which).tolist():
        used = which == number
        low, high = float(covariate[used].min()), float(covariate[used].max())
        found.append(Band(label=f"{low:.3g} to {high:.3g}", low=low, high=high, used=used))
    return found if len(found) > 1 else []


def profile_lines(repeats: Repeats, cut: list[Band], by: str) -> tuple[list[Estimate], PrecisionTrend]:
    """Spread in each band, and the trend over all sizes."""
    lines = []
    for band in cut:
        counts = repeats.counts_of(band.used)
        of = {"by": by, "band": band.label}
        if repeats.log is not None:
            root_mean_square, log = relative_variances(repeats, band.used)
            of_mean = {"method": "root mean square", **of}
            lines.append(_sd_line("within_cv_by_size", root_mean_square, 1.0, "fraction", counts, **of_mean))
            lines.append(_log_cv_line(log, counts, "within_cv_by_size", method="log", **of))
        else:
            pooled = pooled_variance(
                _subset(repeats.raw, band.used), is_nested=repeats.is_nested, confidence_level=repeats.level
            )  # fmt: skip
            lines.append(_sd_line("within_sd_by_size", pooled, 1.0, marker_unit(repeats.value), counts, **of))
    units = repeats.raw if repeats.log is None else repeats.log
    trend = precision_trend(
        units.squares / units.df, units.df, repeats.covariate,
        units.patient if repeats.is_nested else np.arange(units.df.size), confidence_level=repeats.level,
    )  # fmt: skip
    if not np.isnan(trend.slope):
        lines.append(
            Estimate(
                quantity="precision_trend", value=trend.ratio, low=trend.low, high=trend.high,
                statistic=trend.statistic, df=trend.df, p_value=trend.p_value, unit="ratio per doubling",
                of={"by": by}, **repeats.counts,
            )
        )  # fmt: skip
    return lines, trend


def units_of(rows: ReadingRows, *, is_log: bool) -> tuple[Units, Units | None, NDArray[np.intp]]:
    """Return units on both scales, and the item of each."""
    y = rows.numbers[:, 0]
    cell = rows.items * max(len(rows.reader_names), 1) + rows.readers
    patient = rows.items if rows.patients is None else rows.patients[rows.items]
    session = rows.sessions if rows.session_names else _turn(cell)
    raw = repeated_units(y, cell, session, patient)
    log = repeated_units(np.log(y), cell, session, patient) if is_log else None
    known, counts = np.unique(cell, return_counts=True)
    return raw, log, (known[counts > 1] // max(len(rows.reader_names), 1)).astype(np.intp)


def _turn(cell: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return which reading of its cell each is, in the order of rows, where no column tells them apart."""
    order = np.argsort(cell, kind="stable")
    first = np.r_[True, cell[order][1:] != cell[order][:-1]]
    starts = np.maximum.accumulate(np.where(first, np.arange(cell.size), 0))
    turn = np.empty(cell.size, np.intp)
    turn[order] = np.arange(cell.size) - starts
    return turn
