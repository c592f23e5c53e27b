"""Chances of rank correlations when all orders are equally likely: exact for few pairs, ties and all."""

from __future__ import annotations

from functools import lru_cache
from itertools import permutations

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

Floats = NDArray[np.float64]

# All orders of up to nine pairs can be looked at: 362,880 of them, as R does.
ALL_ORDERS_UP_TO = 9
EXACT_KENDALL_BELOW = 50
EDGEWORTH_BELOW = 1290


def exact_spearman_p(rank_x: Floats, rank_y: Floats) -> float:
    """Return the doubled smaller tail of sum(rank_x * rank_y) over all orders of rank_y, ties included.

    Orders are not listed: sums are counted place by place, for each set of ranks already used, which a bit mask names.
    Ranks are doubled to be whole. Two to nine pairs.

    Examples
    --------
    >>> exact_spearman_p(np.array([1.0, 2, 3, 4]), np.array([1.0, 2, 3, 4]))
    0.08333333333333333
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


def edgeworth_spearman_p(squared_differences: float, n: int) -> float:
    """Return the doubled smaller tail of Spearman's sum of squared rank differences, by an Edgeworth series [1]_.

    For ranks without ties, from ten pairs on, where it is good to three decimals and better than Student's t.

    Parameters
    ----------
    squared_differences : float
        Sum over pairs of the squared difference of ranks; even.
    n : int
        Pairs.

    References
    ----------
    .. [1] Best DJ, Roberts DE. Algorithm AS 89: the upper tail probabilities of Spearman's rho. Appl Stat
       1975;24:377-379.

    Examples
    --------
    >>> round(edgeworth_spearman_p(48, 12), 5)
    0.00144
    """
    is_upper = squared_differences > n * (n * n - 1) / 6  # a negative correlation
    # the series is of sums up to the next even number, and gives the chance of at least as much
    at_least = _upper_tail(squared_differences if is_upper else squared_differences + 2, n)
    return float(min(1.0, 2 * (at_least if is_upper else 1 - at_least)))


def _upper_tail(total: float, n: int) -> float:
    """Return the chance of a sum of squared differences of at least `total`."""
    b = 1 / n
    x = (6 * (total - 1) * b / (n * n - 1) - 1) * np.sqrt(1 / b - 1)
    y = x * x
    inner = 0.0879 + b * 0.0151 - y * (0.0072 - b * 0.0831 + y * b * (0.0131 - 4.6e-4 * y))
    series = 0.2274 + b * (0.2531 + 0.1745 * b) + y * (-0.0758 + b * (0.1033 + 0.3932 * b) - y * b * inner)
    correction = x * b * series / np.exp(y / 2)
    return float(np.clip(correction + ndtr(-x), 0.0, 1.0))


def exact_kendall_p(n: int, concordant: int) -> float:
    """Return the doubled smaller tail of the number of concordant pairs over all orders of n ranks without ties.

    Examples
    --------
    >>> round(exact_kendall_p(9, 26), 4)
    0.1194
    """
    chance = np.ones(1)
    for added in range(2, n + 1):  # the next rank makes 0 .. added - 1 new concordant pairs, equally likely
        chance = np.convolve(chance, np.full(added, 1 / added))
    return float(min(1.0, 2 * min(chance[: concordant + 1].sum(), chance[concordant:].sum())))


def tied_kendall_p(x: Floats, y: Floats, score: int) -> float:
    """Return the doubled smaller tail of Kendall's score over all orders of y, with ties; two to nine pairs.

    Examples
    --------
    >>> round(tied_kendall_p(np.array([1.0, 1, 2, 2]), np.array([1.0, 2, 3, 4]), 4), 4)
    0.3333
    """
    sign_x = np.sign(np.subtract.outer(x, x)).astype(np.int16)
    sign_y = np.sign(np.subtract.outer(y, y)).astype(np.int16)
    orders = _orders(x.size)
    scores = np.zeros(len(orders), np.int16)
    for i in range(x.size):
        for j in range(i):
            if sign_x[i, j]:
                scores += sign_x[i, j] * sign_y[orders[:, i], orders[:, j]]
    tails = float(np.mean(scores <= score)), float(np.mean(scores >= score))
    return min(1.0, 2 * min(tails))


@lru_cache(maxsize=2)
def _orders(n: int) -> NDArray[np.int8]:
    return np.array(list(permutations(range(n))), dtype=np.int8)
