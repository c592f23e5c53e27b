"""What printed figures, each rounded, can and cannot have come from: sums, squares, ranges, percentages.

A printed figure is an `Interval`: every value that rounds to it.
"""

from __future__ import annotations

from itertools import product
from typing import NamedTuple

import numpy as np

from biomarker.kernels.interval import Interval


class SdRange(NamedTuple):
    """The smallest and largest standard deviation, and whether the mean is possible at all."""

    interval: Interval
    mean_is_possible: bool


def sd_range(mean: Interval, minimum: Interval, maximum: Interval, n: int) -> SdRange:
    """Return the standard deviations that `n` values of a given mean, smallest and largest value can have.

    The smallest SD has all but the two extreme values alike; the largest has all at the extremes but one.

    Parameters
    ----------
    mean, minimum, maximum : Interval
        All values that round to what is printed.
    n : int
        How many values, two or more.

    Returns
    -------
    SdRange
        NaN limits where the mean is not possible.

    Examples
    --------
    18 lesions from 3.0 to 10.5 with mean 7.83: an SD of 0.55 is not possible.

    >>> found = sd_range(Interval(7.825, 7.835), Interval(2.95, 3.05), Interval(10.45, 10.55), 18)
    >>> print(f"{found.interval.low:.2f} to {found.interval.high:.2f}")
    1.33 to 3.64
    """
    rows = np.array(list(product(mean, minimum, maximum)))
    m, a, b = rows.T
    possible = (m >= (a * (n - 1) + b) / n - 1e-12) & (m <= (a + b * (n - 1)) / n + 1e-12) & (b >= a)
    if not possible.any():
        return SdRange(Interval(np.nan, np.nan), mean_is_possible=False)
    m, a, b = (column[possible] for column in (m, a, b))
    rest = (n * m - a - b) / (n - 2) if n > 2 else m
    least = (a - m) ** 2 + (b - m) ** 2 + (n - 2) * (rest - m) ** 2
    span = b - a
    with np.errstate(divide="ignore", invalid="ignore"):  # all values alike
        total = np.where(span > 0, n * (m - a) / span, 0.0)
    whole = np.floor(total + 1e-12)
    most = span**2 * np.maximum(whole + (total - whole) ** 2 - total**2 / n, 0.0)
    return SdRange(
        Interval(float(np.sqrt(least.min() / (n - 1))), float(np.sqrt(most.max() / (n - 1)))), mean_is_possible=True
    )


def possible_sums(mean: Interval, n: int, granularity: float = 1.0) -> tuple[int, int]:
    """Return the first and last whole number of steps that `n` values can sum to (GRIM [1]_); first > last for none.

    Parameters
    ----------
    mean : Interval
        All means that round to what is printed.
    n : int
        How many values.
    granularity : float
        The step of a single value: 1 for counts, 0.1 for values recorded to one decimal.

    References
    ----------
    .. [1] Brown NJL, Heathers JAJ. Soc Psychol Personal Sci 2017;8:363-369.

    Examples
    --------
    A mean of 5.19 of 28 whole numbers is not possible: 145/28 = 5.179, 146/28 = 5.214.

    >>> possible_sums(Interval(5.185, 5.195), 28)
    (146, 145)
    """
    return (
        int(np.ceil(mean.low * n / granularity - 1e-9)),
        int(np.floor(mean.high * n / granularity + 1e-9)),
    )


def sd_is_possible(mean: Interval, sd: Interval, n: int, granularity: float = 1.0) -> bool:
    """Return whether values in whole steps can have this mean and standard deviation at once (GRIMMER [1]_).

    Some whole-numbered sum of squares must give the SD, and be odd where the sum of the values is odd.

    Parameters
    ----------
    mean, sd : Interval
        All values that round to what is printed.
    n : int
        How many values, two or more.
    granularity : float
        The step of a single value.

    References
    ----------
    .. [1] Anaya J. PeerJ Preprints 2016;4:e2400v1.

    Examples
    --------
    Whole numbers of mean 3.44, n = 18, can have an SD of 2.48, but not of 2.47.

    >>> [sd_is_possible(Interval(3.435, 3.445), Interval(sd - 0.005, sd + 0.005), 18) for sd in (2.48, 2.47)]
    [True, False]
    """
    first, last = possible_sums(mean, n, granularity)
    for total in range(first, last + 1):
        squares = [(n - 1) * (max(limit, 0.0) / granularity) ** 2 + total**2 / n for limit in sd]
        lowest, highest = int(np.ceil(squares[0] - 1e-9)), int(np.floor(squares[1] + 1e-9))
        if lowest % 2 != total % 2:
            lowest += 1
        if lowest <= highest:
            return True
    return False


def possible_counts(fraction: Interval, total: int) -> tuple[int, int]:
    """Return the first and last count of `total` that rounds to a printed fraction; first > last for none.

    Parameters
    ----------
    fraction : Interval
        All fractions that round to what is printed.
    total : int
        The denominator.

    Examples
    --------
    >>> possible_counts(Interval(0.7775, 0.7785), 18)
    (14, 14)
    """
    return max(0, int(np.ceil(fraction.low * total - 1e-9))), min(total, int(np.floor(fraction.high * total + 1e-9)))


def geometric_mean_range(mean: Interval, sd: Interval, minimum: Interval, maximum: Interval, n: int) -> Interval:
    """Return bounds of the geometric mean of values with a given mean, SD and range (Cartwright and Field [1]_).

    The mean exceeds the geometric mean by at least the variance over twice the largest value, and at most the
    variance over twice the smallest.

    Parameters
    ----------
    mean, sd, minimum, maximum : Interval
        All values that round to what is printed; positive.
    n : int
        How many values.

    References
    ----------
    .. [1] Cartwright DI, Field MJ. A refinement of the arithmetic mean-geometric mean inequality. Proc Am Math Soc
       1978;71:36-38.

    Examples
    --------
    >>> bounds = geometric_mean_range(Interval(2, 2), Interval(1, 1), Interval(1, 1), Interval(3, 3), 3)
    >>> print(f"{bounds.low:.3f} to {bounds.high:.3f}")  # of 1, 2 and 3 it is 1.817
    1.667 to 1.889
    """
    share = (n - 1) / n
    low = mean.low - sd.high**2 * share / (2 * minimum.low) if minimum.low > 0 else 0.0
    return Interval(float(max(low, minimum.low)), float(mean.high - sd.low**2 * share / (2 * maximum.high)))
