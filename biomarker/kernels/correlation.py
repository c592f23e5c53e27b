"""Correlation coefficients of independent pairs, with intervals and tests: Pearson, Spearman, Kendall.

With other variables or each patient's own level removed: `correlation_partial`. For lesions nested in patients the
intervals come from `correlation_intervals`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr, ndtri, stdtr

from biomarker.kernels.correlation_exact import (
    ALL_ORDERS_UP_TO,
    EDGEWORTH_BELOW,
    EXACT_KENDALL_BELOW,
    edgeworth_spearman_p,
    exact_kendall_p,
    exact_spearman_p,
    tied_kendall_p,
)
from biomarker.kernels.describe import finite_sample
from biomarker.kernels.interval import Interval
from biomarker.kernels.pair_counts import kendall_score
from biomarker.kernels.ranks import midranks

Floats = NDArray[np.float64]


class Correlation(NamedTuple):
    """A coefficient with its interval and test; `statistic` is t, or z for Kendall; NaN where undefined."""

    value: float
    interval: Interval
    statistic: float
    df: float
    p_value: float


def fisher_interval(value: float, standard_error: float, *, confidence_level: float = 0.95) -> Interval:
    """Interval for a correlation with a given standard error of its Fisher z (inverse hyperbolic tangent).

    Parameters
    ----------
    value : float
        The coefficient, in [-1, 1].
    standard_error : float
        Standard error of ``arctanh(value)``.
    confidence_level : float
        Two-sided coverage, a fraction in (0, 1).

    Returns
    -------
    Interval
        NaN where the coefficient is 1 in size (its z is infinite) or the standard error is undefined.

    Examples
    --------
    >>> low, high = fisher_interval(0.5, 1 / np.sqrt(47))
    >>> print(f"{low:.3f}, {high:.3f}")
    0.257, 0.683
    """
    if not (abs(value) < 1 and standard_error > 0):
        return Interval(np.nan, np.nan)
    z, reach = np.arctanh(value), ndtri((1 + confidence_level) / 2) * standard_error
    return Interval(float(np.tanh(z - reach)), float(np.tanh(z + reach)))


def checked_pairs(x: ArrayLike, y: ArrayLike) -> tuple[Floats, Floats]:
    """Return two finite vectors of one length."""
    first, second = finite_sample(x), finite_sample(y)
    if first.size != second.size:
        raise ValueError("x and y need as many values")
    return first, second


def coefficient(x: Floats, y: Floats) -> float:
    """Return the product-moment correlation of two vectors; NaN when one is constant; exactly 1 when they agree."""
    if x.size < 2:
        return float("nan")
    x, y = in_range(x), in_range(y)
    dx, dy = x - x.mean(), y - y.mean()
    scale = np.sqrt((dx @ dx) * (dy @ dy))
    # variation no larger than rounding about the mean is none
    floor = 1e-14 * np.sqrt((x @ x) * (y @ y))
    if not scale > floor:
        return float("nan")
    value = float(dx @ dy / scale)
    return float(np.sign(value)) if abs(value) > 1 - 1e-14 else value


def in_range(values: Floats) -> Floats:
    """Bring values whose squares would not fit into a float to the size of 1; a correlation does not see it."""
    largest = np.abs(values).max()
    return values / largest if largest > 1e100 or 0 < largest < 1e-100 else values


def t_test(value: float, df: float) -> tuple[float, float]:
    """Return t and the two-sided p of a correlation."""
    if df < 1 or np.isnan(value):
        return float("nan"), float("nan")
    statistic = value * np.sqrt(df / (1 - value**2)) if abs(value) < 1 else np.copysign(np.inf, value)
    return float(statistic), float(2 * stdtr(df, -abs(statistic)))


def root_inverse(count: float) -> float:
    """Return the standard error that a count gives; NaN where it is not positive."""
    return float(1 / np.sqrt(count)) if count > 0 else float("nan")


def pearson(x: ArrayLike, y: ArrayLike, *, confidence_level: float = 0.95) -> Correlation:
    """Pearson correlation with Fisher's z interval [1]_ and the t test.

    Parameters
    ----------
    x, y : array_like of float, shape (n,)
        Finite, independent pairs.
    confidence_level : float
        Two-sided coverage, a fraction in (0, 1).

    Returns
    -------
    Correlation
        NaN when a variable is constant; the interval needs four pairs.

    References
    ----------
    .. [1] Fisher RA. On the "probable error" of a coefficient of correlation deduced from a small sample.
       Metron 1921;1:3-32.

    Examples
    --------
    Hollander and Wolfe (1973), p. 187: tuna lightness and panel score; r = 0.5711816, P = 0.1081.

    >>> lightness = [44.4, 45.9, 41.9, 53.3, 44.7, 44.1, 50.7, 45.2, 60.1]
    >>> score = [2.6, 3.1, 2.5, 5.0, 3.6, 4.0, 5.2, 2.8, 3.8]
    >>> found = pearson(lightness, score)
    >>> print(f"{found.value:.7f} ({found.interval.low:.4f} to {found.interval.high:.4f}), P {found.p_value:.4f}")
    0.5711816 (-0.1497 to 0.8956), P 0.1082
    """
    first, second = checked_pairs(x, y)
    value = coefficient(first, second)
    interval = fisher_interval(value, root_inverse(first.size - 3), confidence_level=confidence_level)
    statistic, p_value = t_test(value, first.size - 2)
    return Correlation(value, interval, statistic, float(first.size - 2), p_value)


def spearman(x: ArrayLike, y: ArrayLike, *, confidence_level: float = 0.95) -> Correlation:
    """Spearman rank correlation with the interval of Bonett and Wright [1]_.

    The standard error of Fisher's z is ``sqrt((1 + r^2/2) / (n - 3))``. The p counts all orders of up to nine pairs,
    ties included; beyond that it comes from the Edgeworth series of AS 89 [2]_ without ties (as in R) and from t with
    n - 2 degrees of freedom with ties.

    Parameters
    ----------
    x, y : array_like of float, shape (n,)
        Finite, independent pairs.
    confidence_level : float
        Two-sided coverage, a fraction in (0, 1).

    Returns
    -------
    Correlation
        NaN when a variable is constant; the interval needs four pairs and a coefficient below 1 in size.

    References
    ----------
    .. [1] Bonett DG, Wright TA. Sample size requirements for estimating Pearson, Kendall and Spearman correlations.
       Psychometrika 2000;65:23-28.
    .. [2] Best DJ, Roberts DE. Algorithm AS 89: the upper tail probabilities of Spearman's rho. Appl Stat
       1975;24:377-379.

    Examples
    --------
    >>> lightness = [44.4, 45.9, 41.9, 53.3, 44.7, 44.1, 50.7, 45.2, 60.1]
    >>> score = [2.6, 3.1, 2.5, 5.0, 3.6, 4.0, 5.2, 2.8, 3.8]
    >>> found = spearman(lightness, score)
    >>> round(found.value, 2), round(found.p_value, 4)
    (0.6, 0.0968)
    """
    first, second = checked_pairs(x, y)
    n = first.size
    rank_x, rank_y = midranks(first), midranks(second)
    value = coefficient(rank_x, rank_y)
    error = np.sqrt(1 + value**2 / 2) * root_inverse(n - 3)
    interval = fisher_interval(value, error, confidence_level=confidence_level)
    statistic, p_value = t_test(value, n - 2)
    if not np.isnan(value):
        p_value = _spearman_p(rank_x, rank_y, p_value)
    return Correlation(value, interval, statistic, float(n - 2), p_value)


def _spearman_p(rank_x: Floats, rank_y: Floats, otherwise: float) -> float:
    n = rank_x.size
    if n <= ALL_ORDERS_UP_TO:
        return exact_spearman_p(rank_x, rank_y)
    tied = any(np.unique(ranks).size < n for ranks in (rank_x, rank_y))
    if tied or n >= EDGEWORTH_BELOW:
        return otherwise
    return edgeworth_spearman_p(float(np.sum((rank_x - rank_y) ** 2)), n)


def kendall(x: ArrayLike, y: ArrayLike, *, confidence_level: float = 0.95) -> Correlation:
    """Kendall's tau-b with the interval of Fieller, Hartley and Pearson [1]_.

    The standard error of Fisher's z is ``sqrt(0.437 / (n - 4))``. The p is exact below 50 pairs without ties, and
    over all orders of up to nine pairs with ties; otherwise it is from the tie-corrected normal approximation [2]_, as
    in R.

    Parameters
    ----------
    x, y : array_like of float, shape (n,)
        Finite, independent pairs.
    confidence_level : float
        Two-sided coverage, a fraction in (0, 1).

    Returns
    -------
    Correlation
        `statistic` is z (NaN when exact). NaN when a variable is constant; the interval needs five pairs.

    References
    ----------
    .. [1] Fieller EC, Hartley HO, Pearson ES. Tests for rank correlation coefficients. I. Biometrika 1957;44:470-481.
    .. [2] Kendall MG. Rank correlation methods. 4th ed. Griffin, 1970.

    Examples
    --------
    Hollander and Wolfe (1973), p. 187: tau = 0.4444, P = 0.1194.

    >>> lightness = [44.4, 45.9, 41.9, 53.3, 44.7, 44.1, 50.7, 45.2, 60.1]
    >>> score = [2.6, 3.1, 2.5, 5.0, 3.6, 4.0, 5.2, 2.8, 3.8]
    >>> found = kendall(lightness, score)
    >>> round(found.value, 4), round(found.p_value, 4)
    (0.4444, 0.1194)
    """
    first, second = checked_pairs(x, y)
    n = first.size
    score, pairs_x, pairs_y = kendall_score(first, second)
    if pairs_x == 0 or pairs_y == 0:
        return Correlation(np.nan, Interval(np.nan, np.nan), np.nan, np.nan, np.nan)
    value = float(score / np.sqrt(float(pairs_x) * float(pairs_y)))
    error = np.sqrt(0.437) * root_inverse(n - 4)
    interval = fisher_interval(value, error, confidence_level=confidence_level)
    every = n * (n - 1) // 2
    if n < EXACT_KENDALL_BELOW and pairs_x == pairs_y == every:
        return Correlation(value, interval, np.nan, np.nan, exact_kendall_p(n, (every + score) // 2))
    if n <= ALL_ORDERS_UP_TO:
        return Correlation(value, interval, np.nan, np.nan, tied_kendall_p(first, second, score))
    statistic = score / np.sqrt(_kendall_variance(first, second))
    return Correlation(value, interval, float(statistic), np.nan, float(2 * ndtr(-abs(statistic))))


def _kendall_variance(x: Floats, y: Floats) -> float:
    n = x.size
    t, u = (np.unique(v, return_counts=True)[1].astype(np.float64) for v in (x, y))

    def weighted(counts: Floats) -> float:
        return float(np.sum(counts * (counts - 1) * (2 * counts + 5)))

    main = (n * (n - 1) * (2 * n + 5) - weighted(t) - weighted(u)) / 18
    pairs = np.sum(t * (t - 1)) * np.sum(u * (u - 1)) / (2 * n * (n - 1))
    if n < 3:
        return float(main + pairs)
    triples = np.sum(t * (t - 1) * (t - 2)) * np.sum(u * (u - 1) * (u - 2)) / (9 * n * (n - 1) * (n - 2))
    return float(main + pairs + triples)
