"""What a maximally selected rank statistic is worth: approximations and bounds for its null distribution.

A cutoff that separates survival best was found by looking at all of them. With n patients, of whom m lie below a
cutoff, standardised statistics of two cutoffs with m1 < m2 correlate as ``sqrt(m1 (n - m2) / (m2 (n - m1)))`` under
the null hypothesis, whatever the scores: all that is here follows from that. The permutation distribution itself is
in `log_rank_scan`; Lausen and Schumacher's first formula (1992) is `minimum_p.miller_siegmund_p`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaln, ndtr

from biomarker.kernels.follow_up import Floats

MOST_CELLS = 400_000_000  # of work: beyond it the exact Gaussian probability is not worth waiting for
MOST_PATIENTS = 400  # for the bound by exact distributions, whose work grows with the fourth power


def lausen_schumacher_94_p(statistic: float, below: ArrayLike, n: int) -> float:
    """Bound the p-value of the largest statistic by Lausen and Schumacher's improved Bonferroni inequality [1]_.

    Parameters
    ----------
    statistic : float
        The largest absolute standardised statistic.
    below : array_like of int, shape (n_cutoffs,)
        Patients below each cutoff, ascending.
    n : int
        Patients.

    Returns
    -------
    float
        At most 1 and at least 0; the approximation is for statistics above about 2.

    References
    ----------
    .. [1] Lausen B, Sauerbrei W, Schumacher M. Classification and regression trees (CART) used for the exploration of
       prognostic factors measured on different scales. In: Dirschedl P, Ostermann R, eds. Computational Statistics.
       Physica, 1994:483-496.

    Examples
    --------
    >>> print(f"{lausen_schumacher_94_p(3.0, range(10, 91), 100):.4f}")
    0.0666
    """
    m = _checked(below, n)
    b = float(statistic)
    if np.isnan(b):
        return float("nan")
    first, second = m[:-1], m[1:]
    t = np.sqrt(1 - first * (n - second) / ((n - first) * second))
    pairs = np.sum(np.exp(-(b**2) / 2) / np.pi * (t - (b**2 / 4 - 1) * t**3 / 6))
    return float(np.clip(2 * ndtr(-b) + pairs, 0, 1))


def exact_gauss_p(statistic: float, below: ArrayLike, n: int) -> float:
    """Chance that the largest of the cutoffs' normal statistics exceeds `statistic`, by integration.

    The correlation is that of a Markov chain: what lies at later cutoffs depends on earlier ones through the last
    alone. So the probability, a normal integral of as many dimensions as cutoffs, is done one dimension at a time, to
    full precision. R's maxstat has it as "exactGauss", by Genz's randomised integration.

    Parameters
    ----------
    statistic, below, n
        As in `lausen_schumacher_94_p`.

    Returns
    -------
    float
        NaN where cutoffs are too many and too near for it (some thousand patients).

    Examples
    --------
    One cutoff leaves the ordinary two-sided p.

    >>> print(f"{exact_gauss_p(1.96, [40], 100):.4f}, {exact_gauss_p(1.96, [40, 60], 100):.4f}")
    0.0500, 0.0849
    """
    m = _checked(below, n)
    b = float(statistic)
    if np.isnan(b):
        return float("nan")
    correlation = np.sqrt(m[:-1] * (n - m[1:]) / (m[1:] * (n - m[:-1])))
    spread = np.sqrt(1 - correlation**2)
    narrowest = float(spread.min(initial=1.0))
    size = int(max(48, np.ceil(5 * b / narrowest)))
    if b <= 0:
        return 1.0
    if m.size * size**2 > MOST_CELLS:
        return float("nan")
    # the distribution stays even, so the positive half is enough
    nodes, weight = np.polynomial.legendre.leggauss(size)
    x, weight = b * (nodes + 1) / 2, b * weight / 2
    density = 2 * np.exp(-(x**2) / 2) / np.sqrt(2 * np.pi)
    for rho, sd in zip(correlation, spread, strict=True):
        near, far = (x[:, None] - rho * x) / sd, (x[:, None] + rho * x) / sd
        kernel = (np.exp(-(near**2) / 2) + np.exp(-(far**2) / 2)) / (sd * np.sqrt(2 * np.pi))
        density = kernel @ (weight * density)
    return float(np.clip(1 - weight @ density, 0, 1))


def integer_scores(scores: ArrayLike, levels: int | None = None) -> NDArray[np.int64]:
    """Scores stretched over 0, 1, ..., `levels` (the number of scores by default) and rounded, as exact counts need.

    Examples
    --------
    >>> integer_scores([-1.0, 0.0, 0.5, 1.0]).tolist()
    [0, 2, 3, 4]
    """
    values = np.asarray(scores, float)
    values = values - values.min()
    largest = values.max()
    if largest <= 0:
        return np.zeros(values.shape, np.int64)
    return np.asarray(np.round(values * (values.size if levels is None else levels) / largest), np.int64)


def hothorn_lausen_p(statistic: float, scores: ArrayLike, below: ArrayLike) -> float:
    """Bound the p-value by the exact permutation distributions of the statistic at each cutoff [1]_.

    The chance that any cutoff's statistic exceeds `statistic` is at most the sum over cutoffs of the exact chances,
    less, for each two neighbouring cutoffs one patient apart, the part in which the second must follow from the first.

    Parameters
    ----------
    statistic : float
        The largest absolute standardised statistic of these very `scores`.
    scores : array_like of int, shape (n,)
        At least 0, as from `integer_scores`.
    below : array_like of int, shape (n_cutoffs,)
        Patients below each cutoff, ascending.

    Returns
    -------
    float
        At most 1; NaN with more than 400 patients, where counting takes too long.

    References
    ----------
    .. [1] Hothorn T, Lausen B. On the exact distribution of maximally selected rank statistics. Comput Stat Data Anal
       2003;43:121-137.
    """
    a = np.asarray(scores, np.int64)
    n, m = a.size, _checked(below, a.size).astype(int)
    if np.isnan(statistic) or n > MOST_PATIENTS or a.min() < 0 or a.max() == a.min():
        return float("nan")
    a = a - a.min()
    largest = int(a.max())
    if a.sum() > (largest * n) / 2:  # the mirror image has smaller sums, and the same distances from the mean
        a = largest - a
    total = int(a.sum())
    chance = _sum_distributions(a, int(m[-1]))
    groups = np.arange(1, int(m[-1]) + 1)
    expected = groups / n * total
    with np.errstate(invalid="ignore", divide="ignore"):
        sd = np.sqrt(groups * (n - groups) / (n**2 * (n - 1)) * (n * np.sum(a.astype(float) ** 2) - float(total) ** 2))
        distance = (np.arange(total + 1) - expected[:, None]) / sd[:, None]
    limit = statistic * (1 - 1e-9)  # a sum as far out as the one found counts, whatever rounding does to it
    exceeds = (np.abs(distance) >= limit) & (chance > 0)
    bound = 0.0
    for k, size in enumerate(m):
        row = size - 1
        bound += float(chance[row][exceeds[row]].sum())
        if k and m[k - 1] == size - 1:
            bound -= _carried_over(chance[row - 1], exceeds[row - 1], distance[row], expected[row - 1], largest, limit)
    return float(np.clip(bound, 0, 1))


def _carried_over(
    chance: Floats, exceeds: NDArray[np.bool_], then: Floats, expected: float, largest: int, limit: float
) -> float:
    """Chance of the sums at one cutoff that exceed the limit, and do so at the next whatever score is added."""
    sums = np.flatnonzero(exceeds)
    low, high = sums[sums < expected], sums[sums > expected]
    low = low[low + largest < then.size]
    low = low[np.abs(then[low + largest]) >= limit]
    high = high[np.abs(then[high]) >= limit]
    return float(chance[low].sum() + chance[high].sum())


def _sum_distributions(scores: NDArray[np.int64], most: int) -> Floats:
    """Chance of each sum of m of the scores drawn without replacement, for m = 1 ... most, by Streitberg and Roehmel.

    Counts of subsets are kept over the number of subsets there are, so that they stay within floating point.
    """
    n, total = scores.size, int(scores.sum())
    counts = np.zeros((most + 1, total + 1))
    counts[0, 0] = 1.0
    reach = 0
    for taken, score in enumerate(np.sort(scores)):
        upper = min(most, taken + 1)
        reach += int(score)
        # drawing one score more: a set of m comes from one of m - 1 with this score, or was there before
        counts[1 : upper + 1, score : reach + 1] += counts[:upper, : reach + 1 - score].copy()
    m = np.arange(1, most + 1)
    log_sets = gammaln(n + 1) - gammaln(m + 1) - gammaln(n - m + 1)
    with np.errstate(divide="ignore"):
        return np.asarray(np.exp(np.log(counts[1:]) - log_sets[:, None]))


def _checked(below: ArrayLike, n: int) -> Floats:
    m = np.atleast_1d(np.asarray(below, float))
    if m.ndim != 1 or m.size == 0 or m[0] < 1 or m[-1] > n - 1 or np.any(np.diff(m) <= 0):
        raise ValueError("numbers below each cutoff must rise, from at least 1 to at most n - 1")
    return m
