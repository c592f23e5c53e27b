"""Intraclass correlation of a complete items × readers table: the six Shrout-Fleiss forms from mean squares."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import fdtrc, fdtri

from biomarker.kernels.interval import Interval

FORMS = ("ICC(1,1)", "ICC(2,1)", "ICC(3,1)", "ICC(1,k)", "ICC(2,k)", "ICC(3,k)")
"""Model 1: readers differ from item to item; 2: readers a random sample, absolute agreement; 3: these readers,
consistency. The second sign is the number of readings averaged: one, or all `k`."""

MCGRAW_WONG = {
    "ICC(1)": "ICC(1,1)",
    "ICC(k)": "ICC(1,k)",
    "ICC(C,1), random": "ICC(3,1)",
    "ICC(C,k), random": "ICC(3,k)",
    "ICC(A,1), random": "ICC(2,1)",
    "ICC(A,k), random": "ICC(2,k)",
    "ICC(C,1), mixed": "ICC(3,1)",
    "ICC(C,k), mixed": "ICC(3,k)",
    "ICC(A,1), mixed": "ICC(2,1)",
    "ICC(A,k), mixed": "ICC(2,k)",
}
"""The ten coefficients of McGraw and Wong (1996, table 4), readers at random or fixed, and the form of Shrout and
Fleiss that has the same formula: C is consistency, A absolute agreement."""


class MeanSquares(NamedTuple):
    """Two-way analysis of variance of a complete table; each mean square a float or one value per feature."""

    items: Any
    readers: Any
    residual: Any
    within: Any  # readers and residual pooled: all that differs within an item
    n_items: Any
    n_readers: int


class VarianceComponents(NamedTuple):
    """Moment estimates, set to 0 where they come out negative."""

    item: Any
    reader: Any
    residual: Any


class IntraclassCorrelation(NamedTuple):
    """One form: estimate, limits, and the F test of "no variance between items"."""

    icc: Any
    low: Any
    high: Any
    f: Any
    df1: Any
    df2: Any
    p_value: Any


def mean_squares(values: ArrayLike) -> MeanSquares:
    """Mean squares between items, between readers, residual, and within items.

    Parameters
    ----------
    values : array_like, shape (n_items, n_readers) or (n_items, n_readers, n_features)
        One reading per item and reader, none missing.

    Returns
    -------
    MeanSquares
        Floats, or arrays of shape (n_features,).

    Raises
    ------
    ValueError
        With fewer than 2 items or 2 readers, or a value that is not finite.

    Examples
    --------
    The four judges and six targets of Shrout and Fleiss (1979), table 2:

    >>> judges = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
    >>> ms = mean_squares(judges)
    >>> print(f"{ms.items:.2f} {ms.readers:.2f} {ms.residual:.2f} {ms.within:.2f}")
    11.24 32.49 1.02 6.26
    """
    table = _table(values)
    n, k = table.shape[:2]
    # Deviations are taken from the first reader before they are averaged: readers who agree then give an exact 0.
    from_first = table - table[:, :1]
    offset = from_first.mean(axis=1, keepdims=True)
    deviation = from_first - offset
    item_mean = table[:, 0] + offset[:, 0]
    item_mean = item_mean - item_mean[0]  # and items that do not differ, too
    ss_items = k * np.square(item_mean - item_mean.mean(axis=0)).sum(axis=0)
    ss_within = np.square(deviation).sum(axis=(0, 1))
    ss_readers = n * np.square(deviation.mean(axis=0)).sum(axis=0)
    ss_residual = np.maximum(ss_within - ss_readers, 0.0)
    return MeanSquares(
        ss_items / (n - 1), ss_readers / (k - 1), ss_residual / ((n - 1) * (k - 1)), ss_within / (n * (k - 1)), n, k
    )


def resampled_mean_squares(values: ArrayLike, weights: ArrayLike) -> MeanSquares:
    """Mean squares of many resamples of the items at once.

    Parameters
    ----------
    values : array_like, shape (n_items, n_readers)
    weights : array_like of int, shape (n_resamples, n_items)
        How often each item is in each resample; the lesions of one patient share one weight.

    Returns
    -------
    MeanSquares
        Arrays of shape (n_resamples,), `n_items` included: with whole patients drawn it differs between resamples.
    """
    table = _table(values)
    if table.ndim != 2:
        raise ValueError("resampling takes one feature at a time")
    w = np.asarray(weights, float)
    n, k = w.sum(axis=1), table.shape[1]
    from_first = table - table[:, :1]
    offset = from_first.mean(axis=1, keepdims=True)
    deviation = from_first - offset
    item_mean = table[:, 0] + offset[:, 0]
    item_mean = item_mean - item_mean[0]
    item_mean = item_mean - item_mean.mean()  # keeps the sums of squares below free of cancellation
    with np.errstate(invalid="ignore", divide="ignore"):  # a resample of a single item is NaN
        ss_items = k * np.maximum(w @ np.square(item_mean) - np.square(w @ item_mean) / n, 0.0)
        ss_within = w @ np.square(deviation).sum(axis=1)
        ss_readers = np.square(w @ deviation).sum(axis=1) / n
        ss_residual = np.maximum(ss_within - ss_readers, 0.0)
        return MeanSquares(
            ss_items / (n - 1), ss_readers / (k - 1), ss_residual / ((n - 1) * (k - 1)), ss_within / (n * (k - 1)), n, k
        )


def icc_estimate(ms: MeanSquares, form: str) -> NDArray[np.float64]:
    """Estimate one of the six forms from mean squares [1]_, in their shape.

    NaN where nothing varies, and for ICC(2,k) where readers differ so much less than the residual would have them that
    the variance of a mean reading comes out negative (the formula then gives values above 1).

    References
    ----------
    .. [1] Shrout PE, Fleiss JL. Intraclass correlations. Psychol Bull 1979;86:420-428.
    """
    model, averaged = _model(form)
    k, n = ms.n_readers, ms.n_items
    error = ms.within if model == 1 else ms.residual
    extra = (ms.readers - ms.residual) / n if model == 2 else 0.0
    denominator = ms.items + extra if averaged else ms.items + (k - 1) * error + k * extra
    with np.errstate(invalid="ignore", divide="ignore"):  # 0/0 is the documented NaN
        return np.where(denominator > 0, (ms.items - error) / denominator, np.nan)


def variance_components(ms: MeanSquares) -> VarianceComponents:
    """Variance of items, of readers, and residual, by the method of moments (two-way random model).

    Examples
    --------
    >>> judges = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
    >>> parts = variance_components(mean_squares(judges))
    >>> print(f"{parts.item:.2f} {parts.reader:.2f} {parts.residual:.2f}")
    2.56 5.24 1.02
    """
    return VarianceComponents(
        np.maximum((ms.items - ms.residual) / ms.n_readers, 0.0)[()],
        np.maximum((ms.readers - ms.residual) / ms.n_items, 0.0)[()],
        np.asarray(ms.residual)[()],
    )


def intraclass_correlation(
    values: ArrayLike, form: str = "ICC(2,1)", *, confidence_level: float = 0.95, null_value: float = 0.0
) -> IntraclassCorrelation:
    """Intraclass correlation with its F test and interval, for one or many features.

    Intervals are exact for models 1 and 3 and use Satterthwaite's degrees of freedom for model 2 [1]_ [2]_.
    In the notation of McGraw and Wong, ICC(2,·) is ICC(A,·), absolute agreement, and ICC(3,·) is ICC(C,·), consistency.

    Parameters
    ----------
    values : array_like, shape (n_items, n_readers) or (n_items, n_readers, n_features)
        One reading per item and reader, none missing.
    form : str
        One of `FORMS`.
    confidence_level : float
        Two-sided coverage, a fraction in (0, 1).
    null_value : float
        The test is that the ICC is not above this, a fraction in [0, 1) [2]_.

    Returns
    -------
    IntraclassCorrelation
        Floats, or arrays of shape (n_features,). NaN for a feature without any variance. The lower limit of
        ICC(2,k) is minus infinity where the limit of ICC(2,1) is too low to be stepped up to k readings.

    Raises
    ------
    ValueError
        With fewer than 2 items or 2 readers, a value that is not finite, or an unknown form.

    References
    ----------
    .. [1] Shrout PE, Fleiss JL. Intraclass correlations. Psychol Bull 1979;86:420-428.
    .. [2] McGraw KO, Wong SP. Forming inferences about some intraclass correlation coefficients. Psychol Methods
       1996;1:30-46.

    Examples
    --------
    Table 4 of Shrout and Fleiss (1979):

    >>> judges = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
    >>> " ".join(f"{intraclass_correlation(judges, form).icc:.2f}" for form in FORMS)
    '0.17 0.29 0.71 0.44 0.62 0.91'
    """
    return icc_with_interval(mean_squares(values), form, confidence_level=confidence_level, null_value=null_value)


def icc_with_interval(
    ms: MeanSquares, form: str, *, confidence_level: float = 0.95, null_value: float = 0.0
) -> IntraclassCorrelation:
    """Give one form with its interval and test from mean squares; see `intraclass_correlation`."""
    model, averaged = _model(form)
    if not 0 < confidence_level < 1:
        raise ValueError("confidence_level is a fraction between 0 and 1")
    if not 0 <= null_value < 1:
        raise ValueError("null_value is a fraction from 0 to below 1")
    n, k = ms.n_items, ms.n_readers
    df1, df2 = n - 1, n * (k - 1) if model == 1 else (n - 1) * (k - 1)
    error = ms.within if model == 1 else ms.residual
    with np.errstate(invalid="ignore", divide="ignore"):  # no error variance: F is infinite; none at all: NaN
        f = np.asarray(ms.items / np.asarray(error, float))
        if model == 2:
            limits = _limits_random_readers(ms, confidence_level)
        else:
            limits = _limits_from_f(f, df1, df2, k, confidence_level)
        low, high = _stepped_up(limits, k) if averaged else limits
    icc = icc_estimate(ms, form)
    low, high = (np.where(np.isnan(icc), np.nan, limit)[()] for limit in (low, high))
    test = _f_test(ms, model, null_value / (k - (k - 1) * null_value) if averaged else null_value)
    return IntraclassCorrelation(icc[()], low, high, test.statistic, float(df1), test.df, test.p_value)


class _FTest(NamedTuple):
    statistic: Any
    df: Any  # of the denominator
    p_value: Any


def _f_test(ms: MeanSquares, model: int, null_value: float) -> _FTest:
    """Test that the single-reading ICC is not above a value (McGraw and Wong 1996, tables 7 and 8)."""
    n, k = ms.n_items, ms.n_readers
    ratio = k * null_value / (1 - null_value)  # of the variance of items, times k, to that of the error
    with np.errstate(invalid="ignore", divide="ignore"):  # no error variance: F is infinite; none at all: NaN
        if model == 2:
            a, b = ratio / n, 1 + ratio * (n - 1) / n
            of_readers, of_residual = a * np.asarray(ms.readers, float), b * np.asarray(ms.residual, float)
            f = np.asarray(ms.items / (of_readers + of_residual))
            df = (of_readers + of_residual) ** 2 / (of_readers**2 / (k - 1) + of_residual**2 / ((n - 1) * (k - 1)))
            df = np.where(of_readers == 0, float((n - 1) * (k - 1)), df)
        else:
            error = ms.within if model == 1 else ms.residual
            f = np.asarray(ms.items / np.asarray(error, float)) / (1 + ratio)
            df = np.asarray(float(n * (k - 1) if model == 1 else (n - 1) * (k - 1)))
    return _FTest(f[()], df[()], fdtrc(n - 1, df, f)[()])


def _limits_from_f(f: NDArray[np.float64], df1: int, df2: int, k: int, confidence_level: float) -> Interval:
    """Limits of the single-reading form of models 1 and 3: the ICC is a monotone function of F."""
    tail = (1 + confidence_level) / 2
    f_low, f_high = f / fdtri(df1, df2, tail), f * fdtri(df2, df1, tail)
    low, high = ((ratio - 1) / (ratio + k - 1) for ratio in (f_low, f_high))
    infinite = np.isinf(f)  # readers agree exactly: F/F in the ratio above would be NaN
    return Interval(np.where(infinite, 1.0, low), np.where(infinite, 1.0, high))


def _limits_random_readers(ms: MeanSquares, confidence_level: float) -> Interval:
    """Limits of ICC(2,1): Satterthwaite's degrees of freedom for the pooled error of readers and residual."""
    n, k, tail = ms.n_items, ms.n_readers, (1 + confidence_level) / 2
    rho = icc_estimate(ms, "ICC(2,1)")
    of_readers = k * rho * ms.readers
    of_residual = (n * (1 + (k - 1) * rho) - k * rho) * ms.residual
    df = (k - 1) * (n - 1) * (of_readers + of_residual) ** 2 / ((n - 1) * of_readers**2 + of_residual**2)
    f_low, f_high = fdtri(n - 1, df, tail), fdtri(df, n - 1, tail)
    pooled = k * ms.readers + (k * n - k - n) * ms.residual
    # Divided through by F, which is infinite where a negative ICC leaves the error next to no degrees of freedom.
    low = n * (ms.items / f_low - ms.residual) / (pooled + n * ms.items / f_low)
    high = n * (ms.items - ms.residual / f_high) / (pooled / f_high + n * ms.items)
    perfect = (np.asarray(ms.within) == 0) & (np.asarray(ms.items) > 0)
    return Interval(np.where(perfect, 1.0, low), np.where(perfect, 1.0, high))


def _stepped_up(limits: Interval, k: int) -> Interval:
    """Spearman-Brown: the reliability of a mean of k readings from that of one."""
    low, high = (np.where((k - 1) * rho <= -1, -np.inf, k * rho / (1 + (k - 1) * rho)) for rho in limits)
    return Interval(low, high)


def _model(form: str) -> tuple[int, bool]:
    if form not in FORMS:
        raise ValueError(f"unknown form {form!r}: one of {', '.join(FORMS)}")
    return int(form[4]), form[6] == "k"


def _table(values: ArrayLike) -> NDArray[np.float64]:
    table = np.asarray(values, float)
    if table.ndim not in (2, 3) or min(table.shape[:2]) < 2:
        raise ValueError("need at least 2 items and 2 readers, as an array (items, readers[, features])")
    if not np.isfinite(table).all():
        raise ValueError("every item needs a finite reading by every reader")
    return table
