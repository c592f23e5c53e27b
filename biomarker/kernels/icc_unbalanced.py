"""Intervals and tests of an ICC where readings are missing: nothing here needs balance."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import chdtri, fdtrc, fdtri

from biomarker.kernels.icc_reml import (
    CrossedComponents,
    ReadingSums,
    absorbed,
    deviance_and_squares,
    one_fit,
    pseudo_inverse,
)
from biomarker.kernels.interval import Interval

Array = NDArray[np.float64]


class FTest(NamedTuple):
    """An F test; NaN where there is nothing to test."""

    statistic: float
    df1: float
    df2: float
    p_value: float


class GeneralisedInterval(NamedTuple):
    """Limits, and the generalised p-value of "not above the null value"."""

    low: float
    high: float
    p_value: float


def ratio_interval(sums: ReadingSums, model: int, *, confidence_level: float = 0.95) -> Interval:
    """Limits of the ICC of one reading in model 1 or 3, exact however unbalanced the readings are [1]_.

    The sum of squares between items, weighted for a ratio of variances, over the residual mean square has an F
    distribution at the true ratio and falls as the ratio rises. With complete readings this is the usual F interval.

    Returns
    -------
    Interval
        Shape (n_fits,); NaN where nothing is left to estimate the error from.

    References
    ----------
    .. [1] Wald A. A note on the analysis of variance with unequal class frequencies. Ann Math Stat 1940;11:96-100.
    """
    tail = (1 - confidence_level) / 2
    limits = np.full((len(sums.items), 2), np.nan)
    for i in range(len(sums.items)):
        one = one_fit(sums, i)
        between = _between(one, model)
        if between.df_error <= 0 or between.df_items <= 0:
            continue
        if between.error <= 1e-12 * max(float(one.total_squares[0]), 1e-300):
            limits[i] = 1.0
            continue
        for side, quantile in enumerate((fdtri(between.df_items, between.df_error, 1 - tail),
                                         fdtri(between.df_items, between.df_error, tail))):  # fmt: skip
            limits[i, side] = _ratio_at(one, model, between, float(quantile))
    return Interval(limits[:, 0], limits[:, 1])


def ratio_test(sums: ReadingSums, model: int, *, null_value: float = 0.0) -> FTest:
    """Test that the ICC of one reading is not above a value: exact in models 1 and 3, for a single fit.

    At 0 the test of model 3 is that of model 2 as well: without variance between items every ICC is 0.
    """
    between = _between(sums, model)
    if min(between.df_error, between.df_items) <= 0:
        return FTest(*(float("nan"),) * 4)
    ratio = np.array([[null_value / (1 - null_value)]])
    squares = float(deviance_and_squares(sums, ratio, model)[1][0]) - between.error
    with np.errstate(divide="ignore", invalid="ignore"):  # no error variance: F is infinite; none at all: NaN
        f = float(np.float64(squares / between.df_items) / np.float64(between.error / between.df_error))
    return FTest(f, between.df_items, between.df_error, float(fdtrc(between.df_items, between.df_error, f)))


def random_reader_interval(
    sums: ReadingSums, *, null_value: float = 0.0, confidence_level: float = 0.95, n_draws: int = 16_384
) -> GeneralisedInterval:
    """Limits of ICC(2,1) from `variance_draws`, for a single fit.

    Simulated coverage of the 95 % interval, 10 to 40 items and 2 to 5 readers, none or a fifth of the readings
    missing, readers' SD 0 to 0.4 of the items': 93 to 98 %.
    """
    drawn = variance_draws(sums, n_draws=n_draws)
    total = drawn.item[0] + drawn.reader[0] + drawn.residual[0]
    if np.isnan(total).any():
        return GeneralisedInterval(*(float("nan"),) * 3)
    if not (total > 0).all():
        return GeneralisedInterval(1.0, 1.0, 0.0)
    icc = drawn.item[0] / total
    low, high = np.quantile(icc, [(1 - confidence_level) / 2, (1 + confidence_level) / 2]).tolist()
    return GeneralisedInterval(float(low), float(high), float((icc <= null_value).mean()))


class _Between(NamedTuple):
    error: float  # sum of squares within items (and readers, model 3)
    df_error: float
    df_items: float


def _between(one: ReadingSums, model: int) -> _Between:
    """Return the residual sum of squares and degrees of freedom with items as fixed effects."""
    full = absorbed(one, None)
    n, n_items = float(one.n_readings[0]), float(one.n_items[0])
    if model == 1:
        return _Between(max(float(full.square[0].real), 0.0), n - n_items, n_items - 1)
    inverse, rank = pseudo_inverse(full.matrix[0].real)
    left = float(full.square[0].real - full.vector[0].real @ inverse @ full.vector[0].real)
    n_readers = float((np.diagonal(full.matrix[0].real + one.pairs[0].sum(axis=0)) > 0).sum())
    return _Between(max(left, 0.0), n - n_items - rank, n_items - (n_readers - rank))


def _ratio_at(one: ReadingSums, model: int, between: _Between, quantile: float) -> float:
    """Return the ICC at which the F ratio equals a quantile."""
    sizes = one.sizes[one.items[0] > 0]
    lowest = -1.0 / (float(sizes.max()) - 1.0) + 1e-9

    def excess(icc: float) -> float:
        squares = float(deviance_and_squares(one, np.array([[icc / (1 - icc)]]), model)[1][0]) - between.error
        return squares / between.df_items / (between.error / between.df_error) - quantile

    if excess(lowest) <= 0:
        return lowest
    highest = 1 - 1e-12
    return 1.0 if excess(highest) >= 0 else float(brentq(excess, lowest, highest, xtol=1e-13, rtol=1e-14))


def variance_draws(sums: ReadingSums, *, df_error: float | None = None, n_draws: int = 16_384) -> CrossedComponents:
    """Draw from the generalised (fiducial) distribution of the three variances of model 2 [1]_ [2]_.

    The residual sum of squares, that of items adjusted for readers and that of readers adjusted for items are each a
    sum of squared normal deviates once divided by their own variances; equating them with chi-squared draws and
    solving gives draws of the variances. Percentiles of any function of them are limits of a confidence interval; with
    complete readings these are the classical generalised intervals. The draws are a fixed, evenly spread set of
    points, so that the same readings always give the same limits.

    Parameters
    ----------
    sums : ReadingSums
        One fit or several.
    df_error : float, optional
        Effective degrees of freedom of the error, where errors of a patient's items go together; by default their
        number.
    n_draws : int

    Returns
    -------
    CrossedComponents
        Arrays of shape (n_fits, n_draws); all NaN where readers, items or errors leave no degree of freedom.

    References
    ----------
    .. [1] Weerahandi S. Generalized confidence intervals. J Am Stat Assoc 1993;88:899-905.
    .. [2] Arendacká B. Generalized confidence intervals on the variance component in mixed linear models with two
       variance components. Statistics 2005;39:275-286.
    """
    uniform = _evenly_spread(n_draws)
    drawn = [_draws_ofone_fit(one_fit(sums, i), uniform, df_error) for i in range(len(sums.items))]
    return CrossedComponents(*(np.stack(part) for part in zip(*drawn, strict=True)))


def _draws_ofone_fit(one: ReadingSums, uniform: Array, df_error: float | None) -> tuple[Array, Array, Array]:
    between = _between(one, 3)
    full = absorbed(one, None)
    values, vectors = np.linalg.eigh(full.matrix[0].real)
    kept = values > 1e-9 * max(values.max(), 1.0)
    df_readers = int(kept.sum())
    if min(between.df_error, between.df_items, df_readers) <= 0:
        nothing = np.full(len(uniform), np.nan)
        return nothing, nothing, nothing
    df = between.df_error if df_error is None else df_error
    residual = between.error * (df / between.df_error) / chdtri(df, uniform[:, 0])
    # readers adjusted for items: squares / (residual + eigenvalue * reader variance)
    projected = (vectors[:, kept].T @ full.vector[0].real) ** 2 / values[kept]
    grid = np.concatenate([[0.0], np.geomspace(1e-6, 1e8, 280)])
    squares = (projected / (1 + grid[:, None] * values[kept])).sum(axis=1)
    reader = _solved(
        squares, grid, float(np.mean(values[kept])), residual * chdtri(df_readers, uniform[:, 1]), residual
    )
    # items adjusted for readers
    many = ReadingSums(one.sizes, *(np.repeat(part, grid.size, axis=0) for part in one[1:]))
    squares = np.maximum(np.asarray(deviance_and_squares(many, grid[:, None], 3)[1].real) - between.error, 1e-300)
    size = float(one.n_readings[0] / one.n_items[0])
    item = _solved(squares, grid, size, residual * chdtri(between.df_items, uniform[:, 2]), residual)
    return item, reader, residual


def _solved(squares: Array, grid: Array, slope: float, wanted: Array, residual: Array) -> Array:
    """Return variances at which a falling sum of squares is as wanted; 0 where none is that large.

    Log squares are all but straight in log(1 + slope * ratio) (quite straight with complete readings), so
    interpolation between grid points is as good as a search.
    """
    level, place = np.log(np.maximum(squares[::-1], 1e-300)), np.log1p(slope * grid[::-1])
    with np.errstate(divide="ignore"):  # no residual variance at all: the ratio is infinite, and so not used
        found = np.interp(np.log(wanted), level, place)
    return np.asarray(np.expm1(found) / slope * residual)


def _evenly_spread(n: int) -> Array:
    """Return points that fill the unit cube evenly (the generalised golden ratio's lattice)."""
    golden = 1.2207440846057596  # root of x**4 = x + 1
    return (0.5 + np.arange(1, n + 1)[:, None] * golden ** -np.arange(1.0, 4.0)) % 1
