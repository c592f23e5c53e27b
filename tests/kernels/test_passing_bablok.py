"""Passing-Bablok regression against the paper's rules laid out in R, and what must not matter."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biomarker.kernels import pairwise_slopes
from biomarker.kernels.pairwise_slopes import count_slopes, slopes_at
from biomarker.kernels.passing_bablok import cusum_test, level_errors, passing_bablok, resampled_lines

REFERENCE = json.loads((Path(__file__).parent.parent / "reference" / "method_comparison.json").read_text())


@pytest.mark.parametrize("name", ["peak_flow", "cardiac", "skewed"])
@pytest.mark.parametrize(("key", "level"), [("passing_bablok", 0.95), ("passing_bablok_90", 0.9)])
def test_against_all_slopes_laid_out_in_r(name, key, level):
    # ties in x, in both, and slopes below -1 all occur in these data: `offset` is above 0 in each
    data = REFERENCE[name]
    expected = data[key]
    found = passing_bablok(data["x"], data["y"], confidence_level=level)
    assert expected["offset"] > 0
    assert found.n_slopes == expected["n"]
    assert (found.intercept, found.slope) == pytest.approx((expected["intercept"], expected["slope"]), rel=1e-9)
    assert found.slope_interval == pytest.approx((expected["slope_low"], expected["slope_high"]), rel=1e-9)
    assert found.intercept_interval == pytest.approx((expected["intercept_low"], expected["intercept_high"]), rel=1e-8)
    test = cusum_test(data["x"], data["y"], found.intercept, found.slope)
    assert test.statistic == pytest.approx(expected["cusum"], rel=1e-9)


def test_vertical_pairs_lie_between_steep_up_and_steep_down():
    # slopes of the three pairs: vertical, 1 and 0; in order from -1 upwards 0, 1, vertical
    assert slopes_at([1.0, 1.0, 2.0], [1.0, 2.0, 2.0], [0, 1, 2]).tolist() == [0, 1, np.inf]
    # equal points and slopes of -1 have no place
    assert count_slopes([1.0, 1.0, 2.0], [1.0, 1.0, 0.0]) == 0


def test_ranks_do_not_depend_on_how_they_are_found(monkeypatch):
    rng = np.random.default_rng(8)
    x = rng.normal(size=90).round(1)
    y = (x + 0.4 * rng.normal(size=90)).round(1)
    n = count_slopes(x, y)
    ranks = [0, n // 3, n // 2, n - 2, n - 1]
    plain = slopes_at(x, y, ranks)
    monkeypatch.setattr(pairwise_slopes, "ENUMERATED", 400)
    monkeypatch.setattr(pairwise_slopes, "BLOCK", 300)
    monkeypatch.setattr(pairwise_slopes, "BINS", 16)
    assert slopes_at(x, y, ranks) == pytest.approx(plain, rel=1e-12)


@given(st.integers(0, 10_000), st.floats(0.1, 10), st.floats(-5, 5))
@settings(max_examples=40, deadline=None)
def test_swap_unit_shift_and_order(seed, unit, shift):
    rng = np.random.default_rng(seed)
    true = rng.uniform(1, 9, size=14)
    x, y = true + 0.3 * rng.normal(size=14), 1.1 * true + 0.3 * rng.normal(size=14)
    one = passing_bablok(x, y)
    order = rng.permutation(14)
    moved = passing_bablok(unit * x[order], unit * y[order] + shift)
    assert moved.slope == pytest.approx(one.slope, rel=1e-7)
    assert moved.intercept == pytest.approx(unit * one.intercept + shift, rel=1e-6, abs=1e-8)
    assert moved.slope_interval == pytest.approx(one.slope_interval, rel=1e-7)
    swapped = passing_bablok(y, x)  # 91 slopes: an odd number, whose middle one turns over exactly
    if one.n_slopes % 2:
        assert swapped.slope == pytest.approx(1 / one.slope, rel=1e-7)
    assert one.slope_interval.low <= one.slope <= one.slope_interval.high


def test_a_weight_is_a_repeat():
    rng = np.random.default_rng(2)
    x = rng.normal(size=15)
    y = x + 0.4 * rng.normal(size=15)
    weights = rng.integers(0, 3, size=(6, 15))
    lines = resampled_lines(x, y, weights)
    for row, w in enumerate(weights):
        many_x, many_y = np.repeat(x, w), np.repeat(y, w)
        n = count_slopes(many_x, many_y)
        slope = slopes_at(many_x, many_y, [(n - 1) // 2])[0]
        assert lines.slope[row] == pytest.approx(slope, rel=1e-9)
        offsets = np.sort(many_y - slope * many_x)
        assert lines.intercept[row] == pytest.approx(offsets[(offsets.size - 1) // 2], rel=1e-9)


def test_patients_all_alike_inside_are_single_points():
    rng = np.random.default_rng(5)
    x = rng.normal(size=12)
    y = x + 0.4 * rng.normal(size=12)
    patient = np.arange(12)
    single = passing_bablok(x, y, patient)
    twice = passing_bablok(np.repeat(x, 2), np.repeat(y, 2), np.repeat(patient, 2))
    naive = passing_bablok(np.repeat(x, 2), np.repeat(y, 2))
    width = [fit.slope_interval.high - fit.slope_interval.low for fit in (single, twice, naive)]
    assert width[1] == pytest.approx(width[0], rel=0.2)
    assert width[2] < 0.9 * width[0]


def test_a_curve_is_told_from_a_line():
    rng = np.random.default_rng(1)
    x = rng.uniform(0, 10, size=120)
    for bend, is_bent in ((0.0, False), (0.15, True)):
        y = x + bend * (x - 5) ** 2 + 0.3 * rng.normal(size=120)
        fit = passing_bablok(x, y)
        assert (cusum_test(x, y, fit.intercept, fit.slope).p_value < 0.01) is is_bent


def test_degenerate():
    x = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]
    same = passing_bablok(x, x)
    assert (same.intercept, same.slope) == (0, 1)
    assert same.slope_interval == (1, 1)
    assert np.isnan(cusum_test(x, x, 0, 1).p_value)
    assert np.isnan(level_errors(x, x, same, [2.0])).all()
    assert np.isnan(passing_bablok([1.0, 1.0], [1.0, 1.0]).slope)
    assert np.isnan(passing_bablok([1.0, 2.0, 3.0], [3.0, 2.0, 1.0]).slope)
    assert passing_bablok([1.0, 2.0, 3.0], [2.0, 2.0, 2.0]).slope == 0
    assert np.isnan(passing_bablok([1.0, 1.0, 1.0], [1.0, 2.0, 3.0]).slope)
    few = passing_bablok([1.0, 2.0, 3.0], [1.1, 1.9, 3.0])
    assert np.isnan(few.slope_interval).all()
    one_patient = passing_bablok(x, np.sqrt(x), [1] * 8)
    assert np.isnan(one_patient.slope_interval).all()
    assert np.isnan(resampled_lines([1.0, 2.0], [1.0, 2.0], [[2, 0]]).slope).all()
    with pytest.raises(ValueError, match="at least 2"):
        passing_bablok([1.0], [1.0])
    with pytest.raises(ValueError, match="finite"):
        passing_bablok([1.0, np.inf], [1.0, 2.0])
