"""Expected values: tests/reference/compare_correlations.R (psych::r.test, and the formulas of the papers in R)."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from biomarker.kernels.correlation import fisher_interval
from biomarker.kernels.correlation_difference import (
    OverlappingCorrelations,
    combined_interval,
    equality_test,
    meng_heterogeneity,
    meng_test,
    steiger_test,
    williams_test,
    zou_interval,
)
from biomarker.kernels.interval import Interval

REFERENCE = json.loads((Path(__file__).parent.parent / "reference" / "compare_correlations.json").read_text())
ATTITUDE = {name: np.array(values) for name, values in REFERENCE["attitude"].items()}


def found(expected):
    return OverlappingCorrelations(*(expected[name] for name in ("r1", "r2", "between", "n")))


@pytest.mark.parametrize("name", ["pair", "close"])
def test_two_correlations_agree_with_r(name):
    expected = REFERENCE[name]
    three = found(expected)
    for test, kernel in (("williams", williams_test), ("steiger", steiger_test)):
        result = kernel(three)
        assert_allclose((result.statistic, result.p_value), (expected[test], expected[f"{test}_p"]), rtol=1e-9)
    result, limits = meng_test(three)
    assert_allclose((result.statistic, result.p_value), (expected["meng"], expected["meng_p"]), rtol=1e-9)
    assert_allclose(limits, (expected["meng_low"], expected["meng_high"]), rtol=1e-9)
    own = [fisher_interval(r, (three.n - 3) ** -0.5) for r in (three.first, three.second)]
    assert_allclose(zou_interval(three, *own), (expected["zou_low"], expected["zou_high"]), rtol=1e-9)


def test_several_correlations_agree_with_r():
    names = ["complaints", "learning", "raises", "critical"]
    r = [np.corrcoef(ATTITUDE["rating"], ATTITUDE[name])[0, 1] for name in names]
    between = np.corrcoef([ATTITUDE[name] for name in names])
    expected = REFERENCE["several"]
    for name, kernel in (("equality", equality_test), ("heterogeneity", meng_heterogeneity)):
        result = kernel(r, between, 30)
        assert result.df == 3
        assert_allclose((result.statistic, result.p_value), (expected[name], expected[f"{name}_p"]), rtol=1e-9)


def test_published_examples():
    # Meng, Rosenthal and Rubin (1992), p. 173: N = 15, r = .63 and -.03, between predictors -.19; Z = 1.68, p = .09
    test, _ = meng_test(OverlappingCorrelations(0.63, -0.03, -0.19, 15))
    assert (round(test.statistic, 2), round(test.p_value, 2)) == (1.68, 0.09)
    # Zou (2007), overlapping correlations: n = 66, r = .396, .179, .088; 95 % limits -.093 and .517
    three = OverlappingCorrelations(0.396, 0.179, 0.088, 66)
    low, high = zou_interval(three, *(fisher_interval(r, 63**-0.5) for r in three[:2]))
    assert (round(low, 3), round(high, 3)) == (-0.093, 0.517)


r = st.floats(-0.95, 0.95)


@settings(deadline=None, max_examples=60)
@given(r, r, r, st.integers(5, 200))
def test_the_order_of_markers_turns_the_sign(first, second, between, n):
    determinant = 1 - first**2 - second**2 - between**2 + 2 * first * second * between
    if determinant < 1e-3:  # no three variables have such correlations
        return
    one, other = OverlappingCorrelations(first, second, between, n), OverlappingCorrelations(second, first, between, n)
    for kernel in (williams_test, steiger_test, lambda three: meng_test(three)[0]):
        before, after = kernel(one), kernel(other)
        assert_allclose(after.statistic, -before.statistic, atol=1e-9)
        assert_allclose(after.p_value, before.p_value)
    own = [fisher_interval(value, (n - 3) ** -0.5) for value in (first, second)]
    low, high = zou_interval(one, *own)
    assert_allclose(zou_interval(other, *own[::-1]), (-high, -low), atol=1e-12)
    assert low <= first - second <= high
    # the joint test of two is the square of Steiger's Z
    joint = equality_test([first, second], [[1, between], [between, 1]], n)
    if np.isfinite(steiger_test(one).statistic) and steiger_test(one).statistic != 0:
        assert_allclose(joint.statistic, steiger_test(one).statistic ** 2, rtol=1e-6)


def test_one_marker_twice_differs_by_nothing_for_certain():
    twice = OverlappingCorrelations(0.6, 0.6, 1.0, 20)
    for test in (williams_test(twice), steiger_test(twice), meng_test(twice)[0]):
        assert (test.statistic, test.p_value) == (0, 1)
    assert zou_interval(twice, Interval(0.2, 0.8), Interval(0.2, 0.8)) == Interval(0, 0)
    assert meng_test(twice)[1] == Interval(0, 0)
    assert meng_heterogeneity([0.6, 0.6, 0.6], np.ones((3, 3)), 20).p_value == 1
    same = equality_test([0.6, 0.6, 0.2], [[1, 1, 0.3], [1, 1, 0.3], [0.3, 0.3, 1]], 20)
    assert same.df == 1


def test_what_is_not_defined_is_nan():
    for three in (
        OverlappingCorrelations(0.5, 0.2, 0.1, 3),
        OverlappingCorrelations(np.nan, 0.2, 0.1, 20),
        OverlappingCorrelations(0.5, 0.2, np.nan, 20),
    ):
        assert np.isnan([williams_test(three).p_value, steiger_test(three).p_value, meng_test(three)[0].p_value]).all()
    perfect = OverlappingCorrelations(1.0, 0.4, 0.4, 20)
    assert np.isnan([steiger_test(perfect).p_value, meng_test(perfect)[0].p_value]).all()
    assert williams_test(perfect).p_value < 0.001  # Williams' t needs no Fisher z
    assert np.isnan(zou_interval(perfect, Interval(np.nan, np.nan), Interval(0.1, 0.6))).all()
    assert np.isnan(equality_test([1.0, 0.4], np.eye(2), 20).p_value)
    assert np.isnan(meng_heterogeneity([1.0, 0.4], np.eye(2), 20).p_value)


def test_independent_estimates_combine_to_the_root_of_squares():
    assert_allclose(combined_interval((0.5, 0.2), Interval(0.2, 0.7), Interval(0.1, 0.6), 0), (-0.2, 0.3 + 5**0.5 / 10))
