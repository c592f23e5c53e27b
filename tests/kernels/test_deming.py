"""Deming and weighted Deming regression against the formulas in R, and what must not matter."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biomarker.kernels.deming import deming, ordinary, weighted_deming

REFERENCE = json.loads((Path(__file__).parent.parent / "reference" / "method_comparison.json").read_text())
SETS = ("peak_flow", "cardiac", "skewed")


def points(name):
    return np.array(REFERENCE[name]["x"], float), np.array(REFERENCE[name]["y"], float)


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize(
    ("key", "fit", "ratio"),
    [
        ("deming_1", deming, 1),
        ("deming_2", deming, 2),
        ("weighted_1", weighted_deming, 1),
        ("weighted_half", weighted_deming, 0.5),
    ],
)
def test_against_r(name, key, fit, ratio):
    line, expected = fit(*points(name), variance_ratio=ratio), REFERENCE[name][key]
    assert (line.intercept[0], line.slope[0]) == pytest.approx((expected["intercept"], expected["slope"]), rel=1e-8)


@pytest.mark.parametrize("name", SETS)
def test_ordinary_against_lm(name):
    line = ordinary(*points(name))
    assert (line.intercept[0], line.slope[0]) == pytest.approx(REFERENCE[name]["ols"], rel=1e-9)


def test_a_second_implementation_by_singular_values():
    # with x in units of its error the line is the first right singular vector of the centred points
    x, y = points("skewed")
    scaled = np.column_stack([x / np.sqrt(2), y])
    across, up = np.linalg.svd(scaled - scaled.mean(axis=0))[2][0]
    slope = up / across / np.sqrt(2)
    line = deming(x, y, variance_ratio=2)
    assert (line.intercept[0], line.slope[0]) == pytest.approx((y.mean() - slope * x.mean(), slope), rel=1e-10)


@given(st.integers(0, 10_000), st.floats(0.2, 5), st.floats(0.1, 10))
@settings(max_examples=50, deadline=None)
def test_swapping_methods_turns_the_line_over(seed, ratio, unit):
    rng = np.random.default_rng(seed)
    true = rng.uniform(1, 9, size=12)
    x, y = true * np.exp(0.1 * rng.normal(size=12)), 1.2 * true * np.exp(0.1 * rng.normal(size=12))
    for fit in (deming, weighted_deming):
        forth, back = fit(x, y, variance_ratio=ratio), fit(y, x, variance_ratio=1 / ratio)
        assert back.slope[0] == pytest.approx(1 / forth.slope[0], rel=1e-6)
        assert back.intercept[0] == pytest.approx(-forth.intercept[0] / forth.slope[0], rel=1e-5, abs=1e-6)
        order = rng.permutation(12)
        scaled = fit(unit * x[order], unit * y[order], variance_ratio=ratio)
        assert scaled.slope[0] == pytest.approx(forth.slope[0], rel=1e-6)
        assert scaled.intercept[0] == pytest.approx(unit * forth.intercept[0], rel=1e-5, abs=1e-6 * unit)


def test_a_weight_is_a_repeat():
    x, y = points("peak_flow")
    weights = np.random.default_rng(1).integers(0, 3, size=(4, x.size))
    for fit in (ordinary, deming, weighted_deming):
        together = fit(x, y, weights)
        for row, w in enumerate(weights):
            alone = fit(np.repeat(x, w), np.repeat(y, w))
            assert together.slope[row] == pytest.approx(alone.slope[0], rel=1e-9)


def test_degenerate():
    line = deming([1.0, 2.0, 3.0], [1.0, 2.0, 3.0])
    assert (line.intercept[0], line.slope[0]) == pytest.approx((0, 1), abs=1e-12)
    for y in ([2.0, 2.0, 2.0], [1.0, -2.0, 1.0]):
        assert np.isnan(deming([1.0, 2.0, 3.0], y).slope).all()
    assert np.isnan(deming([2.0, 2.0], [1.0, 3.0]).slope).all()
    assert deming([1.0, 2.0, 3.0], [3.0, 2.0, 1.0]).slope[0] == pytest.approx(-1)
    with pytest.raises(ValueError, match="above 0"):
        deming([1.0, 2.0], [1.0, 2.0], variance_ratio=0)
    with pytest.raises(ValueError, match="above 0"):
        weighted_deming([1.0, 2.0], [1.0, 2.0], variance_ratio=-1)
    with pytest.raises(ValueError, match="at least 2"):
        deming([1.0], [1.0])
    with pytest.raises(ValueError, match="finite"):
        deming([1.0, np.nan], [1.0, 2.0])
    with pytest.raises(ValueError, match="one weight"):
        deming([1.0, 2.0], [1.0, 2.0], [1.0])
