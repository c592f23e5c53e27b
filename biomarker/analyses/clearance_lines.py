"""The fits of each patient's curve and their lines: half-lives, areas, clearance and volumes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from biomarker.analyses.activity_curves import Curve, Curves
from biomarker.analyses.result import Estimate
from biomarker.errors import DesignError
from biomarker.kernels.curve_area import area_to_infinity, value_at_zero
from biomarker.kernels.exponentials import ExponentialFit, aicc, delta_interval, fit_exponentials, profile_interval
from biomarker.kernels.nuclides import decay

MOST_TERMS = 3
_PERCENT_UNITS = ("%ID/L", "%ID")
_VOLUMES = {"%ID/L": "L", "kBq/mL": "L"}


@dataclass(frozen=True, kw_only=True, eq=False)
class FittedCurve:
    """A patient's samples and their fit; `fit` is None where none could be used, and `reason` says why."""

    curve: Curve
    fit: ExponentialFit | None
    reason: str
    criteria: Mapping[int, float]  # AICc by number of terms; infinite where undefined


@dataclass(frozen=True, kw_only=True, eq=False)
class FittedCurves:
    """All patients' fits with one number of terms, and how that number was had."""

    curves: tuple[FittedCurve, ...]
    terms: int
    totals: Mapping[int, float]  # AICc of the patients compared, together


def fitted_curves(curves: Curves, terms: int | str, weights: str) -> FittedCurves:
    """Fit every curve, with the number of terms given or chosen for all.

    Raises
    ------
    DesignError
        If not one curve can be fitted.
    """
    _require_positive(curves, weights)
    numbers = range(1, MOST_TERMS + 1) if terms == "auto" else [int(terms)]
    tried: list[dict[int, ExponentialFit | str]] = [
        {m: _tried(curve, m, weights) for m in numbers} for curve in curves.curves
    ]
    squares = [_least_squares(fits) for fits in tried]
    sizes = [curve.time.size for curve in curves.curves]
    criteria = [
        {m: float(aicc(rss, n, 2 * m)) for m, rss in own.items()} for n, own in zip(sizes, squares, strict=True)
    ]
    chosen, totals = _chosen(squares, sizes) if terms == "auto" else (int(terms), {})
    fitted = []
    for curve, fits, own in zip(curves.curves, tried, criteria, strict=True):
        fit = fits[chosen]
        if isinstance(fit, str):
            fitted.append(FittedCurve(curve=curve, fit=None, reason=fit, criteria=own))
        else:
            fitted.append(FittedCurve(curve=curve, fit=None if fit.reason else fit, reason=fit.reason, criteria=own))
    if all(one.fit is None for one in fitted):
        reasons = "; ".join(f"{one.curve.name}: {one.reason}" for one in fitted[:4])
        raise DesignError(f"no curve can be fitted by {_counted(chosen)} ({reasons})")
    return FittedCurves(curves=tuple(fitted), terms=chosen, totals=totals)


def _counted(terms: int) -> str:
    return f"{terms} exponential{'s' * (terms != 1)}"


def _require_positive(curves: Curves, weights: str) -> None:
    if weights == "constant":
        return
    for curve in curves.curves:
        for time, value in zip(curve.time, curve.value, strict=True):
            if value <= 0:
                raise DesignError(
                    f"{curve.name} has an activity of {value:g} at {time:g} {curves.time_unit}, which has no logarithm "
                    f'and no weight under weights = "{weights}"; mark what is below the limit of detection in a column '
                    'and give below_lod, or use weights = "constant"'
                )


def _tried(curve: Curve, terms: int, weights: str) -> ExponentialFit | str:
    if curve.time.size < 2 * terms:
        samples = f"{curve.time.size} sample{'s' * (curve.time.size != 1)}"
        return f"{samples} where {_counted(terms)} need{'s' * (terms == 1)} {2 * terms}"
    return fit_exponentials(curve.time, curve.value, terms, weights=weights)


def _least_squares(fits: Mapping[int, ExponentialFit | str]) -> dict[int, float]:
    """Return the sum of squares by number of terms; more terms fit no worse, if only by vanishing."""
    found, least = {}, np.inf
    for terms, fit in fits.items():
        if not isinstance(fit, str):
            least = min(least, fit.rss)
            found[terms] = least
    return found


def _chosen(squares: list[dict[int, float]], sizes: list[int]) -> tuple[int, dict[int, float]]:
    """Return the number of terms with the lowest AICc of all patients together, each with parameters of its own.

    One error variance is taken to be common to them. Summing the criteria of single patients would charge the
    correction for small samples once a patient, and would never see the second phase in seven samples. Compared are
    the numbers that half of the patients have samples for, on the patients that have samples for all of those.
    """
    candidates = [m for m in squares[0] or {1: 0.0} if np.mean([m in own for own in squares]) >= 0.5]
    compared = [(own, n) for own, n in zip(squares, sizes, strict=True) if all(m in own for m in candidates)]
    n_samples = sum(n for _, n in compared)
    totals = {}
    for m in candidates if compared else ():
        total = float(aicc(sum(own[m] for own, _ in compared), n_samples, 2 * m * len(compared)))
        if total < np.inf:
            totals[m] = total
    return (min(totals, key=lambda m: (totals[m], m)) if totals else 1), totals


def dose_of(curves: Curves, dose: float | str | None) -> list[float]:
    """Return the dose of each curve; NaN where none is known.

    Raises
    ------
    DesignError
        If a dose is not positive, or a patient has two.
    """
    if dose is None:
        return [100.0 if curves.unit in _PERCENT_UNITS else np.nan] * len(curves.curves)
    if isinstance(dose, str):
        found = []
        for curve in curves.curves:
            values = np.unique(curve.others[dose])
            if values.size > 1 or not values[0] > 0:
                shown = ", ".join(f"{value:g}" for value in values[:4])
                raise DesignError(f"{curve.name} has a {dose} of {shown}; give one positive dose a patient")
            found.append(float(values[0]))
        return found
    if isinstance(dose, bool) or not isinstance(dose, int | float) or not 0 < dose < np.inf:
        raise DesignError(f"dose is {dose!r}; give a positive number, or the column that holds it")
    return [float(dose)] * len(curves.curves)


Log = Callable[[Any], Any]


def curve_lines(
    fitted: FittedCurve,
    curves: Curves,
    doses: list[float],
    *,
    weights: str,
    area: str,
    interval: str,
    confidence_level: float,
) -> list[Estimate]:
    """Return every line of one patient."""
    curve, fit = fitted.curve, fitted.fit
    dose = doses[next(place for place, one in enumerate(curves.curves) if one is curve)]
    lines = [
        Estimate(quantity="aicc", value=value, n=curve.time.size, of={**curve.of, "terms": terms})
        for terms, value in fitted.criteria.items()
        if np.isfinite(value)
    ]
    if fit is not None:

        def line(quantity: str, log: Log, unit: str, of: Mapping[str, Any], *, logit: bool = False) -> Estimate:
            if interval == "profile":
                limits = profile_interval(
                    fit, log, curve.time, curve.value, weights=weights, confidence_level=confidence_level
                )
            else:
                limits = delta_interval(fit, log, confidence_level=confidence_level)
            at = [float(np.real(log(fit.parameters))), limits.low, limits.high]
            with np.errstate(over="ignore"):  # a limit that the data do not set is infinite
                value, low, high = 1 / (1 + np.exp(np.negative(at))) if logit else np.exp(at)
            return Estimate(
                quantity=quantity, value=value, low=low, high=high, n=curve.time.size, unit=unit, of={**curve.of, **of}
            )

        lines += [line(*parts, logit=parts[0] == "phase_fraction") for parts in _quantities(fit, curves, dose)]
    return [*lines, *_model_free(curve, curves, area)]


def _quantities(fit: ExponentialFit, curves: Curves, dose: float) -> list[tuple[str, Log, str, dict[str, Any]]]:
    """Return name, logarithm (logit of a fraction) as a function of the fit's parameters, unit and `of`."""
    m, time = fit.rates.size, curves.time_unit
    found: list[tuple[str, Log, str, dict[str, Any]]] = []
    named = np.isfinite(curves.physical)
    for i in range(m):
        of = {"phase": i + 1}
        found.append(("half_life_biologic" if named else "half_life", _log_half_life(m, i), time, of))
        if named:
            found.append(("half_life_effective", _log_effective(m, i, np.log(2) / curves.physical), time, of))
        if m > 1:
            found.append(("phase_fraction", _logit_fraction(i, m), "fraction", of))
    found.append(("auc", lambda p: np.log(_moment(p, 1)), f"{curves.unit}·{time}" * bool(curves.unit), {}))
    if named:
        rate = np.log(2) / curves.physical
        area_unit = f"{curves.unit}·{time}" * bool(curves.unit)
        found.append(("auc_decaying", lambda p: np.log(_decaying_area(p, rate)), area_unit, {}))
    found.append(("mean_residence_time", lambda p: np.log(_moment(p, 2) / _moment(p, 1)), time, {}))
    if np.isfinite(dose):
        volume = _VOLUMES.get(curves.unit, "")
        found += [
            ("clearance", lambda p: np.log(dose / _moment(p, 1)), f"{volume}/{time}" * bool(volume), {}),
            ("central_volume", lambda p: np.log(dose / _moment(p, 0)), volume, {}),
            ("steady_state_volume", lambda p: np.log(dose * _moment(p, 2) / _moment(p, 1) ** 2), volume, {}),
        ]
    return found


def _moment(parameters: Any, power: int) -> Any:  # noqa: ANN401 - real numbers, or complex ones for a gradient
    """Return the sum of amplitudes over a power of their rates: value at zero, area, area under the first moment."""
    half = parameters.size // 2
    return np.sum(np.exp(parameters[:half] - power * parameters[half:]))


def _decaying_area(parameters: Any, rate: float) -> Any:  # noqa: ANN401
    """Return the area to infinity with the rate of decay added to each rate."""
    half = parameters.size // 2
    return np.sum(np.exp(parameters[:half]) / (np.exp(parameters[half:]) + rate))


def _log_half_life(m: int, i: int) -> Log:
    return lambda p: np.log(np.log(2)) - p[m + i]


def _log_effective(m: int, i: int, physical_rate: float) -> Log:
    return lambda p: np.log(np.log(2)) - np.log(np.exp(p[m + i]) + physical_rate)


def _logit_fraction(i: int, m: int) -> Log:
    others = [j for j in range(m) if j != i]
    return lambda p: p[i] - np.log(np.sum(np.exp(p[others])))


def _model_free(curve: Curve, curves: Curves, area: str) -> list[Estimate]:
    """Return the area by trapezoids from time zero, its share beyond the last sample, and the terminal half-life."""
    time, value = with_zero(curve.time, curve.value)
    found = area_to_infinity(time, value, rule=area, with_peak=True)
    unit = f"{curves.unit}·{curves.time_unit}" * bool(curves.unit)
    half_life = np.log(2) / found.slope.rate if found.slope.rate > 0 else np.nan
    share = found.beyond_last / found.total if found.total > 0 else np.nan
    of = {**curve.of, "points": found.slope.n_points}
    decaying = []
    if np.isfinite(curves.physical):
        left = area_to_infinity(time, value * decay(curves.physical, time), rule=area, with_peak=True).total
        decaying = [Estimate(quantity="auc_trapezoid_decaying", value=left, n=curve.time.size, unit=unit, of=curve.of)]
    return [
        Estimate(quantity="auc_trapezoid", value=found.total, n=curve.time.size, unit=unit, of=curve.of),
        *decaying,
        Estimate(quantity="auc_beyond_last", value=share, n=curve.time.size, unit="fraction", of=curve.of),
        Estimate(quantity="half_life_terminal", value=half_life, n=of["points"], unit=curves.time_unit, of=curve.of),
    ]


def with_zero(time: NDArray[np.float64], value: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return a curve that begins at time zero, by the line through the logarithms of its first two samples."""
    if time[0] == 0:
        return time, value
    return np.append(0.0, time), np.append(value_at_zero(time, value), value)
