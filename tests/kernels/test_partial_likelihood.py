"""Efron's partial likelihood and the proportional-hazards test against R survival, by hand, and by differences."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biomarker.kernels.partial_likelihood import (
    partial_likelihood,
    quadratic_test,
    risk_sets,
)
from biomarker.kernels.schoenfeld import proportional_hazards_tests

from .survival_reference import FREIREICH, HEART, LUNG, OVARIAN, REFERENCE


def design(data, *names):
    return np.column_stack([data[name] for name in names])


ECOG = np.minimum(LUNG["ph.ecog"], 2)
MODELS = {
    "freireich": (
        FREIREICH["placebo"][:, None],
        FREIREICH["weeks"],
        FREIREICH["relapse"],
        {},
        [[0]],
        "freireich",
        "cox",
    ),
    "lung": (design(LUNG, "age", "sex", "wt.loss"), LUNG["time"], LUNG["event"], {}, [[0], [1], [2]], "lung", "cox"),
    "factor": (
        np.column_stack([ECOG == 1, ECOG == 2, LUNG["age"]]).astype(float),
        LUNG["time"],
        LUNG["event"],
        {},
        [[0, 1], [2]],
        "lung",
        "cox_factor",
    ),
    "strata": (
        design(LUNG, "age", "wt.loss"),
        LUNG["time"],
        LUNG["event"],
        {"strata": LUNG["sex"].astype(int)},
        [[0], [1]],
        "lung",
        "cox_strata",
    ),
    "ovarian": (design(OVARIAN, "age", "rx"), OVARIAN["futime"], OVARIAN["fustat"], {}, [[0], [1]], "ovarian", "cox"),
    "entry": (
        design(HEART, "age", "year"),
        HEART["stop"],
        HEART["event"],
        {"entry": HEART["start"]},
        [[0], [1]],
        "heart",
        "cox",
    ),
}


@pytest.mark.parametrize("name", MODELS)
def test_likelihood_and_tests_against_coxph(name):
    x, t, e, options, terms, data, model = MODELS[name]
    expected = REFERENCE[data][model]
    beta = np.atleast_1d(expected["coefficients"])
    sets = risk_sets(t, e, **options)
    fitted, null = (partial_likelihood(x, b, sets) for b in (beta, np.zeros(beta.size)))
    assert [null.log_likelihood, fitted.log_likelihood] == pytest.approx(expected["loglik"], rel=1e-12)
    covariance = np.linalg.inv(fitted.information)
    assert covariance == pytest.approx(np.reshape(expected["covariance"], covariance.shape), rel=1e-8)
    # printed coefficients have 15 digits, so the score is not quite 0
    assert np.abs(fitted.score) / np.sqrt(np.diag(fitted.information)) == pytest.approx(np.zeros(beta.size), abs=1e-5)
    assert quadratic_test(null.score, null.information).statistic == pytest.approx(expected["score_exact"], rel=1e-10)
    tests, overall = proportional_hazards_tests(x, beta, t, e, terms=terms, **options)
    chisq = [test.statistic for test in (*tests, overall)]
    if len(terms) == 1:
        assert overall == tests[0]
    assert chisq == pytest.approx(expected["zph"]["chisq"], rel=1e-7)
    assert [test.df for test in (*tests, overall)] == expected["zph"]["df"]
    assert [test.p_value for test in (*tests, overall)] == pytest.approx(expected["zph"]["p"], rel=1e-6)


def test_three_tied_deaths_by_hand():
    # Efron: the three who die together leave the risk set a third, two thirds at a time
    x = np.array([[1.0], [0.0], [2.0], [0.0]])
    b = 0.4
    risk = np.exp(b * x[:, 0])
    total, dying = risk.sum(), risk[:3].sum()
    expected = b * 3 - sum(np.log(total - dying * share / 3) for share in range(3))
    value = partial_likelihood(x, [b], risk_sets([5, 5, 5, 9], [1, 1, 1, 0]))
    assert value.log_likelihood == pytest.approx(expected, rel=1e-14)


of_a_patient = (
    st.integers(1, 8),
    st.booleans(),
    st.integers(0, 1),
    st.floats(-2, 2),
    st.floats(-2, 2),
    st.integers(0, 3),
)
patients = st.lists(st.tuples(*of_a_patient), min_size=5, max_size=30).filter(lambda rows: any(row[1] for row in rows))


@given(patients, st.floats(-1, 1), st.floats(-1, 1))
@settings(max_examples=50, deadline=None)
def test_derivatives_are_derivatives(rows, first, second):
    t, e, stratum, x1, x2, wait = (np.array(column) for column in zip(*rows, strict=True))
    entry = t - 1.0 - wait
    sets = risk_sets(t, e, strata=stratum, entry=entry)
    x, beta, h = np.column_stack([x1, x2]), np.array([first, second]), 1e-5
    here = partial_likelihood(x, beta, sets)
    for j, step in enumerate(np.eye(2) * h):
        up, down = (partial_likelihood(x, beta + s * step, sets) for s in (1, -1))
        assert here.score[j] == pytest.approx((up.log_likelihood - down.log_likelihood) / (2 * h), abs=1e-6)
        assert here.information[j] == pytest.approx(-(up.score - down.score) / (2 * h), abs=1e-6)


@given(patients)
@settings(max_examples=30, deadline=None)
def test_origin_of_a_predictor_and_order_of_patients_do_not_matter(rows):
    t, e, _, x1, _, _ = (np.array(column) for column in zip(*rows, strict=True))
    here = partial_likelihood(x1[:, None], [0.7], risk_sets(t, e))
    moved = partial_likelihood(x1[::-1, None] + 1e3, [0.7], risk_sets(t[::-1], e[::-1]))
    assert moved.log_likelihood == pytest.approx(here.log_likelihood, rel=1e-9, abs=1e-9)
    assert moved.score == pytest.approx(here.score, abs=1e-8)
    assert moved.information == pytest.approx(here.information, abs=1e-8)


def test_strata_without_events_take_no_part():
    assert risk_sets([1, 2, 3], [0, 0, 0]) == ()
    assert len(risk_sets([1, 2, 3, 4], [1, 1, 0, 0], strata=[0, 0, 1, 1])) == 1
    nothing = partial_likelihood(np.ones((2, 1)), [0.0], ())
    assert (nothing.log_likelihood, nothing.score.tolist()) == (0.0, [0.0])


def test_undefined_proportional_hazards_test():
    # one event: time does not vary between events
    tests, overall = proportional_hazards_tests([[0.0], [1.0], [0.5]], [0.1], [1, 2, 3], [0, 1, 0], terms=[[0]])
    assert np.isnan(tests[0].statistic)
    assert np.isnan(overall.p_value)


def test_singular_quadratic_is_undefined():
    assert np.isnan(quadratic_test(np.array([1.0, 1.0]), np.ones((2, 2))).statistic)
