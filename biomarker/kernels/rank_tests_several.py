"""Rank tests for three or more samples: Kruskal-Wallis, Jonckheere-Terpstra (ordered), Friedman (repeated)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtrc

from biomarker.kernels.describe import finite_sample
from biomarker.kernels.rank_tests import RankTest, normal_p
from biomarker.kernels.ranks import midranks, row_midranks, tie_sum


class ChiSquareTest(NamedTuple):
    """A statistic referred to the chi-square distribution."""

    statistic: float
    df: float
    p_value: float


def kruskal_wallis(groups: Sequence[ArrayLike]) -> ChiSquareTest:
    """Kruskal-Wallis test that k independent samples come from one distribution, corrected for ties [1]_.

    Parameters
    ----------
    groups : sequence of array_like of float
        Two or more non-empty samples of finite values.

    Returns
    -------
    ChiSquareTest
        NaN when all values are equal.

    References
    ----------
    .. [1] Kruskal WH, Wallis WA. J Am Stat Assoc 1952;47:583-621.

    Examples
    --------
    Hollander and Wolfe (1973), p. 116: mucociliary efficiency; H = 0.7714, P = 0.68.

    >>> normal = [2.9, 3.0, 2.5, 2.6, 3.2]
    >>> obstructive = [3.8, 2.7, 4.0, 2.4]
    >>> asbestosis = [2.8, 3.4, 3.7, 2.2, 2.0]
    >>> test = kruskal_wallis([normal, obstructive, asbestosis])
    >>> round(test.statistic, 4), test.df, round(test.p_value, 2)
    (0.7714, 2.0, 0.68)
    """
    samples = _k_samples(groups)
    pooled = np.concatenate(samples)
    n = pooled.size
    ranks = midranks(pooled)
    starts = np.cumsum([0, *(sample.size for sample in samples[:-1])])
    sizes = np.array([sample.size for sample in samples])
    h = 12 / (n * (n + 1)) * np.sum(np.add.reduceat(ranks, starts) ** 2 / sizes) - 3 * (n + 1)
    correction = 1 - tie_sum(pooled) / (n**3 - n)
    df = float(len(samples) - 1)
    if correction <= 0:
        return ChiSquareTest(np.nan, df, np.nan)
    statistic = float(h / correction)
    return ChiSquareTest(statistic, df, float(chdtrc(df, max(statistic, 0.0))))


def _k_samples(groups: Sequence[ArrayLike]) -> list[NDArray[np.float64]]:
    samples = [finite_sample(group) for group in groups]
    if len(samples) < 2 or min(sample.size for sample in samples) == 0:
        raise ValueError("need two or more groups, each with a value")
    return samples


def jonckheere_terpstra(groups: Sequence[ArrayLike]) -> RankTest:
    """Jonckheere-Terpstra test of a trend over ordered groups, with the tie-corrected normal approximation [1]_.

    Parameters
    ----------
    groups : sequence of array_like of float
        Two or more non-empty samples of finite values, in the order of the trend.

    Returns
    -------
    RankTest
        `statistic` is J, the pairs of groups' members in the hypothesised order (ties one half); positive `z` is a
        rising trend; p is two-sided, without continuity correction. NaN p when all values are equal.

    References
    ----------
    .. [1] Hollander M, Wolfe DA. Nonparametric statistical methods. 2nd ed. Wiley, 1999, section 6.2.

    Examples
    --------
    Hollander and Wolfe's motivation study: J = 79.

    >>> none = [40, 35, 38, 43, 44, 41]
    >>> rough = [38, 40, 47, 44, 40, 42]
    >>> accurate = [48, 40, 45, 43, 46, 44]
    >>> test = jonckheere_terpstra([none, rough, accurate])
    >>> test.statistic, round(test.p_value / 2, 4)
    (79.0, 0.0207)
    """
    samples = _k_samples(groups)
    j = 0.0
    for upper in range(1, len(samples)):
        later = samples[upper]
        earlier = np.concatenate(samples[:upper])
        j += float(midranks(np.concatenate([earlier, later]))[earlier.size :].sum()) - later.size * (later.size + 1) / 2
    sizes = np.array([sample.size for sample in samples], dtype=np.float64)
    n = sizes.sum()
    mean = (n**2 - np.sum(sizes**2)) / 4
    variance = _jonckheere_variance(sizes, np.unique(np.concatenate(samples), return_counts=True)[1].astype(float))
    if variance <= 0:
        return RankTest(j, np.nan, np.nan, exact=False)
    z = float((j - mean) / np.sqrt(variance))
    return RankTest(j, z, normal_p(z), exact=False)


def _jonckheere_variance(sizes: NDArray[np.float64], ties: NDArray[np.float64]) -> float:
    n = sizes.sum()
    total = n * (n - 1) * (2 * n + 5)
    first = (total - np.sum(sizes * (sizes - 1) * (2 * sizes + 5)) - np.sum(ties * (ties - 1) * (2 * ties + 5))) / 72
    if n < 3:
        return float(first)
    triples = np.sum(sizes * (sizes - 1) * (sizes - 2)) * np.sum(ties * (ties - 1) * (ties - 2))
    pairs = np.sum(sizes * (sizes - 1)) * np.sum(ties * (ties - 1))
    return float(first + triples / (36 * n * (n - 1) * (n - 2)) + pairs / (8 * n * (n - 1)))


def friedman(blocks: ArrayLike) -> ChiSquareTest:
    """Friedman test that k repeated measurements come from one distribution, corrected for ties [1]_.

    Parameters
    ----------
    blocks : array_like of float, shape (n, k)
        One row per lesion or patient, one column per time or condition; finite, complete.

    Returns
    -------
    ChiSquareTest
        NaN when every row is tied throughout.

    References
    ----------
    .. [1] Friedman M. J Am Stat Assoc 1937;32:675-701.

    Examples
    --------
    >>> test = friedman([[1.4, 2.9, 2.1], [0.7, 1.1, 0.9], [2.2, 4.0, 4.0], [1.0, 1.3, 1.6]])
    >>> round(test.statistic, 3), test.df
    (6.533, 2.0)
    """
    table = np.asarray(blocks, dtype=np.float64)
    if table.ndim != 2 or table.shape[1] < 2 or table.shape[0] < 1 or not np.all(np.isfinite(table)):
        raise ValueError("Friedman needs a complete table: one row per block, two or more columns, finite values")
    n, k = table.shape
    ranks = row_midranks(table)
    spread = np.sum((ranks - (k + 1) / 2) ** 2)
    df = float(k - 1)
    if spread == 0:
        return ChiSquareTest(np.nan, df, np.nan)
    # sum of squares of the rank totals about their mean, over the variance of ranks within blocks
    statistic = float((k - 1) * np.sum((ranks.sum(axis=0) - n * (k + 1) / 2) ** 2) / spread)
    return ChiSquareTest(statistic, df, float(chdtrc(df, statistic)))
