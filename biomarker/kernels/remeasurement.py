"""Which calls would not survive a second measurement: a cutoff against the error of the marker it is applied to.

The model is that of Bland and Altman [1]_ and of QIBA [2]_. A measurement is the true value plus a normal error with
standard deviation s, on the scale of the marker (``"raw"``) or of its logarithm (``"log"``, when the error grows with
the value, as that of an SUV does). Two measurements then differ by an error with standard deviation sqrt(2) s, and in
95 % of pairs by less than the repeatability coefficient RC = 1.96 sqrt(2) s. On the log scale the limits are factors,
exp(-RC) and exp(RC).

Nothing is assumed about how true values are spread, so that what is said of one lesion holds given its measured value
alone.

References
----------
.. [1] Bland JM, Altman DG. Measuring agreement in method comparison studies. Stat Methods Med Res 1999;8:135-160.
.. [2] Obuchowski NA, Bullen J. Quantitative imaging biomarkers: effect of sample size and bias on confidence interval
coverage.
   Stat Methods Med Res 2018;27:3139-3150.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr, ndtri

from .cutoff_criteria import Counts
from .interval import Interval

FloatArray = NDArray[np.float64]
Scale = Literal["log", "raw"]
Against = Literal["remeasured", "true"]

REPEATABILITY_FACTOR = float(ndtri(0.975) * np.sqrt(2))
"""Repeatability coefficient over within-lesion standard deviation: 1.96 sqrt(2), about 2.77."""


@dataclass(frozen=True)
class MeasurementError:
    """The error of one measurement: its standard deviation, and the scale on which that is constant.

    Attributes
    ----------
    sd : float
        Within-lesion standard deviation: of the logarithm (natural) on the log scale, else in the marker's unit.
    scale : {"log", "raw"}
    """

    sd: float
    scale: Scale = "log"

    def __post_init__(self) -> None:
        if self.scale not in ("log", "raw"):
            raise ValueError("scale is 'log' or 'raw'")
        if not (np.isfinite(self.sd) and self.sd >= 0):
            raise ValueError("the within-lesion standard deviation must be finite and not negative")

    @property
    def repeatability_coefficient(self) -> float:
        """1.96 sqrt(2) sd, on the scale of the error."""
        return REPEATABILITY_FACTOR * self.sd

    @property
    def within_cv(self) -> float:
        """Coefficient of variation under log-normal error; NaN on the raw scale, where it is not constant."""
        return float(np.sqrt(np.expm1(self.sd**2))) if self.scale == "log" else float("nan")

    @property
    def percent_limits(self) -> Interval:
        """Limits of the change between two measurements of an unchanged lesion, as fractions; NaN on the raw scale."""
        if self.scale == "raw":
            return Interval(float("nan"), float("nan"))
        return Interval(
            float(np.expm1(-self.repeatability_coefficient)), float(np.expm1(self.repeatability_coefficient))
        )

    def transform(self, values: ArrayLike) -> FloatArray:
        """Put values on the scale of the error.

        Raises
        ------
        ValueError
            If the scale is logarithmic and a value is not positive.
        """
        array = np.asarray(values, float)
        if self.scale == "raw":
            return array
        if np.any(array <= 0):
            raise ValueError("an error on the log scale needs positive values")
        return np.asarray(np.log(array))

    def back(self, values: ArrayLike) -> FloatArray:
        """Undo `transform`."""
        return np.asarray(np.exp(values) if self.scale == "log" else values, float)


def error_from_within_cv(within_cv: float) -> MeasurementError:
    """Return the error that a within-lesion coefficient of variation stands for: sd of the log = sqrt(log(1 + CV^2)).

    Examples
    --------
    >>> error_from_within_cv(0.10).sd.__round__(4)
    0.0998
    """
    if not within_cv >= 0:
        raise ValueError("within_cv must not be negative; give a fraction such as 0.12")
    return MeasurementError(float(np.sqrt(np.log1p(within_cv**2))), "log")


def error_from_repeatability(coefficient: float) -> MeasurementError:
    """Return the error behind a repeatability coefficient in the unit of the marker: sd = RC / 2.77."""
    return MeasurementError(coefficient / REPEATABILITY_FACTOR, "raw")


def error_from_percent_repeatability(coefficient: float) -> MeasurementError:
    """Return the error behind a symmetric %RC, a fraction: QIBA's %RC is 2.77 times the within-lesion CV.

    Examples
    --------
    The QIBA profile for FDG: wCV of 10 to 12 %, %RC of 28 to 33 %.

    >>> round(error_from_percent_repeatability(0.277).within_cv, 3)
    0.1
    """
    return error_from_within_cv(coefficient / REPEATABILITY_FACTOR)


def error_from_percent_limits(lower: float, upper: float) -> MeasurementError:
    """Return the error behind asymmetric limits of relative change, fractions such as -0.24 and 0.32.

    Limits of a log-normal error are exp(-RC) - 1 and exp(RC) - 1. Published ones are rounded and may be off by a
    bias, so RC is half the distance between their logarithms.

    Examples
    --------
    >>> error = MeasurementError(0.1)
    >>> round(error_from_percent_limits(*error.percent_limits).sd, 12)
    0.1
    """
    if not -1 < lower < upper:
        raise ValueError("need -1 < lower < upper; give fractions such as -0.24 and 0.32")
    return MeasurementError(float((np.log1p(upper) - np.log1p(lower)) / 2) / REPEATABILITY_FACTOR, "log")


class WithinVariation(NamedTuple):
    """Variation of repeated readings within items.

    Attributes
    ----------
    error : MeasurementError
        Pooled standard deviation within items, on the scale asked for.
    root_mean_square_cv : float
        Root of the mean over items of (standard deviation / mean) squared; NaN where an item's mean is not positive.
    n_items, df : int
        Items with at least two readings, and degrees of freedom: readings less items.
    """

    error: MeasurementError
    root_mean_square_cv: float
    n_items: int
    df: int


def error_from_readings(values: ArrayLike, item: ArrayLike, scale: Scale = "log") -> WithinVariation:
    """Estimate the error from items that were measured more than once.

    Parameters
    ----------
    values : array_like of float, shape (n_readings,)
        Positive on the log scale.
    item : array_like, shape (n_readings,)
        What was measured; items with one reading say nothing and are passed over.
    scale : {"log", "raw"}
        Scale on which readings of one item vary alike.

    Returns
    -------
    WithinVariation
        The error's standard deviation is the root of the within-items mean square.

    Raises
    ------
    ValueError
        If no item has two readings, or a value is not finite or, on the log scale, not positive.

    References
    ----------
    .. [1] Bland JM, Altman DG. Measurement error proportional to the mean. BMJ 1996;313:106.

    Examples
    --------
    >>> found = error_from_readings([10, 12, 20, 20, 7], ["a", "a", "b", "b", "c"], "raw")
    >>> found.error.sd, found.n_items, found.df, round(found.root_mean_square_cv, 4)
    (1.0, 2, 2, 0.0909)
    """
    raw = np.asarray(values, float)
    _, codes = np.unique(np.asarray(item), return_inverse=True)
    if raw.ndim != 1 or codes.shape != raw.shape or not np.isfinite(raw).all():
        raise ValueError("need one finite value and one item per reading")
    on_scale = MeasurementError(0.0, scale).transform(raw)
    times = np.bincount(codes)
    repeated = times > 1
    if not repeated.any():
        raise ValueError("no item was measured twice")
    df = int(times[repeated].sum() - repeated.sum())
    sd = float(np.sqrt(_within_squares(on_scale, codes, times)[repeated].sum() / df))
    means = np.bincount(codes, raw)[repeated] / times[repeated]
    variances = _within_squares(raw, codes, times)[repeated] / (times[repeated] - 1)
    cv = float(np.sqrt(np.mean(variances / means**2))) if np.all(means > 0) else float("nan")
    return WithinVariation(MeasurementError(sd, scale), cv, int(repeated.sum()), df)


def _within_squares(values: FloatArray, codes: NDArray[np.intp], times: NDArray[np.intp]) -> FloatArray:
    """Return each item's sum of squared deviations from its own mean."""
    deviations = values - (np.bincount(codes, values) / times)[codes]
    return np.asarray(np.bincount(codes, deviations**2))


def probability_of_change(
    marker: ArrayLike,
    cutoff: float,
    error: MeasurementError,
    *,
    compared_with: Against = "remeasured",
) -> FloatArray:
    """Probability that a second measurement falls on the other side of the cutoff, given the first.

    With d the distance of the measured value from the cutoff, on the scale of the error::

        remeasured   Phi(-|d| / (sqrt(2) s))   both measurements have an error
        true         Phi(-|d| / s)             the true value lies on the other side

    Parameters
    ----------
    marker : array_like of float, shape (...)
        Measured values; positive when the error is on the log scale.
    cutoff : float
        In the unit of the marker.
    error : MeasurementError
    compared_with : {"remeasured", "true"}

    Returns
    -------
    ndarray of float, shape (...)
        At most one half, which it is at the cutoff; 0 away from it when there is no error.

    Examples
    --------
    A lesion at 4.4 with a cutoff of 4.0 and a within-lesion CV of 12 %.

    >>> print(f"{probability_of_change(4.4, 4.0, error_from_within_cv(0.12)):.3f}")
    0.287
    """
    distance = np.abs(error.transform(marker) - error.transform(cutoff))
    sd = error.sd * (np.sqrt(2) if compared_with == "remeasured" else 1.0)
    if sd == 0:
        return np.asarray(np.where(distance == 0, 0.5, 0.0))[()]
    return np.asarray(ndtr(-distance / sd))[()]


def grey_zone(
    cutoff: float,
    error: MeasurementError,
    *,
    probability: float = 0.05,
    compared_with: Against = "remeasured",
) -> Interval:
    """Measured values so near the cutoff that the class changes with more than the given probability.

    Parameters
    ----------
    cutoff : float
        In the unit of the marker.
    error : MeasurementError
    probability : float
        In (0, 0.5). At 0.025 the zone reaches one repeatability coefficient to either side.
    compared_with : {"remeasured", "true"}
        See `probability_of_change`.

    Returns
    -------
    Interval
        In the unit of the marker.

    Examples
    --------
    >>> low, high = grey_zone(4.0, error_from_within_cv(0.12))
    >>> print(f"{low:.2f} to {high:.2f}")
    3.03 to 5.28
    """
    if not 0 < probability < 0.5:
        raise ValueError("probability must lie between 0 and 0.5")
    reach = -ndtri(probability) * error.sd * (np.sqrt(2) if compared_with == "remeasured" else 1.0)
    centre = error.transform(cutoff)
    return Interval(float(error.back(centre - reach)), float(error.back(centre + reach)))


def expected_counts(
    marker: ArrayLike,
    positive: ArrayLike,
    cutoff: float,
    error: MeasurementError,
    *,
    higher_is_positive: bool = True,
    further_error: ArrayLike = 1.0,
) -> Counts:
    """Expect the 2x2 table when each measured value carries a further, independent error.

    A value at distance d beyond the cutoff is then still called positive with probability Phi(d / (s sqrt(k))), where
    k is `further_error`. This is the first step of SIMEX [1]_: what one more error does to performance shows what the
    error that is already in the data has done.

    Parameters
    ----------
    marker : array_like of float, shape (n_rows,)
    positive : array_like of bool, shape (n_rows,)
    cutoff : float
    error : MeasurementError
    higher_is_positive : bool
    further_error : array_like of float, shape (...)
        Variance of the further error in multiples of the error's own: 0 leaves the data as they are, 1 adds as much
        as there is.

    Returns
    -------
    Counts
        Expected counts, shape (...).

    References
    ----------
    .. [1] Cook JR, Stefanski LA. Simulation-extrapolation estimation in parametric measurement error models.
       J Am Stat Assoc 1994;89:1314-1328.

    Examples
    --------
    >>> table = expected_counts([1, 2, 4, 8], [0, 0, 1, 1], 3.0, MeasurementError(0.2), further_error=[0, 1])
    >>> table.tp.round(3).tolist()
    [2.0, 1.925]
    """
    sign = 1.0 if higher_is_positive else -1.0
    beyond = sign * (error.transform(marker) - error.transform(cutoff))
    truth = np.asarray(positive, bool)
    if truth.shape != beyond.shape:
        raise ValueError("marker and positive need one value per row")
    multiples = np.asarray(further_error, float)
    if np.any(multiples < 0):
        raise ValueError("further_error must not be negative")
    sd = (error.sd * np.sqrt(multiples))[..., None]
    with np.errstate(divide="ignore", invalid="ignore"):  # without error the call is certain, also at the cutoff itself
        called = np.where(sd > 0, ndtr(beyond / sd), beyond >= 0)
    tp, fp = (called * truth).sum(axis=-1), (called * ~truth).sum(axis=-1)
    return Counts(tp, fp, truth.sum() - tp, (~truth).sum() - fp)
