"""Patlak plot: net influx and volume of distribution of a tissue, from its activity and that of plasma."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtrit

from biomarker.kernels.curve_area import cumulative_area, value_at_zero
from biomarker.kernels.interval import Interval

Floats = NDArray[np.float64]
WEIGHTS = ("constant", "plasma", "1/y2")
FEWEST_POINTS = 3


class PatlakPoints(NamedTuple):
    """Points of a plot: `x` the area under plasma over plasma (time), `y` tissue over plasma."""

    x: Floats
    y: Floats


class PatlakLine(NamedTuple):
    """A line through the points from t*.

    Attributes
    ----------
    slope, intercept : float
        Net influx Ki, per unit of time; and V_T, a pure number.
    slope_interval, intercept_interval : Interval
        t limits with `n_points` - 2 degrees of freedom; NaN for two points.
    r2 : float
    max_error : float
        Largest deviation of a point, as a share of the line's value.
    first : int
        Index of the first point on the line.
    n_points : int
    """

    slope: float
    intercept: float
    slope_interval: Interval
    intercept_interval: Interval
    r2: float
    max_error: float
    first: int
    n_points: int


def patlak_points(
    plasma_time: ArrayLike, plasma: ArrayLike, time: ArrayLike, tissue: ArrayLike, *, rule: str = "linear_up_log_down"
) -> PatlakPoints:
    """Return the points of a Patlak plot [1]_.

    Parameters
    ----------
    plasma_time, plasma : array_like of float, shape (m,)
        Strictly rising times and positive activities, corrected for decay. Before the first sample plasma is taken to
        fall along the line through the logarithms of the first two.
    time, tissue : array_like of float, shape (n,)
        Times, each one of plasma's, and activity of the tissue in the unit of plasma's.
    rule : {"linear_up_log_down", "linear"}
        Of the area under plasma.

    Returns
    -------
    PatlakPoints
        Shape (n,).

    Raises
    ------
    ValueError
        If plasma is not positive, or lacks a time of the tissue.

    References
    ----------
    .. [1] Patlak CS, Blasberg RG, Fenstermacher JD. J Cereb Blood Flow Metab 1983;3:1-7.

    Examples
    --------
    >>> points = patlak_points([0, 1, 2], [4.0, 4.0, 4.0], [1, 2], [1.0, 1.4])
    >>> points.x.tolist(), points.y.tolist()
    ([1.0, 2.0], [0.25, 0.35])
    """
    t, c = np.asarray(plasma_time, dtype=np.float64), np.asarray(plasma, dtype=np.float64)
    at, of = np.asarray(time, dtype=np.float64), np.asarray(tissue, dtype=np.float64)
    if np.any(c <= 0):
        raise ValueError("activity in plasma is positive")
    place = np.searchsorted(t, at)
    if np.any(place >= t.size) or np.any(t[np.minimum(place, t.size - 1)] != at):
        raise ValueError("every time of the tissue has a sample of plasma")
    if t[0] > 0:
        area = cumulative_area(np.append(0.0, t), np.append(value_at_zero(t, c), c), rule=rule)[1:]
    else:
        area = cumulative_area(t, c, rule=rule)
    return PatlakPoints(area[place] / c[place], of / c[place])


def patlak_line(points: PatlakPoints, first: int, weights: ArrayLike, *, confidence_level: float = 0.95) -> PatlakLine:
    """Fit the line through the points from one on, by weighted least squares.

    Parameters
    ----------
    points : PatlakPoints
    first : int
        Index of the first point; two or more must be left.
    weights : array_like of float, shape (n,)
    confidence_level : float

    Returns
    -------
    PatlakLine
    """
    x, y, w = points.x[first:], points.y[first:], np.asarray(weights, dtype=np.float64)[first:]
    if x.size < 2 or np.ptp(x) == 0:
        raise ValueError("a line needs two points apart")
    w = w / w.sum()
    mean_x, mean_y = float(w @ x), float(w @ y)
    sxx = float(w @ (x - mean_x) ** 2)
    slope = float(w @ ((x - mean_x) * (y - mean_y))) / sxx
    intercept = mean_y - slope * mean_x
    fitted = intercept + slope * x
    rss, total = float(w @ (y - fitted) ** 2), float(w @ (y - mean_y) ** 2)
    df = x.size - 2
    with np.errstate(divide="ignore", invalid="ignore"):
        worst = float(np.max(np.abs(y - fitted) / np.abs(fitted)))
    limits = Interval(np.nan, np.nan), Interval(np.nan, np.nan)
    if df > 0:
        t = float(stdtrit(df, (1 + confidence_level) / 2))
        widths = t * np.sqrt(rss / df / sxx), t * np.sqrt(rss / df * (1 + mean_x**2 / sxx))
        limits = tuple(
            Interval(value - width, value + width) for value, width in zip((slope, intercept), widths, strict=True)
        )  # type: ignore[assignment]  # two limits for two values
    r2 = 1 - rss / total if total > 0 else np.nan
    return PatlakLine(slope, intercept, limits[0], limits[1], r2, worst, first, x.size)


def weights_of(points: PatlakPoints, plasma: ArrayLike, weights: str) -> Floats:
    """Return the weight of each point: equal; plasma squared, for tissue with errors of one size; or 1/y².

    Raises
    ------
    ValueError
        If the word is unknown, or 1/y² is asked for where a point is not positive.
    """
    if weights not in WEIGHTS:
        raise ValueError(f"no weights {weights!r}; there are {', '.join(WEIGHTS)}")
    if weights == "1/y2" and np.any(points.y <= 0):
        raise ValueError('weights "1/y2" need positive tissue activity; use weights = "constant"')
    power = {"constant": np.ones_like(points.y), "plasma": np.asarray(plasma, dtype=np.float64) ** 2}
    return power[weights] if weights in power else points.y**-2.0


def linear_from(points: PatlakPoints, weights: ArrayLike, max_error: float) -> tuple[int, bool]:
    """Return the first point from which on the plot is a line, and whether it is.

    The earliest point for which no point from there on deviates from their line by more than a share `max_error` of it,
    three points or more being left. Where there is none, the last three points.

    Parameters
    ----------
    points : PatlakPoints
    weights : array_like of float, shape (n,)
    max_error : float
        A fraction, such as 0.1.

    Returns
    -------
    first : int
    is_linear : bool
    """
    last = points.x.size - FEWEST_POINTS
    for first in range(last + 1):
        if patlak_line(points, first, weights).max_error <= max_error:
            return first, True
    return max(last, 0), False
