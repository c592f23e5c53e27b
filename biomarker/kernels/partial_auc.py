"""The area under part of an ROC curve, raw and corrected after McClish."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from biomarker.kernels.roc import Rates, flipped

Floats = NDArray[np.float64]
Focus = Literal["specificity", "sensitivity"]


def partial_auc(rates: Rates, low: float, high: float, *, focus: Focus = "specificity") -> Floats:
    """Area under the curves between two specificities, or beside them between two sensitivities.

    Corners are joined by straight lines, and the ends of the range are met exactly by interpolation.

    Parameters
    ----------
    rates : Rates
        Curves, shape (n_resamples, n_corners).
    low, high : float
        The range, ``0 <= low < high <= 1``.
    focus : {"specificity", "sensitivity"}
        What the range is a range of.

    Returns
    -------
    ndarray of float, shape (n_resamples,)
        Raw areas, at most ``high - low``; NaN where a curve is NaN.

    Raises
    ------
    ValueError
        If the range is empty or leaves [0, 1].

    Examples
    --------
    The chance line between specificities 0.9 and 1.

    >>> chance = Rates(np.array([[0.0, 1.0]]), np.array([[0.0, 1.0]]))
    >>> partial_auc(chance, 0.9, 1.0).round(6).tolist()
    [0.005]
    """
    _check_range(low, high, focus)
    curve = rates if focus == "specificity" else flipped(rates)
    x, y = curve.false_positive, curve.true_positive
    left, right = x[:, :-1], x[:, 1:]
    from_x, to_x = np.clip(left, 1 - high, 1 - low), np.clip(right, 1 - high, 1 - low)
    rise, run = np.diff(y, axis=1), right - left
    slope = np.divide(rise, run, out=np.zeros_like(run), where=run > 0)
    height = y[:, :-1] + slope * ((from_x + to_x) / 2 - left)
    return np.asarray(((to_x - from_x) * height).sum(axis=1), np.float64)


def whole_auc(rates: Rates) -> Floats:
    """Area under each curve: what :func:`partial_auc` gives from 0 to 1, in fewer steps.

    Examples
    --------
    >>> whole_auc(Rates(np.array([[0.0, 0.5, 1.0]]), np.array([[0.0, 0.25, 1.0]]))).tolist()
    [0.625]
    """
    x, y = rates.false_positive, rates.true_positive
    below = np.einsum("ij,ij->i", np.diff(x, axis=1), y[:, :-1])
    above = np.einsum("ij,ij->i", np.diff(x, axis=1), y[:, 1:])
    return np.asarray((below + above) / 2, np.float64)


def mcclish_corrected(raw: ArrayLike, low: float, high: float) -> Floats:
    """Stretch a partial area so that chance is 0.5 and perfection 1, whatever the range [1]_.

    Parameters
    ----------
    raw : array_like of float
        Raw partial areas.
    low, high : float
        The range of specificity or sensitivity, ``0 <= low < high <= 1``.

    Returns
    -------
    ndarray of float
        The formula's value, which means little below 0.5 and may be negative there.

    References
    ----------
    .. [1] McClish DK. Analyzing a portion of the ROC curve. Med Decis Making 1989;9:190-195.

    Examples
    --------
    >>> print(f"{mcclish_corrected(0.1, 0.9, 1.0):.2f} {mcclish_corrected(0.005, 0.9, 1.0):.2f}")
    1.00 0.50
    """
    _check_range(low, high, "specificity")
    best = high - low
    chance = best * (2 - low - high) / 2
    return np.asarray((1 + (np.asarray(raw, np.float64) - chance) / (best - chance)) / 2, np.float64)


def _check_range(low: float, high: float, focus: str) -> None:
    if not 0 <= low < high <= 1:
        raise ValueError("a partial area needs a range with 0 <= low < high <= 1")
    if focus not in ("specificity", "sensitivity"):
        raise ValueError(f"focus must be 'specificity' or 'sensitivity', not {focus!r}")
