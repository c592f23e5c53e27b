"""Exact coverage of intervals of response rates and of their difference between two arms.

Run ``python -m tests.coverage.response_rate`` (from the repository; seconds). Nothing is simulated: every outcome of
10 to 40 patients an arm is laid out with its binomial chance, and coverage is averaged over rates from 5 to 95 %.
"""

from __future__ import annotations

import numpy as np
from scipy.special import gammaln

from biomarker.kernels.paired_proportions import UNPAIRED_DIFFERENCES, unpaired_difference
from biomarker.kernels.proportion import INTERVALS

PATIENTS = (10, 15, 20, 40)
RATES = np.arange(0.05, 0.951, 0.05)
DIFFERENCES = (0.0, 0.2)


def chances(n: int, rate: np.ndarray) -> np.ndarray:
    """Return the chance of 0 to n responders (last axis) at each rate."""
    x = np.arange(n + 1)
    log = gammaln(n + 1) - gammaln(x + 1) - gammaln(n - x + 1)
    return np.exp(log + x * np.log(rate[..., None]) + (n - x) * np.log1p(-rate[..., None]))


def rate_coverage(n: int, interval: str) -> np.ndarray:
    """Return the exact coverage of the interval of a rate at each of `RATES`."""
    low, high = INTERVALS[interval](np.arange(n + 1), n)
    held = (low <= RATES[:, None]) & (RATES[:, None] <= high)
    return (chances(n, RATES) * held).sum(axis=1)


def difference_coverage(n: int, difference: float, method: str) -> np.ndarray:
    """Return the exact coverage of the interval of a difference, at each rate of the first arm that allows it."""
    first = RATES[RATES + difference < 1]
    x, y = np.meshgrid(np.arange(n + 1), np.arange(n + 1), indexing="ij")
    found = unpaired_difference(y, n, x, n, method=method)
    held = (found.low <= difference + 1e-12) & (difference - 1e-12 <= found.high)
    one, other = chances(n, first), chances(n, first + difference)
    return np.einsum("rx,ry,xy->r", one, other, held.astype(float))


def main() -> None:
    print("Coverage (%) of nominal 95 % intervals, mean (least) over rates from 5 to 95 %, by patients an arm")
    print(f"{'':<42}" + "".join(f"{n:>15}" for n in PATIENTS))
    for interval in INTERVALS:
        rates = [100 * rate_coverage(n, interval) for n in PATIENTS]
        print(f"{'rate, ' + interval:<42}" + "".join(f"{each.mean():>8.1f} ({each.min():.1f})" for each in rates))
    for difference in DIFFERENCES:
        for method in UNPAIRED_DIFFERENCES:
            found = [100 * difference_coverage(n, difference, method) for n in PATIENTS]
            named = f"difference of {100 * difference:g} points, {method}"
            print(f"{named:<42}" + "".join(f"{each.mean():>8.1f} ({each.min():.1f})" for each in found))


if __name__ == "__main__":
    main()
