"""Expected values: tests/reference/group_difference.R (lme4::lmer, and p-values of nlme::lme)."""

import json
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from biomarker.kernels.group_difference import paired_t, two_sample_t
from biomarker.kernels.mixed import contrast, joint_test, random_intercept

REFERENCE = json.loads((Path(__file__).parent.parent / "reference" / "group_difference.json").read_text())
LESIONS = REFERENCE["lesions"]
PATIENT = np.array(LESIONS["patient_id"])
LOG_24H = np.log(LESIONS["suvmax_24h"])


def _columns(*columns):
    return np.column_stack([np.ones(PATIENT.size), *columns])


THERAPY = np.array(LESIONS["therapy"])
CASES = {
    "mixed_immuno": (LOG_24H, _columns(LESIONS["on_immunotherapy"])),
    "mixed_node": (LOG_24H, _columns(LESIONS["is_node"])),
    "mixed_therapy": (LOG_24H, _columns(*(name == THERAPY for name in sorted(set(THERAPY))[1:]))),
    "mixed_135h_mean": (np.log(LESIONS["suvmax_135h"]), _columns()),
    "mixed_singular": (np.log(LESIONS["null"]), _columns(LESIONS["on_immunotherapy"])),
}


@pytest.mark.parametrize("name", CASES)
def test_fit_agrees_with_lme4(name):
    expected = REFERENCE[name]
    fit = random_intercept(*CASES[name], PATIENT)
    # lme4's optimiser stops at about 1e-6 of the variances; the fixed effects barely feel that
    assert_allclose(fit.coefficients, np.atleast_1d(expected["coefficients"]), rtol=1e-5, atol=1e-12)
    assert_allclose(np.sqrt(np.diag(fit.covariance)), np.atleast_1d(expected["se"]), rtol=1e-5)
    assert_allclose(
        (fit.between_variance, fit.within_variance), (expected["between"], expected["within"]), rtol=2e-5, atol=1e-12
    )


def test_p_of_a_group_of_patients_is_that_of_nlme():
    fit = random_intercept(*CASES["mixed_immuno"], PATIENT)
    test = contrast(fit, [0, 1])
    assert test.df == REFERENCE["mixed_immuno"]["nlme_df"][1] == 12
    # nlme's own optimiser is the looser of the two
    assert_allclose(test.p_value, REFERENCE["mixed_immuno"]["nlme_p"][1], rtol=1e-4)
    joint = joint_test(random_intercept(*CASES["mixed_therapy"], PATIENT), np.eye(4)[1:])
    expected = REFERENCE["mixed_therapy"]
    assert joint.df_residual == expected["f_df"]
    assert_allclose((joint.statistic, joint.p_value), (expected["f"], expected["f_p"]), rtol=1e-4)


def test_group_within_patients_claims_fewer_degrees_of_freedom_than_nlme():
    # nlme counts the lesions within patients (27); we never claim more than the 14 patients can carry
    assert REFERENCE["mixed_node"]["nlme_df"][1] == 27
    assert contrast(random_intercept(*CASES["mixed_node"], PATIENT), [0, 1]).df == 12


def test_statsmodels_agrees_where_it_converges():
    mixedlm = pytest.importorskip("statsmodels.regression.mixed_linear_model").MixedLM
    y, design = CASES["mixed_135h_mean"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = mixedlm(y, design, groups=PATIENT).fit(reml=True)
    ours = random_intercept(y, design, PATIENT)
    assert_allclose(ours.coefficients, theirs.fe_params, rtol=1e-4)
    assert_allclose(ours.between_variance, theirs.cov_re[0, 0], rtol=1e-3)


def test_no_variation_between_patients_is_least_squares():
    y, design = CASES["mixed_singular"]
    fit = random_intercept(y, design, PATIENT)
    assert fit.icc == 0
    test, pooled = contrast(fit, [0, 1]), two_sample_t(y[design[:, 1] == 1], y[design[:, 1] == 0], equal_variance=True)
    assert_allclose((test.difference, test.se), (pooled.difference, pooled.se), rtol=1e-10)
    assert test.df == 12  # but the degrees of freedom stay those of patients


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10_000), st.integers(3, 9), st.integers(2, 4))
def test_balanced_data_give_the_t_test_of_patient_means(seed, n_per_group, n_lesions):
    rng = np.random.default_rng(seed)
    n_patients = 2 * n_per_group
    patient = np.repeat(np.arange(n_patients), n_lesions)
    y = 3 * rng.normal(size=n_patients)[patient] + rng.normal(size=patient.size)
    group = (patient < n_per_group).astype(float)
    fit = random_intercept(y, np.column_stack([np.ones(patient.size), group]), patient)
    if fit.icc > 0:
        means = y.reshape(n_patients, n_lesions).mean(axis=1)
        expected = two_sample_t(means[:n_per_group], means[n_per_group:], equal_variance=True)
        found = contrast(fit, [0, 1])
        assert_allclose(
            (found.difference, found.se, found.p_value), (expected.difference, expected.se, expected.p_value), rtol=1e-6
        )


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10_000), st.floats(-1000, 1000), st.floats(0.01, 100))
def test_shift_and_scale_of_the_outcome(seed, shift, scale):
    rng = np.random.default_rng(seed)
    patient = np.repeat(np.arange(6), [1, 2, 3, 1, 4, 2])
    y = rng.normal(size=6)[patient] + rng.normal(size=patient.size)
    design = np.column_stack([np.ones(patient.size), patient % 2])
    before, after = random_intercept(y, design, patient), random_intercept(shift + scale * y, design, patient)
    # the root of the likelihood's slope is found to rounding, which a large shift magnifies
    assert_allclose(after.icc, before.icc, rtol=1e-4, atol=1e-6)
    assert_allclose(after.coefficients[1], scale * before.coefficients[1], rtol=1e-5, atol=1e-7 * scale)


def test_one_lesion_a_patient_is_the_ordinary_test():
    y = np.array([1.0, 2.5, 3.0, 2.2, 5.1])
    fit = random_intercept(y, np.ones((5, 1)), np.arange(5))
    assert fit.icc == 0
    assert_allclose(contrast(fit, [1.0])[:2], paired_t(y)[:2], rtol=1e-12)


def test_identical_lesions_within_patients_are_worth_one():
    y = np.repeat([1.0, 2.5, 3.0, 2.2, 5.1], 3)
    found = contrast(random_intercept(y, np.ones((15, 1)), np.repeat(np.arange(5), 3)), [1.0])
    expected = paired_t(y[::3])
    assert_allclose(
        (found.difference, found.se, found.p_value), (expected.difference, expected.se, expected.p_value), rtol=1e-6
    )


def test_nothing_varies():
    fit = random_intercept(np.ones(6), np.ones((6, 1)), [1, 1, 2, 2, 3, 3])
    assert np.isnan(contrast(fit, [1.0]).p_value)
    assert np.isnan(joint_test(fit, [[1.0]]).p_value)


def test_too_few_patients_or_a_redundant_design_are_refused():
    with pytest.raises(ValueError, match="cannot carry"):
        random_intercept([1.0, 2.0, 3.0, 4.0], np.column_stack([np.ones(4), [0, 0, 1, 1]]), [1, 1, 2, 2])
    with pytest.raises(ValueError, match="cannot carry"):
        random_intercept(np.arange(6.0), np.ones((6, 2)), [1, 1, 2, 2, 3, 3])
    with pytest.raises(ValueError, match="one row per value"):
        random_intercept([1.0, 2.0], np.ones((3, 1)), [1, 2])


def test_false_positives_stay_near_five_percent_where_the_naive_test_has_a_quarter():
    # 7 v 7 patients, 1 to 12 lesions, within-patient correlation 0.6: 400 null samples
    rng = np.random.default_rng(4)
    nested = naive = 0
    for _ in range(400):
        patient = np.repeat(np.arange(14), np.minimum(rng.geometric(0.3, 14), 12))
        y = np.sqrt(0.6) * rng.normal(size=14)[patient] + np.sqrt(0.4) * rng.normal(size=patient.size)
        group = patient % 2
        fit = random_intercept(y, np.column_stack([np.ones(patient.size), group]), patient)
        nested += contrast(fit, [0, 1]).p_value < 0.05
        naive += two_sample_t(y[group == 1], y[group == 0]).p_value < 0.05
    assert 0.025 < nested / 400 < 0.08
    assert naive / 400 > 0.2
