"""Correlation coefficients of independent pairs, with intervals: Pearson, Spearman, Kendall, partial.

Also the repeated-measures correlation, which removes each patient's own level. For lesions nested in patients the
intervals come from `correlation_resampling`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr, ndtri, stdtr

from biomarker.kernels.describe import cluster_codes, finite_sample
from biomarker.kernels.interval import Interval
from biomarker.kernels.pair_counts import kendall_score
from biomarker.kernels.ranks import midranks

Floats = NDArray[np.float64]

# All orders of up to nine pairs can be looked at: 362,880 of them, as R does.
EXACT_SPEARMAN_UP_TO = 9
EXACT_KENDALL_BELOW = 50


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


def _pairs(x: ArrayLike, y: ArrayLike) -> tuple[Floats, Floats]:
    first, second = finite_sample(x), finite_sample(y)
    if first.size != second.size:
        raise ValueError("x and y need as many values")
    return first, second


def coefficient(x: Floats, y: Floats) -> float:
    """Return the product-moment correlation of two vectors; NaN when one is constant; exactly 1 when they agree."""
    if x.size < 2:
        return float("nan")
    dx, dy = x - x.mean(), y - y.mean()
    scale = np.sqrt((dx @ dx) * (dy @ dy))
    # variation no larger than rounding about the mean is none
    floor = 1e-14 * np.sqrt((x @ x) * (y @ y))
    if not scale > floor:
        return float("nan")
    value = float(dx @ dy / scale)
    return float(np.sign(value)) if abs(value) > 1 - 1e-14 else value


def _t_test(value: float, df: float) -> tuple[float, float]:
    """Return t and the two-sided p of a correlation."""
    if df < 1 or np.isnan(value):
        return float("nan"), float("nan")
    statistic = value * np.sqrt(df / (1 - value**2)) if abs(value) < 1 else np.copysign(np.inf, value)
    return float(statistic), float(2 * stdtr(df, -abs(statistic)))


def _root_inverse(count: float) -> float:
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
    first, second = _pairs(x, y)
    value = coefficient(first, second)
    interval = fisher_interval(value, _root_inverse(first.size - 3), confidence_level=confidence_level)
    statistic, p_value = _t_test(value, first.size - 2)
    return Correlation(value, interval, statistic, float(first.size - 2), p_value)


def spearman(x: ArrayLike, y: ArrayLike, *, confidence_level: float = 0.95) -> Correlation:
    """Spearman rank correlation with the interval of Bonett and Wright [1]_.

    The standard error of Fisher's z is ``sqrt((1 + r^2/2) / (n - 3))``. The p counts all orders of up to nine pairs,
    ties included, and beyond that refers t to n - 2 degrees of freedom.

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

    Examples
    --------
    >>> lightness = [44.4, 45.9, 41.9, 53.3, 44.7, 44.1, 50.7, 45.2, 60.1]
    >>> score = [2.6, 3.1, 2.5, 5.0, 3.6, 4.0, 5.2, 2.8, 3.8]
    >>> found = spearman(lightness, score)
    >>> round(found.value, 2), round(found.p_value, 4)
    (0.6, 0.0968)
    """
    first, second = _pairs(x, y)
    n = first.size
    rank_x, rank_y = midranks(first), midranks(second)
    value = coefficient(rank_x, rank_y)
    error = np.sqrt(1 + value**2 / 2) * _root_inverse(n - 3)
    interval = fisher_interval(value, error, confidence_level=confidence_level)
    statistic, p_value = _t_test(value, n - 2)
    if 2 <= n <= EXACT_SPEARMAN_UP_TO and not np.isnan(value):
        p_value = _exact_spearman_p(rank_x, rank_y)
    return Correlation(value, interval, statistic, float(n - 2), p_value)


def _exact_spearman_p(rank_x: Floats, rank_y: Floats) -> float:
    """Return the doubled smaller tail of sum(rank_x * rank_y) over all orders of rank_y.

    Orders are not listed: sums are counted place by place, for each set of ranks already used, which a bit mask names.
    Ranks are doubled to be whole.
    """
    a, b = np.rint(2 * rank_x).astype(np.int64), np.rint(2 * rank_y).astype(np.int64)
    n, largest = a.size, int(np.sort(a) @ np.sort(b))
    count = np.zeros((1 << n, largest + 1))
    count[0, 0] = 1
    for used in range((1 << n) - 1):
        place = used.bit_count()
        for item in range(n):
            if not used >> item & 1:
                step = int(a[place] * b[item])
                count[used | 1 << item, step:] += count[used, : largest + 1 - step]
    observed = int(a @ b)
    total = count[-1].sum()
    return float(min(1.0, 2 * min(count[-1, : observed + 1].sum(), count[-1, observed:].sum()) / total))


def kendall(x: ArrayLike, y: ArrayLike, *, confidence_level: float = 0.95) -> Correlation:
    """Kendall's tau-b with the interval of Fieller, Hartley and Pearson [1]_.

    The standard error of Fisher's z is ``sqrt(0.437 / (n - 4))``. The p is exact below 50 pairs without ties, and
    otherwise from the tie-corrected normal approximation [2]_, as in R.

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
    first, second = _pairs(x, y)
    n = first.size
    score, pairs_x, pairs_y = kendall_score(first, second)
    if pairs_x == 0 or pairs_y == 0:
        return Correlation(np.nan, Interval(np.nan, np.nan), np.nan, np.nan, np.nan)
    value = float(score / np.sqrt(float(pairs_x) * float(pairs_y)))
    error = np.sqrt(0.437) * _root_inverse(n - 4)
    interval = fisher_interval(value, error, confidence_level=confidence_level)
    every = n * (n - 1) // 2
    if n < EXACT_KENDALL_BELOW and pairs_x == pairs_y == every:
        return Correlation(value, interval, np.nan, np.nan, _exact_kendall_p(n, (every + score) // 2))
    statistic = score / np.sqrt(_kendall_variance(first, second))
    return Correlation(value, interval, float(statistic), np.nan, float(2 * ndtr(-abs(statistic))))


def _exact_kendall_p(n: int, concordant: int) -> float:
    """Return the doubled smaller tail of the number of concordant pairs over all orders of n ranks."""
    chance = np.ones(1)
    for added in range(2, n + 1):  # the next rank makes 0 .. added - 1 new concordant pairs, equally likely
        chance = np.convolve(chance, np.full(added, 1 / added))
    return float(min(1.0, 2 * min(chance[: concordant + 1].sum(), chance[concordant:].sum())))


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


def partial_correlation(
    x: ArrayLike, y: ArrayLike, controls: ArrayLike, *, ranks: bool = False, confidence_level: float = 0.95
) -> Correlation:
    """Correlation of x and y with the linear part of other variables removed [1]_.

    Parameters
    ----------
    x, y : array_like of float, shape (n,)
        Finite, independent pairs.
    controls : array_like of float, shape (n, k)
        The variables held constant.
    ranks : bool
        Rank every variable first (partial Spearman correlation).
    confidence_level : float
        Two-sided coverage, a fraction in (0, 1).

    Returns
    -------
    Correlation
        Degrees of freedom n - 2 - k; the standard error of z is ``1 / sqrt(n - 3 - k)``, times ``sqrt(1 + r^2/2)`` for
        ranks (Bonett and Wright). NaN when nothing is left of a variable.

    References
    ----------
    .. [1] Fisher RA. The distribution of the partial correlation coefficient. Metron 1924;3:329-332.

    Examples
    --------
    >>> found = partial_correlation([1, 2, 3, 4, 5, 6], [2, 1, 4, 3, 6, 5], [[1], [1], [2], [2], [3], [3]])
    >>> round(found.value, 3), found.df
    (-1.0, 3.0)
    """
    first, second = _pairs(x, y)
    others = np.asarray(controls, dtype=np.float64).reshape(first.size, -1)
    n, k = others.shape
    if not np.all(np.isfinite(others)):
        raise ValueError("controls hold finite numbers only")
    if ranks:
        first, second = midranks(first), midranks(second)
        others = np.column_stack([midranks(column) for column in others.T]) if k else others
    design = np.column_stack([np.ones(n), others])
    left = [v - design @ np.linalg.lstsq(design, v)[0] for v in (first, second)]
    gone = any(np.linalg.norm(rest) <= 1e-10 * np.linalg.norm(v) for rest, v in zip(left, (first, second), strict=True))
    value = float("nan") if gone else coefficient(*left)
    error = _root_inverse(n - 3 - k) * (np.sqrt(1 + value**2 / 2) if ranks else 1.0)
    interval = fisher_interval(value, error, confidence_level=confidence_level)
    df = n - 2 - k
    statistic, p_value = _t_test(value, df)
    return Correlation(value, interval, statistic, float(df), p_value)


def repeated_measures_correlation(
    x: ArrayLike, y: ArrayLike, cluster: ArrayLike, *, confidence_level: float = 0.95
) -> Correlation:
    """Correlation of x and y within patients, taken to be the same in all of them (rmcorr [1]_).

    The correlation of deviations from each patient's means, with N - K - 1 degrees of freedom (analysis of
    covariance); Fisher's z interval with standard error ``1 / sqrt(df - 1)``.

    Parameters
    ----------
    x, y : array_like of float, shape (n,)
        Finite values.
    cluster : array_like, shape (n,)
        The patient of each pair.
    confidence_level : float
        Two-sided coverage, a fraction in (0, 1).

    Returns
    -------
    Correlation
        NaN when a variable does not vary within patients.

    References
    ----------
    .. [1] Bakdash JZ, Marusich LR. Repeated measures correlation. Front Psychol 2017;8:456.

    Examples
    --------
    >>> found = repeated_measures_correlation([1, 2, 3, 11, 12, 13], [9, 8, 6, 3, 2, 1], list("aaabbb"))
    >>> round(found.value, 3), found.df
    (-0.968, 3.0)
    """
    first, second = _pairs(x, y)
    codes, n_clusters = cluster_codes(cluster, first.size)
    sizes = np.bincount(codes)
    within = [v - (np.bincount(codes, v) / sizes)[codes] for v in (first, second)]
    gone = any(np.linalg.norm(d) <= 1e-10 * np.linalg.norm(v) for d, v in zip(within, (first, second), strict=True))
    value = float("nan") if gone else coefficient(*within)
    df = first.size - n_clusters - 1
    interval = fisher_interval(value, _root_inverse(df - 1), confidence_level=confidence_level)
    statistic, p_value = _t_test(value, df)
    return Correlation(value, interval, statistic, float(df), p_value)
