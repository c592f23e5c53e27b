"""How well a response model predicts: apparent, and corrected for optimism by refitting it in resampled patients."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from biomarker.analyses.response_fit import Floats, Refits
from biomarker.analyses.response_outcome import Outcome
from biomarker.kernels.calibration import RiskGroups, local_regression, risk_groups
from biomarker.kernels.interval import Interval
from biomarker.kernels.model_performance import binary_performance, ordinal_performance
from biomarker.kernels.resampling import Seed, chunk_size, expanded_level, patient_weights, percentile_interval

GRID = 40  # points of a calibration curve
FEWEST_RESAMPLES = 20  # that a correction may rest on


@dataclass(frozen=True, kw_only=True, eq=False)
class CalibrationCurve:
    """Observed against predicted risk of one class, or of a level above one cut.

    Attributes
    ----------
    label : str
        The level, and those above it; empty for two classes.
    predicted, observed : ndarray, shape (m,)
        The smooth curve of the rows the model was fitted to.
    corrected : ndarray, shape (m,)
        Minus the mean optimism of the resamples; NaN without resamples.
    groups : RiskGroups
    """

    label: str
    predicted: Floats
    observed: Floats
    corrected: Floats
    groups: RiskGroups


@dataclass(frozen=True, kw_only=True, eq=False)
class Performance:
    """Of a model, apparent and corrected; `limits` are of the corrected discrimination.

    `n_resamples` counts those that could be used: every level drawn, and the refit converged.
    """

    apparent: dict[str, float]
    corrected: dict[str, float]
    limits: Interval
    n_resamples: int
    curves: tuple[CalibrationCurve, ...]


def measure_performance(
    refit: Callable[[Floats], Refits],
    outcome: Outcome,
    design: Floats,
    units: NDArray[np.intp],
    *,
    n_resamples: int,
    rng: Seed,
    confidence_level: float,
) -> Performance:
    """Measure a model where it was fitted, and what is left without optimism [1]_.

    Parameters
    ----------
    refit : callable
        From weights of the units to log odds of every row.
    outcome : Outcome
    design : ndarray, shape (n, p)
        Of columns near unit scale, without an intercept.
    units : ndarray of int, shape (n,)
        What is resampled: the patient of each row, or the row itself.
    n_resamples : int
        0 for none: what is corrected is then NaN.
    rng : int, Generator or sequence of int
    confidence_level : float

    References
    ----------
    .. [1] Harrell FE, Lee KL, Mark DB. Multivariable prognostic models. Stat Med 1996;15:361-387.
    """
    n_units, n = int(units.max()) + 1, units.size
    fitted = refit(np.ones((1, n_units)))
    apparent = {name: float(value[0]) for name, value in _measure(fitted, outcome, None).items()}
    curves = _Curves(fitted, outcome)
    inside: list[dict[str, Floats]] = []
    outside: list[dict[str, Floats]] = []
    for weights in patient_weights(n_units, n_resamples, rng, chunk=chunk_size(n * GRID)):
        usable = _with_every_level(weights[:, units], outcome, design)
        if not usable.any():
            continue
        found = refit(weights[usable].astype(float))
        settled = np.isfinite(found.predictor).all(axis=1) & np.isfinite(found.cuts).all(axis=1)
        found = Refits(found.predictor[settled], found.cuts[settled])
        drawn = weights[usable][settled][:, units].astype(float)
        inside.append(_measure(found, outcome, drawn))
        outside.append(_measure(found, outcome, None))
        curves.add(found, drawn)
    return _summarise(apparent, inside, outside, curves, n_units, confidence_level)


def _summarise(
    apparent: dict[str, float],
    inside: list[dict[str, Floats]],
    outside: list[dict[str, Floats]],
    curves: _Curves,
    n_units: int,
    confidence_level: float,
) -> Performance:
    used = sum(next(iter(part.values())).size for part in inside)
    if used < FEWEST_RESAMPLES:
        nothing = dict.fromkeys(apparent, float("nan"))
        no_limits = Interval(float("nan"), float("nan"))
        return Performance(
            apparent=apparent, corrected=nothing, limits=no_limits, n_resamples=0, curves=curves.drawn(0)
        )
    corrected = {}
    for name, value in apparent.items():
        optimism = np.concatenate([part[name] for part in inside]) - np.concatenate([part[name] for part in outside])
        known = optimism[np.isfinite(optimism)]
        corrected[name] = value - float(known.mean()) if known.size >= FEWEST_RESAMPLES else float("nan")
    first = next(iter(apparent))  # the measure of discrimination
    samples = np.concatenate([part[first] for part in inside])
    low, high = percentile_interval(samples, expanded_level(confidence_level, n_units))
    shift = corrected[first] - float(np.nanmean(samples))
    limits = Interval(float(np.clip(low + shift, 0, 1)), float(np.clip(high + shift, 0, 1)))
    return Performance(
        apparent=apparent, corrected=corrected, limits=limits, n_resamples=used, curves=curves.drawn(used)
    )


def _measure(found: Refits, outcome: Outcome, weights: Floats | None) -> dict[str, Floats]:
    if outcome.is_ordinal:
        return ordinal_performance(found.predictor, outcome.codes, weights)._asdict()
    return binary_performance(found.predictor, outcome.codes, weights)._asdict()


def _with_every_level(weights: NDArray[np.int64], outcome: Outcome, design: Floats) -> NDArray[np.bool_]:
    """Tell which resamples have a row of each level of the response and can tell all predictors apart."""
    has_levels = (weights @ np.eye(int(outcome.codes.max()) + 1)[outcome.codes] > 0).all(axis=1)
    columns = np.column_stack([np.ones(design.shape[0]), design])
    products = columns[:, :, None] * columns[:, None, :]
    moments = (weights @ products.reshape(columns.shape[0], -1)).reshape(-1, columns.shape[1], columns.shape[1])
    least = np.linalg.eigvalsh(moments / np.maximum(weights.sum(axis=1), 1)[:, None, None])[:, 0]
    return np.asarray(has_levels & (least > 1e-9))


class _Curves:
    """Smooth calibration curves of the fit, and the running sum of their optimism."""

    def __init__(self, fitted: Refits, outcome: Outcome) -> None:
        self.outcome = outcome
        self.cuts = range(max(fitted.cuts.shape[1], 1))
        self.risks = [self._risk(fitted, cut)[0] for cut in self.cuts]
        self.places = [np.linspace(np.quantile(risk, 0.02), np.quantile(risk, 0.98), GRID) for risk in self.risks]
        self.optimism = [np.zeros(GRID) for _ in self.cuts]

    def _risk(self, found: Refits, cut: int) -> Floats:
        """Return the risk of a level above the cut."""
        below = found.cuts[:, cut][:, None] if self.outcome.is_ordinal else 0.0
        return np.asarray(expit(found.predictor - below))

    def _above(self, cut: int) -> Floats:
        return (self.outcome.codes > cut).astype(float)

    def add(self, found: Refits, weights: Floats) -> None:
        """Add the optimism of some refits: their curve in their own resample minus that in all patients."""
        for cut in self.cuts:
            risk, above, places = self._risk(found, cut), self._above(cut), self.places[cut]
            gap = local_regression(risk, above, places, weights) - local_regression(risk, above, places)
            self.optimism[cut] += np.nan_to_num(gap).sum(axis=0)

    def drawn(self, used: int) -> tuple[CalibrationCurve, ...]:
        """Return the curves, corrected by the mean optimism of `used` refits."""
        curves = []
        for cut in self.cuts:
            risk, above = self.risks[cut], self._above(cut)
            observed = local_regression(risk, above, self.places[cut])
            corrected = observed - self.optimism[cut] / used if used else np.full(GRID, np.nan)
            label = " or ".join(self.outcome.levels[cut + 1 :]) if self.outcome.is_ordinal else ""
            n_groups = int(np.clip(risk.size // 12, 2, 10))
            curves.append(
                CalibrationCurve(
                    label=label,
                    predicted=self.places[cut],
                    observed=np.clip(observed, 0, 1),
                    corrected=np.clip(corrected, 0, 1),
                    groups=risk_groups(risk, above, n_groups),
                )
            )
        return tuple(curves)
