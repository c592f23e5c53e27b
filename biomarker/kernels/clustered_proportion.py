"""Confidence intervals for a proportion of lesions that are nested in patients.

The default was chosen by simulation (``tests/coverage/proportions.py``): patients with 1 + negative binomial lesions
(mean 4.5), intracluster correlation 0.2 and 0.5, proportions 0.7 to 0.9. From 15 patients on it covers 94-97 %, where
the naive Wilson interval covers 57-91 % and the usual cluster-robust logit interval with t(K−1) 88-97 %, the less the
more uneven the lesion counts.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, logit

from biomarker.kernels.interval import Interval
from biomarker.kernels.patient_variance import PatientVariance, patient_variance, ratio_or_nan, student_quantile
from biomarker.kernels.proportion import clopper_pearson_interval, interval_method, normal_quantile

Array = NDArray[np.float64]

NO_TRIALS = "there is no row"
ONE_PATIENT = "every row belongs to one patient, so the spread between patients is unknown"
NO_SPREAD = "every row is alike, so the spread between patients is unknown; the limit is exact for that many patients"


class ClusteredProportion(NamedTuple):
    """A proportion of lesions, with what its interval was made of; floats, or arrays of one shape.

    Attributes
    ----------
    value, low, high : Any
        Fractions; the limits are NaN with fewer than two patients.
    variance : Any
        Of `value`, between patients.
    design_effect : Any
        `variance` over the variance of as many independent lesions: never below 1.
    icc : Any
        Intracluster correlation (analysis of variance estimate, within [0, 1]).
    n_patients : Any
        Patients with at least one lesion in the denominator.
    reason : Any
        Why a limit is undefined or exact, else empty.
    """

    value: Any
    low: Any
    high: Any
    variance: Any
    design_effect: Any
    icc: Any
    n_patients: Any
    reason: Any


class _Spread(NamedTuple):
    """What the interval methods work from; each of shape (...)."""

    value: Array
    trials: Array
    parts: PatientVariance
    jackknife_variance: Array


def clustered_proportion(
    successes: ArrayLike,
    trials: ArrayLike,
    *,
    interval: str = "wilson",
    method: str = "effective_size",
    confidence_level: float = 0.95,
) -> ClusteredProportion:
    """Estimate a proportion from lesions nested in patients.

    Parameters
    ----------
    successes, trials : array_like of int, shape (..., patients)
        Counts of each patient, on the last axis; a patient with no trials takes no part.
    interval : str
        Which binomial interval is applied to the effective size: a name in `proportion.INTERVALS`. The methods on the
        logit scale do not use it.
    method : str
        ``"effective_size"`` (default): the number of lesions is divided by the design effect, of the larger of the
        robust and the exchangeable variance, and by the squared ratio of Student's quantile with K−1 degrees of
        freedom to the normal one; the binomial interval is taken at that size [1]_, [2]_.
        The others are there to be compared with it: ``"robust"`` and ``"exchangeable"``, the same with either
        variance alone; ``"logit"``, the robust variance on the logit scale with t(K−1); ``"jackknife_logit"``, the
        delete-one-patient variance there.
    confidence_level : float

    Returns
    -------
    ClusteredProportion
        Where all lesions are alike (value 0 or 1) the variance cannot be estimated: the limit is then the exact one
        for as many independent patients as the patients' weights amount to, (Σm)²/Σm², as if the lesions of a patient
        always agreed. It is conservative.

    Raises
    ------
    ValueError
        If a count is negative or not finite, or ``successes > trials``, or a name is unknown.

    References
    ----------
    .. [1] Korn EL, Graubard BI. Surv Methodol 1998;24:193-201.
    .. [2] Dean N, Pagano M. J Surv Stat Methodol 2015;3:484-503.

    Examples
    --------
    Fifteen of 20 lesions in six patients; taken as independent the limits would be 0.531 and 0.888.

    >>> found = clustered_proportion([6, 0, 3, 2, 1, 3], [6, 3, 4, 2, 2, 3])
    >>> print(f"{found.value:.3f} ({found.low:.3f}, {found.high:.3f}), design effect {found.design_effect:.2f}")
    0.750 (0.312, 0.952), design effect 2.71
    """
    if method not in _METHODS:
        raise ValueError(f"no method {method!r}; choose from {', '.join(_METHODS)}")
    interval_method(interval)  # an unknown name is refused whatever the method
    x, m = checked_clusters(successes, trials)
    spread = _spread(x, m)
    with np.errstate(divide="ignore", invalid="ignore"):  # at 0 and 1 there is no variance: replaced below
        usual = _METHODS[method](spread, interval, confidence_level)
    edge = _edge_interval(spread, m, confidence_level)
    is_edge, unknown = (spread.value == 0) | (spread.value == 1), spread.parts.n_patients < 2
    low, high = (np.where(unknown, np.nan, np.where(is_edge, b, a)) for a, b in zip(usual, edge, strict=True))
    parts = spread.parts
    return ClusteredProportion(
        value=spread.value[()],
        low=low[()],
        high=high[()],
        variance=parts.variance,
        design_effect=ratio_or_nan(parts.variance, parts.independent)[()],
        icc=parts.icc,
        n_patients=parts.n_patients,
        reason=np.select([spread.trials == 0, unknown, is_edge], [NO_TRIALS, ONE_PATIENT, NO_SPREAD], "")[()],
    )


def proportion_influence(successes: ArrayLike, trials: ArrayLike) -> tuple[Array, Array]:
    """Return the sums, and the sums of squares, of the influences of each patient's rows on the pooled proportion."""
    x, m = checked_clusters(successes, trials)
    total = m.sum(axis=-1, keepdims=True)
    safe = np.where(total > 0, total, 1.0)
    p = x.sum(axis=-1, keepdims=True) / safe
    return (x - p * m) / safe, (x * (1 - p) ** 2 + (m - x) * p**2) / safe**2


def kish_size(trials: ArrayLike) -> Array:
    """Return (Σm)²/Σm²: how many patients of one lesion each weigh as much; 0 without any lesion."""
    m = np.asarray(trials, float)
    size = ratio_or_nan(m.sum(axis=-1) ** 2, (m**2).sum(axis=-1))
    return np.nan_to_num(size, nan=0.0)


def checked_clusters(successes: ArrayLike, trials: ArrayLike) -> tuple[Array, Array]:
    """Return the two counts as float arrays of one shape, checked."""
    x, m = np.broadcast_arrays(np.asarray(successes, float), np.asarray(trials, float))
    if x.ndim == 0:
        raise ValueError("successes and trials need an axis of patients")
    if not (np.all(np.isfinite(x)) and np.all(np.isfinite(m))):
        raise ValueError("counts must be finite numbers")
    if np.any((x < 0) | (x > m)):
        raise ValueError("need 0 <= successes <= trials in each patient")
    return x, m


def _spread(x: Array, m: Array) -> _Spread:
    total = m.sum(axis=-1)
    sums, squares = proportion_influence(x, m)
    parts = patient_variance(sums, squares, m)
    left = np.maximum(total[..., None] - m, 1.0)  # lesions without this patient; none only where K < 2
    jackknife = ((sums * total[..., None] / left) ** 2).sum(axis=-1)
    k = np.maximum(parts.n_patients, 1)
    return _Spread(
        value=ratio_or_nan(x.sum(axis=-1), total),
        trials=total,
        parts=parts,
        jackknife_variance=np.maximum((k - 1) / k * jackknife, parts.independent),
    )


def _edge_interval(spread: _Spread, m: Array, confidence_level: float) -> Interval:
    size = kish_size(m)
    return clopper_pearson_interval(np.where(spread.value == 1, size, 0.0), size, confidence_level=confidence_level)


def _at_effective_size(spread: _Spread, variance: Array, interval: str, confidence_level: float) -> Interval:
    ratio = normal_quantile(confidence_level) / student_quantile(spread.parts.df, confidence_level)
    at_least_independent = np.maximum(variance, spread.parts.independent)
    size = spread.value * (1 - spread.value) / at_least_independent * ratio**2
    size = np.nan_to_num(size, nan=0.0, posinf=0.0)
    return interval_method(interval)(np.nan_to_num(spread.value) * size, size, confidence_level=confidence_level)


def _effective_size(spread: _Spread, interval: str, confidence_level: float) -> Interval:
    return _at_effective_size(spread, spread.parts.variance, interval, confidence_level)


def _robust(spread: _Spread, interval: str, confidence_level: float) -> Interval:
    return _at_effective_size(spread, spread.parts.robust, interval, confidence_level)


def _exchangeable(spread: _Spread, interval: str, confidence_level: float) -> Interval:
    return _at_effective_size(spread, spread.parts.exchangeable, interval, confidence_level)


def _logit_scale(spread: _Spread, variance: Array, confidence_level: float) -> Interval:
    half_width = student_quantile(spread.parts.df, confidence_level) * np.sqrt(variance)
    half_width = half_width / (spread.value * (1 - spread.value))
    return Interval(expit(logit(spread.value) - half_width), expit(logit(spread.value) + half_width))


def _logit(spread: _Spread, interval: str, confidence_level: float) -> Interval:  # noqa: ARG001 - one signature for all
    return _logit_scale(spread, np.maximum(spread.parts.robust, spread.parts.independent), confidence_level)


def _jackknife_logit(spread: _Spread, interval: str, confidence_level: float) -> Interval:  # noqa: ARG001
    return _logit_scale(spread, spread.jackknife_variance, confidence_level)


_METHODS: dict[str, Callable[[_Spread, str, float], Interval]] = {
    "effective_size": _effective_size,
    "robust": _robust,
    "exchangeable": _exchangeable,
    "logit": _logit,
    "jackknife_logit": _jackknife_logit,
}
