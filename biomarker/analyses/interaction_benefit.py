"""The effect of treatment over overlapping windows of the marker, and what a marker-guided choice would gain."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import isnan, nan
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from biomarker.analyses.interaction_data import TwoArms
from biomarker.analyses.interaction_effects import independent_columns
from biomarker.analyses.result import Estimate
from biomarker.kernels.outcome_models import ContinuousOutcome, Fits
from biomarker.kernels.resampling import patient_weights, percentile_interval
from biomarker.kernels.treatment_selection import SelectionGain, predicted_benefit, selection_gain, window_weights

Floats = NDArray[np.float64]

WINDOW = 1 / 3  # of the patients in each window
WINDOWS = 12  # about as many windows
FEWEST_IN_WINDOW = 20
GRID = 60  # values of the marker at which curves are drawn
FEWEST_USABLE = 0.5  # of the resamples, for an interval


class MovingEffect(NamedTuple):
    """Effect of treatment in overlapping windows: coefficients, on the scale they were fitted on."""

    centres: Floats
    effect: Floats
    low: Floats  # pointwise
    high: Floats
    band_low: Floats  # simultaneous
    band_high: Floats
    size: int
    is_penalized: bool


class SelectionCurves(NamedTuple):
    """Predicted loss under each treatment over the marker."""

    marker: Floats
    share: Floats  # of the patients with a lower marker
    untreated: Floats  # (GRID, 3): value, low, high
    treated: Floats


def moving_effect(
    arms: TwoArms, *, n_resamples: int, rng: int | np.random.Generator, level: float
) -> MovingEffect | None:
    """Return the effect of treatment along the marker; None where it has too few values for windows.

    The simultaneous band is as wide as the largest of the standardised deviations of resampled effects.
    """
    size = max(round(WINDOW * arms.n), FEWEST_IN_WINDOW)
    if arms.marker.levels or arms.n < 2 * FEWEST_IN_WINDOW:
        return None
    windows, centres = window_weights(arms.raw, size, max(1, (arms.n - size) // WINDOWS))
    treated = windows @ arms.is_treated
    usable = (treated >= 2) & (windows.sum(axis=1) - treated >= 2)
    design = np.column_stack([arms.is_treated.astype(float), arms.extra])
    # a covariate that is the same for a whole window leaves no effect to estimate there, and no penalty helps
    usable &= np.array([len(independent_columns(design, row > 0)) == design.shape[1] for row in windows], bool)
    windows, centres = windows[usable], centres[usable]
    if len(centres) < 2:
        return None
    fits = arms.model.fit(design, windows)
    is_penalized = not fits.converged.all()
    if is_penalized:
        fits = arms.model.fit(design, windows, penalized=True)
    effect, error = _effects(fits)
    deviations = []
    for drawn in patient_weights(arms.n, n_resamples, rng):
        both = (drawn[:, None, :] * windows).reshape(-1, arms.n).astype(float)
        again, own = _effects(arms.model.fit(design, both, penalized=is_penalized))
        own = np.where(own > 0, own, nan)
        deviations.append(np.abs((again - np.tile(effect, len(drawn))) / own).reshape(len(drawn), -1))
    furthest = np.vstack(deviations)
    furthest = np.where(np.isnan(furthest), -np.inf, furthest).max(axis=1)
    furthest = furthest[np.isfinite(furthest)]
    df = np.array([arms.residual_df(design, row[None]) for row in windows])
    pointwise = stdtrit(df, (1 + level) / 2)
    # small windows fitted with a penalty vary less than their errors say: a band is never narrower than the limits
    wide = np.maximum(np.quantile(furthest, level), pointwise) * error if furthest.size else nan * error
    narrow = pointwise * error
    return MovingEffect(
        centres, effect, effect - narrow, effect + narrow, effect - wide, effect + wide, size, is_penalized
    )


def _effects(fits: Fits) -> tuple[Floats, Floats]:
    error = np.sqrt(np.where(fits.converged, fits.covariance[:, 0, 0], nan))
    return np.where(fits.converged, fits.coefficients[:, 0], nan), error


def selection(
    arms: TwoArms, *, is_penalized: bool, n_resamples: int, rng: int | np.random.Generator, level: float
) -> tuple[SelectionCurves, list[Estimate]]:
    """Return curves of the loss under each treatment, and what choosing by the marker gains, corrected for optimism."""
    design, everybody = arms.design(), np.ones(arms.n)
    at = np.unique(np.quantile(arms.raw, np.linspace(0, 1, GRID)))
    grid = _rows_at(arms, at)
    own = [arms.design(arm * everybody) for arm in (0.0, 1.0)]
    rows = [np.vstack([patients, curve]) for patients, curve in zip(own, grid, strict=True)]
    off, on = predicted_benefit(arms.model, design, rows[1], rows[0], penalized=is_penalized)
    ones = np.ones((1, arms.n))
    apparent = selection_gain(arms.model, (off - on)[:, : arms.n], arms.is_treated, ones)
    inside: list[SelectionGain] = []
    outside: list[SelectionGain] = []
    curves: list[tuple[Floats, Floats]] = []
    for drawn in patient_weights(arms.n, n_resamples, rng):
        weights = drawn.astype(float)
        without, given = predicted_benefit(arms.model, design, rows[1], rows[0], weights, penalized=is_penalized)
        benefit = (without - given)[:, : arms.n]
        inside.append(selection_gain(arms.model, benefit, arms.is_treated, weights))
        outside.append(selection_gain(arms.model, benefit, arms.is_treated, np.repeat(ones, len(weights), axis=0)))
        curves.append((without[:, arms.n :], given[:, arms.n :]))
    limits = [percentile_interval(np.vstack([pair[side] for pair in curves]), level) for side in (0, 1)]
    drawn_curves = [
        np.column_stack([values[0, arms.n :], limit.low, limit.high])
        for values, limit in zip((off, on), limits, strict=True)
    ]
    share = np.searchsorted(np.sort(arms.raw), at, side="right") / arms.n
    lines = list(_gain_lines(arms, apparent, _joined(inside), _joined(outside), level))
    return SelectionCurves(at, share, drawn_curves[0], drawn_curves[1]), lines


def _rows_at(arms: TwoArms, at: Floats) -> list[Floats]:
    """Return design rows at values of the marker in either arm, covariates at their means."""
    x = np.array([arms.in_unit(float(value)) for value in at]) if not arms.marker.levels else at
    rest = np.tile(arms.extra.mean(axis=0), (at.size, 1))
    about = x - arms.centre
    return [np.column_stack([np.full(at.size, arm), about, arm * about, rest]) for arm in (0.0, 1.0)]


def _joined(parts: list[SelectionGain]) -> SelectionGain:
    return SelectionGain(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _gain_lines(
    arms: TwoArms, apparent: SelectionGain, inside: SelectionGain, outside: SelectionGain, level: float
) -> Iterator[Estimate]:
    """Give each summary corrected for optimism, with percentile limits of which the lower is corrected likewise.

    The upper one is not: where the rule chooses the same treatment for all, a gain of 0 is the best that can be, and
    limits that are both shifted lie below it (they held it in 56 % of simulated trials of 150 patients).
    """
    treated, control = (str(name) for name in (arms.arms[1], arms.arms[0]))
    named = {
        "share_untreated": ("share_not_treated", {"arm": treated}),
        "over_all": ("benefit_of_marker_guidance", {"compared_with": f"{treated} for all"}),
        "over_none": ("benefit_of_marker_guidance", {"compared_with": f"{control} for all"}),
        "of_untreated": ("benefit_of_not_treating", {"arm": treated}),
        "of_treated": ("benefit_of_treating", {"arm": treated}),
    }
    for name, (quantity, of) in named.items():
        drawn, again, value = (getattr(gain, name) for gain in (inside, outside, apparent))
        known = np.isfinite(drawn) & np.isfinite(again)
        is_tuned = name != "share_untreated"  # a share of patients is not tuned to their outcomes
        optimism = float(np.mean((drawn - again)[known])) if is_tuned and known.any() else 0.0
        corrected = float(value[0]) - optimism
        enough = known.mean() >= FEWEST_USABLE and not isnan(corrected)
        low, high = percentile_interval(drawn[known], level) if enough else (nan, nan)
        is_share = not is_tuned or not isinstance(arms.model, ContinuousOutcome)
        shown = {"n": arms.n, "unit": "fraction" if is_share else ""}
        yield Estimate(
            quantity=quantity,
            value=corrected,
            low=min(float(low), float(low) - optimism, corrected),
            high=max(float(high), float(high) - optimism, corrected),
            of=of,
            **shown,  # type: ignore[arg-type]
        )
        if name in ("over_all", "over_none"):
            yield Estimate(quantity=f"{quantity}_apparent", value=float(value[0]), of=of, **shown)  # type: ignore[arg-type]


def unobserved(gains: Sequence[Estimate]) -> str:
    """Say why a gain has no estimate or no interval, where one has none."""
    if not any(isnan(line.low) and not line.quantity.endswith("_apparent") for line in gains):
        return ""
    return (
        "A gain of marker-guided treatment without an estimate or an interval could not be observed, in these data or "
        "in most resamples: those for whom the marker would choose a treatment are nobody, all in one arm, or not "
        "followed up for long enough."
    )
