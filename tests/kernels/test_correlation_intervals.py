"""Intervals from patients left out and resampled: against R, against each other, and where there is none."""

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose

from biomarker.kernels.correlation_intervals import (
    bootstrap_interval,
    jackknife_covariance,
    jackknife_difference,
    jackknife_interval,
)
from biomarker.kernels.correlation_resampling import CorrelationResampler
from biomarker.kernels.resampling import jackknife_weights

REFERENCE = json.loads((Path(__file__).parent.parent / "reference" / "compare_correlations.json").read_text())
ATTITUDE = REFERENCE["attitude"]


@pytest.mark.parametrize(
    ("name", "method", "units"),
    [
        ("jackknife_rows", "spearman", range(30)),
        ("jackknife_patients", "spearman", REFERENCE["patient"]),
        ("jackknife_kendall", "kendall", REFERENCE["patient"]),
    ],
)
def test_the_jackknife_agrees_with_r(name, method, units):
    expected = REFERENCE[name]
    variables = [ATTITUDE[column] for column in ("rating", "complaints", "learning")]
    resampler = CorrelationResampler(variables, [(0, 1), (0, 2)], method=method, cluster=np.array(units))
    n_units = len(set(units))
    left_out = np.concatenate([resampler.resampled(weights) for weights in jackknife_weights(n_units)])
    values = expected["values"]
    own = [jackknife_interval(value, column) for value, column in zip(values, left_out.T, strict=True)]
    assert_allclose([one.interval.low for one in own], expected["own_low"], rtol=1e-9)
    assert_allclose([one.interval.high for one in own], expected["own_high"], rtol=1e-9)
    found = jackknife_difference(tuple(np.arctanh(values)), np.arctanh(left_out))
    assert_allclose((found.statistic, found.p_value), (expected["t"], expected["p"]), rtol=1e-8)


def test_a_difference_that_never_moves_is_no_difference_or_none_that_can_be_judged():
    left_out = np.array([[0.4, 0.4], [0.5, 0.5], [0.45, 0.45]])
    same = jackknife_difference((0.45, 0.45), left_out)
    assert (same.value, *same.interval, same.statistic, same.p_value) == (0, 0, 0, 0, 1)
    apart = jackknife_difference((0.65, 0.45), left_out + np.array([0.2, 0]))
    assert apart.value == pytest.approx(0.2)
    assert np.isnan([*apart.interval, apart.p_value]).all()
    assert np.isnan(jackknife_difference((0.5, 0.4), left_out[:2]).p_value)


def test_the_covariance_of_means_left_out_is_that_of_the_mean():
    rng = np.random.default_rng(1)
    data = rng.normal(size=(12, 2))
    left_out = (data.sum(axis=0) - data) / 11
    assert_allclose(jackknife_covariance(left_out), np.cov(data, rowvar=False) / 12)


def test_the_p_value_of_the_bootstrap_is_that_of_its_interval():
    rng = np.random.default_rng(3)
    for shift in (-0.3, 0.0, 0.15, 0.4):
        drawn = rng.normal(shift, 0.1, 4000)
        p = bootstrap_interval(shift, drawn, 15).p_value
        for level in (p + 0.01, p - 0.01):
            if 0 < level < 1:
                low, high = bootstrap_interval(shift, drawn, 15, confidence_level=1 - level).interval
                assert (low < 0 < high) == (level < p)


def test_the_bootstrap_says_nothing_without_resamples_or_patients():
    for value, drawn, n_patients in (
        (0.3, [0.1], 10),
        (0.3, [np.nan] * 5, 10),
        (0.3, [0.1, 0.2], 1),
        (np.nan, [1, 2], 9),
    ):
        found = bootstrap_interval(value, drawn, n_patients)
        assert np.isnan([*found.interval, found.p_value]).all()
    same = bootstrap_interval(0.0, np.zeros(20), 10)
    assert (*same.interval, same.p_value) == (0, 0, 1)
    assert 0 < bootstrap_interval(0.9, np.full(99, 0.9), 30).p_value < 0.05
