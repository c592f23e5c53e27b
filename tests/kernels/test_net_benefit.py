"""Net benefit against dcurves, by hand, and under what must leave it alone."""

import dcurves
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biomarker.kernels.net_benefit import net_benefit, odds, treat_all


def rows(n=80, seed=3):
    rng = np.random.default_rng(seed)
    truth = rng.random(n) < 0.4
    return truth, np.clip(0.4 + 0.2 * truth + rng.normal(0, 0.2, n), 0.01, 0.99)


@pytest.mark.parametrize("prevalence", [None, 0.15])
def test_against_dcurves(prevalence):
    # dcurves 1.1.7, dca(data, outcome, modelnames, thresholds, prevalence=); the package of the method's authors.
    truth, risk = rows()
    thresholds = np.array([0.1, 0.25, 0.4, 0.6])
    frame = dcurves.dca(
        data=pd.DataFrame({"truth": truth.astype(int), "risk": risk}),
        outcome="truth",
        modelnames=["risk"],
        thresholds=thresholds,
        prevalence=prevalence,
    )
    theirs = frame[frame["model"] == "risk"]["net_benefit"].to_numpy()
    ours = net_benefit(truth, risk, thresholds, np.arange(len(truth)), prevalence=prevalence).value
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-12)
    theirs = frame[frame["model"] == "all"]["net_benefit"].to_numpy()
    np.testing.assert_allclose(treat_all(truth, thresholds, prevalence=prevalence), theirs, rtol=0, atol=1e-12)


def test_the_error_is_that_of_a_mean_when_rows_are_independent():
    # net benefit is then a mean of gain - harm x loss, so its standard error is SD / sqrt(n)
    truth, risk = rows()
    result = net_benefit(truth, risk, [0.3], np.arange(len(truth)))
    each = np.where(risk >= 0.3, np.where(truth, 1.0, -0.3 / 0.7), 0.0)
    from scipy.stats import t

    half = t.ppf(0.975, len(each) - 1) * each.std(ddof=1) / np.sqrt(len(each))
    np.testing.assert_allclose(result.interval.high[0] - result.value[0], half, rtol=1e-12)


def test_external_prevalence_equal_to_the_observed_gives_the_same_value():
    truth, risk = rows()
    clusters = np.arange(len(truth)) // 3
    here = net_benefit(truth, risk, [0.2, 0.5], clusters)
    there = net_benefit(truth, risk, [0.2, 0.5], clusters, prevalence=truth.mean())
    np.testing.assert_allclose(here.value, there.value, atol=1e-14)


def test_treating_all_with_a_test_that_is_always_positive():
    truth, _ = rows()
    result = net_benefit(truth, np.ones(len(truth)), [0.1, 0.7], np.arange(len(truth)))
    np.testing.assert_allclose(result.over_all, 0, atol=1e-15)
    np.testing.assert_allclose(result.over_all_interval.low, 0, atol=1e-15)


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10**6), st.integers(2, 30))
def test_doubling_every_row_of_a_patient_changes_nothing(seed, n):
    rng = np.random.default_rng(seed)
    truth, risk, clusters = rng.random(n) < 0.5, rng.random(n), rng.integers(0, 4, n)
    clusters = np.unique(clusters, return_inverse=True)[1]
    once = net_benefit(truth, risk, [0.3], clusters)
    twice = net_benefit(np.repeat(truth, 2), np.repeat(risk, 2), [0.3], np.repeat(clusters, 2))
    np.testing.assert_allclose(once.value, twice.value, atol=1e-12)
    np.testing.assert_allclose(once.interval.low, twice.interval.low, atol=1e-12)


def test_cutting_the_thresholds_into_parts_changes_nothing(monkeypatch):
    truth, risk = rows()
    whole = net_benefit(truth, risk, np.linspace(0.01, 0.99, 50), np.arange(len(truth)))
    monkeypatch.setattr("biomarker.kernels.net_benefit._CELLS_AT_ONCE", 300)
    parts = net_benefit(truth, risk, np.linspace(0.01, 0.99, 50), np.arange(len(truth)))
    np.testing.assert_array_equal(whole.value, parts.value)
    np.testing.assert_array_equal(whole.over_all_interval.high, parts.over_all_interval.high)


def test_one_patient_has_a_value_and_no_interval():
    result = net_benefit([True, False], [0.9, 0.2], [0.5], [0, 0])
    assert result.value[0] == 0.5
    assert np.isnan(result.interval.low[0])


@pytest.mark.parametrize("threshold", [0.0, 1.0, 1.2, np.nan])
def test_risk_thresholds_are_inside_zero_and_one(threshold):
    with pytest.raises(ValueError, match="between 0 and 1"):
        odds([threshold])
