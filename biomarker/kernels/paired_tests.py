"""Two binary tests of the same rows against one reference standard, rows independent or nested in patients.

Sensitivity, specificity, PPV and NPV are treated alike: each is a share of the rows that "count" for it, and each row
has an influence on it. For sensitivity and specificity the rows that count are the same for both tests; for the
predictive values each test has its own, which is what makes their comparison different from McNemar's.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtrc, ndtr, stdtr

from biomarker.kernels.clustered_proportion import ONE_PATIENT, clustered_proportion
from biomarker.kernels.interval import Interval
from biomarker.kernels.measure import Measure, measure
from biomarker.kernels.paired_proportions import HypothesisTest
from biomarker.kernels.patient_variance import (
    PatientVariance,
    influence_correlation,
    patient_variance,
    student_quantile,
)
from biomarker.kernels.proportion import interval_method, normal_quantile
from biomarker.kernels.sensitivity_specificity import mover_sum

Array = NDArray[np.float64]

COMPARED = ("sensitivity", "specificity", "ppv", "npv")
EMPTY_SIDE = "a test has no row that counts"
ZERO_SIDE = "a proportion is zero, where the log method has no limit"


class Side(NamedTuple):
    """One proportion of one test: which rows count, and which of those are successes; bool arrays of shape (rows,)."""

    successes: NDArray[np.bool_]
    counts: NDArray[np.bool_]

    @property
    def value(self) -> float:
        """The proportion; NaN where no row counts."""
        n = int(self.counts.sum())
        return float(self.successes.sum() / n) if n else float("nan")

    @property
    def influence(self) -> Array:
        """Influence of each row; zero for rows that do not count."""
        n = max(int(self.counts.sum()), 1)
        return np.asarray((self.successes - np.nan_to_num(self.value) * self.counts) / n)


def side(quantity: str, truth: ArrayLike, called: ArrayLike) -> Side:
    """Return the rows behind one of `COMPARED` for one test.

    Parameters
    ----------
    quantity : str
    truth, called : array_like of bool, shape (rows,)
        Reference standard and test.
    """
    d, x = np.asarray(truth, bool), np.asarray(called, bool)
    sides = {
        "sensitivity": Side(d & x, d),
        "specificity": Side(~d & ~x, ~d),
        "ppv": Side(x & d, x),
        "npv": Side(~x & ~d, ~x),
    }
    if quantity not in sides:
        raise ValueError(f"no quantity {quantity!r}; choose from {', '.join(COMPARED)}")
    return sides[quantity]


def proportion_of(one: Side, patients: ArrayLike | None, *, interval: str, confidence_level: float) -> Measure:
    """Return one test's proportion with its interval, between patients where codes are given.

    Parameters
    ----------
    one : Side
    patients : array_like of int, shape (rows,), or None
        Codes 0..K-1; None where rows are independent.
    interval : str
    confidence_level : float
    """
    if patients is None:
        x, n = int(one.successes.sum()), int(one.counts.sum())
        low, high = interval_method(interval)(x, n, confidence_level=confidence_level)
        return measure(one.value, low, high, "" if n else EMPTY_SIDE)
    x_of, n_of = per_patient(one.successes, patients), per_patient(one.counts, patients)
    found = clustered_proportion(x_of, n_of, interval=interval, confidence_level=confidence_level)
    return measure(found.value, found.low, found.high, found.reason)


def difference(
    first: Side,
    second: Side,
    patients: ArrayLike | None,
    *,
    interval: str = "wilson",
    confidence_level: float = 0.95,
) -> Measure:
    """Difference of a proportion between two tests, the limits of each combined with their correlation (MOVER) [1]_.

    The correlation is that of the influences of rows, or of patients.

    References
    ----------
    .. [1] Zou GY, Donner A. Stat Med 2008;27:1693-1702.
    """
    one = proportion_of(first, patients, interval=interval, confidence_level=confidence_level)
    other = proportion_of(second, patients, interval=interval, confidence_level=confidence_level)
    if np.isnan(one.value) or np.isnan(other.value):
        return measure(np.nan, np.nan, np.nan, EMPTY_SIDE)
    correlation = influence_correlation(_totals(first.influence, patients), _totals(second.influence, patients))
    negative = Interval(-other.high, -other.low)
    low, high = mover_sum(one.value, Interval(one.low, one.high), -other.value, negative, -correlation)
    reason = ONE_PATIENT if np.isnan(low) else ""
    return measure(one.value - other.value, np.clip(low, -1, 1), np.clip(high, -1, 1), reason)


def ratio(first: Side, second: Side, patients: ArrayLike | None, *, confidence_level: float = 0.95) -> Measure:
    """Ratio of a proportion between two tests, with limits on the log scale.

    For predictive values of independent rows these are Moskowitz and Pepe's [1]_; for sensitivity and specificity Nam
    and Blackwelder's [2]_.

    References
    ----------
    .. [1] Moskowitz CS, Pepe MS. Clin Trials 2006;3:272-279.
    .. [2] Nam JM, Blackwelder WC. Stat Med 2002;21:689-699.
    """
    p, q = first.value, second.value
    if np.isnan(p) or np.isnan(q):
        return measure(np.nan, np.nan, np.nan, EMPTY_SIDE)
    if p == 0 or q == 0:
        return measure(np.nan if p == q else np.inf if q == 0 else 0.0, np.nan, np.nan, ZERO_SIDE)
    error, quantile = _error(first.influence / p - second.influence / q, first, second, patients, confidence_level)
    factor = np.exp(quantile * error)
    return measure(p / q, p / q / factor, p / q * factor, ONE_PATIENT if np.isnan(factor) else "")


def wald_test(first: Side, second: Side, patients: ArrayLike | None) -> HypothesisTest:
    """Test that the log ratio of two proportions is zero: Moskowitz and Pepe's, for predictive values [1]_.

    Normal for independent rows, Student's t with K−1 degrees of freedom between patients.

    References
    ----------
    .. [1] Moskowitz CS, Pepe MS. Clin Trials 2006;3:272-279.
    """
    p, q = first.value, second.value
    if not (p > 0 and q > 0):
        return HypothesisTest(np.nan, np.nan, np.nan)
    influence = first.influence / p - second.influence / q
    spread = _variance(influence, first, second, patients)
    variance, df = (float((influence**2).sum()), np.nan) if spread is None else (spread.variance, spread.df)
    if not variance > 0:
        return _no_variance(p == q)
    z = float(np.log(p / q) / np.sqrt(variance))
    return HypothesisTest(z, df, 2 * float(ndtr(-abs(z)) if spread is None else stdtr(df, -abs(z))))


def score_test(first: Side, second: Side, patients: ArrayLike | None) -> HypothesisTest:
    """Generalized score test that a proportion is the same for two tests [1]_, [2]_.

    It is the score test of a logistic model of success on test, fitted to the rows that count by independence
    estimating equations, with the variance between rows or between patients. For sensitivity and specificity of
    independent rows it is McNemar's; between patients, Obuchowski's [3]_ with an uncentred variance.

    Returns
    -------
    HypothesisTest
        Chi-squared with one degree of freedom.

    References
    ----------
    .. [1] Leisenring W, Alonzo T, Pepe MS. Biometrics 2000;56:345-351.
    .. [2] Kosinski AS. Stat Med 2013;32:964-977.
    .. [3] Obuchowski NA. Stat Med 1998;17:1495-1507.
    """
    if np.isnan(first.value) or np.isnan(second.value):
        return HypothesisTest(np.nan, np.nan, np.nan)
    n1, n2 = int(first.counts.sum()), int(second.counts.sum())
    pooled, share = _pooled(first, second), n1 / (n1 + n2)
    of_first = (first.successes - pooled * first.counts) * (1 - share)
    of_second = (second.successes - pooled * second.counts) * share
    contributions = _totals(of_first - of_second, patients)
    variance = float((contributions**2).sum())
    if variance <= 1e-24:
        return _no_variance(first.value == second.value)
    statistic = float(contributions.sum() ** 2 / variance)
    return HypothesisTest(statistic, 1.0, float(chdtrc(1, statistic)))


def weighted_score_test(first: Side, second: Side, patients: ArrayLike | None) -> HypothesisTest:
    """Kosinski's weighted generalized score test [1]_.

    The difference over its standard error under the pooled proportion: unlike `score_test` it becomes the usual score
    test when the tests share no row. Between patients its variance is multiplied by the design effect of the score,
    the robust variance over that of independent rows, as Rao and Scott do for tests of counts [2]_.

    References
    ----------
    .. [1] Kosinski AS. Stat Med 2013;32:964-977.
    .. [2] Rao JNK, Scott AJ. Biometrics 1992;48:577-585.
    """
    p, q = first.value, second.value
    if np.isnan(p) or np.isnan(q):
        return HypothesisTest(np.nan, np.nan, np.nan)
    n1, n2 = int(first.counts.sum()), int(second.counts.sum())
    pooled = _pooled(first, second)
    a = (first.successes - pooled * first.counts) / n1
    b = (second.successes - pooled * second.counts) / n2
    variance = pooled * (1 - pooled) * (1 / n1 + 1 / n2) - 2 * float((a * b).sum())
    of_rows = float(((a - b) ** 2).sum())
    if patients is not None and of_rows > 1e-24:
        variance *= float((_totals(a - b, patients) ** 2).sum()) / of_rows
    if not variance > 1e-24:
        return _no_variance(p == q)
    statistic = float((p - q) ** 2 / variance)
    return HypothesisTest(statistic, 1.0, float(chdtrc(1, statistic)))


def per_patient(rows: ArrayLike, patients: ArrayLike) -> Array:
    """Return the sum of `rows` over each patient, shape (patients,)."""
    return np.asarray(np.bincount(np.asarray(patients), weights=np.asarray(rows, float)), float)


def _totals(influence: Array, patients: ArrayLike | None) -> Array:
    return influence if patients is None else per_patient(influence, patients)


def _pooled(first: Side, second: Side) -> float:
    successes, counts = first.successes.sum() + second.successes.sum(), first.counts.sum() + second.counts.sum()
    return float(successes / counts)


def _variance(influence: Array, first: Side, second: Side, patients: ArrayLike | None) -> PatientVariance | None:
    if patients is None:
        return None
    counted = per_patient(first.counts | second.counts, patients)
    return patient_variance(per_patient(influence, patients), per_patient(influence**2, patients), counted)


def _error(
    influence: Array, first: Side, second: Side, patients: ArrayLike | None, confidence_level: float
) -> tuple[float, float]:
    spread = _variance(influence, first, second, patients)
    if spread is None:
        return float(np.sqrt((influence**2).sum())), normal_quantile(confidence_level)
    return float(np.sqrt(spread.variance)), float(student_quantile(spread.df, confidence_level))


def _no_variance(is_equal: bool) -> HypothesisTest:
    """Return p = 1 where the tests never differ; nothing where they differ without any spread to judge it by."""
    return HypothesisTest(0.0, np.nan, 1.0) if is_equal else HypothesisTest(np.nan, np.nan, np.nan)
