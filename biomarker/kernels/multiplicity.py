"""Adjusted p-values of several hypotheses, by step-wise procedures: arrays in, numbers out."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

METHODS = ("bonferroni", "holm", "hochberg", "benjamini-hochberg", "benjamini-yekutieli")


def adjusted_p_values(p_values: ArrayLike, method: str = "holm") -> NDArray[np.float64]:
    """Adjust p-values for their number [1]_ [2]_ [3]_ [4]_.

    Parameters
    ----------
    p_values : array_like, shape (n_hypotheses,)
        Fractions in [0, 1]; NaN stays NaN and does not count as a hypothesis.
    method : {"holm", "hochberg", "bonferroni", "benjamini-hochberg", "benjamini-yekutieli"}
        The first three hold the chance of any false positive (Hochberg's where tests are independent or positively
        dependent); the last two the expected share of false positives among the positives (Yekutieli's under any
        dependence).

    Returns
    -------
    ndarray, shape (n_hypotheses,)
        In the order given, never below the raw p-values.

    Raises
    ------
    ValueError
        If a p-value is outside [0, 1] or the method unknown.

    References
    ----------
    .. [1] Holm S. Scand J Stat 1979;6:65-70.
    .. [2] Hochberg Y. Biometrika 1988;75:800-802.
    .. [3] Benjamini Y, Hochberg Y. J R Stat Soc B 1995;57:289-300.
    .. [4] Benjamini Y, Yekutieli D. Ann Stat 2001;29:1165-1188.

    Examples
    --------
    >>> adjusted_p_values([0.01, 0.04, 0.03], "holm").round(3).tolist()
    [0.03, 0.06, 0.06]
    """
    p = np.asarray(p_values, dtype=float)
    if p.ndim != 1:
        raise ValueError("p-values come as one row of numbers")
    if np.any((p < 0) | (p > 1)):
        raise ValueError("p-values are fractions in [0, 1]")
    known = ~np.isnan(p)
    order = np.argsort(p[known], kind="stable")
    adjusted = np.full(p.shape, np.nan)
    found = np.empty(order.size)
    found[order] = _of_sorted(p[known][order], method)
    adjusted[known] = found
    return adjusted


def _of_sorted(p: NDArray[np.float64], method: str) -> NDArray[np.float64]:
    """Adjust p-values in rising order: a factor each, made monotone from below (step down) or above (step up)."""
    m = p.size
    rank = np.arange(1, m + 1)
    left = m - rank + 1  # hypotheses not yet rejected
    match method:
        case "bonferroni":
            adjusted = m * p
        case "holm":
            adjusted = np.maximum.accumulate(left * p)
        case "hochberg":
            adjusted = _step_up(left * p)
        case "benjamini-hochberg":
            adjusted = _step_up(p * m / rank)
        case "benjamini-yekutieli":
            adjusted = _step_up(p * m / rank * np.sum(1 / rank))
        case _:
            raise ValueError(f"unknown method {method!r}; there are {', '.join(METHODS)}")
    return np.minimum(adjusted, 1.0)


def _step_up(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.minimum.accumulate(values[::-1])[::-1]
