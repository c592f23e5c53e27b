"""Recomputed p against R (tests/reference/uptake_comparison.R); what is possible, against every small data set."""

import json
from itertools import combinations_with_replacement
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from biomarker.kernels.group_difference import paired_t, two_sample_t
from biomarker.kernels.interval import Interval
from biomarker.kernels.summary_check import implied_correlation, recomputed_f, recomputed_t, sd_factor
from biomarker.kernels.summary_limits import (
    geometric_mean_range,
    possible_counts,
    possible_sums,
    sd_is_possible,
    sd_range,
)
from biomarker.kernels.summary_tests import anova_from_summary

REFERENCE = json.loads((Path(__file__).parent.parent / "reference" / "uptake_comparison.json").read_text())


def about(value, decimals):
    half = 0.5 * 10.0**-decimals
    return Interval(value - half, value + half)


@pytest.mark.parametrize("reading", ["sd", "se", "ci"])
@pytest.mark.parametrize("test", ["student", "welch"])
def test_the_trastuzumab_trial_agrees_with_r(reading, test):
    k = sd_factor(reading, 18)
    exactly = [Interval(v, v) for v in (7.83, 5.73)], [Interval(v * k, v * k) for v in (0.55, 0.47)]
    found = recomputed_t(*exactly, [18, 18], test=test, centre=([7.83, 5.73], [0.55 * k, 0.47 * k]))
    expected = REFERENCE["trastuzumab"][reading][test]
    assert_allclose(found.p_value, expected, rtol=1e-9)
    assert_allclose(found.p_range, expected, rtol=1e-9)


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10_000), st.sampled_from(["student", "welch"]))
def test_whatever_rounds_to_the_printed_figures_is_in_the_range(seed, test):
    rng = np.random.default_rng(seed)
    means, sds = rng.uniform(1, 9, 2).round(1), rng.uniform(0.3, 3, 2).round(1)
    n = rng.integers(3, 20, 2).tolist()
    boxes = [about(m, 1) for m in means], [about(s, 1) for s in sds]
    found = recomputed_t(*boxes, n, test=test, centre=(means, sds))
    for _ in range(20):
        m, s = (values + rng.uniform(-0.05, 0.05, 2) for values in (means, sds))
        exactly = [Interval(v, v) for v in m], [Interval(v, v) for v in s]
        p = recomputed_t(*exactly, n, test=test, centre=(m, s)).p_value
        # Welch's degrees of freedom can peak between the corners of the spreads; that moves p by far less than a digit
        assert found.p_range.low * (1 - 1e-2) - 1e-12 <= p <= found.p_range.high * (1 + 1e-2) + 1e-12


def test_paired_and_one_sided():
    x, y = np.array([1.2, 2.0, 3.3, 4.1]), np.array([0.9, 1.1, 2.5, 4.4])
    sds, r = [x.std(ddof=1), y.std(ddof=1)], float(np.corrcoef(x, y)[0, 1])
    exactly = [Interval(x.mean(), x.mean()), Interval(y.mean(), y.mean())], [Interval(s, s) for s in sds]
    options = {"centre": ([x.mean(), y.mean()], sds), "correlation": r}
    found = recomputed_t(*exactly, [4, 4], test="paired", **options)
    assert_allclose(found.p_value, paired_t(x - y).p_value)
    half = recomputed_t(*exactly, [4, 4], test="paired", one_sided=True, **options)
    assert_allclose(2 * half.p_value, found.p_value)
    pooled = recomputed_t(*exactly, [4, 4], test="student", **options)
    expected = two_sample_t(x, y, equal_variance=True).interval
    assert_allclose((pooled.difference_low.low, pooled.difference_high.high), expected)


def test_the_correlation_found_gives_the_p_back():
    x, y = np.array([1.2, 2.0, 3.3, 4.1, 5.5]), np.array([0.9, 1.1, 2.5, 4.4, 4.0])
    values = [x.mean() - y.mean(), x.std(ddof=1), y.std(ddof=1), paired_t(x - y).p_value]
    boxes = [Interval(v, v) for v in values]
    r, limits = implied_correlation(boxes[0], (boxes[1], boxes[2]), 5, boxes[3], centre=values)
    assert_allclose(r, np.corrcoef(x, y)[0, 1], rtol=1e-9)
    assert_allclose(limits, r)


def test_three_groups_are_the_analysis_of_variance():
    means, sds, n = np.array([2.0, 3.5, 3.0]), np.array([1.0, 1.2, 0.8]), [8, 9, 10]
    exactly = [[Interval(v, v) for v in values] for values in (means, sds)]
    found = recomputed_f(*exactly, n, centre=(means, sds))
    expected = anova_from_summary(means, sds, n, equal_variance=True)
    assert_allclose((found.statistic, found.p_value), (expected.statistic, expected.p_value))
    # means that round to the same figure may be equal: p reaches 1
    alike = recomputed_f([about(3, 0)] * 3, exactly[1], n, centre=(np.full(3, 3.0), sds))
    assert alike.p_range.high == 1
    assert alike.p_range.low < 1
    with pytest.raises(ValueError, match="more than"):
        recomputed_f([about(3, 0)] * 9, [about(1, 0)] * 9, [5] * 9, centre=(np.full(9, 3.0), np.ones(9)))


EVERY = [np.array(values, float) for values in combinations_with_replacement(range(8), 5)]


def test_sums_and_spreads_by_listing_every_small_data_set():
    # five whole numbers from 0 to 7: GRIM refuses a mean exactly when no set prints so, and GRIMMER, which knows the
    # parity of the squares only, never refuses a spread that some set prints
    printed = {(round(v.mean(), 1), round(v.std(ddof=1), 2)) for v in EVERY}
    for mean in np.arange(2.8, 4.3, 0.1).round(1):
        possible = possible_sums(about(mean, 1), 5)
        assert (possible[0] <= possible[1]) == any(m == mean for m, _ in printed)
        for sd in np.arange(0.3, 1.3, 0.01).round(2):
            assert sd_is_possible(about(mean, 1), about(sd, 2), 5) >= ((mean, sd) in printed)
    refused = sum(
        not sd_is_possible(about(mean, 1), about(sd, 2), 5)
        for mean in (3.0, 3.2, 3.4)
        for sd in np.arange(0.3, 1.3, 0.01).round(2)
    )
    assert refused > 200  # most two-digit spreads of five whole numbers cannot be


def test_every_small_data_set_lies_in_its_range():
    for values in EVERY[::7]:
        found = sd_range(*(Interval(v, v) for v in (values.mean(), values.min(), values.max())), values.size)
        assert found.mean_is_possible
        assert found.interval.low - 1e-9 <= values.std(ddof=1) <= found.interval.high + 1e-9


def test_the_limits_of_the_sd_are_reached():
    # 0, 10 and eight values alike; and all at the ends but one
    for values in ([0.0, 10.0, *[4.0] * 8], [0.0] * 4 + [10.0] * 5 + [3.0]):
        v = np.array(values)
        limits = sd_range(Interval(v.mean(), v.mean()), Interval(0, 0), Interval(10, 10), 10).interval
        assert np.isclose(limits, v.std(ddof=1)).any()
    assert not sd_range(about(9.5, 1), about(0, 1), about(10, 1), 5).mean_is_possible


def test_geometric_means_lie_in_their_bounds():
    rng = np.random.default_rng(4)
    for _ in range(50):
        values = np.exp(rng.normal(size=8))
        exactly = (Interval(v, v) for v in (values.mean(), values.std(ddof=1), values.min(), values.max()))
        bounds = geometric_mean_range(*exactly, 8)
        assert bounds.low <= np.exp(np.log(values).mean()) <= bounds.high


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 60), st.data())
def test_a_count_is_found_in_its_percentage(total, data):
    count = data.draw(st.integers(0, total))
    first, last = possible_counts(about(round(100 * count / total, 1) / 100, 3), total)
    assert first <= count <= last


def test_published_percentages():
    assert possible_counts(about(0.944, 3), 18) == (17, 17)
    first, last = possible_counts(about(0.950, 3), 18)
    assert first > last
