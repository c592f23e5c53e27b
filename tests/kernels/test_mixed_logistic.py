"""Expected values: tests/reference/response_model.R (lme4::glmer with 51 adaptive quadrature nodes)."""

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose

from biomarker.kernels.gee import nested_rows
from biomarker.kernels.logistic import fit_logistic
from biomarker.kernels.mixed_logistic import fit_mixed_logistic, marginal_risks
from biomarker.kernels.resampling import patient_weights

REFERENCE = json.loads((Path(__file__).parent.parent / "reference" / "response_model.json").read_text())


def rows_of(name, outcome, patient, *columns):
    data = {key: np.array(column) for key, column in REFERENCE[name].items()}
    design = np.column_stack([np.ones(len(data[outcome])), *(data[column] for column in columns)]).astype(float)
    return nested_rows(design, data[outcome], np.unique(data[patient], return_inverse=True)[1])


CASES = {
    "ohio": ("resp", "id", "age", "smoke"),
    "respiratory": ("outcome", "patient", "active", "baseline"),
}


@pytest.mark.parametrize("name", CASES)
def test_random_intercept_model_is_that_of_glmer(name):
    fit, expected = fit_mixed_logistic(rows_of(name, *CASES[name])), REFERENCE["mixed"][name]
    assert fit.converged[0]
    assert_allclose(fit.log_likelihood[0], expected["log_likelihood"], rtol=1e-9)
    # glmer stops when its derivative-free search has narrowed to about 1e-5 of a parameter
    assert_allclose(fit.coefficients[0], expected["coefficients"], rtol=1e-4)
    assert_allclose(fit.sd[0], expected["sd"], rtol=1e-4)
    # and its errors come from finite differences of the deviance
    assert_allclose(np.sqrt(np.diag(fit.covariance[0])), expected["se"], rtol=2e-3)
    assert fit.log_likelihood[0] >= expected["log_likelihood"] - 1e-7


def test_likelihood_is_flat_at_the_estimate():
    rows = rows_of("respiratory", *CASES["respiratory"])
    best = fit_mixed_logistic(rows)
    assert_allclose(fit_mixed_logistic(rows, nodes=101).coefficients, best.coefficients, rtol=1e-6)


def test_no_variation_between_patients_gives_the_ordinary_fit():
    rng = np.random.default_rng(4)
    x = np.column_stack([np.ones(80), rng.normal(size=80)])
    y = np.tile([0, 1], 40)  # each patient has one of either: less than chance between them
    fit = fit_mixed_logistic(nested_rows(x, y, np.arange(80) // 2))
    assert fit.sd[0] == 0
    assert_allclose(fit.coefficients, fit_logistic(x, y).coefficients, atol=1e-4)


def test_patients_by_weights_are_patients_by_rows():
    rows = rows_of("respiratory", *CASES["respiratory"])
    weights = next(patient_weights(rows.sizes.size, 2, 1))
    together = fit_mixed_logistic(rows, weights)
    drawn = np.repeat(np.arange(weights.shape[1]), weights[1])
    index = np.concatenate([np.arange(rows.starts[k], rows.starts[k] + rows.sizes[k]) for k in drawn])
    alone = fit_mixed_logistic(
        nested_rows(rows.design[index], rows.outcome[index], np.repeat(np.arange(drawn.size), rows.sizes[drawn]))
    )
    assert_allclose(together.coefficients[1], alone.coefficients[0], rtol=1e-5, atol=1e-7)


def test_patients_without_a_mixed_response_have_no_finite_variance():
    x = np.column_stack([np.ones(40), np.tile([0.0, 1.0], 20)])
    fit = fit_mixed_logistic(nested_rows(x, np.repeat(np.arange(10) % 2, 4), np.repeat(np.arange(10), 4)))
    assert not fit.converged[0]


def test_marginal_risks_without_spread_are_the_risks():
    assert_allclose(marginal_risks([[1.0, 2.0]], [[0.3, -0.4]], [0.0]), 1 / (1 + np.exp(0.5)))
