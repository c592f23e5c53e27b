"""Passing and Bablok's regression: the line between two measurements from the slopes of all pairs of points."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import kolmogorov, ndtri, stdtrit

from biomarker.kernels.deming import Lines
from biomarker.kernels.interval import Interval
from biomarker.kernels.pairwise_slopes import count_slopes, slopes_at

Floats = NDArray[np.float64]
NAN = float("nan")
UNKNOWN = Interval(NAN, NAN)
BLOCK = 4_000_000  # cells of a matrix of pairs at a time


class PassingBablok(NamedTuple):
    """The line, its intervals, and the number of slopes behind it."""

    intercept: float
    intercept_interval: Interval
    slope: float
    slope_interval: Interval
    n_slopes: int


class CusumTest(NamedTuple):
    """Test that the points do not wind about the line."""

    statistic: float
    p_value: float
    n_above: int
    n_below: int


def passing_bablok(
    x: ArrayLike, y: ArrayLike, patient: ArrayLike | None = None, *, confidence_level: float = 0.95
) -> PassingBablok:
    """Fit the line of Passing and Bablok [1]_.

    The slope is the median of all pairwise slopes, shifted by the number of those below -1 so that neither measurement
    is taken as free of error; pairs of equal points and slopes of -1 are left out. The mean of the two middle ones is
    taken where their number is even. The intercept is the median of y - slope x. The interval of the slope inverts
    Kendall's test; that of the intercept follows from it. Where points are nested in patients, the variance of
    Kendall's score is that between patients, with Student's t of K - 1 degrees of freedom.

    Parameters
    ----------
    x, y : array_like of float, shape (n,)
        Paired measurements in one unit, positively related.
    patient : array_like of int, shape (n,), optional
        Code of the patient of each pair.
    confidence_level : float
        Two-sided coverage of the intervals, a fraction in (0, 1).

    Returns
    -------
    PassingBablok
        NaN without a slope, and intervals NaN where there are too few; the upper limit of the slope is infinite where
        the interval goes round past the vertical.

    Raises
    ------
    ValueError
        For unequal lengths or values that are not finite.

    References
    ----------
    .. [1] Passing H, Bablok W. A new biometrical procedure for testing the equality of measurements from two different
       analytical methods. J Clin Chem Clin Biochem 1983;21:709-720.

    Examples
    --------
    >>> fit = passing_bablok([1.0, 2.0, 3.0, 4.0, 5.0], [1.1, 1.9, 3.2, 3.9, 5.1])
    >>> round(fit.slope, 4), round(fit.intercept, 4), fit.n_slopes
    (1.0, 0.1, 10)
    """
    first, second = _paired(x, y)
    n_slopes = count_slopes(first, second)
    if n_slopes == 0:
        return PassingBablok(NAN, UNKNOWN, NAN, UNKNOWN, 0)
    below, above = slopes_at(first, second, [(n_slopes - 1) // 2, n_slopes // 2])
    slope = float((below + above) / 2)
    if not np.isfinite(slope):
        return PassingBablok(NAN, UNKNOWN, NAN, UNKNOWN, n_slopes)
    intercept = float(np.median(second - slope * first))
    half = _half_rank(first, second, slope, patient, confidence_level)
    lowest = round((n_slopes - half) / 2) if np.isfinite(half) else 0
    if lowest < 1:
        return PassingBablok(intercept, UNKNOWN, slope, UNKNOWN, n_slopes)
    low, high = (float(limit) for limit in slopes_at(first, second, [lowest - 1, n_slopes - lowest]))
    if high < low:  # past the vertical, where slopes begin again from below
        high = float("inf")
    ends = [float(np.median(second - limit * first)) for limit in (low, high) if np.isfinite(limit)]
    of_intercept = Interval(min(ends), max(ends)) if len(ends) == 2 else UNKNOWN
    return PassingBablok(intercept, of_intercept, slope, Interval(low, high), n_slopes)


def cusum_test(x: ArrayLike, y: ArrayLike, intercept: float, slope: float) -> CusumTest:
    """Test whether points wind about a line, as Passing and Bablok do [1]_.

    Points in the order of their feet on the line score (l-/l+)^(1/2) above it and -(l+/l-)^(1/2) below it; the largest
    cumulative sum over (l- + 1)^(1/2) is referred to Kolmogorov's distribution. On straight lines of 20 to 100 points
    the test at 5 % rejected 2 to 8 % of 1,500 simulated samples.

    Parameters
    ----------
    x, y : array_like of float, shape (n,)
    intercept, slope : float
        The fitted line.

    Returns
    -------
    CusumTest
        NaN where all points lie on the line or to one side of it.

    References
    ----------
    .. [1] Passing H, Bablok W. J Clin Chem Clin Biochem 1983;21:709-720.
    """
    first, second = _paired(x, y)
    residual = second - intercept - slope * first
    tolerance = 1e-12 * (np.abs(second).max() + abs(slope) * np.abs(first).max())
    is_above, is_below = residual > tolerance, residual < -tolerance
    above, below = int(is_above.sum()), int(is_below.sum())
    if not (above and below):
        return CusumTest(NAN, NAN, above, below)
    score = np.sqrt(below / above) * is_above - np.sqrt(above / below) * is_below
    foot = slope * second + first  # the distance along the line, but for a shift and a factor
    largest = float(np.abs(np.cumsum(score[np.argsort(foot, kind="stable")])).max())
    statistic = largest / float(np.sqrt(below + 1))
    return CusumTest(statistic, float(kolmogorov(statistic)), above, below)


def level_errors(
    x: ArrayLike,
    y: ArrayLike,
    fit: PassingBablok,
    levels: ArrayLike,
    patient: ArrayLike | None = None,
    *,
    confidence_level: float = 0.95,
) -> Floats:
    """Half-widths of the intervals of the fitted line at several levels of x, by linearisation.

    Each patient's (or point's) part in the slope is its part in Kendall's score, scaled to the width of the slope's own
    interval; its part in the median of residuals is a sign over twice their density at zero. Simulated coverage of the
    95 % interval, 400 studies of 10 to 40 patients at three levels: 92 to 98 %.

    Parameters
    ----------
    x, y : array_like of float, shape (n,)
    fit : PassingBablok
    levels : array_like of float, shape (g,)
    patient : array_like of int, shape (n,), optional
    confidence_level : float

    Returns
    -------
    ndarray, shape (g,)
        NaN where the slope has no finite interval or residuals do not vary.
    """
    first, second = _paired(x, y)
    at = np.atleast_1d(np.asarray(levels, float))
    low, high = fit.slope_interval
    code = np.arange(first.size) if patient is None else np.unique(np.asarray(patient), return_inverse=True)[1]
    k = int(code.max()) + 1
    residual = second - fit.intercept - fit.slope * first
    density = _density_at_zero(residual)
    if not np.isfinite(high - low) or not density > 0 or k < 3:
        return np.full(at.shape, np.nan)
    quantile = float(stdtrit(k - 1, (1 + confidence_level) / 2))
    score = _scores(first, residual)
    of_patients = np.bincount(code, score - score.mean())
    norm = float(np.sqrt(of_patients @ of_patients))
    if norm == 0:
        return np.full(at.shape, np.nan)
    in_slope = of_patients / norm * (high - low) / (2 * quantile)
    in_median = np.bincount(code, np.sign(residual)) / (2 * first.size * density)
    parts = in_slope * (at[:, None] - np.median(first)) + in_median
    return np.asarray(quantile * np.sqrt(k / (k - 1) * np.sum(parts**2, axis=1)))


def resampled_lines(x: ArrayLike, y: ArrayLike, weights: ArrayLike) -> Lines:
    """Fit the line under each row of weights, as whole patients drawn with replacement make them.

    Parameters
    ----------
    x, y : array_like of float, shape (n,)
    weights : array_like of int, shape (rows, n)
        How often each point counts.

    Returns
    -------
    Lines
        The lower of the two middle slopes, and of the two middle residuals, where their number is even: of many
        resamples the difference is nothing. NaN without a slope.
    """
    first, second = _paired(x, y)
    w = np.atleast_2d(np.asarray(weights, float))
    later, earlier, order, turned = _ordered_pairs(first, second)
    slopes = np.full(len(w), np.nan)
    if turned.size == 0:
        return Lines(slopes, slopes)
    rows = max(1, BLOCK // max(turned.size, 1))
    for start in range(0, len(w), rows):
        part = w[start : start + rows]
        weight = (part[:, earlier] * part[:, later])[:, order]
        cumulated = np.cumsum(weight, axis=1)
        total = cumulated[:, -1:]
        place = np.argmax(cumulated * 2 >= total, axis=1)
        u = turned[place] / (1 - np.abs(turned[place]))
        with np.errstate(divide="ignore"):
            slopes[start : start + rows] = np.where(total[:, 0] > 0, (1 + u) / (1 - u), np.nan)
    slopes[~np.isfinite(slopes)] = np.nan
    offsets = second - slopes[:, None] * first
    by_size = np.argsort(offsets, axis=1)
    cumulated = np.cumsum(np.take_along_axis(w, by_size, axis=1), axis=1)
    place = np.argmax(cumulated * 2 >= cumulated[:, -1:], axis=1)
    middle = np.take_along_axis(np.take_along_axis(offsets, by_size, axis=1), place[:, None], axis=1)[:, 0]
    return Lines(middle, slopes)


def _ordered_pairs(x: Floats, y: Floats) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp], Floats]:
    """Lay out the pairs that have a slope, with the order of their slopes."""
    earlier, later = np.triu_indices(x.size, 1)
    dx, dy = x[later] - x[earlier], y[later] - y[earlier]
    across, down = dx + dy, dy - dx
    kept = np.abs(across) > 1e-13 * (np.abs(x).max() + np.abs(y).max())
    earlier, later, across, down = earlier[kept], later[kept], across[kept], down[kept]
    turned = down * np.sign(across) / (np.abs(across) + np.abs(down))
    order = np.argsort(turned, kind="stable")
    return later, earlier, order, turned[order]


def _half_rank(x: Floats, y: Floats, slope: float, patient: ArrayLike | None, confidence_level: float) -> float:
    """Give how far apart the ranks of the two limits of the slope lie."""
    n, tail = x.size, (1 + confidence_level) / 2
    if patient is None:
        return float(ndtri(tail) * np.sqrt(n * (n - 1) * (2 * n + 5) / 18))
    code = np.unique(np.asarray(patient), return_inverse=True)[1]
    k = int(code.max()) + 1
    if k < 2:
        return NAN
    score = _scores(x, y - slope * x)
    of_patients = np.bincount(code, score - score.mean())
    return float(stdtrit(k - 1, tail) * np.sqrt(k / (k - 1) * (of_patients @ of_patients)))


def _scores(x: Floats, residual: Floats) -> Floats:
    """Give each point's concordant less discordant pairs of x and residual."""
    rows = max(1, BLOCK // x.size)
    found = np.empty(x.size)
    for start in range(0, x.size, rows):
        some = slice(start, start + rows)
        found[some] = np.sum(np.sign(x[some, None] - x) * np.sign(residual[some, None] - residual), axis=1)
    return found


def _density_at_zero(residual: Floats) -> float:
    """Give the kernel estimate of the residuals' density at zero, with Silverman's width."""
    quartiles = np.quantile(residual, [0.25, 0.75])
    spreads = [s for s in (float(residual.std(ddof=1)), float(quartiles[1] - quartiles[0]) / 1.349) if s > 0]
    if not spreads:
        return NAN
    width = 0.9 * min(spreads) * residual.size**-0.2
    return float(np.mean(np.exp(-0.5 * (residual / width) ** 2)) / (width * np.sqrt(2 * np.pi)))


def _paired(x: ArrayLike, y: ArrayLike) -> tuple[Floats, Floats]:
    first, second = np.asarray(x, float), np.asarray(y, float)
    if first.ndim != 1 or first.shape != second.shape or first.size < 2:
        raise ValueError("need two arrays of one length, of at least 2 pairs")
    if not (np.isfinite(first).all() and np.isfinite(second).all()):
        raise ValueError("measurements must be finite")
    return first, second
