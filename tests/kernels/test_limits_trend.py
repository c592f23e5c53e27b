"""Changing spread and regression limits against R, and what must not matter."""

import json
from pathlib import Path

import numpy as np
import pytest

from biomarker.kernels.limits_trend import changing_spread, proportional_bias, regression_limits

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


def test_clusters_against_club_sandwich():
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


def test_clustered_slope_is_that_of_the_jackknife():
    rng = np.random.default_rng(4)
    patient = np.repeat(np.arange(9), [1, 6, 2, 3, 1, 4, 2, 5, 1])
    mean = rng.uniform(1, 9, patient.size)
    difference = rng.normal(size=9)[patient] + rng.normal(size=patient.size)
    found = proportional_bias(difference, mean, patient)
    without = np.array([np.polyfit(mean[patient != p], difference[patient != p], 1)[0] for p in range(9)])
    expected = np.sqrt(8 / 9 * np.sum((without - found.slope) ** 2))
    assert found.slope / found.statistic == pytest.approx(expected, rel=1e-9)
    assert found.df == 8


def test_one_patient_with_all_the_spread_of_means_has_no_test():
    found = proportional_bias([0.1, 0.3, -0.2, 0.4, 0.2], [1.0, 1.0, 1.0, 2.0, 3.0], [0, 1, 1, 2, 2])
    assert np.isnan(found.p_value)  # without the last patient there is no line


@pytest.mark.slow
def test_false_positive_rate_of_clustered_trends():
    found = []
    for seed in range(1000):
        rng = np.random.default_rng(seed)
        patient = np.repeat(np.arange(12), rng.choice([1, 2, 3, 4, 6], 12))
        one, other = (rng.normal(size=12)[patient] + rng.normal(size=patient.size) for _ in range(2))
        truth = 4 * (rng.normal(size=12)[patient] + rng.normal(size=patient.size))
        found.append(proportional_bias(one - other, truth + (one + other) / 2, patient).p_value < 0.05)
    assert np.mean(found) < 0.075  # the plain sandwich gives 0.10
