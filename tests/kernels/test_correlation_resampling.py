"""Resampled coefficients against R's on the rows written out, and against ours on repeated rows."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from biomarker.kernels.correlation import kendall, pearson, spearman
from biomarker.kernels.correlation_intervals import jackknife_interval
from biomarker.kernels.correlation_partial import partial_correlation, repeated_measures_correlation
from biomarker.kernels.correlation_resampling import (
    resampled_correlation,
    resampled_repeated_measures,
    weighted_midranks,
)
from biomarker.kernels.ranks import midranks
from biomarker.kernels.resampling import jackknife_weights, patient_weights

REFERENCE = json.loads((Path(__file__).parent.parent / "reference" / "correlation.json").read_text())
LESIONS = REFERENCE["lesions"]
LABELS, PATIENT = np.unique(LESIONS["patient_id"], return_inverse=True)
LOGS = {time: np.log(LESIONS[f"suvmax_{time}"]) for time in ("2h", "24h", "48h", "135h")}
PLAIN = {"pearson": pearson, "spearman": spearman, "kendall": kendall}

rows = st.lists(
    st.tuples(st.integers(-4, 4).map(float), st.integers(-4, 4).map(float), st.integers(0, 3)), min_size=2, max_size=15
)


@pytest.mark.parametrize("method", PLAIN)
def test_a_resample_agrees_with_r_on_its_rows_written_out(method):
    expected = REFERENCE["resample"]
    weights = np.array(expected["weights"])[PATIENT]
    found = resampled_correlation(LOGS["2h"], LOGS["24h"], weights[None], method=method)
    assert_allclose(found, [expected[method]], rtol=1e-10)


def test_partial_and_repeated_measures_resamples_agree_with_r():
    expected = REFERENCE["resample"]
    by_patient = np.array(expected["weights"])
    found = resampled_correlation(
        LOGS["24h"], LOGS["135h"], by_patient[PATIENT][None], method="spearman", controls=LOGS["2h"]
    )
    assert_allclose(found, [expected["partial_spearman"]], rtol=1e-9)
    found = resampled_repeated_measures(LOGS["2h"], LOGS["24h"], PATIENT, by_patient[None])
    assert_allclose(found, [expected["rmcorr"]], rtol=1e-9)


@settings(deadline=None, max_examples=60)
@given(rows, st.sampled_from(list(PLAIN)))
def test_weights_are_repeated_rows(data, method):
    x, y, weights = (np.array(column) for column in zip(*data, strict=True))
    if weights.sum() < 2:
        return
    times = weights.astype(int)
    expected = PLAIN[method](np.repeat(x, times), np.repeat(y, times)).value
    assert_allclose(resampled_correlation(x, y, times[None], method=method), [expected], atol=1e-9)


@settings(deadline=None, max_examples=60)
@given(rows)
def test_weighted_midranks_are_those_of_repeated_values(data):
    values, _, weights = (np.array(column) for column in zip(*data, strict=True))
    times = weights.astype(int)
    found = np.repeat(weighted_midranks(values, times[None])[0], times)
    assert_allclose(found, midranks(np.repeat(values, times)))


def test_unit_weights_give_the_plain_coefficients():
    ones = np.ones((1, PATIENT.size), int)
    for method, plain in PLAIN.items():
        expected = plain(LOGS["2h"], LOGS["24h"]).value
        assert_allclose(resampled_correlation(LOGS["2h"], LOGS["24h"], ones, method=method), [expected], rtol=1e-10)
    controls = np.column_stack([LOGS["48h"], LOGS["135h"]])
    for method in PLAIN:
        expected = partial_correlation(LOGS["2h"], LOGS["24h"], controls, method=method).value
        found = resampled_correlation(LOGS["2h"], LOGS["24h"], ones, method=method, controls=controls)
        assert_allclose(found, [expected], rtol=1e-9)
    found = resampled_repeated_measures(LOGS["2h"], LOGS["24h"], PATIENT, np.ones((1, LABELS.size)))
    assert_allclose(found, [repeated_measures_correlation(LOGS["2h"], LOGS["24h"], PATIENT).value], rtol=1e-10)


def test_undefined_resamples_are_nan():
    weights = np.array([[2, 0, 0], [1, 1, 0], [0, 2, 1]])
    for method in PLAIN:
        found = resampled_correlation([3.7, 3.7, 9.1], [1.0, 2.0, 3.0], weights, method=method)
        assert np.isnan(found[:2]).all()
        assert_allclose(found[2], 1)
    assert np.isnan(resampled_repeated_measures([1.0, 1.0, 2.0], [1.0, 2.0, 3.0], [1, 1, 2], [[1, 1]])).all()
    with pytest.raises(ValueError, match="no resampled kendal correlation"):
        resampled_correlation([1, 2], [1, 2], [[1, 1]], method="kendal")


def test_jackknife_interval_of_the_lesions():
    left_out = np.concatenate(
        [
            resampled_correlation(LOGS["2h"], LOGS["24h"], w[:, PATIENT], method="spearman")
            for w in jackknife_weights(14)
        ]
    )
    by_hand = [spearman(LOGS["2h"][patient != PATIENT], LOGS["24h"][patient != PATIENT]).value for patient in range(14)]
    assert_allclose(left_out, by_hand, rtol=1e-10)
    value = spearman(LOGS["2h"], LOGS["24h"]).value
    found = jackknife_interval(value, left_out)
    z = np.arctanh(by_hand)
    error = np.sqrt(13 / 14 * np.sum((z - z.mean()) ** 2))
    assert_allclose(np.arctanh(found.interval), np.arctanh(value) + np.array([-1, 1]) * 2.1603686564610127 * error)
    assert found.df == 13
    assert (found.p_value < 0.05) == (found.interval.low > 0)


def test_jackknife_interval_is_undefined_without_spread():
    for value, left_out in ((0.5, [0.5, 0.5]), (1.0, [1.0, 1.0, 0.9]), (0.5, [0.5, 0.5, 0.5]), (0.5, [0.5, 1.0, 0.4])):
        found = jackknife_interval(value, left_out)
        assert np.isnan([*found.interval, found.p_value]).all()
        assert found.value == value


def _coverage(n_patients, n_samples, seed):
    """Share of samples whose interval holds the true Spearman correlation of a nested bivariate normal pair."""
    rng = np.random.default_rng(seed)
    rho = 0.55  # 0.5 * 0.9 between patients plus 0.5 * 0.2 within
    truth = 6 / np.pi * np.arcsin(rho / 2)
    covered = 0
    for _ in range(n_samples):
        patient = np.repeat(np.arange(n_patients), np.minimum(rng.geometric(0.3, n_patients), 12))

        def pair(n, r):
            first, second = rng.normal(size=(2, n))
            return first, r * first + np.sqrt(1 - r * r) * second

        between, within = pair(n_patients, 0.9), pair(patient.size, 0.2)
        x, y = (b[patient] + w for b, w in zip(between, within, strict=True))
        weights = np.concatenate(list(jackknife_weights(n_patients)))
        left_out = resampled_correlation(x, y, weights[:, patient], method="spearman")
        found = jackknife_interval(spearman(x, y).value, left_out)
        covered += found.interval.low < truth < found.interval.high
    return covered / n_samples


def test_jackknife_interval_covers():
    # 500 samples: 95 % is seen within 92 and 98 %
    assert 0.92 < _coverage(20, 500, seed=1) < 0.98


@pytest.mark.slow
@pytest.mark.parametrize("n_patients", [8, 14, 30])
def test_jackknife_interval_covers_as_its_docstring_says(n_patients):
    assert 0.92 < _coverage(n_patients, 2000, seed=2) < 0.985


def test_results_do_not_depend_on_chunks():
    whole = np.concatenate(list(patient_weights(14, 100, 5)))
    once = resampled_correlation(LOGS["2h"], LOGS["24h"], whole[:, PATIENT], method="spearman")
    parts = [resampled_correlation(LOGS["2h"], LOGS["24h"], w[None, PATIENT], method="spearman") for w in whole]
    assert_allclose(np.concatenate(parts), once, rtol=1e-13)
