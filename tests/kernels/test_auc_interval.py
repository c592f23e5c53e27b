"""Intervals and tests for areas, away from and at the bounds."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from biomarker.kernels.auc_interval import (
    auc_interval,
    critical_value,
    difference_interval,
    difference_test,
    joint_test,
    newcombe_auc_interval,
    satterthwaite_df,
)
from biomarker.kernels.delong import delong
from biomarker.kernels.interval import Interval


def newcombe_excess(theta, area, m, n, z):
    """Newcombe 2006, method 5, as printed: (θ̂ - θ)² - z² θ(1-θ){1 + (N-1)[(1-θ)/(2-θ) + θ/(1+θ)]} / mn, N = (m+n)/2."""
    size = (m + n) / 2
    bracket = 1 + (size - 1) * ((1 - theta) / (2 - theta) + theta / (1 + theta))
    return (area - theta) ** 2 - z**2 * theta * (1 - theta) * bracket / (m * n)


@settings(max_examples=100, deadline=None)
@given(st.floats(0.001, 0.999), st.integers(1, 200), st.integers(1, 200), st.sampled_from([0.8, 0.95, 0.99]))
def test_newcombe_limits_solve_their_equation(area, m, n, level):
    low, high = newcombe_auc_interval(area, m, n, confidence_level=level)
    z = stats.norm.ppf((1 + level) / 2)
    assert 0 < low < area < high < 1
    assert newcombe_excess(low, area, m, n, z) == pytest.approx(0, abs=1e-9)
    assert newcombe_excess(high, area, m, n, z) == pytest.approx(0, abs=1e-9)
    mirrored = newcombe_auc_interval(1 - area, m, n, confidence_level=level)
    assert (1 - mirrored.high, 1 - mirrored.low) == pytest.approx((low, high), abs=1e-9)


@pytest.mark.parametrize(("m", "n"), [(1, 1), (1, 30), (5, 8), (200, 300)])
def test_newcombe_at_the_bounds(m, n):
    low, high = newcombe_auc_interval(1.0, m, n)
    assert high == 1
    assert newcombe_excess(low, 1.0, m, n, stats.norm.ppf(0.975)) == pytest.approx(0, abs=1e-9)
    assert newcombe_auc_interval(0.0, m, n) == pytest.approx((0.0, 1 - low), abs=1e-9)


def test_logit_interval_is_wald_on_the_logit_scale():
    low, high = auc_interval(0.8, 0.0025, n_positive=20, n_negative=30, df=14, confidence_level=0.9)
    half = stats.t.ppf(0.95, 14) * 0.05 / (0.8 * 0.2)
    expected = np.log(4) + np.array([-half, half])
    assert [np.log(limit / (1 - limit)) for limit in (low, high)] == pytest.approx(expected.tolist())


def test_wald_interval_is_cut_at_the_bounds():
    assert auc_interval(0.98, 0.01, n_positive=5, n_negative=5, method="wald").high == 1


@pytest.mark.parametrize(("area", "variance"), [(1.0, 0.0), (0.0, 0.0), (0.5, 0.0), (0.7, np.nan), (1.0, 0.01)])
@pytest.mark.parametrize("method", ["logit", "wald"])
def test_without_a_variance_newcombe_stands_in(area, variance, method):
    interval = auc_interval(area, variance, n_positive=6, n_negative=9, method=method)
    assert interval == newcombe_auc_interval(area, 6, 9)
    assert interval.high - interval.low > 0.2


@pytest.mark.parametrize(
    "call",
    [
        lambda: auc_interval(1.1, 0.1, n_positive=5, n_negative=5),
        lambda: auc_interval(0.5, 0.1, n_positive=5, n_negative=5, method="probit"),
        lambda: newcombe_auc_interval(0.5, 0, 5),
        lambda: critical_value(95),
    ],
)
def test_impossible_input_is_refused(call):
    with pytest.raises(ValueError, match=r"area|method|fraction"):
        call()


def test_difference_test_matches_the_distributions():
    assert difference_test(0.1, 0.0025).p_value == pytest.approx(2 * stats.norm.sf(2))
    assert difference_test(-0.1, 0.0025, df=7).p_value == pytest.approx(2 * stats.t.sf(2, 7))


def test_a_difference_without_variance_is_not_estimable():
    assert np.isnan(difference_test(0.5, 0.0).p_value)
    assert np.isnan(difference_test(0.0, np.nan).p_value)
    assert difference_test(0.0, 0.0).p_value == 1
    assert np.isnan(joint_test([0.5], [[0.0]]).p_value)
    assert np.isnan(joint_test([0.1, 0.2], [[0.01, 0.01], [0.01, 0.01]]).p_value)  # two answers for one contrast
    assert np.isnan(joint_test([0.5], [[np.nan]]).p_value)
    assert joint_test([0.0, 0.0], np.zeros((2, 2))).p_value == 1


def test_joint_test_is_hotelling_with_finite_df():
    rng = np.random.default_rng(5)
    covariance = np.cov(rng.normal(size=(3, 12))) / 12
    d = np.array([0.4, -0.2, 0.1])
    t_squared = d @ np.linalg.solve(covariance, d)
    test = joint_test(d, covariance, df=11)
    assert test.statistic == pytest.approx(t_squared)
    assert test.p_value == pytest.approx(stats.f.sf(t_squared * (11 - 3 + 1) / (11 * 3), 3, 9))
    one = joint_test([0.3], [[0.01]], df=9)
    assert one.p_value == pytest.approx(difference_test(0.3, 0.01, df=9).p_value)
    assert np.isnan(joint_test(d, covariance, df=2).p_value)


def test_welch_degrees_of_freedom_agree_with_scipy():
    rng = np.random.default_rng(3)
    x, y = rng.normal(size=8), 3 * rng.normal(size=15)
    expected = stats.ttest_ind(x, y, equal_var=False).df
    assert satterthwaite_df([x.var(ddof=1) / 8, y.var(ddof=1) / 15], [7, 14]) == pytest.approx(expected)
    assert np.isnan(satterthwaite_df([0.0, 0.0], [3, 3]))


def test_difference_interval():
    sides = {"of_first": Interval(0.8, 0.97), "of_second": Interval(0.7, 0.95)}
    low, high = difference_interval(0.9, 0.85, 0.0025, **sides)
    assert (low, high) == pytest.approx((0.05 - 1.959964 * 0.05, 0.05 + 1.959964 * 0.05), abs=1e-6)
    assert difference_interval(1.0, 0.1, 0.09, **sides).high == 1.0
    low, high = difference_interval(0.9, 0.85, np.nan, **sides)
    assert (low, high) == pytest.approx((0.05 - np.hypot(0.1, 0.1), 0.05 + np.hypot(0.07, 0.15)))


def test_intervals_cover():
    # 15 positives and 15 negatives, normal, area 0.95: the logit interval with Newcombe's at an area of 1
    rng = np.random.default_rng(11)
    positive = np.arange(30) < 15
    markers = rng.normal(size=(800, 30)) + np.sqrt(2) * stats.norm.ppf(0.95) * positive
    hits = 0
    for marker in markers:
        estimate = delong(marker, positive)
        low, high = auc_interval(estimate.auc[0], estimate.covariance[0, 0], n_positive=15, n_negative=15)
        hits += low <= 0.95 <= high
    assert 0.93 <= hits / 800 <= 0.98
