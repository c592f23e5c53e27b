"""Bland-Altman limits of agreement of two readings, with intervals for the limits, independent or nested pairs."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtri, nctdtrit, ndtri, stdtr, stdtrit

from biomarker.kernels.interval import Interval

SCALES = ("difference", "percent", "ratio")
INTERVALS = ("exact", "approximate")


class LimitsOfAgreement(NamedTuple):
    """Bias and limits on the scale of the differences given, each with its confidence interval."""

    bias: float
    bias_interval: Interval
    sd: float  # of one difference: between and within patients together when nested
    lower: float
    lower_interval: Interval
    upper: float
    upper_interval: Interval
    n: int
    n_patients: int
    sd_between: float  # NaN when pairs are independent
    sd_within: float
    statistic: float  # t test of no bias; NaN where differences do not vary
    df: int
    p_value: float


class ProportionalBias(NamedTuple):
    """Regression of the difference on the mean of the two readings."""

    slope: float
    interval: Interval
    intercept: float
    statistic: float
    df: float
    p_value: float


class DifferencesAndMeans(NamedTuple):
    """What a Bland-Altman plot shows: ordinate and abscissa."""

    difference: NDArray[np.float64]
    mean: NDArray[np.float64]


def differences_and_means(first: ArrayLike, second: ArrayLike, scale: str = "difference") -> DifferencesAndMeans:
    """Differences of two readings, first minus second, on one of three scales.

    Parameters
    ----------
    first, second : array_like, shape (n,)
        Paired readings in one unit.
    scale : {"difference", "percent", "ratio"}
        ``first - second``; that in percent of the pair's mean; or the natural logarithm of ``first / second``, whose
        limits are ratios after `exp`.

    Returns
    -------
    DifferencesAndMeans
        `mean` is the arithmetic mean, for ``"ratio"`` the geometric mean, in the unit of the readings.

    Raises
    ------
    ValueError
        For an unknown scale, unequal lengths, values that are not finite, or, on a relative scale, not positive.
    """
    a, b = np.asarray(first, float), np.asarray(second, float)
    if scale not in SCALES:
        raise ValueError(f"unknown scale {scale!r}: one of {', '.join(SCALES)}")
    if a.shape != b.shape or a.ndim != 1:
        raise ValueError("the two readings must be paired: two arrays of one length")
    if not (np.isfinite(a).all() and np.isfinite(b).all()):
        raise ValueError("readings must be finite")
    if scale != "difference" and (np.any(a <= 0) or np.any(b <= 0)):
        raise ValueError("relative scales need positive readings")
    if scale == "ratio":
        return DifferencesAndMeans(np.log(a) - np.log(b), np.sqrt(a) * np.sqrt(b))
    mean = (a + b) / 2
    return DifferencesAndMeans(a - b if scale == "difference" else 100 * (a - b) / mean, mean)


def limits_of_agreement(
    differences: ArrayLike,
    *,
    coverage: float = 0.95,
    interval: str = "exact",
    confidence_level: float = 0.95,
) -> LimitsOfAgreement:
    """Limits of agreement of independent pairs [1]_, with exact [2]_ or approximate [3]_ intervals for each limit.

    Parameters
    ----------
    differences : array_like, shape (n,)
    coverage : float
        Share of differences the limits are to hold; 0.95 puts them at 1.96 standard deviations.
    interval : {"exact", "approximate"}
        Noncentral t, or Bland and Altman's normal approximation to the variance of a limit.
    confidence_level : float
        Two-sided coverage of each interval, a fraction in (0, 1).

    Returns
    -------
    LimitsOfAgreement
        In the unit of `differences`; with a single difference only `bias` is defined.

    Raises
    ------
    ValueError
        Without differences, or for a value that is not finite.

    References
    ----------
    .. [1] Bland JM, Altman DG. Statistical methods for assessing agreement between two methods of clinical
       measurement. Lancet 1986;1:307-310.
    .. [2] Carkeet A. Exact parametric confidence intervals for Bland-Altman limits of agreement. Optom Vis Sci
       2015;92:e71-e80.
    .. [3] Bland JM, Altman DG. Measuring agreement in method comparison studies. Stat Methods Med Res 1999;8:135-160.

    Examples
    --------
    Two peak flow meters on 17 subjects, Wright minus mini Wright [1]_:

    >>> wright = [494, 395, 516, 434, 476, 557, 413, 442, 650, 433, 417, 656, 267, 478, 178, 423, 427]
    >>> mini = [512, 430, 520, 428, 500, 600, 364, 380, 658, 445, 432, 626, 260, 477, 259, 350, 451]
    >>> agreement = limits_of_agreement(np.subtract(wright, mini))
    >>> print(f"{agreement.bias:.1f}, SD {agreement.sd:.1f}, limits {agreement.lower:.1f} to {agreement.upper:.1f}")
    -2.1, SD 38.8, limits -78.1 to 73.9
    """
    d = _differences(differences)
    n = d.size
    sd = float(_spread(d))
    return limits_from_summary(
        float(d.mean()), sd, n, coverage=coverage, interval=interval, confidence_level=confidence_level
    )


def limits_from_summary(
    bias: float,
    sd: float,
    n: int,
    *,
    coverage: float = 0.95,
    interval: str = "exact",
    confidence_level: float = 0.95,
) -> LimitsOfAgreement:
    """Limits of agreement from a printed mean and standard deviation of `n` independent differences.

    Parameters, errors and sources are those of `limits_of_agreement`.

    Examples
    --------
    Systolic pressure by an observer and a machine, 85 subjects (Bland and Altman 1999, section 2.2):

    >>> agreement = limits_from_summary(-16.29, 19.61, 85, interval="approximate")
    >>> print(f"{agreement.upper:.1f} ({agreement.upper_interval.low:.1f} to {agreement.upper_interval.high:.1f})")
    22.1 (14.9 to 29.4)
    """
    if interval not in INTERVALS:
        raise ValueError(f"unknown interval {interval!r}: one of {', '.join(INTERVALS)}")
    _fractions(coverage=coverage, confidence_level=confidence_level)
    z, tail = ndtri((1 + coverage) / 2), (1 + confidence_level) / 2
    nan = float("nan")
    if n < 2:
        none = Interval(nan, nan)
        return LimitsOfAgreement(bias, none, nan, nan, none, nan, none, n, n, nan, nan, nan, n - 1, nan)
    t = stdtrit(n - 1, tail)
    if interval == "exact":  # the limit is a normal quantile: its pivot is noncentral t
        inner, outer = (float(nctdtrit(n - 1, z * np.sqrt(n), p) / np.sqrt(n)) * sd for p in (1 - tail, tail))
    else:
        half_width = t * sd * np.sqrt(1 / n + z**2 / (2 * (n - 1)))
        inner, outer = z * sd - half_width, z * sd + half_width
    half = float(t * sd / np.sqrt(n))
    return LimitsOfAgreement(
        bias=bias,
        bias_interval=Interval(bias - half, bias + half),
        sd=sd,
        lower=float(bias - z * sd),
        lower_interval=Interval(float(bias - outer), float(bias - inner)),
        upper=float(bias + z * sd),
        upper_interval=Interval(float(bias + inner), float(bias + outer)),
        n=n,
        n_patients=n,
        sd_between=nan,
        sd_within=nan,
        **_no_bias_test(bias, sd / np.sqrt(n), n - 1),
    )


def nested_limits_of_agreement(
    differences: ArrayLike, patient: ArrayLike, *, coverage: float = 0.95, confidence_level: float = 0.95
) -> LimitsOfAgreement:
    """Limits of agreement of one lesion, where lesions are nested in patients [1]_ [2]_.

    The variance of a difference is split into a part between patients and a part between the lesions of a patient.
    With unequal numbers of lesions the split follows Zou, who averages over patients: the bias is the mean of the
    patients' mean differences, so a patient with many lesions does not outweigh the others. Intervals come from
    recovered variance estimates (MOVER), with Student's t for the bias in place of Zou's normal quantile because
    trials have few patients.

    Parameters
    ----------
    differences : array_like, shape (n,)
    patient : array_like of int, shape (n,)
        Code of the patient of each difference.
    coverage, confidence_level : float
        As in `limits_of_agreement`.

    Returns
    -------
    LimitsOfAgreement
        `sd_between` is 0 where its square came out negative; `sd` is not affected by that. All but `bias` are NaN with
        a single patient. With one lesion in every patient the result is `limits_of_agreement` with exact intervals.

    Raises
    ------
    ValueError
        Without differences, for a value that is not finite, or for unequal lengths.

    References
    ----------
    .. [1] Bland JM, Altman DG. Agreement between methods of measurement with multiple observations per individual.
       J Biopharm Stat 2007;17:571-582.
    .. [2] Zou GY. Confidence interval estimation for the Bland-Altman limits of agreement with multiple observations
       per individual. Stat Methods Med Res 2013;22:630-642.
    """
    d = _differences(differences)
    _fractions(coverage=coverage, confidence_level=confidence_level)
    code = np.unique(np.asarray(patient), return_inverse=True)[1]
    if code.shape != d.shape:
        raise ValueError("need one patient for each difference")
    lesions = np.bincount(code)
    n, k = d.size, lesions.size
    if n == k:
        return limits_of_agreement(d, coverage=coverage, confidence_level=confidence_level)
    means = np.bincount(code, weights=d) / lesions
    bias = float(means.mean())
    if k < 2:
        nan = float("nan")
        none = Interval(nan, nan)
        return LimitsOfAgreement(bias, none, nan, nan, none, nan, none, n, k, nan, nan, nan, k - 1, nan)
    between = _spread(means) ** 2
    within = np.square(d - means[code]).sum() / (n - k)
    share = 1 - np.mean(1 / lesions)  # 1 - 1/harmonic mean of the lesions per patient
    variance = between + share * within
    tail = (1 + confidence_level) / 2
    lower_v, upper_v = _variance_limits(between, k - 1, share * within, n - k, tail)
    half = stdtrit(k - 1, tail) * np.sqrt(between / k)
    z, sd = ndtri((1 + coverage) / 2), np.sqrt(variance)
    outward = np.hypot(half, z * (np.sqrt(upper_v) - sd))
    inward = np.hypot(half, z * (sd - np.sqrt(lower_v)))
    lower, upper = float(bias - z * sd), float(bias + z * sd)
    return LimitsOfAgreement(
        bias=bias,
        bias_interval=Interval(float(bias - half), float(bias + half)),
        sd=float(sd),
        lower=lower,
        lower_interval=Interval(float(lower - outward), float(lower + inward)),
        upper=upper,
        upper_interval=Interval(float(upper - inward), float(upper + outward)),
        n=n,
        n_patients=k,
        sd_between=float(np.sqrt(max(variance - within, 0.0))),
        sd_within=float(np.sqrt(within)),
        **_no_bias_test(bias, np.sqrt(between / k), k - 1),
    )


def proportional_bias(
    differences: ArrayLike, means: ArrayLike, patient: ArrayLike | None = None, *, confidence_level: float = 0.95
) -> ProportionalBias:
    """Test whether the difference grows with the size of what is measured: slope of difference on mean.

    Parameters
    ----------
    differences, means : array_like, shape (n,)
    patient : array_like of int, shape (n,), optional
        With it the variance is cluster-robust (with the usual factor K/(K-1) · (n-1)/(n-2)) and t has K-1 degrees of
        freedom; without it ordinary least squares, n-2.
    confidence_level : float
        Two-sided coverage, a fraction in (0, 1).

    Returns
    -------
    ProportionalBias
        `slope` is the change of the difference per unit of the mean. NaN where means do not vary; inference is NaN
        with fewer than 3 pairs or 2 patients, or an exact fit.

    References
    ----------
    .. [1] Bland JM, Altman DG. Measuring agreement in method comparison studies. Stat Methods Med Res 1999;8:135-160.
    """
    d, m = _differences(differences), _differences(means)
    if d.shape != m.shape:
        raise ValueError("need one mean for each difference")
    _fractions(confidence_level=confidence_level)
    n, nan = d.size, float("nan")
    centred = m - m.mean()
    sxx = centred @ centred
    if sxx == 0:
        return ProportionalBias(nan, Interval(nan, nan), nan, nan, nan, nan)
    slope = float(centred @ d / sxx)
    intercept = float(d.mean() - slope * m.mean())
    residual = d - d.mean() - slope * centred
    if patient is None:
        df = n - 2
        variance = residual @ residual / df / sxx if df > 0 else nan
    else:
        code = np.unique(np.asarray(patient), return_inverse=True)[1]
        score = np.bincount(code, weights=centred * residual)
        df = score.size - 1
        variance = (score @ score) / sxx**2 * score.size / df * (n - 1) / (n - 2) if df > 0 and n > 2 else nan
    se = np.sqrt(variance)
    if not se > 1e-12 * abs(slope):  # NaN, or points on a line
        return ProportionalBias(slope, Interval(nan, nan), intercept, nan, float(df), nan)
    half = float(stdtrit(df, (1 + confidence_level) / 2) * se)
    t = float(slope / se)
    p_value = float(2 * stdtr(df, -abs(t)))
    return ProportionalBias(slope, Interval(slope - half, slope + half), intercept, t, float(df), p_value)


def _no_bias_test(bias: float, std_error: float, df: int) -> dict[str, Any]:
    t = float(bias / std_error) if std_error > 0 else float("nan")
    return {"statistic": t, "df": df, "p_value": float(2 * stdtr(df, -abs(t)))}


def _variance_limits(first: float, df1: int, second: float, df2: int, tail: float) -> tuple[float, float]:
    """MOVER limits for the sum of two variances with chi-square limits each."""
    parts = ((first, df1), (second, df2))
    lower = np.sqrt(sum((v * (1 - df / chdtri(df, 1 - tail))) ** 2 for v, df in parts))
    upper = np.sqrt(sum((v * (df / chdtri(df, tail) - 1)) ** 2 for v, df in parts))
    total = first + second
    return float(max(total - lower, 0.0)), float(total + upper)


def _spread(x: NDArray[np.float64]) -> float:
    """Give the standard deviation, an exact 0 for equal values."""
    return float((x - x[0]).std(ddof=1)) if x.size > 1 else float("nan")


def _differences(values: ArrayLike) -> NDArray[np.float64]:
    x = np.asarray(values, float)
    if x.ndim != 1 or x.size == 0 or not np.isfinite(x).all():
        raise ValueError("need one finite value per pair, and at least one pair")
    return x


def _fractions(**named: float) -> None:
    for name, value in named.items():
        if not 0 < value < 1:
            raise ValueError(f"{name} is a fraction between 0 and 1")
