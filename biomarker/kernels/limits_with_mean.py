"""Limits of agreement with the mean: how far one of several readers may read from what all of them read on average."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import fdtrc, ndtri

from biomarker.kernels.interval import Interval
from biomarker.kernels.limits_components import NAN, UNKNOWN, MeanSquare, variance_interval
from biomarker.kernels.limits_nested import WithinItem

Floats = NDArray[np.float64]


class LimitsWithMean(NamedTuple):
    """Half-width of the limits about the mean of the readers, and the parts of its variance."""

    limit: float
    interval: Interval
    reader_means: Floats  # deviation of each reader from the mean of all
    mean_variance: float  # sampling variance of such a deviation, of these readers
    sd_reader: float
    reader_interval: Interval
    sd_residual: float  # of one reading, reader effect and item taken out
    residual_interval: Interval
    statistic: float  # F test that no reader reads higher than another
    df: tuple[float, float]
    p_value: float
    n: int
    n_patients: int


def limits_with_mean(
    readings: ArrayLike,
    patient: ArrayLike | None = None,
    within: WithinItem | None = None,
    *,
    coverage: float = 0.95,
    confidence_level: float = 0.95,
) -> LimitsWithMean:
    """Limits of agreement with the mean of several readers [1]_ [2]_, also of lesions in patients and of replicates.

    Readers are a sample of readers. A reading is item + reader + error, and its distance from the mean of the b readers
    has variance (1 - 1/b) (reader + error variance). Where lesions are nested in patients, a reader may also read a
    patient high; the sums of squares are then those of patients' means, averaged over patients, as
    `nested_limits_of_agreement` has them. The interval is Christensen's: chi-square limits of each mean square,
    recovered for their sum.

    Parameters
    ----------
    readings : array_like, shape (n_items, n_readers)
        One reading, or the mean of replicates, of each item by each reader.
    patient : array_like of int, shape (n_items,), optional
        Code of the patient of each item; without it items are independent.
    within : WithinItem, optional
        Replicates about the mean of their item and reader, with the mean share of each item over readers.
    coverage : float
        Share of readings that the limits are to hold.
    confidence_level : float
        Two-sided coverage of the intervals, a fraction in (0, 1).

    Returns
    -------
    LimitsWithMean
        `sd_reader` is 0 where its square came out negative. NaN with a single item or patient.

    Raises
    ------
    ValueError
        For fewer than two readers, values that are not finite, or unequal lengths.

    References
    ----------
    .. [1] Jones M, Dobson A, O'Brian S. A graphical method for assessing agreement with the mean between multiple
       observers using continuous measures. Int J Epidemiol 2011;40:1308-1313.
    .. [2] Christensen HS, Borgbjerg J, Børty L, Bøgsted M. On Jones et al.'s method for extending Bland-Altman plots to
       limits of agreement with the mean for multiple observers. BMC Med Res Methodol 2020;20:304.

    Examples
    --------
    >>> found = limits_with_mean([[5.1, 5.4, 6.0], [2.2, 2.0, 2.9], [9.6, 9.9, 10.8], [1.4, 1.9, 1.7]])
    >>> round(found.limit, 3)
    0.753
    """
    x = np.asarray(readings, float)
    if x.ndim != 2 or x.shape[1] < 2 or not np.isfinite(x).all():
        raise ValueError("need finite readings of items by at least two readers")
    code = np.arange(len(x)) if patient is None else np.unique(np.asarray(patient), return_inverse=True)[1]
    if code.shape != x.shape[:1]:
        raise ValueError("need one patient for each item")
    lesions = np.bincount(code)
    n, k, b = len(x), lesions.size, x.shape[1]
    deviation = x - x.mean(axis=1, keepdims=True)
    sums = np.zeros((k, b))
    np.add.at(sums, code, deviation)
    by_patient = sums / lesions[:, None]
    reader_means = by_patient.mean(axis=0)
    if k < 2:
        return LimitsWithMean(
            NAN, UNKNOWN, reader_means, NAN, NAN, UNKNOWN, NAN, UNKNOWN, NAN, (NAN, NAN), NAN, n, k
        )  # fmt: skip
    readers = MeanSquare(k * float(reader_means @ reader_means) / (b - 1), b - 1, 1 / k)
    residual = _residual_parts(deviation, by_patient, code, within)
    interaction = residual[0]
    total = [readers, interaction._replace(weight=1 - 1 / k), *residual[1:]]
    scale = float(ndtri((1 + coverage) / 2) * np.sqrt(1 - 1 / b))
    limit, interval = _root(total, confidence_level)
    sd_reader, reader_interval = _root([readers, interaction._replace(weight=-1 / k)], confidence_level)
    sd_residual, residual_interval = _root(residual, confidence_level)
    has_test = interaction.value > 1e-24 * max(float(np.abs(x).max()), 1e-300) ** 2
    statistic = readers.value / interaction.value if has_test else NAN
    return LimitsWithMean(
        limit=scale * limit,
        interval=Interval(scale * interval.low, scale * interval.high),
        reader_means=reader_means,
        mean_variance=interaction.value * (1 - 1 / b) / k,
        sd_reader=sd_reader,
        reader_interval=reader_interval,
        sd_residual=sd_residual,
        residual_interval=residual_interval,
        statistic=statistic,
        df=(readers.df, interaction.df),
        p_value=float(fdtrc(readers.df, interaction.df, statistic)) if has_test else NAN,
        n=n,
        n_patients=k,
    )


def _residual_parts(
    deviation: Floats, by_patient: Floats, code: NDArray[np.intp], within: WithinItem | None
) -> list[MeanSquare]:
    """Split what is left of a reading: patient by reader, lesion by reader, replicate."""
    lesions = np.bincount(code)
    n, k, b = code.size, lesions.size, deviation.shape[1]
    of_patients = by_patient - by_patient.mean(axis=0)
    parts = [MeanSquare(float(np.square(of_patients).sum()) / ((k - 1) * (b - 1)), (k - 1) * (b - 1))]
    share = float(1 - np.mean(1 / lesions))
    if n > k:
        of_lesions = deviation - by_patient[code]
        parts.append(MeanSquare(float(np.square(of_lesions).sum()) / ((n - k) * (b - 1)), (n - k) * (b - 1), share))
    if within is not None and (within.shares < 1).any():
        in_patients = float(np.sum(within.shares / lesions[code] ** 2)) / k
        in_lesions = float(np.sum(within.shares * (1 - 1 / lesions[code]))) / (n - k) if n > k else 0.0
        parts.append(MeanSquare(within.variance, within.df, 1 - in_patients - share * in_lesions))
    return parts


def _root(parts: list[MeanSquare], confidence_level: float) -> tuple[float, Interval]:
    """Give the root of a sum of mean squares, 0 where the sum is negative, and its interval."""
    low, high = variance_interval(parts, confidence_level=confidence_level)
    total = sum(part.value * part.weight for part in parts)
    return float(np.sqrt(max(total, 0.0))), Interval(float(np.sqrt(low)), float(np.sqrt(high)))
