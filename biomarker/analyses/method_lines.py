"""The lines of a comparison of methods, each with intervals at all levels asked for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from biomarker.analyses.measured_pairs import MeasuredPairs
from biomarker.errors import DesignError
from biomarker.kernels.deming import Lines, deming, ordinary, weighted_deming
from biomarker.kernels.passing_bablok import cusum_test, level_errors, passing_bablok, resampled_lines
from biomarker.kernels.resampling import jackknife_weights, patient_weights

Floats = NDArray[np.float64]

FITS = ("deming", "weighted_deming", "passing_bablok", "orthogonal", "ordinary")
LABELS = {
    "deming": "Deming",
    "weighted_deming": "Weighted Deming",
    "passing_bablok": "Passing-Bablok",
    "orthogonal": "Orthogonal",
    "ordinary": "Least squares",
}
MOST_RESAMPLED = 1500  # points whose pairs are still laid out for each resample


@dataclass(frozen=True, kw_only=True, eq=False)
class FittedLine:
    """A line with intervals of its intercept, its slope and its height at levels of x.

    Attributes
    ----------
    name : str
        One of `FITS`.
    intercept, slope : tuple of float
        Value, low, high.
    heights : ndarray, shape (3, n_levels)
        Value, low, high at each level.
    variance_ratio : float
        That was used; NaN where none is.
    linearity : tuple of float
        Statistic and p of the cusum test; NaN but for Passing-Bablok.
    """

    name: str
    intercept: tuple[float, float, float]
    slope: tuple[float, float, float]
    heights: Floats
    variance_ratio: float
    linearity: tuple[float, float]


def fitted_line(
    name: str,
    pairs: MeasuredPairs,
    levels: Floats,
    *,
    variance_ratio: float,
    interval: str,
    confidence_level: float,
    n_resamples: int,
    rng: int | np.random.Generator,
) -> FittedLine:
    """Fit one line.

    Raises
    ------
    DesignError
        For bootstrap intervals of Passing-Bablok with more points than can be paired in every resample.
    """
    if name == "passing_bablok" and interval != "bootstrap":
        return _analytic_passing_bablok(pairs, levels, confidence_level)
    if name == "passing_bablok" and pairs.x.size > MOST_RESAMPLED:
        raise DesignError(
            f"bootstrap intervals of Passing-Bablok lay out the pairs of all points in every resample, which "
            f'{pairs.x.size:,} points are too many for; leave out interval = "bootstrap"'
        )

    def fit(weights: NDArray[np.generic] | None) -> Lines:
        if name == "ordinary":
            return ordinary(pairs.x, pairs.y, weights)
        if name == "passing_bablok":
            return resampled_lines(pairs.x, pairs.y, np.ones((1, pairs.x.size)) if weights is None else weights)
        kernel = weighted_deming if name == "weighted_deming" else deming
        return kernel(pairs.x, pairs.y, weights, variance_ratio=variance_ratio)

    if name == "passing_bablok":
        whole = passing_bablok(pairs.x, pairs.y)
        line = Lines(np.array([whole.intercept]), np.array([whole.slope]))
    else:
        line = fit(None)
    code = np.arange(pairs.x.size) if pairs.clusters is None else pairs.clusters
    k = int(code.max()) + 1
    if k < 4:
        limits = np.full((2, levels.size + 2), np.nan)
    elif interval == "bootstrap":
        parts = [fit(weights[:, code]) for weights in patient_weights(k, n_resamples, rng)]
        limits = _percentiles(_quantities(_joined(parts), levels), confidence_level)
    else:
        parts = [fit(weights[:, code]) for weights in jackknife_weights(k)]
        limits = _jackknife(_quantities(line, levels)[:, 0], _quantities(_joined(parts), levels), confidence_level)
    values = _quantities(line, levels)[:, 0]
    table = np.vstack([values, limits])
    is_robust = name == "passing_bablok"
    return FittedLine(
        name=name,
        intercept=(float(table[0, 0]), float(table[1, 0]), float(table[2, 0])),
        slope=(float(table[0, 1]), float(table[1, 1]), float(table[2, 1])),
        heights=table[:, 2:],
        variance_ratio=variance_ratio if "deming" in name else (1.0 if name == "orthogonal" else float("nan")),
        linearity=_linearity(pairs, float(values[0]), float(values[1])) if is_robust else (float("nan"),) * 2,
    )


def _analytic_passing_bablok(pairs: MeasuredPairs, levels: Floats, confidence_level: float) -> FittedLine:
    fit = passing_bablok(pairs.x, pairs.y, pairs.clusters, confidence_level=confidence_level)
    half = level_errors(pairs.x, pairs.y, fit, levels, pairs.clusters, confidence_level=confidence_level)
    heights = fit.intercept + fit.slope * levels
    return FittedLine(
        name="passing_bablok",
        intercept=(fit.intercept, *fit.intercept_interval),
        slope=(fit.slope, *fit.slope_interval),
        heights=np.stack([heights, heights - half, heights + half]),
        variance_ratio=float("nan"),
        linearity=_linearity(pairs, fit.intercept, fit.slope),
    )


def _linearity(pairs: MeasuredPairs, intercept: float, slope: float) -> tuple[float, float]:
    if np.isnan(slope):
        return float("nan"), float("nan")
    found = cusum_test(pairs.x, pairs.y, intercept, slope)
    return found.statistic, found.p_value


def _joined(parts: list[Lines]) -> Lines:
    return Lines(*(np.concatenate([getattr(part, name) for part in parts]) for name in Lines._fields))


def _quantities(lines: Lines, levels: Floats) -> Floats:
    """Give intercept, slope and the height at each level: shape (2 + n_levels, rows)."""
    return np.vstack([lines.intercept, lines.slope, lines.intercept + lines.slope * levels[:, None]])


def _jackknife(whole: Floats, without: Floats, confidence_level: float) -> Floats:
    """Give limits with Student's t of k - 2 degrees of freedom, as Linnet has them."""
    k = without.shape[1]
    error = np.sqrt((k - 1) * without.var(axis=1))
    half = float(stdtrit(k - 2, (1 + confidence_level) / 2)) * error
    return np.stack([whole - half, whole + half])


def _percentiles(resampled: Floats, confidence_level: float) -> Floats:
    tails = (1 - confidence_level) / 2, (1 + confidence_level) / 2
    defined = resampled[:, np.isfinite(resampled[1])]
    if defined.shape[1] < 0.9 * resampled.shape[1]:
        return np.full((2, len(resampled)), np.nan)
    return np.asarray(np.quantile(defined, tails, axis=1))
