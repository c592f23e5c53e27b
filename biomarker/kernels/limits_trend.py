"""Do differences change with the size of what is read: in their mean, in their spread, and limits that follow both."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri, stdtr, stdtrit

from biomarker.kernels.interval import Interval

Floats = NDArray[np.float64]
NAN = float("nan")
FOLDED = float(np.sqrt(np.pi / 2))  # standard deviation over mean absolute residual, of a normal


class Trend(NamedTuple):
    """Slope of a straight line, with a t test that it is zero."""

    slope: float
    interval: Interval
    intercept: float
    statistic: float
    df: float
    p_value: float


class RegressionLimits(NamedTuple):
    """Bias and limits of agreement as straight lines in the mean, evaluated at several means."""

    at: Floats
    bias: Floats
    bias_interval: Interval
    lower: Floats
    lower_interval: Interval
    upper: Floats
    upper_interval: Interval
    coefficients: Floats  # intercept and slope of the bias, intercept and slope of the standard deviation


def proportional_bias(
    differences: ArrayLike, means: ArrayLike, patient: ArrayLike | None = None, *, confidence_level: float = 0.95
) -> Trend:
    """Test whether the difference grows with the size of what is measured: slope of difference on mean [1]_.

    Parameters
    ----------
    differences, means : array_like, shape (n,)
    patient : array_like of int, shape (n,), optional
        With it the variance is that of the jackknife, which leaves out one patient at a time (cluster-robust, CR3
        [2]_), and t has K-1 degrees of freedom; without it ordinary least squares, n-2. In 1,500 simulated studies of
        8, 12, 16 and 30 patients with 1 to 6 lesions and no trend, p was below 0.05 in 7, 6, 5 and 6 %; the plain
        sandwich (CR1) gave 12, 10, 8 and 8 %.
    confidence_level : float
        Two-sided coverage, a fraction in (0, 1).

    Returns
    -------
    Trend
        `slope` is the change of the difference per unit of the mean. NaN where means do not vary; inference is NaN
        with fewer than 3 pairs or 2 patients, or an exact fit.

    References
    ----------
    .. [1] Bland JM, Altman DG. Measuring agreement in method comparison studies. Stat Methods Med Res 1999;8:135-160.
    .. [2] Bell RM, McCaffrey DF. Bias reduction in standard errors for linear regression with multi-stage samples.
       Surv Methodol 2002;28:169-181.
    """
    d, m = _paired(differences, means)
    if not 0 < confidence_level < 1:
        raise ValueError("confidence_level is a fraction between 0 and 1")
    n = d.size
    centred = m - m.mean()
    sxx = float(centred @ centred)
    if sxx <= 1e-24 * float(m @ m):
        return Trend(NAN, Interval(NAN, NAN), NAN, NAN, NAN, NAN)
    slope = float(centred @ d / sxx)
    intercept = float(d.mean() - slope * m.mean())
    residual = d - d.mean() - slope * centred
    if patient is None:
        df = n - 2
        variance = residual @ residual / df / sxx if df > 0 else NAN
    else:
        code = np.unique(np.asarray(patient), return_inverse=True)[1]
        df = int(code.max())
        moved = _slope_moved(centred, residual, code)
        variance = float(moved @ moved) * df / (df + 1) if df > 0 and n > 2 else NAN
    se = float(np.sqrt(variance))
    if not se > 1e-12 * abs(slope):  # NaN, or points on a line
        return Trend(slope, Interval(NAN, NAN), intercept, NAN, float(df), NAN)
    half = float(stdtrit(df, (1 + confidence_level) / 2) * se)
    t = slope / se
    p_value = float(2 * stdtr(df, -abs(t)))
    return Trend(slope, Interval(slope - half, slope + half), intercept, t, float(df), p_value)


def _slope_moved(centred: Floats, residual: Floats, code: NDArray[np.intp]) -> Floats:
    """Return by how much the slope changes when each patient is left out; NaN where the others have no line."""
    each = (np.ones_like(centred), centred, centred**2, residual, centred * residual)
    own_n, own_x, own_xx, own_e, own_xe = (np.bincount(code, weights) for weights in each)
    n, x, xx = centred.size - own_n, -own_x, float(centred @ centred) - own_xx  # sums over the others
    determinant = n * xx - x**2
    known = determinant > 1e-12 * centred.size * float(centred @ centred)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(known, (n * own_xe - x * own_e) / determinant, NAN)


def changing_spread(
    differences: ArrayLike, means: ArrayLike, patient: ArrayLike | None = None, *, confidence_level: float = 0.95
) -> Trend:
    """Test whether differences spread wider where more is measured: slope of absolute residuals on the mean [1]_.

    Residuals are those of difference on mean. Parameters, result and source are those of `proportional_bias`; slope and
    intercept times the square root of pi/2 are those of the standard deviation.

    References
    ----------
    .. [1] Bland JM, Altman DG. Measuring agreement in method comparison studies. Stat Methods Med Res 1999;8:135-160.

    Examples
    --------
    >>> spread = changing_spread([1, -1, 2, -2, 3, -3], [1, 1, 2, 2, 3, 3])
    >>> round(spread.slope, 6)
    1.0
    """
    d, m = _paired(differences, means)
    bias = proportional_bias(d, m)
    if np.isnan(bias.slope):
        return bias
    residual = d - bias.intercept - bias.slope * m
    if np.abs(residual).max() <= 1e-12 * max(np.abs(d).max(), 1e-300):  # points on a line have no spread
        return Trend(NAN, Interval(NAN, NAN), NAN, NAN, NAN, NAN)
    return proportional_bias(np.abs(residual), m, patient, confidence_level=confidence_level)


def regression_limits(
    differences: ArrayLike,
    means: ArrayLike,
    at: ArrayLike,
    patient: ArrayLike | None = None,
    *,
    coverage: float = 0.95,
    confidence_level: float = 0.95,
) -> RegressionLimits:
    """Limits of agreement that change with size: lines through differences and through absolute residuals [1]_.

    Bias at a mean A is b0 + b1 A; the limits lie 1.96 (pi/2)^(1/2) (c0 + c1 A) from it, where c0 + c1 A is the
    regression of absolute residuals on A. Intervals, which the source does not give, leave out one patient (or item)
    at a time and take Student's t with K - 2 degrees of freedom. Simulated coverage of the 95 % intervals, 400
    studies of 10 to 40 patients: 93 to 96 % for the bias, 89 to 96 % for the limits.

    Parameters
    ----------
    differences, means : array_like, shape (n,)
    at : array_like, shape (g,)
        Means at which to give bias and limits.
    patient : array_like of int, shape (n,), optional
        Code of the patient of each pair.
    coverage : float
        Share of differences that the limits are to hold.
    confidence_level : float
        Two-sided coverage of the intervals, a fraction in (0, 1).

    Returns
    -------
    RegressionLimits
        NaN where means do not vary, or fewer than 4 patients (items) are there for intervals. Where the line of the
        standard deviation is negative the limits are NaN.

    References
    ----------
    .. [1] Bland JM, Altman DG. Measuring agreement in method comparison studies. Stat Methods Med Res 1999;8:135-160.
    """
    d, m = _paired(differences, means)
    code = np.arange(d.size) if patient is None else np.unique(np.asarray(patient), return_inverse=True)[1]
    points = np.atleast_1d(np.asarray(at, float))
    z = float(ndtri((1 + coverage) / 2)) * FOLDED
    full = _lines(d, m, np.ones((1, d.size)))[0]
    found = _limits_at(full[None], points, z)[:, 0]
    k = int(code.max()) + 1
    half = np.full_like(found, np.nan)
    if k > 3:
        t = float(stdtrit(k - 2, (1 + confidence_level) / 2))
        rows = max(1, 4_000_000 // d.size)
        without = np.concatenate(
            [_lines(d, m, code[None] != left_out[:, None]) for left_out in np.array_split(np.arange(k), -(-k // rows))]
        )
        spread = _limits_at(without, points, z)
        half = t * np.sqrt((k - 1) * spread.var(axis=1))
    intervals = [Interval(value - wide, value + wide) for value, wide in zip(found, half, strict=True)]
    lower, bias, upper = found
    return RegressionLimits(
        points, bias, intervals[1], lower, intervals[0], upper, intervals[2], full * [1, 1, FOLDED, FOLDED]
    )


def _lines(d: Floats, m: Floats, weights: NDArray[np.generic]) -> Floats:
    """Fit both lines under each row of weights: shape (rows, 4)."""
    w = weights.astype(float)
    total = w.sum(axis=1, keepdims=True)
    centred = m - w @ m[:, None] / total
    sxx = (w * centred**2).sum(axis=1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):  # no variation, no line
        slope = (w * centred * d).sum(axis=1, keepdims=True) / np.where(sxx > 0, sxx, np.nan)
        mean = w @ d[:, None] / total
        residual = np.abs(d - mean - slope * centred)
        spread_slope = (w * centred * residual).sum(axis=1, keepdims=True) / sxx
        spread_mean = (w * residual).sum(axis=1, keepdims=True) / total
    centre = w @ m[:, None] / total
    return np.hstack([mean - slope * centre, slope, spread_mean - spread_slope * centre, spread_slope])


def _limits_at(lines: Floats, points: Floats, z: float) -> Floats:
    """Give lower limit, bias and upper limit: shape (3, rows, points)."""
    bias = lines[:, :1] + lines[:, 1:2] * points
    spread = lines[:, 2:3] + lines[:, 3:4] * points
    spread = np.where(spread >= 0, spread, np.nan)
    return np.stack([bias - z * spread, bias, bias + z * spread])


def _paired(differences: ArrayLike, means: ArrayLike) -> tuple[Floats, Floats]:
    d, m = np.asarray(differences, float), np.asarray(means, float)
    if d.ndim != 1 or d.size == 0 or d.shape != m.shape:
        raise ValueError("need one mean for each difference, and at least one")
    if not (np.isfinite(d).all() and np.isfinite(m).all()):
        raise ValueError("differences and means must be finite")
    return d, m
