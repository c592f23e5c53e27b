"""Cox models against R's coxph on six data sets; many at once, weighted, and what must not change them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biomarker.kernels import cox_newton
from biomarker.kernels.cox_newton import fit_many
from biomarker.kernels.partial_likelihood import likelihoods, stratum_designs
from biomarker.kernels.risk_sets import risk_sets

from .cox_reference import MODELS, REFERENCE, data, design

LUNG = data("lung")


@pytest.mark.parametrize("name", MODELS)
def test_against_coxph(name):
    x, t, e, _, options, _, expected = MODELS[name]
    fit = fit_many(x, risk_sets(t, e, **options))
    beta = np.atleast_1d(expected["coefficients"])
    assert fit.converged[0]
    assert fit.coefficients[0] == pytest.approx(beta, rel=1e-8)
    covariance = np.linalg.inv(fit.information[0])
    assert covariance == pytest.approx(np.reshape(expected["covariance"], covariance.shape), rel=1e-7)
    assert fit.log_likelihood[0] == pytest.approx(expected["loglik"][1], rel=1e-12)
    assert fit.gain[0] == pytest.approx(expected["loglik"][1] - expected["loglik"][0], rel=1e-9)


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_weights_against_coxph(ties):
    # patients of weight 0 are not there; R refuses such weights and was given the others
    expected = REFERENCE["lung"]["weighted"]
    weights = np.array([expected["weights"]], float)
    fit = fit_many(design(LUNG, "age", "sex"), risk_sets(LUNG["time"], LUNG["event"], ties=ties), weights=weights)
    assert fit.coefficients[0] == pytest.approx(expected[ties], rel=1e-8)


def test_models_fitted_together_are_those_fitted_alone(monkeypatch):
    rng = np.random.default_rng(5)
    x = rng.normal(size=(9, 60, 2))
    weights = rng.integers(0, 3, (9, 60)).astype(float)
    sets = risk_sets(rng.exponential(size=60).round(1), rng.random(60) < 0.6, strata=rng.integers(0, 2, 60))
    for penalized in (False, True):
        together = fit_many(x, sets, weights=weights, penalized=penalized)
        for i in range(9):
            alone = fit_many(x[i], sets, weights=weights[[i]], penalized=penalized)
            assert together.coefficients[i] == pytest.approx(alone.coefficients[0], rel=1e-7)
        monkeypatch.setattr(cox_newton, "CELLS", 400)
        apart = fit_many(x, sets, weights=weights, penalized=penalized)
        assert apart.coefficients == pytest.approx(together.coefficients, rel=1e-9)


def test_separation_is_told():
    # all with the marker die first: a finite maximum only with the penalty
    x, sets = np.array([[1.0], [1.0], [1.0], [0.0], [0.0]]), risk_sets([1, 2, 3, 4, 5], [1, 1, 1, 1, 0])
    assert not fit_many(x, sets).converged[0]
    assert fit_many(x, sets, penalized=True).converged[0]


of_a_patient = (st.integers(1, 9), st.booleans(), st.integers(0, 1), st.floats(-2, 2), st.integers(0, 3))
patients = st.lists(st.tuples(*of_a_patient), min_size=12, max_size=40).filter(
    lambda rows: sum(row[1] for row in rows) > 5
)


def columns(rows):
    t, e, stratum, x1, x2 = (np.array(column, float) for column in zip(*rows, strict=True))
    noise = np.linspace(-1, 1, t.size) ** 3  # so that nothing is constant
    return t, e, stratum.astype(int), np.column_stack([x1 + noise, x2 + np.sin(np.arange(t.size))])


@given(patients, st.floats(0.01, 100), st.permutations(range(12)))
@settings(max_examples=30, deadline=None)
def test_units_signs_and_order_of_rows(rows, unit, some):
    t, e, stratum, x = columns(rows)
    whole = fit_many(x, risk_sets(t, e, strata=stratum), penalized=True)
    order = np.concatenate([np.array(some), np.arange(12, t.size)])
    scale = np.array([-unit, 1.0])
    moved = fit_many((x * scale)[order], risk_sets(t[order], e[order], strata=stratum[order]), penalized=True)
    assert moved.coefficients[0] * scale == pytest.approx(whole.coefficients[0], rel=1e-5, abs=1e-7)
    assert moved.gain == pytest.approx(whole.gain, rel=1e-6, abs=1e-8)


@given(patients, st.integers(1, 8), st.booleans())
@settings(max_examples=30, deadline=None)
def test_follow_up_split_at_any_time_gives_the_same_model(rows, when, penalized):
    t, e, stratum, x = columns(rows)
    entry = np.full(t.size, -1.0)
    cut = when + 0.0  # also at the time of an event: who has it there is at risk in the first part
    long = t > cut
    split = (
        np.concatenate([np.where(long, cut, t), t[long]]),
        np.concatenate([np.where(long, 0.0, e), e[long]]),
        np.concatenate([stratum, stratum[long]]),
        np.concatenate([entry, np.full(long.sum(), cut)]),
    )
    whole = fit_many(x, risk_sets(t, e, strata=stratum), penalized=penalized)
    periods = risk_sets(split[0], split[1], strata=split[2], entry=split[3])
    parts = fit_many(np.concatenate([x, x[long]]), periods, penalized=penalized)
    if whole.converged[0]:
        assert parts.coefficients[0] == pytest.approx(whole.coefficients[0], rel=1e-5, abs=1e-7)
        assert parts.gain == pytest.approx(whole.gain, rel=1e-7, abs=1e-9)


@given(patients, st.floats(-1, 1), st.floats(-1, 1))
@settings(max_examples=30, deadline=None)
def test_the_penalty_has_its_derivative(rows, first, second):
    t, e, stratum, x = columns(rows)
    weights = (1.0 + np.arange(t.size) % 3)[None]
    parts = stratum_designs((x - x.mean(axis=0)).T[None], risk_sets(t, e, strata=stratum, entry=t - 2.5), weights)
    beta = np.array([[first, second]])
    here = likelihoods(parts, beta, penalized=True)
    if here.penalty[0] < -5:  # hardly any information: differences are noise
        return
    for j, step in enumerate(np.eye(2) * 1e-5):
        up, down = (likelihoods(parts, beta + s * step, penalized=True).penalty[0] for s in (1, -1))
        assert here.penalty_score[0, j] == pytest.approx((up - down) / 2e-5, abs=1e-4)
