"""How much of a data-driven cutoff's performance is chance, and what is left without it.

A cutoff chosen where the data look best looks better there than it is. Three estimates of what it will do in new
patients are here, each with whole patients drawn or held out and the cutoff chosen anew every time:

.632+ bootstrap
    Apparent performance and performance in patients not drawn, weighed by how far the first overfits [1]_. The one to
    report: over 20 to 100 patients, nested or not, and markers from useless to good, its bias on Youden's J stayed
    within 0.015 and its root mean squared error was the smallest or nearly so.
repeated cross-validation
    For a marker that is independent of the class, what happens to held-out patients does not depend on the cutoff
    chosen without them, so that the expected J is exactly 0; the estimate varies more than that of the bootstrap.
ordinary bootstrap
    Apparent performance minus the mean optimism of the resamples [2]_. It is here because it is what papers report. It
    removes too little from a maximum over cutoffs: a resample's patients are also in the data it is tried on, and for a
    useless marker about ``1 - 1/sqrt(2)``, that is 29 %, of the apparent J remains.

`tests/kernels/test_optimism.py` holds the simulation.

References
----------
.. [1] Efron B, Tibshirani R. Improvements on cross-validation: the .632+ bootstrap method. J Am Stat Assoc
1997;92:548-560.
.. [2] Harrell FE, Lee KL, Mark DB. Multivariable prognostic models. Stat Med 1996;15:361-387.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .cutoff import CutoffRule, ResampledCutoffs, choose_cutoff, choose_for_weights
from .cutoff_criteria import Counts
from .interval import Interval
from .resampling import Seed, chunk_size, fold_numbers, percentile_interval
from .weighted_roc import MarkerRows

FloatArray = NDArray[np.float64]


class Performance(NamedTuple):
    """What a cutoff achieves: fractions, but `youden` in [-1, 1]; floats, or arrays of one shape."""

    sensitivity: FloatArray
    specificity: FloatArray
    ppv: FloatArray
    npv: FloatArray
    accuracy: FloatArray
    youden: FloatArray


def performance(counts: Counts) -> Performance:
    """Return what the 2x2 tables amount to; NaN for 0/0.

    Examples
    --------
    Dehdashti et al. 2018, 89Zr-trastuzumab: 25 true positives, 5 false positives, 8 false negatives, 8 true negatives.

    >>> achieved = performance(Counts(*(np.asarray(count, float) for count in (25, 5, 8, 8))))
    >>> print(f"{achieved.ppv:.3f} {achieved.npv:.3f} {achieved.youden:.3f}")
    0.833 0.500 0.373
    """
    tp, fp, fn, tn = (np.asarray(count, float) for count in counts)
    with np.errstate(invalid="ignore", divide="ignore"):
        sensitivity, specificity = tp / (tp + fn), tn / (tn + fp)
        return Performance(
            sensitivity=sensitivity,
            specificity=specificity,
            ppv=tp / (tp + fp),
            npv=tn / (tn + fn),
            accuracy=(tp + tn) / (tp + fp + fn + tn),
            youden=sensitivity + specificity - 1,
        )


def _at_prevalence(sensitivity: float, specificity: float, prevalence: float) -> Performance:
    """Return the performance that follows from sensitivity, specificity and the prevalence in the data."""
    tp, fn = prevalence * sensitivity, prevalence * (1 - sensitivity)
    tn, fp = (1 - prevalence) * specificity, (1 - prevalence) * (1 - specificity)
    return performance(Counts(*(np.asarray(cell, float) for cell in (tp, fp, fn, tn))))


def apparent_performance(rows: MarkerRows, rule: CutoffRule) -> Performance:
    """Return what the chosen cutoff achieves in the data it was chosen in."""
    return performance(choose_cutoff(rows, rule).counts)


def cross_validated_counts(
    rows: MarkerRows,
    rule: CutoffRule,
    *,
    n_folds: int = 10,
    n_repeats: int = 50,
    rng: Seed = 0,
) -> Counts:
    """Classify every patient's rows by a cutoff chosen without that patient, over and over.

    Parameters
    ----------
    rows : MarkerRows
        From `weighted_roc.marker_rows`.
    rule : CutoffRule
        How the cutoff is chosen from the other folds.
    n_folds : int
        Folds of whole patients, dealt evenly by class; at most one a patient.
    n_repeats : int
        How often the patients are dealt anew.
    rng : int, sequence of int, SeedSequence or Generator
        See `resampling.seed_sequence`.

    Returns
    -------
    Counts
        Arrays of shape (n_repeats,): the held-out 2x2 tables summed over the folds. A fold whose training patients
        lack a class, or leave no admissible cutoff, is left out, so that a table may hold fewer rows than the data.

    Raises
    ------
    ValueError
        If there are fewer than two patients or folds.
    """
    n_folds = min(n_folds, rows.n_patients)
    folds = fold_numbers(rows.n_patients, n_folds, n_repeats, rng, strata=rows.patient_classes())
    at_once = chunk_size(rows.n_rows)
    numbers = np.arange(n_folds)
    training = (
        (fold[None, :] != numbers[first : first + at_once, None]).astype(np.int64)
        for fold in folds
        for first in range(0, n_folds, at_once)
    )
    held_out = choose_for_weights(rows, rule, training).left_out
    return Counts(*(np.nansum(count.reshape(n_repeats, n_folds), axis=1) for count in held_out))


def cross_validated_performance(counts: Counts) -> Performance:
    """Return the performance of held-out tables: one from the sum over repeats, so that its parts fit together."""
    return performance(Counts(*(np.sum(count, axis=-1) for count in counts)))


def ordinary_bootstrap(apparent: Performance, resampled: ResampledCutoffs) -> Performance:
    """Subtract from each apparent value its mean optimism: in the resample minus in all patients, at one cutoff."""
    inside, original = performance(resampled.inside), performance(resampled.original)
    optimism = [_mean(here - there) for here, there in zip(inside, original, strict=True)]
    return Performance(*(value - excess for value, excess in zip(apparent, optimism, strict=True)))


def left_out_performance(resampled: ResampledCutoffs) -> Performance:
    """Return the performance in the patients not drawn, their rows pooled over the resamples."""
    return performance(Counts(*(np.asarray(np.nansum(count)) for count in resampled.left_out)))


def bootstrap_632_plus(apparent: Performance, resampled: ResampledCutoffs, prevalence: float) -> Performance:
    """Weigh apparent and left-out performance by the relative overfitting of Youden's J [1]_.

    A marker without information has J = 0, which is the no-information rate here. One weight serves sensitivity and
    specificity, and the rest follow from these two at the prevalence of the data.

    References
    ----------
    .. [1] Efron B, Tibshirani R. J Am Stat Assoc 1997;92:548-560, formulas 28 to 32.

    Examples
    --------
    With nothing left outside, only the left-out performance counts.

    >>> none = Counts(*(np.array([count]) for count in (5.0, 5.0, 5.0, 5.0)))
    >>> drawn = ResampledCutoffs(np.ones(1), np.ones(1), none, none, none, 0)
    >>> seen = performance(Counts(*(np.array(count) for count in (8.0, 2.0, 2.0, 8.0))))
    >>> float(bootstrap_632_plus(seen, drawn, 0.5).youden)
    0.0
    """
    outside = left_out_performance(resampled)
    j_apparent, j_outside = float(apparent.youden), max(float(outside.youden), 0.0)
    overfits = j_apparent > 0 and j_outside < j_apparent
    overfitting = (j_apparent - j_outside) / j_apparent if overfits else 0.0
    weight = 0.632 / (1 - 0.368 * overfitting)
    sensitivity = (1 - weight) * apparent.sensitivity + weight * outside.sensitivity
    specificity = (1 - weight) * apparent.specificity + weight * outside.specificity
    return _at_prevalence(float(sensitivity), float(specificity), prevalence)


def corrected_interval(
    samples: ArrayLike, apparent: float, limits: Interval, corrected: float, confidence_level: float = 0.95
) -> Interval:
    """Interval of an optimism-corrected value: two intervals of the apparent one, moved down by its optimism.

    One is that of the resamples [1]_, which knows that the cutoff was chosen, but comes out short because resamples
    repeat patients; the other is that of the proportion at the chosen cutoff, which knows the patients, but not the
    choice. The wider side of either is taken. Simulated (``tests/coverage/cutoff.py --performance``), mostly
    94 to 99 % from 15 patients on (sensitivity at 15 patients of one class each: 90 %; at 10: 82 %), where the first
    alone covers 83 to 99 %. The variant was chosen by that same simulation.

    Parameters
    ----------
    samples : array_like, shape (n_resamples,)
        The apparent value in each resample, its cutoff chosen there.
    apparent : float
        The apparent value.
    limits : Interval
        Its interval, as if the cutoff had been given.
    corrected : float
        The optimism-corrected value.
    confidence_level : float
        Two-sided coverage of the percentiles of `samples`, a fraction in (0, 1).

    Returns
    -------
    Interval
        Kept within [-1, 1].

    References
    ----------
    .. [1] Noma H, Shinozaki T, Iba K, Teramukai S, Furukawa TA. Confidence intervals of prediction accuracy measures
       for multivariable prediction models based on the bootstrap-based optimism correction methods. Stat Med
       2021;40:5691-5701.
    """
    shift = _mean(np.asarray(samples, float)) - corrected
    low, high = percentile_interval(samples, confidence_level)
    lows = [low - shift, limits.low - apparent + corrected]
    highs = [high - shift, limits.high - apparent + corrected]
    if np.isnan(lows).all():
        return Interval(float("nan"), float("nan"))
    return Interval(float(np.clip(np.nanmin(lows), -1, 1)), float(np.clip(np.nanmax(highs), -1, 1)))


def selection_frequency(cutoffs: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Return each cutoff that was ever chosen, ascending, and the share of resamples that chose it.

    Examples
    --------
    >>> [part.tolist() for part in selection_frequency([2.0, 3.0, 2.0, float("nan"), 2.0])]
    [[2.0, 3.0], [0.75, 0.25]]
    """
    chosen = np.asarray(cutoffs, float)
    values, times = np.unique(chosen[np.isfinite(chosen)], return_counts=True)
    return values, times / max(times.sum(), 1)


def _mean(values: FloatArray) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if known.size else float("nan")
