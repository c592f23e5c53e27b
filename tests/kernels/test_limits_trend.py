"""Changing spread and regression limits against R, and what must not matter."""

import json
from pathlib import Path

import numpy as np
import pytest

from biomarker.kernels.limits_trend import changing_spread, regression_limits

FOLDER = Path(__file__).parent.parent / "reference"
REFERENCE = json.loads((FOLDER / "agreement_limits.json").read_text())
OLD = json.loads((FOLDER / "reliability.json").read_text())
WRIGHT, MINI = (np.array(OLD["peak_flow"][meter], float) for meter in ("wright", "mini"))


def test_peak_flow_against_lm():
    expected = REFERENCE["trend"]
    difference, mean = WRIGHT - MINI, (WRIGHT + MINI) / 2
    found = regression_limits(difference, mean, expected["at"])
    for name in ("bias", "lower", "upper"):
        assert getattr(found, name) == pytest.approx(expected[name], rel=1e-10)
    spread = changing_spread(difference, mean)
    assert (spread.slope, spread.statistic, spread.p_value) == pytest.approx(
        (expected["slope"], expected["t"], expected["p"]), rel=1e-9
    )


def test_clusters_against_sandwich():
    cardiac = OLD["cardiac_output"]
    rv, ic = np.array(cardiac["rv"]), np.array(cardiac["ic"])
    found = changing_spread(rv - ic, (rv + ic) / 2, cardiac["subject"])
    expected = REFERENCE["clustered_trend"]
    assert (found.slope, found.statistic) == pytest.approx((expected["slope"], expected["t"]), rel=1e-9)


def test_jackknife_by_hand():
    rng = np.random.default_rng(2)
    mean = rng.uniform(1, 9, size=12)
    difference = 0.2 * mean * rng.normal(size=12)
    patient = np.repeat(np.arange(6), 2)
    found = regression_limits(difference, mean, [4.0], patient)
    without = np.array(
        [regression_limits(difference[patient != p], mean[patient != p], [4.0]).upper[0] for p in range(6)]
    )
    half = (found.upper_interval.high - found.upper_interval.low) / 2
    # Student's t of 4 degrees of freedom, 97.5 %: 2.776445
    assert half == pytest.approx(2.776445105 * np.sqrt(5 * without.var()), rel=1e-8)


def test_no_trend_to_speak_of():
    on_a_line = changing_spread([1.0, 2.0, 3.0], [2.0, 4.0, 6.0])
    assert np.isnan(on_a_line.p_value)
    same_means = regression_limits([1.0, 2.0, 4.0, 3.0], [5.0] * 4, [5.0])
    assert np.isnan([same_means.bias, same_means.upper]).all()
    few = regression_limits([1.0, 2.0, 4.0], [1.0, 5.0, 6.0], [5.0])
    assert np.isnan(few.bias_interval.low).all()
    # where the line of the spread falls below zero there are no limits
    falling = regression_limits([0.0, 4.0, 0.0, 0.1, -0.1, 0.0], [1, 1.2, 1, 5, 6, 7], [40.0])
    assert np.isnan(falling.upper).all()
    assert np.isfinite(falling.bias).all()
    with pytest.raises(ValueError, match="finite"):
        regression_limits([1.0, np.nan], [1.0, 2.0], [1.0])
    with pytest.raises(ValueError, match="one mean"):
        changing_spread([1.0], [1.0, 2.0])
