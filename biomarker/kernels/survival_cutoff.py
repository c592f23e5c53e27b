"""A cutoff that parts survival best, chosen in the data and again in every resample of patients."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from biomarker.kernels.follow_up import Floats
from biomarker.kernels.log_rank_scan import MarkedFollowUp, Scan, log_rank_scores, scan_cutoffs
from biomarker.kernels.resampling import Seed, chunk_size, patient_weights
from biomarker.kernels.two_group_hazard import log_hazard_ratio


class ResampledCutoffs(NamedTuple):
    """Cutoffs chosen in B resamples, and the log hazard ratios (Firth) each gives; NaN where there is none."""

    cutoffs: Floats
    inside: Floats  # in the resample that chose the cutoff
    original: Floats  # in the data as they are
    outside: Floats  # in the patients that were not drawn


CORRECTIONS = (".632+", "ordinary")


class Corrected(NamedTuple):
    """Log hazard ratio less its optimism, and how much that is."""

    value: float
    optimism: float


def best_cutoffs(data: MarkedFollowUp, scan: Scan, *, higher_is_positive: bool = True) -> Floats:
    """Value of the marker that is the best cutoff of each data set.

    It is the lowest value of the upper group, or where low values are positive the highest of the lower group; the
    first of tied optima.

    Returns
    -------
    ndarray, shape (B,)
        NaN where no cutoff was tried.
    """
    size = np.abs(scan.z)
    known = ~np.isnan(size).all(axis=1)
    best = np.argmax(np.where(np.isnan(size), -1.0, size), axis=1)
    if higher_is_positive:
        here = np.take_along_axis(scan.below, best[:, None], axis=1)
        later = scan.below > here  # levels that nobody of a resample has are passed over
        level = np.where(later.any(axis=1), later.argmax(axis=1), data.levels.size - 1)
    else:
        level = best
    return np.asarray(np.where(known, data.levels[level], np.nan))


def is_positive(data: MarkedFollowUp, cutoffs: Floats, *, higher_is_positive: bool) -> NDArray[np.bool_]:
    """Patients whose marker is on the positive side of each cutoff, shape (B, n)."""
    values = np.empty(data.event.size)
    values[data.by_marker] = np.repeat(data.levels, np.diff(data.level_starts, append=data.event.size))
    return values >= cutoffs[:, None] if higher_is_positive else values <= cutoffs[:, None]


def resample_survival_cutoffs(
    data: MarkedFollowUp,
    n_resamples: int,
    rng: Seed,
    *,
    lowest_share: float = 0.1,
    highest_share: float = 0.9,
    higher_is_positive: bool = True,
    ties: str = "log-rank",
) -> ResampledCutoffs:
    """Draw patients with replacement, choose the cutoff anew, and try it where it was chosen and where it was not.

    Parameters
    ----------
    data : MarkedFollowUp
    n_resamples : int
    rng : int, sequence of int, SeedSequence or Generator
    lowest_share, highest_share, ties
        As in `scan_cutoffs` and `log_rank_scores`.
    higher_is_positive : bool

    Returns
    -------
    ResampledCutoffs
        Arrays of shape (n_resamples,).
    """
    n = data.event.size
    parts: list[tuple[Floats, Floats, Floats, Floats]] = []
    for drawn in patient_weights(n, n_resamples, rng, chunk=chunk_size(4 * n)):
        weights = drawn.astype(float)
        scores = log_rank_scores(data, weights, ties=ties)
        scan = scan_cutoffs(data, scores, weights, lowest_share=lowest_share, highest_share=highest_share)
        cutoffs = best_cutoffs(data, scan, higher_is_positive=higher_is_positive)
        positive = is_positive(data, cutoffs, higher_is_positive=higher_is_positive)
        ratios = (
            log_hazard_ratio(data, positive, given).value
            for given in (weights, np.ones_like(weights), (weights == 0).astype(float))
        )
        unknown = np.isnan(cutoffs)
        parts.append((cutoffs, *(np.where(unknown, np.nan, ratio) for ratio in ratios)))  # type: ignore[arg-type]
    return ResampledCutoffs(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def without_optimism(apparent: float, resampled: ResampledCutoffs, *, correction: str = ".632+") -> Corrected:
    """Take off what a log hazard ratio gains by the choice of its cutoff.

    A cutoff is chosen for an effect in either direction, so all is measured towards the side on which the ratio of
    each resample lies. "ordinary" takes off the mean of the ratio where the cutoff was chosen less that in the data as
    they are [1]_. ".632+" weighs the apparent ratio with the mean in patients not drawn, the latter all the more the
    nearer it comes to no effect [2]_; that a ratio of patients not drawn has the wrong sign counts as none.

    Parameters
    ----------
    apparent : float
        Log hazard ratio at the cutoff chosen in the data.
    resampled : ResampledCutoffs
    correction : {".632+", "ordinary"}

    Returns
    -------
    Corrected
        NaN without a resample to learn from.

    References
    ----------
    .. [1] Harrell FE, Lee KL, Mark DB. Stat Med 1996;15:361-387.
    .. [2] Efron B, Tibshirani R. Improvements on cross-validation: the .632+ bootstrap method. J Am Stat Assoc
       1997;92:548-560.
    """
    if correction not in CORRECTIONS:
        raise ValueError(f"unknown correction {correction!r}: one of {', '.join(CORRECTIONS)}")
    side, size = np.sign(resampled.inside), abs(apparent)
    other = resampled.original if correction == "ordinary" else resampled.outside
    gains = side * (resampled.inside - other)
    known = ~np.isnan(gains)
    if not known.any() or np.isnan(apparent):
        return Corrected(np.nan, np.nan)
    if correction == "ordinary":
        value = size - float(gains[known].mean())
    else:
        elsewhere = max(0.0, float((side * other)[known].mean()))
        overfit = float(np.clip((size - elsewhere) / size, 0, 1)) if size else 0.0
        weight = 0.632 / (1 - 0.368 * overfit)
        value = (1 - weight) * size + weight * min(elsewhere, size)
    return Corrected(float(np.copysign(1.0, apparent) * value), size - value)
