"""What p-values printed means and spreads, each rounded, give under each reading of the spread.

A printed figure is an `Interval`: every value that rounds to it. What follows from several such figures is again an
interval, found at the corners of theirs (and where a difference of nothing lies between).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import fdtrc, stdtr, stdtrit

from biomarker.kernels.interval import Interval

Floats = NDArray[np.float64]
Reading = Literal["sd", "se", "ci"]
Test = Literal["student", "welch", "paired"]

MOST_GROUPS = 8  # corners double with every group


class Recomputed(NamedTuple):
    """From the printed figures as they stand, and the intervals from all that round to them."""

    p_value: float
    p_range: Interval
    statistic: float
    statistic_range: Interval
    df: float
    difference_low: Interval
    difference_high: Interval


def sd_factor(reading: Reading, n: int, *, confidence_level: float = 0.95) -> float:
    """Return what a spread is multiplied with to be a standard deviation.

    Parameters
    ----------
    reading : {"sd", "se", "ci"}
        The spread is a standard deviation, a standard error, or half the t interval of the mean.
    n : int
        Values behind it.
    confidence_level : float
        Of the interval.

    Returns
    -------
    float
        NaN for an interval of fewer than two values.

    Examples
    --------
    >>> round(sd_factor("se", 18), 3), round(sd_factor("ci", 18), 3)
    (4.243, 2.011)
    """
    if reading == "sd":
        return 1.0
    root = float(np.sqrt(n))
    if reading == "se":
        return root
    return root / float(stdtrit(n - 1, (1 + confidence_level) / 2)) if n > 1 else np.nan


def recomputed_t(
    means: Sequence[Interval],
    sds: Sequence[Interval],
    sizes: Sequence[int],
    *,
    test: Test,
    correlation: float = 0.0,
    centre: tuple[Sequence[float], Sequence[float]],
    one_sided: bool = False,
    confidence_level: float = 0.95,
) -> Recomputed:
    """Recompute a t test of two groups from printed summaries.

    Parameters
    ----------
    means, sds : two intervals each
        All values that round to what is printed, the spread already read as a standard deviation.
    sizes : two int
        Values in each group; pairs, for the paired test.
    test : {"student", "welch", "paired"}
        Pooled, Welch's, or paired.
    correlation : float
        Between the measurements of a pair.
    centre : two sequences of two float
        The printed means and standard deviations themselves.
    one_sided : bool
        Halve the p.
    confidence_level : float
        Of the interval of the difference.

    Returns
    -------
    Recomputed
        NaN where a group has a single value or nothing varies.

    Examples
    --------
    124I-trastuzumab uptake at 24 h, 7.83 ± 0.55, and 48 h, 5.73 ± 0.47, 18 lesions each, ± read as standard error:
    the published P = 0.0065.

    >>> root = np.sqrt(18)
    >>> sds = [Interval(0.545 * root, 0.555 * root), Interval(0.465 * root, 0.475 * root)]
    >>> found = recomputed_t([Interval(7.825, 7.835), Interval(5.725, 5.735)], sds, [18, 18], test="student",
    ...                      centre=([7.83, 5.73], [0.55 * root, 0.47 * root]))
    >>> print(f"{found.p_value:.5f} ({found.p_range.low:.4f} to {found.p_range.high:.4f})")
    0.00645 (0.0058 to 0.0072)
    """
    widest = (means[0].high - means[1].low, means[0].low - means[1].high)
    differences = [*widest, *([0.0] if min(widest) < 0 < max(widest) else [])]
    corners = np.array([
        (difference, first, second) for difference, first, second in product(differences, sds[0], sds[1])
    ])  # fmt: skip
    printed = np.array([[centre[0][0] - centre[0][1], *centre[1]]])
    rows = np.concatenate([printed, corners])
    difference, s_1, s_2 = rows.T
    se, df = _error(s_1, s_2, sizes, test, correlation)
    with np.errstate(divide="ignore", invalid="ignore"):  # no variation, no test
        statistic = np.where(se > 0, difference / se, np.nan)
        p_values = (1 if one_sided else 2) * stdtr(df, -np.abs(statistic))
        half = stdtrit(df, (1 + confidence_level) / 2) * se
    return Recomputed(
        float(p_values[0]),
        _range(p_values),
        float(statistic[0]),
        _range(np.abs(statistic)),
        float(df[0]),
        _range(difference - half),
        _range(difference + half),
    )


def _error(s_1: Floats, s_2: Floats, sizes: Sequence[int], test: Test, correlation: float) -> tuple[Floats, Floats]:
    """Return the standard error of a difference of means and its degrees of freedom."""
    n_1, n_2 = sizes
    nothing = np.full(s_1.size, np.nan)
    if test == "paired":
        if n_1 != n_2 or n_1 < 2:
            return nothing, nothing
        variance = np.maximum(s_1**2 + s_2**2 - 2 * correlation * s_1 * s_2, 0.0)
        return np.sqrt(variance / n_1), np.full(s_1.size, n_1 - 1.0)
    if min(n_1, n_2) < 2:
        return nothing, nothing
    if test == "student":
        pooled = ((n_1 - 1) * s_1**2 + (n_2 - 1) * s_2**2) / (n_1 + n_2 - 2)
        return np.sqrt(pooled * (1 / n_1 + 1 / n_2)), np.full(s_1.size, n_1 + n_2 - 2.0)
    v_1, v_2 = s_1**2 / n_1, s_2**2 / n_2
    with np.errstate(invalid="ignore"):  # two spreads of nothing
        df = (v_1 + v_2) ** 2 / (v_1**2 / (n_1 - 1) + v_2**2 / (n_2 - 1))
    return np.sqrt(v_1 + v_2), df


def _range(values: Floats) -> Interval:
    known = values[~np.isnan(values)]
    return Interval(float(known.min()), float(known.max())) if known.size else Interval(np.nan, np.nan)


def recomputed_f(
    means: Sequence[Interval], sds: Sequence[Interval], sizes: Sequence[int], *, centre: tuple[Floats, Floats]
) -> Recomputed:
    """Recompute a one-way analysis of variance of three groups or more from printed summaries.

    Parameters
    ----------
    means, sds : sequence of intervals
        As in `recomputed_t`.
    sizes : sequence of int
        Values in each group.
    centre : two arrays of float
        The printed means and standard deviations themselves.

    Returns
    -------
    Recomputed
        `statistic` is F; the difference is NaN.

    Raises
    ------
    ValueError
        If there are more than `MOST_GROUPS` groups.

    Examples
    --------
    >>> found = recomputed_f([Interval(1, 1), Interval(2, 2), Interval(4, 4)], [Interval(1, 1)] * 3, [5, 5, 5],
    ...                      centre=(np.array([1.0, 2, 4]), np.ones(3)))
    >>> round(found.statistic, 2), round(found.p_value, 4)
    (11.67, 0.0015)
    """
    if len(means) > MOST_GROUPS:
        raise ValueError(f"{len(means)} groups are more than {MOST_GROUPS}")
    n = np.asarray(sizes, dtype=np.float64)
    df, residual = n.size - 1.0, float(n.sum()) - n.size
    corners = np.array(list(product(*means)))
    tables = np.concatenate([np.asarray(centre[0])[None, :], corners, _closest(means, n)[None, :]])
    between = np.sum(n * (tables - (tables @ n / n.sum())[:, None]) ** 2, axis=1) / df
    low, high = (float(np.sum((n - 1) * np.array([getattr(sd, end) for sd in sds]) ** 2)) for end in ("low", "high"))
    middle = float(np.sum((n - 1) * np.asarray(centre[1]) ** 2))
    nothing = Interval(np.nan, np.nan)
    if residual <= 0 or not middle > 0:
        return Recomputed(np.nan, nothing, np.nan, nothing, residual, nothing, nothing)
    statistic = between[0] * residual / middle
    least, most = between.min() * residual / high, between.max() * residual / low if low > 0 else np.inf
    p_value, p_high, p_low = (float(fdtrc(df, residual, f)) for f in (statistic, least, most))
    return Recomputed(
        p_value, Interval(p_low, p_high), float(statistic), Interval(float(least), float(most)), residual,
        nothing, nothing,
    )  # fmt: skip


def _closest(means: Sequence[Interval], n: Floats) -> Floats:
    """Return the means within their intervals that differ least: each drawn to the weighted mean of all."""
    low, high = (np.array([getattr(mean, end) for mean in means]) for end in ("low", "high"))
    drawn = (low + high) / 2
    for _ in range(200):  # every step halves the distance at worst in practice; the limit is approached from outside
        drawn = np.clip(float(drawn @ n / n.sum()), low, high)
    return np.asarray(drawn, dtype=np.float64)


def implied_correlation(
    difference: Interval, sds: tuple[Interval, Interval], n: int, p_value: Interval, *, centre: Sequence[float]
) -> tuple[float, Interval]:
    """Return the correlation between two measurements with which a paired t test gives a printed p.

    Parameters
    ----------
    difference : Interval
        Of the means.
    sds : two intervals
        Standard deviations of the measurements.
    n : int
        Pairs.
    p_value : Interval
        Two-sided.
    centre : sequence of four float
        Printed difference, standard deviations and p.

    Returns
    -------
    tuple of float and Interval
        Outside -1 to 1 where no correlation does.

    Examples
    --------
    >>> exactly = [Interval(v, v) for v in (1.58, 1.78901, 2.00225, 0.0028329)]
    >>> r, _ = implied_correlation(exactly[0], (exactly[1], exactly[2]), 10, exactly[3],
    ...                            centre=[1.58, 1.78901, 2.00225, 0.0028329])
    >>> round(r, 3)
    0.795
    """
    rows = np.array([centre, *product(difference, sds[0], sds[1], p_value)], dtype=np.float64)
    apart, s_1, s_2, p = rows.T
    with np.errstate(divide="ignore", invalid="ignore"):  # p of 1 or 0: no or any difference
        t = -stdtrit(n - 1, p / 2)
        r = (s_1**2 + s_2**2 - n * (apart / t) ** 2) / (2 * s_1 * s_2)
    return float(r[0]), _range(r[1:])
