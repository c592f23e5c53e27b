"""Are hazards proportional? Score tests of a trend in time, and Schoenfeld residuals that show its shape."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtrc
from scipy.stats import rankdata

from biomarker.kernels.follow_up import Floats, check_follow_up
from biomarker.kernels.partial_likelihood import ChiSquare, StratumDesign, quadratic_test, stratum_designs
from biomarker.kernels.risk_sets import EventSums, event_sums, over_events, risk_sets
from biomarker.kernels.spline import restricted_cubic_basis
from biomarker.kernels.survival import kaplan_meier

TRANSFORMS = ("km", "identity", "log", "rank")
SMOOTH_KNOTS = 4  # a restricted cubic spline of four knots and an intercept: the four degrees of freedom R draws
SMOOTH_POINTS = 60


class ScaledResiduals(NamedTuple):
    """Scaled Schoenfeld residuals, one row an event in order of time."""

    time: Floats  # (n_events,)
    position: Floats  # (n_events,): the time transformed
    value: Floats  # (n_events, n_terms): of the log hazard ratio at that time; of a term of several columns, its share
    variance: Floats  # (n_terms,): of one residual


class SmoothCourse(NamedTuple):
    """A smooth curve through residuals: position on the transformed time axis, value, and its standard error."""

    position: Floats
    value: Floats
    std_error: Floats


def transformed_time(
    duration: ArrayLike, event: ArrayLike, *, entry: ArrayLike | None = None, transform: str = "km"
) -> Floats:
    """Return the function of time in which a trend is looked for, at the duration of each patient.

    Parameters
    ----------
    duration, event, entry
        As in `biomarker.kernels.survival.kaplan_meier`.
    transform : {"km", "identity", "log", "rank"}
        One minus the Kaplan-Meier estimate just before the time, the time, its logarithm, or its rank among all
        durations, as in R's ``cox.zph``.

    Returns
    -------
    ndarray, shape (n,)

    Raises
    ------
    ValueError
        For an unknown transform, or the logarithm of a duration of 0.
    """
    t = check_follow_up(duration, event, entry).duration
    if transform == "km":
        curve = kaplan_meier(duration, event, entry=entry)
        before = np.concatenate([[1.0], curve.survival])
        return np.asarray(1 - before[np.searchsorted(curve.time, t, side="left")])
    if transform == "log" and np.any(t == 0):
        raise ValueError("a duration of 0 has no logarithm")
    if transform not in TRANSFORMS:
        raise ValueError(f"unknown transform {transform!r}: one of {', '.join(TRANSFORMS)}")
    if transform == "rank":
        return np.asarray(rankdata(t), float)
    return np.log(t) if transform == "log" else t


def proportional_hazards_tests(
    design: ArrayLike,
    coefficients: ArrayLike,
    duration: ArrayLike,
    event: ArrayLike,
    *,
    terms: Sequence[Sequence[int]],
    strata: ArrayLike | None = None,
    entry: ArrayLike | None = None,
    ties: str = "efron",
    transform: str = "km",
) -> tuple[list[ChiSquare], ChiSquare]:
    """Test proportional hazards: score tests of adding each term times a function of time [1]_.

    This is the test of R's `cox.zph` since survival 3.0. Unlike the older one on scaled Schoenfeld residuals, which
    lifelines has, it does not assume that the variance of the predictors stays the same over time.

    Parameters
    ----------
    design, coefficients
        As in `partial_likelihood`, the coefficients at their maximum.
    duration, event, strata, entry, ties
        As in `risk_sets`.
    terms : sequence of sequence of int
        Columns of the design that make up each term (one for a number, several for a category).
    transform : {"km", "identity", "log", "rank"}
        See `transformed_time`.

    Returns
    -------
    list of ChiSquare
        One test per term; NaN where the model with it added is not identified.
    ChiSquare
        All terms together.

    References
    ----------
    .. [1] Grambsch PM, Therneau TM. Proportional hazards tests and diagnostics based on weighted residuals.
       Biometrika 1994;81:515-526.
    """
    parts = _parts(design, coefficients, duration, event, strata, entry, ties)
    of_time = transformed_time(duration, event, entry=entry, transform=transform)
    at_events = [of_time[d.sets.rows[d.sets.events]] for d, _ in parts]
    centre = np.concatenate(at_events).mean()
    p = np.asarray(coefficients).size
    score, blocks = np.zeros(p), [np.zeros((p, p)) for _ in range(3)]
    for (own, sums), g in zip(parts, at_events, strict=True):
        powers = [np.ones(g.size), g - centre, (g - centre) ** 2]
        score += (own.x[0][:, own.sets.events] - sums.mean[0]) @ powers[1]
        blocks = [total + _information(own, sums, w) for total, w in zip(blocks, powers, strict=True)]
    information = np.block([[blocks[0], blocks[1]], [blocks[1], blocks[2]]])
    full_score = np.concatenate([np.zeros(p), score])
    tests = [_added(full_score, information, p, columns) for columns in terms]
    return tests, _added(full_score, information, p, [j for columns in terms for j in columns])


def scaled_residuals(
    design: ArrayLike,
    coefficients: ArrayLike,
    duration: ArrayLike,
    event: ArrayLike,
    *,
    terms: Sequence[Sequence[int]],
    strata: ArrayLike | None = None,
    entry: ArrayLike | None = None,
    ties: str = "efron",
    transform: str = "km",
) -> ScaledResiduals:
    """Return what each event says of the log hazard ratio at its time [1]_.

    Parameters
    ----------
    design, coefficients, duration, event, terms, strata, entry, ties, transform
        As in `proportional_hazards_tests`. A term of several columns is taken as its linear predictor, whose
        coefficient is 1.

    Returns
    -------
    ScaledResiduals
        As in R's ``cox.zph(fit)$y``.

    References
    ----------
    .. [1] Grambsch PM, Therneau TM. Biometrika 1994;81:515-526.
    """
    beta = np.asarray(coefficients, float)
    parts = _parts(design, beta, duration, event, strata, entry, ties)
    of_time = transformed_time(duration, event, entry=entry, transform=transform)
    combine = np.zeros((beta.size, len(terms)))
    for place, columns in enumerate(terms):
        combine[list(columns), place] = 1.0 if len(columns) == 1 else beta[list(columns)]
    raw, times, positions, total = [], [], [], np.zeros((beta.size, beta.size))
    counted = np.zeros((len(terms), len(terms)))  # events that tell of both of two terms
    for own, sums in parts:
        sets = own.sets
        counts = np.diff(sets.tie_starts, append=sets.events.size)
        means = np.add.reduceat(sums.mean[0], sets.tie_starts, axis=1) / counts
        told = np.array([bool(np.ptp(own.x[0][list(columns)], axis=1).any()) for columns in terms])
        residual = (own.x[0][:, sets.events] - means[:, sets.event_time]).T @ combine
        raw.append((residual, told))
        counted += sets.events.size * np.outer(told, told)
        times.append(sets.times[sets.event_time])
        positions.append(of_time[sets.rows[sets.events]])
        total += _information(own, sums, np.ones(sets.events.size))
    time = np.concatenate(times)
    of_one = combine.T @ total @ combine / np.maximum(counted, 1)
    residual = np.concatenate([_scaled(values, told, of_one) for values, told in raw])
    centre = [beta[columns[0]] if len(columns) == 1 else 1.0 for columns in terms]
    order = np.argsort(time, kind="stable")
    variance = np.diag(_inverse(of_one)).copy()
    return ScaledResiduals(time[order], np.concatenate(positions)[order], (residual + centre)[order], variance)


def smooth_course(residuals: ScaledResiduals, term: int) -> SmoothCourse:
    """Fit a natural cubic spline with four degrees of freedom through the residuals of a term, as R draws it.

    Returns
    -------
    SmoothCourse
        Empty where there are too few different times for the spline.
    """
    known = np.isfinite(residuals.value[:, term])
    at, y = residuals.position[known], residuals.value[known, term]
    empty = np.zeros(0)
    if np.unique(at).size <= SMOOTH_KNOTS:
        return SmoothCourse(empty, empty, empty)
    knots = np.quantile(at, np.linspace(0, 1, SMOOTH_KNOTS))
    if not np.all(np.diff(knots) > 0):
        return SmoothCourse(empty, empty, empty)
    grid = np.linspace(at[0], at[-1], SMOOTH_POINTS)
    fitted, drawn = (np.column_stack([np.ones(v.size), restricted_cubic_basis(v, knots)]) for v in (at, grid))
    upper = np.linalg.qr(fitted)[1]
    spread = np.linalg.solve(upper.T, drawn.T)
    value = drawn @ np.linalg.lstsq(fitted, y, rcond=None)[0]
    return SmoothCourse(grid, value, np.sqrt(residuals.variance[term] * (spread**2).sum(axis=0)))


def _scaled(residual: Floats, told: NDArray[np.bool_], of_one: Floats) -> Floats:
    """Scale the residuals of a stratum; NaN for a term that does not vary in it, and says nothing there."""
    found = np.full(residual.shape, np.nan)
    found[:, told] = residual[:, told] @ _inverse(of_one[np.ix_(told, told)])
    return found


def _inverse(matrix: Floats) -> Floats:
    try:
        return np.asarray(np.linalg.inv(matrix))
    except np.linalg.LinAlgError:
        return np.full(matrix.shape, np.nan)


def _parts(
    design: ArrayLike,
    coefficients: ArrayLike,
    duration: ArrayLike,
    event: ArrayLike,
    strata: ArrayLike | None,
    entry: ArrayLike | None,
    ties: str,
) -> list[tuple[StratumDesign, EventSums]]:
    x, beta = np.asarray(design, float), np.asarray(coefficients, float)
    sets = risk_sets(duration, event, strata=strata, entry=entry, ties=ties)
    return [
        (own, event_sums(own.x, (beta @ own.x[0])[None], own.sets))
        for own in stratum_designs((x - x.mean(axis=0)).T[None], sets)
    ]


def _information(own: StratumDesign, sums: EventSums, weight: Floats) -> Floats:
    """Return the information with each event counted `weight` times."""
    exposure = over_events((weight / sums.total)[:, None], sums, own.sets)[0, 0]
    x, mean = own.x[0], sums.mean[0]
    return np.asarray((x * (sums.risk[0] * exposure)) @ x.T - (mean * weight) @ mean.T)


def _added(score: Floats, information: Floats, p: int, columns: Sequence[int]) -> ChiSquare:
    """Score test of adding some columns times time to the fitted model."""
    kept = np.concatenate([np.arange(p), np.asarray(columns) + p])
    block = information[np.ix_(kept, kept)]
    variance = np.diag(block)
    scale = np.sqrt(np.maximum(variance, 0))
    if not np.all(scale > 0) or np.linalg.cond(block / np.outer(scale, scale)) > 1e12:
        return ChiSquare(float("nan"), len(columns), float("nan"))
    statistic = quadratic_test(score[kept], block).statistic
    return ChiSquare(statistic, len(columns), float(chdtrc(len(columns), statistic)))
