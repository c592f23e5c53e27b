"""Two proportions of the same units (paired), or of different ones (unpaired): tests, differences and ratios.

A paired table is given by its four counts: units positive on both, on the first only, on the second only, on neither.
Differences and ratios are the first over against the second.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import bdtr, chdtrc, gammaln

from biomarker.kernels.interval import Interval
from biomarker.kernels.measure import Measure, measure
from biomarker.kernels.proportion import interval_method, normal_quantile, proportion
from biomarker.kernels.sensitivity_specificity import mover_sum

Array = NDArray[np.float64]

NO_PAIR = "there is no row in which both were measured"
NEITHER_POSITIVE = "no row is positive on either test"
HYBRID = "a proportion is zero, where the log method has no limit; the limit given is Bonett and Price's"
N_HALVINGS = 60  # of [-1, 1]: the limit is found to 2e-18, below rounding


class HypothesisTest(NamedTuple):
    """Statistic, its degrees of freedom and the two-sided p-value; NaN where a test has none."""

    statistic: Any
    df: Any
    p_value: Any


def mcnemar(first_only: ArrayLike, second_only: ArrayLike, *, method: str = "asymptotic") -> HypothesisTest:
    """McNemar's test that two paired proportions are equal [1]_, in four forms.

    Parameters
    ----------
    first_only, second_only : array_like of int, shape (...)
        Discordant units.
    method : str
        ``"asymptotic"``; ``"corrected"``, with Edwards's continuity correction; ``"exact"``, conditional on the number
        of discordant units; ``"mid-p"``, the exact one made less conservative [2]_.

    Returns
    -------
    HypothesisTest
        Statistic NaN for the two exact forms. Without a discordant unit there is no evidence of a difference: p is 1.

    References
    ----------
    .. [1] McNemar Q. Psychometrika 1947;12:153-157.
    .. [2] Fagerland MW, Lydersen S, Laake P. BMC Med Res Methodol 2013;13:91.

    Examples
    --------
    Airway hyper-responsiveness before and after transplantation, table 1 of [2]_: 1 and 7 discordant of 21.

    >>> [round(float(mcnemar(1, 7, method=form).p_value), 4) for form in MCNEMAR_METHODS]
    [0.0339, 0.0771, 0.0703, 0.0391]
    """
    if method not in MCNEMAR_METHODS:
        raise ValueError(f"no form of McNemar's test {method!r}; choose from {', '.join(MCNEMAR_METHODS)}")
    b, c = _checked(first_only, second_only)
    statistic, p = MCNEMAR_METHODS[method](b, c)
    df = np.where(np.isnan(statistic), np.nan, 1.0)
    return HypothesisTest(statistic[()], df[()], np.where(b + c == 0, 1.0, p)[()])


def cochran_q(results: ArrayLike) -> HypothesisTest:
    """Cochran's test that several paired proportions are equal [1]_.

    Parameters
    ----------
    results : array_like of bool, shape (units, conditions)

    Returns
    -------
    HypothesisTest
        Chi-squared with ``conditions - 1`` degrees of freedom; with two conditions, McNemar's asymptotic test. Where
        every unit has one result throughout, the statistic is 0 and p is 1.

    References
    ----------
    .. [1] Cochran WG. Biometrika 1950;37:256-266.

    Examples
    --------
    >>> outcome = cochran_q([[1, 1, 0], [1, 0, 0], [1, 1, 1], [1, 1, 0], [0, 0, 1], [1, 1, 0]])
    >>> f"{outcome.statistic:.3f} {outcome.p_value:.3f}"
    '2.800 0.247'
    """
    x = np.asarray(results, float)
    if x.ndim != 2 or x.shape[1] < 2:
        raise ValueError("results need a row for each unit and a column for each of two or more conditions")
    if not np.all((x == 0) | (x == 1)):
        raise ValueError("results must be 0 or 1")
    k = x.shape[1]
    columns, rows, total = x.sum(axis=0), x.sum(axis=1), x.sum()
    spread = k * total - (rows**2).sum()
    statistic = (k - 1) * (k * (columns**2).sum() - total**2) / spread if spread > 0 else 0.0
    return HypothesisTest(float(statistic), k - 1, float(chdtrc(k - 1, statistic)))


def paired_difference(
    both: ArrayLike,
    first_only: ArrayLike,
    second_only: ArrayLike,
    neither: ArrayLike,
    *,
    method: str = "tango",
    confidence_level: float = 0.95,
) -> Measure:
    """Difference of two paired proportions.

    Parameters
    ----------
    both, first_only, second_only, neither : array_like of int, shape (...)
    method : str
        ``"tango"``, the score interval [1]_; ``"newcombe"``, method 10: Wilson limits combined with the correlation,
        itself corrected for continuity [2]_.
    confidence_level : float

    Returns
    -------
    Measure
        Limits within [−1, 1]; both methods have them for every table with at least one unit.

    References
    ----------
    .. [1] Tango T. Stat Med 1998;17:891-908.
    .. [2] Newcombe RG. Stat Med 1998;17:2635-2650.

    Examples
    --------
    Disinfection of contact lenses, 43, 0, 1 and 0 of 44 (Tango 1998).

    >>> found = paired_difference(43, 0, 1, 0)
    >>> " ".join(f"{part:.4f}" for part in found[:3])
    '-0.0227 -0.1181 0.0594'
    """
    if method not in PAIRED_DIFFERENCES:
        raise ValueError(f"no paired difference {method!r}; choose from {', '.join(PAIRED_DIFFERENCES)}")
    a, b, c, d = _checked(both, first_only, second_only, neither)
    n = a + b + c + d
    with np.errstate(divide="ignore", invalid="ignore"):  # no units: NaN with a reason
        low, high = PAIRED_DIFFERENCES[method](a, b, c, d, confidence_level)
        value = (b - c) / n
    low, high = np.where(n > 0, np.clip(low, -1, 1), np.nan), np.where(n > 0, np.clip(high, -1, 1), np.nan)
    return measure(value, low, high, np.where(n > 0, "", NO_PAIR))


def paired_ratio(
    both: ArrayLike,
    first_only: ArrayLike,
    second_only: ArrayLike,
    *,
    confidence_level: float = 0.95,
) -> Measure:
    """Ratio of two paired proportions, the first over the second, on the log scale [1]_.

    Units positive on neither test do not enter. Where a proportion is zero, so that the log method has no limit, the
    limits are those of Bonett and Price [2]_, and the reason says so.

    References
    ----------
    .. [1] Nam JM, Blackwelder WC. Stat Med 2002;21:689-699.
    .. [2] Bonett DG, Price RM. Stat Med 2006;25:3039-3047.

    Examples
    --------
    >>> found = paired_ratio(1, 1, 7)
    >>> " ".join(f"{part:.3f}" for part in found[:3])
    '0.250 0.063 1.000'
    """
    a, b, c = _checked(both, first_only, second_only)
    first, second = a + b, a + c
    with np.errstate(divide="ignore", invalid="ignore"):  # x/0 is the documented infinity, 0/0 the documented NaN
        value = first / second
        factor = np.exp(normal_quantile(confidence_level) * np.sqrt((b + c) / (first * second)))
        low, high = value / factor, value * factor
        hybrid = _bonett_price(a, b, c, confidence_level)
    # (no discordant unit: the log method's limits close on 1, as if there were no doubt)
    use_hybrid = (first * second == 0) | (b + c == 0)
    low, high = np.where(use_hybrid, hybrid.low, low), np.where(use_hybrid, hybrid.high, high)
    low, high = np.where(first == 0, 0.0, low), np.where(second == 0, np.inf, high)
    empty = (first == 0) & (second == 0)
    low, high = np.where(empty, np.nan, low), np.where(empty, np.nan, high)
    return measure(value, low, high, np.select([empty, use_hybrid], [NEITHER_POSITIVE, HYBRID], ""))


def unpaired_difference(
    first_successes: ArrayLike,
    first_trials: ArrayLike,
    second_successes: ArrayLike,
    second_trials: ArrayLike,
    *,
    method: str = "newcombe",
    confidence_level: float = 0.95,
) -> Measure:
    """Difference of two independent proportions.

    Parameters
    ----------
    first_successes, first_trials, second_successes, second_trials : array_like of int, shape (...)
    method : str
        ``"newcombe"``, method 10: Wilson limits of each combined [1]_; ``"miettinen-nurminen"``, the score interval
        with restricted estimates and N/(N−1) [2]_.
    confidence_level : float

    References
    ----------
    .. [1] Newcombe RG. Stat Med 1998;17:873-890.
    .. [2] Miettinen O, Nurminen M. Stat Med 1985;4:213-226.

    Examples
    --------
    56/70 against 48/80, table II of [1]_: 0.0524 to 0.3339 (method 10), 0.0528 to 0.3382 (score).

    >>> found = unpaired_difference(56, 70, 48, 80)
    >>> " ".join(f"{part:.4f}" for part in found[:3])
    '0.2000 0.0524 0.3339'
    """
    if method not in UNPAIRED_DIFFERENCES:
        raise ValueError(f"no unpaired difference {method!r}; choose from {', '.join(UNPAIRED_DIFFERENCES)}")
    x1, n1, x2, n2 = _checked(first_successes, first_trials, second_successes, second_trials)
    if np.any((x1 > n1) | (x2 > n2)):
        raise ValueError("need successes <= trials")
    value = np.asarray(proportion(x1, n1)) - np.asarray(proportion(x2, n2))
    with np.errstate(divide="ignore", invalid="ignore"):  # an empty group: NaN with a reason
        low, high = UNPAIRED_DIFFERENCES[method](x1, n1, x2, n2, confidence_level)
    empty = (n1 == 0) | (n2 == 0)
    low, high = np.where(empty, np.nan, np.clip(low, -1, 1)), np.where(empty, np.nan, np.clip(high, -1, 1))
    return measure(value, low, high, np.where(empty, "a group has no row", ""))


def bisected(is_inside: Callable[[Array], NDArray[np.bool_]], inside: Array, outside: Array) -> Array:
    """Return the point between `inside` and `outside` (arrays) where `is_inside` turns false, by halving."""
    for _ in range(N_HALVINGS):
        middle = (inside + outside) / 2
        holds = is_inside(middle)
        inside, outside = np.where(holds, middle, inside), np.where(holds, outside, middle)
    return inside


def _asymptotic(b: Array, c: Array) -> tuple[Array, Array]:
    statistic = np.divide((b - c) ** 2, b + c, out=np.zeros(b.shape), where=b + c > 0)
    return statistic, chdtrc(1, statistic)


def _corrected(b: Array, c: Array) -> tuple[Array, Array]:
    shrunk = np.maximum(np.abs(b - c) - 1, 0.0)
    statistic = np.divide(shrunk**2, b + c, out=np.zeros(b.shape), where=b + c > 0)
    return statistic, chdtrc(1, statistic)


def _exact(b: Array, c: Array) -> tuple[Array, Array]:
    smaller, n = np.minimum(b, c), b + c
    return np.full(b.shape, np.nan), np.minimum(2 * bdtr(smaller, n.astype(int), 0.5), 1.0)


def _mid_p(b: Array, c: Array) -> tuple[Array, Array]:
    """Take half the observed outcome's probability off each tail that the exact p-value counts [Fagerland 2013]."""
    n = b + c
    observed = np.exp(gammaln(n + 1) - gammaln(b + 1) - gammaln(c + 1) - n * np.log(2))
    statistic, exact = _exact(b, c)
    return statistic, np.where(b == c, 1 - observed / 2, exact - observed)


MCNEMAR_METHODS: dict[str, Callable[[Array, Array], tuple[Array, Array]]] = {
    "asymptotic": _asymptotic,
    "corrected": _corrected,
    "exact": _exact,
    "mid-p": _mid_p,
}


def _tango(a: Array, b: Array, c: Array, d: Array, confidence_level: float) -> Interval:
    n, z2 = a + b + c + d, normal_quantile(confidence_level) ** 2
    observed = np.where(n > 0, (b - c) / np.where(n > 0, n, 1.0), 0.0)

    def is_inside(delta: Array) -> NDArray[np.bool_]:
        # the restricted estimate of the second-only probability solves a quadratic
        linear = -b - c + (2 * n - b + c) * delta
        constant = -c * delta * (1 - delta)
        restricted = (np.sqrt(np.maximum(linear**2 - 8 * n * constant, 0.0)) - linear) / (4 * n)
        variance = n * (2 * restricted + delta * (1 - delta))
        return np.asarray((b - c - n * delta) ** 2 <= z2 * variance)

    edge = np.ones(n.shape)
    return Interval(bisected(is_inside, observed, -edge), bisected(is_inside, observed, edge))


def _newcombe_paired(a: Array, b: Array, c: Array, d: Array, confidence_level: float) -> Interval:
    n = a + b + c + d
    first, second = (a + b) / n, (a + c) / n
    wilson = interval_method("wilson")
    limits = [wilson(x, n, confidence_level=confidence_level) for x in (a + b, a + c)]
    margins = (a + b) * (c + d) * (a + c) * (b + d)
    product = a * d - b * c
    corrected = np.where(product > 0, np.maximum(product - n / 2, 0.0), product)
    phi = np.divide(corrected, np.sqrt(margins), out=np.zeros(n.shape), where=margins > 0)
    negative = Interval(-limits[1].high, -limits[1].low)
    return mover_sum(first, limits[0], -second, negative, -phi)


PAIRED_DIFFERENCES: dict[str, Callable[[Array, Array, Array, Array, float], Interval]] = {
    "tango": _tango,
    "newcombe": _newcombe_paired,
}


def _bonett_price(a: Array, b: Array, c: Array, confidence_level: float) -> Interval:
    """Ratio of Wilson limits at a level lowered so that together they have the level asked for."""
    n, x1, x2 = a + b + c, a + b, a + c
    p1, p2 = (x1 + 1) / (n + 2), (x2 + 1) / (n + 2)
    together = np.sqrt((b + c + 2) / ((x1 + 1) * (x2 + 1)))
    apart = np.sqrt((1 - p1) / (x1 + 1)) + np.sqrt((1 - p2) / (x2 + 1))
    z2 = (normal_quantile(confidence_level) * together / apart) ** 2

    def wilson(x: Array) -> tuple[Array, Array]:
        half = np.sqrt(z2 * (z2 + 4 * x * (1 - x / n)))
        return (2 * x + z2 - half) / (2 * (n + z2)), (2 * x + z2 + half) / (2 * (n + z2))

    (low1, high1), (low2, high2) = wilson(x1), wilson(x2)
    return Interval(low1 / high2, high1 / low2)


def _newcombe_unpaired(x1: Array, n1: Array, x2: Array, n2: Array, confidence_level: float) -> Interval:
    wilson = interval_method("wilson")
    first, second = (wilson(x, n, confidence_level=confidence_level) for x, n in ((x1, n1), (x2, n2)))
    return mover_sum(x1 / n1, first, -x2 / n2, Interval(-second.high, -second.low))


def _miettinen_nurminen(x1: Array, n1: Array, x2: Array, n2: Array, confidence_level: float) -> Interval:
    n, z2 = n1 + n2, normal_quantile(confidence_level) ** 2
    observed = np.nan_to_num(x1 / n1 - x2 / n2)

    def is_inside(delta: Array) -> NDArray[np.bool_]:
        second = _restricted_second(x1, n1, x2, n2, delta)
        first = np.clip(second + delta, 0, 1)
        variance = (first * (1 - first) / n1 + second * (1 - second) / n2) * n / (n - 1)
        return np.asarray((observed - delta) ** 2 <= z2 * variance)

    edge = np.ones(n.shape)
    return Interval(bisected(is_inside, observed, -edge), bisected(is_inside, observed, edge))


def _restricted_second(x1: Array, n1: Array, x2: Array, n2: Array, delta: Array) -> Array:
    """Return the maximum-likelihood second proportion given the difference: the root of a cubic."""
    n = n1 + n2
    square = (n1 + 2 * n2) * delta - n - x1 - x2
    linear = (n2 * delta - n - 2 * x2) * delta + x1 + x2
    constant = x2 * delta * (1 - delta)
    v = (square / (3 * n)) ** 3 - square * linear / (6 * n**2) + constant / (2 * n)
    u = np.where(v >= 0, 1.0, -1.0) * np.sqrt(np.maximum((square / (3 * n)) ** 2 - linear / (3 * n), 0.0))
    cosine = np.clip(np.divide(v, u**3, out=np.zeros(u.shape), where=u != 0), -1, 1)
    angle = (np.pi + np.arccos(cosine)) / 3
    return np.asarray(np.clip(2 * u * np.cos(angle) - square / (3 * n), 0, 1))


UNPAIRED_DIFFERENCES: dict[str, Callable[[Array, Array, Array, Array, float], Interval]] = {
    "newcombe": _newcombe_unpaired,
    "miettinen-nurminen": _miettinen_nurminen,
}


def _checked(*counts: ArrayLike) -> tuple[Array, ...]:
    arrays = np.broadcast_arrays(*(np.asarray(count, float) for count in counts))
    if not all(np.all(np.isfinite(count) & (count >= 0)) for count in arrays):
        raise ValueError("counts must be finite and not negative")
    return tuple(arrays)


__all__ = [
    "MCNEMAR_METHODS", "PAIRED_DIFFERENCES", "UNPAIRED_DIFFERENCES", "HypothesisTest", "bisected", "cochran_q",
    "mcnemar", "paired_difference", "paired_ratio", "unpaired_difference",
]  # fmt: skip
