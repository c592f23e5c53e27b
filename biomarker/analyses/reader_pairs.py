"""Two readers at a time: differences on a scale, their limits of agreement, and how both print as estimates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from biomarker.analyses.replicated_readings import ReplicatedReadings
from biomarker.analyses.result import Estimate
from biomarker.errors import Problem, SchemaError
from biomarker.kernels.interval import Interval
from biomarker.kernels.limits_components import LimitsOfAgreement
from biomarker.kernels.limits_nested import WithinItem, nested_limits_of_agreement, replicate_spread, within_item
from biomarker.kernels.limits_of_agreement import limits_of_agreement
from biomarker.vocabulary import marker_unit

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class PairPoints:
    """What a Bland-Altman plot of two readers shows, and what their limits are computed from.

    Attributes
    ----------
    differences, means : ndarray, shape (n_units,)
        First less second on the scale asked for (log ratios for "ratio") and the mean of the two, geometric for
        "ratio", in the unit of the readings.
    item_differences : ndarray, shape (n_items,)
    within : tuple of WithinItem
        Replicates.
    """

    differences: Floats
    means: Floats
    item_differences: Floats
    within: tuple[WithinItem, ...]


def require_positive(table: ReplicatedReadings, value: str, scale: str) -> None:
    """Name every reading that a relative scale cannot take."""
    problems = [
        Problem(
            rule=f"is not above 0, which scale = {scale!r} needs (reader {table.readers[table.reader[place]]})",
            column=value,
            value=f"{table.reading[place]:g}",
        )
        for place in np.flatnonzero(table.reading <= 0)
    ]
    if problems:
        raise SchemaError(problems)


def scaled_values(table: ReplicatedReadings, scale: str, readers: tuple[int, ...]) -> tuple[Floats, Floats]:
    """Return the readings on a scale, and the mean of each unit over `readers` in the unit of the readings.

    On the percent scale a reading is in percent of that mean, so that differences of readings are too.
    """
    if scale == "ratio":
        logs = np.log(table.reading)
        return logs, np.exp(table.unit_means(logs)[:, readers].mean(axis=1))
    means = table.unit_means(table.reading)[:, readers].mean(axis=1)
    return table.reading if scale == "difference" else 100 * table.reading / means[table.unit], means


def pair_points(table: ReplicatedReadings, first: int, second: int, scale: str) -> PairPoints:
    """Compare two readers, `first` less `second`, on a scale."""
    scaled, means = scaled_values(table, scale, (first, second))
    by_unit = table.unit_means(scaled)
    differences = by_unit[:, first] - by_unit[:, second]
    within: tuple[WithinItem, ...] = ()
    items = differences
    if table.replicates == "paired":
        within = (within_item(differences, table.unit_items),)
        items = np.bincount(table.unit_items, differences) / np.bincount(table.unit_items)
    elif table.replicates == "unpaired":
        of = [table.reader == reader for reader in (first, second)]
        within = tuple(within_item(scaled[mine], table.item[mine]) for mine in of)
    return PairPoints(differences=differences, means=means, item_differences=items, within=within)


def pair_limits(
    points: PairPoints, table: ReplicatedReadings, *, coverage: float, interval: str, confidence_level: float
) -> LimitsOfAgreement:
    """Limits of agreement of two readers by the kernel that the design asks for."""
    level: dict[str, float] = {"coverage": coverage, "confidence_level": confidence_level}
    if points.within or table.is_nested:
        return nested_limits_of_agreement(points.item_differences, table.patients, points.within, **level)
    return limits_of_agreement(points.differences, interval=interval, **level)


def pair_lines(
    limits: LimitsOfAgreement,
    points: PairPoints,
    table: ReplicatedReadings,
    readers: tuple[int, int],
    *,
    scale: str,
    value: str,
    confidence_level: float,
) -> tuple[Estimate, ...]:
    """Lay bias, limits and standard deviations out as estimates; ratios are given as such, their SDs as logs."""
    names = tuple(table.readers[place] for place in readers)
    of: dict[str, Any] = {"readers": " - ".join(names)}
    shared: dict[str, Any] = {"n": table.n_items, "n_patients": table.n_patients}
    unit = {"difference": marker_unit(value), "percent": "%", "ratio": "ratio"}[scale]
    spread_unit = "log ratio" if scale == "ratio" else unit
    shown = np.exp if scale == "ratio" else float

    def line(quantity: str, number: float, interval: Interval, test: dict[str, Any] | None = None) -> Estimate:
        low, high = (float(shown(limit)) for limit in interval)
        found: dict[str, Any] = {"value": float(shown(number)), "low": low, "high": high, "unit": unit}
        return Estimate(quantity=quantity, of=of, **found, **(test or {}), **shared)

    def spread(quantity: str, sd: float, interval: Interval, extra: dict[str, Any] | None = None) -> Estimate:
        low, high = interval
        found: dict[str, Any] = {"value": sd, "low": low, "high": high, "unit": spread_unit}
        return Estimate(quantity=quantity, of=of | (extra or {}), **found, **shared)

    lines = [
        line(
            "bias",
            limits.bias,
            limits.bias_interval,
            {"statistic": limits.statistic, "df": limits.df, "p_value": limits.p_value},
        ),
        line("loa_low", limits.lower, limits.lower_interval),
        line("loa_high", limits.upper, limits.upper_interval),
        spread("sd_difference", limits.sd, limits.sd_interval),
    ]
    if table.is_nested:
        lines.append(spread("sd_between", limits.sd_between, limits.between_interval))
        lines.append(spread("sd_within", limits.sd_within, limits.within_interval))
    of_whom: list[dict[str, Any]] = [{"reader": name} for name in names] if len(points.within) == 2 else [{}]
    lines += [
        spread("sd_replicates", *replicate_spread(part, confidence_level=confidence_level), extra)
        for part, extra in zip(points.within, of_whom, strict=False)
    ]
    return tuple(lines)
