"""Intraclass correlation of items nested in patients: its interval, and what single patients make of it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtri, stdtrit

from biomarker.kernels.icc import (
    MeanSquares,
    icc_estimate,
    intraclass_correlation,
    mean_squares,
    resampled_mean_squares,
)
from biomarker.kernels.icc_reml import crossed_components, icc_from_components, reading_sums
from biomarker.kernels.interval import Interval
from biomarker.kernels.resampling import jackknife_weights

Floats = NDArray[np.float64]


def nested_interval(
    values: ArrayLike, patient: ArrayLike, form: str = "ICC(2,1)", *, confidence_level: float = 0.95
) -> Interval:
    """Interval of an ICC of lesions nested in patients, by leaving out one patient at a time.

    The F interval takes lesions for independent and is too narrow when a patient's lesions are alike. Here Fisher's
    transformation of the ICC, half the log of (1 + (k-1) ICC) / (1 - ICC), is jackknifed over patients, as Arvesen and
    Schmitz do for ratios of variances [1]_, with Student's t. For ICC(2,·) the readers are a sample too: the ICC at
    the chi-squared limits of their mean square, on k - 1 degrees of freedom, tells how far that alone could shift it,
    and both distances are added as squares (MOVER [2]_).

    Simulated coverage of the 95 % interval, 10 to 40 patients with 1 to 6 lesions, 2 to 5 readers whose SD is up to 0.4
    of the lesions': 92 to 98 %. The F interval covers 85 to 93 %, a bootstrap of patients, which takes the readers as
    they are, 60 to 92 %.

    Parameters
    ----------
    values : array_like, shape (n_items, n_readers)
        One reading per item and reader; where some are missing (NaN) the ICC is estimated by REML.
    patient : array_like of int, shape (n_items,)
        Code of the patient of each item.
    form : str
        One of `biomarker.kernels.icc.FORMS`.
    confidence_level : float
        Two-sided coverage, a fraction in (0, 1).

    Returns
    -------
    Interval
        NaN with a single patient, or where the ICC is undefined once some patient is left out. 1 to 1 where readers
        agree exactly.

    References
    ----------
    .. [1] Arvesen JN, Schmitz TH. Robust procedures for variance component problems using the jackknife. Biometrics
       1970;26:677-686.
    .. [2] Zou GY, Donner A. Construction of confidence limits about effect measures: a general approach. Stat Med
       2008;27:1693-1702.
    """
    table = np.asarray(values, float)
    code = _codes(patient, len(table))
    single = form.replace("k)", "1)")
    rho, readers = _whole(table, single, confidence_level)
    if code.max() == 0 or np.isnan(rho):
        return Interval(float("nan"), float("nan"))
    without = leave_one_patient_out(table, code, single)
    k = table.shape[1]
    return fisher_interval(rho, without, form, n_readers=k, readers=readers, confidence_level=confidence_level)


def leave_one_patient_out(values: ArrayLike, patient: ArrayLike, form: str = "ICC(2,1)") -> Floats:
    """Estimate the ICC without each patient in turn, by mean squares or, where readings are missing, by REML.

    Parameters
    ----------
    values : array_like, shape (n_items, n_readers)
        NaN where a reading is missing.
    patient : array_like of int, shape (n_items,)
    form : str
        One of `biomarker.kernels.icc.FORMS`.

    Returns
    -------
    ndarray of float, shape (n_patients,)
        In the order of the patients' codes; NaN where nothing can be estimated without that patient.
    """
    table = np.asarray(values, float)
    code = _codes(patient, len(table))
    n_patients = int(code.max()) + 1
    if n_patients < 2:
        return np.full(1, np.nan)
    weights = np.concatenate(list(jackknife_weights(n_patients, max_groups=n_patients)))[:, code]
    if not np.isnan(table).any():
        return np.asarray(icc_estimate(resampled_mean_squares(table, weights), form), float)
    read = ((weights @ ~np.isnan(table)) > 0).sum(axis=1)
    usable = (weights.sum(axis=1) >= 2) & (read >= 2)
    found = np.full(n_patients, np.nan)
    if usable.any():
        parts = crossed_components(reading_sums(table, weights[usable]), int(form[4]))
        found[usable] = icc_from_components(parts, form, table.shape[1])
    return found


class NestedICC(NamedTuple):
    """One ICC with its limits, and the items and patients behind it."""

    icc: float
    low: float
    high: float
    n_items: int
    n_patients: int


def within_patient_icc(
    values: ArrayLike, patient: ArrayLike, form: str = "ICC(2,1)", *, confidence_level: float = 0.95
) -> NestedICC:
    """How well readers tell the items of one patient apart.

    The mean square between items is replaced by that between the items of a patient: what is constant in a patient
    does not help. The interval leaves out one patient at a time, as `nested_interval` does.

    Parameters
    ----------
    values : array_like, shape (n_items, n_readers)
        One reading per item and reader, none missing.
    patient : array_like of int, shape (n_items,)
    form : str
    confidence_level : float

    Returns
    -------
    NestedICC
        Of the patients with several items; NaN where there are none.
    """
    table = np.asarray(values, float)
    code = _codes(patient, len(table))
    sizes = np.bincount(code)
    several = sizes > 1
    if not several.any():
        return NestedICC(float("nan"), float("nan"), float("nan"), 0, 0)
    single, k = form.replace("k)", "1)"), table.shape[1]
    squares, df = _squares_within(table, code)

    def estimate(ms: MeanSquares, w: ArrayLike, of: str) -> Floats:
        with np.errstate(invalid="ignore", divide="ignore"):  # no patient with several items is left: NaN
            between = np.asarray(np.asarray(w, float) @ squares / (np.asarray(w, float) @ df))
        return icc_estimate(ms._replace(items=between), of)

    everyone, ms = np.ones(sizes.size), mean_squares(table)
    rho = float(estimate(ms, everyone, single))
    without = np.full(0, np.nan)
    if sizes.size > 1:
        weights = np.concatenate(list(jackknife_weights(sizes.size, max_groups=sizes.size)))
        without = estimate(resampled_mean_squares(table, weights[:, code]), weights, single)[several]
    total = _total(ms, float(squares.sum() / df.sum()))
    readers = reader_limits(rho, total, float(ms.readers) / ms.n_items, k, confidence_level) if "2" in form else None
    low, high = fisher_interval(rho, without, form, n_readers=k, readers=readers, confidence_level=confidence_level)
    return NestedICC(float(estimate(ms, everyone, form)), low, high, int(sizes[several].sum()), int(several.sum()))


def patient_mean_icc(
    values: ArrayLike, patient: ArrayLike, form: str = "ICC(2,1)", *, confidence_level: float = 0.95
) -> NestedICC:
    """ICC of patients, each reading the mean of the patient's items, so that every patient counts once.

    Patients are independent, so the interval is the F interval of `biomarker.kernels.icc`.

    Parameters
    ----------
    values : array_like, shape (n_items, n_readers)
        One reading per item and reader, none missing.
    patient : array_like of int, shape (n_items,)
    form : str
    confidence_level : float

    Returns
    -------
    NestedICC
        NaN with a single patient.
    """
    table = np.asarray(values, float)
    code = _codes(patient, len(table))
    sizes = np.bincount(code)
    if sizes.size < 2:
        return NestedICC(float("nan"), float("nan"), float("nan"), len(table), int(sizes.size))
    means = np.stack([np.bincount(code, column) / sizes for column in table.T], axis=1)
    found = intraclass_correlation(means, form, confidence_level=confidence_level)
    return NestedICC(float(found.icc), float(found.low), float(found.high), len(table), int(sizes.size))


def fisher_interval(
    rho: float,
    without: Floats,
    form: str,
    *,
    n_readers: int,
    readers: Interval | None = None,
    confidence_level: float = 0.95,
) -> Interval:
    """Jackknife interval on Fisher's scale, widened by what the choice of readers could do.

    Parameters
    ----------
    rho : float
        The single-reading ICC of everyone.
    without : ndarray, shape (n_patients,)
        The same without each patient.
    form : str
        Whether limits are of one reading or of the mean of all.
    n_readers : int
    readers : Interval, optional
        The ICC at the limits of the variance between readers, where these are a sample.
    confidence_level : float

    Returns
    -------
    Interval
        1 to 1 where rho is 1; NaN with fewer than two patients, or where an estimate without one of them is undefined.
    """
    k = n_readers
    if rho == 1:
        return Interval(1.0, 1.0)
    # items that do not vary at all: the ratio of variances is 0 and has no logarithm
    if without.size < 2 or not -1 / (k - 1) < rho < 1:
        return Interval(float("nan"), float("nan"))
    with np.errstate(divide="ignore", invalid="ignore"):  # without that patient readers agree exactly, or not at all
        z = np.log((1 + (k - 1) * without) / (1 - without)) / 2
        centre, *shifted = (np.log((1 + (k - 1) * r) / (1 - r)) / 2 for r in (rho, *(readers or (rho, rho))))
    variance = (z.size - 1) * z.var() if np.isfinite(z).all() else np.nan
    half = stdtrit(z.size - 1.0, (1 + confidence_level) / 2) * np.sqrt(variance)
    # back to a ratio of variances F, and from that to the ICC of one reading or of the mean of k
    ends = zip((-1, 1), shifted, strict=True)
    low, high = (np.exp(2 * (centre + side * np.hypot(half, end - centre))) for side, end in ends)
    limits = ((f - 1) / f if form[6] == "k" else (f - 1) / (f + k - 1) for f in (low, high))
    return Interval(*(float(limit) for limit in limits))


def _whole(table: Floats, single: str, confidence_level: float) -> tuple[float, Interval | None]:
    """Return the ICC of everyone, and what it would be at the limits of the variance between readers."""
    k = table.shape[1]
    if not np.isnan(table).any():
        ms = mean_squares(table)
        rho, total, mean_of_reader = float(icc_estimate(ms, single)), _total(ms, ms.items), ms.readers / ms.n_items
    else:
        sums = reading_sums(table)
        parts = crossed_components(sums, int(single[4]))
        rho = float(icc_from_components(parts, single, k)[0])
        reader = float(np.nan_to_num(parts.reader[0]))
        total = float(parts.item[0] + parts.residual[0]) + reader
        mean_of_reader = reader + float(parts.residual[0]) * k / float(sums.n_readings[0])
    if single != "ICC(2,1)":
        return rho, None
    return rho, reader_limits(rho, total, float(mean_of_reader), k, confidence_level)


def _total(ms: MeanSquares, items: float) -> float:
    """Return the variance of a single reading, from a mean square between items."""
    k = ms.n_readers
    return float(items + (k - 1) * ms.residual + k * (ms.readers - ms.residual) / ms.n_items) / k


def reader_limits(rho: float, total: float, mean_of_reader: float, n_readers: int, confidence_level: float) -> Interval:
    """Give the ICC at the chi-squared limits of the variance of readers' means, all else being as estimated.

    Parameters
    ----------
    rho, total : float
        The ICC and the variance of a single reading.
    mean_of_reader : float
        Variance of the mean of a reader: the mean square of readers over their number of readings.
    n_readers : int
    confidence_level : float

    Returns
    -------
    Interval
    """
    df, tail = n_readers - 1.0, (1 - confidence_level) / 2
    grown = (total + mean_of_reader * (df / chdtri(df, side) - 1) for side in (1 - tail, tail))
    return Interval(*(rho * total / more if more > 0 else rho for more in grown))


def _squares_within(table: Floats, code: NDArray[np.intp]) -> tuple[Floats, Floats]:
    """Return each patient's sum of squares between its items, times the readers, and its degrees of freedom."""
    sizes = np.bincount(code)
    means = table.mean(axis=1)
    deviation = means - (np.bincount(code, means) / sizes)[code]
    return table.shape[1] * np.bincount(code, deviation**2), (sizes - 1).astype(float)


def _codes(patient: ArrayLike, n_items: int) -> NDArray[np.intp]:
    code = np.unique(np.asarray(patient), return_inverse=True)[1]
    if code.shape != (n_items,):
        raise ValueError("need one patient for each item")
    return code
