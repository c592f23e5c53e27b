"""Sums of falling exponentials fitted to one activity curve: amplitudes, rates, and what follows from them."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq, least_squares
from scipy.special import stdtrit

from biomarker.kernels.interval import Interval

Floats = NDArray[np.float64]
WEIGHTS = ("proportional", "constant", "1/y", "1/y2")
_TOLERANCE = 1e-14
_GRID = 14  # rates tried as starting values
_N_STARTS = 4
_STEEPEST = 300.0  # logarithm of the largest amplitude or rate that is told from none
_FARTHEST = 8  # half-widths of the delta interval that a profile is followed


class ExponentialFit(NamedTuple):
    """A fit of ``sum(amplitude * exp(-rate * time))``, fastest term first.

    Attributes
    ----------
    amplitudes, rates : ndarray of float, shape (terms,)
        In the unit of the values, and per unit of time.
    rss : float
        Weighted residual sum of squares; of logarithms where errors are proportional.
    n : int
        Points.
    covariance : ndarray of float, shape (2 terms, 2 terms)
        Of the logarithms of amplitudes, then rates; NaN where no degrees of freedom are left.
    reason : str
        Empty where the fit can be used; otherwise why not.
    """

    amplitudes: Floats
    rates: Floats
    rss: float
    n: int
    covariance: Floats
    reason: str

    @property
    def df(self) -> int:
        """Residual degrees of freedom."""
        return self.n - 2 * self.rates.size

    @property
    def parameters(self) -> Floats:
        """Logarithms of amplitudes, then rates."""
        theta: Floats = np.log(np.concatenate([self.amplitudes, self.rates]))
        return theta


def fit_exponentials(
    time: ArrayLike, value: ArrayLike, n_terms: int, *, weights: str | ArrayLike = "constant"
) -> ExponentialFit:
    """Fit a sum of exponentials by least squares, with amplitudes and rates held positive.

    Starting values come from a grid of rates with the amplitudes solved linearly, so that none have to be given; the
    best few are refined by Levenberg-Marquardt on the logarithms of the parameters.

    Parameters
    ----------
    time, value : array_like of float, shape (n,)
    n_terms : int
        1 or more; needs at least ``2 n_terms`` distinct times.
    weights : {"constant", "proportional", "1/y", "1/y2"} or array_like of float, shape (n,)
        "proportional" minimises squares of logarithms: errors in proportion to the true value. "1/y" and "1/y2" weigh
        squares by the measured value, or its square.

    Returns
    -------
    ExponentialFit

    Raises
    ------
    ValueError
        If there are too few points, values are not positive where weights need it, or nothing is finite.

    Examples
    --------
    >>> fit = fit_exponentials([1, 2, 4, 8, 16], [81.87, 67.03, 44.93, 20.19, 4.076], 1)
    >>> print(f"{fit.amplitudes[0]:.1f}, half-life {np.log(2) / fit.rates[0]:.3f}")
    100.0, half-life 3.466
    """
    t, y = _checked(time, value, n_terms)
    scale = _scales(y, weights)
    found = [_refine(start, t, y, scale) for start in _starts(t, y, n_terms, scale)]
    best = min(found, key=lambda fit: fit[1])
    theta = np.clip(_sorted(best[0]), -_STEEPEST, _STEEPEST)  # a term that vanished may have run away
    amplitudes, rates = np.exp(theta[:n_terms]), np.exp(theta[n_terms:])
    rss = _rss(theta, t, y, scale)
    covariance = _covariance(_jacobian(theta, t, y, scale), rss, t.size - 2 * n_terms)
    return ExponentialFit(amplitudes, rates, rss, t.size, covariance, _fault(amplitudes, rates, t))


def aicc(rss: ArrayLike, n: int, n_parameters: int) -> NDArray[np.float64]:
    """Return Akaike's criterion with the correction for small samples, the variance counted as a parameter [1]_.

    Infinite where the correction is undefined, so that such a model is never chosen.

    References
    ----------
    .. [1] Hurvich CM, Tsai CL. Biometrika 1989;76:297-307.
    """
    k = n_parameters + 1
    if n - k - 1 <= 0:
        return np.full_like(np.asarray(rss, dtype=np.float64), np.inf)
    with np.errstate(divide="ignore"):
        value: NDArray[np.float64] = n * np.log(np.asarray(rss, np.float64) / n) + 2 * k + 2 * k * (k + 1) / (n - k - 1)
    return value


Quantity = Callable[[NDArray[np.complexfloating] | Floats], "NDArray[np.complexfloating] | Floats"]


def delta_interval(fit: ExponentialFit, quantity: Quantity, *, confidence_level: float = 0.95) -> Interval:
    """Return t limits of a quantity on the scale it is returned on, such as a logarithm, by the delta method.

    Parameters
    ----------
    fit : ExponentialFit
    quantity : callable
        Of the logarithms of amplitudes and rates; made of functions that take complex numbers, since its gradient is
        had by a complex step.
    confidence_level : float

    Returns
    -------
    Interval
        NaN where the fit has no degrees of freedom.
    """
    theta = fit.parameters
    step = 1e-30
    gradient = np.array([quantity(theta + 1j * step * unit).imag / step for unit in np.eye(theta.size)])
    if fit.df < 1:
        return Interval(np.nan, np.nan)
    half_width = float(stdtrit(fit.df, (1 + confidence_level) / 2) * np.sqrt(gradient @ fit.covariance @ gradient))
    centre = float(np.real(quantity(theta)))
    return Interval(centre - half_width, centre + half_width)


def profile_interval(
    fit: ExponentialFit,
    quantity: Quantity,
    time: ArrayLike,
    value: ArrayLike,
    *,
    weights: str | ArrayLike = "constant",
    confidence_level: float = 0.95,
) -> Interval:
    """Return limits of a quantity where the sum of squares, the other parameters refitted, has grown by ``1 + t²/df``.

    Parameters
    ----------
    fit, quantity
        As in `delta_interval`.
    time, value, weights
        What the fit was made of.
    confidence_level : float

    Returns
    -------
    Interval
        Infinite on a side where the sum of squares stays below that, so that the data set no limit.

    References
    ----------
    Bates DM, Watts DG. Nonlinear regression analysis and its applications. New York: Wiley; 1988, chapter 6.
    """
    near = delta_interval(fit, quantity, confidence_level=confidence_level)
    if not np.isfinite(near.low) or near.high <= near.low:
        return Interval(np.nan, np.nan)
    t, y = np.asarray(time, dtype=np.float64), np.asarray(value, dtype=np.float64)
    scale = _scales(y, weights)
    allowed = fit.rss * (1 + float(stdtrit(fit.df, (1 + confidence_level) / 2)) ** 2 / fit.df)
    centre = float(np.real(quantity(fit.parameters)))
    pull = 1e4 * np.sqrt(fit.rss / fit.df) / (near.high - near.low)

    def limit(step: float) -> float:
        """Walk outward in steps, each fit starting from the last, until the sum of squares is too large."""
        theta, inner = fit.parameters, centre
        for _ in range(4 * _FARTHEST):
            outer = inner + step / 4
            onward = _held(theta, quantity, outer, pull, t, y, scale)
            if not _rss(onward, t, y, scale) <= allowed:

                def excess(place: float, start: Floats = theta) -> float:
                    return _rss(_held(start, quantity, place, pull, t, y, scale), t, y, scale) - allowed

                ends = excess(inner), excess(outer)
                if not ends[0] < 0 < ends[1]:
                    return float("nan")
                return float(brentq(excess, inner, outer, xtol=1e-10 * max(1.0, abs(centre))))
            theta, inner = onward, outer
        return float(np.copysign(np.inf, step))

    return Interval(limit(near.low - centre), limit(near.high - centre))


def _held(
    start: Floats, quantity: Quantity, place: float, pull: float, t: Floats, y: Floats, scale: Floats | None
) -> Floats:
    """Return the parameters that fit best with a quantity held at a value, by a residual that pulls it there."""

    def residuals(theta: Floats) -> Floats:
        held = pull * (float(np.real(quantity(theta))) - place)
        return np.append(_residuals(theta, t, y, scale), held)

    def jacobian(theta: Floats) -> Floats:
        gradient = np.array([quantity(theta + 1e-30j * unit).imag / 1e-30 for unit in np.eye(theta.size)])
        return np.vstack([_jacobian(theta, t, y, scale), pull * gradient])

    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        found = least_squares(residuals, start, jac=jacobian, method="lm", xtol=1e-13, ftol=1e-13, gtol=1e-13)
    solution: Floats = found.x
    return solution


def _checked(time: ArrayLike, value: ArrayLike, n_terms: int) -> tuple[Floats, Floats]:
    t, y = np.asarray(time, dtype=np.float64), np.asarray(value, dtype=np.float64)
    if t.shape != y.shape or t.ndim != 1:
        raise ValueError("one value a time: two arrays of one length")
    if not (np.isfinite(t).all() and np.isfinite(y).all()):
        raise ValueError("times and values are finite; leave missing ones out and count them")
    if n_terms < 1 or np.unique(t).size < 2 * n_terms:
        raise ValueError(f"{n_terms} exponential terms need {2 * max(n_terms, 1)} times; there are {np.unique(t).size}")
    return t, y


def _scales(y: Floats, weights: str | ArrayLike) -> Floats | None:
    """Return what residuals are multiplied by, or None where they are those of logarithms."""
    if not isinstance(weights, str):
        given = np.asarray(weights, dtype=np.float64)
        if given.shape != y.shape or not np.all(given > 0) or not np.isfinite(given).all():
            raise ValueError("weights are positive, one a value")
        return np.sqrt(given)
    if weights not in WEIGHTS:
        raise ValueError(f"no weights {weights!r}; there are {', '.join(WEIGHTS)}")
    if weights != "constant" and np.any(y <= 0):
        raise ValueError(f'weights "{weights}" need positive values')
    if weights == "proportional":
        return None
    power = {"constant": 0.0, "1/y": -0.5, "1/y2": -1.0}[weights]
    scale: Floats = np.power(y, power) if power else np.ones_like(y)
    return scale


def _starts(t: Floats, y: Floats, n_terms: int, scale: Floats | None) -> list[Floats]:
    """Return the best few sets of starting values over a grid of rates, amplitudes by linear least squares."""
    later = np.diff(np.unique(t))
    grid = np.geomspace(0.1 / max(float(np.ptp(t)), later.min()), 3 / later.min(), _GRID)
    rates = np.array(list(combinations(grid[::-1], n_terms)))
    weight = 1 / np.maximum(np.abs(y), 1e-6 * np.abs(y).max() + 1e-300) if scale is None else scale
    design = np.exp(-rates[:, None, :] * t[:, None]) * weight[:, None]
    amplitudes = np.einsum("cij,j->ci", np.linalg.pinv(design), y * weight)
    typical = max(float(np.abs(y).max()), 1e-300)
    amplitudes = np.maximum(amplitudes, 1e-3 * typical)
    theta = np.log(np.hstack([amplitudes, rates]))
    model = np.einsum("ci,cji->cj", amplitudes, design)
    order = np.argsort(np.sum((model - y * weight) ** 2, axis=1))[:_N_STARTS]
    return [theta[place] for place in order]


def _refine(start: Floats, t: Floats, y: Floats, scale: Floats | None) -> tuple[Floats, float]:
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        found = least_squares(
            _residuals, start, jac=_jacobian, method="lm", args=(t, y, scale),
            xtol=_TOLERANCE, ftol=_TOLERANCE, gtol=_TOLERANCE, max_nfev=2000,
        )  # fmt: skip
    cost = 2 * float(found.cost)
    return found.x, cost if np.isfinite(cost) else np.inf


def _terms(theta: Floats, t: Floats) -> Floats:
    half = theta.size // 2
    amplitudes, rates = np.exp(np.clip(theta[:half], -600, 600)), np.exp(np.clip(theta[half:], -600, 600))
    terms: Floats = amplitudes * np.exp(-np.minimum(rates * t[:, None], 700))
    return terms


def _residuals(theta: Floats, t: Floats, y: Floats, scale: Floats | None) -> Floats:
    model = _terms(theta, t).sum(axis=1)
    residuals: Floats = np.log(model) - np.log(y) if scale is None else scale * (model - y)
    return residuals


def _rss(theta: Floats, t: Floats, y: Floats, scale: Floats | None) -> float:
    return float(np.sum(_residuals(theta, t, y, scale) ** 2))


def _jacobian(theta: Floats, t: Floats, y: Floats, scale: Floats | None) -> Floats:  # noqa: ARG001 - one signature for scipy
    terms = _terms(theta, t)
    rates = np.exp(np.clip(theta[theta.size // 2 :], -600, 600))
    by_rate = -terms * np.minimum(rates * t[:, None], 700)
    factor = 1 / terms.sum(axis=1) if scale is None else scale
    return np.hstack([terms, by_rate]) * factor[:, None]


def _sorted(theta: Floats) -> Floats:
    half = theta.size // 2
    order = np.argsort(-theta[half:])
    return np.concatenate([theta[:half][order], theta[half:][order]])


def _covariance(jacobian: Floats, rss: float, df: int) -> Floats:
    n_parameters = jacobian.shape[1]
    if df < 1:
        return np.full((n_parameters, n_parameters), np.nan)
    size = np.linalg.norm(jacobian, axis=0)  # one scale, so that the inverse is as exact as it can be
    size[size == 0] = 1.0
    inverse = np.linalg.pinv((jacobian / size).T @ (jacobian / size), hermitian=True) / np.outer(size, size)
    covariance: Floats = inverse * rss / df
    return covariance


def _fault(amplitudes: Floats, rates: Floats, t: Floats) -> str:
    """Say why a fit is no sum of so many falling exponentials; "" where it is."""
    if np.any(rates * np.ptp(t) < 1e-3):
        return "the activity does not fall"
    if np.any(amplitudes < 1e-6 * amplitudes.sum()) or np.any(rates[:-1] < 1.02 * rates[1:]):
        return "fewer terms fit as well"
    positive = t[t > 0]
    is_gone = rates * (positive.min() if 0 not in t else np.diff(np.unique(t)).min()) > 30
    return "a term has vanished before the first sample" if is_gone.any() else ""
