"""Obuchowski 1997 against the formulas written as loops in R, against DeLong, and on few patients."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biomarker.kernels.auc_interval import difference_test
from biomarker.kernels.delong import delong
from biomarker.kernels.obuchowski import obuchowski, patient_counts

REFERENCE = json.loads((Path(__file__).parents[1] / "reference" / "roc.json").read_text(encoding="utf-8"))


def nested_samples(min_lesions=3):
    def build(n):
        column = st.lists(st.integers(0, 6), min_size=n, max_size=n)
        patients = st.lists(st.integers(0, 4), min_size=n, max_size=n)
        positive = st.lists(st.booleans(), min_size=n, max_size=n).filter(lambda row: any(row) and not all(row))
        return st.tuples(column, column, positive, patients).map(lambda parts: tuple(map(np.array, parts)))

    return st.integers(min_lesions, 20).flatmap(build)


@pytest.mark.parametrize("case", REFERENCE["nested"], ids=["6 patients", "15 patients", "aSAH in threes"])
def test_agrees_with_the_formulas_written_as_loops(case):
    estimate = obuchowski([case["one"], case["two"]], case["positive"], case["patient"])
    assert estimate.auc == pytest.approx(case["auc"], abs=1e-14)
    assert estimate.covariance == pytest.approx(np.array(case["covariance"]), rel=1e-10)


@settings(max_examples=50, deadline=None)
@given(nested_samples())
def test_one_lesion_per_patient_is_delong(sample):
    one, two, positive, _ = sample
    patient = np.arange(one.size)
    plain = delong([one, two], positive)
    for small_sample in ("none", "leverage"):
        nested = obuchowski([one, two], positive, patient, small_sample=small_sample)
        assert (nested.auc == plain.auc).all()
        assert nested.covariance == pytest.approx(plain.covariance, abs=1e-14, nan_ok=True)


@settings(max_examples=50, deadline=None)
@given(nested_samples())
def test_invariances(sample):
    one, _, positive, patient = sample
    for small_sample in ("none", "leverage"):
        estimate = obuchowski(one, positive, patient, small_sample=small_sample)
        renamed = obuchowski(
            2 * one + 1, positive, np.char.add("patient ", patient.astype(str)), small_sample=small_sample
        )
        assert renamed.covariance == pytest.approx(estimate.covariance, nan_ok=True, abs=1e-15)
        mirrored = obuchowski(-one, positive, patient, small_sample=small_sample)
        assert mirrored.auc == pytest.approx(1 - estimate.auc)
        assert mirrored.covariance == pytest.approx(estimate.covariance, nan_ok=True, abs=1e-14)
        assert np.isnan(estimate.covariance[0, 0]) or estimate.covariance[0, 0] >= -1e-15 or small_sample == "none"


@settings(max_examples=50, deadline=None)
@given(nested_samples())
def test_identical_markers_differ_by_exactly_nothing(sample):
    one, two, positive, patient = sample
    counts = patient_counts(positive, patient)
    for small_sample in ("none", "leverage"):
        estimate = obuchowski(
            [one, two, one], positive, patient, contrast=[[1, 0, -1], [0, 1, -1]], small_sample=small_sample
        )
        assert estimate.auc[0] == 0
        if min(counts.with_positive, counts.with_negative) > 1:
            assert estimate.covariance[0, 0] == 0
            assert difference_test(estimate.auc[0], estimate.covariance[0, 0]).p_value == 1


def test_copying_every_lesion_changes_nothing():
    # A patient whose lesions are all written down twice knows no more than before; DeLong would halve the variance.
    rng = np.random.default_rng(2)
    patient = np.repeat(np.arange(12), rng.integers(1, 5, 12))
    positive = rng.random(patient.size) < 0.5
    marker = rng.normal(size=patient.size) + positive
    twice = [np.concatenate((column, column)) for column in (marker, positive, patient)]
    for small_sample in ("none", "leverage"):
        once = obuchowski(marker, positive, patient, small_sample=small_sample)
        again = obuchowski(*twice, small_sample=small_sample)
        assert again.auc == pytest.approx(once.auc)
        assert again.covariance == pytest.approx(once.covariance)
    assert delong(twice[0], twice[1]).covariance < 0.55 * delong(marker, positive).covariance


def test_leverage_is_the_delete_one_patient_jackknife_in_the_limit():
    rng = np.random.default_rng(4)
    patient = np.repeat(np.arange(200), rng.integers(1, 4, 200))
    positive = rng.random(patient.size) < 0.4
    marker = rng.normal(size=patient.size) + rng.normal(size=200)[patient] + positive
    left_out = np.array(
        [obuchowski(marker[patient != i], positive[patient != i], patient[patient != i]).auc[0] for i in range(200)]
    )
    jackknife = 199 / 200 * ((left_out - left_out.mean()) ** 2).sum()
    estimate = obuchowski(marker, positive, patient, small_sample="leverage")
    assert estimate.covariance[0, 0] == pytest.approx(jackknife, rel=0.02)


def test_separate_patients_give_independent_curves():
    rng = np.random.default_rng(8)
    patient = np.repeat(np.arange(20), 3)
    positive = rng.random(60) < 0.5
    marker = rng.normal(size=60) + positive
    first = patient < 9
    markers = np.stack((np.where(first, marker, np.nan), np.where(first, np.nan, marker)))
    together = obuchowski(markers, positive, patient)
    apart = [obuchowski(marker[rows], positive[rows], patient[rows]) for rows in (first, ~first)]
    assert together.auc == pytest.approx([curve.auc[0] for curve in apart])
    assert together.covariance == pytest.approx(np.diag([curve.covariance[0, 0] for curve in apart]))


def test_two_groups_of_lesions_of_the_same_patients_are_correlated():
    # every patient has the same lesions in both groups, so the difference is 0 without variance
    marker = np.tile([1.0, 3.0, 2.0, 4.0, 2.5, 1.5], 2)
    positive = np.tile([False, True, False, True, False, True], 2)
    patient = np.tile([0, 0, 1, 1, 2, 2], 2)
    group = np.repeat([False, True], 6)
    markers = np.stack((np.where(group, marker, np.nan), np.where(group, np.nan, marker)))
    estimate = obuchowski(markers, positive, patient, contrast=[[1, -1]])
    assert estimate.auc[0] == 0
    assert estimate.covariance[0, 0] == 0


@pytest.mark.parametrize("small_sample", ["none", "leverage"])
def test_one_patient_in_a_class_has_no_variance(small_sample):
    estimate = obuchowski(
        [5.0, 4.0, 1.0, 2.0, 3.0], [True, True, False, False, False], [1, 1, 1, 2, 3], small_sample=small_sample
    )
    assert estimate.auc[0] == 1
    assert np.isnan(estimate.covariance).all()


def test_patients_with_one_class_and_with_both():
    counts = patient_counts([1, 1, 0, 0, 1, 0], ["a", "a", "b", "c", "c", "c"])
    assert counts == (3, 2, 2, 1)


@pytest.mark.parametrize(
    "call",
    [
        lambda: obuchowski([1.0, 2.0], [True, False], [1]),
        lambda: obuchowski([1.0, 2.0], [True, True], [1, 2]),
        lambda: obuchowski([1.0, 2.0], [True, False], [1, 2], small_sample="big"),
        lambda: obuchowski([1.0, np.nan], [True, False], [1, 2]),
    ],
)
def test_impossible_input_is_refused(call):
    with pytest.raises(ValueError, match=r"need|long|small_sample"):
        call()


@pytest.mark.slow
def test_default_interval_covers_where_naive_does_not():
    # 600 studies a design leave an error of 1 %; the full table is `python -m tests.coverage.auc`
    from tests.coverage.auc import area_coverage

    for patients in (15, 40):
        found = area_coverage(area=0.85, patients=patients, correlation=0.5, mean_lesions=2.5, n_studies=600)
        assert 0.92 <= found["leverage, t(K-1) (default)"] <= 0.98
    assert found["naive DeLong"] < 0.92
