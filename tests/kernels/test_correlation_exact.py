"""Chances over all orders, against R's (tests/reference/correlation.R lists them) and against lists made here."""

import json
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from biomarker.kernels.correlation import kendall, spearman
from biomarker.kernels.correlation_exact import edgeworth_spearman_p, exact_spearman_p

REFERENCE = json.loads((Path(__file__).parent.parent / "reference" / "correlation.json").read_text())


def test_ties_are_permuted_as_in_r():
    expected = REFERENCE["ordinal"]
    assert_allclose(kendall(expected["x"], expected["y"]).p_value, expected["kendall_p"], rtol=1e-12)
    assert_allclose(spearman(expected["x"], expected["y"]).p_value, expected["spearman_p"], rtol=1e-12)
    assert_allclose(kendall([1, 1, 2, 2, 3, 3], [1, 2, 2, 3, 3, 3]).p_value, expected["kendall_both"], rtol=1e-12)


@pytest.mark.parametrize("case", REFERENCE["edgeworth"], ids=lambda case: f"n={len(case['x'])}")
def test_beyond_nine_rows_spearman_p_is_that_of_cor_test(case):
    assert_allclose(spearman(case["x"], case["y"]).p_value, case["p"], rtol=1e-9)
    assert_allclose(spearman(case["x"], -np.array(case["y"])).p_value, case["p"], rtol=1e-9)


def test_the_edgeworth_series_is_close_to_the_exact_p_at_nine():
    ranks = np.arange(1.0, 10)
    for order in ([2, 1, 4, 3, 6, 5, 8, 7, 9], [5, 3, 1, 2, 9, 4, 6, 8, 7], [9, 1, 8, 2, 7, 3, 6, 4, 5]):
        other = np.array(order, float)
        exact = exact_spearman_p(ranks, other)
        assert_allclose(edgeworth_spearman_p(float(np.sum((ranks - other) ** 2)), 9), exact, atol=0.01)


@settings(deadline=None, max_examples=25)
@given(st.lists(st.tuples(st.integers(0, 3).map(float), st.integers(0, 3).map(float)), min_size=3, max_size=6))
def test_kendall_with_ties_is_the_share_of_all_orders(rows):
    x, y = np.array(rows).T
    if np.ptp(x) == 0 or np.ptp(y) == 0 or (np.unique(x).size == x.size and np.unique(y).size == y.size):
        return
    i, j = np.triu_indices(x.size, 1)
    scores = [np.sign(x[i] - x[j]) @ np.sign(v[i] - v[j]) for v in map(np.array, permutations(y))]
    observed = np.sign(x[i] - x[j]) @ np.sign(y[i] - y[j])
    tails = np.mean(np.array(scores) <= observed), np.mean(np.array(scores) >= observed)
    assert_allclose(kendall(x, y).p_value, min(1, 2 * min(tails)), rtol=1e-12)
