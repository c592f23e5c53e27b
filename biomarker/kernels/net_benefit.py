"""Net benefit of acting on a test, by the risk at which one would act, with intervals from each patient's influence."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtrit

from biomarker.kernels.interval import Interval

FloatArray = NDArray[np.float64]
_CELLS_AT_ONCE = 4_000_000


class NetBenefit(NamedTuple):
    """Net benefit at each risk threshold, per patient of the population; every array has shape (thresholds,)."""

    value: FloatArray
    interval: Interval
    over_all: FloatArray  # the difference from treating all
    over_all_interval: Interval


def odds(thresholds: ArrayLike) -> FloatArray:
    """Return the harm of a false positive in units of the gain of a true positive: the odds of the risk threshold."""
    p = np.asarray(thresholds, float)
    if np.any((p <= 0) | (p >= 1) | np.isnan(p)):
        raise ValueError("risk thresholds are fractions between 0 and 1")
    weight: FloatArray = p / (1 - p)
    return weight


def net_benefit(
    truth: ArrayLike,
    risk: ArrayLike,
    thresholds: ArrayLike,
    clusters: ArrayLike,
    *,
    prevalence: float | None = None,
    confidence_level: float = 0.95,
) -> NetBenefit:
    r"""Net benefit of treating where ``risk >= threshold`` [1]_.

    .. math:: NB(p) = \pi \, Se(p) - (1 - \pi) \, (1 - Sp(p)) \, p / (1 - p)

    Parameters
    ----------
    truth : array_like of bool, shape (rows,)
    risk : array_like of float, shape (rows,)
        Probabilities; a binary test is 0 or 1.
    thresholds : array_like of float, shape (thresholds,)
        Risks at which one would act, in (0, 1).
    clusters : array_like of int, shape (rows,)
        Codes 0..K-1; rows of one cluster are one patient's.
    prevalence : float, optional
        Of the population the test is meant for; the observed share by default.
    confidence_level : float

    Returns
    -------
    NetBenefit
        Intervals with t(K-1), from the influence of each cluster; the risks are taken as given.

    References
    ----------
    .. [1] Vickers AJ, Elkin EB. Med Decis Making 2006;26:565-574.

    Examples
    --------
    Two of four respond and the test is right in three:

    >>> result = net_benefit([True, True, False, False], [1, 0, 0, 0], [0.5], [0, 1, 2, 3])
    >>> float(result.value[0]), float(result.over_all[0])
    (0.25, 0.25)
    """
    truth, risk, codes = np.asarray(truth, bool), np.asarray(risk, float), np.asarray(clusters)
    thresholds = np.asarray(thresholds, float)
    harm = odds(thresholds)
    own, everyone = [], []
    for part in _slices(len(thresholds), len(truth)):
        calls = risk[:, None] >= thresholds[part]
        own.append(_benefit(truth, calls, harm[part], codes, prevalence))
        everyone.append(_benefit(truth, np.ones_like(calls), harm[part], codes, prevalence))
    value, influence = (np.concatenate(arrays, axis=-1) for arrays in zip(*own, strict=True))
    all_value, all_influence = (np.concatenate(arrays, axis=-1) for arrays in zip(*everyone, strict=True))
    return NetBenefit(
        value=value,
        interval=influence_interval(value, influence, confidence_level),
        over_all=value - all_value,
        over_all_interval=influence_interval(value - all_value, influence - all_influence, confidence_level),
    )


def treat_all(truth: ArrayLike, thresholds: ArrayLike, *, prevalence: float | None = None) -> FloatArray:
    """Net benefit of treating everyone, shape (thresholds,)."""
    share = float(np.mean(np.asarray(truth, bool))) if prevalence is None else prevalence
    return share - (1 - share) * odds(thresholds)


def influence_interval(value: FloatArray, influence: FloatArray, confidence_level: float) -> Interval:
    """Return ``value ± t(K-1) × error`` from influences of shape (clusters, thresholds); NaN with one cluster."""
    n_clusters = len(influence)
    if n_clusters < 2:
        return Interval(np.full_like(value, np.nan), np.full_like(value, np.nan))
    error = np.sqrt(n_clusters / (n_clusters - 1) * (influence**2).sum(axis=0))
    half_width = stdtrit(n_clusters - 1, (1 + confidence_level) / 2) * error
    return Interval(value - half_width, value + half_width)


def _benefit(
    truth: NDArray[np.bool_],
    calls: NDArray[np.bool_],
    harm: FloatArray,
    codes: NDArray[np.intp],
    prevalence: float | None,
) -> tuple[FloatArray, FloatArray]:
    """Return net benefit, (thresholds,), and the influence of each cluster on it, (clusters, thresholds)."""
    gain = truth[:, None] * calls
    loss = ~truth[:, None] * calls
    if prevalence is None:
        value = (gain.sum(axis=0) - harm * loss.sum(axis=0)) / len(truth)
        influence = (gain - harm * loss - value) / len(truth)
    else:
        n_ill, n_well = truth.sum(), (~truth).sum()
        sensitivity, false_positives = gain.sum(axis=0) / n_ill, loss.sum(axis=0) / n_well
        value = prevalence * sensitivity - (1 - prevalence) * false_positives * harm
        influence = prevalence * truth[:, None] * (calls - sensitivity) / n_ill
        influence = influence - (1 - prevalence) * harm * ~truth[:, None] * (calls - false_positives) / n_well
    return value, _cluster_sums(influence, codes)


def _cluster_sums(rows: FloatArray, codes: NDArray[np.intp]) -> FloatArray:
    order = np.argsort(codes, kind="stable")
    starts = np.flatnonzero(np.diff(codes[order], prepend=-1))
    return np.add.reduceat(rows[order], starts, axis=0)


def _slices(n_thresholds: int, n_rows: int) -> Iterator[slice]:
    """Cut the thresholds so that no array of rows by thresholds grows beyond bounds."""
    step = max(1, _CELLS_AT_ONCE // max(1, n_rows))
    return (slice(start, start + step) for start in range(0, n_thresholds, step))
