"""Whole patients resampled: weights, folds and the intervals they give.

A resample is a row of weights: how often each patient was drawn. A statistic of weighted patients is then computed
for many resamples at once, and no row of the data is ever copied. Resample number i is the i-th whatever the chunk
size, the order or the number of workers: resamples are drawn in blocks of `BLOCK`, and block j draws from a stream of
its own, child j of the seed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr, ndtri, stdtrit

from .interval import Interval

BLOCK = 64
"""Resamples drawn from one child of the seed; few enough for the weights of 1,000 lesions to stay in the cache."""

JACKKNIFE_GROUPS = 1000
"""With more patients than this the jackknife leaves out groups of patients, not single ones."""

Seed = int | Sequence[int] | np.random.SeedSequence | np.random.Generator
FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


def seed_sequence(rng: Seed) -> np.random.SeedSequence:
    """Return the seed that resamples are numbered from.

    Parameters
    ----------
    rng : int, sequence of int, SeedSequence or Generator
        A Generator gives up 128 bits of its stream, so that two calls with the same Generator differ; all else is
        taken as it is.

    Returns
    -------
    numpy.random.SeedSequence

    Examples
    --------
    >>> seed_sequence(7).entropy
    7
    """
    if isinstance(rng, np.random.SeedSequence):
        return rng
    if isinstance(rng, np.random.Generator):
        return np.random.SeedSequence([int(word) for word in rng.integers(0, 2**32, size=4)])
    return np.random.SeedSequence(rng)


def substream(rng: Seed, number: int) -> np.random.SeedSequence:
    """Return seed `number` of a family, the same whatever was drawn or spawned before from a seed that is no Generator.

    Examples
    --------
    >>> substream(7, 1).spawn_key
    (1,)
    """
    seed = seed_sequence(rng)
    return np.random.SeedSequence(seed.entropy, spawn_key=(*seed.spawn_key, number), pool_size=seed.pool_size)


def child_stream(seed: np.random.SeedSequence, number: int) -> np.random.Generator:
    """Return the stream of block `number`; unlike ``seed.spawn`` this does not depend on what was spawned before."""
    return np.random.Generator(np.random.PCG64(substream(seed, number)))


def _strata_slots(n_patients: int, strata: ArrayLike | None) -> tuple[IntArray, FloatArray, IntArray]:
    """Return for each slot of a resample the start and size of its stratum, and the patients ordered by stratum."""
    if strata is None:
        return np.zeros(n_patients, np.int64), np.full(n_patients, float(n_patients)), np.arange(n_patients)
    labels = np.asarray(strata)
    if labels.shape != (n_patients,):
        raise ValueError("strata needs one label per patient")
    _, codes, sizes = np.unique(labels, return_inverse=True, return_counts=True)
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    order = np.argsort(codes, kind="stable")
    return np.repeat(starts, sizes), np.repeat(sizes, sizes).astype(float), order


def patient_weights(
    n_patients: int,
    n_resamples: int,
    rng: Seed,
    *,
    strata: ArrayLike | None = None,
    chunk: int = BLOCK,
) -> Iterator[IntArray]:
    """Draw patients with replacement, as many as there are, and give how often each was drawn.

    Parameters
    ----------
    n_patients : int
        Patients in the study; each resample draws this many.
    n_resamples : int
        Resamples in all.
    rng : int, sequence of int, SeedSequence or Generator
        See `seed_sequence`. The first resamples of a longer run are those of a shorter one.
    strata : array_like, shape (n_patients,), optional
        Labels; each stratum keeps its size in every resample, so that none lacks a class when patients are stratified
        by class.
    chunk : int
        Resamples yielded together, at most `BLOCK`: memory and nothing else depends on it.

    Yields
    ------
    ndarray of int, shape (n_chunk, n_patients)
        Weights that sum to `n_patients` in each row.

    Raises
    ------
    ValueError
        If there is no patient, a negative number of resamples, or strata of another length.

    Examples
    --------
    >>> chunks = list(patient_weights(5, 100, rng=1))
    >>> [chunk.shape for chunk in chunks]
    [(64, 5), (36, 5)]
    >>> {int(total) for chunk in chunks for total in chunk.sum(axis=1)}
    {5}
    """
    if n_patients < 1 or n_resamples < 0:
        raise ValueError("need at least one patient and no fewer than zero resamples")
    seed = seed_sequence(rng)
    start, size, order = _strata_slots(n_patients, strata)
    rows_at_once = max(1, min(BLOCK, chunk))
    for block in range(-(-n_resamples // BLOCK)):
        stream = child_stream(seed, block)
        rows_in_block = min(BLOCK, n_resamples - block * BLOCK)
        for first in range(0, rows_in_block, rows_at_once):
            rows = min(rows_at_once, rows_in_block - first)
            slots = (stream.random((rows, n_patients)) * size).astype(np.int64)
            slots += start
            slots += np.arange(rows)[:, None] * n_patients
            drawn = np.bincount(slots.ravel(), minlength=rows * n_patients).reshape(rows, n_patients)
            if strata is None:
                yield drawn
            else:
                weights = np.empty_like(drawn)
                weights[:, order] = drawn
                yield weights


def jackknife_weights(n_patients: int, *, max_groups: int = JACKKNIFE_GROUPS, chunk: int = BLOCK) -> Iterator[IntArray]:
    """Leave out each patient in turn or, beyond `max_groups` patients, each of that many groups of patients.

    The groups (patient number modulo `max_groups`) leave the acceleration of a BCa interval what it is for single
    patients in the limit, at a cost that no longer grows with the square of the number of patients.

    Yields
    ------
    ndarray of int, shape (n_chunk, n_patients)
        Zeros for who is left out, ones for the others.

    Examples
    --------
    >>> np.concatenate(list(jackknife_weights(3))).tolist()
    [[0, 1, 1], [1, 0, 1], [1, 1, 0]]
    """
    n_groups = min(n_patients, max_groups)
    group = np.arange(n_patients) % n_groups
    rows_at_once = max(1, min(BLOCK, chunk))
    for first in range(0, n_groups, rows_at_once):
        left_out = np.arange(first, min(first + rows_at_once, n_groups))
        yield (group[None, :] != left_out[:, None]).astype(np.int64)


def fold_numbers(
    n_patients: int, n_folds: int, n_repeats: int, rng: Seed, *, strata: ArrayLike | None = None
) -> Iterator[IntArray]:
    """Split whole patients into folds of nearly equal size, again in every repeat.

    Parameters
    ----------
    n_patients, n_folds, n_repeats : int
        ``2 <= n_folds <= n_patients``; fold sizes differ by at most one.
    rng : int, sequence of int, SeedSequence or Generator
        Repeat number i is the same whatever the number of repeats.
    strata : array_like, shape (n_patients,), optional
        Labels dealt evenly over the folds.

    Yields
    ------
    ndarray of int, shape (n_patients,)
        The fold in which each patient is held out; one array a repeat.

    Examples
    --------
    >>> folds = next(fold_numbers(6, 3, 1, rng=1, strata=[0, 0, 0, 1, 1, 1]))
    >>> sorted(folds[:3].tolist()), sorted(folds[3:].tolist())
    ([0, 1, 2], [0, 1, 2])
    """
    if not 2 <= n_folds <= n_patients:
        raise ValueError("need 2 <= n_folds <= n_patients")
    labels = np.zeros(n_patients, np.int64) if strata is None else np.unique(strata, return_inverse=True)[1]
    if labels.shape != (n_patients,):
        raise ValueError("strata needs one label per patient")
    seed = seed_sequence(rng)
    for repeat in range(n_repeats):
        shuffled = child_stream(seed, repeat).permutation(n_patients)
        dealt = shuffled[np.argsort(labels[shuffled], kind="stable")]
        folds = np.empty(n_patients, np.int64)
        folds[dealt] = np.arange(n_patients) % n_folds
        yield folds


def chunk_size(n_rows: int, *, cells: int = 4_000_000) -> int:
    """Return how many resamples of `n_rows` rows to hold at once, so that a chunk has at most `cells` cells."""
    return int(min(BLOCK, max(1, cells // max(n_rows, 1))))


def percentile_interval(samples: ArrayLike, confidence_level: float = 0.95) -> Interval:
    """Interval between two percentiles of a statistic's resampled values [1]_.

    Parameters
    ----------
    samples : array_like of float, shape (n_resamples, ...)
        One statistic, or an array of them, per resample. NaN (a resample in which it is undefined) is left out.
    confidence_level : float
        Two-sided coverage, a fraction in (0, 1).

    Returns
    -------
    Interval
        Shape (...); NaN where no resample has a value.

    References
    ----------
    .. [1] Efron B, Tibshirani RJ. An Introduction to the Bootstrap. Chapman & Hall, 1993, chapter 13.

    Examples
    --------
    >>> low, high = percentile_interval(range(1001), 0.9)
    >>> print(f"{low:.1f}, {high:.1f}")
    50.0, 950.0
    """
    _check_level(confidence_level)
    tail = (1 - confidence_level) / 2
    samples = np.asarray(samples, float)
    return _quantiles(samples, np.full(samples.shape[1:], tail), np.full(samples.shape[1:], 1 - tail))


def expanded_level(confidence_level: float, n_patients: int) -> float:
    """Widen the confidence level of a percentile interval for the narrowness of resamples of few patients [1]_.

    Resampled values vary too little by sqrt((K-1)/K), and a normal quantile stands where Student's with K-1 degrees of
    freedom is due. Percentiles at the level returned, ``2 Phi(sqrt(K/(K-1)) t) - 1``, make up for both.

    Parameters
    ----------
    confidence_level : float
        Two-sided coverage wanted, a fraction in (0, 1).
    n_patients : int
        Patients resampled.

    Returns
    -------
    float
        Above `confidence_level`; equal to it in the limit. NaN for fewer than two patients.

    References
    ----------
    .. [1] Hesterberg TC. What teachers should know about the bootstrap. Am Stat 2015;69:371-386.

    Examples
    --------
    Hesterberg's table: with 10 patients the 2.5 % percentile becomes the 0.86 % one.

    >>> print(f"{(1 - expanded_level(0.95, 10)) / 2:.4f}")
    0.0086
    """
    _check_level(confidence_level)
    if n_patients < 2:
        return float("nan")
    student = stdtrit(n_patients - 1, (1 + confidence_level) / 2)
    widened = 2 * ndtr(np.sqrt(n_patients / (n_patients - 1)) * student) - 1
    return float(min(widened, np.nextafter(1.0, 0.0)))  # with two patients it rounds to 1


def bca_interval(
    samples: ArrayLike, estimate: ArrayLike, jackknife: ArrayLike, confidence_level: float = 0.95
) -> Interval:
    """Bias-corrected and accelerated bootstrap interval [1]_.

    Parameters
    ----------
    samples : array_like of float, shape (n_resamples, ...)
        The statistic in each resample; NaN is left out.
    estimate : array_like of float, shape (...)
        The statistic in the data. Resampled values equal to it count half, which matters for a cutoff: it takes few
        values.
    jackknife : array_like of float, shape (n_patients, ...)
        The statistic with each patient left out in turn (`jackknife_weights`); NaN is left out.
    confidence_level : float
        Two-sided coverage, a fraction in (0, 1).

    Returns
    -------
    Interval
        Shape (...); NaN where the estimate or every resample is NaN, or all resamples lie on one side of the estimate.

    References
    ----------
    .. [1] Efron B. Better bootstrap confidence intervals. J Am Stat Assoc 1987;82:171-185.

    Examples
    --------
    >>> data = np.arange(10.0) ** 2
    >>> samples = np.concatenate([w @ data / 10 for w in patient_weights(10, 4000, rng=1)])
    >>> left_out = np.concatenate([w @ data / 9 for w in jackknife_weights(10)])
    >>> percentile = percentile_interval(samples)
    >>> bca = bca_interval(samples, data.mean(), left_out)
    >>> bool(bca.high > percentile.high)  # a right-skewed mean has its upper limit further out
    True
    """
    _check_level(confidence_level)
    samples = np.asarray(samples, float)
    estimate = np.asarray(estimate, float)
    known = np.isfinite(samples)
    with np.errstate(invalid="ignore", divide="ignore"):  # undefined statistics give the documented NaN
        below = (np.sum(samples < estimate, axis=0) + np.sum(samples <= estimate, axis=0)) / 2 / known.sum(axis=0)
        bias = ndtri(below)
        acceleration = _acceleration(np.asarray(jackknife, float))
        limits = [
            ndtr(bias + (bias + z) / (1 - acceleration * (bias + z)))
            for z in (ndtri((1 - confidence_level) / 2), ndtri((1 + confidence_level) / 2))
        ]
    usable = np.isfinite(bias) & np.isfinite(estimate)
    return _quantiles(samples, *(np.where(usable, limit, np.nan) for limit in limits))


def _acceleration(jackknife: FloatArray) -> FloatArray:
    """Return the skewness of the jackknife influence values over 6; zero where the statistic never moves."""
    centred = np.nanmean(jackknife, axis=0) - jackknife if np.isfinite(jackknife).any() else np.zeros_like(jackknife)
    squares = np.nansum(centred**2, axis=0)
    cubes = np.nansum(centred**3, axis=0)
    moves = squares > 0
    return np.asarray(np.where(moves, cubes / (6 * np.where(moves, squares, 1.0) ** 1.5), 0.0))


def _quantiles(samples: FloatArray, low: FloatArray, high: FloatArray) -> Interval:
    """Return two quantiles of each column, at its own probabilities, linear between order statistics."""
    ordered = np.sort(samples, axis=0)  # NaN sorts last
    last = np.isfinite(ordered).sum(axis=0) - 1

    def at(probability: FloatArray) -> FloatArray:
        place = np.clip(np.nan_to_num(probability), 0, 1) * np.maximum(last, 0)
        below = np.floor(place).astype(np.int64)
        above = np.minimum(below + 1, np.maximum(last, 0))
        lower = np.take_along_axis(ordered, below[None], axis=0)[0]
        upper = np.take_along_axis(ordered, above[None], axis=0)[0]
        with np.errstate(invalid="ignore"):
            value = np.where(lower == upper, lower, lower + (place - below) * (upper - lower))
        return np.asarray(np.where((last < 0) | np.isnan(probability), np.nan, value))[()]

    if ordered.shape[0] == 0:
        nothing = np.full(ordered.shape[1:], np.nan)[()]
        return Interval(nothing, nothing)
    return Interval(at(low), at(high))


def _check_level(confidence_level: float) -> None:
    if not 0 < confidence_level < 1:
        raise ValueError("confidence_level must lie between 0 and 1")
