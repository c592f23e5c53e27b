"""The error of one measurement, from items measured more than once: pooled variances with intervals that hold.

Repeats of one item make a unit with a sum of squares and degrees of freedom. Pooled over independent units, the sum is
chi-squared. Lesions of one patient share the errors of a scan (dose, time, calibration), so that their sums of squares
go together; the pooled variance then has the effective degrees of freedom of a chi-squared variable of its variance.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtri, ndtri, stdtr, stdtrit

from biomarker.kernels.patient_variance import patient_variance

Floats = NDArray[np.float64]

REPEATABILITY_FACTOR = float(ndtri(0.975) * np.sqrt(2))
"""Repeatability coefficient over within-item standard deviation: 1.96 sqrt(2), about 2.77."""


class Units(NamedTuple):
    """Items (of one reader, on one scanner) measured at least twice.

    Attributes
    ----------
    squares : ndarray, shape (n_units,)
        Sums of squared deviations from the unit's mean.
    df : ndarray, shape (n_units,)
        Measurements less one.
    mean : ndarray, shape (n_units,)
    patient : ndarray of int, shape (n_units,)
        Whose unit it is.
    overlap : ndarray, shape (n_patients, 2)
        For each patient the sum of squares of the sums of deviations by session, and the degrees of freedom that pairs
        of its units have in common: what tells whether errors of a session are shared.
    """

    squares: Floats
    df: Floats
    mean: Floats
    patient: NDArray[np.intp]
    overlap: Floats


class PooledVariance(NamedTuple):
    """A variance with its interval and the degrees of freedom behind it."""

    variance: float
    low: float
    high: float
    df: float


class PrecisionTrend(NamedTuple):
    """How the standard deviation changes when what is measured doubles: a ratio, 1 where it does not."""

    ratio: float
    low: float
    high: float
    statistic: float
    df: float
    p_value: float
    intercept: float  # log standard deviation where the covariate is 1
    slope: float  # of the log standard deviation on the log covariate


def repeated_units(values: ArrayLike, unit: ArrayLike, session: ArrayLike, patient: ArrayLike) -> Units:
    """Gather units that were measured at least twice; others are passed over.

    Parameters
    ----------
    values : array_like of float, shape (n,)
    unit, session, patient : array_like of int, shape (n,)
        Codes; a unit belongs to one patient.

    Returns
    -------
    Units
        In the order of the units' codes; patients are numbered anew.

    Examples
    --------
    >>> units = repeated_units([10, 12, 20, 20, 7], [0, 0, 1, 1, 2], [0, 1, 0, 1, 0], [0, 0, 1, 1, 1])
    >>> units.squares.tolist(), units.df.tolist()
    ([2.0, 0.0], [1.0, 1.0])
    """
    y, code = np.asarray(values, float), np.unique(np.asarray(unit), return_inverse=True)[1]
    counts = np.bincount(code)
    used = counts[code] > 1
    y, code, counts = y[used], np.unique(code[used], return_inverse=True)[1], counts[counts > 1]
    nothing = np.zeros(0)
    if not y.size:
        return Units(nothing, nothing, nothing, nothing.astype(np.intp), np.zeros((0, 2)))
    means = np.bincount(code, y) / counts
    deviation = y - means[code]
    owner = np.unique(np.asarray(patient)[used], return_inverse=True)[1]
    of_unit = np.zeros(counts.size, np.intp)
    of_unit[code] = owner
    when = np.unique(np.asarray(session)[used], return_inverse=True)[1]
    overlap = _overlap(deviation, code, when, owner, counts)
    squares = np.bincount(code, deviation**2).astype(float)
    return Units(squares, np.asarray(counts - 1.0, float), np.asarray(means, float), of_unit, overlap)


def _overlap(
    deviation: Floats, code: NDArray[np.intp], when: NDArray[np.intp], owner: NDArray[np.intp], counts: NDArray[np.intp]
) -> Floats:
    n_patients, n_sessions = int(owner.max()) + 1, int(when.max()) + 1
    by_session = np.bincount(owner * n_sessions + when, deviation, minlength=n_patients * n_sessions)
    shared = np.zeros((n_patients, n_sessions, n_sessions))  # sum over units of the matrix that takes out their mean
    np.add.at(shared, (owner, when, when), 1.0)
    order = np.argsort(code, kind="stable")
    first = np.cumsum(counts) - counts
    for size in np.unique(counts):  # pairs of measurements of one unit, for all units of a size at once
        rows = order[(first[counts == size])[:, None] + np.arange(size)]
        pairs = (owner[rows][:, :, None], when[rows][:, :, None], when[rows][:, None, :])
        np.add.at(shared, pairs, -1.0 / size)
    squares = (by_session.reshape(n_patients, n_sessions) ** 2).sum(axis=1)
    return np.stack([squares, np.einsum("pst,pts->p", shared, shared)], axis=1)


def pooled_variance(
    units: Units,
    *,
    of: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    is_nested: bool = False,
    confidence_level: float = 0.95,
) -> PooledVariance:
    """Pool variances over units.

    Parameters
    ----------
    units : Units
    of : array_like, shape (n_units,), optional
        What to pool; by default each unit's variance. A squared coefficient of variation has the same degrees of
        freedom.
    weights : array_like, shape (n_units,), optional
        By default the degrees of freedom, which makes it the mean square within.
    is_nested : bool
        Whether units go together in patients.
    confidence_level : float

    Returns
    -------
    PooledVariance
        Chi-squared limits. Simulated coverage of the 95 % interval, 10 to 40 patients with 4.5 lesions on average, of
        which up to 90 % of the error is shared by a patient's lesions: 94 to 97 % (chi-squared limits that take
        lesions for independent: 56 to 96 %). NaN without any unit; no upper limit where nothing varies.

    References
    ----------
    Satterthwaite FE. Biometrics Bull 1946;2:110-114.

    Examples
    --------
    The first two peak flows of three children (of the twenty of Bland and Altman 1996), L/min:

    >>> units = repeated_units([190, 220, 220, 200, 260, 260], [0, 0, 1, 1, 2, 2], [0, 1] * 3, [0, 0, 1, 1, 2, 2])
    >>> found = pooled_variance(units)
    >>> print(f"{found.variance:.1f} ({found.low:.1f} to {found.high:.1f}), {found.df:g} df")
    216.7 (69.5 to 3012.1), 3 df
    """
    nan = float("nan")
    if not units.df.size:
        return PooledVariance(nan, nan, nan, 0.0)
    values = units.squares / units.df if of is None else np.asarray(of, float)
    w = units.df if weights is None else np.asarray(weights, float)
    value = float(w @ values / w.sum())
    if value == 0:
        return PooledVariance(0.0, 0.0, nan, float(units.df.sum()))
    if np.isnan(value):
        return PooledVariance(nan, nan, nan, 0.0)
    independent = 2 * value**2 * float((w**2 / units.df).sum()) / w.sum() ** 2
    variance = independent
    if is_nested:
        influence = w * (values - value) / w.sum()
        totals, squares = np.bincount(units.patient, influence), np.bincount(units.patient, influence**2)
        counts = np.bincount(units.patient)
        if counts.size < 2:
            return PooledVariance(value, nan, nan, nan)
        empirical = float(patient_variance(totals, squares, counts).variance)
        variance = max(independent * shared_error_factor(units), empirical, independent)
    df = 2 * value**2 / variance
    tail = (1 - confidence_level) / 2
    return PooledVariance(value, float(df * value / chdtri(df, tail)), float(df * value / chdtri(df, 1 - tail)), df)


def shared_error_factor(units: Units) -> float:
    """By how much errors that a patient's units share at a session inflate the variance of the pooled variance.

    The correlation r of the errors of two units at one session is estimated by moments; sums of squares of two units
    then correlate by its square.
    """
    own = np.bincount(units.patient, units.df)
    mean_square = float(units.squares.sum() / units.df.sum())
    pairs = float((units.overlap[:, 1] - own).sum())
    if pairs <= 0 or mean_square == 0:
        return 1.0
    correlation = (float(units.overlap[:, 0].sum()) - mean_square * float(own.sum())) / pairs / mean_square
    return 1 + min(max(correlation, 0.0), 1.0) ** 2 * pairs / float(own.sum())


def change_limits(log_sd: float | Floats) -> tuple[Floats, Floats]:
    """Limits of the relative change between two measurements of an unchanged item: exp(-RC) - 1 and exp(RC) - 1.

    Examples
    --------
    >>> low, high = change_limits(0.1)
    >>> print(f"{low:.3f} to {high:.3f}")
    -0.242 to 0.319
    """
    reach = REPEATABILITY_FACTOR * np.asarray(log_sd, float)
    return np.expm1(-reach), np.expm1(reach)


def precision_trend(
    variances: ArrayLike, df: ArrayLike, covariate: ArrayLike, patient: ArrayLike, *, confidence_level: float = 0.95
) -> PrecisionTrend:
    """Regress variances within units on the logarithm of what is measured.

    Variances are gamma distributed round their expectation, whose logarithm is a straight line; a variance of 0, which
    rounding often gives, is no obstacle. The covariance is the larger of the model's and that between patients.

    Parameters
    ----------
    variances, df, covariate : array_like, shape (n_units,)
        Within-unit variances, their degrees of freedom, and the size or uptake, above 0.
    patient : array_like of int, shape (n_units,)
    confidence_level : float

    Returns
    -------
    PrecisionTrend
        NaN with fewer than three patients, a covariate that does not vary or is not above 0, or no variance at all.

    References
    ----------
    McCullagh P, Nelder JA. Generalized linear models. 2nd ed. London: Chapman and Hall; 1989. Chapter 8.
    """
    v, d, x = (np.asarray(part, float) for part in (variances, df, covariate))
    code = np.unique(np.asarray(patient), return_inverse=True)[1]
    n_patients = int(code.max()) + 1 if code.size else 0
    undefined = PrecisionTrend(*(float("nan"),) * 8)
    if n_patients < 3 or np.any(~(x > 0)) or np.ptp(x) == 0 or not (v > 0).sum() > 1:
        return undefined
    centre = float(np.log(x).mean())
    design = np.stack([np.ones(v.size), np.log(x) - centre], axis=1)
    beta = np.array([np.log(d @ v / d.sum()), 0.0])
    for _ in range(100):
        excess = v / np.exp(design @ beta) - 1
        step = np.linalg.solve(design.T @ (d[:, None] * design), design.T @ (d * excess))
        step = step * min(1.0, 2.0 / max(float(np.abs(step).max()), 1e-300))
        beta = beta + step
        if np.abs(step).max() < 1e-12:
            break
    else:
        return undefined
    slope, se = float(beta[1]) / 2, _slope_error(v, d, design, beta, code) / 2
    half = float(stdtrit(n_patients - 2, (1 + confidence_level) / 2)) * se
    t = slope / se
    ratio, low, high = (float(2**power) for power in (slope, slope - half, slope + half))
    p_value = 2 * float(stdtr(n_patients - 2, -abs(t)))
    intercept = float(beta[0]) / 2 - slope * centre
    return PrecisionTrend(ratio, low, high, t, n_patients - 2.0, p_value, intercept, slope)


def _slope_error(v: Floats, d: Floats, design: Floats, beta: Floats, code: NDArray[np.intp]) -> float:
    bread = np.linalg.inv(design.T @ (d[:, None] * design))
    score = (d * (v / np.exp(design @ beta) - 1))[:, None] * design
    totals = np.stack([np.bincount(code, column) for column in score.T], axis=1)
    k = len(totals)
    robust = bread @ (totals.T @ totals) @ bread * k / (k - 2)
    return float(np.sqrt(max(robust[1, 1], 2 * bread[1, 1])))
