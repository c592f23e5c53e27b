"""Exact coverage of intervals of response rates and of their difference between two arms.

Run ``python -m tests.coverage.response_rate`` (from the repository; seconds). Nothing is simulated: every outcome of
10 to 40 patients an arm is laid out with its binomial chance, and coverage is averaged over rates from 5 to 95 %.
"""

from __future__ import annotations

from collections.abc import Iterator

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


def rows() -> Iterator[tuple[str, str, int, float, float]]:
    """Yield what, the true value, patients an arm, and mean and least coverage."""
    for interval in INTERVALS:
        for n in PATIENTS:
            found = rate_coverage(n, interval)
            yield f"Rate, {interval.title()}", "5 to 95%", n, found.mean(), found.min()
    for difference in DIFFERENCES:
        for method in UNPAIRED_DIFFERENCES:
            for n in PATIENTS:
                found = difference_coverage(n, difference, method)
                yield f"Difference, {method.title()}", f"{100 * difference:g} points", n, found.mean(), found.min()


def section(n_studies: int) -> list[str]:
    """Lay the rows out for docs/coverage.md."""
    lines = [
        f"| Interval | Truth | {' | '.join(f'{n} patients' for n in PATIENTS)} |",
        f"|---|---|{'---|' * len(PATIENTS)}",
    ]
    cells: dict[tuple[str, str], list[str]] = {}
    for what, truth, _, mean, least in rows():
        cells.setdefault((what, truth), []).append(f"{100 * mean:.1f} ({100 * least:.1f})")
    return [*lines, *(f"| {what} | {truth} | {' | '.join(found)} |" for (what, truth), found in cells.items())]


def main() -> None:
    print("Coverage (%) of nominal 95 % intervals, mean (least) over rates from 5 to 95 %, by patients an arm")
    print("\n".join(section(0)))


if __name__ == "__main__":
    main()
