"""Expected values: tests/reference/group_difference.R (Datta-Satten from the formulas; exactRankTests::perm.test)."""

import json
from itertools import combinations, product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy.special import ndtr

from biomarker.kernels.clustered_ranks import (
    centre_interval,
    datta_satten,
    patient_friedman,
    patient_rank_sum,
    patient_signed_rank,
    shift_interval,
)
from biomarker.kernels.rank_tests import hodges_lehmann, mann_whitney, pseudo_median, signed_rank
from biomarker.kernels.rank_tests_several import friedman
from biomarker.kernels.ranks import midranks

REFERENCE = json.loads((Path(__file__).parent.parent / "reference" / "group_difference.json").read_text())
LESIONS = REFERENCE["lesions"]
PATIENT = np.array(LESIONS["patient_id"])
UPTAKE = np.array(LESIONS["suvmax_24h"])
IMMUNO = np.array(LESIONS["on_immunotherapy"]) == 1
NODE = np.array(LESIONS["is_node"]) == 1
TIMES = np.column_stack([LESIONS[f"suvmax_{time}"] for time in ("2h", "24h", "48h", "135h")])

lesions = st.lists(st.tuples(st.integers(0, 9).map(float), st.integers(0, 5)), min_size=3, max_size=14)


def test_patient_rank_sum_agrees_with_r():
    found = patient_rank_sum(UPTAKE, IMMUNO, PATIENT)
    expected = REFERENCE["patient_permutation_immuno"]
    assert found.exact
    assert found.statistic == expected["statistic"]
    assert_allclose(found.p_value, expected["p"], rtol=1e-9)
    # the naive p is 0.013: 24 v 18 lesions are 7 v 7 patients
    assert found.p_value > 4 * mann_whitney(UPTAKE[IMMUNO], UPTAKE[~IMMUNO]).p_value


@pytest.mark.parametrize(("name", "group"), [("immuno", IMMUNO), ("node", NODE)])
def test_datta_satten_agrees_with_r(name, group):
    expected = REFERENCE[f"datta_satten_{name}"]
    found = datta_satten(UPTAKE, group, PATIENT)
    assert_allclose(found[:3], (expected["s"], expected["z"], expected["p_t"]), rtol=1e-10)
    assert_allclose(2 * ndtr(-abs(found.z)), expected["p_normal"], rtol=1e-10)


def test_datta_satten_statistic_is_the_mean_over_draws_of_one_lesion_a_patient():
    values, group = np.array([3.0, 1.0, 2.0, 5.0, 2.0, 4.0]), np.array([1, 0, 1, 1, 0, 0], bool)
    patient = np.array([0, 0, 1, 1, 2, 2])
    sums = []
    for draw in product([0, 1], [2, 3], [4, 5]):
        rows = list(draw)
        sums.append(midranks(values[rows])[group[rows]].sum() / 4)
    assert_allclose(datta_satten(values, group, patient).statistic, np.mean(sums))


@settings(deadline=None, max_examples=60)
@given(lesions, st.data())
def test_patient_rank_sum_by_listing(rows, data):
    values, patient = np.array([v for v, _ in rows]), np.array([p for _, p in rows])
    patients = np.unique(patient)
    chosen = data.draw(st.sets(st.sampled_from(patients.tolist())))
    group = np.isin(patient, list(chosen))
    found = patient_rank_sum(values, group, patient)
    scores = np.array([np.sum(midranks(values)[patient == p] - (values.size + 1) / 2) for p in patients])
    if len(chosen) in (0, patients.size) or not np.abs(scores).max() > 0:
        assert np.isnan(found.p_value)
        return
    totals = np.array([scores[list(c)].sum() for c in combinations(range(patients.size), len(chosen))])
    tails = [np.mean(totals <= found.statistic + 1e-9), np.mean(totals >= found.statistic - 1e-9)]
    assert_allclose(found.p_value, min(1, 2 * min(tails)), rtol=1e-9)


@settings(deadline=None, max_examples=60)
@given(lesions)
def test_patient_signed_rank_by_listing(rows):
    differences, patient = np.array([v - 4 for v, _ in rows]), np.array([p for _, p in rows])
    found = patient_signed_rank(differences, patient)
    kept = differences != 0
    if not kept.any():
        assert np.isnan(found.p_value)
        return
    signed = midranks(np.abs(differences[kept])) * np.sign(differences[kept])
    scores = np.array([signed[patient[kept] == p].sum() for p in np.unique(patient[kept])])
    totals = np.array([np.dot(scores, signs) for signs in product([-1, 1], repeat=scores.size)])
    tails = [np.mean(totals <= found.statistic + 1e-9), np.mean(totals >= found.statistic - 1e-9)]
    assert_allclose(found.p_value, min(1, 2 * min(tails)), rtol=1e-9)


@settings(deadline=None, max_examples=30)
@given(st.lists(st.integers(-9, 9).map(float), min_size=2, max_size=12), st.integers(1, 11))
def test_one_lesion_a_patient_gives_the_ordinary_exact_tests(values, cut):
    sample = np.array(values)
    group = np.arange(sample.size) < min(cut, sample.size - 1)
    patient = np.arange(sample.size)
    if np.ptp(sample) > 0:
        expected = mann_whitney(sample[group], sample[~group], method="exact").p_value
        assert_allclose(patient_rank_sum(sample, group, patient).p_value, expected, rtol=1e-9)
    expected = signed_rank(sample, method="exact").p_value
    assert_allclose(patient_signed_rank(sample, patient).p_value, expected, rtol=1e-9)


def test_duplicating_every_lesion_changes_no_p():
    twice = np.repeat(np.arange(UPTAKE.size), 2)
    assert_allclose(
        patient_rank_sum(UPTAKE[twice], IMMUNO[twice], PATIENT[twice]).p_value,
        patient_rank_sum(UPTAKE, IMMUNO, PATIENT).p_value,
    )


def test_normal_approximation_is_near_the_exact_p():
    rng = np.random.default_rng(3)
    patient = np.repeat(np.arange(30), rng.integers(1, 6, 30))
    values = rng.normal(size=30)[patient] + rng.normal(size=patient.size) + 0.4 * (patient < 15)
    exact = patient_rank_sum(values, patient < 15, patient)
    approximate = patient_rank_sum(values, patient < 15, patient, max_operations=0)
    assert exact.exact
    assert not approximate.exact
    assert_allclose(approximate.p_value, exact.p_value, atol=0.005)


def test_shift_interval_without_nesting_is_hodges_lehmann():
    first = np.array([0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46])
    second = np.array([1.15, 0.88, 0.90, 0.74, 1.21])
    values, group = np.concatenate([first, second]), np.arange(15) < 10
    found = shift_interval(values, group, np.arange(15), test=patient_rank_sum)
    assert_allclose(found, hodges_lehmann(first, second).interval, rtol=1e-12)


def test_shift_interval_is_what_the_test_accepts():
    values = np.log(UPTAKE)
    found = shift_interval(values, IMMUNO, PATIENT, test=patient_rank_sum)
    differences = np.unique(np.subtract.outer(values[IMMUNO], values[~IMMUNO]))
    between = (differences[1:] + differences[:-1]) / 2
    accepted = [s for s in between if patient_rank_sum(values - s * IMMUNO, IMMUNO, PATIENT).p_value > 0.05]
    assert found.low < min(accepted) < found.low + np.diff(differences).max()
    assert found.high > max(accepted) > found.high - np.diff(differences).max()
    assert found.low < 0 < found.high  # p is 0.06


def test_shift_interval_is_infinite_with_too_few_patients():
    found = shift_interval([5.0, 6.0, 7.0, 1.0, 2.0], np.arange(5) < 3, [1, 1, 2, 3, 4], test=patient_rank_sum)
    assert found == (-np.inf, np.inf)


def test_centre_interval_without_nesting_is_that_of_the_signed_rank_test():
    differences = np.array([0.952, -0.147, 1.022, 0.43, 0.62, 0.59, 0.49, -0.08, 0.01])
    found = centre_interval(differences, np.arange(9))
    assert_allclose(found, pseudo_median(differences).interval, rtol=1e-12)
    assert centre_interval([1.0, 2.0, 3.0], [1, 2, 3]) == (-np.inf, np.inf)


def test_centre_interval_is_what_the_test_accepts():
    differences = np.log(TIMES[:, 3] / TIMES[:, 0])
    found = centre_interval(differences, PATIENT)
    averages = np.unique(np.add.outer(differences, differences)) / 2
    between = (averages[1:] + averages[:-1]) / 2
    accepted = [c for c in between if patient_signed_rank(differences - c, PATIENT).p_value > 0.05]
    assert found.low < min(accepted)
    assert found.high > max(accepted)
    assert (found.low > 0) == (patient_signed_rank(differences, PATIENT).p_value <= 0.05)


def test_patient_friedman():
    alone = patient_friedman(TIMES, np.arange(42), n_resamples=4999, rng=1)
    plain = friedman(TIMES)
    assert_allclose(alone.statistic, plain.statistic, rtol=1e-12)
    assert_allclose(alone.p_value, plain.p_value, atol=0.015)  # 4,999 permutations against chi-square
    nested = patient_friedman(TIMES, PATIENT, n_resamples=4999, rng=1)
    assert nested.p_value > alone.p_value
    assert nested == patient_friedman(TIMES, PATIENT, n_resamples=4999, rng=1)
    twice = np.repeat(np.arange(42), 2)
    assert patient_friedman(TIMES[twice], PATIENT[twice], n_resamples=4999, rng=1).p_value == nested.p_value


def test_degenerate_input():
    group = np.array([True, False, True])
    assert np.isnan(patient_rank_sum([1.0, 1.0, 1.0], group, [1, 2, 3]).p_value)
    assert np.isnan(datta_satten([1.0, 1.0, 1.0], group, [1, 2, 3]).p_value)
    assert np.isnan(datta_satten([1.0, 2.0], np.array([True, True]), [1, 2]).p_value)
    assert np.isnan(patient_signed_rank([0.0], [1]).p_value)
    assert np.isnan(patient_friedman([[1.0, 1.0]], [1]).p_value)
    with pytest.raises(ValueError, match="varies within a patient"):
        patient_rank_sum([1.0, 2.0, 3.0], group, [1, 1, 2])
    with pytest.raises(ValueError, match="one bool per value"):
        datta_satten([1.0, 2.0], [1, 0], [1, 2])
    with pytest.raises(ValueError, match="complete table"):
        patient_friedman([[1.0, np.nan]], [1])


def test_false_positives_of_the_nested_tests_stay_at_their_level():
    # 6 v 6 patients with skewed lesion counts and within-patient correlation 0.6; 300 null samples: 5 % seen below 9 %
    rng = np.random.default_rng(8)
    refuted = dict.fromkeys(["patients", "datta_satten", "naive"], 0)
    for _ in range(300):
        patient = np.repeat(np.arange(12), np.minimum(rng.geometric(0.3, 12), 10))
        values = np.sqrt(0.6) * rng.normal(size=12)[patient] + np.sqrt(0.4) * rng.normal(size=patient.size)
        group = patient % 2 == 0
        refuted["patients"] += patient_rank_sum(values, group, patient).p_value <= 0.05
        refuted["datta_satten"] += datta_satten(values, group, patient).p_value <= 0.05
        refuted["naive"] += mann_whitney(values[group], values[~group], method="asymptotic").p_value <= 0.05
    assert refuted["patients"] / 300 < 0.09
    assert refuted["datta_satten"] / 300 < 0.09
    assert refuted["naive"] / 300 > 0.15


@pytest.mark.parametrize("test", [patient_rank_sum, datta_satten])
def test_intervals_too_large_to_lay_out_are_the_same(monkeypatch, test):
    group = IMMUNO if test is patient_rank_sum else NODE
    values, differences = np.log(UPTAKE), TIMES[:, 1] - TIMES[:, 0]
    laid_out = shift_interval(values, group, PATIENT, test=test), centre_interval(differences, PATIENT)
    monkeypatch.setattr("biomarker.kernels.clustered_ranks.LAID_OUT", 10)
    monkeypatch.setattr("biomarker.kernels.rank_tests.LAID_OUT", 10)
    searched = shift_interval(values, group, PATIENT, test=test), centre_interval(differences, PATIENT)
    assert_allclose(searched, laid_out, rtol=1e-7, atol=1e-9)


def test_datta_satten_is_that_of_every_pair_laid_out():
    rng = np.random.default_rng(11)
    values, patient, group = rng.integers(0, 9, 60).astype(float), rng.integers(0, 12, 60), rng.random(60) < 0.5
    sizes = np.bincount(patient, minlength=12)
    order = (np.sign(values[:, None] - values[None, :]) + 1) / 2
    below = np.stack([np.bincount(patient, row, minlength=12) for row in order])[:, sizes > 0] / sizes[sizes > 0]
    own = below[np.arange(60), np.unique(patient, return_inverse=True)[1]]
    expected = np.sum(group / sizes[patient] * (1 + below.sum(axis=1) - own)) / (np.unique(patient).size + 1)
    assert_allclose(datta_satten(values, group, patient).statistic, expected, rtol=1e-12)
