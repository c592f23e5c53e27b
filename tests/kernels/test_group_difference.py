"""Expected values: tests/reference/group_difference.R (t.test; noncentral t by uniroot on pt)."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from biomarker.kernels.group_difference import hedges_g, paired_t, t_test_from_summary, two_sample_t

REFERENCE = json.loads((Path(__file__).parent.parent / "reference" / "group_difference.json").read_text())
LESIONS = REFERENCE["lesions"]
IMMUNO = np.array(LESIONS["on_immunotherapy"]) == 1
UPTAKE = np.array(LESIONS["suvmax_24h"])
# Student (1908), R's data set `sleep`: extra hours of sleep under two drugs
SLEEP_1 = np.array([0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0])
SLEEP_2 = np.array([1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4])

groups = st.lists(st.integers(-50, 50).map(lambda v: v / 4), min_size=3, max_size=15)


def _agrees(found, expected):
    assert_allclose(
        (found.difference, found.se, *found.interval, found.statistic, found.df, found.p_value),
        [expected[name] for name in ("difference", "se", "low", "high", "t", "df", "p")],
        rtol=1e-10,
    )


def test_t_tests_agree_with_r():
    _agrees(two_sample_t(SLEEP_1, SLEEP_2), REFERENCE["welch_sleep"])
    _agrees(two_sample_t(SLEEP_1, SLEEP_2, equal_variance=True), REFERENCE["pooled_sleep"])
    _agrees(paired_t(SLEEP_1 - SLEEP_2), REFERENCE["paired_sleep"])
    _agrees(two_sample_t(np.log(UPTAKE[IMMUNO]), np.log(UPTAKE[~IMMUNO])), REFERENCE["welch_log_immuno"])


def test_published_p_of_the_gastric_trial_needs_the_spread_read_as_a_standard_error():
    # 124I-trastuzumab, HER2-positive lesions, 24 v 48 h: 7.83 ± 0.55 v 5.73 ± 0.47, n = 18, printed P = 0.0065
    root = np.sqrt(18)
    as_se = t_test_from_summary(7.83, 0.55 * root, 18, 5.73, 0.47 * root, 18, equal_variance=True)
    as_sd = t_test_from_summary(7.83, 0.55, 18, 5.73, 0.47, 18, equal_variance=True)
    assert round(as_se.p_value, 4) == 0.0065
    assert as_sd.p_value < 1e-12


def test_hedges_g_agrees_with_r():
    # the limits to 1e-6: scipy and R's pt (which warns of it) both stop short of full precision in the noncentral t
    found = hedges_g(SLEEP_1, SLEEP_2)
    expected = REFERENCE["hedges_sleep"]
    assert_allclose(found.value, expected["g"], rtol=1e-12)
    assert_allclose(found.interval, (expected["low"], expected["high"]), rtol=1e-6)
    found = hedges_g(np.log(UPTAKE[IMMUNO]), np.log(UPTAKE[~IMMUNO]), confidence_level=0.90)
    expected = REFERENCE["hedges_immuno_90"]
    assert_allclose((found.value, *found.interval), (expected["g"], expected["low"], expected["high"]), rtol=1e-6)


@settings(deadline=None, max_examples=50)
@given(groups, groups)
def test_swapping_groups_changes_the_sign_only(first, second):
    forward, backward = two_sample_t(first, second), two_sample_t(second, first)
    assert forward.difference == -backward.difference
    assert_allclose(forward.p_value, backward.p_value, rtol=1e-12)
    assert_allclose(forward.interval, (-backward.interval.high, -backward.interval.low), rtol=1e-9, atol=1e-12)


@settings(deadline=None, max_examples=50)
@given(groups, groups)
def test_interval_and_test_agree_about_zero(first, second):
    test = two_sample_t(first, second)
    if np.isfinite(test.p_value) and abs(test.p_value - 0.05) > 1e-9:
        assert (test.interval.low > 0 or test.interval.high < 0) == (test.p_value < 0.05)


@settings(deadline=None, max_examples=30)
@given(groups, groups)
def test_hedges_interval_holds_the_estimate(first, second):
    effect = hedges_g(first, second)
    if np.isfinite(effect.value):
        assert effect.interval.low <= effect.value <= effect.interval.high


def test_degenerate_input():
    assert np.isnan(two_sample_t([1.0], [2.0, 3.0]).p_value)
    assert two_sample_t([1.0], [2.0, 3.0], equal_variance=True).df == 1
    assert np.isnan(two_sample_t([1.0, 1.0], [1.0, 1.0]).p_value)
    assert np.isnan(two_sample_t([], [1.0, 2.0]).difference)
    assert np.isnan(paired_t([1.0]).p_value)
    assert np.isnan(paired_t([1.0, 1.0]).p_value)
    assert paired_t([1.0, 1.0]).difference == 1.0
    assert np.isnan(hedges_g([1.0, 1.0], [1.0, 1.0]).value)
    assert np.isnan(hedges_g([], [1.0]).value)
    with pytest.raises(ValueError, match="not negative"):
        t_test_from_summary(1, -1, 5, 1, 1, 5)
