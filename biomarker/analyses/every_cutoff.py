"""What a marker achieves at every cutoff that its values tell apart, all at once: the numbers behind the explorer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from biomarker.kernels.clustered_proportion import clustered_proportion
from biomarker.kernels.clustered_two_by_two import clustered_two_by_two
from biomarker.kernels.measure import Measure
from biomarker.kernels.proportion import INTERVALS
from biomarker.kernels.remeasurement import MeasurementError, grey_zone, probability_of_change
from biomarker.kernels.two_by_two import two_by_two

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

SHARES = ("sensitivity", "specificity", "ppv", "npv", "accuracy")
RATIOS = ("lr_positive", "lr_negative")
STEPS_AT_MOST = 500


@dataclass(frozen=True, kw_only=True, eq=False)
class EveryCutoff:
    """Performance at every cutoff that calls different rows positive.

    Attributes
    ----------
    distinct : ndarray of float, shape (m,)
        Values of the marker, each once, ascending.
    cells : tuple of four ndarrays of int, shape (m + 1,)
        tp, fp, fn, tn.
    measures : dict of str to Measure
        Of every name in `SHARES` and `RATIOS`, arrays of shape (m + 1,).
    naive : dict of str to ndarray of bool, shape (m + 1,)
        Where an interval takes rows as independent, because all of them belong to one patient.
    higher_is_positive : bool
    """

    distinct: Floats
    cells: tuple[Integers, Integers, Integers, Integers]
    measures: dict[str, Measure]
    naive: dict[str, NDArray[np.bool_]]
    higher_is_positive: bool

    def place(self, cutoffs: ArrayLike) -> Integers:
        """Return where in the arrays of shape (m + 1,) the numbers of each cutoff stand."""
        return _place(self.distinct, cutoffs, self.higher_is_positive)

    def best_youden(self) -> int:
        """Return the place of the largest sum of sensitivity and specificity, the first where several have it."""
        return int(np.argmax(self.measures["sensitivity"].value + self.measures["specificity"].value))


def every_cutoff(
    measured: ArrayLike,
    truth: ArrayLike,
    patients: NDArray[np.intp] | None,
    *,
    higher_is_positive: bool = True,
    interval: str = "wilson",
    confidence_level: float = 0.95,
) -> EveryCutoff:
    """Work out the 2x2 table and its proportions at every cutoff, with the same intervals as `evaluate_cutoff`.

    Parameters
    ----------
    measured : array_like of float, shape (n,)
        Finite values.
    truth : array_like of bool, shape (n,)
        Both classes must occur.
    patients : ndarray of int, shape (n,), or None
        Code 0..K-1 of the patient of each row where rows are nested in patients.
    higher_is_positive : bool
    interval : str
    confidence_level : float

    Examples
    --------
    >>> found = every_cutoff([2.0, 3.1, 3.8, 4.2, 6.0, 9.5], [0, 0, 1, 0, 1, 1], None)
    >>> at = found.place(4.0)
    >>> [int(cell[at]) for cell in found.cells]
    [2, 1, 1, 2]
    """
    values, rank = np.unique(np.asarray(measured, float), return_inverse=True)
    is_positive = np.asarray(truth, bool)
    codes = np.zeros(rank.size, np.intp) if patients is None else patients
    shape = (values.size, int(codes.max()) + 1)
    called, missed = [], []
    for rows in (is_positive, ~is_positive):
        counts = np.zeros(shape, np.int64)
        np.add.at(counts, (rank[rows], codes[rows]), 1)
        below = np.concatenate([np.zeros((1, shape[1]), np.int64), np.cumsum(counts, axis=0)])
        above = below[-1] - below
        called.append(above if higher_is_positive else below)
        missed.append(below if higher_is_positive else above)
    by_patient = called[0], called[1], missed[0], missed[1]
    totals = tuple(cell.sum(axis=1) for cell in by_patient)
    plain = two_by_two(*totals, interval=interval, confidence_level=confidence_level)
    found, naive = plain, {name: np.zeros(values.size + 1, bool) for name in SHARES}
    if patients is not None:
        found = dict(clustered_two_by_two(*by_patient, interval=interval, confidence_level=confidence_level).measures)
        for name in SHARES:
            naive[name] = np.isnan(found[name].low) & ~np.isnan(found[name].value) & ~np.isnan(plain[name].low)
            low, high = (np.where(naive[name], plain[name][part], found[name][part]) for part in (1, 2))
            found[name] = found[name]._replace(low=low, high=high)
    return EveryCutoff(
        distinct=values,
        cells=(totals[0], totals[1], totals[2], totals[3]),
        measures={name: found[name] for name in (*SHARES, *RATIOS)},
        naive=naive,
        higher_is_positive=higher_is_positive,
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class GreyZones:
    """For each of several cutoffs: the limits of its grey zone, the rows in it, and how many would change class.

    `inside` counts rows; `share` has the limits of its design; `change` is the expected share of rows that a second
    measurement reclassifies. Arrays of shape (cutoffs,).
    """

    low: Floats
    high: Floats
    inside: Integers
    share: Measure
    change: Floats


def grey_zones(
    measured: ArrayLike,
    patients: NDArray[np.intp] | None,
    cutoffs: ArrayLike,
    error: MeasurementError,
    *,
    change_probability: float = 0.05,
    interval: str = "wilson",
    confidence_level: float = 0.95,
) -> GreyZones:
    """Return the grey zones of cutoffs, as `evaluate_cutoff` gives them one by one."""
    values = np.asarray(measured, float)
    zones = [grey_zone(cutoff, error, probability=change_probability) for cutoff in np.asarray(cutoffs, float)]
    changes = np.stack([probability_of_change(values, cutoff, error) for cutoff in np.asarray(cutoffs, float)])
    inside = changes > change_probability
    share, n = inside.mean(axis=1), values.size
    if patients is None:
        low, high = INTERVALS[interval](inside.sum(axis=1), n, confidence_level=confidence_level)
    else:
        owner = np.eye(int(patients.max()) + 1, dtype=np.int64)[patients]
        found = clustered_proportion(
            inside @ owner, owner.sum(axis=0), interval=interval, confidence_level=confidence_level
        )
        low, high = found.low, found.high
    return GreyZones(
        low=np.array([zone.low for zone in zones]),
        high=np.array([zone.high for zone in zones]),
        inside=inside.sum(axis=1),
        share=Measure(share, low, high),
        change=changes.mean(axis=1),
    )


def round_cutoffs(
    values: Floats, *, higher_is_positive: bool = True, above_zero: bool = False, also: Sequence[float] = ()
) -> tuple[str, ...]:
    """Return cutoffs in round numbers that reach every classification, ascending, as decimal text.

    An even grid of at most some 500 steps; between two neighbouring values that it passes over, the roundest number
    there; and `also`. The first and the last call every row alike.

    Parameters
    ----------
    values : ndarray of float
        Distinct and ascending.
    higher_is_positive : bool
    above_zero : bool
        Whether cutoffs must be above zero, as they must for an error on the log scale.
    also : sequence of float

    Examples
    --------
    >>> [cutoff for cutoff in round_cutoffs(np.array([1.0, 2.0, 2.0001, 4.0])) if 1.98 < float(cutoff) < 2.02]
    ['1.99', '2', '2.0001', '2.01']
    """
    exact = [_decimal(value) for value in values]
    step = _step(exact[-1] - exact[0])
    first, last = _rounded(exact[0], step, ROUND_FLOOR), _rounded(exact[-1], step, ROUND_CEILING)
    if not higher_is_positive and first >= exact[0]:
        first -= step
    if higher_is_positive and last <= exact[-1]:
        last += step
    found = {first + step * k for k in range(int((last - first) / step) + 1)}
    found |= {_decimal(value) for value in also}
    if above_zero:
        found = {cutoff for cutoff in found if cutoff > 0}
    reached = set(_place(values, [float(cutoff) for cutoff in found], higher_is_positive).tolist())
    for place in set(range(len(exact) + 1)) - reached:
        found.add(_between(exact, place, step, higher_is_positive=higher_is_positive))
    return tuple(_text(cutoff) for cutoff in sorted(found))


def _place(values: Floats, cutoffs: ArrayLike, higher_is_positive: bool) -> Integers:
    """Return how many values lie below each cutoff, or at and below it where low values are positive."""
    side: Literal["left", "right"] = "left" if higher_is_positive else "right"
    return np.asarray(np.searchsorted(values, np.asarray(cutoffs, float), side=side), np.int64)


def _between(exact: Sequence[Decimal], place: int, step: Decimal, *, higher_is_positive: bool) -> Decimal:
    """Return the roundest number that gives one classification: in (a, b] of its neighbours, or in [a, b)."""
    outer = step if exact[0] > step else exact[0] / 2  # stays above zero where the values do
    a = exact[place - 1] if place else exact[0] - (outer if exact[0] > 0 else step)
    b = exact[place] if place < len(exact) else exact[-1] + step
    for digits in range(-15, 25):
        unit = Decimal(1).scaleb(-digits)
        if higher_is_positive:
            cutoff = _rounded(b, unit, ROUND_FLOOR)
            if float(a) < float(cutoff) <= float(b):
                return cutoff
        else:
            cutoff = _rounded(a, unit, ROUND_CEILING)
            if float(a) <= float(cutoff) < float(b):
                return cutoff
    return b if higher_is_positive else a


def _step(span: Decimal) -> Decimal:
    """Return the smallest of 1, 2 or 5 times a power of ten that needs at most so many steps."""
    if span <= 0:
        return Decimal(1)
    unit = Decimal(1).scaleb((span / STEPS_AT_MOST).adjusted())
    return next(step for step in (unit * k for k in (1, 2, 5, 10)) if span / step <= STEPS_AT_MOST)


def _rounded(value: Decimal, unit: Decimal, rounding: str) -> Decimal:
    return (value / unit).to_integral_value(rounding=rounding) * unit


def _decimal(value: float) -> Decimal:
    return Decimal(repr(float(value)))


def _text(value: Decimal) -> str:
    plain = f"{value.normalize():f}"
    return plain if len(plain) <= 14 else repr(float(value))
