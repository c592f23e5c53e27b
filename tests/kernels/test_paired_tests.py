import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biomarker.kernels.paired_proportions import mcnemar, paired_ratio, unpaired_difference
from biomarker.kernels.paired_tests import (
    COMPARED,
    Side,
    difference,
    proportion_of,
    ratio,
    score_test,
    side,
    wald_test,
    weighted_score_test,
)

REFERENCE = json.loads((Path(__file__).parents[1] / "reference" / "compare_tests.json").read_text())
# Paired1 of the R package DTComPair (Stock and Hielscher): reference standard, test 1, test 2, how often
PAIRED1 = np.repeat(
    [[1, 1, 1], [1, 0, 1], [1, 1, 0], [1, 0, 0], [0, 1, 1], [0, 0, 1], [0, 1, 0], [0, 0, 0]],
    [319, 22, 78, 32, 31, 22, 53, 155],
    axis=0,
).astype(bool)
rows = st.lists(st.tuples(*[st.booleans()] * 3, st.integers(0, 5)), min_size=4, max_size=40)


def sides(quantity, data=PAIRED1):
    truth, first, second = np.asarray(data).T[:3].astype(bool)
    return side(quantity, truth, first), side(quantity, truth, second)


def nested_sides(quantity):
    nested = REFERENCE["nested"]
    truth = np.array(nested["d"])
    pair = side(quantity, truth, nested["y1"]), side(quantity, truth, nested["y2"])
    return *pair, np.array(nested["id"]) - 1


def test_weighted_score_reproduces_dtcompair():
    # pv.wgs(Paired1), as printed in the README of DTComPair 1.2.0
    ppv, npv = weighted_score_test(*sides("ppv"), None), weighted_score_test(*sides("npv"), None)
    assert (ppv.statistic, ppv.p_value) == (pytest.approx(5.465887, abs=5e-7), pytest.approx(0.0193912, abs=5e-8))
    assert (npv.statistic, npv.p_value) == (pytest.approx(16.5354, abs=5e-5), pytest.approx(4.775012e-05, rel=1e-6))


def test_relative_predictive_values_reproduce_dtcompair():
    # pv.rpv(Paired1), as printed in the README of DTComPair 1.2.0
    for quantity, expected, statistic in [
        ("ppv", [0.9536462, 0.9171445, 0.9916006], -2.383559),
        ("npv", [1.171454, 1.087723, 1.261629], 4.182314),
    ]:
        found, test = ratio(*sides(quantity), None), wald_test(*sides(quantity), None)
        assert list(found[:3]) == pytest.approx(expected, rel=5e-7)
        assert test.statistic == pytest.approx(statistic, rel=5e-7)


@pytest.mark.parametrize("quantity", ["ppv", "npv"])
def test_generalized_score_agrees_with_the_estimating_equations(quantity):
    # Boos's generalized score, built in R from A and B of the logistic GEE; geepack for the log ratio; compare_tests.R
    expected = REFERENCE["predictive"][quantity]
    assert score_test(*sides(quantity), None).statistic == pytest.approx(expected["score"], rel=1e-10)
    log_ratio, error = expected["log_ratio"]
    assert np.log(ratio(*sides(quantity), None).value) == pytest.approx(log_ratio, abs=1e-9)
    assert wald_test(*sides(quantity), None).statistic == pytest.approx(log_ratio / error, rel=1e-8)


@pytest.mark.parametrize("quantity", ["ppv", "npv"])
def test_nested_score_agrees_with_the_estimating_equations(quantity):
    # the same with one cluster a patient
    expected = REFERENCE["nested"][quantity]
    first, second, patients = nested_sides(quantity)
    assert score_test(first, second, patients).statistic == pytest.approx(expected["score"], rel=1e-8)
    assert np.log(ratio(first, second, patients).value) == pytest.approx(expected["log_ratio"][0], abs=1e-9)


@pytest.mark.parametrize("quantity", ["sensitivity", "specificity"])
def test_score_of_the_same_rows_is_mcnemar(quantity):
    first, second = sides(quantity)
    b = (first.successes & ~second.successes).sum()
    c = (~first.successes & second.successes).sum()
    a = (first.successes & second.successes).sum()
    assert score_test(first, second, None).statistic == pytest.approx(mcnemar(b, c).statistic)
    assert weighted_score_test(first, second, None).statistic == pytest.approx(mcnemar(b, c).statistic)
    assert list(ratio(first, second, None)[:3]) == pytest.approx(list(paired_ratio(a, b, c)[:3]))


def test_tests_that_share_no_row_are_compared_as_independent():
    rng = np.random.default_rng(6)
    successes, in_first = rng.random(120) < 0.6, np.arange(120) < 70
    first, second = Side(successes & in_first, in_first), Side(successes & ~in_first, ~in_first)
    x1, x2 = first.successes.sum(), second.successes.sum()
    expected = unpaired_difference(x1, 70, x2, 50)
    assert list(difference(first, second, None)[:3]) == pytest.approx(list(expected[:3]))
    pooled = (x1 + x2) / 120
    z2 = (x1 / 70 - x2 / 50) ** 2 / (pooled * (1 - pooled) * (1 / 70 + 1 / 50))
    assert weighted_score_test(first, second, None).statistic == pytest.approx(z2)


@pytest.mark.parametrize("quantity", COMPARED)
def test_every_row_its_own_patient_changes_little(quantity):
    first, second = sides(quantity)
    alone = np.arange(len(PAIRED1))
    assert score_test(first, second, alone) == pytest.approx(score_test(first, second, None))
    assert weighted_score_test(first, second, alone) == pytest.approx(weighted_score_test(first, second, None))
    assert list(difference(first, second, alone)[:3]) == pytest.approx(
        list(difference(first, second, None)[:3]), abs=1e-3
    )
    assert list(ratio(first, second, alone)[:3]) == pytest.approx(list(ratio(first, second, None)[:3]), rel=1e-3)


def test_lesions_that_repeat_one_another_are_no_new_evidence():
    data = PAIRED1[::12]
    patients = np.arange(len(data))
    thrice, of_thrice = np.repeat(data, 3, axis=0), np.repeat(patients, 3)
    for quantity in COMPARED:
        once = score_test(*sides(quantity, data), patients).statistic
        assert score_test(*sides(quantity, thrice), of_thrice).statistic == pytest.approx(once)
        assert score_test(*sides(quantity, thrice), None).statistic == pytest.approx(3 * once)


@given(data=rows, quantity=st.sampled_from(COMPARED), is_nested=st.booleans())
@settings(max_examples=80, deadline=None)
def test_swapping_the_tests_turns_the_sign(data, quantity, is_nested):
    table = np.array(data)
    patients = np.unique(table[:, 3], return_inverse=True)[1] if is_nested else None
    first, second = sides(quantity, table)
    one, other = difference(first, second, patients), difference(second, first, patients)
    assert list(other[:3]) == pytest.approx([-one.value, -one.high, -one.low], nan_ok=True, abs=1e-12)
    over, under = ratio(first, second, patients), ratio(second, first, patients)
    if over.value > 0 and np.isfinite(over.value):
        assert over.value == pytest.approx(1 / under.value)
    for test in (score_test, weighted_score_test):
        assert test(first, second, patients).p_value == pytest.approx(
            test(second, first, patients).p_value, nan_ok=True, abs=1e-9
        )
    if np.isnan(one.value) or np.isnan(one.low):
        assert one.reason


@pytest.mark.parametrize("quantity", COMPARED)
@pytest.mark.parametrize("patients", [None, np.arange(len(PAIRED1)) // 4])
def test_identical_tests_do_not_differ(quantity, patients):
    one, _ = sides(quantity)
    found = difference(one, one, patients)
    # combined limits stay a little open, as far as each proportion's own limits are uneven
    assert found.value == 0
    assert found.low == pytest.approx(-found.high)
    assert 0 < found.high < 0.04
    for test in (score_test, weighted_score_test, wald_test):
        assert test(one, one, patients).p_value == 1


def test_a_test_without_any_positive_has_no_ppv():
    truth, never = np.array([1, 1, 0, 0], bool), np.zeros(4, bool)
    first, second = side("ppv", truth, never), side("ppv", truth, truth)
    assert np.isnan(difference(first, second, None).value)
    assert difference(first, second, None).reason == "a test has no row that counts"
    assert proportion_of(first, None, interval="wilson", confidence_level=0.95).reason
    for test in (score_test, weighted_score_test, wald_test):
        assert np.isnan(test(first, second, None).p_value)
    zero = ratio(side("ppv", truth, ~truth), second, None)
    assert zero.value == 0
    assert "zero" in zero.reason


def test_unknown_quantity_is_refused():
    with pytest.raises(ValueError, match="no quantity 'auc'"):
        side("auc", [1, 0], [1, 0])


def test_nested_tests_keep_their_level_where_naive_ones_do_not():
    # two tests with the same accuracy, 20 patients, strong correlation within patients
    rng = np.random.default_rng(11)
    nested, naive = [], []
    for _ in range(250):
        counts = 1 + rng.negative_binomial(1, 1 / 4.5, size=20)
        patient = np.repeat(np.arange(20), counts)
        n = len(patient)
        truth = np.sqrt(0.5) * (rng.normal(size=20)[patient] + rng.normal(size=n)) < 0
        calls = [
            1.8 * truth + np.sqrt(0.5) * (rng.normal(size=20)[patient] + rng.normal(size=n)) >= 0.7 for _ in range(2)
        ]
        pair = [side("ppv", truth, call) for call in calls]
        nested.append(score_test(*pair, patient).p_value < 0.05)
        naive.append(score_test(*pair, None).p_value < 0.05)
    assert np.mean(nested) < 0.09
    assert np.mean(naive) > 0.12
