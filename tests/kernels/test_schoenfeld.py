"""Tests of proportional hazards and Schoenfeld residuals against R's cox.zph."""

import numpy as np
import pytest
from scipy.interpolate import CubicSpline

from biomarker.kernels.schoenfeld import (
    proportional_hazards_tests,
    scaled_residuals,
    smooth_course,
    transformed_time,
)

from .cox_reference import MODELS

CASES = [(name, transform) for name, model in MODELS.items() for transform in model.expected["zph"]]


@pytest.mark.parametrize(("name", "transform"), CASES)
def test_score_tests_against_cox_zph(name, transform):
    x, t, e, terms, options, _, expected = MODELS[name]
    tests, overall = proportional_hazards_tests(
        x, np.atleast_1d(expected["coefficients"]), t, e, terms=terms, transform=transform, **options
    )
    theirs = {key: np.atleast_1d(value) for key, value in expected["zph"][transform].items()}
    assert [test.statistic for test in (*tests, overall)] == pytest.approx(theirs["chisq"], rel=1e-6)
    assert [test.df for test in (*tests, overall)] == theirs["df"].tolist()
    assert [test.p_value for test in (*tests, overall)] == pytest.approx(theirs["p"], rel=1e-5)


@pytest.mark.parametrize("name", MODELS)
def test_scaled_residuals_against_cox_zph(name):
    # R lists events by stratum, and tied ones in another order: they are compared sorted
    x, t, e, terms, options, _, expected = MODELS[name]
    ours = scaled_residuals(x, np.atleast_1d(expected["coefficients"]), t, e, terms=terms, **options)
    theirs = expected["residuals"]
    value = np.reshape(theirs["value"], ours.value.shape)
    assert np.sort(ours.value, axis=0) == pytest.approx(np.sort(value, axis=0), rel=1e-5, abs=1e-6)
    assert ours.time == pytest.approx(np.sort(theirs["time"]))
    assert ours.position == pytest.approx(np.sort(theirs["position"]), abs=1e-12)
    assert ours.variance == pytest.approx(np.atleast_1d(theirs["variance"]), rel=1e-6)


def test_a_stratum_in_which_a_predictor_does_not_vary_says_nothing_of_it():
    # R leaves such residuals at the coefficient, as if they spoke for it
    x = np.array([[0.0], [1.0], [0.5], [2.0], [2.0]])
    found = scaled_residuals(x, [0.2], [1, 2, 3, 1.5, 4], [1, 1, 1, 1, 0], terms=[[0]], strata=[0, 0, 0, 1, 1])
    assert np.isnan(found.value[:, 0]).tolist() == [False, True, False, False]


def test_the_smooth_curve_is_the_least_squares_natural_spline():
    # the same four-dimensional space, from scipy's natural cubic interpolants through the knots
    x, t, e, terms, _, _, expected = MODELS["lung"]
    residuals = scaled_residuals(x, expected["coefficients"], t, e, terms=terms)
    course = smooth_course(residuals, 0)
    knots = np.quantile(residuals.position, [0, 1 / 3, 2 / 3, 1])
    basis = CubicSpline(knots, np.eye(4), bc_type="natural")
    design = basis(residuals.position)
    coefficients = np.linalg.lstsq(design, residuals.value[:, 0], rcond=None)[0]
    drawn = basis(course.position)
    assert course.value == pytest.approx(drawn @ coefficients, rel=1e-8)
    variance = residuals.variance[0] * np.einsum("ij,jk,ik->i", drawn, np.linalg.inv(design.T @ design), drawn)
    assert course.std_error == pytest.approx(np.sqrt(variance), rel=1e-8)


def test_few_events_have_no_smooth_curve():
    found = scaled_residuals([[0.0], [1.0], [0.5]], [0.1], [1, 2, 3], [1, 1, 0], terms=[[0]])
    assert smooth_course(found, 0).value.size == 0


def test_times_that_have_no_transform():
    with pytest.raises(ValueError, match="no logarithm"):
        transformed_time([0, 1], [1, 1], transform="log")
    with pytest.raises(ValueError, match="unknown transform"):
        transformed_time([1, 2], [1, 1], transform="sqrt")
