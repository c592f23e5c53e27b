"""Pairs of an earlier item with a larger code, against counting them one by one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biomarker.kernels.ordered_pairs import falling_pairs

items = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 9), st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=40
)


@given(items)
@settings(max_examples=80, deadline=None)
def test_every_pair_is_counted_at_both_ends(rows):
    group, code, before, after = (np.array(column) for column in zip(*sorted(rows, key=lambda r: r[0]), strict=True))
    expected = np.zeros(group.size)
    for i in range(group.size):
        for j in range(i + 1, group.size):
            if group[i] == group[j] and code[i] > code[j]:
                expected[[i, j]] += before[i] * after[j]
    assert falling_pairs(code, group, before, after).tolist() == expected.tolist()


def test_large_codes():
    rng = np.random.default_rng(1)
    code = rng.permutation(3000)
    earlier_larger = np.triu(code[:, None] > code[None], 1)
    expected = earlier_larger.sum(axis=0) + earlier_larger.sum(axis=1)
    assert falling_pairs(code, np.zeros(3000, int), np.ones(3000), np.ones(3000)) == pytest.approx(expected)
