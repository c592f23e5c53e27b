"""One fitted response model, whatever its likelihood or estimating equations, as the result needs it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf, nan
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc, fdtrc, ndtr, ndtri, stdtr, stdtrit

Floats = NDArray[np.float64]


class Test(NamedTuple):
    """That some odds ratios are all 1: ``kind`` is "likelihood_ratio", "wald" or "score"."""

    kind: str
    statistic: float
    df: float | tuple[float, float]
    p_value: float


class WaldLines(NamedTuple):
    """Of each slope, shape (p,)."""

    low: Floats
    high: Floats
    statistic: Floats
    p_value: Floats


class Refits(NamedTuple):
    """Log odds of every row by each refit, shape (r, n), and the cuts of an ordinal model, shape (r, k - 1)."""

    predictor: Floats
    cuts: Floats


@dataclass(frozen=True, kw_only=True, eq=False)
class Fit:
    """Log odds ratios on the standard scale of the design.

    Attributes
    ----------
    method : str
        "ml", "firth", "gee", "cluster_robust" or "mixed".
    parameters, covariance : ndarray, shape (q,), (q, q)
        The intercept or the cuts, then the slopes. An intercept and a cut differ in sign.
    slopes, low, high, statistic, p_value : ndarray, shape (p,)
    df : float
        Of t; infinite for the normal distribution.
    tests : tuple of Test
        Of the whole model.
    test_of : callable
        The test of some slopes.
    refit : callable
        From weights of the independent units, shape (r, K), to `Refits`.
    intercept_shift : float
        Added to the intercept for risks, which Firth's penalty draws towards one half.
    correlation, sd : float
        Of the working model of lesions of one patient, or of the random intercept.
    """

    method: str
    parameters: Floats
    covariance: Floats
    slopes: Floats
    low: Floats
    high: Floats
    statistic: Floats
    p_value: Floats
    tests: tuple[Test, ...]
    test_of: Callable[[Sequence[int]], Test]
    refit: Callable[[Floats], Refits]
    df: float = inf
    intercept_shift: float = 0.0
    correlation: float = nan
    sd: float = nan

    @property
    def n_cuts(self) -> int:
        """Intercepts, or cuts of an ordinal model."""
        return self.parameters.size - self.slopes.size

    def quantile(self, confidence_level: float) -> float:
        """Return the quantile by which standard errors become limits."""
        return quantile(confidence_level, self.df)


def quantile(confidence_level: float, df: float) -> float:
    """Return the two-sided quantile of t, or of the normal distribution where `df` is infinite."""
    level = (1 + confidence_level) / 2
    return float(ndtri(level) if df == inf else stdtrit(df, level))


def wald_lines(slopes: Floats, covariance: Floats, df: float, confidence_level: float) -> WaldLines:
    """Return limits, statistics and p of each slope by its standard error."""
    error = np.sqrt(np.diag(covariance))
    statistic = slopes / error
    tail = ndtr(-np.abs(statistic)) if df == inf else stdtr(df, -np.abs(statistic))
    width = quantile(confidence_level, df) * error
    return WaldLines(slopes - width, slopes + width, statistic, 2 * np.asarray(tail))


def wald_test(slopes: Floats, covariance: Floats, df: float) -> Test:
    """Return the joint Wald test; with few patients as Hotelling's, so that one slope gives its t test."""
    q = slopes.size
    chi_square = float(slopes @ np.linalg.solve(covariance, slopes))
    if df == inf:
        return Test("wald", chi_square, float(q), float(chdtrc(q, chi_square)))
    left = df - q + 1
    if left <= 0:
        return Test("wald", nan, (float(q), nan), nan)
    statistic = chi_square * left / (df * q)
    return Test("wald", statistic, (float(q), left), float(fdtrc(q, left, statistic)))


def chi_square_test(kind: str, statistic: float, df: int) -> Test:
    """Return a chi-square test; a statistic that rounding puts below 0 is 0."""
    value = max(float(statistic), 0.0)
    return Test(kind, value, float(df), float(chdtrc(df, value)))
