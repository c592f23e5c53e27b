"""Intervals for medians: tabled order statistics, and lesions nested in patients."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import stats

from biomarker.kernels.median_interval import median_interval


@pytest.mark.parametrize(("n", "place"), [(6, 1), (10, 2), (15, 4), (20, 6), (50, 18), (100, 40)])
def test_order_statistics_are_those_of_the_tables(n, place):
    # Altman, Statistics with confidence (2000), table 17.1: ranks of 95 % limits of a median
    values = np.random.default_rng(n).permutation(np.arange(1, n + 1))
    assert median_interval(values) == (place, n + 1 - place)
    assert 1 - 2 * stats.binom.cdf(place - 1, n, 0.5) >= 0.95


def test_too_few_values_or_patients_have_none():
    assert np.isnan(median_interval([1, 2, 3, 4, 5])).all()
    assert np.isnan(median_interval([1, 2, 3, 4, 5, 6], [1, 1, 1, 2, 2, 2])).all()


def test_nesting_widens_and_limits_turn_with_the_sign():
    rng = np.random.default_rng(4)
    patient = np.repeat(np.arange(15), 6)
    values = rng.normal(size=15)[patient] + 0.3 * rng.normal(size=90)
    plain, nested = median_interval(values), median_interval(values, patient)
    assert nested.high - nested.low > 1.5 * (plain.high - plain.low)
    assert nested.low < np.median(values) < nested.high
    assert_allclose(median_interval(-values, patient), (-nested.high, -nested.low))
    assert median_interval(np.full(90, 2.5), patient) == (2.5, 2.5)


def test_the_nested_interval_covers():
    # 400 samples of 20 patients: 95 % is seen within 92 and 98.5 %
    rng = np.random.default_rng(9)
    held = 0
    for _ in range(400):
        patient = np.repeat(np.arange(20), 1 + rng.negative_binomial(1, 1 / 4.5, 20))
        values = 0.7 * rng.normal(size=20)[patient] + 0.7 * rng.normal(size=patient.size)
        low, high = median_interval(values, patient)
        held += low <= 0 <= high
    assert 0.92 < held / 400 < 0.985
