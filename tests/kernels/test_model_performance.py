"""Expected values: tests/reference/response_model.R (rms::lrm, Hmisc::somers2, glm)."""

import json
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from biomarker.kernels.calibration import local_regression, risk_groups
from biomarker.kernels.logistic import fit_logistic
from biomarker.kernels.model_performance import binary_performance, ordinal_performance, weighted_auc
from biomarker.kernels.proportional_odds import fit_proportional_odds
from biomarker.kernels.resampling import patient_weights

REFERENCE = json.loads((Path(__file__).parent.parent / "reference" / "response_model.json").read_text())
LOGISTIC = REFERENCE["birthwt"]["logistic"]


def predictor():
    data = REFERENCE["birthwt"]["data"]
    race = np.array(data["race"])
    columns = (data["age"], data["lwt"], race == "2", race == "3", data["smoke"], data["ht"])
    design = np.column_stack([np.ones(race.size), *columns]).astype(float)
    y = np.array(data["low"])
    return design @ fit_logistic(design, y).coefficients[0], y


def test_performance_of_the_fitted_model_is_that_of_lrm():
    eta, y = predictor()
    found, expected = binary_performance(eta, y), LOGISTIC["lrm"]
    assert_allclose(found.auc, expected["C"], rtol=1e-6)
    assert_allclose(found.nagelkerke_r2, expected["R2"], rtol=1e-6)
    assert_allclose(found.brier, expected["Brier"], rtol=1e-6)
    assert_allclose((found.calibration_intercept[0], found.calibration_slope[0]), (0, 1), atol=1e-7)


def test_calibration_of_another_predictor_is_that_of_glm():
    eta, y = predictor()
    found, expected = binary_performance(eta / 2 + 0.3, y), LOGISTIC["half"]
    assert_allclose(found.calibration_slope, expected["slope"], rtol=1e-7)
    assert_allclose(found.calibration_intercept, expected["intercept"], rtol=1e-7)
    assert_allclose(found.brier, expected["brier"], rtol=1e-10)
    assert_allclose(found.auc, expected["auc"], rtol=1e-10)


def test_ordinal_performance_is_that_of_lrm():
    housing = REFERENCE["housing"]
    data = {name: np.array(column) for name, column in housing["data"].items()}
    levels = {"Infl": ("Medium", "High"), "Type": ("Apartment", "Atrium", "Terrace"), "Cont": ("High",)}
    x = np.column_stack([data[name] == level for name, held in levels.items() for level in held]).astype(float)
    y = np.array([("Low", "Medium", "High").index(level) for level in data["Sat"]])
    fit = fit_proportional_odds(x, y, data["Freq"])
    found = ordinal_performance(fit.coefficients @ x.T, y, data["Freq"])
    expected = housing["ordinal"]["lrm"]
    # lrm counts concordant pairs of risks binned at 0.002
    assert_allclose(found.c_index, expected["C"], atol=5e-4)
    assert_allclose(found.nagelkerke_r2, expected["R2"], rtol=1e-6)
    assert_allclose(found.calibration_slope, 1, atol=1e-6)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_weighted_area_counts_pairs(seed):
    rng = np.random.default_rng(seed)
    eta, y, w = rng.integers(0, 5, (3, 12)).astype(float), np.arange(12) % 2, rng.integers(0, 3, (3, 12))
    for row, found in enumerate(weighted_auc(eta, y.astype(float), w.astype(float))):
        wins = pairs = 0.0
        for i in np.flatnonzero(y):
            for j in np.flatnonzero(1 - y):
                pairs += w[row, i] * w[row, j]
                wins += w[row, i] * w[row, j] * ((eta[row, i] > eta[row, j]) + (eta[row, i] == eta[row, j]) / 2)
        assert_allclose(found, wins / pairs if pairs else np.nan)


def test_weights_are_copies_of_rows():
    eta, y = predictor()
    weights = next(patient_weights(y.size, 3, 1))
    together = binary_performance(np.tile(eta / 2, (3, 1)), y, weights)
    for number, row in enumerate(weights):
        drawn = np.repeat(np.arange(y.size), row)
        for part, alone in zip(together, binary_performance(eta[drawn] / 2, y[drawn]), strict=True):
            assert_allclose(part[number], alone[0], rtol=1e-7)


def test_one_class_and_one_risk_have_no_performance():
    assert np.isnan(binary_performance([0.0, 1.0], [1, 1]).auc[0])
    assert np.isnan(binary_performance([1.0, 1.0], [0, 1]).calibration_slope[0])
    assert np.isnan(binary_performance([0.0, 1.0], [0, 1]).calibration_slope[0])


def test_local_regression_is_that_of_lowess_without_robustness():
    from statsmodels.nonparametric.smoothers_lowess import lowess

    rng = np.random.default_rng(3)
    x = np.sort(rng.random(60))
    y = (rng.random(60) < x).astype(float)
    assert_allclose(local_regression(x, y, x), lowess(y, x, frac=0.75, it=0, return_sorted=False), rtol=1e-8)


def test_local_regression_of_copies_and_of_ties():
    rng = np.random.default_rng(3)
    x, y = rng.random(30), rng.integers(0, 2, 30).astype(float)
    at = np.linspace(0.2, 0.8, 5)
    assert_allclose(local_regression(np.tile(x, (2, 1)), y, at, np.full((2, 30), 3.0))[1], local_regression(x, y, at))
    assert_allclose(local_regression(np.full(10, 0.4), [0, 1] * 5, [0.4]), 0.5)


def test_groups_hold_every_row_once():
    rng = np.random.default_rng(3)
    risk, y = rng.random(47), rng.integers(0, 2, 47)
    groups = risk_groups(risk, y, 5)
    assert groups.n.sum() == 47
    assert_allclose(groups.n @ groups.predicted, risk.sum())
    assert_allclose(groups.n @ groups.observed, y.sum())
    assert risk_groups(np.full(9, 0.3), [1, 0, 0] * 3, 4).n.tolist() == [9.0]
