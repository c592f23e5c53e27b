"""Bands that hold a whole survival curve: Hall and Wellner's, and Nair's of equal precision."""

from __future__ import annotations

import numpy as np
from scipy.linalg import eigh
from scipy.optimize import brentq
from scipy.special import ndtri

from biomarker.kernels.follow_up import Floats
from biomarker.kernels.interval import Interval
from biomarker.kernels.survival import SurvivalCurve, survival_limits

BANDS = ("hall-wellner", "equal-precision")

# Nodes and terms that settle the probabilities below to ten digits for any part of a curve.
NODES, TERMS, OSCILLATOR_TERMS = 200, 80, 40
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(NODES)


def survival_band(
    curve: SurvivalCurve, *, band: str = "hall-wellner", conf_type: str = "log-log", confidence_level: float = 0.95
) -> Interval:
    """Band that holds the whole curve, from the first event to the last, with the given confidence [1]_ [2]_ [3]_.

    With n patients and Greenwood's sum G(t), ``a = n G / (1 + n G)`` runs from 0 to 1, and the estimate over the truth
    behaves like a Brownian bridge in a. Hall and Wellner's band has the half-width ``k (1 + n G) / sqrt(n)`` on the
    scale of log S, and that of equal precision is pointwise limits drawn apart, ``e sqrt(G)``; both are carried to
    `conf_type` as pointwise limits are.

    Parameters
    ----------
    curve : SurvivalCurve
    band : {"hall-wellner", "equal-precision"}
    conf_type : {"log-log", "log", "plain", "logit", "arcsin"}
        Scale on which the band is symmetric; the log-log scale keeps its coverage with few patients [3]_.
    confidence_level : float
        That the whole curve lies within, a fraction in (0, 1).

    Returns
    -------
    Interval
        Arrays of shape (n_times,) as the curve's; NaN before the first event and once survival is 0, where no such band
        is defined, and everywhere without events.

    Raises
    ------
    ValueError
        For a band or scale that is not known.

    References
    ----------
    .. [1] Hall WJ, Wellner JA. Confidence bands for a survival curve from censored data. Biometrika 1980;67:133-143.
    .. [2] Nair VN. Confidence bands for survival functions with censored data: a comparative study. Technometrics
       1984;26:265-275.
    .. [3] Borgan Ø, Liestøl K. A note on confidence intervals and bands for the survival function based on
       transformations. Scand J Stat 1990;17:35-41.
    """
    if band not in BANDS:
        raise ValueError(f"unknown band {band!r}: one of {', '.join(BANDS)}")
    inside = (curve.survival < 1) & (curve.survival > 0)
    low, high = np.full(curve.time.shape, np.nan), np.full(curve.time.shape, np.nan)
    if inside.any():
        n = float((curve.events + curve.censored).sum())
        survival, std_error = curve.survival[inside], curve.std_error[inside]
        scaled = n * (std_error / survival) ** 2
        share = scaled / (1 + scaled)
        if band == "hall-wellner":
            critical = hall_wellner_critical_value(share[0], share[-1], confidence_level)
            half_width = critical * (1 + scaled) / np.sqrt(n)
        else:
            half_width = equal_precision_critical_value(share[0], share[-1], confidence_level) * np.sqrt(scaled / n)
        low[inside], high[inside] = survival_limits(survival, half_width, conf_type=conf_type)
    return Interval(low, high)


def hall_wellner_critical_value(low: float, high: float, confidence_level: float = 0.95) -> float:
    """Value that a Brownian bridge does not exceed in size between `low` and `high`, with the given confidence.

    Between the two times the bridge is Brownian motion killed at plus and minus k, whose transition density is a sum
    of cosines; what lies before and after is normal. The series is summed, so that no table is needed.

    Parameters
    ----------
    low, high : float
        ``0 < low <= high < 1``.
    confidence_level : float

    Returns
    -------
    float

    Examples
    --------
    Over nearly all of [0, 1] it is Kolmogorov's 1.358.

    >>> print(f"{hall_wellner_critical_value(1e-9, 1 - 1e-9):.3f}")
    1.358
    """
    _check_range(low, high, confidence_level)
    alone = _normal_quantile(confidence_level) * np.sqrt(low * (1 - low))
    if high - low < 1e-12:
        return float(alone)
    return float(brentq(lambda k: _bridge_stays(k, low, high) - confidence_level, 0.3 * alone + 1e-3, 4.0, xtol=1e-10))


def equal_precision_critical_value(low: float, high: float, confidence_level: float = 0.95) -> float:
    """Value that a Brownian bridge over its own SD does not exceed in size between `low` and `high`.

    In the time ``log(a / (1 - a)) / 2`` that quotient is a stationary Ornstein-Uhlenbeck process; the chance that it
    stays within plus and minus d is a sum over the eigenfunctions of its generator with walls there, found by
    the method of Ritz. Nair's formula, which tables and SAS hold, is the approximation of it for large d.

    Parameters
    ----------
    low, high : float
        ``0 < low <= high < 1``.
    confidence_level : float

    Returns
    -------
    float

    Examples
    --------
    >>> print(f"{equal_precision_critical_value(0.3, 0.3):.3f}, {equal_precision_critical_value(0.1, 0.9):.3f}")
    1.960, 3.052
    """
    _check_range(low, high, confidence_level)
    duration = 0.5 * np.log(high * (1 - low) / ((1 - high) * low))
    alone = _normal_quantile(confidence_level)
    if duration < 1e-12:
        return alone
    return float(brentq(lambda d: _process_stays(d, duration) - confidence_level, 0.9 * alone, 12.0, xtol=1e-10))


def _check_range(low: float, high: float, confidence_level: float) -> None:
    if not 0 < low <= high < 1:
        raise ValueError("need 0 < low <= high < 1")
    if not 0 < confidence_level < 1:
        raise ValueError("confidence_level is a fraction between 0 and 1")


def _normal_quantile(confidence_level: float) -> float:
    return float(ndtri((1 + confidence_level) / 2))


def _nodes(limit: float) -> tuple[Floats, Floats]:
    return np.asarray(limit * _NODES, np.float64), np.asarray(limit * _WEIGHTS, np.float64)


def _cosines(x: Floats, limit: float) -> tuple[Floats, Floats]:
    """Return even functions that vanish at the walls, shape (TERMS, n), and their frequencies."""
    frequency = np.asarray((2 * np.arange(1, TERMS + 1) - 1) * np.pi / (2 * limit), np.float64)
    return np.asarray(np.cos(frequency[:, None] * x), np.float64), frequency


def _bridge_stays(limit: float, low: float, high: float) -> float:
    """Chance that a Brownian bridge stays within the limit between two times."""
    ends = []
    for variance in (low, 1 - high):
        # nodes where the normal density is, which is narrow for an early first event
        x, weight = _nodes(min(limit, 9 * np.sqrt(variance)))
        cosines, frequency = _cosines(x, limit)
        ends.append(cosines @ (weight * np.exp(-(x**2) / (2 * variance)) / np.sqrt(2 * np.pi * variance)))
    survives = np.exp(-(frequency**2) * (high - low) / 2)
    return float(np.sqrt(2 * np.pi) * np.sum(ends[0] * ends[1] * survives) / limit)


def _process_stays(limit: float, duration: float) -> float:
    """Chance that a stationary Ornstein-Uhlenbeck process of correlation exp(-|s|) stays within the limit."""
    x, weight = _nodes(limit)
    cosines, frequency = _cosines(x, limit)
    cosines, frequency = cosines[:OSCILLATOR_TERMS] / np.sqrt(limit), frequency[:OSCILLATOR_TERMS]
    # Made symmetric by the root of the stationary density, the generator is a harmonic oscillator's.
    oscillator = np.diag(frequency**2) + (cosines * (weight * (x**2 / 4 - 0.5))) @ cosines.T
    rates, functions = eigh(oscillator)
    start = functions.T @ (cosines @ (weight * np.exp(-(x**2) / 4) / (2 * np.pi) ** 0.25))
    return float(np.sum(start**2 * np.exp(-rates * duration)))
