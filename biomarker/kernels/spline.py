"""The restricted cubic spline: a smooth curve that is a straight line beyond its outer knots."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

FEWEST_KNOTS, MOST_KNOTS = 3, 7
FEW_VALUES = 100  # below this the outer quantiles rest on too few values
FIFTH = 4  # of the sorted values


def restricted_cubic_basis(x: ArrayLike, knots: ArrayLike) -> Floats:
    """Return the columns of a restricted cubic spline in `x` [1]_.

    The first column is `x` itself; a test that the coefficients of the others are zero is a test of linearity. The
    others are divided by the square of the distance between the outer knots, so that all columns are in the unit of
    `x`, as in R's ``rms::rcs`` and ``Hmisc::rcspline.eval`` (``norm = 2``).

    Parameters
    ----------
    x : array_like of float, shape (n,)
        Values of the predictor.
    knots : array_like of float, shape (k,)
        Three or more, ascending; see `default_knots`.

    Returns
    -------
    ndarray of float, shape (n, k - 1)
        Linear below the first knot and above the last.

    Raises
    ------
    ValueError
        If there are fewer than three knots, or they do not ascend.

    References
    ----------
    .. [1] Harrell FE. Regression Modeling Strategies. 2nd ed. Springer; 2015: section 2.4.5.

    Examples
    --------
    >>> restricted_cubic_basis([1.0, 3.0, 6.0], [1.0, 2.0, 5.0]).round(4).tolist()
    [[1.0, 0.0], [3.0, 0.4167], [6.0, 2.5]]
    """
    values, at = np.asarray(x, dtype=np.float64), np.asarray(knots, dtype=np.float64)
    if at.ndim != 1 or at.size < FEWEST_KNOTS or not np.all(np.diff(at) > 0):
        raise ValueError("a restricted cubic spline needs three or more knots, ascending")
    if values.ndim != 1:
        raise ValueError("x needs one dimension")
    reach = at[-1] - at[0]
    # in units of the reach nothing overflows, and the cubes that cancel beyond the last knot are of like size
    scaled, places = (values - at[0]) / reach, (at - at[0]) / reach
    cubes = np.maximum(scaled[:, None] - places, 0.0) ** 3
    last_gap = places[-1] - places[-2]
    bends = (
        cubes[:, :-2]
        - np.outer(cubes[:, -2], (places[-1] - places[:-2]) / last_gap)
        + np.outer(cubes[:, -1], (places[-2] - places[:-2]) / last_gap)
    )
    return np.column_stack([values, reach * bends])


def default_knots(x: ArrayLike, n_knots: int = 4) -> Floats:
    """Return knots at Harrell's quantiles [1]_: where they stand matters little, how many there are matters.

    Parameters
    ----------
    x : array_like of float, shape (n,)
        Values of the predictor.
    n_knots : int
        3 to 7. The outer knots are the 10th and 90th percentile for three, the 5th and 95th for four to six, the 2.5th
        and 97.5th for seven; the rest are spread evenly between. With fewer than 100 values the outer knots are the
        fifth smallest and the fifth largest value, where that leaves the order of knots as it is.

    Returns
    -------
    ndarray of float, shape (n_knots,)
        Ascending.

    Raises
    ------
    ValueError
        If `n_knots` is not 3 to 7, or the values have too many ties for that many different knots.

    References
    ----------
    .. [1] Harrell FE. Regression Modeling Strategies. 2nd ed. Springer; 2015: section 2.4.6.

    Examples
    --------
    >>> default_knots(range(1, 202), 4).round(2).tolist()
    [11.0, 71.0, 131.0, 191.0]
    """
    values = np.asarray(x, dtype=np.float64)
    if not FEWEST_KNOTS <= n_knots <= MOST_KNOTS:
        raise ValueError(f"{n_knots} knots: give {FEWEST_KNOTS} to {MOST_KNOTS}")
    outer = 0.1 if n_knots == 3 else 0.05 if n_knots < MOST_KNOTS else 0.025
    knots = np.asarray(np.quantile(values, np.linspace(outer, 1 - outer, n_knots)), dtype=np.float64)
    if values.size < FEW_VALUES and values.size > 2 * FIFTH:
        ordered = np.sort(values)
        moved = np.concatenate([[ordered[FIFTH]], knots[1:-1], [ordered[-1 - FIFTH]]])
        if np.all(np.diff(moved) > 0):
            knots = moved
    if not np.all(np.diff(knots) > 0):
        raise ValueError(f"the {values.size} values have too many ties for {n_knots} different knots")
    return knots
