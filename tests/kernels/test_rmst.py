"""Restricted mean survival time against survRM2's formulas, R's print.survfit, and its own invariants."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biomarker.kernels.interval import Interval
from biomarker.kernels.rmst import restricted_mean, rmst_difference, rmst_interval, rmst_ratio, small_sample_variance
from biomarker.kernels.survival import kaplan_meier
from biomarker.kernels.survival_difference import survival_difference

SETS = json.loads((Path(__file__).parents[1] / "reference" / "survival_curves.json").read_text())["sets"]


def means(data):
    t, e, g = (np.array(data[name]) for name in "teg")
    return [restricted_mean(kaplan_meier(t[g == k], e[g == k]), data["rmst"]["tau"]) for k in (1, 0)]


@pytest.mark.parametrize("name", SETS)
def test_against_survrm2_formulas(name):
    data = SETS[name]
    expected, (one, zero) = data["rmst"], means(data)
    assert list(one[:2]) == pytest.approx(expected["one"], rel=1e-9)
    assert list(zero[:2]) == pytest.approx(expected["zero"], rel=1e-9)
    for contrast, values in ((rmst_difference, expected["difference"]), (rmst_ratio, expected["ratio"])):
        found = contrast(one, zero, small_sample=False)
        assert [found.value, *found.interval, found.p_value] == pytest.approx(values, rel=1e-8)
    # R's print.survfit is a third hand
    assert [one.value, np.sqrt(one.variance)] == pytest.approx(data["printed"], rel=1e-8)


def test_without_censoring_it_is_the_mean_and_its_variance():
    t = np.array([3.0, 1.0, 4.0, 1.5, 5.0, 9.0])
    mean = restricted_mean(kaplan_meier(t, np.ones(6)), 10)
    assert mean.value == pytest.approx(t.mean())
    assert small_sample_variance(mean) == pytest.approx(t.var(ddof=1) / t.size)
    low, high = rmst_interval(mean)
    from scipy.stats import ttest_1samp

    assert (low, high) == pytest.approx(tuple(ttest_1samp(t, 0).confidence_interval()))


def test_welch_without_censoring():
    from scipy.stats import ttest_ind

    t, u = np.array([3.0, 1.0, 4.0, 1.5, 5.0, 9.0]), np.array([2.0, 6.0, 7.0, 8.0])
    found = rmst_difference(*(restricted_mean(kaplan_meier(x, np.ones(x.size)), 10) for x in (t, u)))
    welch = ttest_ind(t, u, equal_var=False)
    assert [found.statistic, found.p_value, *found.interval] == pytest.approx(
        [welch.statistic, welch.pvalue, *welch.confidence_interval()]
    )


def test_past_follow_up_and_few_events():
    assert np.isnan(restricted_mean(kaplan_meier([1, 2], [1, 0]), 3).value)
    whole = restricted_mean(kaplan_meier([1, 2], [1, 1]), 3)  # the curve is at 0: nothing is added
    assert whole.value == 1.5
    single = restricted_mean(kaplan_meier([1, 2, 3], [1, 0, 0]), 3)
    assert np.isnan(rmst_interval(single)).all()
    assert not np.isnan(rmst_interval(single, small_sample=False)).any()
    nobody = restricted_mean(kaplan_meier([4, 5], [0, 0]), 4)
    assert nobody.value == 4
    assert np.isnan(rmst_interval(nobody, small_sample=False)).all()
    assert np.isnan(rmst_difference(whole, nobody).p_value)
    with pytest.raises(ValueError, match="above 0"):
        restricted_mean(kaplan_meier([1], [1]), 0)


follow_up = st.lists(st.tuples(st.integers(1, 12), st.booleans()), min_size=3, max_size=30)


@given(follow_up, st.floats(0.5, 12))
@settings(max_examples=60, deadline=None)
def test_invariants(rows, share):
    t, e = np.array(rows, float).T
    tau = min(share, t.max())
    mean = restricted_mean(kaplan_meier(t, e), tau)
    assert 0 <= mean.value <= tau + 1e-12
    scaled = restricted_mean(kaplan_meier(t * 30, e), tau * 30)
    assert scaled.value == pytest.approx(30 * mean.value)
    assert scaled.variance == pytest.approx(900 * mean.variance, abs=1e-9)
    twice = restricted_mean(kaplan_meier(np.tile(t, 2), np.tile(e, 2)), tau)
    assert twice.value == pytest.approx(mean.value)
    assert twice.variance == pytest.approx(mean.variance / 2, abs=1e-12)
    nothing = rmst_difference(mean, mean)
    assert nothing.value == 0


def test_difference_in_survival_without_censoring_is_newcombes():
    # Newcombe 1998 (Stat Med 17:873-890), method 10, 56/70 against 48/80: 0.0524 to 0.3339 from Wilson's limits
    from biomarker.kernels.proportion import wilson_interval

    limits = [Interval(*(float(x) for x in wilson_interval(k, n))) for k, n in ((56, 70), (48, 80))]
    found = survival_difference((56 / 70, 48 / 80), (0.05, 0.05), (limits[0], limits[1]))
    assert [found.value, *found.interval] == pytest.approx([0.2, 0.0524, 0.3339], abs=5e-5)


def test_difference_where_a_curve_is_whole_or_at_zero():
    whole = survival_difference((1.0, 0.5), (0.0, 0.1), (Interval(np.nan, np.nan), Interval(0.3, 0.7)))
    assert whole.value == 0.5
    assert np.isnan([*whole.interval, whole.p_value]).all()
