"""What a Cox model's concordance will be in new patients: whole patients resampled, the model refitted every time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from biomarker.kernels.concordance import PairCounts, pair_counts
from biomarker.kernels.cox_newton import fit_many
from biomarker.kernels.follow_up import Floats, check_follow_up
from biomarker.kernels.resampling import Seed, patient_weights
from biomarker.kernels.risk_sets import risk_sets

NO_INFORMATION = 0.5
ENOUGH = 1e-6  # Newton decrement of a refit: patients are only ranked by it
PARTS = ("inside", "original", "left_out")  # where a refitted model is tried


class ResampledConcordance(NamedTuple):
    """Concordance of the models refitted in each resample, shape (n_resamples,); NaN where there is no pair."""

    inside: Floats  # in the resample itself
    original: Floats  # in all patients
    left_out: float  # in the patients not drawn, their pairs pooled over the resamples


def resampled_concordances(
    design: ArrayLike,
    duration: ArrayLike,
    event: ArrayLike,
    *,
    n_resamples: int,
    rng: Seed = 0,
    patients: ArrayLike | None = None,
    strata: ArrayLike | None = None,
    entry: ArrayLike | None = None,
    ties: str = "efron",
    penalized: bool = False,
    weightings: Sequence[str] = ("harrell",),
    until: float | None = None,
) -> dict[str, ResampledConcordance]:
    """Refit a Cox model in resampled patients, and see how it ranks them and others.

    Patients drawn twice count twice, and are not taken as tied with themselves. Resamples are fitted and ranked
    together, some at a time; the numbers do not depend on how many.

    Parameters
    ----------
    design : array_like, shape (n, p)
    duration, event, strata, entry, ties
        As in `risk_sets`.
    n_resamples : int
    rng : int, sequence of int, SeedSequence or Generator
        See `biomarker.kernels.resampling.seed_sequence`.
    patients : array_like of int, shape (n,), optional
        The patient of each row, 0 to K-1; each row its own by default.
    penalized : bool
        Whether the model is fitted with Firth's penalty.
    weightings : sequence of {"harrell", "uno"}
        Which concordances are wanted of the same refits.
    until : float, optional
        As in `biomarker.kernels.concordance.concordance`.

    Returns
    -------
    dict of str to ResampledConcordance
        One for each of `weightings`.
    """
    x = np.asarray(design, float)
    t, happened, start = check_follow_up(duration, event, entry)
    patient = np.arange(t.size) if patients is None else np.asarray(patients, np.intp)
    stratum = np.zeros(t.size, np.intp) if strata is None else np.asarray(strata, np.intp)
    sets = risk_sets(t, happened, strata=stratum, entry=start, ties=ties)
    of_rows = (t, happened, start, stratum)
    shares: dict[tuple[str, str], list[Floats]] = {(name, part): [] for name in weightings for part in PARTS}
    for drawn in patient_weights(int(patient.max()) + 1, n_resamples, rng):
        weights = drawn[:, patient].astype(float)
        has_events = (weights * happened).sum(axis=1) > 0
        risk = np.full(weights.shape, np.nan)
        if has_events.any():
            fits = fit_many(x, sets, weights=weights[has_events], penalized=penalized, enough=ENOUGH)
            risk[has_events] = fits.coefficients @ x.T
        known = np.isfinite(risk).all(axis=1)
        every = np.ones(weights.shape)
        seen_in = {"inside": weights, "original": every, "left_out": (weights == 0) * every}
        for (name, part), found in shares.items():
            found.append(_shares(risk, seen_in[part], known, of_rows, name, until))
    return {name: _resampled(*(shares[name, part] for part in PARTS)) for name in weightings}


def _resampled(inside: list[Floats], original: list[Floats], left_out: list[Floats]) -> ResampledConcordance:
    if not inside:
        return ResampledConcordance(np.zeros(0), np.zeros(0), float("nan"))
    pooled = np.nansum(np.concatenate(left_out, axis=1), axis=1)
    return ResampledConcordance(
        _ratio(np.concatenate(inside, axis=1)), _ratio(np.concatenate(original, axis=1)), float(_ratio(pooled))
    )


def bootstrap_632_plus(apparent: float, left_out: float) -> float:
    """Weigh apparent and left-out concordance by how far the first overfits [1]_; no information is 0.5.

    References
    ----------
    .. [1] Efron B, Tibshirani R. Improvements on cross-validation: the .632+ bootstrap method. J Am Stat Assoc
       1997;92:548-560, formulas 28 to 32.

    Examples
    --------
    >>> round(bootstrap_632_plus(0.70, 0.64), 4), bootstrap_632_plus(0.6, 0.4)
    (0.6574, 0.5)
    """
    outside = max(left_out, NO_INFORMATION)
    overfits = apparent > NO_INFORMATION and outside < apparent
    overfitting = (apparent - outside) / (apparent - NO_INFORMATION) if overfits else 0.0
    weight = 0.632 / (1 - 0.368 * overfitting)
    return float((1 - weight) * apparent + weight * outside)


def harrell_optimism(resampled: ResampledConcordance) -> float:
    """Return the mean excess of concordance in the resample over that in all patients [1]_.

    References
    ----------
    .. [1] Harrell FE, Lee KL, Mark DB. Multivariable prognostic models. Stat Med 1996;15:361-387.
    """
    excess = resampled.inside - resampled.original
    known = excess[np.isfinite(excess)]
    return float(known.mean()) if known.size else float("nan")


def _shares(
    risk: Floats,
    weights: Floats,
    known: NDArray[np.bool_],
    of_rows: tuple[Floats, Floats, Floats | None, NDArray[np.intp]],
    weighting: str,
    until: float | None,
) -> Floats:
    """Return concordant pairs (ties half) and all pairs of each resample, shape (2, B)."""
    t, happened, start, stratum = of_rows
    n_strata = int(stratum.max()) + 1
    resample, row = np.nonzero((weights > 0) & known[:, None])
    found = np.full((2, known.size), np.nan)
    if resample.size == 0:
        return found
    counts: PairCounts = pair_counts(
        t[row],
        happened[row],
        risk[resample, row],
        weights[resample, row],
        group=resample * n_strata + stratum[row],
        entry=None if start is None else start[row],
        weighting=weighting,
        until=until,
    )
    for place, values in enumerate((counts.concordant + counts.tied / 2, sum(counts))):
        found[place] = np.bincount(resample, weights=values, minlength=known.size)
    found[:, ~known] = np.nan
    return found


def _ratio(shares: Floats | Sequence[float]) -> Floats:
    concordant, pairs = np.asarray(shares, float)
    with np.errstate(invalid="ignore", divide="ignore"):  # no pair: the documented NaN
        return np.asarray(np.where(pairs > 0, concordant / pairs, np.nan))
