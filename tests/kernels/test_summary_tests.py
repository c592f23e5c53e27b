"""Expected values: tests/reference/uptake_comparison.R (oneway.test of R's PlantGrowth)."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from biomarker.kernels.group_difference import hedges_g, hedges_g_from_test, paired_t, t_test_from_summary, two_sample_t
from biomarker.kernels.summary_tests import anova_from_summary, paired_t_from_summary

REFERENCE = json.loads((Path(__file__).parent.parent / "reference" / "uptake_comparison.json").read_text())
PLANTS = [np.array(values) for values in REFERENCE["data"]["plants"].values()]
samples = st.lists(st.floats(-50, 50).map(lambda v: round(v, 2)), min_size=3, max_size=8)


@pytest.mark.parametrize(("name", "pooled"), [("welch_plants", False), ("anova_plants", True)])
def test_several_groups_agree_with_oneway_test(name, pooled):
    found = anova_from_summary(
        [p.mean() for p in PLANTS], [p.std(ddof=1) for p in PLANTS], [p.size for p in PLANTS], equal_variance=pooled
    )
    expected = REFERENCE[name]
    assert_allclose((found.statistic, found.p_value), (expected["f"], expected["p"]), rtol=1e-10)
    assert_allclose((found.df, found.df_residual), expected["df"], rtol=1e-10)


@settings(deadline=None, max_examples=40)
@given(samples, samples)
def test_two_groups_are_the_square_of_t(first, second):
    x, y = np.array(first), np.array(second)
    summary = [x.mean(), y.mean()], [x.std(ddof=1), y.std(ddof=1)], [x.size, y.size]
    if min(summary[1]) < 1e-6:
        return
    for pooled in (False, True):
        test, f = two_sample_t(x, y, equal_variance=pooled), anova_from_summary(*summary, equal_variance=pooled)
        assert_allclose(f.statistic, test.statistic**2, rtol=1e-6, atol=1e-9)
        assert_allclose(f.p_value, test.p_value, rtol=1e-6, atol=1e-9)
    effect = hedges_g(x, y)
    again = hedges_g_from_test(
        t_test_from_summary(summary[0][0], summary[1][0], x.size, summary[0][1], summary[1][1], y.size,
                            equal_variance=True), x.size, y.size,
    )  # fmt: skip
    assert_allclose(again.value, effect.value, rtol=1e-6, atol=1e-9)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.floats(-9, 9), st.floats(-9, 9)), min_size=4, max_size=9))
def test_pairs_from_their_correlation_are_the_paired_test(pairs):
    x, y = np.round(np.array(pairs).T, 3)
    if min(x.std(), y.std(), (x - y).std()) < 1e-2:
        return
    found = paired_t_from_summary(
        x.mean(), x.std(ddof=1), y.mean(), y.std(ddof=1), x.size, float(np.clip(np.corrcoef(x, y)[0, 1], -1, 1))
    )
    expected = paired_t(x - y)
    assert_allclose(found.se, expected.se, rtol=1e-4)
    assert_allclose(found.p_value, expected.p_value, rtol=1e-3, atol=1e-6)


def test_what_is_undefined_or_impossible():
    assert np.isnan(anova_from_summary([1, 2], [1, 0], [3, 3]).p_value)
    assert np.isnan(anova_from_summary([1, 2], [1, 1], [3, 1]).p_value)
    assert np.isnan(paired_t_from_summary(2, 1, 1, 1, 9, 1.0).p_value)
    with pytest.raises(ValueError, match="not negative"):
        anova_from_summary([1, 2], [1, -1], [3, 3])
    with pytest.raises(ValueError, match="correlation"):
        paired_t_from_summary(2, 1, 1, 1, 9, 1.5)
    with pytest.raises(ValueError, match="one mean"):
        anova_from_summary([1], [1], [3])
