"""Difference of two survival probabilities at a time."""

from __future__ import annotations

import numpy as np
from scipy.special import chdtrc

from biomarker.kernels.interval import Interval
from biomarker.kernels.rmst import Contrast


def survival_difference(
    survival: tuple[float, float], std_error: tuple[float, float], intervals: tuple[Interval, Interval]
) -> Contrast:
    """Difference of survival at a time between two groups, from what each group has by itself.

    The interval puts the distances of each estimate from its own limits together, as Newcombe did for proportions
    (Zou and Donner's MOVER) [1]_, so that it keeps within -1 and 1 and is as good in small samples as they are. The
    test compares log(-log S), which is nearly normal where S is not [2]_.

    Parameters
    ----------
    survival, std_error : tuple of float
        Of the group and of its reference; standard errors are Greenwood's.
    intervals : tuple of Interval
        Of the two survival probabilities.

    Returns
    -------
    Contrast
        Group minus reference; the statistic is a chi-square with one degree of freedom. NaN where either survival has
        no interval or is 0 or 1.

    References
    ----------
    .. [1] Zou GY, Donner A. Construction of confidence limits about effect measures: a general approach. Stat Med
       2008;27:1693-1702.
    .. [2] Klein JP, Logan B, Harhoff M, Andersen PK. Analyzing survival curves at a fixed point in time. Stat Med
       2007;26:4505-4519.

    Examples
    --------
    >>> found = survival_difference((0.8, 0.5), (0.1, 0.1), (Interval(0.55, 0.92), Interval(0.30, 0.67)))
    >>> [round(float(x), 3) for x in (found.value, *found.interval)]
    [0.3, -0.002, 0.533]
    """
    (one, two), (first, second) = survival, intervals
    value = one - two
    low = value - np.hypot(one - first.low, second.high - two)
    high = value + np.hypot(first.high - one, two - second.low)
    if not all(0 < s < 1 for s in survival):
        return Contrast(float(value), Interval(float(low), float(high)), np.nan, np.nan)
    logs = np.log(survival)
    variance = np.sum((np.asarray(std_error) / (np.asarray(survival) * logs)) ** 2)
    statistic = float(np.diff(np.log(-logs))[0] ** 2 / variance)
    return Contrast(float(value), Interval(float(low), float(high)), statistic, float(chdtrc(1, statistic)))
