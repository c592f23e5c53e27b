import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biomarker.kernels.clustered_proportion import clustered_proportion, kish_size
from biomarker.kernels.patient_variance import combined_df, patient_variance, student_quantile
from biomarker.kernels.proportion import clopper_pearson_interval, wilson_interval
from tests.coverage.proportions import beta_binomial, coverage

REFERENCE = json.loads((Path(__file__).parents[1] / "reference" / "predictive_values.json").read_text())
METHODS = ("effective_size", "robust", "exchangeable", "logit", "jackknife_logit")
patients = st.lists(st.integers(1, 9).flatmap(lambda m: st.tuples(st.integers(0, m), st.just(m))), min_size=2)


def test_variances_agree_with_geepack():
    # geepack::geeglm(corstr = "independence") robust variance, times K/(K-1), which it leaves out; ICC by anova(lm())
    expected = REFERENCE["nested"]
    found = clustered_proportion(expected["x"], expected["m"], method="robust")
    p, m, k = expected["p"], np.array(expected["m"]), len(expected["m"])
    x = np.array(expected["x"])
    total = m.sum()
    parts = patient_variance((x - p * m) / total, (x * (1 - p) ** 2 + (m - x) * p**2) / total**2, m)
    assert found.value == pytest.approx(p, abs=1e-12)
    assert parts.robust * (k - 1) / k == pytest.approx(expected["variance"], rel=1e-9)
    assert parts.exchangeable == pytest.approx(expected["exchangeable"], rel=1e-10)
    assert found.icc == pytest.approx(expected["icc"], rel=1e-10)
    assert found.variance == pytest.approx(max(parts.robust, parts.exchangeable), rel=1e-12)


def test_logit_interval_agrees_with_geepack():
    expected = REFERENCE["nested"]
    k = len(expected["m"])
    error = np.sqrt(expected["logit_variance"] * k / (k - 1))
    found = clustered_proportion(expected["x"], expected["m"], method="logit")
    centre = np.log(expected["p"] / (1 - expected["p"]))
    for limit, sign in ((found.low, -1), (found.high, 1)):
        logit = centre + sign * student_quantile(k - 1, 0.95) * error
        assert limit == pytest.approx(1 / (1 + np.exp(-logit)), rel=1e-9)


def test_default_is_the_wilson_interval_at_the_effective_size():
    x, m = [6, 0, 3, 2, 1, 3], [6, 3, 4, 2, 2, 3]
    found = clustered_proportion(x, m)
    ratio = 1.959963984540054 / student_quantile(5, 0.95)
    size = 20 / found.design_effect * ratio**2
    assert (found.low, found.high) == pytest.approx(wilson_interval(0.75 * size, size), abs=1e-12)


@given(counts=patients)
@settings(max_examples=60, deadline=None)
def test_nested_interval_is_never_narrower_than_the_naive_one(counts):
    x, m = np.array(counts).T
    found = clustered_proportion(x, m)
    low, high = wilson_interval(x.sum(), m.sum())
    assert found.low <= found.value <= found.high
    assert found.design_effect >= 1 or np.isnan(found.design_effect)
    if 0 < found.value < 1:
        assert found.low <= low + 1e-12
        assert found.high >= high - 1e-12


@given(counts=patients, method=st.sampled_from(METHODS))
@settings(max_examples=60, deadline=None)
def test_negatives_mirror_positives_and_order_is_nothing(counts, method):
    x, m = np.array(counts).T
    found = clustered_proportion(x, m, method=method)
    mirror = clustered_proportion((m - x)[::-1], m[::-1], method=method)
    assert (1 - mirror.high, 1 - mirror.low) == pytest.approx((found.low, found.high), abs=1e-9)


def test_one_lesion_each_is_nearly_the_independent_interval():
    x = np.repeat([1, 0], [60, 40])
    found = clustered_proportion(x, np.ones(100))
    assert (found.low, found.high) == pytest.approx(wilson_interval(60, 100), abs=0.003)


def test_duplicated_lesions_are_no_new_patients():
    # every lesion counted three times: the naive interval shrinks, the nested one may not
    x, m = np.array([1, 0, 1, 1, 0, 1, 1, 1]), np.ones(8)
    one, three = clustered_proportion(x, m), clustered_proportion(3 * x, 3 * m)
    assert three.icc == 1.0
    assert (three.low, three.high) == pytest.approx((one.low, one.high), abs=0.02)


@pytest.mark.parametrize("method", METHODS)
def test_all_alike_has_the_exact_limit_of_that_many_patients(method):
    found = clustered_proportion([3, 3, 3, 3], [3, 3, 3, 3], method=method)
    assert found.low == pytest.approx(0.025 ** (1 / 4))
    assert found.high == 1.0
    assert "exact" in found.reason
    none = clustered_proportion([0, 0, 0], [16, 1, 1], method=method)
    assert (none.low, none.high) == pytest.approx(clopper_pearson_interval(0, 18**2 / 258))


def test_patients_without_a_lesion_in_the_denominator_take_no_part():
    with_empty = clustered_proportion([2, 0, 1, 0, 3], [3, 0, 2, 0, 3])
    without = clustered_proportion([2, 1, 3], [3, 2, 3])
    assert with_empty == without
    assert with_empty.n_patients == 3


@pytest.mark.parametrize("counts", [([3], [5]), ([3, 0], [5, 0]), ([5], [5])])
def test_a_single_patient_has_no_interval_and_the_reason(counts):
    found = clustered_proportion(*counts)
    assert np.isnan([found.low, found.high]).all()
    assert "one patient" in found.reason


@pytest.mark.parametrize("counts", [([], []), ([0, 0], [0, 0])])
def test_no_lesion_at_all(counts):
    found = clustered_proportion(*counts)
    assert np.isnan([found.value, found.low, found.high]).all()
    assert found.reason == "there is no row"


def test_patients_who_all_agree_on_a_half_still_leave_doubt():
    found = clustered_proportion([1, 1, 1, 1], [2, 2, 2, 2])
    assert found.low < wilson_interval(4, 8).low
    assert found.design_effect == 1


@pytest.mark.parametrize("counts", [([1, 6], [2, 5]), ([-1, 2], [2, 5]), ([1, np.nan], [2, 5]), (3, 5)])
def test_impossible_counts_are_refused(counts):
    with pytest.raises(ValueError, match=r"need|finite|axis"):
        clustered_proportion(*counts)


def test_unknown_names_are_refused():
    with pytest.raises(ValueError, match="no method 'wald'"):
        clustered_proportion([1], [2], method="wald")
    with pytest.raises(ValueError, match="no interval 'wald'"):
        clustered_proportion([1], [2], interval="wald")


def test_many_studies_equal_each_alone():
    rng = np.random.default_rng(2)
    m = rng.integers(0, 6, size=(20, 7))
    x = rng.binomial(m, 0.7)
    together = clustered_proportion(x, m)
    for row in range(20):
        alone = clustered_proportion(x[row], m[row])
        assert together.low[row] == pytest.approx(alone.low, nan_ok=True)
        assert together.high[row] == pytest.approx(alone.high, nan_ok=True)


def test_kish_size_counts_equal_patients():
    assert kish_size([4, 4, 4]) == 3
    assert kish_size([0, 0]) == 0


def test_combined_df_is_that_of_the_larger_variance_when_the_other_vanishes():
    assert combined_df(1.0, 7, 0.0, 3) == pytest.approx(7)
    assert np.isnan(combined_df(0.0, 7, 0.0, 3))


def test_nested_intervals_cover_where_naive_ones_do_not():
    found = coverage(beta_binomial, patients=15, correlation=0.5, proportion=0.8, n_studies=3000)
    assert 0.93 < found["effective size, Wilson (default)"] < 0.97
    assert found["naive Wilson"] < 0.75


@pytest.mark.slow
@pytest.mark.parametrize("patients", [15, 20, 40])
@pytest.mark.parametrize("correlation", [0.2, 0.5])
@pytest.mark.parametrize("proportion", [0.7, 0.8, 0.9])
@pytest.mark.parametrize("dispersion", [1.0, 0.4])
def test_default_covers_from_15_patients_on(patients, correlation, proportion, dispersion):
    found = coverage(
        beta_binomial,
        patients=patients,
        correlation=correlation,
        proportion=proportion,
        dispersion=dispersion,
        n_studies=10_000,
    )
    assert 0.93 < found["effective size, Wilson (default)"] < 0.97
