"""Limits of agreement of lesions nested in patients, of replicated readings, or of both at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from biomarker.kernels.interval import Interval
from biomarker.kernels.limits_components import (
    LimitsOfAgreement,
    MeanSquare,
    limits_from_mean_squares,
    undefined_limits,
    variance_interval,
)
from biomarker.kernels.limits_of_agreement import limits_of_agreement

Floats = NDArray[np.float64]
Codes = NDArray[np.intp]


class WithinItem(NamedTuple):
    """Variance of replicates about their item's mean, and how much of it stays in that mean."""

    variance: float  # NaN where no item has two
    df: int
    shares: Floats  # one over the replicates of each item


def within_item(values: ArrayLike, item: ArrayLike) -> WithinItem:
    """Pool the variance of replicates of one reader, or of replicated differences, about the means of their items.

    Parameters
    ----------
    values : array_like of float, shape (n_readings,)
    item : array_like of int, shape (n_readings,)
        Codes 0 to n_items - 1, each of which occurs.

    Returns
    -------
    WithinItem

    Examples
    --------
    >>> within_item([1.0, 3.0, 5.0], [0, 0, 1])
    WithinItem(variance=2.0, df=1, shares=array([0.5, 1. ]))
    """
    x, code = np.asarray(values, float), np.asarray(item)
    counts = np.bincount(code)
    centred = x - (np.bincount(code, x) / counts)[code]
    df = x.size - counts.size
    return WithinItem(float(centred @ centred) / df if df else float("nan"), df, 1 / counts)


def replicate_spread(part: WithinItem, *, confidence_level: float = 0.95) -> tuple[float, Interval]:
    """Give the standard deviation of replicates, with its chi-square interval; NaN where no item has two.

    Examples
    --------
    >>> sd, (low, high) = replicate_spread(WithinItem(4.0, 16, np.ones(17) / 2))
    >>> print(f"{sd:.1f} ({low:.2f} to {high:.2f})")
    2.0 (1.49 to 3.04)
    """
    low, high = variance_interval([MeanSquare(part.variance, part.df)], confidence_level=confidence_level)
    return float(np.sqrt(part.variance)), Interval(float(np.sqrt(low)), float(np.sqrt(high)))


def nested_limits_of_agreement(
    differences: ArrayLike,
    patient: ArrayLike | None = None,
    within: Sequence[WithinItem] = (),
    *,
    coverage: float = 0.95,
    confidence_level: float = 0.95,
) -> LimitsOfAgreement:
    """Limits of agreement of two single readings of a lesion, lesions nested in patients, replicates within lesions.

    The variance of a difference is the sum of a part between patients, one between the lesions of a patient [1]_ and,
    where `differences` are those of means of replicates, what averaging took away [2]_. With unequal numbers the
    split follows Zou [3]_, who averages over patients: the bias is the mean of the patients' mean differences, so a
    patient with many lesions does not outweigh the others. All weights are such that the sum is unbiased. Intervals
    come from recovered variance estimates (MOVER), see `limits_from_mean_squares`. Simulated coverage of the 95 %
    interval of a limit, 400 studies of 10 to 40 patients: 94 to 98 %, where taking lesions as independent covers 78 to
    84 %.

    Parameters
    ----------
    differences : array_like, shape (n_items,)
        First reader's mean reading minus the second's, or the mean of paired differences.
    patient : array_like of int, shape (n_items,), optional
        Code of the patient of each item; without it items are independent.
    within : sequence of WithinItem
        Replicates: one of each reader where the two readers' are not paired, one of paired differences where they are.
    coverage, confidence_level : float
        As in `limits_of_agreement`.

    Returns
    -------
    LimitsOfAgreement
        `sd_between` is 0 where its square came out negative; `sd` is not affected by that. All but `bias` are NaN with
        a single patient. With one lesion in every patient and no replicates the result is `limits_of_agreement` with
        exact intervals.

    Raises
    ------
    ValueError
        Without differences, for a value that is not finite, or for unequal lengths.

    References
    ----------
    .. [1] Bland JM, Altman DG. Agreement between methods of measurement with multiple observations per individual.
       J Biopharm Stat 2007;17:571-582.
    .. [2] Bland JM, Altman DG. Measuring agreement in method comparison studies. Stat Methods Med Res 1999;8:135-160.
    .. [3] Zou GY. Confidence interval estimation for the Bland-Altman limits of agreement with multiple observations
       per individual. Stat Methods Med Res 2013;22:630-642.
    """
    d = np.asarray(differences, float)
    if d.ndim != 1 or d.size == 0 or not np.isfinite(d).all():
        raise ValueError("need one finite value per pair, and at least one pair")
    code = np.arange(d.size) if patient is None else np.unique(np.asarray(patient), return_inverse=True)[1]
    if code.shape != d.shape or any(part.shares.shape != d.shape for part in within):
        raise ValueError("need one patient for each difference, and one share for each item")
    replicated = [part for part in within if (part.shares < 1).any()]
    lesions = np.bincount(code)
    n, k = d.size, lesions.size
    if n == k and not replicated:
        return limits_of_agreement(d, coverage=coverage, confidence_level=confidence_level)
    means = np.bincount(code, d) / lesions
    bias = float(means.mean())
    if k < 2:
        return undefined_limits(bias, k - 1)._replace(n=n, n_patients=k)
    between = float((means - means[0]).var(ddof=1))
    share = float(1 - np.mean(1 / lesions))  # 1 - 1/harmonic mean of the lesions per patient
    lesion = MeanSquare(float(np.square(d - means[code]).sum()) / max(n - k, 1), n - k, share)
    parts = [MeanSquare(between, k - 1), lesion, *_averaged_away(replicated, code, lesions, share)]
    limits = limits_from_mean_squares(
        bias, between / k, k - 1, parts, coverage=coverage, confidence_level=confidence_level
    )
    limits = limits._replace(n=n, n_patients=k)
    return limits if n == k else _with_components(limits, parts, code, lesions, replicated, confidence_level)


def _averaged_away(
    replicated: Sequence[WithinItem], code: Codes, lesions: NDArray[np.intp], share: float
) -> list[MeanSquare]:
    """Weigh the variances of replicates by what the mean squares of item means lack of them."""
    n, k = code.size, lesions.size
    found = []
    for variance, df, shares in replicated:
        in_patient_means = float(np.sum(shares / lesions[code] ** 2)) / k
        in_lesions = _in_lesion_mean_square(shares, code, lesions) if n > k else 0.0
        found.append(MeanSquare(variance, df, 1 - in_patient_means - share * in_lesions))
    return found


def _in_lesion_mean_square(shares: Floats, code: Codes, lesions: NDArray[np.intp]) -> float:
    """Give the expected weight of a replicate's variance in the mean square between the lesions of a patient."""
    return float(np.sum(shares * (1 - 1 / lesions[code]))) / (code.size - lesions.size)


def _with_components(
    limits: LimitsOfAgreement,
    parts: list[MeanSquare],
    code: Codes,
    lesions: NDArray[np.intp],
    replicated: Sequence[WithinItem],
    confidence_level: float,
) -> LimitsOfAgreement:
    """Add the standard deviations between and within patients, with intervals."""
    between, lesion = parts[:2]
    of_between = [between, lesion._replace(weight=lesion.weight - 1)]
    of_within = [
        lesion._replace(weight=1.0),
        *(
            MeanSquare(part.variance, part.df, 1 - _in_lesion_mean_square(part.shares, code, lesions))
            for part in replicated
        ),
    ]
    sds, intervals = [], []
    for group in (of_between, of_within):
        known = [part for part in group if part.weight]
        total = max(sum(part.value * part.weight for part in known), 0.0)
        low, high = variance_interval(known, confidence_level=confidence_level)
        sds.append(float(np.sqrt(total)))
        intervals.append(Interval(float(np.sqrt(low)), float(np.sqrt(high))))
    return limits._replace(
        sd_between=sds[0], between_interval=intervals[0], sd_within=sds[1], within_interval=intervals[1]
    )
