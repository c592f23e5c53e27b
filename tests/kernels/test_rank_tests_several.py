"""Expected values: tests/reference/group_difference.R (kruskal.test, friedman.test, permutations for Jonckheere)."""

import json
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy import stats

from biomarker.kernels.rank_tests import mann_whitney
from biomarker.kernels.rank_tests_several import friedman, jonckheere_terpstra, kruskal_wallis

REFERENCE = json.loads((Path(__file__).parent.parent / "reference" / "group_difference.json").read_text())
LESIONS = REFERENCE["lesions"]
THERAPY = np.array(LESIONS["therapy"])
MOTIVATION = [[40, 35, 38, 43, 44, 41], [38, 40, 47, 44, 40, 42], [48, 40, 45, 43, 46, 44]]

values = st.integers(0, 8).map(float)
samples = st.lists(st.lists(values, min_size=1, max_size=8), min_size=2, max_size=4)


def test_kruskal_wallis_agrees_with_r():
    expected = REFERENCE["kruskal_cd8"]
    uptake = np.array(LESIONS["suvmax_24h"])
    found = kruskal_wallis([uptake[name == THERAPY] for name in sorted(set(THERAPY))])
    assert_allclose(found, (expected["statistic"], expected["df"], expected["p"]), rtol=1e-10)


def test_friedman_agrees_with_r_on_the_lesions():
    blocks = np.column_stack([LESIONS[f"suvmax_{time}"] for time in ("2h", "24h", "48h", "135h")])
    expected = REFERENCE["friedman_cd8"]
    assert_allclose(friedman(blocks), (expected["statistic"], expected["df"], expected["p"]), rtol=1e-10)
    assert round(friedman(blocks).p_value, 3) == 0.063  # on record


def test_friedman_agrees_with_hollander_and_wolfe():
    # rounding first base, 22 players by 3 methods: 11.14, P = 0.003805 (R's example of friedman.test)
    rounds = [
        5.40, 5.50, 5.55, 5.85, 5.70, 5.75, 5.20, 5.60, 5.50, 5.55, 5.50, 5.40, 5.90, 5.85, 5.70, 5.45, 5.55, 5.60,
        5.40, 5.40, 5.35, 5.45, 5.50, 5.35, 5.25, 5.15, 5.00, 5.85, 5.80, 5.70, 5.25, 5.20, 5.10, 5.65, 5.55, 5.45,
        5.60, 5.35, 5.45, 5.05, 5.00, 4.95, 5.50, 5.50, 5.40, 5.45, 5.55, 5.50, 5.55, 5.55, 5.35, 5.45, 5.50, 5.55,
        5.50, 5.45, 5.25, 5.65, 5.60, 5.40, 5.70, 5.65, 5.55, 6.30, 6.30, 6.25,
    ]  # fmt: skip
    expected = REFERENCE["friedman_rounding"]
    found = friedman(np.reshape(rounds, (22, 3)))
    assert_allclose(found, (expected["statistic"], expected["df"], expected["p"]), rtol=1e-10)


def test_jonckheere_agrees_with_hollander_and_wolfe_and_with_permutations():
    expected = REFERENCE["jonckheere_motivation"]
    found = jonckheere_terpstra(MOTIVATION)
    assert found.statistic == expected["j"] == 79
    # 20,000 permutations in R: standard error of the SD 0.06, of the tail 0.001
    assert_allclose((found.statistic - 54) / found.z, expected["sd"], atol=0.2)
    assert_allclose(found.p_value / 2, expected["p_upper"], atol=0.003)


def test_jonckheere_variance_by_listing_all_orders():
    groups = [[1.0, 2.0], [2.0, 2.0, 5.0], [3.0, 5.0]]
    pooled = [v for group in groups for v in group]

    def statistic(order):
        parts = [order[:2], order[2:5], order[5:]]
        pairs = [(a, b) for i, early in enumerate(parts) for late in parts[i + 1 :] for a in early for b in late]
        return sum((a < b) + (a == b) / 2 for a, b in pairs)

    every = np.array([statistic(order) for order in permutations(pooled)])
    found = jonckheere_terpstra(groups)
    assert found.statistic == statistic(pooled)
    assert_allclose(found.z, (found.statistic - every.mean()) / every.std(), rtol=1e-12)


@settings(deadline=None, max_examples=50)
@given(samples)
def test_kruskal_is_scipys(groups):
    found = kruskal_wallis(groups)
    if np.isfinite(found.statistic):
        theirs = stats.kruskal(*groups)
        assert_allclose((found.statistic, found.p_value), (theirs.statistic, theirs.pvalue), rtol=1e-8, atol=1e-12)


@settings(deadline=None, max_examples=50)
@given(st.lists(st.lists(values, min_size=3, max_size=3), min_size=2, max_size=8))
def test_friedman_is_scipys(rows):
    found = friedman(rows)
    if np.isfinite(found.statistic):
        theirs = stats.friedmanchisquare(*np.transpose(rows))
        assert_allclose((found.statistic, found.p_value), (theirs.statistic, theirs.pvalue), rtol=1e-8, atol=1e-12)


@settings(deadline=None, max_examples=50)
@given(samples)
def test_reversing_the_order_reverses_the_trend(groups):
    forward, backward = jonckheere_terpstra(groups), jonckheere_terpstra(groups[::-1])
    if np.isfinite(forward.z):
        assert_allclose(forward.z, -backward.z, atol=1e-12)


def test_two_ordered_groups_are_mann_whitney():
    first, second = MOTIVATION[0], MOTIVATION[2]
    test = mann_whitney(second, first, method="asymptotic")
    trend = jonckheere_terpstra([first, second])
    assert trend.statistic == test.statistic
    # Mann-Whitney's z has the continuity correction, here 1/2 over the same standard deviation
    assert_allclose(trend.z * (trend.statistic - 18 - 0.5) / (trend.statistic - 18), test.z, rtol=1e-12)


def test_degenerate_input():
    assert np.isnan(kruskal_wallis([[1.0], [1.0, 1.0]]).p_value)
    assert np.isnan(jonckheere_terpstra([[1.0], [1.0]]).p_value)
    assert np.isnan(friedman([[1.0, 1.0], [2.0, 2.0]]).p_value)
    with pytest.raises(ValueError, match="two or more groups"):
        kruskal_wallis([[1.0], []])
    with pytest.raises(ValueError, match="complete table"):
        friedman([[1.0, np.nan]])
