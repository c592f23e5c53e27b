"""Cohen's kappa of two readers from their contingency table, with its large-sample standard errors."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
SCHEMES = ("linear", "quadratic")


class CohenKappa(NamedTuple):
    """Kappa and its standard errors; NaN where undefined.

    Attributes
    ----------
    value : float
    standard_error : float
        For an interval: whatever kappa is.
    null_error : float
        For a test: where agreement is no better than chance.
    """

    value: float
    standard_error: float
    null_error: float


class BinaryIndices(NamedTuple):
    """What kappa of two categories hangs on beside agreement.

    Attributes
    ----------
    prevalence_index : float
        Items that both put in the first category less those that both put in the second, a share of all.
    bias_index : float
        Items that the first reader alone puts in the first category less those that the second alone does.
    """

    prevalence_index: float
    bias_index: float


def agreement_weights(scheme: str | None, values: ArrayLike) -> Floats:
    """Return how far two categories agree: 1 on the diagonal, less the further apart they are.

    Parameters
    ----------
    scheme : {None, "linear", "quadratic"}
        None counts categories as equal or not.
    values : array_like, shape (q,)
        Values of the categories, or their ranks.

    Returns
    -------
    ndarray, shape (q, q)
        ``1 - |a - b| / range``, or ``1 - (a - b)² / range²``.

    Raises
    ------
    ValueError
        If the scheme is unknown.

    Examples
    --------
    >>> agreement_weights("quadratic", [0, 1, 2]).tolist()
    [[1.0, 0.75, 0.0], [0.75, 1.0, 0.75], [0.0, 0.75, 1.0]]
    """
    worth = np.asarray(values, float)
    if scheme is None:
        return np.eye(worth.size)
    if scheme not in SCHEMES:
        raise ValueError(f"no weights {scheme!r}; there are {', '.join(SCHEMES)}")
    reach = np.ptp(worth) or 1.0
    apart = np.abs(worth[:, None] - worth[None, :]) / reach
    return np.asarray(1 - apart if scheme == "linear" else 1 - apart**2)


def cohen_kappa(table: ArrayLike, weights: ArrayLike | None = None) -> CohenKappa:
    """Return (weighted) kappa with the standard errors of Fleiss, Cohen and Everitt [1]_.

    Parameters
    ----------
    table : array_like, shape (q, q)
        Items by the category of the first reader (rows) and of the second (columns).
    weights : array_like, shape (q, q), optional
        Agreement weights, 1 on the diagonal; the identity where not given.

    Returns
    -------
    CohenKappa

    Raises
    ------
    ValueError
        If the table is not square, empty or has negative counts.

    References
    ----------
    .. [1] Fleiss JL, Cohen J, Everitt BS. Large sample standard errors of kappa and weighted kappa.
       Psychol Bull 1969;72:323-327.

    Examples
    --------
    The worked example of [1]_: 200 patients, three diagnoses.

    >>> table = [[106, 10, 4], [22, 28, 10], [2, 12, 6]]
    >>> plain = cohen_kappa(table)
    >>> print(f"{plain.value:.3f} {plain.standard_error:.4f} {plain.null_error:.4f}")
    0.429 0.0537 0.0555
    """
    counts = np.asarray(table, float)
    if counts.ndim != 2 or counts.shape[0] != counts.shape[1]:
        raise ValueError("a table of two readers is square: one row and one column a category")
    n = counts.sum()
    if n <= 0 or (counts < 0).any():
        raise ValueError("counts must not be negative, and not all 0")
    w = np.eye(len(counts)) if weights is None else np.asarray(weights, float)
    p = counts / n
    first, second = p.sum(axis=1), p.sum(axis=0)
    chance_cells = np.outer(first, second)
    observed, chance = float((w * p).sum()), float((w * chance_cells).sum())
    room = 1 - chance
    if room < 1e-12:
        return CohenKappa(np.nan, np.nan, np.nan)
    kappa = 1 - (1 - observed) / room
    mean_weight = (w @ second)[:, None] + (w.T @ first)[None, :]
    spread = (p * (w - mean_weight * (1 - kappa)) ** 2).sum() - (kappa - chance * (1 - kappa)) ** 2
    null = (chance_cells * (w - mean_weight) ** 2).sum() - chance**2
    errors = (float(np.sqrt(max(float(part), 0.0) / n) / room) for part in (spread, null))
    return CohenKappa(kappa, *errors)


def fleiss_null_error(codes: ArrayLike, n_categories: int) -> float:
    """Return the standard error of Fleiss' kappa where agreement is no better than chance [1]_.

    Parameters
    ----------
    codes : array_like of int, shape (n_items, n_readers)
        Categories 0..q-1; every item rated by every reader.

    Returns
    -------
    float
        NaN with ratings missing, for which it does not hold, or with one category only.

    References
    ----------
    .. [1] Fleiss JL, Nee JCM, Landis JR. Large sample variance of kappa in the case of different sets of raters.
       Psychol Bull 1979;86:974-977.
    """
    table = np.asarray(codes, np.int64)
    n, r = table.shape
    if n == 0 or r < 2 or (table < 0).any():
        return float("nan")
    share = np.bincount(table.ravel(), minlength=n_categories) / table.size
    spread = float((share * (1 - share)).sum())
    if spread < 1e-12:
        return float("nan")
    skew = float((share * (1 - share) * (1 - 2 * share)).sum())
    return float(np.sqrt(2 * max(spread**2 - skew, 0.0) / (n * r * (r - 1))) / spread)


def binary_indices(table: ArrayLike) -> BinaryIndices:
    """Return the prevalence and bias indices of two readers and two categories [1]_.

    References
    ----------
    .. [1] Byrt T, Bishop J, Carlin JB. Bias, prevalence and kappa. J Clin Epidemiol 1993;46:423-429.

    Examples
    --------
    >>> found = binary_indices([[40, 9], [6, 45]])
    >>> print(f"{found.prevalence_index:.2f} {found.bias_index:.2f}")
    -0.05 0.03
    """
    counts = np.asarray(table, float)
    n = counts.sum()
    return BinaryIndices(float((counts[0, 0] - counts[1, 1]) / n), float((counts[0, 1] - counts[1, 0]) / n))
