"""Patlak points and lines against R's lm, exact curves and invariants."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biomarker.kernels.patlak import PatlakPoints, linear_from, patlak_line, patlak_points, weights_of

R = json.loads((Path(__file__).parents[1] / "reference" / "kinetics.json").read_text(encoding="utf-8"))["patlak"]
POINTS = patlak_points(R["hours"], R["plasma"], R["hours"], R["tissue"])


def test_points_are_those_of_r():
    assert POINTS.x == pytest.approx(R["x"], rel=1e-10)


@pytest.mark.parametrize(("weights", "name"), [("constant", "constant"), ("plasma", "weighted")])
def test_lines_are_those_of_lm(weights, name):
    line = patlak_line(POINTS, 2, weights_of(POINTS, R["plasma"], weights))
    assert (line.intercept, line.slope) == pytest.approx(R[name]["coef"], rel=1e-9)
    limits = [*line.intercept_interval, *line.slope_interval]
    assert limits == pytest.approx(np.ravel(R[name]["ci"]).tolist(), rel=1e-8)
    assert line.n_points == 5


@settings(max_examples=40, deadline=None)
@given(st.floats(1e-4, 0.5), st.floats(0, 2), st.floats(0.1, 10))
def test_influx_and_volume_of_a_tissue_that_follows_the_model_are_found(ki, v_t, unit):
    time = np.array([0.0, 2, 24, 48, 96, 144])
    plasma = unit * (4 * np.exp(-time / 8) + 6 * np.exp(-time / 70))
    area = patlak_points(time, plasma, time, plasma).x * plasma
    line = patlak_line(patlak_points(time, plasma, time, ki * area + v_t * plasma), 1, np.ones(6))
    assert (line.slope, line.intercept) == pytest.approx((ki, v_t), rel=1e-6, abs=1e-8)
    assert line.max_error < 1e-6


def test_the_line_begins_where_the_plot_is_one():
    x = np.arange(8.0)
    y = np.where(x < 3, 0.2, 0.3 + 0.5 * x)
    assert linear_from(PatlakPoints(x, y), np.ones(8), 0.1) == (3, True)
    zigzag = PatlakPoints(x, np.tile([1.0, 2.0], 4))
    assert linear_from(zigzag, np.ones(8), 0.1) == (5, False)


def test_impossible_input():
    with pytest.raises(ValueError, match="positive"):
        patlak_points([1, 2], [1, 0], [1, 2], [1, 1])
    with pytest.raises(ValueError, match="sample of plasma"):
        patlak_points([1, 2], [2, 1], [1, 3], [1, 1])
    with pytest.raises(ValueError, match="two points"):
        patlak_line(POINTS, 6, np.ones(7))
    with pytest.raises(ValueError, match="no weights"):
        weights_of(POINTS, R["plasma"], "y")
    with pytest.raises(ValueError, match="positive tissue"):
        weights_of(PatlakPoints(np.arange(3.0), np.array([0.0, 1, 2])), np.ones(3), "1/y2")


def test_weights_by_the_value_are_those_of_numpy():
    weights = weights_of(POINTS, R["plasma"], "1/y2")
    line = patlak_line(POINTS, 2, weights)
    expected = np.polyfit(POINTS.x[2:], POINTS.y[2:], 1, w=1 / POINTS.y[2:])  # polyfit squares its weights
    assert (line.slope, line.intercept) == pytest.approx(expected, rel=1e-9)
