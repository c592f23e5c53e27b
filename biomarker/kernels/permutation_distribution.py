"""Exact permutation distributions of sums of integer scores, by counting.

Every exact rank test in the package is one of two counts: the sum of the scores of `size` items drawn without
replacement (two groups), or the sum of scores each kept or dropped (paired signs). Ties need no special case, because
the scores are doubled midranks; nor do patients, whose score is the sum over their lesions.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

# The counting below costs this many additions at most (a tenth of a second); larger problems are asymptotic anyway.
MAX_OPERATIONS = 20_000_000


def _integer_scores(scores: ArrayLike) -> NDArray[np.int64]:
    integers = np.asarray(scores)
    if integers.ndim != 1 or not np.issubdtype(integers.dtype, np.integer) or np.any(integers < 0):
        raise ValueError("scores are a one-dimensional array of non-negative integers")
    return integers.astype(np.int64)


def subset_sum_cost(scores: ArrayLike, size: int) -> int:
    """Return how many additions `subset_sum_distribution` takes."""
    integers = _integer_scores(scores)
    return int(integers.size * size * (np.sort(integers)[integers.size - size :].sum() + 1))


def subset_sum_distribution(scores: ArrayLike, size: int) -> NDArray[np.float64]:
    """Probability of each sum of `size` scores drawn without replacement (shift algorithm [1]_).

    Parameters
    ----------
    scores : array_like of int, shape (n,)
        Non-negative scores.
    size : int
        How many are drawn, 0 to n.

    Returns
    -------
    ndarray, shape (largest sum + 1,)
        Probabilities; index s is the sum s.

    Raises
    ------
    ValueError
        If a score is negative or not an integer, or `size` is out of range.

    References
    ----------
    .. [1] Streitberg B, Roehmel J. Exact distributions for permutation and rank tests. Stat Softw Newsl 1986;12:10-17.

    Examples
    --------
    >>> subset_sum_distribution([1, 2, 3], 2)  # sums 3, 4 and 5 are equally likely
    array([0.        , 0.        , 0.        , 0.33333333, 0.33333333,
           0.33333333])
    """
    integers = np.sort(_integer_scores(scores))
    n = integers.size
    if not 0 <= size <= n:
        raise ValueError(f"cannot draw {size} of {n} scores")
    largest = int(integers[n - size :].sum())
    # chance[k, s]: of the items seen so far, k were drawn and sum to s. Updating by the hypergeometric chance of
    # drawing each item keeps every entry a probability, where counts would overflow.
    chance = np.zeros((size + 1, largest + 1))
    chance[0, 0] = 1.0
    for seen, score in enumerate(integers):
        drawn = np.arange(size + 1)[:, None]
        take = np.clip((size - drawn) / (n - seen), 0.0, 1.0)
        moved = chance * take
        chance -= moved
        chance[1:, score:] += moved[:-1, : largest + 1 - score]
    return np.asarray(chance[size], dtype=np.float64)


def sign_flip_distribution(scores: ArrayLike) -> NDArray[np.float64]:
    """Probability of each sum when every score is kept with probability one half.

    Parameters
    ----------
    scores : array_like of int, shape (n,)
        Non-negative scores.

    Returns
    -------
    ndarray, shape (sum of scores + 1,)
        Probabilities; index s is the sum s of the kept scores.

    Examples
    --------
    >>> sign_flip_distribution([1, 2])
    array([0.25, 0.25, 0.25, 0.25])
    """
    integers = _integer_scores(scores)
    chance = np.zeros(int(integers.sum()) + 1)
    chance[0] = 1.0
    for score in integers:
        shifted = np.zeros_like(chance)
        shifted[score:] = chance[: chance.size - score]
        chance = (chance + shifted) / 2
    return chance


def two_sided_p(distribution: NDArray[np.float64], observed: int) -> float:
    """Return twice the smaller tail, at most 1, of an exact distribution at an observed sum."""
    lower = float(distribution[: observed + 1].sum())
    upper = float(distribution[observed:].sum())
    return min(1.0, 2 * min(lower, upper))


def lower_quantile(distribution: NDArray[np.float64], probability: float) -> int:
    """Return the smallest sum whose cumulative probability reaches `probability`."""
    cumulative = np.cumsum(distribution)
    # a cumulative sum that equals the probability but for rounding has reached it
    return int(np.searchsorted(cumulative, probability * (1 - 1e-12)))
