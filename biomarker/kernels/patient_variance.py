"""Variance of an estimate whose rows (lesions) are nested in patients, from each row's influence on it.

The influence of a row is the derivative of the estimate by that row's weight; over all rows it sums to zero. For a
proportion it is ``(x - p) / M``. Everything here needs only three numbers of each patient: the sum of the influences,
the sum of their squares, and how many rows there are.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtrit

Array = NDArray[np.float64]


class PatientVariance(NamedTuple):
    """Variances of one estimate; floats, or arrays of one shape.

    Attributes
    ----------
    variance : Any
        The larger of `robust` and `exchangeable`; NaN with fewer than two patients.
    robust : Any
        Between patients, without a model: ``K/(K-1) * sum of squared patient totals``.
    exchangeable : Any
        `independent` times the design effect of one intracluster correlation for all patients.
    independent : Any
        As if every row were a patient of its own.
    icc : Any
        Intracluster correlation of the influences: analysis of variance estimate, within [0, 1].
    n_patients : Any
        Patients with at least one row.
    """

    variance: Any
    robust: Any
    exchangeable: Any
    independent: Any
    icc: Any
    n_patients: Any

    @property
    def df(self) -> Any:  # noqa: ANN401 - a float or an array, as the fields are
        """Degrees of freedom: patients less one."""
        return self.n_patients - 1


def patient_variance(totals: ArrayLike, squares: ArrayLike, counts: ArrayLike) -> PatientVariance:
    """Estimate the variance of an estimate from its patients.

    Of the two usual answers neither serves alone with 10 to 40 patients and uneven lesion counts: the cluster-robust
    sandwich [1]_ is too small, because one patient with many lesions pulls the estimate towards itself; a common
    intracluster correlation [2]_ may not hold. The larger of the two is used; ``tests/coverage/proportions.py`` shows
    what that does.

    Parameters
    ----------
    totals, squares : array_like, shape (..., patients)
        Sum of the influences, and of their squares, of each patient's rows.
    counts : array_like of int, shape (..., patients)
        Rows of each patient; those with none take no part.

    Returns
    -------
    PatientVariance
        Of shape (...).

    References
    ----------
    .. [1] Rao JNK, Scott AJ. Biometrics 1992;48:577-585.
    .. [2] Donner A, Klar N. Stat Med 1994;13:1797-1810 (variance of a proportion under a common correlation).

    Examples
    --------
    Fifteen of 20 lesions in six patients.

    >>> import numpy as np
    >>> x, m = np.array([6, 0, 3, 2, 1, 3]), np.array([6, 3, 4, 2, 2, 3])
    >>> p = x.sum() / m.sum()
    >>> found = patient_variance((x - p * m) / 20, (x * (1 - p) ** 2 + (m - x) * p**2) / 400, m)
    >>> print(f"{found.independent:.4f} {found.robust:.4f} {found.exchangeable:.4f}")
    0.0094 0.0251 0.0254
    """
    u, q, m = np.broadcast_arrays(*(np.asarray(part, float) for part in (totals, squares, counts)))
    if u.ndim == 0:
        raise ValueError("totals, squares and counts need an axis of patients")
    rows, k = m.sum(axis=-1), (m > 0).sum(axis=-1).astype(float)
    independent = q.sum(axis=-1)
    robust = ratio_or_nan((u**2).sum(axis=-1) * k, k - 1)
    icc = _intracluster_correlation(u, q, m, rows, k)
    weight = ratio_or_nan((m**2).sum(axis=-1), rows)
    exchangeable = np.where(k > 1, independent * (1 + (weight - 1) * icc), np.nan)
    parts = np.maximum(robust, exchangeable), robust, exchangeable, independent, icc, k
    return PatientVariance(*(part[()] for part in parts))


def influence_correlation(first_totals: ArrayLike, second_totals: ArrayLike) -> Array:
    """Correlation of two estimates of the same patients, from their patient totals; 0 where one does not vary."""
    a, b = np.asarray(first_totals, float), np.asarray(second_totals, float)
    scale = np.sqrt((a**2).sum(axis=-1) * (b**2).sum(axis=-1))
    return np.asarray(np.divide((a * b).sum(axis=-1), scale, out=np.zeros(scale.shape), where=scale > 0))


def combined_df(first: ArrayLike, first_df: ArrayLike, second: ArrayLike, second_df: ArrayLike) -> Array:
    """Degrees of freedom of the sum of two variances (Welch-Satterthwaite).

    >>> float(combined_df(1.0, 10, 1.0, 10))
    20.0
    """
    a, b = np.asarray(first, float), np.asarray(second, float)
    with np.errstate(divide="ignore", invalid="ignore"):  # no variance at all gives the documented NaN
        return np.asarray((a + b) ** 2 / (a**2 / first_df + b**2 / second_df))


def student_quantile(df: ArrayLike, confidence_level: float) -> Array:
    """Return the two-sided quantile of Student's t; NaN without degrees of freedom."""
    if not 0 < confidence_level < 1:
        raise ValueError(f"confidence_level must lie between 0 and 1, not {confidence_level!r}")
    df = np.asarray(df, float)
    return np.asarray(np.where(df > 0, stdtrit(np.where(df > 0, df, 1.0), (1 + confidence_level) / 2), np.nan))


def ratio_or_nan(numerator: ArrayLike, denominator: ArrayLike) -> Array:
    """Return the ratio, NaN where the denominator is not positive."""
    top, bottom = np.broadcast_arrays(np.asarray(numerator, float), np.asarray(denominator, float))
    return np.asarray(np.divide(top, bottom, out=np.full(bottom.shape, np.nan), where=bottom > 0))


def _intracluster_correlation(u: Array, q: Array, m: Array, rows: Array, k: Array) -> Array:
    """Return the one-way analysis-of-variance estimate; 0 where no patient has two rows."""
    own = u**2 / np.where(m > 0, m, 1.0)
    between = own.sum(axis=-1) / np.maximum(k - 1, 1)
    within = np.maximum((q - own).sum(axis=-1), 0.0) / np.maximum(rows - k, 1)
    typical = (rows - (m**2).sum(axis=-1) / np.where(rows > 0, rows, 1.0)) / np.maximum(k - 1, 1)
    bottom = between + (typical - 1) * within
    icc = np.divide(between - within, bottom, out=np.zeros(bottom.shape), where=(k > 1) & (rows > k) & (bottom > 0))
    return np.asarray(np.clip(icc, 0.0, 1.0))
