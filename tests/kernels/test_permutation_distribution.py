"""The counted distributions against listing every case."""

from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from biomarker.kernels.permutation_distribution import (
    lower_quantile,
    sign_flip_distribution,
    subset_sum_cost,
    subset_sum_distribution,
    two_sided_p,
)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(0, 12), min_size=1, max_size=9), st.data())
def test_subset_sums_by_listing(scores, data):
    size = data.draw(st.integers(0, len(scores)))
    sums = [sum(chosen) for chosen in combinations(scores, size)]
    found = subset_sum_distribution(np.array(scores), size)
    expected = np.bincount(sums, minlength=found.size) / len(sums)
    assert_allclose(found, expected, atol=1e-14)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(0, 12), min_size=1, max_size=9))
def test_sign_flips_by_listing(scores):
    every = product([0, 1], repeat=len(scores))
    sums = [sum(s * kept for s, kept in zip(scores, signs, strict=True)) for signs in every]
    found = sign_flip_distribution(np.array(scores))
    assert_allclose(found, np.bincount(sums, minlength=found.size) / len(sums), atol=1e-14)


def test_probabilities_stay_probabilities_with_many_items():
    found = subset_sum_distribution(np.arange(1, 99), 49)
    assert_allclose(found.sum(), 1, rtol=1e-12)
    assert found.min() >= 0
    assert_allclose(found @ np.arange(found.size), 49 * 99 / 2, rtol=1e-12)


def test_tails_and_quantiles():
    distribution = np.array([0.1, 0.2, 0.4, 0.2, 0.1])
    assert two_sided_p(distribution, 0) == pytest.approx(0.2)
    assert two_sided_p(distribution, 2) == 1.0
    assert lower_quantile(distribution, 0.3) == 1
    assert lower_quantile(distribution, 0.31) == 2


def test_refused_input():
    with pytest.raises(ValueError, match="non-negative integers"):
        subset_sum_distribution([1.5, 2.0], 1)
    with pytest.raises(ValueError, match="non-negative integers"):
        sign_flip_distribution([-1, 2])
    with pytest.raises(ValueError, match="cannot draw"):
        subset_sum_distribution([1, 2], 3)
    assert subset_sum_cost([1, 2, 3], 2) == 3 * 2 * 6
