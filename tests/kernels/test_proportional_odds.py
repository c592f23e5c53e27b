"""Expected values: tests/reference/response_model.R (MASS::polr)."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from biomarker.kernels.logistic import fit_logistic
from biomarker.kernels.logistic import score_test as binary_score_test
from biomarker.kernels.proportional_odds import fit_proportional_odds, probabilities, row_scores, score_test
from biomarker.kernels.resampling import patient_weights

HOUSING = json.loads((Path(__file__).parent.parent / "reference" / "response_model.json").read_text())["housing"]


def housing():
    data = {name: np.array(column) for name, column in HOUSING["data"].items()}
    levels = {
        "Infl": ("Medium", "High"),
        "Type": ("Apartment", "Atrium", "Terrace"),
        "Cont": ("High",),
    }
    columns = [data[name] == level for name, held in levels.items() for level in held]
    satisfaction = np.array([("Low", "Medium", "High").index(level) for level in data["Sat"]])
    return np.column_stack(columns).astype(float), satisfaction, data["Freq"]


def test_satisfaction_with_housing_is_that_of_polr():
    x, y, frequency = housing()
    fit, expected = fit_proportional_odds(x, y, frequency), HOUSING["ordinal"]
    assert fit.converged[0]
    # polr stops at a relative gain of 1e-16 in the deviance, that is at seven digits of a coefficient
    assert_allclose(fit.coefficients[0], expected["coefficients"], rtol=1e-6)
    assert_allclose(fit.cuts[0], expected["cuts"], rtol=1e-6)
    assert_allclose(fit.log_likelihood[0], expected["log_likelihood"], rtol=1e-12)
    order = [2, 3, 4, 5, 6, 7, 0, 1]  # polr has the cuts last
    # polr differentiates its gradient numerically
    assert_allclose(np.linalg.inv(fit.information[0])[np.ix_(order, order)], expected["vcov"], rtol=1e-4, atol=1e-7)


def test_agrees_with_statsmodels():
    from statsmodels.miscmodels.ordinal_model import OrderedModel

    x, y, frequency = housing()
    rows = np.repeat(np.arange(y.size), frequency)
    other = OrderedModel(y[rows], x[rows], distr="logit").fit(disp=0, method="newton", maxiter=100)
    fit = fit_proportional_odds(x, y, frequency)
    assert_allclose(fit.coefficients[0], other.params[:6], rtol=1e-6)


def test_two_levels_are_logistic_regression():
    rng = np.random.default_rng(2)
    x, y = rng.normal(size=(40, 2)), rng.permutation(np.arange(40) % 2)
    fit, binary = fit_proportional_odds(x, y), fit_logistic(np.column_stack([np.ones(40), x]), y)
    assert_allclose(fit.coefficients[0], binary.coefficients[0, 1:], rtol=1e-8)
    assert_allclose(-fit.cuts[0, 0], binary.coefficients[0, 0], rtol=1e-7)
    assert_allclose(score_test(x, y), binary_score_test(np.column_stack([np.ones(40), x]), y, [False, True, True]))


def test_without_predictors_the_shares_come_back():
    y = np.array([0, 0, 0, 1, 1, 2])
    fit = fit_proportional_odds(np.empty((6, 0)), y)
    assert_allclose(probabilities(fit.cuts[0], np.zeros(1))[0], [3 / 6, 2 / 6, 1 / 6], rtol=1e-8)


def test_row_scores_are_the_derivatives_of_the_likelihood():
    x, y, frequency = housing()
    fit = fit_proportional_odds(x, y, frequency)
    parts = row_scores(x, y, np.concatenate([fit.cuts[0], fit.coefficients[0]]))
    assert_allclose(frequency @ parts.scores, 0, atol=1e-6)
    assert_allclose(np.einsum("n,npq->pq", frequency, parts.informations), fit.information[0], rtol=1e-7, atol=1e-9)


def test_resamples_by_weights_are_resamples_by_rows():
    rng = np.random.default_rng(3)
    x, y = rng.normal(size=(60, 2)), rng.permutation(np.arange(60) % 3)
    weights = next(patient_weights(60, 5, 1))
    together = fit_proportional_odds(x, y, weights)
    for number, row in enumerate(weights):
        drawn = np.repeat(np.arange(60), row)
        assert_allclose(
            together.coefficients[number],
            fit_proportional_odds(x[drawn], y[drawn]).coefficients[0],
            rtol=1e-6,
            atol=1e-9,
        )


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.05, 20))
def test_reversing_the_levels_inverts_and_rescaling_divides(seed, factor):
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(36, 2)), rng.permutation(np.arange(36) % 4)
    fit = fit_proportional_odds(x, y)
    reversed_fit = fit_proportional_odds(x, 3 - y)
    assert_allclose(reversed_fit.coefficients, -fit.coefficients, rtol=1e-6, atol=1e-8)
    assert_allclose(reversed_fit.cuts, -fit.cuts[:, ::-1], rtol=1e-6, atol=1e-8)
    assert_allclose(
        fit_proportional_odds(x * [factor, 1], y).coefficients * [factor, 1], fit.coefficients, rtol=1e-6, atol=1e-8
    )


@pytest.mark.parametrize("eta", [-300.0, -40.0, 0.0, 40.0, 300.0])
def test_probabilities_sum_to_one_however_far_out(eta):
    assert_allclose(probabilities([-1.0, 0.0, 2.0], [eta]).sum(), 1)
