"""Expected values: tests/reference/response_model.R (geepack::geeglm, and Mancl and DeRouen by n x n matrices)."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from biomarker.kernels.gee import fit_gee, nested_rows, patient_scores
from biomarker.kernels.resampling import patient_weights
from biomarker.kernels.sandwich import sandwich

REFERENCE = json.loads((Path(__file__).parent.parent / "reference" / "response_model.json").read_text())


def respiratory():
    data = {name: np.array(column) for name, column in REFERENCE["respiratory"].items()}
    design = np.column_stack([np.ones(444), data["active"], data["age"], data["baseline"]]).astype(float)
    return nested_rows(design, data["outcome"], np.unique(data["patient"], return_inverse=True)[1])


def ohio():
    data = {name: np.array(column) for name, column in REFERENCE["ohio"].items()}
    design = np.column_stack([np.ones(2148), data["age"], data["smoke"], data["age"] * data["smoke"]]).astype(float)
    return nested_rows(design, data["resp"], np.unique(data["id"], return_inverse=True)[1])


@pytest.mark.parametrize(
    ("name", "rows", "exchangeable"),
    [("ohio", ohio, True), ("respiratory", respiratory, True), ("respiratory_independence", respiratory, False)],
)
def test_estimates_and_robust_covariance_are_those_of_geepack(name, rows, exchangeable):
    expected, nested = REFERENCE["gee"][name], rows()
    fit = fit_gee(nested, exchangeable=exchangeable)
    assert fit.converged[0]
    assert_allclose(fit.coefficients[0], expected["coefficients"], rtol=1e-5)
    parts = patient_scores(nested, fit.coefficients[0], float(fit.correlation[0]))
    assert_allclose(sandwich(*parts, correction="none").covariance, expected["vcov"], rtol=1e-5, atol=1e-9)
    if exchangeable:
        assert_allclose(fit.correlation[0], expected["correlation"], rtol=1e-5)


def test_published_ohio_model():
    """geepack's manual: intercept -1.9005, age -0.1412, smoke 0.3138, interaction 0.0708."""
    fit = fit_gee(ohio())
    assert_allclose(fit.coefficients[0], [-1.9005, -0.1412, 0.3138, 0.0708], atol=5e-5)


@pytest.mark.parametrize(("name", "exchangeable"), [("mancl_derouen", True), ("mancl_derouen_independence", False)])
def test_mancl_derouen_covariance_is_that_of_their_matrices(name, exchangeable):
    nested = respiratory()
    fit = fit_gee(nested, exchangeable=exchangeable)
    parts = patient_scores(nested, fit.coefficients[0], float(fit.correlation[0]))
    assert_allclose(sandwich(*parts).covariance, REFERENCE["gee"][name], rtol=1e-5, atol=1e-9)


def test_mancl_derouen_covariance_is_that_of_statsmodels():
    import statsmodels.api as sm

    rows = respiratory()
    groups = np.repeat(np.arange(rows.sizes.size), rows.sizes)
    other = sm.GEE(
        rows.outcome, rows.design, groups, family=sm.families.Binomial(), cov_struct=sm.cov_struct.Independence()
    ).fit(cov_type="bias_reduced", ctol=1e-12, maxiter=200)
    fit = fit_gee(rows, exchangeable=False)
    assert_allclose(fit.coefficients[0], other.params, rtol=1e-7)
    parts = patient_scores(rows, fit.coefficients[0], 0.0)
    assert_allclose(sandwich(*parts).covariance, other.cov_params(), rtol=1e-6, atol=1e-10)


def test_corrections_are_in_order():
    rows = respiratory()
    parts = patient_scores(rows, fit_gee(rows).coefficients[0], 0.3)
    found = [
        np.diag(sandwich(*parts, correction=name).covariance) for name in ("none", "kauermann-carroll", "mancl-derouen")
    ]
    assert np.all(found[0] < found[1])
    assert np.all(found[1] < found[2])
    df = sandwich(*parts).df
    assert np.all((df > 4) & (df <= rows.sizes.size))


def test_degrees_of_freedom_of_two_equal_groups_are_those_of_a_t_test():
    """Independent patients of one row each, five a group: Satterthwaite gives eight for the difference."""
    x = np.column_stack([np.ones(10), np.repeat([0.0, 1.0], 5)])
    parts = np.zeros((10, 2)), x[:, :, None] * x[:, None, :]
    assert_allclose(sandwich(*parts, correction="kauermann-carroll").df[1], 8, rtol=1e-8)


def test_resampled_patients_by_weights_are_resampled_by_rows():
    rows = respiratory()
    weights = next(patient_weights(rows.sizes.size, 3, 1))
    together = fit_gee(rows, weights)
    for number, row in enumerate(weights):
        drawn = np.repeat(np.arange(row.size), row)
        index = np.concatenate([np.arange(rows.starts[k], rows.starts[k] + rows.sizes[k]) for k in drawn])
        patient = np.repeat(np.arange(drawn.size), rows.sizes[drawn])
        alone = fit_gee(nested_rows(rows.design[index], rows.outcome[index], patient))
        assert_allclose(together.coefficients[number], alone.coefficients[0], rtol=1e-6, atol=1e-8)
        assert_allclose(together.correlation[number], alone.correlation[0], rtol=1e-5)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000))
def test_one_row_a_patient_is_logistic_regression_and_duplicates_change_no_estimate(seed):
    rng = np.random.default_rng(seed)
    x, y = np.column_stack([np.ones(40), rng.normal(size=40)]), rng.permutation(np.arange(40) % 2)
    patient = np.arange(40) // 2
    single = fit_gee(nested_rows(x, y, np.arange(40)))
    assert_allclose(
        single.coefficients, fit_gee(nested_rows(x, y, patient), exchangeable=False).coefficients, rtol=1e-9
    )
    once = fit_gee(nested_rows(x, y, patient))
    twice = fit_gee(nested_rows(np.tile(x, (2, 1)), np.tile(y, 2), np.concatenate([patient, patient + 20])))
    if once.converged[0]:
        assert_allclose(twice.coefficients, once.coefficients, rtol=1e-5, atol=1e-7)
