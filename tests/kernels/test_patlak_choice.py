"""Limits of Patlak lines with a chosen start: one curve at a time, invariants, coverage, and no choice."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import t as student_t

from biomarker.kernels.patlak import PatlakPoints, linear_from, patlak_line, patlak_points, weights_of
from biomarker.kernels.patlak_choice import chosen_line
from biomarker.kernels.resampling import child_stream, seed_sequence

HOURS = np.array([1.0, 4, 24, 48, 72, 96, 144])
PLASMA = 10 * (0.4 * np.exp(-HOURS / 6) + 0.6 * np.exp(-HOURS / 80))
AREA = patlak_points(HOURS, PLASMA, HOURS, PLASMA).x * PLASMA
KI, V_T = 0.01, 0.4


def lesion(rng, error=0.05, bend=0.25):
    tissue = KI * AREA + V_T * (1 - bend * np.exp(-HOURS / 8)) * PLASMA
    plasma = PLASMA * np.exp(0.03 * rng.normal(size=7))
    return patlak_points(HOURS, plasma, HOURS, tissue * np.exp(error * rng.normal(size=7))), plasma


@pytest.mark.parametrize("weights", ["1/y2", "constant", "plasma"])
def test_limits_are_those_of_curves_drawn_and_fitted_one_at_a_time(weights):
    points, plasma = lesion(np.random.default_rng(4), error=0.06)
    line, _ = chosen_line(points, plasma, weights, 0.1, n_resamples=60, rng=9)
    weight = weights_of(points, plasma, weights)
    first, _ = linear_from(points, weight, 0.1)
    known = patlak_line(points, first, weight)
    true = patlak_line(points, first + -(-(4 - first) // 2), weight)
    truth, spreads = points.y.copy(), []
    for one in (known, true):
        residual = points.y - one.intercept - one.slope * points.x
        spreads.append(np.sqrt(np.sum((weight * residual**2)[one.first :]) / (one.n_points - 2)))
    truth[true.first :] = (true.intercept + true.slope * points.x)[true.first :]
    found = []
    for z in child_stream(seed_sequence(9), 0).standard_normal((60, 7)):
        y = truth * np.exp(max(spreads) * z) if weights == "1/y2" else truth + max(spreads) * z / np.sqrt(weight)
        drawn = PatlakPoints(points.x, y)
        again = weights_of(drawn, plasma, weights)
        refitted = patlak_line(drawn, linear_from(drawn, again, 0.1)[0], again)
        found.append([refitted.slope - true.slope, refitted.intercept - true.intercept])
    t = student_t.ppf(0.975, known.n_points - 2)
    slope, intercept = t * np.sqrt(np.mean(np.square(found), axis=0))
    assert line.slope == known.slope
    assert line.slope_interval.high == pytest.approx(max(known.slope + slope, known.slope_interval.high), rel=1e-9)
    assert line.intercept_interval.low == pytest.approx(
        min(known.intercept - intercept, known.intercept_interval.low), rel=1e-9
    )
    assert line.slope_interval.high > known.slope_interval.high  # the comparison is not one of what is never narrower


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.01, 0.2), st.floats(0, 0.9))
def test_estimates_stay_and_limits_are_never_narrower(seed, error, bend):
    points, plasma = lesion(np.random.default_rng(seed), error, bend)
    line, is_linear = chosen_line(points, plasma, "1/y2", 0.1, n_resamples=20, rng=seed)
    weight = weights_of(points, plasma, "1/y2")
    assert (line.first, is_linear) == linear_from(points, weight, 0.1)
    known = patlak_line(points, line.first, weight)
    assert (line.slope, line.intercept, line.r2) == (known.slope, known.intercept, known.r2)
    for ours, theirs in (
        (line.slope_interval, known.slope_interval),
        (line.intercept_interval, known.intercept_interval),
    ):
        assert ours.low <= theirs.low <= theirs.high <= ours.high


@settings(max_examples=20, deadline=None)
@given(st.floats(1e-3, 1e3), st.floats(1e-2, 1e2))
def test_units_of_time_and_activity_scale_the_limits(time, activity):
    points, plasma = lesion(np.random.default_rng(5))
    plain, _ = chosen_line(points, plasma, "1/y2", 0.1, n_resamples=50, rng=1)
    other, _ = chosen_line(
        PatlakPoints(time * points.x, activity * points.y), plasma, "1/y2", 0.1, n_resamples=50, rng=1
    )
    assert np.array(other.slope_interval) * time / activity == pytest.approx(np.array(plain.slope_interval), rel=1e-7)
    assert np.array(other.intercept_interval) / activity == pytest.approx(np.array(plain.intercept_interval), rel=1e-7)


def test_limits_hold_the_truth_where_those_of_a_known_t_star_do_not():
    """400 lesions, a bend that the choice seldom sees: 94 to 98 % against some 87 % for Ki, 40 % for V_T."""
    rng = np.random.default_rng(11)
    held, known = np.zeros((400, 2)), np.zeros((400, 2))
    for number in range(400):
        points, plasma = lesion(rng)
        line, _ = chosen_line(points, plasma, "1/y2", 0.1, n_resamples=100, rng=number)
        plain = patlak_line(points, line.first, weights_of(points, plasma, "1/y2"))
        for place, true, name in ((0, KI, "slope_interval"), (1, V_T, "intercept_interval")):
            for answers, one in ((held, line), (known, plain)):
                low, high = getattr(one, name)
                answers[number, place] = low <= true <= high
    assert (held.mean(axis=0) > 0.93).all()
    assert (known.mean(axis=0) < 0.91).all()


def test_the_seed_is_what_limits_hang_on():
    points, plasma = lesion(np.random.default_rng(2))
    limits = [
        chosen_line(points, plasma, "1/y2", 0.1, n_resamples=40, rng=seed)[0].slope_interval for seed in (1, 1, 2)
    ]
    assert limits[0] == limits[1] != limits[2]


def test_with_three_points_there_is_no_choice():
    points = PatlakPoints(np.array([1.0, 2, 3]), np.array([0.4, 0.7, 0.9]))
    line, _ = chosen_line(points, np.ones(3), "1/y2", 0.1)
    assert line == patlak_line(points, 0, weights_of(points, np.ones(3), "1/y2"))
    with pytest.raises(ValueError, match="two points"):
        chosen_line(PatlakPoints(points.x[:1], points.y[:1]), np.ones(1), "1/y2", 0.1)
    two, is_linear = chosen_line(PatlakPoints(points.x[:2], points.y[:2]), np.ones(2), "constant", 0.1)
    assert np.isnan(two.slope_interval.low)
    assert not is_linear


def test_a_perfect_line_and_equal_points_have_limits_of_no_width():
    x = np.arange(1.0, 8)
    for y in (0.25 + 0.5 * x, np.full(7, 2.0)):
        line, is_linear = chosen_line(PatlakPoints(x, y), np.ones(7), "1/y2", 0.1)
        assert (line.first, is_linear) == (0, True)
        assert line.slope_interval == pytest.approx([line.slope] * 2, abs=1e-12)
        assert line.intercept_interval == pytest.approx([line.intercept] * 2, abs=1e-12)


def test_no_uptake_at_all_and_a_line_that_falls_below_zero():
    x = np.arange(1.0, 8)
    none, is_linear = chosen_line(PatlakPoints(x, np.zeros(7)), np.ones(7), "constant", 0.1)
    assert (none.slope, is_linear) == (0, False)
    assert none.slope_interval == (0, 0)
    falling, _ = chosen_line(PatlakPoints(x, np.array([9.0, 7, 5, 3, 1, 0.1, 0.1])), np.ones(7), "1/y2", 0.1)
    assert np.isfinite(falling.slope_interval).all()
