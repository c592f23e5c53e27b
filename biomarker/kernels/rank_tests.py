"""Rank tests for two independent samples and for paired differences: Mann-Whitney and signed-rank.

Two groups differ by the Hodges-Lehmann shift, whose interval inverts the test. For lesions nested in patients see
`clustered_ranks`, for more than two groups `rank_tests_several`.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr, ndtri

from biomarker.kernels.describe import finite_sample
from biomarker.kernels.interval import Interval
from biomarker.kernels.pair_counts import difference_at
from biomarker.kernels.permutation_distribution import (
    lower_quantile,
    sign_flip_distribution,
    subset_sum_distribution,
    two_sided_p,
)
from biomarker.kernels.ranks import midranks, tie_sum

ExactChoice = Literal["auto", "exact", "asymptotic"]

# R's rule: exact below 50 in each group and without ties
EXACT_BELOW = 50
# differences that are sorted as they are; more are searched
LAID_OUT = 5_000_000


class RankTest(NamedTuple):
    """A rank statistic, its standardised value (NaN when exact), the two-sided p and how it was found."""

    statistic: float
    z: float
    p_value: float
    exact: bool


class Shift(NamedTuple):
    """A Hodges-Lehmann shift and the interval that inverts the test."""

    shift: float
    interval: Interval
    exact: bool


def normal_p(z: float) -> float:
    """Return the two-sided p of a standard normal deviate."""
    return float(2 * ndtr(-abs(z)))


def _use_exact(choice: ExactChoice, *, small: bool, tied: bool) -> bool:
    return choice == "exact" or (choice == "auto" and small and not tied)


def mann_whitney(first: ArrayLike, second: ArrayLike, *, method: ExactChoice = "auto") -> RankTest:
    """Mann-Whitney U test that two independent samples come from one distribution [1]_.

    Parameters
    ----------
    first, second : array_like of float, shapes (m,), (n,)
        Finite values.
    method : {"auto", "exact", "asymptotic"}
        ``"auto"`` is exact when both groups hold fewer than 50 values and none is tied, as in R. ``"exact"`` with ties
        is the conditional permutation distribution of the midranks. ``"asymptotic"`` has tie and continuity
        corrections.

    Returns
    -------
    RankTest
        `statistic` is U of `first`: the pairs in which it is larger, ties counting one half. The exact p doubles
        the smaller tail. NaN p when a sample is empty, or when all values are equal under ``"asymptotic"``.

    References
    ----------
    .. [1] Mann HB, Whitney DR. Ann Math Stat 1947;18:50-60.

    Examples
    --------
    Hollander and Wolfe (1973), p. 69: permeability of human placental membranes; W = 35, P = 0.2544.

    >>> at_term = [0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46]
    >>> early = [1.15, 0.88, 0.90, 0.74, 1.21]
    >>> test = mann_whitney(at_term, early)
    >>> test.statistic, round(test.p_value, 4)
    (35.0, 0.2544)
    """
    x, y = finite_sample(first), finite_sample(second)
    m, n = x.size, y.size
    if min(m, n) == 0:
        return RankTest(np.nan, np.nan, np.nan, exact=False)
    pooled = np.concatenate([x, y])
    ranks = midranks(pooled)
    u = float(ranks[:m].sum() - m * (m + 1) / 2)
    ties = tie_sum(pooled)
    if _use_exact(method, small=max(m, n) < EXACT_BELOW, tied=ties > 0):
        doubled = np.rint(2 * ranks).astype(np.int64)
        distribution = subset_sum_distribution(doubled, m)
        return RankTest(u, np.nan, two_sided_p(distribution, int(doubled[:m].sum())), exact=True)
    sigma = _rank_sum_sigma(m, n, ties)
    if sigma == 0:
        return RankTest(u, np.nan, np.nan, exact=False)
    excess = u - m * n / 2
    z = (excess - np.sign(excess) * 0.5) / sigma
    return RankTest(u, float(z), normal_p(z), exact=False)


def _rank_sum_sigma(m: int, n: int, ties: float) -> float:
    total = m + n
    return float(np.sqrt(m * n / 12 * ((total + 1) - ties / (total * (total - 1)))))


def hodges_lehmann(
    first: ArrayLike, second: ArrayLike, *, confidence_level: float = 0.95, method: ExactChoice = "auto"
) -> Shift:
    """Shift between two samples: the median of all differences ``first - second``, and the interval [1]_.

    Parameters
    ----------
    first, second : array_like of float, shapes (m,), (n,)
        Finite values.
    confidence_level : float
        Two-sided coverage, a fraction in (0, 1); the exact interval covers at least that.
    method : {"auto", "exact", "asymptotic"}
        As in `mann_whitney`; ``"exact"`` uses the distribution without ties.

    Returns
    -------
    Shift
        A limit is infinite where so few values cannot give that confidence at all. NaN when a sample is empty.

    Notes
    -----
    The interval holds the shifts that the Mann-Whitney test does not refute; its limits are order statistics of the
    differences. Under ties R's ``wilcox.test`` gives as its estimate the root of the test statistic, found
    to a tolerance of 1e-4; ours is the median of the differences, which is the definition, also then.

    References
    ----------
    .. [1] Hodges JL, Lehmann EL. Ann Math Stat 1963;34:598-611.

    Examples
    --------
    >>> at_term = [0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46]
    >>> early = [1.15, 0.88, 0.90, 0.74, 1.21]
    >>> shift = hodges_lehmann(at_term, early)
    >>> print(f"{shift.shift:.3f} ({shift.interval.low:.2f} to {shift.interval.high:.2f})")
    0.305 (-0.15 to 0.76)
    """
    x, y = finite_sample(first), finite_sample(second)
    m, n = x.size, y.size
    if min(m, n) == 0:
        return Shift(np.nan, Interval(np.nan, np.nan), exact=False)
    ties = tie_sum(np.concatenate([x, y]))
    exact = _use_exact(method, small=max(m, n) < EXACT_BELOW, tied=ties > 0)
    if exact:
        # ranks 1..N drawn m at a time, less their least sum, is U
        distribution = subset_sum_distribution(np.arange(1, m + n + 1), m)[m * (m + 1) // 2 :]
        below = _exact_cut(distribution, confidence_level)
    else:
        below = _asymptotic_cut(m * n / 2, _rank_sum_sigma(m, n, tie_sum(x) + tie_sum(y)), confidence_level)
    if m * n > LAID_OUT:
        x, y = np.sort(x), np.sort(y)
        middle = [difference_at(x, y, place) for place in {(m * n - 1) // 2, m * n // 2}]
        ends = (below - 1, m * n - below) if below > 0 else ()
        limits = [difference_at(x, y, place) for place in ends] or (-np.inf, np.inf)
        return Shift(float(np.mean(middle)), Interval(*limits), exact=exact)
    differences = np.sort(np.subtract.outer(x, y).ravel())
    return Shift(float(np.median(differences)), _order_interval(differences, below), exact=exact)


def _exact_cut(distribution: NDArray[np.float64], confidence_level: float) -> int:
    """Return which order statistic is the lower limit (1 = smallest), 0 when that confidence is out of reach."""
    half = (1 - confidence_level) / 2
    cut = lower_quantile(distribution, half)
    return cut if cut > 0 or distribution[0] > half * (1 + 1e-12) else 1


def _asymptotic_cut(centre: float, sigma: float, confidence_level: float) -> int:
    quantile = float(ndtri((1 + confidence_level) / 2))
    return max(0, int(np.ceil(centre - 0.5 - quantile * sigma)))


def _order_interval(ordered: NDArray[np.float64], cut: int) -> Interval:
    if cut < 1:
        return Interval(-np.inf, np.inf)
    return Interval(float(ordered[cut - 1]), float(ordered[ordered.size - cut]))


def signed_rank(differences: ArrayLike, *, method: ExactChoice = "auto") -> RankTest:
    """Wilcoxon signed-rank test that paired differences are symmetric about zero [1]_.

    Parameters
    ----------
    differences : array_like of float, shape (n,)
        Finite differences; zeros are dropped, as Wilcoxon did and R does.
    method : {"auto", "exact", "asymptotic"}
        ``"auto"`` is exact when fewer than 50 differences are left, none zero and none tied, as in R. ``"exact"`` with
        ties is the conditional distribution over signs. ``"asymptotic"`` has tie and continuity corrections.

    Returns
    -------
    RankTest
        `statistic` is V, the sum of the ranks of positive differences. NaN p when every difference is zero.

    References
    ----------
    .. [1] Wilcoxon F. Biometrics Bull 1945;1:80-83.

    Examples
    --------
    Hollander and Wolfe (1973), p. 29: depression before and after therapy; V = 40, P = 0.039.

    >>> before = [1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30]
    >>> after = [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29]
    >>> test = signed_rank([b - a for b, a in zip(before, after)])
    >>> test.statistic, round(test.p_value, 4)
    (40.0, 0.0391)
    """
    every = finite_sample(differences)
    kept = every[every != 0]
    n = kept.size
    if n == 0:
        return RankTest(np.nan, np.nan, np.nan, exact=False)
    ranks = midranks(np.abs(kept))
    v = float(ranks[kept > 0].sum())
    ties = tie_sum(np.abs(kept))
    if _use_exact(method, small=n < EXACT_BELOW, tied=ties > 0 or n < every.size):
        doubled = np.rint(2 * ranks).astype(np.int64)
        observed = int(doubled[kept > 0].sum())
        return RankTest(v, np.nan, two_sided_p(sign_flip_distribution(doubled), observed), exact=True)
    sigma = np.sqrt(n * (n + 1) * (2 * n + 1) / 24 - ties / 48)
    excess = v - n * (n + 1) / 4
    z = (excess - np.sign(excess) * 0.5) / sigma
    return RankTest(v, float(z), normal_p(z), exact=False)


def pseudo_median(differences: ArrayLike, *, confidence_level: float = 0.95, method: ExactChoice = "auto") -> Shift:
    """Hodges-Lehmann centre of paired differences: the median of their pairwise (Walsh) averages [1]_.

    Parameters
    ----------
    differences : array_like of float, shape (n,)
        Finite differences; zeros are kept in the averages, and dropped from the test that sets the interval's rank.
    confidence_level : float
        Two-sided coverage, a fraction in (0, 1).
    method : {"auto", "exact", "asymptotic"}
        As in `signed_rank`.

    Returns
    -------
    Shift
        A limit is infinite where so few differences cannot give that confidence. NaN for an empty sample.

    References
    ----------
    .. [1] Hodges JL, Lehmann EL. Ann Math Stat 1963;34:598-611.

    Examples
    --------
    >>> centre = pseudo_median([0.952, -0.147, 1.022, 0.43, 0.62, 0.59, 0.49, -0.08, 0.01])
    >>> print(f"{centre.shift:.3f} ({centre.interval.low:.3f} to {centre.interval.high:.3f})")
    0.460 (0.010 to 0.786)
    """
    sample = finite_sample(differences)
    n = sample.size
    if n == 0:
        return Shift(np.nan, Interval(np.nan, np.nan), exact=False)
    ties = tie_sum(np.abs(sample))
    exact = _use_exact(method, small=n < EXACT_BELOW, tied=ties > 0 or bool(np.any(sample == 0)))
    if exact:
        cut = _exact_cut(sign_flip_distribution(np.arange(1, n + 1)), confidence_level)
    else:
        cut = _asymptotic_cut(n * (n + 1) / 4, float(np.sqrt(n * (n + 1) * (2 * n + 1) / 24)), confidence_level)
    if n**2 > LAID_OUT:
        ordered, pairs = np.sort(sample), n * (n + 1) // 2
        middle = [_average_at(ordered, place) for place in {(pairs - 1) // 2, pairs // 2}]
        limits = [_average_at(ordered, place) for place in ((cut - 1, pairs - cut) if cut > 0 else ())]
        return Shift(float(np.mean(middle)), Interval(*(limits or (-np.inf, np.inf))), exact=exact)
    first, second = np.triu_indices(n)
    averages = np.sort((sample[first] + sample[second]) / 2)
    return Shift(float(np.median(averages)), _order_interval(averages, cut), exact=exact)


def _average_at(ordered: NDArray[np.float64], place: int) -> float:
    """Return the average of a pair (or of a value with itself) that has `place` others before it, by halving."""
    low, high = float(ordered[0]), float(ordered[-1])
    span = high - low
    while high - low > max(4 * np.spacing(max(abs(low), abs(high))), 1e-15 * span):
        middle = (low + high) / 2
        twice = int(np.searchsorted(ordered, 2 * middle - ordered, side="right").sum())
        once = int(np.searchsorted(ordered, middle, side="right"))  # a value with itself is in the pairs once
        low, high = (low, middle) if (twice + once) // 2 > place else (middle, high)
    return high
