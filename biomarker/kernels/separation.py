"""Whether predictors part the outcomes so that a likelihood has no maximum."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import linprog


def separated_columns(design: ArrayLike, outcome: ArrayLike) -> NDArray[np.bool_]:
    """Tell which coefficients of a logistic or proportional odds model have no finite maximum likelihood estimate.

    Some combination of the predictors never runs against the outcomes and once runs with them: complete separation, or
    quasi-complete where others are tied [1]_. Whether there is one, is a linear programme [2]_.

    Parameters
    ----------
    design : array_like of float, shape (n, p)
        Without an intercept; columns of full rank, near unit scale.
    outcome : array_like of int, shape (n,)
        0, 1, ... k - 1, each of which occurs.

    Returns
    -------
    ndarray of bool, shape (p,)
        True for a coefficient that grows without limit; all False where a maximum exists.

    References
    ----------
    .. [1] Albert A, Anderson JA. On the existence of maximum likelihood estimates in logistic regression models.
       Biometrika 1984;71:1-10.
    .. [2] Konis K. Linear programming algorithms for detecting separated data in binary logistic regression models.
       DPhil thesis, University of Oxford, 2007.

    Examples
    --------
    >>> separated_columns([[1.0], [2.0], [3.0], [4.0]], [0, 0, 1, 1]).tolist()
    [True]
    >>> separated_columns([[1.0], [3.0], [2.0], [4.0]], [0, 0, 1, 1]).tolist()
    [False]
    """
    x, y = np.asarray(design, float), np.asarray(outcome).astype(int)
    n_cuts = int(y.max())
    # a direction (cuts t, slopes b) in which no row's likelihood falls: t[y] - x b >= 0 and x b - t[y - 1] >= 0
    upper, lower = y < n_cuts, y > 0
    rows = np.concatenate(
        [
            np.column_stack([np.eye(n_cuts)[y[upper]], -x[upper]]),
            np.column_stack([-np.eye(n_cuts)[y[lower] - 1], x[lower]]),
        ]
    )
    size = rows.shape[1]
    found = linprog(-rows.sum(axis=0), A_ub=-rows, b_ub=np.zeros(len(rows)), bounds=[(-1, 1)] * size, method="highs")
    if found.status != 0 or -found.fun < 1e-7 * np.abs(rows).max():
        return np.zeros(x.shape[1], bool)
    return np.asarray(np.abs(found.x[n_cuts:]) > 1e-7)
