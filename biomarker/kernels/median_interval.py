"""Confidence intervals for a median: of independent values, and of lesions nested in patients."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import bdtr

from biomarker.kernels.clustered_proportion import clustered_proportion
from biomarker.kernels.describe import cluster_codes, finite_sample
from biomarker.kernels.interval import Interval

FEWEST_PATIENTS = 3


def median_interval(values: ArrayLike, cluster: ArrayLike | None = None, *, confidence_level: float = 0.95) -> Interval:
    """Interval for a median between two of the values, without an assumption on their distribution.

    Independent values: the order statistics whose binomial coverage is at least the level. Values nested in patients:
    Woodruff's limits [1]_, the quantiles at the limits of a clustered interval for the share below the median.

    Parameters
    ----------
    values : array_like of float, shape (n,)
        Finite values.
    cluster : array_like, shape (n,), optional
        The patient of each value.
    confidence_level : float
        Two-sided coverage, a fraction in (0, 1).

    Returns
    -------
    Interval
        NaN where there are too few values (fewer than six at 95 %) or patients (fewer than three).

    References
    ----------
    .. [1] Woodruff RS. Confidence intervals for medians and other position measures. J Am Stat Assoc 1952;47:635-646.

    Examples
    --------
    With ten values the second and the ninth are the limits, which cover 97.9 %.

    >>> low, high = median_interval(range(1, 11))
    >>> print(f"{low:g} to {high:g}")
    2 to 9
    """
    ordered = np.sort(finite_sample(values))
    n = ordered.size
    nothing = Interval(float("nan"), float("nan"))
    if cluster is None:
        below = bdtr(np.arange(n), n, 0.5)  # chance that no more than 0, 1, ... values lie below the median
        outside = int(np.sum(below <= (1 - confidence_level) / 2))
        return Interval(float(ordered[outside - 1]), float(ordered[n - outside])) if 0 < outside <= n / 2 else nothing
    sample = finite_sample(values)
    codes, n_patients = cluster_codes(cluster, n)
    if n_patients < FEWEST_PATIENTS:
        return nothing
    median = np.median(sample)
    share = (sample < median) + 0.5 * (sample == median)
    found = clustered_proportion(np.bincount(codes, share), np.bincount(codes), confidence_level=confidence_level)
    # as far from a half as the limits of the share are from the share; the first value that reaches the probability
    low, high = 0.5 - (found.value - found.low), 0.5 + (found.high - found.value)
    places = np.clip([np.ceil(n * low) - 1, np.floor(n * high)], 0, n - 1).astype(int)
    return Interval(float(ordered[places[0]]), float(ordered[places[1]]))
