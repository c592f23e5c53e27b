"""The interval of agreement coefficients: against linearised errors, edges, nesting; coverage is simulated."""

from functools import partial

import numpy as np
import pytest

from biomarker.kernels.agreement_interval import ONE_UNIT, PERFECT, UNDEFINED, agreement_estimate
from biomarker.kernels.chance_agreement import conger_kappa, gwet_coefficient, percent_agreement, rating_sums
from biomarker.kernels.proportion import clopper_pearson_interval, wilson_interval
from tests.coverage.kappa import coverage
from tests.kernels.test_chance_agreement import pairs

PLAIN = np.eye(2)
KAPPA = partial(conger_kappa, weights=PLAIN)


def test_standard_error_is_near_the_linearised_one():
    # the R package irrCAC prints, for 100 pregnancies (Gwet 2014), 0.05891 for kappa and 0.04322 for AC1
    sums = rating_sums(pairs([[13, 0, 0], [0, 20, 7], [0, 4, 56]]), 3)
    for coefficient, expected in ((conger_kappa, 0.05891), (gwet_coefficient, 0.04322), (percent_agreement, 0.03129)):
        found = agreement_estimate(partial(coefficient, weights=np.eye(3)), sums)
        assert found.standard_error == pytest.approx(expected, rel=0.015)  # a jackknife of 100 units
        assert found.df == 99


def test_of_a_plain_share_it_is_nearly_wilsons():
    # for n independent pairs the effective size is n - 1, less for Student's t
    found = agreement_estimate(partial(percent_agreement, weights=PLAIN), rating_sums(pairs([[60, 10], [10, 120]]), 2))
    low, high = wilson_interval(180, 200)
    assert (found.low, found.high) == pytest.approx((low, high), abs=1.5e-3)


def test_perfect_agreement_has_an_interval():
    found = agreement_estimate(KAPPA, rating_sums(pairs([[6, 0], [0, 6]]), 2))
    exact = clopper_pearson_interval(0, 12).high
    assert found.value == found.high == 1
    assert found.low == pytest.approx(1 - exact / 0.5)  # half of all pairs would disagree by chance
    assert found.reason == PERFECT
    nested = agreement_estimate(KAPPA, rating_sums(pairs([[6, 0], [0, 6]]), 2, np.arange(12) // 3))
    assert nested.low < found.low  # four patients, not twelve lesions


def test_no_agreement_at_all():
    found = agreement_estimate(KAPPA, rating_sums(pairs([[0, 6], [6, 0]]), 2))
    assert (found.value, found.low) == (-1, -1)
    assert -1 < found.high < 0.2


def test_undefined_and_single_units():
    one_category = agreement_estimate(KAPPA, rating_sums(pairs([[9, 0], [0, 0]]), 2))
    assert np.isnan(one_category.value)
    assert one_category.reason == UNDEFINED
    one_patient = agreement_estimate(KAPPA, rating_sums(pairs([[4, 1], [1, 4]]), 2, np.zeros(10, int)))
    assert one_patient.value == pytest.approx(0.6)
    assert np.isnan(one_patient.low)
    assert one_patient.reason == ONE_UNIT


def test_leaving_out_the_only_patient_with_a_category():
    # without the last item every rating is of one category: that jackknife value does not count
    found = agreement_estimate(KAPPA, rating_sums(pairs([[8, 0], [0, 1]]), 2))
    assert found.value == 1
    almost = agreement_estimate(KAPPA, rating_sums(np.array([[0, 0]] * 8 + [[0, 1]]), 2))
    assert almost.value == pytest.approx(0)
    assert -1 <= almost.low <= almost.high <= 1


def test_lesions_of_a_patient_are_not_independent():
    rng = np.random.default_rng(3)
    agrees = np.repeat(rng.random(10) < 0.7, 6)
    first = rng.integers(0, 2, 60)
    codes = np.column_stack([first, np.where(agrees, first, 1 - first)])
    patients = np.repeat(np.arange(10), 6)
    naive, nested = (agreement_estimate(KAPPA, rating_sums(codes, 2, units)) for units in (None, patients))
    assert nested.value == pytest.approx(naive.value)
    assert nested.high - nested.low > 1.5 * (naive.high - naive.low)


def test_many_units_are_left_out_in_groups():
    rng = np.random.default_rng(5)
    first = rng.integers(0, 2, 1500)
    codes = np.column_stack([first, np.where(rng.random(1500) < 0.9, first, 1 - first)])
    found = agreement_estimate(KAPPA, rating_sums(codes, 2))
    single = rating_sums(codes, 2)
    values = [KAPPA(single.weighted(1 - np.eye(1500)[i : i + 500])).coefficient for i in range(0, 1500, 500)]
    spread = np.concatenate(values)
    expected = np.sqrt(1499 / 1500 * ((spread - spread.mean()) ** 2).sum())
    assert found.standard_error == pytest.approx(expected, rel=0.1)


@pytest.mark.slow
@pytest.mark.parametrize(("n_readers", "is_nested"), [(2, False), (3, False), (2, True), (3, True)])
def test_coverage(n_readers, is_nested):
    found = coverage(
        name="Cohen or Conger kappa", patients=20, n_readers=n_readers, shape="four categories", error=0.25,
        is_nested=is_nested, n_studies=600,
    )  # fmt: skip
    assert 0.925 < found[0] < 0.99
