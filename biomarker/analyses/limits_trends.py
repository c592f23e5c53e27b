"""Proportional bias, changing spread and regression limits of two readers, as estimates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from biomarker.analyses.reader_pairs import PairPoints
from biomarker.analyses.replicated_readings import ReplicatedReadings
from biomarker.analyses.result import Estimate
from biomarker.errors import DesignError
from biomarker.kernels.interval import Interval
from biomarker.kernels.limits_trend import (
    RegressionLimits,
    Trend,
    changing_spread,
    proportional_bias,
    regression_limits,
)
from biomarker.vocabulary import marker_unit

GRID = 41  # points of a line that is straight on the scale of the regression, and curved on a ratio's


class Trends(NamedTuple):
    """How the difference, and its spread, change with the mean."""

    bias: Trend
    spread: Trend


def trends(points: PairPoints, table: ReplicatedReadings, scale: str, confidence_level: float) -> Trends:
    """Regress difference, and absolute residual, on the mean (its logarithm on the ratio scale)."""
    means = np.log(points.means) if scale == "ratio" else points.means
    clusters = table.unit_clusters
    return Trends(
        *(
            test(points.differences, means, clusters, confidence_level=confidence_level)
            for test in (proportional_bias, changing_spread)
        )
    )


def trend_lines(trend: Trends, table: ReplicatedReadings) -> tuple[Estimate, ...]:
    """Lay both slopes out as estimates."""
    return tuple(
        Estimate(
            quantity=quantity,
            value=found.slope,
            low=found.interval.low,
            high=found.interval.high,
            statistic=found.statistic,
            df=found.df,
            p_value=found.p_value,
            n=table.unit_items.size,
            n_patients=table.n_patients,
            of={"readers": " - ".join(table.readers)},
        )
        for quantity, found in (("proportional_bias", trend.bias), ("changing_spread", trend.spread))
    )


def regression_lines(
    points: PairPoints,
    table: ReplicatedReadings,
    scale: str,
    value: str,
    wanted: bool,
    at: Sequence[float] | None,
    coverage: float,
    confidence_level: float,
) -> tuple[tuple[Estimate, ...], RegressionLimits | None]:
    """Return regression limits at the means asked for as estimates, and over the range of the means to be drawn."""
    if not wanted:
        if at is not None:
            raise DesignError("at gives the means of regression limits; say regression = true as well")
        return (), None
    if table.replicates == "unpaired":
        raise DesignError(
            "regression limits need pairs of single readings, and means of unpaired replicates spread less; "
            "name the session that pairs them, or choose one with `where`"
        )
    asked = np.quantile(points.means, [0.25, 0.5, 0.75]) if at is None else _checked_means(at, scale)
    grid = np.linspace(points.means.min(), points.means.max(), GRID)
    all_at = np.concatenate([asked, grid])
    is_ratio = scale == "ratio"
    found = regression_limits(
        points.differences,
        np.log(points.means) if is_ratio else points.means,
        np.log(all_at) if is_ratio else all_at,
        table.unit_clusters,
        coverage=coverage,
        confidence_level=confidence_level,
    )
    shown = np.exp if is_ratio else np.asarray
    printed, drawn = (_part(found, part, all_at, shown) for part in (slice(0, asked.size), slice(asked.size, None)))  # type: ignore[arg-type]
    unit = {"difference": marker_unit(value), "percent": "%", "ratio": "ratio"}[scale]
    lines = tuple(
        Estimate(
            quantity=quantity,
            value=number[place],
            low=limits.low[place],
            high=limits.high[place],
            n=table.unit_items.size,
            n_patients=table.n_patients,
            unit=unit,
            of={"readers": " - ".join(table.readers), "at": float(mean)},
        )
        for place, mean in enumerate(asked)
        for quantity, number, limits in (
            ("regression_bias", printed.bias, printed.bias_interval),
            ("regression_loa_low", printed.lower, printed.lower_interval),
            ("regression_loa_high", printed.upper, printed.upper_interval),
        )
    )
    return lines, drawn


def _part(found: RegressionLimits, part: slice, at: np.ndarray, shown: np.ufunc) -> RegressionLimits:
    """Cut out some means, on the scale that prints."""

    def both(limits: Interval) -> Interval:
        return Interval(shown(np.asarray(limits.low)[part]), shown(np.asarray(limits.high)[part]))

    return RegressionLimits(
        at[part],
        shown(found.bias[part]),
        both(found.bias_interval),
        shown(found.lower[part]),
        both(found.lower_interval),
        shown(found.upper[part]),
        both(found.upper_interval),
        found.coefficients,
    )


def _checked_means(at: Sequence[float], scale: str) -> np.ndarray:
    given = [at] if isinstance(at, int | float) and not isinstance(at, bool) else at
    is_list = isinstance(given, list | tuple | np.ndarray) and len(given) > 0
    if not is_list or not all(isinstance(x, int | float | np.number) and not isinstance(x, bool) for x in given):
        raise DesignError(f"at is {at!r}; give a list of means, in the unit of the readings")
    means = np.asarray(given, float)
    if not np.isfinite(means).all() or (scale == "ratio" and (means <= 0).any()):
        raise DesignError(f"at is {at!r}; means are finite{' and above 0 on the ratio scale' * (scale == 'ratio')}")
    return means
