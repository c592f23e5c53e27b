"""Operating points against pROC and by search over every cutoff; bands by simulation."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from biomarker.kernels.proportion import wilson_interval
from biomarker.kernels.roc import Rates, ordered_rows, roc_points, weighted_rates
from biomarker.kernels.roc_points import (
    FixedWidth,
    as_rates,
    bootstrap_width,
    cutoff_at,
    effective_size_interval,
    fixed_width_band,
    kolmogorov_smirnov_width,
    sensitivity_at,
    specificity_at,
)

REFERENCE = json.loads((Path(__file__).parents[1] / "reference" / "roc.json").read_text(encoding="utf-8"))


def marker_of(case):
    data = REFERENCE["data"][case["data"]]
    return np.array(data["markers"][case["marker"]], float), np.array(data["positive"], bool)


def case_name(case):
    return "-".join(str(case[key]) for key in ("data", "marker", "focus", "low") if key in case)


@pytest.mark.parametrize("case", REFERENCE["points"], ids=case_name)
def test_interpolated_points_agree_with_proc(case):
    marker, positive = marker_of(case)
    rates = as_rates(roc_points(marker, positive))
    assert sensitivity_at(rates, case["at"], interpolate=True)[0] == pytest.approx(case["sensitivity"], abs=1e-12)
    assert specificity_at(rates, case["at"], interpolate=True)[0] == pytest.approx(case["specificity"], abs=1e-12)


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.integers(0, 6), min_size=14, max_size=14),
    st.sampled_from([0.0, 0.3, 0.5, 0.7, 0.8, 0.9, 1.0]),
)
def test_step_points_are_the_best_cutoff_that_qualifies(values, required):
    marker, positive = np.array(values, float), np.arange(14) < 4  # ten negatives: 0.7 is 7/10 exactly
    cutoffs = np.append(np.unique(marker), np.inf)
    sensitivity = np.array([(marker[positive] >= c).mean() for c in cutoffs])
    specificity = np.array([(marker[~positive] < c).sum() for c in cutoffs]) / 10
    points = roc_points(marker, positive)
    rates = as_rates(points)
    best = sensitivity[specificity >= required - 1e-12].max()
    assert sensitivity_at(rates, [required])[0, 0] == pytest.approx(best)
    cutoff = cutoff_at(points, specificity=required)
    assert (marker[positive] >= cutoff).mean() == pytest.approx(best)
    assert (marker[~positive] < cutoff).mean() >= required - 1e-12
    best = specificity[sensitivity >= required - 1e-12].max()
    assert specificity_at(rates, [required])[0, 0] == pytest.approx(best)
    cutoff = cutoff_at(points, sensitivity=required)
    assert (marker[~positive] < cutoff).mean() == pytest.approx(best)
    assert (marker[positive] >= cutoff).mean() >= required - 1e-12


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 6), min_size=14, max_size=14), st.floats(0, 1))
def test_interpolation_never_lies_below_the_step(values, required):
    rates = as_rates(roc_points(np.array(values, float), np.arange(14) < 4))
    step, line = (sensitivity_at(rates, [required], interpolate=flag)[0, 0] for flag in (False, True))
    assert line >= step - 1e-12


def test_many_resamples_are_read_as_one_by_one():
    rng = np.random.default_rng(6)
    rows = ordered_rows(rng.integers(0, 12, 40), np.arange(40) < 15, np.arange(40))
    rates = weighted_rates(rows, rng.integers(0, 3, (300, 40)))
    wanted = [0.0, 0.25, 0.9, 1.0]
    together = sensitivity_at(rates, wanted, interpolate=True)
    apart = [
        sensitivity_at(Rates(rates[0][i : i + 1], rates[1][i : i + 1]), wanted, interpolate=True)[0] for i in range(300)
    ]
    assert together == pytest.approx(np.array(apart), abs=1e-12)


def test_a_lost_class_gives_nan():
    rates = weighted_rates(ordered_rows([1.0, 2.0], [False, True], [0, 1]), [[1, 0], [1, 1]])
    assert np.isnan(sensitivity_at(rates, [0.5])[0, 0])
    assert sensitivity_at(rates, [0.5])[1, 0] == 1


def test_effective_size_interval_is_wilson_when_only_the_proportion_varies():
    # binomial resamples of 8 out of 20 are worth 20 observations
    samples = np.random.default_rng(1).binomial(20, 0.4, 400_000) / 20
    interval = effective_size_interval(0.4, samples, 20)
    assert interval == pytest.approx(wilson_interval(8, 20), abs=2e-3)
    assert effective_size_interval(0.4, samples, 1000) == pytest.approx(wilson_interval(8, 20), abs=2e-3)


def test_effective_size_interval_with_too_few_resamples():
    interval = effective_size_interval([0.4, 0.4], [[np.nan, 0.1], [0.3, 0.2], [np.nan, 0.4]], 9)
    assert np.isnan(interval.low[0])
    assert interval.low[1] < 0.4 < interval.high[1]


def test_fixed_specificity_interval_lies_near_the_percentiles_of_proc():
    # percentiles against percentiles; then ours, a different interval from the same spread, near them
    case = REFERENCE["bootstrap"]
    marker, positive = marker_of(case)
    rng = np.random.default_rng(9)
    weights = np.concatenate([rng.multinomial(c.sum(), c / c.sum(), 4000)[:, c] for c in (positive, ~positive)], axis=1)
    order = np.concatenate((np.flatnonzero(positive), np.flatnonzero(~positive)))
    rates = weighted_rates(ordered_rows(marker[order], positive[order], np.arange(order.size)), weights)
    resampled = sensitivity_at(rates, case["specificity"], interpolate=True)
    percentiles = np.quantile(resampled, [0.025, 0.975], axis=0)
    assert percentiles[0] == pytest.approx(case["low"], abs=0.03)
    assert percentiles[1] == pytest.approx(case["high"], abs=0.03)
    estimate = sensitivity_at(as_rates(roc_points(marker, positive)), case["specificity"], interpolate=True)[0]
    interval = effective_size_interval(estimate, resampled, int(positive.sum()))
    assert np.abs(interval.low - percentiles[0]).max() < 0.12
    assert np.abs(interval.high - percentiles[1]).max() < 0.12


@pytest.mark.parametrize(("n", "critical"), [(5, 0.563), (10, 0.409), (20, 0.294), (35, 0.224)])
def test_kolmogorov_smirnov_quantiles_are_those_of_the_tables(n, critical):
    # two-sided 5 % points of the one-sample statistic (Miller LH. J Am Stat Assoc 1956;51:111-121)
    width = kolmogorov_smirnov_width(n, n, confidence_level=0.95**2)
    assert width.of_sensitivity == pytest.approx(critical, abs=6e-4)
    assert width.of_specificity == pytest.approx(stats.kstwo.ppf(0.95, n), abs=1e-4)


@pytest.mark.parametrize("n", [1001, 20_000])
def test_large_samples_have_quantiles_without_a_sum(n):
    width = kolmogorov_smirnov_width(n, 10, confidence_level=0.9)
    tail = 1 - np.sqrt(0.9)
    assert width.of_sensitivity == pytest.approx(stats.kstwo.isf(tail, n), rel=3e-4)


def test_simultaneous_bands_hold_the_whole_curve():
    rng = np.random.default_rng(12)
    grid = np.linspace(0, 1, 41)
    truth = stats.norm.cdf(1 + stats.norm.ppf(1 - grid))
    positive = np.arange(60) < 30
    width = kolmogorov_smirnov_width(30, 30)
    held = 0
    for _ in range(300):
        band = fixed_width_band(roc_points(rng.normal(size=60) + positive, positive), grid, width)
        held += bool(((band.low <= truth + 1e-12) & (truth <= band.high + 1e-12)).all())
    assert held >= 0.95 * 300


def test_bootstrap_width_is_the_quantile_of_the_largest_distance():
    resampled = np.array([[0.5, 0.9], [0.6, 0.8], [np.nan, np.nan], [0.1, 0.8]])
    assert bootstrap_width([0.5, 0.8], resampled, confidence_level=0.9) == FixedWidth(0.4, 0.0)
    assert np.isnan(bootstrap_width([0.5], [[np.nan]]).of_sensitivity)


@pytest.mark.parametrize(
    "call",
    [
        lambda points: sensitivity_at(as_rates(points), [1.2]),
        lambda points: specificity_at(as_rates(points), [np.nan]),
        lambda points: cutoff_at(points),
        lambda points: cutoff_at(points, specificity=-0.1),
        lambda points: cutoff_at(points, sensitivity=2.0),
        lambda _: kolmogorov_smirnov_width(5, 5, confidence_level=95),
    ],
)
def test_impossible_requirements_are_refused(call):
    with pytest.raises(ValueError, match=r"between|either"):
        call(roc_points([1.0, 2.0, 3.0], [False, True, True]))
