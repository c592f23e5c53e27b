"""Operating points of ROC curves, their intervals, and confidence bands."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import smirnovi

from biomarker.kernels.auc_interval import critical_value
from biomarker.kernels.interval import Interval
from biomarker.kernels.roc import Rates, RocPoints, flipped

Floats = NDArray[np.float64]

# A rate is a quotient of whole numbers; 0.7 typed by a user and 7/10 may differ in the last bit.
ROUNDING = 1e-9


def as_rates(points: RocPoints) -> Rates:
    """Put the curve of the data in the shape of one resample.

    Examples
    --------
    >>> from biomarker.kernels.roc import roc_points
    >>> as_rates(roc_points([1, 2], [False, True])).true_positive.tolist()
    [[0.0, 1.0, 1.0]]
    """
    return Rates(
        (points.true_positives / points.true_positives[-1])[None, :],
        (points.false_positives / points.false_positives[-1])[None, :],
    )


def sensitivity_at(rates: Rates, specificity: ArrayLike, *, interpolate: bool = False) -> Floats:
    """Sensitivity of each curve where its specificity is as required.

    Parameters
    ----------
    rates : Rates
        Curves, shape (n_resamples, n_corners).
    specificity : array_like of float, shape (g,)
        Required specificities in [0, 1].
    interpolate : bool
        False takes the best cutoff whose specificity is at least the one required, a point that can be used. True
        reads the line between neighbouring corners, which is higher and belongs to no cutoff of the data.

    Returns
    -------
    ndarray of float, shape (n_resamples, g)
        Fractions; NaN where a curve is NaN.

    Raises
    ------
    ValueError
        If a specificity lies outside [0, 1].

    Examples
    --------
    >>> curve = Rates(np.array([[0.0, 0.5, 1.0, 1.0]]), np.array([[0.0, 0.0, 0.5, 1.0]]))
    >>> sensitivity_at(curve, [1.0, 0.75, 0.5]).tolist()
    [[0.5, 0.5, 1.0]]
    >>> sensitivity_at(curve, [1.0, 0.75, 0.5], interpolate=True).tolist()
    [[0.5, 0.75, 1.0]]
    """
    wanted = np.atleast_1d(np.asarray(specificity, np.float64))
    if not np.all((wanted >= 0) & (wanted <= 1)):
        raise ValueError("a required specificity or sensitivity lies between 0 and 1")
    allowed = 1 - wanted
    x, y = rates.false_positive, rates.true_positive
    corner = _last_at_most(x, allowed)
    reached = np.take_along_axis(y, corner, axis=1)
    if not interpolate:
        return reached
    following = np.minimum(corner + 1, x.shape[1] - 1)
    x0, x1 = np.take_along_axis(x, corner, axis=1), np.take_along_axis(x, following, axis=1)
    rise = np.take_along_axis(y, following, axis=1) - reached
    beyond = np.maximum(allowed - x0, 0.0)
    share = np.divide(beyond, x1 - x0, out=np.zeros_like(x0), where=(x1 > x0) & (beyond > ROUNDING))
    return np.asarray(reached + share * rise, np.float64)


def specificity_at(rates: Rates, sensitivity: ArrayLike, *, interpolate: bool = False) -> Floats:
    """Specificity of each curve where its sensitivity is as required; see :func:`sensitivity_at`.

    Examples
    --------
    >>> curve = Rates(np.array([[0.0, 0.5, 1.0, 1.0]]), np.array([[0.0, 0.0, 0.5, 1.0]]))
    >>> specificity_at(curve, [0.75]).tolist(), specificity_at(curve, [0.75], interpolate=True).tolist()
    ([[0.5]], [[0.75]])
    """
    return sensitivity_at(flipped(rates), sensitivity, interpolate=interpolate)


def _last_at_most(rising: Floats, limits: Floats) -> NDArray[np.int64]:
    """Index of the last entry of each row that does not exceed each limit.

    Rows are laid end to end, two apart, so that one search serves them all.
    """
    n_rows, width = rising.shape
    row = np.arange(n_rows)[:, None]
    laid_out = (np.nan_to_num(rising) + 2 * row).ravel()
    found = np.searchsorted(laid_out, (limits + ROUNDING + 2 * row).ravel(), "right").reshape(n_rows, -1)
    return np.asarray(found - 1 - width * row, np.int64)


def cutoff_at(points: RocPoints, *, specificity: float | None = None, sensitivity: float | None = None) -> float:
    """Cutoff of the best point whose specificity, or sensitivity, is at least the one required.

    Parameters
    ----------
    points : RocPoints
        The curve of the data.
    specificity, sensitivity : float
        Give one of the two.

    Returns
    -------
    float
        A value of the marker, or infinity where only "nobody is positive" will do. Among cutoffs of equal performance
        it is the highest for a required sensitivity and the lowest for a required specificity.

    Raises
    ------
    ValueError
        If both or neither are given, or lie outside [0, 1].

    Examples
    --------
    >>> from biomarker.kernels.roc import roc_points
    >>> points = roc_points([1, 2, 2, 3], [False, False, True, True])
    >>> cutoff_at(points, specificity=0.9), cutoff_at(points, sensitivity=0.9)
    (3.0, 2.0)
    """
    if (specificity is None) == (sensitivity is None):
        raise ValueError("give either a specificity or a sensitivity")
    rates = as_rates(points)
    if specificity is not None:
        _check_fraction(specificity)
        corner = _last_at_most(rates.false_positive, np.array([1 - specificity]))[0, 0]
        return float(points.cutoff[_lowest_of_equal_sensitivity(points, int(corner))])
    required = 0.0 if sensitivity is None else sensitivity
    _check_fraction(required)
    enough = points.true_positives >= (required - ROUNDING) * points.true_positives[-1]
    return float(points.cutoff[np.argmax(enough)])


def _lowest_of_equal_sensitivity(points: RocPoints, corner: int) -> int:
    """Step back over corners that only add false positives: the same sensitivity at a better specificity."""
    return int(np.searchsorted(points.true_positives, points.true_positives[corner], "left"))


def _check_fraction(value: float) -> None:
    if not 0 <= value <= 1:
        raise ValueError("a required specificity or sensitivity lies between 0 and 1")


def effective_size_interval(
    estimate: ArrayLike, resampled: ArrayLike, n_units: int, *, df: float = np.inf, confidence_level: float = 0.95
) -> Interval:
    """Wilson interval [1]_ for a proportion whose precision is known from resamples.

    The bootstrap tells how many independent observations the proportion is worth: the number that would give a
    binomial proportion the variance seen, but never more than there are. Wilson's interval of that many observations
    follows. For a sensitivity at a fixed specificity the specificity's own uncertainty is thereby counted; the
    interval does not shrink to a point when every resample gives 1, as percentiles do, and covers at least as well as
    percentiles and the adjusted bootstrap of Zhou and Qin [2]_ (`tests/coverage/auc.py`).

    Parameters
    ----------
    estimate : array_like of float, shape (...)
        The proportion in the data.
    resampled : array_like of float, shape (n_resamples, ...)
        The proportion in each resample of whole patients; NaN is left out.
    n_units : int
        Independent units behind the proportion: rows of the class, or patients with a lesion of the class.
    df : float
        Degrees of freedom; infinite uses the normal distribution.
    confidence_level : float
        Two-sided coverage, a fraction in (0, 1).

    Returns
    -------
    Interval
        Fractions in [0, 1], shape (...); NaN where fewer than two resamples have a value.

    References
    ----------
    .. [1] Wilson EB. Probable inference, the law of succession, and statistical inference. J Am Stat Assoc
       1927;22:209-212.
    .. [2] Zhou XH, Qin G. Improved confidence intervals for the sensitivity at a fixed level of specificity of a
       continuous-scale diagnostic test. Stat Med 2005;24:465-477.

    Examples
    --------
    >>> low, high = effective_size_interval(1.0, np.ones(100), 20)
    >>> print(f"{low:.3f} to {high:.3f}")
    0.839 to 1.000
    """
    z = critical_value(confidence_level, df)
    proportion, samples = np.asarray(estimate, np.float64), np.asarray(resampled, np.float64)
    known = np.isfinite(samples)
    count = known.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):  # too few resamples give the documented NaN
        centre = np.where(known, samples, 0.0).sum(axis=0) / count
        variance = (np.where(known, samples - centre, 0.0) ** 2).sum(axis=0) / (count - 1)
        worth = np.where(variance > 0, centre * (1 - centre) / variance, np.inf)
        size = np.where(count > 1, np.minimum(worth, float(n_units)), np.nan)
    middle = (proportion * size + z**2 / 2) / (size + z**2)
    reach = z * np.sqrt(proportion * (1 - proportion) * size + z**2 / 4) / (size + z**2)
    # at 0 and 1 the limits are exact, which rounding would hide
    low = np.where(proportion <= 0, 0.0 * middle, np.maximum(middle - reach, 0.0))
    high = np.where(proportion >= 1, 1.0 + 0.0 * middle, np.minimum(middle + reach, 1.0))
    return Interval(low, high)


class FixedWidth(NamedTuple):
    """Half-widths of a simultaneous band: of sensitivity, and of specificity."""

    of_sensitivity: float
    of_specificity: float


def kolmogorov_smirnov_width(n_positive: int, n_negative: int, *, confidence_level: float = 0.95) -> FixedWidth:
    """Half-widths of Campbell's simultaneous band for independent rows [1]_.

    Both distribution functions stay within these distances of their estimates at once, over all cutoffs, with the given
    confidence. Exact one-sided Smirnov quantiles at half the tail serve for the two-sided ones, a hair too wide.

    Parameters
    ----------
    n_positive, n_negative : int
        Independent rows of each class.
    confidence_level : float
        Coverage of the whole curve, a fraction in (0, 1).

    Returns
    -------
    FixedWidth
        Half-widths in (0, 1).

    References
    ----------
    .. [1] Campbell G. Advances in statistical methodology for the evaluation of diagnostic and laboratory tests.
       Stat Med 1994;13:499-508.

    Examples
    --------
    The two-sided critical value of Kolmogorov's statistic for n = 20 at 5 % is 0.294 in the tables.

    >>> print(f"{kolmogorov_smirnov_width(20, 20, confidence_level=0.95**2).of_sensitivity:.3f}")
    0.294
    """
    if not 0 < confidence_level < 1:
        raise ValueError("confidence_level is a fraction between 0 and 1")
    tail = (1 - np.sqrt(confidence_level)) / 2
    return FixedWidth(_smirnov_quantile(n_positive, tail), _smirnov_quantile(n_negative, tail))


def _smirnov_quantile(n: int, tail: float) -> float:
    """Upper quantile of the one-sided statistic; beyond 1,000 rows Maag's form is within 0.02 % and needs no long sum.

    Maag: P(D > d) = exp(-(6nd + 1)² / 18n), from the first two terms of Smirnov's series.
    """
    if n <= 1000:
        return float(smirnovi(n, tail))
    return float((np.sqrt(-18 * n * np.log(tail)) - 1) / (6 * n))


def fixed_width_band(points: RocPoints, specificity: ArrayLike, width: FixedWidth) -> Interval:
    """Simultaneous band of a curve: it moved up and left, and down and right, by fixed half-widths.

    Parameters
    ----------
    points : RocPoints
        The curve of the data.
    specificity : array_like of float, shape (g,)
        Where the band is wanted.
    width : FixedWidth
        From :func:`kolmogorov_smirnov_width` or :func:`bootstrap_width`.

    Returns
    -------
    Interval
        Sensitivities in [0, 1], shape (g,).
    """
    curve = as_rates(points)
    wanted = np.asarray(specificity, np.float64)
    laxer, stricter = wanted - width.of_specificity, wanted + width.of_specificity
    upper = sensitivity_at(curve, np.clip(laxer, 0, 1), interpolate=True)[0] + width.of_sensitivity
    lower = sensitivity_at(curve, np.clip(stricter, 0, 1), interpolate=True)[0] - width.of_sensitivity
    # Beyond a specificity of 1 nothing is known; below 0 every row is positive.
    lower = np.where(stricter > 1 + ROUNDING, 0.0, np.maximum(lower, 0.0))
    return Interval(lower, np.where(laxer <= 0, 1.0, np.minimum(upper, 1.0)))


def bootstrap_width(curve: ArrayLike, resampled: ArrayLike, *, confidence_level: float = 0.95) -> FixedWidth:
    """Half-width of a band that holds the whole curve in the wanted share of resamples.

    Parameters
    ----------
    curve : array_like of float, shape (g,)
        Sensitivities of the data over a grid of specificities.
    resampled : array_like of float, shape (n_resamples, g)
        The same in resamples of whole patients; rows of NaN are left out.
    confidence_level : float
        Coverage of the whole curve, a fraction in (0, 1).

    Returns
    -------
    FixedWidth
        In the direction of sensitivity alone; NaN when no resample has a value.

    Examples
    --------
    >>> bootstrap_width([0.5, 1.0], [[0.4, 1.0], [0.5, 1.0], [0.8, 0.9]], confidence_level=0.5).of_sensitivity
    0.1
    """
    distance = np.abs(np.asarray(resampled, np.float64) - np.asarray(curve, np.float64)).max(axis=1)
    distance = distance[np.isfinite(distance)]
    width = float(np.quantile(distance, confidence_level, method="higher")) if distance.size else np.nan
    return FixedWidth(round(width, 12), 0.0)
