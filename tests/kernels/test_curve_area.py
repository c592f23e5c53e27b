"""Areas against R's arithmetic on Theoph, exact curves, and invariants."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biomarker.kernels.curve_area import area_to_infinity, cumulative_area, terminal_slope, value_at_zero

THEOPH = json.loads((Path(__file__).parents[1] / "reference" / "kinetics.json").read_text(encoding="utf-8"))["theoph"]


@pytest.mark.parametrize("subject", THEOPH)
def test_theoph(subject):
    d = THEOPH[subject]
    for rule, name in (("linear", "linear"), ("linear_up_log_down", "log")):
        area = area_to_infinity(d["time"], d["conc"], rule=rule)
        assert area.to_last == pytest.approx(d[name], rel=1e-10)
        assert area.total == pytest.approx(d[f"{name}_inf"], rel=1e-10)
        assert (area.slope.n_points, area.slope.rate) == (d["points"], pytest.approx(d["rate"], rel=1e-9))
        assert area.slope.adjusted_r2 == pytest.approx(d["r2"], rel=1e-9)


@settings(max_examples=40, deadline=None)
@given(st.floats(0.01, 2), st.floats(0.1, 100))
def test_an_exponential_is_exact_by_the_logarithmic_rule(rate, start):
    time = np.array([0, 0.5, 1.2, 3, 5])
    value = start * np.exp(-rate * time)
    area = area_to_infinity(time, value, rule="linear_up_log_down", with_peak=True)
    assert area.total == pytest.approx(start / rate, rel=1e-9)
    assert area.aumc == pytest.approx(start / rate**2, rel=1e-9)
    assert cumulative_area(time, value)[-1] > cumulative_area(time, value, rule="linear_up_log_down")[-1]


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(0, 100), min_size=2, max_size=8))
def test_areas_add_up_over_pieces(values):
    time = np.arange(len(values), dtype=float)
    whole = cumulative_area(time, values, rule="linear_up_log_down")
    assert np.all(np.diff(whole) >= 0)
    pieces = [
        cumulative_area(time[i : i + 2], values[i : i + 2], rule="linear_up_log_down")[-1]
        for i in range(len(values) - 1)
    ]
    assert whole[-1] == pytest.approx(sum(pieces), rel=1e-9, abs=1e-9)


def test_trailing_zeros_end_the_curve_and_a_rising_end_has_no_limit():
    assert area_to_infinity([0, 1, 2, 3, 4], [8, 4, 2, 1, 0]).to_last == pytest.approx(10.5)
    rising = area_to_infinity([0, 1, 2, 3], [1, 2, 3, 4])
    assert np.isnan(rising.total)
    assert rising.to_last == pytest.approx(7.5)
    assert np.isnan(terminal_slope([0, 1], [2, 1]).rate)
    assert np.isnan(area_to_infinity([0, 1], [0, 0]).total)


def test_the_value_at_zero():
    assert value_at_zero([0, 1], [5, 2]) == 5
    assert value_at_zero([1, 2], [4, 5]) == 4
    assert value_at_zero([2], [4]) == 4
    assert value_at_zero([1, 2], [8, 4]) == pytest.approx(16)


@pytest.mark.parametrize(
    ("time", "value", "says"),
    [([1, 0], [1, 1], "rise"), ([1, 1], [1, 1], "rise"), ([0, np.nan], [1, 1], "finite"), ([], [], "one length")],
)
def test_impossible_input(time, value, says):
    with pytest.raises(ValueError, match=says):
        cumulative_area(time, value)
    with pytest.raises(ValueError, match="no rule"):
        cumulative_area([0, 1], [1, 1], rule="cubic")
