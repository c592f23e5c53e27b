"""Limits of an interval where a profile of the likelihood has fallen by a given amount."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from biomarker.kernels.interval import Interval

Floats = NDArray[np.float64]
Profile = Callable[[Floats, NDArray[np.intp]], Floats]

DOUBLINGS = 14  # a limit 16,000 times as far as Wald's counts as infinite
STEPS = 60
CLOSE = 1e-11


def profile_limits(
    profile: Profile, estimates: ArrayLike, std_errors: ArrayLike, log_likelihood: float, *, z: float
) -> Interval:
    """Find where twice the log likelihood, profiled over one coefficient, is z squared below its maximum [1]_.

    Parameters
    ----------
    profile : callable
        ``profile(values, which)`` gives the log likelihood, maximised over the others, with coefficient ``which[i]``
        at ``values[i]``; all of them at once, each at a value no nearer to the estimate or further than it was.
    estimates, std_errors : array_like of float, shape (m,)
        Of coefficients 0, 1, ... m - 1.
    log_likelihood : float
        Its maximum.
    z : float
        Quantile of the normal distribution: 1.96 for 95 %.

    Returns
    -------
    Interval
        Shape (m,); infinite where the profile never falls that far.

    References
    ----------
    .. [1] Venzon DJ, Moolgavkar SH. A method for computing profile-likelihood-based confidence intervals. Appl Stat
       1988;37:87-94.

    Examples
    --------
    A likelihood that is normal gives the limits of Wald:

    >>> limits = profile_limits(lambda values, which: -((values - 3) ** 2) / 8, [3.0], [2.0], 0.0, z=1.96)
    >>> round(float(limits.low[0]), 2), round(float(limits.high[0]), 2)
    (-0.92, 6.92)
    """
    centre, error = np.asarray(estimates, float), np.asarray(std_errors, float)
    which = np.tile(np.arange(centre.size), 2)
    sign = np.repeat([-1.0, 1.0], centre.size)

    def root(distance: Floats) -> Floats:
        """Return the signed root of the deviance minus z: nearly linear in the distance, in standard errors."""
        value = profile(centre[which] + sign * distance * error[which], which)
        fall = np.maximum(2 * (log_likelihood - value), 0.0)
        return np.asarray(np.sqrt(fall) - z)

    near, at_near = np.zeros(which.size), np.full(which.size, -z)
    far = np.full(which.size, z)
    at_far = root(far)
    for _ in range(DOUBLINGS):
        short = ~(at_far >= 0)
        if not short.any():
            break
        near, at_near = np.where(short, far, near), np.where(short, at_far, at_near)
        far = np.where(short, 2 * far, far)
        at_far = root(far)
    distance = _illinois(root, near, at_near, far, at_far)
    limits = centre[which] + sign * np.where(at_far >= 0, distance, np.inf) * error[which]
    return Interval(limits[: centre.size], limits[centre.size :])


def _illinois(root: Callable[[Floats], Floats], near: Floats, at_near: Floats, far: Floats, at_far: Floats) -> Floats:
    """Return the roots between brackets, by the false position that halves the value of an end that stays."""
    stayed = np.zeros(near.size, int)
    middle = far
    for _ in range(STEPS):
        with np.errstate(invalid="ignore", divide="ignore"):
            middle = (near * at_far - far * at_near) / (at_far - at_near)
        middle = np.where(np.isfinite(middle), middle, (near + far) / 2)
        at_middle = root(middle)
        above = at_middle >= 0
        if np.all((np.abs(at_middle) < CLOSE) | (np.abs(far - near) < CLOSE * far) | ~(at_far >= 0)):
            break
        at_far = np.where(above, at_middle, np.where(stayed == -1, at_far / 2, at_far))
        at_near = np.where(above, np.where(stayed == 1, at_near / 2, at_near), at_middle)
        near, far = np.where(above, near, middle), np.where(above, middle, far)
        stayed = np.where(above, 1, -1)
    return np.asarray(middle)
