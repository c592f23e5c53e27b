"""Fisher's exact test against R's fisher.test (tests/reference/response_rate.R) and by enumeration."""

from __future__ import annotations

import json
import math
from fractions import Fraction
from math import comb
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biomarker.kernels.fisher_exact import fisher_exact

EXPECTED = json.loads((Path(__file__).parents[1] / "reference" / "response_rate.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", EXPECTED["tables"], ids=str)
def test_agrees_with_r(case):
    assert fisher_exact(*case["counts"]) == pytest.approx(case["p"], rel=1e-9)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 25), st.integers(1, 25), st.data())
def test_agrees_with_whole_numbers(n, m, data):
    x, y = data.draw(st.integers(0, n)), data.draw(st.integers(0, m))
    ways = {k: comb(n, k) * comb(m, x + y - k) for k in range(n + 1) if 0 <= x + y - k <= m}
    exact = Fraction(sum(way for way in ways.values() if way <= ways[x]), sum(ways.values()))
    assert fisher_exact(x, n, y, m) == pytest.approx(float(exact), rel=1e-10)
    assert fisher_exact(y, m, x, n) == pytest.approx(float(exact), rel=1e-10)
    assert fisher_exact(n - x, n, m - y, m) == pytest.approx(float(exact), rel=1e-10)


def test_an_empty_group_has_no_test_and_impossible_counts_are_refused():
    assert math.isnan(fisher_exact(0, 0, 1, 4))
    with pytest.raises(ValueError, match="successes <= trials"):
        fisher_exact(5, 4, 1, 4)
