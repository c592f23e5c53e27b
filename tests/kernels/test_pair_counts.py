"""Pairs counted without laying them out give what laying them out gives."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biomarker.kernels import pair_counts, rank_tests
from biomarker.kernels.correlation import kendall
from biomarker.kernels.pair_counts import WeightedPairs, difference_at, kendall_score
from biomarker.kernels.rank_tests import hodges_lehmann

few_values = st.integers(-4, 4).map(float)
any_values = st.floats(-1e6, 1e6)


@settings(deadline=None, max_examples=100)
@given(st.lists(st.tuples(few_values | any_values, few_values | any_values), min_size=1, max_size=40))
def test_the_score_of_kendall_is_that_of_every_pair(rows: list[tuple[float, float]]) -> None:
    x, y = np.array(rows).T
    i, j = np.triu_indices(x.size, 1)
    sign_x, sign_y = np.sign(x[i] - x[j]), np.sign(y[i] - y[j])
    assert kendall_score(x, y) == (int(sign_x @ sign_y), int(np.abs(sign_x).sum()), int(np.abs(sign_y).sum()))


@settings(deadline=None, max_examples=100)
@given(
    st.lists(few_values | any_values, min_size=1, max_size=30),
    st.lists(few_values | any_values, min_size=1, max_size=30),
    st.floats(0, 1),
    st.sampled_from([0, 3, 50, 1_000_000]),
)
def test_a_place_among_differences_is_that_of_the_sorted_ones(
    first: list[float], second: list[float], share: float, enumerated: int
) -> None:
    x, y = np.sort(first), np.sort(second)
    every = np.sort(np.subtract.outer(x, y).ravel())
    place = int(share * (every.size - 1))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pair_counts, "ENUMERATED", enumerated)
        assert difference_at(x, y, place) == every[place]


def test_differences_that_rounding_makes_equal_are_counted_together() -> None:
    first, second = np.array([0.0, 1.0]), np.array([-8.8e-70, -5.1e-224])
    assert [difference_at(first, second, place) for place in range(4)] == [5.1e-224, 8.8e-70, 1.0, 1.0]


def test_places_that_are_not_there_are_refused() -> None:
    with pytest.raises(ValueError, match="no place 4"):
        difference_at([1.0, 2.0], [0.0, 1.0], 4)


@pytest.mark.parametrize("digits", [1, 15])
def test_the_shift_is_the_same_whether_its_differences_are_laid_out_or_searched(
    monkeypatch: pytest.MonkeyPatch, digits: int
) -> None:
    rng = np.random.default_rng(8)
    x, y = rng.normal(size=301).round(digits), rng.normal(0.3, 2, 240).round(digits)
    laid_out = hodges_lehmann(x, y)
    monkeypatch.setattr(rank_tests, "LAID_OUT", 100)
    monkeypatch.setattr(pair_counts, "ENUMERATED", 500)
    assert hodges_lehmann(x, y) == laid_out


def test_one_value_against_many_searched_has_no_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rank_tests, "LAID_OUT", 10)
    shift = hodges_lehmann([1.0], np.arange(60.0))
    assert (shift.shift, *shift.interval) == (-28.5, -np.inf, np.inf)


def test_a_hundred_thousand_rows_are_no_matter_of_memory() -> None:
    """Kendall's pairs would take 10 billion cells; by hand, tau of a sequence with one half reversed is known."""
    n = 100_000
    x = np.arange(n)
    y = np.concatenate([x[: n // 2][::-1], x[n // 2 :]])
    expected = 1 - 2 * (n // 2 * (n // 2 - 1)) / (n * (n - 1))
    assert kendall(x, y).value == pytest.approx(expected, abs=1e-14)


@settings(deadline=None, max_examples=100)
@given(
    st.lists(st.tuples(few_values | any_values, few_values | any_values, st.integers(0, 3)), min_size=1, max_size=30)
)
def test_weighted_pairs_are_the_pairs_of_repeated_rows(rows: list[tuple[float, float, int]]) -> None:
    x, y, times = (np.array(column) for column in zip(*rows, strict=True))
    found = WeightedPairs(x, y).counted(times[None])
    expected = kendall_score(np.repeat(x, times), np.repeat(y, times)) if times.any() else (0, 0, 0)
    assert tuple(part[0] for part in found) == expected
