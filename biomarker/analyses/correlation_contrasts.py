"""Correlations of one outcome with several markers: each, their differences, and the test that all are equal."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from biomarker.analyses.correlation import PLAIN
from biomarker.analyses.correlation_by_patient import drawn, left_out
from biomarker.kernels.auc_interval import joint_test
from biomarker.kernels.correlation import Correlation
from biomarker.kernels.correlation_difference import (
    DifferenceTest,
    OverlappingCorrelations,
    combined_interval,
    equality_test,
    meng_heterogeneity,
    meng_test,
    steiger_test,
    williams_test,
    zou_interval,
)
from biomarker.kernels.correlation_intervals import (
    bootstrap_interval,
    jackknife_covariance,
    jackknife_difference,
    jackknife_interval,
)
from biomarker.kernels.correlation_resampling import CorrelationResampler, Method
from biomarker.kernels.interval import Interval

Floats = NDArray[np.float64]
SAME = 1e-12


@dataclass(frozen=True, kw_only=True, eq=False)
class MarkerSet:
    """An outcome and markers on the same rows, pointing upwards, and how they are correlated.

    Attributes
    ----------
    outcome : ndarray, shape (rows,)
    markers : ndarray, shape (k, rows)
    method : str
        ``"pearson"``, ``"spearman"``, ``"kendall"`` or ``"somers_d"``.
    units : ndarray of int, shape (rows,)
        The independent unit of each row.
    is_nested : bool
    """

    outcome: Floats
    markers: Floats
    method: Method
    units: NDArray[np.intp]
    is_nested: bool
    confidence_level: float

    @property
    def n_units(self) -> int:
        """How many independent units."""
        return int(self.units.max()) + 1

    def resampler(self) -> CorrelationResampler:
        """Return what correlates the outcome with each marker in any resample."""
        pairs = [(0, number + 1) for number in range(len(self.markers))]
        variables = [self.outcome, *self.markers]
        return CorrelationResampler(variables, pairs, method=self.method, cluster=self.units)

    def values(self) -> Floats:
        """Return the coefficient of each marker, shape (k,)."""
        if self.method in PLAIN:
            return np.array([PLAIN[self.method](self.outcome, marker).value for marker in self.markers])
        return np.asarray(self.resampler().resampled(np.ones((1, self.n_units)))[0])


class Comparison(ABC):
    """One way to compare: lines of each marker, of each pair, and of all."""

    def __init__(self, markers: MarkerSet) -> None:
        self.markers, self.values = markers, markers.values()

    @abstractmethod
    def own(self, number: int) -> Correlation:
        """Return one coefficient with its interval and test."""

    @abstractmethod
    def difference(self, first: int, second: int) -> Correlation:
        """Return the difference of two coefficients with its interval and test."""

    @abstractmethod
    def equality(self) -> DifferenceTest:
        """Test that all are equal."""

    def _plain(self, number: int) -> Correlation:
        sample = self.markers
        return PLAIN[sample.method](sample.outcome, sample.markers[number], confidence_level=sample.confidence_level)


class ByFormula(Comparison):
    """Williams, Steiger or Meng, with Zou's interval: Pearson or Spearman of independent rows."""

    def __init__(self, markers: MarkerSet, test: str) -> None:
        super().__init__(markers)
        self._test = test
        plain = PLAIN[markers.method]
        k = len(markers.markers)
        self._between = np.eye(k)
        for i in range(k):
            for j in range(i):
                value = plain(markers.markers[i], markers.markers[j]).value
                self._between[i, j] = self._between[j, i] = value

    def own(self, number: int) -> Correlation:
        """Return one coefficient with its interval and test."""
        return self._plain(number)

    def overlapping(self, first: int, second: int) -> OverlappingCorrelations:
        """Return the three correlations of a pair."""
        one, other = (float(self.values[number]) for number in (first, second))
        return OverlappingCorrelations(one, other, float(self._between[first, second]), self.markers.outcome.size)

    def difference(self, first: int, second: int) -> Correlation:
        """Return the difference of two coefficients with its interval and test."""
        found = self.overlapping(first, second)
        limits = zou_interval(found, self.own(first).interval, self.own(second).interval)
        tests = {"williams": williams_test, "steiger": steiger_test}
        test = tests[self._test](found) if self._test in tests else meng_test(found)[0]
        return Correlation(found.first - found.second, limits, *test)

    def of_z(self, first: int, second: int) -> Correlation:
        """Return the difference of Fisher z with Meng's interval."""
        found = self.overlapping(first, second)
        test, limits = meng_test(found, confidence_level=self.markers.confidence_level)
        known = abs(found.first) < 1 and abs(found.second) < 1
        value = float(np.arctanh(found.first) - np.arctanh(found.second)) if known else np.nan
        return Correlation(value, limits, *test)

    def equality(self) -> DifferenceTest:
        """Test that all are equal."""
        every = meng_heterogeneity if self._test == "meng" else equality_test
        return every(self.values, self._between, self.markers.outcome.size)


class ByJackknife(Comparison):
    """Each patient, or row, left out in turn: errors of Fisher z, and limits of a difference from those of the two."""

    def __init__(self, markers: MarkerSet) -> None:
        super().__init__(markers)
        self._left_out = left_out(markers.resampler().resampled, markers.n_units, markers.outcome.size)
        within = np.abs(self._left_out) < 1
        # at 1 Fisher's z is infinite; such a pair is compared on the plain scale
        self._has_z = within.all(axis=0) & (np.abs(self.values) < 1)

    def own(self, number: int) -> Correlation:
        """Return one coefficient with its interval and test."""
        if not self.markers.is_nested and self.markers.method in PLAIN:
            return self._plain(number)
        return self._own(number)

    def _own(self, number: int) -> Correlation:
        return jackknife_interval(
            float(self.values[number]), self._left_out[:, number], confidence_level=self.markers.confidence_level
        )

    def _of_pair(self, first: int, second: int) -> tuple[Floats, Floats]:
        pair = [first, second]
        if self._has_z[pair].all():
            return np.arctanh(self.values[pair]), np.arctanh(self._left_out[:, pair])
        return self.values[pair], self._left_out[:, pair]

    def difference(self, first: int, second: int) -> Correlation:
        """Return the difference of two coefficients with its interval and test."""
        level = self.markers.confidence_level
        values, others = self._of_pair(first, second)
        found = jackknife_difference((float(values[0]), float(values[1])), others, confidence_level=level)
        difference = float(self.values[first] - self.values[second])
        if not self._has_z[[first, second]].all() or found.p_value == 1 or np.isnan(found.p_value):
            return found._replace(value=difference, interval=_cut(found.interval))
        covariance = jackknife_covariance(others)
        shared = covariance[0, 1] / np.sqrt(covariance[0, 0] * covariance[1, 1])
        limits = combined_interval(
            (float(self.values[first]), float(self.values[second])),
            self._own(first).interval,
            self._own(second).interval,
            float(shared),
        )
        return found._replace(value=difference, interval=limits)

    def equality(self) -> DifferenceTest:
        """Test that all are equal."""
        is_z = bool(self._has_z.all())
        values = np.arctanh(self.values) if is_z else self.values
        others = np.arctanh(self._left_out) if is_z else self._left_out
        return _joint(values, jackknife_covariance(others), len(others) - 1)


class ByBootstrap(Comparison):
    """Whole patients, or rows, resampled: percentiles widened for few of them."""

    def __init__(self, markers: MarkerSet, n_resamples: int, rng: int | np.random.Generator) -> None:
        super().__init__(markers)
        self._drawn = drawn(markers.resampler().resampled, markers.n_units, markers.outcome.size, n_resamples, rng)

    def own(self, number: int) -> Correlation:
        """Return one coefficient with its interval and test."""
        return self._interval(float(self.values[number]), self._drawn[:, number])

    def difference(self, first: int, second: int) -> Correlation:
        """Return the difference of two coefficients with its interval and test."""
        difference = float(self.values[first] - self.values[second])
        scattered = self._drawn[:, first] - self._drawn[:, second]
        is_same = np.nanmax(np.abs(scattered), initial=0.0) < SAME and abs(difference) < SAME
        return self._interval(0.0, np.zeros_like(scattered)) if is_same else self._interval(difference, scattered)

    def _interval(self, value: float, values: Floats) -> Correlation:
        return bootstrap_interval(value, values, self.markers.n_units, confidence_level=self.markers.confidence_level)

    def equality(self) -> DifferenceTest:
        """Test that all are equal."""
        known = self._drawn[np.isfinite(self._drawn).all(axis=1)]
        if len(known) < 2:
            return DifferenceTest(np.nan, np.nan, np.nan)
        n = self.markers.n_units
        return _joint(self.values, np.cov(known, rowvar=False) * (n / (n - 1)), n - 1)


def _cut(limits: Interval) -> Interval:
    return Interval(max(limits.low, -2.0), min(limits.high, 2.0)) if np.isfinite(limits.low) else limits


def _joint(values: Floats, covariance: Floats, df: float) -> DifferenceTest:
    k = len(values)
    contrast = np.column_stack((np.eye(k - 1), -np.ones(k - 1)))
    return DifferenceTest(*joint_test(contrast @ values, contrast @ covariance @ contrast.T, df=df))


def pairs_of(names: Sequence[str], against: str | None) -> list[tuple[int, int]]:
    """Return the pairs to compare: every one, or each of the others with one."""
    if against is None:
        return [(i, j) for i in range(len(names)) for j in range(i + 1, len(names))]
    base = list(names).index(against)
    return [(number, base) for number in range(len(names)) if number != base]
