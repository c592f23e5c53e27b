"""Expected values: tests/reference/response_model.R (glm, brglm2, and penalised profiles by optim)."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from biomarker.kernels.logistic import fit_logistic, risks, score_test
from biomarker.kernels.profile_likelihood import profile_limits
from biomarker.kernels.resampling import patient_weights
from biomarker.kernels.separation import separated_columns

REFERENCE = json.loads((Path(__file__).parent.parent / "reference" / "response_model.json").read_text())
BIRTHWT, ENDOMETRIAL = REFERENCE["birthwt"], REFERENCE["endometrial"]
Z = 1.959963984540054


def birthwt():
    data = BIRTHWT["data"]
    race = np.array(data["race"])
    columns = (data["age"], data["lwt"], race == "2", race == "3", data["smoke"], data["ht"])
    return np.column_stack([np.ones(race.size), *columns]).astype(float), np.array(data["low"])


def endometrial():
    data = ENDOMETRIAL["data"]
    return np.column_stack([np.ones(79), data["NV"], data["PI"], data["EH"]]).astype(float), np.array(data["HG"])


def limits(design, outcome, fit, *, penalized):
    """Profile limits of all coefficients but the intercept."""
    p = design.shape[1]

    def profile(values, which):
        start = np.tile(fit.coefficients[0], (values.size, 1))
        free = np.ones((values.size, p), bool)
        start[np.arange(values.size), which + 1], free[np.arange(values.size), which + 1] = values, False
        return fit_logistic(design, outcome, penalized=penalized, start=start, free=free).log_likelihood

    errors = np.sqrt(np.diag(np.linalg.inv(fit.information[0])))[1:]
    return profile_limits(profile, fit.coefficients[0, 1:], errors, float(fit.log_likelihood[0]), z=Z)


def test_logistic_regression_of_birth_weight_is_that_of_glm():
    x, y = birthwt()
    fit, expected = fit_logistic(x, y), BIRTHWT["logistic"]
    assert fit.converged[0]
    assert_allclose(fit.coefficients[0], expected["coefficients"], rtol=1e-8)
    # glm's own covariance is that of its last step but one
    assert_allclose(np.linalg.inv(fit.information[0]), expected["vcov"], rtol=1e-7, atol=1e-12)
    assert_allclose(fit.log_likelihood[0], expected["log_likelihood"], rtol=1e-12)
    assert_allclose(score_test(x, y, [False] + [True] * 6), expected["score"], rtol=1e-6)  # R's null fit stops early


def test_profile_limits_are_where_the_deviance_of_glm_has_risen_enough():
    x, y = birthwt()
    low, high = limits(x, y, fit_logistic(x, y), penalized=False)
    assert_allclose(np.column_stack([low, high]), BIRTHWT["logistic"]["profile_exact"], rtol=1e-6)


def test_published_odds_ratios_of_separated_endometrial_data():
    """Heinze and Schemper 2002: NV 2.93 (0.61 to 7.85), PI -0.03 (-0.12 to 0.04), EH -2.60 (-4.37 to -1.23)."""
    x, y = endometrial()
    assert separated_columns(x[:, 1:] - x[:, 1:].mean(axis=0), y).tolist() == [True, False, False]
    fit = fit_logistic(x, y, penalized=True)
    low, high = limits(x, y, fit, penalized=True)
    assert_allclose(fit.coefficients[0, 1:], [2.93, -0.03, -2.60], atol=0.006)
    assert_allclose(low, [0.61, -0.12, -4.37], atol=0.006)
    assert_allclose(high, [7.85, 0.04, -1.23], atol=0.006)


def test_firth_fit_and_profile_are_those_of_r():
    x, y = endometrial()
    fit, expected = fit_logistic(x, y, penalized=True), ENDOMETRIAL["firth"]
    assert_allclose(fit.coefficients[0], expected["coefficients"], rtol=1e-6)
    low, high = limits(x, y, fit, penalized=True)
    # R's profile is by optim without gradients, good to about six digits
    assert_allclose(low, expected["low"], rtol=2e-5)
    assert_allclose(high, expected["high"], rtol=2e-5)
    for j, chi in enumerate(expected["chi"], 1):
        free = np.ones((1, 4), bool)
        free[0, j] = False
        null = fit_logistic(x, y, penalized=True, free=free)
        assert_allclose(2 * (fit.log_likelihood[0] - null.log_likelihood[0]), chi, rtol=1e-5)


@pytest.mark.slow  # for its import, which compiles
def test_firth_agrees_with_firthmodels():
    from firthmodels import FirthLogisticRegression

    x, y = endometrial()
    other = FirthLogisticRegression(max_iter=200, gtol=1e-8, xtol=1e-8).fit(x[:, 1:], y)
    assert_allclose(fit_logistic(x, y, penalized=True).coefficients[0, 1:], np.ravel(other.coef_), rtol=1e-5)


@pytest.mark.parametrize("penalized", [False, True])
def test_resamples_by_weights_are_resamples_by_rows(penalized):
    x, y = birthwt()
    x = (x - x.mean(axis=0) * (np.arange(7) > 0)) / np.where(np.arange(7) > 0, x.std(axis=0), 1)
    weights = next(patient_weights(y.size, 5, 1))
    together = fit_logistic(x, y, weights, penalized=penalized)
    for number, row in enumerate(weights):
        drawn = np.repeat(np.arange(y.size), row)
        alone = fit_logistic(x[drawn], y[drawn], penalized=penalized)
        assert_allclose(together.coefficients[number], alone.coefficients[0], rtol=1e-7)
        assert_allclose(together.log_likelihood[number], alone.log_likelihood[0], rtol=1e-10)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.01, 100), st.booleans())
def test_recoding_the_outcome_inverts_and_rescaling_divides(seed, factor, penalized):
    rng = np.random.default_rng(seed)
    x = np.column_stack([np.ones(30), rng.normal(size=(30, 2))])
    y = rng.permutation(np.arange(30) % 3 > 0)
    fit = fit_logistic(x, y, penalized=penalized)
    assert_allclose(fit_logistic(x, ~y, penalized=penalized).coefficients, -fit.coefficients, rtol=1e-6, atol=1e-9)
    scaled = fit_logistic(x * [1, factor, 1], y, penalized=penalized)
    assert_allclose(scaled.coefficients * [1, factor, 1], fit.coefficients, rtol=1e-5, atol=1e-8)
    shuffled = rng.permutation(30)
    assert_allclose(
        fit_logistic(x[shuffled], y[shuffled], penalized=penalized).coefficients, fit.coefficients, rtol=1e-7, atol=1e-9
    )


def test_separated_data_do_not_converge_without_a_penalty():
    x = np.column_stack([np.ones(10), np.arange(10.0) - 4.5])
    assert not fit_logistic(x, np.arange(10) > 4, max_iterations=12).converged[0]
    assert fit_logistic(x, np.arange(10) > 4, penalized=True).converged[0]


def test_separation_of_levels_is_found_and_ties_at_the_border_count():
    x = np.arange(6.0)[:, None] - 2.5
    assert separated_columns(x, [0, 0, 1, 1, 2, 2]).tolist() == [True]
    assert separated_columns(x, [0, 1, 0, 2, 1, 2]).tolist() == [False]
    assert separated_columns(np.array([[-1.0], [0.0], [0.0], [1.0]]), [0, 0, 1, 1]).tolist() == [True]


def test_risks_of_several_fits():
    assert risks(np.eye(2), [[0.0, 0.0], [100.0, -100.0]]).shape == (2, 2)


@pytest.mark.slow
def test_firth_is_less_biased_than_maximum_likelihood_where_responses_are_few():
    """30 patients, 20 % response, an odds ratio of 2 per SD: half a thousand trials that are not separated."""
    rng = np.random.default_rng(1)
    plain, firth = [], []
    while len(plain) < 500:
        x = np.column_stack([np.ones(30), rng.normal(size=(30, 2))])
        y = rng.random(30) < risks(x, [[-1.6, np.log(2), 0.0]])[0]
        if y.sum() < 2 or separated_columns(x[:, 1:], y).any():
            continue
        plain.append(fit_logistic(x, y).coefficients[0, 1])
        firth.append(fit_logistic(x, y, penalized=True).coefficients[0, 1])
    bias = np.mean(plain) - np.log(2), np.mean(firth) - np.log(2)
    assert bias[0] > 0.15
    assert abs(bias[1]) < 0.08
