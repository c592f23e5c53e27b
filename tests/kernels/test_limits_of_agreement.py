"""Limits of agreement against Bland and Altman's printed examples, R, and simulated coverage."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.special import ndtr

from biomarker.kernels.limits_nested import nested_limits_of_agreement
from biomarker.kernels.limits_of_agreement import (
    SCALES,
    differences_and_means,
    limits_from_summary,
    limits_of_agreement,
)
from biomarker.kernels.limits_trend import proportional_bias

REFERENCE = json.loads((Path(__file__).parent.parent / "reference" / "reliability.json").read_text())
PEAK_FLOW = np.subtract(REFERENCE["peak_flow"]["wright"], REFERENCE["peak_flow"]["mini"])
CARDIAC = REFERENCE["cardiac_output"]
CARDIAC_DIFFERENCE = np.subtract(CARDIAC["rv"], CARDIAC["ic"])


def flat(result):
    return {
        "bias": result.bias,
        "bias_low": result.bias_interval.low,
        "bias_high": result.bias_interval.high,
        "sd": result.sd,
        "lower": result.lower,
        "lower_low": result.lower_interval.low,
        "lower_high": result.lower_interval.high,
        "upper": result.upper,
        "upper_low": result.upper_interval.low,
        "upper_high": result.upper_interval.high,
    }


def test_peak_flow_of_bland_and_altman_1986():
    # Lancet 1986;1:307-310: the paper takes limits at 2 SD, and sqrt(3/n) SD as the standard error of a limit.
    two_sd = 2 * ndtr(2) - 1
    result = limits_of_agreement(PEAK_FLOW, coverage=two_sd, interval="approximate")
    assert [round(x, 1) for x in (result.bias, result.sd)] == [-2.1, 38.8]
    assert [round(x, 1) for x in result.bias_interval] == [-22.0, 17.8]
    # printed -79.7 and 75.5 come from the rounded mean and SD
    assert result.lower == pytest.approx(-79.7, abs=0.1)
    assert result.upper == pytest.approx(75.5, abs=0.1)
    # printed -114.3 to -45.1 and 40.9 to 110.1 with sqrt(3/n); the 1999 paper's variance, used here, is 4 % larger
    assert list(result.lower_interval) == pytest.approx([-114.3, -45.1], abs=1.0)
    assert list(result.upper_interval) == pytest.approx([40.9, 110.1], abs=1.0)


def test_systolic_pressure_of_bland_and_altman_1999():
    # Stat Methods Med Res 1999;8:135-160, section 2.2, from the printed mean and SD; they use 1.71 SD/sqrt(n).
    result = limits_from_summary(-16.29, 19.61, 85, interval="approximate")
    assert [round(x, 1) for x in result.bias_interval] == [-20.5, -12.1]
    assert result.lower == pytest.approx(-54.7, abs=0.05)
    assert result.upper == pytest.approx(22.1, abs=0.05)
    # printed -61.9 to -47.5 and 14.9 to 29.3: half a width of 7.2; n - 1 where they write n makes ours 0.6 % wider
    for interval, centre in ((result.lower_interval, -54.7), (result.upper_interval, 22.1)):
        assert (interval.high - interval.low) / 2 == pytest.approx(7.2, rel=0.01)
        assert (interval.high + interval.low) / 2 == pytest.approx(centre, abs=0.05)


@pytest.mark.parametrize(("key", "level", "coverage"), [("exact_95", 0.95, 0.95), ("exact_90_cover_80", 0.9, 0.8)])
def test_exact_intervals_against_r(key, level, coverage):
    result = limits_of_agreement(PEAK_FLOW, coverage=coverage, confidence_level=level)
    # R's noncentral t is good to about 1e-11 here; past ncp = 37.62 (n > 368) it is a normal approximation
    assert flat(result) == pytest.approx(REFERENCE["peak_flow"][key], rel=1e-9)


@pytest.mark.parametrize(("key", "level"), [("nested", 0.95), ("nested_90", 0.9)])
def test_nested_limits_against_r(key, level):
    result = nested_limits_of_agreement(
        CARDIAC_DIFFERENCE, CARDIAC["subject"], confidence_level=level, coverage=0.95 if level == 0.95 else 0.9
    )
    expected = dict(CARDIAC[key])
    assert result.sd_within == pytest.approx(expected.pop("within"), rel=1e-10)
    assert flat(result) == pytest.approx(expected, rel=1e-10)
    assert (result.n, result.n_patients) == (60, 12)


def test_equal_clusters_give_bland_and_altmans_analysis_of_variance():
    # Bland & Altman 2007, section 4: total variance = (MSB - MSW)/m + MSW, with 3 pairs in each of 12 subjects
    balanced = CARDIAC["balanced"]
    between, within = balanced["mean_squares"]
    result = nested_limits_of_agreement(balanced["d"], balanced["g"])
    assert result.sd_within**2 == pytest.approx(within, rel=1e-10)
    assert result.sd_between**2 == pytest.approx((between - within) / 3, rel=1e-10)
    assert result.sd**2 == pytest.approx((between - within) / 3 + within, rel=1e-10)
    assert result.bias == pytest.approx(np.mean(balanced["d"]), rel=1e-12)


def test_one_lesion_per_patient_is_the_independent_analysis():
    nested = nested_limits_of_agreement(PEAK_FLOW, np.arange(17))
    assert flat(nested) == flat(limits_of_agreement(PEAK_FLOW))


def test_proportional_bias_against_r():
    means = np.add(REFERENCE["peak_flow"]["wright"], REFERENCE["peak_flow"]["mini"]) / 2
    for result, expected in (
        (proportional_bias(PEAK_FLOW, means), REFERENCE["peak_flow"]["slope"]),
        (
            proportional_bias(CARDIAC_DIFFERENCE, np.add(CARDIAC["rv"], CARDIAC["ic"]) / 2, CARDIAC["subject"]),
            CARDIAC["slope"],
        ),
    ):
        ours = {
            "slope": result.slope,
            "intercept": result.intercept,
            "t": result.statistic,
            "df": result.df,
            "p": result.p_value,
            "low": result.interval.low,
            "high": result.interval.high,
        }
        assert ours == pytest.approx(expected, rel=1e-9)


def test_scales():
    first, second = np.array([2.0, 9.0]), np.array([1.0, 11.0])
    difference = differences_and_means(first, second)
    assert difference.difference.tolist() == [1.0, -2.0]
    assert difference.mean.tolist() == [1.5, 10.0]
    assert differences_and_means(first, second, "percent").difference == pytest.approx([200 / 3, -20])
    ratio = differences_and_means(first, second, "ratio")
    assert np.exp(ratio.difference) == pytest.approx([2, 9 / 11])
    assert ratio.mean == pytest.approx(np.sqrt([2, 99]))


readings = hnp.arrays(float, st.integers(3, 20), elements=st.floats(0.5, 50))


@given(readings, st.sampled_from(SCALES), st.randoms(use_true_random=False))
@settings(max_examples=50, deadline=None)
def test_swapping_readers_mirrors_the_limits(first, scale, random):
    second = first * 1.1 + np.linspace(0.3, 1.3, first.size)
    order = list(range(first.size))
    random.shuffle(order)
    forth = limits_of_agreement(differences_and_means(first, second, scale).difference)
    back = limits_of_agreement(differences_and_means(second[order], first[order], scale).difference)
    assert back.bias == pytest.approx(-forth.bias, rel=1e-9)
    assert back.lower == pytest.approx(-forth.upper, rel=1e-9)
    assert back.lower_interval.low == pytest.approx(-forth.upper_interval.high, rel=1e-9)
    assert back.lower_interval.high == pytest.approx(-forth.upper_interval.low, rel=1e-9)


@given(readings, st.floats(0.1, 10), st.integers(1, 4))
@settings(max_examples=50, deadline=None)
def test_unit_scales_through_and_intervals_hold_limits(differences, unit, lesions):
    patient = np.arange(differences.size) // lesions
    one, scaled = (nested_limits_of_agreement(differences * u, patient) for u in (1.0, unit))
    if np.isnan(one.sd) or one.sd < 1e-6:
        return
    assert scaled.upper_interval.high == pytest.approx(one.upper_interval.high * unit, rel=1e-7)
    assert one.lower_interval.low <= one.lower <= one.lower_interval.high
    assert one.upper_interval.low <= one.upper <= one.upper_interval.high
    assert one.bias_interval.low <= one.bias <= one.bias_interval.high


def test_equal_differences_have_limits_of_no_width():
    result = limits_of_agreement([0.1] * 5)
    assert result.sd == 0
    assert result.lower == result.upper == pytest.approx(0.1)
    nested = nested_limits_of_agreement([0.1] * 6, [1, 1, 2, 2, 3, 3])
    assert nested.sd == pytest.approx(0, abs=1e-15)


def test_too_little_to_estimate_from():
    one = limits_of_agreement([3.0])
    assert one.bias == 3
    assert np.isnan([one.sd, one.lower, *one.upper_interval, *one.bias_interval]).all()
    one_patient = nested_limits_of_agreement([3.0, 5.0], [7, 7])
    assert one_patient.bias == 4
    assert np.isnan([one_patient.sd, one_patient.lower, *one_patient.bias_interval]).all()
    assert np.isnan(proportional_bias([1.0, 2.0, 3.0], [1.0, 1.0, 1.0]).slope)
    on_a_line = proportional_bias([1.0, 2.0, 3.0], [2.0, 4.0, 6.0])
    assert on_a_line.slope == pytest.approx(0.5)
    assert np.isnan(on_a_line.p_value)
    two = proportional_bias([1.0, 3.0], [1.0, 2.0])
    assert two.slope == 2
    assert np.isnan(two.p_value)
    assert np.isnan(proportional_bias([1.0, 3.0, 2.0], [1.0, 2.0, 5.0], [1, 1, 1]).p_value)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: limits_of_agreement([]), "at least one pair"),
        (lambda: limits_of_agreement([1, np.nan]), "finite"),
        (lambda: limits_of_agreement([1, 2], interval="wald"), "unknown interval"),
        (lambda: limits_of_agreement([1, 2], confidence_level=95), "fraction"),
        (lambda: limits_of_agreement([1, 2], coverage=1.96), "coverage is a fraction"),
        (lambda: nested_limits_of_agreement([1, 2], [1]), "one patient for each"),
        (lambda: proportional_bias([1, 2], [1]), "one mean for each"),
        (lambda: differences_and_means([1, 2], [1]), "paired"),
        (lambda: differences_and_means([1, 2], [1, 0], "ratio"), "positive"),
        (lambda: differences_and_means([1, np.inf], [1, 0]), "finite"),
        (lambda: differences_and_means([1, 2], [1, 2], "log"), "unknown scale"),
    ],
)
def test_impossible_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_exact_coverage_at_ten_pairs():
    # 3,000 trials of 10 pairs: standard error 0.4 %. The approximate interval covers less.
    rng = np.random.default_rng(6)
    draws = rng.normal(size=(3_000, 10))
    unit = limits_from_summary(0.0, 1.0, 10).upper_interval
    approximate = limits_from_summary(0.0, 1.0, 10, interval="approximate").upper_interval
    bias, sd = draws.mean(axis=1), draws.std(axis=1, ddof=1)
    covered, covered_approximately = (
        np.mean((bias + sd * i.low <= 1.959964) & (bias + sd * i.high >= 1.959964)) for i in (unit, approximate)
    )
    assert covered == pytest.approx(0.95, abs=0.012)
    assert covered_approximately < covered


def test_nested_coverage_at_fifteen_patients():
    # Patients with 1 to 6 lesions, half of the variance between patients; 1,000 trials, standard error 0.7 %.
    rng = np.random.default_rng(7)
    lesions = np.array([1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 1, 2, 3])
    patient = np.repeat(np.arange(15), lesions)
    true = 1.959964
    nested = naive = 0
    for _ in range(1_000):
        d = np.sqrt(0.5) * (rng.normal(size=15)[patient] + rng.normal(size=patient.size))
        interval = nested_limits_of_agreement(d, patient).upper_interval
        nested += interval.low <= true <= interval.high
        interval = limits_of_agreement(d).upper_interval
        naive += interval.low <= true <= interval.high
    assert 0.92 < nested / 1_000 < 0.985
    assert naive < nested
