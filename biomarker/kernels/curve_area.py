"""Area under a curve of activity over time: trapezoids, linear or logarithmic, and what is beyond the last sample."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
RULES = ("linear", "linear_up_log_down")


class TerminalSlope(NamedTuple):
    """The log-linear end of a curve: value at time t is ``exp(intercept - rate * t)``.

    `rate` is not positive where the end does not fall; everything is NaN where no three points follow the peak.
    """

    rate: float
    intercept: float
    adjusted_r2: float
    n_points: int


class CurveArea(NamedTuple):
    """Areas of a curve in units of value x time (`aumc`: x time squared).

    Attributes
    ----------
    to_last, beyond_last : float
        Area from the first time to the last positive value, and from there to infinity.
    aumc : float
        Area under time x value to infinity.
    slope : TerminalSlope
    """

    to_last: float
    beyond_last: float
    aumc: float
    slope: TerminalSlope

    @property
    def total(self) -> float:
        """Area to infinity."""
        return self.to_last + self.beyond_last


def cumulative_area(time: ArrayLike, value: ArrayLike, *, rule: str = "linear") -> Floats:
    """Return the area from the first time to each time.

    Parameters
    ----------
    time, value : array_like of float, shape (n,)
        Times rise strictly; values are 0 or more for the logarithmic rule.
    rule : {"linear", "linear_up_log_down"}
        The second joins two positive falling values by an exponential, all others by a line.

    Returns
    -------
    ndarray of float, shape (n,)
        0 first.

    Raises
    ------
    ValueError
        If times do not rise or the rule is unknown.

    Examples
    --------
    >>> cumulative_area([0, 1, 3], [4, 2, 2]).tolist()
    [0.0, 3.0, 7.0]
    >>> print(np.round(cumulative_area([0, 1, 3], [4, 2, 2], rule="linear_up_log_down"), 4))
    [0.     2.8854 6.8854]
    """
    area, _ = _steps(time, value, rule)
    return np.concatenate([[0.0], np.cumsum(area)])


def area_to_infinity(
    time: ArrayLike, value: ArrayLike, *, rule: str = "linear", n_terminal: int | None = None, with_peak: bool = False
) -> CurveArea:
    """Return the area to infinity by trapezoids to the last positive value and the terminal slope beyond it.

    Parameters
    ----------
    time, value : array_like of float, shape (n,)
        Times rise strictly.
    rule : {"linear", "linear_up_log_down"}
    n_terminal : int, optional
        Points of the terminal slope; chosen by `terminal_slope` when None.
    with_peak : bool
        Whether the highest value may be among them, as after an intravenous injection.

    Returns
    -------
    CurveArea
        Beyond the last sample NaN where the end of the curve does not fall.

    Examples
    --------
    >>> t = np.array([0.0, 1, 2, 4, 8])
    >>> area = area_to_infinity(t, 10 * np.exp(-0.5 * t), rule="linear_up_log_down")
    >>> round(area.total, 10)
    20.0
    """
    t, y = _checked(time, value)
    last = int(np.flatnonzero(y > 0)[-1]) + 1 if np.any(y > 0) else 0
    slope = terminal_slope(t, y, n_points=n_terminal, with_peak=with_peak)
    if last < 1:
        return CurveArea(0.0, np.nan, np.nan, slope)
    t, y = t[:last], y[:last]
    areas, moments = _steps(t, y, rule) if last > 1 else (np.zeros(1), np.zeros(1))
    if not slope.rate > 0:
        return CurveArea(float(areas.sum()), np.nan, np.nan, slope)
    beyond = y[-1] / slope.rate
    aumc = float(moments.sum() + y[-1] * t[-1] / slope.rate + y[-1] / slope.rate**2)
    return CurveArea(float(areas.sum()), float(beyond), aumc, slope)


def terminal_slope(
    time: ArrayLike, value: ArrayLike, *, n_points: int | None = None, with_peak: bool = False
) -> TerminalSlope:
    """Fit a line to the logarithms of the last values.

    Without a number of points it is the number, three or more after the peak, with the highest adjusted R²; of those
    within 0.0001 of the highest the largest number [1]_. Values of zero or below are left out.

    Parameters
    ----------
    time, value : array_like of float, shape (n,)
    n_points : int, optional
        2 or more.
    with_peak : bool
        Whether the highest value may be among them.

    Returns
    -------
    TerminalSlope

    References
    ----------
    .. [1] Gabrielsson J, Weiner D. Pharmacokinetic and pharmacodynamic data analysis. 4th ed. Stockholm: Swedish
       Pharmaceutical Press; 2006.

    Examples
    --------
    >>> slope = terminal_slope([0, 1, 2, 4, 8], [3, 8, 4, 2, 0.5])
    >>> round(slope.rate, 4), slope.n_points
    (0.3466, 3)
    """
    t, y = _checked(time, value)
    kept = y > 0
    t, y = t[kept], y[kept]
    after = y.size - int(np.argmax(y)) - (not with_peak) if y.size else 0
    if n_points is not None:
        return _line(t[-n_points:], y[-n_points:]) if 2 <= n_points <= y.size else _NO_SLOPE
    lines = [_line(t[-count:], y[-count:]) for count in range(3, after + 1)]
    falling = [line for line in lines if line.rate > 0]
    if not falling:
        return lines[0] if lines else _NO_SLOPE
    best = max(line.adjusted_r2 for line in falling)
    return max((line for line in falling if line.adjusted_r2 >= best - 1e-4), key=lambda line: line.n_points)


def value_at_zero(time: ArrayLike, value: ArrayLike) -> float:
    """Return the value at time zero: the sample taken then, or the line through the logarithms of the first two.

    Where the second is not lower than the first, or one is not positive, it is the first value.

    Examples
    --------
    >>> round(value_at_zero([1, 2, 4], [8, 4, 3]), 6)
    16.0
    """
    t, y = _checked(time, value)
    if t[0] == 0 or t.size < 2 or not 0 < y[1] < y[0]:
        return float(y[0])
    rate = np.log(y[0] / y[1]) / (t[1] - t[0])
    return float(np.exp(np.log(y[0]) + rate * t[0]))


_NO_SLOPE = TerminalSlope(np.nan, np.nan, np.nan, 0)


def _checked(time: ArrayLike, value: ArrayLike) -> tuple[Floats, Floats]:
    t, y = np.asarray(time, dtype=np.float64), np.asarray(value, dtype=np.float64)
    if t.shape != y.shape or t.ndim != 1 or t.size < 1:
        raise ValueError("one value a time: two arrays of one length")
    if not (np.isfinite(t).all() and np.isfinite(y).all()):
        raise ValueError("times and values are finite; leave missing ones out and count them")
    if np.any(np.diff(t) <= 0):
        raise ValueError("times rise strictly; sort them, and give one value a time")
    return t, y


def _steps(time: ArrayLike, value: ArrayLike, rule: str) -> tuple[Floats, Floats]:
    """Return the area and first moment between each two samples."""
    if rule not in RULES:
        raise ValueError(f"no rule {rule!r}; there are {', '.join(RULES)}")
    t, y = _checked(time, value)
    gap, first, second = np.diff(t), y[:-1], y[1:]
    area = gap * (first + second) / 2
    moment = gap * (t[:-1] * first + t[1:] * second) / 2
    if rule == "linear":
        return area, moment
    falls = (second < first * (1 - 1e-7)) & (second > 0)  # the rules agree where values hardly differ
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = (np.log(first) - np.log(second)) / gap
        log_area = (first - second) / rate
        log_moment = (t[:-1] * first - t[1:] * second) / rate + (first - second) / rate**2
    return np.where(falls, log_area, area), np.where(falls, log_moment, moment)


def _line(t: Floats, y: Floats) -> TerminalSlope:
    x, z = t - t.mean(), np.log(y)
    slope = float(x @ z / (x @ x))
    residual = z - z.mean() - slope * x
    total = float(np.sum((z - z.mean()) ** 2))
    n = t.size
    fit = 1 - float(residual @ residual) / total if total > 0 else 0.0
    adjusted = 1 - (1 - fit) * (n - 1) / (n - 2) if n > 2 else np.nan
    return TerminalSlope(-slope, float(z.mean() - slope * t.mean()), adjusted, n)
