"""Optimism of the concordance: resamples one by one, a useless marker, and whole patients."""

import numpy as np
import pytest

from biomarker.kernels.concordance import concordance
from biomarker.kernels.concordance_optimism import bootstrap_632_plus, harrell_optimism, resampled_concordances
from biomarker.kernels.cox_newton import fit_many
from biomarker.kernels.resampling import patient_weights
from biomarker.kernels.risk_sets import risk_sets

from .cox_reference import data, design

LUNG, HEART = data("lung"), data("heart")
X = design(LUNG, "age", "sex", "wt.loss")[:60]
T, E = LUNG["time"][:60], LUNG["event"][:60]


@pytest.mark.parametrize("weighting", ["harrell", "uno"])
def test_resamples_one_by_one(weighting):
    found = resampled_concordances(X, T, E, n_resamples=5, rng=3, weightings=["harrell", "uno"])[weighting]
    shares = np.zeros(2)
    for i, weights in enumerate(next(patient_weights(60, 5, 3))):
        beta = fit_many(X, risk_sets(T, E), weights=weights[None].astype(float)).coefficients[0]
        original = concordance(T, E, X @ beta, weighting=weighting)
        # with rows repeated, the pairs of a patient with himself are at one time and do not count
        rows = np.repeat(np.arange(60), weights)
        inside = concordance(T[rows], E[rows], X[rows] @ beta, weighting=weighting)
        out = weights == 0
        left = concordance(T[out], E[out], X[out] @ beta, weighting=weighting)
        assert found.original[i] == pytest.approx(original.value, abs=1e-12)
        assert found.inside[i] == pytest.approx(inside.value, abs=2e-3 if E[rows].size else 0)
        shares += [left.concordant + left.tied / 2, left.concordant + left.discordant + left.tied]
    assert found.left_out == pytest.approx(shares[0] / shares[1], rel=1e-10)


def test_a_useless_marker_is_worth_half():
    rng = np.random.default_rng(8)
    corrected = []
    for _ in range(30):
        x, t, e = rng.normal(size=(60, 4)), rng.exponential(size=60), rng.random(60) < 0.5
        fit = fit_many(x, risk_sets(t, e))
        apparent = concordance(t, e, x @ fit.coefficients[0]).value
        found = resampled_concordances(x, t, e, n_resamples=40)["harrell"]
        corrected.append([apparent, apparent - harrell_optimism(found), bootstrap_632_plus(apparent, found.left_out)])
    mean = np.mean(corrected, axis=0)
    assert mean[0] > 0.58
    assert mean[1] == pytest.approx(0.5, abs=0.06)
    assert mean[2] == pytest.approx(0.5, abs=0.06)


def test_periods_of_a_patient_are_drawn_together():
    patients = np.unique(HEART["id"], return_inverse=True)[1]
    x = design(HEART, "age", "transplant")
    options = {"entry": HEART["start"], "n_resamples": 20, "patients": patients}
    found = resampled_concordances(x, HEART["stop"], HEART["event"], **options)["harrell"]
    assert np.isfinite(found.original).all()
    shuffled = np.random.default_rng(1).permutation(len(x))
    options = {"entry": HEART["start"][shuffled], "n_resamples": 20, "patients": patients[shuffled]}
    again = resampled_concordances(x[shuffled], HEART["stop"][shuffled], HEART["event"][shuffled], **options)["harrell"]
    assert again.original == pytest.approx(found.original, rel=1e-6)


def test_resamples_without_events_are_left_out():
    event = np.zeros(60)
    event[:2] = 1
    found = resampled_concordances(X, T, event, n_resamples=40, penalized=True)["harrell"]
    assert np.isnan(found.inside).any()
    assert np.isfinite(harrell_optimism(found))


def test_no_resamples():
    found = resampled_concordances(X, T, E, n_resamples=0)["harrell"]
    assert found.inside.size == 0
    assert np.isnan(harrell_optimism(found))
