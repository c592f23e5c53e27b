"""Observed against predicted risk: a smooth curve and groups of like risk."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from biomarker.kernels.logistic import Floats

SPAN = 0.75  # share of the rows that each local line rests on


class RiskGroups(NamedTuple):
    """Mean predicted risk, observed share and rows of each group, shape (g,) each."""

    predicted: Floats
    observed: Floats
    n: Floats


def local_regression(
    x: ArrayLike, y: ArrayLike, at: ArrayLike, weights: ArrayLike | None = None, *, span: float = SPAN
) -> Floats:
    """Smooth `y` over `x` by local straight lines with tricube weights [1]_.

    Parameters
    ----------
    x : array_like of float, shape (n,) or (r, n)
        Predicted risks, by one fit or by many.
    y : array_like of float, shape (n,)
        Outcomes, 0/1.
    at : array_like of float, shape (m,)
        Where the curve is wanted.
    weights : array_like of float, shape (r, n), optional
        How often each row counts.
    span : float
        Share of the rows within reach of each local line.

    Returns
    -------
    ndarray of float, shape (m,) or (r, m)
        Not kept within [0, 1].

    References
    ----------
    .. [1] Cleveland WS. Robust locally weighted regression and smoothing scatterplots. J Am Stat Assoc 1979;74:829-836.

    Examples
    --------
    >>> local_regression([0.0, 1.0, 2.0, 3.0], [1.0, 3.0, 5.0, 7.0], [0.5, 2.5]).round(6).tolist()
    [2.0, 6.0]
    """
    values, outcome, places = np.asarray(x, float), np.asarray(y, float), np.asarray(at, float)
    many = np.atleast_2d(values)
    count = np.ones((1, outcome.size)) if weights is None else np.atleast_2d(np.asarray(weights, float))
    distance = np.abs(many[:, None, :] - places[:, None])
    reach = max(2, int(span * outcome.size + 1e-10))
    furthest = np.partition(distance, reach - 1, axis=2)[:, :, reach - 1]
    widest = np.maximum(furthest, 1e-9 * np.maximum(np.ptp(many, axis=1), 1e-300)[:, None])
    kernel = np.maximum(1 - (distance / widest[:, :, None]) ** 3, 0.0) ** 3 * count[:, None, :]
    offset = many[:, None, :] - places[:, None]
    s0, s1, s2 = (np.sum(kernel * offset**power, axis=2) for power in (0, 1, 2))
    t0, t1 = np.sum(kernel * outcome, axis=2), np.sum(kernel * offset * outcome, axis=2)
    determinant = s0 * s2 - s1**2
    with np.errstate(invalid="ignore", divide="ignore"):
        line = (s2 * t0 - s1 * t1) / determinant
        level = t0 / s0
    steep = determinant > 1e-9 * s0 * s2  # else all within reach are tied: their mean
    smooth = np.where(steep, line, level)
    return np.asarray(smooth if values.ndim == 2 else smooth[0])


def risk_groups(predicted: ArrayLike, outcome: ArrayLike, n_groups: int) -> RiskGroups:
    """Split rows into groups of like predicted risk, nearly equal in size; tied risks stay together.

    Examples
    --------
    >>> groups = risk_groups([0.1, 0.2, 0.2, 0.9], [0, 1, 0, 1], 2)
    >>> groups.predicted.round(3).tolist(), groups.observed.round(3).tolist(), groups.n.tolist()
    ([0.1, 0.433], [0.0, 0.667], [1.0, 3.0])
    """
    risk, y = np.asarray(predicted, float), np.asarray(outcome, float)
    edges = np.quantile(risk, np.linspace(0, 1, n_groups + 1)[1:-1])
    group = np.searchsorted(edges, risk, side="right")
    n = np.bincount(group, minlength=n_groups).astype(float)
    kept = n > 0
    totals = [np.bincount(group, part, minlength=n_groups)[kept] / n[kept] for part in (risk, y)]
    return RiskGroups(totals[0], totals[1], n[kept])
