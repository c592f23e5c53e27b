"""Intervals and tests of correlations, and of their differences, from patients left out or resampled."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri, stdtr, stdtrit

from biomarker.kernels.correlation import Correlation
from biomarker.kernels.interval import Interval
from biomarker.kernels.resampling import expanded_level, percentile_interval

Floats = NDArray[np.float64]


def jackknife_interval(value: float, left_out: ArrayLike, *, confidence_level: float = 0.95) -> Correlation:
    """Interval and test of a correlation from its values with each patient left out in turn.

    The jackknife standard error of Fisher's z [1]_, with t on K - 1 degrees of freedom.

    Parameters
    ----------
    value : float
        The coefficient of all pairs.
    left_out : array_like of float, shape (K,)
        The coefficient without each patient (`biomarker.kernels.resampling.jackknife_weights`).
    confidence_level : float
        Two-sided coverage, a fraction in (0, 1).

    Returns
    -------
    Correlation
        `statistic` is t. NaN interval and p with fewer than three patients, or when a coefficient is undefined or 1
        in size.

    Notes
    -----
    Simulated with Spearman's coefficient (300 samples of 8, 14 and 30 patients, 1 to 12 lesions each, three patterns
    of within- and between-patient correlation), these 95 % intervals covered 93 to 98 %, the patient bootstrap's
    percentile interval 89 to 96 %, BCa 85 to 91 %, and the interval for independent pairs 83 to 93 %.

    References
    ----------
    .. [1] Efron B, Tibshirani RJ. An introduction to the bootstrap. Chapman & Hall, 1993, chapter 11.

    Examples
    --------
    >>> found = jackknife_interval(0.5, [0.42, 0.55, 0.61, 0.44, 0.48])
    >>> print(f"{found.interval.low:.2f} to {found.interval.high:.2f}, P {found.p_value:.3f}")
    0.01 to 0.80, P 0.047
    """
    others = np.asarray(left_out, dtype=np.float64)
    n_left_out = others.size
    undefined = Correlation(value, Interval(np.nan, np.nan), np.nan, float(n_left_out - 1), np.nan)
    if n_left_out < 3 or not (abs(value) < 1 and np.all(np.abs(others) < 1)):
        return undefined
    z = np.arctanh(value)
    error = np.sqrt(jackknife_covariance(np.arctanh(others)[:, None])[0, 0])
    if not error > 0:
        return undefined
    df = float(n_left_out - 1)
    reach = stdtrit(df, (1 + confidence_level) / 2) * error
    interval = Interval(float(np.tanh(z - reach)), float(np.tanh(z + reach)))
    return Correlation(value, interval, float(z / error), df, float(2 * stdtr(df, -abs(z / error))))


def jackknife_covariance(left_out: Floats) -> Floats:
    """Return the jackknife covariance of k statistics, shape (k, k), from their values without each of K patients."""
    n = left_out.shape[0]
    scattered = left_out - left_out.mean(axis=0)
    return np.asarray(scattered.T @ scattered * ((n - 1) / n))


def bootstrap_interval(
    value: float, drawn: ArrayLike, n_patients: int, *, confidence_level: float = 0.95
) -> Correlation:
    """Interval and test of a statistic whose null value is 0 from its values in resamples of whole patients.

    Percentiles, moved out for the narrowness of resamples of few patients [1]_; the p-value is one less the confidence
    level at which that interval would end at 0, so the two never disagree.

    Parameters
    ----------
    value : float
        The statistic of the data.
    drawn : array_like of float, shape (B,)
        Its values in the resamples; NaN is left out.
    n_patients : int
        Patients resampled.
    confidence_level : float
        Two-sided coverage, a fraction in (0, 1).

    Returns
    -------
    Correlation
        NaN interval and p with fewer than two patients or usable resamples, or where the statistic is undefined; the p
        is no smaller than 2 in as many resamples as there are allows.

    References
    ----------
    .. [1] Hesterberg TC. What teachers should know about the bootstrap. Am Stat 2015;69:371-386.

    Examples
    --------
    >>> found = bootstrap_interval(0.3, np.linspace(-0.1, 0.7, 1001), 12)
    >>> print(f"{found.interval.low:.2f} to {found.interval.high:.2f}, p {found.p_value:.2f}")
    -0.09 to 0.69, p 0.30
    """
    usable = np.asarray(drawn, np.float64)
    usable = usable[np.isfinite(usable)]
    nan = np.nan
    if usable.size < 2 or n_patients < 2 or np.isnan(value):
        return Correlation(value, Interval(nan, nan), nan, nan, nan)
    limits = percentile_interval(usable, expanded_level(confidence_level, n_patients))
    interval = Interval(float(limits.low), float(limits.high))
    if np.ptp(usable) == 0 and value == 0:
        return Correlation(value, interval, nan, nan, 1.0)
    half_ties = np.sum(usable == 0) / 2
    beyond = min(np.sum(usable < 0), np.sum(usable > 0)) + half_ties
    tail = max(beyond / usable.size, 1 / (usable.size + 1))
    student = ndtri(tail) / np.sqrt(n_patients / (n_patients - 1))
    return Correlation(value, interval, nan, nan, float(min(1.0, 2 * stdtr(n_patients - 1, student))))


def jackknife_difference(
    values: tuple[float, float], left_out: ArrayLike, *, confidence_level: float = 0.95
) -> Correlation:
    """Interval and test of the difference of two statistics from their values with each patient left out in turn.

    Parameters
    ----------
    values : pair of float
        The two statistics of all pairs.
    left_out : array_like of float, shape (K, 2)
        The two without each patient.
    confidence_level : float
        Two-sided coverage, a fraction in (0, 1).

    Returns
    -------
    Correlation
        `value` is the first less the second; t on K - 1 degrees of freedom. Statistics that never differ give 0, an
        interval of no width and p = 1; NaN with fewer than three patients or an undefined statistic.

    Examples
    --------
    >>> found = jackknife_difference((0.6, 0.4), [[0.62, 0.38], [0.55, 0.44], [0.58, 0.41], [0.66, 0.37]])
    >>> print(f"{found.value:.1f} ({found.interval.low:.2f} to {found.interval.high:.2f})")
    0.2 (-0.18 to 0.58)
    """
    others = np.asarray(left_out, np.float64)
    difference, df = values[0] - values[1], float(len(others) - 1)
    scattered = others[:, 0] - others[:, 1]
    nan = np.nan
    if not (df >= 2 and np.isfinite(difference) and np.isfinite(scattered).all()):
        return Correlation(difference, Interval(nan, nan), nan, df, nan)
    error = float(np.sqrt(jackknife_covariance(scattered[:, None])[0, 0]))
    if error < 1e-12:
        is_same = abs(difference) < 1e-12
        limit = 0.0 if is_same else nan
        return Correlation(difference, Interval(limit, limit), limit, df, 1.0 if is_same else nan)
    reach = float(stdtrit(df, (1 + confidence_level) / 2)) * error
    t = difference / error
    return Correlation(
        difference, Interval(difference - reach, difference + reach), t, df, float(2 * stdtr(df, -abs(t)))
    )
