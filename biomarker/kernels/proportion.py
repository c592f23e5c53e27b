"""Confidence intervals for one binomial proportion.

Counts may be fractional: `clustered_proportion` passes effective sample sizes through the same functions.
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaincinv, ndtri

from biomarker.kernels.interval import Interval

Array = NDArray[np.float64]


class ProportionInterval(Protocol):
    """An interval for `successes` of `trials`, whatever its method."""

    def __call__(self, successes: ArrayLike, trials: ArrayLike, *, confidence_level: float = 0.95) -> Interval:
        """Return the limits, NaN where ``trials == 0``."""


def proportion(successes: ArrayLike, trials: ArrayLike) -> Any:  # noqa: ANN401 - a float or an array, as numpy has it
    """Return ``successes / trials``, NaN where ``trials == 0``.

    Examples
    --------
    >>> round(float(proportion(25, 30)), 4)
    0.8333
    """
    x, n = _checked_counts(successes, trials)
    return np.divide(x, n, out=np.full(x.shape, np.nan), where=n > 0)[()]


def wilson_interval(successes: ArrayLike, trials: ArrayLike, *, confidence_level: float = 0.95) -> Interval:
    """Score interval for a binomial proportion [1]_.

    Parameters
    ----------
    successes, trials : array_like, shape (...)
        Counts, broadcast together; ``0 <= successes <= trials``. Fractional (effective) counts are allowed.
    confidence_level : float
        Two-sided coverage, a fraction in (0, 1).

    Returns
    -------
    Interval
        Fractions in [0, 1], shape (...); exactly 0 below none and exactly 1 above all; NaN where ``trials == 0``.

    Raises
    ------
    ValueError
        If a count is negative or not finite, or ``successes > trials``, or the level is outside (0, 1).

    References
    ----------
    .. [1] Wilson EB. J Am Stat Assoc 1927;22:209-212.

    Examples
    --------
    Newcombe RG. Stat Med 1998;17:857-872, table I: 81 of 263.

    >>> low, high = wilson_interval(81, 263)
    >>> print(f"{low:.4f}, {high:.4f}")
    0.2553, 0.3662
    """
    x, n = _checked_counts(successes, trials)
    z2 = normal_quantile(confidence_level) ** 2
    with np.errstate(invalid="ignore"):  # 0/0 is the documented NaN
        half_width = np.sqrt(z2 * (x * (n - x) / n + z2 / 4)) / (n + z2)
    centre = (x + z2 / 2) / (n + z2)
    return _closed(centre - half_width, centre + half_width, x, n)


def clopper_pearson_interval(successes: ArrayLike, trials: ArrayLike, *, confidence_level: float = 0.95) -> Interval:
    """Exact interval for a binomial proportion, from the tails of the binomial [1]_.

    Parameters and errors are those of `wilson_interval`.

    Returns
    -------
    Interval
        Fractions in [0, 1]; its coverage is never below `confidence_level`, and often well above.

    References
    ----------
    .. [1] Clopper CJ, Pearson ES. Biometrika 1934;26:404-413.

    Examples
    --------
    PPV of an SUVmax cutoff, 25 of 30, printed as 65.3-94.4 % (Dehdashti F. Breast Cancer Res Treat 2018;169:523-530).

    >>> low, high = clopper_pearson_interval(25, 30)
    >>> print(f"{low:.3f}, {high:.3f}")
    0.653, 0.944
    """
    x, n = _checked_counts(successes, trials)
    tail = (1 - confidence_level) / 2
    # betaincinv wants positive parameters; the limits at 0 and n are set by _closed
    low = betaincinv(np.maximum(x, _TINY), n - x + 1, tail)
    high = betaincinv(x + 1, np.maximum(n - x, _TINY), 1 - tail)
    return _closed(low, high, x, n)


def jeffreys_interval(successes: ArrayLike, trials: ArrayLike, *, confidence_level: float = 0.95) -> Interval:
    """Equal-tailed Jeffreys interval, with the limits 0 and 1 at no and all successes [1]_.

    Parameters, errors and shape are those of `wilson_interval`.

    References
    ----------
    .. [1] Brown LD, Cai TT, DasGupta A. Stat Sci 2001;16:101-133.

    Examples
    --------
    >>> low, high = jeffreys_interval(0, 10)
    >>> print(f"{low:.4f}, {high:.4f}")
    0.0000, 0.2172
    """
    x, n = _checked_counts(successes, trials)
    tail = (1 - confidence_level) / 2
    return _closed(betaincinv(x + 0.5, n - x + 0.5, tail), betaincinv(x + 0.5, n - x + 0.5, 1 - tail), x, n)


def agresti_coull_interval(successes: ArrayLike, trials: ArrayLike, *, confidence_level: float = 0.95) -> Interval:
    """Wald interval round the centre of the score interval, cut to [0, 1] [1]_.

    Parameters, errors and shape are those of `wilson_interval`. It contains the Wilson interval.

    References
    ----------
    .. [1] Agresti A, Coull BA. Am Stat 1998;52:119-126.

    Examples
    --------
    >>> low, high = agresti_coull_interval(15, 20)
    >>> print(f"{low:.4f}, {high:.4f}")
    0.5275, 0.8919
    """
    x, n = _checked_counts(successes, trials)
    z = normal_quantile(confidence_level)
    centre = (x + z**2 / 2) / (n + z**2)
    half_width = z * np.sqrt(centre * (1 - centre) / (n + z**2))
    low, high = np.clip(centre - half_width, 0, 1), np.clip(centre + half_width, 0, 1)
    return Interval(*(np.where(n > 0, limit, np.nan)[()] for limit in (low, high)))


INTERVALS: dict[str, ProportionInterval] = {
    "wilson": wilson_interval,
    "clopper-pearson": clopper_pearson_interval,
    "jeffreys": jeffreys_interval,
    "agresti-coull": agresti_coull_interval,
}


def interval_method(name: str) -> ProportionInterval:
    """Return the interval function of that name.

    Raises
    ------
    ValueError
        If no interval has that name; the message lists those that exist.
    """
    if name not in INTERVALS:
        raise ValueError(f"no interval {name!r}; choose from {', '.join(INTERVALS)}")
    return INTERVALS[name]


def normal_quantile(confidence_level: float) -> float:
    """Return the two-sided normal quantile of a confidence level: 1.96 for 0.95."""
    if not 0 < confidence_level < 1:
        raise ValueError(f"confidence_level must lie between 0 and 1, not {confidence_level!r}")
    return float(ndtri((1 + confidence_level) / 2))


_TINY = 1e-300


def _checked_counts(successes: ArrayLike, trials: ArrayLike) -> tuple[Array, Array]:
    x, n = np.broadcast_arrays(np.asarray(successes, float), np.asarray(trials, float))
    if not (np.all(np.isfinite(x)) and np.all(np.isfinite(n))):
        raise ValueError("counts must be finite numbers")
    if np.any((x < 0) | (x > n)):
        raise ValueError("need 0 <= successes <= trials")
    return x, n


def _closed(low: Array, high: Array, x: Array, n: Array) -> Interval:
    """Give the exact limits at none and at all, and NaN at no trials."""
    low = np.where(x == 0, 0.0, np.maximum(low, 0.0))
    high = np.where(x == n, 1.0, np.minimum(high, 1.0))
    return Interval(*(np.where(n > 0, limit, np.nan)[()] for limit in (low, high)))


__all__ = [
    "INTERVALS",
    "agresti_coull_interval",
    "clopper_pearson_interval",
    "interval_method",
    "jeffreys_interval",
    "normal_quantile",
    "proportion",
    "wilson_interval",
]
