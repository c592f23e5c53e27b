"""Expected values: tests/reference/describe.R (base R, psych, sandwich), on the cd8 example's published lesions."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from biomarker.kernels.describe import describe, geometric_mean, mean_interval, one_way_icc

REFERENCE = json.loads((Path(__file__).parent.parent / "reference" / "describe.json").read_text())
PATIENT = np.array(REFERENCE["lesions"]["patient_id"])
TIMES = ["suvmax_2h", "suvmax_24h", "suvmax_48h", "suvmax_135h"]

samples = st.lists(st.floats(0.01, 100), min_size=2, max_size=30)


@pytest.mark.parametrize("time", TIMES)
def test_describe_agrees_with_r(time):
    expected = REFERENCE["summaries"][time]
    found = describe(REFERENCE["lesions"][time])
    for field in ("n", "mean", "sd", "se", "median", "q1", "q3", "minimum", "maximum"):
        assert_allclose(getattr(found, field), expected[field], rtol=1e-12)


@pytest.mark.parametrize(
    ("time", "printed"),
    [
        ("suvmax_2h", (2.00, 2.35, 1.40, 0.72, 2.00, 12.3)),
        ("suvmax_24h", (3.48, 4.27, 1.55, 0.60, 4.25, 19.3)),
        ("suvmax_48h", (3.42, 4.04, 1.60, 0.80, 4.05, 14.7)),
        ("suvmax_135h", (3.14, 3.15, 2.15, 0.93, 4.05, 11.6)),
    ],
)
def test_describe_gives_the_summaries_on_record_for_the_42_lesions(time, printed):
    found = describe(REFERENCE["lesions"][time])
    mean, sd, median, q1, q3, maximum = printed
    # half of the last digit, and 0.725 and 0.925 sit on the edge
    assert_allclose((found.mean, found.sd, found.q1, found.q3), (mean, sd, q1, q3), atol=0.00501)
    assert (found.median, found.maximum) == pytest.approx((median, maximum))


@pytest.mark.parametrize("time", TIMES)
def test_geometric_mean_agrees_with_r(time):
    expected = REFERENCE["summaries"][time]
    found = geometric_mean(REFERENCE["lesions"][time])
    assert_allclose(
        (found.mean, found.interval.low, found.interval.high, found.cv),
        [expected[f"geometric_{part}"] for part in ("mean", "low", "high", "cv")],
        rtol=1e-11,
    )


@pytest.mark.parametrize("time", TIMES)
def test_clustered_mean_agrees_with_r(time):
    expected = REFERENCE["clustered"][time]
    found = mean_interval(np.log(REFERENCE["lesions"][time]), PATIENT)
    assert_allclose((found.mean, found.se, found.df), (expected["mean"], expected["se"], expected["df"]), rtol=1e-10)
    # sandwich's HC2 has a further factor (K - 1)/K, which clusters of one do not bear out: see the R script
    assert_allclose(found.se * np.sqrt(13 / 14), expected["se_sandwich_hc2"], rtol=1e-10)


@pytest.mark.parametrize(("time", "printed"), list(zip(TIMES, (0.21, 0.32, 0.30, 0.58), strict=True)))
def test_one_way_icc_agrees_with_r_and_with_the_figures_on_record(time, printed):
    found = one_way_icc(np.log(REFERENCE["lesions"][time]), PATIENT)
    assert_allclose(found, REFERENCE["icc"][time], rtol=1e-10)
    assert round(found, 2) == printed


@settings(deadline=None, max_examples=50)
@given(samples)
def test_clusters_of_one_give_the_ordinary_t_interval(values):
    plain = mean_interval(values)
    summary = describe(values)
    assert_allclose(plain.se, summary.se, rtol=1e-9, atol=1e-12)
    assert plain.df == pytest.approx(len(values) - 1)
    nested = mean_interval(values, np.arange(len(values))[::-1])
    assert_allclose(nested.interval, plain.interval, rtol=1e-12)


@settings(deadline=None, max_examples=50)
@given(samples, st.floats(0.01, 50))
def test_summaries_move_with_the_unit(values, unit):
    before, after = describe(values), describe(np.array(values) * unit)
    assert_allclose(np.array(after[1:]), np.array(before[1:]) * unit, rtol=1e-9, atol=1e-9)
    assert_allclose(geometric_mean(np.array(values) * unit).mean, geometric_mean(values).mean * unit, rtol=1e-9)


@settings(deadline=None, max_examples=50)
@given(samples, st.integers(2, 4))
def test_repeating_every_lesion_of_a_patient_adds_no_information(values, times):
    patients = np.arange(len(values))
    once = mean_interval(values, patients)
    repeated = mean_interval(np.repeat(values, times), np.repeat(patients, times))
    assert_allclose(repeated[:3], once[:3], rtol=1e-9, atol=1e-12)


def test_geometric_mean_is_undefined_with_a_zero_and_counts_it():
    found = geometric_mean([0.0, 1.0, -2.0, 4.0])
    assert np.isnan([found.mean, *found.interval, found.cv, found.sd_factor]).all()
    assert found.n_not_positive == 2


def test_degenerate_samples():
    assert describe([]).n == 0
    assert np.isnan(describe([]).median)
    single = describe([2.0])
    assert (single.mean, single.median) == (2.0, 2.0)
    assert np.isnan(single.sd)
    assert np.isnan(single.se)
    assert np.isnan(mean_interval([1.0, 2.0], ["a", "a"]).se)
    assert np.isnan(mean_interval([]).mean)
    assert mean_interval([3.0, 3.0, 3.0]).interval == (3.0, 3.0)
    assert geometric_mean([5.0]).mean == pytest.approx(5.0)
    assert np.isnan(geometric_mean([]).mean)
    assert np.isnan(one_way_icc([1.0, 2.0], ["a", "b"]))
    assert np.isnan(one_way_icc([1.0, 2.0], ["a", "a"]))
    assert np.isnan(one_way_icc([1.0, 1.0, 1.0], ["a", "a", "b"]))


def test_refused_input():
    with pytest.raises(ValueError, match="finite"):
        describe([1.0, np.nan])
    with pytest.raises(ValueError, match="one-dimensional"):
        describe([[1.0]])
    with pytest.raises(ValueError, match="one cluster label"):
        mean_interval([1.0, 2.0], ["a"])


def _coverage(n_patients, icc, n_samples, seed):
    rng = np.random.default_rng(seed)
    covered = 0
    for _ in range(n_samples):
        patient = np.repeat(np.arange(n_patients), np.minimum(rng.geometric(0.3, n_patients), 12))
        values = np.sqrt(icc) * rng.normal(size=n_patients)[patient] + np.sqrt(1 - icc) * rng.normal(size=patient.size)
        low, high = mean_interval(values, patient).interval
        covered += low < 0 < high
    return covered / n_samples


def test_clustered_interval_covers():
    # 1,500 samples: a coverage of 95 % is seen within 93.3 and 96.7 % (3 standard errors)
    assert 0.933 < _coverage(14, 0.5, 1500, seed=1) < 0.967


@pytest.mark.slow
@pytest.mark.parametrize("n_patients", [8, 14, 30])
@pytest.mark.parametrize("icc", [0.0, 0.3, 0.6])
def test_clustered_interval_covers_as_its_docstring_says(n_patients, icc):
    assert 0.93 < _coverage(n_patients, icc, 4000, seed=2) < 0.97
