"""Activity of a decaying nuclide integrated from injection to infinity."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from biomarker.kernels.curve_area import cumulative_area
from biomarker.kernels.exponentials import ExponentialFit, aicc, fit_exponentials
from biomarker.kernels.nuclides import decay

STARTS = ("constant", "zero")
TAILS = ("physical", "effective", "none")
METHODS = ("trapezoid", "exponential")


class IntegratedActivity(NamedTuple):
    """An integral in units of activity x time, the part of it after the last measurement, and how it was had.

    `is_replaced` says that no exponential could be used and trapezoids stand in.
    """

    value: float
    after_last: float
    is_replaced: bool


def integrated_activity(
    time: ArrayLike,
    corrected: ArrayLike,
    half_life: float,
    *,
    method: str = "trapezoid",
    start: str = "constant",
    tail: str = "physical",
) -> IntegratedActivity:
    """Integrate an activity that is given corrected for decay.

    Parameters
    ----------
    time, corrected : array_like of float, shape (n,)
        Strictly rising times after injection, and activity corrected for decay to the injection, 0 or more.
    half_life : float
        Of the nuclide, in the unit of `time`.
    method : {"trapezoid", "exponential"}
        Trapezoids of the activity as it is; or one or two exponentials fitted to the logarithm of the corrected
        activity (AICc), the rate of decay added to each rate.
    start : {"constant", "zero"}
        For trapezoids, before the first time: the first corrected activity decays; or a line from zero.
    tail : {"physical", "effective", "none"}
        For trapezoids, after the last time: decay alone; at the rate between the last two, decay alone where those
        fall more slowly; nothing.

    Returns
    -------
    IntegratedActivity

    Raises
    ------
    ValueError
        If an activity is negative, times do not rise, or a word is unknown.

    Examples
    --------
    An activity that stays where it is decays there, half-life / ln 2 times:

    >>> found = integrated_activity([10.0], [5.0], 78.41)
    >>> round(found.value, 4), round(5 * 78.41 / float(np.log(2)), 4)
    (565.6086, 565.6086)
    """
    for word, known in ((method, METHODS), (start, STARTS), (tail, TAILS)):
        if word not in known:
            raise ValueError(f"no {word!r}; there are {', '.join(known)}")
    t, y = np.asarray(time, dtype=np.float64), np.asarray(corrected, dtype=np.float64)
    if np.any(y < 0):
        raise ValueError("activities are 0 or more")
    rate = np.log(2) / half_life
    if method == "exponential":
        fit = _fit(t, y)
        if fit is not None:
            rates = fit.rates + rate
            whole = float(np.sum(fit.amplitudes / rates))
            return IntegratedActivity(whole, float(np.sum(fit.amplitudes / rates * np.exp(-rates * t[-1]))), False)
    activity = y * decay(half_life, t)
    measured = float(cumulative_area(t, activity)[-1])
    before = y[0] * -np.expm1(-rate * t[0]) / rate if start == "constant" else activity[0] * t[0] / 2
    after = 0.0 if tail == "none" else activity[-1] / _tail_rate(t, activity, rate, tail)
    return IntegratedActivity(float(before + measured + after), float(after), method == "exponential")


def _tail_rate(t: NDArray[np.float64], activity: NDArray[np.float64], rate: float, tail: str) -> float:
    """Return the rate after the last time; never below that of decay."""
    if tail == "physical" or t.size < 2 or not 0 < activity[-1] < activity[-2]:
        return rate
    return max(rate, float(np.log(activity[-2] / activity[-1]) / (t[-1] - t[-2])))


def _fit(t: NDArray[np.float64], y: NDArray[np.float64]) -> ExponentialFit | None:
    """Return the better of one and two exponentials, or None where none can be used.

    A single one that does not fall is used all the same: activity that is retained decays in place.
    """
    if np.any(y <= 0) or t.size < 2:
        return None
    one = fit_exponentials(t, y, 1, weights="proportional")
    flat = one.reason == "the activity does not fall" and np.ptp(np.log(y)) < 0.05
    usable = one if not one.reason or flat else None
    if t.size >= 7:  # the criterion of two terms is defined
        two = fit_exponentials(t, y, 2, weights="proportional")
        if not two.reason and aicc(two.rss, t.size, 4) < aicc(one.rss, t.size, 2):
            return two
    return usable
