"""Limits of agreement of more than two readers: each with the mean of all, and every pair."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from biomarker.analyses.limits_methods import design_notes, mean_method
from biomarker.analyses.reader_pairs import pair_limits, pair_lines, pair_points, scaled_values
from biomarker.analyses.replicated_readings import ReplicatedReadings
from biomarker.analyses.result import Estimate, Result
from biomarker.kernels.limits_nested import WithinItem, within_item
from biomarker.kernels.limits_with_mean import LimitsWithMean, limits_with_mean
from biomarker.vocabulary import column_label, marker_unit

PAIR_QUANTITIES = ("bias", "loa_low", "loa_high", "sd_difference")


@dataclass(frozen=True, kw_only=True, eq=False)
class LimitsOfAgreementWithMean(Result):
    """Limits of agreement with the mean of several readers, and of every pair of them.

    Attributes
    ----------
    deviations : ndarray, shape (n_points, n_readers)
        Each reading less the mean of all readers (in percent of it, or over it, by `scale`).
    means : ndarray, shape (n_points,)
        Mean of all readers (geometric for ``"ratio"``), in the unit of the readings.
    readers : tuple of str
        Columns of `deviations`.
    value : str
        The column that was read.
    scale : str
    coverage : float
        Share of readings that the limits are to hold.
    item_word : str
        What was read: lesion, patient, item.
    replicates : {"none", "paired", "unpaired"}
    """

    deviations: NDArray[np.float64]
    means: NDArray[np.float64]
    readers: tuple[str, ...]
    value: str
    scale: str
    coverage: float
    item_word: str
    replicates: str
    figure_size: ClassVar[tuple[float, float]] = (3.46, 3.1)

    @property
    def caption(self) -> str:
        """What the figure shows."""
        of_mean = {"difference": "less", "percent": "less (in percent of)", "ratio": "over"}[self.scale]
        geometric = "geometric " * (self.scale == "ratio")
        point = f"{self.item_word}{', session' * (self.replicates == 'paired')} and reader"
        return (
            f"{column_label(self.value)} of each reader {of_mean} the {geometric}mean of {len(self.readers)} readers, "
            f"against that mean, one point per {point}. Dashed lines, {100 * self.coverage:g}% limits of agreement "
            f"with the mean; bands, their {100 * self.method.confidence_level:g}% confidence intervals."
        )


def with_mean(
    table: ReplicatedReadings,
    *,
    value: str,
    scale: str,
    coverage: float,
    interval: str,
    confidence_level: float,
    few: str,
) -> LimitsOfAgreementWithMean:
    """Compare several readers with the mean of all, and each pair."""
    everyone = tuple(range(len(table.readers)))
    scaled, means = scaled_values(table, scale, everyone)
    by_unit = table.unit_means(scaled)
    found = limits_with_mean(
        _by_item(table, by_unit),
        table.patients,
        _replicates(table, scaled, by_unit),
        coverage=coverage,
        confidence_level=confidence_level,
    )
    lines = _lines(found, table, scale, value, confidence_level)
    for pair in combinations(everyone, 2):
        points = pair_points(table, *pair, scale)
        limits = pair_limits(points, table, coverage=coverage, interval=interval, confidence_level=confidence_level)
        of_pair = pair_lines(limits, points, table, pair, scale=scale, value=value, confidence_level=confidence_level)
        lines += [line for line in of_pair if line.quantity in PAIR_QUANTITIES]
    deviations = by_unit - by_unit.mean(axis=1, keepdims=True)
    return LimitsOfAgreementWithMean(
        estimates=tuple(lines),
        method=mean_method(
            table,
            scale=scale,
            coverage=coverage,
            interval=interval,
            confidence_level=confidence_level,
            notes=(*table.notes, *design_notes(table), *_notes(found, scale, table), few),
        ),
        population=table.population,
        deviations=np.exp(deviations) if scale == "ratio" else deviations,
        means=means,
        readers=table.readers,
        value=value,
        scale=scale,
        coverage=coverage,
        item_word=table.item_word,
        replicates=table.replicates,
    )


def _by_item(table: ReplicatedReadings, by_unit: NDArray[np.float64]) -> NDArray[np.float64]:
    """Average the sessions of an item."""
    counts = np.bincount(table.unit_items)
    columns = [np.bincount(table.unit_items, column) / counts for column in by_unit.T]
    return np.column_stack(columns)


def _replicates(
    table: ReplicatedReadings, scaled: NDArray[np.float64], by_unit: NDArray[np.float64]
) -> WithinItem | None:
    """Pool the variance of replicates: of deviations within sessions, or of readings about their item and reader."""
    if table.replicates == "none":
        return None
    b = len(table.readers)
    if table.replicates == "paired":
        deviations = by_unit - by_unit.mean(axis=1, keepdims=True)
        parts = [within_item(column, table.unit_items) for column in deviations.T]
        df = parts[0].df * (b - 1)  # deviations from a mean add up to zero
        total = sum(part.variance * part.df for part in parts)
        return WithinItem(total / df if df else float("nan"), df, parts[0].shares)
    parts = [within_item(scaled[table.reader == place], table.item[table.reader == place]) for place in range(b)]
    df = sum(part.df for part in parts)
    total = sum(part.variance * part.df for part in parts if part.df)
    return WithinItem(total / df, df, np.mean([part.shares for part in parts], axis=0))


def _lines(
    found: LimitsWithMean, table: ReplicatedReadings, scale: str, value: str, confidence_level: float
) -> list[Estimate]:
    """Lay the numbers out as estimates; on the ratio scale limits and deviations are factors, SDs logs."""
    unit = {"difference": marker_unit(value), "percent": "%", "ratio": "ratio"}[scale]
    spread_unit = "log ratio" if scale == "ratio" else unit
    shown = np.exp if scale == "ratio" else float
    shared: dict[str, Any] = {"n": table.n_items, "n_patients": table.n_patients}
    half = float(stdtrit(found.df[1], (1 + confidence_level) / 2) * np.sqrt(found.mean_variance))
    low, high = found.interval
    lines = [
        Estimate(quantity="loa_mean", value=shown(found.limit), low=shown(low), high=shown(high), unit=unit, **shared)
    ]
    lines += [
        Estimate(
            quantity="reader_deviation",
            value=shown(mean),
            low=shown(mean - half),
            high=shown(mean + half),
            unit=unit,
            of={"reader": name},
            **shared,
        )
        for name, mean in zip(table.readers, found.reader_means, strict=True)
    ]
    lines += [
        Estimate(quantity=quantity, value=sd, low=limits.low, high=limits.high, unit=spread_unit, **shared)
        for quantity, sd, limits in (
            ("sd_reader", found.sd_reader, found.reader_interval),
            ("sd_residual", found.sd_residual, found.residual_interval),
        )
    ]
    equality: dict[str, Any] = {"statistic": found.statistic, "df": found.df, "p_value": found.p_value}
    return [*lines, Estimate(quantity="reader_equality", value=float("nan"), **equality, **shared)]


def _notes(found: LimitsWithMean, scale: str, table: ReplicatedReadings) -> list[str]:
    notes = ["Readers are taken as a sample of readers; intervals of single pairs are not adjusted for their number."]
    if np.isnan(found.limit):
        notes.append("With a single patient, limits of agreement that honour nesting are not estimable.")
    if found.limit == 0:
        notes.append("The readers do not differ at all, so the limits have no width.")
    if scale == "ratio":
        notes.append("Limits and deviations are factors, from logarithms: the mean divided by and times the limit.")
    if len(table.readers) < 5 and found.limit > 0:
        notes.append(
            f"{len(table.readers)} readers tell little of how far readers differ, which the upper confidence limit of "
            "the limits of agreement with the mean shows."
        )
    return notes
